#include "core/base/Random.h"

#include <cmath>
#include <numbers>

namespace crossiter {

namespace {

constexpr std::uint64_t kGoldenGamma = 0x9e3779b97f4a7c15ULL;

std::uint64_t scramble(std::uint64_t value)
{
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
    return value ^ (value >> 31U);
}

} // namespace

std::uint64_t RandomStream::next()
{
    m_state += kGoldenGamma;
    return scramble(m_state);
}

double RandomStream::uniform()
{
    return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

double RandomStream::normal()
{
    const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform())); // 1 - u is never 0
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

std::uint64_t mixSeed(std::initializer_list<std::uint64_t> keys)
{
    std::uint64_t state = scramble(kGoldenGamma + keys.size());
    for (const std::uint64_t key : keys)
        state = scramble((state ^ key) + kGoldenGamma);
    return state;
}

} // namespace crossiter
