#include "core/batch/TournamentFolders.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/RegularFile.h"
#include "core/base/Words.h"
#include "core/contest/DatasetCsv.h"
#include "core/contest/LabelMatch.h"
#include "core/contest/TargetClassCsv.h"
#include "core/contest/TrueLabel.h"
#include "core/image/Codec.h"
#include "core/image/Resample.h"

#include <algorithm>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMaxPlanBytes = 16U << 20U;
constexpr std::uint64_t kLeastFreeBytes = 1U << 20U; ///< a noisy 299x299 PNG takes 270 KB
constexpr std::uint64_t kMaxPictureBytes = 256U << 20U;

void makeFolder(const fs::path& folder)
{
    std::error_code fault;
    fs::create_directories(folder, fault);
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot create folder", folder.string(),
            "a writable place", fault.message());
}

/// Takes the space now. Not every file system can; then there is no reserve, and no harm.
void reserve(const fs::path& file, std::uint64_t bytes)
{
    const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0)
        return;
    static_cast<void>(::posix_fallocate(descriptor, 0, static_cast<off_t>(bytes)));
    ::close(descriptor);
}

bool anyExternal(const TournamentPlan& plan)
{
    const auto external = [](const auto& submission) { return submission.external.has_value(); };
    return std::any_of(plan.attacks.begin(), plan.attacks.end(), external)
        || std::any_of(plan.targetedAttacks.begin(), plan.targetedAttacks.end(), external)
        || std::any_of(plan.defenses.begin(), plan.defenses.end(), external);
}

/// The clean images as an external program wants them: 299x299 PNGs, and target_class.csv. False
/// when stopped.
bool writeInputs(const TournamentFolders& folders, const TournamentPlan& plan,
    const std::vector<TournamentEntry>& entries, const std::stop_token& stop)
{
    std::size_t batch = SIZE_MAX;
    std::vector<LabelRow> targets;
    const auto finishBatch = [&] {
        if (!targets.empty())
            writeFileAtomically(folders.inputs(batch) / kTargetClassFile, targetClassText(targets));
        targets.clear();
    };
    for (const TournamentEntry& entry : entries) {
        if (entry.batch != batch) {
            finishBatch();
            batch = entry.batch;
            makeFolder(folders.inputs(batch));
        }
        const fs::path file = folders.inputs(batch) / (entry.id + ".png");
        std::error_code fault;
        if (!fs::exists(file, fault)) {
            try {
                const Image image = readCleanImage(plan, entry, stop);
                if (image.empty())
                    return false;
                // A PNG that needs no change keeps its bytes.
                if (!plan.dataset.csv.empty() && entry.file.extension() == ".png")
                    writeFileAtomically(file, readFile(entry.file, kMaxPictureBytes));
                else
                    writePng(file, image);
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::BadInput)
                    throw;
                continue; // the program does not get it; the attack will be reported as failing on
                          // it
            }
        }
        if (entry.target)
            targets.push_back({ entry.id + ".png", *entry.target });
    }
    finishBatch();
    return true;
}

/// Without a plan the list may be another plan's, whose beginning was cut short.
bool hasList(const TournamentFolders& folders)
{
    std::error_code fault;
    return fs::exists(folders.images(), fault) && fs::exists(folders.plan(), fault);
}

bool needsTargets(const TournamentPlan& plan)
{
    return std::any_of(
        plan.targetedAttacks.begin(), plan.targetedAttacks.end(),
        [](const PlanAttack& attack) { return !attack.options.target; });
}

std::string lowerEnding(const fs::path& path)
{
    return lowerCase(path.extension().string());
}

