#include "core/base/Sha256.h"
#include "core/image/Codec.h"
#include "core/image/FileKinds.h"
#include "core/image/ImageDiff.h"
#include "core/image/Resample.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <thread>
#include <zlib.h>

#include "tests/core/base/Measured.h"
#include "tests/core/image/JpegMaker.h"
#include "tests/core/image/PngMaker.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using crossiter::test::bigEndian;
using crossiter::test::blackPng;
using crossiter::test::bytesOf;
using crossiter::test::chunk;
using crossiter::test::contents;
using crossiter::test::jpegInScans;
using crossiter::test::Measured;
using crossiter::test::measured;
using crossiter::test::packed;
using crossiter::test::scanAt;
using crossiter::test::smallPng;

namespace {

constexpr std::int64_t kMostMegabytes = 256 + test::kSlackMegabytes;

Image decoded(const QByteArray& bytes)
{
    return decodeImage(bytesOf(bytes), "memory");
}

jpeg_scan_info scan(std::vector<int> components, int first, int last, int high, int low)
{
    jpeg_scan_info info {};
    info.comps_in_scan = static_cast<int>(components.size());
    std::copy(components.begin(), components.end(), std::begin(info.component_index));
    info.Ss = first;
    info.Se = last;
    info.Ah = high;
    info.Al = low;
    return info;
}

const std::vector<jpeg_scan_info> kThreeScans = { scan({ 0 }, 0, 63, 0, 0),
    scan({ 1 }, 0, 63, 0, 0), scan({ 2 }, 0, 63, 0, 0) };

std::vector<jpeg_scan_info> progressiveScans()
{
    return { scan({ 0, 1, 2 }, 0, 0, 0, 1), scan({ 0 }, 1, 5, 0, 2), scan({ 2 }, 1, 63, 0, 1),
        scan({ 1 }, 1, 63, 0, 1), scan({ 0 }, 6, 63, 0, 2), scan({ 0 }, 1, 63, 2, 1),
        scan({ 0, 1, 2 }, 0, 0, 1, 0), scan({ 2 }, 1, 63, 1, 0), scan({ 1 }, 1, 63, 1, 0),
        scan({ 0 }, 1, 63, 1, 0) };
}

} // namespace

class TestPictureFiles : public QObject
{
    Q_OBJECT

private slots:
    void emptyMarkersTakeNoTime_data();
    void emptyMarkersTakeNoTime();
    void fullMarkersTakeNoMemory();
    void largeFilesTakeNoMemory();
    void largePicturesKeepToTheirMemory();
    void exifIsFoundAmongMarkers();
    void scansThatAreMissing_data();
    void scansThatAreMissing();
    void harmlessOdditiesAreTaken_data();
    void harmlessOdditiesAreTaken();
    void realDamageIsRefused_data();
    void realDamageIsRefused();
    void rawProfilesTurnPngs_data();
    void rawProfilesTurnPngs();
    void damagedRawProfilesCountAsUpright();
    void otherFilesAreNamed_data();
    void otherFilesAreNamed();
};

void TestPictureFiles::emptyMarkersTakeNoTime_data()
{
    QTest::addColumn<QByteArray>("marker");
    QTest::newRow("APP1") << QByteArray::fromHex("ffe10002");
    QTest::newRow("APP2, which may hold a profile") << QByteArray::fromHex("ffe20002");
    QTest::newRow("APP14") << QByteArray::fromHex("ffee0002");
    QTest::newRow("COM") << QByteArray::fromHex("fffe0002");
    QTest::newRow("EXIF of nothing") << QByteArray::fromHex("ffe10008457869660000");
    QTest::newRow("restart interval") << QByteArray::fromHex("ffdd00040000");
    QTest::newRow("fill bytes") << QByteArray::fromHex("ffffffffffe10002");
    QTest::newRow("restart markers") << QByteArray::fromHex("ffd0");
}

void TestPictureFiles::emptyMarkersTakeNoTime()
{
    QFETCH(QByteArray, marker);
    for (const char* name : { "jpeg-420.jpg", "jpeg-progressive.jpg" }) {
        const QByteArray whole = contents(name);
        const QByteArray many = whole.left(2) + marker.repeated(1'000'000) + whole.mid(2);
        Image found;
        const Measured result = measured([&] { found = decoded(many); });
        QVERIFY2(!result.error, qPrintable(result.text()));
        QCOMPARE(found, decoded(whole));
        QVERIFY2(result.milliseconds < 2000, qPrintable(QString::number(result.milliseconds)));
        QVERIFY2(result.megabytes < test::kSlackMegabytes,
            qPrintable(QString::number(result.megabytes)));
    }
}

