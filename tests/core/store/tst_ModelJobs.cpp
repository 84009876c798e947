// The user's store: fetch from a server of the test's own, verify, remove.

#include "core/classify/Classifier.h"
#include "core/engine/Engine.h"

#include <fstream>
#include <thread>

#include "tests/core/store/StoreFixture.h"
#include "tests/support/HttpServer.h"
#include "tests/support/SyntheticWeights.h"

using namespace crossiter;
using test::errorOf;
using test::has;
using test::HttpAnswer;
using test::HttpRequest;
using test::HttpServer;
using test::textOf;
using test::write;

namespace fs = std::filesystem;

class tst_ModelJobs : public test::StoreFixture
{
    Q_OBJECT

private:
    /// A project whose one model has these sources.
    void project(const std::vector<std::string>& urls, const std::string& hash = {})
    {
        ModelManifest manifest;
        manifest.id = "net";
        manifest.name = "Net";
        manifest.architecture = "efficientnet-lite0";
        manifest.file = "model.pth";
        manifest.sha256 = hash;
        manifest.licence = "Apache-2.0";
        manifest.source = "a test";
        manifest.preprocessing = defaultPreprocessing("efficientnet-lite0");
        for (const std::string& url : urls)
            manifest.sources.push_back({ url, 1000 });
        write(m_paths.manifests / "net.json", manifestText(manifest));
    }

    FetchResult fetch(int attempts = 2)
    {
        FetchRequest request;
        request.id = "net";
        request.attempts = attempts;
        request.backoffSeconds = 0.01;
        return fetchModel(m_paths, request);
    }

private Q_SLOTS:
    void initTestCase() { readWeights(); }
    void init() { makeStore(); }

    void manifestsComeBack()
    {
        ModelManifest manifest;
        manifest.id = "a";
        manifest.name = "A \"quoted\" name";
        manifest.architecture = "inception-v3";
        manifest.file = "f.pth";
        manifest.fileBytes = 5;
        manifest.sha256 = std::string(64, '1');
        manifest.licence = "MIT";
        manifest.source = "s";
        manifest.preprocessing = { 299, 0.5, -0.25 };
        manifest.classes = 1001;
        manifest.labelOffset = 0;
        manifest.robust = true;
        manifest.imagenetTop1 = 0.5;
        manifest.poolPadding = PoolPadding::Timm;
        manifest.sources = { { "https://a/b", 7 }, { "http://c/d" } };
        manifest.trusted = true;
        const fs::path path = m_paths.manifests / "a.json";
        write(path, manifestText(manifest));
        const ModelManifest back = readManifest(path);
        QCOMPARE(manifestText(back), manifestText(manifest));
        QCOMPARE(back.sources[0].aboutBytes, std::uint64_t(7));
        QVERIFY(back.poolPadding == PoolPadding::Timm && back.trusted && back.robust);
        manifest.classes = 0; // the weights tell
        write(path, manifestText(manifest));
        QCOMPARE(readManifest(path).classes, 0);
    }

