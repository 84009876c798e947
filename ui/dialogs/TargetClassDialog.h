#pragma once

#include "core/batch/TournamentPlan.h"
#include "core/batch/TournamentView.h"
#include "core/engine/Engine.h"
#include "ui/session/JobRunner.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/TargetClassModel.h"

#include <QDialog>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSortFilterProxyModel;
class QTableView;
class QToolButton;

namespace crossiter::ui {

class SeedField;

/// The targets of a dataset's images, as target_class.csv: each image with its true label and a
/// searchable target; fills at random by seed, with the least likely label of a network, or from a
/// CSV; remarks on what is missing or makes no sense; undo. Saves through core's writer, whole or
/// not at all.
class TargetClassDialog : public QDialog
{
    Q_OBJECT

public:
    /// As WindowOptions::choosePath: (title, suggestion, filter, save, folder).
    using AskPath =
        std::function<QString(const QString&, const QString&, const QString&, bool, bool)>;
    /// The base of a table of targets, asked for where it is needed; false: cancelled.
    using AskTargetBase = std::function<bool(const QString& csv, std::optional<int>& base)>;

    TargetClassDialog(std::shared_ptr<Engine> engine, const TournamentPlan& plan,
        const DatasetView& dataset, const Theme& theme, AskPath ask, QWidget* parent = nullptr);

    void setAskBase(AskTargetBase ask) { m_askBase = std::move(ask); }
    [[nodiscard]] TargetClassModel* model() const { return m_targets; }
    /// The file that was saved last; empty: none. Accepted: the plan should use it.
    [[nodiscard]] const QString& savedFile() const { return m_saved; }
    [[nodiscard]] bool busy() const { return m_jobs.busy(); }

    void fillRandom(); ///< by the seed field
    void fillLeastLikely(const std::string& model); ///< on a worker
    /// A label table; base: the number of its first class, nothing: what its kind says.
    void fillFrom(const QString& csv, const std::optional<int>& base = std::nullopt);
    bool save(const QString& path);
    void reject() override; ///< asks when something is not saved

signals:
    void problem(const QString& message);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void build(const Theme& theme);
    void buildFill();
    void buildTable(const Theme& theme);
    void showMarks();
    void tell(const QString& message, bool isError);

    std::shared_ptr<Engine> m_engine;
    TournamentPlan m_plan;
    AskPath m_ask;
    AskTargetBase m_askBase;
    QString m_saved;

    TargetClassModel* m_targets = nullptr;
    QSortFilterProxyModel* m_sorted = nullptr;
    QTableView* m_table = nullptr;
    QLineEdit* m_search = nullptr;
    SeedField* m_seed = nullptr;
    QToolButton* m_fill = nullptr;
    QLabel* m_status = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_save = nullptr;
    QPushButton* m_use = nullptr;
    JobRunner m_jobs; ///< last: its thread ends first
};

} // namespace crossiter::ui
