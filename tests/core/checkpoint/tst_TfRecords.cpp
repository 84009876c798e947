// TensorFlow's records behind good checksums: tables that LevelDB itself writes around entries that
// TensorFlow would never write.

#include "core/checkpoint/Crc32c.h"
#include "core/checkpoint/TfCheckpointReader.h"

#include <QtTest/QtTest>

#include "tests/core/base/Measured.h"
#include "tests/core/checkpoint/TfWire.h"
#include "tests/fuzz/TableMaker.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

const std::vector<std::uint8_t>& shard()
{
    static const std::vector<std::uint8_t> kShard(64, 3);
    return kShard;
}

/// A BundleEntryProto of the shard's bytes [offset, offset + size), its checksum right if they are
/// there.
std::string entry(int dtype, const std::vector<std::int64_t>& sides, std::int64_t offset,
    std::int64_t size, std::int64_t shardId = 0)
{
    std::uint32_t crc = 0;
    if (offset >= 0 && size >= 0 && offset <= 64 && size <= 64 - offset)
        crc = maskedCrc32c(std::span(shard()).subspan(
            static_cast<std::size_t>(offset), static_cast<std::size_t>(size)));
    return bundleEntry(dtype, sides, shardId, offset, size, crc);
}

using Records = std::map<std::string, std::string>;

Measured readIndex(const Records& records)
{
    return measured([&] {
        (void)readTfV2(
            fuzz::makeTable(records, false), [](int, int) { return std::span(shard()); }, nullptr,
            "made.index");
    });
}

/// V1: SavedTensorSlices with the list of variables, and one slice each.
std::string listed(const std::string& name, int dtype, const std::vector<std::int64_t>& sides)
{
    return message(1, message(1, name) + message(2, shape(sides)) + number(3, dtype));
}

std::string slice(const std::string& name, const std::vector<std::pair<int, int>>& extents,
    const std::string& values)
{
    std::string box;
    for (const auto& [start, length] : extents)
        box += message(1, number(1, start) + (length < 0 ? "" : number(2, length)));
    return message(2, message(1, name) + message(2, box) + message(3, values));
}

std::string floats(int count)
{
    return message(5, std::string(static_cast<std::size_t>(count) * 4, '\1'));
}

Measured readSaved(const Records& records)
{
    return measured([&] { (void)readTfV1(fuzz::makeTable(records, true), "made.ckpt"); });
}

} // namespace

class tst_TfRecords : public QObject
{
    Q_OBJECT

private slots:
    void goodRecordsAreRead();
    void badIndexesAreRefused_data();
    void badIndexesAreRefused();
    void badSlicesAreRefused_data();
    void badSlicesAreRefused();
};

/// What is wrong below is what the case says, and not the way it was made.
void tst_TfRecords::goodRecordsAreRead()
{
    const auto table =
        fuzz::makeTable({ { "", bundleHeader() }, { "a", entry(kFloat, { 2, 3 }, 8, 24) },
                            { "b", entry(kFloat, { 2 }, 32, 8) } },
            true);
    const StateDict state = readTfV2(
        table, [](int, int) { return std::span(shard()); }, nullptr, "made.index");
    QCOMPARE(state.tensors.size(), std::size_t(2));
    QCOMPARE(state.find("a")->shape, (std::vector<std::int64_t> { 2, 3 }));
    const Measured saved = readSaved({ { "", message(1, listed("v", kFloat, { 4 })) },
        { "v1", slice("v", { { 0, 2 } }, floats(2)) },
        { "v2", slice("v", { { 2, 2 } }, floats(2)) } });
    QVERIFY2(!saved.error, qPrintable(saved.text()));
}

