#pragma once

#include "ui/session/BatchSession.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/RankingModel.h"
#include "ui/viewmodels/ScoreSheet.h"
#include "ui/views/batch/BatchPlanPane.h"

#include <QWidget>

#include <array>

class QBoxLayout;
class QButtonGroup;
class QLabel;
class QMenu;
class QSplitter;
class QStackedWidget;
class QStandardItemModel;
class QTableView;
class QToolButton;

namespace crossiter::ui {

class CellImagesPane;
class FlowRow;
class ScoreMatrixPlot;

/// What a tournament found out: its matrices as heat maps, rankings, the seed's published scores
/// beside ours, and the images behind a cell.
class BatchResultsPane : public QWidget
{
    Q_OBJECT

public:
    BatchResultsPane(BatchSession& session, AskPath ask, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    [[nodiscard]] ScoreMatrixPlot* matrix() const { return m_matrix; }
    [[nodiscard]] CellImagesPane* images() const { return m_images; }
    [[nodiscard]] const QVector<ScoreSheet>& sheets() const { return m_sheets; }
    [[nodiscard]] RankingModel* ranking(int kind) const { return m_rankings.at(kind).model; }
    [[nodiscard]] QStandardItemModel* published() const { return m_published; }
    [[nodiscard]] int page() const;
    [[nodiscard]] QStringList pageNames() const; ///< the sheets, "Rankings", "Published scores"
    void showPage(int page);
    void showCell(const Meeting& meeting);
    void closeCell();

    void openDialog();
    void exportFilesDialog(bool pictures);
    void exportMatrixDialog(const QString& suffix); ///< "csv", "png", "pdf"
    void copyMatrix();

signals:
    void pairChosen(const QString& clean, const QString& adversarial);
    void said(const QString& message);
    void problem(const QString& message);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    struct RankingView
    {
        RankingModel* model = nullptr;
        QTableView* table = nullptr;
        QLabel* heading = nullptr;
    };

    void build();
    QWidget* buildRankings();
    QWidget* buildPublished();
    void showResults();
    void showChips();
    void showRankings();
    void showPublished();
    void showImages();
    void fit();

    BatchSession& m_session;
    AskPath m_ask;
    QVector<ScoreSheet> m_sheets;
    int m_page = 0;
    Meeting m_meeting;
    int m_arranged = 0; ///< 0: no images, 1: below the matrix, 2: beside it or in its place

    FlowRow* m_chipRow = nullptr;
    QButtonGroup* m_chips = nullptr;
    QToolButton* m_shares = nullptr;
    QToolButton* m_export = nullptr;
    QMenu* m_exportMenu = nullptr;
    QSplitter* m_split = nullptr;
    QStackedWidget* m_stack = nullptr;
    QLabel* m_empty = nullptr;
    ScoreMatrixPlot* m_matrix = nullptr;
    QWidget* m_rankingPage = nullptr;
    QBoxLayout* m_rankingLayout = nullptr;
    std::array<RankingView, 3> m_rankings;
    QStandardItemModel* m_published = nullptr;
    QTableView* m_publishedTable = nullptr;
    CellImagesPane* m_images = nullptr;
    QList<QAction*> m_needMatrix;
    QList<QAction*> m_needComplete;
};

} // namespace crossiter::ui
