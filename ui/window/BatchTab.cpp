#include "ui/window/BatchTab.h"

#include "core/jobs/BatchJobs.h"
#include "ui/dialogs/PlanEntryDialog.h"
#include "ui/dialogs/TargetClassDialog.h"
#include "ui/window/Actions.h"
#include "ui/window/Centre.h"
#include "ui/window/Shell.h"
#include "ui/window/UnfinishedTournaments.h"

#include <QAction>
#include <QFileInfo>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QTimer>

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

AskPath askOf(Shell& shell)
{
    return
        [&shell](const QString& title, const QString& suggestion, const QString& filter, bool save,
            bool folder) { return shell.ask(title, suggestion, filter, save, folder); };
}

} // namespace

BatchTab::BatchTab(const WindowParts& parts)
    : m_parts(parts)
    , m_session(parts.shell.workspace().batch())
    , m_panel(new BatchPanel(m_session, askOf(parts.shell), &parts.shell.window()))
    , m_unfinished(std::make_unique<UnfinishedTournaments>(parts.shell, parts.settings,
          QList<NoticeBar*> { parts.centre.notice(), m_panel->notice() }))
{
    Shell& shell = m_parts.shell;
    ExplorerSession* explorer = &shell.explorer();
    m_panel->plan()->setPhotosFolder(shell.options().photosFolder);
    m_panel->plan()->setAskBase(
        [&shell](const QString& csv, LabelColumn column, std::optional<int>& base) {
            return shell.askLabelBase(csv, column, base);
        });
    m_panel->plan()->setModels(explorer->models());
    m_session.setPlan(firstPlan(*shell.workspace().engine(), shell.options().photosFolder));
    connect(explorer, &ExplorerSession::modelsChanged, m_panel,
        [panel = m_panel, explorer] { panel->plan()->setModels(explorer->models()); });
    connect(
        m_unfinished.get(), &UnfinishedTournaments::accepted, this, [this](const QString& folder) {
            m_parts.shell.showTab(id());
            m_session.goOn(folder);
        });
    followSession();
    followPanes();
}

BatchTab::~BatchTab() = default;

QWidget* BatchTab::widget() const
{
    return m_panel;
}

void BatchTab::setTheme(const Theme& theme)
{
    m_panel->setTheme(theme);
}

void BatchTab::started()
{
    m_unfinished->look();
}

void BatchTab::followSession()
{
    Shell* shell = &m_parts.shell;
    connect(&m_session, &BatchSession::errorRaised, shell,
        [shell](const QString& message) { shell->complain(message); });
    connect(&m_session, &BatchSession::said, shell, &Shell::say);
    connect(&m_session, &BatchSession::exported, this, [this](const QStringList& paths) {
        m_parts.shell.dismiss();
        m_parts.shell.say(paths.size() == 1 ? tr("Written: %1").arg(paths.first())
                                            : tr("%1 files written").arg(paths.size()));
    });
}

void BatchTab::followPanes()
{
    Shell* shell = &m_parts.shell;
    connect(m_panel->plan(), &BatchPlanPane::problem, shell, &Shell::complain);
    connect(m_panel->plan(), &BatchPlanPane::rowWanted, this, &BatchTab::editRow);
    connect(m_panel->plan(), &BatchPlanPane::targetsWanted, this, &BatchTab::editTargets);
    connect(m_panel->results(), &BatchResultsPane::problem, shell, &Shell::complain);
    connect(m_panel->results(), &BatchResultsPane::said, shell, &Shell::say);
    connect(m_panel->results(), &BatchResultsPane::pairChosen, this, &BatchTab::openPair);
    connect(m_panel, &BatchPanel::largeChanged, this,
        [this](bool large) { m_parts.shell.setLarge(id(), large); });
}

void BatchTab::openPair(const QString& clean, const QString& adversarial)
{
    m_panel->setLarge(false); // the pictures are wanted now
    const PlanDataset& dataset = m_session.plan().dataset;
    const QString csv =
        QString::fromStdString((dataset.csv.empty() ? dataset.labels : dataset.csv).string());
    ExplorerSession* explorer = &m_parts.shell.explorer();
    // The tournament knows what is true; asked for once the pair is there.
    connect(
        explorer, &ExplorerSession::photoChanged, this,
        [explorer, csv, adversarial, base = dataset.labelBase] {
            const ExplorerState& state = explorer->state();
            if (state.pair == adversarial && !csv.isEmpty() && state.labelsCsv != csv)
                explorer->setLabelsCsv(csv, base);
        },
        Qt::SingleShotConnection);
    explorer->openPair(clean, adversarial);
}

