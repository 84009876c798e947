#include "ui/viewmodels/PredictionModel.h"

#include "ui/session/ShownText.h"

#include <utility>

namespace crossiter::ui {

PredictionModel::PredictionModel(QObject* parent)
    : TableModel(parent)
{
}

void PredictionModel::setClean(const Prediction* prediction)
{
    assign(CleanColumn, prediction);
}

void PredictionModel::setCurrent(const Prediction* prediction, int subStep)
{
    const bool renamed = m_subStep != subStep;
    m_subStep = subStep;
    assign(CurrentColumn, prediction);
    if (renamed)
        emit headerDataChanged(Qt::Horizontal, CurrentColumn, CurrentColumn);
}

void PredictionModel::assign(Column column, const Prediction* prediction)
{
    std::vector<RankedLabel> top =
        prediction == nullptr ? std::vector<RankedLabel>() : prediction->top(kRows);
    const Column other = column == CleanColumn ? CurrentColumn : CleanColumn;
    const bool willHaveRows = !top.empty() || !m_top[other].empty();
    if (willHaveRows == (rowCount() > 0)) {
        m_top[column] = std::move(top);
        refresh(column);
        return;
    }
    beginResetModel();
    m_top[column] = std::move(top);
    endResetModel();
}

void PredictionModel::setTitles(const QString& clean, const QString& current)
{
    if (clean != m_titles[CleanColumn] || current != m_titles[CurrentColumn]) {
        m_titles[CleanColumn] = clean;
        m_titles[CurrentColumn] = current;
        emit headerDataChanged(Qt::Horizontal, CleanColumn, CurrentColumn);
    }
}

void PredictionModel::setTrueLabel(std::optional<int> label, bool assumed)
{
    m_trueLabel = label;
    m_assumed = assumed;
    refresh(CleanColumn);
    refresh(CurrentColumn);
}

void PredictionModel::setTarget(std::optional<int> label)
{
    m_target = label;
    refresh(CleanColumn);
    refresh(CurrentColumn);
}

void PredictionModel::setAttacked(int label)
{
    if (m_attacked != label) {
        m_attacked = label;
        refresh(CurrentColumn);
    }
}

void PredictionModel::refresh(int column)
{
    if (rowCount() > 0)
        emit dataChanged(index(0, column), index(rowCount() - 1, column));
}

int PredictionModel::countRows() const
{
    if (m_top[CleanColumn].empty() && m_top[CurrentColumn].empty())
        return 0;
    return kRows;
}

PredictionModel::Mark PredictionModel::markOf(int column, int label) const
{
    if (m_trueLabel == label)
        return m_assumed ? Mark::AssumedTrue : Mark::True;
    if (m_target == label)
        return Mark::Target;
    return column == CurrentColumn && m_attacked == label ? Mark::Attacked : Mark::None;
}

QVariant PredictionModel::cell(const QModelIndex& index, int role) const
{
    const std::vector<RankedLabel>& top = m_top[index.column()];
    if (static_cast<std::size_t>(index.row()) >= top.size())
        return {};
    const RankedLabel& ranked = top[static_cast<std::size_t>(index.row())];
    const QString name = labelText(ranked.label);
    const Mark mark = markOf(index.column(), ranked.label);
    QString markText;
    switch (mark) {
    case Mark::True:
        markText = tr("true label");
        break;
    case Mark::AssumedTrue:
        markText = tr("assumed true label: the joint top-1");
        break;
    case Mark::Target:
        markText = tr("target label");
        break;
    case Mark::Attacked:
        markText = tr("attacked by this sub-step");
        break;
    case Mark::None:
        break;
    }
    switch (role) {
    case Qt::DisplayRole:
        return name;
    case LabelRole:
        return ranked.label;
    case ProbabilityRole:
        return ranked.probability;
    case MarkRole:
        return static_cast<int>(mark);
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole: {
        QString text = tr("%1, probability %2").arg(name).arg(ranked.probability, 0, 'f', 3);
        if (role == Qt::ToolTipRole) {
            text = tr("%1 (label %2), probability %3")
                       .arg(name)
                       .arg(ranked.label)
                       .arg(ranked.probability, 0, 'g', 4);
        }
        return markText.isEmpty() ? text : tr("%1, %2").arg(text, markText);
    }
    default:
        return {};
    }
}

QVariant PredictionModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return static_cast<int>(Qt::AlignLeft | Qt::AlignVCenter);
    if (role != Qt::DisplayRole)
        return {};
    if (!m_titles[section].isEmpty())
        return m_titles[section];
    if (section == CleanColumn)
        return tr("clean");
    return tr("sub-step %1").arg(m_subStep);
}

} // namespace crossiter::ui