void tst_TfRecords::badIndexesAreRefused_data()
{
    QTest::addColumn<QString>("said");
    QTest::addColumn<std::map<std::string, std::string>>("records");
    const auto row = [](const char* name, const char* said, const Records& records) {
        QTest::newRow(name) << QString(said) << records;
    };
    const auto one = [&](const char* name, const char* said, const std::string& bytes) {
        row(name, said, { { "", bundleHeader() }, { "a", bytes } });
    };
    one("unknown type", "type not known", entry(99, { 2 }, 0, 8));
    one("complex type", "type not known", entry(8, { 1 }, 0, 8));
    one("shape and size differ", "size does not fit the shape", entry(kFloat, { 3 }, 0, 8));
    one("negative side", "size does not fit the shape", entry(kFloat, { -2 }, 0, 8));
    one("negative size", "size does not fit the shape", entry(kFloat, { 2 }, 0, -8));
    one("sides overflow to 0", "size does not fit the shape",
        entry(kFloat, { std::int64_t { 1 } << 32, std::int64_t { 1 } << 32 }, 0, 0));
    one("sides overflow to 8", "size does not fit the shape",
        entry(kFloat, { (std::int64_t { 1 } << 62) + 1, 2 }, 0, 8));
    one("begins behind the shard", "outside its shard", entry(kFloat, { 2 }, 65, 8));
    one("ends behind the shard", "outside its shard", entry(kFloat, { 2 }, 60, 8));
    one("negative offset", "outside its shard", entry(kFloat, { 2 }, -8, 8));
    one("offset + size overflows", "outside its shard", entry(kFloat, { 2 }, INT64_MAX - 3, 8));
    one("another shard", "shard not there", entry(kFloat, { 2 }, 0, 8, 1));
    one("negative shard", "shard not there", entry(kFloat, { 2 }, 0, 8, -1));
    one("wrong checksum", "damaged values",
        number(1, kFloat) + message(2, shape({ 2 })) + number(5, 8) + fixed32(6, 7));
    one("in several parts", "in several parts",
        entry(kFloat, { 2 }, 0, 8) + message(7, message(1, number(1, 0))));
    one("no record", "a record of the format", "\xff\xff\xff");
    row("overlap", "tensors overlap",
        { { "", bundleHeader() }, { "a", entry(kFloat, { 4 }, 0, 16) },
            { "b", entry(kFloat, { 4 }, 12, 16) } });
    row("the same bytes twice", "tensors overlap",
        { { "", bundleHeader() }, { "a", entry(kFloat, { 4 }, 0, 16) },
            { "b", entry(kFloat, { 4 }, 0, 16) } });
    Records many { { "", bundleHeader() } };
    for (int i = 0; i < 200; ++i)
        many["t" + std::to_string(i)] = entry(kFloat, { 16 }, 0, 64);
    row("the same bytes 200 times", "tensors overlap", many);
    Records empty { { "", bundleHeader() } };
    for (int i = 0; i <= 100'000; ++i)
        empty["t" + std::to_string(i)] = entry(kFloat, { 0 }, 0, 0);
    row("100,001 tensors", "at most 100000", empty);
    row("no shards", "1 to 99999 shards", { { "", bundleHeader(0) } });
    row("too many shards", "1 to 99999 shards", { { "", bundleHeader(100'000) } });
    row("big-endian", "of another machine", { { "", bundleHeader(1, 1) } });
    row("no header", "a header first", { { "a", entry(kFloat, { 2 }, 0, 8) } });
}

void tst_TfRecords::badIndexesAreRefused()
{
    QFETCH(const QString, said);
    QFETCH(const Records, records);
    const Measured result = readIndex(records);
    VERIFY_REFUSED(result, "made.index");
    QVERIFY2(result.text().contains(said), qPrintable(result.text()));
}

void tst_TfRecords::badSlicesAreRefused_data()
{
    QTest::addColumn<QString>("said");
    QTest::addColumn<std::map<std::string, std::string>>("records");
    const auto row = [](const char* name, const char* said, const std::string& list,
                         const std::vector<std::string>& slices) {
        Records records { { "", message(1, list) } };
        for (std::size_t i = 0; i < slices.size(); ++i)
            records["s" + std::to_string(i)] = slices[i];
        QTest::newRow(name) << QString(said) << records;
    };
    const std::string four = listed("v", kFloat, { 4 });
    row("unknown type", "type not known", listed("v", 99, { 4 }), {});
    row("listed twice", "listed twice", four + four, {});
    row("negative side", "cannot hold", listed("v", kFloat, { -4 }), {});
    row("sides overflow", "cannot hold",
        listed("v", kFloat, { std::int64_t { 1 } << 40, std::int64_t { 1 } << 40 }), {});
    row("more than the file can hold", "cannot hold",
        listed("v", kFloat, { std::int64_t { 1 } << 40 }), {});
    std::string empty;
    for (int i = 0; i <= 100'000; ++i)
        empty += listed("t" + std::to_string(i), kFloat, { 0 });
    row("100,001 variables", "at most 100000", empty, {});
    row("slice outside", "slice outside", four, { slice("v", { { 2, 3 } }, floats(3)) });
    row("slice begins before", "slice outside", four, { slice("v", { { -1, 2 } }, floats(2)) });
    row("slice of another rank", "slice outside", four,
        { slice("v", { { 0, 2 }, { 0, 1 } }, floats(2)) });
    row("too few values", "does not fit the slice", four, { slice("v", { { 0, 4 } }, floats(3)) });
    row("overlapping slices", "values given twice", four,
        { slice("v", { { 0, 3 } }, floats(3)), slice("v", { { 2, 2 } }, floats(2)) });
    row("missing values", "values missing", four, { slice("v", { { 0, 2 } }, floats(2)) });
    row("values of another type", "values of another type", four,
        { slice("v", { { 0, 4 } }, number(1, 9) + floats(4)) });
    row("not listed", "not listed", four,
        { slice("v", { { 0, 4 } }, floats(4)), slice("w", { { 0, 4 } }, floats(4)) });
}

void tst_TfRecords::badSlicesAreRefused()
{
    QFETCH(const QString, said);
    QFETCH(const Records, records);
    const Measured result = readSaved(records);
    VERIFY_REFUSED(result, "made.ckpt");
    QVERIFY2(result.text().contains(said), qPrintable(result.text()));
}

QTEST_APPLESS_MAIN(tst_TfRecords)
#include "tst_TfRecords.moc"
