#pragma once

#include <string_view>

namespace crossiter::ui {

/// What a person reads of an action, untranslated, UTF-8.
struct ActionText
{
    const char* name; ///< its objectName; of one action only
    const char* text; ///< in the menu, "&" before the letter that chooses it
    const char* key; ///< as QKeySequence's portable text; of one action only
    const char* help; ///< tool tip, status tip and "What is this?"
};

/// Of the table of every action with words of its own; null: there is none of this name. Not in it:
/// the recent files and what shows and hides the panels, which are named after files and panels.
[[nodiscard]] const ActionText* findActionText(std::string_view name);

} // namespace crossiter::ui
