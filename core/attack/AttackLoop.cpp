#include "core/attack/AttackLoop.h"

#include "core/attack/ExportRule.h"
#include "core/attack/LabelChoice.h"
#include "core/attack/WorkMemo.h"
#include "core/base/Contains.h"
#include "core/base/Random.h"
#include "core/base/Sha256.h"
#include "core/base/TimeLeft.h"
#include "core/image/ImageDiff.h"
#include "core/ops/SignedStep.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>

namespace crossiter {

namespace {

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
void measure(const T* gradient, std::int64_t count, KnownGradient& known)
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
    known.linf = largest;
    known.l1 = sum;
    known.l2 = std::sqrt(squares);
    known.zeroShare = static_cast<double>(zeros) / static_cast<double>(count);
}

/// `found` and its norms, without the gradient itself.
KnownGradient measured(const LossAndGradient& found)
{
    KnownGradient known;
    known.found = found;
    known.found.gradient = torch::Tensor();
    const torch::Tensor gradient = found.gradient.to(torch::kCPU).contiguous();
    if (gradient.scalar_type() == torch::kDouble)
        measure(gradient.const_data_ptr<double>(), gradient.numel(), known);
    else
        measure(gradient.const_data_ptr<float>(), gradient.numel(), known);
    return known;
}

class Run
{
public:
    Run(const AttackRequest& request, const Image& clean, const AttackNetworks& networks,
        const SharedWork* shared)
        : m_request(request)
        , m_networks(networks)
        , m_memo(shared == nullptr ? nullptr : shared->memoOf(clean))
        , m_total(subStepCount(request))
        , m_trace(std::make_shared<AttackTrace>())
    {
        const auto& all = networks.sources.empty() ? networks.judges : networks.sources;
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
        const Compute& how = request.compute;
        m_computedHow = toString(how.numerics) + "|" + toString(how.device) + "|"
            + std::to_string(how.threads) + "|" + request.through + "|";
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
        m_clock.restart();
        if (takeOver(previous))
            fixLabels(); // a trace without steps has none yet
        else if (!begin())
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
        m_state.momentum =
            m_momentum.defined() ? std::make_shared<FloatImage>(toFloatImage(m_momentum)) : nullptr;
        m_trace->state = std::make_shared<ResumeState>(m_state);
        return m_trace;
    }

private:
    static torch::ScalarType scalarTypeWithoutNetworks(const AttackRequest& request)
    {
        return request.compute.numerics == Numerics::Exact ? torch::kDouble : torch::kFloat;
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
        state.secondsLeft = secondsLeft(m_clock.seconds(), m_computed, m_total - done());
        m_progress(state);
    }

    void note(const std::string& text)
    {
        auto& notes = m_trace->notes;
        if (!contains(notes, text))
            notes.push_back(text);
    }

    /// Takes over what an earlier trace of the same request has; false: nothing fits.
    bool takeOver(const std::shared_ptr<const AttackTrace>& previous)
    {
        if (!previous || !previous->state || previous->clean != m_trace->clean)
            return false;
        const ResumeState& state = *static_cast<const ResumeState*>(previous->state.get());
        if (!state.floats || !sameButRounds(previous->request, m_request))
            return false;
        const int keep = std::min(static_cast<int>(previous->subSteps.size()) - 1, m_total);
        const auto& last = previous->subSteps[static_cast<std::size_t>(keep)];
        const bool atItsEnd = keep == state.subStep;
        const auto floats = atItsEnd ? state.floats : last->floats;
        if (!floats)
            return false; // cut where no float image was kept: compute anew
        // The accumulated gradient is kept at the end only: a cut trace does not grow again.
        if (m_request.momentum > 0.0 && keep > 0 && keep < m_total && !(atItsEnd && state.momentum))
            return false;
        m_state = state;
        if (atItsEnd && state.momentum)
            m_momentum = fromFloatImage(*state.momentum).to(m_clean.device());
        m_x = fromFloatImage(*floats).to(m_clean.device());
        m_trace->notes = previous->notes;
        for (int i = 0; i <= keep; ++i) {
            m_trace->subSteps.push_back(previous->subSteps[static_cast<std::size_t>(i)]);
            if (m_sink)
                m_sink(m_trace->subSteps.back());
        }
        return true;
    }

