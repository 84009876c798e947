#include "ui/session/PlainText.h"

#include "core/base/SafeText.h"

#include <QCoreApplication>
#include <QEvent>
#include <QLabel>
#include <QStringList>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kWidestTip = 100; ///< characters of a line that is not wrapped

/// Qt's own label of a tool tip; its class is not public.
bool isToolTip(const QObject* object)
{
    return object->inherits("QTipLabel");
}

void showPlainly(QLabel& tip)
{
    const QString text = shownLines(tip.text());
    const QStringList lines = text.split(QLatin1Char('\n'));
    const bool wide =
        std::ranges::any_of(lines, [](const QString& line) { return line.size() > kWidestTip; });
    if (text != tip.text() || wide != tip.wordWrap()) {
        tip.setWordWrap(wide);
        tip.setText(text);
        tip.resize(tip.sizeHint());
    }
}

} // namespace

QString shownText(const QString& text)
{
    return QString::fromStdString(forTerminal(text.toStdString()));
}

QString shownLines(const QString& text)
{
    return QString::fromStdString(linesForTerminal(text.toStdString()));
}

QString menuText(const QString& text)
{
    return shownText(text).replace(QLatin1Char('&'), QLatin1String("&&"));
}

PlainTexts::PlainTexts(QObject* parent)
    : QObject(parent)
{
    QCoreApplication::instance()->installEventFilter(this);
}

bool PlainTexts::eventFilter(QObject* watched, QEvent* event)
{
    const QEvent::Type type = event->type();
    if (type == QEvent::Polish || type == QEvent::Show || type == QEvent::Paint) {
        // Of every widget that is made, shown or painted: the class is looked at last.
        auto* label =
            type == QEvent::Paint && !isToolTip(watched) ? nullptr : qobject_cast<QLabel*>(watched);
        if (label != nullptr && label->textFormat() == Qt::AutoText)
            label->setTextFormat(Qt::PlainText);
        if (label != nullptr && isToolTip(watched))
            showPlainly(*label);
    }
    return QObject::eventFilter(watched, event);
}

} // namespace crossiter::ui
