#pragma once

#include "core/attack/AttackRequest.h"
#include "core/base/Statistics.h"
#include "core/report/TournamentFacts.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// A network of a published table: any of these models of ours is it.
using SameNetwork = std::vector<std::string>;

/// How many of a hundred pictures a network got wrong after an attack, as somebody published it.
struct PublishedRate
{
    std::string attack; ///< the source's name of it: "MI-FGSM"
    std::vector<SameNetwork> sources; ///< 1..8, in order
    /// The settings as options of ours, on the first model of each source; none: not known in full,
    /// or no attack of ours. Such a rate is never compared.
    std::optional<AttackRequest> request;
    SameNetwork target; ///< what the pictures were shown to
    double percent = 0.0; ///< 0..100
};

/// A published table, and where it was read.
struct ReferenceTable
{
    std::string source; ///< paper or repository
    std::string url; ///< https
    std::string where; ///< in it: section, table, version
    std::string imageSet; ///< what the pictures are, as far as the source says it
    std::string note; ///< what is not as here; may be empty
    std::size_t images = 0; ///< that each rate is over
    std::vector<PublishedRate> rates;
};

/// docs/formats.md, "reference-tables.json". Strict: an unknown key, a network that the file does
/// not name or a value out of range throws Error(BadInput) with the file and the key.
[[nodiscard]] std::vector<ReferenceTable> readReferenceTables(const std::filesystem::path& path);

/// One published rate and ours.
struct PublishedComparison
{
    const ReferenceTable* table = nullptr; ///< of those compared with; they must outlive this
    const PublishedRate* rate = nullptr;
    std::string attack; ///< of the tournament
    std::string defense; ///< of the tournament: the network as it is
    std::string network; ///< its model id
    /// Pictures that the network labelled otherwise than their true label, of those that the attack
    /// wrote, the network answered and a true label is known of.
    Proportion here;
    std::string remark; ///< the settings that differ; empty: none
};

/// The rates that a tournament has measured too, in the tables' order. Sources, target, budget and
/// every option that decides the picture must be the published ones; a rate whose only difference
/// is the label rule comes with a remark. Not compared: seed, rule of saving, and the method's
/// name, for the untargeted methods that step are one loop with other defaults.
[[nodiscard]] std::vector<PublishedComparison> compareWithPublished(const TournamentFacts& facts,
    const TournamentOutcome& outcome, const std::vector<ReferenceTable>& tables);

} // namespace crossiter
