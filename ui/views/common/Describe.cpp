#include "ui/views/common/Describe.h"

#include <QWidget>

namespace crossiter::ui {

void describe(QWidget* widget, const char* object, const QString& name, const QString& help)
{
    widget->setObjectName(QString::fromLatin1(object));
    widget->setAccessibleName(name);
    widget->setAccessibleDescription(help);
    widget->setToolTip(help);
    widget->setWhatsThis(help);
}

} // namespace crossiter::ui
