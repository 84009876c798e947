// WebP, AVIF, TIFF, GIF and BMP, pixel by pixel.
#include "core/image/Codec.h"
#include "core/image/FileKinds.h"
#include "core/image/ImageDiff.h"

#include <QTest>

#include "tests/core/image/BmpGifMaker.h"
#include "tests/core/image/PictureMaker.h"
#include "tests/core/image/TiffMaker.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

constexpr int kWidth = 61;
constexpr int kHeight = 45;

std::span<const std::uint8_t> bytesOf(const QByteArray& bytes)
{
    return { reinterpret_cast<const std::uint8_t*>(bytes.constData()),
        static_cast<std::size_t>(bytes.size()) };
}

Image decoded(const QByteArray& bytes, ReadRule rule = {})
{
    return decodeImage(bytesOf(bytes), "memory", rule);
}

#define COMPARE_PICTURES(found, wanted)                                                            \
    do {                                                                                           \
        const Image a = (found);                                                                   \
        const Image b = (wanted);                                                                  \
        QCOMPARE(a.width, b.width);                                                                \
        QCOMPARE(a.height, b.height);                                                              \
        QCOMPARE(linfDistance(a, b), 0);                                                           \
    } while (false)

std::vector<std::uint8_t> greyOf(const Image& image)
{
    std::vector<std::uint8_t> grey;
    for (std::size_t i = 0; i < image.rgb.size(); i += 3)
        grey.push_back(image.rgb[i + 2]);
    return grey;
}

Image ofGrey(const std::vector<std::uint8_t>& grey, int width)
{
    Image image(width, static_cast<int>(grey.size()) / width);
    for (std::size_t i = 0; i < image.rgb.size(); ++i)
        image.rgb[i] = grey[i / 3];
    return image;
}

/// C, M, Y and K that are not all alike.
std::vector<std::uint8_t> inksOf(const Image& image)
{
    std::vector<std::uint8_t> inks;
    for (std::size_t i = 0; i < image.rgb.size(); i += 3)
        inks.insert(inks.end(),
            { image.rgb[i], image.rgb[i + 1], image.rgb[i + 2],
                static_cast<std::uint8_t>(image.rgb[i] / 2) });
    return inks;
}

Image ofInks(const std::vector<std::uint8_t>& inks, int width)
{
    Image image(width, static_cast<int>(inks.size()) / 4 / width);
    for (std::size_t i = 0; i < image.rgb.size(); ++i)
        image.rgb[i] = static_cast<std::uint8_t>(
            ((255 - inks[i / 3 * 4 + i % 3]) * (255 - inks[i / 3 * 4 + 3]) + 127) / 255);
    return image;
}

} // namespace

class TestMoreFormats : public QObject
{
    Q_OBJECT

private slots:
    void losslessWebps();
    void turnedWebps();
    void firstFramesOfWebps();
    void avifs();
    void turnedAvifs();
    void tiffs_data();
    void tiffs();
    void tiffColours();
    void tiffAlpha();
    void turnedTiffs();
    void tagsNobodyNeedsAreNotRead();
    void gifs_data();
    void gifs();
    void gifFramesOnTheirCanvas();
    void bmps_data();
    void bmps();
    void packedBmps();
    void kindsAreToldByContentAndName();
};

void TestMoreFormats::losslessWebps()
{
    const Image image = pattern(kWidth, kHeight);
    const QByteArray plain = losslessWebp(image.rgb, kWidth, 3);
    COMPARE_PICTURES(decoded(plain), image);
    COMPARE_PICTURES(decoded(plain, DecodeRule::Contest), image);
    const QByteArray alpha = losslessWebp(withAlpha(image), kWidth, 4);
    COMPARE_PICTURES(decoded(alpha), overWhite(image));
    COMPARE_PICTURES(decoded(alpha, DecodeRule::Contest), image);
}

void TestMoreFormats::turnedWebps()
{
    const Image image = pattern(kWidth, kHeight);
    const QByteArray frame = losslessWebp(image.rgb, kWidth, 3).mid(12);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        for (const QByteArray& before : { QByteArray(), QByteArray("Exif\0\0", 6) }) {
            const QByteArray turned = extendedWebp(kWidth, kHeight, 8, frame,
                webpChunk("EXIF", before + exifOf(orientation)) + webpChunk("abcd", "x"));
            COMPARE_PICTURES(decoded(turned), oriented(image, orientation));
            COMPARE_PICTURES(decoded(turned, DecodeRule::Contest), image);
        }
    }
}

