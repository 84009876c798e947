#include "ui/viewmodels/PlanModel.h"

#include "ui/session/Counted.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/PlainText.h"
#include "ui/viewmodels/SubStepText.h"

#include <algorithm>

namespace crossiter::ui {

namespace {

QString text(const std::string& bytes)
{
    return QString::fromStdString(bytes);
}

QString joined(const std::vector<std::string>& ids)
{
    QStringList parts;
    for (const std::string& id : ids)
        parts << text(id);
    return parts.join(QStringLiteral(" + "));
}

QString externalText(const ExternalSubmission& external)
{
    return PlanModel::tr("program in %1, at most %2 s")
        .arg(text(external.folder.string()))
        .arg(external.timeLimitSeconds);
}

} // namespace

QString summaryOf(const PlanAttack& attack)
{
    if (attack.external)
        return externalText(*attack.external);
    const AttackChoices& options = attack.options;
    QStringList parts { methodText(options.method) };
    const bool loops = usesSources(options.method);
    if (loops) {
        const AttackRequest request = resolve(options, 16);
        parts << joined(request.sources);
        parts << countedText(request.rounds, PlanModel::tr("round"), PlanModel::tr("rounds"));
        if (options.labelRule)
            parts << ruleText(*options.labelRule);
        if (options.stepPx)
            parts << PlanModel::tr("step %1 px").arg(*options.stepPx);
        if (options.projection) {
            parts << (*options.projection == Projection::Ball ? PlanModel::tr("epsilon ball")
                                                              : PlanModel::tr("no projection"));
        }
        if (!options.through.empty())
            parts << PlanModel::tr("through %1").arg(text(options.through));
    }
    if (options.save)
        parts << text(toString(*options.save));
    return parts.join(QStringLiteral(" · "));
}

QString summaryOf(const PlanDefense& defense)
{
    if (defense.external)
        return externalText(*defense.external);
    QStringList parts { text(defense.model) };
    for (const DefenseStage& stage : defense.defense.stages)
        parts << stageText(stage);
    if (defense.defense.dropout)
        parts << PlanModel::tr("dropout");
    if (defense.defense.batchStatistics)
        parts << PlanModel::tr("batch statistics");
    if (defense.defense.samples > 1)
        parts << PlanModel::tr("%1 draws").arg(defense.defense.samples);
    return parts.join(QStringLiteral(" · "));
}

PlanModel::PlanModel(PlanKind kind, QObject* parent)
    : QAbstractListModel(parent)
    , m_kind(kind)
{
}

QString PlanModel::name(const PlanItem& item) const
{
    return text(m_kind == PlanKind::Defenses ? item.defense.name : item.attack.name);
}

QString PlanModel::nameAt(int row) const
{
    return row >= 0 && row < m_items.size() ? name(m_items.at(row)) : QString();
}

void PlanModel::setItems(const QVector<PlanItem>& items)
{
    beginResetModel();
    m_items = items;
    endResetModel();
    emit chosenChanged();
}

void PlanModel::append(const PlanItem& item)
{
    const int row = rowCount();
    beginInsertRows({}, row, row);
    m_items << item;
    endInsertRows();
    emit chosenChanged();
}

void PlanModel::replace(int row, const PlanItem& item)
{
    if (row < 0 || row >= m_items.size())
        return;
    m_items[row] = item;
    emit dataChanged(index(row), index(row));
    emit chosenChanged();
}

void PlanModel::removeAt(int row)
{
    if (row < 0 || row >= m_items.size())
        return;
    beginRemoveRows({}, row, row);
    m_items.removeAt(row);
    endRemoveRows();
    emit chosenChanged();
}

bool PlanModel::moveRow(int row, int by)
{
    const int to = row + by;
    if (row < 0 || row >= m_items.size() || to < 0 || to >= m_items.size() || by == 0)
        return false;
    beginMoveRows({}, row, row, {}, by > 0 ? to + 1 : to);
    m_items.move(row, to);
    endMoveRows();
    emit chosenChanged();
    return true;
}

void PlanModel::setAllChecked(bool checked)
{
    for (PlanItem& item : m_items)
        item.checked = checked && item.obstacle.isEmpty();
    if (!m_items.isEmpty())
        emit dataChanged(index(0), index(rowCount() - 1), { Qt::CheckStateRole });
    emit chosenChanged();
}

int PlanModel::checkedCount() const
{
    return static_cast<int>(std::ranges::count_if(
        m_items, [](const PlanItem& item) { return item.checked; }));
}

std::vector<PlanAttack> PlanModel::chosenAttacks() const
{
    std::vector<PlanAttack> chosen;
    for (const PlanItem& item : m_items)
        if (item.checked && m_kind != PlanKind::Defenses)
            chosen.push_back(item.attack);
    return chosen;
}

std::vector<PlanDefense> PlanModel::chosenDefenses() const
{
    std::vector<PlanDefense> chosen;
    for (const PlanItem& item : m_items)
        if (item.checked && m_kind == PlanKind::Defenses)
            chosen.push_back(item.defense);
    return chosen;
}

QString PlanModel::freeName(const QString& wanted, int exceptRow) const
{
    const auto taken = [&](const QString& candidate) {
        for (int row = 0; row < m_items.size(); ++row)
            if (row != exceptRow && nameAt(row) == candidate)
                return true;
        return false;
    };
    QString free = wanted;
    for (int number = 2; taken(free); ++number)
        free = QStringLiteral("%1_%2").arg(wanted).arg(number);
    return free;
}

int PlanModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_items.size());
}

QVariant PlanModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const PlanItem& item = m_items.at(index.row());
    const QString summary =
        m_kind == PlanKind::Defenses ? summaryOf(item.defense) : summaryOf(item.attack);
    const std::string& note = m_kind == PlanKind::Defenses ? item.defense.note : item.attack.note;
    switch (role) {
    case Qt::DisplayRole:
        return name(item);
    case Qt::CheckStateRole:
        return item.checked ? Qt::Checked : Qt::Unchecked;
    case Qt::ToolTipRole: {
        QStringList lines { name(item), summary };
        if (!note.empty())
            lines << shownText(text(note));
        if (!item.obstacle.isEmpty())
            lines << item.obstacle;
        return lines.join(QLatin1Char('\n'));
    }
    case Qt::AccessibleTextRole:
        return item.obstacle.isEmpty() ? tr("%1, %2").arg(name(item), summary)
                                       : tr("%1, %2, %3").arg(name(item), summary, item.obstacle);
    case SummaryRole:
        return summary;
    case ObstacleRole:
        return item.obstacle;
    default:
        return {};
    }
}

bool PlanModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::CheckStateRole || !checkIndex(index, CheckIndexOption::IndexIsValid))
        return false;
    PlanItem& item = m_items[index.row()];
    const bool checked = value.toInt() == Qt::Checked;
    if (checked && !item.obstacle.isEmpty())
        return false;
    if (item.checked != checked) {
        item.checked = checked;
        emit dataChanged(index, index, { Qt::CheckStateRole });
        emit chosenChanged();
    }
    return true;
}

Qt::ItemFlags PlanModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    Qt::ItemFlags flags = Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
    // One with an obstacle can be read, edited and taken out of the plan, not put into it.
    const PlanItem& item = m_items.at(index.row());
    if (item.obstacle.isEmpty() || item.checked)
        flags |= Qt::ItemIsUserCheckable;
    return flags;
}

} // namespace crossiter::ui
