// Checkpoints that TensorFlow wrote (tests/golden/make_tf_checkpoints.py), and damaged ones.

#include "core/checkpoint/KeyMap.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/checkpoint/TfCheckpointReader.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <cstring>
#include <vector>

#include "tests/core/checkpoint/Damage.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;
namespace fs = std::filesystem;

namespace {

fs::path data(const char* name)
{
    return dataDir() / "checkpoints/tf" / name;
}

/// A value of any of the types, as a double (64-bit numbers near their ends lose digits: both sides
/// do).
double valueAt(const TensorView& view, std::size_t i)
{
    const std::byte* at = view.bytes.data() + i * sizeOf(view.dtype);
    const auto as = [&](auto zero) {
        std::memcpy(&zero, at, sizeof zero);
        return static_cast<double>(zero);
    };
    switch (view.dtype) {
    case DType::F32:
        return as(float {});
    case DType::F64:
        return as(double {});
    case DType::I8:
        return as(std::int8_t {});
    case DType::U8:
    case DType::Bool:
        return as(std::uint8_t {});
    case DType::I16:
        return as(std::int16_t {});
    case DType::I32:
        return as(std::int32_t {});
    case DType::I64:
        return as(std::int64_t {});
    case DType::F16: {
        std::uint16_t bits = 0;
        std::memcpy(&bits, at, sizeof bits);
        const double sign = (bits & 0x8000U) != 0 ? -1.0 : 1.0;
        const int exponent = (bits >> 10U) & 31;
        const double fraction = bits & 1023U;
        return sign
            * (exponent == 0 ? std::ldexp(fraction, -24)
                             : std::ldexp(fraction + 1024.0, exponent - 25));
    }
    case DType::BF16:
        break;
    }
    return std::nan("");
}

QByteArray bytesOf(const fs::path& path)
{
    return contents(path);
}

std::span<const std::uint8_t> span(const QByteArray& bytes)
{
    return { reinterpret_cast<const std::uint8_t*>(bytes.constData()),
        static_cast<std::size_t>(bytes.size()) };
}

} // namespace

class tst_TfCheckpoint : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsWhatTensorFlowWrote_data();
    void readsWhatTensorFlowWrote();
    void joinsTheSlicesOfV1();
    void refusesThePartsOfV2();
    void tellsTheFormats();
    void truncationIsRefused_data();
    void truncationIsRefused();
    void flippedBitsAreRefused_data();
    void flippedBitsAreRefused();
    void damagedShardIsRefused();
    void missingShardIsNamed();
    void prefixIsEnough();
};

void tst_TfCheckpoint::readsWhatTensorFlowWrote_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("V1") << "tiny_v1.ckpt";
    QTest::newRow("V2") << "tiny_v2.ckpt.index";
    QTest::newRow("V2, two shards") << "tiny_sharded.ckpt.index";
}