void TestMoreFormats::firstFramesOfWebps()
{
    const Image image = pattern(20, 10);
    const QByteArray frame = losslessWebp(image.rgb, 20, 3).mid(12);
    const QByteArray other = losslessWebp(pattern(30, 24).rgb, 30, 3).mid(12);
    const QByteArray place = littleEndian(3, 3) + littleEndian(2, 3) + littleEndian(19, 3)
        + littleEndian(9, 3) + littleEndian(100, 3) + QByteArray(1, '\0');
    const QByteArray whole = littleEndian(0, 6) + littleEndian(29, 3) + littleEndian(23, 3)
        + littleEndian(100, 3) + QByteArray(1, '\0');
    const QByteArray film = extendedWebp(30, 24, 2, webpChunk("ANIM", QByteArray(6, '\0')),
        webpChunk("ANMF", place + frame) + webpChunk("ANMF", whole + other));
    for (const DecodeRule rule : { DecodeRule::Person, DecodeRule::Contest }) {
        Image wanted(30, 24);
        std::fill(wanted.rgb.begin(), wanted.rgb.end(),
            static_cast<std::uint8_t>(rule == DecodeRule::Person ? 255 : 0));
        for (int y = 0; y < 10; ++y)
            std::copy_n(image.rgb.data() + image.offset(0, y), 60,
                wanted.rgb.data() + wanted.offset(6, 4 + y));
        COMPARE_PICTURES(decoded(film, rule), wanted);
    }
}

void TestMoreFormats::avifs()
{
    const Image image = pattern(kWidth, kHeight);
    COMPARE_PICTURES(decoded(losslessAvif(image.rgb, kWidth, 3)), image);
    const QByteArray alpha = losslessAvif(withAlpha(image), kWidth, 4);
    COMPARE_PICTURES(decoded(alpha), overWhite(image));
    COMPARE_PICTURES(decoded(alpha, DecodeRule::Contest), image);
}

void TestMoreFormats::turnedAvifs()
{
    const Image image = pattern(kWidth, kHeight);
    for (int turns = 0; turns < 4; ++turns) {
        for (const int mirror : { -1, 0, 1 }) {
            Image wanted = image;
            for (int i = 0; i < turns; ++i)
                wanted = oriented(wanted, 8); // a quarter anticlockwise
            if (mirror >= 0)
                wanted = oriented(wanted, mirror == 0 ? 4 : 2);
            const QByteArray bytes = losslessAvif(image.rgb, kWidth, 3, turns, mirror);
            COMPARE_PICTURES(decoded(bytes), wanted);
            COMPARE_PICTURES(decoded(bytes, DecodeRule::Contest), image);
        }
    }
}

void TestMoreFormats::tiffs_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("compression");
    QTest::addColumn<bool>("apart");
    QTest::addColumn<int>("tile");
    QTest::addColumn<QString>("mode");
    for (const int bits : { 8, 16 }) {
        for (const int compression : { COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_PACKBITS,
                 COMPRESSION_ADOBE_DEFLATE }) {
            for (const bool apart : { false, true }) {
                for (const int tile : { 0, 16 }) {
                    for (const char* mode : { "wl", "wb", "w8" })
                        QTest::addRow("%d bits, compression %d, %s, tile %d, %s", bits, compression,
                            apart ? "apart" : "together", tile, mode)
                            << bits << compression << apart << tile << QString(mode);
                }
            }
        }
    }
}

void TestMoreFormats::tiffs()
{
    QFETCH(int, bits);
    QFETCH(int, compression);
    QFETCH(bool, apart);
    QFETCH(int, tile);
    QFETCH(QString, mode);
    const Image image = pattern(kWidth, kHeight);
    TiffKind kind;
    kind.bits = bits;
    kind.compression = compression;
    kind.apart = apart;
    kind.tile = tile;
    const QByteArray name = mode.toLatin1();
    kind.mode = name.constData();
    const QByteArray bytes = tiffOf(kind, kWidth, kHeight, rowsOfBytes(image.rgb, kWidth, 3, bits));
    COMPARE_PICTURES(decoded(bytes), image);
    COMPARE_PICTURES(decoded(bytes, DecodeRule::Contest), image);
}

