#pragma once

#include "core/attack/AttackTrace.h"
#include "core/attack/SharedWork.h"
#include "core/base/Progress.h"
#include "core/base/Statistics.h"
#include "core/contest/LabelMatch.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// Label leaking over a folder: what the cross-iterative attack does to labelled photos under every
/// label rule, projection and order of sources, round by round. The definitions:
/// docs/label-leaking.md. Everything is measured on the exported image.

enum class SourceOrder
{
    Given, ///< as in the request
    Reversed,
};
[[nodiscard]] std::string toString(SourceOrder order);
[[nodiscard]] SourceOrder parseSourceOrder(const std::string& text); ///< throws Error(Usage)

struct StudyRequest
{
    std::vector<LabelRule> rules { LabelRule::OwnRefreshed, LabelRule::OwnClean, LabelRule::True,
        LabelRule::JointClean, LabelRule::LeastLikely };
    std::vector<Projection> projections { Projection::None, Projection::Ball };
    std::vector<SourceOrder> orders { SourceOrder::Given };
    /// Method, sources, judges (the sources first, then held-out networks), epsilon, step, rounds
    /// 1..100 (all from 0 are measured), save rule, seed, numerics, threads, device. Rule,
    /// projection, true label and keepFloats are set by the study.
    AttackRequest attack;

    bool operator==(const StudyRequest&) const = default;
};
/// The default pair, ten rounds, judged by the pair and by the held-out network.
[[nodiscard]] StudyRequest defaultStudy();
/// Throws Error(Usage): an empty or repeated choice, the rule target, judges that do not begin with
/// the sources, rounds out of range, and what checkRequest refuses.
void checkStudy(const StudyRequest& request);

/// One curve of the study.
struct StudyVariant
{
    LabelRule rule = LabelRule::OwnRefreshed;
    Projection projection = Projection::None;
    SourceOrder order = SourceOrder::Given;

    bool operator==(const StudyVariant&) const = default;
};
/// By order of sources, then projection, then rule, each as in the request.
[[nodiscard]] std::vector<StudyVariant> variantsOf(const StudyRequest& request);
/// "own-refreshed, none, given"
[[nodiscard]] std::string describe(const StudyVariant& variant);
/// The attack that a variant's cells come from, for one photo.
[[nodiscard]] AttackRequest attackOf(
    const StudyRequest& request, const StudyVariant& variant, int trueLabel);

struct StudyPhoto
{
    std::string name; ///< file name
    int trueLabel = -1; ///< competition label
    std::string sha256; ///< of the file

    bool operator==(const StudyPhoto&) const = default;
};

/// What one variant did to one photo. S = sub-steps.
struct StudyTrack
{
    std::vector<int> attacked; ///< labels, S values
    std::vector<std::vector<int>> top1; ///< [judge][0..S], on the exported image
    std::vector<double> driftPx; ///< 0..S: linf of the float image from the clean one

    bool operator==(const StudyTrack&) const = default;
};

/// One photo's line of the journal.
struct StudyRecord
{
    std::size_t photo = 0; ///< index
    std::string error; ///< one line; not empty: no tracks
    std::vector<StudyTrack> tracks; ///< order of variantsOf
    WorkCount work;

    bool operator==(const StudyRecord&) const = default;
};

/// One judge after one round of one variant. "Right": top-1 is the true label. Over all photos, and
/// over those that this judge has right when clean ("OfClean").
struct StudyCell
{
    Proportion right; ///< accuracy
    Proportion rightOfClean;
    std::size_t score = 0; ///< competition score: photos that are not right
    Proportion lost; ///< the true label had been held and was lost at a sub-step so far
    Proportion returned; ///< it came back at least once so far
    Proportion returnedOfClean;
    Proportion returnsNow; ///< it comes back at a sub-step of this round
    Proportion returnsNowOfClean;
};

/// One round of one variant, whatever the judge. "OfRight": photos that every source has right when
/// clean.
struct StudyRound
{
    Proportion wrongLabel; ///< sub-steps of the round that attacked another than the true label
    Proportion wrongLabelOfRight;
    double meanDriftPx = 0.0; ///< mean over the photos of the float image's distance
};

