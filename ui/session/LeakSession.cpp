#include "ui/session/LeakSession.h"

#include "core/base/Contains.h"
#include "ui/session/ModelChoice.h"
#include "ui/session/TraceCut.h"

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kPlanPauseMs = 80;
constexpr int kPublishPauseMs = 60;
constexpr int kMostWithFloats = 200; // sub-steps of all tracks: a float image is 1 or 2 MB

const std::vector<LabelRule> kComparedRules { LabelRule::OwnRefreshed, LabelRule::OwnClean,
    LabelRule::True, LabelRule::JointClean, LabelRule::LeastLikely };

} // namespace

int LeakTrack::done() const
{
    return trace ? static_cast<int>(trace->subSteps.size()) - 1 : 0;
}

LeakSession::LeakSession(ExplorerSession& explorer, QObject* parent)
    : QObject(parent)
    , m_explorer(explorer)
    , m_exact(explorer)
    , m_targets(explorer)
{
    m_planTimer.setSingleShot(true);
    m_planTimer.setInterval(kPlanPauseMs);
    connect(&m_planTimer, &QTimer::timeout, this, &LeakSession::replan);
    m_publishTimer.setSingleShot(true);
    m_publishTimer.setInterval(kPublishPauseMs);
    connect(
        &m_publishTimer, &QTimer::timeout, this,
        [this] {
            fillTraces();
            emit tracksChanged();
        });
    const auto later = [this] { m_planTimer.start(); };
    connect(&explorer, &ExplorerSession::stateChanged, this, [this, later] {
        // Before the explorer's own run begins: what is here need not be computed again.
        if (m_explorer.outdated() && !m_explorer.showsPair())
            m_explorer.adopt(m_kept.find(m_explorer.request()));
        later();
    });
    connect(&explorer, &ExplorerSession::labelChanged, this, later);
    connect(&explorer, &ExplorerSession::photoChanged, this, &LeakSession::photoReplaced);
    connect(&explorer, &ExplorerSession::traceChanged, this, later);
    connect(&explorer, &ExplorerSession::modelsChanged, this, later);
    connect(&explorer, &ExplorerSession::exported, this, later);
    connect(
        &explorer, &ExplorerSession::traceFinished, this,
        [this, later] {
            if (m_explorer.trace() && m_explorer.trace()->madeElsewhere.empty())
                m_kept.keep(m_explorer.trace());
            later();
        });
    connect(&explorer, &ExplorerSession::runningChanged, this, [this, later](bool running) {
        if (running && m_jobs.busy()) {
            m_jobs.cancel(); // the explorer goes first; what is there stays
        }
        later();
    });
    connect(
        &m_jobs, &JobRunner::failed, this,
        [this](const QString& message) {
            m_failed = true;
            emit errorRaised(message);
        });
    connect(&m_jobs, &JobRunner::finished, this, [this](quint64 number) {
        if (number == m_jobs.newest()) {
            m_jobRequests.clear();
            replan();
            emit runningChanged(m_jobs.busy());
        }
    });
    connect(&m_exact, &ExactComparer::changed, this, &LeakSession::exactChanged);
    connect(&m_exact, &ExactComparer::errorRaised, this, &LeakSession::errorRaised);
    connect(&m_targets, &TargetFinder::errorRaised, this, &LeakSession::errorRaised);
    connect(&m_targets, &TargetFinder::said, this, &LeakSession::said);
}

LeakSession::~LeakSession() = default;

void LeakSession::setActive(bool active)
{
    if (active == m_active)
        return;
    m_active = active;
    if (!active)
        m_jobs.cancel();
    m_planTimer.start();
}

void LeakSession::setView(LeakView view)
{
    if (view != m_view) {
        m_view = view;
        replan();
    }
}

void LeakSession::setBothProjections(bool both)
{
    if (both != m_both) {
        m_both = both;
        replan();
    }
}

bool LeakSession::settled() const
{
    return !m_planTimer.isActive() && !m_publishTimer.isActive() && !m_jobs.busy()
        && !m_exact.busy() && !m_targets.busy();
}

QString LeakSession::viewObstacle(LeakView view) const
{
    const AttackRequest request = m_explorer.request();
    if (!usesSources(request.method))
        return tr("This method attacks no label.");
    if (view == LeakView::Rules) {
        return isTargeted(request.method)
            ? tr(
                "A targeted method has one rule: towards the target. The networks can be compared.")
            : QString();
    }
    return withAllSources() ? QString() : tr("There is only one source.");
}

std::optional<ExplorerState> LeakSession::withAllSources() const
{
    ExplorerState state = m_explorer.state();
    if (state.attack.sources.size() > 1)
        return state;
    // One source of the pair is shown alone: the pair is still what is compared.
    const auto& all = m_networks.attack.sources;
    const bool among =
        state.attack.sources.size() == 1 && isAmong(all, state.attack.sources.front());
    if (!among || all.size() < 2)
        return std::nullopt;
    state.attack.sources = all;
    if (state.attack.method == Method::IterTarget
        && m_networks.attack.method == Method::CrossIterativeTarget)
        state.attack.method = Method::CrossIterativeTarget;
    state.attack.rounds = std::max(1, state.attack.rounds / static_cast<int>(all.size()));
    return state;
}

