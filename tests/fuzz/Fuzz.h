#pragma once

#include "core/base/Error.h"
#include "core/checkpoint/StateDict.h"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

// What the targets share. A reader may refuse an input with Error(BadInput) and nothing else; what
// it accepts must be whole: each tensor's bytes are there and as many as its shape says.
namespace crossiter::fuzz {

/// On the heap and of exactly the input's length, so that the sanitizer sees every step beyond it.
struct Input
{
    explicit Input(std::span<const std::uint8_t> from)
        : owner(std::make_shared<std::vector<std::uint8_t>>(from.begin(), from.end()))
        , bytes(*owner)
    {
    }
    std::shared_ptr<std::vector<std::uint8_t>> owner;
    std::span<const std::uint8_t> bytes;
};

inline void require(bool holds)
{
    if (!holds)
        std::abort();
}

inline void checkWhole(const StateDict& state)
{
    unsigned sum = 0;
    for (const TensorView& tensor : state.tensors) {
        std::uint64_t values = 1;
        for (const std::int64_t side : tensor.shape) {
            require(side >= 0);
            values *= static_cast<std::uint64_t>(side);
        }
        require(values * sizeOf(tensor.dtype) == tensor.bytes.size());
        for (std::size_t i = 0; i < tensor.bytes.size(); i += 4096)
            sum += static_cast<unsigned>(tensor.bytes[i]);
        if (!tensor.bytes.empty())
            sum += static_cast<unsigned>(tensor.bytes.back());
    }
    // Reading must not be optimised away.
    volatile unsigned kept = sum;
    (void)kept;
}

template <typename Read>
int attempt(const Read& read)
{
    try {
        read();
    } catch (const Error& error) {
        require(error.kind() == ErrorKind::BadInput);
        require(std::strchr(error.what(), '\n') == nullptr);
    }
    return 0;
}

} // namespace crossiter::fuzz
