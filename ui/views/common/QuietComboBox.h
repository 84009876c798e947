#pragma once

#include <QComboBox>
#include <QStandardItemModel>
#include <QWheelEvent>

namespace crossiter::ui {

/// A combo box that a wheel passing by does not change: it scrolls the panel instead.
class QuietComboBox : public QComboBox
{
public:
    explicit QuietComboBox(QWidget* parent = nullptr)
        : QComboBox(parent)
    {
        setSizeAdjustPolicy(AdjustToMinimumContentsLengthWithIcon);
        setMinimumContentsLength(10);
        setFocusPolicy(Qt::StrongFocus);
    }

    /// A greyed row with the reason as its tooltip; empty: enabled, with `tip`.
    void setRow(int row, const QString& reason, const QString& tip)
    {
        if (auto* items = qobject_cast<QStandardItemModel*>(model())) {
            QStandardItem* item = items->item(row);
            item->setEnabled(reason.isEmpty());
            item->setToolTip(reason.isEmpty() ? tip : reason);
        }
    }

protected:
    void wheelEvent(QWheelEvent* event) override
    {
        if (hasFocus())
            QComboBox::wheelEvent(event);
        else
            event->ignore();
    }
};

} // namespace crossiter::ui
