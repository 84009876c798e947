// Attacks on one picture that share what they compute.
#include "core/attack/AttackLoop.h"
#include "core/attack/SharedWork.h"

#include <QtTest/QtTest>

#include "tests/core/attack/MadeUpAttack.h"

using namespace crossiter;
using test::fake;
using test::Fake;
using test::noisePicture;
using test::requestOf;
using test::withAll;

class tst_SharedWork : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void attacksThatShareTheirWorkComputeNothingTwice()
    {
        const Fake a = fake("a", 1000, 1);
        const Fake b = fake("b", 1001, 2);
        const AttackNetworks networks { { a, b }, { a, b } };
        SharedWork shared(noisePicture());
        AttackRequest request = requestOf(Method::CrossIterative, 3);
        request.judges = { "a", "b" };
        request.keepFloats = false;
        std::size_t subSteps = 0;
        for (const LabelRule rule : { LabelRule::OwnRefreshed, LabelRule::OwnClean,
                 LabelRule::JointClean, LabelRule::True, LabelRule::LeastLikely }) {
            for (const Projection projection : { Projection::None, Projection::Ball }) {
                request.labelRule = rule;
                request.projection = projection;
                const auto alone = runAttack(request, noisePicture(), networks);
                const auto together =
                    runAttack(request, noisePicture(), networks, nullptr, {}, {}, {}, &shared);
                QCOMPARE(together->subSteps.size(), alone->subSteps.size());
                for (std::size_t i = 0; i < alone->subSteps.size(); ++i) {
                    const SubStep& one = *alone->subSteps[i];
                    const SubStep& two = *together->subSteps[i];
                    QCOMPARE(two.exported, one.exported);
                    QCOMPARE(two.attackedLabel, one.attackedLabel);
                    QCOMPARE(two.loss, one.loss);
                    QCOMPARE(two.gradientL2, one.gradientL2);
                    QCOMPARE(two.linfFloatPx, one.linfFloatPx);
                    QVERIFY(two.judges[1].probabilities == one.judges[1].probabilities);
                    subSteps += i > 0 ? 1 : 0;
                }
            }
        }
        const WorkCount work = shared.count();
        QCOMPARE(work.gradients + work.gradientsReused, subSteps);
        // Two sub-steps of 6.375 px stay in the ball of 16: the projection changes nothing there,
        // so of each pair of traces at least two gradients and their predictions are shared.
        QVERIFY(work.gradientsReused >= 10);
        QVERIFY(work.predictionsReused >= 20);
        // The same attack again costs no network at all.
        const int before = a->calls + b->calls;
        (void)runAttack(request, noisePicture(), networks, nullptr, {}, {}, {}, &shared);
        QCOMPARE(a->calls + b->calls, before);
        // What depends on magnitudes or chance is never taken from there.
        for (const AttackRequest& other : { withAll(2), requestOf(Method::MiFgsm, 2) }) {
            QCOMPARE(runAttack(other, noisePicture(), networks, nullptr, {}, {}, {}, &shared)
                         ->last()
                         .exported,
                runAttack(other, noisePicture(), networks)->last().exported);
        }
        QCOMPARE(shared.count().gradients, work.gradients);
        // Another image shares nothing.
        QCOMPARE(runAttack(request, noisePicture(9), networks, nullptr, {}, {}, {}, &shared)
                     ->last()
                     .exported,
            runAttack(request, noisePicture(9), networks)->last().exported);
        QCOMPARE(shared.count().gradients, work.gradients);
    }
};

QTEST_GUILESS_MAIN(tst_SharedWork)
#include "tst_SharedWork.moc"
