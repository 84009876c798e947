#pragma once

#include "core/contest/LabelTable.h"

#include <filesystem>
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

/// Throws Error(BadInput) when the true label, which an attack with the label rule "true" would
/// attack, is 0, the background: names the table's file and line where it comes from one, and the
/// image.
void requireAttackable(
    const std::filesystem::path& image, const TrueLabel& label, const LabelTable& table);

/// In this order: the option, the table (by file name, then by stem), a file name
/// imagenet_NN_LABEL (LABEL + 1), a parent folder named as a class (findLabel's names; a folder
/// whose name is only a number does not count).
[[nodiscard]] TrueLabel resolveTrueLabel(const std::filesystem::path& image,
    std::optional<int> option = {}, const LabelTable* table = nullptr);

/// "from the file name", for the window and the provenance.
[[nodiscard]] std::string describe(TrueLabelOrigin origin);

} // namespace crossiter
