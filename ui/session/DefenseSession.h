#pragma once

#include "core/defense/DefendResult.h"
#include "core/image/ImageDiff.h"
#include "ui/session/ExplorerSession.h"
#include "ui/session/FolderSweep.h"
#include "ui/session/LatestJob.h"
#include "ui/session/SweepRun.h"

#include <QObject>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace crossiter::ui {

/// Which label's probability curve and heat map show.
enum class SweepQuantity
{
    TrueLabel,
    AttackedLabel, ///< of each sub-step
    Target,
};

/// What the defense makes of the shown picture.
struct DefendedView
{
    Image before; ///< the exported picture of the sub-step, or the clean photo
    Image after; ///< 8 bits; of random stages the first draw
    std::optional<ImageDiff> removed; ///< comes a little later than the picture
};

/// What one model says behind the defense.
struct LivePrediction
{
    std::string model; ///< id
    int sourceIndex = -1; ///< -1: a judge only
    std::shared_ptr<const DefendedPrediction> defended; ///< null: not computed yet
    bool current = false; ///< of the settings and the sub-step as they are now
};

/// The defense beside an exploration: follows the session's photo, trace and shown sub-step, and
/// computes on workers of its own, each result announced by a signal.
/// The picture follows every change; predictions and the automatic sweep only while somebody
/// watches. What follows a slider or the scrubber comes first: a sweep pauses while predictions are
/// computed and goes on from the cells that are there.
class DefenseSession : public QObject
{
    Q_OBJECT

public:
    explicit DefenseSession(ExplorerSession& session, QObject* parent = nullptr);
    ~DefenseSession() override;

    [[nodiscard]] ExplorerSession& explorer() { return m_session; }
    [[nodiscard]] const DefenseRequest& defense() const { return m_session.state().defense; }
    [[nodiscard]] int size() const; ///< the swept size, 1..299
    /// Why nothing stands behind a defense now: a pair of another size than 299x299. Empty: it
    /// does.
    [[nodiscard]] QString obstacle() const;
    void change(const DefenseRequest& next, Setting setting = Setting::Defense); ///< undoable
    void setSize(int size); ///< undoable, moves in quick succession are one step
    void setSweepSizes(const SweepSizes& sizes); ///< undoable

    [[nodiscard]] bool watched() const { return m_watched; }
    void setWatched(bool watched); ///< the tab is on the screen
    /// A slider of the tab is held: no sweep begins.
    void setDragging(bool dragging);

    [[nodiscard]] std::shared_ptr<const DefendedView> view() const { return m_view; } ///< or null
    /// The sources, then the further judges, of the trace or of the request.
    [[nodiscard]] const std::vector<LivePrediction>& predictions() const { return m_live; }
    /// Those of the sources are of the settings as they are.
    [[nodiscard]] bool sourcesCurrent() const;

    /// Cells so far, ordered; null: none. A new object whenever something came.
    [[nodiscard]] std::shared_ptr<const SweepResult> sweep() const { return m_sweep.result(); }
    [[nodiscard]] bool sweeping() const { return m_sweep.busy(); }
    [[nodiscard]] bool sweepComplete() const { return m_sweep.complete(); }
    [[nodiscard]] int cellsDone() const { return m_sweep.cellsDone(); }
    [[nodiscard]] int cellsPlanned() const { return m_sweep.cellsPlanned(); }
    /// The size with the highest mean probability of the true label on the shown sub-step.
    [[nodiscard]] std::optional<int> bestSize() const { return m_sweep.bestSize(); }
    [[nodiscard]] bool automaticSweep() const { return m_sweep.automatic(); }
    void setAutomaticSweep(bool automatic) { m_sweep.setAutomatic(automatic); }
    void startSweep(); ///< also where the automatic one would not begin
    void cancel(); ///< sweep and folder; the cells that are there stay

    /// The clean pictures of the shown photo's folder behind every size.
    void startFolder();
    [[nodiscard]] bool folderRunning() const { return m_folder.busy(); }
    [[nodiscard]] const std::optional<FolderBest>& folderBest() const { return m_folder.best(); }

    /// The cells as the command line's sweep.csv; a label that is only assumed is left out. With
    /// provenance beside it: the explorer's exported() or errorRaised().
    void exportCsv(const QString& path);

    /// Nothing is computed or about to be.
    [[nodiscard]] bool settled() const;

signals:
    void viewChanged();
    void predictionsChanged();
    void sweepChanged(); ///< cells, best size; at most 20 a second
    void sweepingChanged(bool sweeping);
    void folderChanged(); ///< begun, ended
    void progressed(const crossiter::Progress& progress); ///< of sweep or folder
    void said(const QString& message); ///< something a person should know
    void errorRaised(const QString& message, int exitCode = 1);

private:
    /// What a picture and its predictions are a function of.
    struct Shown
    {
        std::shared_ptr<const SubStep> subStep; ///< null: the clean photo
        std::shared_ptr<const Image> clean; ///< null: no photo
        DefenseRequest defense; ///< effective()
        std::vector<std::string> models;
        std::vector<std::string> sources;
        std::optional<int> label;
        Compute compute;

        bool operator==(const Shown&) const = default;
        [[nodiscard]] const Image& image() const { return subStep ? subStep->exported : *clean; }
    };

    void refresh();
    [[nodiscard]] Shown shown();
    void requestPicture();
    void requestPredictions();
    void requestJudges();
    [[nodiscard]] JobRunner::Work predictionWork(std::size_t from, std::size_t to);
    void predictAfterPicture();
    void forgetAll(); ///< nothing stands behind a defense any more
    void takePrediction(std::size_t at, const DefendedPrediction& prediction);

    ExplorerSession& m_session;
    bool m_watched = false;
    std::shared_ptr<const Image> m_clean;

    Shown m_wanted; ///< by the newest settings
    Shown m_pictureOf; ///< of the newest picture request
    Shown m_predictedOf; ///< of the newest predictions request
    std::shared_ptr<const DefendedView> m_view;
    std::vector<LivePrediction> m_live;
    std::atomic<std::size_t> m_turn = 0; ///< which of the networks a job begins with

    // Last members: their threads end before anything else here does.
    LatestJob m_picture;
    JobRunner::Work m_sourceWork; ///< waits until the picture is there
    LatestJob m_sources;
    LatestJob m_judges;
    SweepRun m_sweep;
    FolderSweep m_folder;
};

} // namespace crossiter::ui
