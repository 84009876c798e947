// The size that a pair is compared at.
#include "core/base/Error.h"
#include "core/image/ImageDiff.h"
#include "core/image/PictureSize.h"
#include "core/image/Resample.h"

#include <QtTest>

using namespace crossiter;

class TestPictureSize : public QObject
{
    Q_OBJECT

private slots:
    void texts_data();
    void texts();
    void picturesAreBroughtThere();
    void resultsMustFit();
    void similarityOfTallPictures();
};

namespace {

Image gradient(int width, int height)
{
    Image image(width, height);
    for (std::size_t i = 0; i < image.rgb.size(); ++i)
        image.rgb[i] = static_cast<std::uint8_t>((i * 7919U) % 251U);
    return image;
}

} // namespace

void TestPictureSize::texts_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("means");
    QTest::newRow("usual") << "224x224"
                           << "224x224";
    QTest::newRow("not square") << "640X480"
                                << "640x480";
    QTest::newRow("sign") << QString::fromUtf8("224\u00d7224") << "224x224";
    QTest::newRow("smallest") << "1x1"
                              << "1x1";
    QTest::newRow("longest side") << "16384x6000"
                                  << "16384x6000";
    for (const char* wrong : { "", "x", "224", "224x", "x224", "224x224x3", "0x224", "224x0",
             "-1x5", "16385x1", "16384x16384", "224 x 224", "224x224px", "1e3x5", "99999999999x1" })
        QTest::newRow(QByteArray("wrong ") + wrong) << wrong << "";
}

void TestPictureSize::texts()
{
    QFETCH(QString, text);
    QFETCH(QString, means);
    const auto size = findPictureSize(text.toStdString());
    QCOMPARE(size ? QString::fromStdString(toString(*size)) : QString(), means);
    if (means.isEmpty()) {
        try {
            static_cast<void>(parsePictureSize("--size", text.toStdString()));
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Usage);
            QVERIFY(QString(error.what()).contains("--size"));
        }
    }
}

void TestPictureSize::picturesAreBroughtThere()
{
    const Image photo = gradient(400, 300);
    QCOMPARE(toSize(photo, { 224, 224 }), lanczosResize(photo, 224, 224));
    QCOMPARE(toSize(photo, { 400, 300 }, CropRule::CentreCrop), photo);
    QCOMPARE(toSize(photo, PictureSize(), CropRule::CentreCrop),
        toImageSpace(photo, CropRule::CentreCrop));
    Image middle(300, 300);
    for (int y = 0; y < 300; ++y)
        std::copy_n(
            photo.rgb.data() + photo.offset(50, y), 900, middle.rgb.data() + middle.offset(0, y));
    QCOMPARE(toSize(photo, { 224, 224 }, CropRule::CentreCrop), lanczosResize(middle, 224, 224));
    QVERIFY(sizeOf(toSize(photo, { 31, 500 }, CropRule::CentreCrop)) == (PictureSize { 31, 500 }));
    // A part of at least one pixel, whatever the ratio.
    QVERIFY(sizeOf(toSize(gradient(3, 3), { 2000, 1 }, CropRule::CentreCrop))
        == (PictureSize { 2000, 1 }));
}

void TestPictureSize::resultsMustFit()
{
    const auto said = [](const Image& result, const std::optional<PictureSize>& size) {
        try {
            requireComparable(sizeOf(result), size, "adv/a.png");
        } catch (const Error& error) {
            return QString(error.what());
        }
        return QString();
    };
    QVERIFY(said(Image(299, 299), {}).isEmpty());
    QVERIFY(said(Image(224, 224), PictureSize { 224, 224 }).isEmpty());
    const QString asked = said(Image(224, 200), {});
    QVERIFY2(asked.contains("--size 224x200") && asked.contains("adv/a.png"), qPrintable(asked));
    const QString wrong = said(Image(299, 299), PictureSize { 224, 224 });
    QVERIFY2(
        wrong.contains("expected 224x224") && wrong.contains("found 299x299"), qPrintable(wrong));
}

void TestPictureSize::similarityOfTallPictures()
{
    // Rows beyond one band count, and so do those between two.
    Image a = gradient(20, 300);
    Image b = a;
    b.rgb[b.offset(10, 70)] = static_cast<std::uint8_t>(b.rgb[b.offset(10, 70)] ^ 0x80);
    const double one = compareImages(a, b).ssim;
    b.rgb[b.offset(10, 280)] = static_cast<std::uint8_t>(b.rgb[b.offset(10, 280)] ^ 0x80);
    const double two = compareImages(a, b).ssim;
    QVERIFY(one < 1.0 && two < one);
}

QTEST_GUILESS_MAIN(TestPictureSize)
#include "tst_PictureSize.moc"
