#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace crossiter {

enum class TrueLabelOrigin
{
    None,
    Option,
    Csv,
    FileName,
    Folder
};

struct TrueLabel
{
    std::optional<int> label; ///< competition label
    TrueLabelOrigin origin = TrueLabelOrigin::None;
};

/// File name -> competition label.
using LabelTable = std::map<std::string, int>;

/// The competition's dataset CSV (columns ImageId and TrueLabel by header; names get ".png"), else
/// headerless `NAME.png,LABEL`. Throws Error(BadInput) with the line number.
[[nodiscard]] LabelTable readLabelTable(const std::filesystem::path& csv);

/// The same for the attack's targets: the dataset CSV's column TargetClass, else target_class.csv's
/// headerless `NAME.png,CLASS`. Throws Error(BadInput) with the line number.
[[nodiscard]] LabelTable readTargetTable(const std::filesystem::path& csv);

/// By file name, then by stem ("a.jpg" also finds "a.png" and "a").
[[nodiscard]] std::optional<int> findInTable(
    const LabelTable& table, const std::filesystem::path& image);

/// In this order: the option, the table (by file name, then by stem), a file name
/// imagenet_NN_LABEL (LABEL + 1), a parent folder named as a class (findLabel's names; a folder
/// whose name is only a number does not count).
[[nodiscard]] TrueLabel resolveTrueLabel(const std::filesystem::path& image,
    std::optional<int> option = {}, const LabelTable* table = nullptr);

/// "from the file name", for the window and the provenance.
[[nodiscard]] std::string describe(TrueLabelOrigin origin);

} // namespace crossiter
