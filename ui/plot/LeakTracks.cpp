#include "ui/plot/LeakTracks.h"

#include "core/classify/Labels.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QToolTip>
#include <qcustomplot.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace crossiter::ui {

namespace {

constexpr double kRowLowest = 50.0;
constexpr double kRowHighest = 104.0;
constexpr double kCellHeight = 17.0;
constexpr double kAxisHeight = 20.0;
constexpr double kRowGap = 7.0;

QString nameOfLabel(int label)
{
    return QString::fromStdString(labelName(label));
}

constexpr int kLetters = 26;

/// A, B ... Z, AA, AB ... AZ, BA ...
QString letterOf(int number)
{
    const QString letter(QChar(static_cast<char16_t>(u'A' + number % kLetters)));
    return number < kLetters ? letter : letterOf(number / kLetters - 1) + letter;
}

} // namespace

QVector<QColor> leakPalette(const Theme& theme)
{
    if (theme.dark) {
        return { theme.wrongLabel, QColor(0x4a, 0x86, 0xe0), QColor(0xc7, 0x6a, 0xa8),
            QColor(0xf5, 0xe5, 0x8a), QColor(0x8f, 0xd8, 0xf5), QColor(0x7d, 0x5f, 0xa8) };
    }
    return { theme.wrongLabel, QColor(0x25, 0x63, 0xb0), QColor(0xcf, 0x7f, 0xb8),
        QColor(0xe5, 0xb9, 0x3c), QColor(0x6c, 0xc0, 0xe8), QColor(0x4a, 0x2c, 0x63) };
}

LeakTracks::LeakTracks(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
{
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setCursor(Qt::PointingHandCursor);
    setAccessibleName(tr("Attacks side by side"));
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::MinimumExpanding);
}

void LeakTracks::setTheme(const Theme& theme)
{
    m_theme = theme;
    markLabels();
    update();
}

void LeakTracks::setModels(
    const QStringList& ids, const QStringList& names, const QVector<int>& sources)
{
    m_ids = ids;
    m_names = names;
    m_sources = sources;
    rebuild();
}

void LeakTracks::setRows(const QVector<LeakRow>& rows)
{
    m_rows = rows;
    rebuild();
}

void LeakTracks::setLabels(std::optional<int> trueLabel, std::optional<int> target)
{
    if (trueLabel != m_trueLabel || target != m_target) {
        m_trueLabel = trueLabel;
        m_target = target;
        rebuild();
    }
}

void LeakTracks::setCurrent(int subStep)
{
    if (subStep != m_current) {
        m_current = subStep;
        update();
    }
}

void LeakTracks::setDeparture(int subStep)
{
    if (subStep != m_departure) {
        m_departure = subStep;
        update();
    }
}

void LeakTracks::forgetLabels()
{
    m_marks.clear();
    markLabels();
    update();
}

QString LeakTracks::modelName(const QString& id) const
{
    return m_names.value(static_cast<int>(m_ids.indexOf(id)), id);
}

void LeakTracks::rebuild()
{
    m_curves.clear();
    m_columns = 2;
    double highest = 0.0;
    const std::optional<int> watched = m_target ? m_target : m_trueLabel;
    for (const LeakRow& row : std::as_const(m_rows)) {
        QVector<Curve> curves;
        m_columns = std::max(m_columns, row.planned + 1);
        if (row.trace) {
            const AttackTrace& trace = *row.trace;
            for (std::size_t judge = 0; judge < trace.judges.size() && watched; ++judge) {
                Curve curve;
                curve.judge = QString::fromStdString(trace.judges[judge]);
                curve.source = m_sources.value(static_cast<int>(m_ids.indexOf(curve.judge)), -1);
                for (const auto& step : trace.subSteps) {
                    curve.values << step->judges.at(judge).probabilityOf(*watched);
                    highest = std::max(highest, curve.values.constLast());
                }
                if (m_trueLabel && !m_target) {
                    const auto back = labelReturns(trace, static_cast<int>(judge), *m_trueLabel);
                    curve.rings = QVector<int>(back.begin(), back.end());
                }
                curves << curve;
            }
        }
        m_curves << curves;
    }
    m_top = std::clamp(std::ceil(highest * 1.04 * 10.0) / 10.0, 0.1, 1.0);
    m_cursorRow = std::clamp(m_cursorRow, 0, std::max(0, rowCount() - 1));
    m_cursorStep = std::clamp(m_cursorStep, 0, lastDone(m_cursorRow));
    markLabels();
    updateGeometry();
    update();
}