void TestMoreFormats::tiffColours()
{
    const Image image = pattern(kWidth, kHeight);
    const std::vector<std::uint8_t> grey = greyOf(image);
    TiffKind kind;
    kind.samples = 1;
    kind.photometric = PHOTOMETRIC_MINISBLACK;
    COMPARE_PICTURES(
        decoded(tiffOf(kind, kWidth, kHeight, rowsOfBytes(grey, kWidth, 1))), ofGrey(grey, kWidth));
    kind.photometric = PHOTOMETRIC_MINISWHITE;
    std::vector<std::uint8_t> inverted = grey;
    for (std::uint8_t& value : inverted)
        value = static_cast<std::uint8_t>(255 - value);
    COMPARE_PICTURES(decoded(tiffOf(kind, kWidth, kHeight, rowsOfBytes(grey, kWidth, 1))),
        ofGrey(inverted, kWidth));
    // 16 bits: the high byte for people, cut at 255 for the contest; here the low byte is 255 - it.
    kind.photometric = PHOTOMETRIC_MINISBLACK;
    kind.bits = 16;
    const QByteArray wide = tiffOf(kind, kWidth, kHeight, rowsOfBytes(grey, kWidth, 1, 16));
    COMPARE_PICTURES(decoded(wide), ofGrey(grey, kWidth));
    std::vector<std::uint8_t> clipped(grey.size(), 255);
    COMPARE_PICTURES(decoded(wide, DecodeRule::Contest), ofGrey(clipped, kWidth));
    // A palette of 16 bits an entry, as the format wants it, and of 8, as some write it.
    kind.bits = 8;
    kind.photometric = PHOTOMETRIC_PALETTE;
    for (const int factor : { 257, 1 }) {
        std::vector<std::uint16_t> map(256);
        for (std::size_t i = 0; i < 256; ++i)
            map[i] = static_cast<std::uint16_t>((255 - i) * static_cast<std::size_t>(factor));
        kind.more = [&map](TIFF* tiff) {
            TIFFSetField(tiff, TIFFTAG_COLORMAP, map.data(), map.data(), map.data());
        };
        COMPARE_PICTURES(decoded(tiffOf(kind, kWidth, kHeight, rowsOfBytes(grey, kWidth, 1))),
            ofGrey(inverted, kWidth));
    }
    kind = {};
    kind.samples = 4;
    kind.photometric = PHOTOMETRIC_SEPARATED;
    for (const bool apart : { false, true }) {
        kind.apart = apart;
        const std::vector<std::uint8_t> inks = inksOf(image);
        COMPARE_PICTURES(decoded(tiffOf(kind, kWidth, kHeight, rowsOfBytes(inks, kWidth, 4))),
            ofInks(inks, kWidth));
    }
    // One bit a pixel, plain and as a fax: white where a bit is 0.
    kind = {};
    kind.bits = 1;
    kind.samples = 1;
    kind.photometric = PHOTOMETRIC_MINISWHITE;
    Image stripes(kWidth, kHeight);
    for (int y = 0; y < kHeight; ++y) {
        for (int x = 0; x < kWidth; ++x)
            std::fill_n(stripes.rgb.data() + stripes.offset(x, y), 3,
                static_cast<std::uint8_t>((x / 3 + y / 5) % 2 != 0 ? 0 : 255));
    }
    const TiffRow bits = [](int y, int) {
        std::vector<std::uint8_t> row((kWidth + 7) / 8);
        for (std::size_t x = 0; x < kWidth; ++x)
            row[x / 8] = static_cast<std::uint8_t>(
                row[x / 8] | ((x / 3 + static_cast<std::size_t>(y) / 5) % 2 << (7 - x % 8)));
        return row;
    };
    for (const int compression :
        { COMPRESSION_NONE, COMPRESSION_CCITTFAX3, COMPRESSION_CCITTFAX4 }) {
        kind.compression = compression;
        COMPARE_PICTURES(decoded(tiffOf(kind, kWidth, kHeight, bits)), stripes);
    }
}

