#include "core/study/StudyRecords.h"

#include "core/base/Error.h"
#include "core/base/Sha256.h"

#include <fstream>
#include <nlohmann/json.hpp>

namespace crossiter {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kJournalVersion = 1;

Json trackJson(const StudyTrack& track)
{
    Json json;
    json["attacked"] = track.attacked;
    json["top1"] = track.top1;
    json["drift"] = track.driftPx;
    return json;
}

StudyTrack readTrack(const Json& json, std::size_t judges, std::size_t subSteps)
{
    StudyTrack track;
    track.attacked = json.at("attacked").get<std::vector<int>>();
    track.top1 = json.at("top1").get<std::vector<std::vector<int>>>();
    track.driftPx = json.at("drift").get<std::vector<double>>();
    bool fits = track.attacked.size() == subSteps && track.top1.size() == judges
        && track.driftPx.size() == subSteps + 1;
    for (const auto& labels : track.top1)
        fits = fits && labels.size() == subSteps + 1;
    if (!fits)
        throw Error(ErrorKind::BadInput, "a track of another size", "journal");
    return track;
}

} // namespace

FailedFiles failedFiles(const std::filesystem::path& journal)
{
    FailedFiles files;
    std::ifstream in(journal, std::ios::binary);
    std::string line;
    while (std::getline(in, line) && !in.eof()) {
        if (line.find("\"sha256\"") == std::string::npos)
            continue; // most lines: nothing failed there
        const Json json = Json::parse(line, nullptr, false);
        if (!json.is_object() || !json.contains("photo") || !json["photo"].is_number_unsigned()
            || !json.contains("sha256") || !json["sha256"].is_string())
            continue;
        const auto photo = json["photo"].get<std::size_t>();
        const auto hash = json["sha256"].get<std::string>();
        (json.contains("error") ? files.begun : files.measured).try_emplace(photo, hash);
    }
    return files;
}

std::vector<StudyPhoto> photosAtFirst(const FailedFiles& files, std::vector<StudyPhoto> photos)
{
    for (const auto& [photo, hash] : files.begun) {
        if (photo < photos.size())
            photos[photo].sha256 = hash;
    }
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
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

StudyRecord readRecord(const std::string& line, const StudyRequest& request, std::size_t photos,
    const std::string& place)
{
    try {
        const Json json = Json::parse(line);
        StudyRecord record;
        record.photo = json.at("photo").get<std::size_t>();
        if (record.photo >= photos)
            throw Error(ErrorKind::BadInput, "no such photo", place);
        if (json.contains("error")) {
            record.error = json.at("error").get<std::string>();
            return record;
        }
        const auto work = json.at("work").get<std::vector<std::size_t>>();
        record.work = { work.at(0), work.at(1), work.at(2), work.at(3) };
        const auto subSteps = static_cast<std::size_t>(subStepCount(request.attack));
        for (const Json& track : json.at("tracks"))
            record.tracks.push_back(readTrack(track, request.attack.judges.size(), subSteps));
        if (record.tracks.size() != variantsOf(request).size())
            throw Error(ErrorKind::BadInput, "a record of another study", place);
        return record;
    } catch (const Error&) {
        throw;
    } catch (const std::exception& fault) {
        throw Error(
            ErrorKind::BadInput, "a line that is no record of a study", place, {}, fault.what());
    }
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
        attack.rounds, attack.stepPx, toString(attack.save), attack.seed, toString(attack.numerics),
        attack.threads, toString(attack.device), attack.through, attack.throughDraws,
        attack.momentum, attack.diversity, attack.translation, attack.nesterov, attack.scales,
        static_cast<int>(attack.ensemble) };
    for (const StudyPhoto& photo : photos)
        json["photos"].push_back({ photo.name, photo.trueLabel, photo.sha256 });
    const std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    Json header;
    header["crossiter_study"] = kJournalVersion;
    header["sha256"] = sha256({ reinterpret_cast<const std::uint8_t*>(text.data()), text.size() });
    return header.dump();
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
