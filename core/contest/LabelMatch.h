#pragma once

#include "core/contest/TrueLabel.h"

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace crossiter {

/// How the rows of a label table and the images of a job met.
struct LabelMatch
{
    std::string table; ///< file name without folders
    std::size_t images = 0;
    std::size_t imagesMet = 0; ///< with a row
    std::size_t rows = 0;
    std::size_t rowsMet = 0; ///< with an image
    /// Why images did not meet rows, as far as their names tell ("2 names differ only in case, as
    /// A.png and a.png"); empty: all met, or the names tell nothing.
    std::string hint;
    std::string readAs; ///< the table's kind and base; empty: made in memory
    std::vector<int> skippedLines; ///< of the table's rows

    /// Fewer than half of the images have a row: hardly the table of these images.
    [[nodiscard]] bool isPoor() const { return images > 0 && imagesMet * 2 < images; }
    bool operator==(const LabelMatch&) const = default;
};

[[nodiscard]] LabelMatch matchTable(
    const LabelTable& table, const std::vector<std::filesystem::path>& images);

/// "labels.csv: 3 of 20 images have a row, 3 of 100 rows have an image; read as columns filename
/// and label, labels from 0"; a poor match begins with "warning: ". One line.
[[nodiscard]] std::string describe(const LabelMatch& match);

/// The same without the warning, the table's name and kind, for an error that names the table.
[[nodiscard]] std::string foundIn(const LabelMatch& match);

/// Throws Error(BadInput), `what` ("no target for an image"): names the table, the image that has
/// no row in it, and how the others met it, with the hint.
[[noreturn]] void failNoRow(const std::string& what, const LabelTable& table,
    const std::filesystem::path& image, const LabelMatch& match);

/// Whether the labels of a table fit what networks say of the clean images better when each is one
/// lower or higher: then the table probably counts from 0 where the competition counts from 1, or
/// the other way round. Changes nothing; it only says so.
class LabelShift
{
public:
    /// One image whose label the table gives; top1: each network's answer on the clean image.
    void add(int label, const std::vector<int>& top1);
    /// One line; empty: nothing suspicious. Suspicious is a shift that makes at least three labels
    /// and a third of all right (by any of the networks) and at least four times as many as the
    /// labels as they are.
    [[nodiscard]] std::string suspicion(const std::string& table) const;

private:
    std::size_t m_images = 0;
    std::array<std::size_t, 3> m_hits {}; ///< at label - 1, label, label + 1
};

/// What a job says of the label tables that it was given.
struct LabelReport
{
    std::vector<LabelMatch> tables;
    std::string suspicion; ///< LabelShift's line; empty: none

    [[nodiscard]] bool empty() const { return tables.empty(); }
    [[nodiscard]] std::vector<std::string> lines() const; ///< for a person, one each
};

} // namespace crossiter
