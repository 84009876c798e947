// Other people's text on its way to a terminal, a table, a report or a page.
#include "core/base/Csv.h"
#include "core/base/Error.h"
#include "core/base/LitterName.h"
#include "core/base/SafeText.h"
#include "core/base/Suggestion.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QtTest>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

using namespace crossiter;

class TestSafeText : public QObject
{
    Q_OBJECT

private slots:
    void terminal_data();
    void terminal();
    void nothingHiddenIsLeft();
    void errorsAreOneHarmlessLine();
    void csvCells_data();
    void csvCells();
    void markdown_data();
    void markdown();
    void html();
    void jsonInAScript();
    void jsonForReadersMeansTheSame();
    void litter_data();
    void litter();
    void suggestions();
};

void TestSafeText::terminal_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("shown");
    const auto row = [](const char* name, const QByteArray& text, const QByteArray& shown) {
        QTest::newRow(name) << text << shown;
    };
    row("plain", "photo 1.png", "photo 1.png");
    row("letters", "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x90\xb1", "\xc3\xa9\xe6\x97\xa5\xf0\x9f\x90\xb1");
    row("escape", "a\x1b[31mb", "a\\x1b[31mb");
    row("bell, delete", "\x07\x7f", "\\x07\\x7f");
    row("line end, tab, return", "a\nb\tc\rd",
        "a\\nb\\tc\\x0d"
        "d");
    row("C1: CSI in two bytes",
        "\xc2\x9b"
        "2J",
        "\\u009b2J");
    row("C1 as a byte",
        "\x9b"
        "2J",
        "\\x9b2J");
    row("override", "a\xe2\x80\xaegnp.exe", "a\\u202egnp.exe");
    row("isolate", "\xe2\x81\xa6x\xe2\x81\xa9", "\\u2066x\\u2069");
    row("marks", "\xe2\x80\x8e\xe2\x80\x8f\xd8\x9c", "\\u200e\\u200f\\u061c");
    row("no width",
        "a\xe2\x80\x8b"
        "b\xef\xbb\xbf",
        "a\\u200bb\\ufeff");
    row("separators", "\xe2\x80\xa8\xe2\x80\xa9", "\\u2028\\u2029");
    row("tag", "\xf3\xa0\x81\x81", "\\U000e0041");
    row("no UTF-8", "a\xff\xfe.png", "a\\xff\\xfe.png");
    row("overlong", "\xc0\xaf", "\\xc0\\xaf");
    row("surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80");
    row("cut", "a\xe2\x82", "a\\xe2\\x82");
    row("cut by ASCII",
        "\xe2\x82"
        "b",
        "\\xe2\\x82"
        "b");
    row("NUL", QByteArray("a\0b", 3), "a\\x00b");
}

void TestSafeText::terminal()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, shown);
    const std::string once = forTerminal(text.toStdString());
    QCOMPARE(QByteArray::fromStdString(once), shown);
    QCOMPARE(forTerminal(once), once); // nothing is escaped twice
    if (!text.contains('\n') && !text.contains('\t'))
        QCOMPARE(linesForTerminal(text.toStdString()), once);
    QCOMPARE(linesForTerminal("a\tb\n"), std::string("a\tb\n"));
}

void TestSafeText::nothingHiddenIsLeft()
{
    // What letters of some scripts are written with is no control of direction.
    constexpr std::pair<uint, uint> kOfScripts[] { { 0x600, 0x605 }, { 0x6DD, 0x6DD },
        { 0x70F, 0x70F }, { 0x890, 0x891 }, { 0x8E2, 0x8E2 }, { 0x110BD, 0x110BD },
        { 0x110CD, 0x110CD }, { 0x13430, 0x1343F }, { 0x1D173, 0x1D17A } };
    for (uint code = 0; code <= 0x10FFFF; ++code) {
        if (code >= 0xD800 && code <= 0xDFFF)
            continue;
        const auto category = QChar::category(code);
        const bool control = category == QChar::Other_Control || category == QChar::Other_Format
            || category == QChar::Separator_Line || category == QChar::Separator_Paragraph;
        const bool ofScripts = std::any_of(std::begin(kOfScripts), std::end(kOfScripts),
            [code](const auto& range) { return code >= range.first && code <= range.second; });
        if (control && !ofScripts)
            QVERIFY2(isHiddenCharacter(code), qPrintable(QString::number(code, 16)));
    }
    for (const uint letter : { 0x20U, 0x41U, 0xE9U, 0x65E5U, 0xFE0FU, 0x1F431U })
        QVERIFY(!isHiddenCharacter(letter));
}

void TestSafeText::errorsAreOneHarmlessLine()
{
    const Error error(
        ErrorKind::BadInput, "no image", "a\x1b]0;x\x07\xe2\x80\xae\n.png", "b\xff", "c\xc2\x85");
    QCOMPARE(
        error.what(), "no image, a\\x1b]0;x\\x07\\u202e\\n.png: expected b\\xff, found c\\u0085");
    // Cut between characters, never inside an escape.
    const std::string cut = oneLine(std::string(9, 'x') + "\x1b" + "yy", 10);
    QCOMPARE(cut, std::string(9, 'x') + "...");
    QCOMPARE(oneLine(std::string(10, 'x'), 10), std::string(10, 'x'));
}

