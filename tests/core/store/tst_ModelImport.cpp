// Models that somebody brings: state dicts, TorchScript programs, and what does not fit.

#include "core/attack/AttackLoop.h"
#include "core/checkpoint/Safetensors.h"
#include "core/classify/Classifier.h"
#include "core/engine/Engine.h"
#include "core/nets/Net.h"

#include <torch/script.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "tests/core/store/StoreFixture.h"
#include "tests/support/SyntheticWeights.h"

using namespace crossiter;
using test::errorOf;
using test::has;
using test::textOf;
using test::write;

namespace fs = std::filesystem;

namespace {

/// A program that answers like a network; `body` is its forward.
void saveProgram(const fs::path& path, const std::string& body)
{
    torch::jit::Module program("program");
    program.register_parameter(
        "weight", test::syntheticValues("program.weight", { 1000, 3 }), /*is_buffer=*/false);
    program.define("def forward(self, x):\n" + body);
    program.save(path.string());
}

} // namespace

class tst_ModelImport : public test::StoreFixture
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { readWeights(); }
    void init() { makeStore(); }

    void importsAStateDict()
    {
        ImportRequest request = import(m_weights, "efficientnet-lite0");
        request.name = "My net";
        const auto model = importModel(m_paths, request);
        QVERIFY(model && model->imported && model->writable);
        QCOMPARE(model->manifest.classes, 1000);
        QCOMPARE(model->manifest.labelOffset, 1);
        QCOMPARE(model->manifest.sha256, m_hash);
        QCOMPARE(ModelStore(m_paths).find("mine").manifest.name, std::string("My net"));
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, request); }), "already");
        QVERIFY(removeModel(m_paths, "mine") > m_content.size());
        QVERIFY(storeIsEmpty());
        VERIFY_HAS(errorOf([&] { (void)removeModel(m_paths, "mine"); }), "unknown model");
    }

    void incompleteTensorFlowIsRefusedByName()
    {
        // The tiny file has the right form and too few variables. A whole one:
        // tst_ImportedInception.
        const fs::path tiny = test::dataDir() / "checkpoints/tf/tiny_v2.ckpt.index";
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, import(tiny, "inception-v3")); }),
            "InceptionV3/");
        QVERIFY(storeIsEmpty());
        QCOMPARE(previewImport(tiny).format, std::string("TensorFlow checkpoint"));
    }

    void importsSafetensorsOf1001Classes()
    {
        const fs::path file = m_paths.manifests.parent_path() / "net.safetensors";
        NetOptions options;
        options.classes = 1001;
        const auto net = makeNet("efficientnet-lite0", options);
        test::fillWithSyntheticWeights(*net);
        writeSafetensors(file, test::stateOf(*net));
        const auto model = importModel(m_paths, import(file, "efficientnet-lite0"));
        QVERIFY(model);
        QCOMPARE(model->manifest.classes, 1001);
        QCOMPARE(model->manifest.labelOffset, 0);
        ImportRequest wrong = import(file, "efficientnet-lite0");
        wrong.id = "other";
        wrong.labelOffset = 1;
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, wrong); }), "--label-offset");

        // A pair of different class counts: both speak of the competition's labels.
        EngineOptions engine;
        engine.store = m_paths;
        engine.store.readOnly = { test::storeDir() };
        engine.store.manifests = test::sourceDir() / "models";
        AttackRequest attack = defaultRequest(Method::CrossIterative);
        attack.sources = { "mine", "efficientnet-lite0" };
        attack.judges = { "efficientnet-lite2", "mine" };
        attack.rounds = 1;
        const auto trace = Engine(engine).attack(attack, Image(299, 299));
        QCOMPARE(trace->subSteps.size(), std::size_t(3)); // the clean picture and two
    }

    void refusesWhatDoesNotFit()
    {
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, import(m_weights, "inception-v3")); }),
            m_weights.string() + ": ");
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, import(m_weights, "resnet")); }),
            "unknown architecture");
        VERIFY_HAS(
            errorOf([&] { (void)importModel(m_paths, import("nowhere", "efficientnet-lite0")); }),
            "nowhere");
        ImportRequest request = import(m_weights, "efficientnet-lite0");
        request.scale = ChannelValues(1.0, 0.0, 1.0);
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, request); }), "--scale");
        request.scale = 1.0;
        request.shift = ChannelValues(0.0, 0.0, std::nan(""));
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, request); }), "--shift");
        request.shift.reset();
        request.scope = "InceptionV3"; // a state dict has none
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, request); }), "no scopes");
        request.scope.clear();
        for (const char* id : { "", "../x", "A", ".x", "a/b" }) {
            request.id = id;
            VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, request); }), "--as");
        }
        QVERIFY(storeIsEmpty());
    }

    void planSaysWhatWouldBeDone()
    {
        const ImportPlan plan = planImport(import(m_weights, "efficientnet-lite0"));
        QVERIFY(plan.how.fits() && !plan.converted);
        QCOMPARE(plan.classes, 1000);
        QCOMPARE(plan.format, std::string("PyTorch state dict"));
        const auto lines = mappingLines(plan.how);
        QCOMPARE(lines.size(), plan.how.tensors.size());
        QCOMPARE(lines.front(), std::string("_conv_stem.weight [32, 3, 3, 3] F32"));
        const ImportPlan wrong = planImport(import(m_weights, "efficientnet-lite1"));
        QVERIFY(!wrong.how.fits());
        QCOMPARE(wrong.fitting, std::vector<std::string> { "efficientnet-lite0" });
        VERIFY_HAS(
            errorOf([&] { (void)planImport(import(m_weights, "torchscript")); }), "do not fit");
        const ImportPreview preview = previewImport(m_weights);
        QCOMPARE(preview.sha256, m_hash);
        QCOMPARE(std::count_if(preview.networks.begin(), preview.networks.end(),
                     [](const NetworkMatch& match) { return match.how.fits(); }),
            std::ptrdiff_t { 1 });
        QVERIFY(storeIsEmpty());
    }

    /// Half the numbers, names behind a prefix: stored under our names, loaded in float32.
    void prefixAndHalfPrecisionAreImported()
    {
        NetOptions options;
        const auto net = makeNet("efficientnet-lite0", options);
        test::fillWithSyntheticWeights(*net);
        for (const auto type : { torch::kHalf, torch::kBFloat16, torch::kDouble }) {
            std::vector<torch::Tensor> kept;
            StateDict state;
            for (const TensorView& view : test::stateOf(*net).tensors) {
                torch::Tensor value = net->named_parameters().contains(view.name)
                    ? net->named_parameters()[view.name]
                    : net->named_buffers()[view.name];
                value = kept.emplace_back(value.detach().to(type).contiguous());
                const DType dtype = type == torch::kHalf ? DType::F16
                    : type == torch::kBFloat16           ? DType::BF16
                                                         : DType::F64;
                state.tensors.push_back({ "module._orig_mod." + view.name, dtype, view.shape,
                    { static_cast<const std::byte*>(value.data_ptr()), value.nbytes() } });
            }
            const fs::path file = m_paths.manifests.parent_path() / "net.safetensors";
            fs::remove(file);
            writeSafetensors(file, state);
            ImportRequest request = import(file, "efficientnet-lite0");
            request.id = std::string("mine-") + torch::toString(type)[0];
            std::transform(request.id.begin(), request.id.end(), request.id.begin(), ::tolower);
            const auto model = importModel(m_paths, request);
            QVERIFY(model);
            VERIFY_HAS(model->manifest.source, "prefix module._orig_mod. taken off");
            QVERIFY(readSafetensors(model->weights).find("_conv_stem.weight") != nullptr);
            const auto loaded = Classifier::load(*model, Numerics::Reference, torch::kCPU);
            QVERIFY(loaded->scalarType() == torch::kFloat);
        }
    }

    void programWantsTrust()
    {
        const fs::path file = m_paths.manifests.parent_path() / "program.pt";
        saveProgram(file, "  return x.mean([2, 3]).matmul(self.weight.t())\n");
        QVERIFY(previewImport(file).program);
        ImportRequest request = import(file, "torchscript");
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, request); }), sha256File(file));
        request.trustedSha256 = std::string(64, '0'); // another file was trusted
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, request); }), "not trusted");
        VERIFY_HAS(
            errorOf([&] { (void)importModel(m_paths, import(file, "inception-v3")); }), "--trust");
        QVERIFY(storeIsEmpty());

        request.trustedSha256 = sha256File(file);
        const auto model = importModel(m_paths, request);
        QVERIFY(model && model->manifest.trusted);
        QCOMPARE(model->manifest.classes, 1000);
        for (const Numerics numerics : { Numerics::Fast, Numerics::Reference, Numerics::Exact }) {
            const auto network = Classifier::load(*model, numerics, torch::kCPU);
            const LossAndGradient step = differentiate(
                *network, torch::rand({ 1, 3, 299, 299 }, network->scalarType()), -1, false);
            QVERIFY(step.gradient.abs().max().item<double>() > 0.0);
            QCOMPARE(network->bytes(), std::uint64_t(numerics == Numerics::Exact ? 24000 : 12000));
        }
        // A program put in its place is not run.
        saveProgram(model->weights, "  return x.mean([2, 3]).matmul(self.weight.t()) * 2.0\n");
        VERIFY_HAS(errorOf([&] { (void)Classifier::load(*model, Numerics::Fast, torch::kCPU); }),
            "not the manifest's");
    }

    /// Mean and deviation of the ImageNet networks, all the way: a program in the store answers as
    /// if its input had been normalised in torch's own way.
    void programsSeeNormalisedPictures()
    {
        const fs::path file = m_paths.manifests.parent_path() / "program.pt";
        saveProgram(file, "  return x.mean([2, 3]).matmul(self.weight.t())\n");
        const PreprocessingSpec input = imagenetPreprocessing(64);
        ImportRequest request = import(file, "torchscript");
        request.trustedSha256 = sha256File(file);
        request.inputSide = input.inputSide;
        request.scale = input.scale;
        request.shift = input.shift;
        (void)importModel(m_paths, request);
        const auto network =
            Classifier::load(ModelStore(m_paths).find("mine"), Numerics::Exact, torch::kCPU);
        auto program = torch::jit::load(file.string());
        program.to(torch::kDouble);
        const torch::Tensor p = torch::rand({ 1, 3, 64, 64 }, torch::kDouble); // in [0, 1]
        const auto column = [](double r, double g, double b) {
            return torch::tensor({ r, g, b }, torch::kDouble).view({ 3, 1, 1 });
        };
        const torch::Tensor normal =
            (p - column(0.485, 0.456, 0.406)) / column(0.229, 0.224, 0.225);
        const torch::Tensor wanted = program.forward({ normal }).toTensor();
        const torch::Tensor found = network->logits(p * 2 - 1).logits;
        QVERIFY(wanted.abs().max().item<double>() > 1e-3);
        QVERIFY(torch::allclose(found, wanted, 1e-10, 1e-10));
    }

    void trustInAManifestAloneIsNotEnough()
    {
        ModelManifest manifest;
        manifest.id = "evil";
        manifest.name = "evil";
        manifest.architecture = "torchscript";
        manifest.file = "model.pt";
        manifest.licence = "?";
        manifest.source = "?";
        manifest.preprocessing = { 299, 1.0, 0.0 };
        manifest.classes = 0;
        manifest.trusted = true; // but no SHA-256
        write(m_paths.user / "evil/manifest.json", manifestText(manifest));
        saveProgram(m_paths.user / "evil/model.pt", "  return x\n");
        VERIFY_HAS(errorOf([&] {
            (void)Classifier::load(ModelStore(m_paths).find("evil"), Numerics::Fast, torch::kCPU);
        }),
            "not trusted");
    }

    void badProgramsAreNamed_data()
    {
        QTest::addColumn<QString>("body");
        QTest::addColumn<QString>("expected");
        QTest::newRow("shape") << "  return x\n"
                               << "does not answer with logits";
        QTest::newRow("classes") << "  return x.mean([2, 3])\n"
                                 << "1000 or 1001";
        QTest::newRow("nan") << "  return x.mean([2, 3]).matmul(self.weight.t()) * float('nan')\n"
                             << "finite";
        QTest::newRow("raises") << "  assert x.size(0) == 7\n  return x\n"
                                << "the program failed";
        // Its own words are cut, and the quotation still ends.
        QTest::newRow("raises much")
            << "  assert x.size(0) == 7, \"" + QString(1000, 'w') + "\"\n  return x\n"
            << "www...'";
    }

    void badProgramsAreNamed()
    {
        QFETCH(const QString, body);
        QFETCH(const QString, expected);
        const fs::path file = m_paths.manifests.parent_path() / "program.pt";
        saveProgram(file, body.toStdString());
        ImportRequest request = import(file, "torchscript");
        request.trustedSha256 = sha256File(file);
        VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, request); }), expected.toStdString());
        QVERIFY(storeIsEmpty());
    }

    void cancelledImportLeavesNothing()
    {
        std::stop_source stop;
        const auto model = importModel(
            m_paths, import(m_weights, "efficientnet-lite0"),
            [&](const Progress& p) {
                if (p.stage.starts_with("copying"))
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(!model);
        QVERIFY(storeIsEmpty());
    }
};

QTEST_GUILESS_MAIN(tst_ModelImport)
#include "tst_ModelImport.moc"
