// Colour profiles: ignored by default, to sRGB by choice.
#include "core/image/Codec.h"
#include "core/image/ImageDiff.h"

#include <QTemporaryDir>
#include <QTest>

#include <zlib.h>

#include "tests/core/image/PictureMaker.h"
#include "tests/core/image/TiffMaker.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

QByteArray bigEndian(quint32 value)
{
    QByteArray bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(value >> shift);
    return bytes;
}

QByteArray chunk(const QByteArray& type, const QByteArray& data)
{
    const QByteArray all = type + data;
    return bigEndian(static_cast<quint32>(data.size())) + all
        + bigEndian(static_cast<quint32>(crc32(
            0, reinterpret_cast<const Bytef*>(all.constData()), static_cast<uInt>(all.size()))));
}

QByteArray pngOf(const Image& image, const QByteArray& profile)
{
    const std::vector<std::uint8_t> plain = encodePng(image);
    QByteArray bytes(
        reinterpret_cast<const char*>(plain.data()), static_cast<qsizetype>(plain.size()));
    if (!profile.isEmpty())
        bytes.insert(33, chunk("iCCP", QByteArray("p\0\0", 3) + qCompress(profile).mid(4)));
    return bytes;
}

struct Read
{
    Image image;
    FoundProfile profile;
};

Read read(const QByteArray& bytes, ColourRule colour)
{
    const QTemporaryDir folder;
    QFile file(folder.filePath("picture"));
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        return {};
    file.close();
    Read result;
    result.image = readImage(file.fileName().toStdString(), { DecodeRule::Person, colour }, {},
        TimeLimit(10'000), &result.profile);
    return result;
}

/// By Little CMS alone.
Image converted(Image image, const QByteArray& profile)
{
    cmsHPROFILE from =
        cmsOpenProfileFromMem(profile.constData(), static_cast<cmsUInt32Number>(profile.size()));
    cmsHPROFILE to = cmsCreate_sRGBProfile();
    cmsHTRANSFORM change =
        cmsCreateTransform(from, TYPE_RGB_8, to, TYPE_RGB_8, INTENT_PERCEPTUAL, 0);
    cmsDoTransform(change, image.rgb.data(), image.rgb.data(),
        static_cast<cmsUInt32Number>(image.rgb.size() / 3));
    cmsDeleteTransform(change);
    cmsCloseProfile(from);
    cmsCloseProfile(to);
    return image;
}

} // namespace

class TestColours : public QObject
{
    Q_OBJECT

private slots:
    void everyFormatsProfile_data();
    void everyFormatsProfile();
    void srgbChangesNothing();
    void uselessProfilesAreIgnored();
    void noProfile();
};

void TestColours::everyFormatsProfile_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const Image image = pattern(40, 30);
    const QByteArray profile = profileOf(true);
    QTest::newRow("png") << pngOf(image, profile);
    QTest::newRow("webp") << extendedWebp(
        40, 30, 32, webpChunk("ICCP", profile), losslessWebp(image.rgb, 40, 3).mid(12));
    QTest::newRow("avif") << losslessAvif(image.rgb, 40, 3, 0, -1, profile);
    TiffKind kind;
    kind.more = [&profile](TIFF* tiff) {
        TIFFSetField(tiff, TIFFTAG_ICCPROFILE, static_cast<std::uint32_t>(profile.size()),
            profile.constData());
    };
    QTest::newRow("tiff") << tiffOf(kind, 40, 30, rowsOfBytes(image.rgb, 40, 3));
}

void TestColours::everyFormatsProfile()
{
    QFETCH(QByteArray, bytes);
    const Image image = pattern(40, 30);
    const Read ignored = read(bytes, ColourRule::Ignore);
    QCOMPARE(linfDistance(ignored.image, image), 0);
    QCOMPARE(ignored.profile.kind, FoundProfile::Kind::Other);
    QVERIFY(!ignored.profile.converted);
    const Read obeyed = read(bytes, ColourRule::Srgb);
    QVERIFY(obeyed.profile.converted);
    QVERIFY(obeyed.profile.fault.empty());
    const Image wanted = converted(image, profileOf(true));
    QVERIFY(linfDistance(wanted, image) > 10);
    QCOMPARE(linfDistance(obeyed.image, wanted), 0);
}

void TestColours::srgbChangesNothing()
{
    const Image image = pattern(40, 30);
    const Read found = read(pngOf(image, profileOf(false)), ColourRule::Srgb);
    QCOMPARE(found.profile.kind, FoundProfile::Kind::Srgb);
    QVERIFY(!found.profile.converted);
    QCOMPARE(linfDistance(found.image, image), 0);
}

void TestColours::uselessProfilesAreIgnored()
{
    const Image image = pattern(40, 30);
    QByteArray cut = profileOf(true);
    cut.truncate(cut.size() / 2);
    cmsHPROFILE lab = cmsCreateLab4Profile(nullptr);
    cmsUInt32Number size = 0;
    cmsSaveProfileToMem(lab, nullptr, &size);
    QByteArray other(static_cast<qsizetype>(size), '\0');
    cmsSaveProfileToMem(lab, other.data(), &size);
    cmsCloseProfile(lab);
    for (const QByteArray& profile :
        { QByteArray("no profile"), cut, QByteArray(5 << 20, 'x'), other }) {
        const Read found = read(pngOf(image, profile), ColourRule::Srgb);
        QCOMPARE(linfDistance(found.image, image), 0);
        QCOMPARE(found.profile.kind, FoundProfile::Kind::Unusable);
        QVERIFY(!found.profile.fault.empty());
    }
}

void TestColours::noProfile()
{
    const Read found = read(pngOf(pattern(4, 4), {}), ColourRule::Srgb);
    QCOMPARE(found.profile.kind, FoundProfile::Kind::None);
    QCOMPARE(linfDistance(found.image, pattern(4, 4)), 0);
}

QTEST_GUILESS_MAIN(TestColours)
#include "tst_Colours.moc"
