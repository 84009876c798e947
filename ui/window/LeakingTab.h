#pragma once

#include "ui/window/Tab.h"

class QAction;
class QMenu;

namespace crossiter::ui {

class LeakingPanel;
class StudyPanel;

/// Label leaking: the attack under every label rule, and the folder study as its second page.
class LeakingTab : public Tab
{
    Q_OBJECT

public:
    explicit LeakingTab(const WindowParts& parts);

    [[nodiscard]] QString id() const override { return QStringLiteral("leaking"); }
    [[nodiscard]] QString title() const override { return tr("Label leaking"); }
    [[nodiscard]] QWidget* widget() const override;
    void setTheme(const Theme& theme) override;
    void addActions() override;
    void setOnScreen(bool onScreen) override;
    [[nodiscard]] QImage picture(const QWidget* focus) override;
    [[nodiscard]] Origin origin(const QWidget* focus) override;

private:
    void followTracks();
    void followStudy();
    QList<QAction*> addTrackActions(QMenu* menu);
    QList<QAction*> addStudyActions(QMenu* menu);
    void show();
    void chooseTargetTable();
    void savePicture(const QString& suggestion, const Origin& save); ///< asks for the path
    [[nodiscard]] Origin originOfTracks(); ///< as they are now

    WindowParts m_parts;
    LeakingPanel* m_panel = nullptr;
    StudyPanel* m_study = nullptr;
};

} // namespace crossiter::ui
