#include "core/attack/AttackLoop.h"

#include "core/attack/ExportRule.h"
#include "core/attack/LabelChoice.h"
#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/base/Sha256.h"
#include "core/image/ImageDiff.h"
#include "core/ops/SignedStep.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>

namespace crossiter {

namespace {

constexpr double kTargetSmoothing = 0.1;
constexpr double kAuxiliaryWeight = 0.4;

/// What an extension continues from: the last sub-step's float image and the labels fixed on the
/// clean image.
struct ResumeState
{
    std::shared_ptr<const FloatImage> floats;
    int subStep = 0;
    std::vector<int> labels;
};

FloatImage toFloatImage(const torch::Tensor& x)
{
    FloatImage out;
    const torch::Tensor values = x.to(torch::kCPU).contiguous();
    const auto count = static_cast<std::size_t>(values.numel());
    if (values.scalar_type() == torch::kDouble) {
        const auto* data = values.const_data_ptr<double>();
        out.f64.assign(data, data + count);
    } else {
        const auto* data = values.const_data_ptr<float>();
        out.f32.assign(data, data + count);
    }
    return out;
}

torch::Tensor fromFloatImage(const FloatImage& image)
{
    const bool wide = !image.f64.empty();
    torch::Tensor x =
        torch::empty({ 1, 3, kImageSide, kImageSide }, wide ? torch::kDouble : torch::kFloat);
    std::memcpy(x.data_ptr(), wide ? static_cast<const void*>(image.f64.data()) : image.f32.data(),
        x.nbytes());
    return x;
}

/// Grey levels -> the [-1, 1] scale, rounded as the trace's own type rounds.
double onUnitScale(double greyLevels, torch::ScalarType type)
{
    if (type == torch::kDouble)
        return greyLevels * (2.0 / 255.0);
    return static_cast<float>(greyLevels) * (2.0F / 255.0F);
}

/// The gradient's norms in one pass, summed in double in the order of the values: the same at any
/// thread count.
template <typename T>
void measure(const T* gradient, std::int64_t count, SubStep& subStep)
{
    double largest = 0.0;
    double sum = 0.0;
    double squares = 0.0;
    std::int64_t zeros = 0;
    for (std::int64_t i = 0; i < count; ++i) {
        const double size = std::abs(static_cast<double>(gradient[i]));
        largest = std::max(largest, size);
        sum += size;
        squares += size * size;
        zeros += gradient[i] == T(0) ? 1 : 0;
    }
    subStep.gradientLinf = largest;
    subStep.gradientL1 = sum;
    subStep.gradientL2 = std::sqrt(squares);
    subStep.zeroGradientShare = static_cast<double>(zeros) / static_cast<double>(count);
}

class Run
{
public:
    Run(const AttackRequest& request, const Image& clean, const AttackParts& parts)
        : m_request(request)
        , m_parts(parts)
        , m_total(subStepCount(request))
        , m_trace(std::make_shared<AttackTrace>())
    {
        const auto& all = parts.sources.empty() ? parts.judges : parts.sources;
        const torch::ScalarType type =
            all.empty() ? scalarTypeWithoutNetworks(request) : all.front()->scalarType();
        const torch::Device device =
            all.empty() ? torch::Device(torch::kCPU) : all.front()->device();
        m_clean = toTensor(clean, type).to(device);
        m_step.epsilon = onUnitScale(request.epsilon255, type);
        // The seed's step is the literal 0.05 in the trace's type, not 6.375 * (2 / 255).
        m_step.step = request.stepPx == kSeedStepPx ? 0.05 : onUnitScale(request.stepPx, type);
        m_step.ball = request.projection == Projection::Ball;
        if (descends(request))
            m_step.step = -m_step.step;
        m_trace->request = request;
        m_trace->clean = clean;
        m_trace->judges = request.judges;
    }

