#pragma once

#include "core/defense/DefendResult.h"
#include "ui/session/JobRunner.h"

#include <QObject>
#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace crossiter::ui {

class ExplorerSession;

/// The best size over a folder.
struct FolderBest
{
    QString folder;
    int images = 0; ///< that were judged
    std::optional<int> size; ///< nothing: no true label was known
    double share = 0.0; ///< of pictures right at that size, mean over the models
    bool cancelled = false;
    QString labelsText; ///< how the label table and the folder's photos met; empty: no table
};

/// The clean pictures of the shown photo's folder behind every size, on a worker of its own.
class FolderSweep : public QObject
{
    Q_OBJECT

public:
    /// explorer must outlive this.
    explicit FolderSweep(ExplorerSession& explorer, QObject* parent = nullptr);
    ~FolderSweep() override; ///< stops what runs and waits for it

    /// sweep: its sizes, defense and numerics; models: ids, in its order. Nothing without a photo
    /// or while one runs.
    void start(const SweepRequest& sweep, const std::vector<std::string>& models);
    void cancel() { m_runner.cancel(); }
    [[nodiscard]] bool busy() const { return m_runner.busy(); }
    [[nodiscard]] const std::optional<FolderBest>& best() const { return m_best; } ///< of the last

signals:
    void changed(); ///< begun, ended
    void progressed(const crossiter::Progress& progress);
    void failed(const QString& message, int exitCode);

private:
    ExplorerSession& m_session;
    std::optional<FolderBest> m_best;
    JobRunner m_runner; ///< last: its thread ends before anything else here does
};

} // namespace crossiter::ui
