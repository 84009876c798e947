#pragma once

#include "ui/session/DefenseSession.h"

#include <QWidget>

#include <vector>

class QCheckBox;
class QDoubleSpinBox;
class QLabel;
class QMenu;
class QSpinBox;
class QToolButton;
class QVBoxLayout;

namespace crossiter::ui {

class SeedField;
class ValueSlider;

/// The defense's settings: the size as a slider, two stages, dropout and statistics, draws,
/// further stages, and the sizes of the sweep. Shows the session's state; what the user does
/// becomes a change of it.
class DefenseControls : public QWidget
{
    Q_OBJECT

public:
    explicit DefenseControls(DefenseSession& session, QWidget* parent = nullptr);

    void refresh(); ///< from the session
    void addTool(QWidget* tool); ///< below the settings of the sweep

    [[nodiscard]] ValueSlider* sizeSlider() const { return m_size; }

private:
    struct StageRow
    {
        QWidget* box = nullptr;
        QLabel* name = nullptr;
        QSpinBox* value = nullptr;
        StageKind kind = StageKind::Jpeg;
    };

    void buildResize(QVBoxLayout* layout);
    void buildChances(QVBoxLayout* layout);
    void buildStages(QVBoxLayout* layout);
    void buildSweep(QVBoxLayout* layout);
    void addStage(const DefenseStage& stage);
    void fillPurifiers();
    void removeStage(int row);
    void showStages();
    void fillPresets();
    template <typename Edit>
    void edit(Edit edit, Setting setting = Setting::Defense);

    DefenseSession& m_session;
    ValueSlider* m_size = nullptr;
    ValueSlider* m_first = nullptr;
    QToolButton* m_twoStages = nullptr;
    QToolButton* m_between = nullptr;
    QToolButton* m_dropout = nullptr;
    QToolButton* m_statistics = nullptr;
    QWidget* m_keepRow = nullptr;
    QDoubleSpinBox* m_keep = nullptr;
    QSpinBox* m_draws = nullptr;
    SeedField* m_seed = nullptr;
    QLabel* m_note = nullptr;
    QToolButton* m_add = nullptr;
    QMenu* m_purifiers = nullptr;
    QToolButton* m_presets = nullptr;
    QVBoxLayout* m_stageRows = nullptr;
    std::vector<StageRow> m_rows;
    QSpinBox* m_from = nullptr;
    QSpinBox* m_to = nullptr;
    QSpinBox* m_step = nullptr;
    QCheckBox* m_automatic = nullptr;
    QVBoxLayout* m_tools = nullptr;
};

} // namespace crossiter::ui
