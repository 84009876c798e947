#include "core/classify/Classifier.h"

#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/base/Sha256.h"
#include "core/checkpoint/LoadInto.h"
#include "core/checkpoint/PthReader.h"
#include "core/checkpoint/Safetensors.h"

namespace crossiter {

namespace {

StateDict readWeights(const std::filesystem::path& path)
{
    // A safetensors file begins with the header's length and its opening brace.
    const auto file = MappedFile::open(path);
    const auto bytes = file->bytes();
    const bool safetensors = bytes.size() > 9 && bytes[8] == '{';
    return safetensors ? readSafetensors(path) : readPth(path);
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
    const ModelManifest& manifest = model.manifest;
    if (model.weights.empty()) {
        throw Error(ErrorKind::BadInput, "weights are not in the store", manifest.id,
            manifest.id + "/" + manifest.file, "no such file");
    }
    std::string sha256 = sha256File(model.weights);
    if (!manifest.sha256.empty() && sha256 != manifest.sha256) {
        throw Error(ErrorKind::BadInput, "weights are not the manifest's", model.weights.string(),
            "SHA-256 " + manifest.sha256, sha256);
    }
    std::shared_ptr<Net> net = makeNet(manifest.architecture, manifest.classes);
    loadInto(*net, readWeights(model.weights), model.weights.string());
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
