#include "core/contest/DatasetCsv.h"

#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/base/LitterName.h"
#include "core/base/Numbers.h"
#include "core/classify/Labels.h"
#include "core/contest/SafeName.h"
#include "core/image/FileKinds.h"

#include <algorithm>
#include <array>
#include <map>
#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// The header of a dataset CSV: where each column is.
class Columns
{
public:
    Columns(const CsvRow& header, std::string place)
        : m_names(header.fields)
        , m_place(std::move(place))
    {
    }

    [[nodiscard]] std::size_t count() const { return m_names.size(); }

    /// Of two columns of one name, neither is the right one.
    [[nodiscard]] std::optional<std::size_t> find(const char* name) const
    {
        const auto found = std::find(m_names.begin(), m_names.end(), name);
        if (found == m_names.end())
            return std::nullopt;
        if (std::find(found + 1, m_names.end(), name) != m_names.end())
            throw Error(ErrorKind::BadInput, "column given twice", m_place, "each column once",
                name + std::string(" twice"));
        return static_cast<std::size_t>(found - m_names.begin());
    }

    [[nodiscard]] std::size_t require(const char* name) const
    {
        const std::optional<std::size_t> found = find(name);
        if (!found)
            throw Error(ErrorKind::BadInput, "column missing", m_place, name);
        return *found;
    }

private:
    const std::vector<std::string>& m_names;
    std::string m_place;
};

int labelOf(const std::string& text, const char* column, const std::string& place)
{
    const std::optional<int> label = wholeNumber(text);
    if (!label || *label < 1 || *label >= kLabelCount)
        throw Error(ErrorKind::BadInput, "not a label", place,
            std::string("a whole number 1..1000 as ") + column, text.empty() ? "nothing" : text);
    return *label;
}

double fractionOf(const std::string& text, const char* column, const std::string& place)
{
    const std::optional<double> value = parseNumber<double>(text);
    if (!value || !(*value >= 0.0 && *value <= 1.0))
        throw Error(ErrorKind::BadInput, "not a crop box", place,
            std::string("a number 0..1 as ") + column, text.empty() ? "nothing" : text);
    return *value;
}

/// Reads the columns that it was told of out of one row after another.
class RowReader
{
public:
    RowReader(const Columns& columns, DatasetColumns wanted)
        : m_download(wanted == DatasetColumns::Download)
        , m_id(columns.require("ImageId"))
    {
        if (m_download) {
            m_url = columns.require("URL");
            for (std::size_t i = 0; i < m_box.size(); ++i)
                m_box[i] = columns.require(kBoxNames[i]);
            m_trueLabel = columns.find("TrueLabel");
            m_targetClass = columns.find("TargetClass");
        } else {
            m_trueLabel = columns.require("TrueLabel");
            m_targetClass = columns.require("TargetClass");
        }
        m_landing = columns.find("OriginalLandingURL");
        m_licence = columns.find("License");
        m_author = columns.find("Author");
        m_authorUrl = columns.find("AuthorProfileURL");
    }

    [[nodiscard]] DatasetImage read(const CsvRow& row, const std::string& place) const
    {
        DatasetImage image;
        image.line = row.line;
        image.imageId = row.fields[m_id];
        requireSafeFileName(image.imageId, place + ", ImageId");
        image.file = image.contestName();
        if (m_trueLabel)
            image.trueLabel = labelOf(row.fields[*m_trueLabel], "TrueLabel", place);
        if (m_targetClass)
            image.targetClass = labelOf(row.fields[*m_targetClass], "TargetClass", place);
        if (!m_download)
            return image;
        image.url = row.fields[m_url];
        std::array<double, 4> box {};
        for (std::size_t i = 0; i < box.size(); ++i)
            box[i] = fractionOf(row.fields[m_box[i]], kBoxNames[i], place);
        image.box = { box[0], box[1], box[2], box[3] };
        if (image.box.x1 >= image.box.x2 || image.box.y1 >= image.box.y2)
            throw Error(ErrorKind::BadInput, "not a crop box", place, "x1 < x2 and y1 < y2");
        const auto textOf = [&row](std::optional<std::size_t> column) {
            return column ? row.fields[*column] : std::string();
        };
        image.landingUrl = textOf(m_landing);
        image.licence = textOf(m_licence);
        image.author = textOf(m_author);
        image.authorUrl = textOf(m_authorUrl);
        return image;
    }

private:
    static constexpr std::array<const char*, 4> kBoxNames { "x1", "y1", "x2", "y2" };

