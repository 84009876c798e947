#pragma once

#include <QObject>
#include <QString>

namespace crossiter::ui {

/// Other people's text (names of files, models and plans, notes) as a label, a title, a menu or a
/// message shows it: one line, escaped as forTerminal of core/base/SafeText.h.
[[nodiscard]] QString shownText(const QString& text);
/// The same, but line feeds stay.
[[nodiscard]] QString shownLines(const QString& text);
/// shownText as the text of an action: an ampersand is no key.
[[nodiscard]] QString menuText(const QString& text);

/// Keeps markup in other people's text from being obeyed, in the whole application while it lives:
/// every tool tip is plain text, escaped and wrapped, whoever shows it; a label that does not say
/// what its text is, is plain text too (one with markup of ours says Qt::RichText).
class PlainTexts : public QObject
{
    Q_OBJECT

public:
    explicit PlainTexts(QObject* parent);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
};

} // namespace crossiter::ui
