#pragma once

#include "core/attack/AttackRequest.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace crossiter {

/// What was chosen of an attack on a command line, in a plan or in a window; what is empty follows
/// the method. Ranges: AttackRequest.
struct AttackChoices
{
    Method method = Method::CrossIterative;
    std::vector<std::string> sources; ///< empty: the default pair
    std::vector<std::string> judges; ///< empty: the sources
    std::optional<int> epsilon255;
    std::optional<int> rounds;
    std::optional<double> stepPx;
    std::optional<Projection> projection;
    std::optional<LabelRule> labelRule;
    std::optional<SaveRule> save;
    std::optional<int> target; ///< in a plan: else the dataset's
    std::optional<std::uint64_t> seed; ///< in a plan: else the plan's
    std::string through; ///< empty: none
    std::optional<int> throughDraws;
    std::optional<double> momentum;
    std::optional<double> diversity;
    std::optional<int> translation;
    std::optional<bool> nesterov;
    std::optional<int> scales;
    std::optional<Ensemble> ensemble;

    bool operator==(const AttackChoices&) const = default;
};

/// The request that these choices make: the method's defaults, and over them what was chosen.
/// epsilon255: the budget where none was chosen, 0..255. The step follows budget and rounds where
/// the method's does, the judges follow the sources, each once. Not checked: checkRequest.
[[nodiscard]] AttackRequest resolve(const AttackChoices& choices, int epsilon255);
/// Only what was chosen, over a request that is there already; its method stays.
void apply(const AttackChoices& choices, AttackRequest& request);

/// The request with another method: what the methods differ in takes the new one's defaults, the
/// rest stays.
[[nodiscard]] AttackRequest withMethod(AttackRequest request, Method method);
/// The request with another budget (0..255); the step follows where the method's does.
[[nodiscard]] AttackRequest withEpsilon(AttackRequest request, int epsilon255);

/// A value of any row, as the formats write it. monostate: none.
using FieldValue = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double,
    std::string, std::vector<std::string>>;

enum class FieldKind
{
    Whole, ///< int64
    Number, ///< double
    Flag, ///< bool
    Choice, ///< text, one of choices()
    Label, ///< int64, a competition label, or none
    Defense, ///< text of a defense, empty: none. Who reads it has to parse it (core/defense).
    Ids, ///< list of model ids
    Seed, ///< uint64
};

/// The files whose rows have an order of their own, which keeps their bytes.
enum class FieldFormat
{
    Trace, ///< a request in traces, provenance, sweeps and studies
    Plan, ///< an attack of a tournament's plan
    Script, ///< a submission's entry point
};

/// When a submission's entry point names an option.
enum class FieldInScript
{
    Always,
    WhenStepping, ///< of methods that step sources, at its default too
    WhenDifferent, ///< from the method's default
};

/// One option of an attack: everything that command line, files, window and checks must know of it.
/// A new option is a member of AttackRequest and AttackChoices, and one row; the window has editors
/// for every row.
struct AttackField
{
    /// Where the row stands in a format, from 1; 0: not in it.
    struct Places
    {
        int trace;
        int plan;
        int script;
    };

    const char* key; ///< of plan and trace; with two dashes the command line's; of every error
    /// Of a session file; nullptr: there under `key`, and only where it is not the method's
    /// default.
    const char* sessionKey;
    FieldKind kind;
    const char* group; ///< of the command line's help; nullptr: one of every command's options
    const char* type; ///< of the value there: "N"
    const char* help; ///< what it is; of a Choice what follows the choices
    const char* shownDefault; ///< where it is the same for every method, else empty
    double low; ///< of Whole, Number and Label, both ends in
    double high;
    const char* unit; ///< behind the range in errors: " grey levels"
    bool perMethod; ///< its default differs from method to method
    bool nineDigits; ///< a trace writes nine significant digits of it, not all
    FieldInScript inScript;
    Places places;
    const std::vector<std::string>& (*choices)(); ///< of a Choice; of others empty
    FieldValue (*chosen)(const AttackChoices&); ///< monostate: nothing was
    void (*choose)(AttackChoices&, const FieldValue&); ///< of parse, or of a format's own reader
    FieldValue (*valueOf)(const AttackRequest&);
    void (*set)(AttackRequest&, const FieldValue&);

    /// A value as it is typed: read(), then check().
    [[nodiscard]] FieldValue parse(const std::string& text) const
    {
        FieldValue value = read(text);
        check(value);
        return value;
    }
    /// The same where a range that has gaps may be left. Throws Error(Usage) that names the key.
    [[nodiscard]] FieldValue read(const std::string& text) const;
    /// The text that both read back; of none an empty one.
    [[nodiscard]] static std::string print(const FieldValue& value);
    /// Throws Error(Usage), "value out of range", that names the key. Texts and ids always pass.
    void check(const FieldValue& value) const;
    /// The range in words: "0..255 grey levels".
    [[nodiscard]] std::string range() const;
};

/// Every row, in the order of the command line's help.
[[nodiscard]] const std::vector<AttackField>& attackFields();
/// The rows of a format, in its order.
[[nodiscard]] const std::vector<const AttackField*>& attackFields(FieldFormat format);
/// Null: no such key.
[[nodiscard]] const AttackField* findAttackField(const std::string& key);
/// The same of a key that is one. Throws Error(Internal).
[[nodiscard]] const AttackField& attackField(const std::string& key);

/// The method reads the option; else it changes nothing of the result.
[[nodiscard]] bool isRead(const AttackField& field, Method method);

/// A competition label by number, name or WordNet id; whoever wants none below `lowest` (0 or 1)
/// checks that. Throws Error(Usage) that names `key` and the nearest name; `words` are further ones
/// that the caller takes ("second").
[[nodiscard]] int parseLabel(const std::string& key, const std::string& text, int lowest = 0,
    const std::vector<std::string>& words = {});

} // namespace crossiter
