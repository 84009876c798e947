#include "ui/session/StoreKeeper.h"

#include "ui/session/Counted.h"

#include <utility>

namespace crossiter::ui {

StoreKeeper::StoreKeeper(StorePaths paths, QObject* parent)
    : QObject(parent)
    , m_paths(std::move(paths))
{
    connect(&m_jobs, &JobRunner::progressed, this, &StoreKeeper::progressed);
    connect(
        &m_jobs, &JobRunner::failed, this,
        [this](const QString& message, int /*exitCode*/) { emit failed(message); });
    connect(&m_jobs, &JobRunner::busyChanged, this, [this](bool busy) {
        if (!busy) {
            m_fetching.clear();
        }
        emit busyChanged(busy);
        // Only now: whoever is told may begin the import at once.
        if (!busy && m_preview && !m_preview->sha256.empty()) {
            emit previewed(m_previewFile, *std::exchange(m_preview, std::nullopt));
        }
    });
}

void StoreKeeper::begin(const QString& fetching, JobRunner::Work work)
{
    if (m_jobs.busy())
        return;
    m_fetching = fetching;
    m_jobs.start(std::move(work));
}

void StoreKeeper::fetch(const QString& id, const QString& baseUrl)
{
    FetchRequest request;
    request.id = id.toStdString();
    request.baseUrl = baseUrl.trimmed().toStdString();
    begin(id, [this, id, request](const JobRunner::Job& job) {
        const FetchResult result = fetchModel(m_paths, request, job.progress(), job.stop());
        job.post([this, id, result] {
            emit storeChanged();
            emit said(result.cancelled
                    ? tr("Fetching %1 was cancelled; what came is kept and gone on with.").arg(id)
                    : result.alreadyThere ? tr("%1 is there already.").arg(id)
                                          : tr("%1 fetched; SHA-256 %2, %3.")
                                                .arg(id, QString::fromStdString(result.sha256),
                                                    QString::fromUtf8(nameOf(result.origin))));
        });
    });
}

void StoreKeeper::preview(const QString& file)
{
    begin(
        {},
        [this, file](const JobRunner::Job& job) {
            const ImportPreview found =
                previewImport(file.toStdString(), job.progress(), job.stop());
            job.post([this, file, found] {
                m_preview = found;
                m_previewFile = file;
            });
        });
}

void StoreKeeper::import(const ImportRequest& request)
{
    begin(
        {},
        [this, request](const JobRunner::Job& job) {
            const auto model = importModel(m_paths, request, job.progress(), job.stop());
            job.post([this, request, done = model.has_value()] {
                const QString id = QString::fromStdString(request.id);
                emit storeChanged();
                if (done)
                    emit imported(id);
                emit said(done ? tr("%1 imported.").arg(id)
                               : tr("The import was cancelled; nothing was taken in."));
            });
        });
}

void StoreKeeper::verify(const QString& id)
{
    const std::vector<std::string> ids =
        id.isEmpty() ? std::vector<std::string>() : std::vector<std::string> { id.toStdString() };
    begin({}, [this, ids](const JobRunner::Job& job) {
        const auto verified = verifyModels(m_paths, ids, job.progress(), job.stop());
        job.post([this, verified] {
            QStringList wrong;
            for (const VerifiedModel& model : verified) {
                if (!model.error.empty()) {
                    wrong << QString::fromStdString(model.error);
                }
            }
            if (!wrong.isEmpty()) {
                emit failed(wrong.join(QLatin1Char('\n')));
            } else if (verified.size() == 1) {
                const VerifiedModel& model = verified.front();
                emit said((model.expected.empty()
                        ? tr("%1: SHA-256 %2; there is nothing to compare it with.")
                        : tr("%1: SHA-256 %2, as expected."))
                              .arg(QString::fromStdString(model.id),
                                  QString::fromStdString(model.sha256)));
            } else {
                emit said(tr("%1 hashed: all as expected.")
                              .arg(countedText(static_cast<qint64>(verified.size()), tr("model"),
                                  tr("models"))));
            }
        });
    });
}

void StoreKeeper::remove(const QString& id)
{
    begin(
        {},
        [this, id](const JobRunner::Job& job) {
            const std::uint64_t bytes = removeModel(m_paths, id.toStdString());
            job.post([this, id, bytes] {
                emit storeChanged();
                emit said(tr("%1 removed: %2 MB are free again.")
                              .arg(id)
                              .arg(static_cast<double>(bytes) / 1e6, 0, 'f', 1));
            });
        });
}

void StoreKeeper::cancel()
{
    m_jobs.cancel();
}

} // namespace crossiter::ui