    bool m_download;
    std::size_t m_id;
    std::size_t m_url = 0;
    std::array<std::size_t, 4> m_box {};
    std::optional<std::size_t> m_trueLabel;
    std::optional<std::size_t> m_targetClass;
    std::optional<std::size_t> m_landing;
    std::optional<std::size_t> m_licence;
    std::optional<std::size_t> m_author;
    std::optional<std::size_t> m_authorUrl;
};

} // namespace

Dataset readDataset(const fs::path& csv, DatasetColumns columns, DuplicateIds duplicates)
{
    const std::vector<CsvRow> rows = readCsv(csv);
    const auto placeOf = [&csv](const CsvRow& row) {
        return csv.string() + ", line " + std::to_string(row.line);
    };
    if (rows.empty())
        throw Error(ErrorKind::BadInput, "no rows in the dataset's CSV file", csv.string(),
            "a header ImageId,...");
    const Columns header(rows.front(), placeOf(rows.front()));
    const RowReader reader(header, columns);
    Dataset dataset;
    std::map<std::string, int> lineOf;
    for (auto row = rows.begin() + 1; row != rows.end(); ++row) {
        if (row->fields.size() < header.count()) {
            dataset.shortRows.push_back({ row->line, row->fields.size(), header.count() });
            continue;
        }
        DatasetImage image = reader.read(*row, placeOf(*row));
        const auto [there, added] = lineOf.emplace(image.imageId, image.line);
        if (added) {
            dataset.images.push_back(std::move(image));
            continue;
        }
        if (duplicates == DuplicateIds::Refuse)
            throw Error(ErrorKind::BadInput, "ImageId twice", placeOf(*row), "each once",
                image.imageId + ", also on line " + std::to_string(there->second));
        dataset.duplicates.push_back({ image.imageId, there->second, image.line });
    }
    return dataset;
}

Dataset datasetOfFolder(const fs::path& folder, const LabelTable* labels, const LabelTable* targets)
{
    Dataset dataset;
    std::error_code fault;
    fs::directory_iterator entries(folder, fault);
    std::vector<std::string> names;
    for (const fs::directory_iterator end; !fault && entries != end; entries.increment(fault)) {
        std::error_code ignored; // a dangling link is no image
        const std::string name = entries->path().filename().string();
        if (isLitterName(name) && entries->is_regular_file(ignored)) {
            ++dataset.litter;
            continue;
        }
        if (name.starts_with('.') || !isNamedAsPicture(name) || !entries->is_regular_file(ignored))
            continue;
        if (isSafeFileName(name))
            names.push_back(name);
        else
            dataset.refused.push_back(name);
    }
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot read the dataset's folder", folder.string(),
            "a folder of images", fault.message());
    std::sort(names.begin(), names.end());
    std::sort(dataset.refused.begin(), dataset.refused.end());
    std::map<std::string, std::string> fileOf;
    for (const std::string& name : names) {
        DatasetImage image;
        image.file = name;
        image.imageId = fs::path(name).stem().string();
        const auto [there, added] = fileOf.emplace(image.imageId, name);
        if (!added)
            throw Error(ErrorKind::BadInput, "two images would have one result", folder.string(),
                "names that differ before the ending", there->second + " and " + name);
        image.trueLabel = resolveTrueLabel(folder / name, {}, labels).label;
        if (const LabelRow* row = targets == nullptr ? nullptr : targets->find(name))
            image.targetClass = row->label;
        dataset.images.push_back(std::move(image));
    }
    if (dataset.images.empty())
        throw Error(ErrorKind::BadInput, "no image in the dataset's folder", folder.string(),
            "pictures",
            dataset.refused.empty()
                ? "none"
                : std::to_string(dataset.refused.size()) + " with names that cannot be used");
    return dataset;
}

} // namespace crossiter
