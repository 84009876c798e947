// Pictures of NumPy arrays: kinds, orders, layouts, ranges, and files that are none.
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/image/NpyFile.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/core/image/NpyMaker.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

using Bytes = std::vector<std::uint8_t>;

/// What the reader says; empty: it took the file.
QString said(const Bytes& file, const NpyReading& reading = {})
{
    try {
        const NpyFile array(file, "a.npy", reading);
        return {};
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput ? QString(error.what()) : QString("other kind");
    }
}

Bytes pictureOf(const Bytes& file, std::size_t index, const NpyReading& reading = {})
{
    NpyFile array(file, "a.npy", reading);
    return array.picture(index).rgb;
}

template <typename T>
std::vector<T> turned(std::vector<T> values)
{
    for (T& value : values) {
        auto* const bytes = reinterpret_cast<std::uint8_t*>(&value);
        std::reverse(bytes, bytes + sizeof(T));
    }
    return values;
}

const NpyReading kZeroOne { NpyRange::ZeroOne, {} };

} // namespace

class TestNpyFile : public QObject
{
    Q_OBJECT

private slots:
    void bytesInBothLayouts();
    void floatsOfEveryKind();
    void halvesGoToEven();
    void everyVersion();
    void leadingAxesCountPictures();
    void rangesAreNeverGuessed();
    void layoutsAreNeverGuessed();
    void labelsAreNoPictures();
    void hostileFiles_data();
    void hostileFiles();
    void cutAnywhere();
    void aFileOnDisk();
    void words();
};

void TestNpyFile::bytesInBothLayouts()
{
    const Bytes pixels { 1, 2, 3, 4, 5, 6 }; // two pixels
    const Bytes planes { 1, 4, 2, 5, 3, 6 };
    QCOMPARE(pictureOf(npyOf("|u1", "(1, 2, 3)", pixels), 0), pixels);
    QCOMPARE(pictureOf(npyOf("|u1", "(3, 1, 2)", planes), 0), pixels);
    const NpyFile wide(npyOf("|u1", "(1, 2, 3)", pixels), "a.npy");
    QVERIFY(wide.size() == (PictureSize { 2, 1 }) && wide.count() == 1);
}

void TestNpyFile::floatsOfEveryKind()
{
    const Bytes wanted { 0, 128, 255 };
    const std::vector<float> f32 { -1.0F, 0.0F, 1.0F };
    const std::vector<double> f64 { -1.0, 0.0, 1.0 };
    const std::vector<std::uint16_t> f16 { 0xBC00, 0x0000, 0x3C00 };
    QCOMPARE(pictureOf(npyOf("<f4", "(1, 1, 3)", f32), 0), wanted);
    QCOMPARE(pictureOf(npyOf("<f8", "(1, 1, 3)", f64), 0), wanted);
    QCOMPARE(pictureOf(npyOf("<f2", "(1, 1, 3)", f16), 0), wanted);
    QCOMPARE(pictureOf(npyOf(">f4", "(1, 1, 3)", turned(f32)), 0), wanted);
    QCOMPARE(pictureOf(npyOf(">f8", "(1, 1, 3)", turned(f64)), 0), wanted);
    QCOMPARE(pictureOf(npyOf(">f2", "(1, 1, 3)", turned(f16)), 0), wanted);
    const std::vector<std::uint16_t> small { 0x0001, 0x3800, 0x3555 }; // 2^-24, 0.5, 0.333
    QCOMPARE(pictureOf(npyOf("<f2", "(1, 1, 3)", small), 0, kZeroOne), (Bytes { 0, 128, 85 }));
}

void TestNpyFile::halvesGoToEven()
{
    const std::vector<double> halves { 0.5 / 255, 1.5 / 255, 2.5 / 255 };
    QCOMPARE(pictureOf(npyOf("<f8", "(1, 1, 3)", halves), 0, kZeroOne), (Bytes { 0, 2, 2 }));
    // Every byte comes back from both ranges, whichever precision it went through.
    for (int level = 0; level < 256; ++level) {
        const auto byte = static_cast<std::uint8_t>(level);
        const std::vector<float> ones(3, static_cast<float>(level) / 255.0F);
        const std::vector<float> signedOnes(3, static_cast<float>(level) / 127.5F - 1.0F);
        QCOMPARE(pictureOf(npyOf("<f4", "(1, 1, 3)", ones), 0, kZeroOne), Bytes(3, byte));
        QCOMPARE(pictureOf(npyOf("<f4", "(1, 1, 3)", signedOnes), 0, { NpyRange::MinusOneOne, {} }),
            Bytes(3, byte));
    }
}

