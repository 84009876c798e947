#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/report/JsonValues.h"

#include <algorithm>
#include <memory>

namespace crossiter::cli {

namespace {

std::string roleOf(const std::string& id)
{
    const auto& sources = defaultSources();
    const auto found = std::find(sources.begin(), sources.end(), id);
    if (found != sources.end())
        return "source " + std::to_string(found - sources.begin() + 1);
    return id == defaultJudge() ? "judge" : "";
}

Json modelJson(const StoredModel& model)
{
    const ModelManifest& manifest = model.manifest;
    const auto textOrNull = [](const std::string& text) {
        return text.empty() ? Json(nullptr) : Json(text);
    };
    Json json;
    json["id"] = manifest.id;
    json["name"] = manifest.name;
    json["architecture"] = manifest.architecture;
    json["default_role"] = textOrNull(roleOf(manifest.id));
    json["robust"] = manifest.robust;
    json["imagenet_top1"] =
        manifest.imagenetTop1 > 0.0 ? jsonNumber(manifest.imagenetTop1) : Json(nullptr);
    json["classes"] = manifest.classes;
    json["label_offset"] = manifest.labelOffset;
    json["input_side"] = manifest.preprocessing.inputSide;
    json["scale"] = jsonNumber(manifest.preprocessing.scale);
    json["shift"] = jsonNumber(manifest.preprocessing.shift);
    json["licence"] = manifest.licence;
    json["source"] = manifest.source;
    json["file"] = manifest.file;
    json["bytes"] = manifest.fileBytes > 0 ? Json(manifest.fileBytes) : Json(nullptr);
    json["sha256"] = textOrNull(manifest.sha256);
    json["installed"] = !model.weights.empty();
    json["weights"] = textOrNull(model.weights.string());
    json["writable"] = model.writable;
    return json;
}

int listModels(const CommonOptions& options)
{
    const std::vector<StoredModel> models = ModelStore(defaultStorePaths(options.store)).list();
    if (options.json) {
        Json all = Json::array();
        for (const StoredModel& model : models)
            all.push_back(modelJson(model));
        print(jsonText(all));
        return 0;
    }
    std::vector<std::vector<std::string>> rows { { "ID", "NAME", "TOP-1", "ROBUST", "MB", "DEFAULT",
        "STORE" } };
    for (const StoredModel& model : models) {
        const ModelManifest& manifest = model.manifest;
        rows.push_back({ manifest.id, manifest.name,
            manifest.imagenetTop1 > 0.0 ? decimals(manifest.imagenetTop1 * 100.0, 1) + " %" : "-",
            manifest.robust ? "robust" : "-",
            manifest.fileBytes > 0 ? decimals(static_cast<double>(manifest.fileBytes) / 1e6, 1)
                                   : "-",
            roleOf(manifest.id).empty() ? "-" : roleOf(manifest.id),
            model.weights.empty() ? "not here" : model.store.string() });
    }
    print(textTable(rows, { 2, 4 }));
    return 0;
}

int describeModel(const CommonOptions& options, const std::string& id)
{
    const Json json = modelJson(ModelStore(defaultStorePaths(options.store)).find(id));
    if (options.json) {
        print(jsonText(json));
        return 0;
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& [key, value] : json.items()) {
        std::string shown = "-";
        if (value.is_string())
            shown = value.get<std::string>();
        else if (value.is_boolean())
            shown = value.get<bool>() ? "yes" : "no";
        else if (!value.is_null())
            shown = value.dump();
        rows.push_back({ key, oneLine(shown) });
    }
    print(textTable(rows));
    return 0;
}

} // namespace

void addModelsCommand(CLI::App& app, Chosen& chosen)
{
    CLI::App* models = app.add_subcommand("models", "The model store");
    models->require_subcommand(1);

    auto listing = std::make_shared<CommonOptions>();
    CLI::App* list = models->add_subcommand("list", "All known models and where their weights lie");
    addCommonOptions(*list, *listing);
    list->callback([listing, &chosen] {
        chosen.run = [listing](const std::stop_token&) { return listModels(*listing); };
    });

    auto describing = std::make_shared<CommonOptions>();
    auto id = std::make_shared<std::string>();
    CLI::App* info = models->add_subcommand("info", "All that is known of one model");
    info->add_option("ID", *id, "as in 'crossiter models list'")->required()->type_name("TEXT");
    addCommonOptions(*info, *describing);
    info->callback([describing, id, &chosen] {
        chosen.run = [describing, id](
                         const std::stop_token&) { return describeModel(*describing, *id); };
    });
}

} // namespace crossiter::cli
