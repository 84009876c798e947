// Defenses and sweeps at the engine's door: equal cells, cancelling, memory, purifiers, attacks
// through a defense.

#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/classify/ModelManifest.h"
#include "core/defense/SweptSize.h"
#include "core/engine/CellMemory.h"
#include "core/engine/Engine.h"
#include "core/image/Codec.h"
#include "core/jobs/SweepJobs.h"
#include "core/store/ModelJobs.h"

#include <torch/script.h>

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <filesystem>
#include <fstream>

#include "tests/support/TestPaths.h"

using namespace crossiter;

namespace fs = std::filesystem;

namespace {

const std::vector<std::string> kPair { "efficientnet-lite0", "efficientnet-lite1" };

Image golden(const char* name)
{
    return readImage(test::goldenDir() / "embedded_pair" / name);
}

template <typename Work>
QString errorOf(const Work& work, ErrorKind kind)
{
    try {
        work();
    } catch (const Error& error) {
        return error.kind() == kind ? QString(error.what())
                                    : QString("wrong kind: ") + error.what();
    }
    return "no error";
}

/// Sub-step 0 the clean picture, sub-step 1 an attacked one.
std::shared_ptr<const AttackTrace> traceOfTwo()
{
    auto trace = std::make_shared<AttackTrace>();
    for (const char* name : { "imagenet_16_251.clean.png", "imagenet_16_251.sub-step-6.png" }) {
        auto subStep = std::make_shared<SubStep>();
        subStep->index = static_cast<int>(trace->subSteps.size());
        subStep->exported = golden(name);
        subStep->attackedLabel = subStep->index == 0 ? -1 : 252;
        trace->subSteps.push_back(subStep);
    }
    trace->clean = trace->subSteps[0]->exported;
    return trace;
}

SweepRequest sweepOf(const char* defense, std::vector<int> sizes)
{
    SweepRequest request;
    request.models = kPair;
    request.sizes = std::move(sizes);
    request.defense = parseDefense(defense);
    request.trueLabel = 252;
    request.target = 101;
    return request;
}

void requireEqual(const SweepCell& a, const SweepCell& b)
{
    QCOMPARE(a.subStep, b.subStep);
    QCOMPARE(a.size, b.size);
    QCOMPARE(a.model, b.model);
    QCOMPARE(a.label, b.label);
    QVERIFY(a.probability == b.probability);
    QVERIFY(a.trueProbability == b.trueProbability);
    QVERIFY(a.attackedProbability == b.attackedProbability);
    QVERIFY(a.targetProbability == b.targetProbability);
    QCOMPARE(a.trueTop1.hits, b.trueTop1.hits);
    QVERIFY(a.flipRate == b.flipRate);
}

/// A store with a TorchScript program under `id`.
void addProgram(const fs::path& store, const std::string& id, const std::string& body)
{
    torch::jit::Module module(id);
    module.define(body);
    const fs::path folder = store / id;
    fs::create_directories(folder);
    module.save((folder / "model.pt").string());
    ModelManifest manifest;
    manifest.id = id;
    manifest.name = id;
    manifest.architecture = "torchscript";
    manifest.file = "model.pt";
    manifest.sha256 = sha256File(folder / "model.pt");
    manifest.licence = "MIT";
    manifest.source = "this test";
    manifest.preprocessing = { 299, 1.0, 0.0 };
    manifest.classes = 0;
    manifest.trusted = true;
    std::ofstream(folder / "manifest.json") << manifestText(manifest);
}

} // namespace

class tst_DefenseEngine : public QObject
{
    Q_OBJECT

private:
    Engine m_engine;

private Q_SLOTS:
    void noDefenseIsThePrediction()
    {
        const Image clean = golden("imagenet_16_251.clean.png");
        for (const Numerics numerics : { Numerics::Fast, Numerics::Reference }) {
            DefendRequest request;
            request.models = kPair;
            request.compute.numerics = numerics;
            request.compute.threads = 1;
            request.trueLabel = 252;
            const auto found = m_engine.defend(request, { clean });
            const PredictRequest plain { kPair, request.compute };
            const auto expected = m_engine.predict(plain, { clean });
            for (std::size_t m = 0; m < 2; ++m) {
                const DefendedPrediction& one = found->predictions[0][m];
                QVERIFY(one.mean.probabilities == expected->predictions[0][m].probabilities);
                QCOMPARE(one.mean.model, kPair[m]);
                QCOMPARE(one.trueTop1.hits, std::size_t(1));
                QCOMPARE(one.trueTop1.total, std::size_t(1));
                QCOMPARE(one.flipRate, 0.0);
            }
        }
    }

