// How a label table and a folder's images met, and labels that are one off.
#include "core/base/Error.h"
#include "core/contest/LabelMatch.h"

#include <QtTest>

using namespace crossiter;

class TestLabelMatch : public QObject
{
    Q_OBJECT

private slots:
    void countsWhatMet();
    void hints_data();
    void hints();
    void shifts_data();
    void shifts();
};

void TestLabelMatch::countsWhatMet()
{
    LabelTable table { { "a.png", 1 }, { "b", 2 }, { "c.png", 3 }, { "x.png", 4 } };
    table.file = "/t/labels.csv";
    LabelMatch match = matchTable(table, { "/p/a.jpg", "/p/b.png", "/p/d.png" });
    QCOMPARE(match.images, std::size_t(3));
    QCOMPARE(match.imagesMet, std::size_t(2));
    QCOMPARE(match.rows, std::size_t(4));
    QCOMPARE(match.rowsMet, std::size_t(2));
    QVERIFY(match.hint.empty() && !match.isPoor());
    QCOMPARE(describe(match),
        std::string("labels.csv: 2 of 3 images have a row, 2 of 4 rows have an image"));
    match.readAs = "rows NAME,LABEL, competition labels";
    match.skippedLines = { 2, 9 };
    QCOMPARE(describe(match),
        std::string("labels.csv: 2 of 3 images have a row, 2 of 4 rows have an image; 2 rows "
                    "skipped as in the competition: line 2, line 9; read as rows NAME,LABEL, "
                    "competition labels"));
    LabelTable other { { "z.png", 1 } };
    other.file = "labels.csv";
    const LabelMatch none = matchTable(other, { "a.png", "b.png" });
    QVERIFY(none.isPoor());
    QVERIFY(describe(none).starts_with("warning: labels.csv: 0 of 2 images"));
    QVERIFY(foundIn(none).starts_with("0 of 2 images"));
    try {
        LabelTable cased { { "A.jpg", 1 } };
        cased.file = "/t/l.csv";
        failNoRow("no target for an image", cased, "/p/a.jpg", matchTable(cased, { "/p/a.jpg" }));
    } catch (const Error& error) {
        QCOMPARE(error.what(),
            "no target for an image, /t/l.csv: expected a row for a.jpg, found 0 of 1 image has a "
            "row, 0 of 1 row has an image; 1 name differs only in upper and lower case, as a.jpg "
            "and the row A.jpg");
    }
    QVERIFY(!matchTable(table, {}).isPoor());
    // A few images of a large table are no reason to warn.
    QVERIFY(!matchTable(table, { "a.png" }).isPoor());
}

void TestLabelMatch::hints_data()
{
    QTest::addColumn<QString>("row");
    QTest::addColumn<QString>("image");
    QTest::addColumn<QString>("says");
    QTest::newRow("case") << "A.PNG"
                          << "a.png"
                          << "case";
    QTest::newRow("case of the stem") << "Photo_1.png"
                                      << "photo_1.png"
                                      << "case";
    QTest::newRow("ending") << "a.heic"
                            << "a.jpeg"
                            << "ending";
    QTest::newRow("ending missing") << "a"
                                    << "a.b.png"
                                    << "";
    QTest::newRow("all at once") << "images/A.HEIC "
                                 << "a.png"
                                 << "case and ending";
    QTest::newRow("another name") << "b.png"
                                  << "a.png"
                                  << "";
}

void TestLabelMatch::hints()
{
    QFETCH(QString, row);
    QFETCH(QString, image);
    QFETCH(QString, says);
    const LabelTable table { { row.toStdString(), 1 } };
    const LabelMatch match = matchTable(table, { image.toStdString() });
    QCOMPARE(match.imagesMet, std::size_t(0));
    const QString hint = QString::fromStdString(match.hint);
    QVERIFY2(says.isEmpty() ? hint.isEmpty() : hint.contains(says), qPrintable(hint));
    QVERIFY(says.isEmpty() || hint.contains("1 name differs"));
    QVERIFY(!describe(match).empty() && describe(match).find('\n') == std::string::npos);
}

void TestLabelMatch::shifts_data()
{
    QTest::addColumn<QVector<int>>("labels");
    QTest::addColumn<QVector<int>>("said");
    QTest::addColumn<QString>("says");
    using Labels = QVector<int>;
    QTest::newRow("0-based") << Labels { 0, 1, 2, 3 } << Labels { 1, 2, 3, 4 } << "higher";
    QTest::newRow("one too high") << Labels { 6, 7, 8 } << Labels { 5, 6, 7 } << "lower";
    QTest::newRow("right") << Labels { 5, 6, 7 } << Labels { 5, 6, 7 } << "";
    QTest::newRow("two images tell nothing") << Labels { 5, 6 } << Labels { 6, 7 } << "";
    QTest::newRow("wrong networks") << Labels { 5, 6, 7 } << Labels { 50, 60, 70 } << "";
    QTest::newRow("half wrong by one")
        << Labels { 5, 6, 7, 8, 9, 10 } << Labels { 6, 7, 8, 8, 9, 10 } << "";
    QTest::newRow("0-based, some wrong")
        << Labels { 10, 20, 30, 40, 50 } << Labels { 11, 21, 31, 400, 500 } << "higher";
}

void TestLabelMatch::shifts()
{
    QFETCH(QVector<int>, labels);
    QFETCH(QVector<int>, said);
    QFETCH(QString, says);
    LabelShift shift;
    for (int i = 0; i < labels.size(); ++i)
        shift.add(labels[i], { 999, said[i] });
    const QString line = QString::fromStdString(shift.suspicion("labels.csv"));
    QVERIFY2(says.isEmpty() ? line.isEmpty() : line.contains("one " + says), qPrintable(line));
    QVERIFY(says.isEmpty() || (line.contains("labels.csv") && !line.contains('\n')));
}

QTEST_GUILESS_MAIN(TestLabelMatch)
#include "tst_LabelMatch.moc"
