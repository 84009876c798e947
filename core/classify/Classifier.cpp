#include "core/classify/Classifier.h"

#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/checkpoint/LoadInto.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/nets/ScriptNet.h"

namespace crossiter {

namespace {

/// What the manifest leaves to the weights, and what it must agree with.
NetOptions optionsOf(ModelManifest& manifest, const StateDict& state, const std::string& place)
{
    NetOptions options;
    options.poolsCountPadding = manifest.poolPadding == PoolPadding::Timm;
    const std::string aux = auxPrefix(manifest.architecture);
    for (const TensorView& tensor : state.tensors)
        options.auxHead = options.auxHead || (!aux.empty() && tensor.name.starts_with(aux));
    const std::string key = classifierKey(manifest.architecture);
    const TensorView* classifier = state.find(key);
    const std::int64_t rows =
        classifier == nullptr || classifier->shape.empty() ? 0 : classifier->shape[0];
    if (manifest.classes == 0 && classifier == nullptr) {
        manifest.classes = 1000; // loading will say what else is missing
    } else if (manifest.classes == 0) {
        if (rows != 1000 && rows != 1001)
            throw Error(ErrorKind::BadInput, "number of classes not known", place + ", " + key,
                "1000 or 1001 rows", std::to_string(rows));
        manifest.classes = static_cast<int>(rows);
        manifest.labelOffset = rows == 1000 ? 1 : 0; // 1001: row 0 is the background
    } else if (classifier != nullptr && rows != manifest.classes) {
        throw Error(ErrorKind::BadInput, "weights have another number of classes",
            place + ", " + key, std::to_string(manifest.classes), std::to_string(rows));
    }
    options.classes = manifest.classes;
    return options;
}

void requireSha256(
    const ModelManifest& manifest, const std::string& place, const std::string& found)
{
    if (!manifest.sha256.empty() && found != manifest.sha256)
        throw Error(ErrorKind::BadInput, "weights are not the manifest's", place,
            "SHA-256 " + manifest.sha256, found);
}

/// Before a file of any size is hashed.
void requireHeader(const StoredModel& model, const std::string& place)
{
    try {
        (void)checkHeader(model.weights);
    } catch (const Error& error) {
        if (model.manifest.sha256.empty())
            throw;
        throw Error(ErrorKind::BadInput, "weights are not the manifest's", place,
            "SHA-256 " + model.manifest.sha256, error.whatElse());
    }
}

/// A program: the bytes that are hashed are the bytes that run, whatever becomes of the file.
std::shared_ptr<Net> loadTrusted(ModelManifest& manifest, const std::filesystem::path& file,
    const std::string& place, std::string& hash)
{
    if (!manifest.trusted || manifest.sha256.empty())
        throw Error(ErrorKind::BadInput, "this program was not trusted", place,
            "'models import --trust', after a look at its SHA-256");
    const std::vector<std::uint8_t> bytes = readFile(file, UINT64_MAX);
    hash = sha256(bytes);
    requireSha256(manifest, place, hash);
    auto net = std::make_shared<ScriptNet>(bytes, place);
    net->freeze();
    manifest.classes = net->countClasses(manifest.preprocessing.inputSide);
    manifest.labelOffset = manifest.classes == 1000 ? 1 : 0;
    return net;
}

torch::Tensor channelTensor(
    const ChannelValues& values, torch::ScalarType type, torch::Device device)
{
    const auto& [red, green, blue] = values.values();
    return torch::tensor({ red, green, blue }, torch::kDouble)
        .view({ 1, 3, 1, 1 })
        .to(device, type);
}

} // namespace

torch::ScalarType scalarTypeOf(Numerics numerics)
{
    return numerics == Numerics::Exact ? torch::kDouble : torch::kFloat;
}

Classifier::Classifier(ModelManifest manifest, std::shared_ptr<Net> net, Numerics numerics,
    torch::Device device, std::string sha256)
    : m_manifest(std::move(manifest))
    , m_net(std::move(net))
    , m_numerics(numerics)
    , m_type(scalarTypeOf(numerics))
    , m_device(device)
    , m_sha256(std::move(sha256))
{
    m_bytes = m_net->weightBytes();
    const PreprocessingSpec& spec = m_manifest.preprocessing;
    if (!spec.scale.isUniform() || !spec.shift.isUniform()) {
        m_scale = channelTensor(spec.scale, m_type, m_device);
        m_shift = channelTensor(spec.shift, m_type, m_device);
    }
}

std::shared_ptr<const Classifier> Classifier::load(const StoredModel& model, Numerics numerics,
    torch::Device device, const std::string& shownPlace)
{
    ModelManifest manifest = model.manifest;
    requireWeightsHere(model);
    requireSize(model);
    const std::string place = shownPlace.empty() ? model.weights.string() : shownPlace;
    std::string sha256;
    std::shared_ptr<Net> net;
    if (manifest.architecture == kScriptPurifier)
        throw Error(ErrorKind::BadInput, "this model gives pictures, not labels", manifest.id,
            "a classifier here, and this model behind --purify", manifest.architecture);
    if (manifest.architecture == kTorchScript) {
        net = loadTrusted(manifest, model.weights, place, sha256);
    } else {
        requireHeader(model, place);
        sha256 = sha256File(model.weights);
        requireSha256(manifest, place, sha256);
        const StateDict state = readCheckpoint(model.weights, manifest.architecture);
        net = makeNet(manifest.architecture, optionsOf(manifest, state, place));
        loadInto(*net, state, place);
    }
    net->to(device, scalarTypeOf(numerics));
    net->freeze();
    if (numerics == Numerics::Fast)
        net->foldBatchNorm();
    return std::shared_ptr<const Classifier>(
        new Classifier(manifest, std::move(net), numerics, device, std::move(sha256)));
}

std::shared_ptr<const Classifier> Classifier::of(
    ModelManifest manifest, std::shared_ptr<Net> net, Numerics numerics, torch::Device device)
{
    return std::shared_ptr<const Classifier>(
        new Classifier(std::move(manifest), std::move(net), numerics, device, {}));
}

const DroppedHead& Classifier::droppedHead() const
{
    std::call_once(m_headMade, [this] {
        const NetHead head = m_net->head();
        m_head = std::make_unique<const DroppedHead>(head.weight, head.bias);
    });
    return *m_head;
}

NetOutput Classifier::logits(const torch::Tensor& x) const
{
    return logits(x, ForwardOptions());
}

NetOutput Classifier::logits(const torch::Tensor& x, const ForwardOptions& options) const
{
    const PreprocessingSpec& spec = m_manifest.preprocessing;
    torch::Tensor input = x;
    if (x.size(2) != spec.inputSide || x.size(3) != spec.inputSide) {
        // Half-pixel centres, no antialiasing.
        input = torch::upsample_bilinear2d(
            x, { spec.inputSide, spec.inputSide }, /*align_corners=*/false);
    }
    if (m_scale.defined())
        return m_net->forward(input * m_scale + m_shift, options);
    return m_net->forward(input * spec.scale.values()[0] + spec.shift.values()[0], options);
}

std::int64_t Classifier::multiplyAdds() const
{
    return m_net->multiplyAdds(m_manifest.preprocessing.inputSide);
}

} // namespace crossiter
