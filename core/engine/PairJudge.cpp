#include "core/engine/PairJudge.h"

#include "core/base/TimeLeft.h"
#include "core/engine/ThreadsAndDevice.h"
#include "core/image/ImageDiff.h"

namespace crossiter {

namespace {

/// The sub-step of `previous` at this place that shows this picture; null: none, or judged by
/// others.
std::shared_ptr<const SubStep> judgedBefore(const std::shared_ptr<const AttackTrace>& previous,
    const AttackTrace& trace, const OtherPicture& picture)
{
    const std::size_t place = trace.subSteps.size();
    if (previous == nullptr || place >= previous->subSteps.size()
        || !sameButRounds(previous->request, trace.request))
        return nullptr;
    const auto& there = previous->subSteps[place];
    const bool same = there->other.name == picture.from.name
        && there->other.sha256 == picture.from.sha256 && there->exported == *picture.image;
    return same && previous->clean == trace.clean ? there : nullptr;
}

} // namespace

std::shared_ptr<const AttackTrace> PairJudge::judge(const Image& clean,
    const std::vector<OtherPicture>& pictures, const std::string& name,
    const std::shared_ptr<const AttackTrace>& previous, const SubStepSink& onSubStep,
    const ProgressSink& progress, const std::stop_token& stop)
{
    if (clean.empty())
        requireImageSpace(clean);
    std::vector<OtherPicture> all { { {}, {}, std::make_shared<const Image>(clean) } };
    all.insert(all.end(), pictures.begin(), pictures.end());
    std::vector<int> distances; // another size is refused before anything is loaded
    for (const OtherPicture& picture : all)
        distances.push_back(linfDistance(clean, *picture.image));
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
        const auto partial = [&]() -> std::shared_ptr<const AttackTrace> {
            trace->cancelled = true;
            return trace->subSteps.size() > 1 ? trace : nullptr;
        };
        const Stopwatch clock;
        for (std::size_t place = 0; place < all.size(); ++place) {
            std::shared_ptr<const SubStep> done = judgedBefore(previous, *trace, all[place]);
            if (done == nullptr) {
                auto subStep = std::make_shared<SubStep>();
                subStep->index = static_cast<int>(place);
                subStep->round = subStep->index;
                subStep->other = all[place].from;
                subStep->exported = *all[place].image;
                subStep->linfExported = distances[place];
                subStep->linfFloatPx = subStep->linfExported;
                for (const auto& judge : judges) {
                    if (stop.stop_requested())
                        return partial();
                    subStep->judges.push_back(judge->predict(subStep->exported));
                }
                done = std::move(subStep);
            }
            trace->subSteps.push_back(done);
            if (onSubStep)
                onSubStep(done);
            if (progress)
                progress({ pictures.size() == 1 ? "judging the pair" : "judging the series",
                    place + 1, all.size(),
                    secondsLeft(clock.seconds(), place + 1, all.size() - place - 1) });
        }
        return trace;
    });
}

} // namespace crossiter
