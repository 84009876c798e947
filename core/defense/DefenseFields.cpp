#include "core/defense/DefenseFields.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Words.h"
#include "core/classify/ModelManifest.h"
#include "core/image/Image.h"

#include <cstdint>

namespace crossiter {

namespace {

using Given = std::optional<std::string>;
using Value = DefenseField::Value;

constexpr std::size_t kMaxSizes = 8;
constexpr int kMaxSamples = 10'000;
constexpr const char* kShares = "a keep probability above 0, at most 1";

[[noreturn]] void outOfRange(
    const std::string& place, const std::string& range, const std::string& found)
{
    throw Error(ErrorKind::Usage, "value out of range", place, range, found);
}

std::string rangeOf(const DefenseField& field)
{
    return std::to_string(field.low) + ".." + std::to_string(field.high) + field.unit;
}

int wholeOf(const DefenseField& field, const std::string& text)
{
    const std::optional<int> value = parseNumber<int>(text);
    if (!value || *value < field.low || *value > field.high)
        outOfRange(field.key,
            "a whole number " + std::to_string(field.low) + ".." + std::to_string(field.high)
                + (field.odd ? ", odd" : ""),
            "'" + text + "'");
    return *value;
}

bool isShare(double keep)
{
    return keep > 0.0 && keep <= 1.0; // NaN compares false
}

DefenseStage& addStage(const DefenseField& field, DefenseRequest& request)
{
    request.stages.emplace_back().kind = field.stage.value();
    return request.stages.back();
}

// What the rows' functions do where a row has nothing to say.

void anyStage(const DefenseField& /*field*/, const DefenseStage& /*stage*/) { }
void anyRequest(const DefenseField& /*field*/, const DefenseRequest& /*request*/) { }
std::string noStageText(const DefenseField& /*field*/, const DefenseStage& /*stage*/)
{
    return {};
}
std::string noRequestText(const DefenseField& /*field*/, const DefenseRequest& /*request*/)
{
    return {};
}

// The rows' functions.

void takeSizes(const DefenseField& field, DefenseRequest& request, const Given& value)
{
    std::vector<int> sizes = parseStageSizes(field.key, value.value());
    addStage(field, request).sizes = std::move(sizes);
}

void checkSizes(const DefenseField& field, const DefenseStage& stage)
{
    if (stage.sizes.empty() || stage.sizes.size() > kMaxSizes)
        outOfRange(field.key, "1 to " + std::to_string(kMaxSizes) + " sizes",
            std::to_string(stage.sizes.size()));
    for (const int size : stage.sizes) {
        if (size < 1 || size > kImageSide)
            outOfRange(
                field.key, "1.." + std::to_string(kImageSide) + " pixels", std::to_string(size));
    }
}

std::string sizesText(const DefenseField& field, const DefenseStage& stage)
{
    std::string text = field.key;
    for (std::size_t i = 0; i < stage.sizes.size(); ++i)
        text += (i == 0 ? "=" : ",") + std::to_string(stage.sizes[i]);
    return text + (stage.backBetween ? ";resize-between" : "");
}

void takeBetween(const DefenseField& field, DefenseRequest& request, const Given& /*value*/)
{
    if (request.stages.empty() || request.stages.back().kind != StageKind::Resize
        || request.stages.back().backBetween)
        throw Error(ErrorKind::Usage, "nothing to resize between", field.key,
            std::string(field.key) + " once behind a resize", "none before it");
    request.stages.back().backBetween = true;
}

void takeStage(const DefenseField& field, DefenseRequest& request, const Given& /*value*/)
{
    addStage(field, request);
}

std::string keyText(const DefenseField& field, const DefenseStage& /*stage*/)
{
    return field.key;
}

void takeNumber(const DefenseField& field, DefenseRequest& request, const Given& value)
{
    const int number = wholeOf(field, value.value());
    addStage(field, request).value = number;
}

void checkNumber(const DefenseField& field, const DefenseStage& stage)
{
    if (stage.value < field.low || stage.value > field.high || (field.odd && stage.value % 2 == 0))
        outOfRange(field.key, (field.odd ? "an odd number " : "") + rangeOf(field),
            std::to_string(stage.value));
}

std::string numberStageText(const DefenseField& field, const DefenseStage& stage)
{
    return std::string(field.key) + "=" + std::to_string(stage.value);
}

void takeModel(const DefenseField& field, DefenseRequest& request, const Given& value)
{
    addStage(field, request).model = value.value();
}

void checkModel(const DefenseField& field, const DefenseStage& stage)
{
    if (!isModelId(stage.model))
        throw Error(ErrorKind::Usage, "not a model id", field.key, "[a-z0-9][a-z0-9._-]*",
            "'" + stage.model + "'");
}

std::string modelText(const DefenseField& field, const DefenseStage& stage)
{
    return std::string(field.key) + "=" + stage.model;
}

void takeDropout(const DefenseField& field, DefenseRequest& request, const Given& value)
{
    request.dropout = true;
    if (!value)
        return;
    const std::optional<double> keep = parseNumber<double>(*value);
    if (!keep || !isShare(*keep))
        outOfRange(field.key, kShares, *value);
    request.keep = *keep;
}

void checkDropout(const DefenseField& field, const DefenseRequest& request)
{
    if (!request.dropout && request.keep != 0.0)
        throw Error(ErrorKind::Usage, "a keep probability without dropout", field.key,
            "dropout=" + shortestText(request.keep), "no dropout");
    if (request.keep != 0.0 && !isShare(request.keep))
        outOfRange(field.key, kShares, shortestText(request.keep));
}

std::string dropoutText(const DefenseField& field, const DefenseRequest& request)
{
    if (!request.dropout)
        return {};
    return request.keep > 0.0 ? std::string(field.key) + "=" + shortestText(request.keep)
                              : field.key;
}

void takeStatistics(const DefenseField& /*field*/, DefenseRequest& request, const Given& /*value*/)
{
    request.batchStatistics = true;
}

std::string statisticsText(const DefenseField& field, const DefenseRequest& request)
{
    return request.batchStatistics ? field.key : std::string();
}

void takeSamples(const DefenseField& field, DefenseRequest& request, const Given& value)
{
    request.samples = wholeOf(field, value.value());
}

void checkSamples(const DefenseField& field, const DefenseRequest& request)
{
    if (request.samples < field.low || request.samples > field.high)
        outOfRange(field.key, rangeOf(field), std::to_string(request.samples));
}

std::string samplesText(const DefenseField& field, const DefenseRequest& request)
{
    return request.samples != 1 ? std::string(field.key) + "=" + std::to_string(request.samples)
                                : std::string();
}

void takeSeed(const DefenseField& field, DefenseRequest& request, const Given& value)
{
    const auto seed = parseNumber<std::uint64_t>(value.value());
    if (!seed)
        outOfRange(field.key, "a whole number from 0", "'" + *value + "'");
    request.seed = *seed;
}

std::string seedText(const DefenseField& field, const DefenseRequest& request)
{
    return request.seed != 1 ? std::string(field.key) + "=" + std::to_string(request.seed)
                             : std::string();
}

std::vector<DefenseField> makeFields()
{
    using Kind = StageKind;
    return {
        { "resize", Kind::Resize, Value::Needed, "SIZES", "resize=200, resize=250,200",
            "TensorFlow 1's bilinear resize 299 -> sizes -> 299: 200, or 250,200; 1..299 each", 0,
            0, "", false, takeSizes, checkSizes, anyRequest, sizesText, noRequestText },
        { "resize-between", std::nullopt, Value::None, "", "resize-between",
            "go back to 299 between the sizes of the --resize before it", 0, 0, "", false,
            takeBetween, anyStage, anyRequest, noStageText, noRequestText },
        { "random-pad", Kind::RandomResizePad, Value::None, "", "random-pad",
            "nearest resize to a random side 310..330, zeros round it up to 331; the last stage", 0,
            0, "", false, takeStage, anyStage, anyRequest, keyText, noRequestText },
        { "jpeg", Kind::Jpeg, Value::Needed, "Q", "jpeg=1..100",
            "encoded and decoded at a quality 1..100", 1, 100, "", false, takeNumber, checkNumber,
            anyRequest, numberStageText, noRequestText },
        { "bits", Kind::BitDepth, Value::Needed, "B", "bits=1..8", "1..8 bits a channel", 1, 8, "",
            false, takeNumber, checkNumber, anyRequest, numberStageText, noRequestText },
        { "median", Kind::Median, Value::Needed, "S", "median=3..15",
            "median of S x S pixels, odd 3..15", 3, 15, " pixels", true, takeNumber, checkNumber,
            anyRequest, numberStageText, noRequestText },
        { "purify", Kind::Purify, Value::Needed, "ID", "purify=ID",
            "a network that cleans pictures", 0, 0, "", false, takeModel, checkModel, anyRequest,
            modelText, noRequestText },
        { "dropout", std::nullopt, Value::Optional, "", "dropout, dropout=KEEP",
            "dropout before the classifier; --dropout=KEEP: another keep probability than the "
            "network's own",
            0, 0, "", false, takeDropout, anyStage, checkDropout, noStageText, dropoutText },
        { "batch-statistics", std::nullopt, Value::None, "", "batch-statistics",
            "batch norms on the statistics of batches of 16, the last one filled with mid-grey", 0,
            0, "", false, takeStatistics, anyStage, anyRequest, noStageText, statisticsText },
        { "samples", std::nullopt, Value::Needed, "N", "samples=1..10000",
            "draws a picture, 1..10000; the answer is the top-1 of their mean probabilities [1]", 1,
            kMaxSamples, " draws", false, takeSamples, anyStage, checkSamples, noStageText,
            samplesText },
        { "seed", std::nullopt, Value::Needed, "N", "seed=N", "of everything random", 0, 0, "",
            false, takeSeed, anyStage, anyRequest, noStageText, seedText },
    };
}

} // namespace

const std::vector<DefenseField>& defenseFields()
{
    static const std::vector<DefenseField> fields = makeFields();
    return fields;
}

const DefenseField* findDefenseField(const std::string& key)
{
    for (const DefenseField& field : defenseFields())
        if (field.key == key)
            return &field;
    return nullptr;
}

const DefenseField& defenseField(StageKind kind)
{
    for (const DefenseField& field : defenseFields())
        if (field.stage == kind)
            return field;
    throw Error(ErrorKind::Internal, "stage without a name", "DefenseStage");
}

std::vector<int> parseStageSizes(const std::string& place, const std::string& text)
{
    std::vector<int> sizes;
    for (const std::string_view piece : splitAt(text, ',')) {
        const std::string part(trimmed(piece));
        const std::optional<int> size = parseNumber<int>(part);
        if (!size || *size < 1 || *size > kImageSide)
            outOfRange(place, "a whole number 1.." + std::to_string(kImageSide) + " pixels",
                "'" + part + "'");
        sizes.push_back(*size);
    }
    if (sizes.size() > kMaxSizes)
        outOfRange(
            place, "1 to " + std::to_string(kMaxSizes) + " sizes", std::to_string(sizes.size()));
    return sizes;
}

} // namespace crossiter
