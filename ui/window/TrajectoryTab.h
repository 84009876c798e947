#pragma once

#include "ui/window/Tab.h"

namespace crossiter::ui {

class TrajectoryPlot;

/// The probabilities over the sub-steps of the shown trace.
class TrajectoryTab : public Tab
{
    Q_OBJECT

public:
    explicit TrajectoryTab(const WindowParts& parts);

    [[nodiscard]] QString id() const override { return QStringLiteral("trajectory"); }
    [[nodiscard]] QString title() const override { return tr("Trajectory"); }
    [[nodiscard]] QWidget* widget() const override;
    void setTheme(const Theme& theme) override;
    void addActions() override;
    [[nodiscard]] QImage picture(const QWidget* focus) override;
    [[nodiscard]] Origin origin(const QWidget* focus) override;
    QList<SavedViews> saveViews(const QString& base) override;

private:
    void showState();
    void showJudges();
    void showLabel();
    void showTrace();
    void exportDialog();

    WindowParts m_parts;
    TrajectoryPlot* m_plot = nullptr;
    QStringList m_shownJudges;
};

} // namespace crossiter::ui
