#include "ui/session/ModelChoice.h"

#include <algorithm>
#include <iterator>

namespace crossiter::ui {

bool isPurifier(const ModelManifest& manifest)
{
    return manifest.architecture == "purifier-torchscript"; // core/defense/Purifier.h
}

std::vector<StoredModel> classifiersOf(const std::vector<StoredModel>& models)
{
    std::vector<StoredModel> chosen;
    std::copy_if(models.begin(), models.end(), std::back_inserter(chosen),
        [](const StoredModel& model) { return !isPurifier(model.manifest); });
    return chosen;
}

std::vector<StoredModel> purifiersOf(const std::vector<StoredModel>& models)
{
    std::vector<StoredModel> chosen;
    std::copy_if(
        models.begin(), models.end(), std::back_inserter(chosen), [](const StoredModel& model) {
            return isPurifier(model.manifest) && !model.weights.empty();
        });
    return chosen;
}

} // namespace crossiter::ui
