#include "ui/views/defense/DrawsBar.h"

#include "ui/session/Counted.h"
#include "ui/session/ShownText.h"

#include <QPainter>
#include <QStringList>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace crossiter::ui {

namespace {

constexpr int kMostSlivers = 400; // a screen has no room for more; the shares are of all draws
constexpr int kNamedLabels = 8;

QString percent(double share)
{
    return QString::number(share * 100.0, 'f', 0);
}

} // namespace

DrawsBar::DrawsBar(const QColor& model, QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_model(model)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    describe();
}

void DrawsBar::setTheme(const Theme& theme)
{
    m_theme = theme;
    update();
}

void DrawsBar::setDraws(
    std::shared_ptr<const DefendedPrediction> prediction, bool random, std::optional<int> trueLabel)
{
    m_prediction = std::move(prediction);
    m_random = random;
    m_trueLabel = trueLabel;
    describe();
    update();
}

void DrawsBar::describe()
{
    QStringList counts;
    if (m_prediction == nullptr) {
        m_text = m_shortText = tr("not computed yet");
    } else if (!m_random) {
        m_text = m_shortText = tr("nothing is random: one pass says all");
    } else {
        const auto draws = m_prediction->drawTop1.size();
        const Proportion& hits = m_prediction->trueTop1;
        const QString flips = tr("flips %1 %").arg(percent(m_prediction->flipRate));
        m_text = countedText(static_cast<qint64>(draws), tr("draw"), tr("draws"));
        if (hits.total > 0) {
            m_shortText = tr("true %1 % [%2, %3]")
                              .arg(percent(hits.share), percent(hits.low), percent(hits.high));
            m_text += QStringLiteral(" \u00b7 ") + m_shortText;
        }
        m_text += QStringLiteral(" \u00b7 ") + flips;
        m_shortText = m_shortText.isEmpty() ? m_text : m_shortText;
        std::map<int, int> byLabel;
        for (const int label : m_prediction->drawTop1)
            ++byLabel[label];
        std::vector<std::pair<int, int>> sorted(byLabel.begin(), byLabel.end());
        std::ranges::stable_sort(
            sorted, [](const auto& a, const auto& b) { return a.second > b.second; });
        for (std::size_t i = 0; i < sorted.size() && i < kNamedLabels; ++i) {
            counts << tr("%1: %2 of %3")
                          .arg(labelText(sorted[i].first))
                          .arg(sorted[i].second)
                          .arg(countedText(static_cast<qint64>(draws), tr("draw"), tr("draws")));
        }
        if (sorted.size() > kNamedLabels) {
            counts << tr("and %1").arg(
                countedText(static_cast<qint64>(sorted.size() - kNamedLabels), tr("further label"),
                    tr("further labels")));
        }
    }
    setAccessibleName(m_text);
    setAccessibleDescription(counts.join(QStringLiteral("; ")));
    const QString help =
        tr("Share of draws whose top-1 is the true label, with Wilson's 95 % interval, and how "
           "many draws say another label than the mean of all (flips). A sliver is a draw: green "
           "the true label, the model's colour the mean's label, grey another one.");
    setWhatsThis(help);
    setToolTip(
        counts.isEmpty() ? help : m_text + QStringLiteral("\n") + counts.join(QLatin1Char('\n')));
}

QSize DrawsBar::sizeHint() const
{
    return { 200, fontMetrics().height() + (m_random ? 19 : 2) };
}

QSize DrawsBar::minimumSizeHint() const
{
    return { 80, sizeHint().height() };
}

void DrawsBar::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QFontMetrics metrics = fontMetrics();
    painter.setPen(m_theme.muted);
    const bool fits = metrics.horizontalAdvance(m_text) <= width();
    painter.drawText(QRect(0, 0, width(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
        metrics.elidedText(fits ? m_text : m_shortText, Qt::ElideRight, width()));
    if (!m_random || m_prediction == nullptr)
        return;
    const double top = metrics.height() + 1.0;
    const std::vector<int>& draws = m_prediction->drawTop1;
    const int slivers = std::min(static_cast<int>(draws.size()), kMostSlivers);
    const int mean = m_prediction->mean.top1();
    painter.setRenderHint(QPainter::Antialiasing, false);
    for (int i = 0; i < slivers; ++i) {
        const int label =
            draws[static_cast<std::size_t>(i) * draws.size() / static_cast<std::size_t>(slivers)];
        const QColor color = m_trueLabel == label ? m_theme.trueLabel
            : label == mean                       ? m_model
                                                  : m_theme.muted;
        const double left = width() * static_cast<double>(i) / slivers;
        const double right = width() * static_cast<double>(i + 1) / slivers;
        painter.fillRect(
            QRectF(left, top, std::max(1.0, right - left - (slivers < 120 ? 1 : 0)), 6.0), color);
    }
    const Proportion& hits = m_prediction->trueTop1;
    if (hits.total == 0)
        return;
    painter.setRenderHint(QPainter::Antialiasing);
    const double y = top + 12.0;
    painter.setPen(QPen(m_theme.line, 2.0));
    painter.drawLine(QPointF(0.0, y), QPointF(width(), y));
    painter.setPen(QPen(m_theme.trueLabel, 3.0));
    const double low = hits.low * (width() - 2.0) + 1.0;
    const double high = hits.high * (width() - 2.0) + 1.0;
    painter.drawLine(QPointF(low, y), QPointF(high, y));
    for (const double end : { low, high }) {
        painter.setPen(QPen(m_theme.trueLabel, 1.5));
        painter.drawLine(QPointF(end, y - 3.5), QPointF(end, y + 3.5));
    }
    painter.setPen(QPen(m_theme.window, 1.0));
    painter.setBrush(m_theme.trueLabel);
    painter.drawEllipse(QPointF(hits.share * (width() - 2.0) + 1.0, y), 4.0, 4.0);
}

} // namespace crossiter::ui
