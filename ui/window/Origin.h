#pragma once

#include <functional>
#include <string>

class QString;

namespace crossiter::ui {

class Shell;

/// Writes the provenance beside a picture that is saved already. Made with the picture: a trace may
/// go on while the path is asked for.
using Origin = std::function<void(const QString& path)>;

/// Of a view of the shown sub-step. defense: defenseText of what it stands behind; empty: nothing.
[[nodiscard]] Origin originOfShown(Shell& shell, const std::string& defense = {});

} // namespace crossiter::ui
