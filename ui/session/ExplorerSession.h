#pragma once

#include "core/engine/Engine.h"
#include "ui/session/AttackRun.h"
#include "ui/session/ExplorerState.h"
#include "ui/session/OpenPhoto.h"
#include "ui/session/PhotoOpener.h"
#include "ui/session/SeriesWatch.h"
#include "ui/session/Setting.h"
#include "ui/session/TraceExporter.h"

#include <QObject>
#include <QStringList>
#include <QTimer>

#include <functional>
#include <memory>
#include <optional>
#include <string>

class QUndoStack;

namespace crossiter {
class OutputGuard;
}

namespace crossiter::ui {

/// The window's state and the work behind it: one photo, one request, one trace. Everything here
/// happens on the GUI thread but the jobs, which run on workers and report back by number.
/// Results are announced by signals and read through the getters; the way back is a new request.
class ExplorerSession : public QObject
{
    Q_OBJECT

public:
    explicit ExplorerSession(std::shared_ptr<Engine> engine, QObject* parent = nullptr);
    ~ExplorerSession() override;

    [[nodiscard]] const ExplorerState& state() const { return m_state; }
    [[nodiscard]] QUndoStack* undoStack() const { return m_undo; }
    [[nodiscard]] const std::vector<StoredModel>& models() const { return m_models; }
    [[nodiscard]] QString modelName(const std::string& id) const; ///< the id when not in the store

    [[nodiscard]] bool hasPhoto() const { return !m_open.empty(); }
    [[nodiscard]] const LoadedPhoto& photo() const { return m_open.photo; }
    [[nodiscard]] CropRule photoCrop() const { return m_open.crop; } ///< that it was loaded by
    [[nodiscard]] ShownLabel trueLabel() const;
    /// Null until the first sub-step is there; grows while the attack runs.
    [[nodiscard]] std::shared_ptr<const AttackTrace> trace() const { return m_attack.trace(); }
    /// The trace as far as the shown sub-step; null without a trace.
    [[nodiscard]] std::shared_ptr<const AttackTrace> upToShown() const;
    [[nodiscard]] int currentSubStep() const; ///< 0 without a trace
    [[nodiscard]] std::shared_ptr<const SubStep> subStep() const; ///< null without a trace
    /// What Run would compute now; trueLabel only where it is known.
    [[nodiscard]] AttackRequest request() const;
    /// Why Run cannot: empty when it can.
    [[nodiscard]] QString obstacle() const;
    [[nodiscard]] bool running() const { return m_attack.running(); }
    [[nodiscard]] bool loadingPhoto() const { return m_opener.busy(); }
    /// Nothing is computed, loaded, written or about to be.
    [[nodiscard]] bool settled() const
    {
        return !running() && !m_opener.busy() && !m_exporter.busy() && !m_runTimer.isActive();
    }
    /// The trace is not what the settings ask for (automatic runs off, cancelled, or failed).
    [[nodiscard]] bool outdated() const;
    /// The trace that is shown, whole or in part, is of other settings than those that are set (of
    /// those that run, while an attack runs).
    [[nodiscard]] bool stale() const;
    [[nodiscard]] bool automatic() const { return m_automatic; }
    [[nodiscard]] int cudaDeviceCount() const { return m_engine->cudaDeviceCount(); }
    [[nodiscard]] const QString& deviceText() const { return m_attack.deviceText(); }

    /// The one way to change a setting: undoable; the attack follows by itself when automatic.
    void change(const ExplorerState& next, Setting setting);
    /// While a slider is held: its changes are one undo step, and the attack waits.
    void setDragging(bool dragging);
    void setAutomatic(bool automatic);

    /// Loads on a worker; on success the photo changes, else errorRaised and all stays.
    void openPhoto(const QString& path);
    /// A clean picture and one that another program made of it: judged and shown like a result.
    /// Stays until an attack setting changes, another photo is opened, or leavePair().
    /// other: also a series (isSeries), one picture a step; arrays: how its arrays are read, where
    /// floats whose range is not known are asked about by seriesRangeWanted().
    /// size: what both are compared at; nothing: 299x299, and a result of another size is asked
    /// about by pairSizeWanted().
    void openPair(const QString& clean, const QString& other,
        const std::optional<PictureSize>& size = std::nullopt, const NpyReading& arrays = {});
    /// The answer to pairSizeWanted(): the result's size. Anything else: the pair is not opened,
    /// and errorRaised() says why.
    void answerPairSize(const std::optional<PictureSize>& size) { m_opener.answer(size); }
    void answerSeriesRange(const std::optional<NpyRange>& range) { m_opener.answerRange(range); }
    /// New pictures of the series that is open are judged as they are written; ends with the
    /// series.
    void setWatching(bool watching);
    [[nodiscard]] bool watching() const { return m_watch.active(); }
    [[nodiscard]] bool showsSeries() const { return showsPair() && !m_open.series.empty(); }
    void leavePair(); ///< back to attacking the clean photo
    /// What the trace's clean picture is: the photo in image space, or at the size of a pair.
    [[nodiscard]] const Image& shownClean() const { return m_open.shownClean(); }
    /// A pair of another size than 299x299 is shown: what works in image space alone is not to be
    /// had.
    [[nodiscard]] bool offImageSpace() const { return m_open.offImageSpace(); }
    /// How labelsCsv and the photos of the open photo's folder met; empty without a table.
    [[nodiscard]] const QString& labelsText() const { return m_open.label.tableText; }
    [[nodiscard]] bool showsPair() const { return !m_state.pair.isEmpty(); }
    void openNeighbour(int offset); ///< by name, in the photo's folder; stops at the ends
    void openSession(const QString& path); ///< sessionOpened once all of it is there
    bool saveSession(const QString& path); ///< false: not written, errorRaised
    /// base: the number of the first class in it, 0 or 1; nothing: what the table's kind says.
    void setLabelsCsv(const QString& path, const std::optional<int>& base = std::nullopt);

