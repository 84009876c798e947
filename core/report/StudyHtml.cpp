#include "core/base/Counted.h"
#include "core/base/Numbers.h"
#include "core/base/SafeText.h"
#include "core/report/JsonValues.h"
#include "core/report/StudyExport.h"

#include <algorithm>

namespace crossiter {

namespace {

constexpr double kWidth = 420.0;
constexpr double kHeight = 250.0;
constexpr double kLeft = 44.0;
constexpr double kRight = 12.0;
constexpr double kTop = 14.0;
constexpr double kBottom = 34.0;

std::string percent(const Proportion& p)
{
    return p.total == 0 ? "-"
                        : fixedText(100.0 * p.share, 1) + " <small>(" + fixedText(100.0 * p.low, 1)
            + "\u2013" + fixedText(100.0 * p.high, 1) + ")</small>";
}

/// One curve with its band; y in 0..1.
struct Line
{
    std::string name;
    std::size_t colour = 0; ///< class cN
    std::vector<Proportion> values; ///< by round
};

struct Axes
{
    std::string title;
    std::string yLabel;
    int rounds = 1;
    int firstRound = 0;

    [[nodiscard]] double x(double round) const
    {
        const double span = std::max(1, rounds - firstRound);
        return kLeft + (round - firstRound) / span * (kWidth - kLeft - kRight);
    }
    [[nodiscard]] static double y(double share)
    {
        return kTop + (1.0 - share) * (kHeight - kTop - kBottom);
    }
};

std::string frame(const Axes& axes)
{
    std::string svg;
    for (int tick = 0; tick <= 4; ++tick) {
        const double share = tick / 4.0;
        const std::string y = fixedText(Axes::y(share), 1);
        svg += "<line class='grid' x1='" + fixedText(kLeft, 1) + "' x2='"
            + fixedText(kWidth - kRight, 1) + "' y1='" + y + "' y2='" + y
            + "'/><text class='tick' text-anchor='end' x='" + fixedText(kLeft - 5, 1) + "' y='"
            + fixedText(Axes::y(share) + 3.5, 1) + "'>" + std::to_string(tick * 25) + "</text>";
    }
    const int step = std::max(1, (axes.rounds - axes.firstRound + 9) / 10);
    for (int round = axes.firstRound; round <= axes.rounds; round += step)
        svg += "<text class='tick' text-anchor='middle' x='" + fixedText(axes.x(round), 1) + "' y='"
            + fixedText(kHeight - kBottom + 15, 1) + "'>" + std::to_string(round) + "</text>";
    svg += "<text class='tick' text-anchor='middle' x='"
        + fixedText((kLeft + kWidth - kRight) / 2, 1) + "' y='" + fixedText(kHeight - 5, 1)
        + "'>round</text>";
    return svg;
}

std::string plot(const Axes& axes, const std::vector<Line>& lines)
{
    std::string svg = "<figure><figcaption>" + forHtml(axes.title) + " <small>"
        + forHtml(axes.yLabel) + "</small></figcaption><svg viewBox='0 0 " + fixedText(kWidth, 0)
        + " " + fixedText(kHeight, 0) + "' role='img' aria-label='" + forHtml(axes.title) + "'>"
        + frame(axes);
    for (const Line& line : lines) {
        std::string upper;
        std::string lower;
        std::string middle;
        std::string dots;
        for (auto k = static_cast<std::size_t>(axes.firstRound); k < line.values.size(); ++k) {
            const Proportion& value = line.values[k];
            if (value.total == 0)
                continue;
            const std::string x = fixedText(axes.x(static_cast<double>(k)), 1) + ",";
            upper += x + fixedText(Axes::y(value.high), 1) + " ";
            lower = x + fixedText(Axes::y(value.low), 1) + " " + lower;
            middle += x + fixedText(Axes::y(value.share), 1) + " ";
            dots += "<circle class='d' r='2.5' cx='" + fixedText(axes.x(static_cast<double>(k)), 1)
                + "' cy='" + fixedText(Axes::y(value.share), 1) + "'><title>" + forHtml(line.name)
                + ", round " + std::to_string(k) + ": " + fixedText(100.0 * value.share, 1) + " % ("
                + fixedText(100.0 * value.low, 1) + " to " + fixedText(100.0 * value.high, 1)
                + "), " + std::to_string(value.hits) + " of " + std::to_string(value.total)
                + "</title></circle>";
        }
        if (middle.empty())
            continue;
        svg += "<g class='c" + std::to_string(line.colour) + "'><polygon class='band' points='"
            + upper + lower + "'/><polyline class='line' points='" + middle + "'/>" + dots + "</g>";
    }
    return svg + "</svg></figure>\n";
}

/// Bars of counts: the first sub-step on a wrong label.
std::string histogram(
    const std::string& title, const std::vector<std::size_t>& counts, std::size_t colour)
{
    std::size_t most = 1;
    for (const std::size_t count : counts)
        most = std::max(most, count);
    const double width = (kWidth - kLeft - kRight) / static_cast<double>(counts.size());
    std::string svg = "<figure><figcaption>" + forHtml(title)
        + " <small>photos</small></figcaption><svg viewBox='0 0 " + fixedText(kWidth, 0) + " "
        + fixedText(kHeight, 0) + "' role='img' aria-label='" + forHtml(title) + "'><g class='c"
        + std::to_string(colour) + "'>";
    for (std::size_t i = 0; i < counts.size(); ++i) {
        const double share = static_cast<double>(counts[i]) / static_cast<double>(most);
        const double x = kLeft + width * static_cast<double>(i);
        const std::string name = i + 1 < counts.size() ? std::to_string(i + 1) : "never";
        svg += "<rect class='bar' x='" + fixedText(x + 1, 1) + "' y='"
            + fixedText(Axes::y(share), 1) + "' width='" + fixedText(std::max(width - 2, 1.0), 1)
            + "' height='" + fixedText(Axes::y(0) - Axes::y(share), 1) + "'><title>" + name + ": "
            + std::to_string(counts[i]) + "</title></rect>";
        if (counts.size() <= 12 || i % 2 == 0 || i + 1 == counts.size())
            svg += "<text class='tick' text-anchor='middle' x='" + fixedText(x + width / 2, 1)
                + "' y='" + fixedText(kHeight - kBottom + 15, 1) + "'>" + name + "</text>";
        if (counts[i] > 0)
            svg += "<text class='tick' text-anchor='middle' x='" + fixedText(x + width / 2, 1)
                + "' y='" + fixedText(Axes::y(share) - 3, 1) + "'>" + std::to_string(counts[i])
                + "</text>";
    }
    return svg + "</g><text class='tick' text-anchor='middle' x='"
        + fixedText((kLeft + kWidth - kRight) / 2, 1) + "' y='" + fixedText(kHeight - 5, 1)
        + "'>first sub-step that attacked a wrong label</text></svg></figure>\n";
}

const char* const kStyle = R"(
:root{color-scheme:light dark;--bg:#fff;--fg:#1b1f24;--mute:#5b636d;--rule:#d6dae0;--card:#f5f6f8;
--k0:#0b62b8;--k1:#b3480d;--k2:#1a7f37;--k3:#8a3ffc;--k4:#6f6a00;--good:#1a7f37;--bad:#b42318}
@media(prefers-color-scheme:dark){:root{--bg:#16191d;--fg:#e6e9ed;--mute:#9aa4b0;--rule:#353c45;
--card:#1e2329;--k0:#63acff;--k1:#ff9d5c;--k2:#5fd17c;--k3:#c3a0ff;--k4:#d6cf45;--good:#5fd17c;--bad:#ff8a7a}}
body{background:var(--bg);color:var(--fg);font:15px/1.5 system-ui,sans-serif;margin:0 auto;max-width:1340px;padding:24px}
h1{font-size:24px}h2{font-size:19px;margin-top:36px}small{color:var(--mute);font-weight:normal}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(380px,1fr));gap:16px}
figure{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:8px}
figcaption{font-weight:600;font-size:14px}svg{width:100%;height:auto;display:block}
.grid{stroke:var(--rule)}.tick{fill:var(--mute);font-size:10px}.line{fill:none;stroke:var(--k);stroke-width:1.8}
.band{fill:var(--k);opacity:.13}.d,.bar{fill:var(--k)}
.c0{--k:var(--k0)}.c1{--k:var(--k1)}.c2{--k:var(--k2)}.c3{--k:var(--k3)}.c4{--k:var(--k4)}
.key span{margin-right:18px;white-space:nowrap}.key i{display:inline-block;width:18px;height:4px;background:var(--k);vertical-align:middle;margin-right:6px}
table{border-collapse:collapse;font-size:13px}th,td{border-bottom:1px solid var(--rule);padding:3px 9px;text-align:right}
th:first-child,td:first-child{text-align:left}.scroll{overflow-x:auto}
.verdict{background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:4px 16px;margin:12px 0}
.supported{color:var(--good)}.contradicted{color:var(--bad)}details{margin:8px 0}summary{cursor:pointer}
)";

std::string list(const char* title, const std::vector<std::string>& sentences)
{
    if (sentences.empty())
        return {};
    std::string html = std::string("<p><b>") + title + "</b></p><ul>";
    for (const std::string& sentence : sentences)
        html += "<li>" + forHtml(sentence) + "</li>";
    return html + "</ul>";
}

std::string verdictHtml(const StudyVerdict& verdict)
{
    return "<div class='verdict'><p><b>" + forHtml(verdict.id) + ": <span class='"
        + forHtml(verdict.finding) + "'>" + forHtml(verdict.finding) + "</span>.</b> "
        + forHtml(verdict.claim) + "</p>" + list("For", verdict.supporting)
        + list("Against", verdict.against) + list("Decides nothing", verdict.open) + "</div>\n";
}

/// Writes the page part by part.
class Page
{
public:
    explicit Page(const StudyResult& result)
        : m_result(result)
        , m_request(result.request)
    {
    }

