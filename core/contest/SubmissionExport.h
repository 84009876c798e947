#pragma once

#include "core/attack/AttackRequest.h"
#include "core/base/ArchiveFiles.h"
#include "core/base/Progress.h"
#include "core/classify/ModelStore.h"
#include "core/contest/Submission.h"
#include "core/defense/DefenseRequest.h"

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// A submission of ours: what its entry point lets `crossiter` do.
struct SubmissionSpec
{
    SubmissionKind kind = SubmissionKind::Attack;
    std::string name; ///< passes requireSubmissionName; the top folder of an archive
    /// Of attacks. The budget comes from the competition and `target` from target_class.csv: both
    /// are not read here. No label rule `true`: nobody tells a submission true labels.
    AttackRequest attack;
    /// The step is the budget, or the budget over the rounds (the method's own default): then it
    /// follows the competition's epsilon and is not written down.
    bool stepFollowsEpsilon = false;
    std::string model; ///< of defenses
    DefenseRequest defense;
    Numerics numerics = Numerics::Fast; ///< of defenses; an attack carries its own
};

/// What `submission export KIND` writes without further options: CrossIterative_3,
/// CrossIterative_target_20 (plain rounding) and DropOutFocus_200 on the embedded networks.
[[nodiscard]] SubmissionSpec defaultSubmission(SubmissionKind kind);

/// An attack of this method with its row of docs/command-line.md. Throws Error(Usage) when the
/// method is not of the kind (targeted or not).
[[nodiscard]] SubmissionSpec attackSubmission(SubmissionKind kind, Method method);

/// One of the seed's three submissions, with its networks and its saving rule.
struct SubmissionPreset
{
    SubmissionSpec spec; ///< spec.name is the preset's name
    const char* note = ""; ///< what a reader must know, or empty
};
/// CrossIterative_3, CrossIterative_target_20, ens_adv_inception_resnet_v2_DropOutFocus_200. The
/// networks are the competition's: TF-Slim's files where the store has them all, else timm's ids.
[[nodiscard]] std::vector<SubmissionPreset> submissionPresets(const ModelStore& store);

struct SubmissionExportRequest
{
    SubmissionSpec spec;
    /// The submission's folder; with `archive` the folder that NAME.zip or NAME.tar.gz goes into,
    /// or, if it ends so, the archive itself.
    std::filesystem::path output;
    std::optional<ArchiveKind> archive;
    /// Put the program and those of its libraries that Debian does not have into program/, which
    /// the Dockerfile copies into the container. Without it the container has to exist already.
    bool program = true;
};

struct SubmissionExportResult
{
    std::filesystem::path path; ///< the folder or archive; empty: cancelled
    std::vector<std::string> files; ///< inside, relative, byte order
    std::vector<std::string> models; ///< ids whose weights are inside
    bool cancelled = false; ///< nothing is left
};

/// Ids of all networks that it uses, each once.
[[nodiscard]] std::vector<std::string> modelsOf(const SubmissionSpec& spec);

/// Writes metadata.json, the entry point run_attack.sh or run_defense.sh, models/ID/... (a store of
/// its own with the weights of the networks it uses), Dockerfile, README.txt and program/. The
/// folder or archive appears whole or not at all; an archive that is there is replaced.
/// Throws Error(BadInput): weights in no store, the folder exists and is not empty, not writable;
/// Error(Usage): settings that no submission can have.
[[nodiscard]] SubmissionExportResult exportSubmission(const ModelStore& store,
    const SubmissionExportRequest& request, const ProgressSink& progress = {},
    std::stop_token stop = {});

/// No stage, dropout or batch statistics: the network as it is.
[[nodiscard]] bool isPlainNetwork(const DefenseRequest& defense);

/// The name of a defense that has none: of the network alone its id, else that and "_defended".
[[nodiscard]] std::string nameOfDefense(const std::string& model, const DefenseRequest& defense);

/// What the entry point lets the program do, in one line: "defend --model X --seed 1 ...".
[[nodiscard]] std::string commandOf(const SubmissionSpec& spec);

/// "run_attack.sh", "run_defense.sh"
[[nodiscard]] const char* entryPointOf(SubmissionKind kind) noexcept;
/// The entry point's text, "crossiter:VERSION" and the Dockerfile that makes that container.
[[nodiscard]] std::string entryPointText(const SubmissionSpec& spec);
[[nodiscard]] std::string containerName();
[[nodiscard]] std::string dockerfileText();

} // namespace crossiter
