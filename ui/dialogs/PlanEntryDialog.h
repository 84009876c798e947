#pragma once

#include "core/classify/ModelStore.h"
#include "ui/viewmodels/PlanModel.h"

#include <QDialog>

#include <vector>

class QComboBox;
class QDialogButtonBox;
class QDoubleSpinBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QListView;

namespace crossiter::ui {

class AttackForm;
class ModelListModel;

/// The options of one attack or defense of a plan. Fields left at "default" stay out of the plan
/// and follow the method. An external submission has its folder and time limit instead.
class PlanEntryDialog : public QDialog
{
    Q_OBJECT

public:
    /// taken: names that another row has.
    PlanEntryDialog(PlanKind kind, const PlanItem& item, const std::vector<StoredModel>& models,
        const QStringList& taken, QWidget* parent = nullptr);

    [[nodiscard]] PlanItem item() const;
    [[nodiscard]] const AttackForm* form() const { return m_attack; } ///< null: not an attack's
    [[nodiscard]] QString problem() const; ///< why it cannot be accepted; empty: it can

private:
    void buildAttack(QFormLayout* form);
    void buildSources(QFormLayout* form);
    void leaveOutWhatDoesNotFit();
    void buildDefense(QFormLayout* form);
    void buildExternal(QFormLayout* form);
    void fillSources();
    void showFitting();
    void refresh();
    [[nodiscard]] Method method() const;
    [[nodiscard]] AttackChoices attackOptions() const;

    PlanKind m_kind;
    PlanItem m_item;
    std::vector<StoredModel> m_models;
    QStringList m_taken;
    QFormLayout* m_form = nullptr;
    QLineEdit* m_name = nullptr;
    QLabel* m_problem = nullptr;
    QDialogButtonBox* m_buttons = nullptr;

    AttackForm* m_attack = nullptr; ///< null: another kind of entry
    ModelListModel* m_sources = nullptr;
    QListView* m_sourceList = nullptr;

    QComboBox* m_model = nullptr;
    QComboBox* m_preset = nullptr;
    QLineEdit* m_defense = nullptr;

    QLineEdit* m_folder = nullptr;
    QDoubleSpinBox* m_limit = nullptr;
};

} // namespace crossiter::ui
