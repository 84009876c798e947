#include "core/contest/LabelTable.h"

#include "core/base/Contains.h"
#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Suggestion.h"
#include "core/base/Words.h"
#include "core/classify/Labels.h"
#include "core/contest/LabelsCsv.h"
#include "core/contest/TargetClassCsv.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr const char* kNoBase = "label numbers of an unknown base";
constexpr std::size_t kLongestName = 255; // of a file, everywhere

/// The columns that are known, folded, the likeliest first.
constexpr std::array<std::string_view, 13> kImageColumns { "imageid", "filename", "imagename",
    "image", "imagefile", "imagefilename", "file", "img", "imagepath", "filepath", "path", "name",
    "imgpath" };
constexpr std::array<std::string_view, 16> kTrueColumns { "truelabel", "label", "labels",
    "classindex", "classid", "class", "labelindex", "labelid", "classname", "labelname",
    "groundtruth", "gt", "wnid", "wordnetid", "synset", "synsetid" };
constexpr std::array<std::string_view, 5> kTargetColumns { "targetclass", "targetedlabel",
    "targetlabel", "targetedclass", "targetclassid" };
constexpr std::array<std::string_view, 5> kWordNetColumns { "wnid", "wordnetid", "synset",
    "synsetid", "class" };

/// "Targeted_Label" is "targeted label" is "targetedlabel".
std::string foldedHeading(std::string_view text)
{
    std::string small = lowerCase(std::string(text));
    small.erase(std::remove_if(small.begin(), small.end(),
                    [](char c) { return c == '_' || c == '-' || c == ' '; }),
        small.end());
    return small;
}

/// Without folders, of Windows too, and without blanks.
std::string imageName(std::string_view text)
{
    const std::string_view whole = trimmed(text, " \t\r");
    return std::string(trimmed(whole.substr(whole.find_last_of("/\\") + 1), " \t\r"));
}

/// Where the ending of a picture begins; its length if there is none.
std::size_t endingAt(const std::string& name)
{
    constexpr std::array<std::string_view, 13> kEndings { ".png", ".apng", ".jpg", ".jpeg", ".jpe",
        ".jfif", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".avif", ".npy" };
    const std::size_t dot = name.find_last_of('.');
    if (dot == std::string::npos || dot == 0)
        return name.size();
    const std::string ending = lowerCase(name.substr(dot));
    return !contains(kEndings, ending) ? name.size() : dot;
}

