#pragma once

#include "core/batch/TournamentPlan.h"

#include <QAbstractListModel>
#include <QString>
#include <QVector>

#include <vector>

namespace crossiter::ui {

enum class PlanKind
{
    Attacks,
    TargetedAttacks,
    Defenses
};

/// One submission that may be picked. `attack` counts for both kinds of attack, `defense` for
/// defenses.
struct PlanItem
{
    PlanAttack attack;
    PlanDefense defense;
    QString obstacle; ///< why it cannot run here: "weights missing: inception-v3"; empty: it can
    bool checked = false;
};

/// Submissions of one kind to pick from: what is checked is in the plan, in this order.
class PlanModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role
    {
        SummaryRole = Qt::UserRole + 1, ///< "own, refreshed · Lite1 + Lite0 · 3 rounds"
        ObstacleRole, ///< text, empty: none
    };

    explicit PlanModel(PlanKind kind, QObject* parent = nullptr);

    [[nodiscard]] PlanKind kind() const { return m_kind; }
    [[nodiscard]] const QVector<PlanItem>& items() const { return m_items; }
    void setItems(const QVector<PlanItem>& items);
    void append(const PlanItem& item);
    void replace(int row, const PlanItem& item); ///< outside the rows: ignored
    void removeAt(int row); ///< the same
    bool moveRow(int row, int by); ///< by -1 or 1; false at the ends
    void setAllChecked(bool checked); ///< those with an obstacle stay unchecked

    [[nodiscard]] int checkedCount() const;
    [[nodiscard]] std::vector<PlanAttack> chosenAttacks() const;
    [[nodiscard]] std::vector<PlanDefense> chosenDefenses() const;
    [[nodiscard]] QString nameAt(int row) const;
    /// `wanted`, or with the first of _2, _3, ... that no other row has.
    [[nodiscard]] QString freeName(const QString& wanted, int exceptRow = -1) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(
        const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;

signals:
    void chosenChanged(); ///< other submissions, or others of them are checked

private:
    [[nodiscard]] QString name(const PlanItem& item) const;

    PlanKind m_kind;
    QVector<PlanItem> m_items;
};

/// What a submission is, in one line: method or defense, networks, rounds; for an external one its
/// folder.
[[nodiscard]] QString summaryOf(const PlanAttack& attack);
[[nodiscard]] QString summaryOf(const PlanDefense& defense);

} // namespace crossiter::ui
