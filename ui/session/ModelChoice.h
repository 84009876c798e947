#pragma once

#include "core/classify/ModelStore.h"

#include <vector>

namespace crossiter::ui {

/// A purifier answers a picture with a picture: it can be neither source nor judge. (A program of
/// architecture "torchscript" may be either; only running it tells.)
[[nodiscard]] bool isPurifier(const ModelManifest& manifest);

/// What a chooser of sources, judges and networks offers, in the store's order.
[[nodiscard]] std::vector<StoredModel> classifiersOf(const std::vector<StoredModel>& models);

/// What a defense's purifier slot offers: purifiers whose weights are there.
[[nodiscard]] std::vector<StoredModel> purifiersOf(const std::vector<StoredModel>& models);

} // namespace crossiter::ui
