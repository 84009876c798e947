#include "core/classify/Labels.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Words.h"
#include "core/classify/LabelData.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

namespace crossiter {

namespace {

/// The form in which names are compared: lower case, without '_', '-' and ' '.
std::string folded(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '_' || c == '-' || c == ' ')
            continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

/// Lines of an embedded resource after `first`. A wrong count is a build that went wrong.
std::vector<std::string> withLines(std::string first, std::string_view text)
{
    std::vector<std::string> lines { std::move(first) };
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        lines.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    if (lines.size() != static_cast<std::size_t>(kLabelCount))
        throw Error(ErrorKind::Internal, "wrong number of embedded labels", "resources/labels",
            std::to_string(kLabelCount), std::to_string(lines.size()));
    return lines;
}

} // namespace

const std::vector<std::string>& labelNames()
{
    static const std::vector<std::string> kNames = withLines("background", kImagenetNames);
    return kNames;
}

namespace {

const std::unordered_map<std::string, int>& labelsByName()
{
    static const std::unordered_map<std::string, int> kTable = [] {
        std::unordered_map<std::string, int> table;
        const std::vector<std::string> ids = withLines("", kWordNetIds);
        for (int label = 0; label < kLabelCount; ++label) {
            const auto i = static_cast<std::size_t>(label);
            table.emplace(folded(labelNames()[i]), label);
            if (label > 0)
                table.emplace(ids[i], label);
        }
        return table;
    }();
    return kTable;
}

struct Synonyms
{
    std::vector<std::string> names;
    std::unordered_map<std::string, int> labels;
};

const Synonyms& synonyms()
{
    static const Synonyms kAll = [] {
        Synonyms all;
        const std::vector<std::string> lines = withLines("", kSynonyms);
        for (int label = 0; label < kLabelCount; ++label) {
            for (const std::string_view name : splitAt(lines[static_cast<std::size_t>(label)], ','))
                if (!name.empty() && all.labels.emplace(folded(name), label).second)
                    all.names.emplace_back(name);
        }
        return all;
    }();
    return kAll;
}

} // namespace

const std::vector<std::string>& labelSynonyms()
{
    return synonyms().names;
}

const std::string& labelName(int label)
{
    if (label < 0 || label >= kLabelCount)
        throw Error(
            ErrorKind::BadInput, "no such label", "label", "0..1000", std::to_string(label));
    return labelNames()[static_cast<std::size_t>(label)];
}

std::optional<int> findLabel(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    if (text.empty())
        return std::nullopt;
    if (const auto number = wholeNumber(text))
        return *number < kLabelCount ? number : std::nullopt;
    const auto found = labelsByName().find(folded(text));
    return found == labelsByName().end() ? std::nullopt : std::optional<int>(found->second);
}

std::optional<int> findLabelOrSynonym(std::string_view text)
{
    if (const std::optional<int> label = findLabel(text))
        return label;
    const auto found = synonyms().labels.find(folded(text));
    return found == synonyms().labels.end() ? std::nullopt : std::optional<int>(found->second);
}

} // namespace crossiter
