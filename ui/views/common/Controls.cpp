#include "ui/views/common/Controls.h"

#include <QLabel>
#include <QStyle>
#include <QToolButton>

namespace crossiter::ui {

QLabel* roleLabel(QWidget* parent, const char* role, const QString& text, const char* object)
{
    auto* label = new QLabel(text, parent);
    label->setObjectName(QString::fromLatin1(object));
    label->setProperty("role", QString::fromLatin1(role));
    return label;
}

void setRole(QWidget* widget, const char* role)
{
    widget->setProperty("role", QString::fromLatin1(role));
    widget->style()->unpolish(widget);
    widget->style()->polish(widget);
}

QLabel* caption(const QString& text, QWidget* buddy, QWidget* parent)
{
    QLabel* label = roleLabel(parent, "muted", text);
    label->setBuddy(buddy);
    return label;
}

QToolButton* textButton(QWidget* parent, const char* object, const QString& text,
    const QString& help, const QString& name)
{
    auto* button = new QToolButton(parent);
    button->setText(text);
    describe(button, object, name.isEmpty() ? text : name, help);
    return button;
}

QToolButton* menuButton(QWidget* parent, const char* object, const QString& text,
    const QString& help, const QString& name)
{
    QToolButton* button = textButton(parent, object, text, help, name);
    button->setPopupMode(QToolButton::InstantPopup);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    return button;
}

QToolButton* chipButton(
    QWidget* parent, const char* object, const QString& text, const QString& help)
{
    QToolButton* button = textButton(parent, object, text, help);
    button->setCheckable(true);
    button->setProperty("chip", true);
    return button;
}

} // namespace crossiter::ui
