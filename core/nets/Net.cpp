#include "core/nets/Net.h"

#include "core/base/Error.h"
#include "core/nets/EfficientNetLite.h"
#include "core/nets/InceptionResnetV2.h"
#include "core/nets/InceptionV3.h"
#include "core/nets/InceptionV4.h"
#include "core/nets/ResnetV2.h"

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
    std::shared_ptr<Net> (*make)(const NetOptions& options);
};

const std::vector<Architecture>& known()
{
    // Width, depth and keep probability: Tan and Le 2019 (arXiv:1905.11946), the "lite" variants of
    // github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
    static const std::vector<Architecture> kKnown = {
        { "efficientnet-lite0", "_fc.weight", "",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<EfficientNetLite>(1.0, 1.0, 0.8, options.classes);
            } },
        { "efficientnet-lite1", "_fc.weight", "",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<EfficientNetLite>(1.0, 1.1, 0.8, options.classes);
            } },
        { "efficientnet-lite2", "_fc.weight", "",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<EfficientNetLite>(1.1, 1.2, 0.7, options.classes);
            } },
        { "efficientnet-lite3", "_fc.weight", "",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<EfficientNetLite>(1.2, 1.4, 0.7, options.classes);
            } },
        { "efficientnet-lite4", "_fc.weight", "",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<EfficientNetLite>(1.4, 1.8, 0.7, options.classes);
            } },
        { "inception-v3", "fc.weight", "AuxLogits.",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<InceptionV3>(options);
            } },
        { "inception-v4", "last_linear.weight", "AuxLogits.",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<InceptionV4>(options);
            } },
        { "inception-resnet-v2", "classif.weight", "AuxLogits.",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<InceptionResnetV2>(options);
            } },
        // Units of the four blocks: He et al. 2015 (arXiv:1512.03385), table 1.
        { "resnet-v2-50", "logits.weight", "",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<ResnetV2>(std::array { 3, 4, 6, 3 }, options.classes);
            } },
        { "resnet-v2-101", "logits.weight", "",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<ResnetV2>(std::array { 3, 4, 23, 3 }, options.classes);
            } },
        { "resnet-v2-152", "logits.weight", "",
            [](const NetOptions& options) -> std::shared_ptr<Net> {
                return std::make_shared<ResnetV2>(std::array { 3, 8, 36, 3 }, options.classes);
            } },
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
