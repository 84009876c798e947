#include "core/contest/TrueLabel.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"

#include <string_view>
#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

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

void requireAttackable(const fs::path& image, const TrueLabel& label, const LabelTable& table)
{
    if (label.label != 0)
        return;
    std::string place = image.string();
    if (label.origin == TrueLabelOrigin::Csv) {
        const LabelRow* row = table.find(image);
        place = table.file.string();
        if (row != nullptr && row->line > 0)
            place += ", line " + std::to_string(row->line);
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
    if (const LabelRow* row = table == nullptr ? nullptr : table->find(image))
        return { row->label, TrueLabelOrigin::Csv };
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
