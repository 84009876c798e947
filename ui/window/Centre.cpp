#include "ui/window/Centre.h"

#include "ui/session/PlainText.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/NoticeBar.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/window/Shell.h"
#include "ui/window/StaleMark.h"

#include <QLabel>
#include <QMainWindow>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

Centre::Centre(Shell& shell, StaleMark& stale, QMainWindow& window)
    : m_shell(shell)
{
    build(window);
    connectViews();
    follow(stale);
}

void Centre::build(QMainWindow& window)
{
    m_errors = new ErrorBar(&window);
    m_notice = new NoticeBar(&window);
    m_staleNote = roleLabel(&window, "error",
        tr("Pictures, plot and predictions are of the former settings. Run computes them anew."),
        "staleNote");
    m_staleNote->setWordWrap(true);
    m_staleNote->setAccessibleName(m_staleNote->text());
    m_staleNote->hide();
    m_panes = new ImagePanes(&window);
    m_scrubber = new Scrubber(&window);
    m_scrubber->setWaitsForFrames(true);
    m_sentence = new QLabel(&window);
    m_sentence->setObjectName(QStringLiteral("sentence"));
    m_sentence->setWordWrap(true);
    // Its own hint is that of a much narrower label, many lines high: the window could not be low.
    m_sentence->setMinimumHeight(m_sentence->fontMetrics().lineSpacing() + 2);
    m_sentence->setTextFormat(Qt::RichText);
    m_probe = roleLabel(&window, "muted", {}, "probe");
    m_probe->setAccessibleName(tr("Pixel probe"));
    m_probe->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_probe->setMinimumHeight(m_probe->fontMetrics().height() + 2); // its coming moves nothing
    m_probe->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);

    auto* work = new QWidget(&window);
    auto* workLayout = new QVBoxLayout(work);
    workLayout->setContentsMargins(0, 0, 0, 0);
    workLayout->setSpacing(4);
    workLayout->addWidget(m_staleNote);
    workLayout->addWidget(m_panes, 1);
    workLayout->addWidget(m_probe);
    workLayout->addWidget(m_scrubber);
    workLayout->addWidget(m_sentence);

    auto* empty = new QLabel(&window);
    empty->setAlignment(Qt::AlignCenter);
    empty->setTextFormat(Qt::RichText);
    empty->setText(tr("<h2>Drop a photo here</h2><p>or press Ctrl+O to open one.<br>A folder or a "
                      "session file is welcome too.</p>"));
    m_stack = new QStackedWidget(&window);
    m_stack->addWidget(empty);
    m_stack->addWidget(work);

    auto* centre = new QWidget(&window);
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(10, 6, 10, 4);
    layout->setSpacing(6);
    layout->addWidget(m_errors);
    layout->addWidget(m_notice);
    layout->addWidget(m_stack, 1);
    window.setCentralWidget(centre);
}

void Centre::connectViews()
{
    connect(m_panes, &ImagePanes::probed, m_probe, &QLabel::setText);
    connect(m_panes, &ImagePanes::frameShown, m_scrubber, &Scrubber::frameShown);
    connect(
        m_panes, &ImagePanes::perturbationChanged, this,
        [this](PerturbationMode mode, int gain) {
            m_shell.edit(
                Setting::Perturbation,
                [=](ExplorerState& s) {
                    s.perturbation = mode;
                    s.gain = gain;
                });
        });
    connect(
        m_panes, &ImagePanes::compareModeChanged, this,
        [this](ImagePanes::CompareMode mode) {
            m_shell.edit(
                Setting::Compare,
                [=](ExplorerState& s) {
                    s.compare = compareWords().value(static_cast<int>(mode));
                });
        });
    connect(
        m_panes, &ImagePanes::showFloatImageChanged, this,
        [this](bool show) {
            m_shell.edit(
                Setting::Compare, [=](ExplorerState& s) { s.showFloat = show; });
        });
    connect(
        m_panes, &ImagePanes::showDefendedChanged, this,
        [this](bool show) {
            m_shell.edit(
                Setting::Compare, [=](ExplorerState& s) { s.showDefended = show; });
        });
    connect(
        m_panes, &ImagePanes::comparedChanged, this,
        [this](ComparedPair pair) {
            m_shell.edit(
                Setting::Compare, [=](ExplorerState& s) { s.compared = pair; });
        });
    connect(m_scrubber, &Scrubber::currentChanged, this, [this](int subStep) {
        if (!m_shell.isUpdating()) {
            m_shell.explorer().setCurrentSubStep(subStep);
        }
    });
}

