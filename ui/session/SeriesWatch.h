#pragma once

#include "core/jobs/SeriesFiles.h"
#include "ui/session/JobRunner.h"

#include <QObject>
#include <QString>
#include <QTimer>

#include <memory>
#include <optional>
#include <vector>

namespace crossiter::ui {

/// Looks, on a worker, for new pictures of the series that is open, while another program writes
/// them.
class SeriesWatch : public QObject
{
    Q_OBJECT

public:
    explicit SeriesWatch(QObject* parent = nullptr);
    ~SeriesWatch() override; ///< stops what is read and waits for it

    /// size: that every picture must have; nothing: 299x299.
    void start(const SeriesSource& series, const std::optional<PictureSize>& size);
    void stop();
    [[nodiscard]] bool active() const { return m_watcher != nullptr; }

signals:
    void grown(const std::vector<crossiter::OtherPicture>& pictures); ///< all of them
    void failed(const QString& message, int exitCode); ///< and stopped
    void activeChanged(bool active);

private:
    void look();

    std::shared_ptr<SeriesWatcher> m_watcher; ///< null: not active
    std::optional<PictureSize> m_size;
    QTimer m_timer;
    JobRunner m_jobs; ///< last: its thread ends before anything else here does
};

} // namespace crossiter::ui
