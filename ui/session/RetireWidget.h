#pragma once

#include <QWidget>

namespace crossiter::ui {

/// Takes a widget out of sight, of its parent and so of screen readers at once, and deletes it when
/// no event of its own can be on the stack any more: what replaces it may have been asked for by
/// its own button.
inline void retireWidget(QWidget* widget)
{
    widget->hide();
    widget->setParent(nullptr);
    widget->deleteLater();
}

} // namespace crossiter::ui
