#pragma once

#include "core/base/Progress.h"
#include "core/classify/ModelStore.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter {

/// How the SHA-256 of a fetched file was known to be right.
enum class HashOrigin
{
    Manifest, ///< the manifest names it
    Server, ///< X-Linked-Etag of the first response
    Remembered, ///< an earlier fetch of this model into this store
    FirstSeen ///< nothing to compare with: remembered now
};

struct FetchRequest
{
    std::string id;
    /// Replaces scheme and host of every source, path kept: a mirror. Empty: the sources as they
    /// are.
    std::string baseUrl;
    int attempts = 5; ///< per source, with back-off
    double backoffSeconds = 1.0; ///< before the second attempt; doubles
};

struct FetchResult
{
    StoredModel model;
    std::string sha256;
    HashOrigin origin = HashOrigin::FirstSeen;
    std::uint64_t downloaded = 0; ///< bytes that came over the net in this call
    bool alreadyThere = false;
    bool cancelled = false; ///< the part stays; the next fetch goes on from it
};

/// Brings a model's weights into the user's store. Resumes, retries, compares SHA-256 and length,
/// looks at the free space first; the file appears whole or not at all. Two processes at once: the
/// second waits and finds it there. Progress counts bytes.
/// Throws Error(BadInput): unknown id, no source, no space, wrong hash or length, server's answer.
[[nodiscard]] FetchResult fetchModel(const StorePaths& paths, const FetchRequest& request,
    const ProgressSink& progress = {}, std::stop_token stop = {});

struct ImportRequest
{
    std::filesystem::path file;
    std::string architecture; ///< makeNet's, or "torchscript"
    std::string id; ///< must be new
    std::string name; ///< empty: the id
    std::string licence; ///< empty: "unknown"
    /// Unset: the architecture's own preprocessing and side (299 for the Inception networks,
    /// [-1, 1]).
    std::optional<PreprocessingSpec> preprocessing;
    std::optional<int> labelOffset; ///< unset: 1 for 1000 classes, 0 for 1001
    PoolPadding poolPadding = PoolPadding::TfSlim;
    bool robust = false;
    /// TorchScript only: the SHA-256 that the user saw and trusted. A program runs when it is
    /// loaded.
    std::string trustedSha256;
};

/// What a file is, before it is imported: for a dialog that shows the hash.
struct ImportPreview
{
    std::string format; ///< "safetensors", "PyTorch state dict", "TensorFlow checkpoint", ...
    bool program = false; ///< TorchScript: wants trust
    std::string sha256;
    std::uint64_t bytes = 0;
};

[[nodiscard]] ImportPreview previewImport(const std::filesystem::path& file,
    const ProgressSink& progress = {}, std::stop_token stop = {});

/// Makes a model of a file of the user's own: reads and checks it strictly against the
/// architecture, copies it into the user's store (TensorFlow checkpoints become safetensors), and
/// writes ID/manifest.json. The store shows all of it or nothing.
/// Throws Error(BadInput): what the readers throw, id taken or malformed, program not trusted.
[[nodiscard]] StoredModel importModel(const StorePaths& paths, const ImportRequest& request,
    const ProgressSink& progress = {}, std::stop_token stop = {});

struct VerifiedModel
{
    std::string id;
    std::filesystem::path weights;
    std::string sha256; ///< of the file now
    std::string expected; ///< empty: nothing to compare with
    std::string error; ///< one line; empty: as it should be
};

/// Hashes the weights of the given models (empty: all that are there) anew. Throws
/// Error(BadInput): unknown id.
[[nodiscard]] std::vector<VerifiedModel> verifyModels(const StorePaths& paths,
    const std::vector<std::string>& ids, const ProgressSink& progress = {},
    std::stop_token stop = {});

/// Takes a model's files out of the user's store (an imported model's manifest too). Throws
/// Error(BadInput): unknown id, or what lies in a read-only store. Returns the bytes freed.
std::uint64_t removeModel(const StorePaths& paths, const std::string& id);

} // namespace crossiter