    std::shared_ptr<const AttackTrace> go(const std::shared_ptr<const AttackTrace>& previous,
        const SubStepSink& onSubStep, const ProgressSink& progress, const std::stop_token& stop)
    {
        m_sink = onSubStep;
        m_progress = progress;
        m_stop = stop;
        m_started = std::chrono::steady_clock::now();
        if (!takeOver(previous) && !begin())
            return nullptr;
        for (int next = done() + 1; next <= m_total; ++next) {
            report();
            if (m_stop.stop_requested() || !step(next)) {
                m_trace->cancelled = true;
                break;
            }
            ++m_computed;
        }
        report();
        m_state.subStep = done();
        m_state.floats = std::make_shared<FloatImage>(toFloatImage(m_x));
        m_trace->state = std::make_shared<ResumeState>(m_state);
        return m_trace;
    }

private:
    static torch::ScalarType scalarTypeWithoutNetworks(const AttackRequest& request)
    {
        return request.numerics == Numerics::Exact ? torch::kDouble : torch::kFloat;
    }

    [[nodiscard]] int done() const { return static_cast<int>(m_trace->subSteps.size()) - 1; }

    void report() const
    {
        if (!m_progress)
            return;
        Progress state;
        state.done = static_cast<std::size_t>(done());
        state.total = static_cast<std::size_t>(m_total);
        state.stage = done() < m_total
            ? "sub-step " + std::to_string(done() + 1) + " of " + std::to_string(m_total)
            : "trace complete";
        if (m_computed > 0) {
            const std::chrono::duration<double> spent =
                std::chrono::steady_clock::now() - m_started;
            state.secondsLeft = spent.count() / m_computed * (m_total - done());
        }
        m_progress(state);
    }

    void note(const std::string& text)
    {
        auto& notes = m_trace->notes;
        if (std::find(notes.begin(), notes.end(), text) == notes.end())
            notes.push_back(text);
    }

    /// Takes over what an earlier trace of the same request has; false: nothing fits.
    bool takeOver(const std::shared_ptr<const AttackTrace>& previous)
    {
        if (!previous || !previous->state || previous->clean != m_trace->clean
            || !sameButRounds(previous->request, m_request)) {
            return false;
        }
        m_state = *static_cast<const ResumeState*>(previous->state.get());
        const int keep = std::min(static_cast<int>(previous->subSteps.size()) - 1, m_total);
        const auto& last = previous->subSteps[static_cast<std::size_t>(keep)];
        const auto floats = keep == m_state.subStep ? m_state.floats : last->floats;
        if (!floats)
            return false; // cut where no float image was kept: compute anew
        m_x = fromFloatImage(*floats).to(m_clean.device());
        m_trace->notes = previous->notes;
        for (int i = 0; i <= keep; ++i) {
            m_trace->subSteps.push_back(previous->subSteps[static_cast<std::size_t>(i)]);
            if (m_sink)
                m_sink(m_trace->subSteps.back());
        }
        return true;
    }

    bool begin()
    {
        m_x = m_clean.clone();
        if (m_total > 0 && !m_parts.sources.empty() && m_request.method != Method::RandomNoise)
            m_state.labels = fixedLabels(m_request, m_parts.sources, m_clean);
        auto first = std::make_shared<SubStep>();
        first->exported = m_trace->clean;
        if (m_request.keepFloats)
            first->floats = std::make_shared<FloatImage>(toFloatImage(m_x));
        return finish(first);
    }

    bool step(int index)
    {
        auto subStep = std::make_shared<SubStep>();
        subStep->index = index;
        if (m_request.method == Method::RandomNoise) {
            subStep->round = 1;
            addNoise();
        } else {
            const auto count = static_cast<int>(m_parts.sources.size());
            subStep->sourceIndex = (index - 1) % count;
            subStep->round = (index - 1) / count + 1;
            stepOnSource(*subStep);
        }
        auto floats = std::make_shared<FloatImage>(toFloatImage(m_x));
        subStep->linfFloatPx =
            (m_x - m_clean).abs().max().to(torch::kDouble).item<double>() * 127.5;
        subStep->exported =
            exportImage(*floats, m_trace->clean, m_request.save, m_request.epsilon255);
        subStep->linfExported = linfDistance(subStep->exported, m_trace->clean);
        if (m_request.keepFloats)
            subStep->floats = std::move(floats);
        return finish(subStep);
    }

