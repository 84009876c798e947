#include "core/base/Random.h"
#include "core/base/Sha256.h"
#include "core/checkpoint/PthReader.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <cstring>

#include "tests/core/checkpoint/Damage.h"
#include "tests/core/checkpoint/PickleMaker.h"
#include "tests/core/checkpoint/SavedTensors.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using crossiter::test::contents;
using crossiter::test::Measured;
using crossiter::test::measured;
using crossiter::test::written;
using namespace crossiter::test::pickle;

namespace {

std::filesystem::path checkpoint(const QString& name)
{
    return test::dataDir() / "checkpoints" / name.toStdString();
}

QJsonObject expectations()
{
    return QJsonDocument::fromJson(contents(checkpoint("checkpoints.json"))).object();
}

std::string shapeText(const std::vector<std::int64_t>& shape)
{
    std::string text;
    for (const std::int64_t side : shape)
        text += (text.empty() ? "" : ", ") + std::to_string(side);
    return "[" + text + "]";
}

/// {"t": a float tensor in a storage "0" of `elements`}
QByteArray tensorPickle(std::int32_t elements, std::int32_t offset,
    const std::vector<std::int32_t>& shape, const std::vector<std::int32_t>& strides)
{
    return whole(QByteArray("}") + text("t") + tensor(elements, offset, shape, strides) + "s");
}

} // namespace

class TestPthReader : public QObject
{
    Q_OBJECT

private slots:
    void readsWhatTorchSaved_data();
    void readsWhatTorchSaved();
    void readsTheEmbeddedWeights_data();
    void readsTheEmbeddedWeights();
    void stridesAreGathered();
    void badFilesAreRefused_data();
    void badFilesAreRefused();
    void hostilePicklesRunNothing();
    void badTensorsAreRefused_data();
    void badTensorsAreRefused();
    void badPicklesAreRefused_data();
    void badPicklesAreRefused();
    void everyTruncationIsRefused_data();
    void everyTruncationIsRefused();
    void flippedBitsNeverCrash_data();
    void flippedBitsNeverCrash();
};

void TestPthReader::readsWhatTorchSaved_data()
{
    QTest::addColumn<QString>("name");
    for (const QString& name : expectations().keys())
        if (!name.startsWith("store/"))
            QTest::newRow(qPrintable(name)) << name;
}

void TestPthReader::readsWhatTorchSaved()
{
    QFETCH(QString, name);
    const StateDict state = readPth(checkpoint(name));
    test::compareWithSaved(state, expectations()[name].toArray());
    QCOMPARE(state.find("no such tensor"), nullptr);
}

void TestPthReader::readsTheEmbeddedWeights_data()
{
    QTest::addColumn<QString>("id");
    QTest::addColumn<QString>("file");
    QTest::newRow("lite0") << "efficientnet-lite0"
                           << "efficientnet-lite0-57934424.pth";
    QTest::newRow("lite1") << "efficientnet-lite1"
                           << "efficientnet-lite1-77cc7160.pth";
    QTest::newRow("lite2") << "efficientnet-lite2"
                           << "efficientnet-lite2-9656183e.pth";
}

void TestPthReader::readsTheEmbeddedWeights()
{
    QFETCH(QString, id);
    QFETCH(QString, file);
    const QJsonObject wanted = expectations()["store/" + file].toObject();
    const StateDict state = readPth(test::storeDir() / id.toStdString() / file.toStdString());
    QCOMPARE(static_cast<int>(state.tensors.size()), wanted["count"].toInt());
    std::vector<std::uint8_t> all;
    std::size_t total = 0;
    for (const TensorView& tensor : state.tensors) {
        const std::string head = tensor.name + " " + shapeText(tensor.shape) + "\n";
        all.insert(all.end(), head.begin(), head.end());
        const auto* data = reinterpret_cast<const std::uint8_t*>(tensor.bytes.data());
        all.insert(all.end(), data, data + tensor.bytes.size());
        total += tensor.bytes.size();
    }
    QCOMPARE(static_cast<qint64>(total), wanted["bytes"].toInteger());
    QCOMPARE(QString::fromStdString(sha256(all)), wanted["sha256"].toString());
    const TensorView& stem = state.tensors.front();
    QCOMPARE(stem.name, "_conv_stem.weight");
    QCOMPARE(stem.shape, (std::vector<std::int64_t> { 32, 3, 3, 3 }));
    float first[4] = {};
    std::memcpy(first, stem.bytes.data(), sizeof first);
    for (int i = 0; i < 4; ++i)
        QCOMPARE(static_cast<double>(first[i]), wanted["first"].toArray()[i].toDouble());
}

