// Archives of checkpoints: what is unpacked, where to, how much, and what is refused.

#include "core/base/Archive.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/checkpoint/TfCheckpointReader.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <span>

#include "tests/core/base/Measured.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

const TensorView& named(const StateDict& state, const std::string& name)
{
    const TensorView* view = state.find(name);
    if (view == nullptr)
        qFatal("no %s", name.c_str());
    return *view;
}

/// A tar header and its bytes: the old format, enough for names that no tool would write.
QByteArray tarEntry(
    const QByteArray& name, char type, const QByteArray& bytes, const QByteArray& link = {})
{
    QByteArray header(512, '\0');
    const auto put = [&](int at, const QByteArray& text) { header.replace(at, text.size(), text); };
    put(0, name);
    put(100, "0000644");
    put(108, "0000000");
    put(116, "0000000");
    put(124, QByteArray::number(bytes.size(), 8).rightJustified(11, '0'));
    put(136, "00000000000");
    put(148, "        ");
    header[156] = type;
    put(157, link);
    put(257, QByteArray("ustar\00000", 8));
    unsigned sum = 0;
    for (const char c : header)
        sum += static_cast<unsigned char>(c);
    put(148, QByteArray::number(sum, 8).rightJustified(6, '0') + QByteArray("\0 ", 2));
    QByteArray body = bytes;
    body.append(QByteArray((512 - body.size() % 512) % 512, '\0'));
    return header + body;
}

std::span<const std::uint8_t> span(const QByteArray& bytes)
{
    return { reinterpret_cast<const std::uint8_t*>(bytes.constData()),
        static_cast<std::size_t>(bytes.size()) };
}

bool everything(const std::string&)
{
    return true;
}

/// The tiny V1 checkpoint as a .tar.gz.
QByteArray packedCheckpoint()
{
    QFile file(QString::fromStdString((dataDir() / "checkpoints/tf/tiny_v1.ckpt").string()));
    if (!file.open(QIODevice::ReadOnly))
        qFatal("no tiny_v1.ckpt");
    QProcess gzip;
    gzip.start("gzip", { "-c" });
    gzip.write(tarEntry("model.ckpt", '0', file.readAll()) + QByteArray(1024, '\0'));
    gzip.closeWriteChannel();
    if (!gzip.waitForFinished())
        qFatal("no gzip");
    return gzip.readAllStandardOutput();
}

/// Writes with QFile: thousands of flushes to disk would take minutes.
void put(const std::string& place, const QByteArray& bytes)
{
    QFile file(QString::fromStdString(place));
    file.remove();
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write the test's file");
}

} // namespace

class tst_TfArchives : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void archivesStayInTheirFolder_data();
    void archivesStayInTheirFolder();
    void archiveLimits();
    void readsAnArchivedCheckpoint();
    void cutArchivesAreRefused();
    void flippedArchivesAreRefused();
};

void tst_TfArchives::archivesStayInTheirFolder_data()
{
    QTest::addColumn<QByteArray>("entry");
    QTest::addColumn<QString>("said");
    QTest::newRow("up") << tarEntry("a/../../b", '0', "x") << "leaves";
    QTest::newRow("absolute") << tarEntry("/etc/b", '0', "x") << "leaves";
    QTest::newRow("parent") << tarEntry("..", '0', "x") << "leaves";
    QTest::newRow("link") << tarEntry("b", '2', "", "/etc/passwd") << "neither file nor folder";
    QTest::newRow("hard link") << tarEntry("b", '1', "", "c") << "neither file nor folder";
    QTest::newRow("device") << tarEntry("b", '3', "") << "neither file nor folder";
    QTest::newRow("twice") << tarEntry("b", '0', "x") + tarEntry("b", '0', "y") << "twice";
    QTest::newRow("cut") << tarEntry("b", '0', QByteArray(2000, 'x')).left(900) << "damaged";
    QTest::newRow("no tar") << QByteArray(2048, 'x') << "damaged";
}

void tst_TfArchives::archivesStayInTheirFolder()
{
    QFETCH(QByteArray, entry);
    QFETCH(QString, said);
    const Measured result = measured([&] { (void)readTar(span(entry), "bad.tar", everything); });
    VERIFY_REFUSED(result, "bad.tar");
    QVERIFY2(result.text().contains(said), qPrintable(result.text()));
}

void tst_TfArchives::archiveLimits()
{
    const QByteArray tar = tarEntry("folder", '5', "")
        + tarEntry("folder/a", '0', QByteArray(5000, 'x')) + tarEntry("folder/b", '0', "y")
        + QByteArray(1024, '\0');
    const auto members = readTar(
        span(tar), "good.tar", [](const std::string& name) { return name.ends_with("/b"); });
    QCOMPARE(members.size(), std::size_t(1));
    QCOMPARE(members[0].bytes, std::vector<std::uint8_t> { 'y' });
    const QByteArray large = tarEntry("large", '0', QByteArray(40 << 20, 'x'));
    QCOMPARE(readTar(span(large + QByteArray(1024, '\0')), "large.tar", everything)[0].bytes.size(),
        std::size_t { 40 } << 20U);
    ArchiveLimits limits;
    limits.unpackedBytes = 4000;
    QVERIFY(measured([&] { (void)readTar(span(tar), "big.tar", everything, limits); })
                .text()
                .contains("too much"));
    limits = {};
    limits.members = 2;
    QVERIFY(measured([&] { (void)readTar(span(tar), "many.tar", everything, limits); })
                .text()
                .contains("too many"));
}

