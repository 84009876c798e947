#include "core/contest/LabelMatch.h"

#include "core/base/Contains.h"
#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "core/base/Words.h"

#include <algorithm>
#include <map>
#include <set>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

std::string withoutEnding(const std::string& name)
{
    const auto dot = name.find_last_of('.');
    return dot != std::string::npos && dot > 0 ? name.substr(0, dot) : name;
}

using Fold = std::string (*)(const std::string&);

std::string folded(const std::string& name)
{
    return lowerCase(withoutEnding(name));
}

/// One way in which names of one image differ, and how it is said of so many.
struct Difference
{
    const char* text;
    Fold fold;
};

constexpr Difference kDifferences[] = {
    { "only in upper and lower case", [](const std::string& name) { return lowerCase(name); } },
    { "only in their ending", withoutEnding },
    { "in case and ending", folded },
};

/// The first difference that brings rows to images which have none.
std::string hintOf(const LabelTable& table, const std::vector<std::string>& unmet)
{
    for (const Difference& difference : kDifferences) {
        std::map<std::string, std::string> byFolded;
        for (const LabelRow& row : table.rows())
            byFolded.emplace(difference.fold(row.name), row.name);
        std::size_t met = 0;
        std::string example;
        for (const std::string& image : unmet) {
            const auto there = byFolded.find(difference.fold(image));
            if (there == byFolded.end())
                continue;
            if (met++ == 0)
                example = image + " and the row " + there->second;
        }
        if (met > 0)
            return std::to_string(met) + (met == 1 ? " name differs " : " names differ ")
                + difference.text + ", as " + oneLine(example, 200);
    }
    return {};
}

std::string of(std::size_t part, std::size_t whole, const char* what)
{
    return std::to_string(part) + " of " + std::to_string(whole) + " " + what
        + (whole == 1 ? "" : "s");
}

} // namespace

LabelMatch matchTable(const LabelTable& table, const std::vector<fs::path>& images)
{
    LabelMatch match;
    match.table = table.file.filename().string();
    match.images = images.size();
    match.rows = table.rows().size();
    match.readAs = table.readAs;
    match.skippedLines = table.skippedLines;
    std::set<std::string> rowsMet;
    std::vector<std::string> unmet;
    for (const fs::path& image : images)
        if (const LabelRow* row = table.find(image))
            rowsMet.insert(row->name);
        else
            unmet.push_back(image.filename().string());
    match.imagesMet = images.size() - unmet.size();
    match.rowsMet = rowsMet.size();
    match.hint = hintOf(table, unmet);
    return match;
}

std::string describe(const LabelMatch& match)
{
    return (match.isPoor() ? "warning: " : "") + oneLine(match.table) + ": " + foundIn(match)
        + (match.readAs.empty() ? "" : "; read as " + oneLine(match.readAs));
}

std::string foundIn(const LabelMatch& match)
{
    std::string text = of(match.imagesMet, match.images, "image")
        + (match.images == 1 ? " has" : " have") + " a row, " + of(match.rowsMet, match.rows, "row")
        + (match.rows == 1 ? " has" : " have") + " an image";
    if (!match.hint.empty())
        text += "; " + match.hint;
    if (!match.skippedLines.empty()) {
        constexpr std::size_t kNamed = 10;
        const std::size_t skipped = match.skippedLines.size();
        text += "; " + counted(skipped, "row") + " skipped as in the competition:";
        for (std::size_t i = 0; i < std::min(skipped, kNamed); ++i)
            text += (i == 0 ? " line " : ", line ") + std::to_string(match.skippedLines[i]);
        text += skipped > kNamed ? " and more" : "";
    }
    return text;
}

void failNoRow(const std::string& what, const LabelTable& table, const fs::path& image,
    const LabelMatch& match)
{
    throw Error(ErrorKind::BadInput, what, table.file.string(),
        "a row for " + image.filename().string(), foundIn(match));
}

void LabelShift::add(int label, const std::vector<int>& top1)
{
    ++m_images;
    for (std::size_t shift = 0; shift < m_hits.size(); ++shift) {
        const int shifted = label - 1 + static_cast<int>(shift);
        m_hits[shift] += contains(top1, shifted) ? 1 : 0;
    }
}

std::string LabelShift::suspicion(const std::string& table) const
{
    constexpr std::size_t kFewest = 3;
    const bool higher = m_hits[2] > m_hits[0];
    const std::size_t shifted = higher ? m_hits[2] : m_hits[0];
    const std::size_t now = m_hits[1];
    if (shifted < kFewest || shifted * 3 < m_images || shifted < 4 * now)
        return {};
    return "warning: " + oneLine(table) + " is suspicious: its labels fit the clean images better "
        + "one " + (higher ? "higher" : "lower") + " (" + of(shifted, m_images, "image")
        + " right in place of " + std::to_string(now)
        + "); the competition's labels are 1..1000, 0 is the background";
}

std::vector<std::string> LabelReport::lines() const
{
    std::vector<std::string> all;
    for (const LabelMatch& match : tables)
        all.push_back(describe(match));
    if (!suspicion.empty())
        all.push_back(suspicion);
    return all;
}

} // namespace crossiter
