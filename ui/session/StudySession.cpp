#include "ui/session/StudySession.h"

#include "core/base/Error.h"
#include "core/jobs/StudyJobs.h"
#include "ui/session/Counted.h"

#include <QDir>
#include <QFileInfo>
#include <QStandardPaths>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr const char* kJournalName = "study.journal.jsonl"; // the command line's
constexpr int kLookAfterMs = 300;

StudyInput inputOf(const StudyForm& form)
{
    StudyInput input;
    input.folder = form.folder.toStdString();
    input.labels.labelsCsv = form.labelsCsv.toStdString();
    input.labels.base = form.labelBase;
    input.limit = static_cast<std::size_t>(std::max(0, form.photos));
    return input;
}

QString sentenceOf(const StudyResult& result)
{
    if (result.cancelled) {
        return StudySession::tr("Study stopped: %1 of %2 measured, Resume goes on")
            .arg(result.done)
            .arg(countedText(static_cast<qint64>(result.photos), StudySession::tr("photo"),
                StudySession::tr("photos")));
    }
    const QString photos = countedText(
        static_cast<qint64>(result.done), StudySession::tr("photo"), StudySession::tr("photos"));
    return result.failed.empty()
        ? StudySession::tr("Study complete · %1").arg(photos)
        : StudySession::tr("Study ended · %1 measured, %2 not readable: Resume tries them again")
              .arg(photos)
              .arg(result.failed.size());
}

Provenance provenanceOf(Engine& engine, const StudyResult& result, const StudyForm& form)
{
    const StudyInput input = inputOf(form);
    StudyPhotos photos = studyPhotos(input, attacksTrueLabels(result.request));
    judgeLabels(photos, result);
    return studyProvenance(engine, result.request.attack, input, photos);
}

} // namespace

StudySession::StudySession(ExplorerSession& explorer, QObject* parent)
    : QObject(parent)
    , m_explorer(explorer)
{
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    m_form.output = QDir(documents).filePath(QStringLiteral("crossiter-study"));
    connect(&explorer, &ExplorerSession::stateChanged, this, &StudySession::formChanged);
    connect(&explorer, &ExplorerSession::photoChanged, this, [this] {
        if (m_form.folder.isEmpty() && m_explorer.hasPhoto())
            m_form.folder = QFileInfo(m_explorer.photo().path).absolutePath();
        emit formChanged();
    });
    m_probeTimer.setSingleShot(true);
    m_probeTimer.setInterval(kLookAfterMs);
    connect(&m_probeTimer, &QTimer::timeout, this, &StudySession::look);
    connect(this, &StudySession::formChanged, this, &StudySession::lookSoon);
    connect(&m_jobs, &JobRunner::failed, this, &StudySession::errorRaised);
    connect(&m_exports.runner(), &JobRunner::failed, this, &StudySession::errorRaised);
    connect(
        &m_jobs, &JobRunner::progressed, this,
        [this](const Progress& progress) {
            m_progress = progress;
            emit progressChanged();
        });
    connect(&m_jobs, &JobRunner::finished, this, [this](quint64 number) {
        if (number == m_jobs.newest()) {
            m_running = false;
            lookSoon(); // after an error
            emit runningChanged(false);
        }
    });
}

StudySession::~StudySession() = default;

void StudySession::setForm(const StudyForm& form)
{
    if (!m_running && form != m_form) {
        m_form = form;
        emit formChanged();
    }
}

StudyRequest StudySession::request() const
{
    StudyRequest request = defaultStudy();
    const ExplorerState& state = m_explorer.state();
    AttackRequest attack = state.request(std::nullopt);
    if (isTargeted(attack.method) || !usesSources(attack.method)) {
        // Label rules are compared for an attack that has one: the seed's.
        const AttackRequest seed = withMethod(state, Method::CrossIterative).request(std::nullopt);
        attack = seed;
    }
    attack.rounds = m_form.rounds;
    attack.keepFloats = false;
    attack.target.reset();
    // What the study sets itself; the same in every request, so that a journal is known again.
    attack.labelRule = request.attack.labelRule;
    attack.projection = request.attack.projection;
    request.attack = attack;
    request.rules = m_form.rules;
    request.projections.clear();
    if (m_form.none)
        request.projections.push_back(Projection::None);
    if (m_form.ball)
        request.projections.push_back(Projection::Ball);
    request.orders.clear();
    if (m_form.given)
        request.orders.push_back(SourceOrder::Given);
    if (m_form.reversed)
        request.orders.push_back(SourceOrder::Reversed);
    return request;
}

QString StudySession::obstacle() const
{
    if (m_form.folder.isEmpty())
        return tr("Choose a folder of photos.");
    if (m_form.output.isEmpty())
        return tr("Choose an output folder.");
    if (m_form.rules.empty())
        return tr("Choose a label rule.");
    if (!m_form.none && !m_form.ball)
        return tr("Choose a projection.");
    if (!m_form.given && !m_form.reversed)
        return tr("Choose an order of sources.");
    try {
        checkStudy(request());
        return {};
    } catch (const Error& error) {
        return QString::fromUtf8(error.what());
    }
}