bool isWordNetId(const std::string& text)
{
    return text.size() == 9 && (text.front() == 'n' || text.front() == 'N')
        && std::all_of(
            text.begin() + 1, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Where a table's columns are, and what its numbers mean.
struct Layout
{
    std::string words = "rows NAME,LABEL"; ///< for a person
    bool hasHeader = false;
    bool dataset = false; ///< the competition's
    std::size_t name = 0;
    std::size_t label = 1;
    std::optional<std::size_t> wordNet; ///< a further column, which must agree
    std::size_t fewest = 2; ///< fields of a row
    std::optional<int> base = 1; ///< nothing: the header does not tell
};

class TableReader
{
public:
    TableReader(const std::string& text, const fs::path& file, const LabelReading& how)
        : m_text(text)
        , m_how(how)
    {
        m_table.file = file;
    }

    LabelTable read()
    {
        const CsvStyle style { separator(), true };
        std::vector<CsvRow> rows = parseCsv(m_text, m_table.file.string(), style);
        std::erase_if(rows, [](const CsvRow& row) { // blanks alone are an empty line
            return row.fields.size() == 1 && row.fields.front().empty();
        });
        if (rows.empty())
            throw Error(ErrorKind::BadInput, "no rows in the CSV file", m_table.file.string(),
                "the dataset's CSV, rows NAME,LABEL or a header such as filename,label",
                m_text.empty() ? "an empty file" : "empty lines");
        m_layout = layoutOf(rows.front()).value_or(Layout());
        if (!m_layout.hasHeader && m_how.column == LabelColumn::Target)
            m_layout.words = "rows NAME,CLASS";
        if (m_how.base)
            m_layout.base = m_how.base;
        for (auto row = rows.begin() + (m_layout.hasHeader ? 1 : 0); row != rows.end(); ++row)
            take(*row);
        m_table.readAs = m_layout.words + ", " + baseWords();
        return std::move(m_table);
    }

private:
    [[nodiscard]] std::string placeOf(const CsvRow& row) const
    {
        return m_table.file.string() + ", line " + std::to_string(row.line);
    }

    /// The separator behind a quoted field that the file begins with; 0: it does not.
    [[nodiscard]] char behindFirstQuotes() const
    {
        std::size_t at = m_text.starts_with("\xef\xbb\xbf") ? 3 : 0;
        at = m_text.find_first_not_of(" \r\n", at);
        if (at == std::string::npos || m_text[at] != '"')
            return 0;
        do
            at = m_text.find('"', at + 1);
        while (at != std::string::npos && ++at < m_text.size() && m_text[at] == '"');
        at = at == std::string::npos ? at : m_text.find_first_not_of(' ', at);
        return at == std::string::npos || m_text.find_first_of(",;\t", at) != at ? '\0'
                                                                                 : m_text[at];
    }

    [[nodiscard]] char separator() const
    {
        if (const char mark = behindFirstQuotes(); mark != 0)
            return mark;
        char several = 0; // the first that makes more than one field
        for (const char mark : { ',', '\t', ';' }) {
            const std::vector<CsvRow> rows =
                parseCsv(m_text, m_table.file.string(), { mark, true, 1 });
            if (rows.empty() || rows.front().fields.size() < 2)
                continue;
            const std::string& second = rows.front().fields[1];
            if (layoutOf(rows.front()) || toolkitInteger(second) || findLabelOrSynonym(second))
                return mark;
            several = several == 0 ? mark : several;
        }
        return several == 0 ? ',' : several;
    }

    /// Of a header; nothing: the row is none.
    [[nodiscard]] std::optional<Layout> layoutOf(const CsvRow& row) const
    {
        std::vector<std::string> headings;
        headings.reserve(row.fields.size());
        for (const std::string& field : row.fields)
            headings.push_back(foldedHeading(field));
        const auto columnOf = [&](const auto& names) -> std::optional<std::size_t> {
            for (const std::string_view name : names)
                if (const auto there = std::find(headings.begin(), headings.end(), name);
                    there != headings.end())
                    return static_cast<std::size_t>(there - headings.begin());
            return std::nullopt;
        };
        const auto image = columnOf(kImageColumns);
        const bool target = m_how.column == LabelColumn::Target;
        const auto trueLabel = columnOf(kTrueColumns);
        const auto targetLabel = columnOf(kTargetColumns);
        const auto label = target ? targetLabel : trueLabel;
        const bool imageId = image && headings[*image] == "imageid";
        if (!image || (!imageId && !trueLabel && !targetLabel) || (m_how.asToolkit && !label))
            return std::nullopt;
        if (!label)
            throw Error(ErrorKind::BadInput, "column missing", placeOf(row),
                imageId ? (target ? "TargetClass" : "TrueLabel")
                        : (target ? "targeted_label" : "label"),
                "the header " + headerText(row));
        for (const std::size_t column : { *image, *label })
            if (std::count(headings.begin(), headings.end(), headings[column]) > 1)
                throw Error(ErrorKind::BadInput, "column given twice", placeOf(row),
                    "each column once", row.fields[column] + " twice");
        Layout layout;
        layout.hasHeader = true;
        layout.name = *image;
        layout.label = *label;
        layout.words = "columns " + oneLine(row.fields[*image], 60) + " and "
            + oneLine(row.fields[*label], 60);
        layout.fewest = std::max(layout.name, layout.label) + 1;
        setBase(layout, headings);
        if (!layout.dataset && !target)
            layout.wordNet = columnOf(kWordNetColumns);
        return layout;
    }

    static std::string headerText(const CsvRow& row)
    {
        std::string text;
        for (const std::string& field : row.fields)
            text += (text.empty() ? "" : ",") + field;
        return text;
    }

    /// Which known kind a header is: it decides what number the first class has.
    static void setBase(Layout& layout, const std::vector<std::string>& headings)
    {
        const std::string& image = headings[layout.name];
        const std::string& label = headings[layout.label];
        if (image == "imageid" && (label == "truelabel" || label == "targetclass")) {
            layout.dataset = true;
            layout.words += " of the competition's dataset";
            layout.fewest = headings.size();
        } else if (image == "filename" && (label == "label" || label == "targetedlabel")) {
            layout.words += " as in TransferAttack's labels.csv";
            layout.base = 0;
        } else if (image == "imagename" && label == "classindex") {
            layout.words += " as in TA-Bench's list";
            layout.base = 0;
        } else {
            layout.base.reset();
        }
    }

    [[nodiscard]] std::string baseWords() const
    {
        if (!m_numbers)
            return "labels by name";
        const std::string words = m_layout.base == 0 ? "labels from 0" : "labels from 1";
        if (m_how.base)
            return words + " (as chosen)";
        return m_layout.hasHeader ? words : "competition labels";
    }

    [[nodiscard]] bool skips(const CsvRow& row) const
    {
        if (row.fields.size() < m_layout.fewest)
            return m_layout.dataset || (m_how.asToolkit && !m_layout.hasHeader);
        return m_how.asToolkit && !m_layout.hasHeader
            && !toolkitInteger(row.fields[m_layout.label]);
    }

    void take(const CsvRow& row)
    {
        if (skips(row)) {
            m_table.skippedLines.push_back(row.line);
            return;
        }
        const std::string place = placeOf(row);
        if (row.fields.size() < m_layout.fewest)
            throw Error(ErrorKind::BadInput, "wrong number of fields", place,
                m_layout.hasHeader ? "at least " + std::to_string(m_layout.fewest)
                                   : "NAME.png,LABEL",
                std::to_string(row.fields.size())
                    + (row.fields.size() == 1 ? " field" : " fields"));
        std::string name = imageName(row.fields[m_layout.name]);
        if (name.empty())
            throw Error(ErrorKind::BadInput, "image name missing", place,
                m_layout.dataset ? "an ImageId" : "a file name", "nothing");
        if (m_layout.dataset && endingAt(name) == name.size())
            name += ".png";
        if (name.size() > kLongestName)
            throw Error(ErrorKind::BadInput, "image name too long", place,
                "at most " + std::to_string(kLongestName) + " bytes",
                std::to_string(name.size()) + ", " + oneLine(name, 40));
        const int label = labelOf(row.fields[m_layout.label], name, place);
        requireAgreement(row, label, place);
        if (const LabelRow* there = m_table.add({ name, label, row.line }))
            throw Error(ErrorKind::BadInput, "image named twice", place, "each once",
                name + " with label " + std::to_string(label) + ", on line "
                    + std::to_string(there->line) + " with label " + std::to_string(there->label));
    }

    [[nodiscard]] int labelOf(
        const std::string& text, const std::string& name, const std::string& place)
    {
        const bool loose = m_how.asToolkit && !m_layout.hasHeader;
        const std::optional<int> number = loose ? toolkitInteger(text) : wholeNumber(text);
        if (number && !m_layout.base)
            throw Error(ErrorKind::BadInput, kNoBase, place,
                "--label-base 0 (tench, the first class, is 0 here) or 1 (it is 1)",
                text + " for " + name + ", under " + m_layout.words);
        // Only rows without a header are known to say 0 for the background.
        const bool background = m_how.column == LabelColumn::True && !m_layout.hasHeader;
        const int shift = m_layout.base == 0 ? 1 : 0;
        const int lowest = background && shift == 0 ? 0 : 1;
        std::optional<int> label;
        if (!number)
            label = findLabelOrSynonym(text);
        else if (*number >= lowest - shift && *number < kLabelCount - shift)
            label = *number + shift;
        if (label && *label >= lowest) {
            m_numbers = m_numbers || number.has_value();
            return *label;
        }
        std::string expected = m_layout.base ? "a number " + std::to_string(lowest - shift) + ".."
                + std::to_string(kLabelCount - 1 - shift)
                                             : "a number";
        if (!loose)
            expected += ", a WordNet id or a class name";
        if (!loose && !m_layout.hasHeader && m_table.rows().empty())
            expected += ", or a header such as filename,label";
        throw Error(
            ErrorKind::BadInput, "not a label", place, expected, foundLabel(text) + " for " + name);
    }

    static std::string foundLabel(const std::string& text)
    {
        if (text.empty())
            return "nothing";
        if (findLabel(text) == 0)
            return text + " (the background)";
        if (text.find_first_of("0123456789") != std::string::npos)
            return oneLine(text, 100);
        static const std::vector<std::string> kNames = [] {
            std::vector<std::string> names = labelNames();
            names.insert(names.end(), labelSynonyms().begin(), labelSynonyms().end());
            return names;
        }();
        return oneLine(foundName(text, kNames), 200);
    }

    /// A row's WordNet id says the same class as its label.
    void requireAgreement(const CsvRow& row, int label, const std::string& place) const
    {
        if (!m_layout.wordNet || *m_layout.wordNet >= row.fields.size())
            return;
        const std::string& id = row.fields[*m_layout.wordNet];
        const std::optional<int> other = isWordNetId(id) ? findLabel(id) : std::nullopt;
        if (other && *other != label)
            throw Error(ErrorKind::BadInput, "two labels of one image differ", place,
                id + " (" + labelName(*other) + ")",
                row.fields[m_layout.label] + " (" + labelName(label) + ")");
    }

    const std::string& m_text;
    const LabelReading& m_how;
    Layout m_layout;
    LabelTable m_table;
    bool m_numbers = false; ///< some label is one
};

LabelTable readTable(const fs::path& csv, const LabelReading& how)
{
    return csv.empty() ? LabelTable() : parseLabelTable(readCsvText(csv), csv, how);
}

} // namespace

LabelTable::LabelTable(std::initializer_list<LabelRow> rows)
{
    for (const LabelRow& row : rows)
        add(row);
}

const LabelRow* LabelTable::add(LabelRow row)
{
    row.name = imageName(row.name);
    const auto [there, added] = m_byName.emplace(row.name, m_rows.size());
    if (!added)
        return &m_rows[there->second];
    const std::size_t ending = endingAt(row.name);
    const bool png = lowerCase(row.name.substr(ending)) == ".png";
    const int rank = png ? 0 : ending == row.name.size() ? 1 : 2;
    Stem& stem = m_byStem.try_emplace(row.name.substr(0, ending), Stem { m_rows.size(), rank })
                     .first->second;
    if (rank < stem.rank)
        stem = { m_rows.size(), rank };
    else if (rank == stem.rank && stem.row && *stem.row != m_rows.size()
        && m_rows[*stem.row].label != row.label)
        stem.row.reset();
    m_rows.push_back(std::move(row));
    return nullptr;
}

const LabelRow* LabelTable::find(const fs::path& image) const
{
    const std::string name = imageName(image.filename().string());
    if (const auto there = m_byName.find(name); there != m_byName.end())
        return &m_rows[there->second];
    const auto there = m_byStem.find(fs::path(name).stem().string());
    return there == m_byStem.end() || !there->second.row ? nullptr : &m_rows[*there->second.row];
}

LabelTable parseLabelTable(const std::string& text, const fs::path& file, const LabelReading& how)
{
    return TableReader(text, file, how).read();
}

LabelTable readLabelTable(const fs::path& csv, std::optional<int> base)
{
    return readTable(csv, { LabelColumn::True, base });
}

LabelTable readTargetTable(const fs::path& csv, std::optional<int> base, const fs::path& input)
{
    std::error_code fault;
    const bool beside = csv.filename() == kTargetClassFile && !input.empty()
        && fs::equivalent(csv,
            (fs::is_directory(input, fault) ? input : input.parent_path()) / kTargetClassFile,
            fault);
    return readTable(csv, { LabelColumn::Target, base, beside });
}

bool wantsLabelBase(const Error& error)
{
    return error.text() == kNoBase;
}

} // namespace crossiter
