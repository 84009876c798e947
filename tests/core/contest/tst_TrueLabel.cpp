#include "core/base/Error.h"
#include "core/contest/TrueLabel.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

using namespace crossiter;
namespace fs = std::filesystem;

class TestTrueLabel : public QObject
{
    Q_OBJECT

private slots:
    void orderOfResolution();
    void fileNames_data();
    void fileNames();
    void folders();
    void tableByNameThenByStem();
    void datasetCsv();
    void headerlessCsv();
    void targets();
    void theBackgroundIsNoTarget();
    void theBackgroundCannotBeAttacked();
    void badCsv_data();
    void badCsv();

private:
    fs::path csv(const QByteArray& text)
    {
        fs::path path = fs::path(m_folder.path().toStdString()) / "labels.csv";
        std::ofstream(path, std::ios::binary).write(text.constData(), text.size());
        return path;
    }
    QTemporaryDir m_folder;
};

void TestTrueLabel::orderOfResolution()
{
    const LabelTable table { { "imagenet_16_251.jpg", 5 } };
    const fs::path image = "/photos/snow_leopard/imagenet_16_251.jpg";
    const auto is = [](const TrueLabel& found, int label, TrueLabelOrigin origin) {
        return found.label == label && found.origin == origin;
    };
    QVERIFY(is(resolveTrueLabel(image, 7, &table), 7, TrueLabelOrigin::Option));
    QVERIFY(is(resolveTrueLabel(image, {}, &table), 5, TrueLabelOrigin::Csv));
    QVERIFY(is(resolveTrueLabel(image), 252, TrueLabelOrigin::FileName));
    QVERIFY(is(
        resolveTrueLabel("/photos/snow_leopard/a.jpg", {}, &table), 290, TrueLabelOrigin::Folder));
    QVERIFY(!resolveTrueLabel("/photos/a.jpg", {}, &table).label);
    QCOMPARE(resolveTrueLabel("/photos/a.jpg").origin, TrueLabelOrigin::None);
    QCOMPARE(describe(TrueLabelOrigin::FileName), std::string("from the file name"));
}

void TestTrueLabel::fileNames_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("label");
    const auto row = [](const char* name, int label) {
        QTest::newRow(name) << QString(name) << label;
    };
    row("imagenet_00_0.png", 1);
    row("imagenet_03_999.jpg", 1000);
    row("imagenet_16_251.clean.png", 252);
    row("imagenet_16_1000.png", -1);
    row("imagenet_16.png", -1);
    row("imagenet_16_.png", -1);
    row("imagenet_16_-1.png", -1);
    row("imagenet_16_251x.png", -1);
    row("imagenet_x_251.png", -1);
    row("IMAGENET_16_251.png", -1);
    row("my_imagenet_16_251.png", -1);
    row("251.png", -1);
}

void TestTrueLabel::fileNames()
{
    QFETCH(QString, name);
    QFETCH(int, label);
    QCOMPARE(resolveTrueLabel(fs::path("/photos") / name.toStdString()).label.value_or(-1), label);
}

void TestTrueLabel::folders()
{
    QCOMPARE(resolveTrueLabel("/data/n02110341/ILSVRC_1.JPEG").label, std::optional<int>(252));
    QCOMPARE(resolveTrueLabel("/data/Great Dane/1.png").label, std::optional<int>(247));
    QVERIFY(!resolveTrueLabel("/data/247/1.png").label); // only a number: does not count
    QVERIFY(!resolveTrueLabel("/data/Great Dane/more/1.png").label);
}

void TestTrueLabel::tableByNameThenByStem()
{
    const LabelTable table { { "a.png", 1 }, { "a.jpg", 2 }, { "b.png", 3 }, { "c", 4 } };
    QCOMPARE(findInTable(table, "/x/a.jpg"), std::optional<int>(2));
    QCOMPARE(findInTable(table, "/x/b.jpg"), std::optional<int>(3));
    QCOMPARE(findInTable(table, "/x/c.jpg"), std::optional<int>(4));
    QVERIFY(!findInTable(table, "/x/d.png"));
}

void TestTrueLabel::datasetCsv()
{
    const LabelTable table = readLabelTable(csv("ImageId,URL,x1,TrueLabel,TargetClass\r\n"
                                                "0c7ac4a8c9dfa802,\"http://a,b\",0.0,305,10\r\n"
                                                "short,row\r\n"
                                                "f43fbfe8a9ea876c,u,0.1,883,2\r\n"));
    QCOMPARE(
        table, (LabelTable { { "0c7ac4a8c9dfa802.png", 305 }, { "f43fbfe8a9ea876c.png", 883 } }));
}

