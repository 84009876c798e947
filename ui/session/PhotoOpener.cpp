#include "ui/session/PhotoOpener.h"

#include "core/base/Error.h"
#include "core/contest/LabelMatch.h"

#include <QFileInfo>

#include <utility>

namespace crossiter::ui {

namespace {

/// For a worker: reads the table, if there is one, and matches it with the folder's photos.
FoundLabel findLabelOf(const QString& photo, const QString& csv, const std::optional<int>& base)
{
    FoundLabel found;
    if (csv.isEmpty()) {
        found.label = resolveTrueLabel(photo.toStdString());
        return found;
    }
    const LabelTable table = readLabelTable(csv.toStdString(), base);
    found.label = resolveTrueLabel(photo.toStdString(), std::nullopt, &table);
    std::vector<std::filesystem::path> photos;
    for (const QString& path : photosBeside(photo))
        photos.emplace_back(path.toStdString());
    const LabelMatch match = matchTable(table, photos);
    found.tableText = QString::fromStdString(describe(match));
    found.poor = match.isPoor();
    found.report.tables = { matchTable(table, { photo.toStdString() }) };
    return found;
}

LoadedPair load(const ExplorerState& state, const std::stop_token& stop)
{
    LoadedPair pair;
    const PhotoRule rule(state.crop, state.colour);
    const std::string other = state.pair.toStdString();
    if (other.empty())
        pair.photo = loadPhoto(state.photo, rule, {}, stop);
    else if (isSeries(other))
        pair = loadSeries(state.photo, { other, state.pairArrays }, rule, state.pairSize, stop);
    else
        pair = loadPair(state.photo, state.pair, rule, state.pairSize, {}, stop);
    return pair;
}

} // namespace

PhotoOpener::PhotoOpener(QObject* parent)
    : QObject(parent)
{
    connect(&m_files, &JobRunner::failed, this, &PhotoOpener::failed);
    connect(&m_files, &JobRunner::progressed, this, &PhotoOpener::progressed);
    connect(&m_files, &JobRunner::busyChanged, this, &PhotoOpener::busyChanged);
}

PhotoOpener::~PhotoOpener() = default;

void PhotoOpener::answer(const std::optional<PictureSize>& size)
{
    if (!m_asked)
        return;
    OpenRequest request = *std::exchange(m_asked, std::nullopt);
    if (size == m_askedSize) { // the result's own: nothing of it is invented
        request.state.pairSize = size;
        open(request);
        return;
    }
    emit refused(
        tr("%1 is %2: a pair is compared at 299x299, or at a size that is given (--pair-size %2).")
            .arg(m_askedOther, QString::fromStdString(toString(m_askedSize))));
}

void PhotoOpener::answerRange(const std::optional<NpyRange>& range)
{
    if (!m_asked)
        return;
    OpenRequest request = *std::exchange(m_asked, std::nullopt);
    if (range) {
        request.state.pairArrays.range = range;
        open(request);
    } else {
        emit refused(m_askedWhy);
    }
}

void PhotoOpener::open(const OpenRequest& request)
{
    m_asked.reset();
    m_files.start([this, request](const JobRunner::Job& job) {
        const ExplorerState& next = request.state;
        LoadedPair pair;
        try {
            pair = load(next, job.stop());
        } catch (const Error& error) {
            if (!asksForRange(error))
                throw;
            const QString why = QString::fromUtf8(error.what());
            job.post([this, request, why] {
                m_asked = request;
                m_askedWhy = why;
                emit rangeWanted(why);
            });
            return;
        }
        if (job.stop().stop_requested())
            return; // another photo was asked for meanwhile, or the window closes
        if (!next.pair.isEmpty() && !pair.fits) {
            job.post([this, request, found = pair.found, other = pair.other.path] {
                m_asked = request;
                m_askedOther = QFileInfo(other).fileName();
                m_askedSize = found;
                emit sizeWanted(other, found);
            });
            return;
        }
        const FoundLabel label = findLabelOf(next.photo, next.labelsCsv, next.labelBase);
        job.post([this, request, pair, label] { emit arrived(request, pair, label); });
    });
}

} // namespace crossiter::ui