void TestPthReader::stridesAreGathered()
{
    const QTemporaryDir folder;
    // 2 x 3 out of 8 floats: offset 1, columns first; an axis of one element has a senseless
    // stride.
    const StateDict state = readPth(written(folder,
        legacyFile(
            tensorPickle(8, 1, { 2, 1, 3 }, { 1, 0x7fffffff, 2 }), oneKey(), storage(8, 32))));
    QCOMPARE(state.tensors.size(), std::size_t { 1 });
    QCOMPARE(state.tensors[0].shape, (std::vector<std::int64_t> { 2, 1, 3 }));
    QByteArray bytes(reinterpret_cast<const char*>(state.tensors[0].bytes.data()),
        static_cast<qsizetype>(state.tensors[0].bytes.size()));
    QCOMPARE(bytes.toHex(),
        QByteArray("04050607"
                   "0c0d0e0f"
                   "14151617"
                   "08090a0b"
                   "10111213"
                   "18191a1b"));
}

void TestPthReader::badFilesAreRefused_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, const char* error) {
        QTest::newRow(name) << name << error;
    };
    row("bad-system-zip.pth", "global posix.system is not allowed");
    row("bad-system-legacy.pth", "global posix.system is not allowed");
    row("bad-system-plain.pth", "global posix.system is not allowed");
    row("bad-module.pth", "found an object of torch.nn.modules.linear.Linear");
    row("bad-expanded.pth", "overlapping strides");
    row("bad-list.pth", "expected a dict of tensors");
    row("bad-text.pth", "not a torch checkpoint");
    row("bad-empty.pth", "found 0 bytes");
    row("bad-other-zip.pth", "expected a member data.pkl");
    row("bad-missing-storage.pth", "found no such member");
    row("bad-short-storage.pth", "expected 216 bytes, found 212");
    row("bad-twice.pth", "twice");
    row("bad-big-endian.pth", "expected little-endian numbers");
    row("bad-two-folders.pth", "expected one top folder");
    row("bad-bomb.pth", "expected 216 bytes, found 20971520");
    row("bad-4gb.pth", "expected at most 4 GB and 20 times the file");
    row("bad-checksum.pth", "damaged zip member");
    row("absent.pth", "No such file");
}

void TestPthReader::badFilesAreRefused()
{
    QFETCH(QString, name);
    QFETCH(QString, error);
    const Measured result = measured([&] { (void)readPth(checkpoint(name)); });
    VERIFY_REFUSED(result, checkpoint(name).string());
    QVERIFY2(result.text().contains(error), qPrintable(result.text()));
}

void TestPthReader::hostilePicklesRunNothing()
{
    // The files hold os.system("touch crossiter-was-here").
    const QTemporaryDir folder;
    const QString before = QDir::currentPath();
    QVERIFY(QDir::setCurrent(folder.path()));
    for (const char* name :
        { "bad-system-zip.pth", "bad-system-legacy.pth", "bad-system-plain.pth" }) {
        QVERIFY(contents(checkpoint(name)).contains("touch crossiter-was-here"));
        const Measured result = measured([&] { (void)readPth(checkpoint(name)); });
        VERIFY_REFUSED(result, name);
    }
    QVERIFY(QDir(folder.path()).isEmpty());
    QVERIFY(QDir::setCurrent(before));
}