void Centre::follow(StaleMark& stale)
{
    connect(&m_shell, &Shell::complained, m_errors, &ErrorBar::showMessage);
    connect(&m_shell, &Shell::dismissed, m_errors, &ErrorBar::dismiss);
    connect(&m_shell, &Shell::themeChanged, this, &Centre::setTheme);
    const ExplorerSession* session = &m_shell.explorer();
    connect(session, &ExplorerSession::stateChanged, this, &Centre::showState);
    connect(session, &ExplorerSession::photoChanged, this, &Centre::showPhoto);
    connect(session, &ExplorerSession::labelChanged, this, &Centre::showLabel);
    connect(session, &ExplorerSession::traceChanged, this, &Centre::showTrace);
    connect(session, &ExplorerSession::currentSubStepChanged, this, &Centre::showSubStep);
    connect(session, &ExplorerSession::runningChanged, m_scrubber, &Scrubber::setRunning);
    connect(&stale, &StaleMark::changed, this, [this](bool on) {
        StaleMark::dim(m_panes, on);
        StaleMark::dim(m_sentence, on);
        m_staleNote->setVisible(on);
    });
}

void Centre::setTheme(const Theme& theme)
{
    m_panes->setTheme(theme);
    m_scrubber->setTheme(theme);
    m_errors->setTheme(theme);
    m_notice->setTheme(theme);
    showSubStep(m_shell.explorer().currentSubStep()); // the sentence has colours
}

void Centre::showAll()
{
    showState();
    showPhoto();
    showTrace();
}

QStringList Centre::sourceNames() const
{
    const ExplorerSession& session = m_shell.explorer();
    const auto trace = session.trace();
    QStringList names;
    for (const std::string& id : trace ? trace->request.sources : session.state().attack.sources)
        names << session.modelName(id);
    QStringList shortNames;
    for (const QString& name : names)
        shortNames << shortModelName(name, names);
    return shortNames;
}

void Centre::showState()
{
    const auto guard = m_shell.updating();
    const ExplorerState& state = m_shell.explorer().state();
    m_panes->setPerturbation(state.perturbation, state.gain);
    m_panes->setCompareMode(static_cast<ImagePanes::CompareMode>(
        std::max<qsizetype>(0, compareWords().indexOf(state.compare))));
    m_panes->setShowFloatImage(state.showFloat);
    m_panes->setShowDefended(state.showDefended);
    m_panes->setCompared(state.compared);
    if (!m_shell.explorer().trace())
        showTrace();
    m_scrubber->setRunning(m_shell.explorer().running());
}

void Centre::showPhoto()
{
    const auto guard = m_shell.updating();
    const bool has = m_shell.explorer().hasPhoto();
    if (has && m_stack->currentIndex() == 0)
        m_scrubber->setFocus(Qt::OtherFocusReason); // arrow keys step at once
    m_stack->setCurrentIndex(has ? 1 : 0);
    if (has)
        m_panes->setClean(m_shell.explorer().shownClean());
}

void Centre::showLabel()
{
    const auto guard = m_shell.updating();
    m_scrubber->setTrueLabel(m_shell.explorer().trueLabel().label.value_or(-1));
    showSubStep(m_shell.explorer().currentSubStep());
}

void Centre::showTrace()
{
    const auto guard = m_shell.updating();
    const auto trace = m_shell.explorer().trace();
    const AttackRequest request = trace ? trace->request : m_shell.explorer().request();
    QVector<int> sources;
    const int count = trace && !trace->madeElsewhere.empty()
        ? std::max(1, static_cast<int>(trace->subSteps.size()) - 1)
        : subStepCount(request);
    if (usesSources(request.method)) {
        for (int i = 0; i < count; ++i) {
            sources << (request.ensemble == Ensemble::MeanLogits && request.sources.size() > 1
                    ? -1 // all of them at once
                    : i % static_cast<int>(request.sources.size()));
        }
    }
    m_scrubber->setPlan(count, sources);
    m_scrubber->setTrace(trace);
    m_panes->setTrace(trace);
    showLabel();
    m_scrubber->setRunning(m_shell.explorer().running());
}

void Centre::showSubStep(int subStep)
{
    const auto guard = m_shell.updating();
    const ExplorerSession& session = m_shell.explorer();
    m_scrubber->setCurrent(subStep);
    m_panes->setSubStep(session.subStep());
    const auto trace = session.trace();
    if (!trace) {
        m_sentenceText.clear();
        m_sentence->clear();
        return;
    }
    const QString rich =
        subStepSentence(*trace, subStep, session.trueLabel(), sourceNames(), m_shell.theme());
    if (m_sentence->text() != rich) {
        m_sentence->setText(rich);
        m_sentenceText = plainText(rich);
        m_sentence->setAccessibleName(m_sentenceText);
    }
}

} // namespace crossiter::ui
