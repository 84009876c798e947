// The facade: errors, cancellation, threads, the network cache, provenance.

#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/engine/Engine.h"
#include "core/image/Codec.h"

#include <QtTest/QtTest>

#include <algorithm>
#include <fstream>
#include <set>
#include <thread>

#include "tests/support/TestPaths.h"

using namespace crossiter;

namespace {

std::filesystem::path cleanPng()
{
    return test::goldenDir() / "embedded_pair/imagenet_16_251.clean.png";
}

template <typename Work>
std::string errorOf(const Work& work, ErrorKind kind)
{
    try {
        work();
    } catch (const Error& error) {
        return error.kind() == kind ? error.what() : std::string("wrong kind: ") + error.what();
    }
    return "no error";
}

/// A picture of another program; no name: a pair's.
OtherPicture made(const std::string& name, const Image& image)
{
    return { { name, name, name.empty() ? "" : "of " + name }, name,
        std::make_shared<const Image>(image) };
}

} // namespace

class tst_Engine : public QObject
{
    Q_OBJECT

private:
    Engine m_engine;
    Image m_clean;

private slots:
    void initTestCase() { m_clean = readImage(cleanPng()); }

    void knowsTheEmbeddedModels()
    {
        std::set<std::string> ids;
        for (const StoredModel& model : m_engine.models()) {
            ids.insert(model.manifest.id);
            // The word "robust" is earned by adversarial training only.
            QCOMPARE(model.manifest.robust, model.manifest.id.find("adv") != std::string::npos);
        }
        for (const std::string& id : defaultSources())
            QVERIFY(ids.contains(id));
        QVERIFY(ids.contains(defaultJudge()));
    }

    void errorsSayWhatWhereExpectedFound()
    {
        PredictRequest request;
        QVERIFY(errorOf([&] { (void)m_engine.predict(request, { m_clean }); }, ErrorKind::Usage)
                    .find("--model")
            != std::string::npos);
        request.models = { "resnet-9000" };
        const std::string unknown =
            errorOf([&] { (void)m_engine.predict(request, { m_clean }); }, ErrorKind::BadInput);
        QVERIFY2(unknown.find("resnet-9000") != std::string::npos, unknown.c_str());
        QVERIFY2(unknown.find("efficientnet-lite0") != std::string::npos, unknown.c_str());
        request.models = { "efficientnet-lite0" };
        QVERIFY(errorOf([&] { (void)m_engine.predict(request, { Image(10, 10) }); },
                    ErrorKind::BadInput)
                    .find("299x299, found 10x10")
            != std::string::npos);
        request.compute.device = parseDevice("cuda:7");
        QVERIFY(errorOf([&] { (void)m_engine.predict(request, { m_clean }); }, ErrorKind::Device)
                    .find("cuda:7")
            != std::string::npos);
        request.compute.threads = kMostThreads + 1;
        QVERIFY(errorOf([&] { (void)m_engine.predict(request, { m_clean }); }, ErrorKind::Usage)
                    .find("0..1024, found 1025")
            != std::string::npos);
        AttackRequest attack = defaultRequest(Method::CrossIterativeTarget);
        attack.target = 0; // the embedded networks have no background class
        QVERIFY(errorOf([&] { (void)m_engine.attack(attack, m_clean); }, ErrorKind::Usage)
                    .find("1..1000, found 0")
            != std::string::npos);
    }

    void damagedWeightsAreRefused()
    {
        QTemporaryDir dir;
        const std::filesystem::path root = dir.path().toStdString();
        const StoredModel good = m_engine.model("efficientnet-lite0");
        const auto folder = root / "efficientnet-lite0";
        std::filesystem::create_directories(folder);
        const auto copy = folder / good.manifest.file;
        std::filesystem::copy_file(good.weights, copy);
        {
            std::fstream file(copy, std::ios::in | std::ios::out | std::ios::binary);
            file.seekp(1'000'000);
            file.put('\x55');
        }
        EngineOptions options;
        options.store = defaultStorePaths(root.string());
        Engine engine(options);
        QVERIFY(engine.model("efficientnet-lite0").weights == copy); // the user's store comes first
        const std::string message =
            errorOf([&] { (void)engine.load({ "efficientnet-lite0" }); }, ErrorKind::BadInput);
        QVERIFY2(message.find(good.manifest.sha256) != std::string::npos, message.c_str());
        // The failure is not remembered: with the file mended it loads.
        std::filesystem::copy_file(
            good.weights, copy, std::filesystem::copy_options::overwrite_existing);
        QVERIFY(engine.load({ "efficientnet-lite0" }));
    }

