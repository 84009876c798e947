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
    std::filesystem::path references; ///< its reference-tables.json; empty: none
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
    bool imported = false; ///< its manifest lies in the user's store, not in the project
    /// manifest.sha256 is not the project's: it was learnt when the file was fetched
    bool learntSha256 = false;
    /// ... and nobody vouched for it: neither the project nor the server named it beforehand. It is
    /// what the first fetch brought, and only says that the file has not changed since.
    bool notVerified = false;
    std::string problem; ///< one line: a damaged manifest of the user's own; empty: none
};

/// What `models fetch` leaves beside weights whose manifest names no hash: USER/ID/fetched.json.
struct FetchRecord
{
    std::string sha256;
    std::uint64_t bytes = 0;
    std::string url;
    bool fromServer = false; ///< the server had announced the hash
};
[[nodiscard]] std::optional<FetchRecord> readFetchRecord(const std::filesystem::path& folder);
void writeFetchRecord(const std::filesystem::path& folder, const FetchRecord& record);

/// Read-only view of the stores' content: made anew for each request, it caches nothing.
class ModelStore
{
public:
    explicit ModelStore(StorePaths paths);

    /// All known models, by id: the project's, then those that were imported. A damaged manifest of
    /// the project throws Error(BadInput); a damaged one of the user's is listed with its problem.
    [[nodiscard]] std::vector<StoredModel> list() const;
    /// Throws Error(BadInput) naming the known ids, or the model's problem.
    [[nodiscard]] StoredModel find(const std::string& id) const;
    [[nodiscard]] const StorePaths& paths() const { return m_paths; }

private:
    StorePaths m_paths;
};

/// The model of this id in a list; null: not among them. Lives as long as the list.
[[nodiscard]] const StoredModel* findModel(
    const std::vector<StoredModel>& models, const std::string& id);
/// It is in the list, and its weights are in a store.
[[nodiscard]] bool hasWeights(const std::vector<StoredModel>& models, const std::string& id);

/// Throws Error(BadInput) with the exact command that brings them, when no store has the weights.
void requireWeightsHere(const StoredModel& model);
/// Throws Error(BadInput), `what`, when the file is not as long as its manifest says: told before
/// it is hashed.
void requireSize(const StoredModel& model, const char* what = "weights are not the manifest's");

/// A pair worth a name.
struct PairPreset
{
    const char* name; ///< for people
    std::vector<std::string> sources; ///< in stepping order
    bool embedded = false; ///< its weights come with scripts/setup; else they must be fetched
};

/// The embedded pair, then the competition entry's in both forms it can be had in, then the base
/// networks alone.
[[nodiscard]] const std::vector<PairPreset>& pairPresets();

/// The embedded default pair (sources, in order) and judge: the command line's never change.
[[nodiscard]] const std::vector<std::string>& defaultSources(); ///< efficientnet-lite1, -lite0
[[nodiscard]] const std::string& defaultJudge(); ///< efficientnet-lite2, the window's third view

} // namespace crossiter
