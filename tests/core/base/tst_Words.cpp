// Blanks round a text, and its pieces between marks.
#include "core/base/Words.h"

#include <QtTest>

#include <string>

using namespace crossiter;

class TestWords : public QObject
{
    Q_OBJECT

private slots:
    void blanksAtBothEnds();
    void piecesBetweenMarks();
};

void TestWords::blanksAtBothEnds()
{
    for (const auto& [text, wanted] : { std::pair("", ""), std::pair(" \t ", ""),
             std::pair("a", "a"), std::pair("\t a b ", "a b"), std::pair("a\n", "a\n") })
        QCOMPARE(std::string(trimmed(text)), std::string(wanted));
    QCOMPARE(std::string(trimmed(" a\r\n", " \r\n")), std::string("a"));
}

void TestWords::piecesBetweenMarks()
{
    using Pieces = std::vector<std::string_view>;
    QVERIFY(splitAt("", ',') == Pieces { "" });
    QVERIFY(splitAt("a", ',') == Pieces { "a" });
    QVERIFY((splitAt(",a,,b,", ',') == Pieces { "", "a", "", "b", "" }));
}

QTEST_APPLESS_MAIN(TestWords)
#include "tst_Words.moc"