void TestPictureFiles::fullMarkersTakeNoMemory()
{
    const QTemporaryDir folder;
    const QByteArray whole = contents("jpeg-420.jpg");
    const QByteArray payload(65533, 'x');
    QFile file(folder.filePath("full.jpg"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(whole.left(2));
    for (int i = 0; i < 1000; ++i)
        for (const char* marker : { "ffe1ffff", "ffe2ffff", "fffeffff", "ffe0ffff" })
            file.write(QByteArray::fromHex(marker) + payload);
    file.write(whole.mid(2));
    file.close();
    Image found;
    const Measured result = measured([&] { found = readImage(file.fileName().toStdString()); });
    QVERIFY2(!result.error, qPrintable(result.text()));
    QCOMPARE(found, decoded(whole));
    QVERIFY2(
        result.megabytes < test::kSlackMegabytes, qPrintable(QString::number(result.megabytes)));
    QVERIFY2(result.milliseconds < 3000, qPrintable(QString::number(result.milliseconds)));
}

void TestPictureFiles::largeFilesTakeNoMemory()
{
    constexpr quint32 kBytes = 260U << 20U; // below the limit of a file, 256 MB, with the rest
    const QTemporaryDir folder;
    const QByteArray small = smallPng({});
    QFile file(folder.filePath("large.png"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    const quint32 length = kBytes - (8U << 20U);
    uLong crc = crc32(0, reinterpret_cast<const Bytef*>("prVt"), 4);
    const QByteArray zeros(1 << 20, '\0');
    for (quint32 done = 0; done < length; done += 1U << 20U)
        crc = crc32(crc, reinterpret_cast<const Bytef*>(zeros.constData()), 1U << 20U);
    file.write(small.left(33) + bigEndian(length) + "prVt");
    file.seek(33 + 8 + qint64 { length });
    file.write(bigEndian(static_cast<quint32>(crc)) + small.mid(33));
    file.close();
    Image found;
    const Measured result = measured([&] { found = readImage(file.fileName().toStdString()); });
    QVERIFY2(!result.error, qPrintable(result.text()));
    QCOMPARE(found, decoded(small));
    QVERIFY2(
        result.megabytes < test::kSlackMegabytes, qPrintable(QString::number(result.megabytes)));
}

void TestPictureFiles::largePicturesKeepToTheirMemory()
{
    const QTemporaryDir folder;
    for (const bool interlaced : { false, true }) {
        QFile file(folder.filePath("large.png"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(blackPng(9300, 9000, interlaced));
        file.close();
        for (const CropRule rule : { CropRule::CentreCrop, CropRule::Whole }) {
            if (interlaced && rule == CropRule::Whole)
                continue; // takes long and shows nothing more
            Image found;
            const Measured result = measured(
                [&] { found = toImageSpace(readImage(file.fileName().toStdString()), rule); });
            QVERIFY2(!result.error, qPrintable(result.text()));
            QVERIFY(found == Image(299, 299));
            QVERIFY2(
                result.megabytes < kMostMegabytes, qPrintable(QString::number(result.megabytes)));
        }
    }
}

void TestPictureFiles::exifIsFoundAmongMarkers()
{
    const QByteArray turned = contents("jpeg-exif6.jpg");
    const Image upright = decoded(turned);
    QVERIFY(upright.height > upright.width);
    const QByteArray before = QByteArray::fromHex("ffe10002fffe0004abcdffe1000a68747470733a2f2f"
                                                  "ffe2000441420000ff");
    QCOMPARE(decoded(turned.left(2) + before + turned.mid(2)), upright);
}

void TestPictureFiles::scansThatAreMissing_data()
{
    QTest::addColumn<QByteArray>("whole");
    QTest::newRow("progressive") << jpegInScans(progressiveScans());
    QTest::newRow("Pillow's progressive") << contents("jpeg-progressive.jpg");
    QTest::newRow("a baseline scan a component") << jpegInScans(kThreeScans);
    QTest::newRow("two baseline scans")
        << jpegInScans({ scan({ 0 }, 0, 63, 0, 0), scan({ 1, 2 }, 0, 63, 0, 0) });
    QTest::newRow("spectral selection alone") << jpegInScans({ scan({ 0, 1, 2 }, 0, 0, 0, 0),
        scan({ 0 }, 1, 63, 0, 0), scan({ 1 }, 1, 63, 0, 0), scan({ 2 }, 1, 63, 0, 0) });
}

void TestPictureFiles::scansThatAreMissing()
{
    QFETCH(QByteArray, whole);
    QVERIFY(!decoded(whole).empty());
    int scans = 0;
    for (; scanAt(whole, scans) >= 0; ++scans) { }
    QVERIFY(scans > 1);
    for (int left = 1; left < scans; ++left) {
        // Up to the last marker before the next scan, whose tables may stay.
        const QByteArray part = whole.left(scanAt(whole, left));
        for (const QByteArray& end : { QByteArray::fromHex("ffd9"), QByteArray() }) {
            const QByteArray cut = part + end;
            const Measured result = measured([&] { (void)decodeImage(bytesOf(cut), "cut.jpg"); });
            VERIFY_REFUSED(result, "cut.jpg");
            QVERIFY2(result.text().contains("scans are missing"), qPrintable(result.text()));
        }
    }
}

void TestPictureFiles::harmlessOdditiesAreTaken_data()
{
    QTest::addColumn<QByteArray>("whole");
    QTest::addColumn<QByteArray>("odd");
    const QByteArray whole = contents("jpeg-420.jpg");
    const qsizetype sos = whole.indexOf("\xff\xda");
    const auto row = [&whole](const char* name, const QByteArray& odd) {
        QTest::newRow(name) << whole << odd;
    };
    for (const char* zeros : { "000000", "003f01", "013f00", "000500" }) {
        QByteArray odd = whole;
        odd.replace(sos + 11, 3, QByteArray::fromHex(zeros));
        row(qPrintable(QString("baseline scan's last bytes ") + zeros), odd);
    }
    QByteArray odd = whole;
    const qsizetype jfif = whole.indexOf("JFIF");
    QVERIFY(jfif > 0);
    odd[jfif + 5] = 9;
    row("JFIF 9", odd);
    odd = whole;
    odd[jfif + 6] = 99;
    row("JFIF 1.99", odd);
    odd = whole;
    odd.insert(sos, "stray");
    row("stray bytes before a scan", odd);
    odd.insert(whole.indexOf("\xff\xdb"), QByteArray(5, '\0'));
    row("zeros before a segment", odd);
    row("stray bytes before the end", whole.chopped(2) + "stray" + whole.right(2));
    row("appended", whole + "behind the end \xff\xd8\xff\xda");
    row("appended picture", whole + whole);
    odd = whole;
    odd.insert(2, QByteArray::fromHex("ffee000e41646f626500640000000007"));
    row("unknown Adobe transform", odd);
    const QByteArray three = jpegInScans(kThreeScans);
    odd = three;
    for (int i = 0; i < 3; ++i)
        odd.replace(scanAt(odd, i) + 7, 3, QByteArray(3, '\0'));
    QTest::newRow("zeros in three baseline scans") << three << odd;
}

void TestPictureFiles::harmlessOdditiesAreTaken()
{
    QFETCH(QByteArray, whole);
    QFETCH(QByteArray, odd);
    QVERIFY(whole != odd);
    const Measured result = measured([&] { QCOMPARE(decoded(odd), decoded(whole)); });
    QVERIFY2(!result.error, qPrintable(result.text()));
}

void TestPictureFiles::realDamageIsRefused_data()
{
    QTest::addColumn<QByteArray>("damaged");
    const QByteArray end = QByteArray::fromHex("ffd9");
    const QByteArray whole = contents("jpeg-420.jpg");
    const QByteArray restarts = contents("jpeg-restart.jpg");
    const qsizetype data = whole.indexOf("\xff\xda") + 14;
    const qsizetype half = (data + whole.size()) / 2;
    QTest::newRow("half the data and an end") << whole.left(half) + end;
    QTest::newRow("half the data") << whole.left(half);
    QTest::newRow("no end") << whole.chopped(2);
    QByteArray lacking = restarts;
    const qsizetype restart = restarts.indexOf("\xff\xd1");
    QVERIFY(restart > 0);
    lacking[restart + 1] = static_cast<char>(0xd5);
    QTest::newRow("restart markers out of order") << lacking;
    QTest::newRow("a length of 1")
        << whole.left(2) + QByteArray::fromHex("ffe10001") + whole.mid(2);
    QTest::newRow("a length beyond the end") << QByteArray::fromHex("ffd8ffe1ffff00");
    QTest::newRow("ones alone") << whole.left(data) + QByteArray::fromHex("ff00").repeated(100'000)
            + end;
    QTest::newRow("two starts") << whole.left(2) + whole;
    QTest::newRow("no picture") << whole.left(2) + end;
    QTest::newRow("a segment before the frame alone")
        << whole.left(whole.indexOf("\xff\xc0")) + end;
    QTest::newRow("a scan without a frame") << whole.left(2) + whole.mid(whole.indexOf("\xff\xda"));
    QByteArray lossless = whole;
    lossless[whole.indexOf("\xff\xc0") + 1] = static_cast<char>(0xc3);
    QTest::newRow("lossless") << lossless;
    QByteArray twelve = whole;
    twelve[whole.indexOf("\xff\xc0") + 4] = 12;
    QTest::newRow("12 bits") << twelve;
}

void TestPictureFiles::realDamageIsRefused()
{
    QFETCH(QByteArray, damaged);
    const Measured result = measured([&] { (void)decodeImage(bytesOf(damaged), "bad.jpg"); });
    VERIFY_REFUSED(result, "bad.jpg");
    for (const char* raw : { "Corrupt", "Premature", "Bogus", "Unsupported JPEG", "marker type" })
        QVERIFY2(!result.text().contains(raw), qPrintable(result.text()));
}

void TestPictureFiles::rawProfilesTurnPngs_data()
{
    QTest::addColumn<QByteArray>("text");
    const QByteArray tiff = QByteArray::fromHex("49492a0008000000"
                                                "0100"
                                                "120103000100000006000000"
                                                "00000000");
    const auto profile = [](const QByteArray& name, const QByteArray& bytes) {
        QByteArray lines;
        for (qsizetype at = 0; at < bytes.size(); at += 36)
            lines += bytes.mid(at, 36).toHex() + '\n';
        return "\n" + name + "\n" + QByteArray::number(bytes.size()).rightJustified(8) + "\n"
            + lines;
    };
    const QByteArray exif = QByteArray("Exif\0\0", 6) + tiff;
    const QByteArray key("Raw profile type exif\0", 22);
    QTest::newRow("tEXt") << chunk("tEXt", key + profile("exif", exif));
    QTest::newRow("zTXt") << chunk("zTXt", key + '\0' + packed(profile("exif", exif)));
    QTest::newRow("iTXt") << chunk(
        "iTXt", key + QByteArray("\0\0de\0Exif\0", 10) + profile("exif", exif));
    QTest::newRow("iTXt, packed") << chunk(
        "iTXt", key + QByteArray("\1\0\0\0", 4) + packed(profile("exif", exif)));
    QTest::newRow("APP1") << chunk("zTXt",
        QByteArray("Raw profile type APP1\0", 22) + '\0' + packed(profile("generic", exif)));
    QTest::newRow("without its signature") << chunk("tEXt", key + profile("exif", tiff));
    QTest::newRow("capital digits")
        << chunk("tEXt", key + profile("exif", exif).toUpper().replace("EXIF", "exif"));
    QTest::newRow("after other texts") << chunk("tEXt", QByteArray("Comment\0hello", 13))
            + chunk("zTXt", "broken") + chunk("tEXt", key + profile("exif", exif));
    QTest::newRow("beside XMP") << chunk("tEXt",
                                       QByteArray("Raw profile type APP1\0", 22)
                                           + profile("generic", "http://ns.adobe"))
            + chunk("tEXt", key + profile("exif", exif));
    QTest::newRow("eXIf") << chunk("eXIf", tiff);
}

void TestPictureFiles::rawProfilesTurnPngs()
{
    QFETCH(QByteArray, text);
    const Image stored = decoded(smallPng({}));
    const Image turned = decoded(smallPng(text));
    QCOMPARE(turned.width, stored.height);
    QCOMPARE(turned.height, stored.width);
    for (int y = 0; y < turned.height; ++y) {
        for (int x = 0; x < turned.width; ++x) { // 6: the stored left edge is the top
            for (std::size_t c = 0; c < 3; ++c)
                QCOMPARE(turned.rgb[turned.offset(x, y) + c],
                    stored.rgb[stored.offset(y, stored.height - 1 - x) + c]);
        }
    }
    const QByteArray bytes = smallPng(text);
    QCOMPARE(decodeImage(bytesOf(bytes), "memory", DecodeRule::Contest), stored);
}

void TestPictureFiles::damagedRawProfilesCountAsUpright()
{
    const QByteArray key("Raw profile type exif\0", 22);
    const Image stored = decoded(smallPng({}));
    for (const QByteArray& text : { QByteArray(), QByteArray("\nexif\n"),
             QByteArray("\nexif\n 99999999999999999999\n4949"), QByteArray("\nexif\n 8\n49zz"),
             QByteArray("\nexif\n -8\n4949"), QByteArray("\nexif\n 1000000\n") + "4949",
             QByteArray(300'000, ' '), QByteArray("exif") }) {
        QCOMPARE(decoded(smallPng(chunk("tEXt", key + text))), stored);
        QCOMPARE(decoded(smallPng(chunk("zTXt", key + '\0' + packed(text)))), stored);
        QCOMPARE(decoded(smallPng(chunk("zTXt", key + '\0' + text))), stored);
        QCOMPARE(decoded(smallPng(chunk("iTXt", key + text))), stored);
    }
    const QByteArray bomb =
        smallPng(chunk("zTXt", key + '\0' + packed("\nexif\n 9\n" + QByteArray(200 << 20, '4'))));
    const Measured result = measured([&] { QCOMPARE(decoded(bomb), stored); });
    QVERIFY2(
        result.megabytes < test::kSlackMegabytes, qPrintable(QString::number(result.megabytes)));
}

void TestPictureFiles::otherFilesAreNamed_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<QString>("name");
    const auto row = [](const char* tag, const QByteArray& head, const char* name) {
        QTest::newRow(tag) << head << name;
    };
    row("heic",
        QByteArray("\0\0\0\x18"
                   "ftypheic\0\0\0\0mif1",
            20),
        "found a HEIC picture");
    row("heic of mif1",
        QByteArray("\0\0\0\x18"
                   "ftypmif1\0\0\0\0heic",
            20),
        "found a HEIC");
    row("cr2", QByteArray("II*\0\x10\0\0\0CR\x02", 11), "found a camera's raw picture (CR2)");
    row("jxl", QByteArray::fromHex("ff0a1234"), "found a JPEG XL picture");
    row("jp2", QByteArray("\0\0\0\x0cjP  \r\n\x87\n", 12), "found a JPEG 2000 picture");
    row("psd", "8BPS", "found a Photoshop document");
    row("pnm", "P6\n2 2\n255\n", "found a PNM picture");
    row("lfs", "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 9\n",
        "found a Git LFS pointer");
    row("html", "<!DOCTYPE html>\n<html><head>", "found an HTML page");
    row("html, late", "\xef\xbb\xbf\r\n  <!-- hello -->\n<HTML>", "found an HTML page");
    row("svg", "<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG");
    row("svg, late", "<?xml version='1.0'?>\n<!--" + QByteArray(3000, 'x') + "-->\n<svg>",
        "an SVG");
    row("xml", "<?xml version='1.0'?>\n<Error><Code>AccessDenied</Code></Error>", "an XML");
    row("pdf", "%PDF-1.4", "found a PDF document");
    row("zip", "PK\x03\x04", "found an archive");
    row("film",
        QByteArray("\0\0\0\x18"
                   "ftypisom",
            12),
        "found a film");
    row("Apple's PNG",
        QByteArray::fromHex("89504e470d0a1a0a") + chunk("CgBI", QByteArray("\x50\0\x20\x02", 4))
            + smallPng({}).mid(8),
        "found Apple's own form of PNG (CgBI)");
}

void TestPictureFiles::otherFilesAreNamed()
{
    QFETCH(QByteArray, head);
    QFETCH(QString, name);
    for (const QByteArray& bytes : { head, head + QByteArray(1000, '\0') }) {
        const Measured result = measured([&] { (void)decodeImage(bytesOf(bytes), "photo.png"); });
        VERIFY_REFUSED(result, "photo.png");
        QVERIFY2(result.text().contains(name), qPrintable(result.text()));
        QVERIFY2(result.text().contains("expected "), qPrintable(result.text()));
    }
    QVERIFY(!foreignFile(bytesOf(QByteArray("plain words"))));
    QVERIFY(!pictureKind(bytesOf(head)) || head.startsWith("\x89PNG"));
}

QTEST_GUILESS_MAIN(TestPictureFiles)
#include "tst_PictureFiles.moc"
