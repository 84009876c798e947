// MainWindow's Defense tab: its menu, its exports, the Defended pane.
#include "core/base/Error.h"
#include "ui/plot/SweepHeatMap.h"
#include "ui/plot/SweepPlot.h"
#include "ui/session/Counted.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/DefenseSettings.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/defense/DefensePanel.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/window/MainWindow.h"

#include <QAction>
#include <QActionGroup>
#include <QDockWidget>
#include <QFileInfo>
#include <QMenu>
#include <QMenuBar>
#include <QProgressBar>
#include <QPushButton>

#include <algorithm>
#include <optional>

namespace crossiter::ui {

namespace {

constexpr int kUsualFirst = 250; // of two stages: the seed's 250,200

struct TabName
{
    const char* name;
    const char* dock;
};
constexpr TabName kTabs[] = { { "trajectory", "dockTrajectory" }, { "leaking", "dockLeaking" },
    { "defense", "dockDefense" }, { "batch", "dockBatch" } };

} // namespace

QDockWidget* MainWindow::dock(const char* name) const
{
    return findChild<QDockWidget*>(QLatin1String(name));
}

QStringList MainWindow::tabNames()
{
    QStringList names;
    for (const TabName& tab : kTabs) {
        names << QLatin1String(tab.name);
    }
    return names;
}

void MainWindow::showTab(const QString& name)
{
    for (const TabName& tab : kTabs) {
        if (name == QLatin1String(tab.name)) {
            QDockWidget* wanted = dock(tab.dock);
            wanted->show();
            wanted->raise();
        }
    }
}

bool MainWindow::settled() const
{
    return m_session->settled() && !m_thumbnails->busy() && m_defense->settled()
        && m_leaking->session()->settled() && m_batch->session().settled();
}

void MainWindow::connectDefense()
{
    DefenseSession* defense = m_defense.get();
    connect(dock("dockDefense"), &QDockWidget::visibilityChanged, m_defensePanel,
        &DefensePanel::setOnScreen);
    connect(defense, &DefenseSession::viewChanged, this, &MainWindow::showDefended);
    connect(defense, &DefenseSession::said, this, &MainWindow::say);
    connect(defense, &DefenseSession::errorRaised, m_errors, &ErrorBar::showMessage);
    connect(defense, &DefenseSession::sweepChanged, this, &MainWindow::showDefenseActions);
    connect(defense, &DefenseSession::progressed, this, &MainWindow::showProgress);
    connect(defense, &DefenseSession::sweepingChanged, this, [this](bool sweeping) {
        showBusy();
        if (!sweeping && m_defense->sweepComplete()) {
            say(tr("Sweep complete · %1")
                    .arg(countedText(m_defense->cellsDone(), tr("cell"), tr("cells"))));
        } else if (!sweeping) {
            say(tr("Sweep not complete: %1 of %2 cells")
                    .arg(m_defense->cellsDone())
                    .arg(m_defense->cellsPlanned()));
        }
    });
    connect(defense, &DefenseSession::folderChanged, this, [this] {
        showBusy();
        const auto& best = m_defense->folderBest();
        if (!m_defense->folderRunning() && best && best->size) {
            say(tr("Best size over %1 of the folder: %2 px")
                    .arg(countedText(best->images, tr("picture"), tr("pictures")))
                    .arg(*best->size));
        }
    });
    connect(m_panes, &ImagePanes::showDefendedChanged, this, [this](bool show) {
        edit(Setting::Compare, [=](ExplorerState& s) { s.showDefended = show; });
    });
    connect(m_panes, &ImagePanes::comparedChanged, this, [this](ComparedPair pair) {
        edit(Setting::Compare, [=](ExplorerState& s) { s.compared = pair; });
    });
}

void MainWindow::showDefended()
{
    const DefenseRequest& defense = m_defense->defense();
    m_panes->setDefended(
        defense.stages.empty() ? nullptr : m_defense->view(), defensePath(defense));
}

void MainWindow::changeSize(int by)
{
    m_defense->setSize(m_defense->size() + by);
}

void MainWindow::buildDefenseMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&Defense"));
    const auto edits = [this](const std::function<void(DefenseRequest&)>& change) {
        DefenseRequest next = m_defense->defense();
        change(next);
        m_defense->change(next);
    };
    add(
        menu, tr("&Go to the Defense tab"), "Ctrl+D",
        tr("Size, sweep, heat map and predictions behind the defense."),
        [this] {
            showTab(QStringLiteral("defense"));
            m_defensePanel->plot()->setFocus(Qt::ShortcutFocusReason);
        },
        "goToDefense");
    menu->addSeparator();
    const auto size = [&](const QString& text, const char* key, int by, const char* name) {
        m_needPhoto << add(
            menu, text, QString::fromLatin1(key),
            tr("The size that the picture is shrunk to before the networks see it."),
            [this, by] { changeSize(by); }, name);
    };
    size(tr("&Larger size"), "Alt+Up", 1, "largerSize");
    size(tr("&Smaller size"), "Alt+Down", -1, "smallerSize");
    size(tr("Larger by &10"), "Alt+Shift+Up", 10, "muchLargerSize");
    size(tr("Smaller by 1&0"), "Alt+Shift+Down", -10, "muchSmallerSize");
    m_bestSizeAction = add(
        menu, tr("&Best size for this picture"), "Ctrl+Shift+B",
        tr("The swept size with the highest mean probability of the true label on the shown "
           "sub-step."),
        [this] {
            if (const auto best = m_defense->bestSize()) {
                m_defense->setSize(*best);
            }
        },
        "bestSizeOfPicture");
    m_needPhoto << add(
        menu, tr("Best size for the &folder"), "Ctrl+Alt+F",
        tr("Judges the clean pictures of the photo's folder behind every size of the sweep."),
        [this] { m_defense->startFolder(); }, "bestSizeOfFolder");
    menu->addSeparator();
    m_twoStagesAction = add(
        menu, tr("&Two stages"), "Ctrl+Shift+T",
        tr("Shrinks to a first size, then to the swept one."),
        [this, edits] {
            edits([](DefenseRequest& d) {
                d = withFirstSize(d, firstSize(d) ? std::nullopt : std::optional(kUsualFirst));
            });
        },
        "twoStagesAction");
    m_dropoutAction = add(
        menu, tr("&Dropout"), "Ctrl+Shift+D", tr("Keeps dropout on while predicting."),
        [edits] { edits([](DefenseRequest& d) { d.dropout = !d.dropout; }); }, "dropoutAction");
    m_statisticsAction = add(
        menu, tr("Batch st&atistics"), "Ctrl+Shift+A",
        tr("Batch norms take their statistics from the batch, as the seed's training mode did."),
        [edits] { edits([](DefenseRequest& d) { d.batchStatistics = !d.batchStatistics; }); },
        "batchStatisticsAction");
    for (QAction* action : { m_twoStagesAction, m_dropoutAction, m_statisticsAction }) {
        action->setCheckable(true);
    }
    menu->addSeparator();
    m_sweepAction = add(
        menu, tr("S&weep every size"), "F6",
        tr("Every size of the sweep on every sub-step, coarse to fine."),
        [this] {
            showTab(QStringLiteral("defense"));
            m_defense->startSweep();
        },
        "sweep");
    m_stopSweepAction = add(
        menu, tr("Stop the s&weep"), "Shift+F6", tr("Stops; the cells that are there stay."),
        [this] { m_defense->cancel(); }, "stopSweep");
    m_automaticSweepAction = add(menu, tr("Sweep by &itself"), "Ctrl+F6",
        tr("Sweeps while the Defense tab is open and nothing else is computed."), {},
        "automaticSweepAction");
    m_automaticSweepAction->setCheckable(true);
    m_automaticSweepAction->setChecked(true);
    connect(m_automaticSweepAction, &QAction::toggled, this,
        [this](bool on) { m_defense->setAutomaticSweep(on); });
    menu->addSeparator();
    const std::pair<QString, const char*> parts[] = { { tr("Show the &curve"), "Alt+Shift+C" },
        { tr("Show the &heat map"), "Alt+Shift+H" },
        { tr("Show the &predictions behind it"), "Alt+Shift+P" },
        { tr("Show what was &removed"), "Alt+Shift+R" } };
    for (int part = 0; part < DefensePanel::PartCount; ++part) {
        add(
            menu, parts[part].first, QString::fromLatin1(parts[part].second),
            tr("Brings this part of the Defense tab to the front."),
            [this, part] {
                showTab(QStringLiteral("defense"));
                m_defensePanel->showPart(part);
            },
            qPrintable(QStringLiteral("defensePart%1").arg(part)));
    }
    menu->addSeparator();
    m_defendedAction = add(
        menu, tr("Defended pa&ne"), "Alt+7",
        tr("What the defense makes of the shown picture, as a further pane."),
        [this] {
            edit(Setting::Compare, [](ExplorerState& s) { s.showDefended = !s.showDefended; });
        },
        "showDefended");
    m_defendedAction->setCheckable(true);
    QMenu* compared = menu->addMenu(tr("C&ompare"));
    auto* group = new QActionGroup(this);
    const std::pair<QString, const char*> pairs[] = { { tr("&Original and adversarial"), "Alt+8" },
        { tr("&Adversarial and defended"), "Alt+9" }, { tr("Original and &defended"), "Alt+0" } };
    for (int i = 0; i < 3; ++i) {
        QAction* action = add(
            compared, pairs[i].first, QString::fromLatin1(pairs[i].second),
            tr("Which two pictures 2-up, swipe, blink and difference compare."),
            [this, i] {
                edit(Setting::Compare,
                    [i](ExplorerState& s) { s.compared = static_cast<ComparedPair>(i); });
            },
            qPrintable(QStringLiteral("compared%1").arg(i)));
        action->setCheckable(true);
        group->addAction(action);
        m_pairActions << action;
    }
    menu->addSeparator();
    fillDefenseExports();
}