std::vector<ExplorerState> LeakSession::networksPlan() const
{
    std::vector<ExplorerState> states;
    const auto all = withAllSources();
    if (!all)
        return states;
    // Who judges stays the same, whoever is stepped.
    const auto withSources = [&](const std::vector<std::string>& sources) {
        ExplorerState state = *all;
        state.attack.sources = sources;
        std::erase_if(
            state.attack.judges, [&](const std::string& id) { return isAmong(sources, id); });
        for (const std::string& id : all->attack.sources)
            if (!isAmong(sources, id) && !isAmong(state.attack.judges, id))
                state.attack.judges.push_back(id);
        return state;
    };
    states.push_back(withSources(all->attack.sources));
    for (const std::string& source : all->attack.sources) {
        ExplorerState single = withSources({ source });
        // The single-network form of the seed's targeted attack has a name of its own.
        if (single.attack.method == Method::CrossIterativeTarget)
            single.attack.method = Method::IterTarget;
        // As many gradient steps as all sources together take.
        single.attack.rounds =
            std::min(1000, all->attack.rounds * static_cast<int>(all->attack.sources.size()));
        states.push_back(single);
    }
    return states;
}

std::vector<ExplorerState> LeakSession::rulesPlan() const
{
    std::vector<ExplorerState> states;
    ExplorerState state = m_explorer.state();
    std::vector<Projection> projections { state.attack.projection };
    if (m_both)
        projections = { Projection::None, Projection::Ball };
    for (const Projection projection : projections) {
        for (const LabelRule rule : kComparedRules) {
            state.attack.projection = projection;
            state.attack.labelRule = rule;
            states.push_back(state);
        }
    }
    return states;
}

QVector<LeakTrack> LeakSession::plan() const
{
    QVector<LeakTrack> tracks;
    if (!m_explorer.hasPhoto() || !viewObstacle(m_view).isEmpty())
        return tracks;
    const AttackRequest own = m_explorer.request();
    int subSteps = 0;
    for (const ExplorerState& state : m_view == LeakView::Rules ? rulesPlan() : networksPlan()) {
        LeakTrack track;
        track.state = state;
        track.request = state.request(own.trueLabel);
        track.shown = track.request == own;
        subSteps += subStepCount(track.request);
        tracks << track;
    }
    for (LeakTrack& track : tracks) {
        AttackRequest& request = track.request;
        request.keepFloats = subSteps <= kMostWithFloats;
        if (request.labelRule == LabelRule::True && !request.trueLabel)
            track.obstacle = tr("no true label is known: set one under Photo");
        else if (request.labelRule == LabelRule::Target && !request.target)
            track.obstacle = tr("choose a target label first");
        else
            track.obstacle = whyNot(request);
    }
    return tracks;
}

void LeakSession::replan()
{
    m_planTimer.stop();
    if (m_explorer.state().attack.sources.size() > 1)
        m_networks = m_explorer.state();
    QVector<LeakTrack> next = plan();
    const auto same = [](const LeakTrack& a, const LeakTrack& b) { return a.request == b.request; };
    if (!std::equal(m_tracks.begin(), m_tracks.end(), next.begin(), next.end(), same)) {
        m_stopped = false; // other attacks are asked for
        m_failed = false;
    }
    m_tracks = next;
    fillTraces();
    emit tracksChanged();
    m_exact.follow();

    const std::vector<AttackRequest> wanted = missing();
    const bool may = m_active && !m_stopped && !m_failed && !m_explorer.running()
        && !m_explorer.loadingPhoto() && !m_explorer.dragging() && m_explorer.obstacle().isEmpty();
    if (m_jobs.busy()) {
        const bool useful = may && !m_jobRequests.empty() && !wanted.empty()
            && contains(wanted, m_jobRequests.front());
        if (!useful)
            m_jobs.cancel(); // finished() comes back here
        return;
    }
    // While the explorer is about to compute its own trace, wait: that trace is one of these.
    if (may && !wanted.empty() && (m_explorer.settled() || !m_explorer.automatic()))
        startJobs(wanted);
}

std::vector<AttackRequest> LeakSession::missing() const
{
    std::vector<AttackRequest> requests;
    for (const LeakTrack& track : m_tracks)
        if (track.obstacle.isEmpty() && !track.complete())
            requests.push_back(track.request);
    return requests;
}

