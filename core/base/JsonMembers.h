#pragma once

#include "core/base/Json.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <type_traits>

namespace crossiter {

/// What is wrong with an object or one of its members. A kind of file puts it into its own words.
struct JsonFault
{
    enum class What
    {
        NoObject, ///< it is another value; no key
        Missing, ///< a member that must be there is not
        Wrong, ///< another kind of value, or out of range
        Unknown ///< a member that nobody asked for
    };

    What what = What::Wrong;
    std::string where; ///< the object's path in its file: "preprocessing"; empty at the top
    std::string key; ///< of the member
    /// "a whole number 0..255", of Missing too; of Unknown the known keys, "a, b, c".
    std::string expected;
    const Json* found = nullptr; ///< not of Missing and Unknown

    /// "preprocessing.scale"; the object's path alone without a key.
    [[nodiscard]] std::string path() const;
    /// The value on one line, as shownJson; `missing` where there is none.
    [[nodiscard]] std::string shown(const char* missing = "") const;
};

/// The members of one object, read strictly: every getter wants its member to be there and of its
/// kind, remembers that the key was asked for, and complains otherwise. An optional member is read
/// by optional(). The object must outlive this.
class JsonMembers
{
public:
    /// Throws the file's own Error about the fault; must not return.
    using Complaint = std::function<void(const JsonFault&)>;

    /// Complains (NoObject, "an object") when it is none. where: the object's path in its file.
    JsonMembers(const Json& object, std::string where, Complaint complain);

    [[nodiscard]] const std::string& where() const { return m_where; }
    /// "where.key".
    [[nodiscard]] std::string pathOf(const std::string& key) const;
    [[nodiscard]] bool has(const std::string& key) const { return m_object.contains(key); }

    /// Null: not there.
    const Json* find(const std::string& key);
    const Json& need(const std::string& key, const std::string& expected = "a value");

    std::string text(const std::string& key); ///< may be empty
    std::int64_t whole(const std::string& key, std::int64_t low, std::int64_t high);
    std::uint64_t seed(const std::string& key); ///< a whole number of 0 or more, of 64 bits
    double number(const std::string& key);
    double number(const std::string& key, double low, double high); ///< NaN is out of range
    bool flag(const std::string& key);
    const Json& list(const std::string& key);

    /// What `get` reads of this member; nothing when it is not there, which is then no fault.
    template <typename Get>
    auto optional(const std::string& key, const Get& get)
        -> std::optional<std::invoke_result_t<const Get&>>
    {
        if (find(key) == nullptr)
            return std::nullopt;
        return get();
    }

    /// Complains about a member whose kind is right and whose value is not.
    [[noreturn]] void wrong(
        const std::string& key, const std::string& expected, const Json& found) const;

    /// Complains about the first member that nobody asked for: a misspelt key is not overlooked.
    void refuseOthers() const;

private:
    [[noreturn]] void fail(const JsonFault& fault) const;

    const Json& m_object;
    std::string m_where;
    Complaint m_complain;
    std::set<std::string> m_asked;
};

} // namespace crossiter
