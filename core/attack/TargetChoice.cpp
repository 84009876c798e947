#include "core/attack/TargetChoice.h"

#include "core/attack/ImageKey.h"
#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/classify/Labels.h"

#include <algorithm>

namespace crossiter {

namespace {

constexpr std::uint64_t kTargetStream = 0x746172676574ULL; // apart from the attack's own draws

/// Labels 1..1000 by descending mean probability; equal ones by label.
std::vector<int> byMeanProbability(const std::vector<Prediction>& predictions)
{
    std::vector<double> sums(kLabelCount, 0.0);
    for (const Prediction& prediction : predictions)
        for (int label = 1; label < kLabelCount; ++label)
            sums[static_cast<std::size_t>(label)] += prediction.probabilityOf(label);
    std::vector<int> labels;
    for (int label = 1; label < kLabelCount; ++label)
        labels.push_back(label);
    std::ranges::stable_sort(labels, [&sums](int a, int b) {
        return sums[static_cast<std::size_t>(a)] > sums[static_cast<std::size_t>(b)];
    });
    return labels;
}

} // namespace

std::optional<TargetRank> findTargetRank(std::string_view text)
{
    for (const TargetRank rank : { TargetRank::Second, TargetRank::Least, TargetRank::Random })
        if (toString(rank) == text)
            return rank;
    return std::nullopt;
}

std::vector<std::string> targetRankNames()
{
    return { toString(TargetRank::Second), toString(TargetRank::Least),
        toString(TargetRank::Random) };
}

std::string toString(TargetRank rank)
{
    switch (rank) {
    case TargetRank::Second:
        return "second";
    case TargetRank::Least:
        return "least";
    case TargetRank::Random:
        return "random";
    }
    return {};
}

std::string describe(TargetRank rank)
{
    switch (rank) {
    case TargetRank::Second:
        return "the second most likely label of the sources' mean";
    case TargetRank::Least:
        return "the least likely label of the sources' mean";
    case TargetRank::Random:
        return "drawn at random";
    }
    return {};
}

int chooseTarget(TargetRank rank, const std::vector<Prediction>& clean,
    std::optional<int> trueLabel, std::uint64_t seed, std::uint64_t image)
{
    if (clean.empty())
        throw Error(ErrorKind::Internal, "no prediction to choose a target from", "chooseTarget");
    std::vector<int> ranked = byMeanProbability(clean);
    ranked.erase(ranked.begin()); // the joint top-1
    if (trueLabel)
        std::erase(ranked, *trueLabel);
    switch (rank) {
    case TargetRank::Second:
        return ranked.front();
    case TargetRank::Least:
        return ranked.back();
    case TargetRank::Random:
        break;
    }
    RandomStream stream(mixSeed({ seed, image, kTargetStream }));
    const auto at = static_cast<std::size_t>(stream.uniform() * static_cast<double>(ranked.size()));
    return ranked.at(std::min(at, ranked.size() - 1));
}

int chooseTarget(TargetRank rank, const std::vector<Prediction>& predictions,
    std::optional<int> trueLabel, std::uint64_t seed, const Image& clean)
{
    return chooseTarget(rank, predictions, trueLabel, seed, imageKey(clean));
}

} // namespace crossiter
