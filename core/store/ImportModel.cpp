#include "core/base/AtomicFile.h"
#include "core/base/Download.h"
#include "core/base/Error.h"
#include "core/base/Nearest.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/base/Suggestion.h"
#include "core/checkpoint/OtherFiles.h"
#include "core/checkpoint/Safetensors.h"
#include "core/classify/Classifier.h"
#include "core/defense/Purifier.h"
#include "core/nets/Net.h"
#include "core/nets/ScriptNet.h"
#include "core/store/ModelJobs.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <random>
#include <unistd.h>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// A folder that is gone again unless it became the model's.
class Staging
{
public:
    explicit Staging(const fs::path& store)
    {
        std::random_device random;
        std::error_code fault;
        fs::create_directories(store, fault);
        m_folder = store / (".import-" + std::to_string(random()));
        if (!fault)
            fs::create_directory(m_folder, fault);
        if (fault)
            throw Error(ErrorKind::BadInput, "cannot write into the model store", store.string(),
                "a writable folder", fault.message());
    }
    ~Staging()
    {
        std::error_code ignored;
        if (!m_folder.empty())
            fs::remove_all(m_folder, ignored);
    }
    Staging(const Staging&) = delete;
    Staging& operator=(const Staging&) = delete;
    Staging(Staging&&) = delete;
    Staging& operator=(Staging&&) = delete;

    [[nodiscard]] const fs::path& folder() const { return m_folder; }

    void become(const fs::path& target)
    {
        // rename() replaces an empty folder only: two imports of one id cannot mix.
        std::error_code fault;
        fs::rename(m_folder, target, fault);
        if (fault)
            throw Error(ErrorKind::BadInput, "cannot take the model in", target.string(),
                "a folder that is not there yet", fault.message());
        m_folder.clear();
    }

private:
    fs::path m_folder;
};

/// False when stopped.
bool copyFile(const fs::path& from, const fs::path& to, const ProgressSink& progress,
    const std::stop_token& stop)
{
    const RegularFile source(from);
    requireSpace(to.parent_path(), source.size());
    const int target = ::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    int fault = target < 0 ? errno : 0;
    std::vector<std::uint8_t> buffer(std::size_t { 1 } << 20U);
    Progress report { "copying " + from.filename().string(), 0,
        static_cast<std::size_t>(source.size()) };
    bool stopped = false;
    while (fault == 0 && !stopped) {
        const std::size_t got = source.read(buffer);
        if (got == 0)
            break;
        for (std::size_t done = 0; done < got && fault == 0;) {
            const ssize_t wrote = ::write(target, buffer.data() + done, got - done);
            if (wrote < 0)
                fault = errno == EINTR ? 0 : errno;
            else
                done += static_cast<std::size_t>(wrote);
        }
        report.done += got;
        if (progress)
            progress(report);
        stopped = stop.stop_requested();
    }
    if (target >= 0) {
        if (fault == 0 && ::fsync(target) != 0 && errno != EINVAL)
            fault = errno;
        ::close(target);
    }
    if (fault != 0)
        throw Error(ErrorKind::BadInput, "cannot write file", to.string(),
            "a writable place with free space", systemReason(fault));
    return !stopped;
}

ModelManifest manifestFor(const ImportRequest& request)
{
    ModelManifest manifest;
    manifest.id = request.id;
    manifest.name = request.name.empty() ? request.id : request.name;
    manifest.architecture = request.architecture;
    manifest.licence = request.licence.empty() ? "unknown" : request.licence;
    manifest.source = "imported from " + request.file.filename().string();
    manifest.preprocessing = defaultPreprocessing(request.architecture);
    PreprocessingSpec& input = manifest.preprocessing;
    input.inputSide = request.inputSide.value_or(input.inputSide);
    input.scale = request.scale.value_or(input.scale);
    input.shift = request.shift.value_or(input.shift);
    // Else the store would hold a manifest that it cannot read.
    if (!isScale(input.scale))
        throw Error(
            ErrorKind::BadInput, "wrong value", "--scale", kWantedScale, textOf(input.scale));
    if (!isShift(input.shift))
        throw Error(
            ErrorKind::BadInput, "wrong value", "--shift", kWantedShift, textOf(input.shift));
    manifest.classes = 0;
    manifest.robust = request.robust;
    manifest.poolPadding = request.poolPadding.value_or(PoolPadding::TfSlim);
    return manifest;
}

