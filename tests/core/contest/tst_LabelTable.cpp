// Tables of labels of every kind that the field has, and what is no table. Labels are
// competition labels: 1 is tench, 252 Dalmatian, 621 notebook, 916 yurt.
#include "core/base/Error.h"
#include "core/contest/LabelTable.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

using Column = LabelColumn;

constexpr int kNoBase = -1;

LabelReading reading(Column column, int base, bool asToolkit = false)
{
    return { column, base == kNoBase ? std::nullopt : std::optional<int>(base), asToolkit };
}

/// "a.png=3 b=4", in the order of the file.
QString shown(const LabelTable& table)
{
    QStringList rows;
    for (const LabelRow& row : table.rows())
        rows << QString::fromStdString(row.name + "=" + std::to_string(row.label));
    return rows.join(' ');
}

QString complaint(const QByteArray& text, const LabelReading& how = {})
{
    try {
        return "read: " + shown(parseLabelTable(text.toStdString(), "/t/labels.csv", how));
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput ? QString(error.what()) : "another kind";
    }
}

} // namespace

class TestLabelTable : public QObject
{
    Q_OBJECT

private slots:
    void kinds_data();
    void kinds();
    void refused_data();
    void refused();
    void hostile_data();
    void hostile();
    void targetClassCsvBesideTheImages();
    void imagesAreFoundByNameThenStem();
    void numbersNeedABase();
};

void TestLabelTable::kinds_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Column>("column");
    QTest::addColumn<int>("base");
    QTest::addColumn<QString>("rows");
    QTest::addColumn<QString>("readAs");
    const auto row = [](const char* name, const QByteArray& text, const char* rows,
                         const char* readAs, Column column = Column::True, int base = kNoBase) {
        QTest::newRow(name) << text << column << base << QString(rows) << QString(readAs);
    };
    const QByteArray transfer = "filename,label,targeted_label\n0c7ac4a8c9dfa802.png,305,778\n";
    row("TransferAttack", transfer, "0c7ac4a8c9dfa802.png=306", "TransferAttack's labels.csv");
    row("TransferAttack's targets", transfer, "0c7ac4a8c9dfa802.png=779", "labels from 0",
        Column::Target);
    row("TransferAttack without targets", "filename,label\nILSVRC2012_val_00000001.JPEG,65\n",
        "ILSVRC2012_val_00000001.JPEG=66", "labels from 0");
    row("TransferAttack, shifted", transfer, "0c7ac4a8c9dfa802.png=305", "from 1 (as chosen)",
        Column::True, 1);
    row("TA-Bench",
        "class_index,class,image_name\n915,n04613696,ILSVRC2012_val_00023809.JPEG\n"
        "368,n02483362,ILSVRC2012_val_00010482.JPEG\n",
        "ILSVRC2012_val_00023809.JPEG=916 ILSVRC2012_val_00010482.JPEG=369",
        "TA-Bench's list, labels from 0");
    const QByteArray dataset = "ImageId,URL,TrueLabel,TargetClass\nab,\"http://x,y\",252,779\n";
    row("dataset", dataset, "ab.png=252", "the competition's dataset, labels from 1");
    row("dataset's targets", dataset, "ab.png=779", "ImageId and TargetClass", Column::Target);
    row("dataset, shifted", dataset, "ab.png=253", "labels from 0 (as chosen)", Column::True, 0);
    row("dataset, ids with ending", "ImageId,TrueLabel,TargetClass\nab.png,3,4\n", "ab.png=3", "");
    row("dataset, three columns", "TargetClass,ImageId,TrueLabel\n4,ab,3\n", "ab.png=3", "");
    row("dataset, short rows", "ImageId,TrueLabel,TargetClass\na,1\nb,1,2\n", "b.png=1", "");
    row("rows", "a.png,0\nb.jpg,1000\nc,7\n", "a.png=0 b.jpg=1000 c=7",
        "rows NAME,LABEL, competition labels");
    row("rows from 0", "a.png,0\nb,999\n", "a.png=1 b=1000", "labels from 0 (as chosen)",
        Column::True, 0);
    row("rows from 1", "a.png,0\nb,1000\n", "a.png=0 b=1000", "labels from 1 (as chosen)",
        Column::True, 1);
    row("target_class.csv", "a.png,1\nb.png,1000\n", "a.png=1 b.png=1000",
        "rows NAME,CLASS, competition labels", Column::Target);
    row("fields to spare", "a.png,5,6,seven\n", "a.png=5", "");
    row("fields to spare under a header", "filename,label\na.png,5,x,y\n", "a.png=6", "");
    row("semicolons", "filename;label\na,b.png;5\n", "a,b.png=6", "");
    row("tabs", "a;b,c.png\t5\nd.png\t6\n", "a;b,c.png=5 d.png=6", "");
    row("semicolons behind quotes", "\"a.png\";\"Great Dane\"\n", "a.png=247", "labels by name");
    row("mark of UTF-8, CRLF",
        "\xef\xbb\xbf"
        "filename,label\r\na.png,5\r\n\r\n",
        "a.png=6", "");
    row("mark of UTF-8 before quotes", "\xef\xbb\xbf\"a.png\",\"5\"\r\n", "a.png=5", "");
    row("quotes", "\"a \"\"b\"\", c.png\",5\n\"two\nlines.png\",6\n",
        "a \"b\", c.png=5 two\nlines.png=6", "");
    row("spaces", " a.png ,\t5 \n \"b.png\" , \"6\" \n   \n", "a.png=5 b.png=6", "");
    row("no line end", "a.png,5", "a.png=5", "");
    row("WordNet ids", "a.png,n01440764\nb.png,N02110341\n", "a.png=1 b.png=252", "labels by name");
    row("names", "a.png,tench\nb.png,dalmatian\nc.png,Great_Dane\n", "a.png=1 b.png=252 c.png=247",
        "labels by name");
    row("synonyms", "a.png,laptop\nb.png,Tinca tinca\n", "a.png=621 b.png=1", "labels by name");
    row("WordNet ids in a folder's list", "path,wnid\nn01440764/a.JPEG,n01440764\n", "a.JPEG=1",
        "columns path and wnid, labels by name");
    row("names are not shifted", "a.png,tench\nb.png,4\n", "a.png=1 b.png=5", "", Column::True, 0);
    row("other header from 0", "Image,Class_ID\na.png,0\n", "a.png=1",
        "columns Image and Class_ID, labels from 0 (as chosen)", Column::True, 0);
    row("other header from 1", "path;gt\nval/a.jpg;1\n", "a.jpg=1", "labels from 1 (as chosen)",
        Column::True, 1);
    row("other header's targets", "image,target_class\na.png,9\n", "a.png=9", "", Column::Target,
        1);
    row("folders", "./a.png,1\nimages/b.png,2\nC:\\photos\\c.png,3\n/x/d.png,4\n",
        "a.png=1 b.png=2 c.png=3 d.png=4", "");
    row("bytes that are no UTF-8 in a name", "\xe4.png,5\n", "\xe4.png=5", "");
}