std::string countText(std::size_t count, const char* what)
{
    return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

/// One of the attacks attacks true labels.
bool attacksTrueLabel(const TournamentPlan& plan)
{
    const auto attacks = [](const PlanAttack& attack) {
        return !attack.external
            && attack.options.labelRule.value_or(defaultRequest(attack.options.method).labelRule)
            == LabelRule::True;
    };
    return std::any_of(plan.attacks.begin(), plan.attacks.end(), attacks)
        || std::any_of(plan.targetedAttacks.begin(), plan.targetedAttacks.end(), attacks);
}

/// How the plan's dataset CSV and the folder's images met, where images have no row. That rows have
/// no image is told as it always was.
void noteMissed(const PlanDataset& source, const Dataset& dataset, std::vector<std::string>& notes)
{
    LabelTable table;
    table.file = source.csv;
    for (const DatasetImage& image : dataset.images)
        table.add({ image.contestName(), image.trueLabel.value_or(0), image.line });
    std::vector<fs::path> files;
    std::error_code fault;
    for (fs::directory_iterator entry(source.folder, fault), end; !fault && entry != end;
         entry.increment(fault))
        if (lowerEnding(entry->path()) == ".png")
            files.push_back(entry->path());
    std::sort(files.begin(), files.end());
    const LabelMatch match = matchTable(table, files);
    if (match.imagesMet < match.images)
        notes.push_back(describe(match));
}

Dataset datasetOf(const TournamentPlan& plan, std::vector<std::string>& notes)
{
    const PlanDataset& dataset = plan.dataset;
    if (!dataset.csv.empty()) {
        Dataset found = readDataset(dataset.csv);
        noteMissed(dataset, found, notes);
        return found;
    }
    const LabelTable labels = readLabelTable(dataset.labels, dataset.labelBase);
    const LabelTable targets = readTargetTable(dataset.targets, dataset.targetBase, dataset.folder);
    Dataset found = datasetOfFolder(dataset.folder, &labels, &targets);
    std::vector<fs::path> files;
    files.reserve(found.images.size());
    for (const DatasetImage& image : found.images) {
        files.push_back(dataset.folder / image.file);
        if (attacksTrueLabel(plan))
            requireAttackable(files.back(), resolveTrueLabel(files.back(), {}, &labels), labels);
    }
    for (const LabelTable* table : { &labels, &targets })
        if (table->given())
            notes.push_back(describe(matchTable(*table, files)));
    return found;
}

/// The images that are in the folder and have a true label.
std::vector<TournamentEntry> labelledOf(
    const Dataset& dataset, const PlanDataset& source, std::vector<std::string>& notes)
{
    std::error_code ignored;
    std::vector<TournamentEntry> entries;
    std::size_t missing = 0;
    std::size_t unlabelled = 0;
    for (const DatasetImage& image : dataset.images) {
        TournamentEntry entry;
        entry.id = image.imageId;
        entry.file = source.folder / image.file;
        entry.trueLabel = image.trueLabel;
        entry.target = image.targetClass;
        if (!source.csv.empty() && !fs::exists(entry.file, ignored))
            ++missing;
        else if (!entry.trueLabel)
            ++unlabelled;
        else
            entries.push_back(std::move(entry));
    }
    if (missing > 0)
        notes.push_back(countText(missing, "row") + " of " + source.csv.filename().string()
            + " without an image in the folder, left out");
    if (unlabelled > 0)
        notes.push_back(countText(unlabelled, "image") + " without a true label, left out");
    return entries;
}

} // namespace

std::string TournamentFolders::relative(std::string text) const
{
    const std::string prefix = m_output.string() + "/";
    for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
        text.erase(at, prefix.size());
    return text;
}

Image readCleanImage(
    const TournamentPlan& plan, const TournamentEntry& entry, const std::stop_token& stop)
{
    const bool photo = plan.dataset.csv.empty();
    const DecodeLimits limits;
    const TimeLimit time(limits.deadlineMs, stop);
    Image image =
        readImage(entry.file, photo ? DecodeRule::Person : DecodeRule::Contest, limits, time);
    if (image.empty())
        return image;
    if (photo)
        return toImageSpace(image, CropRule::Whole, time, entry.file.string());
    if (!image.isImageSpace())
        throw Error(ErrorKind::BadInput, "image of the dataset has a wrong size",
            entry.file.string(), "299x299",
            std::to_string(image.width) + "x" + std::to_string(image.height));
    return image;
}

