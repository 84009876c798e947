// TF-Slim's variable names against the members of our networks; archives of checkpoints.

#include "core/base/Archive.h"
#include "core/checkpoint/KeyMap.h"
#include "core/checkpoint/LoadInto.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/checkpoint/TfCheckpointReader.h"
#include "core/nets/Net.h"

#include <torch/torch.h>

#include <QtTest/QtTest>

#include <algorithm>
#include <cstring>
#include <deque>
#include <fstream>
#include <limits>
#include <sstream>

#include "tests/core/base/Measured.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

/// Variables of both TF-Slim graphs with their shapes, as TensorFlow listed them. The last side of
/// a value is its index over 7, so that layouts can be told.
struct Variables
{
    StateDict state;
    std::deque<std::vector<float>> values;

    explicit Variables(const std::function<bool(const std::string&)>& wanted)
    {
        std::ifstream list(dataDir() / "checkpoints/tf/slim_variables.txt");
        std::string name;
        std::string shape;
        while (list >> name >> shape)
            if (wanted(name))
                add(name, sides(shape));
    }

    void add(const std::string& name, const std::vector<std::int64_t>& shape)
    {
        std::int64_t count = 1;
        for (const std::int64_t side : shape)
            count *= side;
        auto& own = values.emplace_back(std::size_t(count));
        for (std::size_t i = 0; i < own.size(); ++i)
            own[i] = float(i % 8191) / 7.0F;
        state.tensors.push_back(
            { name, DType::F32, shape, std::as_bytes(std::span<const float>(own)) });
    }

    static std::vector<std::int64_t> sides(const std::string& text)
    {
        std::vector<std::int64_t> shape;
        std::istringstream parts(text);
        for (std::string side; std::getline(parts, side, 'x');)
            shape.push_back(std::stoll(side));
        return shape;
    }
};

const TensorView& named(const StateDict& state, const std::string& name)
{
    const TensorView* view = state.find(name);
    if (view == nullptr)
        qFatal("no %s", name.c_str());
    return *view;
}

} // namespace

class tst_KeyMap : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mapsEveryVariable_data();
    void mapsEveryVariable();
    void turnsConvolutions();
    void leavesTrainingStateOut();
    void auxiliaryHeadMayBeMissing();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void badValuesAreRefused();
    void archivesStayInTheirFolder_data();
    void archivesStayInTheirFolder();
    void archiveLimits();
    void readsAnArchivedCheckpoint();
    void cutArchivesAreRefused();
    void flippedArchivesAreRefused();
};

void tst_KeyMap::mapsEveryVariable_data()
{
    QTest::addColumn<QString>("architecture");
    QTest::newRow("v3") << "inception-v3";
    QTest::newRow("resnet v2") << "inception-resnet-v2";
}

void tst_KeyMap::mapsEveryVariable()
{
    // Both networks in one file, as the competition's combined checkpoint has them.
    QFETCH(QString, architecture);
    Variables both([](const std::string&) { return true; });
    both.add("global_step", { 1 });
    const StateDict mapped = mapTfVariables(both.state, architecture.toStdString(), "both.ckpt");
    NetOptions options;
    options.classes = 1001;
    options.auxHead = true;
    const auto net = makeNet(architecture.toStdString(), options);
    loadInto(*net, mapped, "both.ckpt"); // strict: nothing missing, nothing left over, shapes equal
    std::size_t members = net->named_parameters().size();
    for (const auto& buffer : net->named_buffers())
        members += buffer.key().ends_with("num_batches_tracked") ? 0U : 1U;
    QCOMPARE(mapped.tensors.size(), members);
}

void tst_KeyMap::turnsConvolutions()
{
    const Variables all([](const std::string& name) { return name.starts_with("InceptionV3/"); });
    const StateDict mapped = mapTfVariables(all.state, "inception-v3", "a.ckpt");
    const torch::Tensor from =
        toTensor(named(all.state, "InceptionV3/Mixed_6b/Branch_1/Conv2d_0b_1x7/weights"));
    const torch::Tensor to = toTensor(named(mapped, "Mixed_6b.branch7x7_2.conv.weight"));
    QVERIFY(torch::equal(to, from.permute({ 3, 2, 0, 1 })));
    const torch::Tensor logits =
        toTensor(named(all.state, "InceptionV3/Logits/Conv2d_1c_1x1/weights"));
    QVERIFY(torch::equal(toTensor(named(mapped, "fc.weight")), logits[0][0].t()));
    const torch::Tensor gamma = toTensor(named(mapped, "Mixed_6b.branch7x7_2.bn.weight"));
    QVERIFY(torch::equal(gamma, torch::ones({ 128 })));
}

void tst_KeyMap::leavesTrainingStateOut()
{
    Variables all([](const std::string& name) { return name.starts_with("InceptionV3/"); });
    const std::size_t before = mapTfVariables(all.state, "inception-v3", "a.ckpt").tensors.size();
    for (const char* end : { "ExponentialMovingAverage", "RMSProp", "RMSProp_1", "Momentum" })
        all.add(std::string("InceptionV3/Conv2d_1a_3x3/weights/") + end, { 3, 3, 3, 32 });
    QCOMPARE(mapTfVariables(all.state, "inception-v3", "a.ckpt").tensors.size(), before);
}