void TestLabelTable::kinds()
{
    QFETCH(QByteArray, text);
    QFETCH(Column, column);
    QFETCH(int, base);
    QFETCH(QString, rows);
    QFETCH(QString, readAs);
    const LabelTable table =
        parseLabelTable(text.toStdString(), "/t/labels.csv", reading(column, base));
    QCOMPARE(shown(table), rows);
    const QString said = QString::fromStdString(table.readAs);
    QVERIFY2(said.contains(readAs) && !said.contains('\n'), qPrintable(said));
}

void TestLabelTable::refused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<Column>("column");
    QTest::addColumn<int>("base");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const QByteArray& text, const char* says,
                         Column column = Column::True, int base = kNoBase) {
        QTest::newRow(name) << text << column << base << QString(says);
    };
    row("1000 from 0", "filename,label\na.png,1000\n",
        "line 2: expected a number 0..999, a WordNet id or a class name, found 1000 for a.png");
    row("1001", "a.png,1\nb.png,1001\n", "line 2: expected a number 0..1000");
    row("0 in the dataset", "ImageId,TrueLabel\na,0\n",
        "line 2: expected a number 1..1000, a WordNet id or a class name, found 0 (the "
        "background)");
    row("0 as a target", "a.png,0\n", "found 0 (the background) for a.png", Column::Target);
    row("background as a target", "a.png,background\n",
        "found background (the background) for a.png", Column::Target);
    row("0 under a header from 1", "image,label\na.png,0\n", "1..1000", Column::True, 1);
    row("negative", "a.png,-1\n", "found -1 for a.png");
    row("not whole", "a.png,1\nb.png,5.0\n",
        "line 2: expected a number 0..1000, a WordNet id or a "
        "class name, found 5.0 for b.png");
    row("a name misspelt", "a.png,1\nb.png,Dalmatien\n",
        "found Dalmatien; did you mean Dalmatian?");
    row("a synonym misspelt", "a.png,1\nb.png,latop\n", "did you mean laptop?");
    row("two classes of one name", "a.png,1\nb.png,crane\n", "line 2: expected a number");
    row("empty label", "a.png,\n", "line 1: expected a number 0..1000");
    row("one field", "a.png\n", "line 1: expected NAME.png,LABEL, found 1 field");
    row("too few under a header", "label,x,filename\n5,y\n",
        "line 2: expected at least 3, found 2 fields");
    row("no name", "a.png,1\n  ,2\n", "image name missing, /t/labels.csv, line 2");
    row("a folder alone", "images/,2\n", "image name missing, /t/labels.csv, line 1");
    row("no ImageId", "ImageId,TrueLabel\n,4\n", "line 2: expected an ImageId, found nothing");
    row("twice", "a.png,1\nb.png,2\na.png,3\n",
        "line 3: expected each once, found a.png with label 3, on line 1 with label 1");
    row("twice, the same", "a.png,1\na.png,1\n", "line 2: expected each once");
    row("twice in two folders", "x/a.png,1\ny/a.png,2\n", "on line 1 with label 1");
    row("WordNet id against the number", "class_index,class,image_name\n914,n04613696,a.JPEG\n",
        "line 2: expected n04613696 (yurt), found 914 (yawl)");
    row("TA-Bench from 1", "class_index,class,image_name\n915,n04613696,a.JPEG\n",
        "expected n04613696 (yurt)", Column::True, 1);
    row("no column of targets", "filename,label\na.png,1\n",
        "line 1: expected targeted_label, found the header filename,label", Column::Target);
    row("no TrueLabel", "ImageId,URL\na,b\n",
        "column missing, /t/labels.csv, line 1: expected TrueLabel");
    row("column twice", "filename,label,label\na,1,2\n",
        "line 1: expected each column once, found label twice");
    row("a header that is not known", "photo,category\na.png,5\n",
        "line 1: expected a number 0..1000, a WordNet id or a class name, or a header such as "
        "filename,label, found category for photo");
    row("a base that nobody said", "image;label\na.png;n01440764\nb.png;5\n",
        "line 3: expected --label-base 0 (tench, the first class, is 0 here) or 1 (it is 1), found "
        "5 for b.png, under columns image and label");
    row("empty", "", "found an empty file");
    row("empty lines", "\n \r\n\n", "found empty lines");
    row("open quote", "a.png,1\n\"b.png,2\n", "line 2: expected a closing quote");
    row("text behind quotes", "a;b\n\"a\"x;2\n", "line 2: expected a semicolon or a line end");
}

