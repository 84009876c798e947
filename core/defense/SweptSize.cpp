#include "core/defense/SweptSize.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Words.h"
#include "core/image/Image.h"

#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace crossiter {

namespace {

int wholeIn(
    const std::string& place, std::string_view text, int low, int high, const char* unit = "")
{
    const std::optional<int> value = parseNumber<int>(text);
    if (!value || *value < low || *value > high)
        throw Error(ErrorKind::Usage, "value out of range", place,
            "a whole number " + std::to_string(low) + ".." + std::to_string(high) + unit,
            "'" + std::string(text) + "'");
    return *value;
}

} // namespace

DefenseRequest withSize(const DefenseRequest& defense, int size)
{
    if (size < 1 || size > kImageSide)
        throw Error(ErrorKind::Usage, "value out of range", "sizes",
            "1.." + std::to_string(kImageSide) + " pixels", std::to_string(size));
    DefenseRequest changed = defense;
    for (DefenseStage& stage : changed.stages) {
        if (stage.kind == StageKind::Resize) {
            stage.sizes.back() = size;
            return changed;
        }
    }
    DefenseStage front;
    front.sizes = { size };
    changed.stages.insert(changed.stages.begin(), std::move(front));
    return changed;
}

int sizeOf(const DefenseRequest& defense)
{
    for (const DefenseStage& stage : defense.stages)
        if (stage.kind == StageKind::Resize)
            return stage.sizes.back();
    return kImageSide;
}

std::vector<int> parseSweepSizes(const std::string& place, const std::string& text)
{
    std::set<int> sizes;
    for (const std::string_view part : splitAt(text, ',')) {
        const std::vector<std::string_view> range = splitAt(part, ':');
        if (range.size() > 3)
            throw Error(ErrorKind::Usage, "wrong range of sizes", place, "FIRST:LAST:STEP",
                "'" + std::string(part) + "'");
        const int first = wholeIn(place, trimmed(range[0]), 1, kImageSide, " pixels");
        const int last =
            range.size() < 2 ? first : wholeIn(place, trimmed(range[1]), 1, kImageSide, " pixels");
        const int step =
            range.size() < 3 ? 1 : wholeIn(place + ", step", trimmed(range[2]), 1, kImageSide);
        if (last < first)
            throw Error(ErrorKind::Usage, "wrong range of sizes", place, "FIRST:LAST:STEP, rising",
                "'" + std::string(part) + "'");
        for (int size = first; size <= last; size += step)
            sizes.insert(size);
    }
    return { sizes.begin(), sizes.end() };
}

} // namespace crossiter
