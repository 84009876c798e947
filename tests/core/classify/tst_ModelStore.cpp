#include "core/base/Compute.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/classify/ModelStore.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

#include "tests/support/TestPaths.h"

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

const char* const kGood = R"({"id": "toy", "name": "Toy", "architecture": "efficientnet-lite0",
 "file": "toy.pth", "fileBytes": 12, "licence": "MIT", "source": "here",
 "preprocessing": {"inputSide": 224, "scale": 0.5, "shift": -1},
 "classes": 1001, "labelOffset": 0, "robust": true})";

void write(const fs::path& path, const std::string& text)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

std::string replaced(std::string text, const std::string& from, const std::string& to)
{
    const auto at = text.find(from);
    Q_ASSERT(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

} // namespace

class TestModelStore : public QObject
{
    Q_OBJECT

private slots:
    void readsEveryField();
    void channelsComeBack_data();
    void channelsComeBack();
    void badManifests_data();
    void badManifests();
    void ownManifestsNameTheFilesOfSetup();
    void ownManifestsNameTheField();
    void userStoreComesFirst();
    void unknownIdNamesTheKnown();
    void pathsFollowOptionThenEnvironment();
    void numericsHaveNames();

private:
    QTemporaryDir m_folder;
    fs::path root() const { return m_folder.path().toStdString(); }
};

void TestModelStore::readsEveryField()
{
    write(root() / "toy.json", kGood);
    const ModelManifest manifest = readManifest(root() / "toy.json");
    QCOMPARE(manifest.id, std::string("toy"));
    QCOMPARE(manifest.name, std::string("Toy"));
    QCOMPARE(manifest.architecture, std::string("efficientnet-lite0"));
    QCOMPARE(manifest.file, std::string("toy.pth"));
    QCOMPARE(manifest.fileBytes, std::uint64_t { 12 });
    QCOMPARE(manifest.sha256, std::string());
    QCOMPARE(manifest.licence, std::string("MIT"));
    QCOMPARE(manifest.source, std::string("here"));
    QCOMPARE(manifest.preprocessing.inputSide, 224);
    QCOMPARE(manifest.preprocessing.scale, ChannelValues(0.5));
    QCOMPARE(manifest.preprocessing.shift, ChannelValues(-1.0));
    QCOMPARE(manifest.classes, 1001);
    QCOMPARE(manifest.labelOffset, 0);
    QCOMPARE(manifest.robust, true);
    QCOMPARE(manifest.imagenetTop1, 0.0);
}

void TestModelStore::channelsComeBack_data()
{
    QTest::addColumn<QString>("scale"); // as it stands in the file
    QTest::addColumn<QString>("shift");
    QTest::addColumn<QString>("scaleBack"); // as textOf says it
    QTest::addColumn<QString>("shiftBack");
    QTest::addColumn<bool>("lists"); // are written
    QTest::newRow("one number") << "0.25"
                                << "-3"
                                << "0.25"
                                << "-3" << false;
    QTest::newRow("three") << "[0.1, -2, 1000]"
                           << "[0, 0.2, -1e-3]"
                           << "0.1,-2,1000"
                           << "0,0.2,-0.001" << true;
    QTest::newRow("three equal are one") << "[0.5, 0.5, 0.5]"
                                         << "[0, 0, 0]"
                                         << "0.5"
                                         << "0" << false;
}

void TestModelStore::channelsComeBack()
{
    QFETCH(QString, scale);
    QFETCH(QString, shift);
    QFETCH(QString, scaleBack);
    QFETCH(QString, shiftBack);
    QFETCH(bool, lists);
    const fs::path path = root() / "channels.json";
    write(path, replaced(replaced(kGood, "0.5", scale.toStdString()), "-1", shift.toStdString()));
    const ModelManifest first = readManifest(path);
    const std::string text = manifestText(first);
    QCOMPARE(text.find('[') != std::string::npos, lists);
    write(path, text);
    const PreprocessingSpec back = readManifest(path).preprocessing;
    QCOMPARE(back.inputSide, 224);
    QCOMPARE(textOf(back.scale), scaleBack.toStdString());
    QCOMPARE(textOf(back.shift), shiftBack.toStdString());
    QVERIFY(back.scale == first.preprocessing.scale && back.shift == first.preprocessing.shift);
}

void TestModelStore::badManifests_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* name, const std::string& text, const char* named) {
        QTest::newRow(name) << QString::fromStdString(text) << QString(named);
    };
    const std::string good = kGood;
    row("empty", "", "JSON");
    row("not JSON", "hello", "JSON");
    row("cut off", good.substr(0, good.size() - 1), "JSON");
    row("a list", "[]", "object");
    row("preprocessing a number",
        replaced(good, R"({"inputSide": 224, "scale": 0.5, "shift": -1})", "1.5"),
        "key preprocessing: expected a JSON object, found 1.5");
    row("deep", std::string(100'000, '[') + std::string(100'000, ']'), "at most 64 levels");
    row("deep and cut", std::string(100'000, '['), "at most 64 levels");
    row("more behind", good + "{}", "JSON");
    row("NUL behind", good + std::string(1, '\0'), "NUL");
    row("number beyond a double", replaced(good, "0.5", "1e9999"), "key preprocessing.scale");
    row("number beyond 64 bits", replaced(good, "224", "18446744073709551840"),
        "key preprocessing.inputSide");
    row("number that is 224 in 32 bits", replaced(good, "224", "4294967520"),
        "key preprocessing.inputSide");
    row("key missing", replaced(good, R"("licence": "MIT",)", ""), "licence");
    row("key unknown", replaced(good, R"("licence")", R"("license": "MIT", "licence")"), "license");
    row("key twice", replaced(good, R"("licence")", R"("id": "toy", "licence")"), "key id");
    row("id with a folder", replaced(good, "\"toy\"", "\"../toy\""), "key id");
    row("id in capitals", replaced(good, "\"toy\"", "\"Toy\""), "key id");
    row("id is a number", replaced(good, "\"toy\"", "7"), "key id");
    row("file with a folder", replaced(good, "toy.pth", "../toy.pth"), "key file");
    row("file is a folder", replaced(good, "toy.pth", ".."), "key file");
    row("file with a backslash", replaced(good, "toy.pth", "a\\\\b"), "key file");
    row("negative size", replaced(good, "12", "-1"), "fileBytes");
    row("size with decimals", replaced(good, "12", "1.5"), "fileBytes");
    row("bad hash", replaced(good, R"("licence")", R"("sha256": "abc", "licence")"), "sha256");
    row("side of 8", replaced(good, "224", "8"), "preprocessing.inputSide");
    row("scale 0", replaced(good, "0.5", "0"), "preprocessing.scale");
    row("scale is text", replaced(good, "0.5", "\"0.5\""), "preprocessing.scale");
    row("scale too large", replaced(good, "0.5", "1e999"), "number out of range");
    row("scale beyond its range", replaced(good, "0.5", "1001"), "preprocessing.scale");
    row("scale NaN", replaced(good, "0.5", "NaN"), "JSON");
    row("scale null", replaced(good, "0.5", "null"), "preprocessing.scale");
    row("no scale at all", replaced(good, "0.5", "[]"), "preprocessing.scale");
    row("two scales", replaced(good, "0.5", "[0.5, 0.5]"), "preprocessing.scale");
    row("four scales", replaced(good, "0.5", "[1, 2, 3, 4]"), "preprocessing.scale");
    row("scale 0 in blue", replaced(good, "0.5", "[1, 2, 0]"), "preprocessing.scale");
    row("scale is text in green", replaced(good, "0.5", R"([1, "2", 3])"), "preprocessing.scale");
    row("scale nested", replaced(good, "0.5", "[1, [2], 3]"), "preprocessing.scale");
    row("scales by name", replaced(good, "0.5", R"({"r": 1, "g": 2, "b": 3})"),
        "preprocessing.scale");
    row("two shifts", replaced(good, "-1", "[0, 1]"), "preprocessing.shift");
    row("shift is text", replaced(good, "-1", "\"1\""), "preprocessing.shift");
    row("shift NaN in red", replaced(good, "-1", "[NaN, 0, 0]"), "JSON");
    row("shift beyond its range", replaced(good, "-1", "[0, 0, -1001]"), "preprocessing.shift");
    row("unknown inner key", replaced(good, R"("shift")", R"("mean": 1, "shift")"),
        "preprocessing.mean");
    row("no preprocessing", replaced(good, R"({"inputSide": 224, "scale": 0.5, "shift": -1})", "3"),
        "preprocessing");
    row("999 classes", replaced(good, "1001", "999"), "classes");
    row("offset does not fit", replaced(good, "\"labelOffset\": 0", "\"labelOffset\": 1"),
        "labelOffset");
    row("robust is 1", replaced(good, "true", "1"), "robust");
    row("top-1 in percent", replaced(good, R"("licence")", R"("imagenetTop1": 75, "licence")"),
        "imagenetTop1");
}

void TestModelStore::badManifests()
{
    QFETCH(QString, text);
    QFETCH(QString, named);
    const fs::path path = root() / "bad.json";
    write(path, text.toStdString());
    try {
        (void)readManifest(path);
        QFAIL("accepted");
    } catch (const Error& error) {
        QCOMPARE(error.kind(), ErrorKind::BadInput);
        const QString line = error.what();
        QVERIFY2(line.contains("bad.json"), error.what());
        QVERIFY2(line.contains(named), error.what());
        QVERIFY2(!line.contains('\n'), error.what());
    }
}

void TestModelStore::ownManifestsNameTheFilesOfSetup()
{
    StorePaths paths;
    paths.readOnly = { test::storeDir() };
    paths.manifests = test::sourceDir() / "models";
    const auto models = ModelStore(paths).list();
    QVERIFY(models.size() >= 3);
    const int sides[] = { 224, 240, 260 };
    for (int i = 0; i < 3; ++i) {
        const std::string id = "efficientnet-lite" + std::to_string(i);
        const StoredModel model = ModelStore(paths).find(id);
        QVERIFY2(!model.weights.empty(), id.c_str());
        QCOMPARE(model.writable, false);
        QCOMPARE(fs::file_size(model.weights), model.manifest.fileBytes);
        QCOMPARE(sha256File(model.weights), model.manifest.sha256);
        QCOMPARE(model.manifest.preprocessing.inputSide, sides[i]);
        // (127.5 (x + 1) - 127) / 128
        QCOMPARE(model.manifest.preprocessing.scale, ChannelValues(127.5 / 128));
        QCOMPARE(model.manifest.preprocessing.shift, ChannelValues(0.5 / 128));
        QCOMPARE(model.manifest.robust, false);
    }
    QVERIFY(ModelStore(paths).find(defaultJudge()).manifest.id == defaultJudge());
    QCOMPARE(defaultSources(),
        (std::vector<std::string> { "efficientnet-lite1", "efficientnet-lite0" }));
}

/// The columns of the field: none of them ever disappears, and each comes over an encrypted line.
void TestModelStore::ownManifestsNameTheField()
{
    StorePaths paths;
    paths.manifests = test::sourceDir() / "models";
    const ModelStore store(paths);
    for (const char* id : { "efficientnet-lite3", "efficientnet-lite4", "inception-v3",
             "inception-v3-adv", "inception-v3-slim", "inception-v3-adv-slim",
             "inception-v3-ens3-adv-slim", "inception-v3-ens4-adv-slim", "inception-v4",
             "inception-v4-slim", "inception-resnet-v2", "inception-resnet-v2-ens-adv",
             "inception-resnet-v2-ens-adv-slim", "resnet-v2-50-slim", "resnet-v2-101-slim",
             "resnet-v2-152-slim" }) {
        const ModelManifest manifest = store.find(id).manifest;
        QVERIFY2(!manifest.sources.empty(), id);
        QCOMPARE(manifest.licence, std::string("Apache-2.0"));
        QCOMPARE(manifest.robust, manifest.id.find("adv") != std::string::npos);
        const bool slim = manifest.id.ends_with("-slim");
        for (const ModelSource& source : manifest.sources) {
            QVERIFY2(source.url.starts_with("https://"), id);
            QVERIFY2(source.url.ends_with("/" + manifest.file), id);
            QVERIFY2(source.aboutBytes > 30'000'000, id);
        }
        if (slim) {
            QCOMPARE(manifest.classes, 1001);
            QCOMPARE(manifest.labelOffset, 0);
            QCOMPARE(manifest.preprocessing.inputSide, 299);
        }
    }
    QCOMPARE(store.find("efficientnet-lite3").manifest.preprocessing.inputSide, 280);
    QCOMPARE(store.find("efficientnet-lite4").manifest.preprocessing.inputSide, 300);
}

void TestModelStore::userStoreComesFirst()
{
    StorePaths paths;
    paths.user = root() / "user";
    paths.readOnly = { root() / "first", root() / "second" };
    paths.manifests = root() / "manifests";
    write(paths.manifests / "toy.json", kGood);
    write(paths.manifests / "README.md", "no manifest");
    const ModelStore store(paths);
    QVERIFY(store.find("toy").weights.empty());
    write(root() / "second/toy/toy.pth", "2");
    QCOMPARE(store.find("toy").weights, root() / "second/toy/toy.pth");
    write(root() / "first/toy/toy.pth", "1");
    QCOMPARE(store.find("toy").store, root() / "first");
    QCOMPARE(store.find("toy").writable, false);
    write(root() / "user/toy/toy.pth", "0");
    QCOMPARE(store.find("toy").store, root() / "user");
    QCOMPARE(store.find("toy").writable, true);

    write(paths.manifests / "other.json", kGood);
    QVERIFY_EXCEPTION_THROWN((void)store.list(), Error); // its id is not its name
}

void TestModelStore::unknownIdNamesTheKnown()
{
    StorePaths paths;
    paths.manifests = test::sourceDir() / "models";
    try {
        (void)ModelStore(paths).find("resnet");
        QFAIL("accepted");
    } catch (const Error& error) {
        QCOMPARE(error.kind(), ErrorKind::BadInput);
        QVERIFY(QString(error.what()).contains("efficientnet-lite1"));
        QVERIFY(QString(error.what()).contains("resnet"));
    }
    paths.manifests = root() / "nowhere";
    QVERIFY_EXCEPTION_THROWN((void)ModelStore(paths).list(), Error);
}

void TestModelStore::pathsFollowOptionThenEnvironment()
{
    qputenv("CROSSITER_STORE", "/from/variable");
    QCOMPARE(defaultStorePaths("/from/option").user, fs::path("/from/option"));
    QCOMPARE(defaultStorePaths().user, fs::path("/from/variable"));
    qunsetenv("CROSSITER_STORE");
    qputenv("XDG_DATA_HOME", "/data");
    QCOMPARE(defaultStorePaths().user, fs::path("/data/crossiter/models"));
    qputenv("XDG_DATA_HOME", "relative"); // does not count
    qputenv("HOME", "/home/somebody");
    QCOMPARE(defaultStorePaths().user, fs::path("/home/somebody/.local/share/crossiter/models"));
    QVERIFY(!defaultStorePaths().readOnly.empty());
    QCOMPARE(defaultStorePaths().readOnly.back(), test::storeDir());
    QVERIFY(fs::is_regular_file(defaultStorePaths().references));
}

void TestModelStore::numericsHaveNames()
{
    for (const Numerics numerics : { Numerics::Fast, Numerics::Reference, Numerics::Exact })
        QVERIFY(parseNumerics(toString(numerics)) == numerics);
    QVERIFY_EXCEPTION_THROWN((void)parseNumerics("Fast"), Error);
}

QTEST_GUILESS_MAIN(TestModelStore)
#include "tst_ModelStore.moc"
