#pragma once

#include "ui/session/StudySession.h"

#include <QString>
#include <QVector>
#include <QWidget>

#include <functional>
#include <string>

class QCheckBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;
class QToolButton;

namespace crossiter::ui {

/// Asks for a path: (title, suggestion, filter, folder). Empty: cancelled.
using AskStudyPath = std::function<QString(const QString&, const QString&, const QString&, bool)>;

/// The form that says what is studied, with the buttons that start it and how far it is. Shows what
/// the session holds; what is typed is the session's at once.
class StudyFormPane : public QWidget
{
    Q_OBJECT

public:
    StudyFormPane(StudySession& session, AskStudyPath ask, QWidget* parent = nullptr);

    void setModelNames(const std::function<QString(const std::string&)>& nameOf);
    void refreshRun(); ///< what can be started, and how far it is
    [[nodiscard]] QPushButton* startButton() const { return m_start; }
    [[nodiscard]] QPushButton* resumeButton() const { return m_resume; }

private:
    [[nodiscard]] QWidget* buildFields();
    [[nodiscard]] QWidget* pathRow(QLineEdit* field, QToolButton* button);
    void choose(QLineEdit* field, const QString& title, const QString& filter, bool folder);
    void readForm();
    void refreshForm();

    StudySession& m_session;
    AskStudyPath m_ask;
    std::function<QString(const std::string&)> m_nameOf;
    QLineEdit* m_folder = nullptr;
    QLineEdit* m_labels = nullptr;
    QLineEdit* m_output = nullptr;
    QVector<QCheckBox*> m_rules;
    QCheckBox* m_none = nullptr;
    QCheckBox* m_ball = nullptr;
    QCheckBox* m_given = nullptr;
    QCheckBox* m_reversed = nullptr;
    QSpinBox* m_rounds = nullptr;
    QSpinBox* m_photos = nullptr;
    QLabel* m_judgesText = nullptr;
    QPushButton* m_start = nullptr;
    QPushButton* m_resume = nullptr;
    QLabel* m_note = nullptr;
    QProgressBar* m_progress = nullptr;
};

} // namespace crossiter::ui
