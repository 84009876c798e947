#include "ui/window/MainWindow.h"

#include "core/classify/Labels.h"
#include "ui/dialogs/ModelsDialog.h"
#include "ui/plot/TrajectoryPlot.h"
#include "ui/session/Counted.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/PlainText.h"
#include "ui/session/StoreKeeper.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/NoticeBar.h"
#include "ui/views/defense/DefensePanel.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/PhotoPanel.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/views/leaking/LeakingPanel.h"

#include <QAction>
#include <QApplication>
#include <QFileInfo>
#include <QLabel>
#include <QScopedValueRollback>
#include <QStackedWidget>
#include <QUndoStack>

#include <algorithm>

namespace crossiter::ui {

MainWindow::MainWindow(std::shared_ptr<Engine> engine, WindowOptions options, QWidget* parent)
    : QMainWindow(parent)
    , m_options(std::move(options))
    , m_thumbnails(std::make_unique<JobRunner>())
    , m_session(std::make_unique<ExplorerSession>(std::move(engine)))
    , m_defense(std::make_unique<DefenseSession>(*m_session))
{
    usePointsInNumbers();
    new PlainTexts(this);
    setWindowIcon(QIcon(QStringLiteral(":/crossiter/icons/crossiter.svg")));
    setAcceptDrops(true);
    setDockOptions(AnimatedDocks | AllowNestedDocks | AllowTabbedDocks);
    buildCentre();
    buildDocks();
    buildActions();
    buildToolbar();
    buildStatusBar();
    resize(1440, 900);
    resetLayout();
    buildStoreKeeper();
    connectSession();
    connectDefense();
    buildStale();
    restoreSettings();
    connectUnfinished();
    applyThemeOf(m_session->state().theme);
    showState();
    showPhoto();
    showTrace();
    m_session->undoStack()->clear(); // what was restored is where undo begins
    takeAsSaved({});
}

MainWindow::~MainWindow()
{
    m_session->disconnect(this);
    m_session->undoStack()->disconnect(this); // it says that it is cleared when it goes
    m_defense->disconnect(this);
    delete m_defensePanel; // it tells its session when it is hidden
    m_defensePanel = nullptr;
}

void MainWindow::start(const QString& photo, const QString& session, const QString& pair,
    const std::optional<PictureSize>& pairSize)
{
    m_session->loadModels();
    lookForUnfinished();
    if (!pair.isEmpty()) {
        m_session->openPair(photo, pair, pairSize);
        return;
    }
    if (!session.isEmpty()) {
        openSession(session);
        return;
    }
    const QString first = photo.isEmpty() ? firstPhoto(m_options.photosFolder) : photo;
    if (!first.isEmpty()) {
        openPath(first);
    }
}

void MainWindow::connectSession()
{
    ExplorerSession* session = m_session.get();
    connect(session, &ExplorerSession::stateChanged, this, &MainWindow::showState);
    connect(session, &ExplorerSession::pairSizeWanted, this, &MainWindow::askPairSize);
    connect(session, &ExplorerSession::labelsMet, this, [this](const QString& text, bool poor) {
        if (poor) {
            m_errors->showMessage(text);
        } else {
            say(text);
        }
    });
    connect(session, &ExplorerSession::photoChanged, this, &MainWindow::showPhoto);
    connect(session, &ExplorerSession::labelChanged, this, &MainWindow::showLabel);
    connect(session, &ExplorerSession::traceChanged, this, &MainWindow::showTrace);
    connect(session, &ExplorerSession::currentSubStepChanged, this, &MainWindow::showSubStep);
    connect(session, &ExplorerSession::progressed, this, &MainWindow::showProgress);
    connect(session, &ExplorerSession::errorRaised, m_errors, &ErrorBar::showMessage);
    connect(session, &ExplorerSession::runningChanged, this, &MainWindow::showBusy);
    connect(session, &ExplorerSession::photoLoading, this, &MainWindow::showBusy);
    connect(session, &ExplorerSession::modelsLoaded, this, &MainWindow::showBusy);
    connect(session, &ExplorerSession::exportingChanged, this, &MainWindow::showExporting);
    connect(session, &ExplorerSession::exportStopped, this, [this](const QString& folder) {
        say(tr("Export cancelled: nothing of it stays in %1").arg(folder));
    });
    connect(session, &ExplorerSession::sessionOpened, this, [this](const QString& path) {
        takeAsSaved(path);
        remember(path);
    });
    connect(session, &ExplorerSession::sessionSaved, this, [this](const QString& path) {
        takeAsSaved(path);
        remember(path);
    });
    connect(session, &ExplorerSession::photoChanged, m_errors, &ErrorBar::dismiss);
    connect(session, &ExplorerSession::traceFinished, this, [this](bool cancelled) {
        const int count =
            m_session->trace() ? static_cast<int>(m_session->trace()->subSteps.size()) - 1 : 0;
        const QString counted = countedText(count, tr("sub-step"), tr("sub-steps"));
        say(cancelled ? tr("Stopped: %1 kept").arg(counted)
                      : tr("Trace complete · %1").arg(counted));
    });
    connect(session, &ExplorerSession::exported, this, [this](const QStringList& paths) {
        m_errors->dismiss();
        say(paths.size() == 1 ? tr("Written: %1").arg(paths.first())
                              : tr("%1 files written to %2")
                                    .arg(paths.size())
                                    .arg(QFileInfo(paths.value(0)).path()));
    });
    connect(session->undoStack(), &QUndoStack::indexChanged, this, [this] { updateActions(); });
}

void MainWindow::applyThemeOf(ThemeKind kind)
{
    if (m_themed && kind == m_shownTheme) {
        return;
    }
    m_themed = true;
    m_shownTheme = kind;
    m_theme = makeTheme(kind);
    applyTheme(*qApp, m_theme);
    m_panes->setTheme(m_theme);
    m_scrubber->setTheme(m_theme);
    m_plot->setTheme(m_theme);
    m_leaking->setTheme(m_theme);
    m_defensePanel->setTheme(m_theme);
    m_batch->setTheme(m_theme);
    m_predictions->setTheme(m_theme);
    m_attack->setTheme(m_theme);
    m_photoPanel->setTheme(m_theme);
    m_strip->setTheme(m_theme);
    m_errors->setTheme(m_theme);
    m_notice->setTheme(m_theme);
    if (m_models != nullptr) {
        m_models->setTheme(m_theme);
    }
    m_shownJudges.clear(); // their colours are the theme's
    showJudges();
    showToolbar();
    showSubStep(m_session->currentSubStep());
}

void MainWindow::setThemeKind(ThemeKind kind)
{
    edit(Setting::Theme, [kind](ExplorerState& s) { s.theme = kind; });
    m_session->undoStack()->clear();
}

void MainWindow::edit(Setting setting, const Edit& change)
{
    if (m_updating) {
        return;
    }
    ExplorerState next = m_session->state();
    change(next);
    m_session->change(next, setting);
}

QStringList MainWindow::sourceNames() const
{
    const auto trace = m_session->trace();
    QStringList names;
    for (const std::string& id : trace ? trace->request.sources : m_session->state().sources) {
        names << m_session->modelName(id);
    }
    QStringList shortNames;
    for (const QString& name : names) {
        shortNames << shortModelName(name, names);
    }
    return shortNames;
}

void MainWindow::showState()
{
    const QScopedValueRollback<bool> guard(m_updating, true);
    const ExplorerState& state = m_session->state();
    applyThemeOf(state.theme);
    m_panes->setPerturbation(state.perturbation, state.gain);
    m_panes->setCompareMode(static_cast<ImagePanes::CompareMode>(
        std::max<qsizetype>(0, compareWords().indexOf(state.compare))));
    m_panes->setShowFloatImage(state.showFloat);
    m_panes->setShowDefended(state.showDefended);
    m_panes->setCompared(state.compared);
    showDefended();
    const AttackRequest request = m_session->request();
    const std::optional<int> target = isTargeted(request.method) ? request.target : std::nullopt;
    m_plot->setTarget(target);
    m_predictions->setTarget(target);
    if (!m_session->trace()) {
        showTrace();
    }
    showTitle();
    showToolbar();
    updateActions();
}

void MainWindow::showPhoto()
{
    const QScopedValueRollback<bool> guard(m_updating, true);
    const bool has = m_session->hasPhoto();
    if (has && m_stack->currentIndex() == 0) {
        m_scrubber->setFocus(Qt::OtherFocusReason); // arrow keys step at once
    }
    m_stack->setCurrentIndex(has ? 1 : 0);
    if (has) {
        const QString path = m_session->photo().path;
        m_panes->setClean(m_session->shownClean());
        remember(path);
        if (const QString folder = QFileInfo(path).absolutePath(); folder != m_stripFolder) {
            m_stripFolder = folder;
            fillStrip();
        }
        m_strip->setCurrentPath(path);
    }
    showTitle();
    showToolbar();
    updateActions();
}

void MainWindow::showLabel()
{
    const QScopedValueRollback<bool> guard(m_updating, true);
    const ShownLabel label = m_session->trueLabel();
    m_scrubber->setTrueLabel(label.label.value_or(-1));
    m_plot->setTrueLabel(label.label, label.assumed);
    m_predictions->setTrueLabel(label.label, label.assumed);
    showToolbar();
    showSubStep(m_session->currentSubStep());
}

void MainWindow::showJudges()
{
    const auto trace = m_session->trace();
    const AttackRequest request = trace ? trace->request : m_session->request();
    QStringList ids;
    QStringList names;
    QStringList roles;
    QVector<QColor> colors;
    QVector<int> indices;
    for (const std::string& id : request.judges) {
        const auto source = std::find(request.sources.begin(), request.sources.end(), id);
        const int index = source == request.sources.end()
            ? -1
            : static_cast<int>(source - request.sources.begin());
        ids << QString::fromStdString(id);
        names << m_session->modelName(id);
        for (const StoredModel& model : m_session->models()) {
            if (model.manifest.id == id) {
                names.last() = modelTitle(model.manifest);
            }
        }
        roles << (index < 0 ? tr("judge") : tr("source %1").arg(index + 1));
        colors << m_theme.sourceColor(index);
        indices << index;
    }
    if (ids + roles == m_shownJudges) {
        return;
    }
    m_shownJudges = ids + roles;
    m_predictions->setJudges(ids, names, colors, roles, indices);
    QStringList shortNames;
    for (const QString& name : names) {
        shortNames << shortModelName(name, names);
    }
    m_plot->setModelNames(ids, shortNames);
}

void MainWindow::showTrace()
{
    const QScopedValueRollback<bool> guard(m_updating, true);
    const auto trace = m_session->trace();
    const AttackRequest request = trace ? trace->request : m_session->request();
    showJudges();
    QVector<int> sources;
    const int count = trace && !trace->madeElsewhere.empty() ? 1 : subStepCount(request);
    if (usesSources(request.method)) {
        for (int i = 0; i < count; ++i) {
            sources << (request.ensemble == Ensemble::MeanLogits && request.sources.size() > 1
                    ? -1 // all of them at once
                    : i % static_cast<int>(request.sources.size()));
        }
    }
    m_scrubber->setPlan(count, sources);
    m_scrubber->setTrace(trace);
    m_plot->setTrace(trace);
    m_panes->setTrace(trace);
    showLabel();
    updateActions();
}

void MainWindow::showSubStep(int subStep)
{
    const QScopedValueRollback<bool> guard(m_updating, true);
    const auto trace = m_session->trace();
    m_scrubber->setCurrent(subStep);
    m_plot->setCurrent(subStep);
    m_panes->setSubStep(m_session->subStep());
    if (!trace) {
        m_predictions->setPredictions({}, {}, 0);
        m_predictions->setAttacked(-1, -1);
        m_sentenceText.clear();
        m_sentence->clear();
        return;
    }
    const SubStep& shown = *m_session->subStep();
    const auto listed = [](const std::vector<Prediction>& predictions) {
        return QVector<Prediction>(predictions.begin(), predictions.end());
    };
    m_predictions->setPredictions(
        listed(trace->subSteps.front()->judges), listed(shown.judges), subStep);
    m_predictions->setAttacked(shown.attackedLabel, shown.sourceIndex);
    const QString rich =
        subStepSentence(*trace, subStep, m_session->trueLabel(), sourceNames(), m_theme);
    if (m_sentence->text() != rich) {
        m_sentence->setText(rich);
        m_sentenceText = plainText(rich);
        m_sentence->setAccessibleName(m_sentenceText);
    }
}

QString MainWindow::sentence() const
{
    return m_sentenceText;
}

void MainWindow::updateActions()
{
    const ExplorerState& state = m_session->state();
    const bool hasPhoto = m_session->hasPhoto();
    for (QAction* action : m_needPhoto) {
        action->setEnabled(hasPhoto);
    }
    for (QAction* action : m_needTrace) {
        action->setEnabled(m_session->trace() != nullptr);
    }
    m_runAction->setEnabled(hasPhoto && !m_session->running());
    m_cancelAction->setEnabled(m_session->running() || m_session->exporting());
    m_swapPair->setEnabled(m_session->showsPair());
    for (QAction* action : m_compareActions) {
        action->setChecked(compareWords().value(static_cast<int>(m_compareActions.indexOf(action)))
            == state.compare);
    }
    for (QAction* action : m_modeActions) {
        action->setChecked(action->data().toInt() == static_cast<int>(state.perturbation));
    }
    for (QAction* action : m_themeActions) {
        action->setChecked(action->data().toInt() == static_cast<int>(state.theme));
    }
    m_floatAction->setChecked(state.showFloat);
    showDefenseActions();
    for (QAction* action : m_actions) {
        if (action->objectName() == QLatin1String("undo")) {
            action->setEnabled(m_session->undoStack()->canUndo());
        } else if (action->objectName() == QLatin1String("redo")) {
            action->setEnabled(m_session->undoStack()->canRedo());
        }
    }
}

} // namespace crossiter::ui
