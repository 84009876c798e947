#include "ui/session/Theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QFontMetricsF>
#include <QLocale>
#include <QPalette>
#include <QStyleFactory>
#include <QVariant>

#include <algorithm>
#include <cmath>
#include <utility>

/// Outside of every namespace: the macro declares a function of the global one.
static void loadThemeResources()
{
    Q_INIT_RESOURCE(themes);
}

namespace crossiter::ui {
namespace {

/// What the desktop had before applyTheme(): kept on the application, not in a global.
constexpr char kDesktopDark[] = "crossiterDesktopDark";

bool isDark(const QPalette& palette)
{
    return palette.color(QPalette::WindowText).lightnessF()
        > palette.color(QPalette::Window).lightnessF();
}

bool desktopIsDark()
{
    if (qApp == nullptr)
        return false;
    const QVariant known = qApp->property(kDesktopDark);
    return known.isValid() ? known.toBool() : isDark(QGuiApplication::palette());
}

Theme lightTheme()
{
    Theme theme;
    theme.dark = false;
    theme.window = QColor(0xff, 0xff, 0xff);
    theme.panel = QColor(0xf3, 0xf5, 0xf8);
    theme.raised = QColor(0xff, 0xff, 0xff);
    theme.text = QColor(0x1b, 0x21, 0x2d);
    theme.muted = QColor(0x5b, 0x66, 0x7c);
    theme.line = QColor(0xd9, 0xde, 0xe6);
    theme.accent = QColor(0x25, 0x63, 0xeb);
    theme.onAccent = QColor(0xff, 0xff, 0xff);
    theme.accentWash = QColor(0xe3, 0xec, 0xfd);
    theme.trueLabel = QColor(0x15, 0x80, 0x3d);
    theme.wrongLabel = QColor(0xb4, 0x53, 0x09);
    theme.target = QColor(0x7c, 0x3a, 0xed);
    theme.error = QColor(0xb9, 0x1c, 0x1c);
    theme.sources = { QColor(0xd3, 0x42, 0x5b), QColor(0x1f, 0x79, 0x77), QColor(0x8a, 0x5a, 0x2b),
        QColor(0xb5, 0x2f, 0x9b), QColor(0x3a, 0x8f, 0xc9), QColor(0x6b, 0x74, 0x1a),
        QColor(0x2d, 0x3f, 0x8f), QColor(0xe0, 0x7a, 0x7a) };
    theme.judge = QColor(0x5d, 0x68, 0x80);
    return theme;
}

Theme darkTheme()
{
    Theme theme;
    theme.dark = true;
    theme.window = QColor(0x1d, 0x21, 0x27);
    theme.panel = QColor(0x15, 0x18, 0x1d);
    theme.raised = QColor(0x27, 0x2c, 0x34);
    theme.text = QColor(0xe7, 0xea, 0xf0);
    theme.muted = QColor(0x9a, 0xa4, 0xb5);
    theme.line = QColor(0x37, 0x3e, 0x48);
    theme.accent = QColor(0x6e, 0xa8, 0xfe);
    theme.onAccent = QColor(0x0d, 0x17, 0x2a);
    theme.accentWash = QColor(0x26, 0x36, 0x52);
    theme.trueLabel = QColor(0x5f, 0xd3, 0x8d);
    theme.wrongLabel = QColor(0xf0, 0xb2, 0x55);
    theme.target = QColor(0xb9, 0x99, 0xf8);
    theme.error = QColor(0xff, 0x8f, 0x8f);
    theme.sources = { QColor(0xff, 0x7a, 0x8c), QColor(0x58, 0xc7, 0xbd), QColor(0xd2, 0xa2, 0x72),
        QColor(0xe8, 0x86, 0xd6), QColor(0x7c, 0xc0, 0xee), QColor(0xbd, 0xc7, 0x5a),
        QColor(0x8e, 0x9f, 0xee), QColor(0xf5, 0xb5, 0xb5) };
    theme.judge = QColor(0xa3, 0xad, 0xbf);
    return theme;
}

QPalette paletteOf(const Theme& theme)
{
    QPalette palette;
    palette.setColor(QPalette::Window, theme.window);
    palette.setColor(QPalette::WindowText, theme.text);
    palette.setColor(QPalette::Base, theme.window);
    palette.setColor(QPalette::AlternateBase, theme.panel);
    palette.setColor(QPalette::Text, theme.text);
    palette.setColor(QPalette::PlaceholderText, theme.muted);
    palette.setColor(QPalette::Button, theme.raised);
    palette.setColor(QPalette::ButtonText, theme.text);
    palette.setColor(QPalette::BrightText, theme.error);
    palette.setColor(QPalette::ToolTipBase, theme.raised);
    palette.setColor(QPalette::ToolTipText, theme.text);
    palette.setColor(QPalette::Highlight, theme.accent);
    palette.setColor(QPalette::HighlightedText, theme.onAccent);
    palette.setColor(QPalette::Link, theme.accent);
    palette.setColor(QPalette::LinkVisited, theme.accent);
    palette.setColor(QPalette::Light, theme.dark ? theme.raised.lighter(120) : theme.window);
    palette.setColor(QPalette::Midlight, theme.line);
    palette.setColor(QPalette::Mid, theme.line);
    palette.setColor(QPalette::Dark, theme.dark ? theme.panel : theme.line.darker(130));
    palette.setColor(QPalette::Shadow, theme.dark ? Qt::black : theme.muted);
    for (const auto role : { QPalette::WindowText, QPalette::Text, QPalette::ButtonText }) {
        QColor faded = theme.muted;
        faded.setAlphaF(0.6F);
        palette.setColor(QPalette::Disabled, role, faded);
    }
    palette.setColor(QPalette::Disabled, QPalette::Highlight, theme.line);
    return palette;
}

// Written with names in braces, which styleSheet() replaces by the theme's colours.
constexpr char kStyleSheet[] = R"(
QMainWindow, QDialog { background: {window}; }
QMainWindow::separator { background: {line}; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: {accent}; }
QToolTip { background: {raised}; color: {text}; border: 1px solid {line}; padding: 4px 6px; }

QPushButton, QToolButton {
    background: {raised}; color: {text}; border: 1px solid {line}; border-radius: 5px;
    padding: 4px 10px; min-height: 16px;
}
QToolButton { padding: 4px 8px; }
QPushButton:hover, QToolButton:hover { background: {panel}; border-color: {muted}; }
QPushButton:pressed, QToolButton:pressed { background: {accentWash}; }
QPushButton:focus, QToolButton:focus { border: 1px solid {accent}; }
QPushButton:disabled, QToolButton:disabled { color: {faded}; border-color: {line}; background: {window}; }
QPushButton:checked, QToolButton:checked {
    background: {accentWash}; border-color: {accent}; color: {text};
}
QPushButton[primary="true"], QToolButton[primary="true"] {
    background: {accent}; color: {onAccent}; border-color: {accent}; font-weight: 600;
}
QPushButton[primary="true"]:hover, QToolButton[primary="true"]:hover { background: {accentStrong}; }
QPushButton[primary="true"]:focus, QToolButton[primary="true"]:focus { border: 2px solid {text}; padding: 3px 9px; }
QPushButton[primary="true"]:disabled, QToolButton[primary="true"]:disabled {
    background: {line}; border-color: {line}; color: {muted};
}
QPushButton[chip="true"], QToolButton[chip="true"] {
    background: transparent; color: {muted}; border: 1px solid {line}; border-radius: 10px;
    padding: 1px 9px; min-height: 16px;
}
QPushButton[chip="true"]:hover, QToolButton[chip="true"]:hover { color: {text}; border-color: {muted}; }
QPushButton[chip="true"]:checked, QToolButton[chip="true"]:checked {
    background: {accentWash}; color: {text}; border-color: {accentSoft};
}
QPushButton[chip="true"]:checked:disabled, QToolButton[chip="true"]:checked:disabled {
    background: transparent; border-color: {line};
}
QPushButton[chip="true"]:focus, QToolButton[chip="true"]:focus { border-color: {accent}; }
QPushButton[chip="true"]:disabled, QToolButton[chip="true"]:disabled { color: {faded}; }
QPushButton::menu-indicator, QToolButton::menu-indicator {
    image: url(:/crossiter/themes/chevron-down-{kind}.svg); width: 10px; height: 10px;
    subcontrol-origin: padding; subcontrol-position: right center; right: 5px;
}
QToolButton[popupMode="2"] { padding-right: 20px; }
QToolButton[popupMode="1"] { padding-right: 22px; }
QToolButton[compact="true"] { padding: 1px 4px; min-height: 14px; }
QToolButton[compact="true"]::menu-indicator { image: none; width: 0; }
QToolButton::menu-button { border: none; width: 18px; }
QToolButton::menu-arrow { image: url(:/crossiter/themes/chevron-down-{kind}.svg); width: 10px; height: 10px; }

QComboBox, QLineEdit, QSpinBox, QDoubleSpinBox {
    background: {panel}; color: {text}; border: 1px solid {line}; border-radius: 5px;
    padding: 3px 7px; min-height: 18px; selection-background-color: {accent};
    selection-color: {onAccent};
}
QComboBox:hover, QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover { border-color: {muted}; }
QComboBox:focus, QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus { border-color: {accent}; }
QComboBox:disabled, QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled { color: {faded}; }
QComboBox { padding-right: 20px; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url(:/crossiter/themes/chevron-down-{kind}.svg); width: 11px; height: 11px; }
QComboBox QLineEdit { border: none; padding: 0; background: transparent; min-height: 0; }
QComboBox QAbstractItemView {
    background: {raised}; color: {text}; border: 1px solid {line}; outline: none;
    selection-background-color: {accentWash}; selection-color: {text};
}
QSpinBox::up-button, QDoubleSpinBox::up-button { border: none; width: 18px; background: transparent; }
QSpinBox::down-button, QDoubleSpinBox::down-button { border: none; width: 18px; background: transparent; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {
    image: url(:/crossiter/themes/chevron-up-{kind}.svg); width: 9px; height: 9px;
}
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {
    image: url(:/crossiter/themes/chevron-down-{kind}.svg); width: 9px; height: 9px;
}

QSlider::groove:horizontal { height: 3px; background: {line}; border-radius: 1px; }
QSlider::sub-page:horizontal { background: {accent}; border-radius: 1px; }
QSlider::handle:horizontal {
    width: 10px; height: 10px; margin: -5px 0; border-radius: 6px; background: {window};
    border: 2px solid {accent};
}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: {accentWash}; }
QSlider::handle:horizontal:focus { border-color: {text}; }
QSlider::sub-page:horizontal:disabled { background: {line}; }
QSlider::handle:horizontal:disabled { border-color: {line}; }

QCheckBox, QRadioButton { spacing: 7px; }
QCheckBox::indicator, QRadioButton::indicator {
    width: 13px; height: 13px; border: 1px solid {muted}; background: {panel};
}
QCheckBox::indicator { border-radius: 3px; }
QRadioButton::indicator { border-radius: 7px; }
QCheckBox::indicator:checked {
    background: {accent}; border-color: {accent}; image: url(:/crossiter/themes/check-{kind}.svg);
}
QRadioButton::indicator:checked {
    background: {accent}; border-color: {accent}; image: url(:/crossiter/themes/dot-{kind}.svg);
}
QCheckBox:focus, QRadioButton:focus { color: {accent}; }
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled { border-color: {line}; }

QTabWidget::pane { border: none; border-top: 1px solid {line}; }
QTabBar { qproperty-drawBase: 0; }
QTabBar::tab {
    background: transparent; color: {muted}; border: none; border-bottom: 2px solid transparent;
    padding: 5px 2px; margin: 0 16px 0 0;
}
QTabBar::tab:hover { color: {text}; }
QTabBar::tab:selected { color: {text}; border-bottom-color: {accent}; font-weight: 600; }
QTabBar::tab:focus { color: {accent}; }

QFrame[card="true"] { background: {window}; border: 1px solid {line}; border-radius: 6px; }
QLabel { background: transparent; }
QLabel[role="muted"] { color: {muted}; }
QLabel[role="heading"] { color: {muted}; font-weight: 600; }
QLabel[role="error"] { color: {error}; }

QAbstractScrollArea { background: {window}; border: none; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; color: {muted}; border: none; padding: 4px 8px; }
QTableView, QListView, QTreeView {
    background: {window}; border: none; outline: none; gridline-color: {line};
    selection-background-color: {accentWash}; selection-color: {text};
}
QListView::indicator {
    width: 13px; height: 13px; border: 1px solid {muted}; border-radius: 3px; background: {panel};
}
QListView::indicator:checked {
    background: {accent}; border-color: {accent}; image: url(:/crossiter/themes/check-{kind}.svg);
}
QListView::indicator:disabled { border-color: {line}; }
QTableView::item { border: none; padding-left: 8px; padding-right: 8px; }
QTableView::item:selected { background: {accentWash}; color: {text}; }
QTextEdit, QPlainTextEdit { border: 1px solid {line}; border-radius: 5px; }

QScrollBar:vertical { background: transparent; width: 9px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 9px; margin: 0; }
QScrollBar::handle { background: {line}; border-radius: 3px; margin: 1px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: {muted}; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar {
    background: {line}; border: none; border-radius: 3px; max-height: 6px; min-height: 6px;
    color: transparent;
}
QProgressBar::chunk { background: {accent}; border-radius: 3px; }

QMenuBar { background: {window}; color: {text}; }
QMenuBar::item { padding: 4px 8px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: {accentWash}; }
QMenu { background: {raised}; color: {text}; border: 1px solid {line}; padding: 4px; }
QMenu::item { padding: 4px 22px 4px 22px; border-radius: 4px; }
QMenu::item:selected { background: {accentWash}; color: {text}; }
QMenu::item:disabled { color: {faded}; }
QMenu::separator { height: 1px; background: {line}; margin: 4px 6px; }
QToolBar { background: {window}; border: none; border-bottom: 1px solid {line}; padding: 5px 8px; spacing: 8px; }
QStatusBar { background: {window}; color: {muted}; border-top: 1px solid {line}; }
QStatusBar::item { border: none; }
QDockWidget { color: {muted}; font-weight: 600; }
QDockWidget::title { background: {window}; padding: 6px 10px 4px 10px; }
)";

} // namespace

const QColor& Theme::sourceColor(int index) const
{
    return index < 0 || sources.isEmpty() ? judge : sources.at(index % sources.size());
}

Theme makeTheme(ThemeKind kind)
{
    switch (kind) {
    case ThemeKind::Light:
        return lightTheme();
    case ThemeKind::Dark:
        return darkTheme();
    case ThemeKind::System:
        break;
    }
    return desktopIsDark() ? darkTheme() : lightTheme();
}

void usePointsInNumbers()
{
    QLocale::setDefault(QLocale::c());
}

QString styleSheet(const Theme& theme)
{
    const auto blend = [](const QColor& a, const QColor& b, double share) {
        return QColor::fromRgbF(static_cast<float>(a.redF() * (1 - share) + b.redF() * share),
            static_cast<float>(a.greenF() * (1 - share) + b.greenF() * share),
            static_cast<float>(a.blueF() * (1 - share) + b.blueF() * share));
    };
    const std::pair<const char*, QColor> colors[] = { { "{window}", theme.window },
        { "{panel}", theme.panel }, { "{raised}", theme.raised }, { "{text}", theme.text },
        { "{muted}", theme.muted }, { "{line}", theme.line }, { "{accent}", theme.accent },
        { "{onAccent}", theme.onAccent }, { "{accentWash}", theme.accentWash },
        { "{accentStrong}", theme.dark ? theme.accent.lighter(108) : theme.accent.darker(112) },
        { "{accentSoft}", blend(theme.accent, theme.window, 0.45) },
        { "{faded}", blend(theme.muted, theme.window, 0.4) }, { "{error}", theme.error } };
    QString sheet = QString::fromLatin1(kStyleSheet);
    for (const auto& [name, color] : colors)
        sheet.replace(QLatin1String(name), color.name());
    return sheet.replace(QLatin1String("{kind}"), QLatin1String(theme.dark ? "dark" : "light"));
}

void applyTheme(QApplication& application, const Theme& theme)
{
    loadThemeResources();
    if (!application.property(kDesktopDark).isValid()) {
        application.setProperty(kDesktopDark, isDark(QGuiApplication::palette()));
        QApplication::setStyle(QStyleFactory::create(QStringLiteral("Fusion")));
    }
    QApplication::setPalette(paletteOf(theme));
    application.setStyleSheet(styleSheet(theme));
}

QFont tabularFont(const QFont& font)
{
    const QFontMetricsF metrics(font);
    const double width = metrics.horizontalAdvance(QLatin1Char('0'));
    for (char digit = '1'; digit <= '9'; ++digit) {
        if (std::abs(metrics.horizontalAdvance(QLatin1Char(digit)) - width) > 0.01) {
            QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
            if (font.pixelSize() > 0)
                fixed.setPixelSize(font.pixelSize());
            else
                fixed.setPointSizeF(font.pointSizeF());
            fixed.setWeight(font.weight());
            return fixed;
        }
    }
    return font;
}

double contrastRatio(const QColor& a, const QColor& b)
{
    const auto luminance = [](const QColor& color) {
        const auto linear = [](double value) {
            return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
        };
        return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
            + 0.0722 * linear(color.blueF());
    };
    const double first = luminance(a);
    const double second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

} // namespace crossiter::ui
