#include "ui/views/common/NoticeBar.h"

#include "ui/views/common/Icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QToolButton>

namespace crossiter::ui {

NoticeBar::NoticeBar(QWidget* parent)
    : QFrame(parent)
    , m_text(new QLabel(this))
    , m_accept(new QPushButton(this))
    , m_decline(new QPushButton(this))
    , m_close(new QToolButton(this))
{
    setObjectName("noticeBar");
    setAccessibleName(tr("Notice"));
    m_text->setWordWrap(true);
    // A long path has no place to break at, and must not widen the window.
    m_text->setMinimumSize(40, m_text->fontMetrics().lineSpacing());
    m_text->setTextFormat(Qt::PlainText);
    m_text->setAccessibleName(tr("Notice"));
    m_accept->setObjectName("noticeAccept");
    m_accept->setAccessibleName(tr("Accept"));
    m_accept->setToolTip(tr("Does what this line offers."));
    m_accept->setWhatsThis(m_accept->toolTip());
    m_decline->setObjectName("noticeDecline");
    m_decline->setAccessibleName(tr("Decline"));
    m_decline->setToolTip(tr("This is not offered again."));
    m_decline->setWhatsThis(m_decline->toolTip());
    m_close->setObjectName("noticeClose");
    m_close->setToolTip(tr("Not now"));
    m_close->setAccessibleName(tr("Not now"));
    m_close->setWhatsThis(tr("Hides this line; nothing else changes."));
    m_close->setAutoRaise(true);
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(10, 4, 4, 4);
    layout->addWidget(m_text, 1);
    layout->addWidget(m_accept);
    layout->addWidget(m_decline);
    layout->addWidget(m_close);
    connect(m_accept, &QPushButton::clicked, this, &NoticeBar::accepted);
    connect(m_decline, &QPushButton::clicked, this, &NoticeBar::declined);
    connect(m_close, &QToolButton::clicked, this, [this] {
        dismiss();
        emit dismissed();
    });
    hide();
}

void NoticeBar::setTheme(const Theme& theme)
{
    m_close->setIcon(themedIcon(QStringLiteral("close"), theme.text));
    setStyleSheet(
        QStringLiteral("#noticeBar { background: %1; border: 1px solid %2; border-radius: 6px; }")
            .arg(theme.accentWash.name(), theme.accent.name()));
}

void NoticeBar::offer(const QString& message, const QString& accept, const QString& decline)
{
    m_message = message;
    m_text->setText(message);
    m_accept->setText(accept);
    m_accept->setAccessibleName(accept);
    m_decline->setText(decline);
    m_decline->setVisible(!decline.isEmpty());
    show();
}

void NoticeBar::dismiss()
{
    m_message.clear();
    hide();
}

} // namespace crossiter::ui
