#include "core/study/StudyRecords.h"

#include "core/base/Error.h"
#include "core/base/JsonMembers.h"
#include "core/base/Sha256.h"

#include <fstream>

namespace crossiter {

namespace {

constexpr int kJournalVersion = 1;
constexpr std::int64_t kMostLabel = 1000;

Json trackJson(const StudyTrack& track)
{
    Json json;
    json["attacked"] = track.attacked;
    json["top1"] = track.top1;
    json["drift"] = track.driftPx;
    return json;
}

constexpr const char* kNoRecord = "a line that is no record of a study";

/// A record's words for what is wrong with one of its members: an error of the journal.
JsonMembers::Complaint complaintsOf(const std::string& place)
{
    return [&place](const JsonFault& fault) {
        const std::string path = fault.path();
        throw Error(ErrorKind::BadInput, kNoRecord, place + (path.empty() ? "" : ", key ") + path,
            fault.expected, fault.shown("nothing"));
    };
}

template <typename T>
std::vector<T> wholesIn(const JsonMembers& members, const std::string& key, const Json& list,
    std::int64_t low, std::int64_t high)
{
    std::vector<T> values;
    if (!list.is_array())
        members.wrong(key, "a list of whole numbers", list);
    for (const Json& one : list) {
        const auto whole = wholeOf(one, low, high);
        if (!whole)
            members.wrong(
                key, "whole numbers " + std::to_string(low) + ".." + std::to_string(high), one);
        values.push_back(static_cast<T>(*whole));
    }
    return values;
}

StudyTrack readTrack(const Json& json, const std::string& path, std::size_t judges,
    std::size_t subSteps, const std::string& place)
{
    JsonMembers fields(json, path, complaintsOf(place));
    StudyTrack track;
    track.attacked = wholesIn<int>(fields, "attacked", fields.list("attacked"), -1, kMostLabel);
    for (const Json& labels : fields.list("top1"))
        track.top1.push_back(wholesIn<int>(fields, "top1", labels, -1, kMostLabel));
    for (const Json& drift : fields.list("drift")) {
        if (!drift.is_number())
            fields.wrong("drift", "numbers as drift", drift);
        track.driftPx.push_back(drift.get<double>());
    }
    bool fits = track.attacked.size() == subSteps && track.top1.size() == judges
        && track.driftPx.size() == subSteps + 1;
    for (const auto& labels : track.top1)
        fits = fits && labels.size() == subSteps + 1;
    if (!fits)
        throw Error(ErrorKind::BadInput, "a track of another size", place + ", key " + path);
    return track;
}

} // namespace

std::string journalPlace(const std::filesystem::path& journal, int line)
{
    return journal.string() + ", line " + std::to_string(line);
}

FailedFiles failedFiles(const std::filesystem::path& journal)
{
    FailedFiles files;
    std::ifstream in(journal, std::ios::binary);
    JournalLine line;
    for (int number = 1; nextLine(in, line, kJournalLineJson.maxBytes); ++number) {
        if (line.text.find("\"sha256\"") == std::string::npos)
            continue; // most lines: nothing failed there
        const Json json = parseJson(line.text, journalPlace(journal, number), kJournalLineJson);
        const std::string hash = memberText(json, "sha256");
        const std::optional<int> photo = memberInt(json, "photo");
        if (hash.empty() || !photo || *photo < 0)
            continue;
        (json.contains("error") ? files.begun : files.measured)
            .try_emplace(static_cast<std::size_t>(*photo), hash);
    }
    return files;
}

std::vector<StudyPhoto> photosAtFirst(const FailedFiles& files, std::vector<StudyPhoto> photos)
{
    for (const auto& [photo, hash] : files.begun)
        if (photo < photos.size())
            photos[photo].sha256 = hash;
    return photos;
}

void requireSameFile(
    const FailedFiles& files, std::size_t photo, const StudyPhoto& now, const std::string& place)
{
    const auto found = files.measured.find(photo);
    if (found != files.measured.end() && found->second != now.sha256)
        throw Error(ErrorKind::BadInput, "the journal is of another study", place,
            "the file that was measured as " + now.name);
}

std::string recordLine(const StudyRecord& record, const StudyPhoto& photo, bool withFile)
{
    Json json;
    json["photo"] = record.photo;
    json["name"] = photo.name;
    json["true_label"] = photo.trueLabel;
    if (withFile || !record.error.empty())
        json["sha256"] = photo.sha256;
    if (!record.error.empty()) {
        json["error"] = record.error;
    } else {
        json["work"] = { record.work.gradients, record.work.gradientsReused,
            record.work.predictions, record.work.predictionsReused };
        json["tracks"] = Json::array();
        for (const StudyTrack& track : record.tracks)
            json["tracks"].push_back(trackJson(track));
    }
    return jsonLine(json);
}

StudyRecord readRecord(const std::string& line, const StudyRequest& request, std::size_t photos,
    const std::string& place)
{
    const Json json = parseJson(line, place, kJournalLineJson);
    JsonMembers fields(json, {}, complaintsOf(place));
    StudyRecord record;
    record.photo =
        static_cast<std::size_t>(fields.whole("photo", 0, static_cast<std::int64_t>(photos) - 1));
    static_cast<void>(fields.text("name")); // the header's hash holds what the photos are
    static_cast<void>(fields.whole("true_label", 0, kMostLabel));
    if (fields.has("sha256") || fields.has("error"))
        static_cast<void>(fields.text("sha256"));
    if (fields.has("error")) {
        record.error = fields.text("error");
        if (record.error.empty())
            fields.wrong("error", "a text that is not empty", record.error);
        return record;
    }
    const Json& counts = fields.list("work");
    const auto work = wholesIn<std::size_t>(fields, "work", counts, 0, INT64_MAX);
    if (work.size() != 4)
        fields.wrong("work", "four counts of work", counts);
    record.work = { work[0], work[1], work[2], work[3] };
    const auto subSteps = static_cast<std::size_t>(subStepCount(request.attack));
    const std::size_t judges = request.attack.judges.size();
    for (const Json& track : fields.list("tracks")) {
        const std::string path = "tracks[" + std::to_string(record.tracks.size()) + "]";
        record.tracks.push_back(readTrack(track, path, judges, subSteps, place));
    }
    if (record.tracks.size() != variantsOf(request).size())
        throw Error(ErrorKind::BadInput, "a record of another study", place + ", key tracks",
            std::to_string(variantsOf(request).size()) + " tracks",
            std::to_string(record.tracks.size()));
    return record;
}

std::string studyHeader(const StudyRequest& request, const std::vector<StudyPhoto>& photos)
{
    const AttackRequest& attack = request.attack;
    Json json;
    for (const LabelRule rule : request.rules)
        json["rules"].push_back(toString(rule));
    for (const Projection projection : request.projections)
        json["projections"].push_back(toString(projection));
    for (const SourceOrder order : request.orders)
        json["orders"].push_back(toString(order));
    json["attack"] = { toString(attack.method), attack.sources, attack.judges, attack.epsilon255,
        attack.rounds, attack.stepPx, toString(attack.save), attack.seed,
        toString(attack.compute.numerics), attack.compute.threads, toString(attack.compute.device),
        attack.through, attack.throughDraws, attack.momentum, attack.diversity, attack.translation,
        attack.nesterov, attack.scales, static_cast<int>(attack.ensemble) };
    for (const StudyPhoto& photo : photos)
        json["photos"].push_back({ photo.name, photo.trueLabel, photo.sha256 });
    const std::string text = jsonToHash(json);
    Json header;
    header["crossiter_study"] = kJournalVersion;
    header["sha256"] = sha256({ reinterpret_cast<const std::uint8_t*>(text.data()), text.size() });
    return jsonLine(header);
}

StudyTrack trackOf(const AttackTrace& trace)
{
    StudyTrack track;
    track.top1.resize(trace.judges.size());
    for (const auto& subStep : trace.subSteps) {
        if (subStep->index > 0)
            track.attacked.push_back(subStep->attackedLabel);
        track.driftPx.push_back(subStep->linfFloatPx);
        for (std::size_t judge = 0; judge < trace.judges.size(); ++judge)
            track.top1[judge].push_back(subStep->judges.at(judge).top1());
    }
    return track;
}

} // namespace crossiter
