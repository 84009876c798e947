#pragma once

#include <QString>

class QWidget;

namespace crossiter::ui {

/// What a control says of itself: its object name (of tests and of the window's saved layout), its
/// name for screen readers, and its help as description, tool tip and "What's this?".
void describe(QWidget* widget, const char* object, const QString& name, const QString& help);

} // namespace crossiter::ui
