// MainWindow's menus: every action, its key, its words.
#include "ui/dialogs/KeysDialog.h"
#include "ui/plot/TrajectoryPlot.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/PhotoPanel.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/window/MainWindow.h"

#include <QActionGroup>
#include <QDockWidget>
#include <QMenu>
#include <QMenuBar>
#include <QMessageBox>
#include <QUndoStack>
#include <QWhatsThis>

#include <algorithm>

namespace crossiter::ui {

QAction* MainWindow::add(QMenu* menu, const QString& text, const QString& key, const QString& help,
    std::function<void()> run, const char* name)
{
    QAction* action = menu->addAction(text);
    action->setObjectName(QString::fromLatin1(name));
    action->setShortcut(QKeySequence(key));
    action->setStatusTip(help);
    action->setWhatsThis(help);
    action->setToolTip(help);
    if (run) {
        connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    }
    m_actions << action;
    return action;
}

void MainWindow::buildActions()
{
    buildFileMenu();
    buildEditMenu();
    buildAttackMenu();
    buildLeakingMenu();
    buildDefenseMenu();
    buildBatchMenu();
    buildModelsMenu();
    buildViewMenu();
    buildHelpMenu();
}

void MainWindow::buildFileMenu()
{
    QMenu* file = menuBar()->addMenu(tr("&File"));
    add(
        file, tr("&Open photo…"), "Ctrl+O", tr("Opens a picture and attacks it."),
        [this] { openPhotoDialog(); }, "openPhoto");
    add(
        file, tr("Open &folder…"), "Ctrl+Shift+O",
        tr("Opens the first picture of a folder; its others appear in the strip."),
        [this] { openFolderDialog(); }, "openFolder");
    add(
        file, tr("Open a p&air made elsewhere…"), "Ctrl+Alt+P",
        tr("A clean picture and what another program made of it, side by side, judged by the "
           "networks here."),
        [this] { openPairDialog(); }, "openPair");
    m_swapPair = add(
        file, tr("S&wap the pair"), "Ctrl+Alt+S",
        tr("The picture made elsewhere becomes the clean one, and the other way round."),
        [this] { swapPair(); }, "swapPair");
    add(
        file, tr("&Embedded photos"), "Ctrl+B",
        tr("Goes back to the photos that came with the program."),
        [this] { openPath(firstPhoto(m_options.photosFolder)); }, "embeddedPhotos")
        ->setEnabled(!m_options.photosFolder.isEmpty());
    m_recentMenu = file->addMenu(tr("&Recent files"));
    m_needPhoto << add(
        file, tr("&Previous photo"), "Ctrl+PgUp", tr("The photo before this one in its folder."),
        [this] { m_session->openNeighbour(-1); }, "previousPhoto");
    m_needPhoto << add(
        file, tr("&Next photo"), "Ctrl+PgDown", tr("The photo after this one in its folder."),
        [this] { m_session->openNeighbour(1); }, "nextPhoto");
    add(
        file, tr("True &labels from a CSV…"), "Ctrl+L",
        tr("The competition's dataset CSV, or lines NAME.png,LABEL."),
        [this] { openLabelsDialog(); }, "openLabels");
    file->addSeparator();
    add(
        file, tr("Open sess&ion…"), "Ctrl+Alt+O",
        tr("Photo, settings and view as they were saved."), [this] { openSessionDialog(); },
        "openSession");
    add(
        file, tr("&Save session"), "Ctrl+S", tr("Saves photo, settings and view."),
        [this] { saveSession(); }, "saveSession");
    add(
        file, tr("Save session &as…"), "Ctrl+Shift+S", tr("Saves the session under another name."),
        [this] { saveSessionAs(); }, "saveSessionAs");
    file->addSeparator();
    m_exportMenu = file->addMenu(tr("E&xport"));
    m_needTrace << add(
        m_exportMenu, tr("&Exported image (PNG)…"), "Ctrl+E",
        tr("The shown sub-step's 8-bit image, the one that was judged, and its provenance."),
        [this] { exportImageDialog(); }, "exportImage");
    m_needTrace << add(
        m_exportMenu, tr("&Trace folder…"), "Ctrl+Shift+E",
        tr("Every sub-step as PNG, and the trace as JSON: the same as the command line writes."),
        [this] { exportTraceDialog(); }, "exportTrace");
    m_needTrace << add(
        m_exportMenu, tr("&Plot (PDF, SVG or PNG)…"), "Ctrl+Alt+E",
        tr("The trajectory plot and its provenance."), [this] { exportPlotDialog(); },
        "exportPlot");
    m_needPhoto << add(
        m_exportMenu, tr("&View (PNG)…"), "Ctrl+Alt+V",
        tr("The picture, plot or panel that has the focus, and its provenance."),
        [this] { savePictureDialog(QStringLiteral("view"), focusedView(), originOfFocus()); },
        "exportView");
    add(
        m_exportMenu, tr("&Window picture (PNG)…"), "Ctrl+Alt+W",
        tr("The window as it looks, and its provenance."),
        [this] {
            savePictureDialog(
                QStringLiteral("window"), grab().toImage(), shownOrigin(defenseOfWindow()));
        },
        "exportWindow");
    file->addSeparator();
    add(
        file, tr("&Quit"), "Ctrl+Q", tr("Closes the window."), [this] { close(); }, "quit");
    fillRecentMenu();
}

void MainWindow::buildEditMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&Edit"));
    QUndoStack* stack = m_session->undoStack();
    QAction* undo = add(
        menu, tr("&Undo"), "Ctrl+Z", tr("Takes the last change of a setting back."),
        [stack] { stack->undo(); }, "undo");
    QAction* redo = add(
        menu, tr("&Redo"), "Ctrl+Shift+Z", tr("Makes the change again."),
        [stack] { stack->redo(); }, "redo");
    connect(stack, &QUndoStack::undoTextChanged, undo, [undo](const QString& text) {
        undo->setText(text.isEmpty() ? tr("&Undo") : tr("&Undo: %1").arg(text));
    });
    connect(stack, &QUndoStack::redoTextChanged, redo, [redo](const QString& text) {
        redo->setText(text.isEmpty() ? tr("&Redo") : tr("&Redo: %1").arg(text));
    });
    menu->addSeparator();
    m_needPhoto << add(
        menu, tr("&Copy view"), "Ctrl+C",
        tr("Copies the picture, plot or panel that has the focus; else the adversarial image."),
        [this] { copyPicture(focusedView(), tr("the view")); }, "copyView");
    const auto pane = [this, menu](
                          const QString& text, const QString& key, int number, const char* name) {
        m_needPhoto << add(
            menu, text, key, tr("Copies it at its own size."),
            [this, number] { copyPicture(m_panes->paneImage(number), tr("the picture")); }, name);
    };
    pane(tr("Copy &original"), "Ctrl+Shift+1", ImagePanes::OriginalPane, "copyOriginal");
    pane(
        tr("Copy &perturbation"), "Ctrl+Shift+2", ImagePanes::PerturbationPane, "copyPerturbation");
    pane(tr("Copy &adversarial"), "Ctrl+Shift+3", ImagePanes::AdversarialPane, "copyAdversarial");
    m_needTrace << add(
        menu, tr("Copy p&lot"), "Ctrl+Shift+4", tr("Copies the trajectory plot."),
        [this] { copyPicture(figureImage(m_plot->figure()), tr("the plot")); }, "copyPlot");
    m_needPhoto << add(
        menu, tr("Copy predic&tions"), "Ctrl+Shift+5", tr("Copies the predictions as a picture."),
        [this] { copyPicture(m_predictions->grab().toImage(), tr("the predictions")); },
        "copyPredictions");
    add(
        menu, tr("Copy &window"), "Ctrl+Shift+6", tr("Copies the window as a picture."),
        [this] { copyPicture(grab().toImage(), tr("the window")); }, "copyWindow");
}