void TestMoreFormats::tiffAlpha()
{
    const Image image = pattern(kWidth, kHeight);
    const std::vector<std::uint8_t> rgba = withAlpha(image);
    TiffKind kind;
    kind.samples = 4;
    const auto made = [&] { return tiffOf(kind, kWidth, kHeight, rowsOfBytes(rgba, kWidth, 4)); };
    for (const bool apart : { false, true }) {
        kind.apart = apart;
        kind.extra = EXTRASAMPLE_UNASSALPHA;
        COMPARE_PICTURES(decoded(made()), overWhite(image));
        COMPARE_PICTURES(decoded(made(), DecodeRule::Contest), image);
        kind.extra = EXTRASAMPLE_UNSPECIFIED; // no alpha
        COMPARE_PICTURES(decoded(made()), image);
        kind.extra = EXTRASAMPLE_ASSOCALPHA; // divided by it again
        Image divided = image;
        for (std::size_t i = 0; i < divided.rgb.size(); ++i) {
            const unsigned alpha = rgba[i / 3 * 4 + 3];
            divided.rgb[i] = static_cast<std::uint8_t>(
                alpha == 0 ? 0U : std::min(255U, divided.rgb[i] * 255U / alpha));
        }
        COMPARE_PICTURES(decoded(made(), DecodeRule::Contest), divided);
    }
}

void TestMoreFormats::turnedTiffs()
{
    const Image image = pattern(kWidth, kHeight);
    for (int orientation = 1; orientation <= 8; ++orientation) {
        for (const int tile : { 0, 16 }) {
            TiffKind kind;
            kind.orientation = orientation;
            kind.tile = tile;
            const QByteArray bytes =
                tiffOf(kind, kWidth, kHeight, rowsOfBytes(image.rgb, kWidth, 3));
            COMPARE_PICTURES(decoded(bytes), oriented(image, orientation));
            COMPARE_PICTURES(decoded(bytes, DecodeRule::Contest), image);
        }
    }
}

void TestMoreFormats::tagsNobodyNeedsAreNotRead()
{
    const Image image = pattern(kWidth, kHeight);
    TiffKind kind;
    const QByteArray many(5'000'000, 'x');
    kind.more = [&many](TIFF* tiff) {
        TIFFSetField(tiff, TIFFTAG_PHOTOSHOP, many.size(), many.constData());
        TIFFSetField(tiff, TIFFTAG_IMAGEDESCRIPTION, "a picture");
    };
    const QByteArray bytes = tiffOf(kind, kWidth, kHeight, rowsOfBytes(image.rgb, kWidth, 3));
    QVERIFY(bytes.size() > many.size());
    COMPARE_PICTURES(decoded(bytes), image);
}

void TestMoreFormats::gifs_data()
{
    QTest::addColumn<bool>("interlaced");
    QTest::addColumn<int>("colours");
    for (const bool interlaced : { false, true }) {
        for (const int colours : { 2, 16, 256 })
            QTest::addRow("%d colours%s", colours, interlaced ? ", interlaced" : "")
                << interlaced << colours;
    }
}

void TestMoreFormats::gifs()
{
    QFETCH(bool, interlaced);
    QFETCH(int, colours);
    GifFrame frame { 0, 0, kWidth, kHeight, interlaced, -1 };
    const QByteArray bytes = gifOf(kWidth, kHeight, colours, { frame });
    QVERIFY(!bytes.isEmpty());
    COMPARE_PICTURES(decoded(bytes), gifPicture(kWidth, kHeight, colours));
    COMPARE_PICTURES(decoded(bytes, DecodeRule::Contest), gifPicture(kWidth, kHeight, colours));
}

