#include "core/defense/Purifier.h"

#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/classify/Classifier.h"
#include "core/image/Image.h"
#include "core/nets/ScriptNet.h"

namespace crossiter {

namespace {

std::string shapeText(const torch::Tensor& tensor)
{
    std::string text = "[";
    for (const std::int64_t side : tensor.sizes())
        text += (text.size() > 1 ? ", " : "") + std::to_string(side);
    return text + "]";
}

[[noreturn]] void wrongShape(
    const std::string& id, const std::string& expected, const std::string& found)
{
    throw Error(ErrorKind::Usage, "this model gives no pictures", "--purify " + id,
        expected + " for a picture of that shape", found);
}

class ScriptPurifier : public Purifier
{
public:
    ScriptPurifier(std::string id, std::shared_ptr<ScriptNet> program, std::string sha256)
        : m_id(std::move(id))
        , m_program(std::move(program))
        , m_sha256(std::move(sha256))
    {
    }

    [[nodiscard]] torch::Tensor operator()(const torch::Tensor& x) const override
    {
        const torch::Tensor y = m_program->answer(x);
        if (y.sizes() != x.sizes())
            wrongShape(m_id, shapeText(x), shapeText(y));
        return y.to(x.scalar_type()).clamp(-1, 1);
    }
    [[nodiscard]] const std::string& weightsSha256() const override { return m_sha256; }

private:
    std::string m_id;
    std::shared_ptr<ScriptNet> m_program;
    std::string m_sha256;
};

std::shared_ptr<const Purifier> loadScript(
    const StoredModel& model, torch::ScalarType type, torch::Device device)
{
    const ModelManifest& manifest = model.manifest;
    const std::string place = model.weights.string();
    if (!manifest.trusted || manifest.sha256.empty())
        throw Error(ErrorKind::BadInput, "this program was not trusted", place,
            "'models import --trust', after a look at its SHA-256");
    // The bytes that are hashed are the bytes that run, whatever becomes of the file.
    const std::vector<std::uint8_t> bytes = readFile(model.weights, UINT64_MAX);
    std::string hash = sha256(bytes);
    if (hash != manifest.sha256)
        throw Error(ErrorKind::BadInput, "weights are not the manifest's", place,
            "SHA-256 " + manifest.sha256, hash);
    auto program = std::make_shared<ScriptNet>(bytes, place);
    program->to(device, type);
    program->freeze();
    return std::make_shared<ScriptPurifier>(manifest.id, std::move(program), std::move(hash));
}

} // namespace

std::shared_ptr<const Purifier> loadPurifier(
    const StoredModel& model, torch::ScalarType type, torch::Device device)
{
    const ModelManifest& manifest = model.manifest;
    requireWeightsHere(model);
    requireSize(model);
    const torch::NoGradGuard guard;
    const torch::Tensor grey = torch::zeros(
        { 1, 3, kImageSide, kImageSide }, torch::TensorOptions().dtype(type).device(device));
    if (manifest.architecture != kScriptPurifier && manifest.architecture != kTorchScript)
        wrongShape(manifest.id, shapeText(grey),
            "a classifier, " + manifest.architecture + ", which gives logits");
    auto purifier = loadScript(model, type, device);
    (void)(*purifier)(grey);
    return purifier;
}

} // namespace crossiter
