// WebP, AVIF, TIFF, GIF and BMP that are cut, damaged, endless or larger than they are.
#include "core/base/Random.h"
#include "core/image/Codec.h"

#include <QTest>

#include "tests/core/base/Measured.h"
#include "tests/core/image/BmpGifMaker.h"
#include "tests/core/image/PictureMaker.h"
#include "tests/core/image/TiffMaker.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

#if defined(__SANITIZE_ADDRESS__)
constexpr std::int64_t kMostMegabytes = 256 + 2048; // the sanitizer keeps what was freed
#else
constexpr std::int64_t kMostMegabytes = 256 + 16;
#endif

std::span<const std::uint8_t> bytesOf(const QByteArray& bytes)
{
    return { reinterpret_cast<const std::uint8_t*>(bytes.constData()),
        static_cast<std::size_t>(bytes.size()) };
}

/// A little-endian TIFF of tags in their order: tag, type, count, value or place.
struct Tag
{
    int tag;
    int type;
    quint32 count;
    quint32 value;
};

QByteArray rawTiff(const std::vector<Tag>& tags, const QByteArray& data, quint32 next = 0)
{
    QByteArray bytes =
        "II*" + QByteArray(1, '\0') + littleEndian(8, 4) + littleEndian(tags.size(), 2);
    for (const Tag& tag : tags)
        bytes += littleEndian(static_cast<quint64>(tag.tag), 2)
            + littleEndian(static_cast<quint64>(tag.type), 2) + littleEndian(tag.count, 4)
            + littleEndian(tag.value, 4);
    return bytes + littleEndian(next, 4) + data;
}

/// Grey of 8 bits; its data begin behind ten tags and the next directory's place.
std::vector<Tag> greyTags(quint32 width, quint32 height, quint32 bytes)
{
    return { { 256, 4, 1, width }, { 257, 4, 1, height }, { 258, 3, 1, 8 }, { 259, 3, 1, 1 },
        { 262, 3, 1, 1 }, { 273, 4, 1, 8 + 2 + 12 * 9 + 4 }, { 277, 3, 1, 1 },
        { 278, 4, 1, height }, { 279, 4, 1, bytes } };
}

} // namespace

class TestHostileFormats : public QObject
{
    Q_OBJECT

private slots:
    void samples_data();
    void everyTruncationIsRefused_data() { samples_data(); }
    void everyTruncationIsRefused();
    void flippedBitsNeverCrash_data() { samples_data(); }
    void flippedBitsNeverCrash();
    void deadlinesAndStopsAreKept_data() { samples_data(); }
    void deadlinesAndStopsAreKept();
    void claimsAreRefused_data();
    void claimsAreRefused();
    void directoriesLeadNowhere();
    void tagsTakeNoMemory();
    void largePicturesKeepToTheirMemory();
    void framesWithoutEnd();
};

void TestHostileFormats::samples_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const Image image = pattern(61, 45);
    QTest::newRow("webp") << losslessWebp(image.rgb, 61, 3);
    QTest::newRow("webp, alpha") << losslessWebp(withAlpha(image), 61, 4);
    QTest::newRow("avif") << losslessAvif(image.rgb, 61, 3);
    QTest::newRow("avif, alpha") << losslessAvif(withAlpha(image), 61, 4);
    TiffKind kind;
    kind.compression = COMPRESSION_LZW;
    QTest::newRow("tiff") << tiffOf(kind, 61, 45, rowsOfBytes(image.rgb, 61, 3));
    kind.tile = 16;
    QTest::newRow("tiff, tiles") << tiffOf(kind, 61, 45, rowsOfBytes(image.rgb, 61, 3));
    QTest::newRow("gif") << gifOf(61, 45, 256, { { 0, 0, 61, 45, false, 3 } });
    QTest::newRow("bmp, 8") << bmpOf(61, 45, 8, 40, false).bytes;
    QTest::newRow("bmp, 32") << bmpOf(61, 45, 32, 124, false).bytes;
}

