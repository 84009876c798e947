#include "core/defense/DefenseStages.h"

#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/image/Image.h"
#include "core/ops/PictureStages.h"

namespace crossiter {

namespace {

/// A whole number 0..count - 1.
int below(RandomStream& stream, int count)
{
    return static_cast<int>(stream.uniform() * count);
}

PadPlace placeOf(std::uint64_t seed)
{
    RandomStream stream(seed);
    PadPlace place;
    place.side = kLeastRandomSide + below(stream, kPaddedSide - kLeastRandomSide);
    const int room = kPaddedSide - place.side;
    place.top = below(stream, room + 1);
    place.left = below(stream, room + 1);
    return place;
}

} // namespace

std::shared_ptr<const Tf1Resize> ResizeBank::square(int inputSide, int outputSide)
{
    const std::lock_guard lock(m_mutex);
    auto& known = m_known[{ inputSide, outputSide }];
    if (!known)
        known = std::make_shared<const Tf1Resize>(inputSide, inputSide, outputSide, outputSide);
    return known;
}

DefenseStages::DefenseStages(const DefenseRequest& defense, ResizeBank& bank,
    const std::map<std::string, std::shared_ptr<const Purifier>>& purifiers)
{
    for (const DefenseStage& stage : defense.stages) {
        Step step { stage, {}, nullptr };
        int side = kImageSide;
        const auto to = [&](int next) {
            if (next != side) // the same side is a copy
                step.resizes.push_back(bank.square(side, next));
            side = next;
        };
        for (std::size_t i = 0; i < stage.sizes.size(); ++i) {
            if (i > 0 && stage.backBetween)
                to(kImageSide);
            to(stage.sizes[i]);
        }
        to(kImageSide);
        if (stage.kind == StageKind::Purify) {
            const auto found = purifiers.find(stage.model);
            if (found == purifiers.end())
                throw Error(ErrorKind::Internal, "purifier was not loaded", stage.model);
            step.purifier = found->second;
        }
        m_random = m_random || stage.kind == StageKind::RandomResizePad;
        m_steps.push_back(std::move(step));
    }
}

torch::Tensor DefenseStages::operator()(const torch::Tensor& x, std::uint64_t draw) const
{
    torch::Tensor y = x;
    for (std::size_t i = 0; i < m_steps.size(); ++i) {
        const Step& step = m_steps[i];
        switch (step.stage.kind) {
        case StageKind::Resize:
            for (const auto& resize : step.resizes)
                y = (*resize)(y);
            break;
        case StageKind::RandomResizePad:
            y = resizeAndPad(y, placeOf(mixSeed({ draw, i })), kPaddedSide);
            break;
        case StageKind::Jpeg:
            y = jpegRoundTrip(y, step.stage.value);
            break;
        case StageKind::BitDepth:
            y = reduceBits(y, step.stage.value);
            break;
        case StageKind::Median:
            y = medianFilter(y, step.stage.value);
            break;
        case StageKind::Purify:
            y = (*step.purifier)(y);
            break;
        }
    }
    return y;
}

} // namespace crossiter