void TestNpyFile::everyVersion()
{
    const Bytes pixel { 7, 8, 9 };
    for (const int version : { 1, 2, 3 })
        QCOMPARE(pictureOf(npyOf("|u1", "(1, 1, 3)", pixel, version), 0), pixel);
    QVERIFY(said(npyOf("|u1", "(1, 1, 3)", pixel, 4)).contains("version"));
}

void TestNpyFile::leadingAxesCountPictures()
{
    const Bytes values { 1, 2, 3, 4, 5, 6 };
    QCOMPARE(pictureOf(npyOf("|u1", "(2, 1, 1, 3)", values), 1), (Bytes { 4, 5, 6 }));
    // Steps of a batch of one.
    QCOMPARE(pictureOf(npyOf("|u1", "(2, 1, 3, 1, 1)", values), 1), (Bytes { 4, 5, 6 }));
    QCOMPARE(NpyFile(npyOf("|u1", "(2, 1, 3, 1, 1)", values), "a.npy").count(), std::size_t { 2 });
}

void TestNpyFile::rangesAreNeverGuessed()
{
    const auto file = [](float a, float b, float c) {
        return npyOf("<f4", "(1, 1, 3)", std::vector<float> { a, b, c });
    };
    const QString why = said(file(0.0F, 0.5F, 1.0F));
    QVERIFY2(
        why.contains("--range 0..1 or --range -1..1") && why.contains("0..1"), qPrintable(why));
    try {
        const NpyFile array(file(0, 0, 0), "a.npy");
        QFAIL("no range was asked for");
    } catch (const Error& error) {
        QVERIFY(asksForRange(error));
    }
    // Dirt of arithmetic below zero says nothing of the range.
    QVERIFY(said(file(-1e-6F, 0.5F, 1.0F)).contains("--range"));
    QVERIFY(said(file(-1e-6F, 0.5F, 1.00001F), kZeroOne).isEmpty());
    QVERIFY(said(file(-0.5F, 0.5F, 1.0F)).isEmpty());
    QVERIFY(said(file(-0.5F, 0.5F, 1.0F), kZeroOne).contains("outside of their range"));
    QVERIFY(said(file(0.0F, 128.0F, 255.0F)).contains("found 0..255"));
    QVERIFY(said(file(-2.1F, 0.0F, 2.6F)).contains("outside of their range"));
    for (const float odd :
        { std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity() })
        QVERIFY(said(file(0.0F, odd, 1.0F), kZeroOne).contains("no number"));
    QCOMPARE(pictureOf(file(0.0F, 0.5F, 1.0F), 0, { NpyRange::MinusOneOne, {} }),
        (Bytes { 128, 191, 255 }));
}

void TestNpyFile::layoutsAreNeverGuessed()
{
    const Bytes values(27, 9);
    const Bytes both = npyOf("|u1", "(3, 3, 3)", values);
    QVERIFY(said(both).contains("--layout nhwc or --layout nchw"));
    QVERIFY(said(both, { {}, NpyLayout::Nchw }).isEmpty());
    const Bytes last = npyOf("|u1", "(1, 9, 3)", values);
    QVERIFY(said(last, { {}, NpyLayout::Nchw }).contains("nchw"));
    QVERIFY(said(npyOf("|u1", "(1, 3, 9)", values)).contains("axis of length 3"));
    QVERIFY(said(npyOf("|u1", "(1, 27, 1)", values)).contains("axis of length 3"));
}

void TestNpyFile::labelsAreNoPictures()
{
    const NpyFile labels(npyOf("|u1", "(3,)", Bytes { 1, 2, 3 }), "labels.npy");
    QCOMPARE(labels.count(), std::size_t { 0 });
}

