#include "ui/plot/TrajectoryPlot.h"

#include "core/base/Error.h"
#include "core/classify/Labels.h"
#include "ui/plot/TrajectoryLegend.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <QScrollArea>
#include <QToolTip>

#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace crossiter::ui {

struct TrajectoryPlot::Parts {
    QCustomPlot* plot = nullptr;
    QCPAxisRect* main = nullptr;
    QCPAxisRect* strip = nullptr;
    QCPBars* trueBars = nullptr; ///< sub-steps that attacked the true label
    QCPBars* otherBars = nullptr; ///< another one
    QCPBars* targetBars = nullptr; ///< that stepped towards a target
    QCPGraph* rings = nullptr;
    QCPItemStraightLine* cursor = nullptr;
    QCPItemStraightLine* stripCursor = nullptr;
    QVector<QCPGraph*> lines; ///< made anew when the judges change
    QScrollArea* legendArea = nullptr;
    TrajectoryLegend* legend = nullptr;
};

namespace {

constexpr int kMostNotes = 3;
constexpr double kRingSize = 12.0;

QString bold(const QString& text, const QColor& color)
{
    return QStringLiteral("<b style='color:%1'>%2</b>").arg(color.name(), text.toHtmlEscaped());
}

QString nameOfLabel(int label)
{
    return QString::fromStdString(labelName(label));
}

/// The next of 0.1, 0.2, ... 1.0 that leaves some air above.
double niceTop(double highest)
{
    return std::clamp(std::ceil(highest * 1.04 * 10.0) / 10.0, 0.1, 1.0) + 0.02;
}

} // namespace

TrajectoryPlot::TrajectoryPlot(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_parts(std::make_unique<Parts>())
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Trajectory"));
    setMinimumSize(320, 130);
    build();
    recolour();
    rebuild();
}

TrajectoryPlot::~TrajectoryPlot() = default;

