// The one JSON parser: what it takes, what it refuses and where it says the fault lies.

#include "core/base/Error.h"
#include "core/base/Json.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>
#include <sstream>

#include "tests/core/base/Measured.h"

using namespace crossiter;
using test::Measured;
using test::measured;

namespace {

std::string nested(std::size_t depth, const std::string& open, const std::string& close)
{
    std::string text;
    for (std::size_t i = 0; i < depth; ++i)
        text += open;
    text += "1";
    for (std::size_t i = 0; i < depth; ++i)
        text += close;
    return text;
}

} // namespace

class TestJson : public QObject
{
    Q_OBJECT

private slots:
    void takesWhatJsonIs();
    void refuses_data();
    void refuses();
    void depth_data();
    void depth();
    void limitsOfAKind();
    void wideObjectsAreQuick();
    void lastKeyWinsOnlyWhereAsked();
    void numbersAreNeverCut();
    void textsAreWrittenWhateverTheyHold();
    void journalLines();
};

void TestJson::takesWhatJsonIs()
{
    const Json json = parseJson("\xEF\xBB\xBF {\"a\": [1, -2, 3.5e2, true, null], \"b\": "
                                "{\"\\u00e4\": \"\xC3\xA4\\n\"}} \n",
        "x", kPlanJson);
    QCOMPARE(jsonLine(json),
        std::string("{\"a\":[1,-2,350.0,true,null],\"b\":{\"\xC3\xA4\":"
                    "\"\xC3\xA4\\n\"}}"));
    const Json order = parseJson(R"({"z": 1, "a": 2, "m": {"y": 1, "b": 2}})", "x", kPlanJson);
    QCOMPARE(jsonLine(order), std::string(R"({"z":1,"a":2,"m":{"y":1,"b":2}})"));
    QCOMPARE(jsonLine(parseJson("18446744073709551615", "x", kPlanJson)),
        std::string("18446744073709551615"));
    QCOMPARE(jsonLine(parseJson("-9223372036854775808", "x", kPlanJson)),
        std::string("-9223372036854775808"));
    QCOMPARE(parseJson("0.0e-999", "x", kPlanJson).get<double>(), 0.0);
}

void TestJson::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("said");
    const auto row = [](const char* name, const QByteArray& text, const char* said) {
        QTest::newRow(name) << text << said;
    };
    row("nothing", "", "file.json, line 1, column 1: expected JSON, found the end");
    row("blank", " \n\t", "found the end");
    row("cut", "{\"a\": [1,\n  2", "line 2, column 4: expected JSON, found the end");
    row("two values", "{}\n{}", "line 2, column 1");
    row("comma behind", "[1, 2,]", "line 1, column 7");
    row("comment", "[1] // one", "line 1, column 5");
    row("single quotes", "{'a': 1}", "line 1, column 2");
    row("NaN", "[NaN]", "expected JSON");
    row("infinity", "[-Infinity]", "expected JSON");
    row("plus", "[+1]", "expected JSON");
    row("leading zero", "[01]", "expected JSON");
    row("control character", "[\"a\nb\"]", "expected JSON");
    row("lone surrogate", "[\"\\ud800\"]", "expected JSON");
    row("NUL behind", QByteArray("{}\0", 3), "line 1, column 3: expected JSON without NUL");
    row("NUL and more", QByteArray("{}\0{\"a\": 1}", 11), "NUL");
    row("NUL within", QByteArray("[\"a\0b\"]", 7), "NUL");
    row("not UTF-8", "[\"\xC3(\"]", "expected JSON in UTF-8");
    row("overlong UTF-8", "[\"\xC0\x80\"]", "expected JSON in UTF-8");
    row("UTF-16", QByteArray("\xFF\xFE[\0]\0", 6), "NUL");
    row("key twice", R"({"a": 1, "b": {"c": 1, "c": 2}})",
        "key given twice, file.json, key b.c: expected each key once, found 'c' twice");
    row("key twice in a list", R"({"a": [{}, {"x": 1, "\u0078": 2}]})", "key a[1].x");
    row("1e9999", R"({"a": {"b": [0, 1e9999]}})",
        "number out of range, file.json, key a.b[1]: expected a number that fits in 64 bits, "
        "found 1e9999");
    row("-1e400", "[-1e400]", "number out of range");
    row("vanishes", "[1e-9999]", "number out of range");
    row("2^64", "[18446744073709551616]", "key [0]");
    row("-2^63 - 1", "[-9223372036854775809]", "number out of range");
    row("many digits", "[" + QByteArray(5000, '9') + "]", "number out of range");
}

void TestJson::refuses()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, said);
    const std::string_view view(text.constData(), static_cast<std::size_t>(text.size()));
    const Measured tree = measured([&] { (void)parseJson(view, "file.json", kPlanJson); });
    VERIFY_REFUSED(tree, "file.json");
    QVERIFY2(tree.text().contains(said), qPrintable(tree.text()));
    for (const char* theirs : { "json.exception", "nlohmann", "parse_error", "last read" })
        QVERIFY2(!tree.text().contains(theirs), qPrintable(tree.text()));
    const Measured checked = measured([&] { checkJson(view, "file.json", kPlanJson); });
    QCOMPARE(checked.text(), tree.text());
}

void TestJson::depth_data()
{
    QTest::addColumn<QString>("open");
    QTest::addColumn<QString>("close");
    QTest::newRow("lists") << "["
                           << "]";
    QTest::newRow("objects") << "{\"a\":"
                             << "}";
    QTest::newRow("both") << "[{\"a\":"
                          << "}]";
}

