#include "core/engine/Defender.h"

#include "core/attack/ImageKey.h"
#include "core/classify/Labels.h"
#include "core/defense/SweptSize.h"
#include "core/engine/ThreadsAndDevice.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace crossiter {

namespace {

void requireLabel(const std::optional<int>& label)
{
    if (label && (*label < 0 || *label >= kLabelCount))
        throw Error(ErrorKind::Usage, "value out of range", "--label",
            "a competition label 0..1000", std::to_string(*label));
}

DefendedPrediction toPrediction(
    const std::string& model, Drawn drawn, const std::optional<int>& trueLabel)
{
    DefendedPrediction prediction;
    prediction.mean = { model, std::move(drawn.mean) };
    prediction.drawTop1 = std::move(drawn.top1);
    const int label = prediction.mean.top1();
    const auto count = [&](int wanted) {
        return static_cast<std::size_t>(std::ranges::count(prediction.drawTop1, wanted));
    };
    const std::size_t draws = prediction.drawTop1.size();
    if (trueLabel)
        prediction.trueTop1 = wilson(count(*trueLabel), draws);
    prediction.flipRate = static_cast<double>(draws - count(label)) / static_cast<double>(draws);
    return prediction;
}

/// x: [1, 3, side, side] in [-1, 1], any device -> 8 bits, halves to even.
Image toPicture(const torch::Tensor& x)
{
    const torch::Tensor grey = torch::round((x.detach().to(torch::kCPU, torch::kFloat) + 1) * 127.5)
                                   .clamp(0, 255)
                                   .to(torch::kUInt8)[0]
                                   .permute({ 1, 2, 0 })
                                   .contiguous();
    Image picture(static_cast<int>(grey.size(1)), static_cast<int>(grey.size(0)));
    std::copy_n(grey.const_data_ptr<std::uint8_t>(), picture.rgb.size(), picture.rgb.begin());
    return picture;
}

} // namespace

std::shared_ptr<const DefendResult> Defender::defend(const DefendRequest& request,
    const std::vector<Image>& images, const ProgressSink& progress, const std::stop_token& stop)
{
    if (request.models.empty())
        throw Error(ErrorKind::Usage, "no model", "--model", "at least one id");
    checkDefense(request.defense);
    requireLabel(request.trueLabel);
    for (const Image& image : images)
        requireImageSpace(image);
    return translated([&] {
        const torch::Device device = prepare(request.compute);
        auto result = std::make_shared<DefendResult>();
        const auto sources =
            m_models.defended(request.defense, request.models, request.compute.numerics, device);
        const bool staticPicture = !sources.front()->stages().random();
        const std::size_t together = request.defense.batchStatistics ? kBatchOfStatistics : 1;
        const auto started = std::chrono::steady_clock::now();
        for (std::size_t first = 0; first < images.size(); first += together) {
            const std::size_t end = std::min(first + together, images.size());
            const torch::NoGradGuard guard;
            std::vector<DrawnPicture> pictures;
            for (std::size_t i = first; i < end; ++i) {
                DrawnPicture picture;
                picture.x = toTensor(images[i], scalarTypeOf(request.compute.numerics)).to(device);
                if (request.defense.random())
                    picture.key = imageKey(images[i]);
                if (staticPicture)
                    picture.staged = sources.front()->stages()(picture.x, 0);
                pictures.push_back(std::move(picture));
            }
            std::vector<std::vector<DefendedPrediction>> rows(pictures.size());
            for (const auto& source : sources) {
                auto drawn = source->draws(pictures, stop);
                if (!drawn) {
                    result->cancelled = true;
                    return std::shared_ptr<const DefendResult>(result);
                }
                for (std::size_t i = 0; i < rows.size(); ++i)
                    rows[i].push_back(
                        toPrediction(source->id(), std::move((*drawn)[i]), request.trueLabel));
            }
            for (auto& row : rows)
                result->predictions.push_back(std::move(row));
            if (progress) {
                const std::chrono::duration<double> spent =
                    std::chrono::steady_clock::now() - started;
                const auto done = static_cast<double>(end);
                progress({ "defending", end, images.size(),
                    spent.count() / done * (static_cast<double>(images.size()) - done) });
            }
        }
        return std::shared_ptr<const DefendResult>(result);
    });
}

Image Defender::picture(const DefenseRequest& defense, const Image& image, int draw)
{
    checkDefense(defense);
    requireImageSpace(image);
    return translated([&] {
        const torch::NoGradGuard guard;
        const torch::Device device =
            purifiersOf(defense).empty() ? torch::Device(torch::kCPU) : resolve(Device());
        const auto stages = m_models.stages(defense, torch::kFloat, device);
        const std::uint64_t seed = stages->random()
            ? drawSeed(defense.seed, imageKey(image), sizeOf(defense), 0, draw)
            : 0;
        return toPicture((*stages)(toTensor(image, torch::kFloat).to(device), seed));
    });
}

} // namespace crossiter
