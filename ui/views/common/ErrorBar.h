#pragma once

#include "ui/session/Theme.h"

#include <QFrame>

class QLabel;
class QToolButton;

namespace crossiter::ui {

/// The one place for errors: the newest message until it is dismissed or something goes well.
class ErrorBar : public QFrame
{
    Q_OBJECT

public:
    explicit ErrorBar(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void showMessage(const QString& message);
    void dismiss();
    [[nodiscard]] QString message() const { return m_message; } ///< empty: hidden

protected:
    void keyPressEvent(QKeyEvent* event) override; ///< Escape dismisses

private:
    QLabel* m_text = nullptr;
    QToolButton* m_close = nullptr;
    QString m_message;
};

} // namespace crossiter::ui
