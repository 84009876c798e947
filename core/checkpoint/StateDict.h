#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace crossiter {

enum class DType
{
    F16,
    BF16,
    F32,
    F64,
    I8,
    U8,
    I16,
    I32,
    I64,
    Bool
};

[[nodiscard]] std::size_t sizeOf(DType dtype) noexcept;
[[nodiscard]] const char* nameOf(DType dtype) noexcept; ///< "F32", as safetensors names them

/// One tensor of a checkpoint: little-endian, C-contiguous bytes that the StateDict keeps alive.
struct TensorView
{
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::int64_t> shape; ///< empty = scalar
    std::span<const std::byte>
        bytes; ///< size = product(shape) * sizeOf(dtype); not aligned for sure
};

/// Of one checkpoint, whatever its format: networks have some thousands at most. Bounds the time
/// that a header takes.
inline constexpr std::size_t kMostTensors = 100'000;

/// Named tensors in the file's order; names are unique. `owner` keeps the bytes (a mapping or a
/// buffer) alive for as long as the StateDict lives: copy tensors out or keep it.
struct StateDict
{
    std::vector<TensorView> tensors;
    std::shared_ptr<const void> owner;
    /// The bytes lie in a read-only mapping of a file: their pages can be given back and come
    /// again.
    bool mapped = false;

    [[nodiscard]] const TensorView* find(const std::string& name) const;
};

} // namespace crossiter
