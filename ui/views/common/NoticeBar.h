#pragma once

#include "ui/session/Theme.h"

#include <QFrame>

class QLabel;
class QPushButton;
class QToolButton;

namespace crossiter::ui {

/// A line that offers something: what it is about, a button that does it, one that declines, and a
/// cross for "not now". Hidden until it is told something.
class NoticeBar : public QFrame
{
    Q_OBJECT

public:
    explicit NoticeBar(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// Plain text; decline empty: no such button.
    void offer(const QString& message, const QString& accept, const QString& decline = {});
    void dismiss();
    [[nodiscard]] const QString& message() const { return m_message; } ///< empty: hidden

signals:
    void accepted();
    void declined();
    void dismissed(); ///< by the cross

private:
    QLabel* m_text = nullptr;
    QPushButton* m_accept = nullptr;
    QPushButton* m_decline = nullptr;
    QToolButton* m_close = nullptr;
    QString m_message;
};

} // namespace crossiter::ui