PoolPadding paddingOf(const ImportRequest& request, const Recognition& how)
{
    return request.poolPadding.value_or(defaultPoolPadding(request.architecture, how));
}

/// Else each load finds the same names again.
bool mustConvert(CheckpointFormat format, const ImportRequest& request, const Recognition& how)
{
    return format == CheckpointFormat::TensorFlow || format == CheckpointFormat::Arrays
        || !request.key.empty() || !how.prefix.empty() || how.naming == Naming::Cadene
        || how.naming == Naming::MMdnn || (!how.key.empty() && how.key != "state_dict");
}

/// Where the weights came from, and how they were recognised.
std::string sourceOf(const ImportRequest& request, CheckpointFormat format, const Recognition& how)
{
    return "imported from " + request.file.filename().string() + ": " + nameOf(format) + ", "
        + lineOf(how);
}

bool isProgramName(const std::string& architecture)
{
    return architecture == kTorchScript || architecture == kScriptPurifier;
}

void requireKnown(const std::string& architecture)
{
    const auto known = importableArchitectures();
    if (std::find(known.begin(), known.end(), architecture) == known.end())
        throw Error(ErrorKind::BadInput, "unknown architecture", "--architecture", oneOf(known),
            foundWord(architecture, known));
}

/// The format, which must be the architecture's.
CheckpointFormat checkedFormat(const ImportRequest& request)
{
    const CheckpointFormat format = checkHeader(request.file);
    if (!request.scope.empty() && format != CheckpointFormat::TensorFlow)
        throw Error(ErrorKind::BadInput, "this file has no scopes", request.file.string(),
            "a TensorFlow checkpoint for --scope", std::string("a ") + nameOf(format));
    if (!request.key.empty() && format != CheckpointFormat::Pth)
        throw Error(ErrorKind::BadInput, "this file has no wrapper", request.file.string(),
            "a PyTorch state dict for --key", std::string("a ") + nameOf(format));
    const bool isProgram = format == CheckpointFormat::TorchScript;
    if (isProgram != isProgramName(request.architecture))
        throw Error(ErrorKind::BadInput, "file and architecture do not fit", request.file.string(),
            isProgram ? "weights of " + request.architecture : "a TorchScript program",
            std::string("a ") + nameOf(format)
                + (isProgram ? ": --architecture torchscript --trust would run it" : ""));
    return format;
}

/// Before any work; the folder may not be there yet.
void requireSpaceFor(const fs::path& file, fs::path folder)
{
    std::error_code fault;
    const std::uintmax_t bytes = fs::file_size(file, fault);
    if (fault)
        return; // a prefix; or what is not there, which is said later
    folder = fs::absolute(folder, fault);
    while (!fs::exists(folder, fault) && folder.has_relative_path())
        folder = folder.parent_path();
    requireSpace(folder, bytes);
}

void requireTrusted(const ImportRequest& request, const std::string& sha256)
{
    if (request.trustedSha256 != sha256)
        throw Error(ErrorKind::BadInput, "a program runs when it is loaded and was not trusted",
            request.file.string(), "--trust, if you trust SHA-256 " + sha256);
}

void requireNewId(const StorePaths& paths, const std::string& id)
{
    if (!isModelId(id))
        throw Error(ErrorKind::BadInput, "not a model id", "--as", "[a-z0-9][a-z0-9._-]*", id);
    const auto models = ModelStore(paths).list();
    std::error_code fault;
    if (findModel(models, id) != nullptr || fs::exists(paths.user / id, fault))
        throw Error(ErrorKind::BadInput, "there is such a model already", "--as",
            "an id that is not taken, or 'models remove " + id + "' first", id);
}

/// A file name that says what is in it, for people who look into the store.
std::string storedName(const fs::path& file, CheckpointFormat format)
{
    switch (format) {
    case CheckpointFormat::TensorFlow: // they are converted
    case CheckpointFormat::Arrays:
    case CheckpointFormat::Safetensors:
        return "model.safetensors";
    case CheckpointFormat::TorchScript:
        return "model.pt";
    case CheckpointFormat::Pth:
        break;
    }
    return file.extension() == ".pt" || file.extension() == ".bin"
        ? "model" + file.extension().string()
        : "model.pth";
}