void LeakTracks::markLabels()
{
    for (auto& entry : m_marks) {
        entry.second.count = 0;
    }
    const QVector<QColor> palette = leakPalette(m_theme);
    for (const LeakRow& row : std::as_const(m_rows)) {
        if (!row.trace) {
            continue;
        }
        for (const auto& step : row.trace->subSteps) {
            if (step->attackedLabel < 0) {
                continue;
            }
            ++m_marks[step->attackedLabel].count;
        }
    }
    // In the order of the sub-steps: the first label that is met gets the first letter.
    for (const LeakRow& row : std::as_const(m_rows)) {
        for (std::size_t i = 0; row.trace && i < row.trace->subSteps.size(); ++i) {
            const int label = row.trace->subSteps[i]->attackedLabel;
            if (label >= 0 && label != m_trueLabel && m_marks[label].number < 0) {
                m_marks[label].number = freeLetter();
            }
        }
    }
    for (auto& [label, mark] : m_marks) {
        mark.label = label;
        if (label == m_trueLabel) {
            mark.letter = QStringLiteral("●");
            mark.color = m_theme.trueLabel;
            mark.hatched = false;
        } else {
            const int number = std::max(0, mark.number); // none: a label that is not shown
            mark.letter = letterOf(number);
            mark.color = palette[number % static_cast<int>(palette.size())];
            mark.hatched = number >= palette.size();
        }
        const QColor white(Qt::white);
        const QColor black(0x10, 0x14, 0x1c);
        mark.ink =
            contrastRatio(mark.color, white) >= contrastRatio(mark.color, black) ? white : black;
    }
}

int LeakTracks::freeLetter()
{
    std::vector<LabelMark*> holders;
    for (auto& entry : m_marks) {
        const auto number = static_cast<std::size_t>(entry.second.number + 1);
        holders.resize(std::max(holders.size(), number));
        if (number > 0) {
            holders[number - 1] = &entry.second;
        }
    }
    for (std::size_t i = 0; i < holders.size(); ++i) {
        if (holders[i] == nullptr) {
            return static_cast<int>(i);
        }
    }
    if (holders.size() >= kLetters) { // a second letter only where one does not tell them apart
        for (std::size_t i = 0; i < holders.size(); ++i) {
            if (holders[i]->count == 0) {
                holders[i]->number = -1;
                return static_cast<int>(i);
            }
        }
    }
    return static_cast<int>(holders.size());
}

const LabelMark* LeakTracks::markOf(int label) const
{
    const auto found = m_marks.find(label);
    return found == m_marks.end() ? nullptr : &found->second;
}

QVector<LabelMark> LeakTracks::marks() const
{
    QVector<LabelMark> shown;
    for (const auto& entry : m_marks) {
        if (entry.second.count > 0) {
            shown << entry.second;
        }
    }
    std::sort(shown.begin(), shown.end(), [this](const LabelMark& a, const LabelMark& b) {
        const auto key = [this](const LabelMark& mark) {
            return std::pair(mark.label != m_trueLabel, mark.number);
        };
        return key(a) < key(b);
    });
    return shown;
}

int LeakTracks::lastDone(int row) const
{
    if (row < 0 || row >= rowCount() || !m_rows[row].trace) {
        return 0;
    }
    return std::max(0, static_cast<int>(m_rows[row].trace->subSteps.size()) - 1);
}

double LeakTracks::nameWidth() const
{
    double width = 96.0;
    QFont bold = font();
    bold.setBold(true);
    const QFontMetricsF metrics(bold);
    for (const LeakRow& row : m_rows) {
        width = std::max(width, metrics.horizontalAdvance(row.name) + 40.0);
    }
    return std::min(width, std::max(96.0, this->width() * 0.34));
}

double LeakTracks::rowHeight() const
{
    const double each = (height() - kAxisHeight) / std::max(1, rowCount());
    return std::clamp(each, kRowLowest, kRowHighest);
}

double LeakTracks::columnWidth() const
{
    return std::max(0.25, (width() - nameWidth() - 10.0) / m_columns);
}

double LeakTracks::columnLeft(int subStep) const
{
    return nameWidth() + subStep * columnWidth();
}

QRectF LeakTracks::cellRect(int row, int subStep) const
{
    const double gap = columnWidth() > 6.0 ? 1.0 : 0.0;
    return { columnLeft(subStep) + gap, row * rowHeight() + 3.0, columnWidth() - 2.0 * gap,
        kCellHeight };
}

QRectF LeakTracks::curveRect(int row) const
{
    const double top = row * rowHeight() + 3.0 + kCellHeight + 4.0;
    return { columnLeft(0), top, m_columns * columnWidth(),
        (row + 1) * rowHeight() - kRowGap - top };
}

int LeakTracks::attackedLabel(int row, int subStep) const
{
    if (row < 0 || row >= rowCount() || subStep < 0 || subStep > lastDone(row)
        || !m_rows[row].trace) {
        return -1;
    }
    return m_rows[row].trace->subSteps[static_cast<std::size_t>(subStep)]->attackedLabel;
}

QVector<double> LeakTracks::curve(int row, const QString& judge) const
{
    for (const Curve& curve : m_curves.value(row)) {
        if (curve.judge == judge) {
            return curve.values;
        }
    }
    return {};
}

QVector<int> LeakTracks::rings(int row, const QString& judge) const
{
    for (const Curve& curve : m_curves.value(row)) {
        if (curve.judge == judge) {
            return curve.rings;
        }
    }
    return {};
}

