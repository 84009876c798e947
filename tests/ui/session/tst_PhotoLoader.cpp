#include "core/base/Error.h"
#include "core/image/ImageDiff.h"
#include "ui/session/PhotoLoader.h"

#include <QColorSpace>
#include <QFile>
#include <QImageReader>
#include <QImageWriter>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <cstdlib>

#include "tests/core/base/Measured.h"
#include "tests/ui/FromQImage.h"

using namespace crossiter;
using namespace crossiter::ui;
using crossiter::test::fromQImage;
using crossiter::test::Measured;
using crossiter::test::measured;

namespace {

/// No two rows or columns alike, some of it transparent.
QImage pattern(int width, int height)
{
    QImage image(width, height, QImage::Format_ARGB32);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x)
            image.setPixel(x, y,
                qRgba(x * 255 / width, y * 255 / height, (x * 3 + y * 5) % 256,
                    (x + y) % 3 == 0 ? 128 : 255));
    }
    return image;
}

bool write(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

} // namespace

class TestPhotoLoader : public QObject
{
    Q_OBJECT

private slots:
    void qtsFormatsAsQtReadsThem_data();
    void qtsFormatsAsQtReadsThem();
    void coresFormatsAreOffered();
    void largeBitmapsStayInMemory();
    void whatNothingReadsIsNamed();
    void anyBytesPassForNoPicture();
    void stoppedLoadsHaveNoPicture();
    void thumbnailsAreTheMiddle();
    void coloursByChoice();
};

void TestPhotoLoader::qtsFormatsAsQtReadsThem_data()
{
    QTest::addColumn<QString>("ending");
    QTest::addColumn<int>("format");
    for (const char* ending : { "bmp", "ppm" }) {
        for (const QImage::Format format : { QImage::Format_ARGB32, QImage::Format_RGB32,
                 QImage::Format_Indexed8, QImage::Format_Mono, QImage::Format_Grayscale8 })
            QTest::addRow("%s %d", ending, static_cast<int>(format))
                << QString(ending) << static_cast<int>(format);
    }
}

void TestPhotoLoader::qtsFormatsAsQtReadsThem()
{
    QFETCH(QString, ending);
    QFETCH(int, format);
    const QTemporaryDir folder;
    const QString path = folder.filePath("photo." + ending);
    const QImage drawn = pattern(299, 299).convertToFormat(static_cast<QImage::Format>(format));
    QImageWriter writer(path);
    writer.setQuality(100);
    QVERIFY2(writer.write(drawn), qPrintable(writer.errorString()));
    const LoadedPhoto photo = loadPhoto(path, CropRule::CentreCrop);
    QCOMPARE(photo.width, 299);
    QCOMPARE(photo.height, 299);
    // Painting over white rounds otherwise, by a level.
    QVERIFY(linfDistance(photo.clean, fromQImage(QImageReader(path).read())) <= 1);
}

void TestPhotoLoader::coresFormatsAreOffered()
{
    for (const char* ending : { "*.png", "*.jpg", "*.webp", "*.avif", "*.tif", "*.tiff", "*.gif",
             "*.bmp", "*.ppm", "*.ico" })
        QVERIFY2(photoFilters().contains(ending), ending);
    QVERIFY(!photoFilters().contains("*.svg"));
}

void TestPhotoLoader::largeBitmapsStayInMemory()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath("large.bmp");
    {
        QImage large(7000, 6000, QImage::Format_RGB32); // 160 MB
        large.fill(Qt::red);
        QVERIFY(large.save(path));
    }
    const Measured result = measured([&] {
        const LoadedPhoto photo = loadPhoto(path, CropRule::CentreCrop);
        QCOMPARE(photo.clean.rgb[0], std::uint8_t { 255 });
    });
    QVERIFY2(!result.error, qPrintable(result.text()));
#if !defined(__SANITIZE_ADDRESS__)
    QVERIFY2(result.megabytes < 256 + 16, qPrintable(QString::number(result.megabytes)));
#endif
}

void TestPhotoLoader::whatNothingReadsIsNamed()
{
    const QTemporaryDir folder;
    const QString path = folder.filePath("photo.jpg");
    for (const auto& [bytes, name] : std::initializer_list<std::pair<QByteArray, const char*>> {
             { QByteArray("\0\0\0\x18"
                          "ftypheic\0\0\0\0mif1",
                   20),
                 "a HEIC picture" },
             { "version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer" },
             { "<!DOCTYPE html><html></html>", "an HTML page" } }) {
        QVERIFY(write(path, bytes));
        const Measured result = measured([&] { (void)loadPhoto(path, CropRule::Whole); });
        VERIFY_REFUSED(result, path.toStdString());
        QVERIFY2(result.text().contains(name), qPrintable(result.text()));
    }
}

