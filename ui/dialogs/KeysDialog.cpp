#include "ui/dialogs/KeysDialog.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QHeaderView>
#include <QTableWidget>
#include <QVBoxLayout>

namespace crossiter::ui {

KeysDialog::KeysDialog(const QList<QAction*>& actions, QWidget* parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Keys"));
    auto* table = new QTableWidget(0, 2, this);
    table->setHorizontalHeaderLabels({ tr("Action"), tr("Key") });
    table->setAccessibleName(tr("Actions and their keys"));
    table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->verticalHeader()->hide();
    const auto add = [table](const QString& what, const QString& key) {
        const int row = table->rowCount();
        table->insertRow(row);
        table->setItem(row, 0, new QTableWidgetItem(what));
        table->setItem(row, 1, new QTableWidgetItem(key));
    };
    for (const QAction* action : actions) {
        if (!action->shortcut().isEmpty()) {
            add(action->text().remove(QLatin1Char('&')),
                action->shortcut().toString(QKeySequence::NativeText));
        }
    }
    add(tr("Scrubber or plot: a sub-step back or on"), tr("Left, Right"));
    add(tr("Scrubber: a round back or on; the ends; play"), tr("PgUp, PgDown; Home, End; Space"));
    add(tr("Pictures: zoom; fit; one to one"), tr("+, −; 0; 1"));
    add(tr("Pictures: move the probe; pan; end the probe"), tr("arrows; Ctrl+arrows; Esc"));
    table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    table->resizeColumnToContents(1);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, this);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(table);
    layout->addWidget(buttons);
    resize(560, 560);
}

} // namespace crossiter::ui
