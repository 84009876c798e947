#include "ui/session/SweepRun.h"

#include "core/base/Error.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/ExplorerSession.h"
#include "ui/session/ModelChoice.h"

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kIdleMs = 500; // no setting has changed for this long: a sweep may begin or go on
constexpr int kPublishMs = 50;

} // namespace

SweepRun::SweepRun(ExplorerSession& explorer, std::function<bool()> mustWait, QObject* parent)
    : QObject(parent)
    , m_session(explorer)
    , m_mustWait(std::move(mustWait))
{
    m_idle.setSingleShot(true);
    m_idle.setInterval(kIdleMs);
    connect(&m_idle, &QTimer::timeout, this, [this] {
        if (wants())
            run();
    });
    m_publishTimer.setSingleShot(true);
    m_publishTimer.setInterval(kPublishMs);
    connect(&m_publishTimer, &QTimer::timeout, this, &SweepRun::publish);
    connect(&m_runner, &JobRunner::failed, this, &SweepRun::failed);
    connect(&m_runner, &JobRunner::failed, this, [this] {
        m_stopped = true; // not again by itself before something changes
        m_asked = false;
    });
    connect(&m_runner, &JobRunner::progressed, this, &SweepRun::progressed);
    connect(&m_runner, &JobRunner::busyChanged, this, &SweepRun::busyChanged);
}

SweepRun::~SweepRun() = default;

void SweepRun::setWatched(bool watched)
{
    m_watched = watched;
    if (!watched && !m_asked)
        pause(); // nobody looks; what is there stays
}

void SweepRun::setDragging(bool dragging)
{
    m_dragging = dragging;
    if (!dragging)
        soon();
}

void SweepRun::setAutomatic(bool automatic)
{
    m_automatic = automatic;
    if (automatic) {
        m_stopped = false;
        soon();
    } else if (!m_asked) {
        pause();
    }
    emit changed();
}

void SweepRun::soon()
{
    m_idle.start();
}

void SweepRun::stop()
{
    m_asked = false;
    m_stopped = true;
    m_idle.stop();
    pause();
}

void SweepRun::forget()
{
    pause();
    m_cells.clear();
    m_subSteps.clear();
    m_asked = false;
    m_complete = false;
    publish();
}

bool SweepRun::settled() const
{
    return !m_runner.busy() && !m_publishTimer.isActive() && !wants();
}

SweepRequest SweepRun::wantedRequest() const
{
    const ExplorerState& state = m_session.state();
    const auto trace = m_session.trace();
    SweepRequest request;
    request.models = trace ? trace->judges : m_models;
    request.sizes = state.sweepSizes.list();
    // The swept size is no part of the question: moving the slider asks nothing new.
    request.defense = withSize(effective(state.defense), kImageSide);
    request.trueLabel = m_session.trueLabel().label;
    request.target = isTargeted(state.attack.method) ? state.attack.target : std::nullopt;
    request.compute = state.attack.compute;
    return request;
}

int SweepRun::cellsPlanned() const
{
    return static_cast<int>(m_request.sizes.size() * m_subSteps.size() * m_request.models.size());
}

void SweepRun::follow(const std::vector<std::string>& models)
{
    m_models = models;
    const auto trace = m_session.trace();
    const SweepRequest wanted = wantedRequest();
    const auto subSteps = trace ? trace->subSteps : std::vector<std::shared_ptr<const SubStep>>();
    if (wanted == m_request && subSteps == m_subSteps) {
        if (wants() && !m_idle.isActive())
            m_idle.start();
        return;
    }
    pause();
    // A trace that only grew, other sizes: cells that answer the same question stay.
    SweepRequest alike = wanted;
    alike.sizes = m_request.sizes;
    const auto common = std::min(subSteps.size(), m_subSteps.size());
    const bool sameStart = common > 0
        && std::equal(subSteps.begin(), subSteps.begin() + static_cast<std::ptrdiff_t>(common),
            m_subSteps.begin());
    if (!(alike == m_request) || !sameStart) {
        m_cells.clear();
        m_asked = false; // another question is not what was asked for
    } else {
        std::erase_if(
            m_cells,
            [&](const auto& entry) {
                const auto& [subStep, size, model] = entry.first;
                return static_cast<std::size_t>(subStep) >= subSteps.size()
                    || !std::ranges::binary_search(wanted.sizes, size);
            });
    }
    m_request = wanted;
    m_subSteps = subSteps;
    m_complete = !subSteps.empty() && m_cells.size() == static_cast<std::size_t>(cellsPlanned());
    m_stopped = false;
    publish();
    m_idle.start();
}

