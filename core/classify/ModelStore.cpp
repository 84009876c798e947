#include "core/classify/ModelStore.h"

#include "core/base/Error.h"

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

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

std::string joined(const std::vector<StoredModel>& models)
{
    std::string text;
    for (const StoredModel& model : models)
        text += (text.empty() ? "" : ", ") + model.manifest.id;
    return text;
}

} // namespace

StorePaths defaultStorePaths(const std::string& storeOption)
{
    StorePaths paths;
    const std::string variable = environment("CROSSITER_STORE");
    if (!storeOption.empty()) {
        paths.user = storeOption;
    } else if (!variable.empty()) {
        paths.user = variable;
    } else if (const fs::path home = dataHome(); !home.empty()) {
        paths.user = home / "crossiter/models";
    }
    paths.manifests = CROSSITER_BUILT_MANIFESTS;
    if (const fs::path share = packageShare(); !share.empty()) {
        if (isFolder(share / "models"))
            paths.manifests = share / "models";
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
        const auto look = [&](const fs::path& store, bool writable) {
            const fs::path weights = store / model.manifest.id / model.manifest.file;
            if (store.empty() || !model.weights.empty() || !isRegular(weights))
                return;
            model.weights = weights;
            model.store = store;
            model.writable = writable;
        };
        look(m_paths.user, true);
        for (const fs::path& store : m_paths.readOnly)
            look(store, false);
        models.push_back(std::move(model));
    }
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot read the folder of model manifests",
            m_paths.manifests.string(), "a readable folder", fault.message());
    std::sort(models.begin(), models.end(),
        [](const auto& a, const auto& b) { return a.manifest.id < b.manifest.id; });
    return models;
}

StoredModel ModelStore::find(const std::string& id) const
{
    const std::vector<StoredModel> models = list();
    for (const StoredModel& model : models) {
        if (model.manifest.id == id)
            return model;
    }
    throw Error(ErrorKind::BadInput, "unknown model", "model id",
        models.empty() ? "no model is known" : joined(models), id);
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
