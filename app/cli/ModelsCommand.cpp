#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/base/Numbers.h"
#include "core/report/JsonValues.h"
#include "core/store/ModelJobs.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>

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

/// A number, or a list of three where the channels differ.
Json channelsJson(const ChannelValues& channels)
{
    const auto& [red, green, blue] = channels.values();
    if (channels.isUniform())
        return jsonNumber(red);
    return Json::array({ jsonNumber(red), jsonNumber(green), jsonNumber(blue) });
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
    json["classes"] = manifest.classes > 0 ? Json(manifest.classes) : Json(nullptr);
    json["label_offset"] = manifest.classes > 0 ? Json(manifest.labelOffset) : Json(nullptr);
    json["input_side"] = manifest.preprocessing.inputSide;
    json["scale"] = channelsJson(manifest.preprocessing.scale);
    json["shift"] = channelsJson(manifest.preprocessing.shift);
    json["licence"] = manifest.licence;
    json["source"] = manifest.source;
    json["file"] = manifest.file;
    json["bytes"] = manifest.fileBytes > 0 ? Json(manifest.fileBytes) : Json(nullptr);
    json["sha256"] = textOrNull(manifest.sha256);
    json["sha256_learnt_by_fetching"] = model.learntSha256;
    json["sha256_verified"] = manifest.sha256.empty() ? Json(nullptr) : Json(!model.notVerified);
    json["pool_padding"] = nameOf(manifest.poolPadding);
    json["imported"] = model.imported;
    json["can_be_fetched"] = !manifest.sources.empty();
    json["problem"] = textOrNull(model.problem);
    json["installed"] = !model.weights.empty();
    json["weights"] = textOrNull(model.weights.string());
    json["writable"] = model.writable;
    return json;
}

/// Of the file that is there, else as its manifest says.
std::uint64_t sizeOf(const StoredModel& model)
{
    std::error_code fault;
    if (!model.weights.empty()) {
        const auto bytes = std::filesystem::file_size(model.weights, fault);
        if (!fault)
            return bytes;
    }
    if (model.manifest.fileBytes > 0 || model.manifest.sources.empty())
        return model.manifest.fileBytes;
    return model.manifest.sources.front().aboutBytes;
}

std::string whereIs(const StoredModel& model)
{
    if (!model.problem.empty())
        return "damaged: see 'models info'";
    if (!model.weights.empty())
        return model.store.string() + (model.notVerified ? " (SHA-256 not verified)" : "");
    return model.manifest.sources.empty() ? "not here" : "not here; 'models fetch' brings it";
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
        const std::uint64_t bytes = sizeOf(model);
        rows.push_back({ manifest.id, manifest.name,
            manifest.imagenetTop1 > 0.0 ? fixedText(manifest.imagenetTop1 * 100.0, 1) + " %" : "-",
            manifest.robust ? "robust" : "-",
            bytes > 0 ? fixedText(static_cast<double>(bytes) / 1e6, 1) : "-",
            roleOf(manifest.id).empty() ? "-" : roleOf(manifest.id), whereIs(model) });
    }
    print(textTable(rows, { 2, 4 }));
    return 0;
}

/// "0.5,0.25,1", as --scale takes it.
std::string listed(const Json& numbers)
{
    std::string text;
    for (const Json& number : numbers)
        text += (text.empty() ? "" : ",") + jsonLine(number);
    return text;
}

int describeModel(const CommonOptions& options, const std::string& id)
{
    const ModelStore store(defaultStorePaths(options.store));
    const std::vector<StoredModel> models = store.list();
    const StoredModel* known = findModel(models, id);
    // find() throws for an unknown id; a damaged model is described as far as it goes.
    const Json json = modelJson(known != nullptr ? *known : store.find(id));
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
        else if (value.is_array())
            shown = listed(value);
        else if (!value.is_null())
            shown = jsonLine(value);
        rows.push_back({ key, oneLine(shown) });
    }
    print(textTable(rows));
    return 0;
}

