#include "ui/session/ShownText.h"

#include "core/base/TimeLeft.h"
#include "core/classify/Labels.h"

#include <QCoreApplication>

namespace crossiter::ui {

QString labelText(int label)
{
    return QString::fromStdString(labelName(label));
}

QString percentText(double share)
{
    return QCoreApplication::translate("ShownText", "%1 %").arg(100.0 * share, 0, 'f', 1);
}

QString timeLeftText(double seconds)
{
    return QString::fromStdString(crossiter::timeLeftText(seconds));
}

} // namespace crossiter::ui
