#include "core/base/Error.h"
#include "core/base/JsonMembers.h"

#include <QTest>

using namespace crossiter;

namespace {

constexpr JsonKind kKind { "not a test", 1U << 16U, 1000 };

/// All that a fault says, in one line.
[[noreturn]] void complain(const JsonFault& fault)
{
    static const char* const kWords[] = { "no object", "missing", "wrong", "unknown" };
    throw Error(ErrorKind::BadInput, kWords[static_cast<int>(fault.what)], fault.path(),
        fault.expected, fault.shown("nothing"));
}

} // namespace

class TestJsonMembers : public QObject
{
    Q_OBJECT

private slots:
    void readsEveryKind();
    void optionalMembersMayBeAbsent();
    void saysWhatIsWrong_data();
    void saysWhatIsWrong();
    void complaintThatReturnsIsABug();
};

void TestJsonMembers::readsEveryKind()
{
    const Json json = parseJson(
        R"({"text":"","whole":-3,"seed":18446744073709551615,"number":1,"half":0.5,"flag":true,)"
        R"("list":[1]})",
        "test", kKind);
    JsonMembers members(json, "", complain);
    QCOMPARE(members.text("text"), std::string());
    QCOMPARE(members.whole("whole", -3, 3), std::int64_t { -3 });
    QCOMPARE(members.seed("seed"), UINT64_MAX);
    QCOMPARE(members.number("number"), 1.0);
    QCOMPARE(members.number("half", 0.0, 0.5), 0.5);
    QVERIFY(members.flag("flag"));
    QCOMPARE(members.list("list").size(), std::size_t { 1 });
    members.refuseOthers();
}

void TestJsonMembers::optionalMembersMayBeAbsent()
{
    const Json json = parseJson(R"({"there":7})", "test", kKind);
    JsonMembers members(json, "", complain);
    const auto whole = [&](const char* key) {
        return members.optional(key, [&] { return members.whole(key, 0, 9); });
    };
    QCOMPARE(whole("there").value_or(-1), std::int64_t { 7 });
    QVERIFY(!whole("absent"));
    members.refuseOthers();
}

void TestJsonMembers::saysWhatIsWrong_data()
{
    QTest::addColumn<QString>("json");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* json, const char* message) {
        QTest::addRow("%s", json) << QString(json) << QString(message);
    };
    row("[1]", "no object, at: expected an object, found [1]");
    row("{}", "missing, at.whole: expected a whole number 0..9, found nothing");
    row(R"({"whole":1.0})", "wrong, at.whole: expected a whole number 0..9, found 1.0");
    row(R"({"whole":10})", "wrong, at.whole: expected a whole number 0..9, found 10");
    row(R"({"whole":1,"number":2})", "wrong, at.number: expected a number 0.0..1.0, found 2");
    row(R"({"whole":1,"number":1,"text":1})", "wrong, at.text: expected a text, found 1");
    row(R"({"whole":1,"number":1,"text":"","other":null})",
        "unknown, at.other: expected number, text, whole, found nothing");
}

void TestJsonMembers::saysWhatIsWrong()
{
    QFETCH(QString, json);
    QFETCH(QString, message);
    const Json object = parseJson(json.toStdString(), "test", kKind);
    try {
        JsonMembers members(object, "at", complain);
        (void)members.whole("whole", 0, 9);
        (void)members.number("number", 0.0, 1.0);
        (void)members.text("text");
        members.refuseOthers();
        QFAIL("no complaint");
    } catch (const Error& error) {
        QCOMPARE(QString::fromUtf8(error.what()), message);
    }
}

void TestJsonMembers::complaintThatReturnsIsABug()
{
    const Json object = Json::object();
    JsonMembers members(object, "", [](const JsonFault&) {});
    try {
        (void)members.need("key");
        QFAIL("no complaint");
    } catch (const Error& error) {
        QVERIFY(error.kind() == ErrorKind::Internal);
    }
}

QTEST_APPLESS_MAIN(TestJsonMembers)
#include "tst_JsonMembers.moc"