void tst_TfCheckpoint::readsWhatTensorFlowWrote()
{
    QFETCH(QString, name);
    const StateDict state = readTfCheckpoint(data(qPrintable(name)));
    QFile file(QString::fromStdString(data("tiny.json").string()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonObject expected = QJsonDocument::fromJson(file.readAll()).object();
    QCOMPARE(qsizetype(state.tensors.size()), expected.size());
    const QMap<QString, QString> types { { "float32", "F32" }, { "float64", "F64" },
        { "float16", "F16" }, { "int8", "I8" }, { "uint8", "U8" }, { "int16", "I16" },
        { "int32", "I32" }, { "int64", "I64" }, { "bool", "BOOL" } };
    for (auto it = expected.begin(); it != expected.end(); ++it) {
        const TensorView* view = state.find(it.key().toStdString());
        QVERIFY2(view != nullptr, qPrintable(it.key()));
        const QJsonObject wanted = it.value().toObject();
        QCOMPARE(QString(nameOf(view->dtype)).toUpper(), types[wanted["dtype"].toString()]);
        const QJsonArray shape = wanted["shape"].toArray();
        QCOMPARE(qsizetype(view->shape.size()), shape.size());
        for (qsizetype d = 0; d < shape.size(); ++d)
            QCOMPARE(view->shape[std::size_t(d)], std::int64_t(shape[d].toInteger()));
        const QJsonArray values = wanted["values"].toArray();
        QCOMPARE(view->bytes.size(), std::size_t(values.size()) * sizeOf(view->dtype));
        for (qsizetype i = 0; i < values.size(); ++i) {
            const double found = valueAt(*view, std::size_t(i));
            const double value =
                values[i].isBool() ? double(values[i].toBool()) : values[i].toDouble();
            QVERIFY2(found == value,
                qPrintable(
                    QString("%1[%2]: %3, expected %4").arg(it.key()).arg(i).arg(found).arg(value)));
        }
    }
}

void tst_TfCheckpoint::joinsTheSlicesOfV1()
{
    const StateDict state = readTfCheckpoint(data("parted_v1.ckpt"));
    QCOMPARE(state.tensors.size(), std::size_t(1));
    const TensorView& view = state.tensors[0];
    QCOMPARE(view.shape, (std::vector<std::int64_t> { 10, 2 }));
    for (std::size_t i = 0; i < 20; ++i)
        QCOMPARE(valueAt(view, i), double(i));
}

void tst_TfCheckpoint::refusesThePartsOfV2()
{
    const Measured result = measured([] { (void)readTfCheckpoint(data("parted_v2.ckpt.index")); });
    QVERIFY2(result.text().contains("in several parts") && result.text().contains("parted"),
        qPrintable(result.text()));
}

void tst_TfCheckpoint::tellsTheFormats()
{
    QCOMPARE(checkHeader(data("tiny_v1.ckpt")), CheckpointFormat::TensorFlow);
    QCOMPARE(checkHeader(data("tiny_v2.ckpt")), CheckpointFormat::TensorFlow);
    QVERIFY(!isTfIndex(span(bytesOf(data("tiny_v1.ckpt"))), "v1"));
    QVERIFY(isTfIndex(span(bytesOf(data("tiny_v2.ckpt.index"))), "v2"));
}

void tst_TfCheckpoint::truncationIsRefused_data()
{
    QTest::addColumn<QString>("name");
    QTest::newRow("V1") << "tiny_v1.ckpt";
    QTest::newRow("V2") << "tiny_v2.ckpt.index";
}

void tst_TfCheckpoint::truncationIsRefused()
{
    QFETCH(QString, name);
    const QByteArray good = bytesOf(data(qPrintable(name)));
    const bool index = name.endsWith(".index");
    const QByteArray shard = bytesOf(data("tiny_v2.ckpt.data-00000-of-00001"));
    for (int part = 0; part < 64; ++part) {
        const QByteArray cut = good.left(good.size() * part / 64);
        const Measured result = measured([&] {
            if (index)
                (void)readTfV2(
                    span(cut), [&](int, int) { return span(shard); }, nullptr, "cut.index");
            else
                (void)readTfV1(span(cut), "cut.ckpt");
        });
        VERIFY_REFUSED(result, "cut.");
    }
}

void tst_TfCheckpoint::flippedBitsAreRefused_data()
{
    truncationIsRefused_data();
}

void tst_TfCheckpoint::flippedBitsAreRefused()
{
    QFETCH(QString, name);
    const QByteArray good = bytesOf(data(qPrintable(name)));
    const bool index = name.endsWith(".index");
    const QByteArray shard = bytesOf(data("tiny_v2.ckpt.data-00000-of-00001"));
    int refused = 0;
    int tried = 0;
    // Every byte of an index; of the long file a sample and its whole end (handles and footer).
    const qsizetype step = index ? 1 : 37;
    for (qsizetype at = 0; at < good.size(); at += at < good.size() - 300 ? step : 1) {
        QByteArray flipped = good;
        flipped[at] = char(flipped[at] ^ (1 << (at % 8)));
        ++tried;
        const Measured result = measured([&] {
            if (index)
                (void)readTfV2(
                    span(flipped), [&](int, int) { return span(shard); }, nullptr, "flip.index");
            else
                (void)readTfV1(span(flipped), "flip.ckpt");
        });
        if (result.error) {
            VERIFY_REFUSED(result, "flip.");
            ++refused;
        }
    }
    // Blocks have checksums; what remains is the padding of the footer and such.
    QVERIFY2(refused > tried * 85 / 100, qPrintable(QString("%1 of %2").arg(refused).arg(tried)));
}

void tst_TfCheckpoint::damagedShardIsRefused()
{
    const QByteArray index = bytesOf(data("tiny_v2.ckpt.index"));
    const QByteArray good = bytesOf(data("tiny_v2.ckpt.data-00000-of-00001"));
    const auto read = [&](const QByteArray& bytes) {
        return measured([&] {
            (void)readTfV2(
                span(index), [&](int, int) { return span(bytes); }, nullptr, "a.index");
        });
    };
    QVERIFY2(!read(good).error, qPrintable(read(good).text()));
    // Its tensors leave no byte over: every cut meets one.
    std::vector<qsizetype> lengths { good.size() - 1 };
    lengths.reserve(65);
    for (qsizetype part = 0; part < 64; ++part)
        lengths.push_back(good.size() * part / 64);
    for (const qsizetype length : lengths) {
        const Measured result = read(good.left(length));
        VERIFY_REFUSED(result, "a.index");
        QVERIFY2(result.text().contains("outside its shard"), qPrintable(result.text()));
    }
    for (qsizetype at = 0; at < good.size(); at += 37) {
        QByteArray flipped = good;
        flipped[at] = char(flipped[at] ^ (1 << (at % 8)));
        const Measured result = read(flipped);
        VERIFY_REFUSED(result, "a.index");
        QVERIFY2(result.text().contains("damaged values"), qPrintable(result.text()));
    }
}

void tst_TfCheckpoint::missingShardIsNamed()
{
    const QTemporaryDir folder;
    const QString place = folder.filePath("alone.ckpt.index");
    QVERIFY(QFile::copy(QString::fromStdString(data("tiny_v2.ckpt.index").string()), place));
    const Measured result = measured([&] { (void)readTfCheckpoint(place.toStdString()); });
    QVERIFY2(result.text().contains("alone.ckpt.data-00000-of-00001"), qPrintable(result.text()));
}

void tst_TfCheckpoint::prefixIsEnough()
{
    QCOMPARE(readTfCheckpoint(data("tiny_v2.ckpt")).tensors.size(),
        readTfCheckpoint(data("tiny_v2.ckpt.index")).tensors.size());
}

QTEST_APPLESS_MAIN(tst_TfCheckpoint)
#include "tst_TfCheckpoint.moc"
