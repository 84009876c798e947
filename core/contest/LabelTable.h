#pragma once

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

class Error;

/// What a table says of one image.
struct LabelRow
{
    std::string name; ///< of the image's file
    int label = 0; ///< competition label: 1..1000, 0 is the background
    int line = 0; ///< 1-based, of the file; 0: no file

    /// Where a row stands is no part of what it says.
    bool operator==(const LabelRow& other) const
    {
        return name == other.name && label == other.label;
    }
};

/// Rows by image, in the order of the file.
class LabelTable
{
public:
    LabelTable() = default; ///< no table was given: no rows
    LabelTable(std::initializer_list<LabelRow> rows); ///< made in memory

    /// Names lose their folders and the blanks round them. Not null: the row that has the name
    /// already; then nothing is added.
    const LabelRow* add(LabelRow row);

    /// By file name, then without the ending of a picture ("a.JPEG" also finds "a.png" and "a").
    /// Rows that differ in ending and label answer to their own names alone. Null: none.
    [[nodiscard]] const LabelRow* find(const std::filesystem::path& image) const;
    [[nodiscard]] const std::vector<LabelRow>& rows() const { return m_rows; }

    [[nodiscard]] bool given() const { return !file.empty(); }
    bool operator==(const LabelTable& other) const { return m_rows == other.m_rows; }

    std::filesystem::path file; ///< empty: none
    std::string readAs; ///< kind and base, one line: "columns filename and label, labels from 0"
    std::vector<int> skippedLines; ///< as the competition did; see parseLabelTable

private:
    /// Which row answers to a name without its ending; `row` nothing: none may.
    struct Stem
    {
        std::optional<std::size_t> row;
        int rank = 0; ///< of its ending: .png, none, another
    };
    std::vector<LabelRow> m_rows;
    std::map<std::string, std::size_t> m_byName;
    std::map<std::string, Stem> m_byStem;
};

/// Which of its columns a table is asked for.
enum class LabelColumn
{
    True,
    Target
};

struct LabelReading
{
    LabelColumn column = LabelColumn::True;
    /// The number of the first class (tench) in the file, 0 or 1; nothing: what the kind says.
    std::optional<int> base;
    /// A target_class.csv beside the images, as a targeted attack of the competition read it.
    bool asToolkit = false;
};

/// One reader for all kinds. A header is known by a column of images and one of labels, whatever
/// their case; its columns may stand in any order, with others between them.
///
/// | kind | header | a number means |
/// |---|---|---|
/// | rows | none: NAME,LABEL | competition label 0..1000 (targets 1..1000) |
/// | dataset | ImageId with TrueLabel or TargetClass | competition label 1..1000 |
/// | TransferAttack's | filename,label,targeted_label | class from 0: 0..999 |
/// | TA-Bench's | class_index,class,image_name | class from 0: 0..999 |
/// | any other | image, path, ... with label, class, ... | what `base` says; else refused |
///
/// `base` 0 makes numbers 0..999 of every kind, 1 makes them 1..1000 (0..1000 in rows without a
/// header). A WordNet id, a class's name or a synonym (findLabelOrSynonym) has no base. Where a
/// column of WordNet ids stands beside the numbers, both must agree. Separated by comma, semicolon
/// or tab: the first of comma, tab, semicolon that makes the first row a header or a row. Blanks
/// round fields, byte order mark, CRLF, RFC 4180 quotes. Names without folders, with or without
/// ending; ImageId gets ".png". Further fields of a row are not looked at.
///
/// Rows of the dataset that are shorter than its header are skipped, as the competition did, and
/// `asToolkit` those without a whole number.
/// Throws Error(BadInput) with file, line, what is wanted and what stands there: no label, no name
/// or one of more than 255 bytes, an image twice (with both lines), too few fields, a column
/// missing or twice, numbers without a base (wantsLabelBase), two labels in a row that differ, no
/// rows, and what parseCsv refuses.
[[nodiscard]] LabelTable parseLabelTable(
    const std::string& text, const std::filesystem::path& file, const LabelReading& how = {});

/// The true labels of a file; without a path no rows.
[[nodiscard]] LabelTable readLabelTable(
    const std::filesystem::path& csv, std::optional<int> base = {});
/// The targets of a file: 1..1000, for the background is nothing that an attack can aim at.
/// input: the job's image or folder; a target_class.csv in it is read `asToolkit`.
[[nodiscard]] LabelTable readTargetTable(const std::filesystem::path& csv,
    std::optional<int> base = {}, const std::filesystem::path& input = {});

/// Whether a table was refused only because nobody said what its first class is.
[[nodiscard]] bool wantsLabelBase(const Error& error);

} // namespace crossiter
