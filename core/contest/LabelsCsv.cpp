#include "core/contest/LabelsCsv.h"

#include "core/base/Csv.h"
#include "core/base/Numbers.h"
#include "core/base/Words.h"

namespace crossiter {

std::optional<int> toolkitInteger(std::string_view text)
{
    text = trimmed(text, " \t\r\v\f");
    if (text.starts_with('+')) {
        text.remove_prefix(1);
        if (text.starts_with('-'))
            return std::nullopt;
    }
    return parseNumber<int>(text);
}

DefenseOutput readDefenseOutput(const std::filesystem::path& csv)
{
    DefenseOutput output;
    for (const CsvRow& row : readCsv(csv)) {
        const std::optional<int> label =
            row.fields.size() > 1 ? toolkitInteger(row.fields[1]) : std::nullopt;
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
