#pragma once

#include "ui/views/batch/BatchPanel.h"
#include "ui/window/Tab.h"

#include <memory>

class QMenu;

namespace crossiter::ui {

class UnfinishedTournaments;

/// Tournaments of attacks and defenses: plan, queue, results. Can take the whole window.
class BatchTab : public Tab
{
    Q_OBJECT

public:
    explicit BatchTab(const WindowParts& parts);
    ~BatchTab() override;

    [[nodiscard]] QString id() const override { return QStringLiteral("batch"); }
    [[nodiscard]] QString title() const override { return tr("Batch"); }
    [[nodiscard]] QWidget* widget() const override;
    void setTheme(const Theme& theme) override;
    void addActions() override;
    void setOnScreen(bool onScreen) override;
    void giveRoomBack() override;
    void started() override;
    [[nodiscard]] QImage picture(const QWidget* focus) override;
    [[nodiscard]] Origin origin(const QWidget* focus) override;

private:
    void followSession();
    void followPanes();
    void front(BatchPanel::Part part);
    void openPair(const QString& clean, const QString& adversarial);
    void editRow(PlanKind kind, int row, const PlanItem& item);
    void editTargets();
    void addPlanActions(QMenu* menu);
    void addResultActions(QMenu* menu);

    WindowParts m_parts;
    BatchSession& m_session;
    BatchPanel* m_panel = nullptr;
    std::unique_ptr<UnfinishedTournaments> m_unfinished;
};

} // namespace crossiter::ui
