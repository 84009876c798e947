#pragma once

#include "ui/plot/Figure.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/ScoreMatrixModel.h"

#include <QImage>
#include <QString>
#include <QTableView>

class QTransposeProxyModel;

namespace crossiter::ui {

/// A score matrix as a heat map with its numbers: viridis by share of the images (its lightness
/// rises evenly, so it reads with any colour vision), sums and scores at the right and below.
/// Click or Enter: that cell's images. A click on a column's name sorts the rows by it, on a row's
/// name the columns: descending, ascending, the plan's order. S and Shift+S do the same for the
/// current cell.
class ScoreMatrixPlot : public QTableView
{
    Q_OBJECT

public:
    explicit ScoreMatrixPlot(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// Another matrix; the same names: the order and the chosen cell stay.
    void setSheet(const ScoreSheet& sheet);
    void setShowsShares(bool shares);
    [[nodiscard]] ScoreMatrixModel* matrix() const { return m_matrix; }
    [[nodiscard]] const Theme& theme() const { return m_theme; }

    /// The outlined cell; not valid: none. No signal.
    void setChosen(const Meeting& meeting);
    [[nodiscard]] Meeting chosen() const { return m_chosen; }

    /// column / row: of the matrix itself, as in ScoreMatrixModel; -1: the plan's order.
    void sortRowsBy(int column, Qt::SortOrder order);
    void sortColumnsBy(int row, Qt::SortOrder order);
    void resetOrder();
    /// A click on a name: descending, ascending, the plan's order.
    void cycleRows(int viewColumn);
    void cycleColumns(int viewRow);
    [[nodiscard]] QStringList shownColumns() const;
    [[nodiscard]] Meeting meetingAt(const QModelIndex& viewIndex) const;

    /// The whole matrix in the shown order, with its title: nothing is cut off or scrolled away.
    [[nodiscard]] Figure figure() const; ///< valid while this widget is
    [[nodiscard]] QImage picture() const;
    /// saveFigure, or CSV (shown order, sums and scores), by extension. Throws Error.
    void saveMatrix(const QString& path, const FigureSize& size = {}) const;
    [[nodiscard]] QString csvText() const;
    void setNote(const QString& note); ///< stands below exported pictures: "20 images, epsilon 16"

signals:
    void cellChosen(const crossiter::ui::Meeting& meeting);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;

private:
    void choose(const QModelIndex& viewIndex);
    void applyOrder();
    void fitSections();
    [[nodiscard]] QModelIndex toMatrix(const QModelIndex& viewIndex) const;

    Theme m_theme;
    QString m_note;
    ScoreMatrixModel* m_matrix = nullptr;
    ScoreSortModel* m_rows = nullptr; ///< of the matrix
    QTransposeProxyModel* m_turned = nullptr; ///< of m_rows
    ScoreSortModel* m_columns = nullptr; ///< of m_turned: its rows are the columns
    QTransposeProxyModel* m_shown = nullptr; ///< the right way round again
    Meeting m_chosen;
    int m_sortColumn = -1; ///< of the matrix; -1: plan's order
    int m_sortRow = -1;
    Qt::SortOrder m_rowsOrder = Qt::DescendingOrder;
    Qt::SortOrder m_columnsOrder = Qt::DescendingOrder;
};

} // namespace crossiter::ui
