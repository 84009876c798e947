#pragma once

#include "core/batch/TournamentPlan.h"
#include "core/batch/TournamentView.h"
#include "core/engine/Engine.h"
#include "ui/session/JobRunner.h"
#include "ui/session/QueuedJobs.h"
#include "ui/session/TournamentRun.h"

#include <QImage>
#include <QObject>
#include <QPair>
#include <QString>
#include <QStringList>
#include <QTimer>
#include <QVector>

#include <memory>

namespace crossiter::ui {

struct BatchOptions
{
    QString program; ///< of `crossiter`; empty: beside this program, else by $PATH
    QString baseFolder; ///< new output folders come here; empty: Documents/CrossIter
};

/// A tournament from plan to results: the plan under construction, its run in this window (on a
/// worker) or as local processes of `crossiter tournament`, and what its output folder holds. The
/// folder is the truth: progress and results are read from it, so a run that was cancelled, paused
/// for a week or made on another machine is opened like one of a minute ago.
/// Everything here happens on the GUI thread but the jobs.
class BatchSession : public QObject
{
    Q_OBJECT

public:
    explicit BatchSession(
        std::shared_ptr<Engine> engine, BatchOptions options = {}, QObject* parent = nullptr);
    ~BatchSession() override; ///< stops what runs; the folder can be gone on with

    // The plan. Changes are refused while something runs (they would be of no run).
    [[nodiscard]] const TournamentPlan& plan() const { return m_plan; }
    void setPlan(const TournamentPlan& plan);
    void openPlan(const QString& path);
    void savePlan(const QString& path);
    void usePreset(const QString& name); ///< "seed", "embedded", on the plan's dataset
    /// What the dataset of the plan holds; null: not read yet or it cannot be used.
    [[nodiscard]] std::shared_ptr<const DatasetView> dataset() const { return m_dataset; }
    [[nodiscard]] const QString& datasetProblem() const { return m_datasetProblem; }
    void readDataset(); ///< anew, from the disk

    [[nodiscard]] const std::shared_ptr<Engine>& engine() const { return m_engine; }

    // The run.
    [[nodiscard]] int processes() const { return m_processCount; } ///< 1: in this window
    void setProcesses(int count);
    /// Where results go; empty: a new folder for each new plan.
    [[nodiscard]] const QString& output() const { return m_output; }
    void setOutput(const QString& folder);
    [[nodiscard]] BatchStatus status() const { return m_run.status(); }
    [[nodiscard]] bool active() const { return status() != BatchStatus::Idle; }
    /// Why run() cannot; empty: it can.
    [[nodiscard]] QString obstacle() const;
    /// run() would go on with the results that are shown.
    [[nodiscard]] bool continues() const;
    void run();
    void pause() { m_run.pause(); }
    void resume() { m_run.resume(); }
    void cancel() { m_run.cancel(); }
    [[nodiscard]] const QVector<BatchProcess>& processStates() const
    {
        return m_run.processStates();
    }
    [[nodiscard]] const QString& now() const { return m_run.now(); } ///< the item at hand, in words
    [[nodiscard]] double secondsLeft() const { return m_run.secondsLeft(); } ///< below 0: not known

    // The results.
    void openResults(const QString& folder);
    void goOn(const QString& folder); ///< opens it and runs what is unfinished
    /// Looks which of these output folders hold a tournament that is not finished, and which are
    /// over: complete, or gone. unfinishedFound; a damaged one is in neither list.
    void findUnfinished(const QStringList& folders);
    [[nodiscard]] std::shared_ptr<const TournamentSnapshot> results() const { return m_results; }
    /// The competition's files of a finished run, and whether also its pictures, into a folder.
    void exportFiles(const QString& folder, bool pictures);
    /// provenanceOfFigure beside a picture of a results' matrix that is written already
    /// (writeMatrixProvenance): exported() names both, the picture alone where there are no
    /// results. matrix: the name of the competition's file with its counts.
    void exportMatrixProvenance(const QString& picture, const QString& matrix);
    /// Small pictures of (clean, adversarial) paths, one after the other: thumbnailReady.
    void loadThumbnails(const QVector<QPair<QString, QString>>& pairs);

    /// Nothing runs, is read, written or loaded.
    [[nodiscard]] bool settled() const;

    static constexpr int kThumbnailSide = 72;
    static constexpr int kMostProcesses = 64;

signals:
    void planChanged();
    void datasetChanged();
    void statusChanged();
    void progressChanged(); ///< processes, item at hand, time left; a few a second
    void resultsChanged(); ///< at most two a second while it runs
    void thumbnailReady(int row, const QImage& clean, const QImage& adversarial);
    void unfinishedFound(const QStringList& unfinished, const QStringList& over);
    void said(const QString& message); ///< something went well
    void exported(const QStringList& paths);
    void errorRaised(const QString& message, int exitCode = 1);

private:
    enum class Reading
    {
        Open, ///< another folder, whose plan becomes the one at hand
        GoOn, ///< the same, and it runs
        News, ///< what has come since the last time
        Last, ///< the same, and results are announced even if nothing has
    };

    void poll();
    void read(const QString& folder, Reading reading);
    void takeResults(const std::shared_ptr<const TournamentSnapshot>& snapshot);
    [[nodiscard]] QString newFolder() const;
    [[nodiscard]] QString program() const;

    std::shared_ptr<Engine> m_engine;
    BatchOptions m_options;
    TournamentPlan m_plan;
    std::shared_ptr<const DatasetView> m_dataset;
    QString m_datasetProblem;

    int m_processCount = 1;
    QString m_output;
    bool m_ownFolder = true; ///< m_output was chosen here, not by the user

    std::shared_ptr<const TournamentSnapshot> m_results;
    std::shared_ptr<TournamentView> m_view; ///< used by the reader's jobs only
    QString m_viewFolder;
    QTimer m_poll;

    // Last: their threads end before anything else here does.
    JobRunner m_plans;
    JobRunner m_finder;
    JobRunner m_datasets;
    QueuedJobs m_exports;
    JobRunner m_thumbnails;
    JobRunner m_reader;
    TournamentRun m_run;
};

} // namespace crossiter::ui
