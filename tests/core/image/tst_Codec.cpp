#include "core/base/AtomicFile.h"
#include "core/base/Random.h"
#include "core/base/Sha256.h"
#include "core/image/Codec.h"
#include "core/image/Exif.h"
#include "core/image/ImageDiff.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include "tests/core/base/Measured.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using crossiter::test::Measured;
using crossiter::test::measured;

namespace {

std::filesystem::path imageFile(const QString& name)
{
    return test::dataDir() / "images" / name.toStdString();
}

QByteArray contents(const std::filesystem::path& path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

std::span<const std::uint8_t> bytesOf(const QByteArray& bytes)
{
    return { reinterpret_cast<const std::uint8_t*>(bytes.constData()),
        static_cast<std::size_t>(bytes.size()) };
}

QJsonObject expectations()
{
    return QJsonDocument::fromJson(contents(imageFile("images.json"))).object();
}

Image imageOf(int width, const QString& hex)
{
    const QByteArray bytes = QByteArray::fromHex(hex.toLatin1());
    Image image(width, static_cast<int>(bytes.size()) / 3 / width);
    image.rgb.assign(bytes.begin(), bytes.end());
    return image;
}

} // namespace

class TestCodec : public QObject
{
    Q_OBJECT

private slots:
    void everyKindDecodesToItsPixels_data();
    void everyKindDecodesToItsPixels();
    void namesDoNotDecide();
    void photosDecodeToPillowsBytes();
    void badFilesAreRefused_data();
    void badFilesAreRefused();
    void whatIsNoFileIsRefused();
    void everyTruncationIsRefused_data();
    void everyTruncationIsRefused();
    void flippedBitsNeverCrash_data();
    void flippedBitsNeverCrash();
    void limitsAreObeyed();
    void damagedExifCountsAsUpright();
    void pngsSurviveARoundTrip();
    void pngsAreDeterministicAndPlain();
    void unwritablePngLeavesNothing();
};

void TestCodec::everyKindDecodesToItsPixels_data()
{
    QTest::addColumn<QString>("name");
    const QJsonObject all = expectations();
    QVERIFY(all.size() > 50);
    for (const QString& name : all.keys())
        if (name != "diff" && name != "photos")
            QTest::newRow(qPrintable(name)) << name;
}

void TestCodec::everyKindDecodesToItsPixels()
{
    QFETCH(QString, name);
    const QJsonObject expected = expectations().value(name).toObject();
    const Image person = imageOf(expected["width"].toInt(), expected["person"].toString());
    QCOMPARE(person.height, expected["height"].toInt());
    const Image contest = expected.contains("contest")
        ? imageOf(expected["contest_width"].toInt(), expected["contest"].toString())
        : person;
    for (const DecodeRule rule : { DecodeRule::Person, DecodeRule::Contest }) {
        const Image& wanted = rule == DecodeRule::Person ? person : contest;
        const Image found = readImage(imageFile(name), rule);
        QCOMPARE(found.width, wanted.width);
        QCOMPARE(found.height, wanted.height);
        QCOMPARE(found.rgb.size(), wanted.rgb.size());
        QCOMPARE(linfDistance(found, wanted), 0);
    }
}

void TestCodec::namesDoNotDecide()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath("really-a-jpeg.png");
    QVERIFY(QFile::copy(QString::fromStdString(imageFile("jpeg-420.jpg").string()), path));
    QCOMPARE(readImage(path.toStdString()), readImage(imageFile("jpeg-420.jpg")));
}

void TestCodec::photosDecodeToPillowsBytes()
{
    // Ordinary JPEGs: the same bytes as Pillow's.
    const QJsonObject digests = expectations()["photos"].toObject();
    QCOMPARE(digests.size(), 20);
    for (auto it = digests.begin(); it != digests.end(); ++it) {
        const Image photo =
            readImage(test::photosDir() / it.key().toStdString(), DecodeRule::Contest);
        QCOMPARE(QString::fromStdString(sha256(photo.rgb)), it.value().toString());
    }
}