    [[nodiscard]] std::string key() const
    {
        std::string html = "<p class='key'>";
        for (std::size_t rule = 0; rule < m_request.rules.size(); ++rule)
            html += "<span class='c" + std::to_string(rule) + "'><i></i>"
                + toString(m_request.rules[rule]) + "</span>";
        return html + "</p>\n";
    }

    /// For each order, projection and judge one plot with a line a rule.
    template <typename Value>
    [[nodiscard]] std::string perJudge(
        const std::string& yLabel, int firstRound, const Value& value) const
    {
        std::string html = "<div class='plots'>\n";
        each([&](SourceOrder order, Projection projection) {
            for (std::size_t judge = 0; judge < m_request.attack.judges.size(); ++judge) {
                const std::string title = m_request.attack.judges[judge]
                    + (m_result.heldOut(judge) ? " (held out)" : "") + where(order, projection);
                html += plot(axes(title, yLabel, firstRound),
                    lines(order, projection,
                        [&](const StudyCurve& curve, std::size_t k) -> const Proportion& {
                            return value(curve.cells[judge][k]);
                        }));
            }
        });
        return html + "</div>\n";
    }

    [[nodiscard]] std::string wrongLabels() const
    {
        std::string html = "<div class='plots'>\n";
        each([&](SourceOrder order, Projection projection) {
            html += plot(axes("wrong-label share" + where(order, projection),
                             "% of sub-steps, photos right on all sources when clean", 1),
                lines(order, projection,
                    [](const StudyCurve& curve, std::size_t k) -> const Proportion& {
                        return curve.rounds[k].wrongLabelOfRight;
                    }));
        });
        for (const StudyCurve& curve : m_result.curves) {
            if (curve.variant.rule == LabelRule::LeastLikely
                || curve.variant.rule == LabelRule::True)
                continue; // always and never wrong: by definition
            html += histogram(
                describe(curve.variant), curve.firstWrongOfRight, colourOf(curve.variant.rule));
        }
        return html + "</div>\n";
    }