void TestTrueLabel::headerlessCsv()
{
    const LabelTable table = readLabelTable(csv("a.png,0\nb.jpg,1000\n\nb.jpg,1000\n"));
    QCOMPARE(table, (LabelTable { { "a.png", 0 }, { "b.jpg", 1000 } }));
}

void TestTrueLabel::targets()
{
    QCOMPARE(readTargetTable(csv("ImageId,TrueLabel,TargetClass\na,305,10\n")),
        (LabelTable { { "a.png", 10 } }));
    QCOMPARE(readTargetTable(csv("a.png,11\n")), (LabelTable { { "a.png", 11 } }));
}

void TestTrueLabel::theBackgroundIsNoTarget()
{
    for (const char* text :
        { "a.png,5\nb.png,0\n", "ImageId,TargetClass\na,0\n", "ImageId,TargetClass\n\na,\n" }) {
        const int line = QByteArray(text).contains("\n\n") ? 3 : 2;
        try {
            (void)readTargetTable(csv(text));
            QFAIL(text);
        } catch (const Error& error) {
            const QString what(error.what());
            QCOMPARE(error.kind(), ErrorKind::BadInput);
            QVERIFY2(what.contains("labels.csv, line " + QString::number(line)), error.what());
            QVERIFY2(what.contains("1..1000"), error.what());
        }
    }
    QCOMPARE(readLabelTable(csv("a.png,0\n")), (LabelTable { { "a.png", 0 } })); // a true label
    QVERIFY(readTargetTable({}).empty() && readLabelTable({}).empty()); // no table was given
}

void TestTrueLabel::theBackgroundCannotBeAttacked()
{
    const fs::path file = csv("x.png,3\n\na.png,0\n");
    const LabelTable table = readLabelTable(file);
    const auto said = [&](const TrueLabel& label) {
        try {
            requireAttackable("/photos/a.jpg", label, file, table);
        } catch (const Error& error) {
            return QString(error.what());
        }
        return QString();
    };
    const QString what = said(resolveTrueLabel("/photos/a.jpg", {}, &table));
    QVERIFY2(what.contains("labels.csv, line 3") && what.contains("a.jpg"), qPrintable(what));
    QVERIFY(said({ 0, TrueLabelOrigin::Folder }).contains("/photos/a.jpg"));
    QVERIFY(said({ 1, TrueLabelOrigin::Csv }).isEmpty());
    QVERIFY(said({}).isEmpty());
}

void TestTrueLabel::badCsv_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("named");
    QTest::newRow("empty") << QByteArray() << "labels.csv";
    QTest::newRow("label 1001") << QByteArray("a.png,1\nb.png,1001\n") << "line 2";
    QTest::newRow("negative") << QByteArray("a.png,-1\n") << "line 1";
    QTest::newRow("no number") << QByteArray("a.png,1\n\nb.png,dog\n") << "line 3";
    QTest::newRow("trailing text") << QByteArray("a.png,1 x\n") << "line 1";
    QTest::newRow("three fields") << QByteArray("a.png,1,2\n") << "line 1";
    QTest::newRow("one field") << QByteArray("a.png\n") << "line 1";
    QTest::newRow("no name") << QByteArray(",1\n") << "line 1";
    QTest::newRow("two labels") << QByteArray("a.png,1\na.png,2\n") << "line 2";
    QTest::newRow("no TrueLabel") << QByteArray("ImageId,URL\na,b\n") << "TrueLabel";
    QTest::newRow("label 0 in the dataset") << QByteArray("ImageId,TrueLabel\na,0\n") << "line 2";
    QTest::newRow("empty label") << QByteArray("ImageId,TrueLabel\na,\n") << "line 2";
    QTest::newRow("no ImageId") << QByteArray("ImageId,TrueLabel\n,4\n") << "line 2";
}

void TestTrueLabel::badCsv()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, named);
    try {
        (void)readLabelTable(csv(text));
        QFAIL("accepted");
    } catch (const Error& error) {
        QCOMPARE(error.kind(), ErrorKind::BadInput);
        QVERIFY2(QString(error.what()).contains("labels.csv"), error.what());
        QVERIFY2(QString(error.what()).contains(named), error.what());
    }
}

QTEST_GUILESS_MAIN(TestTrueLabel)
#include "tst_TrueLabel.moc"