/// Loads what will be stored as every later command will, and looks at one answer.
/// triedFile: the weights to read; loading compares its SHA-256 with the manifest's.
void fillAndCheck(
    StoredModel& model, const ImportRequest& request, const std::filesystem::path& triedFile)
{
    StoredModel tried = model;
    tried.weights = triedFile;
    if (request.architecture == kScriptPurifier) {
        (void)loadPurifier(tried, torch::kFloat, torch::kCPU); // looks at the answer's shape
        return;
    }
    const auto network =
        Classifier::load(tried, Numerics::Fast, torch::kCPU, request.file.string());
    model.manifest.classes = network->classes();
    model.manifest.labelOffset = network->labelOffset();
    const int offset = request.labelOffset.value_or(network->labelOffset());
    if (offset != network->labelOffset())
        throw Error(ErrorKind::BadInput, "label offset and classes do not fit", "--label-offset",
            "1 with 1000 classes, 0 with 1001",
            std::to_string(offset) + " with " + std::to_string(network->classes()));
    const torch::NoGradGuard guard;
    const torch::Tensor logits =
        network->logits(torch::zeros({ 1, 3, kImageSide, kImageSide })).logits;
    if (!torch::isfinite(logits).all().item<bool>())
        throw Error(ErrorKind::BadInput, "the network's logits are not finite",
            request.file.string(), "numbers for a grey picture", "NaN or infinity");
}

} // namespace

std::vector<std::string> importableArchitectures()
{
    std::vector<std::string> names = architectures();
    names.emplace_back(kTorchScript);
    names.emplace_back(kScriptPurifier);
    return names;
}

PreprocessingSpec defaultPreprocessing(const std::string& architecture)
{
    constexpr std::array<int, 5> kLiteSides { 224, 240, 260, 280, 300 };
    for (std::size_t i = 0; i < kLiteSides.size(); ++i)
        if (architecture == "efficientnet-lite" + std::to_string(i))
            return { kLiteSides[i], 0.99609375, 0.00390625 };
    return { kImageSide, 1.0, 0.0 };
}

PoolPadding defaultPoolPadding(const std::string& architecture, const Recognition& how)
{
    const bool counted = architecture == "inception-v3"
        && (how.naming == Naming::Torchvision || how.naming == Naming::Cadene);
    return counted ? PoolPadding::Timm : PoolPadding::TfSlim;
}

ImportPlan planImport(const ImportRequest& wanted)
{
    ImportRequest request = wanted;
    request.file = weightsFile(wanted.file);
    requireKnown(request.architecture);
    const CheckpointFormat format = checkedFormat(request);
    ImportPlan plan;
    plan.file = request.file;
    plan.format = nameOf(format);
    if (isProgramName(request.architecture))
        return plan;
    plan.how = recogniseWeights(request.file, request.architecture, { request.scope, request.key });
    plan.poolPadding = paddingOf(request, plan.how);
    plan.converted = mustConvert(format, request, plan.how);
    const std::string classifier = classifierKey(request.architecture);
    for (const NamedTensor& named : plan.how.tensors)
        if (named.to == classifier && !named.shape.empty())
            plan.classes = static_cast<int>(named.shape.front());
    if (!plan.how.fits())
        for (const NetworkMatch& match : matchNetworks(request.file, architectures()))
            if (match.problem.empty() && match.how.fits())
                plan.fitting.push_back(match.architecture);
    return plan;
}

std::vector<std::string> mappingLines(const Recognition& how, std::size_t most)
{
    std::vector<std::string> lines;
    const auto addRest = [&](std::size_t all, const std::string& what) {
        if (all > most)
            lines.push_back(
                "(" + std::to_string(all - most) + " more" + what + "; --verbose shows them)");
    };
    for (std::size_t at = 0; at < std::min(most, how.tensors.size()); ++at) {
        const NamedTensor& named = how.tensors[at];
        std::string line = named.from.empty() ? "(ones)" : named.from;
        if (named.from != named.to)
            line += " -> " + named.to;
        line += " [";
        for (std::size_t i = 0; i < named.shape.size(); ++i)
            line += (i == 0 ? "" : ", ") + std::to_string(named.shape[i]);
        lines.push_back(line + "] " + nameOf(named.dtype) + (named.turned ? ", turned" : ""));
    }
    addRest(how.tensors.size(), " names");
    const auto add = [&](const std::string& what, const std::vector<std::string>& names) {
        for (std::size_t at = 0; at < std::min(most, names.size()); ++at)
            lines.push_back(what + ": " + names[at]);
        addRest(names.size(), " " + what);
    };
    add("missing", how.missing);
    add("left over", how.leftOver);
    add("of another shape", how.misshapen);
    return lines;
}