void TestCodec::badFilesAreRefused_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, const char* error) {
        QTest::newRow(name) << name << error;
    };
    row("text.png", "GIF or BMP signature, found bytes 74 68 69 73");
    row("empty.png", "empty file");
    row("signature-only.png", "truncated PNG");
    row("chunk-2gb.png", "expected chunk IDAT of 2147483647 bytes, found 12 bytes left");
    row("chunk-4gb.png", "expected chunk IDAT of 4294967295 bytes, found 12 bytes left");
    row("20000x20000.png", "expected at most 16384 pixels a side, found 20000x20000");
    row("16000x6000-claimed.png", "claims more pixels than it holds");
    row("16384x16384-grey1.png", "expected at most 100000000 pixels, found 16384x16384");
    row("zero-width.png", "expected at least 1x1, found 0x20");
    row("depth-3.png", "found colour type 0, bit depth 3");
    row("palette-16bit.png", "found colour type 3, bit depth 16");
    row("interlace-2.png", "expected compression 0, filter 0, interlace 0 or 1");
    row("no-palette.png", "damaged PNG");
    row("no-ihdr.png", "expected one IHDR chunk, first, found IDAT");
    row("two-ihdr.png", "expected one IHDR chunk, first, found IHDR");
    row("no-idat.png", "expected an IDAT chunk, found none");
    row("no-iend.png", "truncated PNG");
    row("unknown-critical.png", "damaged PNG");
    row("crc-ihdr.png", "damaged PNG");
    row("crc-idat.png", "damaged PNG");
    row("crc-text.png", "damaged PNG");
    row("flipped-data.png", "damaged PNG");
    row("short-data.png", "damaged PNG");
    row("truncated.jpg", "truncated JPEG");
    row("no-end-marker.jpg", "truncated JPEG");
    row("header-only.jpg", "truncated JPEG");
    row("65500x65500.jpg", "expected at most 16384 pixels a side, found 65500x65500");
    row("16000x6000-claimed.jpg", "claims more pixels than it holds");
    row("flipped-data.jpg", "JPEG");
    row("many-scans.jpg", "JPEG");
    row("two-components.jpg", "JPEG");
    row("scans-missing.jpg", "scans are missing");
    row("scans-missing-no-end.jpg", "scans are missing");
    row("cgbi.png", "found Apple's own form of PNG (CgBI)");
    row("lfs-pointer.png", "found a Git LFS pointer");
    row("page.jpg", "found an HTML page");
    row("webp.png", "truncated WebP");
}

void TestCodec::badFilesAreRefused()
{
    QFETCH(QString, name);
    QFETCH(QString, error);
    const std::filesystem::path path = imageFile("bad/" + name);
    QVERIFY(std::filesystem::exists(path));
    for (const DecodeRule rule : { DecodeRule::Person, DecodeRule::Contest }) {
        const Measured result = measured([&] { (void)readImage(path, rule); });
        VERIFY_REFUSED(result, path.string());
        QVERIFY2(result.text().contains(error), qPrintable(result.text()));
    }
}

void TestCodec::whatIsNoFileIsRefused()
{
    const QTemporaryDir folder;
    const std::filesystem::path place = folder.path().toStdString();
    QCOMPARE(::mkfifo((place / "pipe.png").c_str(), 0600), 0);
    for (const std::filesystem::path& path :
        { place, place / "absent.png", place / "pipe.png", std::filesystem::path("/dev/zero") }) {
        const Measured result = measured([&] { (void)readImage(path); });
        VERIFY_REFUSED(result, path.string());
    }
}

void TestCodec::everyTruncationIsRefused_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name :
        { "png-type6-16bit-interlaced.png", "png-palette-trns.png", "png-chunks-exif6.png",
            "jpeg-420.jpg", "jpeg-progressive.jpg", "jpeg-cmyk.jpg", "jpeg-exif6.jpg" })
        QTest::newRow(name) << name;
}

void TestCodec::everyTruncationIsRefused()
{
    QFETCH(QString, name);
    const QByteArray whole = contents(imageFile(name));
    QVERIFY(!decodeImage(bytesOf(whole), "whole").empty());
    for (int part = 0; part < 64; ++part) {
        const QByteArray cut = whole.left(whole.size() * part / 64);
        const Measured result = measured([&] { (void)decodeImage(bytesOf(cut), "cut.png"); });
        VERIFY_REFUSED(result, "cut.png");
    }
}

void TestCodec::flippedBitsNeverCrash_data()
{
    everyTruncationIsRefused_data();
}

void TestCodec::flippedBitsNeverCrash()
{
    QFETCH(QString, name);
    const QByteArray whole = contents(imageFile(name));
    RandomStream random(mixSeed({ 1, static_cast<std::uint64_t>(whole.size()) }));
    int refused = 0;
    for (int i = 0; i < 300; ++i) {
        QByteArray bytes = whole;
        for (std::uint64_t flips = 0; flips < 1 + random.next() % 3; ++flips) {
            const auto at =
                static_cast<qsizetype>(random.next() % static_cast<std::uint64_t>(bytes.size()));
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.next() % 8));
        }
        const Measured result = measured([&] {
            const Image image = decodeImage(bytesOf(bytes), "flipped.png");
            QCOMPARE(image.rgb.size(),
                static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height)
                    * 3U);
        });
        if (result.error) {
            VERIFY_REFUSED(result, "flipped.png");
            ++refused;
        }
    }
    // Every byte of a PNG stands under a checksum; a JPEG has none.
    QVERIFY2(!name.endsWith(".png") || refused >= 299, qPrintable(QString::number(refused)));
}

