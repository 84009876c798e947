#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/contest/DatasetCheck.h"
#include "core/contest/DatasetCsv.h"
#include "core/contest/LabelsCsv.h"
#include "core/contest/SafeName.h"
#include "core/contest/TargetClassCsv.h"
#include "core/contest/TrueLabel.h"
#include "core/image/Codec.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>
#include <functional>

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

constexpr const char* kHeader = "ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,"
                                "License,Author,AuthorProfileURL\n";

QString errorOf(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput ? QString(error.what()) : "wrong kind";
    }
    return "no error";
}

} // namespace

class TestDatasetCsv : public QObject
{
    Q_OBJECT

private slots:
    void columnsByName();
    void shortRowsAreSkippedAndReported();
    void badFiles_data();
    void badFiles();
    void duplicates();
    void downloadColumns();
    void folders();
    void safeNames_data();
    void safeNames();
    void targetClasses();
    void defenseOutputs();
    void check();

private:
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }
    fs::path csv(const QByteArray& text)
    {
        std::ofstream(path("dev.csv"), std::ios::binary).write(text.constData(), text.size());
        return path("dev.csv");
    }
    QTemporaryDir m_folder;
};

void TestDatasetCsv::columnsByName()
{
    const Dataset set = readDataset(
        csv("\xef\xbb\xbfTargetClass,Extra,ImageId,TrueLabel\r\n7,x,\"a,b\",1000\r\n1,,c,2\r\n"));
    QCOMPARE(set.images.size(), std::size_t(2));
    QCOMPARE(set.images[0].imageId, std::string("a,b"));
    QCOMPARE(set.images[0].contestName(), std::string("a,b.png"));
    QCOMPARE(set.images[0].trueLabel, std::optional<int>(1000));
    QCOMPARE(set.images[0].targetClass, std::optional<int>(7));
    QCOMPARE(set.images[1].line, 3);
    QCOMPARE(set.images[1].targetClass, std::optional<int>(1));
    QCOMPARE(targetClassText({ { "a,b.png", 7 }, { "c.png", 1 } }),
        std::string("\"a,b.png\",7\nc.png,1\n"));
}

void TestDatasetCsv::shortRowsAreSkippedAndReported()
{
    const Dataset set =
        readDataset(csv("ImageId,TrueLabel,TargetClass\na,1,2\nb,x\n\nc,3,4,more\n"));
    QCOMPARE(set.images.size(), std::size_t(2));
    QCOMPARE(set.shortRows.size(), std::size_t(1));
    QCOMPARE(set.shortRows[0].line, 3);
    QCOMPARE(set.shortRows[0].fields, std::size_t(2));
    QCOMPARE(set.shortRows[0].expected, std::size_t(3));
}

void TestDatasetCsv::badFiles_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("found");
    const auto row = [](const char* name, const char* text, const char* found) {
        QTest::newRow(name) << QByteArray(text) << QString(found);
    };
    row("empty", "", "no rows");
    row("no column", "ImageId,TrueLabel\na,1\n", "TargetClass");
    row("no integer", "ImageId,TrueLabel,TargetClass\na,1,2\nb,1.0,2\n", "line 3");
    row("signed", "ImageId,TrueLabel,TargetClass\na,+1,2\n", "line 2");
    row("spaces", "ImageId,TrueLabel,TargetClass\na, 1,2\n", "line 2");
    row("empty label", "ImageId,TrueLabel,TargetClass\na,,2\n", "found nothing");
    row("zero", "ImageId,TrueLabel,TargetClass\na,1,0\n", "1..1000 as TargetClass");
    row("too large", "ImageId,TrueLabel,TargetClass\na,1001,2\n", "1..1000 as TrueLabel");
    row("huge", "ImageId,TrueLabel,TargetClass\na,99999999999999999999,2\n", "line 2");
    row("twice", "ImageId,TrueLabel,TargetClass\na,1,2\nb,1,2\na,1,2\n", "line 4");
    row("column twice", "ImageId,TargetClass,TrueLabel,TargetClass\na,1,2,3\n",
        "line 1: expected each column once, found TargetClass twice");
    row("escapes", "ImageId,TrueLabel,TargetClass\n../a,1,2\n", "line 2");
    row("absolute", "ImageId,TrueLabel,TargetClass\n/tmp/a,1,2\n", "line 2");
    row("newline", "ImageId,TrueLabel,TargetClass\n\"a\nb\",1,2\n", "line 2");
    row("formula", "ImageId,TrueLabel,TargetClass\n=1+1,1,2\n", "line 2");
    row("no id", "ImageId,TrueLabel,TargetClass\n,1,2\n", "line 2");
}

