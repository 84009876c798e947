#include "core/engine/PairJudge.h"

#include "core/engine/ThreadsAndDevice.h"
#include "core/image/ImageDiff.h"

namespace crossiter {

std::shared_ptr<const AttackTrace> PairJudge::judge(const Image& clean, const Image& other,
    const std::string& name, const ProgressSink& progress, const std::stop_token& stop)
{
    if (clean.empty())
        requireImageSpace(clean);
    // Two sizes are refused before anything is loaded.
    static_cast<void>(linfDistance(clean, other));
    return translated([&]() -> std::shared_ptr<const AttackTrace> {
        const torch::Device device = prepare(m_request.compute);
        if (!m_models.load(m_request.judges, m_request.compute.numerics, device, progress, stop))
            return nullptr;
        const auto judges = m_models.networks(m_request.judges, m_request.compute.numerics, device);
        auto trace = std::make_shared<AttackTrace>();
        trace->request = m_request;
        trace->request.method = Method::Noop;
        trace->request.rounds = 0;
        trace->clean = clean;
        trace->judges = m_request.judges;
        trace->madeElsewhere = name;
        trace->notes = { "made elsewhere: " + name };
        for (const Image* image : { &clean, &other }) {
            auto subStep = std::make_shared<SubStep>();
            subStep->index = static_cast<int>(trace->subSteps.size());
            subStep->round = subStep->index;
            subStep->exported = *image;
            subStep->linfExported = linfDistance(*image, clean);
            subStep->linfFloatPx = subStep->linfExported;
            for (const auto& judge : judges) {
                if (stop.stop_requested())
                    return nullptr;
                subStep->judges.push_back(judge->predict(*image));
            }
            trace->subSteps.push_back(std::move(subStep));
            if (progress)
                progress({ "judging the pair", trace->subSteps.size(), 2, -1.0 });
        }
        return trace;
    });
}

} // namespace crossiter