QString LeakTracks::describe(int row, int subStep) const
{
    if (row < 0 || row >= rowCount()) {
        return {};
    }
    const LeakRow& shown = m_rows[row];
    QStringList lines { shown.name };
    if (!shown.trace || subStep > lastDone(row)) {
        lines << (shown.note.isEmpty() ? tr("sub-step %1: not computed").arg(subStep) : shown.note);
        return lines.join(QLatin1Char('\n'));
    }
    const SubStep& step = *shown.trace->subSteps[static_cast<std::size_t>(subStep)];
    if (step.index == 0) {
        lines << tr("clean image");
    } else if (step.attackedLabel >= 0) {
        const QString source = modelName(QString::fromStdString(step.source));
        lines << (step.descends ? tr("sub-step %1: %2 was stepped towards “%3”")
                                : tr("sub-step %1: %2 was stepped away from “%3”"))
                     .arg(QString::number(subStep), source, nameOfLabel(step.attackedLabel));
    }
    const std::optional<int> watched = m_target ? m_target : m_trueLabel;
    for (const Curve& curve : m_curves.value(row)) {
        QString line = tr("“%1” on %2: %3")
                           .arg(nameOfLabel(*watched), modelName(curve.judge),
                               QString::number(curve.values.value(subStep), 'f', 3));
        if (curve.rings.contains(subStep)) {
            line += tr(", back");
        }
        lines << line;
    }
    return lines.join(QLatin1Char('\n'));
}

bool LeakTracks::hit(QPointF position, int& row, int& subStep) const
{
    row = static_cast<int>(position.y() / rowHeight());
    subStep = static_cast<int>(std::floor((position.x() - columnLeft(0)) / columnWidth()));
    return row >= 0 && row < rowCount() && position.y() >= 0.0 && subStep < m_columns;
}

void LeakTracks::mousePressEvent(QMouseEvent* event)
{
    int row = 0;
    int subStep = 0;
    if (event->button() != Qt::LeftButton || !hit(event->position(), row, subStep)) {
        QWidget::mousePressEvent(event);
        return;
    }
    setFocus(Qt::MouseFocusReason);
    if (subStep < 0) {
        subStep = m_current; // on the name: this attack, the same sub-step
    }
    if (!m_rows[row].available || !m_rows[row].trace) {
        return;
    }
    subStep = std::min(subStep, lastDone(row));
    moveCursor(row, subStep);
    emit chosen(row, subStep);
}

void LeakTracks::moveCursor(int row, int subStep)
{
    m_cursorRow = std::clamp(row, 0, std::max(0, rowCount() - 1));
    m_cursorStep = std::clamp(subStep, 0, lastDone(m_cursorRow));
    announce();
    update();
}

void LeakTracks::announce()
{
    setAccessibleDescription(describe(m_cursorRow, m_cursorStep));
    QAccessibleEvent changed(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&changed);
}

void LeakTracks::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        moveCursor(m_cursorRow, m_cursorStep - 1);
        break;
    case Qt::Key_Right:
        moveCursor(m_cursorRow, m_cursorStep + 1);
        break;
    case Qt::Key_Up:
        moveCursor(m_cursorRow - 1, m_cursorStep);
        break;
    case Qt::Key_Down:
        moveCursor(m_cursorRow + 1, m_cursorStep);
        break;
    case Qt::Key_Home:
        moveCursor(m_cursorRow, 0);
        break;
    case Qt::Key_End:
        moveCursor(m_cursorRow, lastDone(m_cursorRow));
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_cursorRow < rowCount() && m_rows[m_cursorRow].available
            && m_rows[m_cursorRow].trace) {
            emit chosen(m_cursorRow, m_cursorStep);
        }
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
            if (m_rows[row].shown) {
                m_cursorRow = row; // one starts where one is
                m_cursorStep = std::min(m_current, lastDone(row));
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
        if (hit(help->pos(), row, subStep)) {
            QToolTip::showText(help->globalPos(), describe(row, std::max(0, subStep)), this);
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
    const auto copy = std::make_shared<LeakTracks>(); // never shown
    copy->setFont(figureFont());
    copy->m_ids = m_ids;
    copy->m_names = m_names;
    copy->m_sources = m_sources;
    copy->m_rows = m_rows;
    copy->m_trueLabel = m_trueLabel;
    copy->m_target = m_target;
    copy->m_marks = m_marks;
    copy->m_departure = m_departure;
    copy->m_marksPlace = false;
    copy->m_theme = figureTheme();
    copy->rebuild();
    if (marks != nullptr) {
        *marks = copy->marks();
    }
    Figure figure;
    figure.title = tr("Label leaking");
    figure.theme = figureTheme();
    figure.leastHeight = copy->minimumSizeHint().height();
    figure.body = [copy](QCPPainter& painter, const QSize& size) {
        copy->resize(size);
        copy->paintAll(painter);
    };
    return figure;
}

QSize LeakTracks::sizeHint() const
{
    return { 520, static_cast<int>(kAxisHeight + 68.0 * std::max(1, rowCount())) };
}

QSize LeakTracks::minimumSizeHint() const
{
    return { 300, static_cast<int>(std::ceil(kAxisHeight + kRowLowest * std::max(1, rowCount()))) };
}

} // namespace crossiter::ui
