#include "ui/viewmodels/TargetClassModel.h"

#include "ui/viewmodels/LabelListModel.h"

#include <QUndoCommand>
#include <QUndoStack>

namespace crossiter::ui {

namespace {

constexpr int kClasses = 1000; ///< 1..1000; 0 is no class of an image

QVariant labelText(const std::optional<int>& label)
{
    return label ? QVariant(LabelListModel::textOf(*label)) : QVariant();
}

} // namespace

/// Before and after, whole: the table has some thousand rows at most, and fills change all of them.
class TargetCommand : public QUndoCommand
{
public:
    TargetCommand(TargetClassModel& model, QVector<std::optional<int>> after, const QString& text)
        : QUndoCommand(text)
        , m_model(model)
        , m_before(model.current())
        , m_after(std::move(after))
    {
    }
    void undo() override { m_model.apply(m_before); }
    void redo() override { m_model.apply(m_after); }

private:
    TargetClassModel& m_model;
    QVector<std::optional<int>> m_before;
    QVector<std::optional<int>> m_after;
};

QString markText(TargetMark mark)
{
    switch (mark) {
    case TargetMark::None:
        return {};
    case TargetMark::Missing:
        return TargetClassModel::tr("no target");
    case TargetMark::EqualsTrue:
        return TargetClassModel::tr("is the true label");
    case TargetMark::Background:
        return TargetClassModel::tr("background: not in networks of 1000 classes");
    case TargetMark::NoImage:
        return TargetClassModel::tr("no such image in the dataset");
    }
    return {};
}

TargetClassModel::TargetClassModel(QObject* parent)
    : TableModel(parent)
    , m_undo(new QUndoStack(this))
{
}

void TargetClassModel::setRows(const QVector<TargetRow>& rows, bool saved)
{
    beginResetModel();
    m_rows = rows;
    endResetModel();
    m_undo->clear();
    if (saved)
        m_undo->setClean();
    else
        m_undo->resetClean();
    emit marksChanged();
}

QVector<std::optional<int>> TargetClassModel::current() const
{
    QVector<std::optional<int>> targets;
    targets.reserve(m_rows.size());
    for (const TargetRow& row : m_rows)
        targets << row.target;
    return targets;
}

void TargetClassModel::apply(const QVector<std::optional<int>>& targets)
{
    int first = -1;
    int last = -1;
    for (int row = 0; row < m_rows.size(); ++row) {
        if (m_rows[row].target != targets[row]) {
            m_rows[row].target = targets[row];
            first = first < 0 ? row : first;
            last = row;
        }
    }
    if (first >= 0) {
        emit dataChanged(index(first, TargetColumn), index(last, MarkColumn));
        emit marksChanged();
    }
}

void TargetClassModel::setTarget(int row, std::optional<int> target)
{
    if (row < 0 || row >= m_rows.size() || m_rows[row].target == target)
        return;
    QVector<std::optional<int>> targets = current();
    targets[row] = target;
    setTargets(targets, tr("target of %1").arg(m_rows[row].file));
}

void TargetClassModel::setTargets(const QVector<std::optional<int>>& targets, const QString& text)
{
    if (targets.size() == m_rows.size() && targets != current())
        m_undo->push(new TargetCommand(*this, targets, text));
}

QVector<std::optional<int>> TargetClassModel::randomTargets(quint64 seed) const
{
    QVector<std::optional<int>> targets;
    targets.reserve(m_rows.size());
    for (const TargetRow& row : m_rows)
        targets << randomTargetClass(seed, row.file.toStdString(), row.trueLabel);
    return targets;
}

TargetMark TargetClassModel::markOf(int row) const
{
    const TargetRow& item = m_rows.at(row);
    if (item.path.isEmpty())
        return TargetMark::NoImage;
    if (!item.target)
        return TargetMark::Missing;
    if (item.trueLabel && *item.trueLabel == *item.target)
        return TargetMark::EqualsTrue;
    return *item.target == 0 ? TargetMark::Background : TargetMark::None;
}

int TargetClassModel::count(TargetMark mark) const
{
    int found = 0;
    for (int row = 0; row < m_rows.size(); ++row)
        found += markOf(row) == mark ? 1 : 0;
    return found;
}

std::vector<LabelRow> TargetClassModel::targets() const
{
    std::vector<LabelRow> targets;
    for (const TargetRow& row : m_rows)
        if (row.target)
            targets.push_back({ row.file.toStdString(), *row.target });
    return targets;
}

QVariant TargetClassModel::cell(const QModelIndex& index, int role) const
{
    const TargetRow& row = m_rows.at(index.row());
    const std::optional<int>& label = index.column() == TrueColumn ? row.trueLabel : row.target;
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case ImageColumn:
            return row.file;
        case MarkColumn:
            return markText(markOf(index.row()));
        default:
            return labelText(label);
        }
    case Qt::EditRole:
    case LabelRole:
        return label && (index.column() == TrueColumn || index.column() == TargetColumn)
            ? QVariant(*label)
            : QVariant();
    case Qt::ToolTipRole:
        return index.column() == MarkColumn ? markText(markOf(index.row()))
            : index.column() == TargetColumn
            ? tr("Double click or F2: another target. Delete: none.")
            : QVariant(row.path.isEmpty() ? row.file : row.path);
    case MarkRole:
        return static_cast<int>(markOf(index.row()));
    case PathRole:
        return row.path;
    default:
        return {};
    }
}

bool TargetClassModel::setData(const QModelIndex& index, const QVariant& value, int role)
{
    if (role != Qt::EditRole || !checkIndex(index, CheckIndexOption::IndexIsValid)
        || index.column() != TargetColumn)
        return false;
    if (!value.isValid()) {
        setTarget(index.row(), std::nullopt);
        return true;
    }
    bool isNumber = false;
    const int label = value.toInt(&isNumber);
    if (!isNumber || label < 0 || label > kClasses)
        return false;
    setTarget(index.row(), label);
    return true;
}

Qt::ItemFlags TargetClassModel::flags(const QModelIndex& index) const
{
    if (!index.isValid())
        return Qt::NoItemFlags;
    Qt::ItemFlags flags = Qt::ItemIsSelectable | Qt::ItemIsEnabled | Qt::ItemNeverHasChildren;
    if (index.column() == TargetColumn)
        flags |= Qt::ItemIsEditable;
    return flags;
}

QVariant TargetClassModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole)
        return {};
    if (orientation == Qt::Vertical)
        return section + 1;
    switch (section) {
    case ImageColumn:
        return tr("Image");
    case TrueColumn:
        return tr("True label");
    case TargetColumn:
        return tr("Target");
    case MarkColumn:
        return tr("Remark");
    default:
        return {};
    }
}

} // namespace crossiter::ui
