// Series that other programs make: order, folders, arrays, lists, and files that are being written.
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "core/jobs/SeriesFiles.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <fstream>
#include <functional>

#include "tests/core/image/NpyMaker.h"

using namespace crossiter;
using namespace crossiter::test;
namespace fs = std::filesystem;

namespace {

QString said(const std::function<void()>& work)
{
    try {
        work();
        return {};
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput ? QString(error.what()) : QString("other kind");
    }
}

/// A grey picture of 6x5.
Image grey(int level)
{
    Image image(6, 5);
    std::fill(image.rgb.begin(), image.rgb.end(), static_cast<std::uint8_t>(level));
    return image;
}

std::vector<int> levels(const std::vector<OtherPicture>& pictures)
{
    std::vector<int> found;
    for (const OtherPicture& picture : pictures)
        found.push_back(picture.image->rgb.front());
    return found;
}

} // namespace

class TestSeriesFiles : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void numbersAreComparedAsNumbers();
    void aFolderInNaturalOrder();
    void arraysAndPicturesTogether();
    void lists();
    void whatIsNoSeries();
    void sizes();
    void halfWrittenFilesAreWaitedFor();
    void aListThatGrows();
    void neverWhole();
    void stopped();

private:
    [[nodiscard]] fs::path in(const QString& name) const
    {
        return m_folder->filePath(name).toStdString();
    }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSeriesFiles::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    fs::create_directory(in("steps"));
}

void TestSeriesFiles::numbersAreComparedAsNumbers()
{
    const std::vector<std::string> sorted { "", "1", "step1.png", "step2.png", "step02b",
        "step10.png", "step10a1", "step10a02", "step99999999999999999999998",
        "step99999999999999999999999", "t" };
    for (std::size_t i = 0; i < sorted.size(); ++i)
        for (std::size_t j = 0; j < sorted.size(); ++j)
            QVERIFY2(naturalLess(sorted[i], sorted[j]) == (i < j),
                qPrintable(QString::fromStdString(sorted[i] + " and " + sorted[j])));
    QVERIFY(naturalLess("a02", "a2") != naturalLess("a2", "a02"));
}

void TestSeriesFiles::aFolderInNaturalOrder()
{
    for (const int step : { 10, 2, 1 })
        writePng(in(QString("steps/step%1.png").arg(step)), grey(step));
    writeFileAtomically(in("steps/notes.txt"), std::string("no picture"));
    writePng(in("steps/.hidden.png"), grey(99));
    const auto pictures = readSeries({ in("steps"), {} });
    QCOMPARE(levels(pictures), (std::vector<int> { 1, 2, 10 }));
    QCOMPARE(pictures[2].from.name, std::string("step10.png"));
    QCOMPARE(pictures[2].from.file, std::string("step10.png"));
    QCOMPARE(pictures[2].from.sha256.size(), std::size_t { 64 });
    QVERIFY(isSeries(in("steps")) && isSeries("a.npy") && isSeries("a.txt") && !isSeries("a.png"));
}

void TestSeriesFiles::arraysAndPicturesTogether()
{
    const std::vector<std::uint8_t> values(std::size_t { 2 } * 30 * 3, 7);
    writeFileAtomically(in("steps/step2.npy"), npyOf("|u1", "(2, 5, 6, 3)", values));
    writeFileAtomically(
        in("steps/labels.npy"), npyOf("|u1", "(2,)", std::vector<std::uint8_t> { 1, 2 }));
    writePng(in("steps/step1.png"), grey(1));
    writePng(in("steps/step10.png"), grey(10));
    const auto pictures = readSeries({ in("steps"), {} });
    QCOMPARE(levels(pictures), (std::vector<int> { 1, 7, 7, 10 }));
    QCOMPARE(pictures[2].from.name, std::string("step2.npy[1]"));
    QCOMPARE(pictures[2].from.file, std::string("step2.npy"));
    QCOMPARE(levels(readSeries({ in("steps/step2.npy"), {} })), (std::vector<int> { 7, 7 }));
    // Floats without a negative value wait for their range, wherever they lie.
    writeFileAtomically(
        in("steps/step3.npy"), npyOf("<f4", "(5, 6, 3)", std::vector<float>(90, 1.0F)));
    QVERIFY(said([this] {
        static_cast<void>(readSeries({ in("steps"), {} }));
    }).contains("--range"));
    QCOMPARE(levels(readSeries({ in("steps"), { NpyRange::ZeroOne, {} } })),
        (std::vector<int> { 1, 7, 7, 255, 10 }));
}

void TestSeriesFiles::lists()
{
    for (const int step : { 1, 2, 3 })
        writePng(in(QString("steps/step%1.png").arg(step)), grey(step));
    writeFileAtomically(in("list.txt"), std::string("steps/step3.png\r\n\nsteps/step1.png"));
    QCOMPARE(levels(readSeries({ in("list.txt"), {} })), (std::vector<int> { 3, 1 }));
    writeFileAtomically(in("list.txt"), std::string("steps/step4.png\n"));
    QVERIFY(said([this] {
        static_cast<void>(readSeries({ in("list.txt"), {} }));
    }).contains("step4.png"));
    writeFileAtomically(in("list.txt"), std::string(5000, 'x'));
    QVERIFY(said([this] {
        static_cast<void>(readSeries({ in("list.txt"), {} }));
    }).contains("no list of pictures"));
}