void TrajectoryPlot::build()
{
    Parts& parts = *m_parts;
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 4, 0, 0);
    layout->setSpacing(12);
    parts.plot = new QCustomPlot(this);
    parts.plot->setFocusPolicy(Qt::NoFocus);
    parts.plot->setMouseTracking(true);
    parts.plot->setCursor(Qt::PointingHandCursor);
    parts.plot->setMinimumSize(180, 100);
    parts.plot->setAttribute(Qt::WA_OpaquePaintEvent, false);
    layout->addWidget(parts.plot, 1);
    parts.legend = new TrajectoryLegend;
    parts.legendArea = new QScrollArea(this);
    parts.legendArea->setWidgetResizable(true);
    parts.legendArea->setFrameShape(QFrame::NoFrame);
    parts.legendArea->setFocusPolicy(Qt::NoFocus);
    parts.legendArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    parts.legendArea->setWidget(parts.legend);
    layout->addWidget(parts.legendArea);
    parts.legend->setSeries(m_showTrue, m_showAttacked, m_showTarget);

    // Two axis rects over one another with one x axis: the lines, and the strip under them.
    QCPLayoutGrid* grid = parts.plot->plotLayout();
    grid->clear();
    grid->setRowSpacing(0);
    parts.main = new QCPAxisRect(parts.plot);
    parts.strip = new QCPAxisRect(parts.plot);
    grid->addElement(0, 0, parts.main);
    grid->addElement(1, 0, parts.strip);
    auto* sides = new QCPMarginGroup(parts.plot);
    for (QCPAxisRect* rect : { parts.main, parts.strip }) {
        rect->setMarginGroup(QCP::msLeft | QCP::msRight, sides);
        rect->setRangeDrag({});
        rect->setRangeZoom({});
        for (QCPAxis* axis : rect->axes()) {
            axis->setLayer(QStringLiteral("axes"));
            axis->grid()->setLayer(QStringLiteral("grid"));
            axis->setSubTicks(false);
        }
    }
    parts.main->setAutoMargins(QCP::msLeft | QCP::msRight);
    parts.main->setMargins(QMargins(0, 8, 0, 3));
    parts.main->setMinimumSize(60, 40);
    parts.strip->setAutoMargins(QCP::msLeft | QCP::msRight | QCP::msBottom);
    parts.strip->setMinimumSize(60, 7);
    parts.strip->setMaximumSize(QWIDGETSIZE_MAX, 7);
    QCPAxis* x = parts.main->axis(QCPAxis::atBottom);
    QCPAxis* y = parts.main->axis(QCPAxis::atLeft);
    QCPAxis* stripX = parts.strip->axis(QCPAxis::atBottom);
    QCPAxis* stripY = parts.strip->axis(QCPAxis::atLeft);
    x->setTickLabels(false);
    x->setTicks(false);
    x->grid()->setVisible(false);
    y->setNumberFormat(QStringLiteral("f"));
    y->setNumberPrecision(1);
    y->setTicks(false);
    y->setTickLabels(true);
    y->ticker()->setTickCount(4);
    y->setTickLabelPadding(6);
    stripX->grid()->setVisible(false);
    stripX->setTickLengthIn(0);
    stripX->setTickLengthOut(3);
    stripX->setLabel(tr("sub-step"));
    stripX->setLabelPadding(1);
    stripY->setRange(0.0, 1.0);
    stripY->setTicks(false);
    stripY->setTickLabels(false);
    stripY->grid()->setVisible(false);
    stripY->setBasePen(Qt::NoPen);
    auto ticker = QSharedPointer<QCPAxisTickerFixed>::create();
    ticker->setTickStep(1.0);
    ticker->setScaleStrategy(QCPAxisTickerFixed::ssMultiples);
    ticker->setTickCount(11);
    stripX->setTicker(ticker);

    for (QCPBars** bars : { &parts.trueBars, &parts.otherBars, &parts.targetBars }) {
        *bars = new QCPBars(stripX, stripY);
        (*bars)->setAntialiased(false);
        (*bars)->setPen(Qt::NoPen);
    }
    parts.rings = parts.plot->addGraph(x, y);
    parts.rings->setLineStyle(QCPGraph::lsNone);

    // The cursor has a layer of its own: moving it repaints nothing else.
    parts.plot->addLayer(QStringLiteral("cursor"), parts.plot->layer(QStringLiteral("main")));
    parts.plot->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
    const auto makeCursor = [&](QCPAxisRect* rect) {
        auto* line = new QCPItemStraightLine(parts.plot);
        line->setLayer(QStringLiteral("cursor"));
        line->setClipAxisRect(rect);
        for (QCPItemPosition* position : { line->point1, line->point2 }) {
            position->setType(QCPItemPosition::ptPlotCoords);
            position->setAxisRect(rect);
            position->setAxes(rect->axis(QCPAxis::atBottom), rect->axis(QCPAxis::atLeft));
        }
        return line;
    };
    parts.cursor = makeCursor(parts.main);
    parts.stripCursor = makeCursor(parts.strip);

    connect(parts.plot, &QCustomPlot::mousePress, this, [this](QMouseEvent* event) {
        if (event->button() == Qt::LeftButton) {
            setFocus(Qt::MouseFocusReason);
            goTo(event->pos());
        }
    });
    connect(parts.plot, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
        if ((event->buttons() & Qt::LeftButton) != 0U) {
            goTo(event->pos());
        } else {
            explain(event->pos(), event->globalPosition().toPoint());
        }
    });
    connect(parts.legend, &TrajectoryLegend::seriesChanged, this,
        [this](bool trueLabel, bool attackedLabel, bool target) {
            setSeries(trueLabel, attackedLabel, target);
            emit seriesChanged(trueLabel, attackedLabel, target);
        });
}

void TrajectoryPlot::setTheme(const Theme& theme)
{
    m_theme = theme;
    recolour();
    rebuild();
}

void TrajectoryPlot::recolour()
{
    Parts& parts = *m_parts;
    parts.plot->setBackground(QBrush(m_theme.window));
    parts.legend->setTheme(m_theme);
    QFont small = tabularFont(font());
    small.setPointSizeF(small.pointSizeF() * 0.9);
    QColor gridColor = m_theme.line;
    for (QCPAxisRect* rect : { parts.main, parts.strip }) {
        for (QCPAxis* axis : rect->axes()) {
            axis->setBasePen(axis->axisType() == QCPAxis::atBottom && rect == parts.main
                    ? QPen(m_theme.line, 1.0)
                    : QPen(Qt::NoPen));
            axis->setTickPen(QPen(m_theme.muted, 1.0));
            axis->setTickLabelColor(m_theme.muted);
            axis->setLabelColor(m_theme.muted);
            axis->setTickLabelFont(small);
            axis->setLabelFont(small);
            axis->grid()->setPen(QPen(gridColor, 1.0));
            axis->grid()->setZeroLinePen(Qt::NoPen);
        }
    }
    parts.trueBars->setBrush(m_theme.trueLabel);
    parts.otherBars->setBrush(m_theme.wrongLabel);
    parts.targetBars->setBrush(m_theme.target);
    parts.rings->setScatterStyle(QCPScatterStyle(
        QCPScatterStyle::ssCircle, QPen(m_theme.wrongLabel, 2.0), Qt::NoBrush, kRingSize));
    const QPen cursor(m_theme.accent, 1.5, Qt::DashLine);
    parts.cursor->setPen(cursor);
    parts.stripCursor->setPen(QPen(m_theme.accent, 1.5));
}

