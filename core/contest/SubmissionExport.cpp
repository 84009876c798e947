#include "core/contest/SubmissionExport.h"

#include "core/base/AtomicFile.h"
#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "core/base/OutputGuard.h"
#include "core/base/RegularFile.h"
#include "core/contest/SafeName.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <link.h>
#include <set>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPiece = 1U << 20U;
constexpr const char* kModels = "models";

[[noreturn]] void fail(const std::string& what, const fs::path& path, const std::string& expected,
    const std::string& found)
{
    throw Error(ErrorKind::BadInput, what, path.string(), expected, found);
}

void makeFolders(const fs::path& path)
{
    std::error_code fault;
    fs::create_directories(path, fault);
    if (fault)
        fail("cannot create a folder", path, "a writable place", fault.message());
}

/// A folder under construction: becomes its target by a rename or goes away with all in it.
class Workshop
{
public:
    explicit Workshop(const fs::path& besides)
    {
        makeFolders(besides.has_parent_path() ? besides.parent_path() : fs::path("."));
        std::string name = (besides.parent_path() / ".crossiter-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr)
            fail("cannot create a folder", besides, "a writable place", systemReason(errno));
        m_path = name;
        ::chmod(m_path.c_str(), 0755); // mkdtemp's own is for its maker alone
    }
    ~Workshop()
    {
        std::error_code ignored;
        if (!m_path.empty())
            fs::remove_all(m_path, ignored);
    }
    Workshop(const Workshop&) = delete;
    Workshop& operator=(const Workshop&) = delete;
    Workshop(Workshop&&) = delete;
    Workshop& operator=(Workshop&&) = delete;

    [[nodiscard]] const fs::path& path() const { return m_path; }

    void becomes(const fs::path& target)
    {
        if (::rename(m_path.c_str(), target.c_str()) != 0) // an empty folder may be there
            fail("cannot write the submission", target, "a new or empty folder",
                systemReason(errno));
        m_path.clear();
    }

private:
    fs::path m_path;
};

/// Bytes copied so far of bytes in all.
class Copier
{
public:
    Copier(const ProgressSink& progress, const std::stop_token& stop)
        : m_progress(progress)
        , m_stop(stop)
    {
    }

    void plan(const fs::path& from, const fs::path& to)
    {
        std::error_code fault;
        m_total += fs::file_size(from, fault);
        if (fault)
            fail("cannot read a file", from, "a readable file", fault.message());
        m_files.emplace_back(from, to);
    }

    /// False when stopped.
    bool run()
    {
        for (const auto& [from, to] : m_files)
            if (!copy(from, to))
                return false;
        return true;
    }

private:
    bool copy(const fs::path& from, const fs::path& to)
    {
        makeFolders(to.parent_path());
        const RegularFile source(from);
        struct stat status = {};
        const bool runs =
            ::fstat(source.descriptor(), &status) == 0 && (status.st_mode & 0100U) != 0;
        const int descriptor =
            ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, runs ? 0777 : 0666);
        if (descriptor < 0)
            fail("cannot write a file", to, "a writable place", systemReason(errno));
        const int reason = pour(source, descriptor, from.filename().string());
        const int closing = ::close(descriptor) == 0 ? 0 : errno;
        if (reason > 0 || closing != 0)
            fail("cannot write a file", to, "room on the disk",
                systemReason(reason > 0 ? reason : closing));
        return reason == 0;
    }

    /// 0 done, -1 stopped, else an errno value.
    int pour(const RegularFile& source, int descriptor, const std::string& name)
    {
        std::vector<std::uint8_t> piece(kPiece);
        for (std::size_t got = source.read(piece); got > 0; got = source.read(piece)) {
            if (m_stop.stop_requested())
                return -1;
            for (std::size_t done = 0; done < got;) {
                const ssize_t wrote = ::write(descriptor, piece.data() + done, got - done);
                if (wrote < 0 && errno != EINTR)
                    return errno;
                done += wrote > 0 ? static_cast<std::size_t>(wrote) : 0;
            }
            m_done += got;
            if (m_progress)
                m_progress({ "copying " + name, static_cast<std::size_t>(m_done),
                    static_cast<std::size_t>(m_total), -1.0 });
        }
        return 0;
    }

