#include "core/base/Device.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"

namespace crossiter {

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

} // namespace crossiter
