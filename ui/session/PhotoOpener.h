#pragma once

#include "ui/session/ExplorerState.h"
#include "ui/session/JobRunner.h"
#include "ui/session/OpenPhoto.h"
#include "ui/session/PhotoLoader.h"
#include "ui/session/Setting.h"

#include <QObject>
#include <QString>

#include <optional>

namespace crossiter::ui {

/// What a state is asked to be opened as.
struct OpenRequest
{
    ExplorerState state; ///< photo, pair, size, crop and label table say what is read
    Setting setting = Setting::Photo; ///< what the change is called
    QString session; ///< the file that it is opened from; empty: none
};

/// Reads the photo (or pair) of a state and finds its true label, on a worker of its own; a newer
/// request drops an older one. A pair's result of another size than was asked for is asked about.
class PhotoOpener : public QObject
{
    Q_OBJECT

public:
    explicit PhotoOpener(QObject* parent = nullptr);
    ~PhotoOpener() override; ///< stops what is read and waits for it

    void open(const OpenRequest& request);
    /// The answer to sizeWanted(): the result's size, which opens the pair; anything else refuses.
    void answer(const std::optional<PictureSize>& size);
    /// The answer to rangeWanted(); nothing refuses.
    void answerRange(const std::optional<NpyRange>& range);
    [[nodiscard]] bool busy() const { return m_files.busy(); }

signals:
    void arrived(const crossiter::ui::OpenRequest& request, const crossiter::ui::LoadedPair& pair,
        const crossiter::ui::FoundLabel& label);
    void sizeWanted(const QString& other, const crossiter::PictureSize& found);
    void rangeWanted(const QString& why); ///< of a series' floats
    void refused(const QString& message); ///< by answer() or answerRange()
    void failed(const QString& message, int exitCode);
    void busyChanged(bool busy);
    void progressed(const crossiter::Progress& progress);

private:
    std::optional<OpenRequest> m_asked; ///< waits for answer() or answerRange()
    QString m_askedOther; ///< its result's file name
    PictureSize m_askedSize; ///< that it has
    QString m_askedWhy; ///< its range is asked for
    JobRunner m_files; ///< last: its thread ends before anything else here does
};

} // namespace crossiter::ui
