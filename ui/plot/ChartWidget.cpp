#include "ui/plot/ChartWidget.h"

#include <qcustomplot.h>

namespace crossiter::ui {

ChartWidget::ChartWidget(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_plot(new QCustomPlot(this))
{
    setFocusPolicy(Qt::StrongFocus);
    m_plot->setFocusPolicy(Qt::NoFocus);
    m_plot->setMouseTracking(true);
    m_plot->setCursor(Qt::PointingHandCursor);
    connect(
        m_plot, &QCustomPlot::mousePress, this,
        [this](QMouseEvent* event) {
            if (event->button() == Qt::LeftButton) {
                setFocus(Qt::MouseFocusReason);
                emit draggingChanged(true);
                pointAt(event->pos());
            }
        });
    connect(
        m_plot, &QCustomPlot::mouseMove, this,
        [this](QMouseEvent* event) {
            if ((event->buttons() & Qt::LeftButton) != 0U) {
                pointAt(event->pos());
            } else {
                explain(event->pos(), event->globalPosition().toPoint());
            }
        });
    connect(m_plot, &QCustomPlot::mouseRelease, this, [this](QMouseEvent* event) {
        if (event->button() == Qt::LeftButton) {
            emit draggingChanged(false);
        }
    });
}

ChartWidget::~ChartWidget() = default;

void ChartWidget::setTheme(const Theme& theme)
{
    m_theme = theme;
    recolour();
    rebuild();
}

QFont ChartWidget::axisFont() const
{
    QFont small = tabularFont(font());
    small.setPointSizeF(small.pointSizeF() * 0.9);
    return small;
}

void ChartWidget::styleAxis(QCPAxis& axis) const
{
    const QFont small = axisFont();
    axis.setTickLabelColor(m_theme.muted);
    axis.setLabelColor(m_theme.muted);
    axis.setTickLabelFont(small);
    axis.setLabelFont(small);
    axis.grid()->setPen(QPen(m_theme.line, 1.0));
    axis.grid()->setZeroLinePen(Qt::NoPen);
}

void ChartWidget::addCursorLayer()
{
    m_plot->addLayer(QStringLiteral("cursor"), m_plot->layer(QStringLiteral("main")));
    m_plot->layer(QStringLiteral("cursor"))->setMode(QCPLayer::lmBuffered);
}

void ChartWidget::replotCursor()
{
    m_plot->layer(QStringLiteral("cursor"))->replot();
}

void ChartWidget::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    update();
}

void ChartWidget::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

void ChartWidget::paintEvent(QPaintEvent* /*event*/)
{
    if (hasFocus()) {
        QPainter painter(this);
        painter.setPen(QPen(m_theme.accent, 1.0, Qt::DotLine));
        painter.drawRect(rect().adjusted(0, 0, -1, -1));
    }
}

void ChartWidget::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

} // namespace crossiter::ui
