// MainWindow's Batch tab: its menu, its dialogs, what it asks of the explorer.
#include "core/base/Error.h"
#include "core/jobs/BatchJobs.h"
#include "ui/dialogs/PlanEntryDialog.h"
#include "ui/dialogs/TargetClassDialog.h"
#include "ui/session/BatchSession.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/window/MainWindow.h"

#include <QAction>
#include <QDockWidget>
#include <QFileInfo>
#include <QLayout>
#include <QListView>
#include <QMenu>
#include <QMenuBar>
#include <QPushButton>
#include <QTimer>
#include <QToolButton>

#include <utility>

namespace crossiter::ui {

namespace {

/// A first start's plan: quick attacks and defenses of the embedded networks. Photos without a CSV
/// have no targets, so it has no targeted attack.
TournamentPlan firstPlan(const Engine& engine, const QString& photosFolder)
{
    PlanDataset dataset;
    dataset.folder = photosFolder.toStdString();
    TournamentPlan plan = planPreset(engine, { "embedded", dataset, false });
    plan.targetedAttacks.clear();
    return plan;
}

} // namespace

void MainWindow::buildBatch()
{
    // Goes with the explorer's session, whose networks it shares.
    auto* batch = new BatchSession(m_session->engine(), {}, m_session.get());
    m_batch = new BatchPanel(
        *batch,
        [this](const QString& title, const QString& suggestion, const QString& filter, bool save,
            bool folder) { return ask(title, suggestion, filter, save, folder); },
        this);
    m_batch->plan()->setPhotosFolder(m_options.photosFolder);
    m_batch->plan()->setModels(m_session->models());
    batch->setPlan(firstPlan(*m_session->engine(), m_options.photosFolder));
    connect(m_session.get(), &ExplorerSession::modelsChanged, m_batch,
        [this] { m_batch->plan()->setModels(m_session->models()); });

    const auto complain = [this](const QString& message) { m_errors->showMessage(message); };
    connect(batch, &BatchSession::errorRaised, this, complain);
    connect(batch, &BatchSession::said, this, &MainWindow::say);
    connect(batch, &BatchSession::exported, this, [this](const QStringList& paths) {
        m_errors->dismiss();
        say(paths.size() == 1 ? tr("Written: %1").arg(paths.first())
                              : tr("%1 files written").arg(paths.size()));
    });
    connect(m_batch->plan(), &BatchPlanPane::problem, this, complain);
    connect(m_batch->results(), &BatchResultsPane::problem, this, complain);
    connect(m_batch->results(), &BatchResultsPane::said, this, &MainWindow::say);
    connect(m_batch->results(), &BatchResultsPane::pairChosen, this,
        [this](const QString& clean, const QString& adversarial) {
            m_batch->setLarge(false); // the pictures are wanted now
            const PlanDataset& dataset = m_batch->session().plan().dataset;
            const QString csv = QString::fromStdString(
                (dataset.csv.empty() ? dataset.labels : dataset.csv).string());
            // The tournament knows what is true; asked for once the pair is there.
            connect(
                m_session.get(), &ExplorerSession::photoChanged, this,
                [this, csv, adversarial] {
                    const ExplorerState& state = m_session->state();
                    if (state.pair == adversarial && !csv.isEmpty() && state.labelsCsv != csv) {
                        m_session->setLabelsCsv(csv);
                    }
                },
                Qt::SingleShotConnection);
            m_session->openPair(clean, adversarial);
        });
    connect(m_batch, &BatchPanel::largeChanged, this, &MainWindow::setBatchLarge);
    connect(m_batch->plan(), &BatchPlanPane::rowWanted, this,
        [this](PlanKind kind, int row, const PlanItem& item) {
            PlanEntryDialog dialog(
                kind, item, m_session->models(), m_batch->plan()->namesBeside(kind, row), this);
            if (dialog.exec() == QDialog::Accepted) {
                m_batch->plan()->setRow(kind, row, dialog.item());
            }
        });
    connect(m_batch->plan(), &BatchPlanPane::targetsWanted, this, [this, batch] {
        if (!batch->dataset()) {
            return;
        }
        TargetClassDialog dialog(
            batch->engine(), batch->plan(), *batch->dataset(), m_theme,
            [this](const QString& title, const QString& suggestion, const QString& filter,
                bool save, bool folder) { return ask(title, suggestion, filter, save, folder); },
            this);
        if (dialog.exec() == QDialog::Accepted && !dialog.savedFile().isEmpty()) {
            TournamentPlan plan = batch->plan();
            plan.dataset.targets = QFileInfo(dialog.savedFile()).absoluteFilePath().toStdString();
            batch->setPlan(plan);
            batch->readDataset(); // the same file may have other targets now
        }
    });
}

// Not by saveState and restoreState: on a visible window Qt 6.4's restoreState goes through a set
// of tab bars that showing one of them may replace (it ended in a crash once in some twenty
// minutes).
void MainWindow::setBatchLarge(bool large)
{
    QDockWidget* own = dock("dockBatch");
    const QList<QDockWidget*> tabs = tabifiedDockWidgets(own);
    if (large) {
        m_beside.clear();
        for (QDockWidget* other : std::as_const(m_docks)) {
            if (!other->isHidden() && !other->isFloating()) {
                m_beside.append({ other, other->size() });
            }
        }
        for (const DockSize& beside : std::as_const(m_beside)) {
            if (beside.dock != own && !tabs.contains(beside.dock)) {
                beside.dock->hide();
            }
        }
        centralWidget()->hide();
        return;
    }
    QDockWidget* front = own;
    for (QDockWidget* tab : tabs) {
        // A tab behind another one is visible too, at a place outside of the window.
        front = tab->visibleRegion().isEmpty() ? front : tab;
    }
    centralWidget()->show();
    QList<QDockWidget*> docks;
    QList<int> widths;
    QList<int> heights;
    for (const DockSize& beside : std::exchange(m_beside, {})) {
        if (!beside.dock->isFloating()) {
            beside.dock->show();
            docks << beside.dock;
            widths << beside.size.width();
            heights << beside.size.height();
        }
    }
    layout()->activate(); // all have their places before they have their sizes
    resizeDocks(docks, widths, Qt::Horizontal);
    resizeDocks(docks, heights, Qt::Vertical);
    front->raise();
}

void MainWindow::leaveLargeBatch(bool inFront)
{
    if (inFront || !m_batch->isLarge()) {
        return;
    }
    QTimer::singleShot(0, m_batch, [this] {
        // Another tab came to the front, or this one was closed.
        if (!isMinimized() && isVisible() && dock("dockBatch")->visibleRegion().isEmpty()) {
            m_batch->setLarge(false);
        }
    });
}

void MainWindow::buildBatchMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&Batch"));
    BatchSession* batch = &m_batch->session();
    const auto front = [this](BatchPanel::Part part) {
        showTab(QStringLiteral("batch"));
        m_batch->showPart(part);
    };
    add(
        menu, tr("&Go to the Batch tab"), "Ctrl+J",
        tr("A tournament of attacks and defenses: plan, queue, score matrix."),
        [this, front] {
            front(BatchPanel::Plan);
            m_batch->plan()->view(PlanKind::Attacks)->setFocus(Qt::ShortcutFocusReason);
        },
        "goToBatch");
    add(
        menu, tr("The &large Batch tab"), "Ctrl+Shift+L",
        tr("The tab gets the whole window; a second time, or an image opened from it, gives it "
           "back."),
        [this, front] {
            front(BatchPanel::Plan);
            m_batch->setLarge(!m_batch->isLarge());
        },
        "largeBatch");
    menu->addSeparator();
    add(
        menu, tr("&Run or resume the tournament"), "Ctrl+F5",
        tr("Runs the plan, or goes on with what is unfinished."),
        [this, front] {
            front(BatchPanel::Queue);
            m_batch->queue()->runButton()->click();
        },
        "runBatch");
    add(
        menu, tr("&Pause the tournament"), "Ctrl+Shift+F5",
        tr("Waits after the image at hand; Resume goes on."), [batch] { batch->pause(); },
        "pauseBatch");
    add(
        menu, tr("&Stop the tournament"), "Ctrl+Alt+F5",
        tr("What is done stays, and can be gone on with at any time."),
        [batch] { batch->cancel(); }, "stopBatch");
    menu->addSeparator();
    add(
        menu, tr("The &example's plan"), "Alt+Shift+E",
        tr("Six attacks and six defenses of the embedded networks."),
        [batch, front] {
            front(BatchPanel::Plan);
            batch->usePreset(QStringLiteral("embedded"));
        },
        "examplePlan");
    add(
        menu, tr("The s&eed's run"), "Alt+Shift+S",
        tr("Every row of the seed's published tables; the results stand beside them."),
        [batch, front] {
            front(BatchPanel::Plan);
            batch->usePreset(QStringLiteral("seed"));
        },
        "seedPlan");
    add(
        menu, tr("&Open a plan…"), "Ctrl+Alt+J", tr("A plan as JSON."),
        [this, front] {
            front(BatchPanel::Plan);
            m_batch->plan()->openPlanDialog();
        },
        "openPlan");
    add(
        menu, tr("S&ave the plan…"), "Ctrl+Shift+J",
        tr("As JSON, for crossiter tournament and for here."),
        [this] { m_batch->plan()->savePlanDialog(); }, "savePlan");
    add(
        menu, tr("&Target classes…"), "Ctrl+Alt+A",
        tr("Shows, fills and edits target_class.csv for the plan's photos."),
        [this] { emit m_batch->plan()->targetsWanted(); }, "editTargets");
    menu->addSeparator();
    add(
        menu, tr("Open res&ults…"), "Ctrl+Shift+R",
        tr("A tournament's output folder, finished or not."),
        [this, front] {
            front(BatchPanel::Results);
            m_batch->results()->openDialog();
        },
        "openBatchResults");
    add(
        menu, tr("Export the &competition's files…"), "Ctrl+Shift+F",
        tr("Matrices, rankings, result.csv of each defense, report."),
        [this] { m_batch->results()->exportFilesDialog(false); }, "exportBatchFiles");
    const auto matrix = [&](const QString& text, const char* key, const char* suffix,
                            const char* name) {
        add(
            menu, text, QString::fromLatin1(key), tr("The shown score matrix, in the shown order."),
            [this, suffix] { m_batch->results()->exportMatrixDialog(QString::fromLatin1(suffix)); },
            name);
    };
    matrix(tr("Export the matrix (CS&V)…"), "Alt+Shift+V", "csv", "exportMatrixCsv");
    matrix(tr("Export the matrix (P&NG)…"), "Alt+Shift+N", "png", "exportMatrixPng");
    matrix(tr("Export the matrix (P&DF)…"), "Alt+Shift+F", "pdf", "exportMatrixPdf");
}

} // namespace crossiter::ui
