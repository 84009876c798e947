#pragma once

#include "ui/session/StudySession.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/StudyCurves.h"
#include "ui/views/leaking/StudyFormPane.h"

#include <QWidget>

#include <functional>

class QComboBox;
class QLabel;
class QPushButton;
class QTableView;
class QToolButton;

namespace crossiter::ui {

class QuietComboBox;
class StudyPlot;
class VerdictModel;

/// The folder page of the Label leaking tab: what is studied, the curves that grow with their
/// bands, and the verdicts. Shows what the session holds.
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
    using Ask = AskStudyPath;

    StudyPanel(StudySession& session, Ask ask, QWidget* parent = nullptr);
    ~StudyPanel() override;

    void setTheme(const Theme& theme);
    void showPart(int part);
    /// The chips that choose a part, for a row outside of this; without it they stand on top.
    [[nodiscard]] QWidget* chipBar() const { return m_chipBar; }
    void setModelNames(const std::function<QString(const std::string&)>& nameOf);

    [[nodiscard]] StudySession& session() const { return m_session; }
    [[nodiscard]] StudyPlot* plot() const { return m_plot; }
    [[nodiscard]] VerdictModel* verdicts() const { return m_model; }
    [[nodiscard]] QPushButton* startButton() const { return m_form->startButton(); }
    [[nodiscard]] QPushButton* resumeButton() const { return m_form->resumeButton(); }
    [[nodiscard]] QuietComboBox* measureBox() const { return m_measure; }
    [[nodiscard]] QuietComboBox* judgeBox() const { return m_judge; }
    void saveFigure(const QString& path); ///< of the curves; throws Error
    [[nodiscard]] QImage picture(); ///< of what is shown of curves and verdicts

protected:
    void resizeEvent(QResizeEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void buildCurves();
    void buildVerdicts();
    void connectAll();
    void refreshResult();
    void fitRows();
    void arrange();

    StudySession& m_session;
    std::function<QString(const std::string&)> m_nameOf;
    Theme m_theme;
    int m_front = FormPart; ///< what is shown where there is room for one part only
    QStringList m_judgeIds;

    QWidget* m_chipBar = nullptr;
    QToolButton* m_chips[PartCount] = {};
    QWidget* m_parts[PartCount] = {};
    StudyFormPane* m_form = nullptr;
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
