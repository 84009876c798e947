#include "core/attack/GradientRule.h"

#include "core/base/Random.h"

#include <algorithm>
#include <climits>
#include <cmath>

namespace crossiter {

namespace {

constexpr double kTargetSmoothing = 0.1;
constexpr double kAuxiliaryWeight = 0.4;
constexpr double kKernelReach = 3.0; // standard deviations of the translation kernel's Gaussian
constexpr std::uint64_t kDiversityStream = 0x6469766572736974ULL; // apart from the defense's draws

/// One pass through the sources.
struct Copy
{
    double divisor = 1.0;
    DiversityDraw diversity;
    bool drawn = false; ///< take `draw` of a random source
    std::uint64_t draw = 0;
};

NetOutput outputOf(const DifferentiableSource& source, const torch::Tensor& x, const Copy& copy)
{
    return copy.drawn && source.random() ? source.logitsOfDraw(x, copy.draw) : source.logits(x);
}

bool anyRandom(const SourceList& sources)
{
    return std::ranges::any_of(
        sources, [](const auto& source) { return source->random(); });
}

/// Mean of the logits (and of the auxiliary ones, over the networks that have them) by label.
NetOutput jointOutput(const SourceList& sources, const torch::Tensor& x, const Copy& copy)
{
    if (sources.size() == 1)
        return outputOf(*sources.front(), x, copy);
    const LabelSpan span = labelSpan(sources);
    NetOutput sum;
    int auxiliary = 0;
    for (const auto& source : sources) {
        const NetOutput output = outputOf(*source, x, copy);
        const int first = span.first - source->labelOffset();
        const auto onSpan = [&](const torch::Tensor& logits) {
            return logits.slice(1, first, first + span.count);
        };
        sum.logits =
            sum.logits.defined() ? sum.logits + onSpan(output.logits) : onSpan(output.logits);
        if (!output.auxLogits.defined())
            continue;
        sum.auxLogits = sum.auxLogits.defined() ? sum.auxLogits + onSpan(output.auxLogits)
                                                : onSpan(output.auxLogits);
        ++auxiliary;
    }
    sum.logits = sum.logits / static_cast<double>(sources.size());
    if (auxiliary > 0)
        sum.auxLogits = sum.auxLogits / static_cast<double>(auxiliary);
    return sum;
}

int argmaxOf(const torch::Tensor& scores, const LabelSpan& span)
{
    return static_cast<int>(scores[0].argmax().item<std::int64_t>()) + span.first;
}

/// Loss and its gradient in x, of one pass; label < 0: the argmax of this very pass.
template <typename Forward>
LossAndGradient differentiateOnce(
    const Forward& forward, const LabelSpan& span, const torch::Tensor& x, int label, bool targeted)
{
    const torch::Tensor leaf = x.detach().clone().set_requires_grad(true);
    const NetOutput output = forward(leaf);
    LossAndGradient found;
    found.label = label >= 0 ? label : argmaxOf(output.logits, span);
    const torch::Tensor index = torch::full({ 1 }, found.label - span.first,
        torch::TensorOptions().dtype(torch::kLong).device(x.device()));
    const auto crossEntropy = [&](const torch::Tensor& logits) {
        return torch::cross_entropy_loss(
            logits, index, {}, at::Reduction::Mean, -100, targeted ? kTargetSmoothing : 0.0);
    };
    torch::Tensor loss = crossEntropy(output.logits);
    found.auxiliary = targeted && output.auxLogits.defined();
    if (found.auxiliary)
        loss = loss + kAuxiliaryWeight * crossEntropy(output.auxLogits);
    found.gradient = torch::autograd::grad({ loss }, { leaf })[0];
    found.loss = loss.to(torch::kDouble).item<double>();
    return found;
}

LossAndGradient differentiateCopy(const SourceList& sources, const LabelSpan& span,
    const torch::Tensor& at, int label, bool targeted, const Copy& copy)
{
    const auto forward = [&](const torch::Tensor& leaf) {
        torch::Tensor input = leaf;
        if (copy.divisor != 1.0)
            input = input / copy.divisor;
        return jointOutput(sources, diversified(input, copy.diversity), copy);
    };
    return differentiateOnce(forward, span, at, label, targeted);
}

/// Welford's running mean and variance of whole gradients, in double.
class Spread
{
public:
    void add(const torch::Tensor& gradient)
    {
        const torch::Tensor value = gradient.to(torch::kDouble);
        ++m_count;
        if (m_count == 1) {
            m_mean = value.clone();
            m_squares = torch::zeros_like(value);
            return;
        }
        const torch::Tensor before = value - m_mean;
        m_mean = m_mean + before / static_cast<double>(m_count);
        m_squares = m_squares + before * (value - m_mean);
    }
    /// Variance over mean square, each averaged over the values; -1 below two draws.
    [[nodiscard]] double relative() const
    {
        if (m_count < 2)
            return -1.0;
        const auto variance = m_squares.sum().item<double>() / static_cast<double>(m_count - 1);
        const auto meanSquare = m_mean.square().sum().item<double>();
        return variance > 0.0 ? variance / meanSquare : 0.0;
    }

private:
    int m_count = 0;
    torch::Tensor m_mean;
    torch::Tensor m_squares;
};

template <typename T>
double meanSize(const T* values, std::int64_t count)
{
    double sum = 0.0;
    for (std::int64_t i = 0; i < count; ++i)
        sum += std::abs(static_cast<double>(values[i]));
    return sum / static_cast<double>(count);
}

/// Summed in double in the order of the values: the same at any thread count.
double meanSize(const torch::Tensor& tensor)
{
    const torch::Tensor values = tensor.to(torch::kCPU).contiguous();
    return values.scalar_type() == torch::kDouble
        ? meanSize(values.const_data_ptr<double>(), values.numel())
        : meanSize(values.const_data_ptr<float>(), values.numel());
}

} // namespace

LabelSpan labelSpan(const SourceList& sources)
{
    int first = 0;
    int end = INT_MAX;
    for (const auto& source : sources) {
        first = std::max(first, source->labelOffset());
        end = std::min(end, source->labelOffset() + source->classes());
    }
    return { first, end - first };
}

LossAndGradient differentiate(
    const DifferentiableSource& source, const torch::Tensor& x, int label, bool targeted)
{
    const auto forward = [&](const torch::Tensor& leaf) { return source.logits(leaf); };
    return differentiateOnce(
        forward, { source.labelOffset(), source.classes() }, x, label, targeted);
}

std::uint64_t DrawKeys::seedOfDraw(int draw) const
{
    return mixSeed(
        { seed, image, static_cast<std::uint64_t>(subStep), static_cast<std::uint64_t>(draw) });
}

bool drawsAtRandom(const AttackRequest& request, const SourceList& sources)
{
    return request.diversity > 0.0 || anyRandom(sources);
}

torch::Tensor scoresOn(const SourceList& sources, const torch::Tensor& x,
    const AttackRequest& request, const DrawKeys& keys)
{
    const torch::NoGradGuard guard;
    if (!anyRandom(sources))
        return jointOutput(sources, x, {}).logits;
    torch::Tensor sum;
    for (int draw = 0; draw < request.throughDraws; ++draw) {
        const torch::Tensor softmax = torch::softmax(
            jointOutput(sources, x, { 1.0, {}, true, keys.seedOfDraw(draw) }).logits, 1);
        sum = sum.defined() ? sum + softmax : softmax;
    }
    return (sum / static_cast<double>(request.throughDraws)).log();
}

LossAndGradient composedGradient(const SourceList& sources, const torch::Tensor& at,
    const torch::Tensor& x, int label, bool targeted, const AttackRequest& request,
    const DrawKeys& keys)
{
    const LabelSpan span = labelSpan(sources);
    const bool random = drawsAtRandom(request, sources);
    const int draws = random ? request.throughDraws : 1;
    const int copies = draws * request.scales;
    // A single undistorted pass at x itself shows its own label; else the label is asked for first.
    const bool samePlace = copies == 1 && request.diversity <= 0.0 && at.is_same(x);
    if (label < 0 && !samePlace)
        label = argmaxOf(scoresOn(sources, x, request, keys), span);
    LossAndGradient all;
    Spread spread;
    for (int draw = 0; draw < draws; ++draw) {
        torch::Tensor ofDraw;
        for (int scale = 0; scale < request.scales; ++scale) {
            Copy copy;
            copy.divisor = std::exp2(scale);
            if (random) {
                copy.drawn = true;
                copy.draw = keys.seedOfDraw(draw + scale * request.throughDraws);
                copy.diversity =
                    drawDiversity(request.diversity, mixSeed({ copy.draw, kDiversityStream }));
            }
            const LossAndGradient one = differentiateCopy(sources, span, at, label, targeted, copy);
            label = one.label;
            all.loss += one.loss / copies;
            all.auxiliary = one.auxiliary;
            ofDraw = ofDraw.defined() ? ofDraw + one.gradient : one.gradient;
        }
        if (draws > 1)
            spread.add(ofDraw / static_cast<double>(request.scales));
        all.gradient = all.gradient.defined() ? all.gradient + ofDraw : ofDraw;
    }
    if (copies > 1)
        all.gradient = all.gradient / static_cast<double>(copies);
    all.label = label;
    all.variance = spread.relative();
    return all;
}

DiversityDraw drawDiversity(double probability, std::uint64_t seed)
{
    RandomStream stream(seed);
    const auto below = [&stream](int count) {
        return std::min(count - 1, static_cast<int>(stream.uniform() * count));
    };
    DiversityDraw draw;
    if (stream.uniform() >= probability)
        return draw;
    draw.side = kImageSide + below(kDiversityCanvas - kImageSide);
    draw.top = below(kDiversityCanvas - draw.side);
    draw.left = below(kDiversityCanvas - draw.side);
    return draw;
}

torch::Tensor diversified(const torch::Tensor& x, const DiversityDraw& draw)
{
    if (draw.side == 0)
        return x;
    const int rest = kDiversityCanvas - draw.side;
    const torch::Tensor larger =
        torch::upsample_bilinear2d(x, { draw.side, draw.side }, /*align_corners=*/false);
    const torch::Tensor canvas =
        torch::constant_pad_nd(larger, { draw.left, rest - draw.left, draw.top, rest - draw.top });
    return torch::upsample_bilinear2d(canvas, { x.size(2), x.size(3) }, /*align_corners=*/false);
}

torch::Tensor smoothed(const torch::Tensor& gradient, int side)
{
    if (side == 0)
        return gradient;
    const torch::Tensor row =
        torch::linspace(-kKernelReach, kKernelReach, side, torch::kDouble).square().mul(-0.5).exp();
    const torch::Tensor square = torch::outer(row, row);
    const torch::Tensor kernel = (square / square.sum())
                                     .to(gradient.device(), gradient.scalar_type())
                                     .expand({ 3, 1, side, side });
    return torch::conv2d(gradient, kernel, {}, /*stride=*/1, /*padding=*/side / 2, /*dilation=*/1,
        /*groups=*/3);
}

torch::Tensor accumulated(const torch::Tensor& before, const torch::Tensor& gradient, double mu)
{
    const double size = meanSize(gradient);
    // Not "size > 0 ? gradient / size : ...": a NaN in the gradient must not stay in the momentum.
    const torch::Tensor unit =
        size > 0.0 && std::isfinite(size) ? gradient / size : torch::zeros_like(gradient);
    return before.defined() ? mu * before + unit : unit;
}

} // namespace crossiter
