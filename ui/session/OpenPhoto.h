#pragma once

#include "core/contest/LabelMatch.h"
#include "core/contest/TrueLabel.h"
#include "core/engine/Engine.h"
#include "ui/session/ExplorerState.h"
#include "ui/session/PhotoLoader.h"

#include <QString>

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace crossiter::ui {

/// What a label table, the file name or the folder say of a photo.
struct FoundLabel
{
    TrueLabel label;
    QString tableText; ///< how the table and the folder's photos met; empty: no table
    bool poor = false; ///< hardly the table of these photos
    LabelReport report; ///< of the table and this photo: what the command line says of it
};

/// The label that the window calls true.
struct ShownLabel
{
    std::optional<int> label; ///< competition label; nothing: not known and nothing to assume yet
    bool assumed = false; ///< the joint top-1 of the sources, not known to be true
    QString origin; ///< "from the file name"
};

/// What OpenPhoto::take() has replaced.
struct PhotoChange
{
    bool photo = false; ///< another photo, or another part of it
    bool picture = false; ///< that, or the clean picture is of another size
    bool table = false; ///< there is something new to say of the label table
};

/// The photo that is open, the pair's other picture, and what is said of their true label.
struct OpenPhoto
{
    LoadedPhoto photo; ///< no path: none is open
    LoadedPhoto other; ///< the pair's second picture, or a series by its path; path empty: none
    std::vector<OtherPicture> series; ///< the pictures of a series; empty: none
    NpyReading arrays; ///< that the series was read by
    Image pairClean; ///< the photo at the pair's size; empty: that is 299x299, or no pair
    quint64 pairNumber = 0; ///< grows with every other pair
    FoundLabel label;
    CropRule crop = CropRule::Whole; ///< that the photo was loaded by
    ColourRule colour = ColourRule::Ignore; ///< likewise
    QString labelsCsv; ///< that was read for it
    std::optional<int> labelBase; ///< that it was read with

    [[nodiscard]] bool empty() const { return photo.clean.empty(); }
    [[nodiscard]] const Image& shownClean() const
    {
        return pairClean.empty() ? photo.clean : pairClean;
    }
    /// What stands beside the clean picture: a pair's one, or the series.
    [[nodiscard]] std::vector<OtherPicture> others() const;
    [[nodiscard]] bool offImageSpace() const { return !pairClean.empty(); }
    [[nodiscard]] std::optional<PictureSize> pairSize() const; ///< nothing: 299x299, or no pair
    /// A state asks for other files, another size or another way to read them.
    [[nodiscard]] bool differsFrom(const ExplorerState& wanted, const QString& path) const;
    /// What was loaded for `wanted` is open from now on.
    PhotoChange take(const LoadedPair& pair, const FoundLabel& found, const ExplorerState& wanted);
    /// Back again: the files that are open and how they were read.
    void giveTo(ExplorerState& state) const;
    /// For a worker: where a trace of the photo (and pair) comes from. May throw Error.
    [[nodiscard]] std::function<Provenance(const AttackTrace&)> origins(
        const std::shared_ptr<Engine>& engine, const ExplorerState& state) const;
    /// The label that the window calls true; trace: its sources' joint top-1 is assumed where
    /// nothing is known, may be null.
    [[nodiscard]] ShownLabel trueLabel(const ExplorerState& state, const AttackTrace* trace) const;
    /// In the core's words, which are the command line's.
    [[nodiscard]] TrueLabelOrigin labelOrigin(const ExplorerState& state) const;
};

} // namespace crossiter::ui
