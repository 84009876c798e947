#include "core/nets/Net.h"

#include "core/base/Error.h"
#include "core/nets/EfficientNetLite.h"

namespace crossiter {

void Net::freeze()
{
    eval();
    for (torch::Tensor& parameter : parameters())
        parameter.set_requires_grad(false);
}

const std::vector<std::string>& architectures()
{
    static const std::vector<std::string> names = { "efficientnet-lite0", "efficientnet-lite1",
        "efficientnet-lite2" };
    return names;
}

std::shared_ptr<Net> makeNet(const std::string& architecture, int classes)
{
    // Width and depth coefficients: Tan and Le 2019 (arXiv:1905.11946), the "lite" variants of
    // github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite.
    if (architecture == "efficientnet-lite0")
        return std::make_shared<EfficientNetLite>(1.0, 1.0, classes);
    if (architecture == "efficientnet-lite1")
        return std::make_shared<EfficientNetLite>(1.0, 1.1, classes);
    if (architecture == "efficientnet-lite2")
        return std::make_shared<EfficientNetLite>(1.1, 1.2, classes);
    std::string known;
    for (const std::string& name : architectures())
        known += (known.empty() ? "" : ", ") + name;
    throw Error(ErrorKind::BadInput, "unknown architecture", "manifest", known, architecture);
}

} // namespace crossiter