void TestDatasetCsv::badFiles()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QString, found);
    const QString error = errorOf([&] { (void)readDataset(csv(text)); });
    QVERIFY2(error.contains(found) && error.contains("dev.csv"), qPrintable(error));
}

void TestDatasetCsv::duplicates()
{
    const Dataset set = readDataset(csv("ImageId,TrueLabel,TargetClass\na,1,2\nb,1,2\na,5,6\n"),
        DatasetColumns::Labels, DuplicateIds::Report);
    QCOMPARE(set.images.size(), std::size_t(2));
    QCOMPARE(set.images[0].trueLabel, std::optional<int>(1));
    QCOMPARE(set.duplicates.size(), std::size_t(1));
    QCOMPARE(set.duplicates[0].line, 4);
    QCOMPARE(set.duplicates[0].firstLine, 2);
}

void TestDatasetCsv::downloadColumns()
{
    const Dataset set =
        readDataset(csv(QByteArray(kHeader)
                        + "a,http://x/a.jpg,0.25,0,1.0,0.5,3,4,http://l,CC BY,Ann,http://p\n"),
            DatasetColumns::Download);
    const DatasetImage& image = set.images.at(0);
    QCOMPARE(image.url, std::string("http://x/a.jpg"));
    QCOMPARE(image.box.x1, 0.25);
    QCOMPARE(image.box.y2, 0.5);
    QCOMPARE(image.author, std::string("Ann"));
    QCOMPARE(image.licence, std::string("CC BY"));
    for (const char* box : { "0.5,0,0.5,1", "0,0,1.1,1", "nan,0,1,1", ",0,1,1", "-0.1,0,1,1" }) {
        const QByteArray text = "ImageId,URL,x1,y1,x2,y2\na,u," + QByteArray(box) + "\n";
        const QString error =
            errorOf([&] { (void)readDataset(csv(text), DatasetColumns::Download); });
        QVERIFY2(error.contains("not a crop box") && error.contains("line 2"), qPrintable(error));
    }
}

void TestDatasetCsv::folders()
{
    const QTemporaryDir photos;
    const fs::path folder = photos.path().toStdString();
    for (const char* name : { "imagenet_01_5.jpg", "b.png", ".hidden.png", "notes.txt", "=x.png" })
        std::ofstream(folder / name) << "x";
    fs::create_directory(folder / "sub.png");
    const LabelTable targets { { "b.png", 9 } };
    const Dataset set = datasetOfFolder(folder, nullptr, &targets);
    QCOMPARE(set.images.size(), std::size_t(2));
    QCOMPARE(set.images[0].contestName(), std::string("b.png"));
    QCOMPARE(set.images[0].targetClass, std::optional<int>(9));
    QCOMPARE(set.images[1].contestName(), std::string("imagenet_01_5.png"));
    QCOMPARE(set.images[1].file, std::string("imagenet_01_5.jpg"));
    QCOMPARE(set.images[1].trueLabel, std::optional<int>(6));
    QCOMPARE(set.refused, (std::vector<std::string> { "=x.png" }));
    std::ofstream(folder / "b.jpg") << "x";
    QVERIFY(errorOf([&] { (void)datasetOfFolder(folder); }).contains("b.jpg and b.png"));
    QVERIFY(errorOf([&] { (void)datasetOfFolder(folder / "nowhere"); }).contains("nowhere"));
}

void TestDatasetCsv::safeNames_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("safe");
    const auto row = [](const QByteArray& name, bool safe) {
        QTest::newRow(name.isEmpty() ? "empty" : name.toPercentEncoding().left(40).constData())
            << name << safe;
    };
    for (const char* name : { "a.png", "a,b.png", "a\"b.png", "it's.png", "a b", "\xc3\xa9.png",
             "x=1.png", "a-b+c@d", "\xf0\x9f\x90\xb1.png" })
        row(name, true);
    for (const char* name : { "", ".", "..", "../x.png", "/x.png", "a/b.png", "..\\x.png",
             ".hidden", "a\nb.png", "a\rb", "a\tb", "a\x7f", "=x.png", "+x", "-rf", "@x",
             "\xff.png", "\xc0\xaf.png", "\xed\xa0\x80", "\xe2\x82", "\xf5\x80\x80\x80" })
        row(name, false);
    row(QByteArray("a\0b", 3), false);
    row(QByteArray(200, 'a'), true);
    row(QByteArray(201, 'a'), false);
}

