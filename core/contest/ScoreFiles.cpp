// The files of Score.h, byte for byte.

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"
#include "core/base/Numbers.h"
#include "core/contest/Score.h"

namespace crossiter {

namespace {

constexpr const char* kCrLf = "\r\n";

std::string wholeText(std::optional<int> number)
{
    return number ? std::to_string(*number) : std::string();
}

std::string wholeText(std::optional<long> number)
{
    return number ? std::to_string(*number) : std::string();
}

std::string shareText(std::optional<double> share)
{
    return share ? fixedText(*share, 6) : std::string();
}

} // namespace

std::string advExampleStem(std::size_t number)
{
    return paddedText(number, 8);
}

std::string matrixText(const ScoreMatrix& matrix)
{
    std::string text;
    for (const std::string& column : matrix.columns)
        text += "," + column;
    text += "\n";
    for (std::size_t row = 0; row < matrix.rows.size(); ++row) {
        text += matrix.rows[row];
        for (std::size_t column = 0; column < matrix.columns.size(); ++column)
            text += "," + std::to_string(matrix.at(row, column));
        text += "\n";
    }
    return text;
}

std::string rankingText(const char* header, const Ranking& ranking)
{
    std::string text = header;
    text += kCrLf;
    for (const RankedName& ranked : ranking)
        text += csvField(ranked.name) + "," + std::to_string(ranked.score) + kCrLf;
    return text;
}

std::string allClassificationText(const TournamentOutcome& tournament)
{
    std::string text =
        "AttackName,IsTargeted,DefenseName,ImageId,PredictedLabel,TrueLabel,TargetClass";
    text += kCrLf;
    for (std::size_t defense = 0; defense < tournament.defenses.size(); ++defense) {
        for (std::size_t number = 0; number < tournament.examples.size(); ++number) {
            const std::optional<int> label = tournament.labels[defense][number];
            if (!label)
                continue;
            const AdvExample& example = tournament.examples[number];
            const TournamentImage& image = tournament.images[example.image];
            const auto& names = example.targeted ? tournament.targetedAttacks : tournament.attacks;
            text += csvField(names[example.attack]);
            text += example.targeted ? ",True," : ",False,";
            text += csvField(tournament.defenses[defense]) + "," + csvField(image.imageId) + ","
                + std::to_string(*label) + "," + wholeText(image.trueLabel) + ","
                + wholeText(image.targetClass) + kCrLf;
        }
    }
    return text;
}

std::string normalisedText(const std::vector<NormalisedScore>& scores)
{
    std::string text = "Kind,Name,Score,Images,Opponents,Normalised,RightlyClassified,"
                       "ScoreOverRightlyClassified,NormalisedOverRightlyClassified\n";
    for (const NormalisedScore& score : scores) {
        text += score.kind + "," + csvField(score.name) + "," + std::to_string(score.score) + ","
            + std::to_string(score.images) + "," + std::to_string(score.opponents) + ","
            + shareText(score.normalised) + "," + wholeText(score.rightlyClassified) + ","
            + wholeText(score.scoreOverRight) + "," + shareText(score.normalisedOverRight) + "\n";
    }
    return text;
}

std::vector<ScoreFile> scoreFiles(
    const TournamentOutcome& tournament, ScoreMode mode, bool allClassification)
{
    std::vector<ScoreFile> files;
    const auto addRankings = [&](const Ranking& attacks, const Ranking& targeted,
                                 const Ranking& defenses) {
        files.push_back({ "attack_ranking.csv", rankingText("AttackName,Score", attacks) });
        files.push_back(
            { "targeted_attack_ranking.csv", rankingText("AttackName,Score", targeted) });
        files.push_back({ "defense_ranking.csv", rankingText("DefenseName,Score", defenses) });
        files.push_back({ "normalised_scores.csv",
            normalisedText(normaliseScores(tournament, attacks, targeted, defenses)) });
    };
    if (mode == ScoreMode::Development) {
        const Scores scores = scoreTournament(tournament);
        files.push_back({ "accuracy_on_attacks.csv", matrixText(scores.accuracyOnAttacks) });
        files.push_back(
            { "accuracy_on_targeted_attacks.csv", matrixText(scores.accuracyOnTargetedAttacks) });
        files.push_back({ "hit_target_class.csv", matrixText(scores.hitTargetClass) });
        addRankings(scores.attacks, scores.targetedAttacks, scores.defenses);
    } else {
        const OfficialScores scores = scoreOfficially(tournament);
        files.push_back({ "accuracy_matrix.csv", matrixText(scores.accuracy) });
        files.push_back({ "error_matrix.csv", matrixText(scores.error) });
        files.push_back({ "hit_target_class_matrix.csv", matrixText(scores.hitTargetClass) });
        addRankings(scores.attacks, scores.targetedAttacks, scores.defenses);
    }
    if (allClassification)
        files.push_back({ "all_classification.csv", allClassificationText(tournament) });
    return files;
}

std::vector<std::filesystem::path> writeScores(const std::filesystem::path& folder,
    const TournamentOutcome& tournament, ScoreMode mode, bool allClassification)
{
    std::vector<std::filesystem::path> written;
    for (const ScoreFile& file : scoreFiles(tournament, mode, allClassification)) {
        written.push_back(folder / file.name);
        writeFileAtomically(written.back(), file.text);
    }
    return written;
}

} // namespace crossiter
