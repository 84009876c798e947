#pragma once

#include "ui/viewmodels/TableModel.h"

#include <QString>
#include <QVector>

namespace crossiter::ui {

enum class QueueState
{
    Waiting,
    Running,
    Paused, ///< begun, and nobody works on it now
    Done,
    Failed, ///< some of its images, or all of it
};

/// One thing that a tournament does: an attack over all images, or a defense over all examples.
struct QueueItem
{
    QString kind; ///< "attack", "targeted attack", "defense"
    QString name;
    QueueState state = QueueState::Waiting;
    int done = 0; ///< images, failed ones too
    int total = 0;
    int failed = 0;
    QStringList errors; ///< one line each
};

/// The queue as a table: state, kind, name, progress, errors.
class QueueModel : public TableModel
{
    Q_OBJECT

public:
    enum Column
    {
        NameColumn,
        ProgressColumn,
        StateColumn,
        ColumnCount
    };
    enum Role
    {
        ShareRole = Qt::UserRole + 1, ///< double 0..1
        StateRole, ///< int of QueueState
        KindRole,
        ErrorsRole, ///< QStringList
    };

    explicit QueueModel(QObject* parent = nullptr);

    /// Same number and names: only what differs is announced, so selections stay.
    void setItems(const QVector<QueueItem>& items);
    [[nodiscard]] const QVector<QueueItem>& items() const { return m_items; }

    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] int countRows() const override { return static_cast<int>(m_items.size()); }
    [[nodiscard]] int countColumns() const override { return ColumnCount; }
    [[nodiscard]] QVariant cell(const QModelIndex& index, int role) const override;
    QVector<QueueItem> m_items;
};

[[nodiscard]] QString stateText(QueueState state);

} // namespace crossiter::ui