void tst_KeyMap::auxiliaryHeadMayBeMissing()
{
    const Variables plain([](const std::string& name) {
        return name.starts_with("InceptionResnetV2/")
            && name.find("AuxLogits") == std::string::npos;
    });
    const StateDict mapped = mapTfVariables(plain.state, "inception-resnet-v2", "a.ckpt");
    QVERIFY(mapped.find("AuxLogits.fc.weight") == nullptr);
    const auto net = makeNet("inception-resnet-v2", 1001);
    loadInto(*net, mapped, "a.ckpt");
}

void tst_KeyMap::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("change");
    QTest::addColumn<QString>("said");
    QTest::newRow("missing") << "-InceptionV3/Mixed_5b/Branch_0/Conv2d_0a_1x1/weights"
                             << "Mixed_5b/Branch_0/Conv2d_0a_1x1/weights";
    QTest::newRow("unknown") << "+InceptionV3/Mixed_9z/weights"
                             << "InceptionV3/Mixed_9z/weights";
    QTest::newRow("half an auxiliary head") << "-InceptionV3/AuxLogits/Conv2d_2b_1x1/biases"
                                            << "AuxLogits/Conv2d_2b_1x1/biases";
}

void tst_KeyMap::saysWhatIsWrong()
{
    QFETCH(QString, change);
    QFETCH(QString, said);
    const std::string name = change.mid(1).toStdString();
    const bool add = change.startsWith('+');
    Variables variables([&](const std::string& found) {
        return found.starts_with("InceptionV3/") && (add || found != name);
    });
    if (add)
        variables.add(name, { 2 });
    const Measured result =
        measured([&] { (void)mapTfVariables(variables.state, "inception-v3", "wrong.ckpt"); });
    VERIFY_REFUSED(result, "wrong.ckpt");
    QVERIFY2(result.text().contains(said), qPrintable(result.text()));
    const Measured other = measured(
        [&] { (void)mapTfVariables(variables.state, "inception-resnet-v2", "wrong.ckpt"); });
    QVERIFY2(other.text().contains("no such network"), qPrintable(other.text()));
    const Measured none = measured(
        [&] { (void)mapTfVariables(variables.state, "efficientnet-lite0", "wrong.ckpt"); });
    QVERIFY2(none.text().contains("no TensorFlow names"), qPrintable(none.text()));
}

/// Of the right name, but of another rank, another shape, or no numbers.
void tst_KeyMap::badValuesAreRefused()
{
    const std::string name = "InceptionV3/Conv2d_2a_3x3/weights"; // [3, 3, 32, 32]
    const auto others = [&](const std::string& found) {
        return found.starts_with("InceptionV3/") && found != name
            && found.find("AuxLogits") == std::string::npos;
    };
    const auto load = [&](const Variables& variables) {
        return measured([&] {
            const auto net = makeNet("inception-v3", 1001);
            loadInto(*net, mapTfVariables(variables.state, "inception-v3", "bad.ckpt"), "bad.ckpt");
        });
    };
    Variables variables(others);
    const std::size_t count = variables.state.tensors.size();
    variables.add(name, { 9, 32, 32 });
    QVERIFY2(load(variables).text().contains("weight of another rank"),
        qPrintable(load(variables).text()));
    variables.state.tensors.resize(count);
    variables.add(name, { 3, 3, 32, 31 });
    const QString shape = load(variables).text();
    QVERIFY2(shape.contains("Conv2d_2a_3x3.conv.weight expected [32, 32, 3, 3], found "
                            "[31, 32, 3, 3]"),
        qPrintable(shape));
    variables.state.tensors.resize(count);
    variables.add(name, { 3, 3, 32, 32 });
    std::fill(variables.values.back().begin(), variables.values.back().end(),
        std::numeric_limits<float>::quiet_NaN());
    const QString nan = load(variables).text();
    QVERIFY2(nan.contains("NaN or infinity in: Conv2d_2a_3x3.conv.weight"), qPrintable(nan));
    QVERIFY2(!nan.contains('\n'), qPrintable(nan));
}

namespace {

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

void tst_KeyMap::archivesStayInTheirFolder_data()
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

void tst_KeyMap::archivesStayInTheirFolder()
{
    QFETCH(QByteArray, entry);
    QFETCH(QString, said);
    const Measured result = measured([&] { (void)readTar(span(entry), "bad.tar", everything); });
    VERIFY_REFUSED(result, "bad.tar");
    QVERIFY2(result.text().contains(said), qPrintable(result.text()));
}

void tst_KeyMap::archiveLimits()
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

void tst_KeyMap::readsAnArchivedCheckpoint()
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

void tst_KeyMap::cutArchivesAreRefused()
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

void tst_KeyMap::flippedArchivesAreRefused()
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

QTEST_APPLESS_MAIN(tst_KeyMap)
#include "tst_KeyMap.moc"
