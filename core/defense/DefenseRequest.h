#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crossiter {

enum class StageKind
{
    Resize, ///< TF1 bilinear 299 -> sizes... -> 299 (voilin/nips-2017)
    RandomResizePad, ///< nearest to a side in [310, 331), zero-padded at random to 331
    Jpeg, ///< encode and decode at a quality
    BitDepth, ///< fewer grey levels
    Median, ///< median of a square window, each channel alone
    Purify, ///< a network of the store that returns a picture
};

/// One step of a defense between the picture and the network.
struct DefenseStage
{
    StageKind kind = StageKind::Resize;
    std::vector<int> sizes; ///< Resize: 1..299 pixels each, 1..8 of them, in order
    bool backBetween = false; ///< Resize: go back to 299 between two sizes
    int value = 0; ///< Jpeg: quality 1..100; BitDepth: bits 1..8; Median: side, odd 3..15
    std::string model; ///< Purify: model id

    bool operator==(const DefenseStage&) const = default;
};

/// A defense as data: stages in order, then a network that may run with dropout and with the
/// batch's own statistics. Empty = the network as it is.
struct DefenseRequest
{
    std::vector<DefenseStage> stages;
    bool dropout = false; ///< on the pooled features before the classifier
    double keep = 0.0; ///< keep probability in (0, 1]; 0: the network's own
    /// Batch norms use the batch's mean and biased variance. Pictures in order, batches of 16, the
    /// last one filled with mid-grey: what the seed's "training mode" did.
    bool batchStatistics = false;
    int samples = 1; ///< draws a picture, 1..10000; mean of the probabilities
    std::uint64_t seed = 1;

    bool operator==(const DefenseRequest&) const = default;
    /// Draws differ from each other: dropout or a random stage.
    [[nodiscard]] bool random() const;
};

/// Pictures in a batch when its own statistics are used; the last batch is filled with mid-grey.
inline constexpr int kBatchOfStatistics = 16;
/// Side of a random resize's padded picture, and the smallest side it draws (Xie et al. 2018,
/// arXiv:1711.01991).
inline constexpr int kPaddedSide = 331;
inline constexpr int kLeastRandomSide = 310;

/// Throws Error(Usage) that names the item ("jpeg") and its range.
void checkDefense(const DefenseRequest& defense);

/// The text of `--through`, plans and provenance, and back: items joined by ";" in stage order:
///   resize=250,200  resize-between  random-pad  jpeg=75  bits=3  median=3  purify=ID
///   dropout | dropout=0.8  batch-statistics  samples=30  seed=1
/// or a preset's name. "" and "none" are the empty defense. Throws Error(Usage) that says what is
/// known.
[[nodiscard]] DefenseRequest parseDefense(const std::string& text);
/// Canonical: equal requests give equal texts; parseDefense reads it back.
[[nodiscard]] std::string defenseText(const DefenseRequest& defense);

/// Ids of the purifiers among the stages, each once.
[[nodiscard]] std::vector<std::string> purifiersOf(const DefenseRequest& defense);

struct DefensePreset
{
    std::string name; ///< "DropOutFocus_200"
    DefenseRequest defense;
    std::string model; ///< the seed's network, as a model id; any other works too
    std::string note; ///< what a reader must know, or empty
};
/// The seed's rows (voilin/nips-2017): ens_adv_inception_resnet_v2_DropOutFocus_100, _200, _250,
/// _250_200 and base_inception_model_drop_resize_100, _200, _250, _250_200; then the comparison
/// stages under names of their own.
[[nodiscard]] const std::vector<DefensePreset>& defensePresets();

} // namespace crossiter
