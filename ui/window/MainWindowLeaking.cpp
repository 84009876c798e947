// MainWindow's Label leaking tab: its menu, its exports, what it asks of the explorer.
#include "core/base/Error.h"
#include "ui/plot/LeakTracks.h"
#include "ui/session/Counted.h"
#include "ui/session/LeakSession.h"
#include "ui/session/StudySession.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/views/leaking/StudyPanel.h"
#include "ui/window/MainWindow.h"

#include <QAction>
#include <QClipboard>
#include <QDockWidget>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMenu>
#include <QMenuBar>
#include <QToolButton>

namespace crossiter::ui {

void MainWindow::buildLeaking()
{
    // Goes with the session that it follows.
    auto* leaks = new LeakSession(*m_session, m_session.get());
    m_leaking = new LeakingPanel(*leaks, *m_session, this);
    connect(leaks, &LeakSession::errorRaised, m_errors,
        [this](const QString& message) { m_errors->showMessage(message); });
    connect(leaks, &LeakSession::said, this, &MainWindow::say);
    connect(leaks, &LeakSession::exactChanged, this, [this, leaks] {
        m_scrubber->setDeparture(leaks->exact().departure());
        const bool ended = !leaks->comparing() && leaks->exact().compared >= 0;
        if (const QString words = exactSentence(leaks->exact()); ended && !words.isEmpty()) {
            say(words);
        }
    });
    auto* study = new StudySession(*m_session, m_session.get());
    auto* folder = new StudyPanel(
        *study,
        [this](const QString& title, const QString& suggestion, const QString& filter,
            bool isFolder) { return ask(title, suggestion, filter, false, isFolder); },
        m_leaking);
    m_leaking->addPage(folder, tr("folder"),
        tr("Label leaking over a folder of labelled photos: curves with their bands, and what they "
           "say of the seed's hypotheses."));
    connect(study, &StudySession::errorRaised, m_errors,
        [this](const QString& message) { m_errors->showMessage(message); });
    connect(study, &StudySession::said, this, &MainWindow::say);
    connect(study, &StudySession::exported, this, [this](const QStringList& paths) {
        m_errors->dismiss();
        say(tr("%1 written to %2")
                .arg(countedText(paths.size(), tr("file"), tr("files")),
                    QFileInfo(paths.value(0)).path()));
    });
    const auto name = [session = m_session.get()](const std::string& id) {
        QStringList names;
        for (const std::string& judge : session->state().judges()) {
            names << session->modelName(judge);
        }
        return shortModelName(session->modelName(id), names);
    };
    folder->setModelNames(name);
    connect(m_session.get(), &ExplorerSession::modelsChanged, folder,
        [folder, name] { folder->setModelNames(name); });
    connect(m_attack, &AttackPanel::targetRankChosen, leaks, &LeakSession::chooseTargetByRank);
    connect(m_attack, &AttackPanel::targetTableWanted, this, &MainWindow::chooseTargetTable);
}

void MainWindow::chooseTargetTable()
{
    const QString path = ask(tr("Targets"), QFileInfo(m_session->photo().path).path(),
        tr("target_class.csv or the dataset CSV (*.csv);;All files (*)"), false);
    if (!path.isEmpty()) {
        m_leaking->session()->chooseTargetFrom(path);
    }
}

void MainWindow::saveLeakingPicture(
    const QString& suggestion, const std::function<void(const QString&)>& save)
{
    const QString path =
        ask(tr("Save the figure"), suggestion, tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"), true);
    if (!path.isEmpty()) {
        guarded([&] { save(path); });
    }
}

std::function<void(const QString&)> MainWindow::originOfTracks()
{
    std::vector<std::shared_ptr<const AttackTrace>> traces;
    for (const LeakTrack& track : m_leaking->session()->tracks()) {
        if (track.trace) { // begun
            traces.push_back(track.trace);
        }
    }
    return [this, traces](const QString& path) { m_session->exportComparison(path, traces); };
}

void MainWindow::buildLeakingMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&Leaking"));
    LeakSession* leaks = m_leaking->session();
    const auto show = [this] { showTab(QStringLiteral("leaking")); };
    add(
        menu, tr("&Go to the Label leaking tab"), "Ctrl+K",
        tr("The attack under every label rule, side by side."),
        [this, show] {
            show();
            m_leaking->showPage(0);
            m_leaking->tracks()->setFocus(Qt::ShortcutFocusReason);
        },
        "goToLeaking");
    menu->addSeparator();
    m_needPhoto << add(
        menu, tr("Compare label &rules"), "Ctrl+Alt+R",
        tr("The same attack under every label rule."),
        [this, show] {
            show();
            m_leaking->showView(LeakView::Rules);
        },
        "leakRulesAction");
    m_needPhoto << add(
        menu, tr("Compare with single &networks"), "Ctrl+Alt+N",
        tr("The attack on all sources in turn against each source alone."),
        [this, show] {
            show();
            m_leaking->showView(LeakView::Networks);
        },
        "leakNetworksAction");
    m_needPhoto << add(
        menu, tr("&Both projections"), "Ctrl+Alt+B",
        tr("Every rule with and without the epsilon ball."),
        [this] { m_leaking->bothChip()->click(); }, "leakBothAction");
    m_needPhoto << add(
        menu, tr("&Stop or go on"), "Ctrl+Alt+.", tr("Stops the comparison, or goes on with it."),
        [leaks] {
            if (leaks->running()) {
                leaks->cancel();
            } else {
                leaks->run();
            }
        },
        "leakRunAction");
    menu->addSeparator();
    m_needTrace << add(
        menu, tr("Compare with the e&xact trace"), "Ctrl+Alt+X",
        tr("Computes the shown attack in float64 and marks where the shown trace leaves it."),
        [this] { m_leaking->exactButton()->click(); }, "compareExact");
    menu->addSeparator();
    QList<QAction*> exports;
    exports << add(
        menu, tr("&Copy the tracks"), "Ctrl+Alt+K",
        tr("Copies tracks, legend and words as a picture."),
        [this] { copyPicture(m_leaking->tracksPicture(), tr("the tracks")); }, "copyTracks");
    exports << add(
        menu, tr("Copy the &words"), "Ctrl+Alt+T", tr("Copies what the tracks say."),
        [this] {
            QGuiApplication::clipboard()->setText(m_leaking->words());
            say(tr("Copied the words"));
        },
        "copyLeakWords");
    exports << add(
        menu, tr("Save the tracks (&PDF, SVG or PNG)…"), "Ctrl+Alt+G",
        tr("Tracks, legend and words as a figure, and its provenance."),
        [this] {
            saveLeakingPicture(tr("label-leaking.pdf"), [this](const QString& path) {
                m_leaking->savePicture(path);
                originOfTracks()(path);
            });
        },
        "saveTracks");
    m_needPhoto << exports;
    menu->addSeparator();
    StudyPanel* folder = m_leaking->studyPanel();
    StudySession* study = folder->session();
    add(
        menu, tr("&Folder study"), "Ctrl+Alt+Q",
        tr("Label leaking over a folder: curves with their bands, and verdicts."),
        [this, show] {
            show();
            m_leaking->showPage(1);
        },
        "folderStudy");
    add(
        menu, tr("St&art or cancel the study"), "Ctrl+Alt+Return",
        tr("Measures every photo of the folder; cancelled or killed, it can be resumed."),
        [study] {
            if (study->running()) {
                study->cancel();
            } else {
                study->start(study->hasJournal());
            }
        },
        "runStudy");
    QList<QAction*> figures;
    figures << add(
        menu, tr("Study r&eports (CSV, JSON, HTML)…"), "Ctrl+Alt+M",
        tr("The files that the command line writes, into a folder."),
        [this, study] {
            const QString path =
                ask(tr("Reports of the study"), study->form().output, {}, true, true);
            if (!path.isEmpty()) {
                study->exportReports(path);
            }
        },
        "exportStudy");
    figures << add(
        menu, tr("Save the c&urves (PDF, SVG or PNG)…"), "Ctrl+Alt+Z",
        tr("The study's curves as shown, and their provenance."),
        [this, folder, study] {
            if (!study->result()) {
                m_errors->showMessage(tr("There is no study yet: start one over a folder."));
                return;
            }
            saveLeakingPicture(tr("label-leaking-study.pdf"), [=](const QString& path) {
                folder->saveFigure(path);
                study->exportFigureProvenance(path, study->result());
            });
        },
        "saveStudyFigure");
    auto* button = m_leaking->menuButton();
    auto* quick = new QMenu(button);
    quick->addActions(exports);
    quick->addSeparator();
    quick->addActions(figures);
    button->setMenu(quick);
    button->show();
    connect(
        dock("dockLeaking"), &QDockWidget::visibilityChanged, m_leaking, &LeakingPanel::setActive);
}

} // namespace crossiter::ui