void TestPthReader::badTensorsAreRefused_data()
{
    using Numbers = std::vector<std::int32_t>;
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, std::int32_t offset, const Numbers& shape,
                         const Numbers& strides, const char* error) {
        QTest::newRow(name) << legacyFile(tensorPickle(8, offset, shape, strides), oneKey(),
            storage(8, 32)) << error;
    };
    row("one beyond", 1, { 8 }, { 1 }, "outside its storage");
    row("far beyond", 0, { 2 }, { 0x7fffffff }, "outside its storage");
    row("large offset", 0x7fffffff, { 1 }, { 1 }, "outside its storage");
    row("negative offset", -1, { 8 }, { 1 }, "an offset of 0 or more");
    row("negative stride", 7, { 8 }, { -1 }, "integers of 0 or more");
    row("negative side", 0, { -8 }, { 1 }, "integers of 0 or more");
    row("stride 0", 0, { 8 }, { 0 }, "overlapping strides");
    row("overlapping rows", 0, { 2, 3 }, { 2, 1 }, "overlapping strides");
    row("too many sides", 0, Numbers(17, 1), Numbers(17, 1), "at most 16 dimensions");
    row("strides missing", 0, { 2, 2 }, { 1 }, "as many strides as dimensions");
    row("shape overflows", 0, { 0x7fffffff, 0x7fffffff, 0x7fffffff }, { 1, 1, 1 },
        "a size that fits");
    row("huge and empty", 0, { 0x7fffffff, 0x7fffffff, 0x7fffffff, 0 }, { 1, 1, 1, 1 },
        "a size that fits");
    const QByteArray good = tensorPickle(8, 0, { 8 }, { 1 });
    const auto raw = [](const char* name, const QByteArray& file, const char* error) {
        QTest::newRow(name) << file << error;
    };
    raw("short data", legacyFile(good, oneKey(), storage(8, 31)),
        "expected 32 bytes of storage 0, found 31");
    raw("long data", legacyFile(good, oneKey(), storage(8, 33)), "found 1 bytes more");
    raw("other count", legacyFile(good, oneKey(), storage(7, 32)), "expected 8 elements, found 7");
    raw("huge count",
        legacyFile(tensorPickle(0x7fffffff, 0, { 8 }, { 1 }), oneKey(), storage(0x7fffffff, 32)),
        "truncated checkpoint");
    raw("no keys", legacyFile(good, QByteArray("\x80\x02].", 4), {}),
        "expected storage 0 of 32 bytes, found none");
    raw("key unknown",
        legacyFile(good, QByteArray("\x80\x02]", 3) + text("9") + "a.", storage(8, 32)),
        "found storage 9");
    raw("same name twice", legacyFile(good.chopped(1) + good.mid(3), oneKey(), storage(8, 32)),
        "'t' twice");
}

void TestPthReader::badTensorsAreRefused()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, error);
    test::verifyRefused(file, error, readPth);
}

