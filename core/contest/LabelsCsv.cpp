#include "core/contest/LabelsCsv.h"

#include "core/base/Csv.h"
#include "core/base/Numbers.h"

#include <optional>
#include <string_view>

namespace crossiter {

namespace {

/// An integer as Python's int() reads plain ones: spaces round it and one sign are allowed.
std::optional<int> looseInteger(std::string_view text)
{
    constexpr std::string_view kSpaces = " \t\r\v\f";
    const std::size_t first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos)
        return std::nullopt;
    text = text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-'))
            return std::nullopt;
    }
    return parseNumber<int>(text);
}

} // namespace

DefenseOutput readDefenseOutput(const std::filesystem::path& csv)
{
    DefenseOutput output;
    for (const CsvRow& row : readCsv(csv)) {
        const std::optional<int> label =
            row.fields.size() > 1 ? looseInteger(row.fields[1]) : std::nullopt;
        if (!label) {
            output.skippedLines.push_back(row.line);
            continue;
        }
        std::string name = row.fields[0];
        if (name.ends_with(".png") || name.ends_with(".jpg"))
            name.resize(name.size() - 4);
        output.labels[name] = *label;
    }
    return output;
}

} // namespace crossiter
