// What people take for weights and is none, and weights whose headers say that no work is worth it.

#include "core/checkpoint/OtherFiles.h"
#include "core/checkpoint/ReadCheckpoint.h"

#include <QDir>
#include <QProcess>

#include <fstream>

#include "tests/core/checkpoint/Damage.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

namespace fs = std::filesystem;

class TestOtherFiles : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void areNamed_data();
    void areNamed();
    void foldersAreNamed();
    void noteNamesItsCheckpoint();
    void anyFileLeadsToTheCheckpoint_data();
    void anyFileLeadsToTheCheckpoint();
    void severalInAFolderAreNamed();
    void oursAreTaken();
    void hugeFileWithADamagedHeader_data();
    void hugeFileWithADamagedHeader();
    void bombs_data();
    void bombs();

private:
    [[nodiscard]] fs::path put(const QString& name, const QByteArray& bytes) const
    {
        QFile file(m_folder->filePath(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
            qFatal("cannot write the test's file");
        return file.fileName().toStdString();
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

namespace {

QByteArray gzipped(const QByteArray& bytes)
{
    QProcess gzip;
    gzip.start("gzip", { "-9c" });
    gzip.write(bytes);
    gzip.closeWriteChannel();
    if (!gzip.waitForFinished(60'000))
        qFatal("no gzip");
    return gzip.readAllStandardOutput();
}

/// The header of a member, as tar writes it.
QByteArray tarHeader(const QByteArray& name, qint64 size)
{
    QByteArray header(512, '\0');
    const auto set = [&](int at, const QByteArray& bytes) {
        header.replace(at, bytes.size(), bytes);
    };
    set(0, name);
    set(100, "0000644");
    set(124, QByteArray::number(size, 8).rightJustified(11, '0'));
    set(156, "0");
    set(257,
        QByteArray("ustar\0"
                   "00",
            8));
    set(148, "        ");
    int sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    set(148, QByteArray::number(sum, 8).rightJustified(6, '0') + QByteArray("\0 ", 2));
    return header;
}

QByteArray lengthAnd(quint64 length, const QByteArray& header)
{
    QByteArray bytes(8, '\0');
    for (int i = 0; i < 8; ++i)
        bytes[i] = static_cast<char>(length >> (8 * i));
    return bytes + header;
}

} // namespace

void TestOtherFiles::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestOtherFiles::areNamed_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("what");
    QTest::addColumn<QString>("instead");
    const auto row = [](const char* test, const char* name, const QByteArray& bytes,
                         const char* what, const char* instead) {
        QTest::newRow(test) << name << bytes << what << instead;
    };
    const QByteArray pointer = "version https://git-lfs.github.com/spec/v1\n"
                               "oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24"
                               "d17e2393\nsize 3000000000\n";
    row("LFS pointer", "model.safetensors", pointer, "a Git LFS pointer", "git lfs pull");
    row("LFS pointer, .pth", "model.pth", pointer, "a Git LFS pointer", "git lfs pull");
    row("page", "model.pth", "<!DOCTYPE html>\n<html><head>", "an HTML page", "the file itself");
    row("page behind blanks", "model.bin", "\r\n  <HTML lang=en>", "an HTML page",
        "the file itself");
    row("XML", "model.xml", "<?xml version=\"1.0\"?><net/>", "an XML text", "the file itself");
    row("shard index", "model.safetensors.index.json",
        R"({"metadata": {"total_size": 1}, "weight_map": {"a": "model-00001-of-00002.safetensors"}})",
        "the index of weights in several files", "all weights in one file");
    row("shard index, renamed", "model.json", R"({"weight_map": {}})",
        "the index of weights in several files", "all weights in one file");
    row("shard", "model-00001-of-00002.safetensors", "x", "one of 2 files", "in one file");
    row("configuration", "config.json", R"({"layers": 3})", "a JSON text", "safetensors");
    row("ONNX of PyTorch", "net.onnx",
        QByteArray("\x08\x07\x12\x07pytorch\x1a\x05"
                   "2.1.0",
            18),
        "an ONNX network", "torch.save");
    row("ONNX, renamed", "net.pth", QByteArray("\x08\x09\x3a\xff\x01\x0a\x20", 7),
        "an ONNX network", "torch.save");
    row("HDF5", "weights.h5", QByteArray("\x89HDF\r\n\x1a\n\0\0", 10), "an HDF5 file",
        "safetensors");
    row("HDF5, renamed", "weights.pth", QByteArray("\x89HDF\r\n\x1a\n\0\0", 10), "an HDF5 file",
        "safetensors");
    row("graph", "frozen.pb", QByteArray("\x0a\x1f\x0a\x05input\x12\x0bPlaceholder", 21),
        "a TensorFlow graph", "the TensorFlow checkpoint");
    row("graph, renamed", "frozen.bin", QByteArray("\x0a\x1f\x0a\x05input\x12\x0bPlaceholder", 21),
        "a TensorFlow graph", "the TensorFlow checkpoint");
    row("saved model", "saved_model.pb", QByteArray("\x08\x01\x12\x05\x0a\x03\x1a", 7),
        "the graph of a SavedModel", "variables/variables.index");
    row("meta", "model.ckpt.meta", QByteArray("\x0a\xff\x1f\x0a", 4),
        "the graph of a TensorFlow checkpoint", "model.ckpt");
    row("data", "model.ckpt-7.data-00000-of-00001", QByteArray(100, '\x3f'),
        "the values of a TensorFlow checkpoint", "model.ckpt-7.index");
    row("note", "checkpoint", "model_checkpoint_path: \"model.ckpt-7\"\n", "the note 'checkpoint'",
        "model.ckpt-7");
    row("GGUF", "net.gguf", QByteArray("GGUF\3\0\0\0", 8), "a GGUF file", "torch.save");
    row("TFLite", "net.tflite", QByteArray("\x1c\0\0\0TFL3\x14\0", 10), "a TensorFlow Lite file",
        "TensorFlow checkpoint");
    row("array", "w.npy", QByteArray("\x93NUMPY\1\0", 8), "an array of NumPy", "torch.save");
    row("arrays", "w.npz",
        QByteArray("PK\3\4") + QByteArray(22, '\0') + QByteArray("\5\0\0\0", 4) + "a.npy"
            + QByteArray(100, '\0'),
        "arrays of NumPy", "torch.save");
    row("Keras", "w.keras",
        QByteArray("PK\3\4") + QByteArray(22, '\0') + QByteArray("\x0d\0\0\0", 4) + "metadata.json"
            + QByteArray(100, '\0'),
        "a Keras file", "safetensors");
    row("plain zip", "w.zip",
        QByteArray("PK\3\4") + QByteArray(22, '\0') + QByteArray("\5\0\0\0", 4) + "a.pth"
            + QByteArray(100, '\0'),
        "a .zip archive", "unpacked");
    row("7-Zip", "w.7z",
        "7z\xBC\xAF\x27\x1C"
        "xx",
        "a 7-Zip archive", "unpacked");
    row("tar", "w.tar", tarHeader("a", 0) + QByteArray(1024, '\0'), "a .tar archive", ".tar.gz");
    row("picture", "w.png", "\x89PNG\r\n\x1a\n", "a PNG picture", "safetensors");
    row("text", "w.txt", "hello", "a text", "safetensors");
    row("nothing", "w.pth", "", "an empty file", "safetensors");
}

void TestOtherFiles::areNamed()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, what);
    QFETCH(QString, instead);
    const fs::path file = put(name, bytes);
    for (const bool whole : { false, true }) {
        const Measured result = measured([&] {
            if (whole)
                (void)readCheckpoint(file, "inception-v3");
            else
                (void)checkHeader(file);
        });
        VERIFY_REFUSED(result, file.string());
        QVERIFY2(result.text().startsWith("not a checkpoint, "), qPrintable(result.text()));
        QVERIFY2(result.text().contains("found " + what), qPrintable(result.text()));
        QVERIFY2(result.text().contains(instead), qPrintable(result.text()));
    }
}

void TestOtherFiles::foldersAreNamed()
{
    QDir folder(m_folder->path());
    QVERIFY(folder.mkpath("hub/variables"));
    const fs::path hub = m_folder->filePath("hub").toStdString();
    const auto said = [&] { return measured([&] { (void)checkHeader(hub); }).text(); };
    QVERIFY2(said().endsWith("found a folder"), qPrintable(said()));
    (void)put("hub/variables/variables.index", "x");
    (void)put("hub/saved_model.pb", "x");
    QVERIFY2(said().contains("variables/variables.index, found a folder, a SavedModel"),
        qPrintable(said()));
    QVERIFY(QFile::remove(m_folder->filePath("hub/saved_model.pb")));
    (void)put("hub/pytorch_model.bin", "x");
    (void)put("hub/model.safetensors", "x");
    QVERIFY2(said().contains(
                 "the file in it, " + QString::fromStdString(hub.string()) + "/model.safetensors"),
        qPrintable(said()));
}

void TestOtherFiles::noteNamesItsCheckpoint()
{
    const fs::path file = put("checkpoint",
        "model_checkpoint_path: \"model.ckpt-7\"\nall_model_checkpoint_paths: \"x\"\n");
    const QString text = measured([&] { (void)checkHeader(file); }).text();
    QVERIFY2(text.contains(m_folder->filePath("model.ckpt-7")), qPrintable(text));
}

void TestOtherFiles::anyFileLeadsToTheCheckpoint_data()
{
    QTest::addColumn<QString>("given");
    QTest::addColumn<QString>("wanted");
    const auto row = [](const char* given, const char* wanted) {
        QTest::newRow(given) << given << wanted;
    };
    row("v2/net.ckpt", "v2/net.ckpt.index");
    row("v2/net.ckpt.index", "v2/net.ckpt.index");
    row("v2/net.ckpt.data-00000-of-00001", "v2/net.ckpt.index");
    row("v2/net.ckpt.meta", "v2/net.ckpt.index");
    row("v2/checkpoint", "v2/net.ckpt.index");
    row("v2", "v2/net.ckpt.index"); // the note names one of two
    row("v1/net.ckpt", "v1/net.ckpt");
    row("v1/net.ckpt.meta", "v1/net.ckpt");
    row("v1", "v1/net.ckpt");
}

void TestOtherFiles::anyFileLeadsToTheCheckpoint()
{
    QFETCH(QString, given);
    QFETCH(QString, wanted);
    const fs::path from = dataDir() / "checkpoints/tf";
    QVERIFY(QDir(m_folder->path()).mkpath("v1") && QDir(m_folder->path()).mkpath("v2"));
    const QByteArray index = contents(from / "tiny_v2.ckpt.index");
    const QByteArray shard = contents(from / "tiny_v2.ckpt.data-00000-of-00001");
    QVERIFY(!index.isEmpty() && !shard.isEmpty());
    for (const char* name : { "net.ckpt", "older.ckpt" }) {
        (void)put("v2/" + QString(name) + ".index", index);
        (void)put("v2/" + QString(name) + ".data-00000-of-00001", shard);
    }
    (void)put("v2/net.ckpt.meta", "\x0a\xff\x1f\x0a");
    (void)put("v2/checkpoint", "model_checkpoint_path: \"/home/who/train/net.ckpt\"\n");
    (void)put("v1/net.ckpt", contents(from / "tiny_v1.ckpt"));
    (void)put("v1/net.ckpt.meta", "\x0a\xff\x1f\x0a");
    const fs::path path = m_folder->filePath(given).toStdString();
    QCOMPARE(weightsFile(path).string(), m_folder->filePath(wanted).toStdString());
    QVERIFY(checkHeader(path) == CheckpointFormat::TensorFlow);
    const Measured result = measured([&] { (void)readCheckpoint(path, "inception-v3"); });
    // Read, and not this network.
    QVERIFY2(result.text().contains("InceptionV3/"), qPrintable(result.text()));
}

void TestOtherFiles::severalInAFolderAreNamed()
{
    (void)put("a.ckpt.index", "x");
    (void)put("b.ckpt", "x");
    const fs::path folder = m_folder->path().toStdString();
    const Measured result = measured([&] { (void)checkHeader(folder); });
    QVERIFY2(result.text().contains("expected one of them, found a.ckpt.index, b.ckpt"),
        qPrintable(result.text()));
    (void)put("checkpoint", "model_checkpoint_path: \"gone.ckpt\"\n"); // names none of them
    QVERIFY(measured([&] { (void)checkHeader(folder); }).error.has_value());
}

void TestOtherFiles::oursAreTaken()
{
    const fs::path folder = dataDir() / "checkpoints/tf";
    QVERIFY(checkHeader(folder / "tiny_v1.ckpt") == CheckpointFormat::TensorFlow);
    const fs::path pth = storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth";
    const Measured header = measured([&] { QVERIFY(checkHeader(pth) == CheckpointFormat::Pth); });
    QVERIFY2(!header.error, qPrintable(header.text()));
    const QByteArray good = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    const fs::path file = put("tiny.safetensors", lengthAnd(quint64(good.size()), good + "abcd"));
    QVERIFY(checkHeader(file) == CheckpointFormat::Safetensors);
}

void TestOtherFiles::hugeFileWithADamagedHeader_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("begin");
    QTest::newRow("10 bytes") << "huge.safetensors" << QByteArray("\x0a\0\0\0\0\0\0\0{\"a\":", 13);
    QTest::newRow("zeros") << "huge.safetensors" << QByteArray();
    QTest::newRow("long header") << "huge.safetensors" << lengthAnd(3'000'000'000, "{\"a\":");
    QTest::newRow("too short") << "huge.safetensors"
                               << lengthAnd(55,
                                      R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} )");
    QTest::newRow("zip") << "huge.pth" << QByteArray("PK\3\4\0\0\0\0");
    QTest::newRow("pickle") << "huge.pth" << QByteArray("\x80\2c");
    QTest::newRow("gzip") << "huge.tar.gz" << QByteArray("\x1f\x8b\x08\0\0\0\0\0");
    QTest::newRow("nothing known") << "huge.pth" << QByteArray();
}

void TestOtherFiles::hugeFileWithADamagedHeader()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, begin);
    const fs::path file = put(name, begin);
    fs::resize_file(file, 3'000'000'000); // a hole: takes no room
    const Measured result = measured([&] { (void)checkHeader(file); });
    VERIFY_REFUSED(result, file.string());
}