    void cellsComputedAloneAreTheSame_data()
    {
        QTest::addColumn<QString>("defense");
        for (const char* text : { "none", "dropout;samples=8", "jpeg=75;resize=250,200;dropout",
                 "random-pad;samples=2", "dropout;batch-statistics" })
            QTest::newRow(text) << text;
    }

    void cellsComputedAloneAreTheSame()
    {
        QFETCH(QString, defense);
        const std::string text = defense.toStdString();
        const auto trace = traceOfTwo();
        SweepRequest all = sweepOf(text.c_str(), { 64, 200 });
        all.compute.threads = 2;
        std::vector<SweepCell> streamed;
        const auto whole = m_engine.sweep(all, trace, [&](const std::vector<SweepCell>& cells) {
            streamed.insert(streamed.end(), cells.begin(), cells.end());
        });
        QVERIFY(!whole->cancelled);
        QCOMPARE(whole->cells.size(), std::size_t(8));
        QCOMPARE(streamed.size(), whole->cells.size());
        QCOMPARE(whole->request.subSteps, (std::vector<int> { 0, 1 }));
        for (std::size_t i = 1; i < whole->cells.size(); ++i) {
            const auto place = [](const SweepCell& c) {
                return std::tuple(c.subStep, c.size, c.model);
            };
            QVERIFY(place(whole->cells[i - 1]) < place(whole->cells[i]));
        }
        // Alone, by another engine, with one thread.
        Engine other;
        SweepRequest alone = sweepOf(text.c_str(), { 200 });
        alone.models = { kPair[1] };
        alone.subSteps = { 1 };
        alone.compute.threads = 1;
        const auto cell = other.sweep(alone, trace);
        QCOMPARE(cell->cells.size(), std::size_t(1));
        SweepCell expected = *whole->cell(1, 200, 1);
        expected.model = 0;
        requireEqual(cell->cells[0], expected);
        QCOMPARE(cell->cells[0].attackedProbability, cell->cells[0].trueProbability);
        // On sub-step 0 it is what `defend` says of the picture with one thread.
        DefendRequest defend;
        defend.models = kPair;
        defend.defense = withSize(parseDefense(text), 64);
        defend.compute.threads = 1;
        defend.trueLabel = 252;
        const auto defended = other.defend(defend, { trace->clean });
        for (int m = 0; m < 2; ++m) {
            const SweepCell& found = *whole->cell(0, 64, m);
            const DefendedPrediction& one = defended->predictions[0][static_cast<std::size_t>(m)];
            QCOMPARE(found.label, one.mean.top1());
            QCOMPARE(found.trueProbability, one.mean.probabilityOf(252));
            QCOMPARE(found.trueTop1.hits, one.trueTop1.hits);
            QCOMPARE(found.trueTop1.total, one.trueTop1.total);
            QCOMPARE(found.flipRate, one.flipRate);
        }
    }

    void coarseComesFirst()
    {
        Engine engine;
        SweepRequest request = sweepOf("none", { 40, 80, 120, 160, 200, 240, 280, 290, 299 });
        request.models = { kPair[0] };
        request.subSteps = { 0 };
        request.compute.threads = 1;
        std::vector<int> order;
        (void)engine.sweep(request, traceOfTwo(), [&](const std::vector<SweepCell>& cells) {
            for (const SweepCell& cell : cells)
                order.push_back(cell.size);
        });
        QCOMPARE(order, (std::vector<int> { 40, 299, 200, 120, 280, 80, 160, 240, 290 }));
    }

