#pragma once

#include "ui/views/explore/ImagePanes.h"

#include <QObject>
#include <QString>

class QLabel;
class QMainWindow;
class QStackedWidget;

namespace crossiter::ui {

class ErrorBar;
class NoticeBar;
class Scrubber;
class Shell;
class StaleMark;
struct Theme;

/// The middle of the window: what is wrong, what is offered, the pictures of the shown sub-step,
/// the scrubber and a sentence; without a photo, how to open one. Follows the explorer.
class Centre : public QObject
{
    Q_OBJECT

public:
    /// Makes the window's central widget.
    Centre(Shell& shell, StaleMark& stale, QMainWindow& window);

    [[nodiscard]] ErrorBar* errors() const { return m_errors; }
    [[nodiscard]] NoticeBar* notice() const { return m_notice; }
    [[nodiscard]] ImagePanes* panes() const { return m_panes; }
    [[nodiscard]] Scrubber* scrubber() const { return m_scrubber; }
    [[nodiscard]] const QString& sentence() const { return m_sentenceText; } ///< plain text

    void showAll(); ///< as everything is now

private:
    void build(QMainWindow& window);
    void connectViews();
    void follow(StaleMark& stale);
    void setTheme(const Theme& theme);
    void showState();
    void showPhoto();
    void showLabel();
    void showTrace();
    void showSubStep(int subStep);
    [[nodiscard]] QStringList sourceNames() const;

    Shell& m_shell;
    ErrorBar* m_errors = nullptr;
    NoticeBar* m_notice = nullptr;
    QStackedWidget* m_stack = nullptr;
    QLabel* m_staleNote = nullptr;
    ImagePanes* m_panes = nullptr;
    QLabel* m_probe = nullptr;
    Scrubber* m_scrubber = nullptr;
    QLabel* m_sentence = nullptr;
    QString m_sentenceText;
};

} // namespace crossiter::ui