    const ProgressSink& m_progress;
    const std::stop_token& m_stop;
    std::vector<std::pair<fs::path, fs::path>> m_files;
    std::uint64_t m_done = 0;
    std::uint64_t m_total = 0;
};

/// Throws for one that is in no store, before anything is written.
std::vector<StoredModel> findAll(const ModelStore& store, const std::vector<std::string>& ids)
{
    std::vector<StoredModel> models;
    for (const std::string& id : ids) {
        models.push_back(store.find(id));
        requireWeightsHere(models.back());
    }
    return models;
}

void planModels(const std::vector<StoredModel>& models, const fs::path& folder, Copier& copier)
{
    for (const StoredModel& model : models) {
        const fs::path target = folder / kModels / model.manifest.id;
        copier.plan(model.weights, target / model.manifest.file);
        for (const char* beside : { "manifest.json", "fetched.json" }) {
            const fs::path file = model.weights.parent_path() / beside;
            std::error_code ignored;
            if (fs::is_regular_file(file, ignored))
                copier.plan(file, target / beside);
        }
    }
}

bool isOfTheSystem(const std::string& library)
{
    return library.starts_with("/lib/") || library.starts_with("/lib64/")
        || (library.starts_with("/usr/lib") && !library.starts_with("/usr/lib/crossiter"));
}

/// The shared libraries of this process that do not come with the system.
std::set<fs::path> ownLibraries()
{
    std::set<fs::path> libraries;
    ::dl_iterate_phdr(
        [](dl_phdr_info* info, std::size_t, void* data) {
            const std::string name = info->dlpi_name == nullptr ? "" : info->dlpi_name;
            if (name.starts_with('/') && !isOfTheSystem(name))
                static_cast<std::set<fs::path>*>(data)->insert(name);
            return 0;
        },
        &libraries);
    return libraries;
}

void planProgram(const ModelStore& store, const fs::path& folder, Copier& copier)
{
    std::error_code fault;
    const fs::path self = fs::read_symlink("/proc/self/exe", fault);
    const fs::path program = self.parent_path() / "crossiter";
    if (fault || !fs::is_regular_file(program, fault))
        fail("the program is not there", program, "crossiter, for the container",
            "nothing; --no-program leaves it out");
    copier.plan(program, folder / "program/bin/crossiter");
    for (const fs::path& library : ownLibraries())
        copier.plan(library, folder / "program/lib" / library.filename());
    fs::directory_iterator manifests(store.paths().manifests, fault);
    for (const fs::directory_iterator end; !fault && manifests != end; manifests.increment(fault)) {
        const fs::path& manifest = manifests->path();
        if (manifest.extension() == ".json")
            copier.plan(manifest, folder / "program/share/crossiter/models" / manifest.filename());
    }
    if (fault)
        fail("cannot read the folder of model manifests", store.paths().manifests,
            "a readable folder", fault.message());
    if (const fs::path& references = store.paths().references; !references.empty())
        copier.plan(references, folder / "program/share/crossiter" / references.filename());
}

void checkSpec(const SubmissionSpec& spec)
{
    requireSubmissionName(spec.name, "submission's name");
    if (spec.kind == SubmissionKind::Defense) {
        checkDefense(spec.defense);
        if (spec.model.empty())
            throw Error(ErrorKind::Usage, "network missing", "--model", "a model id");
        return;
    }
    AttackRequest attack = spec.attack;
    if (isTargeted(attack.method) != (spec.kind == SubmissionKind::TargetedAttack))
        throw Error(ErrorKind::Usage, "the method is not of this type of submission", "method",
            spec.kind == SubmissionKind::Attack ? "a non-targeted method" : "a targeted method",
            toString(attack.method));
    if (attack.labelRule == LabelRule::True)
        throw Error(ErrorKind::Usage, "nobody tells a submission the true labels", "label-rule",
            "another rule", "true");
    if (attack.labelRule == LabelRule::Target)
        attack.target = 1; // each image's own comes from target_class.csv
    checkRequest(attack);
}

