#include "ui/plot/ScoreMatrixPlot.h"

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"
#include "ui/plot/ScoreMatrixPaint.h"

#include <QContextMenuEvent>
#include <QFileInfo>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QTransposeProxyModel>
#include <qcustomplot.h>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kLeastCell = 62;
constexpr int kMostCell = 120;
constexpr int kMostNameWidth = 230;
constexpr int kMostLines = 4; ///< of a column's name

/// Names may break after _ and -, and where a capital begins a word.
QString breakable(const QString& name)
{
    QString out;
    for (qsizetype i = 0; i < name.size(); ++i) {
        if (i > 0 && name[i].isUpper() && name[i - 1].isLower())
            out += QChar(0x200B); // zero-width space
        out += name[i];
        if (name[i] == QLatin1Char('_') || name[i] == QLatin1Char('-'))
            out += QChar(0x200B);
    }
    return out;
}

/// Names of rows or columns, in up to three lines, with the mark of the order.
class NameHeader : public QHeaderView
{
public:
    NameHeader(Qt::Orientation orientation, ScoreMatrixPlot* plot)
        : QHeaderView(orientation, plot)
        , m_plot(plot)
    {
        setSectionsClickable(true);
        setHighlightSections(true);
        setFocusPolicy(Qt::NoFocus);
    }

    void setSorted(int section, Qt::SortOrder order)
    {
        m_sorted = section;
        m_order = order;
        viewport()->update();
    }
    [[nodiscard]] int sorted() const { return m_sorted; }

protected:
    void paintSection(QPainter* painter, const QRect& rect, int section) const override
    {
        const Theme& theme = m_plot->theme();
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->fillRect(rect, theme.window);
        const bool sorted = section == m_sorted;
        const QModelIndex current = m_plot->currentIndex();
        const bool here = m_plot->hasFocus() && current.isValid()
            && (orientation() == Qt::Horizontal ? current.column() : current.row()) == section;
        painter->setPen(sorted || here ? theme.text : theme.muted);
        QFont face = font();
        face.setBold(sorted);
        painter->setFont(face);
        const QString name = model()->headerData(section, orientation()).toString();
        constexpr int kMark = 12;
        if (orientation() == Qt::Vertical) {
            const QRect text = rect.adjusted(4, 0, -kMark - 3, 0);
            painter->drawText(text, Qt::AlignRight | Qt::AlignVCenter,
                painter->fontMetrics().elidedText(name, Qt::ElideMiddle, text.width()));
            if (sorted)
                drawMark(*painter, QPointF(rect.right() - kMark / 2.0 - 1, rect.center().y()));
        } else {
            const QRect text = rect.adjusted(3, 2, -3, sorted ? -kMark + 2 : -4);
            painter->setClipRect(rect);
            painter->drawText(
                text, Qt::AlignHCenter | Qt::AlignBottom | Qt::TextWordWrap, breakable(name));
            if (sorted)
                drawMark(*painter, QPointF(rect.center().x(), rect.bottom() - kMark / 2.0 + 1));
        }
        painter->restore();
    }

private:
    /// Points to where the high values are.
    void drawMark(QPainter& painter, const QPointF& centre) const
    {
        const bool columns = orientation() == Qt::Vertical;
        const double tip = m_order == Qt::DescendingOrder ? -3.0 : 3.0;
        QPolygonF mark;
        if (columns)
            mark << QPointF(tip, 0) << QPointF(-tip, -3.5) << QPointF(-tip, 3.5);
        else
            mark << QPointF(0, tip) << QPointF(-3.5, -tip) << QPointF(3.5, -tip);
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_plot->theme().accent);
        painter.drawPolygon(mark.translated(centre));
    }

    ScoreMatrixPlot* m_plot;
    int m_sorted = -1;
    Qt::SortOrder m_order = Qt::DescendingOrder;
};

class CellDelegate : public QStyledItemDelegate
{
public:
    explicit CellDelegate(ScoreMatrixPlot* plot)
        : QStyledItemDelegate(plot)
        , m_plot(plot)
    {
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        MatrixCell cell = matrixCellOf(index);
        const Meeting meeting = m_plot->meetingAt(index);
        cell.chosen = meeting.valid() && meeting == m_plot->chosen();
        cell.current = m_plot->hasFocus() && m_plot->currentIndex() == index;
        paintMatrixCell(*painter, option.rect, cell, m_plot->theme());
    }

private:
    ScoreMatrixPlot* m_plot;
};

