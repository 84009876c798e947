#include "core/attack/ImageKey.h"

#include "core/base/Sha256.h"

namespace crossiter {

std::uint64_t imageKey(const Image& image)
{
    return std::stoull(sha256(image.rgb).substr(0, 16), nullptr, 16);
}

} // namespace crossiter
