#pragma once

#include "core/study/LeakStudy.h"
#include "ui/session/ExplorerSession.h"

#include <QTimer>

#include <memory>
#include <optional>
#include <vector>

namespace crossiter::ui {

/// What a person says of a study; the rest (sources, judges, epsilon, step, numerics) is the
/// explorer's.
struct StudyForm
{
    QString folder; ///< of the photos
    QString labelsCsv; ///< empty: labels by file name or folder
    std::optional<int> labelBase; ///< of labelsCsv, 0 or 1; nothing: what its kind says
    QString output; ///< the journal and the reports go there
    std::vector<LabelRule> rules { LabelRule::OwnRefreshed, LabelRule::OwnClean, LabelRule::True,
        LabelRule::JointClean, LabelRule::LeastLikely };
    bool none = true; ///< projection
    bool ball = true;
    bool given = true; ///< order of sources
    bool reversed = false;
    int rounds = 10; ///< 1..100
    int photos = 0; ///< at most; 0: all

    bool operator==(const StudyForm&) const = default;
};

/// A study of label leaking over a folder, with the explorer's sources, judges, budget and
/// numerics. Results stream in photo by photo; stopped or killed, it goes on from its journal.
class StudySession : public QObject
{
    Q_OBJECT

public:
    explicit StudySession(ExplorerSession& explorer, QObject* parent = nullptr);
    ~StudySession() override;

    void setForm(const StudyForm& form); ///< not while it runs
    [[nodiscard]] const StudyForm& form() const { return m_form; }
    /// The study that start() would run, from the form and the explorer.
    [[nodiscard]] StudyRequest request() const;
    [[nodiscard]] QString obstacle() const; ///< why it cannot start; empty: it can
    /// A study has begun in the output folder, this one or another.
    [[nodiscard]] bool hasJournal() const;
    /// What the output folder has of this very request and folder; nothing: not known yet. Looked
    /// for while somebody watches.
    [[nodiscard]] std::optional<StudyStage> stage() const;
    /// A part of this very study is there, or a photo of it failed.
    [[nodiscard]] bool canResume() const { return stage() == StudyStage::Unfinished; }
    void setWatched(bool watched);
    [[nodiscard]] bool running() const { return m_running; }
    /// Of the newest study; null before its first photo.
    [[nodiscard]] std::shared_ptr<const StudyResult> result() const { return m_result; }
    /// How the study's label table and its photos met, and what is suspicious of it; a line each.
    [[nodiscard]] const QStringList& labelLines() const { return m_labelLines; }
    [[nodiscard]] const Progress& progress() const { return m_progress; }
    [[nodiscard]] bool settled() const
    {
        return !m_jobs.busy() && !m_exports.busy() && !m_probe.busy() && !m_probeTimer.isActive();
    }

    /// resume: go on where an earlier run of the same study stopped; else an earlier journal of
    /// the output folder is an error that is told.
    void start(bool resume);
    void cancel(); ///< keeps what is measured

    /// study.csv, study.json and study.html in `folder`: the same bytes as the command line's.
    void exportReports(const QString& folder);
    /// provenanceOfFigure beside a picture of the present study's curves, as `result` had them,
    /// that is written already: exported() names both; null: the picture alone.
    void exportFigureProvenance(
        const QString& picture, const std::shared_ptr<const StudyResult>& result);

signals:
    void formChanged();
    void resultChanged(); ///< one photo more
    void runningChanged(bool running);
    void progressChanged();
    void exported(const QStringList& paths);
    void errorRaised(const QString& message);
    void said(const QString& message);

private:
    struct Looked ///< what m_stage is of
    {
        StudyForm form;
        StudyRequest request;
        bool operator==(const Looked&) const = default;
    };
    [[nodiscard]] QString journalFile() const;
    void lookSoon();
    void look();
    void know(const Looked& of, std::optional<StudyStage> stage);

    ExplorerSession& m_explorer;
    StudyForm m_form;
    StudyForm m_studied; ///< of m_result
    std::shared_ptr<const StudyResult> m_result;
    QStringList m_labelLines;
    Progress m_progress;
    bool m_running = false;
    bool m_watched = false;
    Looked m_looked;
    std::optional<StudyStage> m_stage; ///< of m_looked
    QTimer m_probeTimer; ///< joins quick changes of the form
    // Last: their threads end before anything else here does.
    JobRunner m_jobs;
    QueuedJobs m_exports;
    JobRunner m_probe;
};

} // namespace crossiter::ui