void TestHostileFormats::everyTruncationIsRefused()
{
    QFETCH(QByteArray, bytes);
    QVERIFY(!decodeImage(bytesOf(bytes), "whole").empty());
    for (int part = 0; part < 64; ++part) {
        const QByteArray cut = bytes.left(bytes.size() * part / 64);
        const Measured result = measured([&] { (void)decodeImage(bytesOf(cut), "cut.png"); });
        VERIFY_REFUSED(result, "cut.png");
    }
}

void TestHostileFormats::flippedBitsNeverCrash()
{
    QFETCH(QByteArray, bytes);
    RandomStream random(mixSeed({ 2, static_cast<std::uint64_t>(bytes.size()) }));
    for (int i = 0; i < 300; ++i) {
        QByteArray damaged = bytes;
        for (std::uint64_t flips = 0; flips < 1 + random.next() % 3; ++flips) {
            const auto at =
                static_cast<qsizetype>(random.next() % static_cast<std::uint64_t>(bytes.size()));
            damaged[at] = static_cast<char>(damaged[at] ^ (1 << random.next() % 8));
        }
        const Measured result = measured([&] {
            const Image image = decodeImage(bytesOf(damaged), "flipped.png");
            QCOMPARE(image.rgb.size(),
                static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height)
                    * 3U);
        });
        if (result.error)
            VERIFY_REFUSED(result, "flipped.png");
    }
}

