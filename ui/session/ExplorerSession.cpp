#include "ui/session/ExplorerSession.h"

#include "core/base/Error.h"
#include "core/classify/Labels.h"
#include "core/contest/LabelMatch.h"
#include "ui/session/ModelChoice.h"
#include "ui/session/StateCommand.h"

#include <QDir>
#include <QFileInfo>
#include <QUndoStack>

#include <algorithm>
#include <tuple>

namespace crossiter::ui {

namespace {

constexpr int kRunPauseMs = 250; // a wheel's or a key's next change comes within this
constexpr int kPublishPauseMs = 50;

/// For a worker: reads the table, if there is one, and matches it with the folder's photos.
FoundLabel findLabelOf(const QString& photo, const QString& csv)
{
    FoundLabel found;
    if (csv.isEmpty()) {
        found.label = resolveTrueLabel(photo.toStdString());
        return found;
    }
    const LabelTable table = readLabelTable(csv.toStdString());
    found.label = resolveTrueLabel(photo.toStdString(), std::nullopt, &table);
    std::vector<std::filesystem::path> photos;
    for (const QString& path : photosBeside(photo)) {
        photos.emplace_back(path.toStdString());
    }
    const LabelMatch match = matchTable(csv.toStdString(), table, photos);
    found.tableText = QString::fromStdString(describe(match));
    found.poor = match.isPoor();
    found.report.tables = { matchTable(csv.toStdString(), table, { photo.toStdString() }) };
    return found;
}

} // namespace

ExplorerSession::ExplorerSession(std::shared_ptr<Engine> engine, QObject* parent)
    : QObject(parent)
    , m_engine(std::move(engine))
    , m_state(defaultState())
    , m_undo(new QUndoStack(this))
{
    qRegisterMetaType<crossiter::Progress>();
    m_undo->setUndoLimit(500);
    try {
        m_models = m_engine->models();
    } catch (const Error& error) { // a damaged manifest; said once somebody listens
        m_storeProblem = QString::fromUtf8(error.what());
        QMetaObject::invokeMethod(
            this, [this] { emit errorRaised(m_storeProblem); }, Qt::QueuedConnection);
    }
    m_runTimer.setSingleShot(true);
    m_runTimer.setInterval(kRunPauseMs);
    connect(&m_runTimer, &QTimer::timeout, this, &ExplorerSession::run);
    m_publishTimer.setSingleShot(true);
    m_publishTimer.setInterval(kPublishPauseMs);
    connect(&m_publishTimer, &QTimer::timeout, this, &ExplorerSession::publish);

    for (JobRunner* runner : { &m_compute, &m_files, &m_exports.runner(), &m_traceExport }) {
        connect(runner, &JobRunner::failed, this, &ExplorerSession::errorRaised);
    }
    for (JobRunner* runner : { &m_compute, &m_files, &m_exports.runner() }) {
        connect(runner, &JobRunner::progressed, this, &ExplorerSession::progressed);
    }
    connect(&m_traceExport, &JobRunner::progressed, this, [this](const Progress& progress) {
        if (!running()) { // one bar for both would jump to and fro
            emit progressed(progress);
        }
    });
    connect(&m_traceExport, &JobRunner::busyChanged, this, &ExplorerSession::exportingChanged);
    connect(&m_files, &JobRunner::busyChanged, this, &ExplorerSession::photoLoading);
    connect(&m_files, &JobRunner::failed, this, &ExplorerSession::keepPhoto);
    connect(&m_compute, &JobRunner::failed, this, [this] { m_failed = true; });
    connect(&m_compute, &JobRunner::finished, this, [this](quint64 number) {
        if (number == m_attackNumber) {
            attackEnded(nullptr); // nothing came: failed, or stopped before sub-step 0
        }
    });
}

ExplorerSession::~ExplorerSession() = default;

QString ExplorerSession::modelName(const std::string& id) const
{
    return shownModelName(m_models, id);
}

ShownLabel ExplorerSession::trueLabel() const
{
    if (!hasPhoto()) {
        return {};
    }
    if (m_state.labelChoice == LabelChoice::User) {
        return { m_state.userLabel, false, tr("set by you") };
    }
    if (m_state.labelChoice == LabelChoice::Automatic && m_foundLabel.label) {
        return { m_foundLabel.label, false, QString::fromStdString(describe(m_foundLabel.origin)) };
    }
    if (m_trace) {
        std::vector<Prediction> clean;
        const SubStep& start = *m_trace->subSteps.front();
        for (const Prediction& prediction : start.judges) {
            if (isAmong(m_trace->request.sources, prediction.model)) {
                clean.push_back(prediction);
            }
        }
        if (const int label = jointTop1(clean); label >= 0) {
            return { label, true, tr("assumed: the joint top-1") };
        }
    }
    return { std::nullopt, true, tr("not known") };
}

int ExplorerSession::currentSubStep() const
{
    if (!m_trace) {
        return 0;
    }
    const int last = static_cast<int>(m_trace->subSteps.size()) - 1;
    return m_state.subStep < 0 ? last : std::min(m_state.subStep, last);
}

std::shared_ptr<const SubStep> ExplorerSession::subStep() const
{
    return m_trace ? m_trace->subSteps[static_cast<std::size_t>(currentSubStep())] : nullptr;
}

void ExplorerSession::reloadModels()
{
    try {
        m_models = m_engine->models();
        m_storeProblem.clear();
    } catch (const Error& error) {
        m_storeProblem = QString::fromUtf8(error.what());
        emit errorRaised(m_storeProblem);
        return;
    }
    emit modelsChanged();
    // What could not run for want of weights may run now.
    if (m_automatic && !m_trace && obstacle().isEmpty()) {
        m_failed = false;
        scheduleRun();
    }
}

AttackRequest ExplorerSession::request() const
{
    const ShownLabel label = trueLabel();
    return m_state.request(label.assumed ? std::nullopt : label.label);
}

QString ExplorerSession::obstacle() const
{
    if (!hasPhoto()) {
        return tr("Open a photo first.");
    }
    for (const std::string& id : m_state.judges()) {
        if (!hasWeights(m_models, { id })) {
            return tr("The weights of %1 are not here yet: Models > Model manager fetches or "
                      "imports them.")
                .arg(modelName(id));
        }
    }
    const AttackRequest wanted = request();
    if (wanted.labelRule == LabelRule::True && !wanted.trueLabel) {
        return tr("The rule “true” needs a true label: set one under Photo.");
    }
    if (wanted.labelRule == LabelRule::Target && isTargeted(wanted.method) && !wanted.target) {
        return tr("Choose a target label.");
    }
    return whyNot(wanted);
}

bool ExplorerSession::outdated() const
{
    if (!hasPhoto() || running()) {
        return false;
    }
    if (showsPair()) {
        return !m_trace || m_trace->madeElsewhere.empty() || m_pairJudged != m_pairLoaded
            || !sameButRounds(m_trace->request, pairRequest());
    }
    return !m_trace || !m_trace->madeElsewhere.empty()
        || !sameButRounds(m_trace->request, request())
        || static_cast<int>(m_trace->subSteps.size()) - 1 != subStepCount(request());
}

bool ExplorerSession::stale() const
{
    if (!m_trace) {
        return false;
    }
    const AttackRequest wanted = running() ? m_attackRequest
        : showsPair()                      ? pairRequest()
                                           : request();
    const AttackRequest& shown = m_trace->request;
    const bool elsewhere = showsPair() == m_trace->madeElsewhere.empty();
    return elsewhere || !sameButRounds(shown, wanted)
        || (!showsPair() && subStepCount(shown) != subStepCount(wanted));
}

void ExplorerSession::change(const ExplorerState& next, Setting setting)
{
    if (next == m_state) {
        return;
    }
    ExplorerState wanted = next;
    // Another attack is asked for: the picture made elsewhere gives way. What only decides who
    // judges, and how, keeps it.
    const auto attack = [](const ExplorerState& state) {
        return std::tuple(state.method, state.labelRule, state.target, state.epsilon255,
            state.rounds, state.stepPx, state.projection, state.save, state.seed);
    };
    if (setting != Setting::Session && next.pair == m_state.pair
        && attack(next) != attack(m_state)) {
        wanted.leavePair();
    }
    m_undo->push(new StateCommand(*this, m_state, wanted, setting, m_dragging));
}

void ExplorerSession::apply(const ExplorerState& next)
{
    const int shown = m_state.subStep;
    const ShownLabel label = trueLabel();
    // There is no way back to an empty window: a state without a photo keeps the one that is open.
    const QString path = next.photo.isEmpty() ? m_photo.path : next.photo;
    if (next.pair.isEmpty()) {
        m_other = {};
    }
    const bool leavesSize = next.pair.isEmpty() && offImageSpace();
    const bool resized = !next.pair.isEmpty() && next.pairSize != loadedPairSize();
    const bool reload = path != m_photo.path || next.pair != m_other.path || resized
        || (hasPhoto() && (next.crop != m_photoCrop || next.labelsCsv != m_photoCsv));
    ExplorerState sameDefense = next;
    sameDefense.defense = m_state.defense;
    m_failed = m_failed && sameDefense == m_state; // another defense is no other attack
    m_state = next;
    m_state.photo = path;
    m_state.subStep = shown;
    if (leavesSize) {
        leaveOffImageSpace();
    }
    if (reload) {
        loadPhotoFor(m_state, Setting::Photo); // an undo or redo across photos, or another crop
    }
    relabel();
    emit stateChanged();
    if (const ShownLabel now = trueLabel();
        now.label != label.label || now.assumed != label.assumed) {
        emit labelChanged();
    }
    if (!reload) {
        scheduleRun();
    }
}

void ExplorerSession::relabel()
{
    // The true label alone decides no byte: the sub-steps stay, only what the trace says of it
    // changes.
    const AttackRequest wanted = request();
    const auto renamed = [&wanted](const std::shared_ptr<const AttackTrace>& trace) {
        if (!trace || wanted.labelRule == LabelRule::True
            || trace->request.trueLabel == wanted.trueLabel
            || !sameButRounds(trace->request, wanted)) {
            return trace;
        }
        auto copy = std::make_shared<AttackTrace>(*trace);
        copy->request.trueLabel = wanted.trueLabel;
        return std::shared_ptr<const AttackTrace>(copy);
    };
    m_trace = renamed(m_trace);
    m_longest = renamed(m_longest);
}

void ExplorerSession::setDragging(bool dragging)
{
    m_dragging = dragging;
    if (!dragging) {
        scheduleRun();
    }
}

void ExplorerSession::setAutomatic(bool automatic)
{
    m_automatic = automatic;
    if (automatic) {
        scheduleRun();
    }
    emit stateChanged();
}

void ExplorerSession::openPhoto(const QString& path)
{
    ExplorerState next = m_state;
    next.photo = QFileInfo(path).absoluteFilePath();
    if (next.photo != m_photo.path) {
        next.labelChoice = LabelChoice::Automatic; // what the user said was said of the other photo
    }
    next.leavePair();
    if (QFileInfo(next.photo).isDir()) {
        const QStringList photos = photosBeside(next.photo);
        if (photos.isEmpty()) {
            emit errorRaised(tr("%1: no picture in this folder").arg(next.photo));
            return;
        }
        next.photo = photos.first();
    }
    loadPhotoFor(next, Setting::Photo);
}

void ExplorerSession::openPair(
    const QString& clean, const QString& other, const std::optional<PictureSize>& size)
{
    ExplorerState next = m_state;
    next.pairSize = size == PictureSize() ? std::nullopt : size;
    next.photo = QFileInfo(clean).absoluteFilePath();
    next.pair = QFileInfo(other).absoluteFilePath();
    if (next.photo != m_photo.path) {
        next.labelChoice = LabelChoice::Automatic;
    }
    loadPhotoFor(next, Setting::Photo);
}

void ExplorerSession::answerPairSize(const std::optional<PictureSize>& size)
{
    if (!m_asked) {
        return;
    }
    auto [next, setting] = *std::exchange(m_asked, std::nullopt);
    if (size == m_askedSize) { // the result's own: nothing of it is invented
        next.pairSize = size;
        loadPhotoFor(next, setting, m_askedSession);
        return;
    }
    keepPhoto();
    emit errorRaised(
        tr("%1 is %2: a pair is compared at 299x299, or at a size that is given (--pair-size %2).")
            .arg(m_askedOther, QString::fromStdString(toString(m_askedSize))));
}

std::optional<PictureSize> ExplorerSession::loadedPairSize() const
{
    return offImageSpace() ? std::optional(sizeOf(m_pairClean)) : std::nullopt;
}

void ExplorerSession::keepPhoto()
{
    m_state.pair = m_other.path;
    m_state.pairSize = loadedPairSize();
    m_state.photo = m_photo.path; // an undo that could not be: the photo that is there stays
    m_state.crop = hasPhoto() ? m_photoCrop : m_state.crop;
    m_state.labelsCsv = m_photoCsv;
    emit stateChanged();
}

void ExplorerSession::leaveOffImageSpace()
{
    if (!offImageSpace()) {
        return;
    }
    m_pairClean = {};
    m_trace.reset();
    m_publishTimer.stop();
    emit photoChanged(); // the clean picture is another one
    emit traceChanged();
    m_shown = 0;
    emit currentSubStepChanged(0);
}

void ExplorerSession::leavePair()
{
    ExplorerState next = m_state;
    next.leavePair();
    change(next, Setting::Photo);
}

void ExplorerSession::openNeighbour(int offset)
{
    const QStringList photos = photosBeside(m_state.photo);
    const auto at = photos.indexOf(m_state.photo);
    if (at >= 0 && at + offset >= 0 && at + offset < photos.size()) {
        openPhoto(photos.at(at + offset));
    }
}

void ExplorerSession::openSession(const QString& path)
{
    try {
        ExplorerState next = readSession(path);
        for (const std::string& id : next.judges()) {
            if (m_storeProblem.isEmpty()) {
                static_cast<void>(
                    m_engine->model(id)); // unknown: an error that names the known ones
            }
        }
        if (next.photo.isEmpty()) {
            next.photo = m_photo.path;
        }
        if (next.photo.isEmpty()) {
            const int shown = next.subStep;
            change(next, Setting::Session);
            m_state.subStep = shown;
            emit sessionOpened(QFileInfo(path).absoluteFilePath());
            return;
        }
        loadPhotoFor(next, Setting::Session, QFileInfo(path).absoluteFilePath());
    } catch (const Error& error) {
        emit errorRaised(QString::fromUtf8(error.what()));
    }
}

bool ExplorerSession::saveSession(const QString& path)
{
    try {
        writeSession(m_state, path);
        m_undo->setClean();
        emit sessionSaved(path);
        emit exported({ path });
        return true;
    } catch (const Error& error) {
        emit errorRaised(QString::fromUtf8(error.what()));
        return false;
    }
}

void ExplorerSession::setLabelsCsv(const QString& path)
{
    ExplorerState next = m_state;
    next.labelsCsv = path.isEmpty() ? path : QFileInfo(path).absoluteFilePath();
    next.labelChoice = LabelChoice::Automatic;
    if (hasPhoto()) {
        loadPhotoFor(next, Setting::TrueLabel); // on the worker: a table may be long
    } else {
        m_state.labelsCsv = next.labelsCsv;
        emit stateChanged();
    }
}

void ExplorerSession::loadPhotoFor(
    const ExplorerState& next, Setting setting, const QString& session)
{
    m_asked.reset();
    m_files.start([this, next, setting, session](const JobRunner::Job& job) {
        LoadedPair pair;
        if (next.pair.isEmpty()) {
            pair.photo = loadPhoto(next.photo, next.crop, {}, job.stop());
        } else {
            pair = loadPair(next.photo, next.pair, next.crop, next.pairSize, {}, job.stop());
        }
        if (job.stop().stop_requested()) {
            return; // another photo was asked for meanwhile, or the window closes
        }
        if (!next.pair.isEmpty() && !pair.fits) {
            job.post([this, next, setting, session, found = pair.found, other = pair.other.path] {
                m_asked = { next, setting };
                m_askedSession = session;
                m_askedOther = QFileInfo(other).fileName();
                m_askedSize = found;
                emit pairSizeWanted(other, found);
            });
            return;
        }
        const FoundLabel label = findLabelOf(next.photo, next.labelsCsv);
        job.post([this, pair, label, next, setting, session] {
            photoArrived(pair, label, next, setting);
            if (!session.isEmpty()) {
                emit sessionOpened(session);
            }
        });
    });
}

void ExplorerSession::photoArrived(
    const LoadedPair& pair, const FoundLabel& label, ExplorerState next, Setting setting)
{
    const LoadedPhoto& photo = pair.photo;
    const LoadedPhoto& other = pair.other;
    if (setting != Setting::Session) { // what was changed while the photo was read stays changed
        ExplorerState now = m_state;
        now.photo = next.photo;
        now.pair = next.pair;
        now.pairSize = next.pairSize;
        now.crop = next.crop;
        now.labelsCsv = next.labelsCsv;
        now.labelChoice = next.labelChoice;
        now.userLabel = next.userLabel;
        next = now;
    }
    const Image clean = next.pairSize ? pair.clean : Image(); // of another size than image space
    const bool otherPhoto = photo.path != m_photo.path || !(photo.clean == m_photo.clean);
    const bool another = otherPhoto || !(clean == m_pairClean);
    const bool samePath = photo.path == m_photo.path;
    m_pairLoaded += another || !(other.clean == m_other.clean) ? 1 : 0;
    m_photo = photo;
    m_other = other;
    m_pairClean = clean;
    m_foundLabel = label.label;
    const bool tell = label.tableText != m_labelsText && !label.tableText.isEmpty();
    m_labelsText = label.tableText;
    m_labelReport = label.report;
    m_photoCrop = next.crop;
    m_photoCsv = next.labelsCsv;
    if (another) {
        if (running()) {
            m_attackNumber = 0;
            m_compute.start([](const JobRunner::Job&) {}); // late results of the old photo: dropped
            emit runningChanged(false);
        }
        if (otherPhoto) {
            m_longest.reset();
        }
        m_trace.reset();
        m_publishTimer.stop();
        next.photo = photo.path;
    }
    if (setting != Setting::Session && other.path != m_state.pair) {
        m_state.subStep = -1; // another result: its end
    }
    const int shown = setting == Setting::Session ? next.subStep : samePath ? m_state.subStep : -1;
    change(next, setting); // equal to the state when an undo brought the photo back
    m_state.subStep = shown;
    if (another) {
        emit photoChanged();
        emit traceChanged();
        m_shown = 0;
        emit currentSubStepChanged(0);
    }
    relabel();
    emit stateChanged();
    emit labelChanged();
    m_runTimer.stop();
    if (m_automatic || showsPair()) {
        run();
    }
    if (tell) {
        emit labelsMet(label.tableText, label.poor);
    }
}

} // namespace crossiter::ui
