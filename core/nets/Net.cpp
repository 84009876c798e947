#include "core/nets/Net.h"

#include "core/base/Error.h"
#include "core/nets/EfficientNetLite.h"
#include "core/nets/InceptionResnetV2.h"
#include "core/nets/InceptionV3.h"
#include "core/nets/InceptionV4.h"
#include "core/nets/ResnetV2.h"

#include <functional>

namespace crossiter {

void Net::freeze()
{
    eval();
    for (torch::Tensor& parameter : parameters())
        parameter.set_requires_grad(false);
}

std::uint64_t Net::weightBytes() const
{
    std::uint64_t bytes = 0;
    for (const torch::Tensor& tensor : parameters())
        bytes += tensor.nbytes();
    for (const torch::Tensor& tensor : buffers())
        bytes += tensor.nbytes();
    return bytes;
}

namespace {

/// All that is decided by an architecture's name.
struct Architecture
{
    std::string name;
    std::string classifier; ///< key of its weight
    std::string aux; ///< what its auxiliary head's keys begin with
    std::function<std::shared_ptr<Net>(const NetOptions& options)> make;
};

/// Of a network that takes all options, and of one that takes its sizes and the classes alone.
template <typename Kind>
std::shared_ptr<Net> withOptions(const NetOptions& options)
{
    return std::make_shared<Kind>(options);
}

template <typename Kind, typename... Sizes>
auto sized(Sizes... sizes)
{
    return [=](const NetOptions& options) -> std::shared_ptr<Net> {
        return std::make_shared<Kind>(sizes..., options.classes);
    };
}

const std::vector<Architecture>& known()
{
    // Width, depth and keep probability: Tan and Le 2019 (arXiv:1905.11946), the "lite" variants of
    // github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
    static const std::vector<Architecture> kKnown = {
        { "efficientnet-lite0", "_fc.weight", "", sized<EfficientNetLite>(1.0, 1.0, 0.8) },
        { "efficientnet-lite1", "_fc.weight", "", sized<EfficientNetLite>(1.0, 1.1, 0.8) },
        { "efficientnet-lite2", "_fc.weight", "", sized<EfficientNetLite>(1.1, 1.2, 0.7) },
        { "efficientnet-lite3", "_fc.weight", "", sized<EfficientNetLite>(1.2, 1.4, 0.7) },
        { "efficientnet-lite4", "_fc.weight", "", sized<EfficientNetLite>(1.4, 1.8, 0.7) },
        { "inception-v3", "fc.weight", "AuxLogits.", withOptions<InceptionV3> },
        { "inception-v4", "last_linear.weight", "AuxLogits.", withOptions<InceptionV4> },
        { "inception-resnet-v2", "classif.weight", "AuxLogits.", withOptions<InceptionResnetV2> },
        // Units of the four blocks: He et al. 2015 (arXiv:1512.03385), table 1.
        { "resnet-v2-50", "logits.weight", "", sized<ResnetV2>(std::array { 3, 4, 6, 3 }) },
        { "resnet-v2-101", "logits.weight", "", sized<ResnetV2>(std::array { 3, 4, 23, 3 }) },
        { "resnet-v2-152", "logits.weight", "", sized<ResnetV2>(std::array { 3, 8, 36, 3 }) },
    };
    return kKnown;
}

const Architecture& architectureOf(const std::string& name)
{
    std::string names;
    for (const Architecture& architecture : known()) {
        if (architecture.name == name)
            return architecture;
        names += (names.empty() ? "" : ", ") + architecture.name;
    }
    throw Error(ErrorKind::BadInput, "unknown architecture", "manifest", names, name);
}

} // namespace

const std::vector<std::string>& architectures()
{
    static const std::vector<std::string> kNames = [] {
        std::vector<std::string> names;
        names.reserve(known().size());
        for (const Architecture& architecture : known())
            names.push_back(architecture.name);
        return names;
    }();
    return kNames;
}

std::shared_ptr<Net> makeNet(const std::string& architecture, const NetOptions& options)
{
    return architectureOf(architecture).make(options);
}

std::shared_ptr<Net> makeNet(const std::string& architecture, int classes)
{
    NetOptions options;
    options.classes = classes;
    return makeNet(architecture, options);
}

std::string classifierKey(const std::string& architecture)
{
    return architectureOf(architecture).classifier;
}

std::string auxPrefix(const std::string& architecture)
{
    return architectureOf(architecture).aux;
}

} // namespace crossiter
