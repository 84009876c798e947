#include "ui/views/common/ErrorBar.h"

#include "ui/session/PlainText.h"
#include "ui/views/common/Icons.h"

#include <QAccessible>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QToolButton>

namespace crossiter::ui {

ErrorBar::ErrorBar(QWidget* parent)
    : QFrame(parent)
    , m_text(new QLabel(this))
    , m_close(new QToolButton(this))
{
    setObjectName("errorBar");
    setAccessibleName(tr("Error"));
    m_text->setWordWrap(true);
    // A long path has no place to break at, and must not widen the window: the tooltip has it all.
    m_text->setMinimumSize(40, m_text->fontMetrics().lineSpacing());
    m_text->setTextFormat(Qt::PlainText);
    m_text->setProperty("role", QStringLiteral("error"));
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_text->setAccessibleName(tr("Error message"));
    m_close->setObjectName("dismissError");
    m_close->setToolTip(tr("Dismiss (Esc)"));
    m_close->setAccessibleName(tr("Dismiss the error"));
    m_close->setWhatsThis(tr("Hides this message; nothing else changes."));
    m_close->setAutoRaise(true);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(10, 4, 4, 4);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_close, 0, Qt::AlignTop);
    connect(m_close, &QToolButton::clicked, this, &ErrorBar::dismiss);
    hide();
}

void ErrorBar::setTheme(const Theme& theme)
{
    m_close->setIcon(themedIcon(QStringLiteral("close"), theme.text));
    QColor wash = theme.error;
    wash.setAlphaF(0.12F);
    setStyleSheet(QStringLiteral(
        "#errorBar { background: rgba(%1,%2,%3,%4); border: 1px solid %5; border-radius: 6px; }")
                      .arg(wash.red())
                      .arg(wash.green())
                      .arg(wash.blue())
                      .arg(wash.alpha())
                      .arg(theme.error.name()));
}

void ErrorBar::showMessage(const QString& message)
{
    m_message = message;
    m_text->setText(shownLines(message));
    m_text->setToolTip(m_text->text());
    show();
    QAccessibleEvent event(m_text, QAccessible::Alert);
    QAccessible::updateAccessibility(&event);
}

void ErrorBar::dismiss()
{
    m_message.clear();
    hide();
}

void ErrorBar::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape) {
        dismiss();
        return;
    }
    QFrame::keyPressEvent(event);
}

} // namespace crossiter::ui
