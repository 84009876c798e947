#include "core/report/TournamentReport.h"

#include "core/base/Counted.h"
#include "core/base/Numbers.h"
#include "core/base/SafeText.h"

#include <algorithm>
#include <utility>

namespace crossiter {

namespace {

constexpr double kPublishedImages = 1000.0;

std::string percent(std::optional<double> share)
{
    if (!share)
        return "-";
    return fixedText(*share * 100.0, 1) + " %";
}

Json optionalNumber(const std::optional<double>& value)
{
    return value ? jsonNumber(*value) : Json(nullptr);
}

template <typename T>
Json orNull(const std::optional<T>& value)
{
    return value ? Json(*value) : Json(nullptr);
}

Json matrixJson(const ScoreMatrix& matrix)
{
    Json json;
    json["rows"] = matrix.rows;
    json["columns"] = matrix.columns;
    json["cells"] = Json::array();
    for (std::size_t row = 0; row < matrix.rows.size(); ++row) {
        Json cells = Json::array();
        for (std::size_t column = 0; column < matrix.columns.size(); ++column)
            cells.push_back(matrix.at(row, column));
        json["cells"].push_back(std::move(cells));
    }
    return json;
}

/// The mode's matrices by the names of their files.
std::vector<std::pair<std::string, ScoreMatrix>> matricesOf(const ReportParts& parts)
{
    const TournamentOutcome& outcome = parts.outcome;
    if (parts.facts.mode == ScoreMode::Official) {
        const OfficialScores scores = scoreOfficially(outcome);
        return { { "accuracy_matrix", scores.accuracy }, { "error_matrix", scores.error },
            { "hit_target_class_matrix", scores.hitTargetClass } };
    }
    const Scores scores = scoreTournament(outcome);
    return { { "accuracy_on_attacks", scores.accuracyOnAttacks },
        { "accuracy_on_targeted_attacks", scores.accuracyOnTargetedAttacks },
        { "hit_target_class", scores.hitTargetClass } };
}

std::string row(const std::vector<std::string>& cells)
{
    std::string line = "|";
    for (const std::string& text : cells)
        line += " " + (text == "-" ? text : forMarkdown(text)) + " |"; // no list begins in a cell
    return line + "\n";
}

std::string table(const std::vector<std::string>& header)
{
    std::string rule = "|";
    for (std::size_t i = 0; i < header.size(); ++i)
        rule += "---|";
    return row(header) + rule + "\n";
}

std::string matrixText(const std::string& name, const ScoreMatrix& matrix)
{
    if (matrix.rows.empty() || matrix.columns.empty())
        return {};
    std::vector<std::string> header { "" };
    header.insert(header.end(), matrix.columns.begin(), matrix.columns.end());
    std::string text = "## " + name + "\n\n" + table(header);
    for (std::size_t i = 0; i < matrix.rows.size(); ++i) {
        std::vector<std::string> cells { matrix.rows[i] };
        for (std::size_t j = 0; j < matrix.columns.size(); ++j)
            cells.push_back(std::to_string(matrix.at(i, j)));
        text += row(cells);
    }
    return text + "\n";
}

std::string scoresText(const std::vector<NormalisedScore>& scores)
{
    std::string text =
        "## Scores\n\nNormalised: score / (images x opponents). Over right: the same "
        "over the pairs of image and opponent whose defense is right on the clean "
        "image.\n\n"
        + table({ "kind", "name", "score", "images", "opponents", "normalised", "over right" });
    for (const NormalisedScore& score : scores)
        text += row({ score.kind, score.name, std::to_string(score.score),
            std::to_string(score.images), std::to_string(score.opponents),
            percent(score.normalised), percent(score.normalisedOverRight) });
    return text + "\n";
}

std::string seedText(const std::vector<SeedComparison>& comparison)
{
    std::string text = "## Beside the seed's tables\n\nThe published counts are over 1000 images "
                       "and an unknown number of opponents, assumed as docs/batch.md says; "
                       "their networks saw other attacks and defenses than ours.\n\n"
        + table({ "table", "row", "ours", "images x opponents", "normalised", "published",
            "assumed", "normalised", "remark" });
    for (const SeedComparison& line : comparison) {
        const bool has = line.score.has_value();
        text += row({ line.table, line.row, has ? std::to_string(*line.score) : "missing",
            has ? std::to_string(line.images) + " x " + std::to_string(line.opponents) : "-",
            percent(line.share), std::to_string(line.published),
            "1000 x " + std::to_string(line.publishedOpponents), percent(line.publishedShare),
            line.remark });
    }
    return text + "\n";
}

std::string publishedText(const std::vector<PublishedComparison>& lines)
{
    if (lines.empty())
        return {};
    std::string text =
        "## Beside published rates\n\nShares of pictures whose label is not the true "
        "one: published ones, and ours with Wilson's 95 % interval over the pictures "
        "of this tournament. The settings are the published ones but for what a "
        "remark says; what else is not as here stands below.\n\n"
        + table({ "attack", "network", "published", "here", "95 % interval", "pictures", "as",
            "remark" });
    std::vector<const ReferenceTable*> tables;
    for (const PublishedComparison& line : lines) {
        if (tables.empty() || tables.back() != line.table)
            tables.push_back(line.table);
        text += row({ line.attack, line.defense, percent(line.rate->percent / 100.0),
            percent(line.here.share), percent(line.here.low) + " to " + percent(line.here.high),
            std::to_string(line.here.total),
            line.rate->attack + " (" + std::to_string(tables.size()) + ")", line.remark });
    }
    text += "\n";
    for (std::size_t i = 0; i < tables.size(); ++i) {
        const ReferenceTable& one = *tables[i];
        text += "- (" + std::to_string(i + 1) + ") "
            + forMarkdown(one.source + ", " + one.url + ": " + one.where + "; over "
                + counted(one.images, "picture") + ": " + one.imageSet + "."
                + (one.note.empty() ? "" : " " + one.note))
            + "\n";
    }
    return text + "\n";
}

/// One line for each submission, stage and reason, with the images it is about.
std::string failuresText(const std::vector<TournamentFailure>& failures)
{
    if (failures.empty())
        return "## Failures\n\nNone.\n";
    std::vector<std::pair<TournamentFailure, std::size_t>> groups;
    std::map<std::string, std::size_t> index;
    for (const TournamentFailure& failure : failures) {
        const std::string key = failure.stage + '\n' + failure.name + '\n' + failure.reason;
        const auto [entry, first] = index.try_emplace(key, groups.size());
        if (first)
            groups.emplace_back(failure, 0);
        ++groups[entry->second].second;
    }
    std::string text = "## Failures\n\n";
    for (const auto& [failure, count] : groups) {
        text += "- "
            + forMarkdown(failure.stage + " " + failure.name
                + (failure.image.empty() ? "" : ", " + failure.image)
                + (count > 1 ? " and " + std::to_string(count - 1) + " more" : "") + ": "
                + failure.reason)
            + "\n";
    }
    return text;
}

/// Notes of the run, then those of the submissions, equal ones in one line.
std::string notesText(const ReportParts& parts)
{
    std::string text;
    for (const std::string& note : parts.notes)
        text += "- " + forMarkdown(note) + "\n";
    std::vector<std::pair<std::string, std::string>> lines; // note, names
    const auto add = [&lines](const std::string& note, const std::string& name) {
        if (note.empty())
            return;
        const auto same =
            std::ranges::find_if(lines, [&note](const auto& line) { return line.first == note; });
        if (same != lines.end())
            same->second += ", " + name;
        else
            lines.emplace_back(note, name);
    };
    for (const SubmissionNote& submission : parts.facts.notes)
        add(submission.note, submission.name);
    for (const LeftOut& left : parts.facts.leftOut)
        add("missing, " + left.reason, left.name);
    for (const auto& [note, names] : lines)
        text += "- " + forMarkdown(names + ": " + note) + "\n";
    return text;
}

Json seedJson(const std::vector<SeedComparison>& comparison)
{
    Json rows = Json::array();
    for (const SeedComparison& line : comparison) {
        Json json;
        json["table"] = line.table;
        json["row"] = line.row;
        json["score"] = orNull(line.score);
        json["images"] = line.images;
        json["opponents"] = line.opponents;
        json["normalised"] = optionalNumber(line.share);
        json["published"] = line.published;
        json["published_images"] = 1000;
        json["published_opponents_assumed"] = line.publishedOpponents;
        json["published_normalised"] = jsonNumber(line.publishedShare);
        json["remark"] = line.remark;
        rows.push_back(std::move(json));
    }
    return rows;
}

Json publishedJson(const std::vector<PublishedComparison>& lines)
{
    Json rows = Json::array();
    for (const PublishedComparison& line : lines) {
        Json json;
        json["attack"] = line.attack;
        json["defense"] = line.defense;
        json["network"] = line.network;
        json["published_attack"] = line.rate->attack;
        json["published"] = jsonNumber(line.rate->percent / 100.0);
        json["published_images"] = line.table->images;
        json["here"] = proportionJson(line.here);
        json["remark"] = line.remark;
        json["source"] = line.table->source;
        json["url"] = line.table->url;
        json["where"] = line.table->where;
        json["image_set"] = line.table->imageSet;
        json["note"] = line.table->note;
        rows.push_back(std::move(json));
    }
    return rows;
}

} // namespace

std::vector<NormalisedScore> scoresOf(ScoreMode mode, const TournamentOutcome& outcome)
{
    if (mode == ScoreMode::Official) {
        const OfficialScores scores = scoreOfficially(outcome);
        return normaliseScores(outcome, scores.attacks, scores.targetedAttacks, scores.defenses);
    }
    const Scores scores = scoreTournament(outcome);
    return normaliseScores(outcome, scores.attacks, scores.targetedAttacks, scores.defenses);
}

std::vector<SeedComparison> compareWithSeed(
    const TournamentFacts& facts, const std::vector<NormalisedScore>& scores)
{
    std::vector<SeedComparison> lines;
    for (const SeedTable& published : seedTables()) {
        const std::string kind = published.name == "non-targeted" ? "attack"
            : published.name == "targeted"                        ? "targeted_attack"
                                                                  : "defense";
        for (const auto& publishedRow : published.rows) {
            const std::string& name = publishedRow.first;
            const long count = publishedRow.second;
            SeedComparison line { published.name, name, count, published.opponents };
            line.publishedShare = static_cast<double>(count)
                / (kPublishedImages * static_cast<double>(published.opponents));
            line.remark = "not in the plan";
            for (const LeftOut& row : facts.leftOut)
                if (row.name == name)
                    line.remark = row.reason;
            for (const NormalisedScore& score : scores) {
                if (score.name != name || score.kind != kind)
                    continue;
                line.score = score.score;
                line.images = score.images;
                line.opponents = score.opponents;
                line.share = score.normalised;
                line.remark.clear();
            }
            for (const SubmissionNote& submission : facts.notes)
                if (line.score && submission.kind == kind && submission.name == name)
                    line.remark = submission.note;
            lines.push_back(std::move(line));
        }
    }
    return lines;
}

void addPlan(Json& json, const TournamentFacts& plan)
{
    json["plan_sha256"] = plan.planSha256;
    json["mode"] = plan.mode == ScoreMode::Official ? "official" : "development";
    json["epsilon"] = plan.epsilon255 ? Json(*plan.epsilon255) : Json("official");
    json["seed"] = plan.seed;
    json["numerics"] = toString(plan.compute.numerics);
    json["threads_per_process"] = plan.compute.threads;
}

Json reportJson(const ReportParts& parts)
{
    const TournamentFacts& plan = parts.facts;
    const TournamentOutcome& outcome = parts.outcome;
    Json json;
    json["version"] = parts.version;
    addPlan(json, plan);
    json["device"] = parts.device;
    json["images"] = outcome.images.size();
    json["adversarial_images"] = outcome.examples.size();
    json["weights_sha256"] = Json::object();
    for (const auto& [id, hash] : parts.weightsSha256)
        json["weights_sha256"][id] = hash;
    json["scores"] = Json::array();
    const std::vector<NormalisedScore> scores = scoresOf(plan.mode, outcome);
    for (const NormalisedScore& score : scores) {
        Json line;
        line["kind"] = score.kind;
        line["name"] = score.name;
        line["score"] = score.score;
        line["images"] = score.images;
        line["opponents"] = score.opponents;
        line["normalised"] = optionalNumber(score.normalised);
        line["rightly_classified"] = orNull(score.rightlyClassified);
        line["score_over_right"] = orNull(score.scoreOverRight);
        line["normalised_over_right"] = optionalNumber(score.normalisedOverRight);
        json["scores"].push_back(std::move(line));
    }
    json["matrices"] = Json::object();
    for (const auto& [name, matrix] : matricesOf(parts))
        json["matrices"][name] = matrixJson(matrix);
    if (plan.besideSeed)
        json["seed_tables"] = seedJson(compareWithSeed(plan, scores));
    if (const auto published = compareWithPublished(plan, outcome, parts.published);
        !published.empty())
        json["published_rates"] = publishedJson(published);
    json["files"] = parts.files;
    json["notes"] = parts.notes;
    json["failures"] = Json::array();
    for (const TournamentFailure& failure : parts.failures) {
        Json line;
        line["stage"] = failure.stage;
        line["name"] = failure.name;
        line["image"] = failure.image.empty() ? Json(nullptr) : Json(failure.image);
        line["reason"] = failure.reason;
        json["failures"].push_back(std::move(line));
    }
    return json;
}

std::string reportMarkdown(const ReportParts& parts)
{
    const TournamentFacts& plan = parts.facts;
    const TournamentOutcome& outcome = parts.outcome;
    std::string text = "# Tournament\n\n" + counted(outcome.images.size(), "image") + ", "
        + std::to_string(outcome.attacks.size()) + " non-targeted and "
        + counted(outcome.targetedAttacks.size(), "targeted attack") + ", "
        + counted(outcome.defenses.size(), "defense") + "; epsilon "
        + (plan.epsilon255 ? std::to_string(*plan.epsilon255) : "4, 8, 12, 16 by batch of 100")
        + "; " + (plan.mode == ScoreMode::Official ? "official evaluation" : "development runner")
        + "; numerics " + toString(plan.compute.numerics) + ", "
        + counted(plan.compute.threads, "thread") + " a process, seed " + std::to_string(plan.seed)
        + "; CrossIter " + parts.version + ".\n\n";
    const std::vector<NormalisedScore> scores = scoresOf(plan.mode, outcome);
    text += scoresText(scores);
    for (const auto& [name, matrix] : matricesOf(parts))
        text += matrixText(name, matrix);
    if (plan.besideSeed)
        text += seedText(compareWithSeed(plan, scores));
    text += publishedText(compareWithPublished(plan, outcome, parts.published));
    const std::string notes = notesText(parts);
    if (!notes.empty())
        text += "## Notes\n\n" + notes + "\n";
    return text + failuresText(parts.failures);
}

} // namespace crossiter
