#pragma once

#include "core/attack/TargetChoice.h"
#include "ui/session/ExplorerSession.h"
#include "ui/session/Theme.h"

#include <QWidget>

class QLabel;
class QSpinBox;
class QToolButton;
class QVBoxLayout;

namespace crossiter::ui {

class LabelPicker;
class QuietComboBox;
class SeedField;
class ValueSlider;

/// How the photo is attacked: every field of the request but the sources themselves. What the
/// method does not read is greyed.
class AttackPanel : public QWidget
{
    Q_OBJECT

public:
    explicit AttackPanel(ExplorerSession& session, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);

    [[nodiscard]] QuietComboBox* ruleBox() const { return m_rule; }
    [[nodiscard]] ValueSlider* roundsSlider() const { return m_rounds; }
    [[nodiscard]] LabelPicker* targetPicker() const { return m_target; }
    [[nodiscard]] QToolButton* targetMenuButton() const { return m_targetMenu; }

signals:
    void problem(const QString& message);
    void targetRankChosen(crossiter::TargetRank rank); ///< a target by what the sources say
    void targetTableWanted(); ///< from a target_class.csv

private:
    void build();
    void buildMore(QVBoxLayout* layout);
    void buildTargetMenu();
    void connectAll();
    void refresh();
    void refreshRules(const AttackRequest& request);
    void refreshOrder();
    template <typename Edit>
    void change(Setting setting, Edit edit);

    ExplorerSession& m_session;
    Theme m_theme;
    QuietComboBox* m_method = nullptr;
    QuietComboBox* m_rule = nullptr;
    QLabel* m_targetName = nullptr;
    LabelPicker* m_target = nullptr;
    QToolButton* m_targetMenu = nullptr;
    ValueSlider* m_rounds = nullptr;
    ValueSlider* m_epsilon = nullptr;
    ValueSlider* m_step = nullptr;
    QuietComboBox* m_projection = nullptr;
    QLabel* m_order = nullptr;
    QToolButton* m_swap = nullptr;
    SeedField* m_seed = nullptr;
    QToolButton* m_moreButton = nullptr;
    QWidget* m_more = nullptr;
    QuietComboBox* m_save = nullptr;
    QuietComboBox* m_numerics = nullptr;
    QSpinBox* m_threads = nullptr;
    QLabel* m_note = nullptr; ///< why Run cannot, or what a combination means
};

} // namespace crossiter::ui
