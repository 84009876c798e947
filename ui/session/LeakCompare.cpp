// LeakSession: the comparison with the exact trace, and targets found without naming them.
#include "core/attack/AttackTrace.h"
#include "core/classify/Labels.h"
#include "core/contest/LabelMatch.h"
#include "ui/session/LeakSession.h"

#include <QFileInfo>

#include <algorithm>

namespace crossiter::ui {

int ExactComparison::departure() const
{
    if (firstPicture < 0 || firstLabel < 0) {
        return std::max(firstPicture, firstLabel);
    }
    return std::min(firstPicture, firstLabel);
}

void LeakSession::compareWithExact()
{
    const AttackRequest shown = m_explorer.request();
    if (const QString reason = m_explorer.obstacle(); !reason.isEmpty()) {
        emit errorRaised(reason);
        return;
    }
    if (m_exactTrace && !sameButRounds(m_exact.shown, shown)) {
        m_exactTrace.reset();
    }
    if (!m_exactTrace || !sameButRounds(m_exact.shown, shown)) {
        m_comparedSteps.clear();
        m_exact = {};
    }
    m_exact.shown = shown;
    const bool enough =
        m_exactTrace && static_cast<int>(m_exactTrace->subSteps.size()) > subStepCount(shown);
    if (enough) {
        compareMore();
        emit exactChanged();
        return;
    }
    AttackRequest exact = shown;
    exact.numerics = Numerics::Exact;
    exact.keepFloats = false;
    m_exact.running = true;
    m_exactJobs.start([this, engine = m_explorer.engine(), exact, previous = m_exactTrace,
                          clean = m_explorer.photo().clean](const JobRunner::Job& job) {
        auto growing = std::make_shared<AttackTrace>();
        growing->request = exact;
        growing->judges = exact.judges;
        const auto sink = [this, &job, &growing](const std::shared_ptr<const SubStep>& subStep) {
            growing->subSteps.push_back(subStep);
            auto snapshot = std::make_shared<const AttackTrace>(*growing);
            job.post([this, snapshot] {
                m_exactTrace = snapshot;
                compareMore();
                emit exactChanged();
            });
        };
        const auto trace = engine->attack(exact, clean, previous, sink, {}, job.stop());
        job.post([this, trace] {
            if (trace) {
                m_exactTrace = trace; // the one that can be gone on from
            }
            compareMore();
        });
    });
    emit exactChanged();
}

void LeakSession::cancelExact()
{
    m_exactJobs.cancel();
}

void LeakSession::followExact()
{
    if (m_exact.compared < 0 && !m_exact.running) {
        return;
    }
    const AttackRequest now = m_explorer.request();
    if (!sameButRounds(now, m_exact.shown)) { // another attack: the marks were not of it
        if (m_exactJobs.busy()) {
            m_exactJobs.start([](const JobRunner::Job&) {});
        }
        m_exactTrace.reset();
        m_comparedSteps.clear();
        m_exact = {};
        emit exactChanged();
        return;
    }
    const int before = m_exact.compared;
    m_exact.shown = now;
    compareMore();
    if (m_exact.compared != before) {
        emit exactChanged();
    }
}

void LeakSession::compareMore()
{
    const auto own = m_explorer.trace();
    if (!m_exactTrace || !own || !own->madeElsewhere.empty()
        || !sameButRounds(own->request, m_exact.shown)) {
        return;
    }
    const std::size_t common = std::min(own->subSteps.size(), m_exactTrace->subSteps.size());
    const bool prefix = m_comparedSteps.size() <= common
        && std::equal(m_comparedSteps.begin(), m_comparedSteps.end(), own->subSteps.begin());
    if (!prefix) { // cut, or computed anew: float32 traces are samples
        m_comparedSteps.clear();
        const AttackRequest shown = m_exact.shown;
        const bool running = m_exact.running;
        m_exact = {};
        m_exact.shown = shown;
        m_exact.running = running;
    }
    for (std::size_t at = m_comparedSteps.size(); at < common; ++at) {
        const SubStepDifference apart =
            differenceOf(*own->subSteps[at], *m_exactTrace->subSteps[at]);
        const int subStep = static_cast<int>(at);
        m_comparedSteps.push_back(own->subSteps[at]);
        m_exact.equalPixels.push_back(apart.equalPixels);
        m_exact.equalTop1.push_back(apart.equalTop1);
        if (m_exact.firstPicture < 0 && !apart.samePicture) {
            m_exact.firstPicture = subStep;
        }
        if (m_exact.firstLabel < 0 && !apart.sameLabel) {
            m_exact.firstLabel = subStep;
        }
        m_exact.compared = subStep;
    }
}

std::vector<Prediction> LeakSession::cleanOfSources() const
{
    std::vector<Prediction> clean;
    const auto trace = m_explorer.trace();
    if (!trace || !trace->clean.isImageSpace()) {
        return clean; // of a pair at another size the networks were asked about another picture
    }
    // In the sources' order, each once: as the command line ranks them.
    for (const std::string& source : m_explorer.state().sources) {
        if (const int judge = trace->judgeIndex(source); judge >= 0) {
            clean.push_back(trace->subSteps.front()->judges[static_cast<std::size_t>(judge)]);
        }
    }
    return clean;
}

QString LeakSession::rankObstacle() const
{
    return cleanOfSources().size() == m_explorer.state().sources.size()
        ? QString()
        : tr("The sources have not judged this photo yet: run any attack first.");
}

void LeakSession::chooseTargetByRank(TargetRank rank)
{
    if (const QString reason = rankObstacle(); !reason.isEmpty()) {
        emit errorRaised(reason);
        return;
    }
    setTarget(chooseTarget(rank, cleanOfSources(), m_explorer.request().trueLabel,
        m_explorer.state().seed, m_explorer.photo().clean));
    emit said(tr("Target: %1").arg(QString::fromStdString(describe(rank))));
}

void LeakSession::chooseTargetFrom(const QString& csv)
{
    m_files.start([this, csv, photo = m_explorer.photo().path](const JobRunner::Job& job) {
        const LabelTable table = readTargetTable(csv.toStdString());
        const auto target = findInTable(table, photo.toStdString());
        const LabelMatch match = matchTable(csv.toStdString(), table, { photo.toStdString() });
        job.post([this, csv, photo, target, match] {
            if (photo != m_explorer.photo().path) {
                return; // another photo was opened meanwhile
            }
            if (!target) {
                emit errorRaised(tr("%1 has no target for %2. %3")
                                     .arg(QFileInfo(csv).fileName(), QFileInfo(photo).fileName(),
                                         QString::fromStdString(describe(match))));
                return;
            }
            setTarget(*target);
            emit said(tr("Target from %1").arg(QFileInfo(csv).fileName()));
        });
    });
}

void LeakSession::setTarget(int label)
{
    ExplorerState next = m_explorer.state();
    next.target = label;
    m_explorer.change(next, Setting::Target);
}

} // namespace crossiter::ui
