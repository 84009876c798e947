#include "core/engine/StudyJobs.h"

#include "core/base/Error.h"
#include "core/base/Sha256.h"

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
    requireModels(engine, attack.judges); // the sources are among them
    return engine.load(attack.judges, attack.numerics, attack.device, progress, stop);
}

} // namespace

StudyPhotos studyPhotos(const StudyInput& input)
{
    if (!fs::is_directory(input.folder))
        throw Error(ErrorKind::BadInput, "not a folder", input.folder.string(),
            "a folder of labelled photos");
    const InputListing listing = listInputs(input.folder);
    const bool hasTable = !input.labels.labelsCsv.empty();
    const LabelTable table = hasTable ? readLabelTable(input.labels.labelsCsv) : LabelTable();
    StudyPhotos found;
    found.read = input.read;
    found.skipped = listing.skipped;
    for (const fs::path& file : listing.images) {
        const TrueLabel label =
            resolveTrueLabel(file, input.labels.trueLabel, hasTable ? &table : nullptr);
        if (!label.label) {
            ++found.unlabelled;
            continue;
        }
        if (input.limit > 0 && found.photos.size() == input.limit)
            continue;
        found.photos.push_back({ file.filename().string(), *label.label, hashOf(file) });
        found.files.push_back(file);
    }
    if (found.photos.empty())
        throw Error(ErrorKind::BadInput, "no photo with a true label", input.folder.string(),
            "--labels CSV, a file name imagenet_NN_LABEL or a folder named as a class");
    return found;
}

StudyParts studyParts(Engine& engine, const StudyPhotos& photos)
{
    StudyParts parts;
    parts.read = [&photos](std::size_t photo) {
        return readIntoImageSpace(photos.files.at(photo), photos.read);
    };
    parts.attack = [&engine](const AttackRequest& request, const Image& clean,
                       std::shared_ptr<const AttackTrace> previous, const ProgressSink& progress,
                       std::stop_token stop) {
        return engine.attack(request, clean, std::move(previous), {}, progress, std::move(stop));
    };
    return parts;
}

std::shared_ptr<const StudyResult> studyFolder(Engine& engine, const StudyRequest& request,
    const StudyPhotos& photos, const StudyJournalPlace& journal, const StudySink& onPhoto,
    const ProgressSink& progress, std::stop_token stop)
{
    checkStudy(request);
    // When stopped while loading, the study below finds the stop and gives what the journal has.
    (void)loadAll(engine, request.attack, progress, stop);
    return runStudy(request, photos.photos, studyParts(engine, photos), journal, onPhoto, progress,
        std::move(stop));
}

std::shared_ptr<const NumericsResult> compareNumerics(Engine& engine,
    const NumericsStudyRequest& request, const StudyPhotos& photos, const ProgressSink& progress,
    std::stop_token stop)
{
    checkNumericsStudy(request);
    for (const Numerics numerics : { Numerics::Fast, Numerics::Reference, Numerics::Exact }) {
        AttackRequest attack = request.attack;
        attack.numerics = numerics;
        if (!loadAll(engine, attack, progress, stop))
            break;
    }
    return runNumericsStudy(
        request, photos.photos, studyParts(engine, photos), progress, std::move(stop));
}

Provenance studyProvenance(
    Engine& engine, const AttackRequest& attack, const StudyInput& input, const StudyPhotos& photos)
{
    Provenance provenance = engine.provenance(attack, {}, {});
    std::string all;
    for (const StudyPhoto& photo : photos.photos)
        all += photo.sha256 + " " + std::to_string(photo.trueLabel) + "\n";
    provenance.inputName = fs::absolute(input.folder / ".").parent_path().filename().string();
    provenance.inputSha256 =
        sha256({ reinterpret_cast<const std::uint8_t*>(all.data()), all.size() });
    provenance.trueLabelOrigin =
        input.labels.labelsCsv.empty() ? "from the file names" : "from the CSV file";
    return provenance;
}

} // namespace crossiter
