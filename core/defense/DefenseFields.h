#pragma once

#include "core/defense/DefenseRequest.h"

#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// One item of a defense's text ("jpeg=75"), which is an option of the command line too
/// ("--jpeg 75"): everything that texts, command line, window and checks must know of it. A new
/// stage is a StageKind, and one row.
struct DefenseField
{
    enum class Value
    {
        None,
        Needed,
        Optional,
    };

    const char* key; ///< with two dashes the command line's; of every error
    std::optional<StageKind> stage; ///< that it makes; nothing: it is of the whole defense
    Value value;
    const char* type; ///< of the value in the command line's help: "Q"
    const char* written; ///< how it may stand in a text, for errors: "jpeg=1..100"
    const char* help;
    int low; ///< of a whole number, both ends in; both 0: the value is none
    int high;
    const char* unit; ///< behind the range in errors: " draws"
    bool odd; ///< only odd numbers

    /// Takes the item into a request, a stage behind those that are there. value: where the item
    /// has one. Throws Error(Usage) that names the key.
    void (*take)(const DefenseField& field, DefenseRequest& request,
        const std::optional<std::string>& value);
    /// Throws Error(Usage) unless this stage, or what the row says of the request, is in range.
    void (*checkStage)(const DefenseField& field, const DefenseStage& stage);
    void (*checkRequest)(const DefenseField& field, const DefenseRequest& request);
    /// The stage's or the request's items; empty: it has none.
    std::string (*stageText)(const DefenseField& field, const DefenseStage& stage);
    std::string (*requestText)(const DefenseField& field, const DefenseRequest& request);

    [[nodiscard]] bool isWhole() const { return high > 0; }
};

/// Every row, in the order of the command line's help and of what is of the whole defense in texts.
[[nodiscard]] const std::vector<DefenseField>& defenseFields();
/// Null: no such key.
[[nodiscard]] const DefenseField* findDefenseField(const std::string& key);
/// The row that makes such a stage.
[[nodiscard]] const DefenseField& defenseField(StageKind kind);

/// "200" or "250,200": whole numbers 1..299, 1..8 of them. Throws Error(Usage) that names `place`.
[[nodiscard]] std::vector<int> parseStageSizes(const std::string& place, const std::string& text);

} // namespace crossiter
