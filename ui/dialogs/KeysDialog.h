#pragma once

#include <QDialog>
#include <QList>

class QAction;

namespace crossiter::ui {

/// Every action and its key, and the keys of the views.
class KeysDialog : public QDialog
{
    Q_OBJECT

public:
    explicit KeysDialog(const QList<QAction*>& actions, QWidget* parent = nullptr);
};

} // namespace crossiter::ui
