#include "core/contest/TargetClassCsv.h"

#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/classify/Labels.h"
#include "core/contest/SafeName.h"

#include <algorithm>

namespace crossiter {

namespace {

void requireClass(std::optional<int> label, const std::string& place, const std::string& found)
{
    if (!label || *label < 1 || *label >= kLabelCount)
        throw Error(ErrorKind::BadInput, "not a target class", place, "a number 1..1000",
            (found.empty() ? "nothing" : found) + (label == 0 ? " (the background)" : ""));
}

} // namespace

std::string targetClassText(const std::vector<LabelRow>& targets)
{
    std::string text;
    for (const LabelRow& row : targets) {
        const std::string label = std::to_string(row.label);
        requireSafeFileName(row.name, kTargetClassFile);
        requireClass(row.label, std::string(kTargetClassFile) + ", " + row.name, label);
        text += csvField(row.name) + "," + label + "\n";
    }
    return text;
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
