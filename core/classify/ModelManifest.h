#pragma once

#include "core/classify/Preprocessing.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace crossiter {

/// What TF-Slim's and timm's Inception v3 do not agree on: whether an average pool counts the zeros
/// of its padding. Logits move by some 7e-3. Weights that were trained in TensorFlow want TfSlim,
/// whatever file they lie in.
enum class PoolPadding
{
    TfSlim, ///< zeros are left out
    Timm ///< zeros are counted
};
[[nodiscard]] const char* nameOf(PoolPadding padding) noexcept; ///< "tf-slim", "timm"

/// A place that a model's file can be fetched from. All sources of a model hold the same file.
struct ModelSource
{
    std::string url; ///< https://..., or http://... for old servers and mirrors of one's own
    /// About how long the file is, for lists and the look at the free space; the server's own
    /// figure decides. 0: not known.
    std::uint64_t aboutBytes = 0;
};

/// models/ID.json: all that is known of a model but its weights. Format: models/README.md. A model
/// that was imported has its manifest in the user's store: ID/manifest.json.
struct ModelManifest
{
    std::string id; ///< [a-z0-9][a-z0-9._-]*
    std::string name; ///< for people: "EfficientNet-Lite0"
    std::string architecture; ///< a name NetFactory knows: "efficientnet-lite0"
    std::string file; ///< weights: file name inside the store's folder ID/
    std::uint64_t fileBytes = 0; ///< 0: not known
    std::string sha256; ///< 64 hex digits, or empty
    std::string licence; ///< SPDX
    std::string source; ///< package or URL
    PreprocessingSpec preprocessing;
    /// 1000 or 1001; 0: the weights tell (rows of the classifier: 1000 -> offset 1, 1001 -> 0)
    int classes = 1000;
    int labelOffset = 1; ///< competition label = index + labelOffset; read only if classes is not 0
    bool robust = false; ///< adversarially trained: only then the word "robust" is shown
    double imagenetTop1 = 0.0; ///< as published, 0..1; 0: not known
    PoolPadding poolPadding = PoolPadding::TfSlim; ///< Inception networks only
    std::vector<ModelSource> sources; ///< empty: cannot be fetched
    bool trusted = false; ///< a TorchScript program that the user trusted, as `sha256` names it
};

/// True for [a-z0-9][a-z0-9._-]*, at most 100 characters.
[[nodiscard]] bool isModelId(const std::string& text);

/// Strict: each key once, no unknown key; what may be left out says models/README.md. Throws
/// Error(BadInput) that names the file and the key.
[[nodiscard]] ModelManifest readManifest(const std::filesystem::path& path);

/// The text that readManifest reads back into the same manifest.
[[nodiscard]] std::string manifestText(const ModelManifest& manifest);

} // namespace crossiter
