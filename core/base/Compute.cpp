#include "core/base/Compute.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Suggestion.h"

namespace crossiter {

std::string toString(Numerics numerics)
{
    switch (numerics) {
    case Numerics::Fast:
        return "fast";
    case Numerics::Reference:
        return "reference";
    case Numerics::Exact:
        break;
    }
    return "exact";
}

Numerics parseNumerics(const std::string& text)
{
    for (const Numerics numerics : { Numerics::Fast, Numerics::Reference, Numerics::Exact })
        if (toString(numerics) == text)
            return numerics;
    throw Error(ErrorKind::Usage, "unknown numerics", "--numerics", "fast, reference or exact",
        foundWord(text, { "fast", "reference", "exact" }, false));
}

Device parseDevice(const std::string& text)
{
    if (text == "auto")
        return { Device::Kind::Auto, 0 };
    if (text == "cpu")
        return { Device::Kind::Cpu, 0 };
    if (text == "cuda")
        return { Device::Kind::Cuda, 0 };
    const std::string prefix = "cuda:";
    if (text.starts_with(prefix)) {
        const auto index = parseNumber<int>(std::string_view(text).substr(prefix.size()));
        if (index && *index >= 0 && *index < 128)
            return { Device::Kind::Cuda, *index };
    }
    throw Error(ErrorKind::Usage, "unknown device", "--device", "auto, cpu, cuda or cuda:N", text);
}

std::string toString(const Device& device)
{
    switch (device.kind) {
    case Device::Kind::Auto:
        return "auto";
    case Device::Kind::Cuda:
        return "cuda:" + std::to_string(device.index);
    case Device::Kind::Cpu:
        break;
    }
    return "cpu";
}

void checkCompute(const Compute& compute)
{
    if (compute.threads < 0 || compute.threads > kMostThreads)
        throw Error(ErrorKind::Usage, "value out of range", "threads",
            "0.." + std::to_string(kMostThreads), std::to_string(compute.threads));
}

} // namespace crossiter
