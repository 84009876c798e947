#pragma once

#include "ui/views/common/Describe.h"

#include <QString>

class QLabel;
class QToolButton;
class QWidget;

namespace crossiter::ui {

// Small controls as every panel makes them; their looks are the theme's, by properties.

/// role: "muted", "heading" or "error".
[[nodiscard]] QLabel* roleLabel(
    QWidget* parent, const char* role, const QString& text = {}, const char* object = "");
/// Another role for a widget that is on screen.
void setRole(QWidget* widget, const char* role);
/// The muted name in front of `buddy`.
[[nodiscard]] QLabel* caption(const QString& text, QWidget* buddy, QWidget* parent);

/// A button with a text, described by `help`; name: for screen readers, empty: the text.
[[nodiscard]] QToolButton* textButton(QWidget* parent, const char* object, const QString& text,
    const QString& help, const QString& name = {});
/// The same that opens its menu at once.
[[nodiscard]] QToolButton* menuButton(QWidget* parent, const char* object, const QString& text,
    const QString& help, const QString& name = {});
/// The same that stays pressed, drawn as a chip.
[[nodiscard]] QToolButton* chipButton(
    QWidget* parent, const char* object, const QString& text, const QString& help);

/// A layout without margins.
template <typename Layout>
Layout* tightLayout(QWidget* parent, int spacing)
{
    auto* layout = new Layout(parent);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(spacing);
    return layout;
}

} // namespace crossiter::ui
