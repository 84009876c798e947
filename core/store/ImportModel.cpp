#include "core/base/AtomicFile.h"
#include "core/base/Download.h"
#include "core/base/Error.h"
#include "core/base/Nearest.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/base/Suggestion.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/checkpoint/Safetensors.h"
#include "core/classify/Classifier.h"
#include "core/defense/Purifier.h"
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
    manifest.poolPadding = request.poolPadding;
    return manifest;
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
    case CheckpointFormat::TensorFlow: // it is converted
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

/// program: the architecture is one that the file itself holds.
void requireFitting(const ImportRequest& request, CheckpointFormat format, bool program)
{
    if (!request.scope.empty() && format != CheckpointFormat::TensorFlow)
        throw Error(ErrorKind::BadInput, "this file has no scopes", request.file.string(),
            "a TensorFlow checkpoint for --scope", std::string("a ") + nameOf(format));
    const bool isProgram = format == CheckpointFormat::TorchScript;
    if (isProgram != program)
        throw Error(ErrorKind::BadInput, "file and architecture do not fit", request.file.string(),
            program ? "a TorchScript program" : "weights of " + request.architecture,
            std::string("a ") + nameOf(format)
                + (isProgram ? ": --architecture torchscript --trust would run it" : ""));
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

std::optional<StoredModel> importModel(const StorePaths& paths, const ImportRequest& request,
    const ProgressSink& progress, std::stop_token stop)
{
    if (paths.user.empty())
        throw Error(ErrorKind::BadInput, "there is no model store to write to", "--store",
            "a folder, or $CROSSITER_STORE, or a home folder");
    requireNewId(paths, request.id);
    const auto known = importableArchitectures();
    if (std::find(known.begin(), known.end(), request.architecture) == known.end()) {
        throw Error(ErrorKind::BadInput, "unknown architecture", "--architecture", oneOf(known),
            foundWord(request.architecture, known));
    }
    const bool program =
        request.architecture == kTorchScript || request.architecture == kScriptPurifier;
    const CheckpointFormat format = checkHeader(request.file);
    if (stop.stop_requested())
        return std::nullopt;
    requireFitting(request, format, program);
    requireSpaceFor(request.file, paths.user);
    const ImportPreview preview = previewImport(request.file, progress, stop);
    if (preview.sha256.empty())
        return std::nullopt;
    if (program && request.trustedSha256 != preview.sha256)
        throw Error(ErrorKind::BadInput, "a program runs when it is loaded and was not trusted",
            request.file.string(), "--trust, if you trust SHA-256 " + preview.sha256);

    StoredModel model;
    model.manifest = manifestFor(request);
    const bool converted = format == CheckpointFormat::TensorFlow;
    model.manifest.file = storedName(request.file, format);
    model.manifest.trusted = program;
    const auto tryNetwork = [&](const fs::path& file) {
        if (progress)
            progress({ "trying the network" });
        fillAndCheck(model, request, file);
    };
    if (!converted) { // nothing is copied that would not be taken
        model.manifest.sha256 = preview.sha256;
        model.manifest.fileBytes = preview.bytes;
        tryNetwork(request.file);
    }
    if (stop.stop_requested())
        return std::nullopt;
    Staging staging(paths.user);
    model.weights = staging.folder() / model.manifest.file;
    if (converted) {
        if (progress)
            progress({ "reading the TensorFlow checkpoint" });
        writeSafetensors(model.weights,
            readCheckpoint(request.file, request.architecture, request.scope),
            { { "source", request.file.filename().string() } });
    } else if (!copyFile(request.file, model.weights, progress, stop)) {
        return std::nullopt;
    }
    model.manifest.sha256 = sha256File(model.weights, progress, stop);
    if (model.manifest.sha256.empty())
        return std::nullopt;
    if (!converted && model.manifest.sha256 != preview.sha256)
        throw Error(ErrorKind::BadInput, "the file changed while it was read",
            request.file.string(), "SHA-256 " + preview.sha256, model.manifest.sha256);
    std::error_code fault;
    model.manifest.fileBytes = fs::file_size(model.weights, fault);
    if (converted)
        tryNetwork(model.weights);
    if (stop.stop_requested())
        return std::nullopt;
    writeFileAtomically(staging.folder() / "manifest.json", manifestText(model.manifest));
    staging.become(paths.user / request.id);
    return ModelStore(paths).find(request.id);
}

} // namespace crossiter
