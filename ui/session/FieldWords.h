#pragma once

#include "core/attack/AttackFields.h"
#include "core/base/Error.h"

#include <QString>

namespace crossiter::ui {

/// What the window calls an option of an attack: "Label rule"; an option without words of the
/// window's goes by its key.
[[nodiscard]] QString fieldName(const std::string& key);
/// What it does, for a tip; without words of the window's, the row's own help.
[[nodiscard]] QString fieldHelp(const AttackField& field);

/// The error in one line, with the window's name of the option that it is about in place of the
/// key.
[[nodiscard]] QString ownWords(const Error& error);

} // namespace crossiter::ui