void TestMoreFormats::gifFramesOnTheirCanvas()
{
    const Image frame = gifPicture(20, 10, 16);
    const QByteArray film =
        gifOf(30, 24, 16, { { 6, 4, 20, 10, false, 3 }, { 0, 0, 30, 24, false, -1 } });
    Image wanted(30, 24);
    std::fill(wanted.rgb.begin(), wanted.rgb.end(), std::uint8_t { 255 });
    for (int y = 0; y < 10; ++y) {
        for (int x = 0; x < 20; ++x) {
            if (gifIndex(x, y, 16) != 3) // which is transparent
                std::copy_n(frame.rgb.data() + frame.offset(x, y), 3,
                    wanted.rgb.data() + wanted.offset(6 + x, 4 + y));
        }
    }
    COMPARE_PICTURES(decoded(film), wanted);
    // For the contest the transparent colour is seen, also around the frame.
    for (int y = 0; y < 24; ++y) {
        for (int x = 0; x < 30; ++x) {
            const bool inside = x >= 6 && x < 26 && y >= 4 && y < 14;
            const auto colour = gifColour(inside ? gifIndex(x - 6, y - 4, 16) : 3, 16);
            std::copy_n(colour.data(), 3, wanted.rgb.data() + wanted.offset(x, y));
        }
    }
    COMPARE_PICTURES(decoded(film, DecodeRule::Contest), wanted);
}

void TestMoreFormats::bmps_data()
{
    QTest::addColumn<int>("bits");
    QTest::addColumn<int>("header");
    QTest::addColumn<bool>("topDown");
    for (const int bits : { 1, 2, 4, 8, 16, 24, 32 }) {
        for (const int header : { 12, 16, 40, 52, 56, 64, 108, 124 }) {
            for (const bool topDown : { false, true })
                QTest::addRow("%d bits, header %d%s", bits, header, topDown ? ", top down" : "")
                    << bits << header << topDown;
        }
    }
}

void TestMoreFormats::bmps()
{
    QFETCH(int, bits);
    QFETCH(int, header);
    QFETCH(bool, topDown);
    const BmpMade made = bmpOf(kWidth, kHeight, bits, header, topDown);
    COMPARE_PICTURES(decoded(made.bytes), made.person);
    COMPARE_PICTURES(decoded(made.bytes, DecodeRule::Contest), made.contest);
}

void TestMoreFormats::packedBmps()
{
    // Five wide, four high: a run, a literal of an odd count, a row that ends early, a step.
    const QByteArray rle8 = QByteArray::fromHex("0501" // row 0: 1 1 1 1 1
                                                "0000"
                                                "0003020304" // row 1: 2 3 4, a byte to be even
                                                "00"
                                                "0000"
                                                "00020301" // three right, one up: row 3
                                                "0205" // 5 5
                                                "0001");
    const QByteArray rle4 = QByteArray::fromHex("0511" // row 0: 1 1 1 1 1
                                                "0000"
                                                "00032340" // row 1: 2 3 4
                                                "0000"
                                                "00020301"
                                                "0255"
                                                "0001");
    const int indices[4][5] = { { 1, 1, 1, 1, 1 }, { 2, 3, 4, 0, 0 }, { 0, 0, 0, 0, 0 },
        { 0, 0, 0, 5, 5 } };
    for (const int bits : { 8, 4 }) {
        const QByteArray bytes = packedBmp(5, 4, bits, bits == 8 ? rle8 : rle4);
        Image wanted(5, 4);
        for (int y = 0; y < 4; ++y) {
            for (int x = 0; x < 5; ++x) {
                const auto colour = bmpColour(indices[3 - y][x]);
                std::copy_n(colour.data(), 3, wanted.rgb.data() + wanted.offset(x, y));
            }
        }
        COMPARE_PICTURES(decoded(bytes), wanted);
    }
}

void TestMoreFormats::kindsAreToldByContentAndName()
{
    const Image image = pattern(8, 8);
    QCOMPARE(*pictureKind(bytesOf(losslessWebp(image.rgb, 8, 3))), PictureKind::Webp);
    QCOMPARE(*pictureKind(bytesOf(losslessAvif(image.rgb, 8, 3))), PictureKind::Avif);
    QCOMPARE(
        *pictureKind(bytesOf(gifOf(8, 8, 2, { { 0, 0, 8, 8, false, -1 } }))), PictureKind::Gif);
    for (const char* name : { "a.png", "A.JPEG", "b.webp", "c.AVIF", "d.tif", "e.tiff", "f.gif",
             "g.bmp", "h.dib", "i.jfif", "j.apng" })
        QVERIFY2(isNamedAsPicture(name), name);
    for (const char* name : { "a.heic", "png", ".png", "a.txt", "a.png.txt", "" })
        QVERIFY2(!isNamedAsPicture(name), name);
}

QTEST_GUILESS_MAIN(TestMoreFormats)
#include "tst_MoreFormats.moc"
