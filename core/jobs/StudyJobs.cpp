#include "core/jobs/StudyJobs.h"

#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/jobs/JobGuard.h"

#include <cstdint>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// Empty: it cannot be read; the study says why and goes on with the others.
std::string hashOf(const fs::path& file)
{
    try {
        return sha256File(file);
    } catch (const Error&) {
        return {};
    }
}

/// False when stopped.
bool loadAll(Engine& engine, const AttackRequest& attack, const ProgressSink& progress,
    const std::stop_token& stop)
{
    engine.requireModels(attack.judges); // the sources are among them
    return engine.load(attack.judges, attack.compute, progress, stop);
}

} // namespace

bool attacksTrueLabels(const StudyRequest& request)
{
    return contains(request.rules, LabelRule::True);
}

StudyPhotos studyPhotos(const StudyInput& input, bool attacksTrueLabels)
{
    if (!fs::is_directory(input.folder))
        throw Error(ErrorKind::BadInput, "not a folder", input.folder.string(),
            "a folder of labelled photos");
    const InputListing listing = listInputs(input.folder);
    const LabelTable table = input.labels.labels();
    StudyPhotos found;
    found.read = input.read;
    found.skipped = listing.skipped;
    if (table.given())
        found.labels.tables.push_back(matchTable(table, listing.images));
    input.labels.tell(found.labels);
    found.litter = listing.litter;
    for (const fs::path& file : listing.images) {
        const TrueLabel label = resolveTrueLabel(file, input.labels.trueLabel, &table);
        if (!label.label) {
            ++found.unlabelled;
            continue;
        }
        if (input.limit > 0 && found.photos.size() == input.limit)
            continue;
        if (attacksTrueLabels)
            requireAttackable(file, label, table);
        found.photos.push_back({ file.filename().string(), *label.label, hashOf(file) });
        found.files.push_back(file);
    }
    if (found.photos.empty())
        throw Error(ErrorKind::BadInput, "no photo with a true label",
            (table.given() ? table.file : input.folder).string(),
            table.given()
                ? "a row for a photo in " + input.folder.string()
                : "labels CSV, a file name imagenet_NN_LABEL or a folder named as a class",
            table.given() ? foundIn(found.labels.tables.front()) : std::string());
    return found;
}

void judgeLabels(StudyPhotos& photos, const StudyResult& result)
{
    if (!photos.labels.empty())
        photos.labels.suspicion = result.labelShift.suspicion(photos.labels.tables.front().table);
}

void requireStudyOutput(const Engine& engine, const StudyInput& input, const AttackRequest& attack,
    const fs::path& folder)
{
    OutputGuard guard;
    addLabelFiles(guard, input.labels);
    addModelFiles(guard, engine, attack.judges); // the sources are among them
    if (fs::is_directory(input.folder)) // an export may come after the photos are gone
        for (const fs::path& file : listInputs(input.folder).images)
            guard.addPicture(file);
    for (const char* name :
        { "study.csv", "study.html", "study.json", "numerics.csv", "numerics.json" })
        guard.addOutput(folder / name, OutputKind::Text);
    guard.addOutput(folder / "study.journal.jsonl"); // looks at what it goes on with by itself
    guard.check();
}

StudyEngine studyEngine(Engine& engine, const StudyPhotos& photos, std::stop_token reading)
{
    StudyEngine study;
    study.read = [&photos, stop = std::move(reading)](std::size_t photo) {
        return readIntoImageSpace(photos.files.at(photo), photos.read, stop);
    };
    study.attack = [&engine](const AttackRequest& request, const Image& clean, SharedWork* shared,
                       const ProgressSink& progress, std::stop_token stop) {
        return engine.attack(request, clean, nullptr, {}, progress, std::move(stop), shared);
    };
    return study;
}

std::shared_ptr<const StudyResult> studyFolder(Engine& engine, const StudyRequest& request,
    const StudyPhotos& photos, const StudyJournalPlace& journal, const StudySink& onPhoto,
    const ProgressSink& progress, std::stop_token stop)
{
    checkStudy(request);
    // When stopped while loading, the study below finds the stop and gives what the journal has.
    (void)loadAll(engine, request.attack, progress, stop);
    const StudyEngine study = studyEngine(engine, photos, stop);
    return runStudy(request, photos.photos, study, journal, onPhoto, progress, std::move(stop));
}

std::shared_ptr<const NumericsResult> compareNumerics(Engine& engine,
    const NumericsStudyRequest& request, const StudyPhotos& photos, const ProgressSink& progress,
    std::stop_token stop)
{
    checkNumericsStudy(request);
    for (const Numerics numerics : { Numerics::Fast, Numerics::Reference, Numerics::Exact }) {
        AttackRequest attack = request.attack;
        attack.compute.numerics = numerics;
        if (!loadAll(engine, attack, progress, stop))
            break;
    }
    const StudyEngine study = studyEngine(engine, photos, stop);
    return runNumericsStudy(request, photos.photos, study, progress, std::move(stop));
}

Provenance studyProvenance(
    Engine& engine, const AttackRequest& attack, const StudyInput& input, const StudyPhotos& photos)
{
    Provenance provenance = engine.origin(attack);
    provenance.colour = photos.read.colour;
    std::string all;
    for (const StudyPhoto& photo : photos.photos)
        all += photo.sha256 + " " + std::to_string(photo.trueLabel) + "\n";
    provenance.inputName = fs::absolute(input.folder / ".").parent_path().filename().string();
    provenance.inputSha256 =
        sha256({ reinterpret_cast<const std::uint8_t*>(all.data()), all.size() });
    provenance.trueLabelOrigin =
        input.labels.labelsCsv.empty() ? "from the file names" : "from the CSV file";
    provenance.labels = photos.labels;
    return provenance;
}

} // namespace crossiter
