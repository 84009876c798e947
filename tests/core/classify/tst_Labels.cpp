#include "core/base/Error.h"
#include "core/classify/Labels.h"
#include "core/classify/Prediction.h"

#include <QtTest>

#include <set>

using namespace crossiter;

class TestLabels : public QObject
{
    Q_OBJECT

private slots:
    void namesAreThere();
    void namesAreUniqueAndFit();
    void outsideIsRefused();
    void everyNameFindsItsLabel();
    void findsNumbersNamesAndWordNetIds();
    void synonymsBelongToOneClass();
    void rankingIsByProbabilityThenLabel();
};

void TestLabels::namesAreThere()
{
    QVERIFY_EXCEPTION_THROWN((void)labelName(1001), Error);
    QCOMPARE(labelName(0), std::string("background"));
    QCOMPARE(labelName(1), std::string("tench"));
    QCOMPARE(labelName(252), std::string("Dalmatian"));
    QCOMPARE(labelName(247), std::string("Great Dane"));
    QCOMPARE(labelName(276), std::string("African wild dog"));
    QCOMPARE(labelName(290), std::string("snow leopard"));
    QCOMPARE(labelName(1000), std::string("toilet paper"));
}

void TestLabels::namesAreUniqueAndFit()
{
    std::set<std::string> seen;
    for (int label = 0; label < kLabelCount; ++label) {
        const std::string& name = labelName(label);
        QVERIFY2(seen.insert(name).second, name.c_str());
        QVERIFY2(!name.empty() && name.size() <= 24, name.c_str());
        QVERIFY2(name.front() != ' ' && name.back() != ' ', name.c_str());
    }
    // Two birds and machines, two swimsuits: the classes that share a word in ImageNet.
    QVERIFY(labelName(135) != labelName(518));
    QVERIFY(labelName(639) != labelName(640));
    QVERIFY(labelName(837) != labelName(838));
    QVERIFY(labelName(658) != labelName(745));
}

void TestLabels::outsideIsRefused()
{
    for (const int label : { -1, 1001 }) {
        try {
            (void)labelName(label);
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::BadInput);
            QVERIFY(std::string(error.what()).find("0..1000") != std::string::npos);
        }
    }
}

void TestLabels::everyNameFindsItsLabel()
{
    for (int label = 0; label < kLabelCount; ++label) {
        QCOMPARE(findLabel(labelName(label)), std::optional<int>(label));
        QCOMPARE(findLabel(std::to_string(label)), std::optional<int>(label));
    }
}

void TestLabels::findsNumbersNamesAndWordNetIds()
{
    QCOMPARE(findLabel("great_dane"), std::optional<int>(247));
    QCOMPARE(findLabel("GREAT-DANE"), std::optional<int>(247));
    QCOMPARE(findLabel(" greatdane "), std::optional<int>(247));
    QCOMPARE(findLabel("n02110341"), std::optional<int>(252));
    QCOMPARE(findLabel("N01440764"), std::optional<int>(1));
    for (const char* unknown : { "", " ", "1001", "-1", "-0", "1.5", "12a", "Great Danes",
             "n0211034", "99999999999999999999", "crane" })
        QVERIFY2(!findLabel(unknown), unknown);
}

void TestLabels::synonymsBelongToOneClass()
{
    QCOMPARE(findLabelOrSynonym("laptop"), std::optional<int>(621));
    QCOMPARE(findLabelOrSynonym(" Coach_Dog "), std::optional<int>(252));
    QCOMPARE(findLabelOrSynonym("n02110341"), std::optional<int>(252));
    QCOMPARE(findLabelOrSynonym("Great Dane"), std::optional<int>(247));
    for (const char* none : { "", "crane", "maillot", "background noise", "1001" })
        QVERIFY2(!findLabelOrSynonym(none), none);
    // Names of folders: a folder "site" is no web site.
    QVERIFY(!findLabel("site") && findLabelOrSynonym("site"));
    QVERIFY(labelSynonyms().size() > 900);
    for (const std::string& name : labelSynonyms())
        QVERIFY2(!findLabel(name) && findLabelOrSynonym(name).value_or(0) > 0, name.c_str());
}

void TestLabels::rankingIsByProbabilityThenLabel()
{
    Prediction prediction;
    prediction.probabilities.assign(1001, 0.0F);
    prediction.probabilities[7] = 0.25F;
    prediction.probabilities[3] = 0.25F;
    prediction.probabilities[900] = 0.5F;
    QCOMPARE(prediction.top1(), 900);
    const auto top = prediction.top(4);
    QCOMPARE(top.size(), std::size_t { 4 });
    QCOMPARE(top[0].label, 900);
    QCOMPARE(top[1].label, 3);
    QCOMPARE(top[2].label, 7);
    QCOMPARE(top[3].label, 0);
    QCOMPARE(top[0].probability, 0.5);
    QCOMPARE(prediction.top(5000).size(), std::size_t { 1001 });
    QVERIFY(prediction.top(-1).empty());
    QCOMPARE(prediction.probabilityOf(-1), 0.0);
    QCOMPARE(prediction.probabilityOf(1001), 0.0);
    prediction.probabilities[900] = 0.25F;
    QCOMPARE(prediction.top1(), prediction.top(1)[0].label);
}

QTEST_GUILESS_MAIN(TestLabels)
#include "tst_Labels.moc"