bool SweepRun::wants() const
{
    const bool may =
        m_asked || (m_watched && m_automatic && !m_stopped && !isCostly(m_request.defense));
    return may && !m_complete && !m_subSteps.empty() && !m_session.running()
        && !m_session.outdated() && lackNoWeights(m_session.models(), m_models);
}

void SweepRun::pause()
{
    if (m_runner.busy())
        m_runner.cancel(); // what it has done arrives still
}

void SweepRun::start()
{
    m_asked = true;
    m_stopped = false;
    if (m_session.running() || !m_session.trace())
        return; // the trace's end begins it
    if (!m_runner.busy() && wants())
        run();
}

void SweepRun::run()
{
    if (m_runner.busy() || m_dragging || m_session.dragging() || m_mustWait()) {
        m_idle.start(); // what follows a slider or the scrubber comes first
        return;
    }
    m_runner.start(
        [this, engine = m_session.engine(), request = m_request, trace = m_session.trace(),
            shown = m_session.currentSubStep()](const JobRunner::Job& job) {
            const auto sink = [this, &job, &request, &trace](const std::vector<SweepCell>& cells) {
                job.post([this, request, trace, cells] {
                    if (request == m_request)
                        takeCells(cells, *trace);
                });
            };
            // The curve that is on the screen first, then the whole map; the engine remembers
            // cells.
            SweepRequest part = request;
            part.subSteps = { shown };
            if (!engine->sweep(part, trace, sink, job.progress(), job.stop())->cancelled)
                static_cast<void>(engine->sweep(request, trace, sink, job.progress(), job.stop()));
            job.post([this] { ended(); });
        });
}

void SweepRun::takeCells(const std::vector<SweepCell>& cells, const AttackTrace& trace)
{
    for (const SweepCell& cell : cells) {
        const auto at = static_cast<std::size_t>(cell.subStep);
        if (at < m_subSteps.size() && trace.subSteps[at] == m_subSteps[at])
            m_cells[{ cell.subStep, cell.size, cell.model }] = cell;
    }
    if (!m_publishTimer.isActive())
        m_publishTimer.start();
}

void SweepRun::ended()
{
    // Counted, not believed: what was asked for may have changed and come back while it ran, and
    // the cells that did not fit meanwhile are gone.
    m_complete = !m_subSteps.empty() && cellsDone() == cellsPlanned();
    m_asked = m_asked && !m_complete;
    publish();
    if (wants())
        m_idle.start(); // paused for predictions that were asked for
}

void SweepRun::publish()
{
    m_publishTimer.stop();
    if (m_cells.empty()) {
        m_result.reset();
    } else {
        auto result = std::make_shared<SweepResult>();
        result->request = m_request;
        for (std::size_t i = 0; i < m_subSteps.size(); ++i)
            result->request.subSteps.push_back(static_cast<int>(i));
        result->cells.reserve(m_cells.size());
        for (const auto& [key, cell] : m_cells)
            result->cells.push_back(cell);
        result->cancelled = !m_complete;
        m_result = result;
    }
    emit changed();
}

std::optional<int> SweepRun::bestSize() const
{
    return m_result ? m_result->bestSize(m_session.currentSubStep()) : std::nullopt;
}

} // namespace crossiter::ui