void tst_TfArchives::readsAnArchivedCheckpoint()
{
    // The reader comes as far as the variables' names: the tiny checkpoint is no whole network.
    const QTemporaryDir folder;
    const auto pack = [&](const std::vector<std::pair<QByteArray, const char*>>& files) {
        QByteArray tar;
        for (const auto& [name, source] : files) {
            QFile file(QString::fromStdString((dataDir() / "checkpoints/tf" / source).string()));
            if (!file.open(QIODevice::ReadOnly))
                qFatal("no %s", source);
            tar += tarEntry(name, '0', file.readAll());
        }
        QProcess gzip;
        gzip.start("gzip", { "-c" });
        gzip.write(tar + QByteArray(1024, '\0'));
        gzip.closeWriteChannel();
        gzip.waitForFinished();
        QFile out(folder.filePath("a.tar.gz"));
        if (!out.open(QIODevice::WriteOnly))
            qFatal("cannot write");
        out.write(gzip.readAllStandardOutput());
        out.close();
        return measured([&] {
            (void)readCheckpoint(out.fileName().toStdString(), "inception-v3");
        }).text();
    };
    const QString v1 = pack({ { "model.ckpt", "tiny_v1.ckpt" }, { "README.md", "tiny.json" } });
    QVERIFY2(v1.contains("variables missing"), qPrintable(v1));
    const QString v2 =
        pack({ { "x/model.ckpt.data-00000-of-00002", "tiny_sharded.ckpt.data-00000-of-00002" },
            { "x/model.ckpt.data-00001-of-00002", "tiny_sharded.ckpt.data-00001-of-00002" },
            { "x/model.ckpt.index", "tiny_sharded.ckpt.index" } });
    QVERIFY2(v2.contains("variables missing"), qPrintable(v2));
    const QString alone = pack({ { "model.ckpt.index", "tiny_sharded.ckpt.index" } });
    QVERIFY2(alone.contains("shard missing"), qPrintable(alone));
    const QString none = pack({ { "README.md", "tiny.json" } });
    QVERIFY2(none.contains("without one checkpoint"), qPrintable(none));
    const QString two = pack({ { "a.ckpt", "tiny_v1.ckpt" }, { "b.ckpt", "tiny_v1.ckpt" } });
    QVERIFY2(two.contains("a.ckpt, b.ckpt"), qPrintable(two));
}

void tst_TfArchives::cutArchivesAreRefused()
{
    const QTemporaryDir folder;
    const QByteArray whole = packedCheckpoint();
    const std::string place = folder.filePath("cut.tar.gz").toStdString();
    for (int part = 0; part < 64; ++part) {
        put(place, whole.left(whole.size() * part / 64));
        const Measured result = measured([&] { (void)readCheckpoint(place, "inception-v3"); });
        VERIFY_REFUSED(result, place);
        // The whole one comes as far as the variables' names.
        QVERIFY2(!result.text().contains("variables missing"), qPrintable(result.text()));
    }
}

void tst_TfArchives::flippedArchivesAreRefused()
{
    const QTemporaryDir folder;
    const QByteArray whole = packedCheckpoint();
    const std::string place = folder.filePath("flip.tar.gz").toStdString();
    const auto variables = [](const QByteArray& packed) {
        return readTfV1(readTar(span(packed), "flip.tar.gz", everything).at(0).bytes, "flip");
    };
    const StateDict good = variables(whole);
    int read = 0;
    int refused = 0;
    for (qsizetype at = 0; at < whole.size(); ++at) {
        QByteArray flipped = whole;
        flipped[at] = char(flipped[at] ^ (1 << (at % 8)));
        put(place, flipped);
        const Measured result = measured([&] { (void)readCheckpoint(place, "inception-v3"); });
        VERIFY_REFUSED(result, place);
        if (!result.text().contains("variables missing")) {
            ++refused;
            continue;
        }
        // The reader came as far as the whole file lets it: then it has read what is in there.
        ++read;
        const StateDict found = variables(flipped);
        QCOMPARE(found.tensors.size(), good.tensors.size());
        for (const TensorView& view : good.tensors) {
            const TensorView& same = named(found, view.name);
            QVERIFY2(same.dtype == view.dtype && same.shape == view.shape
                    && std::equal(
                        same.bytes.begin(), same.bytes.end(), view.bytes.begin(), view.bytes.end()),
                view.name.c_str());
        }
    }
    // gzip's own time and checksum and the empty end of the tar can change unseen.
    QVERIFY2(read > 0 && refused > whole.size() * 3 / 4,
        qPrintable(QString("%1 read, %2 refused").arg(read).arg(refused)));
}

QTEST_APPLESS_MAIN(tst_TfArchives)
#include "tst_TfArchives.moc"
