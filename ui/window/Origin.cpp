#include "ui/window/Origin.h"

#include "ui/window/Shell.h"

#include <QString>

namespace crossiter::ui {

Origin originOfShown(Shell& shell, const std::string& defense)
{
    return [session = &shell.explorer(), defense, trace = shell.explorer().upToShown()](
               const QString& path) { session->exportProvenance({ path }, trace, defense); };
}

} // namespace crossiter::ui
