#pragma once

#include "core/contest/TargetClassCsv.h"
#include "ui/viewmodels/TableModel.h"

#include <QString>
#include <QVector>

#include <optional>

class QUndoStack;

namespace crossiter::ui {

/// One image and the class that a targeted attack shall make of it.
struct TargetRow
{
    QString file; ///< "IMAGEID.png"
    QString path; ///< of the picture; empty: not there
    std::optional<int> trueLabel;
    std::optional<int>
        target; ///< 0..1000; 0 is marked and not saved; nothing: a targeted attack cannot run on it
};

/// What is wrong or doubtful about a row.
enum class TargetMark
{
    None,
    Missing, ///< no target
    EqualsTrue, ///< nothing to do for the attack
    Background, ///< class 0: networks with 1000 classes do not have it
    NoImage, ///< the file names an image that the dataset does not have
};

/// target_class.csv as a table: image, true label, target, remark. Every change is one undo step.
class TargetClassModel : public TableModel
{
    Q_OBJECT

public:
    enum Column
    {
        ImageColumn,
        TrueColumn,
        TargetColumn,
        MarkColumn,
        ColumnCount
    };
    enum Role
    {
        MarkRole = Qt::UserRole + 1, ///< int of TargetMark
        LabelRole, ///< int, of the true label or the target; invalid: none
        PathRole,
    };

    explicit TargetClassModel(QObject* parent = nullptr);

    /// Begins anew: no undo beyond it. What is shown now counts as saved when `saved`.
    void setRows(const QVector<TargetRow>& rows, bool saved);
    [[nodiscard]] const QVector<TargetRow>& rows() const { return m_rows; }
    [[nodiscard]] QUndoStack* undoStack() const { return m_undo; }

    void setTarget(int row, std::optional<int> target);
    /// One undo step named `text`; as many as rows (others are ignored).
    void setTargets(const QVector<std::optional<int>>& targets, const QString& text);
    /// Labels 1..1000, never the row's true label; the same seed, the same targets, whatever the
    /// order of the rows: each depends on the seed and on its image's name.
    [[nodiscard]] QVector<std::optional<int>> randomTargets(quint64 seed) const;

    [[nodiscard]] TargetMark markOf(int row) const;
    [[nodiscard]] int count(TargetMark mark) const;
    /// What is saved: rows with a target, in order.
    [[nodiscard]] std::vector<LabelRow> targets() const;

    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

signals:
    void marksChanged();

private:
    [[nodiscard]] int countRows() const override { return static_cast<int>(m_rows.size()); }
    [[nodiscard]] int countColumns() const override { return ColumnCount; }
    [[nodiscard]] QVariant cell(const QModelIndex& index, int role) const override;
    friend class TargetCommand;
    void apply(const QVector<std::optional<int>>& targets);
    [[nodiscard]] QVector<std::optional<int>> current() const;

    QVector<TargetRow> m_rows;
    QUndoStack* m_undo = nullptr;
};

[[nodiscard]] QString markText(TargetMark mark);

} // namespace crossiter::ui
