// The request as data: defaults of every method, names, and what is refused.

#include "core/attack/AttackRequest.h"
#include "core/base/Error.h"

#include <QtTest/QtTest>

using namespace crossiter;

class tst_AttackRequest : public QObject
{
    Q_OBJECT

private slots:
    void namesGoBothWays()
    {
        for (const Method method : allMethods())
            QVERIFY(parseMethod(toString(method)) == method);
        for (const LabelRule rule : allLabelRules())
            QVERIFY(parseLabelRule(toString(rule)) == rule);
        for (const char* save : { "floor", "round", "legacy-stretch" })
            QCOMPARE(toString(parseSaveRule(save)), std::string(save));
        for (const char* projection : { "none", "ball" })
            QCOMPARE(toString(parseProjection(projection)), std::string(projection));
    }

    void unknownNameListsTheChoices()
    {
        try {
            (void)parseMethod("pgd");
            QFAIL("accepted");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::Usage);
            QVERIFY(std::string(error.what()).find("cross-iterative-target") != std::string::npos);
            QVERIFY(std::string(error.what()).find("pgd") != std::string::npos);
        }
    }

    void defaultsOfEveryMethod_data()
    {
        QTest::addColumn<QString>("method");
        QTest::addColumn<int>("rounds");
        QTest::addColumn<double>("step");
        QTest::addColumn<QString>("projection");
        QTest::addColumn<QString>("rule");
        QTest::addColumn<QString>("save");
        const auto row = [](const char* method, int rounds, double step, const char* projection,
                             const char* rule, const char* save) {
            QTest::newRow(method) << method << rounds << step << projection << rule << save;
        };
        row("cross-iterative", 3, 6.375, "none", "own-refreshed", "floor");
        row("cross-iterative-target", 20, 1.0, "ball", "target", "round");
        row("fgsm", 1, 12.0, "ball", "own-clean", "floor");
        row("step-target", 1, 12.0, "ball", "target", "round");
        row("bim", 10, 6.375, "ball", "own-clean", "floor");
        row("iter-target", 20, 1.0, "ball", "target", "round");
        row("mi-fgsm", 10, 1.2, "ball", "joint-clean", "round");
    }

    void defaultsOfEveryMethod()
    {
        QFETCH(QString, method);
        const AttackRequest request = defaultRequest(parseMethod(method.toStdString()), 12);
        QTEST(request.rounds, "rounds");
        QTEST(request.stepPx, "step");
        QTEST(QString::fromStdString(toString(request.projection)), "projection");
        QTEST(QString::fromStdString(toString(request.labelRule)), "rule");
        QTEST(QString::fromStdString(toString(request.save)), "save");
        QCOMPARE(request.epsilon255, 12);
        const std::vector<std::string> pair = { "efficientnet-lite1", "efficientnet-lite0" };
        QVERIFY(request.sources == pair);
        QVERIFY(request.judges == pair);
        const bool momentum = request.method == Method::MiFgsm;
        QCOMPARE(request.momentum, momentum ? 1.0 : 0.0);
        QVERIFY(request.ensemble == (momentum ? Ensemble::MeanLogits : Ensemble::Alternate));
        // The further options are off in every row.
        QVERIFY(!request.nesterov && request.diversity == 0.0 && request.translation == 0
            && request.scales == 1);
    }

    void countsSubSteps()
    {
        AttackRequest request = defaultRequest(Method::CrossIterative);
        QCOMPARE(subStepCount(request), 6);
        request.sources = { "a", "b", "c" };
        request.rounds = 4;
        QCOMPARE(subStepCount(request), 12);
        request.ensemble = Ensemble::MeanLogits;
        QCOMPARE(subStepCount(request), 4);
        QCOMPARE(subStepCount(defaultRequest(Method::Noop)), 0);
        QCOMPARE(subStepCount(defaultRequest(Method::RandomNoise)), 1);
    }

    void refusesWhatMakesNoSense_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("place");
        QTest::newRow("epsilon 256") << 0 << "epsilon";
        QTest::newRow("epsilon -1") << 1 << "epsilon";
        QTest::newRow("rounds 1001") << 2 << "rounds";
        QTest::newRow("step NaN") << 3 << "step";
        QTest::newRow("no source") << 4 << "source";
        QTest::newRow("nine sources") << 5 << "source";
        QTest::newRow("rule true without a label") << 6 << "label-rule true";
        QTest::newRow("target missing") << 7 << "cross-iterative-target";
        QTest::newRow("target rule on an untargeted method") << 8 << "label-rule";
        QTest::newRow("own-clean on a targeted method") << 9 << "label-rule";
        QTest::newRow("label 1001") << 10 << "label";
        QTest::newRow("target -1") << 11 << "target";
        QTest::newRow("momentum 11") << 12 << "momentum";
        QTest::newRow("diversity 1.5") << 13 << "diversity";
        QTest::newRow("even kernel") << 14 << "translation";
        QTest::newRow("kernel 33") << 15 << "translation";
        QTest::newRow("no scale") << 16 << "scales";
        QTest::newRow("no draw") << 17 << "through-draws";
    }

    void refusesWhatMakesNoSense()
    {
        QFETCH(int, which);
        QFETCH(QString, place);
        AttackRequest request = defaultRequest(Method::CrossIterative);
        switch (which) {
        case 0:
            request.epsilon255 = 256;
            break;
        case 1:
            request.epsilon255 = -1;
            break;
        case 2:
            request.rounds = 1001;
            break;
        case 3:
            request.stepPx = std::numeric_limits<double>::quiet_NaN();
            break;
        case 4:
            request.sources.clear();
            break;
        case 5:
            request.sources.assign(9, "x");
            break;
        case 6:
            request.labelRule = LabelRule::True;
            break;
        case 7:
            request = defaultRequest(Method::CrossIterativeTarget);
            break;
        case 8:
            request.labelRule = LabelRule::Target;
            request.target = 5;
            break;
        case 9:
            request = defaultRequest(Method::IterTarget);
            request.target = 5;
            request.labelRule = LabelRule::OwnClean;
            break;
        case 10:
            request.trueLabel = 1001;
            break;
        case 11:
            request.target = -1;
            break;
        case 12:
            request.momentum = 11.0;
            break;
        case 13:
            request.diversity = 1.5;
            break;
        case 14:
            request.translation = 4;
            break;
        case 15:
            request.translation = 33;
            break;
        case 16:
            request.scales = 0;
            break;
        default:
            request.throughDraws = 0;
            break;
        }
        try {
            checkRequest(request);
            QFAIL("accepted");
        } catch (const Error& error) {
            QVERIFY(error.kind() == ErrorKind::Usage);
            QCOMPARE(QString::fromStdString(error.place()), place);
        }
    }

    void onlyRoundsMayDifferForAnExtension()
    {
        const AttackRequest a = defaultRequest(Method::CrossIterative);
        AttackRequest b = a;
        b.rounds = 9;
        QVERIFY(sameButRounds(a, b));
        b.trueLabel = 7; // shown, not attacked
        QVERIFY(sameButRounds(a, b));
        AttackRequest c = b;
        c.seed = 2;
        QVERIFY(!sameButRounds(b, c));
        AttackRequest d = b;
        AttackRequest e = b;
        d.labelRule = e.labelRule = LabelRule::True;
        e.trueLabel = 8;
        QVERIFY(!sameButRounds(d, e));
    }
};

QTEST_GUILESS_MAIN(tst_AttackRequest)
#include "tst_AttackRequest.moc"
