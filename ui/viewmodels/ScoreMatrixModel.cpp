#include "ui/viewmodels/ScoreMatrixModel.h"

#include "core/base/Contains.h"

#include <QLocale>

#include <algorithm>

namespace crossiter::ui {

namespace {

int sizeOf(const std::vector<std::string>& names)
{
    return static_cast<int>(names.size());
}

bool anyScore(const std::vector<std::optional<long>>& scores)
{
    return std::ranges::any_of(
        scores, [](const std::optional<long>& score) { return score.has_value(); });
}

} // namespace

ScoreMatrixModel::ScoreMatrixModel(QObject* parent)
    : TableModel(parent)
{
}

void ScoreMatrixModel::setSheet(const ScoreSheet& sheet)
{
    beginResetModel();
    m_sheet = sheet;
    m_rowPlaces = placesOf(sheet.rowScores);
    m_columnPlaces = placesOf(sheet.columnScores);
    endResetModel();
}

void ScoreMatrixModel::setShowsShares(bool shares)
{
    if (shares == m_shares)
        return;
    m_shares = shares;
    if (rowCount() > 0) {
        emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1),
            { Qt::DisplayRole, Qt::AccessibleTextRole });
    }
}

ScoreMatrixModel::Margin ScoreMatrixModel::rowMargin(int row) const
{
    return static_cast<Margin>(std::max(0, row - sizeOf(m_sheet.matrix.rows) + 1));
}

ScoreMatrixModel::Margin ScoreMatrixModel::columnMargin(int column) const
{
    return static_cast<Margin>(std::max(0, column - sizeOf(m_sheet.matrix.columns) + 1));
}

int ScoreMatrixModel::countRows() const
{
    if (m_sheet.matrix.rows.empty())
        return 0;
    return sizeOf(m_sheet.matrix.rows) + (anyScore(m_sheet.columnScores) ? 2 : 1);
}

int ScoreMatrixModel::countColumns() const
{
    if (m_sheet.matrix.columns.empty())
        return 0;
    return sizeOf(m_sheet.matrix.columns) + (anyScore(m_sheet.rowScores) ? 2 : 1);
}

bool ScoreMatrixModel::pendingInRow(int row) const
{
    for (int column = 0; column < sizeOf(m_sheet.matrix.columns); ++column)
        if (m_sheet.isPending(row, column))
            return true;
    return false;
}

bool ScoreMatrixModel::pendingInColumn(int column) const
{
    for (int row = 0; row < sizeOf(m_sheet.matrix.rows); ++row)
        if (m_sheet.isPending(row, column))
            return true;
    return false;
}

std::optional<long> ScoreMatrixModel::valueAt(int row, int column) const
{
    const ScoreMatrix& matrix = m_sheet.matrix;
    const Margin ofRow = rowMargin(row);
    const Margin ofColumn = columnMargin(column);
    const auto r = static_cast<std::size_t>(row);
    const auto c = static_cast<std::size_t>(column);
    if (ofRow == Cell && ofColumn == Cell)
        return m_sheet.isPending(row, column) ? std::nullopt : std::optional(matrix.at(r, c));
    // A score may follow from other matrices too: it waits until the tournament is complete.
    const bool waits = (ofRow == Score || ofColumn == Score) && !m_sheet.pending.empty();
    if (waits || (ofRow == Cell && pendingInRow(row))
        || (ofColumn == Cell && pendingInColumn(column)))
        return std::nullopt;
    if (ofRow == Cell)
        return ofColumn == Sum ? std::optional(matrix.rowSum(r)) : m_sheet.rowScores.at(r);
    if (ofColumn == Cell)
        return ofRow == Sum ? std::optional(matrix.columnSum(c)) : m_sheet.columnScores.at(c);
    if (ofRow == Sum && ofColumn == Sum) {
        if (contains(m_sheet.pending, true))
            return std::nullopt;
        long all = 0;
        for (const long cell : matrix.cells)
            all += cell;
        return all;
    }
    return std::nullopt; // scores are not added up
}

Meeting ScoreMatrixModel::meetingAt(const QModelIndex& index) const
{
    if (!index.isValid() || index.model() != this || rowMargin(index.row()) != Cell
        || columnMargin(index.column()) != Cell)
        return {};
    return m_sheet.meetingOf(index.row(), index.column());
}

QModelIndex ScoreMatrixModel::indexOf(const Meeting& meeting) const
{
    for (int row = 0; row < sizeOf(m_sheet.matrix.rows); ++row) {
        for (int column = 0; column < sizeOf(m_sheet.matrix.columns); ++column)
            if (meeting.valid() && m_sheet.meetingOf(row, column) == meeting)
                return index(row, column);
    }
    return {};
}

std::optional<double> ScoreMatrixModel::shareOf(int row, int column) const
{
    const auto value = valueAt(row, column);
    if (!value || m_sheet.most <= 0 || rowMargin(row) != Cell || columnMargin(column) != Cell)
        return std::nullopt;
    return static_cast<double>(*value) / static_cast<double>(m_sheet.most);
}

