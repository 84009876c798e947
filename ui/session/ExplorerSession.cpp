#include "ui/session/ExplorerSession.h"

#include "core/base/Error.h"
#include "core/base/OutputGuard.h"
#include "ui/session/ModelChoice.h"
#include "ui/session/StateCommand.h"
#include "ui/session/TraceCut.h"

#include <QDir>
#include <QFileInfo>
#include <QUndoStack>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kRunPauseMs = 250; // a wheel's or a key's next change comes within this

/// Throws Error(BadInput) that names the session's file and key, and the known models.
void requireModels(const Engine& engine, const AttackRequest& attack, const std::string& path)
{
    for (const AttackField& field : attackFields()) {
        const FieldValue value = field.valueOf(attack);
        const auto* ids = std::get_if<std::vector<std::string>>(&value);
        for (const std::string& id : ids != nullptr ? *ids : std::vector<std::string>()) {
            try {
                static_cast<void>(engine.model(id));
            } catch (const Error& error) {
                const std::string place = error.place().empty() ? "" : ": " + error.place();
                throw error.at(path + ", key attack, key " + field.sessionKey + place);
            }
        }
    }
}

} // namespace

ExplorerSession::ExplorerSession(std::shared_ptr<Engine> engine, QObject* parent)
    : QObject(parent)
    , m_engine(std::move(engine))
    , m_state(defaultState())
    , m_undo(new QUndoStack(this))
    , m_attack(m_engine)
    , m_exporter(*this)
{
    qRegisterMetaType<crossiter::Progress>();
    m_undo->setUndoLimit(500);
    if (!readModels()) { // a damaged manifest; said once somebody listens
        QMetaObject::invokeMethod(
            this, [this] { emit errorRaised(m_storeProblem); }, Qt::QueuedConnection);
    }
    m_runTimer.setSingleShot(true);
    m_runTimer.setInterval(kRunPauseMs);
    connect(&m_runTimer, &QTimer::timeout, this, &ExplorerSession::run);
    connect(&m_attack, &AttackRun::errorRaised, this, &ExplorerSession::errorRaised);
    connect(&m_attack, &AttackRun::progressed, this, &ExplorerSession::progressed);
    connect(&m_attack, &AttackRun::runningChanged, this, &ExplorerSession::runningChanged);
    connect(&m_attack, &AttackRun::finished, this, &ExplorerSession::traceFinished);
    connect(&m_attack, &AttackRun::modelsLoaded, this, &ExplorerSession::modelsLoaded);
    connect(&m_attack, &AttackRun::deviceChanged, this, &ExplorerSession::stateChanged);
    connect(&m_attack, &AttackRun::againWanted, this, &ExplorerSession::run);
    connect(&m_attack, &AttackRun::arrived, this, &ExplorerSession::relabel);
    connect(&m_attack, &AttackRun::cleanJudged, this, [this] {
        if (trueLabel().assumed)
            emit labelChanged(); // there is a joint top-1 now
    });
    connect(&m_attack, &AttackRun::published, this, [this] {
        emit traceChanged();
        m_shown = currentSubStep();
        emit currentSubStepChanged(m_shown);
    });

    connect(&m_opener, &PhotoOpener::failed, this, &ExplorerSession::errorRaised);
    connect(&m_opener, &PhotoOpener::progressed, this, &ExplorerSession::progressed);
    connect(&m_opener, &PhotoOpener::busyChanged, this, &ExplorerSession::photoLoading);
    connect(&m_opener, &PhotoOpener::failed, this, &ExplorerSession::keepPhoto);
    connect(&m_opener, &PhotoOpener::sizeWanted, this, &ExplorerSession::pairSizeWanted);
    connect(&m_opener, &PhotoOpener::refused, this, [this](const QString& message) {
        keepPhoto();
        emit errorRaised(message);
    });
    connect(&m_opener, &PhotoOpener::rangeWanted, this, &ExplorerSession::seriesRangeWanted);
    connect(&m_opener, &PhotoOpener::arrived, this, &ExplorerSession::photoArrived);

    connect(&m_watch, &SeriesWatch::failed, this, &ExplorerSession::errorRaised);
    connect(&m_watch, &SeriesWatch::activeChanged, this, &ExplorerSession::watchingChanged);
    connect(&m_watch, &SeriesWatch::grown, this, [this](const std::vector<OtherPicture>& pictures) {
        m_open.series = pictures;
        ++m_open.pairNumber;
        run();
    });

    connect(&m_exporter, &TraceExporter::errorRaised, this, &ExplorerSession::errorRaised);
    connect(&m_exporter, &TraceExporter::progressed, this, &ExplorerSession::progressed);
    connect(&m_exporter, &TraceExporter::traceProgressed, this, [this](const Progress& progress) {
        if (!running()) // one bar for both would jump to and fro
            emit progressed(progress);
    });
    connect(
        &m_exporter, &TraceExporter::writingTraceChanged, this, &ExplorerSession::exportingChanged);
    connect(&m_exporter, &TraceExporter::stopped, this, &ExplorerSession::exportStopped);
    connect(&m_exporter, &TraceExporter::exported, this, &ExplorerSession::exported);
}

