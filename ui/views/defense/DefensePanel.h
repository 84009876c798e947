#pragma once

#include "ui/plot/SweepPlot.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/Theme.h"

#include <QList>
#include <QWidget>

#include <memory>
#include <tuple>

class QComboBox;
class QHBoxLayout;
class QLabel;
class QProgressBar;
class QScrollArea;
class QToolButton;

namespace crossiter::ui {

class DefenseControls;
class DefenseResults;
class ImagePane;
class SweepHeatMap;

/// The Defense tab: the settings, then as many of its parts as there is room for: the sweep's
/// curve, the heat map, the predictions behind the defense, and what the defense removed. The chips
/// bring a part to the front. Shows what the session holds.
class DefensePanel : public QWidget
{
    Q_OBJECT

public:
    enum Part
    {
        CurvePart,
        HeatMapPart,
        ResultsPart,
        RemovedPart,
        PartCount
    };

    explicit DefensePanel(DefenseSession& session, QWidget* parent = nullptr);
    ~DefensePanel() override;

    void setTheme(const Theme& theme);
    /// A tab behind another one is "visible" to Qt: the dock says when it really is.
    void setOnScreen(bool onScreen);
    void showPart(int part); ///< brings it to the front
    [[nodiscard]] bool showsPart(int part) const;
    void setQuantity(SweepQuantity quantity);

    [[nodiscard]] DefenseControls* controls() const { return m_controls; }
    [[nodiscard]] SweepPlot* plot() const { return m_plot; }
    [[nodiscard]] SweepHeatMap* heatMap() const { return m_heatMap; }
    [[nodiscard]] DefenseResults* results() const { return m_results; }
    [[nodiscard]] ImagePane* removedPane() const { return m_removed; }
    [[nodiscard]] QToolButton* sweepButton() const { return m_sweepButton; }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildRow(QHBoxLayout* row);
    void buildPanes(QHBoxLayout* row);
    void connectAll();
    void arrange();
    void refresh();
    void showSweep();
    void showModels();
    void showRemoved();
    void showFolder();
    [[nodiscard]] QString labelText() const;

    DefenseSession& m_session;
    std::shared_ptr<const DefendedView> m_removedView; ///< what the removed picture was drawn from
    std::tuple<PerturbationMode, int, int> m_removedAs; ///< its mode, gain and epsilon
    bool m_onScreen = false;
    Theme m_theme;
    DefenseControls* m_controls = nullptr;
    QScrollArea* m_controlArea = nullptr;
    QToolButton* m_chips[PartCount] = {};
    QWidget* m_parts[PartCount] = {};
    QWidget* m_heads[PartCount] = {};
    QLabel* m_titles[PartCount] = {};
    QList<int> m_order; ///< parts, the one chosen last first
    QComboBox* m_quantityBox = nullptr;
    QComboBox* m_modelBox = nullptr;
    QToolButton* m_best = nullptr;
    QToolButton* m_folder = nullptr;
    QToolButton* m_sweepButton = nullptr;
    QLabel* m_state = nullptr;
    SweepPlot* m_plot = nullptr;
    SweepHeatMap* m_heatMap = nullptr;
    DefenseResults* m_results = nullptr;
    ImagePane* m_removed = nullptr;
    QLabel* m_removedNote = nullptr;
    QStringList m_modelIds; ///< of the sweep, as the model box lists them
};

} // namespace crossiter::ui
