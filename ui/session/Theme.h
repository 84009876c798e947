#pragma once

#include <QColor>
#include <QFont>
#include <QString>
#include <QVector>

class QApplication;

namespace crossiter::ui {

enum class ThemeKind
{
    System,
    Light,
    Dark
};

/// Every colour of the window, by meaning. A plain value, handed to each widget's setTheme().
/// One meaning, one colour, everywhere: the same source has the same colour in the scrubber, the
/// plot and the predictions; the accent only says where one is.
struct Theme
{
    bool dark = false;
    QColor window; ///< behind everything
    QColor panel; ///< fields, ticks, empty parts of bars
    QColor raised; ///< buttons, menus, tooltips
    QColor text;
    QColor muted; ///< secondary text; at least 4.5 : 1 on window
    QColor line; ///< hairlines and card borders
    QColor accent; ///< the one blue: where you are, what is chosen, what has the focus
    QColor onAccent; ///< text on accent
    QColor accentWash; ///< a pale accent: the background of what is chosen
    QColor trueLabel; ///< green
    QColor wrongLabel; ///< amber: an attacked label that is not the true one
    QColor target; ///< purple
    QColor error; ///< text of an error
    QVector<QColor> sources; ///< 8, distinguishable with the common colour-vision deficiencies
    QColor judge; ///< slate: a model that only judges

    /// The colour of source `index` (0-based; repeats after 8); below 0: judge.
    [[nodiscard]] const QColor& sourceColor(int index) const;
};

/// System: dark when the application's palette, as the desktop gave it, has light text on a dark
/// window (Qt 6.4 has no colour-scheme API). Call it before applyTheme(), which replaces that
/// palette, to learn the desktop's; later calls with System remember the first answer.
[[nodiscard]] Theme makeTheme(ThemeKind kind);

/// Fusion, the palette and the style sheet. A button with the property primary=true is filled with
/// the accent; a QToolButton or QPushButton with chip=true is a rounded chip; a QLabel with
/// role="muted", "heading" or "error" takes that look; a QFrame with card=true is a bordered card.
void applyTheme(QApplication& application, const Theme& theme);

/// Numbers on the screen have a point, as in files, plots and cards: the default locale of Qt's
/// widgets (spin boxes above all) is C. Before the first widget.
void usePointsInNumbers();

/// The style sheet alone (of applyTheme).
[[nodiscard]] QString styleSheet(const Theme& theme);

/// `font`, if all its digits have one width, else the system's fixed-pitch font at its size:
/// numbers that change under the eye must not dance.
[[nodiscard]] QFont tabularFont(const QFont& font);

/// WCAG 2 contrast ratio, 1..21.
[[nodiscard]] double contrastRatio(const QColor& a, const QColor& b);

} // namespace crossiter::ui