    /// What the rule says of the clean image, once there is a step that reads it.
    void fixLabels()
    {
        if (done() >= m_total || !m_state.labels.empty() || m_networks.sources.empty()
            || m_request.method == Method::RandomNoise)
            return;
        m_state.labels = fixedLabels(m_request, m_networks.sources, m_clean, keysOf(0),
            [this](const SourceList& sources) { return scoresOnClean(sources); });
    }

    bool begin()
    {
        m_x = m_clean.clone();
        fixLabels();
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
            const bool together = m_request.ensemble == Ensemble::MeanLogits;
            const auto count = together ? 1 : static_cast<int>(m_networks.sources.size());
            // The mean over several networks is no source of the request; of one it is that one.
            subStep->sourceIndex =
                together && m_networks.sources.size() > 1 ? -1 : (index - 1) % count;
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
        const bool joint = subStep.sourceIndex < 0;
        const auto at = static_cast<std::size_t>(joint ? 0 : subStep.sourceIndex);
        const SourceList sources =
            joint ? m_networks.sources : SourceList { m_networks.sources[at] };
        subStep.source = joint ? kMeanOfLogits : sources.front()->id();
        subStep.descends = descends(m_request);
        m_previousX = m_x;
        m_previousMomentum = m_momentum;
        const int label = m_state.labels.at(at);
        const bool memo = m_memo && m_request.momentum == 0.0 && m_request.translation == 0
            && !drawsAtRandom(m_request, m_networks.sources);
        const std::string key = memo ? keyOf(sources, subStep.descends) : std::string();
        if (memo) {
            if (const auto known = m_memo->gradient(key + std::to_string(label))) {
                tell(*known, subStep);
                m_x = signedStep(
                    m_x, known->sign.to(m_x.device(), m_x.scalar_type()), m_clean, m_step);
                return;
            }
        }
        const bool ahead = m_request.nesterov && m_momentum.defined();
        const LossAndGradient found = composedGradient(sources,
            ahead ? m_x + m_momentum * (m_step.step * m_request.momentum) : m_x, m_x, label,
            subStep.descends, m_request, keysOf(subStep.index));
        KnownGradient known = measured(found);
        tell(known, subStep);
        if (memo) {
            known.sign = found.gradient.sign().to(torch::kCPU, torch::kChar).contiguous();
            m_memo->keep({ key + std::to_string(label), key + std::to_string(found.label) },
                std::move(known));
        }
        torch::Tensor direction = smoothed(found.gradient, m_request.translation);
        if (m_request.momentum > 0.0)
            direction = m_momentum = accumulated(m_momentum, direction, m_request.momentum);
        m_x = signedStep(m_x, direction, m_clean, m_step);
    }

    /// Everything that decides a gradient, up to the label.
    [[nodiscard]] std::string keyOf(const SourceList& sources, bool towards) const
    {
        std::string key =
            m_computedHow + std::to_string(m_request.scales) + (towards ? "|towards|" : "|away|");
        for (const auto& source : sources)
            key += source->id() + "|";
        return key + hashOf(m_x) + "|";
    }

    /// What a sub-step tells of its gradient.
    void tell(const KnownGradient& known, SubStep& subStep)
    {
        if (subStep.descends && !known.found.auxiliary)
            note("no auxiliary head in " + subStep.source
                + ": the targeted loss leaves its 0.4 term out");
        subStep.attackedLabel = known.found.label;
        subStep.loss = known.found.loss;
        subStep.gradientVariance = known.found.variance;
        subStep.gradientLinf = known.linf;
        subStep.gradientL1 = known.l1;
        subStep.gradientL2 = known.l2;
        subStep.zeroGradientShare = known.zeroShare;
    }

