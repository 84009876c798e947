#pragma once

#include "core/classify/ModelStore.h"

#include <QString>

#include <string>
#include <vector>

namespace crossiter {
class OutputGuard;
}

namespace crossiter::ui {

/// A purifier answers a picture with a picture: it can be neither source nor judge. (A program of
/// architecture "torchscript" may be either; only running it tells.)
[[nodiscard]] bool isPurifier(const ModelManifest& manifest);

/// What a chooser of sources, judges and networks offers, in the store's order.
[[nodiscard]] std::vector<StoredModel> classifiersOf(const std::vector<StoredModel>& models);

/// What a defense's purifier slot offers: purifiers whose weights are there.
[[nodiscard]] std::vector<StoredModel> purifiersOf(const std::vector<StoredModel>& models);

/// A model's name as it is shown; the id when it is not in the store.
[[nodiscard]] QString shownModelName(const std::vector<StoredModel>& models, const std::string& id);

/// No model of these ids is known to lack its weights. (One that is not in the store at all is
/// somebody else's error to report.)
[[nodiscard]] bool lackNoWeights(
    const std::vector<StoredModel>& models, const std::vector<std::string>& ids);

/// Where `id` stands among `ids` (a network among the sources, or the judges); -1: it does not.
[[nodiscard]] int indexAmong(const std::vector<std::string>& ids, const std::string& id);
[[nodiscard]] bool isAmong(const std::vector<std::string>& ids, const std::string& id);

/// No export replaces a file of a model whose weights are there.
void addModelInputs(OutputGuard& guard, const std::vector<StoredModel>& models);

} // namespace crossiter::ui
