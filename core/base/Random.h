#pragma once

#include <cstdint>
#include <initializer_list>

namespace crossiter {

/// A small, portable generator (SplitMix64, Steele, Lea and Flood 2014): the same numbers on every
/// platform and library, which std:: distributions do not promise.
class RandomStream
{
public:
    explicit RandomStream(std::uint64_t seed)
        : m_state(seed)
    {
    }

    [[nodiscard]] std::uint64_t next();
    [[nodiscard]] double uniform(); ///< [0, 1), 53 bits
    [[nodiscard]] double normal(); ///< mean 0, variance 1 (Box-Muller, one value a call)

private:
    std::uint64_t m_state;
};

/// A seed that depends on each key and on their order: streams of their own for (seed, image, ...).
[[nodiscard]] std::uint64_t mixSeed(std::initializer_list<std::uint64_t> keys);

} // namespace crossiter