std::optional<int> ScoreMatrixModel::placeOf(int row, int column) const
{
    if (columnMargin(column) == Score && rowMargin(row) == Cell)
        return m_rowPlaces.at(static_cast<std::size_t>(row));
    if (rowMargin(row) == Score && columnMargin(column) == Cell)
        return m_columnPlaces.at(static_cast<std::size_t>(column));
    return std::nullopt;
}

QString ScoreMatrixModel::explain(int row, int column) const
{
    const auto value = valueAt(row, column);
    if (!value)
        return m_sheet.pending.empty() ? QString() : tr("not known yet");
    const auto name = [](const std::vector<std::string>& names, int at) {
        return QString::fromStdString(names.at(static_cast<std::size_t>(at)));
    };
    const Margin ofRow = rowMargin(row);
    const Margin ofColumn = columnMargin(column);
    if (ofRow == Cell && ofColumn == Cell) {
        return tr("%1 against %2\n%3 of %4 (%5 %): %6")
            .arg(name(m_sheet.matrix.rows, row), name(m_sheet.matrix.columns, column))
            .arg(*value)
            .arg(m_sheet.most)
            .arg(100.0 * shareOf(row, column).value_or(0.0), 0, 'f', 1)
            .arg(m_sheet.cellHelp);
    }
    if (ofRow != Cell && ofColumn != Cell)
        return tr("All cells together: %1").arg(*value);
    const bool isRow = ofColumn != Cell;
    const QString who =
        isRow ? name(m_sheet.matrix.rows, row) : name(m_sheet.matrix.columns, column);
    if ((isRow ? ofColumn : ofRow) == Sum)
        return tr("%1\nsum: %2").arg(who).arg(*value);
    const auto& places = isRow ? m_rowPlaces : m_columnPlaces;
    return tr("%1\nscore: %2, place %3 of %4")
        .arg(who)
        .arg(*value)
        .arg(places.at(static_cast<std::size_t>(isRow ? row : column)).value_or(0))
        .arg(std::ranges::count_if(
            places, [](const std::optional<int>& place) { return place.has_value(); }));
}

QVariant ScoreMatrixModel::cell(const QModelIndex& index, int role) const
{
    const Margin ofRow = rowMargin(index.row());
    const Margin ofColumn = columnMargin(index.column());
    const auto value = valueAt(index.row(), index.column());
    const auto share = shareOf(index.row(), index.column());
    switch (role) {
    case Qt::DisplayRole:
        if (!value)
            return {};
        if (m_shares && share)
            return tr("%1 %").arg(QLocale::c().toString(100.0 * *share, 'f', 1));
        return QString::number(*value);
    case ValueRole:
        return value ? QVariant(static_cast<qlonglong>(*value)) : QVariant();
    case ShareRole:
        return share ? QVariant(*share) : QVariant();
    case MarginRole:
        return static_cast<int>(std::max(ofRow, ofColumn));
    case RowMarginRole:
        return static_cast<int>(ofRow);
    case ColumnMarginRole:
        return static_cast<int>(ofColumn);
    case PlaceRole: {
        const auto place = value ? placeOf(index.row(), index.column()) : std::nullopt;
        return place ? QVariant(*place) : QVariant();
    }
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment(Qt::AlignCenter));
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: {
        const QString text = explain(index.row(), index.column());
        return text.isEmpty() ? QVariant() : QVariant(text);
    }
    default:
        return {};
    }
}

QVariant ScoreMatrixModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    const bool horizontal = orientation == Qt::Horizontal;
    const auto& names = horizontal ? m_sheet.matrix.columns : m_sheet.matrix.rows;
    if (section < 0 || section >= (horizontal ? columnCount() : rowCount()))
        return {};
    const Margin margin = horizontal ? columnMargin(section) : rowMargin(section);
    if (role == Qt::DisplayRole || role == Qt::AccessibleTextRole) {
        return margin == Sum  ? tr("Sum")
            : margin == Score ? tr("Score")
                              : QString::fromStdString(names.at(static_cast<std::size_t>(section)));
    }
    if (role == Qt::ToolTipRole) {
        if (margin == Sum)
            return tr("The sum. Click: sorts by it.");
        if (margin == Score)
            return tr("The competition's score and, smaller, the place. Click: sorts by it.");
        const QString name = QString::fromStdString(names.at(static_cast<std::size_t>(section)));
        return horizontal ? tr("%1\nClick: sorts the rows by this column.").arg(name)
                          : tr("%1\nClick: sorts the columns by this row.").arg(name);
    }
    return {};
}

ScoreSortModel::ScoreSortModel(int marginRole, QObject* parent)
    : QSortFilterProxyModel(parent)
    , m_marginRole(marginRole)
{
    setSortRole(ScoreMatrixModel::ValueRole);
}

bool ScoreSortModel::lessThan(const QModelIndex& left, const QModelIndex& right) const
{
    // Called with the two turned round when descending: margins must answer the other way then.
    const int leftMargin = left.data(m_marginRole).toInt();
    const int rightMargin = right.data(m_marginRole).toInt();
    if (leftMargin != rightMargin) {
        return sortOrder() == Qt::AscendingOrder ? leftMargin < rightMargin
                                                 : leftMargin > rightMargin;
    }
    return left.data(sortRole()).toLongLong() < right.data(sortRole()).toLongLong();
}

} // namespace crossiter::ui