struct StudyCurve
{
    StudyVariant variant;
    std::vector<StudyRound> rounds; ///< 0..K; round 0 has no sub-steps
    std::vector<std::vector<StudyCell>> cells; ///< [judge][0..K]
    /// Photos whose first sub-step on a wrong label is 1, 2, ... S; last: never.
    std::vector<std::size_t> firstWrong;
    std::vector<std::size_t> firstWrongOfRight;
};

/// Two yes-or-no results on the same photos, by McNemar's exact test.
struct StudyComparison
{
    std::string kind; ///< "rule", "projection", "round", "clean", "returned"
    std::size_t curveA = 0;
    std::size_t curveB = 0;
    int roundA = 0;
    int roundB = 0;
    std::size_t judge = 0;
    std::size_t onlyA = 0; ///< photos that are right (or returned) in A alone
    std::size_t onlyB = 0;
    double p = 1.0; ///< two-sided, not corrected for the number of comparisons
};

/// What the numbers say of one hypothesis.
struct StudyVerdict
{
    std::string id; ///< "H1"
    std::string claim;
    std::string finding; ///< "supported", "contradicted", "mixed", "undecided", "not asked"
    std::vector<std::string> supporting; ///< sentences with numbers
    std::vector<std::string> against;
    std::vector<std::string> open; ///< numbers that decide nothing
};

struct StudyResult
{
    StudyRequest request;
    std::size_t photos = 0; ///< planned
    std::size_t done = 0; ///< measured
    std::vector<std::string> failed; ///< "name: why", of photos that could not be read
    bool cancelled = false;
    std::size_t rightOnAllSources = 0; ///< when clean
    LabelShift labelShift; ///< of the photos' labels against the judges' clean answers
    std::vector<StudyCurve> curves; ///< order of variantsOf
    std::vector<StudyComparison> comparisons;
    std::vector<StudyVerdict> verdicts;
    WorkCount work; ///< over all photos: sub-steps computed and shared

    [[nodiscard]] bool heldOut(std::size_t judge) const; ///< not one of the sources
};

/// What the study takes from outside.
struct StudyEngine
{
    /// 299x299; empty when stopped; throws Error(BadInput).
    std::function<Image(std::size_t photo)> read;
    /// Engine::attack; the last but two: what attacks on one photo compute in common, null: alone.
    std::function<std::shared_ptr<const AttackTrace>(
        const AttackRequest&, const Image&, SharedWork*, const ProgressSink&, std::stop_token)>
        attack;
};

/// Where the work of a study is kept while it runs.
struct StudyJournalPlace
{
    std::filesystem::path file; ///< empty: nowhere
    bool resume = false; ///< go on where an earlier run of the same study stopped
};

/// The result so far, after every photo, on the working thread.
using StudySink = std::function<void(std::shared_ptr<const StudyResult>)>;

/// What a journal has of a study.
enum class StudyStage
{
    None, ///< no journal, or an empty one
    Unfinished, ///< photos are missing, or failed: they are tried (again) on resume
    Complete, ///< every photo is measured
    Another, ///< the journal is of another request or of other photos
};
/// Reads the journal and changes nothing. Throws Error(BadInput) when it cannot be read.
[[nodiscard]] StudyStage studyStage(const StudyRequest& request,
    const std::vector<StudyPhoto>& photos, const std::filesystem::path& journal);

/// Photo by photo; a photo's line is on the disk before the next one begins, so a killed study
/// repeats at most one. A photo that cannot be read is told and left out; with `resume` it is tried
/// again, also as another file of that name. Memory does not grow with the photos. Stopped: the
/// result so far, cancelled. Throws Error(Usage) as checkStudy; Error(BadInput): no photo, a
/// journal that is there without `resume`, one of another study, one that cannot be written.
[[nodiscard]] std::shared_ptr<const StudyResult> runStudy(const StudyRequest& request,
    const std::vector<StudyPhoto>& photos, const StudyEngine& engine,
    const StudyJournalPlace& journal = {}, const StudySink& onPhoto = {},
    const ProgressSink& progress = {}, std::stop_token stop = {});

} // namespace crossiter