    void threadsShareNetworksAndAgree()
    {
        Engine engine;
        PredictRequest request;
        request.models = { "efficientnet-lite0", "efficientnet-lite1" };
        request.compute.threads = 1;
        std::vector<std::shared_ptr<const PredictResult>> results(3);
        {
            std::vector<std::jthread> threads;
            threads.reserve(results.size());
            for (auto& result : results) {
                threads.emplace_back([&engine, &request, &result, this] {
                    result = engine.predict(request, { m_clean });
                });
            }
        }
        for (const auto& result : results) {
            QCOMPARE(result->predictions.size(), std::size_t(1));
            for (std::size_t m = 0; m < 2; ++m) {
                QVERIFY(result->predictions[0][m].probabilities
                    == results[0]->predictions[0][m].probabilities);
            }
        }
    }

    void sharedWorkChangesNoByte()
    {
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.rounds = 1;
        SharedWork shared(m_clean);
        const auto alone = m_engine.attack(request, m_clean);
        (void)m_engine.attack(request, m_clean, nullptr, {}, {}, {}, &shared);
        const auto again = m_engine.attack(request, m_clean, nullptr, {}, {}, {}, &shared);
        QVERIFY(again->last().exported == alone->last().exported);
        QCOMPARE(shared.count().gradients, std::size_t(2));
        QCOMPARE(shared.count().gradientsReused, std::size_t(2));
    }