QString StudySession::journalFile() const
{
    return QDir(m_form.output).filePath(QLatin1String(kJournalName));
}

bool StudySession::hasJournal() const
{
    return !m_form.output.isEmpty() && QFileInfo::exists(journalFile());
}

std::optional<StudyStage> StudySession::stage() const
{
    if (!hasJournal())
        return StudyStage::None;
    return m_looked == Looked { m_form, request() } ? m_stage : std::nullopt;
}

void StudySession::setWatched(bool watched)
{
    m_watched = watched;
    lookSoon();
}

void StudySession::lookSoon()
{
    if (m_watched && !m_running && !stage())
        m_probeTimer.start();
}

void StudySession::look()
{
    if (m_running || stage() || !obstacle().isEmpty())
        return;
    m_probe.start([this, of = Looked { m_form, request() }, journal = journalFile()](
                      const JobRunner::Job& job) {
        std::optional<StudyStage> found;
        try {
            const StudyPhotos photos = studyPhotos(inputOf(of.form), attacksTrueLabels(of.request));
            found = studyStage(of.request, photos.photos, journal.toStdString());
        } catch (const Error&) {
            found = StudyStage::Unfinished; // Resume says what is wrong
        }
        job.post([this, of, found] { know(of, found); });
    });
}

void StudySession::know(const Looked& of, std::optional<StudyStage> stage)
{
    m_looked = of;
    m_stage = stage;
    emit formChanged();
}

void StudySession::start(bool resume)
{
    if (m_running)
        return;
    if (const QString reason = obstacle(); !reason.isEmpty()) {
        emit errorRaised(reason);
        return;
    }
    m_running = true;
    m_stage.reset(); // it changes from now on
    m_result.reset();
    m_labelLines.clear();
    m_studied = m_form;
    m_progress = {};
    emit resultChanged();
    emit runningChanged(true);
    m_jobs.start([this, engine = m_explorer.engine(), request = request(), form = m_form, resume](
                     const JobRunner::Job& job) {
        StudyPhotos photos = studyPhotos(inputOf(form), attacksTrueLabels(request));
        const auto tellLabels = [this, &job, &photos] {
            QStringList lines;
            for (const std::string& line : photos.labels.lines())
                lines << QString::fromStdString(line);
            job.post([this, lines] {
                m_labelLines = lines;
                if (!lines.isEmpty())
                    emit said(lines.last());
                emit resultChanged();
            });
        };
        tellLabels();
        requireStudyOutput(*engine, inputOf(form), request.attack, form.output.toStdString());
        const OutputFolder output(form.output.toStdString());
        StudyJournalPlace journal;
        journal.file = output.path() / kJournalName;
        journal.resume = resume;
        const auto sink = [this, &job](const std::shared_ptr<const StudyResult>& result) {
            job.post([this, result] {
                m_result = result;
                emit resultChanged();
            });
        };
        const auto result =
            studyFolder(*engine, request, photos, journal, sink, job.progress(), job.stop());
        judgeLabels(photos, *result);
        const bool suspicious = !photos.labels.suspicion.empty();
        job.post([this, result, of = Looked { form, request }] {
            m_result = result;
            know(
                of, result->done == result->photos ? StudyStage::Complete : StudyStage::Unfinished);
            emit resultChanged();
            emit said(sentenceOf(*result));
        });
        if (suspicious)
            tellLabels(); // after the end is told: it must be seen
    });
}

void StudySession::cancel()
{
    m_jobs.cancel();
}

void StudySession::exportReports(const QString& folder)
{
    if (!m_result) {
        emit errorRaised(tr("There is no study yet: start one over a folder."));
        return;
    }
    m_exports.add([this, engine = m_explorer.engine(), result = m_result, form = m_studied, folder](
                      const JobRunner::Job& job) {
        requireStudyOutput(*engine, inputOf(form), result->request.attack, folder.toStdString());
        const OutputFolder output(folder.toStdString());
        QStringList paths;
        for (const auto& path :
            writeStudy(output.path(), *result, provenanceOf(*engine, *result, form)))
            paths << QString::fromStdString(path.string());
        job.post([this, paths] { emit exported(paths); });
    });
}

void StudySession::exportFigureProvenance(
    const QString& picture, const std::shared_ptr<const StudyResult>& result)
{
    if (!result) {
        emit exported({ picture });
        return;
    }
    m_exports.add([this, engine = m_explorer.engine(), result, form = m_studied, picture](
                      const JobRunner::Job& job) {
        const auto beside = writeStudyFigureProvenance(
            picture.toStdString(), *result, provenanceOf(*engine, *result, form));
        const QString path = QString::fromStdString(beside.string());
        job.post([this, picture, path] { emit exported({ picture, path }); });
    });
}

} // namespace crossiter::ui
