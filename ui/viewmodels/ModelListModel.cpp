#include "ui/viewmodels/ModelListModel.h"

#include "core/base/Contains.h"
#include "ui/session/ModelChoice.h"
#include "ui/session/PlainText.h"

#include <QStringList>

#include <algorithm>

namespace crossiter::ui {

QString modelTitle(const ModelManifest& manifest)
{
    const QString name = shownText(QString::fromStdString(manifest.name));
    return manifest.robust ? ModelListModel::tr("Robust: %1").arg(name) : name;
}

QString shortModelName(const QString& name, const QStringList& names)
{
    const auto dash = name.lastIndexOf(QLatin1Char('-'));
    if (dash <= 0 || dash + 1 >= name.size())
        return name;
    const QString head = name.left(dash + 1);
    const bool alike = std::ranges::all_of(
        names, [&head](const QString& other) { return other.startsWith(head); });
    return alike ? name.mid(dash + 1) : name;
}

ModelListModel::ModelListModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

ModelListModel::Item ModelListModel::itemOf(const StoredModel& model)
{
    Item item;
    item.id = model.manifest.id;
    item.title = modelTitle(model.manifest);
    item.installed = !model.weights.empty();
    if (!item.installed) {
        item.tip = tr("The weights are not in any store.");
    } else if (model.manifest.imagenetTop1 > 0.0) {
        item.tip = tr("ImageNet top-1 as published: %1 %")
                       .arg(model.manifest.imagenetTop1 * 100.0, 0, 'f', 1);
    }
    return item;
}

void ModelListModel::setModels(
    const std::vector<StoredModel>& known, const std::vector<std::string>& ids, bool checkable)
{
    beginResetModel();
    m_items.clear();
    m_checkable = checkable;
    for (const std::string& id : ids) {
        if (const StoredModel* found = findModel(known, id)) {
            m_items.push_back(itemOf(*found));
        } else {
            m_items.push_back(
                { id, QString::fromStdString(id), tr("Not known to the store."), false, false });
        }
    }
    endResetModel();
}

void ModelListModel::append(const StoredModel& model)
{
    const int row = static_cast<int>(m_items.size());
    beginInsertRows({}, row, row);
    m_items.push_back(itemOf(model));
    endInsertRows();
}

void ModelListModel::removeAt(int row)
{
    if (row < 0 || row >= m_items.size())
        return;
    beginRemoveRows({}, row, row);
    m_items.removeAt(row);
    endRemoveRows();
}

bool ModelListModel::moveRow(int row, int by)
{
    const int to = row + by;
    if (row < 0 || row >= m_items.size() || to < 0 || to >= m_items.size() || (by != 1 && by != -1))
        return false;
    beginMoveRows({}, row, row, {}, by > 0 ? to + 1 : to);
    m_items.move(row, to);
    endMoveRows();
    return true;
}

void ModelListModel::setChecked(const std::vector<std::string>& ids)
{
    for (Item& item : m_items)
        item.checked = contains(ids, item.id);
    if (!m_items.isEmpty()) {
        emit dataChanged(
            index(0), index(static_cast<int>(m_items.size()) - 1), { Qt::CheckStateRole });
    }
}

std::vector<std::string> ModelListModel::ids() const
{
    std::vector<std::string> ids;
    for (const Item& item : m_items)
        ids.push_back(item.id);
    return ids;
}

std::vector<std::string> ModelListModel::checkedIds() const
{
    std::vector<std::string> ids;
    for (const Item& item : m_items)
        if (item.checked)
            ids.push_back(item.id);
    return ids;
}

int ModelListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

QVariant ModelListModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Item& item = m_items[index.row()];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
        return item.installed ? item.title : tr("%1 (not installed)").arg(item.title);
    case Qt::ToolTipRole:
        return item.tip;
    case Qt::CheckStateRole:
        return m_checkable ? QVariant(item.checked ? Qt::Checked : Qt::Unchecked) : QVariant();
    case IdRole:
        return QString::fromStdString(item.id);
    case InstalledRole:
        return item.installed;
    default:
        return {};
    }
}

bool ModelListModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (!m_checkable || role != Qt::CheckStateRole || !index.isValid())
        return false;
    m_items[index.row()].checked = value.toInt() == Qt::Checked;
    emit dataChanged(index, index, { Qt::CheckStateRole });
    return true;
}

Qt::ItemFlags ModelListModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    const Item& item = m_items[index.row()];
    if (m_checkable && !item.installed && !item.checked)
        flags &= ~Qt::ItemIsEnabled; // nothing could be computed with it
    if (m_checkable)
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

} // namespace crossiter::ui