void TrajectoryPlot::setModelNames(const QStringList& ids, const QStringList& names)
{
    m_ids = ids;
    m_names = names;
    rebuild();
}

void TrajectoryPlot::setTrace(std::shared_ptr<const AttackTrace> trace)
{
    if (trace == m_trace) {
        return;
    }
    m_trace = std::move(trace);
    rebuild();
}

void TrajectoryPlot::setTrueLabel(std::optional<int> label, bool assumed)
{
    if (label != m_trueLabel || assumed != m_assumed) {
        m_trueLabel = label;
        m_assumed = assumed;
        rebuild();
    }
}

void TrajectoryPlot::setTarget(std::optional<int> label)
{
    if (label != m_target) {
        m_target = label;
        rebuild();
    }
}

void TrajectoryPlot::setSeries(bool trueLabel, bool attackedLabel, bool target)
{
    m_showTrue = trueLabel;
    m_showAttacked = attackedLabel;
    m_showTarget = target;
    m_parts->legend->setSeries(trueLabel, attackedLabel, target);
    rebuild();
}

void TrajectoryPlot::setCurrent(int subStep)
{
    const int wanted = std::max(0, subStep);
    if (wanted != m_current) {
        m_current = wanted;
        moveCursor();
    }
}

void TrajectoryPlot::moveCursor()
{
    Parts& parts = *m_parts;
    for (QCPItemStraightLine* line : { parts.cursor, parts.stripCursor }) {
        line->setVisible(m_trace != nullptr);
        line->point1->setCoords(m_current, 0.0);
        line->point2->setCoords(m_current, 1.0);
    }
    parts.plot->layer(QStringLiteral("cursor"))->replot();
}

int TrajectoryPlot::lastComputed() const
{
    return m_trace == nullptr ? 0 : std::max(0, static_cast<int>(m_trace->subSteps.size()) - 1);
}

QString TrajectoryPlot::nameOf(const std::string& id) const
{
    const QString text = QString::fromStdString(id);
    return m_names.value(static_cast<int>(m_ids.indexOf(text)), text);
}

int TrajectoryPlot::sourceIndexOf(const std::string& id) const
{
    const auto& sources = m_trace->request.sources;
    const auto found = std::find(sources.begin(), sources.end(), id);
    return found == sources.end() ? -1 : static_cast<int>(found - sources.begin());
}

