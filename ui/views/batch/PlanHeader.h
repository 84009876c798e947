#pragma once

#include "core/contest/LabelTable.h"
#include "ui/session/BatchSession.h"

#include <QWidget>

#include <functional>
#include <optional>
#include <utility>

class QCheckBox;
class QComboBox;
class QLabel;
class QMenu;
class QSpinBox;
class QToolButton;
class QVBoxLayout;

namespace crossiter::ui {

class SeedField;

/// (title, suggestion, filter, save, folder) -> path; empty: cancelled.
using AskPath = std::function<QString(const QString&, const QString&, const QString&, bool, bool)>;

/// The base of a label table, asked for where it is needed; false: cancelled. As
/// Shell::askLabelBase.
using AskBase = std::function<bool(const QString& csv, LabelColumn column, std::optional<int>&)>;

/// What stands above the lists of a plan: photos, budget, ready plans and what is rarely changed.
/// Whatever is set is the session's plan at once.
class PlanHeader : public QWidget
{
    Q_OBJECT

public:
    /// session must outlive this.
    PlanHeader(BatchSession& session, AskPath ask, QWidget* parent = nullptr);

    void setPhotosFolder(const QString& folder) { m_photosFolder = folder; } ///< embedded ones
    void setAskBase(AskBase ask) { m_askBase = std::move(ask); }
    void setDataset(const QString& folder, const QString& csv);
    void openPlanDialog();
    void savePlanDialog();
    void showPlan(); ///< the session's plan is another one
    void showDataset(); ///< the same of its dataset

signals:
    void targetsWanted();
    void problem(const QString& message);

private:
    void buildPhotos(QVBoxLayout* layout);
    void buildBudget(QVBoxLayout* layout);
    QWidget* buildMore();
    void fillDatasetMenu(QMenu* menu);
    void fillPlanMenu(QMenu* menu);
    void change(const std::function<void(TournamentPlan&)>& edit);

    BatchSession& m_session;
    AskPath m_ask;
    AskBase m_askBase; ///< empty: a table that needs a base is an error
    QString m_photosFolder;
    bool m_updating = false; ///< the fields show a plan: their changes are none of the user's

    QToolButton* m_dataset = nullptr;
    QLabel* m_datasetNote = nullptr;
    QToolButton* m_targets = nullptr;
    QToolButton* m_plan = nullptr;
    QComboBox* m_epsilon = nullptr;
    QSpinBox* m_images = nullptr;
    QToolButton* m_moreButton = nullptr;
    QWidget* m_more = nullptr;
    QComboBox* m_mode = nullptr;
    SeedField* m_seed = nullptr;
    QComboBox* m_numerics = nullptr;
    QSpinBox* m_threads = nullptr;
    QCheckBox* m_all = nullptr;
    QCheckBox* m_clean = nullptr;
};

} // namespace crossiter::ui
