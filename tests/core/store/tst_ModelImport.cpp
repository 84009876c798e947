// Models that somebody brings: state dicts, TorchScript programs, and what does not fit.

#include "core/attack/AttackLoop.h"
#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/checkpoint/Safetensors.h"
#include "core/classify/Classifier.h"
#include "core/engine/Engine.h"
#include "core/nets/Net.h"
#include "core/store/ModelJobs.h"

#include <torch/script.h>

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <cmath>
#include <fstream>
#include <thread>

#include "tests/support/SyntheticWeights.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;

namespace fs = std::filesystem;

namespace {

template <typename Work>
std::string errorOf(const Work& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput ? error.what() : "wrong kind";
    }
    return "no error";
}

bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

void write(const fs::path& path, const std::string& text)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

std::string textOf(const fs::path& path)
{
    const auto bytes = readFile(path, 1U << 30U);
    return { bytes.begin(), bytes.end() };
}

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

#define VERIFY_HAS(TEXT, PART)                                                                     \
    do {                                                                                           \
        const std::string& found = TEXT;                                                           \
        QVERIFY2(has(found, PART), found.c_str());                                                 \
    } while (false)

class tst_ModelImport : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    StorePaths m_paths; // anew for each test
    fs::path m_weights = test::storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth";
    std::string m_content;
    std::string m_hash;
    int m_tests = 0;

    ImportRequest import(const fs::path& file, const std::string& architecture)
    {
        ImportRequest request;
        request.file = file;
        request.architecture = architecture;
        request.id = "mine";
        return request;
    }

    /// Nothing but what was there before: no half-made model, no staging folder.
    [[nodiscard]] bool storeIsEmpty() const
    {
        std::error_code fault;
        return !fs::exists(m_paths.user, fault) || fs::is_empty(m_paths.user, fault);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_content = textOf(m_weights);
        m_hash = sha256File(m_weights);
    }

    void init()
    {
        const fs::path folder = m_folder.path().toStdString();
        m_paths.user = folder / std::to_string(++m_tests) / "store";
        m_paths.manifests = folder / std::to_string(m_tests) / "models";
        fs::create_directories(m_paths.manifests);
    }

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
        for (const char* id : { "", "../x", "A", ".x", "a/b" }) {
            request.id = id;
            VERIFY_HAS(errorOf([&] { (void)importModel(m_paths, request); }), "--as");
        }
        QVERIFY(storeIsEmpty());
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
            << "  raise RuntimeError(\"" + QString(1000, 'w') + "\")\n  return x\n"
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
