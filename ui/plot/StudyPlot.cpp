#include "ui/plot/StudyPlot.h"

#include "ui/plot/LeakTracks.h"
#include "ui/plot/StepTicker.h"
#include "ui/session/ShownText.h"

#include <QHBoxLayout>
#include <QListWidget>
#include <QPainter>
#include <QSignalBlocker>
#include <QToolTip>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>

namespace crossiter::ui {

struct StudyPlot::PlotItems
{
    QCustomPlot* plot = nullptr;
    QListWidget* list = nullptr; ///< the legend on the screen
};

QColor ruleColor(const Theme& theme, LabelRule rule)
{
    const QVector<QColor> palette = leakPalette(theme);
    return rule == LabelRule::True ? theme.trueLabel
                                   : palette[static_cast<int>(rule) % palette.size()];
}

namespace {

QPen curvePen(const Theme& theme, const BandCurve& curve)
{
    QPen pen(ruleColor(theme, curve.rule), 2.0);
    if (curve.ball || curve.reversed) {
        pen.setDashPattern(!curve.reversed ? QVector<qreal> { 4.0, 2.5 }
                : curve.ball               ? QVector<qreal> { 4.0, 2.0, 1.0, 2.0 }
                                           : QVector<qreal> { 1.2, 2.0 });
    }
    return pen;
}

} // namespace

StudyPlot::StudyPlot(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_items(std::make_unique<PlotItems>())
{
    setAccessibleName(tr("Curves of the study"));
    setFocusPolicy(Qt::StrongFocus);
    m_items->plot = new QCustomPlot(this);
    QCustomPlot* plot = m_items->plot;
    plot->setFocusPolicy(Qt::NoFocus);
    plot->setMouseTracking(true);
    plot->setMinimumSize(200, 100);
    plot->setInteractions({});
    plot->xAxis->setLabel(tr("round"));
    plot->xAxis->setSubTicks(false);
    plot->yAxis->setSubTicks(false);
    plot->yAxis->setTicker(StepTicker::create(5));
    plot->legend->setVisible(false); // the list is; files have it, see figure()
    plot->xAxis->setTicker(StepTicker::create(11, StepTicker::Numbers::Whole));
    m_items->list = new QListWidget(this);
    m_items->list->setObjectName("studyCurves");
    m_items->list->setAccessibleName(tr("Curves, shown or not"));
    m_items->list->setWhatsThis(
        tr("Check: shown. The chosen curve's 95 % band is drawn stronger than the others'."));
    m_items->list->setToolTip(m_items->list->whatsThis());
    m_items->list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_items->list->setTextElideMode(Qt::ElideRight);
    m_items->list->setIconSize(QSize(20, 10));
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(plot, 1);
    layout->addWidget(m_items->list);
    connect(m_items->list, &QListWidget::itemChanged, this, [this](QListWidgetItem* item) {
        setCurveShown(m_items->list->row(item), item->checkState() == Qt::Checked);
    });
    connect(
        m_items->list, &QListWidget::currentRowChanged, this,
        [this](int row) {
            m_chosen = row < 0 ? QString() : m_curves.value(row).name;
            rebuild();
        });
    connect(plot, &QCustomPlot::mouseMove, this,
        [this](QMouseEvent* event) { explain(event->pos(), event->globalPosition().toPoint()); });
    rebuild();
}

StudyPlot::~StudyPlot() = default;

void StudyPlot::setTheme(const Theme& theme)
{
    m_theme = theme;
    fillList();
    rebuild();
}

void StudyPlot::setCurves(
    const QVector<BandCurve>& curves, const QString& valueName, int lastRound, double top)
{
    m_curves = curves;
    m_valueName = valueName;
    m_lastRound = std::max(1, lastRound);
    m_top = top;
    fillList();
    rebuild();
}

bool StudyPlot::isCurveShown(int curve) const
{
    return !m_hidden.contains(m_curves.value(curve).name);
}

void StudyPlot::setCurveShown(int curve, bool shown)
{
    if (curve < 0 || curve >= m_curves.size() || isCurveShown(curve) == shown)
        return;
    if (shown)
        m_hidden.removeAll(m_curves[curve].name);
    else
        m_hidden << m_curves[curve].name;
    fillList();
    rebuild();
}

void StudyPlot::fillList()
{
    QListWidget* list = m_items->list;
    const QSignalBlocker blocker(list);
    QStringList names;
    for (int row = 0; row < list->count(); ++row)
        names << list->item(row)->text();
    QStringList wanted;
    for (const BandCurve& curve : std::as_const(m_curves))
        wanted << curve.name;
    if (names != wanted) {
        list->clear();
        list->addItems(wanted);
    }
    for (int row = 0; row < list->count(); ++row) {
        QPixmap sample(20, 10);
        sample.fill(Qt::transparent);
        QPainter painter(&sample);
        painter.setPen(curvePen(m_theme, m_curves[row]));
        painter.drawLine(0, 5, 20, 5);
        QListWidgetItem* item = list->item(row);
        item->setIcon(QIcon(sample));
        item->setFlags(item->flags() | Qt::ItemIsUserCheckable);
        item->setCheckState(isCurveShown(row) ? Qt::Checked : Qt::Unchecked);
        item->setToolTip(m_curves[row].name);
    }
    list->setVisible(!m_curves.isEmpty());
    list->setFixedWidth(
        std::clamp(list->sizeHintForColumn(0) + 16, 120, std::max(120, width() * 2 / 5)));
}

void StudyPlot::rebuild()
{
    QCustomPlot* plot = m_items->plot;
    plot->clearGraphs();
    QFont small = tabularFont(font());
    small.setPointSizeF(small.pointSizeF() * 0.9);
    plot->setBackground(QBrush(m_theme.window));
    for (QCPAxis* axis : { plot->xAxis, plot->yAxis }) {
        axis->setBasePen(QPen(m_theme.line));
        axis->setTickPen(QPen(m_theme.line));
        axis->setTickLabelColor(m_theme.muted);
        axis->setLabelColor(m_theme.muted);
        axis->setTickLabelFont(small);
        axis->setLabelFont(small);
        axis->grid()->setPen(QPen(m_theme.line));
        axis->grid()->setZeroLinePen(Qt::NoPen);
    }
    plot->xAxis->grid()->setVisible(false);
    double highest = 0.0;
    QVector<int> shown;
    for (int curve = 0; curve < m_curves.size(); ++curve)
        if (isCurveShown(curve))
            shown << curve;
    for (const int at : std::as_const(shown)) {
        const BandCurve& curve = m_curves[at];
        const bool chosen = curve.name == m_chosen;
        QCPGraph* low = plot->addGraph();
        QCPGraph* high = plot->addGraph();
        low->setData(curve.rounds, curve.low, true);
        high->setData(curve.rounds, curve.high, true);
        QColor wash = ruleColor(m_theme, curve.rule);
        wash.setAlphaF(chosen ? 0.32F : shown.size() > 4 ? 0.06F : 0.14F);
        for (QCPGraph* edge : { low, high }) {
            edge->setPen(chosen ? QPen(wash, 1.0) : QPen(Qt::NoPen));
            edge->removeFromLegend();
        }
        high->setBrush(wash);
        high->setChannelFillGraph(low);
        for (const double value : curve.high)
            highest = std::max(highest, value);
    }
    for (const int at : std::as_const(shown)) { // above all bands
        const BandCurve& curve = m_curves[at];
        QCPGraph* line = plot->addGraph();
        line->setName(curve.name);
        line->setData(curve.rounds, curve.values, true);
        QPen pen = curvePen(m_theme, curve);
        pen.setWidthF(curve.name == m_chosen ? 3.0 : 2.0);
        line->setPen(pen);
        line->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, pen.color(), 4.5));
    }
    const double air = std::max(0.12, m_lastRound * 0.015);
    plot->xAxis->setRange(-air, m_lastRound + air);
    const double fitted = std::max(0.05, std::ceil(highest * 20.0 + 0.01) / 20.0);
    plot->yAxis->setRange(0.0, m_top > 0.0 ? m_top : std::max(fitted, 0.05) * 1.02);
    plot->yAxis->setLabel(m_valueName);
    setAccessibleDescription(describe(m_lastRound));
    plot->replot(QCustomPlot::rpQueuedReplot);
}

