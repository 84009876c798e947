#include "ui/session/DefenseSession.h"

#include "core/base/Error.h"
#include "core/report/SweepCsv.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/ModelChoice.h"

#include <algorithm>

namespace crossiter::ui {

DefenseSession::DefenseSession(ExplorerSession& session, QObject* parent)
    : QObject(parent)
    , m_session(session)
    , m_sweep(session, [this] { return m_sourceWork || m_sources.busy() || m_judges.busy(); })
    , m_folder(session)
{
    connect(&session, &ExplorerSession::stateChanged, this, &DefenseSession::refresh);
    connect(&session, &ExplorerSession::photoChanged, this, &DefenseSession::refresh);
    connect(&session, &ExplorerSession::labelChanged, this, &DefenseSession::refresh);
    connect(&session, &ExplorerSession::traceChanged, this, &DefenseSession::refresh);
    connect(&session, &ExplorerSession::runningChanged, this, &DefenseSession::refresh);
    connect(&session, &ExplorerSession::modelsChanged, this, &DefenseSession::refresh);
    connect(&session, &ExplorerSession::currentSubStepChanged, this, [this] {
        refresh();
        emit sweepChanged();
    });
    for (JobRunner* runner : { &m_picture.runner(), &m_sources.runner(), &m_judges.runner() })
        connect(runner, &JobRunner::failed, this, &DefenseSession::errorRaised);
    connect(
        &m_picture.runner(), &JobRunner::finished, this,
        [this] {
            if (!m_picture.busy()) // else a newer picture is on its way
                predictAfterPicture();
        });
    connect(&m_sources.runner(), &JobRunner::finished, this, [this] {
        if (!m_sources.busy()) {
            requestJudges();
            m_sweep.soon();
        }
    });
    connect(&m_judges.runner(), &JobRunner::finished, &m_sweep, &SweepRun::soon);
    connect(&m_sweep, &SweepRun::changed, this, &DefenseSession::sweepChanged);
    connect(&m_sweep, &SweepRun::busyChanged, this, &DefenseSession::sweepingChanged);
    connect(&m_sweep, &SweepRun::progressed, this, &DefenseSession::progressed);
    connect(&m_sweep, &SweepRun::failed, this, &DefenseSession::errorRaised);
    connect(&m_folder, &FolderSweep::changed, this, &DefenseSession::folderChanged);
    connect(&m_folder, &FolderSweep::progressed, this, &DefenseSession::progressed);
    connect(&m_folder, &FolderSweep::failed, this, &DefenseSession::errorRaised);
}

DefenseSession::~DefenseSession() = default;

int DefenseSession::size() const
{
    return sizeOf(defense());
}

void DefenseSession::change(const DefenseRequest& next, Setting setting)
{
    ExplorerState state = m_session.state();
    state.defense = next;
    m_session.change(state, setting);
}

void DefenseSession::setSize(int size)
{
    change(withSize(defense(), std::clamp(size, 1, kImageSide)), Setting::DefenseSize);
}

void DefenseSession::setSweepSizes(const SweepSizes& sizes)
{
    ExplorerState state = m_session.state();
    state.sweepSizes = sizes;
    m_session.change(state, Setting::SweepSizes);
}

void DefenseSession::setWatched(bool watched)
{
    if (watched == m_watched)
        return;
    m_watched = watched;
    m_sweep.setWatched(watched);
    if (watched) {
        refresh();
        m_sweep.soon();
    } else {
        m_sourceWork = nullptr;
        m_sources.drop();
        m_judges.drop();
        if (std::ranges::any_of(m_live, [](const LivePrediction& live) { return !live.current; }))
            m_predictedOf = {}; // asked for again when somebody looks
    }
}

void DefenseSession::setDragging(bool dragging)
{
    m_sweep.setDragging(dragging);
}

QString DefenseSession::obstacle() const
{
    if (!m_session.offImageSpace())
        return {};
    const Image& clean = m_session.shownClean();
    return tr("The pair is compared at %1 × %2 px: defenses and sweeps work on 299 × 299.")
        .arg(clean.width)
        .arg(clean.height);
}

void DefenseSession::forgetAll()
{
    m_picture.drop();
    m_sources.drop();
    m_judges.drop();
    m_sourceWork = nullptr;
    m_pictureOf = {};
    m_predictedOf = {};
    m_live.clear();
    m_view.reset();
    m_sweep.forget();
    emit viewChanged();
    emit predictionsChanged();
}

DefenseSession::Shown DefenseSession::shown()
{
    const Image& clean = m_session.photo().clean;
    if (clean.empty() || m_session.offImageSpace())
        m_clean.reset();
    else if (!m_clean || !(*m_clean == clean))
        m_clean = std::make_shared<const Image>(clean);
    const auto trace = m_session.trace();
    const ExplorerState& state = m_session.state();
    Shown now;
    now.subStep = m_clean ? m_session.subStep() : nullptr;
    now.clean = m_clean;
    now.defense = effective(state.defense);
    now.sources = trace ? trace->request.sources : state.attack.sources;
    now.models = trace ? trace->judges : state.judges();
    // The sources come first: their predictions follow the slider and the scrubber.
    std::ranges::stable_sort(now.models, [&](const std::string& a, const std::string& b) {
        return isAmong(now.sources, a) && !isAmong(now.sources, b);
    });
    now.label = m_session.trueLabel().label;
    now.compute = state.attack.compute;
    return now;
}

void DefenseSession::refresh()
{
    m_wanted = shown();
    if (!m_wanted.clean) {
        if (m_view || !m_live.empty() || !m_sweep.asksNothing())
            forgetAll();
        return;
    }
    requestPicture();
    requestPredictions();
    m_sweep.follow(m_wanted.models);
}

void DefenseSession::requestPicture()
{
    // Only what decides the picture: a changed label or judge draws nothing anew.
    Shown wanted;
    wanted.subStep = m_wanted.subStep;
    wanted.clean = m_wanted.clean;
    wanted.defense.stages = m_wanted.defense.stages;
    wanted.defense.seed = m_wanted.defense.seed;
    if (wanted == m_pictureOf)
        return;
    m_pictureOf = wanted;
    m_picture.request([this, engine = m_session.engine(), wanted](const JobRunner::Job& job) {
        DefendedView view;
        view.before = wanted.image();
        view.after = engine->defendedPicture(wanted.defense, view.before);
        const auto publish = [this, &job, wanted](DefendedView made) {
            job.post([this, shared = std::make_shared<const DefendedView>(std::move(made))] {
                m_view = shared;
                emit viewChanged();
                if (!shared->removed) // the picture itself; what was removed comes later
                    predictAfterPicture();
            });
        };
        publish(view);
        if (!job.stop().stop_requested()) {
            view.removed = compareImages(view.before, view.after);
            publish(std::move(view));
        }
    });
}

bool DefenseSession::sourcesCurrent() const
{
    return !m_live.empty()
        && std::ranges::all_of(
            m_live,
            [](const LivePrediction& live) { return live.sourceIndex < 0 || live.current; });
}

void DefenseSession::requestPredictions()
{
    if (!m_watched || m_wanted == m_predictedOf)
        return;
    if (m_session.running() && m_wanted.defense == m_predictedOf.defense)
        return; // the attack has the processor; its end asks again
    if (!lackNoWeights(m_session.models(), m_wanted.models))
        return; // the attack's note says so already
    std::vector<LivePrediction> next;
    for (const std::string& id : m_wanted.models) {
        LivePrediction live;
        live.model = id;
        live.sourceIndex = indexAmong(m_wanted.sources, id);
        const auto old = std::ranges::find_if(
            m_live, [&id](const LivePrediction& before) { return before.model == id; });
        if (old != m_live.end() && m_wanted.clean == m_predictedOf.clean)
            live.defended = old->defended; // stays on screen, marked as older
        next.push_back(std::move(live));
    }
    m_live = std::move(next);
    m_predictedOf = m_wanted;
    m_judges.drop();
    m_sweep.pause();
    const auto sources = static_cast<std::size_t>(std::ranges::count_if(
        m_live, [](const LivePrediction& live) { return live.sourceIndex >= 0; }));
    const std::size_t first = sources == 0 ? m_live.size() : sources;
    m_sourceWork = predictionWork(0, first);
    if (!m_picture.busy())
        predictAfterPicture();
    emit predictionsChanged();
}

void DefenseSession::predictAfterPicture()
{
    // Behind the repaint, which waits in the event queue: the networks take every core, and the
    // picture is what one waits for at a slider.
    if (m_sourceWork) {
        QTimer::singleShot(
            0, this,
            [this] {
                if (m_sourceWork)
                    m_sources.request(std::exchange(m_sourceWork, nullptr));
            });
    }
}

void DefenseSession::requestJudges()
{
    const auto first =
        std::ranges::find_if(m_live, [](const LivePrediction& live) { return !live.current; });
    if (first != m_live.end() && first->sourceIndex < 0 && m_watched) {
        m_judges.request(
            predictionWork(static_cast<std::size_t>(first - m_live.begin()), m_live.size()));
    }
}

JobRunner::Work DefenseSession::predictionWork(std::size_t from, std::size_t to)
{
    // While a slider moves a job ends after one network: each begins with another one, so that all
    // of them keep up.
    return [this, engine = m_session.engine(), wanted = m_predictedOf, from, to](
               const JobRunner::Job& job) {
        const std::size_t turn = m_turn++;
        for (std::size_t i = 0; i < to - from && !job.stop().stop_requested(); ++i) {
            if (i > 0 && m_sources.newerWaits()) {
                break;
            }
            const std::size_t at = from + (i + turn) % (to - from);
            DefendRequest request;
            request.models = { wanted.models[at] };
            request.defense = wanted.defense;
            request.trueLabel = wanted.label;
            request.compute = wanted.compute;
            const auto result = engine->defend(request, { wanted.image() }, {}, job.stop());
            if (!result->predictions.empty()) {
                // What waited for this job is newer: it is shown, but not as the current one.
                job.post([this, at, wanted, prediction = result->predictions[0][0]] {
                    if (at < m_live.size() && m_live[at].model == wanted.models[at]) {
                        m_live[at].current = wanted == m_predictedOf;
                        takePrediction(at, prediction);
                    }
                });
            }
        }
    };
}

void DefenseSession::takePrediction(std::size_t at, const DefendedPrediction& prediction)
{
    m_live[at].defended = std::make_shared<const DefendedPrediction>(prediction);
    emit predictionsChanged();
}

void DefenseSession::startSweep()
{
    if (const QString reason = obstacle(); !reason.isEmpty()) {
        emit errorRaised(reason);
        return;
    }
    m_sweep.start();
}

void DefenseSession::cancel()
{
    m_sweep.stop();
    m_folder.cancel();
    emit sweepChanged();
}

void DefenseSession::startFolder()
{
    if (m_session.photo().path.isEmpty() || m_folder.busy())
        return;
    m_sweep.pause();
    m_folder.start(m_sweep.request(), m_wanted.sources); // the pair whose defense is looked for
}

void DefenseSession::exportCsv(const QString& path)
{
    const auto sweep = m_sweep.result();
    if (!sweep) {
        emit errorRaised(tr("There is no sweep yet: press Sweep in the Defense tab."));
        return;
    }
    const auto write = [sweep, assumed = m_session.trueLabel().assumed, path] {
        SweepResult known = *sweep;
        if (assumed) { // the joint top-1 is no true label; the command line does not know it either
            known.request.trueLabel.reset();
            for (SweepCell& cell : known.cells) {
                cell.trueProbability = -1.0;
                cell.trueTop1 = {};
            }
        }
        writeSweepCsv(path.toStdString(), known);
    };
    m_session.exportProvenance(
        { path }, m_session.trace(), defenseText(sweep->request.defense), write, sweep);
    if (!sweep->complete()) {
        emit said(tr("The sweep is not complete: %1 of %2 cells are exported.")
                      .arg(sweep->cells.size())
                      .arg(sweep->planned()));
    }
}

bool DefenseSession::settled() const
{
    return !m_picture.busy() && !m_sourceWork && !m_sources.busy() && !m_judges.busy()
        && !m_folder.busy() && m_sweep.settled();
}

} // namespace crossiter::ui