void TestNpyFile::hostileFiles_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("words");
    const auto row = [](const char* name, const Bytes& file, const char* words) {
        QTest::newRow(name) << QByteArray(
            reinterpret_cast<const char*>(file.data()), static_cast<int>(file.size()))
                            << QString(words);
    };
    const Bytes pixel { 7, 8, 9 };
    row("empty", {}, "cut");
    row("other bytes", Bytes(64, 'x'), "not a NumPy file");
    row("objects", npyOf("|O", "(1, 1, 3)", pixel), "Python objects");
    row("texts", npyOf("<U3", "(1, 1, 3)", pixel), "other values");
    row("integers", npyOf("<i8", "(1, 1, 3)", Bytes(24)), "other values");
    row("Fortran order", npyOf("|u1", "(1, 1, 3)", pixel, 1, "True"), "Fortran");
    row("one value too few", npyOf("|u1", "(1, 2, 3)", Bytes(5)), "cut");
    row("one value too many", npyOf("|u1", "(1, 2, 3)", Bytes(7)), "bytes behind");
    row("a side of nothing", npyOf("|u1", "(0, 1, 1, 3)", Bytes()), "out of range");
    row("sides that overflow", npyOf("|u1", "(4294967296, 4294967296, 4294967296, 3)", Bytes()),
        "out of range");
    row("a number that overflows", npyOf("|u1", "(99999999999999999999, 1, 3)", pixel), "header");
    row("a negative side", npyOf("|u1", "(-1, 1, 3)", pixel), "header");
    row("a call", npyOf("|u1", "__import__('os')", pixel), "header");
    row("an unclosed tuple", npyOf("|u1", "(1, 1, 3", pixel), "header");
    row("an unclosed text", npyOf("|u1", "'(1, 1, 3)", pixel), "header");
    row("a member twice", npyOf("|u1', 'descr': '|u1", "(1, 1, 3)", pixel), "header");
    row("an unknown member", npyOf("|u1', 'other': '|u1", "(1, 1, 3)", pixel), "header");
    row("neither True nor False", npyOf("|u1", "(1, 1, 3)", pixel, 1, "None"), "header");
    row("too wide", npyOf("|u1", "(1, 16385, 3)", Bytes(std::size_t { 3 } * 16385)), "too large");
    Bytes longHeader = npyOf("|u1", "(1, 1, 3)", pixel, 2);
    longHeader[10] = 255;
    row("a header of 16 MB", longHeader, "too long");
    Bytes cutHeader = npyOf("|u1", "(1, 1, 3)", pixel);
    cutHeader[9] = 255;
    row("a header beyond the end", cutHeader, "cut");
    std::string axes;
    for (int i = 0; i < 40; ++i)
        axes += "1, ";
    row("forty axes", npyOf("|u1", "(" + axes + "1, 1, 3)", pixel), "header");
}

void TestNpyFile::hostileFiles()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, words);
    const QString found = said({ file.begin(), file.end() });
    QVERIFY2(found.contains(words) && found.contains("a.npy"), qPrintable(found));
    QVERIFY(!found.contains('\n'));
}

void TestNpyFile::cutAnywhere()
{
    const Bytes whole = npyOf("<f4", "(3, 2, 2)", std::vector<float>(12, -0.5F));
    QVERIFY(said(whole).isEmpty());
    for (std::size_t size = 0; size < whole.size(); ++size)
        QVERIFY2(!said(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)))
                      .isEmpty(),
            qPrintable(QString::number(size)));
}

void TestNpyFile::aFileOnDisk()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("a.npy").toStdString();
    // More than one of the pieces that a file is read in.
    std::vector<float> values(std::size_t { 2 } * 3 * 120 * 130);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = static_cast<float>(i % 256) / 127.5F - 1.0F;
    const Bytes file = npyOf("<f4", "(2, 3, 120, 130)", values);
    writeFileAtomically(path, file);
    NpyFile array(path);
    QCOMPARE(array.count(), std::size_t { 2 });
    QVERIFY(array.size() == (PictureSize { 130, 120 }));
    QCOMPARE(array.picture(1).rgb, pictureOf(file, 1));
    std::filesystem::resize_file(path, file.size() - 4);
    try {
        static_cast<void>(array.picture(1));
        QFAIL("a file that became shorter was read");
    } catch (const Error& error) {
        QVERIFY(QString(error.what()).contains("cut"));
    }
    std::stop_source stop;
    stop.request_stop();
    writeFileAtomically(path, file);
    QCOMPARE(NpyFile(path, {}, stop.get_token()).count(), std::size_t { 0 });
}

void TestNpyFile::words()
{
    for (const char* text : { "nhwc", "nchw" })
        QCOMPARE(toString(parseNpyLayout(text)), std::string(text));
    for (const char* text : { "0..1", "-1..1" })
        QCOMPARE(toString(parseNpyRange(text)), std::string(text));
    for (const char* text : { "", "0-1", "NHWC" }) {
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(parseNpyLayout(text)), Error);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(parseNpyRange(text)), Error);
    }
    QVERIFY(isNpyName("a.NPY") && !isNpyName("a.npz"));
}

QTEST_GUILESS_MAIN(TestNpyFile)
#include "tst_NpyFile.moc"
