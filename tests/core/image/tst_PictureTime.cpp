// Deadlines and requests to stop, in every phase from a file's markers to the last row of a resize.
#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "core/image/Resample.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/core/base/Measured.h"
#include "tests/core/image/PngMaker.h"

using namespace crossiter;
using crossiter::test::blackPng;
using crossiter::test::chunk;
using crossiter::test::contents;
using crossiter::test::Measured;
using crossiter::test::measured;
using crossiter::test::smallPng;

namespace {

/// Milliseconds that a stop may take, tenfold of the bound: memory for a large picture is most of
/// it.
#if defined(__SANITIZE_ADDRESS__)
constexpr double kLeastSlack = 5000.0;
#else
constexpr double kLeastSlack = 1000.0;
#endif

} // namespace

class TestPictureTime : public QObject
{
    Q_OBJECT

private slots:
    void everyPhaseIsStopped_data();
    void everyPhaseIsStopped();
    void resizingIsStopped();
    void resizingNeedsNoSecondPicture();
};

void TestPictureTime::everyPhaseIsStopped_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray jpeg = contents("jpeg-420.jpg");
    QTest::newRow("markers") << jpeg.left(2) + QByteArray::fromHex("ffe10002").repeated(8'000'000)
            + jpeg.mid(2);
    QTest::newRow("chunks") << smallPng(chunk("prVt", {}).repeated(3'000'000));
    QTest::newRow("empty IDAT chunks") << smallPng(chunk("IDAT", {}).repeated(3'000'000));
    QTest::newRow("rows") << blackPng(9300, 9000, false);
    QTest::newRow("interlaced rows") << blackPng(9300, 9000, true);
}

void TestPictureTime::everyPhaseIsStopped()
{
    QFETCH(QByteArray, bytes);
    const QTemporaryDir folder;
    QFile file(folder.filePath("slow"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
    file.close();
    const std::string path = file.fileName().toStdString();
    // Where the machine is slow or busy, a reading that is stopped early is still far from a whole
    // one.
    const Measured whole = measured([&] { (void)readImage(path, DecodeRule::Person); });
    const double slack = std::max(kLeastSlack, static_cast<double>(whole.milliseconds) / 2);
    // A deadline is kept wherever it falls.
    for (const int milliseconds : { 0, 5, 20 }) {
        DecodeLimits limits;
        limits.deadlineMs = milliseconds;
        const Measured result =
            measured([&] { (void)readImage(path, DecodeRule::Person, limits); });
        QVERIFY2(static_cast<double>(result.milliseconds) < milliseconds + slack,
            qPrintable(QString::number(result.milliseconds)));
        if (result.error)
            QVERIFY2(result.text().contains("takes too long"), qPrintable(result.text()));
    }
    // And so is a request to stop.
    std::stop_source stop;
    Image found(1, 1);
    const auto start = std::chrono::steady_clock::now();
    {
        const std::jthread other([&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
            stop.request_stop();
        });
        found = readImage(path, DecodeRule::Person, {}, TimeLimit(10'000, stop.get_token()));
    }
    const std::chrono::duration<double, std::milli> taken =
        std::chrono::steady_clock::now() - start;
    QVERIFY2(taken.count() < 100 + slack, qPrintable(QString::number(taken.count())));
    QVERIFY(found.empty());
}

void TestPictureTime::resizingIsStopped()
{
    const Image large(6000, 6000);
    QVERIFY_EXCEPTION_THROWN((void)toImageSpace(large, CropRule::Whole, TimeLimit(0)), Error);
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(toImageSpace(large, CropRule::Whole, TimeLimit(10'000, stop.get_token())).empty());
    QVERIFY(lanczosResize(large, 10, 10, TimeLimit(10'000, stop.get_token())).empty());
    const Measured late = measured(
        [&] { (void)toImageSpace(large, CropRule::CentreCrop, TimeLimit(20), "large.png"); });
    QVERIFY2(late.milliseconds < 1000, qPrintable(QString::number(late.milliseconds)));
    QVERIFY2(late.text().contains("large.png"), qPrintable(late.text()));
}

void TestPictureTime::resizingNeedsNoSecondPicture()
{
    const Image tall(400, 16384);
    const Image wide(16384, 400);
    for (const Image& image : { std::cref(tall), std::cref(wide) }) {
        for (const CropRule rule : { CropRule::Whole, CropRule::CentreCrop }) {
            const Measured result = measured([&] { (void)toImageSpace(image, rule); });
            QVERIFY2(result.megabytes < test::kSlackMegabytes / 2,
                qPrintable(QString::number(result.megabytes)));
        }
    }
}

QTEST_GUILESS_MAIN(TestPictureTime)
#include "tst_PictureTime.moc"