void TestPhotoLoader::anyBytesPassForNoPicture()
{
    // A WBMP begins with two zeros, a TGA with nearly anything.
    const QTemporaryDir folder;
    const QString path = folder.filePath("photo.bin");
    for (const QByteArray& bytes : { QByteArray("\0\0\x08\x08", 4) + QByteArray(64, '\1'),
             QByteArray("\0\0\2\0\0\0\0\0\0\0\0\0\4\0\4\0\x20\0", 18) + QByteArray(64, '\1') }) {
        QVERIFY(write(path, bytes));
        const Measured result = measured([&] { (void)loadPhoto(path, CropRule::Whole); });
        VERIFY_REFUSED(result, path.toStdString());
    }
    QVERIFY(!photoFilters().contains("*.wbmp"));
}

void TestPhotoLoader::stoppedLoadsHaveNoPicture()
{
    const QTemporaryDir folder;
    std::stop_source stop;
    stop.request_stop();
    for (const char* name : { "photo.png", "photo.jpg", "photo.bmp" }) {
        QVERIFY(pattern(400, 300).save(folder.filePath(name)));
        QVERIFY(
            loadPhoto(folder.filePath(name), CropRule::Whole, {}, stop.get_token()).clean.empty());
        QVERIFY(!loadPhoto(folder.filePath(name), CropRule::Whole).clean.empty());
    }
}

void TestPhotoLoader::thumbnailsAreTheMiddle()
{
    // A red square between blue bars.
    for (const QSize& size : { QSize(900, 300), QSize(300, 900), QSize(300, 300) }) {
        QImage image(size, QImage::Format_RGB32);
        image.fill(Qt::blue);
        for (int y = size.height() / 2 - 150; y < size.height() / 2 + 150; ++y)
            for (int x = size.width() / 2 - 150; x < size.width() / 2 + 150; ++x)
                image.setPixel(x, y, qRgb(255, 0, 0));
        for (const CropRule rule : { CropRule::Whole, CropRule::CentreCrop }) {
            LoadedPhoto photo;
            photo.width = size.width();
            photo.height = size.height();
            photo.clean = toImageSpace(fromQImage(image), rule);
            const QImage small = thumbnailOf(photo, rule, 96);
            QCOMPARE(small.size(), QSize(96, 96));
            for (const QPoint& at : { QPoint(4, 4), QPoint(91, 4), QPoint(48, 48), QPoint(4, 91) })
                QVERIFY(qRed(small.pixel(at)) > 200 && qBlue(small.pixel(at)) < 60);
        }
    }
    QVERIFY(thumbnailOf({}, CropRule::Whole, 96).isNull());
}

void TestPhotoLoader::coloursByChoice()
{
    const QTemporaryDir folder;
    QImage image = pattern(320, 299).convertToFormat(QImage::Format_RGB888);
    image.setColorSpace(QColorSpace(QColorSpace::AdobeRgb));
    const QString path = folder.filePath("wide.png");
    QVERIFY(image.save(path));
    const LoadedPhoto plain = loadPhoto(path, CropRule::CentreCrop);
    QVERIFY(plain.profile.kind == FoundProfile::Kind::Other && !plain.profile.converted);
    QVERIFY(!plain.profile.name.empty());
    const LoadedPhoto srgb = loadPhoto(path, { CropRule::CentreCrop, ColourRule::Srgb });
    QVERIFY(srgb.profile.kind == FoundProfile::Kind::Other && srgb.profile.converted);
    QVERIFY(!(plain.clean == srgb.clean));
    // As Qt converts it, but for roundings.
    const Image wanted =
        toImageSpace(fromQImage(image.convertedToColorSpace(QColorSpace(QColorSpace::SRgb))),
            CropRule::CentreCrop);
    int most = 0;
    for (std::size_t i = 0; i < wanted.rgb.size(); ++i)
        most = std::max(most, std::abs(int(wanted.rgb[i]) - int(srgb.clean.rgb[i])));
    QVERIFY2(most <= 2, qPrintable(QString::number(most)));
    image.setColorSpace(QColorSpace(QColorSpace::SRgb));
    QVERIFY(image.save(path));
    QVERIFY(loadPhoto(path, CropRule::Whole).profile.kind == FoundProfile::Kind::Srgb);
}

QTEST_MAIN(TestPhotoLoader)
#include "tst_PhotoLoader.moc"