void TestSafeText::csvCells_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("cell");
    const auto row = [](const QByteArray& text, const QByteArray& cell) {
        QTest::newRow(text.toPercentEncoding().constData()) << text << cell;
    };
    row("plain", "plain");
    row("a,b", "\"a,b\"");
    row("=1+1", "'=1+1");
    row("+1", "'+1");
    row("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0");
    row("@SUM(1)", "'@SUM(1)");
    row("\t=1", "'\\t=1");
    row("\r=1", "'\\x0d=1");
    row("  =1", "'  =1");
    row("\xef\xbc\x9d"
        "1",
        "'\xef\xbc\x9d"
        "1");
    row("a=1", "a=1");
    row("=\"x\"", "\"'=\"\"x\"\"\"");
    row("a\nb", "a\\nb");
    row("\xff", "\\xff");
}

void TestSafeText::csvCells()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, cell);
    QCOMPARE(QByteArray::fromStdString(forCsvCell(text.toStdString())), cell);
    QCOMPARE(
        parseCsv(forCsvCell(text.toStdString()) + "\n", "x").at(0).fields.size(), std::size_t(1));
}

void TestSafeText::markdown_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("written");
    const auto row = [](const QByteArray& text, const QByteArray& written) {
        QTest::newRow(text.toPercentEncoding().constData()) << text << written;
    };
    row("ens_adv_inception-v3.png", "ens_adv_inception-v3.png"); // plain names stay
    row("50.0 % (1 x 2)", "50.0 % (1 x 2)");
    row("a|b", "a\\|b");
    row("one\ntwo", "one\\\\ntwo");
    row("# head", "\\# head");
    row("1. item", "1\\. item");
    row("1.5", "1.5");
    row("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>");
    row("![x](http://a/b)", "!\\[x\\](http://a/b)");
    row("**b** `c` _d_ ~e~", "\\*\\*b\\*\\* \\`c\\` \\_d\\_ \\~e\\~");
    row("a & b", "a & b");
    row("&lt;", "&amp;lt;");
    row("back\\slash", "back\\\\slash");
    row("\x1b[2J", "\\\\x1b\\[2J");
    row("\xe2\x80\xae", "\\\\u202e");
}

void TestSafeText::markdown()
{
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, written);
    QCOMPARE(QByteArray::fromStdString(forMarkdown(text.toStdString())), written);
}

void TestSafeText::html()
{
    QCOMPARE(
        forHtml("<b a='1' c=\"2\">&"), std::string("&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;"));
    QCOMPARE(forHtml("a\nb\xe2\x80\xae\xff"), std::string("a\\nb\\u202e\\xff"));
}

void TestSafeText::jsonInAScript()
{
    const std::string json = "{\n  \"a\": \"<!--<script>\xe2\x80\xa8</script>&\"\n}";
    const std::string written = jsonForScript(json);
    for (const char* part : { "<", ">", "&", "\xe2\x80\xa8" })
        QVERIFY2(written.find(part) == std::string::npos, part);
    QVERIFY(written.find("\\u003c!--\\u003cscript\\u003e\\u2028") != std::string::npos);
    QCOMPARE(QJsonDocument::fromJson(QByteArray::fromStdString(written)),
        QJsonDocument::fromJson(QByteArray::fromStdString(json)));
}

void TestSafeText::jsonForReadersMeansTheSame()
{
    const std::string json = "{\"a\": \"\xe2\x80\xae\x7f\xc2\x9b\xf3\xa0\x81\x81 <\xc3\xa9>\"}\n";
    const std::string written = jsonForReaders(json);
    QCOMPARE(written, std::string("{\"a\": \"\\u202e\\u007f\\u009b\\udb40\\udc41 <\xc3\xa9>\"}\n"));
    QCOMPARE(QJsonDocument::fromJson(QByteArray::fromStdString(written)),
        QJsonDocument::fromJson(QByteArray::fromStdString(json)));
    QCOMPARE(jsonForReaders("[1,\n\t2]"), std::string("[1,\n\t2]"));
}

void TestSafeText::litter_data()
{
    QTest::addColumn<bool>("left");
    for (const char* name : { "a.jpg~", ".#a.jpg", "#a.jpg#", "a.jpg.swp", ".a.jpg.swo", "a.bak",
             "a.jpg.tmp", "a.ORIG", "a.png.part", "a.jpg.crdownload", ".DS_Store", "Thumbs.db",
             "THUMBS.DB", "desktop.ini", "._a.jpg", "__MACOSX", "~$a.png", "a.jpg.~1~", ".a.jpg~",
             "a.jpg.old", "a.jpg:Zone.Identifier", "a.jpg%", "4913" })
        QTest::newRow(name) << true;
    for (const char* name :
        { "a.jpg", "bak.png", "a.bak.png", "tmp", "part.jpeg", "#1.png", "a#.png", "labels.csv",
            "~a.jpg", "a~.png", "swp", "notes.txt", "~", ".", "%", "a%.png", "4913.png" })
        QTest::newRow(name) << false;
}

void TestSafeText::litter()
{
    QFETCH(bool, left);
    QCOMPARE(isLitterName(QTest::currentDataTag()), left);
}

void TestSafeText::suggestions()
{
    QCOMPARE(foundWord("bmi", { "fgsm", "bim" }), std::string("'bmi'; did you mean bim?"));
    QCOMPARE(foundWord("xyzzy", { "fgsm", "bim" }, false), std::string("xyzzy"));
}

QTEST_GUILESS_MAIN(TestSafeText)
#include "tst_SafeText.moc"
