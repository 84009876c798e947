#include "core/classify/Classifier.h"

#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/checkpoint/LoadInto.h"
#include "core/checkpoint/ReadCheckpoint.h"

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
    if (manifest.classes == 0) {
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
    for (const torch::Tensor& parameter : m_net->parameters())
        m_bytes += parameter.nbytes();
}

std::shared_ptr<const Classifier> Classifier::load(
    const StoredModel& model, Numerics numerics, torch::Device device)
{
    ModelManifest manifest = model.manifest;
    if (model.weights.empty()) {
        throw Error(ErrorKind::BadInput, "weights are not in the store", manifest.id,
            manifest.id + "/" + manifest.file, "no such file");
    }
    std::string sha256 = sha256File(model.weights);
    if (!manifest.sha256.empty() && sha256 != manifest.sha256) {
        throw Error(ErrorKind::BadInput, "weights are not the manifest's", model.weights.string(),
            "SHA-256 " + manifest.sha256, sha256);
    }
    std::shared_ptr<Net> net;
    {
        const std::string place = model.weights.string();
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

NetOutput Classifier::logits(const torch::Tensor& x) const
{
    const PreprocessingSpec& spec = m_manifest.preprocessing;
    torch::Tensor input = x;
    if (x.size(2) != spec.inputSide || x.size(3) != spec.inputSide) {
        // Half-pixel centres, no antialiasing.
        input = torch::upsample_bilinear2d(
            x, { spec.inputSide, spec.inputSide }, /*align_corners=*/false);
    }
    return m_net->forward(input * spec.scale + spec.shift);
}

std::int64_t Classifier::multiplyAdds() const
{
    return m_net->multiplyAdds(m_manifest.preprocessing.inputSide);
}

} // namespace crossiter