void TestJson::depth()
{
    QFETCH(QString, open);
    QFETCH(QString, close);
    const std::size_t one = open.size() > 5 ? 2 : 1;
    const auto text = [&](std::size_t levels) {
        return nested(levels / one, open.toStdString(), close.toStdString());
    };
    (void)parseJson(text(kMostJsonDepth), "x", kPlanJson);
    const Measured over =
        measured([&] { (void)parseJson(text(kMostJsonDepth + one), "x", kPlanJson); });
    QVERIFY2(over.text().contains("at most 64 levels"), qPrintable(over.text()));
    const Measured deep = measured([&] { (void)parseJson(text(200'000), "deep", kPlanJson); });
    VERIFY_REFUSED(deep, "deep");
    // Never closed: as the deepest file that fits.
    std::string unclosed;
    while (unclosed.size() < 4'000'000)
        unclosed += open.toStdString();
    const Measured open4MB = measured([&] { (void)parseJson(unclosed, "open", kPlanJson); });
    VERIFY_REFUSED(open4MB, "open");
}

void TestJson::limitsOfAKind()
{
    const QTemporaryDir folder;
    const std::filesystem::path file = folder.filePath("large.json").toStdString();
    std::ofstream(file) << "[" << std::string(kSessionJson.maxBytes, ' ') << "]";
    VERIFY_REFUSED(measured([&] { (void)readJsonFile(file, kSessionJson); }), file.string());
    QVERIFY(readJsonFile(file, kPlanJson).is_array());
    std::string values = "[0";
    for (std::size_t i = 0; i < kRecordJson.maxValues; ++i)
        values += ",0";
    const Measured many = measured([&] { (void)parseJson(values + "]", "x", kRecordJson); });
    QVERIFY2(many.text().contains("at most 1000 values"), qPrintable(many.text()));
    VERIFY_REFUSED(measured([&] { (void)readJsonFile("/dev/zero", kPlanJson); }), "/dev/zero");
    VERIFY_REFUSED(measured([&] { (void)readJsonFile(folder.path().toStdString(), kPlanJson); }),
        folder.path().toStdString());
}

void TestJson::wideObjectsAreQuick()
{
    std::string text = "{\"first\": 0";
    for (int i = 0; i < 200'000; ++i)
        text += ",\"key" + std::to_string(i) + "\": 1";
    text += "}";
    const Measured wide = measured([&] { (void)parseJson(text, "x", kPlanJson); });
    QVERIFY2(!wide.error && wide.milliseconds < 5000, qPrintable(wide.text()));
}

void TestJson::lastKeyWinsOnlyWhereAsked()
{
    std::vector<std::string> repeated;
    const Json json =
        parseJson(R"({"a": 1, "b": 2, "a": {"a": 3}})", "x", kMetadataJson, &repeated);
    QCOMPARE(jsonLine(json), std::string(R"({"b":2,"a":{"a":3}})"));
    QCOMPARE(repeated, std::vector<std::string> { "a" });
}

void TestJson::numbersAreNeverCut()
{
    const Json json =
        parseJson(R"({"a": 4294967297, "b": 18446744073709551615, "c": 1.0, "d": -1, "e": "1"})",
            "x", kPlanJson);
    QVERIFY(!memberInt(json, "a") && !memberInt(json, "b") && !memberInt(json, "c"));
    QVERIFY(!memberInt(json, "e") && !memberInt(json, "none"));
    QCOMPARE(memberInt(json, "d").value_or(0), -1);
    QCOMPARE(wholeOf(json["a"], 0, INT64_MAX).value_or(0), std::int64_t { 4294967297 });
    QVERIFY(!wholeOf(json["b"], INT64_MIN, INT64_MAX));
    QVERIFY(!wholeOf(json["d"], 0, 10));
    QCOMPARE(memberText(json, "e"), std::string("1"));
    QCOMPARE(memberText(json, "a"), std::string());
}

void TestJson::textsAreWrittenWhateverTheyHold()
{
    Json json;
    json["a"] = "\xFF\xC3";
    QVERIFY(jsonText(json).ends_with("}\n"));
    QVERIFY(jsonLine(json).find('\n') == std::string::npos);
    json["a"] = "a\xE2\x80\xAE"
                "b";
    QCOMPARE(jsonLine(json), std::string(R"({"a":"a\u202eb"})"));
    QVERIFY(jsonText(json).find(R"("a\u202eb")") != std::string::npos);
    QVERIFY(parseJson(jsonLine(json), "x", kPlanJson) == json);
    QVERIFY(shownJson(Json(std::string(500, 'x'))).size() <= 60);
}

void TestJson::journalLines()
{
    std::istringstream in("one\n\n" + std::string(50, 'x') + "\nlast\ntorn");
    JournalLine line;
    std::vector<std::string> texts;
    std::vector<bool> tooLong;
    std::uint64_t bytes = 0;
    while (nextLine(in, line, 20)) {
        texts.push_back(line.text);
        tooLong.push_back(line.tooLong);
        bytes += line.bytes;
    }
    QCOMPARE(texts, (std::vector<std::string> { "one", "", "", "last" }));
    QCOMPARE(tooLong, (std::vector<bool> { false, false, true, false }));
    QCOMPARE(bytes, std::uint64_t { 4 + 1 + 51 + 5 });
}

QTEST_APPLESS_MAIN(TestJson)
#include "tst_Json.moc"