void TestDatasetCsv::safeNames()
{
    QFETCH(const QByteArray, name);
    QFETCH(const bool, safe);
    QCOMPARE(isSafeFileName(name.toStdString()), safe);
    const QString error =
        errorOf([&] { requireSafeFileName(name.toStdString(), "x.csv, line 4"); });
    QCOMPARE(error == "no error", safe);
    QVERIFY2(safe || (error.contains("x.csv, line 4") && !error.contains('\n')), qPrintable(error));
    // What is safe survives a CSV file.
    if (safe) {
        const std::vector<LabelRow> targets { { name.toStdString(), 5 } };
        std::ofstream(path("t.csv"), std::ios::binary) << targetClassText(targets);
        const LabelTable read = readTargetTable(path("t.csv"));
        const LabelRow* row = read.find(name.toStdString());
        QVERIFY(row != nullptr);
        QCOMPARE(row->label, 5);
        QCOMPARE(parseCsv(csvField(name.toStdString()) + ",5\n", "").at(0).fields.at(0),
            name.toStdString());
    } else {
        QVERIFY(errorOf([&] {
            (void)targetClassText({ { name.toStdString(), 5 } });
        }) != "no error");
    }
}

void TestDatasetCsv::targetClasses()
{
    const auto errorIn = [&](const char* text) {
        const fs::path file = csv(text);
        return errorOf([&] { (void)readTargetTable(file); });
    };
    QVERIFY(errorIn("a.png,1\na.png,2\n").contains("line 2"));
    QVERIFY(errorIn("a.png,1001\n").contains("1..1000"));
    QVERIFY(errorIn("a.png,1\nb.png,0\n").contains("line 2"));
    QVERIFY(errorOf([] { (void)targetClassText({ { "a.png", 0 } }); }).contains("a.png"));
    QVERIFY(errorIn("a.png\n").contains("line 1"));
    QVERIFY(readTargetTable(csv("b.png,3\r\na.png,1\r\n"))
        == (LabelTable { { "b.png", 3 }, { "a.png", 1 } }));
}

void TestDatasetCsv::defenseOutputs()
{
    const DefenseOutput output = readDefenseOutput(csv("a.png,1\nb.jpg, 2 \nc,+3,more\nnothing\n"
                                                       "d.png,four\nd.png,-5\na.png,6\n.png,7\n"));
    const std::map<std::string, int> expected { { "", 7 }, { "a", 6 }, { "b", 2 }, { "c", 3 },
        { "d", -5 } };
    QVERIFY(output.labels == expected);
    QCOMPARE(output.skippedLines, (std::vector<int> { 4, 5 }));
}

void TestDatasetCsv::check()
{
    const QTemporaryDir images;
    const fs::path folder = images.path().toStdString();
    writePng(folder / "good.png", Image(299, 299));
    writePng(folder / "small.png", Image(298, 299));
    writePng(folder / "extra.png", Image(299, 299));
    std::ofstream(folder / "broken.png") << "no picture";
    std::ofstream(folder / "target_class.csv") << "no picture either";
    const fs::path file = csv("ImageId,TrueLabel,TargetClass\ngood,1,2\nsmall,1,2\nbroken,1,2\n"
                              "gone,1,2\nshort\ngood,1,2\n");
    const DatasetCheck check = checkDataset(file, folder);
    QCOMPARE(check.rows, std::size_t(4));
    QCOMPARE(check.good, std::size_t(1));
    QCOMPARE(check.missing, (std::vector<std::string> { "gone.png" }));
    QCOMPARE(check.extra, (std::vector<std::string> { "extra.png" }));
    QCOMPARE(check.wrongSize.size(), std::size_t(1));
    QCOMPARE(check.wrongSize[0].width, 298);
    QCOMPARE(check.unreadable.size(), std::size_t(1));
    QCOMPARE(check.unreadable[0].file, std::string("broken.png"));
    QCOMPARE(check.shortRows.size(), std::size_t(1));
    QCOMPARE(check.duplicates.size(), std::size_t(1));
    QCOMPARE(check.faults(), std::size_t(5));
    std::stop_source stopped;
    stopped.request_stop();
    QVERIFY(checkDataset(file, folder, {}, stopped.get_token()).cancelled);
}

QTEST_APPLESS_MAIN(TestDatasetCsv)
#include "tst_DatasetCsv.moc"