    void fetchesWithTheServersHash()
    {
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"e\"");
            answer.headers.push_back("X-Linked-Etag: \"" + m_hash + "\"");
            return answer;
        });
        project({ server.url("/timm/model") });
        const FetchResult result = fetch();
        QVERIFY(result.origin == HashOrigin::Server);
        QCOMPARE(result.downloaded, m_content.size());
        QCOMPARE(result.sha256, m_hash);
        QVERIFY(result.model.writable && result.model.learntSha256);
        QVERIFY(!result.model.notVerified); // the server had said it beforehand
        QCOMPARE(result.model.weights, m_paths.user / "net/model.pth");
        QVERIFY(textOf(result.model.weights) == m_content);
        for (const auto& entry : fs::directory_iterator(m_paths.user / "net")) {
            const std::string name = entry.path().filename().string();
            QVERIFY2(
                name == "model.pth" || name == "fetched.json" || name == ".lock", name.c_str());
        }
        QVERIFY(fetch().alreadyThere);
        QCOMPARE(server.requests().size(), std::size_t(1));
        // And it is a network that runs.
        EngineOptions options;
        options.store = m_paths;
        PredictRequest request;
        request.models = { "net" };
        QCOMPARE(Engine(options).predict(request, { Image(299, 299) })->predictions.size(),
            std::size_t(1));
    }

    void wrongHashIsThrownAway_data()
    {
        QTest::addColumn<bool>("byManifest");
        QTest::newRow("manifest") << true;
        QTest::newRow("server") << false;
    }

    void wrongHashIsThrownAway()
    {
        QFETCH(const bool, byManifest);
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"e\"");
            answer.headers.push_back("X-Linked-Etag: \"" + std::string(64, 'c') + "\"");
            return answer;
        });
        project({ server.url("/x") }, byManifest ? std::string(64, 'd') : "");
        const std::string error = errorOf([&] { (void)fetch(); });
        VERIFY_HAS(error, std::string(64, byManifest ? 'd' : 'c'));
        VERIFY_HAS(error, m_hash);
        QVERIFY(ModelStore(m_paths).find("net").weights.empty());
        QVERIFY(!fs::exists(m_paths.user / "net/.model.pth.part"));
    }

    void firstHashIsRemembered()
    {
        std::string content = m_content;
        const HttpServer server(
            [&](const HttpRequest& r) { return answerWithRanges(r, content, "\"e\""); });
        project({ server.url("/x") });
        QVERIFY(fetch().origin == HashOrigin::FirstSeen);
        QCOMPARE(ModelStore(m_paths).find("net").manifest.sha256, m_hash);
        QVERIFY(ModelStore(m_paths).find("net").notVerified);
        QVERIFY(QString(nameOf(HashOrigin::FirstSeen)).startsWith("not verified"));
        QVERIFY(verifyModels(m_paths, { "net" }).at(0).notVerified);
        fs::remove(m_paths.user / "net/model.pth");
        QVERIFY(fetch().origin == HashOrigin::Remembered);
        QVERIFY(ModelStore(m_paths).find("net").notVerified);
        fs::remove(m_paths.user / "net/model.pth");
        content.push_back('x'); // the server has another file now
        VERIFY_HAS(errorOf([&] { (void)fetch(); }), "as it was fetched before");
        (void)removeModel(m_paths, "net"); // forgets
        VERIFY_HAS(errorOf([&] { (void)fetch(); }), "no checkpoint");
    }

    void changedWeightsAreRefused()
    {
        const HttpServer server(
            [&](const HttpRequest& r) { return answerWithRanges(r, m_content, "\"e\""); });
        project({ server.url("/x") });
        const fs::path weights = fetch().model.weights;
        auto verified = verifyModels(m_paths, {});
        QCOMPARE(verified.size(), std::size_t(1));
        QVERIFY(verified[0].error.empty());
        QCOMPARE(verified[0].expected, m_hash);
        std::string damaged = m_content;
        damaged[damaged.size() / 2] ^= 1;
        write(weights, damaged);
        verified = verifyModels(m_paths, { "net" });
        VERIFY_HAS(verified[0].error, "weights have changed");
        VERIFY_HAS(errorOf([&] {
            (void)Classifier::load(ModelStore(m_paths).find("net"), Numerics::Fast, torch::kCPU);
        }),
            "not the manifest's");
    }

    void loginPageIsNoCheckpoint()
    {
        const HttpServer server([](const HttpRequest&) {
            HttpAnswer answer;
            answer.body = "<html>Please accept the terms of this network</html>";
            return answer;
        });
        project({ server.url("/x") });
        VERIFY_HAS(errorOf([&] { (void)fetch(); }), "no checkpoint that can be read");
        QVERIFY(ModelStore(m_paths).find("net").weights.empty());
        QVERIFY(!readFetchRecord(m_paths.user / "net"));
    }

    void secondSourceIsTried()
    {
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer;
            answer.status = 404;
            return r.path == "/gone" ? answer : answerWithRanges(r, m_content, "\"e\"");
        });
        project({ server.url("/gone"), server.url("/here") });
        QCOMPARE(fetch().sha256, m_hash);
    }

    void mirrorTakesThePath()
    {
        const HttpServer server(
            [&](const HttpRequest& r) { return answerWithRanges(r, m_content, "\"e\""); });
        project({ "https://models.invalid/timm/a/model.pth" }, m_hash);
        FetchRequest request;
        request.id = "net";
        request.baseUrl = server.url("/mirror/");
        QVERIFY(fetchModel(m_paths, request).origin == HashOrigin::Manifest);
        QCOMPARE(server.requests()[0].path, std::string("/mirror/timm/a/model.pth"));
    }

    void twoAtOnceFetchOnce()
    {
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"e\"");
            answer.pauseMilliseconds = 1;
            return answer;
        });
        project({ server.url("/x") }, m_hash);
        FetchResult first;
        std::thread other([&] { first = fetch(); });
        const FetchResult second = fetch();
        other.join();
        QVERIFY(first.alreadyThere != second.alreadyThere);
        QCOMPARE(server.requests().size(), std::size_t(1));
    }

    void cancelledFetchGoesOn()
    {
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"e\"");
            answer.pauseMilliseconds = r.headers.contains("range") ? 0 : 5;
            return answer;
        });
        project({ server.url("/x") }, m_hash);
        std::stop_source stop;
        FetchRequest request;
        request.id = "net";
        const FetchResult cut = fetchModel(
            m_paths, request,
            [&](const Progress& p) {
                if (p.done > 100'000)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(cut.cancelled && cut.downloaded > 0);
        QVERIFY(ModelStore(m_paths).find("net").weights.empty());
        QCOMPARE(fetch().downloaded, m_content.size() - cut.downloaded);
    }

    void unfetchableSaysWhereItComesFrom()
    {
        project({});
        VERIFY_HAS(errorOf([&] { (void)fetch(); }), "a test");
    }

    void damagedManifestHidesNoOther()
    {
        (void)importModel(m_paths, import(m_weights, "efficientnet-lite0"));
        write(m_paths.user / "broken/manifest.json", "{ \"id\": ");
        const auto models = ModelStore(m_paths).list();
        QCOMPARE(models.size(), std::size_t(2));
        QCOMPARE(models[0].manifest.id, std::string("broken"));
        QVERIFY(!models[0].problem.empty());
        VERIFY_HAS(errorOf([&] { (void)ModelStore(m_paths).find("broken"); }), "damaged manifest");
        QVERIFY(verifyModels(m_paths, {}).size() == 2);
        (void)removeModel(m_paths, "broken");
        QCOMPARE(ModelStore(m_paths).list().size(), std::size_t(1));
    }

    void onlyReadStoresAreNeverWritten()
    {
        StorePaths paths = m_paths;
        paths.readOnly = { test::storeDir() };
        paths.manifests = test::sourceDir() / "models";
        VERIFY_HAS(errorOf([&] { (void)removeModel(paths, "efficientnet-lite0"); }), "only read");
        QVERIFY(fs::exists(m_weights));
    }
};

QTEST_GUILESS_MAIN(tst_ModelJobs)
#include "tst_ModelJobs.moc"
