#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace crossiter {

/// How image space [-1, 1] becomes a network's input: bilinear with half-pixel centres and without
/// antialiasing to inputSide, then (scale * x + shift) for every channel.
struct PreprocessingSpec
{
    int inputSide = 224; ///< pixels, 32..1024
    double scale = 1.0;
    double shift = 0.0;
};

/// models/ID.json: all that is known of a model but its weights. Format: models/README.md.
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
    int classes = 1000; ///< 1000 or 1001
    int labelOffset = 1; ///< competition label = index + labelOffset
    bool robust = false; ///< adversarially trained: only then the word "robust" is shown
    double imagenetTop1 = 0.0; ///< as published, 0..1; 0: not known
};

/// True for [a-z0-9][a-z0-9._-]*, at most 100 characters.
[[nodiscard]] bool isModelId(const std::string& text);

/// Strict: each key once, no unknown key, every key but fileBytes, sha256 and imagenetTop1 there.
/// Throws Error(BadInput) that names the file and the key.
[[nodiscard]] ModelManifest readManifest(const std::filesystem::path& path);

} // namespace crossiter