void TrajectoryPlot::rebuild()
{
    Parts& parts = *m_parts;
    for (QCPGraph* line : std::as_const(parts.lines)) {
        parts.plot->removeGraph(line);
    }
    parts.lines.clear();
    QCPAxis* x = parts.main->axis(QCPAxis::atBottom);
    QCPAxis* y = parts.main->axis(QCPAxis::atLeft);
    QVector<double> ringX;
    QVector<double> ringY;
    double highest = 0.0;
    int planned = 10;
    const bool hasTrue = m_trueLabel.has_value();
    const bool hasTarget = m_target.has_value();
    if (m_trace != nullptr) {
        planned = std::max({ 1, subStepCount(m_trace->request), lastComputed() });
        using LabelOf = std::function<int(const SubStep&)>;
        const auto add = [&](std::size_t judge, const LabelOf& labelOf, const QPen& pen) {
            QVector<double> keys;
            QVector<double> values;
            for (const auto& subStep : m_trace->subSteps) {
                const int label = labelOf(*subStep);
                if (label >= 0 && judge < subStep->judges.size()) {
                    keys.append(subStep->index);
                    values.append(subStep->judges[judge].probabilityOf(label));
                    highest = std::max(highest, values.constLast());
                }
            }
            QCPGraph* line = parts.plot->addGraph(x, y);
            line->setData(keys, values, true);
            line->setPen(pen);
            line->setAdaptiveSampling(true);
            if (keys.size() == 1) {
                line->setScatterStyle(QCPScatterStyle(QCPScatterStyle::ssDisc, pen.color(), 5.0));
            }
            parts.lines.append(line);
        };
        for (std::size_t judge = 0; judge < m_trace->judges.size(); ++judge) {
            const int source = sourceIndexOf(m_trace->judges[judge]);
            const QColor color = m_theme.sourceColor(source);
            const auto pen = [&](double width, const QVector<qreal>& dashes) {
                QPen made(color, width, Qt::SolidLine, Qt::FlatCap, Qt::RoundJoin);
                if (!dashes.isEmpty()) {
                    made.setDashPattern(dashes);
                }
                return made;
            };
            if (m_showAttacked) {
                add(judge, [](const SubStep& step) { return step.attackedLabel; },
                    pen(1.2, { 1.2, 2.2 }));
            }
            if (m_showTarget && hasTarget) {
                add(judge, [&](const SubStep&) { return *m_target; }, pen(1.6, { 7, 2.5, 1.5, 2.5 }));
            }
            if (m_showTrue && hasTrue) {
                add(judge, [&](const SubStep&) { return *m_trueLabel; },
                    source >= 0 ? pen(2.0, {}) : pen(1.5, { 4, 3 }));
                for (const int subStep :
                    labelReturns(*m_trace, static_cast<int>(judge), *m_trueLabel)) {
                    const SubStep& step = *m_trace->subSteps.at(static_cast<std::size_t>(subStep));
                    ringX.append(subStep);
                    ringY.append(step.judges[judge].probabilityOf(*m_trueLabel));
                }
            }
        }
    }
    parts.rings->setData(ringX, ringY);
    fillStrip();
    const double airLeft = std::max(0.25, planned * 0.01);
    const double airRight = std::max(0.55, planned * 0.01);
    for (QCPAxisRect* rect : { parts.main, parts.strip }) {
        rect->axis(QCPAxis::atBottom)->setRange(-airLeft, planned + airRight);
    }
    y->setRange(0.0, m_trace == nullptr ? 1.02 : niceTop(highest));
    updateNotes();
    moveCursor();
    parts.plot->replot(QCustomPlot::rpQueuedReplot);
}

void TrajectoryPlot::fillStrip()
{
    Parts& parts = *m_parts;
    std::map<QCPBars*, QVector<double>> keys
        = { { parts.trueBars, {} }, { parts.otherBars, {} }, { parts.targetBars, {} } };
    if (m_trace != nullptr) {
        for (const auto& subStep : m_trace->subSteps) {
            if (subStep->attackedLabel < 0) {
                continue;
            }
            if (subStep->descends) {
                keys[parts.targetBars].append(subStep->index);
            } else if (m_trueLabel) {
                keys[subStep->attackedLabel == *m_trueLabel ? parts.trueBars : parts.otherBars]
                    .append(subStep->index);
            }
        }
    }
    const bool many = lastComputed() > 150;
    for (const auto& [bars, positions] : keys) {
        bars->setWidth(many ? 1.0 : 0.94);
        bars->setData(positions, QVector<double>(positions.size(), 1.0), true);
    }
}