ExplorerSession::~ExplorerSession() = default;

QString ExplorerSession::modelName(const std::string& id) const
{
    return shownModelName(m_models, id);
}

int ExplorerSession::currentSubStep() const
{
    if (!trace())
        return 0;
    const int last = static_cast<int>(trace()->subSteps.size()) - 1;
    return m_state.subStep < 0 ? last : std::min(m_state.subStep, last);
}

std::shared_ptr<const SubStep> ExplorerSession::subStep() const
{
    return trace() ? trace()->subSteps[static_cast<std::size_t>(currentSubStep())] : nullptr;
}

bool ExplorerSession::readModels()
{
    try {
        m_models = m_engine->models();
        m_storeProblem.clear();
    } catch (const Error& error) {
        m_storeProblem = QString::fromUtf8(error.what());
    }
    return m_storeProblem.isEmpty();
}

void ExplorerSession::reloadModels()
{
    if (!readModels()) {
        emit errorRaised(m_storeProblem);
        return;
    }
    emit modelsChanged();
    // What could not run for want of weights may run now.
    if (m_automatic && !trace() && obstacle().isEmpty()) {
        m_attack.forgetFailure();
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
    if (!hasPhoto())
        return tr("Open a photo first.");
    return whyNotRun(m_state, request(), m_models);
}

bool ExplorerSession::outdated() const
{
    if (!hasPhoto() || running())
        return false;
    if (showsPair()) {
        return !trace() || trace()->madeElsewhere.empty() || trace()->cancelled
            || m_attack.judgedPair() != m_open.pairNumber
            || !sameButRounds(trace()->request, pairRequest());
    }
    return !trace() || !trace()->madeElsewhere.empty()
        || !sameButRounds(trace()->request, request())
        || static_cast<int>(trace()->subSteps.size()) - 1 != subStepCount(request());
}

bool ExplorerSession::stale() const
{
    if (!trace())
        return false;
    const AttackRequest wanted = running() ? m_attack.request()
        : showsPair()                      ? pairRequest()
                                           : request();
    const AttackRequest& shown = trace()->request;
    const bool elsewhere = showsPair() == trace()->madeElsewhere.empty();
    return elsewhere || !sameButRounds(shown, wanted)
        || (!showsPair() && subStepCount(shown) != subStepCount(wanted));
}

void ExplorerSession::change(const ExplorerState& next, Setting setting)
{
    if (next == m_state)
        return;
    ExplorerState wanted = next;
    // Another attack is asked for: the picture made elsewhere gives way. What only decides who
    // judges, and how, keeps it.
    if (setting != Setting::Session && next.pair == m_state.pair && !sameAttack(next, m_state))
        wanted.leavePair();
    m_undo->push(new StateCommand(*this, m_state, wanted, setting, m_dragging));
}

void ExplorerSession::apply(const ExplorerState& next)
{
    const int shown = m_state.subStep;
    const ShownLabel label = trueLabel();
    // There is no way back to an empty window: a state without a photo keeps the one that is open.
    const QString path = next.photo.isEmpty() ? m_open.photo.path : next.photo;
    if (next.pair != m_state.pair)
        m_watch.stop();
    if (next.pair.isEmpty()) {
        m_open.other = {};
        m_open.series.clear();
    }
    const bool leavesSize = next.pair.isEmpty() && offImageSpace();
    const bool reload = m_open.differsFrom(next, path);
    ExplorerState sameDefense = next;
    sameDefense.defense = m_state.defense;
    if (!(sameDefense == m_state)) // another defense is no other attack
        m_attack.forgetFailure();
    m_state = next;
    m_state.photo = path;
    m_state.subStep = shown;
    if (leavesSize)
        leaveOffImageSpace();
    if (reload) {
        m_opener.open({ m_state, Setting::Photo,
            {} }); // an undo or redo across photos, or another way to read them
    }
    relabel();
    emit stateChanged();
    if (const ShownLabel now = trueLabel();
        now.label != label.label || now.assumed != label.assumed)
        emit labelChanged();
    if (!reload)
        scheduleRun();
}

void ExplorerSession::setDragging(bool dragging)
{
    m_dragging = dragging;
    if (!dragging)
        scheduleRun();
}

void ExplorerSession::setAutomatic(bool automatic)
{
    m_automatic = automatic;
    if (automatic)
        scheduleRun();
    emit stateChanged();
}

void ExplorerSession::openPhoto(const QString& path)
{
    ExplorerState next = m_state;
    next.photo = QFileInfo(path).absoluteFilePath();
    if (next.photo != m_open.photo.path)
        next.labelChoice = LabelChoice::Automatic; // what the user said was said of the other photo
    next.leavePair();
    if (QFileInfo(next.photo).isDir()) {
        const QStringList photos = photosBeside(next.photo);
        if (photos.isEmpty()) {
            emit errorRaised(tr("%1: no picture in this folder").arg(next.photo));
            return;
        }
        next.photo = photos.first();
    }
    m_opener.open({ next, Setting::Photo, {} });
}

void ExplorerSession::openPair(const QString& clean, const QString& other,
    const std::optional<PictureSize>& size, const NpyReading& arrays)
{
    ExplorerState next = m_state;
    next.pairSize = size == PictureSize() ? std::nullopt : size;
    next.photo = QFileInfo(clean).absoluteFilePath();
    next.pair = QDir::cleanPath(QFileInfo(other).absoluteFilePath());
    next.pairArrays = arrays;
    if (next.photo != m_open.photo.path)
        next.labelChoice = LabelChoice::Automatic;
    m_opener.open({ next, Setting::Photo, {} });
}

void ExplorerSession::keepPhoto()
{
    m_open.giveTo(m_state); // an undo that could not be: the photo that is there stays
    emit stateChanged();
}

void ExplorerSession::leaveOffImageSpace()
{
    if (!offImageSpace())
        return;
    m_open.pairClean = {};
    m_attack.forgetTrace();
    emit photoChanged(); // the clean picture is another one
    emit traceChanged();
    m_shown = 0;
    emit currentSubStepChanged(0);
}

void ExplorerSession::setWatching(bool watching)
{
    if (!watching)
        m_watch.stop();
    else if (showsSeries() && !m_watch.active())
        m_watch.start({ m_state.pair.toStdString(), m_state.pairArrays }, m_state.pairSize);
}

void ExplorerSession::leavePair()
{
    ExplorerState next = m_state;
    next.leavePair();
    change(next, Setting::Photo);
}

void ExplorerSession::openNeighbour(int offset)
{
    if (const QString photo = photoBeside(m_state.photo, offset); !photo.isEmpty())
        openPhoto(photo);
}

void ExplorerSession::openSession(const QString& path)
{
    try {
        ExplorerState next = readSession(path);
        if (m_storeProblem.isEmpty())
            requireModels(*m_engine, next.attack, path.toStdString());
        if (next.photo.isEmpty())
            next.photo = m_open.photo.path;
        if (next.photo.isEmpty()) {
            const int shown = next.subStep;
            change(next, Setting::Session);
            m_state.subStep = shown;
            emit sessionOpened(QFileInfo(path).absoluteFilePath());
            return;
        }
        m_opener.open({ next, Setting::Session, QFileInfo(path).absoluteFilePath() });
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

void ExplorerSession::setLabelsCsv(const QString& path, const std::optional<int>& base)
{
    ExplorerState next = m_state;
    next.labelsCsv = path.isEmpty() ? path : QFileInfo(path).absoluteFilePath();
    next.labelBase = base;
    next.labelChoice = LabelChoice::Automatic;
    if (hasPhoto()) {
        m_opener.open({ next, Setting::TrueLabel, {} }); // on the worker: a table may be long
    } else {
        m_state.labelsCsv = next.labelsCsv;
        m_state.labelBase = next.labelBase;
        emit stateChanged();
    }
}

void ExplorerSession::photoArrived(
    const OpenRequest& request, const LoadedPair& pair, const FoundLabel& label)
{
    ExplorerState next = request.state;
    const Setting setting = request.setting;
    if (setting != Setting::Session) { // what was changed while the photo was read stays changed
        ExplorerState now = m_state;
        now.takePhotoOf(next);
        next = now;
    }
    const bool samePath = pair.photo.path == m_open.photo.path;
    const QString other = pair.other.path;
    const PhotoChange replaced = m_open.take(pair, label, next);
    if (replaced.picture) {
        m_attack.drop();
        if (replaced.photo)
            m_attack.forgetLongest();
        m_attack.forgetTrace();
        next.photo = pair.photo.path;
    }
    if (setting != Setting::Session && other != m_state.pair)
        m_state.subStep = -1; // another result: its end
    const int shown = setting == Setting::Session ? next.subStep : samePath ? m_state.subStep : -1;
    change(next, setting); // equal to the state when an undo brought the photo back
    m_state.subStep = shown;
    if (replaced.picture) {
        emit photoChanged();
        emit traceChanged();
        m_shown = 0;
        emit currentSubStepChanged(0);
    }
    relabel();
    emit stateChanged();
    emit labelChanged();
    m_runTimer.stop();
    if (m_automatic || showsPair())
        run();
    if (replaced.table)
        emit labelsMet(label.tableText, label.poor);
    if (!request.session.isEmpty())
        emit sessionOpened(request.session);
}

void ExplorerSession::relabel()
{
    m_attack.relabel(showsPair() ? pairRequest() : request());
}

ShownLabel ExplorerSession::trueLabel() const
{
    return m_open.trueLabel(m_state, trace().get());
}

void ExplorerSession::scheduleRun()
{
    if (m_dragging || m_attack.hasFailed() || !hasPhoto()
        || (!showsPair() && (!m_automatic || !obstacle().isEmpty())))
        return;
    const AttackRequest wanted = showsPair() ? pairRequest() : request();
    if (m_attack.stoppedByUser() && trace() && trace()->request == wanted)
        return; // stopped is stopped, until something that decides the result changes
    const bool same = running() ? m_attack.request() == wanted : !outdated();
    if (!same)
        m_runTimer.start();
}

void ExplorerSession::run()
{
    m_runTimer.stop();
    if (!hasPhoto())
        return;
    if (showsPair()) {
        if (outdated() || running())
            m_attack.startPair(pairRequest(), m_open);
        return;
    }
    if (const QString reason = obstacle(); !reason.isEmpty()) {
        emit errorRaised(reason);
        return;
    }
    m_attack.start(request(), m_open.photo.clean);
}

void ExplorerSession::cancel()
{
    m_runTimer.stop();
    m_attack.cancel();
}

void ExplorerSession::setCurrentSubStep(int subStep)
{
    if (!trace())
        return;
    const int last = static_cast<int>(trace()->subSteps.size()) - 1;
    const int wanted = std::clamp(subStep, 0, last);
    m_state.subStep = running() && wanted == last ? -1 : wanted;
    if (wanted != m_shown) {
        m_shown = wanted;
        emit currentSubStepChanged(wanted);
    }
}

std::shared_ptr<const AttackTrace> ExplorerSession::upToShown() const
{
    return trace() ? traceUpTo(*trace(), currentSubStep()) : nullptr;
}

void ExplorerSession::addInputs(OutputGuard& guard) const
{
    guard.addPicture(m_state.photo.toStdString(), "the photo");
    if (!showsSeries())
        guard.addPicture(m_state.pair.toStdString(), "the pair's picture");
    for (const OtherPicture& picture : m_open.series)
        guard.addPicture(picture.path, "a picture of the series,");
    guard.addInput(m_state.labelsCsv.toStdString(), "the labels");
    addModelInputs(guard, m_models);
}

} // namespace crossiter::ui