    [[nodiscard]] std::string table(const StudyCurve& curve) const
    {
        std::string html = "<details><summary>" + forHtml(describe(curve.variant))
            + "</summary><div class='scroll'><table><tr><th>judge, round</th><th>score</th>"
              "<th>accuracy %</th><th>of those right when clean %</th><th>label lost %</th>"
              "<th>returned so far %</th><th>returns now %</th><th>wrong label %</th>"
              "<th>drift (px)</th></tr>\n";
        for (std::size_t judge = 0; judge < curve.cells.size(); ++judge) {
            for (std::size_t k = 0; k < curve.cells[judge].size(); ++k) {
                const StudyCell& cell = curve.cells[judge][k];
                html += "<tr><td>" + forHtml(m_request.attack.judges[judge]) + ", "
                    + std::to_string(k) + "</td><td>" + std::to_string(cell.score) + "</td>";
                for (const Proportion* value : { &cell.right, &cell.rightOfClean, &cell.lost,
                         &cell.returned, &cell.returnsNow, &curve.rounds[k].wrongLabel })
                    html += "<td>" + percent(*value) + "</td>";
                html += "<td>"
                    + (cell.right.total > 0 ? fixedText(curve.rounds[k].meanDriftPx, 2) : "-")
                    + "</td></tr>\n";
            }
        }
        return html + "</table></div></details>\n";
    }

    [[nodiscard]] std::string comparisons() const
    {
        std::string html = "<details><summary>" + std::to_string(m_result.comparisons.size())
            + " paired comparisons</summary><div class='scroll'><table><tr><th>kind, judge</th>"
              "<th>a</th><th>b</th><th>only a</th><th>only b</th><th>p</th></tr>\n";
        for (const StudyComparison& one : m_result.comparisons) {
            const auto side = [&](std::size_t curve, int round) {
                return "<td>" + forHtml(describe(m_result.curves[curve].variant)) + ", round "
                    + std::to_string(round) + "</td>";
            };
            html += "<tr><td>" + one.kind + ", " + forHtml(m_request.attack.judges[one.judge])
                + "</td>" + side(one.curveA, one.roundA) + side(one.curveB, one.roundB) + "<td>"
                + std::to_string(one.onlyA) + "</td><td>" + std::to_string(one.onlyB) + "</td><td>"
                + fixedText(one.p, 4) + "</td></tr>\n";
        }
        return html + "</table></div></details>\n";
    }

private:
    template <typename Work>
    void each(const Work& work) const
    {
        for (const SourceOrder order : m_request.orders)
            for (const Projection projection : m_request.projections)
                work(order, projection);
    }