int fetchModels(const CommonOptions& options, const std::vector<std::string>& ids,
    const std::string& baseUrl, const std::stop_token& stop)
{
    const StorePaths paths = defaultStorePaths(options.store);
    Json all = Json::array();
    for (const std::string& id : ids) {
        FetchRequest request;
        request.id = id;
        request.baseUrl = baseUrl;
        FetchResult result;
        {
            ProgressLine line(options.quiet);
            result = fetchModel(paths, request, line.sink(), stop);
        }
        if (result.cancelled) {
            printError("cancelled; what came is kept, the same command goes on from there");
            return 130;
        }
        if (!options.json) {
            print(id + (result.alreadyThere ? " is there: " : " fetched: ")
                + result.model.weights.string() + "\n");
            if (!result.alreadyThere)
                print("  SHA-256 " + result.sha256 + ", " + nameOf(result.origin) + "\n");
        }
        Json entry = modelJson(result.model);
        entry["already_there"] = result.alreadyThere;
        entry["downloaded_bytes"] = result.downloaded;
        entry["checked"] = result.alreadyThere ? Json(nullptr) : Json(nameOf(result.origin));
        all.push_back(std::move(entry));
    }
    if (options.json)
        print(jsonText(all));
    return 0;
}

Json planJson(const ImportRequest& request, const ImportPlan& plan)
{
    Json json;
    json["file"] = plan.file.string();
    json["format"] = plan.format;
    json["architecture"] = request.architecture;
    json["fits"] = plan.how.fits();
    json["wrapper"] = plan.how.key.empty() ? Json(nullptr) : Json(plan.how.key);
    json["prefix"] = plan.how.prefix;
    json["names"] = nameOf(plan.how.naming);
    json["classes"] = plan.classes > 0 ? Json(plan.classes) : Json(nullptr);
    json["pool_padding"] = nameOf(plan.poolPadding);
    json["stored_as_it_is"] = !plan.converted;
    json["tensors"] = Json::array();
    for (const NamedTensor& named : plan.how.tensors) {
        Json tensor;
        tensor["from"] = named.from.empty() ? Json(nullptr) : Json(named.from);
        tensor["to"] = named.to;
        tensor["shape"] = named.shape;
        tensor["dtype"] = nameOf(named.dtype);
        tensor["turned"] = named.turned;
        json["tensors"].push_back(std::move(tensor));
    }
    json["missing"] = plan.how.missing;
    json["left_over"] = plan.how.leftOver;
    json["of_another_shape"] = plan.how.misshapen;
    json["others_left_out"] = plan.how.others;
    json["fitting_architectures"] = plan.fitting;
    return json;
}

/// --dry-run: what an import would do, in words. 1 when the weights do not fit.
int showPlan(const CommonOptions& options, const ImportRequest& request)
{
    const ImportPlan plan = planImport(request);
    const bool fits = plan.how.fits();
    if (options.json) {
        print(jsonText(planJson(request, plan)));
        return fits ? 0 : 1;
    }
    std::string text = plan.file.string() + ": " + plan.format;
    if (plan.how.tensors.empty() && plan.how.missing.empty()) {
        print(text + ", a program: nothing of it is read before it is trusted\n");
        return 0;
    }
    text += "; " + oneLine(lineOf(plan.how)) + "\n" + request.architecture;
    if (plan.classes > 0)
        text += ", " + std::to_string(plan.classes) + " classes, labels from "
            + (plan.classes == 1000 ? "1" : "0");
    if (request.architecture == "inception-v3")
        text += std::string(", pool padding ") + nameOf(plan.poolPadding);
    text += plan.converted ? ", stored as safetensors" : ", stored as it is";
    constexpr std::size_t kShown = 8; // of each kind
    for (const std::string& line :
        options.verbose ? mappingLines(plan.how) : mappingLines(plan.how, kShown))
        text += "\n  " + oneLine(line);
    print(text + "\nnothing was imported\n");
    if (!fits) {
        std::string others;
        for (const std::string& name : plan.fitting)
            others += (others.empty() ? "; it fits " : ", ") + name;
        printError("the weights do not fit " + request.architecture + others);
    }
    return fits ? 0 : 1;
}

