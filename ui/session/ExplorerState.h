#pragma once

#include "core/attack/AttackFields.h"
#include "core/attack/AttackRequest.h"
#include "core/base/Compute.h"
#include "core/classify/ModelStore.h"
#include "core/defense/DefenseRequest.h"
#include "core/image/Codec.h"
#include "core/image/ImageDiff.h"
#include "core/image/NpyFile.h"
#include "core/image/PictureSize.h"
#include "core/image/Resample.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/Theme.h"

#include <QString>
#include <QStringList>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace crossiter::ui {

/// Who says what the photo shows.
enum class LabelChoice
{
    Automatic, ///< the file name, a CSV or the folder; nothing when they are silent
    User, ///< the user's own `userLabel`
    Cleared, ///< the user says: not known, whatever the file name says
};

/// Which two pictures 2-up, swipe, blink and difference compare.
enum class ComparedPair
{
    OriginalAdversarial,
    AdversarialDefended,
    OriginalDefended,
};

/// The sizes of a sweep: from, from + step, ... and always `to`.
struct SweepSizes
{
    int from = 32; ///< 1..299
    int to = 299; ///< from..299
    int step = 8; ///< 1..100

    bool operator==(const SweepSizes&) const = default;
    [[nodiscard]] std::vector<int> list() const; ///< ascending
};

constexpr std::uint64_t kMostSeed = 1ULL << 53U; ///< JSON's numbers carry every seed up to here

/// Everything that a session file holds: what is attacked, how, and how it is looked at. A plain
/// value; undo keeps two of them. Nothing here is computed from a network.
struct ExplorerState
{
    QString photo; ///< absolute path, empty: none
    /// Absolute path of a picture or series (isSeries) that another program made of it, empty:
    /// none.
    QString pair;
    /// What the pair is compared at; nothing: 299x299. Only with a pair.
    std::optional<PictureSize> pairSize;
    NpyReading pairArrays; ///< of a series; only with a pair
    CropRule crop = CropRule::Whole; ///< how the photo enters image space
    ColourRule colour = ColourRule::Ignore; ///< what the colour profile of photo and pair does
    QString labelsCsv; ///< absolute path of a label table, empty: none
    std::optional<int> labelBase; ///< of its numbers, 0 or 1; nothing: what its kind says
    LabelChoice labelChoice = LabelChoice::Automatic;
    int userLabel = 1; ///< competition label, read only with LabelChoice::User

    /// Its rows are the settings (core's AttackFields). `judges` are those that predict beside the
    /// sources; a target stays remembered where the method takes none; seed at most kMostSeed.
    /// The true label is not read here: request() fills it in.
    AttackRequest attack;

    /// What stands between the picture and the networks in the Defense tab; the attack does not see
    /// it. Always with a Resize stage when the window's own controls made it.
    DefenseRequest defense = defaultDefense();
    SweepSizes sweepSizes;
    bool showDefended = true; ///< the defended picture as a further pane
    ComparedPair compared = ComparedPair::OriginalAdversarial;

    int subStep = -1; ///< shown sub-step; -1: the newest
    PerturbationMode perturbation = PerturbationMode::Signed;
    int gain = 7; ///< 1..255
    QString compare = QStringLiteral("panes"); ///< one of compareWords()
    bool showFloat = false; ///< the attack's own float image as a further pane
    ThemeKind theme = ThemeKind::System;

    bool operator==(const ExplorerState&) const = default;

    void leavePair()
    {
        pair.clear();
        pairSize.reset();
        pairArrays = {};
    }
    /// What says which files are open and how they are read.
    void takePhotoOf(const ExplorerState& other);
    /// The attack that this state asks for; trueLabel as the window knows it.
    [[nodiscard]] AttackRequest request(std::optional<int> trueLabel) const;
    /// The sources and, after them, the judges that are not sources: what is predicted and shown.
    [[nodiscard]] std::vector<std::string> judges() const;
};

/// A first start's state: five rounds of the default pair, judged by the default judge too.
[[nodiscard]] ExplorerState defaultState();

/// `state` with another value of an option; what follows the method or epsilon follows.
[[nodiscard]] ExplorerState withOption(
    ExplorerState state, const AttackField& field, const FieldValue& value);
/// `state` with `method` and the method's own row of defaults (docs/command-line.md); sources,
/// epsilon and the target stay.
[[nodiscard]] ExplorerState withMethod(ExplorerState state, Method method);
/// `state` with epsilon; the step follows where the method's step is epsilon.
[[nodiscard]] ExplorerState withEpsilon(ExplorerState state, int epsilon255);

/// Both ask for the same steps on the picture; who judges, and how, may differ.
[[nodiscard]] bool sameAttack(const ExplorerState& a, const ExplorerState& b);
/// What judges a pair by the networks of `request`: no step is made.
[[nodiscard]] AttackRequest judgingOnly(AttackRequest request);

/// panes, two-up, swipe, blink, difference: in the order of the views' own enumeration.
[[nodiscard]] const QStringList& compareWords();

/// Empty when the request can be run, else the reason in one line.
[[nodiscard]] QString whyNot(const AttackRequest& request);

/// The same of the state whose request `wanted` is: with the networks' weights, and the labels that
/// its rule needs.
[[nodiscard]] QString whyNotRun(const ExplorerState& state, const AttackRequest& wanted,
    const std::vector<StoredModel>& models);

/// The session file's text. Paths below `folder` are written relative to it.
[[nodiscard]] QByteArray sessionJson(const ExplorerState& state, const QString& folder);
/// Strict: unknown or missing keys, wrong types and values out of range are errors.
/// `path` names the file in messages and is where relative paths start. Throws Error(BadInput).
[[nodiscard]] ExplorerState parseSession(const QByteArray& text, const QString& path);
/// Reads at most 1 MB. Throws Error(BadInput).
[[nodiscard]] ExplorerState readSession(const QString& path);
/// Atomic. Throws Error(BadInput).
void writeSession(const ExplorerState& state, const QString& path);

} // namespace crossiter::ui
