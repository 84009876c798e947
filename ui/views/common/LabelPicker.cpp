#include "ui/views/common/LabelPicker.h"

#include "ui/viewmodels/LabelListModel.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QLineEdit>
#include <QListView>
#include <QSignalBlocker>
#include <QWheelEvent>

namespace crossiter::ui {

LabelPicker::LabelPicker(QWidget* parent)
    : QComboBox(parent)
{
    setEditable(true);
    setInsertPolicy(NoInsert);
    setMaxVisibleItems(14);
    setSizeAdjustPolicy(AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(10);
    auto* labels = new LabelListModel(this);
    setModel(labels);
    setCurrentIndex(-1);
    auto* search = new QCompleter(labels, this);
    search->setFilterMode(Qt::MatchContains);
    search->setCaseSensitivity(Qt::CaseInsensitive);
    search->setCompletionMode(QCompleter::PopupCompletion);
    search->setMaxVisibleItems(14);
    setCompleter(search);
    lineEdit()->setPlaceholderText(tr("number or name"));
    connect(this, &QComboBox::activated, this, [this](int row) {
        if (row < m_lowest) {
            refuse(LabelListModel::textOf(row));
            return;
        }
        m_label = row;
        showLabel(m_label);
        emit labelChosen(row);
    });
    connect(lineEdit(), &QLineEdit::returnPressed, this, &LabelPicker::commitText);
}

void LabelPicker::setWithoutBackground()
{
    m_lowest = 1;
    if (auto* list = qobject_cast<QListView*>(view()))
        list->setRowHidden(0, true);
}

void LabelPicker::refuse(const QString& text)
{
    showLabel(m_label);
    if (!text.isEmpty())
        emit textRejected(text);
}

void LabelPicker::setLabel(std::optional<int> label)
{
    m_label = label;
    if (!lineEdit()->hasFocus() || !lineEdit()->isModified()) // never under the user's fingers
        showLabel(label);
}

void LabelPicker::showLabel(std::optional<int> label)
{
    const QSignalBlocker blocker(this);
    setCurrentIndex(label ? *label : -1);
    setEditText(label ? LabelListModel::textOf(*label) : QString());
    lineEdit()->setCursorPosition(0);
    lineEdit()->setModified(false);
}

void LabelPicker::commitText()
{
    if (!lineEdit()->isModified())
        return;
    const QString text = currentText();
    int label = LabelListModel::labelOf(text);
    if (label < 0 && completer()->completionCount() == 1 && !text.trimmed().isEmpty())
        label = LabelListModel::labelOf(completer()->currentCompletion()); // the only one it can be
    if (label < m_lowest) {
        refuse(text.trimmed());
        return;
    }
    const bool changed = m_label != label;
    m_label = label;
    showLabel(m_label);
    if (changed)
        emit labelChosen(label);
}

void LabelPicker::focusOutEvent(QFocusEvent* event)
{
    if (event->reason() != Qt::PopupFocusReason)
        commitText();
    QComboBox::focusOutEvent(event);
}

void LabelPicker::wheelEvent(QWheelEvent* event)
{
    event->ignore();
}

} // namespace crossiter::ui
