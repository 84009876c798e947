// DefenseSession's sweep: what is asked for, when it runs, pauses and ends; the folder's best size.
#include "core/base/Error.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/DefenseSettings.h"

#include <algorithm>

namespace crossiter::ui {

SweepRequest DefenseSession::sweepRequest() const
{
    const ExplorerState& state = m_session.state();
    const auto trace = m_session.trace();
    SweepRequest request;
    request.models = trace ? trace->judges : m_wanted.models;
    request.sizes = state.sweepSizes.list();
    // The swept size is no part of the question: moving the slider asks nothing new.
    request.defense = withSize(effective(state.defense), kImageSide);
    request.trueLabel = m_session.trueLabel().label;
    request.target = isTargeted(state.method) ? state.target : std::nullopt;
    request.numerics = state.numerics;
    request.threads = state.threads;
    request.device = parseDevice(state.device);
    return request;
}

int DefenseSession::cellsPlanned() const
{
    return static_cast<int>(
        m_sweepRequest.sizes.size() * m_sweepSubSteps.size() * m_sweepRequest.models.size());
}

void DefenseSession::followSweep()
{
    const auto trace = m_session.trace();
    const SweepRequest wanted = sweepRequest();
    const auto subSteps = trace ? trace->subSteps : std::vector<std::shared_ptr<const SubStep>>();
    if (wanted == m_sweepRequest && subSteps == m_sweepSubSteps) {
        if (wantsSweep() && !m_idle.isActive()) {
            m_idle.start();
        }
        return;
    }
    pauseSweep();
    // A trace that only grew, other sizes: cells that answer the same question stay.
    SweepRequest alike = wanted;
    alike.sizes = m_sweepRequest.sizes;
    const auto common = std::min(subSteps.size(), m_sweepSubSteps.size());
    const bool sameStart = common > 0
        && std::equal(subSteps.begin(), subSteps.begin() + static_cast<std::ptrdiff_t>(common),
            m_sweepSubSteps.begin());
    if (!(alike == m_sweepRequest) || !sameStart) {
        m_cells.clear();
        m_sweepAsked = false; // another question is not what was asked for
    } else {
        std::erase_if(m_cells, [&](const auto& entry) {
            const auto& [subStep, size, model] = entry.first;
            return static_cast<std::size_t>(subStep) >= subSteps.size()
                || !std::binary_search(wanted.sizes.begin(), wanted.sizes.end(), size);
        });
    }
    m_sweepRequest = wanted;
    m_sweepSubSteps = subSteps;
    m_sweepComplete =
        !subSteps.empty() && m_cells.size() == static_cast<std::size_t>(cellsPlanned());
    m_sweepStopped = false;
    publishSweep();
    m_idle.start();
}

bool DefenseSession::wantsSweep() const
{
    const bool may = m_sweepAsked
        || (m_watched && m_automatic && !m_sweepStopped && !isCostly(m_sweepRequest.defense));
    return may && !m_sweepComplete && !m_sweepSubSteps.empty() && !m_session.running()
        && !m_session.outdated() && weightsThere();
}

void DefenseSession::pauseSweep()
{
    if (m_sweepRunner.busy()) {
        m_sweepRunner.cancel(); // what it has done arrives still
    }
}

void DefenseSession::startSweep()
{
    if (const QString reason = obstacle(); !reason.isEmpty()) {
        emit errorRaised(reason);
        return;
    }
    m_sweepAsked = true;
    m_sweepStopped = false;
    if (m_session.running() || !m_session.trace()) {
        return; // the trace's end begins it
    }
    if (!m_sweepRunner.busy() && wantsSweep()) {
        runSweep();
    }
}

void DefenseSession::cancel()
{
    m_sweepAsked = false;
    m_sweepStopped = true;
    m_idle.stop();
    pauseSweep();
    m_folderRunner.cancel();
    emit sweepChanged();
}

void DefenseSession::runSweep()
{
    if (m_sweepRunner.busy() || m_dragging || m_session.dragging() || m_sourceWork
        || m_sources.busy() || m_judges.busy()) {
        m_idle.start(); // the hand comes first
        return;
    }
    m_sweepRunner.start(
        [this, engine = m_session.engine(), request = m_sweepRequest, trace = m_session.trace(),
            shown = m_session.currentSubStep()](const JobRunner::Job& job) {
            const auto sink = [this, &job, &request, &trace](const std::vector<SweepCell>& cells) {
                job.post([this, request, trace, cells] {
                    if (request == m_sweepRequest) {
                        takeCells(cells, *trace);
                    }
                });
            };
            // The curve that is on the screen first, then the whole map; the engine remembers
            // cells.
            SweepRequest part = request;
            part.subSteps = { shown };
            if (!engine->sweep(part, trace, sink, job.progress(), job.stop())->cancelled) {
                static_cast<void>(engine->sweep(request, trace, sink, job.progress(), job.stop()));
            }
            job.post([this] { sweepEnded(); });
        });
}

void DefenseSession::takeCells(const std::vector<SweepCell>& cells, const AttackTrace& trace)
{
    for (const SweepCell& cell : cells) {
        const auto at = static_cast<std::size_t>(cell.subStep);
        if (at < m_sweepSubSteps.size() && trace.subSteps[at] == m_sweepSubSteps[at]) {
            m_cells[{ cell.subStep, cell.size, cell.model }] = cell;
        }
    }
    if (!m_publish.isActive()) {
        m_publish.start();
    }
}

void DefenseSession::sweepEnded()
{
    // Counted, not believed: what was asked for may have changed and come back while it ran, and
    // the cells that did not fit meanwhile are gone.
    m_sweepComplete = !m_sweepSubSteps.empty() && cellsDone() == cellsPlanned();
    m_sweepAsked = m_sweepAsked && !m_sweepComplete;
    publishSweep();
    if (wantsSweep()) {
        m_idle.start(); // paused by the hand
    }
}

void DefenseSession::publishSweep()
{
    m_publish.stop();
    if (m_cells.empty()) {
        m_sweep.reset();
    } else {
        auto result = std::make_shared<SweepResult>();
        result->request = m_sweepRequest;
        for (std::size_t i = 0; i < m_sweepSubSteps.size(); ++i) {
            result->request.subSteps.push_back(static_cast<int>(i));
        }
        result->cells.reserve(m_cells.size());
        for (const auto& [key, cell] : m_cells) {
            result->cells.push_back(cell);
        }
        result->cancelled = !m_sweepComplete;
        m_sweep = result;
    }
    findBest();
    emit sweepChanged();
}

void DefenseSession::findBest()
{
    m_bestSize.reset();
    if (!m_sweep) {
        return;
    }
    SweepResult row; // the shown sub-step alone: core says which size is best on it
    row.request = m_sweep->request;
    const int shown = m_session.currentSubStep();
    row.request.subSteps = { shown };
    for (const SweepCell& cell : m_sweep->cells) {
        if (cell.subStep == shown) {
            row.cells.push_back(cell);
        }
    }
    m_bestSize = row.bestSize();
}

} // namespace crossiter::ui
