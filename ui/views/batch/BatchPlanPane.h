#pragma once

#include "ui/session/BatchSession.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/PlanModel.h"
#include "ui/views/batch/PlanHeader.h"

#include <QWidget>

#include <array>
#include <vector>

class QButtonGroup;
class QLabel;
class QListView;
class QToolButton;

namespace crossiter::ui {

/// The plan under construction: dataset, budget, and three lists to pick from. Whatever is checked
/// is the session's plan at once.
class BatchPlanPane : public QWidget
{
    Q_OBJECT

public:
    BatchPlanPane(BatchSession& session, AskPath ask, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void setPhotosFolder(const QString& folder); ///< embedded ones
    void setAskBase(const AskBase& ask); ///< for label tables
    /// What can be picked; rows that the plan has and the catalogue does not are kept.
    void setModels(const std::vector<StoredModel>& models);
    [[nodiscard]] PlanModel* list(PlanKind kind) const;
    [[nodiscard]] QListView* view(PlanKind kind) const;

    void setRoom(int height); ///< pixels on the screen: decides whether all lists are shown
    void setDataset(const QString& folder, const QString& csv);
    void addSubmission(PlanKind kind, const QString& folder);
    /// A row's new content, or (row -1) a new one, checked.
    void setRow(PlanKind kind, int row, const PlanItem& item);
    [[nodiscard]] QStringList namesBeside(PlanKind kind, int row) const; ///< of the other rows
    void openPlanDialog();
    void savePlanDialog();

signals:
    /// The user wants to see a row's options; row -1: `item` is to be added.
    void rowWanted(PlanKind kind, int row, const PlanItem& item);
    void targetsWanted();
    void problem(const QString& message);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct List
    {
        QWidget* box = nullptr;
        PlanModel* model = nullptr;
        QListView* view = nullptr;
        QLabel* heading = nullptr;
        QToolButton* add = nullptr;
        QToolButton* edit = nullptr;
        QToolButton* up = nullptr;
        QToolButton* down = nullptr;
        QToolButton* remove = nullptr;
    };

    QWidget* buildList(PlanKind kind, const QString& title);
    QWidget* buildKinds();
    void fit(); ///< all lists, or the one that is chosen
    void showCounts();
    void showLists();
    void refreshButtons(List& list);
    void commitLists();
    void newRow(PlanKind kind);
    void editRow(PlanKind kind, int row);
    List& listOf(PlanKind kind) { return m_lists[static_cast<std::size_t>(kind)]; }

    BatchSession& m_session;
    AskPath m_ask;
    Theme m_theme;
    std::vector<StoredModel> m_models;
    bool m_updating = false;

    PlanHeader* m_header = nullptr;
    int m_room = 0;
    QWidget* m_kindRow = nullptr;
    QButtonGroup* m_kinds = nullptr;
    std::array<List, 3> m_lists;
};

} // namespace crossiter::ui