int importOne(
    const CommonOptions& options, ImportRequest request, bool trust, const std::stop_token& stop)
{
    const StorePaths paths = defaultStorePaths(options.store);
    std::optional<StoredModel> model;
    {
        ProgressLine line(options.quiet);
        if (trust) {
            // The consent is the option; what runs is exactly what was hashed here.
            const ImportPreview preview = previewImport(request.file, line.sink(), stop);
            request.trustedSha256 = preview.sha256;
        }
        model = importModel(paths, request, line.sink(), stop);
    }
    if (!model) {
        printError("cancelled; nothing was imported");
        return 130;
    }
    if (options.json)
        print(jsonText(modelJson(*model)));
    else
        print(model->manifest.id + " imported: " + model->weights.string() + "\n  SHA-256 "
            + model->manifest.sha256 + ", " + std::to_string(model->manifest.classes)
            + " classes\n  " + oneLine(model->manifest.source) + "\n");
    return 0;
}

int verify(
    const CommonOptions& options, const std::vector<std::string>& ids, const std::stop_token& stop)
{
    std::vector<VerifiedModel> verified;
    {
        ProgressLine line(options.quiet);
        verified = verifyModels(defaultStorePaths(options.store), ids, line.sink(), stop);
    }
    Json all = Json::array();
    std::size_t failed = 0;
    for (const VerifiedModel& model : verified) {
        failed += model.error.empty() ? 0 : 1;
        Json entry;
        entry["id"] = model.id;
        entry["sha256"] = model.sha256;
        entry["expected"] = model.expected.empty() ? Json(nullptr) : Json(model.expected);
        entry["verified"] = !model.expected.empty() && !model.notVerified;
        entry["error"] = model.error.empty() ? Json(nullptr) : Json(model.error);
        all.push_back(std::move(entry));
        if (!model.error.empty())
            printError(model.error);
        else if (!options.json)
            print(model.id + ": " + model.sha256
                + (model.expected.empty() ? ", nothing to compare with\n"
                        : model.notVerified
                        ? ", as the first fetch brought it, which was not verified\n"
                        : ", as expected\n"));
    }
    if (options.json)
        print(jsonText(all));
    return exitCodeOfJob(stop.stop_requested(), failed, verified.size());
}

int removeOne(const CommonOptions& options, const std::string& id)
{
    const std::uint64_t bytes = removeModel(defaultStorePaths(options.store), id);
    if (options.json) {
        Json json;
        json["id"] = id;
        json["freed_bytes"] = bytes;
        print(jsonText(json));
    } else {
        print(id + " removed, " + fixedText(static_cast<double>(bytes) / 1e6, 1) + " MB\n");
    }
    return 0;
}

void addFetch(CLI::App& models, Chosen& chosen)
{
    auto common = std::make_shared<CommonOptions>();
    auto ids = std::make_shared<std::vector<std::string>>();
    auto baseUrl = std::make_shared<std::string>();
    CLI::App* fetch = models.add_subcommand(
        "fetch", "Bring a model's weights; goes on where an earlier one was cut");
    fetch->add_option("ID", *ids, "as in 'crossiter models list'")->required()->type_name("TEXT");
    fetch
        ->add_option("--base-url", *baseUrl,
            "a mirror: this + the path of the source's address is asked instead")
        ->type_name("URL");
    addCommonOptions(*fetch, *common);
    fetch->callback([=, &chosen] {
        chosen.run = [=](const std::stop_token& stop) {
            return fetchModels(*common, *ids, *baseUrl, stop);
        };
    });
}