Image readMadeImage(const fs::path& file, const std::stop_token& stop)
{
    const DecodeLimits limits;
    return readImage(file, DecodeRule::Contest, limits, TimeLimit(limits.deadlineMs, stop));
}

std::vector<TournamentEntry> entriesOf(const TournamentPlan& plan, std::vector<std::string>& notes)
{
    const PlanDataset& source = plan.dataset;
    std::error_code fault;
    if (!fs::is_directory(source.folder, fault))
        throw Error(ErrorKind::BadInput, "no such folder", source.folder.string(),
            "the dataset's images", fault ? fault.message() : "no folder");
    const Dataset dataset = datasetOf(plan, notes);
    for (const ShortRow& row : dataset.shortRows)
        notes.push_back("line " + std::to_string(row.line) + " of " + source.csv.filename().string()
            + " is short and was skipped, as the toolkit does");
    for (const std::string& name : dataset.refused)
        notes.push_back(oneLine(name) + ": not a name for an image of a tournament, left out");

    if (dataset.litter > 0)
        notes.push_back(
            countText(dataset.litter, "backup or temporary file") + " in the folder, left out");

    std::vector<TournamentEntry> entries = labelledOf(dataset, source, notes);
    if (entries.empty())
        throw Error(ErrorKind::BadInput, "no image for the tournament", source.folder.string(),
            "images with true labels", notes.empty() ? std::string() : notes.back());
    if (!source.csvOrder)
        std::stable_sort(entries.begin(), entries.end(),
            [](const TournamentEntry& a, const TournamentEntry& b) { return a.id < b.id; });
    if (source.images > 0 && entries.size() > source.images)
        entries.resize(source.images);

    const bool batched = plan.official || !plan.epsilon255;
    for (std::size_t i = 0; i < entries.size(); ++i) {
        entries[i].batch = batched ? i / kOfficialBatch : 0;
        entries[i].epsilon255 = plan.epsilon255.value_or(
            kOfficialEpsilons[entries[i].batch % std::size(kOfficialEpsilons)]);
    }
    const auto hasTarget = [](const TournamentEntry& entry) { return entry.target.has_value(); };
    if (needsTargets(plan) && std::none_of(entries.begin(), entries.end(), hasTarget))
        throw Error(ErrorKind::BadInput, "no image has a target class", source.folder.string(),
            "dataset.csv, dataset.targets, or a target in each targeted attack");
    return entries;
}

void requireFitting(const TournamentFolders& folders, const TournamentPlan& plan, bool resume)
{
    const fs::path file = folders.plan();
    std::error_code fault;
    if (!fs::exists(file, fault)) {
        for (const char* name : { "attacks_output", "targeted_attacks_output", "defenses_output",
                 "all_adv_examples", "report.json" }) {
            if (fs::exists(folders.output() / name, fault))
                throw Error(ErrorKind::BadInput, "the output folder holds other results",
                    (folders.output() / name).string(), "a folder of its own");
        }
        return;
    }
    if (!resume)
        throw Error(ErrorKind::BadInput, "the output folder holds a tournament",
            folders.output().string(), "--resume to go on with it, or another folder");
    const std::vector<std::uint8_t> bytes = readFile(file, kMaxPlanBytes);
    const std::string text(bytes.begin(), bytes.end());
    if (text == planText(plan))
        return;
    static_cast<void>(parsePlan(text, file.string(), folders.output())); // no plan at all says why
    throw Error(ErrorKind::BadInput, "the output folder holds a tournament of another plan",
        file.string(), "the same plan, or another folder");
}

