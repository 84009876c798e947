#pragma once

#include "core/base/Progress.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/classify/ModelStore.h"

#include <cstdint>
#include <filesystem>
#include <limits>
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
    FirstSeen ///< nothing to compare with: not verified, remembered now
};
[[nodiscard]] const char* nameOf(HashOrigin origin) noexcept; ///< for people

struct FetchRequest
{
    std::string id;
    /// A mirror: BASE + the path of the source's address, "http://mirror:8080/models" +
    /// "/timm/.../model.safetensors". Empty: the sources as they are.
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
/// looks at the free space first, and reads the file as weights before it is taken in; it appears
/// whole or not at all. Two processes at once: the second waits and finds it there. Sources are
/// tried in order. Progress counts bytes.
/// Throws Error(BadInput): unknown id, no source, no space, wrong hash or length, server's answer,
/// a file that is no checkpoint.
[[nodiscard]] FetchResult fetchModel(const StorePaths& paths, const FetchRequest& request,
    const ProgressSink& progress = {}, std::stop_token stop = {});

struct ImportRequest
{
    std::filesystem::path file;
    std::string architecture; ///< makeNet's, "torchscript" or "purifier-torchscript"
    std::string id; ///< must be new
    std::string name; ///< empty: the id
    std::string licence; ///< empty: "unknown"
    /// Unset: the architecture's own (defaultPreprocessing).
    std::optional<int> inputSide;
    std::optional<ChannelValues> scale; ///< isScale, else refused
    std::optional<ChannelValues> shift; ///< isShift, else refused
    std::optional<int> labelOffset; ///< unset: 1 for 1000 classes, 0 for 1001; another is refused
    /// Unset: as the file's names tell: timm for torchvision's Inception v3 (pretrainedmodels'
    /// too), whose pools count the zeros; else tf-slim.
    std::optional<PoolPadding> poolPadding;
    /// TensorFlow checkpoints only, "model/InceptionV3" say: whose variables are taken where
    /// several scopes hold the network. Empty: the only one.
    std::string scope;
    /// State dicts only, "ema" say: the dict of tensors that is taken where several hold the
    /// network, "." for the file's own. Empty: the only one.
    std::string key;
    bool robust = false;
    /// TorchScript only: the SHA-256 that the user saw and trusted. A program runs when it is
    /// loaded.
    std::string trustedSha256;
};

/// What ImportRequest::architecture may be: makeNet's names, "torchscript" and
/// "purifier-torchscript".
[[nodiscard]] std::vector<std::string> importableArchitectures();

/// What the published weights of an architecture want: EfficientNet-Lite 224, 240, 260, 280, 300
/// pixels and (127.5 (x + 1) - 127) / 128; the Inception networks, ResNet v2 and programs 299
/// pixels and x as it is.
[[nodiscard]] PreprocessingSpec defaultPreprocessing(const std::string& architecture);

/// What a file is, before it is imported: for a dialog that shows the hash and the names.
struct ImportPreview
{
    std::filesystem::path file; ///< the checkpoint that the path leads to (weightsFile)
    std::vector<NetworkMatch> networks; ///< empty for a program
    std::string format; ///< "safetensors", "PyTorch state dict", "TensorFlow checkpoint", ...
    bool program = false; ///< TorchScript: wants trust
    std::string sha256;
    std::uint64_t bytes = 0;
};

[[nodiscard]] ImportPreview previewImport(const std::filesystem::path& file,
    const ProgressSink& progress = {}, std::stop_token stop = {});

/// What importModel() would do with the file; nothing is hashed, copied or written, no program is
/// loaded.
struct ImportPlan
{
    std::filesystem::path file; ///< the checkpoint that the path leads to
    std::string format;
    Recognition how; ///< empty for a program
    PoolPadding poolPadding = PoolPadding::TfSlim;
    bool converted = false; ///< stored as safetensors under the network's names, not as it is
    int classes = 0; ///< rows of the classifier; 0: not known
    std::vector<std::string> fitting; ///< when it does not fit: the networks that it does fit
};
[[nodiscard]] ImportPlan planImport(const ImportRequest& request);

/// What torchvision's Inception v3 wants, pretrainedmodels' copy of it too: Timm, its pools count
/// the zeros. Any other: TfSlim.
[[nodiscard]] PoolPadding defaultPoolPadding(
    const std::string& architecture, const Recognition& how);

/// "InceptionV3/Logits/Conv2d_1c_1x1/weights -> fc.weight [1001, 2048] F32, turned"; a line each,
/// then what is missing, left over or of another shape; of each at most `most` and a line that
/// counts the rest.
[[nodiscard]] std::vector<std::string> mappingLines(
    const Recognition& how, std::size_t most = std::numeric_limits<std::size_t>::max());

/// Makes a model of a file of the user's own: reads and checks it strictly against the
/// architecture, runs it once on a grey picture, copies it into the user's store (TensorFlow
/// checkpoints, and state dicts with a wrapper, a prefix or other people's names, become
/// safetensors), and writes ID/manifest.json. The store shows all of it or
/// nothing. Empty when stopped.
/// Throws Error(BadInput): what the readers throw, id taken or malformed, program not trusted,
/// logits that are not finite.
[[nodiscard]] std::optional<StoredModel> importModel(const StorePaths& paths,
    const ImportRequest& request, const ProgressSink& progress = {}, std::stop_token stop = {});

struct VerifiedModel
{
    std::string id;
    std::filesystem::path weights;
    std::string sha256; ///< of the file now
    std::string expected; ///< empty: nothing to compare with
    std::string error; ///< one line; empty: as it should be
    bool notVerified = false; ///< `expected` is only what the first fetch brought
};

/// Hashes the weights of the given models (empty: all that are there) anew; shorter when stopped.
/// Throws Error(BadInput): unknown id.
[[nodiscard]] std::vector<VerifiedModel> verifyModels(const StorePaths& paths,
    const std::vector<std::string>& ids, const ProgressSink& progress = {},
    std::stop_token stop = {});

/// Takes a model's files out of the user's store (an imported model's manifest too). Throws
/// Error(BadInput): unknown id, or what lies in a read-only store. Returns the bytes freed.
std::uint64_t removeModel(const StorePaths& paths, const std::string& id);

} // namespace crossiter