void BatchTab::editRow(PlanKind kind, int row, const PlanItem& item)
{
    PlanEntryDialog dialog(kind, item, m_parts.shell.explorer().models(),
        m_panel->plan()->namesBeside(kind, row), &m_parts.shell.window());
    if (dialog.exec() == QDialog::Accepted)
        m_panel->plan()->setRow(kind, row, dialog.item());
}

void BatchTab::editTargets()
{
    if (!m_session.dataset())
        return;
    TargetClassDialog dialog(m_session.engine(), m_session.plan(), *m_session.dataset(),
        m_parts.shell.theme(), askOf(m_parts.shell), &m_parts.shell.window());
    dialog.setAskBase([this](const QString& csv, std::optional<int>& base) {
        return m_parts.shell.askLabelBase(csv, LabelColumn::Target, base);
    });
    if (dialog.exec() == QDialog::Accepted && !dialog.savedFile().isEmpty()) {
        TournamentPlan plan = m_session.plan();
        plan.dataset.targets = QFileInfo(dialog.savedFile()).absoluteFilePath().toStdString();
        plan.dataset.targetBase.reset(); // the dialog writes the competition's
        m_session.setPlan(plan);
        m_session.readDataset(); // the same file may have other targets now
    }
}

void BatchTab::setOnScreen(bool onScreen)
{
    if (onScreen || !m_panel->isLarge())
        return;
    QTimer::singleShot(0, this, [this] {
        // Another tab came to the front, or this one was closed.
        const QWidget& window = m_parts.shell.window();
        if (!window.isMinimized() && window.isVisible()
            && m_panel->parentWidget()->visibleRegion().isEmpty())
            m_panel->setLarge(false);
    });
}

void BatchTab::giveRoomBack()
{
    m_panel->setLarge(false);
}

QImage BatchTab::picture(const QWidget* focus)
{
    static_cast<void>(focus);
    return {}; // its results have exports of their own
}

Origin BatchTab::origin(const QWidget* focus)
{
    static_cast<void>(focus);
    return originOfShown(m_parts.shell);
}

void BatchTab::front(BatchPanel::Part part)
{
    m_parts.shell.showTab(id());
    m_panel->showPart(part);
}

void BatchTab::addActions()
{
    Actions& actions = m_parts.actions;
    QMenu* menu = actions.addMenu("batchMenu", tr("&Batch"));
    actions.add(menu, "goToBatch", { [this] {
        front(BatchPanel::Plan);
        m_panel->plan()->view(PlanKind::Attacks)->setFocus(Qt::ShortcutFocusReason);
    } });
    actions.add(menu, "largeBatch", { [this] {
        front(BatchPanel::Plan);
        m_panel->setLarge(!m_panel->isLarge());
    } });
    menu->addSeparator();
    actions.add(menu, "runBatch", { [this] {
        front(BatchPanel::Queue);
        m_panel->queue()->runButton()->click();
    } });
    actions.add(menu, "pauseBatch", { [this] { m_session.pause(); } });
    actions.add(menu, "stopBatch", { [this] { m_session.cancel(); } });
    menu->addSeparator();
    addPlanActions(menu);
    menu->addSeparator();
    addResultActions(menu);
}

void BatchTab::addPlanActions(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    actions.add(menu, "examplePlan", { [this] {
        front(BatchPanel::Plan);
        m_session.usePreset(QStringLiteral("embedded"));
    } });
    actions.add(menu, "seedPlan", { [this] {
        front(BatchPanel::Plan);
        m_session.usePreset(QStringLiteral("seed"));
    } });
    actions.add(menu, "openPlan", { [this] {
        front(BatchPanel::Plan);
        m_panel->plan()->openPlanDialog();
    } });
    actions.add(menu, "savePlan", { [this] { m_panel->plan()->savePlanDialog(); } });
    actions.add(menu, "editTargets", { [this] { emit m_panel->plan()->targetsWanted(); } });
}

void BatchTab::addResultActions(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    actions.add(menu, "openBatchResults", { [this] {
        front(BatchPanel::Results);
        m_panel->results()->openDialog();
    } });
    actions.add(
        menu, "exportBatchFiles", { [this] { m_panel->results()->exportFilesDialog(false); } });
    const auto matrix = [&](const char* name, const char* suffix) {
        actions.add(menu, name, { [this, suffix] {
            m_panel->results()->exportMatrixDialog(QString::fromLatin1(suffix));
        } });
    };
    matrix("exportMatrixCsv", "csv");
    matrix("exportMatrixPng", "png");
    matrix("exportMatrixPdf", "pdf");
}

} // namespace crossiter::ui