ImportPreview previewImport(
    const fs::path& path, const ProgressSink& progress, std::stop_token stop)
{
    ImportPreview preview;
    preview.file = weightsFile(path);
    const CheckpointFormat format = checkHeader(preview.file);
    preview.format = nameOf(format);
    preview.program = format == CheckpointFormat::TorchScript;
    if (!preview.program)
        preview.networks = matchNetworks(preview.file, architectures());
    std::error_code fault;
    preview.bytes = fs::file_size(preview.file, fault);
    preview.sha256 = sha256File(preview.file, progress, stop);
    return preview;
}

std::optional<StoredModel> importModel(const StorePaths& paths, const ImportRequest& wanted,
    const ProgressSink& progress, std::stop_token stop)
{
    if (paths.user.empty())
        throw Error(ErrorKind::BadInput, "there is no model store to write to", "--store",
            "a folder, or $CROSSITER_STORE, or a home folder");
    requireNewId(paths, wanted.id);
    requireKnown(wanted.architecture);
    ImportRequest request = wanted;
    request.file = weightsFile(wanted.file);
    const bool program = isProgramName(request.architecture);
    const CheckpointFormat format = checkedFormat(request);
    if (stop.stop_requested())
        return std::nullopt;
    requireSpaceFor(request.file, paths.user);
    Recognition how;
    if (!program && format != CheckpointFormat::TensorFlow)
        how = recogniseWeights(request.file, request.architecture, { {}, request.key });
    std::error_code fault;
    const std::uint64_t bytes = fs::file_size(request.file, fault);
    const std::string sha256 = sha256File(request.file, progress, stop);
    if (sha256.empty())
        return std::nullopt;
    if (program)
        requireTrusted(request, sha256);

    StoredModel model;
    model.manifest = manifestFor(request);
    model.manifest.poolPadding = paddingOf(request, how);
    const bool converted = mustConvert(format, request, how);
    model.manifest.file = converted ? "model.safetensors" : storedName(request.file, format);
    model.manifest.trusted = program;
    const auto say = [&](const std::string& words) {
        if (progress)
            progress({ words });
    };
    const auto tryNetwork = [&](const fs::path& file) {
        say("trying the network");
        fillAndCheck(model, request, file);
    };
    if (!program)
        model.manifest.source = sourceOf(request, format, how);
    if (!converted) { // nothing is copied that would not be taken
        model.manifest.sha256 = sha256;
        model.manifest.fileBytes = bytes;
        tryNetwork(request.file);
    }
    if (stop.stop_requested())
        return std::nullopt;
    Staging staging(paths.user);
    model.weights = staging.folder() / model.manifest.file;
    if (converted) {
        say(std::string("reading the ") + nameOf(format));
        writeSafetensors(model.weights,
            readCheckpoint(request.file, request.architecture, { request.scope, request.key }),
            { { "source", request.file.filename().string() } });
    } else if (!copyFile(request.file, model.weights, progress, stop)) {
        return std::nullopt;
    }
    model.manifest.sha256 = sha256File(model.weights, progress, stop);
    if (model.manifest.sha256.empty())
        return std::nullopt;
    if (!converted && model.manifest.sha256 != sha256)
        throw Error(ErrorKind::BadInput, "the file changed while it was read",
            request.file.string(), "SHA-256 " + sha256, model.manifest.sha256);
    model.manifest.fileBytes = fs::file_size(model.weights, fault);
    if (converted) {
        model.manifest.source = sourceOf(request, format, how);
        tryNetwork(model.weights);
    }
    if (stop.stop_requested())
        return std::nullopt;
    writeFileAtomically(staging.folder() / "manifest.json", manifestText(model.manifest));
    staging.become(paths.user / request.id);
    return ModelStore(paths).find(request.id);
}

} // namespace crossiter
