#pragma once

#include "core/attack/AttackTrace.h"
#include "core/image/Image.h"

#include <memory>
#include <string>
#include <vector>

namespace crossiter::test {

/// A picture whose values all differ from their neighbours'.
inline Image patternImage()
{
    Image image(kImageSide, kImageSide);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x) {
            const std::size_t at = image.offset(x, y);
            image.rgb[at] = static_cast<std::uint8_t>((x * 7 + y * 3) % 200 + 20);
            image.rgb[at + 1] = static_cast<std::uint8_t>((x * 3 + y * 11) % 200 + 20);
            image.rgb[at + 2] = static_cast<std::uint8_t>((x + y * 5) % 200 + 20);
        }
    }
    return image;
}

/// probability `share` for `label`, the rest spread over four others.
inline Prediction prediction(const std::string& model, int label, float share)
{
    Prediction result;
    result.model = model;
    result.probabilities.assign(1001, 0.0F);
    for (int other = 1; other <= 4; ++other) {
        result.probabilities.at(static_cast<std::size_t>(900 + other)) =
            (1.0F - share) * 0.1F * static_cast<float>(other);
    }
    result.probabilities.at(static_cast<std::size_t>(label)) = share;
    return result;
}

/// Label 252 is true. Sub-steps alternate between sources "a" and "b"; judges a, b, c. Sub-step 1
/// attacks 252 and b loses it; sub-step 2 attacks 276 and 252 is back on b.
inline std::shared_ptr<AttackTrace> makeTrace(int rounds, int done)
{
    auto trace = std::make_shared<AttackTrace>();
    trace->request.sources = { "a", "b" };
    trace->request.judges = { "a", "b", "c" };
    trace->request.rounds = rounds;
    trace->judges = trace->request.judges;
    trace->clean = patternImage();
    for (int index = 0; index <= done; ++index) {
        auto step = std::make_shared<SubStep>();
        step->index = index;
        step->round = index == 0 ? 0 : (index - 1) / 2 + 1;
        step->sourceIndex = index == 0 ? -1 : (index - 1) % 2;
        step->source = index == 0
            ? ""
            : trace->request.sources.at(static_cast<std::size_t>(step->sourceIndex));
        step->attackedLabel = index == 0 ? -1 : (index == 1 ? 252 : 276);
        step->exported = trace->clean;
        step->linfExported = index == 0 ? 0 : 5;
        for (std::size_t at = 0; at < step->exported.rgb.size() && index > 0; ++at) {
            step->exported.rgb[at] = static_cast<std::uint8_t>(
                step->exported.rgb[at] + (static_cast<int>(at) + index) % 11 - 5);
        }
        step->judges = { prediction("a", 252, index == 0 ? 0.6F : 0.01F),
            prediction("b", 252, index == 1 ? 0.01F : 0.5F), prediction("c", 252, 0.55F) };
        trace->subSteps.push_back(step);
    }
    return trace;
}

} // namespace crossiter::test
