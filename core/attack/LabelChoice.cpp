#include "core/attack/LabelChoice.h"

#include "core/attack/AttackTrace.h"
#include "core/base/Error.h"

#include <algorithm>

namespace crossiter {

namespace {

void requireClass(const DifferentiableSource& source, int label)
{
    const int index = label - source.labelOffset();
    if (index < 0 || index >= source.classes()) {
        throw Error(ErrorKind::Usage, "label is not a class of the network", source.id(),
            std::to_string(source.labelOffset()) + ".."
                + std::to_string(source.labelOffset() + source.classes() - 1),
            std::to_string(label));
    }
}

/// Least logit over labels 1..1000: the least probability, without ties from underflow.
int leastLikely(const torch::Tensor& scores, const LabelSpan& span)
{
    const int first = std::max(0, 1 - span.first); // leaves the background out
    return static_cast<int>(scores[0].slice(0, first).argmin().item<std::int64_t>()) + first
        + span.first;
}

/// What each sub-step of a round differentiates.
std::vector<SourceList> steppedTogether(const AttackRequest& request, const SourceList& sources)
{
    if (request.ensemble == Ensemble::MeanLogits)
        return { sources };
    std::vector<SourceList> alone;
    for (const auto& source : sources)
        alone.push_back({ source });
    return alone;
}

} // namespace

bool descends(const AttackRequest& request)
{
    return request.labelRule == LabelRule::Target || request.labelRule == LabelRule::LeastLikely;
}

std::vector<int> fixedLabels(const AttackRequest& request, const SourceList& sources,
    const torch::Tensor& clean, const DrawKeys& keys, const CleanScores& scores)
{
    const auto scoresOf = [&](const SourceList& together) {
        return scores ? scores(together) : scoresOn(together, clean, request, keys);
    };
    const std::vector<SourceList> steps = steppedTogether(request, sources);
    std::vector<int> labels(steps.size(), -1);
    switch (request.labelRule) {
    case LabelRule::OwnRefreshed:
        return labels;
    case LabelRule::OwnClean:
    case LabelRule::LeastLikely:
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const torch::Tensor found = scoresOf(steps[i]);
            const LabelSpan span = labelSpan(steps[i]);
            labels[i] = request.labelRule == LabelRule::LeastLikely
                ? leastLikely(found, span)
                : static_cast<int>(found[0].argmax().item<std::int64_t>()) + span.first;
        }
        break;
    case LabelRule::JointClean: {
        std::vector<Prediction> predictions;
        predictions.reserve(sources.size());
        for (const auto& source : sources)
            predictions.push_back({ source->id(), source->probabilities(scoresOf({ source })) });
        labels.assign(labels.size(), jointTop1(predictions));
        break;
    }
    case LabelRule::True:
        labels.assign(labels.size(), request.trueLabel.value());
        break;
    case LabelRule::Target:
        labels.assign(labels.size(), request.target.value());
        break;
    }
    for (std::size_t i = 0; i < steps.size(); ++i)
        for (const auto& source : steps[i])
            requireClass(*source, labels[i]);
    return labels;
}

} // namespace crossiter