    torch::Tensor scoresOnClean(const SourceList& sources)
    {
        const auto compute = [&] { return scoresOn(sources, m_clean, m_request, keysOf(0)); };
        if (!m_memo || drawsAtRandom(m_request, m_networks.sources))
            return compute();
        std::string key = m_computedHow;
        for (const auto& source : sources)
            key += source->id() + "|";
        return m_memo->scores(key, compute);
    }

    /// Of the random numbers of a sub-step; the image is hashed only where there are any.
    DrawKeys keysOf(int subStep)
    {
        if (!drawsAtRandom(m_request, m_networks.sources))
            return {};
        if (!m_imageKey)
            m_imageKey = imageKey(m_trace->clean);
        return { m_request.seed, *m_imageKey, subStep };
    }

    /// epsilon times the sign of Gaussian noise on every value, in the order rows, columns,
    /// channels.
    void addNoise()
    {
        // The image is part of the key: a folder's images get noise of their own, in any order.
        RandomStream stream(mixSeed({ m_request.seed, imageKey(m_trace->clean) }));
        torch::Tensor noise = torch::empty(m_clean.sizes(), torch::kDouble);
        auto values = noise.accessor<double, 4>();
        for (int y = 0; y < kImageSide; ++y) {
            for (int x = 0; x < kImageSide; ++x)
                for (int c = 0; c < 3; ++c)
                    values[0][c][y][x] = stream.normal();
        }
        m_previousX = m_x;
        SignedStep whole = m_step;
        whole.step = whole.epsilon;
        m_x = signedStep(m_x, noise.to(m_clean.device(), m_clean.scalar_type()), m_clean, whole);
    }

    /// Judges the sub-step and hands it out. False when stopped: then the step is taken back.
    bool finish(const std::shared_ptr<SubStep>& subStep)
    {
        const std::string picture = m_memo ? sha256(subStep->exported.rgb) : std::string();
        for (const auto& judge : m_networks.judges) {
            if (m_stop.stop_requested()) {
                if (m_previousX.defined()) {
                    m_x = m_previousX;
                    m_momentum = m_previousMomentum;
                }
                return false;
            }
            const auto predict = [&] { return judge->predict(subStep->exported); };
            subStep->judges.push_back(m_memo
                    ? m_memo->prediction(m_computedHow + judge->id() + "|" + picture, predict)
                    : predict());
        }
        m_trace->subSteps.push_back(subStep);
        if (m_sink)
            m_sink(subStep);
        return true;
    }

    const AttackRequest& m_request;
    const AttackNetworks& m_networks;
    WorkMemo* m_memo; ///< null: nothing is shared
    int m_total;
    int m_computed = 0;
    std::shared_ptr<AttackTrace> m_trace;
    torch::Tensor m_clean;
    torch::Tensor m_x;
    torch::Tensor m_momentum; ///< accumulated gradient; undefined: 0
    torch::Tensor m_previousX; ///< before the sub-step that is being made
    torch::Tensor m_previousMomentum;
    std::optional<std::uint64_t> m_imageKey;
    std::string m_computedHow; ///< numerics, device, threads, defense: a key's beginning
    SignedStep m_step;
    ResumeState m_state;
    SubStepSink m_sink;
    ProgressSink m_progress;
    std::stop_token m_stop;
    Stopwatch m_clock;
};

} // namespace

std::shared_ptr<const AttackTrace> runAttack(const AttackRequest& request, const Image& clean,
    const AttackNetworks& networks, const std::shared_ptr<const AttackTrace>& previous,
    const SubStepSink& onSubStep, const ProgressSink& progress, const std::stop_token& stop,
    SharedWork* shared)
{
    return Run(request, clean, networks, shared).go(previous, onSubStep, progress, stop);
}

} // namespace crossiter
