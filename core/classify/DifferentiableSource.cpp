#include "core/classify/DifferentiableSource.h"

#include "core/classify/Labels.h"

namespace crossiter {

std::vector<float> DifferentiableSource::probabilities(const torch::Tensor& logits) const
{
    const torch::Tensor row =
        torch::softmax(logits[0].detach(), 0).to(torch::kCPU, torch::kFloat).contiguous();
    std::vector<float> values(kLabelCount, 0.0F);
    const auto* data = row.const_data_ptr<float>();
    for (int i = 0; i < classes(); ++i) {
        const int label = i + labelOffset();
        if (label >= 0 && label < kLabelCount)
            values[static_cast<std::size_t>(label)] = data[i];
    }
    return values;
}

torch::Tensor toTensor(const Image& image, torch::ScalarType type)
{
    // from_blob does not copy; permute + to + contiguous do, so nothing refers to `image`
    // afterwards.
    auto* data = const_cast<std::uint8_t*>(image.rgb.data()); // NOLINT: from_blob takes no const
    return torch::from_blob(data, { 1, image.height, image.width, 3 }, torch::kUInt8)
        .permute({ 0, 3, 1, 2 })
        .to(type)
        .contiguous()
        .div_(255)
        .mul_(2)
        .sub_(1);
}

Prediction DifferentiableSource::predict(const Image& image) const
{
    const torch::NoGradGuard guard;
    const NetOutput output = logits(toTensor(image, scalarType()).to(device()));
    return { id(), probabilities(output.logits) };
}

} // namespace crossiter
