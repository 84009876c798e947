#include "ui/viewmodels/LabelListModel.h"

#include "core/classify/Labels.h"
#include "ui/session/ShownText.h"

namespace crossiter::ui {

LabelListModel::LabelListModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

int LabelListModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kLabelCount;
}

QVariant LabelListModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    if (role == Qt::DisplayRole || role == Qt::EditRole || role == Qt::ToolTipRole)
        return textOf(index.row());
    if (role == Qt::AccessibleTextRole)
        return tr("%1, label %2").arg(labelText(index.row())).arg(index.row());
    return {};
}

QString LabelListModel::textOf(int label)
{
    return QStringLiteral("%1 %2").arg(label).arg(labelText(label));
}

int LabelListModel::labelOf(const QString& text)
{
    const QString trimmed = text.trimmed();
    if (const auto label = findLabelOrSynonym(trimmed.toStdString()))
        return *label;
    bool isNumber = false;
    const int number = trimmed.section(QLatin1Char(' '), 0, 0).toInt(&isNumber);
    if (isNumber && number >= 0 && number < kLabelCount
        && textOf(number).compare(trimmed, Qt::CaseInsensitive) == 0)
        return number;
    return -1;
}

} // namespace crossiter::ui