    void cancelledPredictionKeepsWhatIsDone()
    {
        PredictRequest request;
        request.models = { "efficientnet-lite0" };
        std::stop_source stop;
        const auto result = m_engine.predict(
            request, { m_clean, m_clean, m_clean, m_clean },
            [&](const Progress& progress) {
                if (progress.done == 2)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(result->cancelled);
        QCOMPARE(result->predictions.size(), std::size_t(2));
        stop = std::stop_source();
        stop.request_stop();
        QVERIFY(!m_engine.load({ "efficientnet-lite2" }, {}, {}, stop.get_token()));
    }

    void networksAreNamedWhileTheyLoad()
    {
        // Large ones take seconds: each is named before, and between two of them a stop is heard.
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.rounds = 1;
        std::vector<std::string> said;
        const ProgressSink listen = [&](const Progress& progress) {
            if (progress.stage.starts_with("loading "))
                said.push_back(progress.stage.substr(8));
        };
        Engine engine;
        std::stop_source stop;
        const auto stopped = engine.attack(
            request, m_clean, nullptr, {},
            [&](const Progress& progress) {
                listen(progress);
                stop.request_stop();
            },
            stop.get_token());
        QVERIFY(!stopped); // not even the clean picture was judged
        QCOMPARE(said, std::vector { request.sources.front() });
        said.clear();
        QVERIFY(engine.attack(request, m_clean, nullptr, {}, listen));
        // The first is there since the stopped attack; a judge that is a source is loaded once.
        std::vector<std::string> expected { request.sources.begin() + 1, request.sources.end() };
        for (const std::string& judge : request.judges)
            if (std::find(request.sources.begin(), request.sources.end(), judge)
                == request.sources.end())
                expected.push_back(judge);
        QVERIFY(!expected.empty());
        QCOMPARE(said, expected);
        said.clear();
        QVERIFY(engine.attack(request, m_clean, nullptr, {}, listen));
        QVERIFY(said.empty());
    }

    void shownIsWhatIsSaved()
    {
        // The recorded prediction of every sub-step equals that of the reloaded PNG, to the last
        // bit.
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.rounds = 2;
        const auto trace = m_engine.attack(request, m_clean);
        PredictRequest again;
        again.models = request.judges;
        for (const auto& step : trace->subSteps) {
            const Image reloaded = decodeImage(encodePng(step->exported), "memory");
            QCOMPARE(reloaded, step->exported);
            const auto result = m_engine.predict(again, { reloaded });
            for (std::size_t j = 0; j < step->judges.size(); ++j)
                QVERIFY(result->predictions[0][j].probabilities == step->judges[j].probabilities);
        }
    }

    void sameThreadsSameBytes()
    {
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.rounds = 2;
        request.compute.threads = 1;
        const auto first = m_engine.attack(request, m_clean);
        Engine other;
        const auto second = other.attack(request, m_clean);
        for (std::size_t i = 0; i < first->subSteps.size(); ++i)
            QCOMPARE(first->subSteps[i]->exported, second->subSteps[i]->exported);
    }

    void pairMadeElsewhereIsJudgedAsItIs()
    {
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.judges = { "efficientnet-lite0", "efficientnet-lite2" };
        const Image other =
            readImage(test::goldenDir() / "embedded_pair/imagenet_16_251.sub-step-6.png");
        const auto trace =
            m_engine.traceElsewhere(request, m_clean, { made("", other) }, "theirs.png");
        QVERIFY(trace->complete());
        QCOMPARE(trace->subSteps.size(), std::size_t(2));
        QCOMPARE(trace->subSteps[1]->exported, other);
        QCOMPARE(trace->subSteps[1]->linfExported, 16);
        QCOMPARE(trace->notes.at(0), std::string("made elsewhere: theirs.png"));
        PredictRequest again;
        again.models = request.judges;
        const auto result = m_engine.predict(again, { m_clean, other });
        for (std::size_t i = 0; i < 2; ++i) {
            for (std::size_t j = 0; j < 2; ++j) {
                QVERIFY(result->predictions[i][j].probabilities
                    == trace->subSteps[i]->judges[j].probabilities);
            }
        }
        QVERIFY(errorOf(
                    [&] {
                        (void)m_engine.traceElsewhere(
                            request, m_clean, { made("", Image(8, 8)) }, "x");
                    },
                    ErrorKind::BadInput)
                    .find("299x299, found 8x8")
            != std::string::npos);
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(!m_engine.traceElsewhere(
            request, m_clean, { made("", other) }, "x", nullptr, {}, {}, stop.get_token()));
    }

    void aSeriesMadeElsewhereGrows()
    {
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.judges = { "efficientnet-lite0" };
        std::vector<OtherPicture> pictures;
        for (const int step : { 1, 6 })
            pictures.push_back(made("step" + std::to_string(step) + ".png",
                readImage(test::goldenDir() / "embedded_pair"
                    / ("imagenet_16_251.sub-step-" + std::to_string(step) + ".png"))));
        std::vector<int> told;
        const SubStepSink sink = [&told](const std::shared_ptr<const SubStep>& subStep) {
            told.push_back(subStep->index);
        };
        const auto shorter =
            m_engine.traceElsewhere(request, m_clean, { pictures[0] }, "steps", nullptr, sink);
        QCOMPARE(told, (std::vector<int> { 0, 1 }));
        QCOMPARE(shorter->subSteps[1]->other.name, std::string("step1.png"));
        const auto longer =
            m_engine.traceElsewhere(request, m_clean, pictures, "steps", shorter, sink);
        QCOMPARE(told, (std::vector<int> { 0, 1, 0, 1, 2 }));
        QVERIFY(longer->complete() && longer->subSteps.size() == 3);
        QCOMPARE(longer->subSteps[0], shorter->subSteps[0]); // taken over, not judged again
        QCOMPARE(longer->subSteps[1], shorter->subSteps[1]);
        // Another picture in its place, or other judges: judged anew.
        const auto turned = m_engine.traceElsewhere(
            request, m_clean, { pictures[1], pictures[0] }, "steps", longer);
        QVERIFY(turned->subSteps[1] != longer->subSteps[1]);
        request.judges = { "efficientnet-lite1" };
        const auto judged = m_engine.traceElsewhere(request, m_clean, pictures, "steps", longer);
        QVERIFY(judged->subSteps[1] != longer->subSteps[1]);
        // Stopped after a picture was judged: what is there is whole.
        std::stop_source stop;
        const auto part = m_engine.traceElsewhere(
            request, m_clean, pictures, "steps", nullptr,
            [&stop](const std::shared_ptr<const SubStep>& subStep) {
                if (subStep->index == 1)
                    stop.request_stop();
            },
            {}, stop.get_token());
        QVERIFY(part->cancelled && part->subSteps.size() == 2 && !part->complete());
    }

    void provenanceNamesTheFiles()
    {
        AttackRequest request = defaultRequest(Method::CrossIterative);
        request.compute.threads = 2;
        Provenance found = m_engine.origin(request);
        QVERIFY(found.inputName.empty() && found.trueLabelOrigin.empty());
        nameInput(found, cleanPng());
        QCOMPARE(found.inputName, std::string("imagenet_16_251.clean.png"));
        QCOMPARE(found.inputSha256, sha256File(cleanPng()));
        QCOMPARE(found.threads, 2);
        QCOMPARE(found.device, std::string("cpu"));
        QCOMPARE(found.weightsSha256.size(), std::size_t(2));
        QCOMPARE(found.weightsSha256.at("efficientnet-lite0"),
            m_engine.model("efficientnet-lite0").manifest.sha256);
        QVERIFY(QString::fromStdString(found.library).startsWith("LibTorch 2."));
    }

    void benchMeasuresAndStops()
    {
        BenchRequest request;
        request.runs = 1;
        request.models = { "efficientnet-lite0" };
        // A round needs both networks of the default pair; one alone has three works.
        QCOMPARE(m_engine.bench(request)->entries.size(), std::size_t(3));
        request.models = { "efficientnet-lite0", "efficientnet-lite1" };
        const auto result = m_engine.bench(request);
        QCOMPARE(result->entries.size(), std::size_t(7));
        for (const BenchEntry& entry : result->entries) {
            QVERIFY(entry.seconds > 0);
            QVERIFY(entry.gflops > 0.05 && entry.gflops < 5000);
            QCOMPARE(entry.runs, 1);
        }
        request.runs = 1000;
        std::stop_source stop;
        int reports = 0;
        const auto cut = m_engine.bench(
            request,
            [&](const Progress&) {
                if (++reports == 5)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(cut->cancelled);
    }
};

QTEST_GUILESS_MAIN(tst_Engine)
#include "tst_Engine.moc"