void MainWindow::buildAttackMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&Attack"));
    m_runAction = add(
        menu, tr("&Run"), "F5",
        tr("Computes what the settings ask for; nothing that is there already."),
        [this] { runAttack(); }, "run");
    m_cancelAction = add(
        menu, tr("&Cancel"), "Shift+F5",
        tr("Stops; the finished sub-steps stay, of a trace being exported nothing."),
        [this] {
            if (m_session->running() || !m_session->exporting()) {
                m_session->cancel();
            } else {
                m_session->cancelExport();
            }
        },
        "cancel");
    m_automaticAction = add(menu, tr("Run &by itself"), "Ctrl+R",
        tr("A changed setting is computed at once."), {}, "automatic");
    m_automaticAction->setCheckable(true);
    m_automaticAction->setChecked(true);
    connect(m_automaticAction, &QAction::toggled, this,
        [this](bool on) { m_session->setAutomatic(on); });
    menu->addSeparator();
    add(
        menu, tr("&More rounds"), "Ctrl+Up", tr("One round more: the trace is extended."),
        [this] {
            edit(
                Setting::Rounds, [](ExplorerState& s) { s.rounds = std::min(1000, s.rounds + 1); });
        },
        "moreRounds");
    add(
        menu, tr("&Fewer rounds"), "Ctrl+Down", tr("One round less: nothing is computed."),
        [this] {
            edit(Setting::Rounds, [](ExplorerState& s) { s.rounds = std::max(0, s.rounds - 1); });
        },
        "fewerRounds");
    add(
        menu, tr("Reverse the &order of sources"), "Ctrl+Shift+X",
        tr("The last source is stepped first."),
        [this] {
            edit(Setting::Sources,
                [](ExplorerState& s) { std::reverse(s.sources.begin(), s.sources.end()); });
        },
        "swapSources");
    add(
        menu, tr("Set the &true label"), "Ctrl+T", tr("Goes to the true label's field."),
        [this] {
            m_docks.first()->show();
            m_photoPanel->focusTrueLabel();
        },
        "setTrueLabel");
}

