// Weights as training scripts and converters leave them: what lies beside the tensors is left out,
// wrappers are found, and nothing is executed.

#include "core/checkpoint/PthReader.h"

#include <QDir>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "tests/core/checkpoint/PickleMaker.h"
#include "tests/core/checkpoint/SavedTensors.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::test::pickle;

namespace {

std::filesystem::path sample(const QString& name)
{
    return dataDir() / "checkpoints/other" / name.toStdString();
}

QJsonObject expectations()
{
    return QJsonDocument::fromJson(contents(sample("other.json"))).object();
}

PthFile opened(const QByteArray& bytes)
{
    const auto kept = std::make_shared<QByteArray>(bytes);
    return { { reinterpret_cast<const std::uint8_t*>(kept->constData()),
                 static_cast<std::size_t>(kept->size()) },
        kept, "made" };
}

QString refusalOf(const QByteArray& bytes)
{
    return measured([&] { (void)opened(bytes); }).text();
}

/// {"t": a tensor of two floats, "x": value}
QByteArray beside(const QByteArray& value)
{
    return legacyFile(
        whole(dict({ { "t", plainTensor(2, { 2 }) }, { "x", value } })), oneKey(), storage(2, 8));
}

} // namespace

class TestOtherWeights : public QObject
{
    Q_OBJECT

private slots:
    void samplesAreRead_data();
    void samplesAreRead();
    void wrappersAreFound();
    void objectsAreLeftOut_data();
    void objectsAreLeftOut();
    void attacksAreRefused_data();
    void attacksAreRefused();
    void arraysAreChecked_data();
    void arraysAreChecked();
    void dictsMayLieInCircles();
    void limitsHold_data();
    void limitsHold();
    void truncationsAreRefused_data();
    void truncationsAreRefused();
    void flippedBitsNeverCrash_data();
    void flippedBitsNeverCrash();
};

void TestOtherWeights::samplesAreRead_data()
{
    QTest::addColumn<QString>("name");
    const QJsonObject all = expectations();
    QVERIFY(all.size() >= 19);
    for (const QString& name : all.keys())
        QTest::newRow(qPrintable(name)) << name;
}

void TestOtherWeights::samplesAreRead()
{
    QFETCH(QString, name);
    compareWithSaved(readPth(sample(name)), expectations()[name].toArray());
}

void TestOtherWeights::wrappersAreFound()
{
    const PthFile ema = opened(contents(sample("ema.pth")));
    QCOMPARE(ema.dicts().size(), std::size_t { 2 });
    QCOMPARE(ema.dicts()[0].key, std::string("model"));
    QCOMPARE(ema.dicts()[1].key, std::string("model_ema"));
    QCOMPARE(ema.dicts()[1].tensors[0].dtype, DType::F64);
    QVERIFY(ema.dicts()[1].tensors[0].bytes.empty()); // a header
    QVERIFY(!ema.read(1).tensors[0].bytes.empty());
    const PthFile training = opened(contents(sample("training-zip-2.pth")));
    QCOMPARE(training.dicts().back().key, std::string("state_dict"));
    QVERIFY(training.dicts().front().others > 30); // beside a tensor of the random generator
    // One dict under two names is one; a dict of a class of its own is read as a dict.
    const QByteArray shared =
        legacyFile(whole("}(" + text("a") + "cmine\nConfig\n)" + QByteArray("\x81", 1)
                       + QByteArray("q\x07", 2) + "(" + text("t") + plainTensor(2, { 2 }) + "u"
                       + text("b") + QByteArray("h\x07", 2) + "u"),
            oneKey(), storage(2, 8));
    QCOMPARE(opened(shared).dicts().size(), std::size_t { 1 });
    QCOMPARE(opened(shared).dicts()[0].key, std::string("a"));
}