QString StudyPlot::describe(int round) const
{
    QStringList lines { tr("%1, round %2").arg(m_valueName).arg(round) };
    for (const BandCurve& curve : m_curves) {
        const auto at = static_cast<int>(curve.rounds.indexOf(round));
        if (at < 0)
            continue;
        QString line =
            QStringLiteral("%1: %2").arg(curve.name, probabilityText(curve.values.value(at)));
        if (at < curve.low.size()) {
            line += QStringLiteral("  (%1–%2)")
                        .arg(probabilityText(curve.low[at]), probabilityText(curve.high.value(at)));
        }
        lines << line;
    }
    return lines.join(QLatin1Char('\n'));
}

QPointF StudyPlot::positionOf(int curve, int round) const
{
    const BandCurve& shown = m_curves.at(curve);
    const auto at = static_cast<int>(shown.rounds.indexOf(round));
    return QPointF(m_items->plot->pos())
        + QPointF(m_items->plot->xAxis->coordToPixel(round),
            m_items->plot->yAxis->coordToPixel(shown.values.value(at)));
}

void StudyPlot::explain(const QPoint& position, const QPoint& global)
{
    if (m_curves.isEmpty() || !m_items->plot->axisRect()->rect().contains(position)) {
        QToolTip::hideText();
        return;
    }
    const int round =
        std::clamp(static_cast<int>(std::lround(m_items->plot->xAxis->pixelToCoord(position.x()))),
            0, m_lastRound);
    QToolTip::showText(global, describe(round), m_items->plot);
}

QImage StudyPlot::grabImage()
{
    return grab().toImage();
}

Figure StudyPlot::figure() const
{
    const auto copy = std::make_shared<StudyPlot>(); // never shown
    copy->setFont(figureFont());
    copy->m_hidden = m_hidden;
    copy->m_chosen = m_chosen;
    copy->m_theme = figureTheme();
    copy->setCurves(m_curves, m_valueName, m_lastRound, m_top);
    Figure figure;
    figure.title = tr("Label leaking study");
    figure.theme = figureTheme();
    for (int curve = 0; curve < m_curves.size(); ++curve) {
        if (isCurveShown(curve)) { // its list names all, so that they can be switched
            figure.legend.append({ LegendEntry::Sample::Line,
                curvePen(figure.theme, m_curves[curve]), m_curves[curve].name.toHtmlEscaped() });
        }
    }
    if (!figure.legend.isEmpty())
        figure.legend.append({ LegendEntry::Sample::None, {}, tr("Bands: 95 % intervals.") });
    figure.body = [copy](QCPPainter& painter, const QSize& size) {
        paintPlot(*copy->m_items->plot, painter, size);
    };
    return figure;
}

void StudyPlot::savePlot(const QString& path, const FigureSize& size) const
{
    saveFigure(figure(), path, size);
}

} // namespace crossiter::ui
