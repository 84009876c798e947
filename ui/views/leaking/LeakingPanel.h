#pragma once

#include "ui/plot/Figure.h"
#include "ui/session/LeakSession.h"
#include "ui/session/Theme.h"
#include "ui/viewmodels/LeakText.h"

#include <QWidget>

class QBoxLayout;
class QHBoxLayout;
class QIODevice;
class QLabel;
class QScrollArea;
class QStackedWidget;
class QToolButton;

namespace crossiter::ui {

class LeakTracks;
class StudyPanel;

/// The Label leaking tab: the explorer's attack under every label rule, or against each source
/// alone, as tracks over the sub-steps, and what they say in words. Shows what the session holds;
/// a further page (the folder study) can be added.
class LeakingPanel : public QWidget
{
    Q_OBJECT

public:
    LeakingPanel(LeakSession& session, ExplorerSession& explorer, QWidget* parent = nullptr);
    ~LeakingPanel() override;

    void setTheme(const Theme& theme);
    void setActive(bool active); ///< somebody looks at it
    void showView(LeakView view); ///< that comparison, on the photo's page
    void addPage(StudyPanel* page, const QString& chip, const QString& help);
    void showPage(int page); ///< 0: the photo
    [[nodiscard]] int page() const;

    [[nodiscard]] LeakSession& session() const { return m_session; }
    [[nodiscard]] LeakTracks* tracks() const { return m_tracks; }
    [[nodiscard]] StudyPanel* studyPanel() const { return m_study; } ///< the added page
    [[nodiscard]] QToolButton* viewChip(LeakView view) const;
    [[nodiscard]] QToolButton* bothChip() const { return m_both; }
    [[nodiscard]] QToolButton* runButton() const { return m_run; }
    [[nodiscard]] QToolButton* exactButton() const { return m_exact; }
    [[nodiscard]] QToolButton* menuButton() const { return m_menu; }
    [[nodiscard]] QString words() const; ///< the sentences, as plain text, a line each
    [[nodiscard]] QImage picture(); ///< of the page that is open
    /// Tracks, legend and words, whatever page is open.
    [[nodiscard]] Figure figure() const;
    [[nodiscard]] QImage tracksPicture() const; ///< figureImage of it
    void savePicture(const QString& path, const FigureSize& size = {}) const; ///< saveFigure

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildRow(QHBoxLayout* row);
    void connectAll();
    void refresh();
    void refreshChips();
    void refreshWords(const QVector<LeakFacts>& facts, const QStringList& names);
    void arrange();
    void toggleRun();
    [[nodiscard]] QString stateText() const;

    LeakSession& m_session;
    ExplorerSession& m_explorer;
    Theme m_theme;
    QString m_photo; ///< whose labels the tracks' letters name
    QStringList m_sentences;
    QHBoxLayout* m_row = nullptr;
    QToolButton* m_views[2] = {};
    QToolButton* m_pageChip = nullptr;
    QToolButton* m_both = nullptr;
    QLabel* m_state = nullptr;
    QToolButton* m_exact = nullptr;
    QToolButton* m_run = nullptr;
    QToolButton* m_menu = nullptr;
    QStackedWidget* m_pages = nullptr;
    StudyPanel* m_study = nullptr;
    QScrollArea* m_scroll = nullptr;
    QWidget* m_content = nullptr;
    QBoxLayout* m_box = nullptr;
    LeakTracks* m_tracks = nullptr;
    QWidget* m_side = nullptr;
    QLabel* m_legend = nullptr;
    QLabel* m_words = nullptr;
};

} // namespace crossiter::ui
