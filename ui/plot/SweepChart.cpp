#include "ui/plot/SweepChart.h"

#include <QVBoxLayout>
#include <qcustomplot.h>

#include <utility>

namespace crossiter::ui {

namespace {
constexpr int kLeastWithTitles = 110; // lower, the axes' titles would take the picture's room
} // namespace

double quantityOf(const SweepCell& cell, SweepQuantity quantity)
{
    switch (quantity) {
    case SweepQuantity::TrueLabel:
        return cell.trueProbability;
    case SweepQuantity::AttackedLabel:
        return cell.attackedProbability;
    case SweepQuantity::Target:
        return cell.targetProbability;
    }
    return -1.0;
}

SweepChart::SweepChart(const QString& help, const QString& yTitle, int rightMargin, QWidget* parent)
    : ChartWidget(parent)
    , m_yTitle(yTitle)
{
    setMinimumSize(100, 70);
    setAccessibleDescription(help);
    setWhatsThis(help);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(1, 1, 1, 1);
    plot()->setMinimumSize(90, 60);
    layout->addWidget(plot());
    QCPAxisRect* rect = plot()->axisRect();
    rect->setRangeDrag({});
    rect->setRangeZoom({});
    rect->setAutoMargins(QCP::msLeft | QCP::msBottom);
    rect->setMargins(QMargins(0, 6, rightMargin, 0));
    for (QCPAxis* axis : { plot()->xAxis, plot()->yAxis }) {
        axis->setSubTicks(false);
        axis->setTickLengthIn(0);
        axis->setLabelPadding(1);
    }
    plot()->xAxis->grid()->setVisible(false);
    showTitles(true);
    m_missing = new QCPItemText(plot());
    m_missing->position->setType(QCPItemPosition::ptAxisRectRatio);
    m_missing->position->setCoords(0.015, 0.02);
    m_missing->setPositionAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_missing->setClipToAxisRect(false);
    m_missing->setPadding(QMargins(4, 1, 4, 1));
    m_missing->setVisible(false);
    addCursorLayer();
}

SweepChart::~SweepChart() = default;

void SweepChart::setSweep(std::shared_ptr<const SweepResult> sweep)
{
    if (sweep != m_sweep) {
        m_sweep = std::move(sweep);
        showMissing();
        rebuild();
    }
}

void SweepChart::showMissing()
{
    const QString whole = missingText();
    m_missing->setVisible(!whole.isEmpty());
    if (whole.isEmpty())
        return;
    const auto cells = m_sweep->cells.size();
    const auto planned = m_sweep->planned();
    const int room = plot()->axisRect()->width() - 10; // less the padding
    for (const QString& words : { whole, tr("%1 of %2 cells").arg(cells).arg(planned),
             tr("%1 / %2").arg(cells).arg(planned) }) {
        m_missing->setText(words);
        if (QFontMetrics(m_missing->font()).horizontalAdvance(words) <= room)
            break;
    }
}

QString SweepChart::missingText() const
{
    if (m_sweep == nullptr || m_sweep->complete())
        return {};
    return tr("not complete: %1 of %2 cells").arg(m_sweep->cells.size()).arg(m_sweep->planned());
}

QString SweepChart::figureHeading(const QString& html) const
{
    const QString missing = missingText();
    return missing.isEmpty() ? html : html + QStringLiteral(" · ") + missing;
}

void SweepChart::setQuantity(SweepQuantity quantity, const QString& labelName)
{
    if (quantity != m_quantity || labelName != m_label) {
        m_quantity = quantity;
        m_label = labelName;
        rebuild();
    }
}

QString SweepChart::spokenLabel() const
{
    return m_label.isEmpty() ? tr("the label") : m_label;
}

void SweepChart::recolour()
{
    QPalette colours = plot()->palette();
    colours.setColor(QPalette::Window, theme().window);
    plot()->setPalette(colours);
    m_missing->setColor(theme().text);
    m_missing->setBrush(QBrush(theme().panel));
    m_missing->setFont(font());
    plot()->setBackground(QBrush(theme().window));
    for (QCPAxis* axis : plot()->axisRect()->axes()) {
        styleAxis(*axis);
        axis->setBasePen(Qt::NoPen);
    }
}

void SweepChart::resizeEvent(QResizeEvent* event)
{
    ChartWidget::resizeEvent(event);
    showTitles(height() >= kLeastWithTitles);
    showMissing();
}

void SweepChart::showTitles(bool shown)
{
    plot()->xAxis->setLabel(shown ? tr("resize size, px") : QString());
    plot()->yAxis->setLabel(shown ? m_yTitle : QString());
}

void SweepChart::showAsFigure(const SweepChart& other)
{
    setFont(figureFont());
    m_sweep = other.m_sweep;
    m_quantity = other.m_quantity;
    m_label = other.m_label;
    setTheme(figureTheme());
    showTitles(true);
}

QImage SweepChart::grabImage()
{
    plot()->replot(QCustomPlot::rpImmediateRefresh);
    return plot()->grab().toImage();
}

void SweepChart::savePlot(const QString& path, const FigureSize& size) const
{
    saveFigure(figure(), path, size);
}

} // namespace crossiter::ui
