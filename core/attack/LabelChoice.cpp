#include "core/attack/LabelChoice.h"

#include "core/attack/AttackTrace.h"
#include "core/base/Error.h"
#include "core/classify/Labels.h"

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
int leastLikely(const DifferentiableSource& source, const torch::Tensor& clean)
{
    const torch::Tensor row = source.logits(clean).logits[0];
    const int first = std::max(0, 1 - source.labelOffset()); // leaves the background out
    return static_cast<int>(row.slice(0, first).argmin().item<std::int64_t>()) + first
        + source.labelOffset();
}

} // namespace

bool descends(const AttackRequest& request)
{
    return request.labelRule == LabelRule::Target || request.labelRule == LabelRule::LeastLikely;
}

std::vector<int> fixedLabels(const AttackRequest& request,
    const std::vector<std::shared_ptr<const DifferentiableSource>>& sources,
    const torch::Tensor& clean)
{
    const torch::NoGradGuard guard;
    std::vector<int> labels(sources.size(), -1);
    switch (request.labelRule) {
    case LabelRule::OwnRefreshed:
        break;
    case LabelRule::OwnClean:
        for (std::size_t i = 0; i < sources.size(); ++i)
            labels[i] = sources[i]->argmaxLabel(sources[i]->logits(clean).logits);
        break;
    case LabelRule::LeastLikely:
        for (std::size_t i = 0; i < sources.size(); ++i)
            labels[i] = leastLikely(*sources[i], clean);
        break;
    case LabelRule::JointClean: {
        std::vector<Prediction> predictions;
        predictions.reserve(sources.size());
        for (const auto& source : sources)
            predictions.push_back(
                { source->id(), source->probabilities(source->logits(clean).logits) });
        labels.assign(sources.size(), jointTop1(predictions));
        break;
    }
    case LabelRule::True:
        labels.assign(sources.size(), request.trueLabel.value());
        break;
    case LabelRule::Target:
        labels.assign(sources.size(), request.target.value());
        break;
    }
    for (std::size_t i = 0; i < sources.size(); ++i) {
        if (labels[i] >= 0)
            requireClass(*sources[i], labels[i]);
    }
    return labels;
}

} // namespace crossiter
