#include "core/nets/Layers.h"

#include "core/base/Error.h"

#include <algorithm>

namespace crossiter {

namespace {

/// TensorFlow's "same": as many zeros as make the output ceil(side / stride), the odd one at the
/// end.
std::int64_t samePadding(std::int64_t side, std::int64_t kernel, std::int64_t stride)
{
    const std::int64_t outputs = (side + stride - 1) / stride;
    return std::max<std::int64_t>((outputs - 1) * stride + kernel - side, 0);
}

/// Batch norm on the batch's own statistics, in which the last picture counts `lastCounts` times.
torch::Tensor weightedNorm(
    const torch::Tensor& y, const NormLayer& norm, double epsilon, int lastCounts)
{
    const std::int64_t pictures = y.size(0);
    torch::Tensor share = torch::ones({ pictures, 1 }, y.options());
    share[pictures - 1] = lastCounts;
    share = share / static_cast<double>(pictures - 1 + lastCounts);
    const std::array<std::int64_t, 4> perChannel { 1, -1, 1, 1 };
    const torch::Tensor mean = (y.mean({ 2, 3 }) * share).sum(0).view(perChannel);
    const torch::Tensor centred = y - mean;
    const torch::Tensor variance = (centred.square().mean({ 2, 3 }) * share).sum(0);
    const torch::Tensor scale = norm.weight / torch::sqrt(variance + epsilon);
    return centred * scale.view(perChannel) + norm.bias.view(perChannel);
}

torch::Tensor activated(const torch::Tensor& y, Activation activation, bool inPlace)
{
    switch (activation) {
    case Activation::Relu:
        return inPlace ? torch::relu_(const_cast<torch::Tensor&>(y)) : torch::relu(y); // NOLINT
    case Activation::Relu6:
        return inPlace ? torch::hardtanh_(const_cast<torch::Tensor&>(y), 0, 6) // NOLINT
                       : torch::hardtanh(y, 0, 6);
    case Activation::None:
        break;
    }
    return y;
}

} // namespace

ConvLayer::ConvLayer(int inputs, int outputs, std::array<int, 2> kernel, int groups, bool withBias)
{
    weight = register_parameter(
        "weight", torch::empty({ outputs, inputs / groups, kernel[0], kernel[1] }));
    if (withBias)
        bias = register_parameter("bias", torch::empty({ outputs }));
}

NormLayer::NormLayer(int channels)
{
    weight = register_parameter("weight", torch::empty({ channels }));
    bias = register_parameter("bias", torch::empty({ channels }));
    running_mean = register_buffer("running_mean", torch::empty({ channels }));
    running_var = register_buffer("running_var", torch::empty({ channels }));
    num_batches_tracked = register_buffer("num_batches_tracked", torch::zeros({}, torch::kLong));
}

DenseLayer::DenseLayer(int inputs, int outputs)
{
    weight = register_parameter("weight", torch::empty({ outputs, inputs }));
    bias = register_parameter("bias", torch::empty({ outputs }));
}

torch::Tensor DenseLayer::forward(const torch::Tensor& x) const
{
    return torch::linear(x, weight, bias);
}

ConvNorm::ConvNorm(torch::nn::Module& owner, const std::string& convName,
    const std::string& normName, const ConvNormShape& wanted)
    : shape(wanted)
    , conv(owner.register_module(convName,
          std::make_shared<ConvLayer>(wanted.inputs, wanted.outputs, wanted.kernel, wanted.groups)))
    , norm(owner.register_module(normName, std::make_shared<NormLayer>(wanted.outputs)))
{
}

torch::Tensor normalized(
    const torch::Tensor& y, const NormLayer& norm, double epsilon, const ForwardOptions& options)
{
    // With statistics of the batch the running ones are not handed over: they stay as they are.
    const bool ofBatch = options.batchStatistics;
    if (ofBatch && options.lastCounts > 1)
        return weightedNorm(y, norm, epsilon, options.lastCounts);
    return torch::batch_norm(y, norm.weight, norm.bias,
        ofBatch ? torch::Tensor() : norm.running_mean, ofBatch ? torch::Tensor() : norm.running_var,
        /*training=*/ofBatch, /*momentum=*/0.0, epsilon, /*cudnn_enabled=*/false);
}

torch::Tensor ConvNorm::run(const torch::Tensor& x, const ForwardOptions& options) const
{
    const bool folded = foldedWeight.defined();
    if (folded && options.batchStatistics)
        throw Error(ErrorKind::Usage, "batch statistics need the plain network", "numerics",
            "reference or exact", "fast: batch norms are folded into the convolutions");
    if (folded && foldedWeight.dim() == 2) {
        // Channels-last, a 1x1 convolution is one matrix product on the values as they lie: no copy
        // into and out of the convolution's own layout (about a seventh of an EfficientNet-Lite
        // sub-step, measured with `crossiter bench`). The result is a view, so the activation is
        // not done in place: autograd would copy the whole.
        const torch::Tensor rows =
            torch::linear(x.permute({ 0, 2, 3, 1 }), foldedWeight, foldedBias);
        return activated(rows.permute({ 0, 3, 1, 2 }), shape.activation, /*inPlace=*/false);
    }
    const std::int64_t stride = shape.stride;
    torch::Tensor input = x;
    std::array<std::int64_t, 2> padding = { 0, 0 };
    if (shape.padding == Padding::Same) {
        const std::int64_t padY = samePadding(x.size(2), shape.kernel[0], stride);
        const std::int64_t padX = samePadding(x.size(3), shape.kernel[1], stride);
        if (padY % 2 != 0 || padX % 2 != 0) {
            input = torch::constant_pad_nd(
                x, { padX / 2, padX - padX / 2, padY / 2, padY - padY / 2 }, 0);
        } else {
            padding = { padY / 2, padX / 2 };
        }
    } else if (shape.padding == Padding::Centred) {
        padding = { (shape.kernel[0] - 1) / 2, (shape.kernel[1] - 1) / 2 };
    }
    const std::array<std::int64_t, 2> strides = { stride, stride };
    torch::Tensor y;
    if (folded) {
        y = torch::conv2d(
            input, foldedWeight, foldedBias, strides, padding, { 1, 1 }, shape.groups);
    } else {
        y = torch::conv2d(input, conv->weight, {}, strides, padding, { 1, 1 }, shape.groups);
        y = normalized(y, *norm, shape.epsilon, options);
    }
    // In place: neither the convolution's nor the batch norm's backward reads its output.
    return activated(y, shape.activation, /*inPlace=*/true);
}

void ConvNorm::fold()
{
    if (!conv)
        return;
    const torch::NoGradGuard guard;
    const auto type = conv->weight.scalar_type();
    const torch::Tensor scale = norm->weight.to(torch::kDouble)
        / torch::sqrt(norm->running_var.to(torch::kDouble) + shape.epsilon);
    foldedWeight = (conv->weight.to(torch::kDouble) * scale.view({ -1, 1, 1, 1 })).to(type);
    const bool pointwise =
        shape.kernel == std::array<int, 2> { 1, 1 } && shape.stride == 1 && shape.groups == 1;
    foldedWeight = pointwise ? foldedWeight.flatten(1).contiguous()
                             : foldedWeight.contiguous(torch::MemoryFormat::ChannelsLast);
    foldedBias =
        (norm->bias.to(torch::kDouble) - norm->running_mean.to(torch::kDouble) * scale).to(type);
    letGo(conv->weight);
}

std::int64_t ConvNorm::multiplyAdds(int& side) const
{
    if (!conv)
        return 0;
    if (shape.padding != Padding::Valid)
        side = (side + shape.stride - 1) / shape.stride;
    else // square kernels only
        side = (side - shape.kernel[0]) / shape.stride + 1;
    return static_cast<std::int64_t>(side) * side * shape.outputs * (shape.inputs / shape.groups)
        * shape.kernel[0] * shape.kernel[1];
}

torch::Tensor pooled(const torch::Tensor& x)
{
    if (x.requires_grad() && x.is_contiguous(torch::MemoryFormat::ChannelsLast)) {
        x.register_hook([](const torch::Tensor& gradient) {
            return gradient.contiguous(torch::MemoryFormat::ChannelsLast);
        });
    }
    return x.mean({ 2, 3 });
}

NetOutput classified(const torch::Tensor& x, const torch::Tensor& auxLogits,
    const DenseLayer& classifier, const ForwardOptions& options)
{
    const torch::Tensor features = pooled(x);
    if (options.featuresOnly)
        return { {}, auxLogits, features };
    const torch::Tensor read =
        options.dropoutMask.defined() ? features * options.dropoutMask : features;
    return { classifier.forward(read), auxLogits, features };
}

void letGo(torch::Tensor& weight)
{
    weight.set_data(weight.detach().new_empty({ 1 }).expand(weight.sizes()));
}

} // namespace crossiter