void requireImages(const TournamentFolders& folders, const TournamentPlan& plan)
{
    std::vector<std::string> notes;
    if (!hasList(folders)) {
        static_cast<void>(entriesOf(plan, notes));
        return;
    }
    static_cast<void>(readEntries(folders.images()));
    static_cast<void>(readNotes(folders));
}

std::vector<std::string> readNotes(const TournamentFolders& folders)
{
    const fs::path file = folders.notes();
    std::error_code fault;
    if (!fs::exists(file, fault))
        return {};
    const Json list = readJsonFile(file, kNotesJson);
    if (!list.is_array())
        throw Error(ErrorKind::BadInput, kNotesJson.fault, file.string(), "a list of texts",
            shownJson(list));
    std::vector<std::string> notes;
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list[i].is_string())
            throw Error(ErrorKind::BadInput, kNotesJson.fault,
                file.string() + ", [" + std::to_string(i) + "]", "a text", shownJson(list[i]));
        notes.push_back(list[i].get<std::string>());
    }
    return notes;
}

bool prepareTournament(
    const TournamentFolders& folders, const TournamentPlan& plan, const std::stop_token& stop)
{
    std::error_code fault;
    if (!hasList(folders)) {
        std::vector<std::string> notes;
        const std::vector<TournamentEntry> entries = entriesOf(plan, notes);
        Json list = Json::array();
        for (const std::string& note : notes)
            list.push_back(note);
        writeFileAtomically(folders.notes(), jsonText(list));
        writeFileAtomically(folders.images(), entriesText(entries));
    }
    if (!fs::exists(folders.plan(), fault))
        writeFileAtomically(folders.plan(), planText(plan));
    const std::vector<TournamentEntry> entries = readEntries(folders.images());

    makeFolder(folders.examples());
    makeFolder(folders.work());
    std::vector<fs::path> own { folders.output(), folders.examples(), folders.work() };
    for (const bool targeted : { false, true })
        for (const PlanAttack& attack : targeted ? plan.targetedAttacks : plan.attacks)
            own.push_back(folders.attack(attack.name, targeted));
    for (const PlanDefense& defense : plan.defenses)
        own.push_back(folders.defense(defense.name));
    for (const fs::path& folder : own) {
        makeFolder(folder);
        removeTemporaries(folder);
    }
    if (anyExternal(plan) && !writeInputs(folders, plan, entries, stop))
        return false;
    const std::uint64_t made = entries.size() * (plan.attacks.size() + plan.targetedAttacks.size());
    const std::uint64_t labels = made * plan.defenses.size();
    reserve(folders.journalReserve(), (1U << 20U) + 300 * made);
    reserve(folders.reportReserve(),
        (1U << 20U) + 400 * made + 40 * labels + (plan.allClassification ? 120 * labels : 0));
    return true;
}

void removeTemporaries(const fs::path& folder)
{
    std::error_code fault;
    for (fs::directory_iterator entry(folder, fault), end; !fault && entry != end;
         entry.increment(fault)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (name.starts_with(".crossiter-") && name.ends_with(".tmp"))
            fs::remove(entry->path(), ignored);
    }
}

void removeStale(const TournamentFolders& folders, std::size_t count)
{
    removeTemporaries(folders.examples());
    std::error_code fault;
    for (fs::directory_iterator entry(folders.examples(), fault), end; !fault && entry != end;
         entry.increment(fault)) {
        const std::string stem = entry->path().stem().string();
        const auto number = parseNumber<std::size_t>(stem);
        std::error_code ignored;
        if (number && *number >= count && entry->path().extension() == ".png")
            fs::remove(entry->path(), ignored);
    }
}

void requireRoom(const fs::path& folder)
{
    struct statvfs state = {};
    if (::statvfs(folder.c_str(), &state) == 0
        && static_cast<std::uint64_t>(state.f_bavail) * state.f_frsize < kLeastFreeBytes)
        throw Error(ErrorKind::BadInput, "the disk is full", folder.string(),
            "room for another picture", "less than 1 MB");
}

} // namespace crossiter
