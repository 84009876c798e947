// Finding models and what is shown of them; traces of one photo that are kept.
#include "ui/session/ModelChoice.h"
#include "ui/session/TraceShelf.h"

#include <QTest>

using namespace crossiter;
using namespace crossiter::ui;

namespace {

StoredModel modelOf(const std::string& id, const std::string& name, bool weights)
{
    StoredModel model;
    model.manifest.id = id;
    model.manifest.name = name;
    if (weights)
        model.weights = "/store/" + id + "/weights.pth";
    return model;
}

std::shared_ptr<const AttackTrace> traceOf(int epsilon, int rounds, std::size_t entries)
{
    auto trace = std::make_shared<AttackTrace>();
    trace->request.epsilon255 = epsilon;
    trace->request.rounds = rounds;
    trace->subSteps.resize(entries);
    return trace;
}

} // namespace

class tst_ModelChoice : public QObject
{
    Q_OBJECT

private slots:
    void modelsAreFoundById();
    void shelfKeepsTheLongestOfAnAttack();
};

void tst_ModelChoice::modelsAreFoundById()
{
    const std::vector<StoredModel> models { modelOf("a", "Network A", true),
        modelOf("b", "Network B", false) };
    QVERIFY(findModel(models, "b") == &models[1]);
    QVERIFY(findModel(models, "c") == nullptr);
    QCOMPARE(shownModelName(models, "a"), QString("Network A"));
    QCOMPARE(shownModelName(models, "c"), QString("c"));
    QVERIFY(hasWeights(models, { "a" }));
    QVERIFY(!hasWeights(models, { "a", "b" }));
    QVERIFY2(hasWeights(models, { "c" }), "not known is somebody else's error");
    QCOMPARE(indexAmong({ "a", "b" }, "b"), 1);
    QCOMPARE(indexAmong({ "a", "b" }, "c"), -1);
    QVERIFY(isAmong({ "a" }, "a"));
    QVERIFY(!isAmong({}, "a"));
}

void tst_ModelChoice::shelfKeepsTheLongestOfAnAttack()
{
    TraceShelf shelf;
    const auto longer = traceOf(16, 5, 11);
    shelf.keep(longer);
    shelf.keep(traceOf(16, 2, 5));
    QVERIFY(shelf.find(traceOf(16, 1, 0)->request) == longer);
    QVERIFY(shelf.find(traceOf(8, 1, 0)->request) == nullptr);
    for (int epsilon = 100; epsilon < 124; ++epsilon) // as many as it has room for
        shelf.keep(traceOf(epsilon, 5, 3));
    QVERIFY2(shelf.find(longer->request) == nullptr, "the oldest is given up");
    shelf.clear();
    QVERIFY(shelf.find(traceOf(123, 5, 0)->request) == nullptr);
}

QTEST_MAIN(tst_ModelChoice)
#include "tst_ModelChoice.moc"