void TestHostileFormats::deadlinesAndStopsAreKept()
{
    QFETCH(QByteArray, bytes);
    DecodeLimits limits;
    limits.deadlineMs = 0;
    const Measured late =
        measured([&] { (void)decodeImage(bytesOf(bytes), "late.png", {}, limits); });
    VERIFY_REFUSED(late, "late.png");
    QVERIFY2(late.text().contains("takes too long"), qPrintable(late.text()));
    const QTemporaryDir folder;
    QFile file(folder.filePath("stopped"));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
    file.close();
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(readImage(file.fileName().toStdString(), {}, {}, TimeLimit(10'000, stop.get_token()))
                .empty());
    for (const auto& [side, pixels, memory] : std::initializer_list<std::array<std::uint64_t, 3>> {
             { 60, 1'000'000, 1 << 28 }, { 100, 2744, 1 << 28 }, { 100, 1'000'000, 4096 } }) {
        limits = {};
        limits.maxSide = static_cast<int>(side);
        limits.maxPixels = pixels;
        limits.maxMemoryBytes = memory;
        const Measured large =
            measured([&] { (void)decodeImage(bytesOf(bytes), "large.png", {}, limits); });
        VERIFY_REFUSED(large, "large.png");
    }
}

void TestHostileFormats::claimsAreRefused_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("webp of 16384 a side")
        << extendedWebp(1 << 24, 1 << 24, 0, losslessWebp(pattern(8, 8).rgb, 8, 3).mid(12), {});
    QTest::newRow("webp, canvas and picture differ")
        << extendedWebp(9000, 9000, 0, losslessWebp(pattern(8, 8).rgb, 8, 3).mid(12), {});
    QTest::newRow("tiff") << rawTiff(greyTags(16000, 6000, 100), QByteArray(100, 'x'));
    QTest::newRow("tiff of 4 billion a side")
        << rawTiff(greyTags(0xffffffffU, 0xffffffffU, 100), QByteArray(100, 'x'));
    QTest::newRow("gif") << QByteArray("GIF89a") + littleEndian(16000, 2) + littleEndian(5000, 2)
            + QByteArray::fromHex("000000") + "," + QByteArray(4, '\0') + littleEndian(16000, 2)
            + littleEndian(5000, 2) + QByteArray::fromHex("0002024c01003b");
    QTest::newRow("bmp") << bmpFile(bmpHeader(40, 16000, 5000, 8, 0, {}), bmpPalette(8, 40), "x");
    QTest::newRow("packed bmp") << packedBmp(16000, 5000, 8, QByteArray::fromHex("0001"));
    QTest::newRow("bmp, the lowest height")
        << bmpFile(bmpHeader(40, 8, static_cast<int>(0x80000000U), 24, 0, {}), {}, "x");
}

void TestHostileFormats::claimsAreRefused()
{
    QFETCH(QByteArray, bytes);
    const Measured result = measured([&] { (void)decodeImage(bytesOf(bytes), "claim.png"); });
    VERIFY_REFUSED(result, "claim.png");
    QVERIFY2(result.megabytes < 16, qPrintable(QString::number(result.megabytes)));
}

void TestHostileFormats::directoriesLeadNowhere()
{
    // The next directory is this one: nobody goes there.
    const QByteArray data(64, 'x');
    const QByteArray itself = rawTiff(greyTags(8, 8, 64), data, 8);
    const Image image = decodeImage(bytesOf(itself), "memory");
    QCOMPARE(image.width, 8);
    QCOMPARE(int { image.rgb[0] }, int { 'x' });
    for (const quint32 next : { 1U, 0xffffffffU, 12U })
        QVERIFY(!decodeImage(bytesOf(rawTiff(greyTags(8, 8, 64), data, next)), "m").empty());
    QByteArray many = itself;
    many[8] = many[9] = '\xff'; // 65535 tags
    const Measured result = measured([&] { (void)decodeImage(bytesOf(many), "many.tif"); });
    VERIFY_REFUSED(result, "many.tif");
}

void TestHostileFormats::tagsTakeNoMemory()
{
    // 200 texts that share the same 100 MB.
    std::vector<Tag> tags = greyTags(8, 8, 64);
    for (int i = 0; i < 200; ++i)
        tags.push_back({ 33000 + i, 2, 100U << 20U, 64 });
    const QByteArray bytes = rawTiff(tags, QByteArray(101 << 20, 'x'));
    const Measured result = measured([&] { (void)decodeImage(bytesOf(bytes), "tags.tif"); });
    QVERIFY2(!result.error, qPrintable(result.text()));
    QVERIFY2(
        result.megabytes < kMostMegabytes - 240, qPrintable(QString::number(result.megabytes)));
    tags = greyTags(8, 8, 64);
    tags[5] = { 273, 4, 20U << 20U, 64 }; // 20 million strips
    const QByteArray strips = rawTiff(tags, QByteArray(90 << 20, 'x'));
    const Measured refused = measured([&] { (void)decodeImage(bytesOf(strips), "strips.tif"); });
    VERIFY_REFUSED(refused, "strips.tif");
}

void TestHostileFormats::largePicturesKeepToTheirMemory()
{
    TiffKind kind;
    kind.samples = 1;
    kind.photometric = PHOTOMETRIC_MINISBLACK;
    kind.compression = COMPRESSION_ADOBE_DEFLATE;
    kind.rowsPerStrip = 9000;
    const std::vector<std::uint8_t> row(9300);
    const QByteArray tiff = tiffOf(kind, 9300, 9000, [&row](int, int) { return row; });
    const QByteArray webp =
        losslessWebp(std::vector<std::uint8_t>(std::size_t { 6000 } * 6000 * 3), 6000, 3);
    for (const QByteArray& bytes : { tiff, webp }) {
        const Measured result = measured([&] { (void)decodeImage(bytesOf(bytes), "large"); });
        QVERIFY2(!result.error, qPrintable(result.text()));
        QVERIFY2(result.megabytes < kMostMegabytes, qPrintable(QString::number(result.megabytes)));
    }
}

void TestHostileFormats::framesWithoutEnd()
{
    // 200,000 frames, of which the first is read; then as many extensions before there is one.
    const QByteArray gif = gifOf(8, 8, 2, { { 0, 0, 8, 8, false, -1 } });
    const qsizetype frameAt = gif.indexOf("!\xf9");
    const QByteArray frame = gif.mid(frameAt).chopped(1);
    const QByteArray frames = gif.left(frameAt) + frame.repeated(200'000) + ";";
    const QByteArray extensions =
        gif.left(frameAt) + QByteArray("!\xfe\x01x\0", 5).repeated(1'000'000) + gif.mid(frameAt);
    for (const QByteArray& bytes : { frames, extensions }) {
        const Measured result = measured([&] { (void)decodeImage(bytesOf(bytes), "film.gif"); });
        QVERIFY2(!result.error, qPrintable(result.text()));
        QVERIFY2(result.milliseconds < 3000, qPrintable(QString::number(result.milliseconds)));
    }
}

QTEST_GUILESS_MAIN(TestHostileFormats)
#include "tst_HostileFormats.moc"
