#include "core/contest/TargetClassCsv.h"

#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Random.h"
#include "core/classify/Labels.h"
#include "core/contest/SafeName.h"

#include <algorithm>
#include <set>

namespace crossiter {

namespace {

void requireClass(std::optional<int> label, const std::string& place, const std::string& found)
{
    if (!label || *label < 1 || *label >= kLabelCount)
        throw Error(ErrorKind::BadInput, "not a target class", place, "a number 1..1000",
            (found.empty() ? "nothing" : found) + (label == 0 ? " (the background)" : ""));
}

} // namespace

std::string targetClassText(const TargetClasses& targets)
{
    std::string text;
    for (const auto& [name, label] : targets) {
        requireSafeFileName(name, kTargetClassFile);
        requireClass(label, std::string(kTargetClassFile) + ", " + name, std::to_string(label));
        text += csvField(name) + "," + std::to_string(label) + "\n";
    }
    return text;
}

TargetClasses targetClassesOf(const Dataset& dataset)
{
    TargetClasses targets;
    for (const DatasetImage& image : dataset.images) {
        if (image.targetClass)
            targets.emplace_back(image.contestName(), *image.targetClass);
    }
    return targets;
}

TargetClasses readTargetClasses(const std::filesystem::path& csv)
{
    TargetClasses targets;
    std::set<std::string> seen;
    for (const CsvRow& row : readCsv(csv)) {
        const std::string place = csv.string() + ", line " + std::to_string(row.line);
        if (row.fields.size() != 2)
            throw Error(ErrorKind::BadInput, "wrong number of fields", place, "IMAGEID.png,CLASS",
                std::to_string(row.fields.size()) + " fields");
        requireSafeFileName(row.fields[0], place);
        const std::optional<int> label = wholeNumber(row.fields[1]);
        requireClass(label, place, row.fields[1]);
        if (!seen.insert(row.fields[0]).second)
            throw Error(
                ErrorKind::BadInput, "image named twice", place, "each once", row.fields[0]);
        targets.emplace_back(row.fields[0], *label);
    }
    return targets;
}

int randomTargetClass(std::uint64_t seed, const std::string& file, std::optional<int> trueLabel)
{
    constexpr int kClasses = 1000;
    std::uint64_t hash = 14695981039346656037ULL; // FNV-1a
    for (const char c : file)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    RandomStream stream(mixSeed({ seed, hash }));
    const bool spared = trueLabel && *trueLabel >= 1;
    const int choices = spared ? kClasses - 1 : kClasses;
    const int label = 1 + std::min(choices - 1, static_cast<int>(stream.uniform() * choices));
    return spared && label >= *trueLabel ? label + 1 : label;
}

} // namespace crossiter