void TrajectoryPlot::updateNotes()
{
    QVector<LegendEntry> entries;
    m_notes.clear();
    const bool hasTrace = m_trace != nullptr;
    bool descends = false;
    bool ascends = false;
    if (!hasTrace) {
        entries.append({ LegendEntry::Sample::None, {},
            tr("Run an attack: the probability of the true, the attacked and the target label "
               "appears here, sub-step by sub-step.") });
    } else {
        for (const auto& subStep : m_trace->subSteps) {
            descends = descends || (subStep->attackedLabel >= 0 && subStep->descends);
            ascends = ascends || (subStep->attackedLabel >= 0 && !subStep->descends);
        }
        const bool linesAreTrue = m_showTrue && m_trueLabel;
        QString heading = tr("Probability on the exported image");
        if (linesAreTrue) {
            const QString name = bold(nameOfLabel(*m_trueLabel), m_theme.trueLabel)
                + (m_assumed ? tr(" (assumed: the joint top-1)") : QString());
            heading = tr("Probability of %1 on the exported image").arg(name);
        }
        entries.append({ LegendEntry::Sample::None, {}, heading });
        for (const std::string& judge : m_trace->judges) {
            const int source = sourceIndexOf(judge);
            const QString name = nameOf(judge).toHtmlEscaped();
            QPen pen(m_theme.sourceColor(source), source >= 0 ? 2.0 : 1.5);
            if (source < 0) {
                pen.setDashPattern({ 4, 3 });
            }
            entries.append({ LegendEntry::Sample::Line, pen,
                source >= 0 ? tr("%1 (source %2)").arg(name).arg(source + 1)
                            : tr("%1 (judge only)").arg(name) });
        }
        if (m_showAttacked) {
            QPen pen(m_theme.muted, 1.4);
            pen.setDashPattern({ 1.2, 2.2 });
            entries.append(
                { LegendEntry::Sample::Line, pen, tr("of the label that the sub-step attacked") });
        }
        if (m_showTarget && m_target) {
            QPen pen(m_theme.muted, 1.6);
            pen.setDashPattern({ 7, 2.5, 1.5, 2.5 });
            entries.append({ LegendEntry::Sample::Line, pen,
                tr("of the target %1").arg(bold(nameOfLabel(*m_target), m_theme.target)) });
        }
        if (linesAreTrue) {
            addReturnNotes(entries);
        }
        if (m_trueLabel && ascends) {
            entries.append(
                { LegendEntry::Sample::Strip, {}, tr("attacked label true / not the true one") });
        } else if (!m_trueLabel) {
            m_notes.append(tr("The true label is not known."));
            entries.append({ LegendEntry::Sample::None, {}, m_notes.constLast() });
        }
        if (m_trace->cancelled) {
            m_notes.append(tr("Cancelled after %n sub-step(s).", nullptr, lastComputed()));
            entries.append({ LegendEntry::Sample::None, {}, m_notes.constLast() });
        }
    }
    m_parts->legend->setAvailable(m_trueLabel.has_value(), hasTrace, m_target.has_value());
    m_parts->legend->setEntries(entries);
    setAccessibleDescription(m_notes.join(QLatin1Char(' ')));
}

void TrajectoryPlot::addReturnNotes(QVector<LegendEntry>& entries)
{
    // By sub-step, then in the judges' order: one sentence each, the first ones only.
    std::map<int, QStringList> returns;
    for (std::size_t judge = 0; judge < m_trace->judges.size(); ++judge) {
        for (const int subStep : labelReturns(*m_trace, static_cast<int>(judge), *m_trueLabel)) {
            returns[subStep].append(nameOf(m_trace->judges[judge]));
        }
    }
    const QString trueName = nameOfLabel(*m_trueLabel);
    int told = 0;
    for (const auto& [subStep, models] : returns) {
        if (told == kMostNotes) {
            const int more = static_cast<int>(returns.size()) - kMostNotes;
            m_notes.append(tr("and at %n further sub-step(s)", nullptr, more));
            entries.append({ LegendEntry::Sample::Ring, QPen(m_theme.wrongLabel, 2.0),
                m_notes.constLast().toHtmlEscaped() });
            break;
        }
        const SubStep& step = *m_trace->subSteps.at(static_cast<std::size_t>(subStep));
        const QString on = models.join(tr(" and "));
        if (step.attackedLabel >= 0 && step.attackedLabel != *m_trueLabel && !step.descends) {
            m_notes.append(tr("the true label is back: sub-step %1 attacked \u201c%2\u201d, so "
                              "\u201c%3\u201d returned on %4")
                               .arg(QString::number(subStep), nameOfLabel(step.attackedLabel),
                                   trueName, on));
        } else {
            m_notes.append(tr("the true label is back: \u201c%1\u201d returned at sub-step %2 on %3")
                               .arg(trueName, QString::number(subStep), on));
        }
        entries.append({ LegendEntry::Sample::Ring, QPen(m_theme.wrongLabel, 2.0),
            m_notes.constLast().toHtmlEscaped() });
        ++told;
    }
}

QStringList TrajectoryPlot::notes() const
{
    return m_notes;
}

QPointF TrajectoryPlot::positionOf(int subStep) const
{
    const QRect rect = m_parts->main->rect();
    return QPointF(m_parts->plot->pos())
        + QPointF(m_parts->main->axis(QCPAxis::atBottom)->coordToPixel(subStep), rect.center().y());
}

int TrajectoryPlot::subStepAt(const QPoint& plotPosition) const
{
    const double x = m_parts->main->axis(QCPAxis::atBottom)->pixelToCoord(plotPosition.x());
    return std::clamp(static_cast<int>(std::lround(x)), 0, lastComputed());
}

void TrajectoryPlot::goTo(const QPoint& plotPosition)
{
    go(subStepAt(plotPosition));
}