    /// The store has changed: reads it again and says modelsChanged().
    void reloadModels();
    [[nodiscard]] const StorePaths& storePaths() const { return m_engine->storePaths(); }
    /// For sessions beside this one (DefenseSession): the same networks, loaded once.
    [[nodiscard]] const std::shared_ptr<Engine>& engine() const { return m_engine; }
    [[nodiscard]] bool dragging() const { return m_dragging; }
    /// A trace of the open photo that a session beside this one computed with the same engine: kept
    /// to be shown, cut and extended like an own one when the settings ask for it. Anything else is
    /// ignored.
    void adopt(const std::shared_ptr<const AttackTrace>& trace)
    {
        m_attack.adopt(trace, m_open.photo.clean);
    }
    void loadModels()
    {
        m_attack.loadModels(m_state);
    } ///< in the background; the attack would do it too
    void run(); ///< computes what is missing; nothing when nothing is
    void cancel(); ///< keeps the sub-steps that are there
    void setCurrentSubStep(int subStep); ///< the newest: follows the newest from now on

    // Each on a worker, in the order of the calls; exported(paths) or errorRaised.
    void exportImage(const QString& png)
    {
        m_exporter.exportImage(png);
    } ///< the shown sub-step's exported image and provenance
    /// provenanceOfFigure beside files that show `trace`, whole or upToShown() (plots, views,
    /// tables), one for those with one stem; exported() names both. Null: there is nothing to say
    /// of them. `defense`: as defenseText, of files that show what stands behind it. `write`: makes
    /// the files first, on the worker; none: they are there. `sweep`: what they show of it.
    void exportProvenance(const QStringList& files, const std::shared_ptr<const AttackTrace>& trace,
        const std::string& defense = {}, const std::function<void()>& write = {},
        const std::shared_ptr<const SweepResult>& sweep = {})
    {
        m_exporter.exportProvenance(files, trace, defense, write, sweep);
    }
    /// The same beside a picture that compares several traces of the open photo
    /// (writeComparisonProvenance); without one there is nothing to say.
    void exportComparison(
        const QString& picture, const std::vector<std::shared_ptr<const AttackTrace>>& traces)
    {
        m_exporter.exportComparison(picture, traces);
    }

    /// JSON and PNG of every sub-step, as writeTrace: exported(paths), exportStopped(folder) or
    /// errorRaised. On a worker of its own, which tells progressed() where no attack does. An error
    /// while another trace is being written.
    void exportTrace(const QString& folder) { m_exporter.exportTrace(folder); }
    /// For a worker: where a trace of the open photo (and pair) comes from. May throw Error.
    [[nodiscard]] std::function<Provenance(const AttackTrace&)> origins() const
    {
        return m_open.origins(m_engine, m_state);
    }
    /// The open files (photo, pair, labels) and the models': what no export replaces.
    void addInputs(OutputGuard& guard) const;
    [[nodiscard]] bool exporting() const { return m_exporter.writingTrace(); } ///< a trace
    void cancelExport() { m_exporter.cancelTrace(); } ///< of the trace; nothing of it stays

signals:
    void stateChanged();
    void photoChanged();
    void photoLoading(bool loading);
    /// The pair's result is not of 299x299: what shall both be compared at? See answerPairSize().
    void pairSizeWanted(const QString& other, const crossiter::PictureSize& found);
    void seriesRangeWanted(const QString& why); ///< see answerSeriesRange()
    void watchingChanged(bool watching);
    void labelChanged();
    /// How the label table and the folder's photos met, one line; poor: a warning.
    void labelsMet(const QString& text, bool poor);
    void traceChanged(); ///< another one, or longer; at most 20 a second
    void traceFinished(bool cancelled);
    void currentSubStepChanged(int subStep);
    void runningChanged(bool running);
    void progressed(const crossiter::Progress& progress);
    void modelsLoaded();
    void sessionOpened(const QString& path);
    void sessionSaved(const QString& path);
    void modelsChanged(); ///< models() has other content
    void exported(const QStringList& paths);
    void exportingChanged(bool exporting);
    void exportStopped(const QString& folder); ///< by cancelExport()
    /// One line for a person; exitCode: what a program without a window would end with.
    void errorRaised(const QString& message, int exitCode = 1);

private:
    friend class StateCommand;

    bool readModels(); ///< false: m_storeProblem says why not

    void apply(const ExplorerState& next);
    void photoArrived(const OpenRequest& request, const LoadedPair& pair, const FoundLabel& label);
    void keepPhoto(); ///< what was to be opened could not be
    void leaveOffImageSpace(); ///< nothing at a pair's size stays
    [[nodiscard]] AttackRequest pairRequest() const { return judgingOnly(request()); }
    void scheduleRun();
    void relabel();

    std::shared_ptr<Engine> m_engine;
    std::vector<StoredModel> m_models;
    QString m_storeProblem;
    ExplorerState m_state;
    QUndoStack* m_undo = nullptr;
    bool m_dragging = false;
    bool m_automatic = true;

    OpenPhoto m_open;
    int m_shown = 0; ///< last announced sub-step
    QTimer m_runTimer; ///< joins quick changes into one run
    // Last members: their threads end before anything else here does.
    AttackRun m_attack;
    PhotoOpener m_opener;
    SeriesWatch m_watch;
    TraceExporter m_exporter;
};

} // namespace crossiter::ui