void TestLabelTable::refused()
{
    QFETCH(QByteArray, text);
    QFETCH(Column, column);
    QFETCH(int, base);
    QFETCH(QString, says);
    const QString said = complaint(text, reading(column, base));
    QVERIFY2(said.contains(says) && said.contains("/t/labels.csv"), qPrintable(said));
    QVERIFY(said.contains("expected") && !said.contains('\n'));
}

void TestLabelTable::hostile_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("says");
    const auto row = [](const char* name, const QByteArray& text, const char* says) {
        QTest::newRow(name) << text << QString(says);
    };
    for (const char* label : { "=1+1", "+5", "@5", "'5", "0x10", "1e9999", "5 5", "-0",
             "99999999999999999999", "2147483647", "inf", "nan" })
        row(label, QByteArray("a.png,1\nb.png,") + label + "\n",
            "line 2: expected a number 0..1000");
    row("no UTF-8", "a.png,1\nb.png,\xff\xfe\xc0\n", "found \\xff\\xfe\\xc0 for b.png");
    row("a terminal's escape", "a.png,1\nb\x1b[2J,x\x1b[2J\n", "found x\\x1b[2J for b\\x1b[2J");
    row("direction",
        "a.png,1\nb.png,\xe2\x80\xae"
        "5\n",
        "found \\u202e5 for b.png");
    row("NUL", QByteArray("a.png,1\nb\0.png,2\n", 16), "line 2: expected text, found a NUL byte");
    row("UTF-16",
        QByteArray("\xff\xfe"
                   "a\0,\0",
            6),
        "NUL byte");
    row("10 MB of name", QByteArray(10 << 20, 'x') + ",1\n", "at most 255 bytes, found 10485760");
    row("10 MB of label", "a.png," + QByteArray(10 << 20, 'x') + "\n", "line 1: expected a number");
    row("10 MB without an end", QByteArray(10 << 20, 'x'), "line 1: expected NAME.png,LABEL");
    row("3 million commas", QByteArray(3 << 20, ','), "at most 2000000 fields");
}