void MainWindow::fillDefenseExports()
{
    m_needSweep << add(
        m_exportMenu, tr("&Sweep (CSV)…"), "Ctrl+Alt+C",
        tr("Every computed cell, as the command line's sweep writes them."),
        [this] { exportSweepDialog(); }, "exportSweep");
    m_needSweep << add(
        m_exportMenu, tr("Sweep c&urve (PDF, SVG or PNG)…"), "Ctrl+Alt+U",
        tr("The probability over the resize size."), [this] { exportDefensePlotDialog(false); },
        "exportCurve");
    m_needSweep << add(
        m_exportMenu, tr("&Heat map (PDF, SVG or PNG)…"), "Ctrl+Alt+H",
        tr("Sub-step x resize size, of the chosen network."),
        [this] { exportDefensePlotDialog(true); }, "exportHeatMap");
    QMenu* edit = nullptr;
    for (QAction* action : menuBar()->actions()) {
        if (action->menu() != nullptr && action->text() == tr("&Edit")) {
            edit = action->menu();
        }
    }
    m_needPhoto << add(
        edit, tr("Copy &defended"), "Ctrl+Shift+7", tr("Copies it at its own size."),
        [this] { copyPicture(m_panes->paneImage(ImagePanes::DefendedPane), tr("the picture")); },
        "copyDefended");
    m_needSweep << add(
        edit, tr("Copy sweep c&urve"), "Ctrl+Shift+8", tr("Copies the curve as a picture."),
        [this] { copyPicture(figureImage(m_defensePanel->plot()->figure()), tr("the curve")); },
        "copyCurve");
    m_needSweep << add(
        edit, tr("Copy &heat map"), "Ctrl+Shift+9", tr("Copies the heat map as a picture."),
        [this] {
            copyPicture(figureImage(m_defensePanel->heatMap()->figure()), tr("the heat map"));
        },
        "copyHeatMap");
}

