#include "ui/session/ShownText.h"

#include "core/classify/Labels.h"

namespace crossiter::ui {

QString labelText(int label)
{
    return QString::fromStdString(labelName(label));
}

} // namespace crossiter::ui
