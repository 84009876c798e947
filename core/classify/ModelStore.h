#pragma once

#include "core/classify/ModelManifest.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// Where models lie. `user` is written to; `readOnly` are looked into afterwards, in order.
struct StorePaths
{
    std::filesystem::path
        user; ///< --store, $CROSSITER_STORE or XDG data folder + /crossiter/models
    std::vector<std::filesystem::path> readOnly; ///< what setup or a package brought
    std::filesystem::path manifests; ///< the folder models/ of the project or package
};

/// storeOption: the value of --store, may be empty. Reads the environment; looks only whether the
/// folders of an installed package (share/crossiter beside the program's bin) are there; they come
/// before those of the build.
[[nodiscard]] StorePaths defaultStorePaths(const std::string& storeOption = {});

struct StoredModel
{
    ModelManifest manifest;
    std::filesystem::path weights; ///< empty: not in any store
    std::filesystem::path store; ///< the store that holds it
    bool writable = false;
};

/// Read-only view of the stores' content: made anew for each request, it caches nothing.
class ModelStore
{
public:
    explicit ModelStore(StorePaths paths);

    /// All known models, by id. A damaged manifest throws Error(BadInput).
    [[nodiscard]] std::vector<StoredModel> list() const;
    /// Throws Error(BadInput) naming the known ids.
    [[nodiscard]] StoredModel find(const std::string& id) const;
    [[nodiscard]] const StorePaths& paths() const { return m_paths; }

private:
    StorePaths m_paths;
};

/// The embedded default pair (sources, in order) and judge: the command line's never change.
[[nodiscard]] const std::vector<std::string>& defaultSources(); ///< efficientnet-lite1, -lite0
[[nodiscard]] const std::string& defaultJudge(); ///< efficientnet-lite2, the window's third view

} // namespace crossiter
