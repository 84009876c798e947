#pragma once

#include "core/attack/AttackFields.h"
#include "core/base/Error.h"
#include "ui/session/Setting.h"

#include <QString>

#include <vector>

namespace crossiter::ui {

/// Where an option of an attack is edited.
enum class FieldPlace
{
    Panel, ///< of the explorer: every option has a value
    Plan, ///< dialog of a plan's attack: what is left alone follows the method or the plan
};

/// The rows that are edited there, in the window's order; rows without words of the window's own
/// come last. Lists of networks among them.
[[nodiscard]] std::vector<const AttackField*> fieldsOf(FieldPlace place);

/// What the window calls an option of an attack: "Label rule"; an option without words of the
/// window's goes by its key.
[[nodiscard]] QString fieldName(const std::string& key);
/// The same before its editor, with a mark for the keyboard.
[[nodiscard]] QString fieldLabel(const AttackField& field, FieldPlace place);
/// What it does, for a tip; without words of the window's, the row's own help.
[[nodiscard]] QString fieldHelp(const AttackField& field, FieldPlace place);
/// One of a row's choices as combo boxes show it, "own, refreshed (seed)", and a line that
/// explains; a choice without words of the window's goes by its own name.
[[nodiscard]] QString choiceText(const std::string& key, const std::string& choice);
[[nodiscard]] QString choiceTip(const std::string& key, const std::string& choice);

/// What a change of the option is for undo; each its own.
[[nodiscard]] Setting settingOf(const AttackField& field);
/// The row of a setting from Setting::Option on.
[[nodiscard]] const AttackField& fieldOf(Setting setting);

/// The error in one line, with the window's name of the option that it is about in place of the
/// key.
[[nodiscard]] QString ownWords(const Error& error);

} // namespace crossiter::ui
