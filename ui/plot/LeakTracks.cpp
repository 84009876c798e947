#include "ui/plot/LeakTracks.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QToolTip>
#include <qcustomplot.h>

#include <algorithm>

namespace crossiter::ui {

LeakTracks::LeakTracks(QWidget* parent)
    : QWidget(parent)
{
    m_picture.theme = makeTheme(ThemeKind::System);
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setCursor(Qt::PointingHandCursor);
    setAccessibleName(tr("Attacks side by side"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::MinimumExpanding);
}

void LeakTracks::setTheme(const Theme& theme)
{
    m_picture.theme = theme;
    m_picture.markLabels();
    update();
}

void LeakTracks::setModels(
    const QStringList& ids, const QStringList& names, const QVector<int>& sources)
{
    m_picture.ids = ids;
    m_picture.names = names;
    m_picture.sources = sources;
    rebuild();
}

void LeakTracks::setRows(const QVector<LeakRow>& rows)
{
    m_picture.rows = rows;
    rebuild();
}

void LeakTracks::setLabels(std::optional<int> trueLabel, std::optional<int> target)
{
    if (trueLabel != m_picture.trueLabel || target != m_picture.target) {
        m_picture.trueLabel = trueLabel;
        m_picture.target = target;
        rebuild();
    }
}

void LeakTracks::setCurrent(int subStep)
{
    if (subStep != m_picture.current) {
        m_picture.current = subStep;
        update();
    }
}

void LeakTracks::setDeparture(int subStep)
{
    if (subStep != m_picture.departure) {
        m_picture.departure = subStep;
        update();
    }
}

void LeakTracks::forgetLabels()
{
    m_picture.marks.clear();
    m_picture.markLabels();
    update();
}

void LeakTracks::mousePressEvent(QMouseEvent* event)
{
    int row = 0;
    int subStep = 0;
    if (event->button() != Qt::LeftButton || !placed().hit(event->position(), row, subStep)) {
        QWidget::mousePressEvent(event);
        return;
    }
    setFocus(Qt::MouseFocusReason);
    if (subStep < 0)
        subStep = m_picture.current; // on the name: this attack, the same sub-step
    if (!m_picture.rows[row].available || !m_picture.rows[row].trace)
        return;
    subStep = std::min(subStep, m_picture.lastDone(row));
    moveCursor(row, subStep);
    emit chosen(row, subStep);
}

void LeakTracks::moveCursor(int row, int subStep)
{
    m_picture.cursorRow = std::clamp(row, 0, std::max(0, rowCount() - 1));
    m_picture.cursorStep = std::clamp(subStep, 0, m_picture.lastDone(m_picture.cursorRow));
    announce();
    update();
}

void LeakTracks::announce()
{
    setAccessibleDescription(m_picture.describe(m_picture.cursorRow, m_picture.cursorStep));
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
}

void LeakTracks::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        moveCursor(m_picture.cursorRow, m_picture.cursorStep - 1);
        break;
    case Qt::Key_Right:
        moveCursor(m_picture.cursorRow, m_picture.cursorStep + 1);
        break;
    case Qt::Key_Up:
        moveCursor(m_picture.cursorRow - 1, m_picture.cursorStep);
        break;
    case Qt::Key_Down:
        moveCursor(m_picture.cursorRow + 1, m_picture.cursorStep);
        break;
    case Qt::Key_Home:
        moveCursor(m_picture.cursorRow, 0);
        break;
    case Qt::Key_End:
        moveCursor(m_picture.cursorRow, m_picture.lastDone(m_picture.cursorRow));
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_picture.cursorRow < rowCount() && m_picture.rows[m_picture.cursorRow].available
            && m_picture.rows[m_picture.cursorRow].trace)
            emit chosen(m_picture.cursorRow, m_picture.cursorStep);
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    event->accept();
}

void LeakTracks::focusInEvent(QFocusEvent* event)
{
    QWidget::focusInEvent(event);
    if (event->reason() != Qt::MouseFocusReason) {
        for (int row = 0; row < rowCount(); ++row) {
            if (m_picture.rows[row].shown) {
                m_picture.cursorRow = row; // one starts where one is
                m_picture.cursorStep = std::min(m_picture.current, m_picture.lastDone(row));
            }
        }
    }
    announce();
    update();
}

void LeakTracks::focusOutEvent(QFocusEvent* event)
{
    QWidget::focusOutEvent(event);
    update();
}

bool LeakTracks::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        int row = 0;
        int subStep = 0;
        if (placed().hit(help->pos(), row, subStep)) {
            QToolTip::showText(
                help->globalPos(), m_picture.describe(row, std::max(0, subStep)), this);
        } else {
            QToolTip::hideText();
        }
        return true;
    }
    return QWidget::event(event);
}

QImage LeakTracks::grabImage()
{
    return grab().toImage();
}

Figure LeakTracks::figure(QVector<LabelMark>* marks) const
{
    const auto copy = std::make_shared<LeakTracksPicture>(m_picture);
    copy->font = figureFont();
    copy->theme = figureTheme();
    copy->marksPlace = false;
    copy->focused = false;
    copy->current = 0;
    copy->cursorRow = 0;
    copy->cursorStep = 0;
    copy->rebuild();
    if (marks != nullptr)
        *marks = copy->marks.shown();
    Figure figure;
    figure.title = tr("Label leaking");
    figure.theme = figureTheme();
    figure.leastHeight = LeakTracksPicture::leastHeight(copy->rowCount());
    figure.body = [copy](QCPPainter& painter, const QSize& size) {
        copy->size = size;
        copy->paint(painter);
    };
    return figure;
}

void LeakTracks::paintEvent(QPaintEvent* /*event*/)
{
    QPainter painter(this);
    placed().paint(painter);
}

const LeakTracksPicture& LeakTracks::placed() const
{
    m_picture.size = size();
    m_picture.font = font();
    m_picture.focused = hasFocus();
    return m_picture;
}

void LeakTracks::rebuild()
{
    m_picture.rebuild();
    updateGeometry();
    update();
}

QRectF LeakTracks::cellRect(int row, int subStep) const
{
    return placed().cellRect(row, subStep);
}

QRectF LeakTracks::curveRect(int row) const
{
    return placed().curveRect(row);
}

QSize LeakTracks::sizeHint() const
{
    return { 520, LeakTracksPicture::wantedHeight(rowCount()) };
}

QSize LeakTracks::minimumSizeHint() const
{
    return { 300, LeakTracksPicture::leastHeight(rowCount()) };
}

} // namespace crossiter::ui
