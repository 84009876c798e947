#pragma once

// Files that people take for weights. Each is named, with what to give
// instead.

#include <cstdint>
#include <filesystem>
#include <span>

namespace crossiter {

/// What an import wants, for errors.
inline constexpr const char* kWantedWeights =
    "safetensors, a PyTorch state dict, a TensorFlow checkpoint or a .tar.gz of one";

/// The file that a path leads to: the index of a TensorFlow V2 checkpoint for its prefix, a shard
/// or the .meta beside it; what the note `checkpoint` names, or the one TensorFlow checkpoint in a
/// folder. Any other path is its own file. Throws Error(BadInput): a folder with several, which are
/// named.
[[nodiscard]] std::filesystem::path weightsFile(const std::filesystem::path& path);

// All throw Error(BadInput) "not a checkpoint" when they know what it is, and return when not.

/// A folder without a TensorFlow checkpoint; a shard, the graph or the note without the checkpoint
/// that lay beside it; one of several safetensors files.
void refuseByName(const std::filesystem::path& file);

/// A zip file that no torch.save wrote: arrays of NumPy, a Keras file, an office document.
void refuseOtherZip(std::span<const std::uint8_t> bytes, const std::filesystem::path& file);

/// By the first bytes: a Git LFS pointer, a page, an index of shards, ONNX, HDF5, a TensorFlow
/// graph, other formats of weights, archives, pictures, texts.
void refuseByContent(std::span<const std::uint8_t> bytes, const std::filesystem::path& file);

} // namespace crossiter