std::string readmeText(const SubmissionExportRequest& request)
{
    const SubmissionSpec& spec = request.spec;
    std::string text = spec.name + ": " + nameOf(spec.kind) + " for the NIPS 2017 competition, "
        + "written by CrossIter " + CROSSITER_VERSION + ".\n\n" + entryPointOf(spec.kind)
        + "  the entry point; it calls the program crossiter with these settings\n"
          "models/      the weights it uses\n"
          "Dockerfile   makes the container "
        + containerName() + "\n";
    if (request.program)
        text += "program/     the program and its libraries, for the Dockerfile\n";
    return text + "\nNetworks: ";
}

std::vector<std::string> filesIn(const fs::path& folder)
{
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files.push_back(entry.path().lexically_relative(folder).generic_string());
    std::ranges::sort(files);
    return files;
}

/// Where the result goes.
fs::path targetOf(const SubmissionExportRequest& request)
{
    fs::path output = fs::absolute(request.output).lexically_normal();
    if (!output.has_filename())
        output = output.parent_path();
    if (!request.archive)
        return output;
    if (archiveKindOf(output) == request.archive)
        return output;
    const char* ending = ".tar.gz";
    if (request.archive == ArchiveKind::Zip)
        ending = ".zip";
    else if (request.archive == ArchiveKind::Tar)
        ending = ".tar";
    return output / (request.spec.name + ending);
}

void requireFree(const fs::path& target, bool archive)
{
    std::error_code fault;
    const fs::file_status status = fs::status(target, fault);
    if (!fs::exists(status))
        return;
    if (archive && !fs::is_regular_file(status))
        fail("cannot write the archive", target, "a file", "something else");
    if (!archive && (!fs::is_directory(status) || !fs::is_empty(target, fault)))
        fail("the submission's folder is not free", target, "a new or empty folder",
            fs::is_directory(status) ? "a folder with files" : "a file");
}

} // namespace

std::vector<std::string> modelsOf(const SubmissionSpec& spec)
{
    std::vector<std::string> ids;
    const auto add = [&ids](const std::string& id) {
        if (!contains(ids, id))
            ids.push_back(id);
    };
    const auto addStages = [&add](const DefenseRequest& defense) {
        for (const DefenseStage& stage : defense.stages) {
            if (stage.kind == StageKind::Purify)
                add(stage.model);
        }
    };
    if (spec.kind == SubmissionKind::Defense) {
        add(spec.model);
        addStages(spec.defense);
    } else {
        for (const std::string& id : spec.attack.sources)
            add(id);
        addStages(parseDefense(spec.attack.through));
    }
    return ids;
}

SubmissionExportResult exportSubmission(const ModelStore& store,
    const SubmissionExportRequest& request, const ProgressSink& progress, std::stop_token stop)
{
    checkSpec(request.spec);
    const fs::path target = targetOf(request);
    requireFree(target, request.archive.has_value());
    SubmissionExportResult result;
    result.models = modelsOf(request.spec);
    const std::vector<StoredModel> models = findAll(store, result.models);

    if (request.archive) {
        OutputGuard guard;
        for (const StoredModel& model : models)
            guard.addInputFolder(
                model.weights.parent_path(), "a file of the model " + model.manifest.id + ",");
        guard.addOutput(target);
        guard.check();
    }

    Copier copier(progress, stop);
    Workshop workshop(target);
    const fs::path& folder = workshop.path();
    planModels(models, folder, copier);
    if (request.program)
        planProgram(store, folder, copier);
    result.cancelled = !copier.run();
    if (result.cancelled)
        return result;

    const SubmissionSpec& spec = request.spec;
    writeFileAtomically(folder / kMetadataFile,
        metadataText(
            { nameOf(spec.kind), containerName(), containerName(), entryPointOf(spec.kind) }));
    const fs::path entryPoint = folder / entryPointOf(spec.kind);
    writeFileAtomically(entryPoint, entryPointText(spec));
    ::chmod(entryPoint.c_str(), 0755);
    writeFileAtomically(folder / "Dockerfile", dockerfileText());
    std::string readme = readmeText(request);
    for (const std::string& id : result.models)
        readme += (id == result.models.front() ? "" : ", ") + id;
    writeFileAtomically(folder / "README.txt", readme + "\n");
    result.files = filesIn(folder);

    if (!request.archive) {
        workshop.becomes(target);
    } else if (!packFolder(folder, spec.name, target, *request.archive, progress, stop)) {
        result.cancelled = true;
        return result;
    }
    result.path = target;
    return result;
}

} // namespace crossiter
