#include "ui/viewmodels/VerdictModel.h"

#include <QStringList>

namespace crossiter::ui {

namespace {

QString lines(const std::vector<std::string>& sentences)
{
    QStringList texts;
    for (const std::string& sentence : sentences)
        texts << QStringLiteral("• ") + QString::fromStdString(sentence);
    return texts.join(QLatin1Char('\n'));
}

} // namespace

VerdictModel::VerdictModel(QObject* parent)
    : TableModel(parent)
{
}

void VerdictModel::setVerdicts(std::vector<StudyVerdict> verdicts)
{
    if (verdicts.size() == m_verdicts.size() && !verdicts.empty()) { // they only follow new numbers
        m_verdicts = std::move(verdicts);
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        return;
    }
    beginResetModel();
    m_verdicts = std::move(verdicts);
    endResetModel();
}

QVariant VerdictModel::cell(const QModelIndex& index, int role) const
{
    if (role == Qt::TextAlignmentRole)
        return QVariant(Qt::AlignLeft | Qt::AlignTop);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != Qt::AccessibleTextRole)
        return {};
    const StudyVerdict& verdict = m_verdicts[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case Hypothesis:
        return QString::fromStdString(verdict.id + ": " + verdict.claim);
    case Finding:
        return QString::fromStdString(verdict.finding);
    case For:
        return lines(verdict.supporting);
    case Against:
        return lines(verdict.against);
    default:
        return lines(verdict.open);
    }
}

QVariant VerdictModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0
        || section >= ColumnCount)
        return {};
    const QString names[ColumnCount] = { tr("hypothesis"), tr("finding"), tr("for"), tr("against"),
        tr("decides nothing") };
    return names[section];
}

} // namespace crossiter::ui