void TrajectoryPlot::go(int subStep)
{
    const int wanted = std::clamp(subStep, 0, lastComputed());
    if (m_trace != nullptr && wanted != m_current) {
        setCurrent(wanted);
        emit subStepClicked(wanted);
    }
}

void TrajectoryPlot::explain(const QPoint& plotPosition, const QPoint& globalPosition)
{
    if (m_trace == nullptr || !m_parts->main->rect().contains(plotPosition)) {
        QToolTip::hideText();
        return;
    }
    const SubStep& step
        = *m_trace->subSteps.at(static_cast<std::size_t>(subStepAt(plotPosition)));
    QStringList lines { step.index == 0 ? tr("clean image") : tr("sub-step %1").arg(step.index) };
    if (step.attackedLabel >= 0) {
        lines.append((step.descends ? tr("towards %1") : tr("attacked %1"))
                         .arg(nameOfLabel(step.attackedLabel)));
    }
    for (std::size_t judge = 0; judge < step.judges.size() && m_trueLabel; ++judge) {
        lines.append(tr("%1: %2").arg(nameOf(m_trace->judges.at(judge)),
            QString::number(step.judges[judge].probabilityOf(*m_trueLabel), 'f', 3)));
    }
    QToolTip::showText(globalPosition, lines.join(QLatin1Char('\n')), m_parts->plot);
}

void TrajectoryPlot::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        go(m_current - 1);
        break;
    case Qt::Key_Right:
        go(m_current + 1);
        break;
    case Qt::Key_Home:
        go(0);
        break;
    case Qt::Key_End:
        go(lastComputed());
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    event->accept();
}

void TrajectoryPlot::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void TrajectoryPlot::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

void TrajectoryPlot::paintEvent(QPaintEvent* /*event*/)
{
    if (hasFocus()) {
        QPainter painter(this);
        painter.setPen(QPen(m_theme.accent, 1.0, Qt::DotLine));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void TrajectoryPlot::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    m_parts->legendArea->setFixedWidth(std::clamp(width() * 36 / 100, 170, 330));
}

void TrajectoryPlot::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_parts->plot->replot(QCustomPlot::rpQueuedReplot);
}

QImage TrajectoryPlot::grabImage()
{
    m_parts->plot->replot(QCustomPlot::rpImmediateRefresh);
    return grab().toImage();
}

void TrajectoryPlot::savePlot(const QString& path)
{
    const auto fail = [&](const QString& why) {
        throw Error(ErrorKind::BadInput, "cannot write the plot", path.toStdString(),
            "a writable place and a known extension", why.toStdString());
    };
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        fail(file.errorString());
    }
    if (QFileInfo(path).suffix().compare(QLatin1String("pdf"), Qt::CaseInsensitive) != 0) {
        const QByteArray format = QFileInfo(path).suffix().toLatin1();
        if (!grabImage().save(&file, format.isEmpty() ? "png" : format.constData())) {
            fail(QStringLiteral(".") + QString::fromLatin1(format));
        }
    } else {
        writePdf(file);
    }
    if (!file.commit()) {
        fail(file.errorString());
    }
}

void TrajectoryPlot::writePdf(QIODevice& device)
{
    constexpr double kDotsPerInch = 96.0;
    QPdfWriter writer(&device);
    writer.setResolution(static_cast<int>(kDotsPerInch));
    writer.setPageMargins(QMarginsF(0, 0, 0, 0));
    writer.setPageSize(QPageSize(QSizeF(size()) / kDotsPerInch, QPageSize::Inch));
    writer.setTitle(tr("Trajectory"));
    QCPPainter painter;
    if (!painter.begin(&writer)) {
        throw Error(ErrorKind::BadInput, "cannot write the plot", "PDF");
    }
    painter.fillRect(QRect(QPoint(0, 0), size()), m_theme.window);
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.save();
    painter.translate(m_parts->plot->pos());
    m_parts->plot->toPainter(&painter, m_parts->plot->width(), m_parts->plot->height());
    painter.restore();
    const int chips = m_parts->legend->chipsHeight();
    m_parts->legend->render(&painter, m_parts->legendArea->pos(),
        QRegion(m_parts->legend->rect().adjusted(0, chips, 0, 0)));
    painter.end();
    m_parts->plot->replot(QCustomPlot::rpQueuedReplot); // toPainter changed its viewport for a while
}

} // namespace crossiter::ui