void TestCodec::limitsAreObeyed()
{
    const std::filesystem::path photo = test::photosDir() / "imagenet_00_243.jpg";
    const std::filesystem::path png = test::goldenDir() / "embedded_pair/imagenet_00_243.clean.png";
    const auto refuses = [](const std::filesystem::path& path, const DecodeLimits& limits,
                             const char* error) {
        const Measured result =
            measured([&] { (void)readImage(path, DecodeRule::Person, limits); });
        VERIFY_REFUSED(result, path.string());
        QVERIFY2(result.text().contains(error), qPrintable(result.text()));
    };
    DecodeLimits limits;
    limits.maxSide = 298;
    refuses(photo, limits, "expected at most 298 pixels a side");
    refuses(png, limits, "expected at most 298 pixels a side, found 299x299");
    limits.maxSide = 299;
    QVERIFY(!readImage(png, DecodeRule::Person, limits).empty());
    limits = {};
    limits.maxPixels = 299 * 299 - 1;
    refuses(photo, limits, "expected at most 89400 pixels");
    refuses(png, limits, "expected at most 89400 pixels");
    limits = {};
    limits.maxFileBytes = 1000;
    refuses(photo, limits, "expected at most 1000 bytes");
    refuses(png, limits, "expected at most 1000 bytes");
    limits = {};
    limits.maxMemoryBytes = 100'000;
    refuses(photo, limits, "too much memory");
    refuses(png, limits, "too much memory");
    limits = {};
    limits.deadlineMs = 0;
    refuses(photo, limits, "takes too long");
    refuses(png, limits, "takes too long");
}

void TestCodec::damagedExifCountsAsUpright()
{
    const QByteArray good = QByteArray::fromHex("49492a0008000000"
                                                "0100"
                                                "120103000100000006000000"
                                                "00000000");
    QCOMPARE(detail::exifOrientation(bytesOf(good)), 6);
    for (qsizetype size = 0; size < 20; ++size) // without the value's first two bytes
        QCOMPARE(detail::exifOrientation(bytesOf(good.left(size))), 1);
    for (const auto& [at, byte] : std::initializer_list<std::pair<int, int>> { { 0, 'M' },
             { 0, 'X' }, { 2, 43 }, { 4, 0 }, { 4, 7 }, { 7, 0x7f }, { 8, 0 }, { 10, 0 }, { 12, 2 },
             { 14, 2 }, { 18, 0 }, { 18, 9 }, { 19, 1 } }) {
        QByteArray bytes = good;
        bytes[at] = static_cast<char>(byte);
        QCOMPARE(detail::exifOrientation(bytesOf(bytes)), 1);
    }
    QByteArray endless = good; // claims 65535 entries and holds one of another tag
    endless[8] = endless[9] = static_cast<char>(0xff);
    endless[10] = 0;
    QCOMPARE(detail::exifOrientation(bytesOf(endless)), 1);
}

void TestCodec::pngsSurviveARoundTrip()
{
    RandomStream random(3);
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("out.png").toStdString();
    for (const auto& [width, height] : std::initializer_list<std::pair<int, int>> {
             { 1, 1 }, { 299, 299 }, { 7, 300 }, { 1000, 3 } }) {
        Image image(width, height);
        for (std::uint8_t& value : image.rgb)
            value = static_cast<std::uint8_t>(random.next());
        writePng(path, image);
        QCOMPARE(readImage(path), image);
        QCOMPARE(readImage(path, DecodeRule::Contest), image);
    }
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList { "out.png" });
}

void TestCodec::pngsAreDeterministicAndPlain()
{
    const Image image = readImage(test::photosDir() / "imagenet_00_243.jpg");
    const std::vector<std::uint8_t> first = encodePng(image);
    QCOMPARE(first, encodePng(image));
    std::vector<QByteArray> kinds;
    for (std::size_t at = 8; at + 12 <= first.size();) {
        const std::size_t length = static_cast<std::size_t>(first[at]) << 24U
            | static_cast<std::size_t>(first[at + 1]) << 16U
            | static_cast<std::size_t>(first[at + 2]) << 8U | first[at + 3];
        const QByteArray kind(reinterpret_cast<const char*>(&first[at + 4]), 4);
        if (kinds.empty() || kinds.back() != kind)
            kinds.push_back(kind);
        at += 12 + length;
    }
    QCOMPARE(kinds, (std::vector<QByteArray> { "IHDR", "IDAT", "IEND" }));
    Image lying(2, 2);
    lying.rgb.pop_back();
    for (const Image& bad : { Image(), lying }) {
        const Measured result = measured([&] { (void)encodePng(bad); });
        QVERIFY(result.error.has_value());
        QCOMPARE(result.error->kind(), ErrorKind::Internal);
    }
}

void TestCodec::unwritablePngLeavesNothing()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("absent/out.png").toStdString();
    const Measured result = measured([&] { writePng(path, Image(3, 3)); });
    VERIFY_REFUSED(result, path.string());
    QVERIFY(QDir(folder.path()).isEmpty());
}

QTEST_GUILESS_MAIN(TestCodec)
#include "tst_Codec.moc"
