#include "core/classify/ModelStore.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/JsonMembers.h"
#include "core/base/Nearest.h"
#include "core/base/Suggestion.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr const char* kReferences = "reference-tables.json"; // of a package, beside models/

std::string environment(const char* name)
{
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here sets it
    return value == nullptr ? std::string() : std::string(value);
}

/// The XDG rule: only an absolute $XDG_DATA_HOME counts, else ~/.local/share. Empty: no home.
fs::path dataHome()
{
    fs::path xdg = environment("XDG_DATA_HOME");
    if (xdg.is_absolute())
        return xdg;
    const fs::path home = environment("HOME");
    return home.is_absolute() ? home / ".local/share" : fs::path();
}

/// PREFIX/share/crossiter of the running program PREFIX/bin/crossiter; empty when unknown.
fs::path packageShare()
{
    std::error_code fault;
    const fs::path program = fs::read_symlink("/proc/self/exe", fault);
    if (fault || !program.has_parent_path())
        return {};
    return program.parent_path().parent_path() / "share/crossiter";
}

bool isFolder(const fs::path& path)
{
    std::error_code fault;
    return fs::is_directory(path, fault);
}

bool isRegular(const fs::path& path)
{
    std::error_code fault;
    return fs::is_regular_file(path, fault);
}

constexpr const char* kFetchRecord = "fetched.json";

/// Looks for the weights, the user's store first.
void locate(StoredModel& model, const StorePaths& paths)
{
    const auto look = [&](const fs::path& store, bool writable) {
        const fs::path weights = store / model.manifest.id / model.manifest.file;
        if (store.empty() || !model.weights.empty() || !isRegular(weights))
            return;
        model.weights = weights;
        model.store = store;
        model.writable = writable;
    };
    look(paths.user, true);
    for (const fs::path& store : paths.readOnly)
        look(store, false);
    if (!model.writable || !model.manifest.sha256.empty())
        return;
    try {
        if (const auto record = readFetchRecord(paths.user / model.manifest.id)) {
            model.manifest.sha256 = record->sha256;
            model.learntSha256 = true;
            model.notVerified = !record->fromServer;
        }
    } catch (const Error& error) {
        model.problem = error.what();
    }
}

/// What people imported: USER/ID/manifest.json. A damaged one must not hide the others.
void addImported(std::vector<StoredModel>& models, const StorePaths& paths)
{
    std::error_code fault;
    if (paths.user.empty())
        return;
    for (fs::directory_iterator folder(paths.user, fault), end; !fault && folder != end;
         folder.increment(fault)) {
        const fs::path path = folder->path() / "manifest.json";
        const std::string id = folder->path().filename().string();
        if (!isModelId(id) || findModel(models, id) != nullptr || !isRegular(path))
            continue;
        StoredModel model;
        try {
            model.manifest = readManifest(path);
            if (model.manifest.id != id)
                throw Error(ErrorKind::BadInput, "a manifest's id must be its folder's name",
                    path.string() + ", key id", id, model.manifest.id);
            locate(model, paths);
        } catch (const Error& error) {
            model.manifest = ModelManifest();
            model.manifest.id = id;
            model.manifest.name = id;
            model.problem = error.what();
        }
        model.imported = true;
        models.push_back(std::move(model));
    }
}

} // namespace

StorePaths defaultStorePaths(const std::string& storeOption)
{
    StorePaths paths;
    const std::string variable = environment("CROSSITER_STORE");
    if (!storeOption.empty())
        paths.user = storeOption;
    else if (!variable.empty())
        paths.user = variable;
    else if (const fs::path home = dataHome(); !home.empty())
        paths.user = home / "crossiter/models";
    paths.manifests = CROSSITER_BUILT_MANIFESTS;
    paths.references = CROSSITER_BUILT_REFERENCES;
    if (const fs::path share = packageShare(); !share.empty()) {
        if (isFolder(share / "models"))
            paths.manifests = share / "models";
        if (isRegular(share / kReferences))
            paths.references = share / kReferences;
        if (isFolder(share / "store"))
            paths.readOnly.push_back(share / "store");
    }
    paths.readOnly.emplace_back(CROSSITER_BUILT_STORE);
    return paths;
}

ModelStore::ModelStore(StorePaths paths)
    : m_paths(std::move(paths))
{
}

std::optional<FetchRecord> readFetchRecord(const fs::path& folder)
{
    const fs::path path = folder / kFetchRecord;
    if (!isRegular(path))
        return std::nullopt;
    constexpr const char* kWritten = "what 'models fetch' wrote; 'models remove' clears it";
    Json text;
    try {
        text = readJsonFile(path, kRecordJson);
    } catch (const Error& error) {
        throw Error(
            ErrorKind::BadInput, kRecordJson.fault, path.string(), kWritten, error.whatElse());
    }
    JsonMembers members(text, {}, [&](const JsonFault& fault) {
        throw Error(ErrorKind::BadInput, kRecordJson.fault,
            path.string() + ", key " + (fault.key.empty() ? "sha256" : fault.key), kWritten);
    });
    FetchRecord record;
    record.bytes = static_cast<std::uint64_t>(members.whole("bytes", 0, INT64_MAX));
    record.url = members.text("url");
    record.fromServer = members.flag("fromServer");
    record.sha256 = members.text("sha256");
    if (record.sha256.size() != 64)
        members.wrong("sha256", "64 digits", text);
    return record;
}