    void sweepsAreRemembered()
    {
        Engine engine;
        const auto trace = traceOfTwo();
        const SweepRequest request = sweepOf("dropout;samples=3", { 100, 200 });
        const auto first = engine.sweep(request, trace);
        // What is known needs no network: even a stopped sweep is whole.
        std::stop_source stop;
        stop.request_stop();
        SweepRequest again = request;
        again.trueLabel = 7; // other columns of the same draws
        const auto second = engine.sweep(again, trace, {}, {}, stop.get_token());
        QVERIFY(!second->cancelled);
        QCOMPARE(second->cells.size(), first->cells.size());
        for (std::size_t i = 0; i < first->cells.size(); ++i) {
            QVERIFY(first->cells[i].probability == second->cells[i].probability);
            QCOMPARE(first->cells[i].flipRate, second->cells[i].flipRate);
        }
        // Pictures alone are those of a trace: the same cells, known by now.
        std::vector<SweepPicture> pictures;
        for (const auto& subStep : trace->subSteps)
            pictures.push_back({ std::make_shared<const Image>(subStep->exported) });
        const auto third = engine.sweep(request, pictures, {}, {}, stop.get_token());
        QCOMPARE(third->cells.size(), first->cells.size());
        QCOMPARE(third->cells.back().trueProbability, first->cells.back().trueProbability);
        QCOMPARE(third->cells.back().attackedProbability, -1.0);
        again.defense.seed = 2;
        QVERIFY(engine.sweep(again, trace, {}, {}, stop.get_token())->cells.empty());
    }