void TestSeriesFiles::whatIsNoSeries()
{
    const auto words = [this](const QString& name) {
        return said([this, name] { static_cast<void>(readSeries({ in(name), {} })); });
    };
    QVERIFY(words("steps").contains("no picture in the series"));
    QVERIFY(words("missing").contains("no such series"));
    writeFileAtomically(in("a.npz"), std::string("PK"));
    QVERIFY(words("a.npz").contains("numpy.save"));
    writeFileAtomically(in("many.npy"),
        npyOf("|u1", "(1001, 1, 1, 3)", std::vector<std::uint8_t>(std::size_t { 3 } * 1001)));
    QVERIFY(words("many.npy").contains("at most 1000"));
    writePng(in("steps/a.png"), grey(1));
    writeFileAtomically(
        in("steps/a.npy"), npyOf("|u1", "(5, 6, 3)", std::vector<std::uint8_t>(90)));
    QVERIFY(
        words("steps").contains("a.npy and a.png") || words("steps").contains("a.png and a.npy"));
}

void TestSeriesFiles::sizes()
{
    writePng(in("steps/a.png"), grey(1));
    const auto pictures = readSeries({ in("steps"), {} });
    QVERIFY(said([&] { requireSeriesSize(pictures, std::nullopt); }).contains("--size 6x5"));
    QVERIFY(said([&] { requireSeriesSize(pictures, PictureSize { 6, 5 }); }).isEmpty());
    QVERIFY(said([&] { requireSeriesSize(pictures, PictureSize { 5, 6 }); }).contains("found 6x5"));
}

void TestSeriesFiles::halfWrittenFilesAreWaitedFor()
{
    SeriesWatcher watcher({ in("steps"), {} });
    QVERIFY(!watcher.look() && watcher.pictures().empty() && watcher.waitingFor().empty());
    const std::vector<std::uint8_t> whole = encodePng(grey(1));
    std::ofstream half(in("steps/step1.png"), std::ios::binary);
    half.write(reinterpret_cast<const char*>(whole.data()), 40);
    half.flush();
    writePng(in("steps/step2.png"), grey(2)); // whole, but behind it
    for (int i = 0; i < 3; ++i)
        QVERIFY(!watcher.look() && watcher.pictures().empty());
    QVERIFY2(
        watcher.waitingFor().find("step1.png") != std::string::npos, watcher.waitingFor().c_str());
    half.write(reinterpret_cast<const char*>(whole.data()) + 40,
        static_cast<std::streamsize>(whole.size()) - 40);
    half.close();
    QVERIFY(!watcher.look()); // it has just changed
    QVERIFY(watcher.look());
    QCOMPARE(levels(watcher.pictures()), (std::vector<int> { 1, 2 }));
    QVERIFY(watcher.waitingFor().empty());
    QVERIFY(!watcher.look()); // nothing is new
    writePng(in("steps/step10.png"), grey(10));
    QVERIFY(!watcher.look() && watcher.look());
    QCOMPARE(levels(watcher.pictures()), (std::vector<int> { 1, 2, 10 }));
    // What was written long ago is whole at the first look.
    fs::last_write_time(
        in("steps/step10.png"), fs::file_time_type::clock::now() - std::chrono::minutes(1));
    SeriesWatcher later({ in("steps/step10.png"), {} });
    QVERIFY(later.look());
}

void TestSeriesFiles::aListThatGrows()
{
    writePng(in("steps/step1.png"), grey(1));
    writeFileAtomically(in("list.txt"), std::string("steps/step1.png\nsteps/st"));
    SeriesWatcher watcher({ in("list.txt"), {} });
    QVERIFY(!watcher.look() && watcher.look()); // the last line has no end yet
    QCOMPARE(watcher.pictures().size(), std::size_t { 1 });
    writeFileAtomically(in("list.txt"), std::string("steps/step1.png\nsteps/step2.png\n"));
    QVERIFY(!watcher.look() && !watcher.look()); // it is named before it is there
    writePng(in("steps/step2.png"), grey(2));
    QVERIFY(!watcher.look() && watcher.look());
    QCOMPARE(levels(watcher.pictures()), (std::vector<int> { 1, 2 }));
}

void TestSeriesFiles::neverWhole()
{
    writeFileAtomically(in("steps/step1.png"), std::string("\x89PNG but no picture"));
    SeriesWatcher watcher({ in("steps"), {} }, std::chrono::milliseconds(0));
    const QString words = said([&] {
        for (int i = 0; i < 3; ++i) {
            watcher.look();
            QTest::qSleep(5);
        }
    });
    QVERIFY2(
        words.contains("never became whole") && words.contains("step1.png"), qPrintable(words));
}

void TestSeriesFiles::stopped()
{
    writePng(in("steps/step1.png"), grey(1));
    std::stop_source stop;
    stop.request_stop();
    QVERIFY(readSeries({ in("steps"), {} }, stop.get_token()).empty());
    SeriesWatcher watcher({ in("steps"), {} });
    QVERIFY(!watcher.look(stop.get_token()));
}

QTEST_GUILESS_MAIN(TestSeriesFiles)
#include "tst_SeriesFiles.moc"
