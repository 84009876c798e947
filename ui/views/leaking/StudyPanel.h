#pragma once

#include "ui/session/StudySession.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/StudyCurves.h"

#include <QPointer>
#include <QWidget>

#include <functional>

class QCheckBox;
class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QScrollArea;
class QSpinBox;
class QTableView;
class QToolButton;

namespace crossiter::ui {

class QuietComboBox;
class StudyPlot;
class VerdictModel;

/// The folder page of the Label leaking tab: what is studied, the curves that grow with their
/// bands, and the verdicts. Shows what the session holds. May outlive it.
class StudyPanel : public QWidget
{
    Q_OBJECT

public:
    enum Part
    {
        FormPart,
        CurvesPart,
        VerdictsPart,
        PartCount
    };
    /// Asks for a path: (title, suggestion, filter, folder). Empty: cancelled.
    using Ask = std::function<QString(const QString&, const QString&, const QString&, bool)>;

    StudyPanel(StudySession& session, Ask ask, QWidget* parent = nullptr);
    ~StudyPanel() override;

    void setTheme(const Theme& theme);
    void showPart(int part);
    /// The chips that choose a part, for a row outside of this; without it they stand on top.
    [[nodiscard]] QWidget* chipBar() const { return m_chipBar; }
    void setModelNames(const std::function<QString(const std::string&)>& nameOf);

    [[nodiscard]] StudySession* session() const { return m_session; }
    [[nodiscard]] StudyPlot* plot() const { return m_plot; }
    [[nodiscard]] VerdictModel* verdicts() const { return m_model; }
    [[nodiscard]] QPushButton* startButton() const { return m_start; }
    [[nodiscard]] QPushButton* resumeButton() const { return m_resume; }
    [[nodiscard]] QuietComboBox* measureBox() const { return m_measure; }
    [[nodiscard]] QuietComboBox* judgeBox() const { return m_judge; }
    [[nodiscard]] QToolButton* partChip(int part) const { return m_chips[part]; }
    void saveFigure(const QString& path); ///< of the curves; throws Error
    [[nodiscard]] QImage picture(); ///< of what is shown of curves and verdicts

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void buildForm();
    void buildCurves();
    void buildVerdicts();
    void connectAll();
    void readForm();
    void refreshForm();
    void refreshResult();
    void refreshRun();
    void fitRows();
    void arrange();
    void choose(QLineEdit* field, const QString& title, const QString& filter, bool folder);
    [[nodiscard]] QWidget* pathRow(QLineEdit* field, QToolButton* button);

    QPointer<StudySession> m_session;
    Ask m_ask;
    std::function<QString(const std::string&)> m_nameOf;
    Theme m_theme;
    int m_front = FormPart; ///< what is shown where there is room for one part only
    QStringList m_judgeIds;

    QWidget* m_chipBar = nullptr;
    QToolButton* m_chips[PartCount] = {};
    QWidget* m_parts[PartCount] = {};
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
    QuietComboBox* m_measure = nullptr;
    QuietComboBox* m_judge = nullptr;
    QuietComboBox* m_population = nullptr;
    QLabel* m_count = nullptr;
    StudyPlot* m_plot = nullptr;
    VerdictModel* m_model = nullptr;
    QTableView* m_table = nullptr;
    QLabel* m_noVerdicts = nullptr;
};

} // namespace crossiter::ui