void TestOtherWeights::objectsAreLeftOut_data()
{
    QTest::addColumn<QByteArray>("value");
    const auto row = [](const char* name, const QByteArray& value) {
        QTest::newRow(name) << value;
    };
    const QByteArray newObject("\x81", 1);
    row("new object", "cargparse\nNamespace\n)" + newObject + dict({ { "lr", "K\x01" } }) + "b");
    row("named arguments", "cmine\nC\n)}" + QByteArray("\x92", 1));
    row("old instance", "(K\x01imine\nC\n");
    row("old object", "(cmine\nC\nK\x01o");
    row("reconstructed",
        "ccopyreg\n_reconstructor\n(cmine\nC\nc__builtin__\nobject\nNtR" + dict({}) + "b");
    row("list of a class", "cmine\nL\n)" + newObject + "(K\x01K\x02" + "e");
    row("set", QByteArray("\x8f(K\x01K\x02\x90", 7));
    row("frozen set", QByteArray("(K\x01K\x02\x91", 6));
    row("registered", QByteArray("\x82\x01", 2));
    row("registered far away", QByteArray("\x84\x01\x02\x03\x04", 5));
    row("attribute", "c__builtin__\ngetattr\n(cmine\nC\n" + text("X") + "tR");
    row("called result", "cfunctools\npartial\n(cmine\nf\ntR)R");
    row("type of numbers", "ctorch\nfloat32\n");
    row("big numbers", QByteArray("\x8b\x09\0\0\0\1\2\3\4\5\6\7\x08\x09", 14));
    row("digits", "L123456789012345678901234567890L\n");
    row("float as a line", "F1.5\n");
    row("truth as a line", "I01\n");
    row("escapes", "V\\u20ac\xe9\n");
    row("thrown away",
        "K\x01K\x02"
        "0");
    row("thrown away with its mark",
        "K\x01(K\x02K\x03"
        "1");
    row("doubled",
        "](K\x01"
        "2e");
    row("array of texts", array({ 1 }, "a", "S1"));
    row("array of another machine", array({ 1 }, "abcd", "f4", ">"));
    row("number of NumPy",
        "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(" + text("f8")
            + QByteArray("\x89\x88tR", 4) + bytes("12345678") + "tR");
    row("storage of another type", tensor<int>(2, 0, { 2 }, { 1 }, "ComplexFloatStorage"));
    row("quantised", "ctorch._utils\n_rebuild_qtensor\n)R");
}

void TestOtherWeights::objectsAreLeftOut()
{
    QFETCH(QByteArray, value);
    // Of a storage that is no weight nothing is known: in the list of the legacy format it has no
    // size; so this one is not in it.
    const PthFile file = opened(beside(value));
    QCOMPARE(file.dicts().size(), std::size_t { 1 });
    QCOMPARE(file.dicts()[0].tensors.size(), std::size_t { 1 });
    QCOMPARE(file.dicts()[0].others, std::size_t { 1 });
    QCOMPARE(file.read(0).tensors[0].bytes.size(), std::size_t { 8 });
}

void TestOtherWeights::attacksAreRefused_data()
{
    QTest::addColumn<QByteArray>("value");
    QTest::addColumn<QString>("name");
    const auto row = [](const char* module, const char* name) {
        const QByteArray global = QByteArray(module) + "\n" + name + "\n";
        const QString whole = QString(module) + "." + name;
        QTest::addRow("%s.%s", module, name)
            << "c" + global + "(" + text("touch crossiter-was-here") + "tR" << whole;
        QTest::addRow("%s.%s, instance", module, name)
            << "(" + text("touch crossiter-was-here") + "i" + global << whole;
        QTest::addRow("%s.%s, stack", module, name)
            << text(module) + text(name) + QByteArray("\x93", 1) << whole;
    };
    row("os", "system");
    row("posix", "system");
    row("nt", "popen");
    row("subprocess", "Popen");
    row("builtins", "eval");
    row("__builtin__", "execfile");
    row("importlib", "import_module");
    row("os.path", "join");
}

void TestOtherWeights::attacksAreRefused()
{
    QFETCH(QByteArray, value);
    QFETCH(QString, name);
    const QTemporaryDir folder;
    const QString before = QDir::currentPath();
    QVERIFY(QDir::setCurrent(folder.path()));
    const QString text = refusalOf(beside(value));
    QVERIFY2(text.contains("global " + name + " is not allowed"), qPrintable(text));
    QVERIFY(QDir(folder.path()).isEmpty());
    QVERIFY(QDir::setCurrent(before));
}