void writeFetchRecord(const fs::path& folder, const FetchRecord& record)
{
    Json text;
    text["sha256"] = record.sha256;
    text["bytes"] = record.bytes;
    text["url"] = record.url;
    text["fromServer"] = record.fromServer;
    writeFileAtomically(folder / kFetchRecord, jsonText(text));
}

std::vector<StoredModel> ModelStore::list() const
{
    std::error_code fault;
    fs::directory_iterator folder(m_paths.manifests, fault);
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot read the folder of model manifests",
            m_paths.manifests.string(), "a folder of ID.json files", fault.message());
    std::vector<StoredModel> models;
    for (const fs::directory_iterator end; folder != end; folder.increment(fault)) {
        const fs::path path = folder->path();
        if (path.extension() != ".json" || path.filename().string().starts_with('.'))
            continue;
        StoredModel model;
        model.manifest = readManifest(path);
        if (model.manifest.id != path.stem().string())
            throw Error(ErrorKind::BadInput, "a manifest's name must be its id",
                path.string() + ", key id", path.stem().string(), model.manifest.id);
        locate(model, m_paths);
        models.push_back(std::move(model));
    }
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot read the folder of model manifests",
            m_paths.manifests.string(), "a readable folder", fault.message());
    addImported(models, m_paths);
    std::ranges::sort(
        models, [](const auto& a, const auto& b) { return a.manifest.id < b.manifest.id; });
    return models;
}

StoredModel ModelStore::find(const std::string& id) const
{
    const std::vector<StoredModel> models = list();
    if (const StoredModel* model = findModel(models, id)) {
        if (!model->problem.empty())
            throw Error(ErrorKind::BadInput, "this model cannot be used: " + model->problem, id);
        return *model;
    }
    std::vector<std::string> known;
    known.reserve(models.size());
    for (const StoredModel& model : models)
        known.push_back(model.manifest.id);
    throw Error(ErrorKind::BadInput, "unknown model", {}, oneOf(known), foundWord(id, known));
}

const StoredModel* findModel(const std::vector<StoredModel>& models, const std::string& id)
{
    const auto found = std::ranges::find_if(
        models, [&id](const StoredModel& model) { return model.manifest.id == id; });
    return found == models.end() ? nullptr : &*found;
}

bool hasWeights(const std::vector<StoredModel>& models, const std::string& id)
{
    const StoredModel* model = findModel(models, id);
    return model != nullptr && !model->weights.empty();
}

void requireWeightsHere(const StoredModel& model)
{
    if (!model.weights.empty())
        return;
    const std::string& id = model.manifest.id;
    throw Error(ErrorKind::BadInput, "weights are not in the store", id,
        model.manifest.sources.empty() ? "weights of yours: 'crossiter models remove " + id
                + "', then 'crossiter models import FILE --as " + id + " ...'"
                                       : "'crossiter models fetch " + id + "' first",
        "no " + id + "/" + model.manifest.file);
}

void requireSize(const StoredModel& model, const char* what)
{
    std::error_code fault;
    const std::uintmax_t bytes = fs::file_size(model.weights, fault);
    if (!fault && model.manifest.fileBytes > 0 && bytes != model.manifest.fileBytes)
        throw Error(ErrorKind::BadInput, what, model.weights.string(),
            std::to_string(model.manifest.fileBytes) + " bytes", std::to_string(bytes));
}

const std::vector<PairPreset>& pairPresets()
{
    static const std::vector<PairPreset> kPresets {
        { "Embedded: EfficientNet-Lite1, Lite0", defaultSources(), true },
        { "Competition entry: Inception-ResNet v2 ens-adv, Inception v3",
            { "inception-resnet-v2-ens-adv", "inception-v3" } },
        { "Competition entry, TF-Slim's files",
            { "inception-resnet-v2-ens-adv-slim", "inception-v3-slim" } },
        { "Undefended: Inception-ResNet v2, Inception v3",
            { "inception-resnet-v2", "inception-v3" } },
    };
    return kPresets;
}

const std::vector<std::string>& defaultSources()
{
    static const std::vector<std::string> kSources { "efficientnet-lite1", "efficientnet-lite0" };
    return kSources;
}

const std::string& defaultJudge()
{
    static const std::string kJudge = "efficientnet-lite2";
    return kJudge;
}

} // namespace crossiter
