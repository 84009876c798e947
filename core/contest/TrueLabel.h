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

/// A row of a label table.
struct LabelRow
{
    LabelRow(int competitionLabel, int lineOfFile = 0) // a label alone is a row made in memory
        : label(competitionLabel)
        , line(lineOfFile)
    {
    }

    int label; ///< competition label
    int line; ///< 1-based, of the file; 0: no file

    /// Where a row stands is no part of what it says.
    bool operator==(const LabelRow& other) const { return label == other.label; }
};

/// File name -> competition label.
using LabelTable = std::map<std::string, LabelRow>;

/// The competition's dataset CSV (columns ImageId and TrueLabel by header; names get ".png"), else
/// headerless `NAME.png,LABEL`. Without a path no table was given: no rows. Throws Error(BadInput)
/// with the line number.
[[nodiscard]] LabelTable readLabelTable(const std::filesystem::path& csv);

/// The same for the attack's targets: the dataset CSV's column TargetClass, else target_class.csv's
/// headerless `NAME.png,CLASS`. Throws Error(BadInput) with the line number, also for class 0: the
/// background is nothing that an attack can aim at.
[[nodiscard]] LabelTable readTargetTable(const std::filesystem::path& csv);

/// By file name, then by stem ("a.jpg" also finds "a.png" and "a").
[[nodiscard]] std::optional<int> findInTable(
    const LabelTable& table, const std::filesystem::path& image);
/// The same, as the row with its name; table.end(): none.
[[nodiscard]] LabelTable::const_iterator findRow(
    const LabelTable& table, const std::filesystem::path& image);

/// Throws Error(BadInput) when the true label, which an attack with the label rule "true" would
/// attack, is 0, the background: names the table's file and line where it comes from one, and the
/// image.
void requireAttackable(const std::filesystem::path& image, const TrueLabel& label,
    const std::filesystem::path& csv, const LabelTable& table);

/// In this order: the option, the table (by file name, then by stem), a file name
/// imagenet_NN_LABEL (LABEL + 1), a parent folder named as a class (findLabel's names; a folder
/// whose name is only a number does not count).
[[nodiscard]] TrueLabel resolveTrueLabel(const std::filesystem::path& image,
    std::optional<int> option = {}, const LabelTable* table = nullptr);

/// "from the file name", for the window and the provenance.
[[nodiscard]] std::string describe(TrueLabelOrigin origin);

} // namespace crossiter