void MainWindow::showDefenseActions()
{
    const ExplorerState& state = m_session->state();
    const bool hasSweep = m_defense->sweep() != nullptr;
    for (QAction* action : m_needSweep) {
        action->setEnabled(hasSweep);
    }
    m_defendedAction->setChecked(state.showDefended);
    m_dropoutAction->setChecked(state.defense.dropout);
    m_statisticsAction->setChecked(state.defense.batchStatistics);
    m_twoStagesAction->setChecked(firstSize(state.defense).has_value());
    m_bestSizeAction->setEnabled(m_defense->bestSize().has_value());
    m_sweepAction->setEnabled(
        m_session->trace() && !m_defense->sweeping() && !m_defense->sweepComplete());
    m_stopSweepAction->setEnabled(m_defense->sweeping() || m_defense->folderRunning());
    if (m_automaticSweepAction->isChecked() != m_defense->automaticSweep()) {
        m_automaticSweepAction->setChecked(m_defense->automaticSweep());
    }
    for (int i = 0; i < m_pairActions.size(); ++i) {
        m_pairActions[i]->setChecked(i == static_cast<int>(state.compared));
    }
}

void MainWindow::exportSweepDialog()
{
    QString path = ask(tr("Export the sweep"), tr("sweep.csv"), tr("CSV (*.csv)"), true);
    if (!path.isEmpty()) {
        path += path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive) ? QString()
                                                                          : QStringLiteral(".csv");
        m_defense->exportCsv(path);
    }
}

void MainWindow::exportDefensePlotDialog(bool heatMap)
{
    const auto sweep = m_defense->sweep(); // the actions are off without one
    const QString path = ask(heatMap ? tr("Export the heat map") : tr("Export the sweep curve"),
        heatMap ? tr("heat-map.pdf") : tr("sweep.pdf"), tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"),
        true);
    if (path.isEmpty()) {
        return;
    }
    guarded([&] {
        if (heatMap) {
            m_defensePanel->heatMap()->savePlot(path);
        } else {
            m_defensePanel->plot()->savePlot(path);
        }
        m_session->exportProvenance(
            { path }, m_session->trace(), defenseText(sweep->request.defense), {}, sweep);
    });
}

} // namespace crossiter::ui
