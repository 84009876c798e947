#pragma once

#include <QColor>
#include <QIcon>
#include <QString>

namespace crossiter::ui {

/// resources/icons/NAME.svg drawn in `color` (its currentColor), faded where disabled.
[[nodiscard]] QIcon themedIcon(const QString& name, const QColor& color);

/// A filled square: a source's colour in menus and buttons.
[[nodiscard]] QIcon colorSquare(const QColor& color);

} // namespace crossiter::ui
