#include "core/defense/DefendedSource.h"

#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/classify/Labels.h"
#include "core/defense/SweptSize.h"

#include <algorithm>

namespace crossiter {

namespace {

/// Says that a seed is for dropout; stages take their place in the list.
constexpr std::uint64_t kDropoutKey = 0x64726f706f7574; // "dropout"
/// Heads drawn at once: bounds the memory of ten thousand draws, and how long a stop waits.
constexpr int kDrawsAtOnce = 256;

/// A pass gives features, logits or both, unless it was stopped.
bool stopped(const NetOutput& found)
{
    return !found.features.defined() && !found.logits.defined();
}

/// Collects the draws of one picture.
class Collector
{
public:
    explicit Collector(const DifferentiableSource& source)
        : m_source(source)
        , m_sum(static_cast<std::size_t>(source.classes()), 0.0)
    {
    }

    /// logits: [draws, classes].
    void add(const torch::Tensor& logits)
    {
        const torch::Tensor rows =
            torch::softmax(logits.detach(), 1).to(torch::kCPU, torch::kDouble).contiguous();
        const auto* row = rows.const_data_ptr<double>();
        for (std::int64_t draw = 0; draw < rows.size(0); ++draw, row += m_sum.size()) {
            for (std::size_t c = 0; c < m_sum.size(); ++c)
                m_sum[c] += row[c];
            const auto best = std::max_element(row, row + m_sum.size()) - row;
            m_drawn.top1.push_back(static_cast<int>(best) + m_source.labelOffset());
        }
    }