void TestLabelTable::hostile()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, says);
    const QString said = complaint(text);
    QVERIFY2(said.contains(says) && said.contains("/t/labels.csv"), qPrintable(said.left(1000)));
    QVERIFY(said.size() < 1000 && !said.contains('\n') && !said.contains(QChar(0x1b)));
    if (text.size() > 1000)
        return; // the long ones are slow under sanitizers
    for (const Column column : { Column::True, Column::Target })
        for (const bool asToolkit : { false, true })
            static_cast<void>(complaint(text, reading(column, 0, asToolkit)));
}

void TestLabelTable::targetClassCsvBesideTheImages()
{
    const QTemporaryDir folder;
    const fs::path images = folder.path().toStdString();
    const fs::path file = images / "target_class.csv";
    const auto put = [](const fs::path& path, const char* text) { std::ofstream(path) << text; };
    put(file, "a.png,5\nb.png,none\nc.png, +6 ,more\nd.png\ne.png,7.5\nf.png,n01440764\ng.png,8");
    for (const fs::path& input : { images, images / "a.png" }) {
        const LabelTable table = readTargetTable(file, {}, input);
        QCOMPARE(shown(table), QString("a.png=5 c.png=6 g.png=8"));
        QCOMPARE(table.skippedLines, (std::vector<int> { 2, 4, 5, 6 }));
    }
    const auto refused = [](const fs::path& csv, const fs::path& input) {
        try {
            static_cast<void>(readTargetTable(csv, {}, input));
        } catch (const Error& error) {
            return QString(error.what());
        }
        return QString();
    };
    QVERIFY(refused(file, {}).contains("target_class.csv, line 2")); // of no job's images
    QVERIFY(QDir(folder.path()).mkpath("other"));
    QVERIFY(refused(file, images / "other").contains("target_class.csv, line 2"));
    put(images / "targets.csv", "a.png,5\nb.png,none\n");
    QVERIFY(refused(images / "targets.csv", images).contains("targets.csv, line 2"));
    for (const char* wrong :
        { "a.png,5\nb.png,1001\n", "a.png,5\nb.png,0\n", "a.png,5\nb.png,-3" }) {
        put(file, wrong); // whole numbers, but no classes
        QVERIFY2(refused(file, images).contains("line 2: expected a number 1..1000"), wrong);
    }
}

void TestLabelTable::imagesAreFoundByNameThenStem()
{
    const LabelTable table { { "a.png", 1 }, { "a.jpg", 2 }, { "b.PNG", 3 }, { "c", 4 },
        { "d.gif", 5 }, { "d.jpg", 6 }, { "e.v2.JPEG", 7 }, { "f.tiff", 8 }, { "g.heic", 9 } };
    const auto label = [&table](const char* image) {
        const LabelRow* row = table.find(image);
        return row == nullptr ? 0 : row->label;
    };
    QCOMPARE(label("/x/a.png"), 1);
    QCOMPARE(label("/x/a.jpg"), 2);
    QCOMPARE(label("/x/a.webp"), 1); // .png before others
    QCOMPARE(label("/x/b.jpg"), 3);
    QCOMPARE(label("/x/c.jpeg"), 4);
    QCOMPARE(label("c"), 4);
    QCOMPARE(label("d.gif"), 5);
    QCOMPARE(label("d.png"), 0); // two labels, neither is its own
    QCOMPARE(label("e.v2.png"), 7);
    QCOMPARE(label("e.png"), 0);
    QCOMPARE(label("f.avif"), 8);
    QCOMPARE(label("g.png"), 0); // the ending of no picture that is read
    QCOMPARE(label("A.png"), 0);
    QVERIFY(LabelTable().find("a.png") == nullptr && !LabelTable().given());
}

void TestLabelTable::numbersNeedABase()
{
    const auto wants = [](const char* text, const LabelReading& how) {
        try {
            static_cast<void>(parseLabelTable(text, "t.csv", how));
        } catch (const Error& error) {
            return wantsLabelBase(error);
        }
        return false;
    };
    QVERIFY(wants("image,label\na,5\n", {}));
    QVERIFY(!wants("image,label\na,5\n", { Column::True, 0 }));
    QVERIFY(!wants("image,label\na,tench\n", {}));
    QVERIFY(!wants("image,label\na,tensh\n", {})); // wrong, but not for want of a base
    QVERIFY(wants("image,target_class\na,5\n", { Column::Target, {} }));
    for (const char* fixed : { "a,5\n", "filename,label\na,5\n", "ImageId,TrueLabel\na,5\n" })
        QVERIFY2(!wants(fixed, {}), fixed);
}

QTEST_GUILESS_MAIN(TestLabelTable)
#include "tst_LabelTable.moc"