NameHeader* names(QHeaderView* header)
{
    return static_cast<NameHeader*>(header);
}

} // namespace

ScoreMatrixPlot::ScoreMatrixPlot(QWidget* parent)
    : QTableView(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_matrix(new ScoreMatrixModel(this))
    , m_rows(new ScoreSortModel(ScoreMatrixModel::RowMarginRole, this))
    , m_turned(new QTransposeProxyModel(this))
    , m_columns(new ScoreSortModel(ScoreMatrixModel::ColumnMarginRole, this))
    , m_shown(new QTransposeProxyModel(this))
{
    m_rows->setSourceModel(m_matrix);
    m_turned->setSourceModel(m_rows);
    m_columns->setSourceModel(m_turned);
    m_shown->setSourceModel(m_columns);
    setModel(m_shown);
    setHorizontalHeader(new NameHeader(Qt::Horizontal, this));
    setVerticalHeader(new NameHeader(Qt::Vertical, this));
    setItemDelegate(new CellDelegate(this));
    setObjectName("scoreMatrix");
    setAccessibleName(tr("Score matrix"));
    const QString help =
        tr("Click or Enter: the images behind the cell. Click on a name, or S and Shift+S: sorts "
           "rows or columns by it; again: the other way round; a third time: the plan's order.");
    setAccessibleDescription(help);
    setWhatsThis(help);
    setShowGrid(false);
    setCornerButtonEnabled(false);
    setSelectionMode(QAbstractItemView::SingleSelection);
    setEditTriggers(QAbstractItemView::NoEditTriggers);
    setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setFrameShape(QFrame::NoFrame);
    setTabKeyNavigation(false);
    setMouseTracking(true);
    horizontalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    horizontalHeader()->setMinimumSectionSize(20);
    verticalHeader()->setMinimumSectionSize(16);
    connect(this, &QTableView::clicked, this, &ScoreMatrixPlot::choose);
    connect(horizontalHeader(), &QHeaderView::sectionClicked, this, &ScoreMatrixPlot::cycleRows);
    connect(verticalHeader(), &QHeaderView::sectionClicked, this, &ScoreMatrixPlot::cycleColumns);
}

void ScoreMatrixPlot::setTheme(const Theme& theme)
{
    m_theme = theme;
    setStyleSheet(QStringLiteral("QTableCornerButton::section { background: %1; border: none; }")
                      .arg(theme.window.name()));
    horizontalHeader()->viewport()->update();
    verticalHeader()->viewport()->update();
    viewport()->update();
}

void ScoreMatrixPlot::setSheet(const ScoreSheet& sheet)
{
    const ScoreMatrix& old = m_matrix->sheet().matrix;
    const bool same = old.rows == sheet.matrix.rows && old.columns == sheet.matrix.columns;
    if (!same) {
        m_sortColumn = -1;
        m_sortRow = -1;
    }
    const QModelIndex was = toMatrix(currentIndex());
    const int row = was.row();
    const int column = was.column();
    m_matrix->setSheet(sheet);
    m_sortColumn = m_sortColumn < m_matrix->columnCount() ? m_sortColumn : -1;
    m_sortRow = m_sortRow < m_matrix->rowCount() ? m_sortRow : -1;
    applyOrder();
    fitSections();
    if (same && row >= 0 && row < m_matrix->rowCount() && column < m_matrix->columnCount()) {
        const QModelIndex now = m_shown->mapFromSource(m_columns->mapFromSource(
            m_turned->mapFromSource(m_rows->mapFromSource(m_matrix->index(row, column)))));
        selectionModel()->setCurrentIndex(now, QItemSelectionModel::NoUpdate);
    }
    setAccessibleName(
        sheet.title.isEmpty() ? tr("Score matrix") : tr("Score matrix: %1").arg(sheet.title));
}

void ScoreMatrixPlot::setShowsShares(bool shares)
{
    m_matrix->setShowsShares(shares);
    viewport()->update();
}

void ScoreMatrixPlot::setChosen(const Meeting& meeting)
{
    m_chosen = meeting;
    viewport()->update();
}

QModelIndex ScoreMatrixPlot::toMatrix(const QModelIndex& viewIndex) const
{
    return m_rows->mapToSource(
        m_turned->mapToSource(m_columns->mapToSource(m_shown->mapToSource(viewIndex))));
}

Meeting ScoreMatrixPlot::meetingAt(const QModelIndex& viewIndex) const
{
    return viewIndex.isValid() ? m_matrix->meetingAt(toMatrix(viewIndex)) : Meeting {};
}

void ScoreMatrixPlot::choose(const QModelIndex& viewIndex)
{
    const Meeting meeting = meetingAt(viewIndex);
    if (meeting.valid()) {
        setChosen(meeting);
        emit cellChosen(meeting);
    }
}

void ScoreMatrixPlot::applyOrder()
{
    m_rows->sort(m_sortColumn, m_rowsOrder);
    // The columns are ordered by a row of m_rows, whose place that sort has just decided.
    const int place =
        m_sortRow < 0 ? -1 : m_rows->mapFromSource(m_matrix->index(m_sortRow, 0)).row();
    m_columns->sort(place, m_columnsOrder);
    int section = -1;
    for (int column = 0; m_sortColumn >= 0 && column < m_shown->columnCount(); ++column)
        section = toMatrix(m_shown->index(0, column)).column() == m_sortColumn ? column : section;
    names(horizontalHeader())->setSorted(section, m_rowsOrder);
    section = -1;
    for (int row = 0; m_sortRow >= 0 && row < m_shown->rowCount(); ++row)
        section = toMatrix(m_shown->index(row, 0)).row() == m_sortRow ? row : section;
    names(verticalHeader())->setSorted(section, m_columnsOrder);
    viewport()->update();
}

void ScoreMatrixPlot::sortRowsBy(int column, Qt::SortOrder order)
{
    m_sortColumn = column;
    m_rowsOrder = order;
    applyOrder();
}

void ScoreMatrixPlot::sortColumnsBy(int row, Qt::SortOrder order)
{
    m_sortRow = row;
    m_columnsOrder = order;
    applyOrder();
}

void ScoreMatrixPlot::resetOrder()
{
    m_sortColumn = -1;
    m_sortRow = -1;
    applyOrder();
}

void ScoreMatrixPlot::cycleRows(int viewColumn)
{
    const int column = toMatrix(m_shown->index(0, viewColumn)).column();
    if (column != m_sortColumn)
        sortRowsBy(column, Qt::DescendingOrder);
    else if (m_rowsOrder == Qt::DescendingOrder)
        sortRowsBy(column, Qt::AscendingOrder);
    else
        sortRowsBy(-1, Qt::DescendingOrder);
}

void ScoreMatrixPlot::cycleColumns(int viewRow)
{
    const int row = toMatrix(m_shown->index(viewRow, 0)).row();
    if (row != m_sortRow)
        sortColumnsBy(row, Qt::DescendingOrder);
    else if (m_columnsOrder == Qt::DescendingOrder)
        sortColumnsBy(row, Qt::AscendingOrder);
    else
        sortColumnsBy(-1, Qt::DescendingOrder);
}

QStringList ScoreMatrixPlot::shownColumns() const
{
    QStringList columns;
    for (int column = 0; column < m_shown->columnCount(); ++column)
        columns << m_shown->headerData(column, Qt::Horizontal).toString();
    return columns;
}

void ScoreMatrixPlot::fitSections()
{
    const int columns = m_shown->columnCount();
    const int rows = m_shown->rowCount();
    if (columns == 0 || rows == 0)
        return;
    const QFontMetrics metrics(font());
    int nameWidth = 50;
    for (int row = 0; row < rows; ++row) {
        nameWidth = std::max(nameWidth,
            metrics.horizontalAdvance(m_shown->headerData(row, Qt::Vertical).toString()) + 26);
    }
    // Names get at most two fifths; cells share the rest as far as they read well.
    nameWidth = std::min({ nameWidth, kMostNameWidth, std::max(80, width() * 2 / 5) });
    verticalHeader()->setFixedWidth(nameWidth);
    const int bar = verticalScrollBar()->isVisible() ? verticalScrollBar()->width() : 0;
    const int cell = std::clamp((width() - nameWidth - bar - 4) / columns, kLeastCell, kMostCell);
    horizontalHeader()->setDefaultSectionSize(cell);
    int lines = 1;
    for (int column = 0; column < columns; ++column) {
        const QString name = breakable(m_shown->headerData(column, Qt::Horizontal).toString());
        const int height = metrics
                               .boundingRect(QRect(0, 0, cell - 8, 1000),
                                   Qt::AlignHCenter | Qt::TextWordWrap, name)
                               .height();
        lines = std::max(lines, (height + metrics.lineSpacing() - 1) / metrics.lineSpacing());
    }
    const int headerHeight = std::min(lines, kMostLines) * metrics.lineSpacing() + 14;
    horizontalHeader()->setFixedHeight(headerHeight);
    const int least = metrics.height() + 6;
    verticalHeader()->setDefaultSectionSize(
        std::clamp((height() - headerHeight - 4) / rows, least, least + 16));
}

void ScoreMatrixPlot::setNote(const QString& note)
{
    m_note = note;
}

Figure ScoreMatrixPlot::figure() const
{
    Figure figure;
    figure.title = m_matrix->sheet().title;
    figure.theme = figureTheme();
    figure.own = matrixPictureSize(*m_shown, figure.title, m_note, figureFont());
    figure.body = [this](QCPPainter& painter, const QSize& /*size*/) {
        painter.setRenderHint(QPainter::TextAntialiasing);
        paintMatrix(
            painter, *m_shown, m_matrix->sheet().title, m_note, figureFont(), figureTheme());
    };
    return figure;
}

QImage ScoreMatrixPlot::picture() const
{
    return figureImage(figure());
}

QString ScoreMatrixPlot::csvText() const
{
    const auto field = [](const QString& text) {
        return QString::fromStdString(csvField(text.toStdString()));
    };
    QString text;
    for (const QString& name : shownColumns())
        text += QLatin1Char(',') + field(name);
    text += QLatin1Char('\n');
    for (int row = 0; row < m_shown->rowCount(); ++row) {
        text += field(m_shown->headerData(row, Qt::Vertical).toString());
        for (int column = 0; column < m_shown->columnCount(); ++column) {
            const QVariant value = m_shown->index(row, column).data(ScoreMatrixModel::ValueRole);
            text += QLatin1Char(',')
                + (value.isValid() ? QString::number(value.toLongLong()) : QString());
        }
        text += QLatin1Char('\n');
    }
    return text;
}

void ScoreMatrixPlot::saveMatrix(const QString& path, const FigureSize& size) const
{
    if (QFileInfo(path).suffix().compare(QLatin1String("csv"), Qt::CaseInsensitive) != 0) {
        saveFigure(figure(), path, size);
        return;
    }
    writeFileAtomically(path.toStdString(), std::string_view(csvText().toStdString()));
}

void ScoreMatrixPlot::keyPressEvent(QKeyEvent* event)
{
    const QModelIndex current = currentIndex();
    switch (event->key()) {
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        choose(current);
        return;
    case Qt::Key_S:
        if (current.isValid()) {
            if (event->modifiers().testFlag(Qt::ShiftModifier))
                cycleColumns(current.row());
            else
                cycleRows(current.column());
        }
        return;
    default:
        QTableView::keyPressEvent(event);
        viewport()->update();
        horizontalHeader()->viewport()->update();
        verticalHeader()->viewport()->update();
    }
}

void ScoreMatrixPlot::contextMenuEvent(QContextMenuEvent* event)
{
    // Not run in a loop of its own: the matrix may change, and this may go, while it is open.
    const QPersistentModelIndex index =
        event->reason() == QContextMenuEvent::Keyboard ? currentIndex() : indexAt(event->pos());
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (meetingAt(index).valid()) {
        menu->addAction(tr("Show the images"), this, [this, index] {
            if (index.isValid())
                choose(index);
        });
        menu->addSeparator();
    }
    if (index.isValid()) {
        menu->addAction(
            tr("Sort the rows by this column"), this,
            [this, index] {
                if (index.isValid())
                    cycleRows(index.column());
            });
        menu->addAction(tr("Sort the columns by this row"), this, [this, index] {
            if (index.isValid()) {
                cycleColumns(index.row());
            }
        });
    }
    menu->addAction(tr("The plan's order"), this, &ScoreMatrixPlot::resetOrder);
    menu->popup(event->globalPos());
}

void ScoreMatrixPlot::resizeEvent(QResizeEvent* event)
{
    QTableView::resizeEvent(event);
    fitSections();
}

} // namespace crossiter::ui
