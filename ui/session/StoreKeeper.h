#pragma once

#include "core/store/ModelJobs.h"
#include "ui/session/JobRunner.h"

#include <QObject>
#include <QStringList>

#include <optional>

namespace crossiter::ui {

/// The user's model store and the long work on it, one job at a time on a worker thread. What is
/// begun is not lost: a cancelled fetch goes on from its part the next time.
class StoreKeeper : public QObject
{
    Q_OBJECT

public:
    explicit StoreKeeper(StorePaths paths, QObject* parent = nullptr);

    [[nodiscard]] const StorePaths& paths() const { return m_paths; }
    [[nodiscard]] bool busy() const { return m_jobs.busy(); }
    /// The model that is being fetched; empty: none.
    [[nodiscard]] const QString& fetching() const { return m_fetching; }

    // Each is ignored while another one is busy.
    void fetch(const QString& id, const QString& baseUrl = {});
    void preview(const QString& file); ///< previewed() or failed()
    void import(const ImportRequest& request);
    void verify(const QString& id); ///< empty: all that are there
    void remove(const QString& id);
    void cancel();

signals:
    void busyChanged(bool busy);
    void progressed(const crossiter::Progress& progress);
    void previewed(const QString& file, const crossiter::ImportPreview& preview);
    void imported(const QString& id);
    void storeChanged(); ///< something came or went
    void said(const QString& message); ///< a job ended well, or was cancelled
    void failed(const QString& message);

private:
    void begin(const QString& fetching, JobRunner::Work work);

    StorePaths m_paths;
    QString m_fetching;
    QString m_previewFile;
    std::optional<ImportPreview> m_preview; ///< found, to be told once the job is over
    JobRunner m_jobs; ///< last: its thread ends first
};

} // namespace crossiter::ui

Q_DECLARE_METATYPE(crossiter::ImportPreview)