void LeakSession::startJobs(const std::vector<AttackRequest>& requests)
{
    m_jobRequests = requests;
    if (!m_shared)
        m_shared = std::make_shared<SharedWork>(m_explorer.photo().clean);
    // What an earlier run left is gone on from.
    std::vector<std::shared_ptr<const AttackTrace>> previous;
    previous.reserve(requests.size());
    for (const AttackRequest& request : requests)
        previous.push_back(m_kept.find(request));
    const Image clean = m_explorer.photo().clean;
    m_jobs.start([this, engine = m_explorer.engine(), requests, previous, clean, shared = m_shared](
                     const JobRunner::Job& job) {
        for (std::size_t i = 0; i < requests.size() && !job.stop().stop_requested(); ++i) {
            auto growing = std::make_shared<AttackTrace>();
            growing->request = requests[i];
            growing->clean = clean;
            growing->judges = requests[i].judges;
            const auto sink = [this, &job, &growing](
                                  const std::shared_ptr<const SubStep>& subStep) {
                growing->subSteps.push_back(subStep);
                auto snapshot = std::make_shared<const AttackTrace>(*growing);
                job.post([this, snapshot] { take(snapshot); });
            };
            const auto trace =
                engine->attack(requests[i], clean, previous[i], sink, {}, job.stop(), shared.get());
            if (trace)
                job.post([this, trace] {
                    m_kept.keep(trace);
                    take(trace);
                });
            job.post([this, request = requests[i]] {
                std::erase(m_jobRequests, request); // the next one is at work
            });
        }
    });
    emit runningChanged(true);
}

void LeakSession::take(const std::shared_ptr<const AttackTrace>& trace)
{
    for (LeakTrack& track : m_tracks)
        if (track.request == trace->request
            && track.done() < static_cast<int>(trace->subSteps.size()))
            track.trace = trace;
    if (!m_publishTimer.isActive())
        m_publishTimer.start();
}

void LeakSession::fillTraces()
{
    const auto own = m_explorer.trace();
    for (LeakTrack& track : m_tracks) {
        std::shared_ptr<const AttackTrace> best = track.trace; // what streams in
        const auto better = [&](const std::shared_ptr<const AttackTrace>& trace) {
            return trace && trace->madeElsewhere.empty()
                && sameButRounds(trace->request, track.request)
                && (!best || trace->subSteps.size() > best->subSteps.size());
        };
        if (best && best->request != track.request)
            best.reset();
        if (const auto trace = m_kept.find(track.request); better(trace))
            best = trace;
        AttackRequest plain = track.request;
        plain.keepFloats = true; // whether floats were kept decides no byte of what is shown here
        if (own && own->madeElsewhere.empty() && sameButRounds(own->request, plain)
            && (!best || own->subSteps.size() > best->subSteps.size()))
            best = own;
        track.trace = best ? traceUpTo(best, track.request) : nullptr;
    }
}

void LeakSession::photoReplaced()
{
    m_kept.clear();
    m_shared.reset();
    m_tracks.clear();
    m_jobs.start([](const JobRunner::Job&) {}); // late results of the old photo: dropped
    m_jobRequests.clear();
    m_exact.reset();
    m_planTimer.start();
}

void LeakSession::run()
{
    m_stopped = false;
    m_failed = false;
    replan();
}

void LeakSession::cancel()
{
    m_stopped = true;
    m_jobs.cancel();
    emit tracksChanged();
}

int LeakSession::shownTrack() const
{
    const auto found =
        std::ranges::find_if(m_tracks, [](const LeakTrack& track) { return track.shown; });
    return found == m_tracks.end() ? -1 : static_cast<int>(found - m_tracks.begin());
}

bool LeakSession::watchesTarget() const
{
    return isTargeted(m_explorer.state().attack.method);
}

std::optional<int> LeakSession::watchedLabel() const
{
    return watchesTarget() ? m_explorer.request().target : m_explorer.trueLabel().label;
}

void LeakSession::goTo(int track, int subStep)
{
    if (track < 0 || track >= m_tracks.size() || !m_tracks[track].obstacle.isEmpty())
        return;
    const LeakTrack chosen = m_tracks[track];
    ExplorerState next = m_explorer.state();
    next.attack.method = chosen.state.attack.method;
    next.attack.labelRule = chosen.state.attack.labelRule;
    next.attack.projection = chosen.state.attack.projection;
    next.attack.sources = chosen.state.attack.sources;
    next.attack.judges = chosen.state.attack.judges;
    next.attack.rounds = chosen.state.attack.rounds;
    next.leavePair();
    if (next != m_explorer.state()) {
        const bool rule = next.attack.labelRule != m_explorer.state().attack.labelRule;
        const auto setting = m_view == LeakView::Networks ? Setting::Sources
            : rule                                        ? Setting::LabelRule
                                                          : Setting::Projection;
        m_explorer.adopt(m_kept.find(chosen.request));
        m_explorer.change(next, setting);
    }
    if (m_explorer.outdated())
        m_explorer.run(); // from the trace that was adopted: shown at once
    m_explorer.setCurrentSubStep(subStep);
}

} // namespace crossiter::ui