void TestPthReader::badPicklesAreRefused_data()
{
    QTest::addColumn<QByteArray>("pickle");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, const QByteArray& pickle, const char* error) {
        QTest::newRow(name) << QByteArray("\x80\x02", 2) + pickle << error;
    };
    row("empty stack", ".", "one value at the end");
    row("two values", "NN.", "one value at the end");
    row("open mark", "(N.", "one value at the end");
    row("pop below", "a", "a value on the stack");
    row("pop below a mark", "N(a", "a value on the stack");
    row("no mark", "Nt", "a mark on the stack");
    row("discard nothing", "0", "a value on the stack");
    row("odd items", "}(Nu", "keys and values in pairs");
    row("fill a tuple", ")(NNu", "a dict to fill");
    row("append to a dict", "}Na", "a list to fill");
    row("nothing remembered", QByteArray("h\x05", 2), "nothing at 5");
    row("remember far away", QByteArray("Nr\xff\xff\xff\xff", 6), "a memo index below");
    row("call a text", text("x") + ")R", "a function to call");
    row("call a storage", "ctorch\nFloatStorage\n)R.", "found an object of torch.FloatStorage");
    row("call with nothing", "ctorch._utils\n_rebuild_tensor_v2\n)R", "of a tensor");
    row("strange persistent id", ")Q", "another persistent id");
    row("build a text", text("x") + "}b", "an object to build");
    row("eval", "c__builtin__\neval\n", "global __builtin__.eval is not allowed");
    row("stack global", text("os") + text("system") + QByteArray("\x93", 1),
        "global os.system is not allowed");
    row("endless name", "c" + QByteArray(1000, 'a'), "a line of at most 256 bytes");
    row("line break", text("os\ncrossiter: done") + text("x") + QByteArray("\x93", 1),
        "os\\ncrossiter");
    row("new object of nothing", ")" + QByteArray("\x81", 1), "a value on the stack");
    row("instance", "(ios\nsystem\n", "global os.system is not allowed");
    row("buffer outside the file", QByteArray("\x97", 1), "pickle opcode 0x97 is not allowed");
    row("persistent id as a line", "P1\n", "pickle opcode 0x50 is not allowed");
    row("digits", "I12x\n", "an integer");
    row("no quotes", "Sabc\n", "a text in quotes");
    row("memo by name", "Np-1\n", "the number of a remembered value");
    row("object of nothing", "(o", "a class to make an object of");
    row("long text", QByteArray("X\xff\xff\xff\x7f", 5), "expected 2147483647 bytes");
    row("longer text", QByteArray("\x8d\xff\xff\xff\xff\xff\xff\xff\xff", 9),
        "expected 18446744073709551615 bytes");
    row("long frame", QByteArray("\x95\xff\xff\xff\xff\xff\xff\xff\xff", 9), "a frame of");
    row("protocol 1", QByteArray("\x80\x01", 2), "unknown pickle protocol");
    row("deep", QByteArray(5000, '('), "at most 1000 marks");
    row("many values", QByteArray(1'100'000, 'N'), "at most 1000000");
}

void TestPthReader::badPicklesAreRefused()
{
    QFETCH(QByteArray, pickle);
    QFETCH(QString, error);
    const QTemporaryDir folder;
    const std::filesystem::path path = written(folder, legacyFile(pickle, oneKey(), {}));
    const Measured result = measured([&] { (void)readPth(path); });
    VERIFY_REFUSED(result, path.string());
    QVERIFY2(result.text().contains(error), qPrintable(result.text()));
}

void TestPthReader::everyTruncationIsRefused_data()
{
    QTest::addColumn<QString>("path");
    for (const char* name :
        { "module-legacy.pth", "module-zip.pth", "deflated-zip.pth", "views-legacy.pth" })
        QTest::newRow(name) << QString::fromStdString(checkpoint(name).string());
    QTest::newRow("lite0") << QString::fromStdString(
        (test::storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth").string());
}

void TestPthReader::everyTruncationIsRefused()
{
    QFETCH(QString, path);
    test::verifyTruncationsRefused(contents(path.toStdString()), readPth);
}

void TestPthReader::flippedBitsNeverCrash_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name :
        { "module-legacy.pth", "module-zip.pth", "deflated-zip.pth", "protocol4-legacy.pth" })
        QTest::newRow(name) << name;
}

void TestPthReader::flippedBitsNeverCrash()
{
    QFETCH(QString, name);
    const QByteArray whole = contents(checkpoint(name));
    const auto seed = mixSeed({ 2, static_cast<std::uint64_t>(whole.size()) });
    test::verifyFlipsSurvived(whole, seed, 201, readPth);
}

QTEST_GUILESS_MAIN(TestPthReader)
#include "tst_PthReader.moc"
