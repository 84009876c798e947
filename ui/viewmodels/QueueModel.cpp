#include "ui/viewmodels/QueueModel.h"

#include "ui/session/Counted.h"
namespace crossiter::ui {

namespace {

bool sameWork(const QVector<QueueItem>& a, const QVector<QueueItem>& b)
{
    if (a.size() != b.size())
        return false;
    for (qsizetype i = 0; i < a.size(); ++i)
        if (a[i].kind != b[i].kind || a[i].name != b[i].name)
            return false;
    return true;
}

bool looksAlike(const QueueItem& a, const QueueItem& b)
{
    return a.state == b.state && a.done == b.done && a.total == b.total && a.failed == b.failed
        && a.errors == b.errors;
}

} // namespace

QString stateText(QueueState state)
{
    switch (state) {
    case QueueState::Waiting:
        return QueueModel::tr("waiting");
    case QueueState::Running:
        return QueueModel::tr("running");
    case QueueState::Paused:
        return QueueModel::tr("not finished");
    case QueueState::Done:
        return QueueModel::tr("done");
    case QueueState::Failed:
        return QueueModel::tr("failed");
    }
    return {};
}

QueueModel::QueueModel(QObject* parent)
    : TableModel(parent)
{
}

void QueueModel::setItems(const QVector<QueueItem>& items)
{
    if (!sameWork(m_items, items)) {
        beginResetModel();
        m_items = items;
        endResetModel();
        return;
    }
    for (int row = 0; row < items.size(); ++row) {
        if (!looksAlike(m_items[row], items[row])) {
            m_items[row] = items[row];
            emit dataChanged(index(row, 0), index(row, ColumnCount - 1));
        }
    }
}

QVariant QueueModel::cell(const QModelIndex& index, int role) const
{
    const QueueItem& item = m_items.at(index.row());
    const QString failed = item.failed > 0 ? tr("%n failed", nullptr, item.failed) : QString();
    switch (role) {
    case Qt::DisplayRole:
        if (index.column() == NameColumn)
            return item.name;
        if (index.column() == ProgressColumn)
            return item.total > 0 ? tr("%1 / %2").arg(item.done).arg(item.total) : QString();
        return failed.isEmpty() ? stateText(item.state) : failed;
    case Qt::ToolTipRole: {
        QString tip = tr("%1 (%2): %3").arg(item.name, item.kind, stateText(item.state));
        if (!item.errors.isEmpty())
            tip += QLatin1Char('\n') + item.errors.mid(0, 8).join(QLatin1Char('\n'));
        if (item.errors.size() > 8)
            tip += QLatin1Char('\n') + tr("and %1 more").arg(item.errors.size() - 8);
        return tip;
    }
    case Qt::AccessibleTextRole:
        return tr("%1 %2: %3, %4 of %5 %6")
            .arg(item.kind, item.name, stateText(item.state))
            .arg(item.done)
            .arg(countedText(static_cast<qint64>(item.total), tr("image"), tr("images")))
            .arg(failed)
            .trimmed();
    case ShareRole:
        return item.total > 0 ? static_cast<double>(item.done) / item.total : 0.0;
    case StateRole:
        return static_cast<int>(item.state);
    case KindRole:
        return item.kind;
    case ErrorsRole:
        return item.errors;
    default:
        return {};
    }
}

QVariant QueueModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case NameColumn:
        return tr("Attack or defense");
    case ProgressColumn:
        return tr("Images");
    case StateColumn:
        return tr("State");
    default:
        return {};
    }
}

} // namespace crossiter::ui