    void stepOnSource(SubStep& subStep)
    {
        const auto at = static_cast<std::size_t>(subStep.sourceIndex);
        const DifferentiableSource& source = *m_parts.sources[at];
        const LossAndGradient found =
            differentiate(source, m_x, m_state.labels[at], descends(m_request));
        subStep.source = source.id();
        subStep.descends = descends(m_request);
        if (subStep.descends && !found.auxiliary)
            note("no auxiliary head in " + source.id()
                + ": the targeted loss leaves its 0.4 term out");
        subStep.attackedLabel = found.label;
        subStep.loss = found.loss;
        const torch::Tensor gradient = found.gradient.to(torch::kCPU).contiguous();
        if (gradient.scalar_type() == torch::kDouble)
            measure(gradient.const_data_ptr<double>(), gradient.numel(), subStep);
        else
            measure(gradient.const_data_ptr<float>(), gradient.numel(), subStep);
        m_previousX = m_x;
        m_x = signedStep(m_x, found.gradient, m_clean, m_step);
    }

    /// epsilon times the sign of Gaussian noise on every value, in the order rows, columns,
    /// channels.
    void addNoise()
    {
        const std::string hash = sha256(m_trace->clean.rgb);
        // The image is part of the key: a folder's images get noise of their own, in any order.
        RandomStream stream(
            mixSeed({ m_request.seed, std::stoull(hash.substr(0, 16), nullptr, 16) }));
        torch::Tensor noise = torch::empty(m_clean.sizes(), torch::kDouble);
        auto values = noise.accessor<double, 4>();
        for (int y = 0; y < kImageSide; ++y) {
            for (int x = 0; x < kImageSide; ++x) {
                for (int c = 0; c < 3; ++c)
                    values[0][c][y][x] = stream.normal();
            }
        }
        m_previousX = m_x;
        SignedStep whole = m_step;
        whole.step = whole.epsilon;
        m_x = signedStep(m_x, noise.to(m_clean.device(), m_clean.scalar_type()), m_clean, whole);
    }

    /// Judges the sub-step and hands it out. False when stopped: then the step is taken back.
    bool finish(const std::shared_ptr<SubStep>& subStep)
    {
        for (const auto& judge : m_parts.judges) {
            if (m_stop.stop_requested()) {
                if (m_previousX.defined())
                    m_x = m_previousX;
                return false;
            }
            subStep->judges.push_back(judge->predict(subStep->exported));
        }
        m_trace->subSteps.push_back(subStep);
        if (m_sink)
            m_sink(subStep);
        return true;
    }

    const AttackRequest& m_request;
    const AttackParts& m_parts;
    int m_total;
    int m_computed = 0;
    std::shared_ptr<AttackTrace> m_trace;
    torch::Tensor m_clean;
    torch::Tensor m_x;
    torch::Tensor m_previousX;
    SignedStep m_step;
    ResumeState m_state;
    SubStepSink m_sink;
    ProgressSink m_progress;
    std::stop_token m_stop;
    std::chrono::steady_clock::time_point m_started;
};

} // namespace

LossAndGradient differentiate(
    const DifferentiableSource& source, const torch::Tensor& x, int label, bool targeted)
{
    const torch::Tensor leaf = x.detach().clone().set_requires_grad(true);
    const NetOutput output = source.logits(leaf);
    LossAndGradient found;
    found.label = label >= 0 ? label : source.argmaxLabel(output.logits);
    const torch::Tensor index = torch::full({ 1 }, found.label - source.labelOffset(),
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

std::shared_ptr<const AttackTrace> runAttack(const AttackRequest& request, const Image& clean,
    const AttackParts& parts, const std::shared_ptr<const AttackTrace>& previous,
    const SubStepSink& onSubStep, const ProgressSink& progress, const std::stop_token& stop)
{
    return Run(request, clean, parts).go(previous, onSubStep, progress, stop);
}

} // namespace crossiter