void TestOtherFiles::bombs_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray zeros(96 << 20, '\0');
    // 4 MB of it would be 4 GB; it must be refused long before its end.
    QTest::newRow("zeros alone") << gzipped(zeros);
    QTest::newRow("a member that says its size")
        << gzipped(tarHeader("model.ckpt", zeros.size()) + zeros);
    QTest::newRow("a member that says 8 GB")
        << gzipped(tarHeader("model.ckpt", (qint64 { 1 } << 33) - 1));
    QByteArray many;
    for (int i = 0; i < 12'000; ++i)
        many += tarHeader("m" + QByteArray::number(i), 0);
    QTest::newRow("many members") << gzipped(many);
    QByteArray sevenMembers;
    for (int i = 0; i < 12; ++i)
        sevenMembers +=
            tarHeader("m" + QByteArray::number(i) + ".ckpt", 8 << 20) + QByteArray(8 << 20, '\0');
    QTest::newRow("several members") << gzipped(sevenMembers);
    QTest::newRow("packed twice") << gzipped(
        gzipped(tarHeader("model.ckpt", zeros.size()) + zeros));
}

void TestOtherFiles::bombs()
{
    QFETCH(QByteArray, bytes);
    const fs::path file = put("bomb.tar.gz", bytes);
    const Measured result = measured([&] { (void)readCheckpoint(file, "inception-v3"); });
    VERIFY_REFUSED(result, file.string());
    QVERIFY2(result.megabytes < 160, qPrintable(QString::number(result.megabytes)));
}

QTEST_APPLESS_MAIN(TestOtherFiles)
#include "tst_OtherFiles.moc"
