#include "ui/session/ModelChoice.h"

#include "core/base/OutputGuard.h"
#include "ui/session/PlainText.h"

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
    std::ranges::copy_if(models, std::back_inserter(chosen),
        [](const StoredModel& model) { return !isPurifier(model.manifest); });
    return chosen;
}

std::vector<StoredModel> purifiersOf(const std::vector<StoredModel>& models)
{
    std::vector<StoredModel> chosen;
    std::ranges::copy_if(models, std::back_inserter(chosen), [](const StoredModel& model) {
        return isPurifier(model.manifest) && !model.weights.empty();
    });
    return chosen;
}

QString shownModelName(const std::vector<StoredModel>& models, const std::string& id)
{
    const StoredModel* model = findModel(models, id);
    return model ? shownText(QString::fromStdString(model->manifest.name))
                 : QString::fromStdString(id);
}

bool lackNoWeights(const std::vector<StoredModel>& models, const std::vector<std::string>& ids)
{
    return std::ranges::all_of(
        ids,
        [&models](const std::string& id) {
            const StoredModel* model = findModel(models, id);
            return !model || !model->weights.empty();
        });
}

int indexAmong(const std::vector<std::string>& ids, const std::string& id)
{
    const auto found = std::ranges::find(ids, id);
    return found == ids.end() ? -1 : static_cast<int>(found - ids.begin());
}

bool isAmong(const std::vector<std::string>& ids, const std::string& id)
{
    return indexAmong(ids, id) >= 0;
}

void addModelInputs(OutputGuard& guard, const std::vector<StoredModel>& models)
{
    for (const StoredModel& model : models) {
        if (!model.weights.empty()) {
            guard.addInputFolder(
                model.weights.parent_path(), "a file of the model " + model.manifest.id + ",");
        }
    }
}

} // namespace crossiter::ui