void MainWindow::stepBy(int by)
{
    m_session->setCurrentSubStep(m_session->currentSubStep() + by);
}

void MainWindow::buildViewMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&View"));
    const auto move = [this, menu](const QString& text, const char* key, const QString& help,
                          std::function<void()> run, const char* name) {
        m_needTrace << add(menu, text, QString::fromLatin1(key), help, std::move(run), name);
    };
    move(
        tr("&Previous sub-step"), "F7", tr("One gradient step back."), [this] { stepBy(-1); },
        "previousSubStep");
    move(
        tr("&Next sub-step"), "F8", tr("One gradient step on."), [this] { stepBy(1); },
        "nextSubStep");
    move(
        tr("Previous &round"), "Shift+F7", tr("One round back."),
        [this] { m_scrubber->previousRound(); }, "previousRound");
    move(
        tr("Next r&ound"), "Shift+F8", tr("One round on."), [this] { m_scrubber->nextRound(); },
        "nextRound");
    move(
        tr("&Clean image"), "Ctrl+F7", tr("Back to sub-step 0."), [this] { m_scrubber->first(); },
        "firstSubStep");
    move(
        tr("&Last sub-step"), "Ctrl+F8", tr("To the newest sub-step."),
        [this] { m_scrubber->last(); }, "lastSubStep");
    move(
        tr("Pla&y or pause"), "F9", tr("Shows one sub-step after the other and skips none."),
        [this] { m_scrubber->togglePlay(); }, "play");
    menu->addSeparator();
    m_needPhoto << add(
        menu, tr("Zoom &in"), "Ctrl++", tr("Zooms all pictures."), [this] { m_panes->zoomIn(); },
        "zoomIn");
    m_needPhoto << add(
        menu, tr("Zoom o&ut"), "Ctrl+-", tr("Zooms all pictures out."),
        [this] { m_panes->zoomOut(); }, "zoomOut");
    m_needPhoto << add(
        menu, tr("&Fit"), "Ctrl+0", tr("The whole pictures."), [this] { m_panes->zoomFit(); },
        "zoomFit");
    m_needPhoto << add(
        menu, tr("One to o&ne"), "Ctrl+1", tr("One pixel of the image on one of the screen."),
        [this] { m_panes->zoomOneToOne(); }, "zoomOne");
    QMenu* compare = menu->addMenu(tr("Co&mpare"));
    auto* compareGroup = new QActionGroup(this);
    const QStringList names { tr("&All panes"), tr("&2-up"), tr("&Swipe"), tr("&Blink"),
        tr("&Difference") };
    for (int i = 0; i < names.size(); ++i) {
        const QString word = compareWords()[i];
        QAction* action = add(
            compare, names[i], QStringLiteral("Alt+%1").arg(i + 1),
            tr("How original and adversarial image are compared."),
            [this, word] {
                edit(Setting::Compare, [&word](ExplorerState& s) { s.compare = word; });
            },
            qPrintable(QStringLiteral("compare-") + word));
        action->setCheckable(true);
        compareGroup->addAction(action);
        m_compareActions << action;
    }
    m_floatAction = add(
        compare, tr("Attack's own &float image"), "Alt+6",
        tr("The image before quantising and the clip, as a further pane."),
        [this] { edit(Setting::Compare, [](ExplorerState& s) { s.showFloat = !s.showFloat; }); },
        "showFloat");
    m_floatAction->setCheckable(true);
    QMenu* mode = menu->addMenu(tr("P&erturbation"));
    auto* modeGroup = new QActionGroup(this);
    const std::pair<PerturbationMode, QString> modes[] = { { PerturbationMode::Signed,
                                                               tr("&Signed") },
        { PerturbationMode::Magnitude, tr("&Magnitude") },
        { PerturbationMode::EpsilonNormalised, tr("&Epsilon-normalised") } };
    for (const auto& [value, text] : modes) {
        QAction* action = add(
            mode, text, QStringLiteral("Alt+Shift+%1").arg(m_modeActions.size() + 1),
            tr("How the perturbation is made visible."),
            [this, kind = value] {
                edit(Setting::Perturbation, [kind](ExplorerState& s) { s.perturbation = kind; });
            },
            qPrintable(QStringLiteral("perturbation-%1").arg(m_modeActions.size())));
        action->setCheckable(true);
        action->setData(static_cast<int>(value));
        modeGroup->addAction(action);
        m_modeActions << action;
    }
    add(
        mode, tr("&More gain"), "Ctrl+]", tr("Amplifies the perturbation's picture."),
        [this] {
            edit(Setting::Perturbation,
                [](ExplorerState& s) { s.gain = std::min(255, s.gain + std::max(1, s.gain / 4)); });
        },
        "moreGain");
    add(
        mode, tr("&Less gain"), "Ctrl+[", tr("Amplifies the perturbation's picture less."),
        [this] {
            edit(Setting::Perturbation,
                [](ExplorerState& s) { s.gain = std::max(1, s.gain - std::max(1, s.gain / 5)); });
        },
        "lessGain");
    menu->addSeparator();
    QMenu* panels = menu->addMenu(tr("P&anels"));
    for (int i = 0; i < m_docks.size(); ++i) {
        QAction* action = m_docks[i]->toggleViewAction();
        action->setShortcut(QKeySequence(QStringLiteral("Ctrl+Alt+%1").arg(i + 1)));
        action->setWhatsThis(tr("Shows or hides this panel."));
        action->setStatusTip(action->whatsThis());
        action->setObjectName(QStringLiteral("panel%1").arg(i + 1));
        panels->addAction(action);
        m_actions << action;
    }
    add(
        panels, tr("&Reset the layout"), "Ctrl+Alt+0", tr("Puts every panel back to its place."),
        [this] { resetLayout(); }, "resetLayout");
    QMenu* theme = menu->addMenu(tr("&Theme"));
    auto* themeGroup = new QActionGroup(this);
    const std::pair<ThemeKind, QString> themes[] = { { ThemeKind::System, tr("As the &system") },
        { ThemeKind::Light, tr("&Light") }, { ThemeKind::Dark, tr("&Dark") } };
    const char* const themeKeys[] = { "Ctrl+Alt+Y", "Ctrl+Alt+L", "Ctrl+Alt+D" };
    for (const auto& [value, text] : themes) {
        QAction* action = add(
            theme, text, QString::fromLatin1(themeKeys[m_themeActions.size()]),
            tr("The window's colours."),
            [this, kind = value] {
                edit(Setting::Theme, [kind](ExplorerState& s) { s.theme = kind; });
            },
            qPrintable(QStringLiteral("theme%1").arg(m_themeActions.size())));
        action->setCheckable(true);
        action->setData(static_cast<int>(value));
        themeGroup->addAction(action);
        m_themeActions << action;
    }
    add(
        menu, tr("Full scree&n"), "F11", tr("The whole screen, and back."),
        [this] { setWindowState(windowState() ^ Qt::WindowFullScreen); }, "fullScreen");
}

void MainWindow::buildHelpMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&Help"));
    add(
        menu, tr("&Keys"), "F1", tr("Every action and its key."),
        [this] { KeysDialog(m_actions, this).exec(); }, "keys");
    add(
        menu, tr("&What is this?"), "Shift+F1", tr("Click on anything to read what it does."),
        [] { QWhatsThis::enterWhatsThisMode(); }, "whatsThis");
    add(
        menu, tr("&About CrossIter"), "Ctrl+F1", tr("Version and licence."),
        [this] {
            QMessageBox about(QMessageBox::NoIcon, tr("About CrossIter"),
                tr("<b>CrossIter %1</b><p>An explorer of cross-iterative adversarial attacks on "
                   "image classifiers.</p>"
                   "<p>Licence: GPL-3.0-or-later. NOTICE names every part.</p>")
                    .arg(QString::fromLatin1(version())),
                QMessageBox::Ok, this);
            about.setIconPixmap(windowIcon().pixmap(64));
            about.setTextFormat(Qt::RichText);
            about.exec();
        },
        "about");
}

} // namespace crossiter::ui
