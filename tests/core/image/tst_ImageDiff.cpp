#include "core/image/Codec.h"
#include "core/image/ImageDiff.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include <cmath>

#include "tests/core/base/Measured.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using crossiter::test::Measured;
using crossiter::test::measured;

namespace {

Image filled(int width, int height, int level)
{
    Image image(width, height);
    std::fill(image.rgb.begin(), image.rgb.end(), static_cast<std::uint8_t>(level));
    return image;
}

} // namespace

class TestImageDiff : public QObject
{
    Q_OBJECT

private slots:
    void equalsThePlainComputation();
    void knownDifferencesAreMeasured();
    void equalPicturesDoNotDiffer();
    void differentSizesAreRefused();
    void perturbationsAreRendered();
    void badViewSettingsAreRefused();
};

void TestImageDiff::equalsThePlainComputation()
{
    // images.json: computed by numpy with a two-dimensional window at every place.
    QFile file(QString::fromStdString((test::dataDir() / "images/images.json").string()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonObject wanted = QJsonDocument::fromJson(file.readAll()).object()["diff"].toObject();
    const auto golden = test::goldenDir() / "embedded_pair";
    const Image clean = readImage(golden / "imagenet_00_243.clean.png");
    const Image adversarial = readImage(golden / "imagenet_00_243.sub-step-10.png");
    for (const ImageDiff& diff :
        { compareImages(clean, adversarial), compareImages(adversarial, clean) }) {
        QCOMPARE(diff.linf, wanted["linf"].toInt());
        QVERIFY(std::abs(diff.l2 - wanted["l2"].toDouble()) < 1e-9);
        QVERIFY(std::abs(diff.l2Norm - wanted["l2_norm"].toDouble()) < 1e-9);
        QVERIFY(std::abs(diff.ssim - wanted["ssim"].toDouble()) < 1e-9);
        QVERIFY(std::abs(diff.changedShare - wanted["changed"].toDouble()) < 1e-12);
    }
}

void TestImageDiff::knownDifferencesAreMeasured()
{
    const Image a = filled(20, 10, 100);
    Image b = a;
    b.rgb[b.offset(3, 4) + 1] = 90;
    b.rgb[b.offset(3, 4) + 2] = 103;
    b.rgb[b.offset(19, 9)] = 97;
    const ImageDiff diff = compareImages(a, b);
    QCOMPARE(diff.linf, 10);
    QCOMPARE(linfDistance(b, a), 10);
    QVERIFY(std::abs(diff.l2 - std::sqrt(118.0 / 600.0)) < 1e-12);
    QVERIFY(std::abs(diff.l2Norm - std::sqrt(118.0) / 255.0) < 1e-12);
    QVERIFY(std::abs(diff.changedShare - 2.0 / 200.0) < 1e-12);
    QVERIFY(diff.ssim < 1.0 && diff.ssim > 0.5);
    // Flat against flat: only the luminance term is left.
    const double c1 = 6.5025;
    const double flat = (2.0 * 100 * 150 + c1) / (100.0 * 100 + 150.0 * 150 + c1);
    QVERIFY(std::abs(compareImages(filled(30, 12, 100), filled(30, 12, 150)).ssim - flat) < 1e-9);
    QVERIFY(std::abs(compareImages(filled(3, 1, 100), filled(3, 1, 150)).ssim - flat) < 1e-9);
}

void TestImageDiff::equalPicturesDoNotDiffer()
{
    for (const Image& image : { Image(), filled(1, 1, 7), filled(40, 40, 255) }) {
        const ImageDiff diff = compareImages(image, image);
        QCOMPARE(diff.linf, 0);
        QCOMPARE(diff.l2, 0.0);
        QCOMPARE(diff.ssim, 1.0);
        QCOMPARE(diff.changedShare, 0.0);
    }
}

void TestImageDiff::differentSizesAreRefused()
{
    const Image a(3, 4);
    const Image b(4, 3); // as many values, another shape
    for (const Measured& result :
        { measured([&] { (void)compareImages(a, b); }), measured([&] { (void)linfDistance(a, b); }),
            measured([&] { (void)renderPerturbation(a, b, PerturbationMode::Signed, 1, 16); }) })
        VERIFY_REFUSED(result, "expected 3x4, found 4x3");
}

void TestImageDiff::perturbationsAreRendered()
{
    Image clean(4, 1);
    Image adversarial(4, 1);
    clean.rgb = { 10, 10, 10, 200, 200, 200, 0, 0, 0, 255, 255, 255 };
    adversarial.rgb = { 10, 26, 0, 184, 201, 199, 255, 8, 1, 0, 254, 255 };
    const auto rendered = [&](PerturbationMode mode, int gain, int epsilon) {
        return renderPerturbation(clean, adversarial, mode, gain, epsilon).rgb;
    };
    using Bytes = std::vector<std::uint8_t>;
    QCOMPARE(rendered(PerturbationMode::Signed, 1, 16),
        (Bytes { 128, 144, 118, 112, 129, 127, 255, 136, 129, 0, 127, 128 }));
    QCOMPARE(rendered(PerturbationMode::Signed, 10, 16),
        (Bytes { 128, 255, 28, 0, 138, 118, 255, 208, 138, 0, 118, 128 }));
    QCOMPARE(rendered(PerturbationMode::Magnitude, 10, 16),
        (Bytes { 0, 160, 100, 160, 10, 10, 255, 80, 10, 255, 10, 0 }));
    QCOMPARE(rendered(PerturbationMode::EpsilonNormalised, 255, 16),
        (Bytes { 128, 255, 48, 0, 135, 120, 255, 191, 135, 0, 120, 128 }));
}

void TestImageDiff::badViewSettingsAreRefused()
{
    const Image image(2, 2);
    for (const auto& [gain, epsilon] :
        std::initializer_list<std::pair<int, int>> { { 0, 16 }, { 256, 16 }, { 1, 0 } }) {
        const Measured result =
            measured([&, gain = gain, epsilon = epsilon] { // clang 14 captures no binding by itself
                (void)renderPerturbation(image, image, PerturbationMode::Signed, gain, epsilon);
            });
        VERIFY_REFUSED(result, "perturbation view");
    }
}

QTEST_GUILESS_MAIN(TestImageDiff)
#include "tst_ImageDiff.moc"
