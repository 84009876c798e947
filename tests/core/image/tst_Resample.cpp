#include "core/base/Random.h"
#include "core/image/Codec.h"
#include "core/image/ImageDiff.h"
#include "core/image/Resample.h"

#include <QTest>

#include "tests/core/base/Measured.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using crossiter::test::Measured;
using crossiter::test::measured;

namespace {

Image noise(int width, int height, std::uint64_t seed)
{
    Image image(width, height);
    RandomStream random(seed);
    for (std::uint8_t& value : image.rgb)
        value = static_cast<std::uint8_t>(random.next());
    return image;
}

/// Rows become columns.
Image transposed(const Image& image)
{
    Image out(image.height, image.width);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x)
            std::copy_n(
                image.rgb.data() + image.offset(x, y), 3, out.rgb.data() + out.offset(y, x));
    }
    return out;
}

Image mirrored(const Image& image)
{
    Image out(image.width, image.height);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < image.width; ++x)
            std::copy_n(image.rgb.data() + image.offset(image.width - 1 - x, y), 3,
                out.rgb.data() + out.offset(x, y));
    }
    return out;
}

} // namespace

class TestResample : public QObject
{
    Q_OBJECT

private slots:
    void equalsPillowOnThePhotos_data();
    void equalsPillowOnThePhotos();
    void aFlatPictureStaysFlat_data();
    void aFlatPictureStaysFlat();
    void theSameSizeChangesNothing();
    void mirroringCommutes();
    void axesAreTreatedAlikeWithinRounding();
    void imageSpaceKeepsItsOwnSize();
    void centreCropTakesTheMiddle();
    void impossibleSizesAreRefused();
};

void TestResample::equalsPillowOnThePhotos_data()
{
    QTest::addColumn<QString>("name");
    for (const char* name : { "imagenet_00_243", "imagenet_02_438", "imagenet_04_949",
             "imagenet_06_609", "imagenet_08_915", "imagenet_10_541", "imagenet_12_741",
             "imagenet_14_129", "imagenet_16_251", "imagenet_18_317" })
        QTest::newRow(name) << name;
}

void TestResample::equalsPillowOnThePhotos()
{
    QFETCH(QString, name);
    const std::string stem = name.toStdString();
    const Image golden = readImage(test::goldenDir() / "embedded_pair" / (stem + ".clean.png"));
    const Image photo = readImage(test::photosDir() / (stem + ".jpg"));
    const Image ours = toImageSpace(photo);
    const ImageDiff diff = compareImages(ours, golden);
    qInfo("%dx%d: %.4f %% of the pixels differ, by %d at most", photo.width, photo.height,
        100.0 * diff.changedShare, diff.linf);
    QVERIFY(diff.linf <= 1);
    QVERIFY(diff.changedShare < 0.01);
}

void TestResample::aFlatPictureStaysFlat_data()
{
    QTest::addColumn<int>("from");
    QTest::addColumn<int>("to");
    for (const auto& [from, to] : std::initializer_list<std::pair<int, int>> { { 1, 1 }, { 1, 300 },
             { 2, 299 }, { 500, 1 }, { 500, 299 }, { 299, 500 }, { 1000, 7 } })
        QTest::addRow("%d to %d", from, to) << from << to;
}

void TestResample::aFlatPictureStaysFlat()
{
    QFETCH(int, from);
    QFETCH(int, to);
    for (const int level : { 0, 1, 127, 254, 255 }) {
        Image flat(from, from);
        std::fill(flat.rgb.begin(), flat.rgb.end(), static_cast<std::uint8_t>(level));
        Image wanted(to, to);
        std::fill(wanted.rgb.begin(), wanted.rgb.end(), static_cast<std::uint8_t>(level));
        QCOMPARE(linfDistance(lanczosResize(flat, to, to), wanted), 0);
    }
}

void TestResample::theSameSizeChangesNothing()
{
    const Image image = noise(37, 23, 1);
    QCOMPARE(lanczosResize(image, 37, 23), image);
}

void TestResample::mirroringCommutes()
{
    const Image image = noise(101, 40, 2);
    QVERIFY(
        linfDistance(lanczosResize(mirrored(image), 64, 25), mirrored(lanczosResize(image, 64, 25)))
        <= 1);
    QVERIFY(linfDistance(
                lanczosResize(mirrored(image), 299, 70), mirrored(lanczosResize(image, 299, 70)))
        <= 1);
}

void TestResample::axesAreTreatedAlikeWithinRounding()
{
    const Image image = noise(90, 60, 3);
    // One axis alone: exactly alike. Both: the order of the passes rounds and clips differently.
    QCOMPARE(lanczosResize(transposed(image), 60, 40), transposed(lanczosResize(image, 40, 60)));
    const Image soft = lanczosResize(image, 45, 30);
    QVERIFY(linfDistance(
                lanczosResize(transposed(soft), 20, 31), transposed(lanczosResize(soft, 31, 20)))
        <= 2);
}

void TestResample::imageSpaceKeepsItsOwnSize()
{
    const Image image = noise(299, 299, 4);
    QCOMPARE(toImageSpace(image), image);
    QCOMPARE(toImageSpace(image, CropRule::CentreCrop), image);
    QVERIFY(toImageSpace(noise(3, 900, 5)).isImageSpace());
}

void TestResample::centreCropTakesTheMiddle()
{
    Image wide(501, 299);
    for (int y = 0; y < 299; ++y)
        for (int x = 101; x < 400; ++x)
            wide.rgb[wide.offset(x, y)] = static_cast<std::uint8_t>(x % 256);
    const Image square = toImageSpace(wide, CropRule::CentreCrop);
    QVERIFY(square.isImageSpace());
    for (int x = 0; x < 299; ++x)
        QCOMPARE(int { square.rgb[square.offset(x, 150)] }, (x + 101) % 256);
    QCOMPARE(toImageSpace(transposed(wide), CropRule::CentreCrop), transposed(square));
    QVERIFY(toImageSpace(wide) != square);
}

void TestResample::impossibleSizesAreRefused()
{
    const Image image = noise(4, 4, 6);
    for (const auto& [width, height] : std::initializer_list<std::pair<int, int>> {
             { 0, 4 }, { 4, 0 }, { -1, 4 }, { 16385, 4 }, { 4, 16385 } }) {
        const Measured result = measured(
            [&, width = width, height = height] { (void)lanczosResize(image, width, height); });
        VERIFY_REFUSED(result, "cannot resize");
    }
    const Measured result = measured([] { (void)toImageSpace(Image()); });
    VERIFY_REFUSED(result, "0x0");
}

QTEST_GUILESS_MAIN(TestResample)
#include "tst_Resample.moc"