    [[nodiscard]] Drawn take()
    {
        m_drawn.mean.assign(kLabelCount, 0.0F);
        const auto draws = static_cast<double>(m_drawn.top1.size());
        for (std::size_t c = 0; c < m_sum.size(); ++c) {
            const std::size_t label = c + static_cast<std::size_t>(m_source.labelOffset());
            if (label < m_drawn.mean.size())
                m_drawn.mean[label] = static_cast<float>(m_sum[c] / draws);
        }
        return std::move(m_drawn);
    }

private:
    const DifferentiableSource& m_source;
    std::vector<double> m_sum;
    Drawn m_drawn;
};

} // namespace

std::uint64_t drawSeed(std::uint64_t seed, std::uint64_t picture, int size, int subStep, int draw)
{
    return mixSeed({ seed, picture, static_cast<std::uint64_t>(size),
        static_cast<std::uint64_t>(subStep), static_cast<std::uint64_t>(draw) });
}

DefendedSource::DefendedSource(std::shared_ptr<const Classifier> classifier, DefenseRequest defense,
    std::shared_ptr<const DefenseStages> stages)
    : m_classifier(std::move(classifier))
    , m_defense(std::move(defense))
    , m_stages(std::move(stages))
{
    if ((m_defense.dropout || m_defense.batchStatistics) && m_classifier->pooledFeatures() == 0)
        throw Error(ErrorKind::Usage, "a program cannot be drawn from nor normalised anew",
            m_classifier->id(), "a network of an architecture that is known",
            m_defense.dropout ? "dropout" : "batch statistics");
    if (!m_defense.dropout)
        return;
    m_keep = m_defense.keep > 0.0 ? m_defense.keep : m_classifier->keepProbability();
    if (!(m_keep > 0.0))
        throw Error(ErrorKind::Usage, "keep probability of the network not known",
            m_classifier->id(), "--dropout=KEEP", "none");
}

torch::Tensor DefendedSource::stagedGrey() const
{
    std::call_once(m_greyMade, [this] {
        const torch::NoGradGuard guard;
        // Random stages do not change it: they move it about and fill with the same grey.
        m_grey = (*m_stages)(torch::zeros({ 1, 3, kImageSide, kImageSide },
                                 torch::TensorOptions().dtype(scalarType()).device(device())),
            0);
    });
    return m_grey;
}

/// staged: one picture. The batch that it is with batch statistics: itself and the grey ones, which
/// are all equal and computed once.
NetOutput DefendedSource::pass(const torch::Tensor& staged, ForwardOptions options) const
{
    if (!m_defense.batchStatistics)
        return m_classifier->logits(staged, options);
    options.batchStatistics = true;
    options.lastCounts = kBatchOfStatistics - 1;
    const NetOutput both = m_classifier->logits(torch::cat({ staged, stagedGrey() }), options);
    const auto first = [](const torch::Tensor& rows) {
        return rows.defined() ? rows.narrow(0, 0, 1) : rows;
    };
    return { first(both.logits), first(both.auxLogits), first(both.features) };
}

NetOutput DefendedSource::passOfBatch(
    const std::vector<torch::Tensor>& staged, ForwardOptions options) const
{
    if (staged.size() == 1)
        return pass(staged.front(), std::move(options));
    options.batchStatistics = true;
    std::vector<torch::Tensor> rows = staged;
    if (rows.size() < kBatchOfStatistics) {
        options.lastCounts = kBatchOfStatistics - static_cast<int>(rows.size());
        rows.push_back(stagedGrey());
    }
    return m_classifier->logits(torch::cat(rows), options);
}

NetOutput DefendedSource::logits(const torch::Tensor& x) const
{
    return logitsOfDraw(x, 0);
}

NetOutput DefendedSource::logitsOfDraw(const torch::Tensor& x, std::uint64_t draw) const
{
    const std::uint64_t seed = mixSeed({ m_defense.seed, draw });
    ForwardOptions options;
    if (m_defense.dropout)
        options.dropoutMask =
            DropoutDraw(mixSeed({ seed, kDropoutKey }), m_classifier->pooledFeatures(), m_keep)
                .mask(scalarType(), device());
    const torch::Tensor staged = (*m_stages)(x, seed);
    if (!m_defense.batchStatistics || x.size(0) == 1)
        return pass(staged, std::move(options));
    std::vector<torch::Tensor> logits;
    std::vector<torch::Tensor> aux;
    for (std::int64_t i = 0; i < x.size(0); ++i) {
        const NetOutput one = pass(staged.narrow(0, i, 1), options);
        logits.push_back(one.logits);
        if (one.auxLogits.defined())
            aux.push_back(one.auxLogits);
    }
    return { torch::cat(logits), aux.empty() ? torch::Tensor() : torch::cat(aux), {} };
}

std::optional<std::vector<Drawn>> DefendedSource::draws(
    const std::vector<DrawnPicture>& pictures, const std::stop_token& stop) const
{
    const torch::NoGradGuard guard;
    const int samples = random() ? m_defense.samples : 1;
    const int size = sizeOf(m_defense);
    const auto seedOf = [&](const DrawnPicture& picture, int draw) {
        return drawSeed(m_defense.seed, picture.key, size, picture.subStep, draw);
    };
    const auto stagedOf = [&](const DrawnPicture& picture, int draw) {
        if (picture.staged.defined() && !m_stages->random())
            return picture.staged;
        return (*m_stages)(picture.x, seedOf(picture, draw));
    };
    ForwardOptions options;
    options.featuresOnly = m_defense.dropout; // the head is drawn
    options.stop = stop;
    std::vector<Collector> collectors(pictures.size(), Collector(*this));
    // Draws from..from + count - 1 of picture i, out of one pass: row `row` of `found`.
    const auto take = [&](const NetOutput& found, std::size_t i, std::int64_t row, int from,
                          int count) {
        if (!m_defense.dropout) {
            collectors[i].add(found.logits.narrow(0, row, 1));
            return;
        }
        std::vector<DropoutDraw> masks;
        masks.reserve(static_cast<std::size_t>(count));
        for (int draw = from; draw < from + count; ++draw)
            masks.emplace_back(mixSeed({ seedOf(pictures[i], draw), kDropoutKey }),
                m_classifier->pooledFeatures(), m_keep);
        collectors[i].add(
            m_classifier->droppedHead().logits(found.features.narrow(0, row, 1), masks, m_keep));
    };
    // Draws of one pass: all when the picture does not change from draw to draw.
    const int drawsOfPass = m_stages->random() ? 1 : samples;
    const auto takeAll = [&](const NetOutput& found, std::size_t i, std::int64_t row, int from) {
        for (int at = 0; at < drawsOfPass && !stop.stop_requested(); at += kDrawsAtOnce)
            take(found, i, row, from + at, std::min(kDrawsAtOnce, drawsOfPass - at));
    };
    // Pictures that go through the network together: all with batch statistics.
    const std::size_t together = m_defense.batchStatistics ? pictures.size() : 1;
    for (int from = 0; from < samples; from += drawsOfPass) {
        for (std::size_t first = 0; first < pictures.size(); first += together) {
            std::vector<torch::Tensor> staged;
            staged.reserve(together);
            for (std::size_t i = first; i < first + together; ++i)
                staged.push_back(stagedOf(pictures[i], from));
            if (stop.stop_requested())
                return std::nullopt;
            const NetOutput found = passOfBatch(staged, options);
            for (std::size_t i = 0; i < together && !stopped(found); ++i)
                takeAll(found, first + i, static_cast<std::int64_t>(i), from);
            if (stopped(found) || stop.stop_requested())
                return std::nullopt;
        }
    }
    std::vector<Drawn> drawn;
    drawn.reserve(collectors.size());
    for (Collector& collector : collectors)
        drawn.push_back(collector.take());
    return drawn;
}

} // namespace crossiter