void TestOtherWeights::arraysAreChecked_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, const QByteArray& made, const char* error) {
        QTest::newRow(name) << whole(dict({ { "t", made } })) << error;
    };
    row("too few bytes", array({ 2 }, "abcd"), "expected [2] of F32, found 4 bytes");
    row("too many bytes", array({ 1 }, "abcdefgh"), "found 8 bytes");
    row("sides that overflow", array({ 0x7fffffff, 0x7fffffff, 0x7fffffff }, "abcd"), "bad array");
    row("negative side", array({ -1 }, "abcd"), "integers of 0 or more");
    row("no state", "cnumpy.core.multiarray\n_reconstruct\n)R)b", "(version, shape, type");
    row("buffer of three", "cnumpy.core.numeric\n_frombuffer\n(NNNtR",
        "(bytes, type, shape, order)");
    row("without numbers", "cnumpy.core.multiarray\n_reconstruct\n)R", "dicts without any");
    QTest::newRow("behind the pickle") << whole(dict({ { "t", array({ 1 }, "abcd") } })) + "x"
                                       << "the magic number";
    // What torch would read from behind the pickle is not there.
    row("a tensor of torch", plainTensor(1, { 1 }), "bytes, found none");
    QTest::newRow("a tensor of torch in an array")
        << objectArray(dict({ { "a", dict({ { "t", plainTensor(1, { 1 }) } }) } }))
        << "bytes, found none";
    QTest::newRow("array of numbers")
        << QByteArray("\x93NUMPY\x01\0\x06\0'<f4'\n", 16) << "a zip file or a pickle";
    QTest::newRow("array of a list") << objectArray("]") << "a dict of tensors, found a list";
    QTest::newRow("array of an empty dict") << objectArray("}") << "dicts without any";
    QTest::newRow("layer named twice")
        << objectArray("}(" + text("a") + dict({ { "w", array({ 1 }, "abcd") } }) + text("a")
               + dict({ { "w", array({ 1 }, "abcd") } }) + "u")
        << "'a.w' twice";
}

void TestOtherWeights::arraysAreChecked()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, error);
    const QString text = refusalOf(file);
    QVERIFY2(text.contains(error), qPrintable(text));
}

void TestOtherWeights::dictsMayLieInCircles()
{
    // d = {"t": tensor, "d": d}
    const PthFile file =
        opened(legacyFile(whole("}" + QByteArray("q\x07(", 3) + text("t") + plainTensor(2, { 2 })
                              + text("d") + QByteArray("h\x07", 2) + "u"),
            oneKey(), storage(2, 8)));
    QCOMPARE(file.dicts().size(), std::size_t { 1 });
    QCOMPARE(file.dicts()[0].others, std::size_t { 1 });
}

void TestOtherWeights::limitsHold_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("error");
    QTest::newRow("marks and nothing else")
        << QByteArray("\x80\x02", 2) + QByteArray("(1").repeated(9'000'000) << "opcodes, found";
    QByteArray copies = QByteArray("\x80\x02}(", 4);
    for (int i = 0; i < 20'000; ++i)
        copies += QByteArray("K\x01K\x02");
    copies += QByteArray("uq\x01", 3);
    QByteArray many = copies;
    for (int i = 0; i < 2'000; ++i)
        many += "ccollections\nOrderedDict\n(" + QByteArray("h\x01", 2) + "tR0";
    QTest::newRow("one dict copied many times") << many + "."
                                                << "values copied";
    QByteArray encoded =
        QByteArray("\x80\x02", 2) + text(std::string(1 << 20, 'a')) + QByteArray("q\x01", 2);
    for (int i = 0; i < 20; ++i)
        encoded += "c_codecs\nencode\n(" + QByteArray("h\x01", 2) + text("latin1") + "tR0";
    QTest::newRow("one text encoded many times") << encoded + "."
                                                 << "each text encoded once";
    QTest::newRow("long name") << whole(dict({ { std::string(2000, 'n'), array({ 1 }, "abcd") } }))
                               << "names of at most 1024 bytes";
    const QByteArray tuples = QByteArray("\x80\x02N", 3) + QByteArray(900'000, '\x85') + ".";
    QTest::newRow("deep") << tuples << "the magic number";
    QTest::newRow("deeper") << QByteArray("\x80\x02N", 3) + QByteArray(1'100'000, '\x85') + "."
                            << "at most 1000000 values";
}

void TestOtherWeights::limitsHold()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, error);
    const Measured result = measured([&] { (void)opened(file); });
    QVERIFY2(result.text().contains(error), qPrintable(result.text()));
    QVERIFY2(result.megabytes < 600, qPrintable(QString::number(result.megabytes)));
}

void TestOtherWeights::truncationsAreRefused_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name :
        { "training-legacy-4.pth", "training-zip-2.pth", "arrays-5.pkl", "kit-0.npy", "kit-4.npy" })
        QTest::newRow(name) << name;
}

void TestOtherWeights::truncationsAreRefused()
{
    QFETCH(QString, name);
    verifyTruncationsRefused(contents(sample(name)), readPth);
}

void TestOtherWeights::flippedBitsNeverCrash_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : { "training-legacy-2.pth", "arrays-3.pkl", "kit-0.npy", "kit-5.npy" })
        QTest::newRow(name) << name;
}

void TestOtherWeights::flippedBitsNeverCrash()
{
    QFETCH(QString, name);
    verifyFlipsSurvived(contents(sample(name)), 7, 50, readPth);
}

QTEST_APPLESS_MAIN(TestOtherWeights)
#include "tst_OtherWeights.moc"