    [[nodiscard]] std::string where(SourceOrder order, Projection projection) const
    {
        return ", projection " + toString(projection)
            + (m_request.orders.size() > 1 ? ", order " + toString(order) : "");
    }

    [[nodiscard]] Axes axes(const std::string& title, const std::string& yLabel, int first) const
    {
        return { title, yLabel, m_request.attack.rounds, first };
    }

    [[nodiscard]] std::size_t colourOf(LabelRule rule) const
    {
        const auto at = std::ranges::find(m_request.rules, rule);
        return static_cast<std::size_t>(at - m_request.rules.begin());
    }

    template <typename Value>
    [[nodiscard]] std::vector<Line> lines(
        SourceOrder order, Projection projection, const Value& value) const
    {
        std::vector<Line> all;
        for (const StudyCurve& curve : m_result.curves) {
            if (curve.variant.order != order || curve.variant.projection != projection)
                continue;
            Line line { toString(curve.variant.rule), colourOf(curve.variant.rule), {} };
            for (std::size_t k = 0; k < curve.rounds.size(); ++k)
                line.values.push_back(value(curve, k));
            all.push_back(std::move(line));
        }
        return all;
    }

    const StudyResult& m_result;
    const StudyRequest& m_request;
};

} // namespace

std::string studyHtml(const StudyResult& result, const Provenance& provenance)
{
    const Page page(result);
    const AttackRequest& attack = result.request.attack;
    std::string sources;
    for (const std::string& id : attack.sources)
        sources += (sources.empty() ? "" : ", ") + id;
    std::string html = "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'>"
                       "<meta name='viewport' content='width=device-width'>"
                       "<title>Label leaking study</title><style>"
        + std::string(kStyle) + "</style></head><body>\n<h1>Label leaking study</h1>\n<p>"
        + std::to_string(result.done) + " of " + counted(result.photos, "photo") + " measured"
        + (result.cancelled ? ", stopped before the end" : "") + "; sources " + forHtml(sources)
        + "; epsilon " + std::to_string(attack.epsilon255) + ", step " + fixedText(attack.stepPx, 3)
        + " px, rounds 0 to " + std::to_string(attack.rounds) + ", numerics "
        + toString(attack.compute.numerics) + ", seed " + std::to_string(attack.seed)
        + ". CrossIter " + forHtml(provenance.version) + ", " + forHtml(provenance.library) + ", "
        + forHtml(provenance.device) + ", " + counted(provenance.threads, "thread") + ". "
        + counted(result.work.gradients, "sub-step") + " computed, "
        + std::to_string(result.work.gradientsReused)
        + " shared between curves.</p>\n<p>Everything is measured on the exported image, after the "
          "clip to epsilon. Bands are Wilson's 95 % intervals. 'Right': the top-1 is the true "
          "label. p values are McNemar's exact test on the same photos, two-sided, not corrected "
          "for their number; a round called best was chosen after looking.</p>\n"
          "<h2>The seed's hypotheses</h2>\n";
    for (const StudyVerdict& verdict : result.verdicts)
        html += verdictHtml(verdict);
    html += list("Photos that could not be measured", result.failed) + "<h2>Accuracy</h2>\n"
        + page.key()
        + page.perJudge("accuracy, % of all photos", 0,
            [](const StudyCell& cell) -> const Proportion& { return cell.right; })
        + "<h2>Accuracy on photos that the judge has right when clean</h2>\n" + page.key()
        + page.perJudge("accuracy, % of those photos", 0,
            [](const StudyCell& cell) -> const Proportion& { return cell.rightOfClean; })
        + "<h2>The true label comes back</h2>\n" + page.key()
        + page.perJudge("% of all photos, at least once so far", 0,
            [](const StudyCell& cell) -> const Proportion& { return cell.returned; })
        + "<h2>Attacking a wrong label</h2>\n" + page.key() + page.wrongLabels()
        + "<h2>All numbers</h2>\n";
    for (const StudyCurve& curve : result.curves)
        html += page.table(curve);
    html += page.comparisons();
    return html + "<script type='application/json' id='study'>\n"
        + jsonForScript(studyJson(result, provenance)) + "</script>\n</body></html>\n";
}

} // namespace crossiter