    void memoryIsBounded()
    {
        CellMemory memory(20'000);
        const auto drawn = [](float value) {
            auto made = std::make_shared<Drawn>();
            made->mean.assign(1001, value);
            made->top1 = { 1 };
            return made;
        };
        for (int i = 0; i < 10; ++i) {
            memory.keep(std::to_string(i), drawn(static_cast<float>(i)));
            (void)memory.find("0"); // used again and again: stays
        }
        QVERIFY(memory.bytes() <= 20'000);
        QVERIFY(memory.find("0") != nullptr);
        QVERIFY(memory.find("9") != nullptr);
        QVERIFY(memory.find("1") == nullptr);
    }

    void cancelKeepsWhatIsDone()
    {
        Engine engine;
        SweepRequest request = sweepOf("none", parseSweepSizes("sizes", "32:299:1"));
        std::stop_source stop;
        const auto result = engine.sweep(
            request, traceOfTwo(), [&](const std::vector<SweepCell>&) { stop.request_stop(); }, {},
            stop.get_token());
        QVERIFY(result->cancelled);
        QVERIFY(!result->cells.empty());
        QVERIFY(result->cells.size() < 100);
        DefendRequest defend;
        defend.models = { kPair[0] };
        const Image clean = golden("imagenet_16_251.clean.png");
        std::stop_source second;
        const auto cut = engine.defend(
            defend, { clean, clean, clean },
            [&](const Progress& now) {
                if (now.done == 2)
                    second.request_stop();
            },
            second.get_token());
        QVERIFY(cut->cancelled);
        QCOMPARE(cut->predictions.size(), std::size_t(2));
    }

    void batchesOfSixteen()
    {
        // Eighteen pictures: sixteen make a batch, the last two another with fourteen grey ones.
        std::vector<Image> images;
        images.reserve(18);
        for (int i = 0; i < 18; ++i)
            images.push_back(
                golden(i % 2 == 0 ? "imagenet_16_251.clean.png" : "imagenet_02_438.clean.png"));
        DefendRequest request;
        request.models = { kPair[0] };
        request.defense = parseDefense("batch-statistics");
        const auto whole = m_engine.defend(request, images);
        QCOMPARE(whole->predictions.size(), std::size_t(18));
        const auto rest = m_engine.defend(request, { images[16], images[17] });
        QVERIFY(whole->predictions[16][0].mean.probabilities
            == rest->predictions[0][0].mean.probabilities);
        QVERIFY(whole->predictions[0][0].mean.probabilities
            != rest->predictions[0][0].mean.probabilities);
        const auto alone = m_engine.defend(request, { images[16] });
        QVERIFY(alone->predictions[0][0].mean.probabilities
            != rest->predictions[0][0].mean.probabilities);
    }

    void badRequests()
    {
        const Image clean = golden("imagenet_16_251.clean.png");
        DefendRequest request;
        QVERIFY(errorOf([&] { (void)m_engine.defend(request, { clean }); }, ErrorKind::Usage)
                    .contains("--model"));
        request.models = kPair;
        request.defense.samples = 0;
        QVERIFY(errorOf([&] { (void)m_engine.defend(request, { clean }); }, ErrorKind::Usage)
                    .contains("1..10000 draws, found 0"));
        request.defense = parseDefense("purify=nobody");
        QVERIFY(errorOf([&] { (void)m_engine.defend(request, { clean }); }, ErrorKind::BadInput)
                    .contains("nobody"));
        SweepRequest sweep = sweepOf("none", { 0 });
        const auto trace = traceOfTwo();
        QVERIFY(errorOf([&] { (void)m_engine.sweep(sweep, trace); }, ErrorKind::Usage)
                    .contains("1..299 pixels, found 0"));
        sweep.sizes = { 200, 100 };
        QVERIFY(errorOf([&] { (void)m_engine.sweep(sweep, trace); }, ErrorKind::Usage)
                    .contains("rising"));
        sweep.sizes = { 200 };
        sweep.subSteps = { 2 };
        QVERIFY(errorOf([&] { (void)m_engine.sweep(sweep, trace); }, ErrorKind::Usage)
                    .contains("0..1"));
        QVERIFY(
            errorOf([&] { (void)m_engine.defendedPicture({}, Image(5, 5)); }, ErrorKind::BadInput)
                .contains("299x299, found 5x5"));
    }

    void defendedPictures()
    {
        const Image clean = golden("imagenet_16_251.clean.png");
        QVERIFY(m_engine.defendedPicture({}, clean) == clean);
        for (const auto& [text, name] : { std::pair("resize=200", "resize-200.png"),
                 std::pair("resize=250,200", "resize-250-200.png") }) {
            const Image found = m_engine.defendedPicture(parseDefense(text), clean);
            const Image expected = readImage(test::goldenDir() / "defense" / name);
            std::size_t different = 0;
            for (std::size_t i = 0; i < found.rgb.size(); ++i)
                different += found.rgb[i] != expected.rgb[i] ? 1 : 0;
            // float32 against float64: only what lies on the middle between two levels.
            QVERIFY2(different < found.rgb.size() / 1000, qPrintable(QString::number(different)));
        }
        const DefenseRequest padded = parseDefense("random-pad");
        const Image one = m_engine.defendedPicture(padded, clean, 1);
        QCOMPARE(one.width, 331);
        QVERIFY(one == m_engine.defendedPicture(padded, clean, 1));
        QVERIFY(one != m_engine.defendedPicture(padded, clean, 2));
    }

    void purifiers()
    {
        const QTemporaryDir folder;
        const fs::path store = folder.path().toStdString();
        addProgram(store, "half", "def forward(self, x):\n  return x * 0.5\n");
        addProgram(store, "pool", "def forward(self, x):\n  return x.mean([2, 3])\n");
        addProgram(store, "small", "def forward(self, x):\n  return x[:, :, 1:, 1:]\n");
        EngineOptions options;
        options.store = defaultStorePaths(store.string());
        Engine engine(options);
        const Image clean = golden("imagenet_16_251.clean.png");
        const Image half = engine.defendedPicture(parseDefense("purify=half"), clean);
        for (std::size_t i = 0; i < half.rgb.size(); i += 997)
            QVERIFY(std::abs(half.rgb[i] - (clean.rgb[i] - 127.5) / 2 - 127.5) <= 0.51);
        DefendRequest request;
        request.models = { kPair[0] };
        request.defense = parseDefense("purify=half;resize=200");
        QCOMPARE(engine.defend(request, { clean })->predictions.size(), std::size_t(1));
        const auto wrong = [&](const char* text) {
            request.defense = parseDefense(text);
            return errorOf([&] { (void)engine.defend(request, { clean }); }, ErrorKind::Usage);
        };
        QVERIFY2(wrong("purify=pool")
                     .contains("[1, 3, 299, 299] for a picture of that shape, "
                               "found [1, 3]"),
            qPrintable(wrong("purify=pool")));
        QVERIFY(wrong("purify=small").contains("found [1, 3, 298, 298]"));
        QVERIFY(wrong("purify=efficientnet-lite0").contains("found a classifier"));
        // Imported under its own architecture it is no classifier.
        ImportRequest import;
        import.file = store / "half/model.pt";
        import.id = "imported";
        import.architecture = "purifier-torchscript";
        import.trustedSha256 = sha256File(import.file);
        QVERIFY(importModel(options.store, import).has_value());
        QVERIFY(engine.defendedPicture(parseDefense("purify=imported"), clean) == half);
        PredictRequest predict;
        predict.models = { "imported" };
        QVERIFY(errorOf([&] { (void)engine.predict(predict, { clean }); }, ErrorKind::BadInput)
                    .contains("gives pictures, not labels"));
        import.file = store / "pool/model.pt";
        import.id = "second";
        import.trustedSha256 = sha256File(import.file);
        QVERIFY(errorOf([&] { (void)importModel(options.store, import); }, ErrorKind::Usage)
                    .contains("found [1, 3]"));
        AttackRequest attack = defaultRequest(Method::Fgsm);
        attack.through = "purify=half";
        QCOMPARE(engine.attack(attack, clean)->subSteps.size(), std::size_t(3));
        // Judges behind the defense, without an attack, come from the same purifier.
        const Provenance judged = engine.origin(attack.sources, parseDefense("purify=half"));
        QCOMPARE(judged.weightsSha256.size(), attack.sources.size() + 1);
        QCOMPARE(judged.weightsSha256, engine.origin(attack).weightsSha256);
        const Provenance origin = engine.origin(attack);
        QCOMPARE(origin.weightsSha256.at("half"), sha256File(store / "half/model.pt"));
    }

    void attacksThroughADefense()
    {
        const Image clean = golden("imagenet_16_251.clean.png");
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.rounds = 1;
        request.judges = { "efficientnet-lite0" };
        const auto plain = m_engine.attack(request, clean);
        request.through = "none";
        QVERIFY(m_engine.attack(request, clean)->last().exported == plain->last().exported);
        request.through = "resize=100;dropout";
        request.throughDraws = 2;
        const auto through = m_engine.attack(request, clean);
        QVERIFY(through->last().exported != plain->last().exported);
        QVERIFY(m_engine.attack(request, clean)->last().exported == through->last().exported);
        QVERIFY(through->subSteps[1]->gradientVariance > 0.0);
        QVERIFY(plain->subSteps[1]->gradientVariance < 0.0);
        // Judges stand before the picture as it is.
        QVERIFY(through->subSteps[0]->judges[0].probabilities
            == plain->subSteps[0]->judges[0].probabilities);
        request.through = "resize=0";
        QVERIFY(errorOf([&] { (void)m_engine.attack(request, clean); }, ErrorKind::Usage)
                    .contains("1..299"));
        // Folded networks are replaced by plain ones.
        request.through = "batch-statistics";
        request.rounds = 1;
        request.sources = { "efficientnet-lite0" };
        request.throughDraws = 1;
        QCOMPARE(m_engine.attack(request, clean)->subSteps.size(), std::size_t(2));
    }

    void accuracyOverSizes()
    {
        const QTemporaryDir folder;
        const fs::path root = folder.path().toStdString();
        fs::copy_file(test::goldenDir() / "embedded_pair/imagenet_16_251.clean.png",
            root / "imagenet_16_251.png");
        fs::copy_file(test::goldenDir() / "embedded_pair/imagenet_16_251.sub-step-6.png",
            root / "imagenet_17_251.png");
        fs::copy_file(
            test::goldenDir() / "embedded_pair/imagenet_02_438.clean.png", root / "unlabelled.png");
        std::ofstream(root / "imagenet_18_3.png") << "no picture";
        for (const char* text : { "none", "batch-statistics" }) {
            FolderSweepJob job;
            job.folder = root;
            job.request = sweepOf(text, { 8, 299 });
            std::vector<std::size_t> told;
            const FolderSweepReport report = sweepFolder(
                m_engine, job, [&](const FolderSweepReport& now) { told.push_back(now.images); });
            QCOMPARE(report.images, std::size_t(2));
            QCOMPARE(report.unlabelled, std::size_t(1));
            QCOMPARE(report.errors.size(), std::size_t(1));
            QCOMPARE(told.back(), std::size_t(2));
            QCOMPARE(report.rows.size(), std::size_t(4));
            QCOMPARE(report.rows[0].size, 8);
            QCOMPARE(report.rows[0].right.hits, std::size_t(0)); // nothing is left of 8 pixels
            QCOMPARE(report.rows[3].right.total, std::size_t(2));
            QVERIFY(report.rows[3].meanTrueProbability > report.rows[1].meanTrueProbability);
            if (std::string(text) == "none") {
                QVERIFY(report.rows[3].right.hits >= 1);
                QCOMPARE(report.bestSize().value(), 299);
                QVERIFY(accuracyCsv(report).starts_with(
                    "size,model,right,total,share,low,high,mean_true_probability\n"
                    "8,efficientnet-lite0,0,2,0,0,"));
            }
            std::stop_source stop;
            stop.request_stop();
            job.request.sizes = { 9 };
            QVERIFY(sweepFolder(m_engine, job, {}, {}, stop.get_token()).cancelled);
        }
    }
};

QTEST_GUILESS_MAIN(tst_DefenseEngine)
#include "tst_DefenseEngine.moc"
