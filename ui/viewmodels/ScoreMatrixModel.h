#pragma once

#include "ui/viewmodels/ScoreSheet.h"
#include "ui/viewmodels/TableModel.h"

#include <QSortFilterProxyModel>

#include <optional>

namespace crossiter::ui {

/// A score matrix as a table: a row and a column a submission, then the sums and, where the matrix
/// decides one, the competition's scores.
class ScoreMatrixModel : public TableModel
{
    Q_OBJECT

public:
    enum Role
    {
        ValueRole = Qt::UserRole + 1, ///< long long; invalid: nothing stands there
        ShareRole, ///< double 0..1 of what is possible; invalid outside the cells
        MarginRole, ///< int, see Margin: the higher one of row and column
        RowMarginRole, ///< int: is this row a margin
        ColumnMarginRole, ///< the same of this column
        PlaceRole, ///< int, 1-based: of a score; invalid elsewhere
    };
    enum Margin
    {
        Cell = 0,
        Sum = 1,
        Score = 2
    };

    explicit ScoreMatrixModel(QObject* parent = nullptr);

    void setSheet(const ScoreSheet& sheet);
    [[nodiscard]] const ScoreSheet& sheet() const { return m_sheet; }
    void setShowsShares(bool shares); ///< cells as percent of the images, else as counts

    /// Of this model's index; not valid at the margins.
    [[nodiscard]] Meeting meetingAt(const QModelIndex& index) const;
    [[nodiscard]] QModelIndex indexOf(const Meeting& meeting) const; ///< invalid: not here

    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] int countRows() const override;
    [[nodiscard]] int countColumns() const override;
    [[nodiscard]] QVariant cell(const QModelIndex& index, int role) const override;
    [[nodiscard]] Margin rowMargin(int row) const;
    [[nodiscard]] Margin columnMargin(int column) const;
    [[nodiscard]] bool pendingInRow(int row) const;
    [[nodiscard]] bool pendingInColumn(int column) const;
    [[nodiscard]] std::optional<long> valueAt(int row, int column) const;
    [[nodiscard]] std::optional<double> shareOf(int row, int column) const; ///< 0..1, of a cell
    [[nodiscard]] std::optional<int> placeOf(int row, int column) const; ///< of a score's margin
    [[nodiscard]] QString explain(int row, int column) const;

    ScoreSheet m_sheet;
    std::vector<std::optional<int>> m_rowPlaces;
    std::vector<std::optional<int>> m_columnPlaces;
    bool m_shares = false;
};

/// Orders rows by one column's values; margins stay last, ties keep the plan's order.
class ScoreSortModel : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    /// marginRole: the role of the source that says whether a row is a margin.
    explicit ScoreSortModel(int marginRole, QObject* parent = nullptr);

protected:
    [[nodiscard]] bool lessThan(const QModelIndex& left, const QModelIndex& right) const override;

private:
    int m_marginRole;
};

} // namespace crossiter::ui
