#include "core/contest/TrueLabel.h"

#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// lowest: 1 where label 0 (the background) cannot be meant.
int labelField(
    const std::string& text, const std::string& name, const std::string& place, int lowest)
{
    const std::optional<int> label = wholeNumber(text);
    if (!label || *label < lowest || *label >= kLabelCount) {
        const std::string found = text.empty() ? "nothing" : text;
        throw Error(ErrorKind::BadInput, "not a label", place,
            "a number " + std::to_string(lowest) + "..1000",
            found + (label == 0 ? " (the background)" : "") + (name.empty() ? "" : " for " + name));
    }
    return *label;
}

void insert(LabelTable& table, const std::string& name, LabelRow row, const std::string& place)
{
    if (name.empty())
        throw Error(ErrorKind::BadInput, "image name missing", place, "a file name");
    const auto [there, added] = table.emplace(name, row);
    if (!added && there->second.label != row.label)
        throw Error(ErrorKind::BadInput, "image named twice with different labels", place,
            std::to_string(there->second.label), name + " with " + std::to_string(row.label));
}

/// lowest: of a table without a header; the dataset's CSV begins at 1.
LabelTable readTable(const fs::path& csv, const std::string& column, int lowest)
{
    if (csv.empty())
        return {};
    const std::vector<CsvRow> rows = readCsv(csv);
    const auto placeOf = [&csv](const CsvRow& row) {
        return csv.string() + ", line " + std::to_string(row.line);
    };
    if (rows.empty())
        throw Error(ErrorKind::BadInput, "no rows in the CSV file", csv.string(),
            "the dataset's CSV or rows NAME.png,LABEL");
    LabelTable table;
    const std::vector<std::string>& header = rows.front().fields;
    const auto columnOf = [&header](const std::string& name) {
        return static_cast<std::size_t>(
            std::find(header.begin(), header.end(), name) - header.begin());
    };
    const std::size_t imageId = columnOf("ImageId");
    if (imageId < header.size()) {
        const std::size_t labelColumn = columnOf(column);
        if (labelColumn == header.size())
            throw Error(ErrorKind::BadInput, "column missing", placeOf(rows.front()), column);
        for (auto row = rows.begin() + 1; row != rows.end(); ++row) {
            if (row->fields.size() < header.size())
                continue; // the competition's rule for short rows
            if (!row->fields[imageId].empty())
                insert(table, row->fields[imageId] + ".png",
                    { labelField(row->fields[labelColumn], row->fields[imageId], placeOf(*row), 1),
                        row->line },
                    placeOf(*row));
            else
                throw Error(ErrorKind::BadInput, "image name missing", placeOf(*row), "an ImageId");
        }
        return table;
    }
    for (const CsvRow& row : rows) {
        if (row.fields.size() != 2)
            throw Error(ErrorKind::BadInput, "wrong number of fields", placeOf(row),
                "NAME.png,LABEL", std::to_string(row.fields.size()) + " fields");
        insert(table, row.fields[0],
            { labelField(row.fields[1], row.fields[0], placeOf(row), lowest), row.line },
            placeOf(row));
    }
    return table;
}

/// The LABEL of a stem imagenet_NN_LABEL, also with a suffix after a dot ("....sub-step-6").
std::optional<int> labelInStem(std::string_view stem)
{
    constexpr std::string_view kPrefix = "imagenet_";
    if (!stem.starts_with(kPrefix))
        return std::nullopt;
    stem.remove_prefix(kPrefix.size());
    stem = stem.substr(0, stem.find('.'));
    const std::size_t bar = stem.find('_');
    if (bar == std::string_view::npos || !wholeNumber(stem.substr(0, bar)))
        return std::nullopt;
    const std::optional<int> index = wholeNumber(stem.substr(bar + 1));
    return index && *index < kLabelCount - 1 ? std::optional<int>(*index + 1) : std::nullopt;
}

} // namespace

LabelTable readLabelTable(const fs::path& csv)
{
    return readTable(csv, "TrueLabel", 0);
}

LabelTable readTargetTable(const fs::path& csv)
{
    return readTable(csv, "TargetClass", 1);
}

LabelTable::const_iterator findRow(const LabelTable& table, const fs::path& image)
{
    const std::string stem = image.stem().string();
    for (const std::string& name : { image.filename().string(), stem + ".png", stem })
        if (const auto row = table.find(name); row != table.end())
            return row;
    return table.end();
}

std::optional<int> findInTable(const LabelTable& table, const fs::path& image)
{
    const auto row = findRow(table, image);
    return row == table.end() ? std::nullopt : std::optional<int>(row->second.label);
}

void requireAttackable(
    const fs::path& image, const TrueLabel& label, const fs::path& csv, const LabelTable& table)
{
    if (label.label != 0)
        return;
    std::string place = image.string();
    if (label.origin == TrueLabelOrigin::Csv) {
        const auto row = findRow(table, image);
        place = csv.string();
        if (row != table.end() && row->second.line > 0)
            place += ", line " + std::to_string(row->second.line);
        place += ", " + image.filename().string();
    }
    throw Error(ErrorKind::BadInput, "the background cannot be attacked", place,
        "with the label rule true a true label 1..1000", "0, " + describe(label.origin));
}

TrueLabel resolveTrueLabel(
    const fs::path& image, std::optional<int> option, const LabelTable* table)
{
    if (option)
        return { option, TrueLabelOrigin::Option };
    if (table != nullptr) {
        if (const std::optional<int> label = findInTable(*table, image))
            return { label, TrueLabelOrigin::Csv };
    }
    if (const std::optional<int> label = labelInStem(image.stem().string()))
        return { label, TrueLabelOrigin::FileName };
    std::error_code fault;
    const std::string folder = fs::absolute(image, fault).parent_path().filename().string();
    if (!fault && !wholeNumber(folder)) {
        if (const std::optional<int> label = findLabel(folder))
            return { label, TrueLabelOrigin::Folder };
    }
    return {};
}

std::string describe(TrueLabelOrigin origin)
{
    switch (origin) {
    case TrueLabelOrigin::Option:
        return "given";
    case TrueLabelOrigin::Csv:
        return "from the CSV file";
    case TrueLabelOrigin::FileName:
        return "from the file name";
    case TrueLabelOrigin::Folder:
        return "from the folder's name";
    case TrueLabelOrigin::None:
        break;
    }
    return "not known";
}

} // namespace crossiter
