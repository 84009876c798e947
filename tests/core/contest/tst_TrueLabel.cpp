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
    void noTableHasNoRows();
    void theBackgroundCannotBeAttacked();

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

void TestTrueLabel::noTableHasNoRows()
{
    QVERIFY(readTargetTable({}).rows().empty() && readLabelTable({}).rows().empty());
    QVERIFY(!readLabelTable({}).given());
    QVERIFY(readLabelTable(csv("a.png,0\n")).given());
    QCOMPARE(readTargetTable(csv("a.png,11\n")), (LabelTable { { "a.png", 11 } }));
}

void TestTrueLabel::theBackgroundCannotBeAttacked()
{
    const fs::path file = csv("x.png,3\n\na.png,0\n");
    const LabelTable table = readLabelTable(file);
    const auto said = [&](const TrueLabel& label) {
        try {
            requireAttackable("/photos/a.jpg", label, table);
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

QTEST_GUILESS_MAIN(TestTrueLabel)
#include "tst_TrueLabel.moc"
