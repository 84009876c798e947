#pragma once

#include "ui/window/Tab.h"

class QMenu;

namespace crossiter::ui {

class DefensePanel;
class DefenseSession;

/// The defense behind the networks: size, sweep, heat map, predictions, and the Defended pane.
class DefenseTab : public Tab
{
    Q_OBJECT

public:
    explicit DefenseTab(const WindowParts& parts);

    [[nodiscard]] QString id() const override { return QStringLiteral("defense"); }
    [[nodiscard]] QString title() const override { return tr("Defense"); }
    [[nodiscard]] QWidget* widget() const override;
    void setTheme(const Theme& theme) override;
    void addActions() override;
    void setOnScreen(bool onScreen) override;
    [[nodiscard]] QImage picture(const QWidget* focus) override;
    [[nodiscard]] Origin origin(const QWidget* focus) override;
    QList<SavedViews> saveViews(const QString& base) override;

private:
    void follow();
    void showDefended();
    void addSizeActions(QMenu* menu);
    void addStageActions(QMenu* menu);
    void addSweepActions(QMenu* menu);
    void addViewActions(QMenu* menu);
    void addExports();
    void exportSweepDialog();
    void exportPlotDialog(bool heatMap);
    void show();

    WindowParts m_parts;
    DefenseSession& m_session;
    DefensePanel* m_panel = nullptr;
};

} // namespace crossiter::ui
