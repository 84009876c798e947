#pragma once

#include "core/attack/TargetChoice.h"
#include "ui/session/ExplorerSession.h"
#include "ui/session/Theme.h"
#include "ui/views/common/AttackForm.h"

#include <QHash>
#include <QWidget>

class QLabel;
class QSpinBox;
class QToolButton;
class QVBoxLayout;

namespace crossiter::ui {

class QuietComboBox;

/// How the photo is attacked: every field of the request but the sources themselves. What the
/// method does not read is greyed.
class AttackPanel : public QWidget
{
    Q_OBJECT

public:
    explicit AttackPanel(ExplorerSession& session, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);

    [[nodiscard]] const AttackForm& form() const { return *m_form; }
    [[nodiscard]] QToolButton* targetMenuButton() const { return m_targetMenu; }

signals:
    void problem(const QString& message);
    void targetRankChosen(crossiter::TargetRank rank); ///< a target by what the sources say
    void targetTableWanted(); ///< from a target_class.csv

private:
    void build();
    void addRow(QVBoxLayout* layout, const AttackField& field, QWidget* parent);
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
    AttackForm* m_form = nullptr;
    QHash<QWidget*, QLabel*> m_names; ///< of the editors that do not carry their own
    QToolButton* m_targetMenu = nullptr;
    QLabel* m_order = nullptr;
    QToolButton* m_swap = nullptr;
    QToolButton* m_moreButton = nullptr;
    QWidget* m_more = nullptr;
    QuietComboBox* m_numerics = nullptr;
    QSpinBox* m_threads = nullptr;
    QLabel* m_note = nullptr; ///< why Run cannot, or what a combination means
};

} // namespace crossiter::ui
