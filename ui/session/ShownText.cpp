#include "ui/session/ShownText.h"

#include "core/classify/Labels.h"

#include <QCoreApplication>

#include <cmath>

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
    if (seconds < 0.0) {
        return {};
    }
    const auto say = [](const char* text) {
        return QCoreApplication::translate("ShownText", text);
    };
    const auto whole = static_cast<qint64>(std::ceil(seconds));
    const qint64 minutes = (whole + 59) / 60;
    if (whole < 90) {
        return say("%1 s left").arg(whole);
    }
    return minutes < 90 ? say("%1 min left").arg(minutes)
                        : say("%1 h %2 min left").arg(minutes / 60).arg(minutes % 60);
}

} // namespace crossiter::ui