void addImport(CLI::App& models, Chosen& chosen)
{
    auto common = std::make_shared<CommonOptions>();
    auto request = std::make_shared<ImportRequest>();
    auto trust = std::make_shared<bool>(false);
    auto dryRun = std::make_shared<bool>(false);
    CLI::App* command = models.add_subcommand("import",
        "Make a model of a file: safetensors, .pth, TensorFlow checkpoint, .tar.gz, .npy of MMdnn");
    command
        ->add_option(
            "FILE", request->file, "weights; of a TensorFlow checkpoint any file, or its folder")
        ->required()
        ->type_name("PATH");
    std::string names;
    for (const std::string& name : importableArchitectures())
        names += (names.empty() ? "" : ", ") + name;
    command->add_option("--architecture", request->architecture, names)
        ->required()
        ->type_name("TEXT");
    command->add_option("--as", request->id, "the new model's id: [a-z0-9][a-z0-9._-]*")
        ->required()
        ->type_name("ID");
    command->add_option("--name", request->name, "for people [the id]")->type_name("TEXT");
    command->add_option("--licence", request->licence, "SPDX identifier [unknown]")
        ->type_name("TEXT");
    command
        ->add_option("--input-side", request->inputSide,
            "pixels of the network's input [the architecture's]")
        ->check(CLI::Range(32, 1024))
        ->type_name("N");
    addText(*command, "--scale",
        "of the input: scale * x + shift, x in [-1, 1]; one number, or R,G,B. A network that was "
        "trained on (pixel in [0, 1] - mean) / std: 0.5 / std [the architecture's]",
        [request](const std::string& text) {
            request->scale = parseScale(text);
            if (!request->scale)
                throw Error(ErrorKind::Usage, "wrong value", "--scale", kWantedScale, text);
        })
        ->type_name("REAL[,REAL,REAL]");
    addText(*command, "--shift", "see --scale; there (0.5 - mean) / std [the architecture's]",
        [request](const std::string& text) {
            request->shift = parseShift(text);
            if (!request->shift)
                throw Error(ErrorKind::Usage, "wrong value", "--shift", kWantedShift, text);
        })
        ->type_name("REAL[,REAL,REAL]");
    command
        ->add_option("--label-offset", request->labelOffset,
            "competition label = index + offset [1 with 1000 classes, 0 with 1001]")
        ->check(CLI::Range(0, 1))
        ->type_name("N");
    addText(*command, "--pool-padding",
        "Inception v3: tf-slim or timm (its pools count the zeros) [timm for torchvision's file, "
        "else tf-slim]",
        [request](const std::string& text) {
            if (text != nameOf(PoolPadding::TfSlim) && text != nameOf(PoolPadding::Timm))
                throw Error(
                    ErrorKind::Usage, "wrong value", "--pool-padding", "tf-slim or timm", text);
            request->poolPadding =
                text == nameOf(PoolPadding::Timm) ? PoolPadding::Timm : PoolPadding::TfSlim;
        });
    command
        ->add_option("--scope", request->scope,
            "of a TensorFlow checkpoint that holds the network more than once, the one to take "
            "[the only one]")
        ->type_name("TEXT");
    command
        ->add_option("--key", request->key,
            "of a state dict that holds the network more than once, the dict to take; '.' is the "
            "file's own [the only one that fits]")
        ->type_name("TEXT");
    command->add_flag("--dry-run", *dryRun,
        "show how the file's names are the network's, and write nothing; --verbose shows all");
    command->add_flag("--robust", request->robust, "it was trained adversarially");
    command->add_flag("--trust", *trust,
        "TorchScript only: you trust this file; a program runs when it is loaded");
    addCommonOptions(*command, *common);
    command->callback([=, &chosen] {
        chosen.run = [=](const std::stop_token& stop) {
            return *dryRun ? showPlan(*common, *request)
                           : importOne(*common, *request, *trust, stop);
        };
    });
}

void addVerify(CLI::App& models, Chosen& chosen)
{
    auto common = std::make_shared<CommonOptions>();
    auto ids = std::make_shared<std::vector<std::string>>();
    CLI::App* command =
        models.add_subcommand("verify", "Hash the weights anew and compare with what is known");
    command->add_option("ID", *ids, "models; none: all that are there")->type_name("TEXT");
    addCommonOptions(*command, *common);
    command->callback([=, &chosen] {
        chosen.run = [=](const std::stop_token& stop) { return verify(*common, *ids, stop); };
    });
}

void addRemove(CLI::App& models, Chosen& chosen)
{
    auto common = std::make_shared<CommonOptions>();
    auto id = std::make_shared<std::string>();
    CLI::App* command =
        models.add_subcommand("remove", "Take a fetched or imported model out of your store");
    command->add_option("ID", *id, "as in 'crossiter models list'")->required()->type_name("TEXT");
    addCommonOptions(*command, *common);
    command->callback([=, &chosen] {
        chosen.run = [=](const std::stop_token&) { return removeOne(*common, *id); };
    });
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
    addFetch(*models, chosen);
    addImport(*models, chosen);
    addVerify(*models, chosen);
    addRemove(*models, chosen);
}

} // namespace crossiter::cli
