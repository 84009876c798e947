#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

/// The two files in which an unfinished download lies.
namespace crossiter::detail {

/// Which file a part is a piece of: PART.json beside it.
struct PartIdentity
{
    std::string url;
    std::string etag; ///< of the answer with the bytes; strong, or empty
    std::string linkedEtag; ///< X-Linked-Etag of the first answer
    std::uint64_t total = 0; ///< 0: not known

    [[nodiscard]] bool operator==(const PartIdentity&) const = default;
    /// Empty when nobody can vouch for the part.
    [[nodiscard]] static std::optional<PartIdentity> read(const std::filesystem::path& part);
    void write(const std::filesystem::path& part) const; ///< throws Error(BadInput)
};

/// The part, open for appending. All throw Error(BadInput).
class PartFile
{
public:
    explicit PartFile(std::filesystem::path path);
    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;
    PartFile(PartFile&&) = delete;
    PartFile& operator=(PartFile&&) = delete;

    [[nodiscard]] std::uint64_t size() const { return m_size; }
    void clear();
    void append(const char* bytes, std::size_t count);
    void flush() const;

private:
    [[noreturn]] void fail(int errorNumber) const;
    void seek();

    std::filesystem::path m_path;
    int m_descriptor;
    std::uint64_t m_size = 0;
};

} // namespace crossiter::detail
