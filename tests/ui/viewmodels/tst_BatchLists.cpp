// The lists of the Batch tab, without engine or window: queue, plan, catalogue and target classes.
#include "ui/session/PlanCatalogue.h"
#include "ui/viewmodels/PlanModel.h"
#include "ui/viewmodels/QueueModel.h"
#include "ui/viewmodels/TargetClassModel.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QTest>
#include <QUndoStack>

#include <algorithm>
#include <set>

using namespace crossiter;
using namespace crossiter::ui;

class tst_BatchLists : public QObject
{
    Q_OBJECT

private slots:
    void queueSaysOnlyWhatChanged();
    void planIsWhatIsChecked();
    void catalogueFitsItsLists();
    void targetsAreUndoneAndMarked();
    void randomTargetsFollowTheSeed();
};

void tst_BatchLists::queueSaysOnlyWhatChanged()
{
    QueueModel model;
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVector<QueueItem> items(3);
    for (int i = 0; i < 3; ++i) {
        items[i].kind = "attack";
        items[i].name = QString::number(i);
        items[i].total = 10;
    }
    model.setItems(items);
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    items[1].done = 4;
    items[1].failed = 1;
    items[1].errors = { "x.png: broken" };
    items[1].state = QueueState::Running;
    model.setItems(items);
    QCOMPARE(resets.size(), 0);
    QCOMPARE(changes.size(), 1);
    QCOMPARE(changes[0][0].toModelIndex().row(), 1);
    QCOMPARE(model.index(1, QueueModel::ProgressColumn).data().toString(), QString("4 / 10"));
    QCOMPARE(model.index(1, 0).data(QueueModel::ShareRole).toDouble(), 0.4);
    QVERIFY(model.index(1, 0).data(Qt::ToolTipRole).toString().contains("x.png: broken"));
    items.removeLast();
    model.setItems(items);
    QCOMPARE(resets.size(), 1);
}

void tst_BatchLists::planIsWhatIsChecked()
{
    PlanModel model(PlanKind::Attacks);
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVector<PlanItem> items(3);
    const char* const names[] = { "first", "second", "third" };
    for (int i = 0; i < 3; ++i)
        items[i].attack.name = names[i];
    items[2].obstacle = "no weights";
    model.setItems(items);
    QSignalSpy chosen(&model, &PlanModel::chosenChanged);
    QVERIFY(model.setData(model.index(0), Qt::Checked, Qt::CheckStateRole));
    QVERIFY(model.setData(model.index(1), Qt::Checked, Qt::CheckStateRole));
    QVERIFY2(!model.setData(model.index(2), Qt::Checked, Qt::CheckStateRole),
        "what cannot run is not picked");
    QCOMPARE(chosen.size(), 2);
    QVERIFY(model.moveRow(1, -1));
    QVERIFY(!model.moveRow(0, -1));
    const std::vector<PlanAttack> attacks = model.chosenAttacks();
    QCOMPARE(attacks.size(), std::size_t(2));
    QCOMPARE(attacks[0].name, std::string("second"));
    QCOMPARE(model.freeName("first"), QString("first_2"));
    QCOMPARE(model.freeName("first", 1), QString("first"));
    QVERIFY(model.chosenDefenses().empty());
    model.setAllChecked(true);
    QCOMPARE(model.checkedCount(), 2);
    model.removeAt(0);
    QCOMPARE(model.chosenAttacks().size(), std::size_t(1));
}

void tst_BatchLists::catalogueFitsItsLists()
{
    std::vector<StoredModel> models(3);
    models[0].manifest.id = "efficientnet-lite1";
    models[0].weights = "somewhere.pth";
    models[1].manifest.id = "inception-v3"; // without weights
    models[2].manifest.id = "cleaner"; // no classifier
    models[2].manifest.architecture = "purifier-torchscript";
    models[2].weights = "cleaner.pt";
    TournamentPlan plan;
    plan.dataset.folder = "/photos";
    plan.attacks = knownAttacks(models);
    plan.targetedAttacks = knownTargetedAttacks(models);
    plan.defenses = knownDefenses(models);
    checkPlan(plan, "catalogue"); // unique, safe names; every request can be run
    const std::vector<std::string> used = modelsOf(plan);
    QVERIFY(std::find(used.begin(), used.end(), "cleaner") == used.end());
    for (const PlanDefense& defense : plan.defenses) {
        QCOMPARE(defense.model, std::string("efficientnet-lite1"));
        QVERIFY(obstacleOf(defense, models).isEmpty());
    }
    PlanDefense absent;
    absent.model = "inception-v3";
    QVERIFY(obstacleOf(absent, models).contains("inception-v3"));
    QCOMPARE(shortId("efficientnet-lite1"), std::string("lite1"));
    PlanAttack external;
    external.external = ExternalSubmission { "/no/such/folder" };
    QVERIFY(obstacleOf(external, models).contains("metadata.json"));
}

void tst_BatchLists::targetsAreUndoneAndMarked()
{
    TargetClassModel model;
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRows({ { "a.png", "/a.png", 252, 10 }, { "b.png", "/b.png", 7, std::nullopt },
                      { "c.png", "", 8, 3 } },
        true);
    QCOMPARE(model.markOf(0), TargetMark::None);
    QCOMPARE(model.markOf(1), TargetMark::Missing);
    QCOMPARE(model.markOf(2), TargetMark::NoImage);
    const QModelIndex target = model.index(0, TargetClassModel::TargetColumn);
    QVERIFY(model.setData(target, 252));
    QCOMPARE(model.markOf(0), TargetMark::EqualsTrue);
    QVERIFY(!model.undoStack()->isClean());
    QVERIFY(model.setData(target, 0));
    QCOMPARE(model.markOf(0), TargetMark::Background);
    QVERIFY2(!model.setData(target, 1001), "no such label");
    model.undoStack()->undo();
    model.undoStack()->undo();
    QCOMPARE(*model.rows()[0].target, 10);
    QVERIFY(model.undoStack()->isClean());
    model.setTargets(model.randomTargets(1), "random");
    QCOMPARE(model.count(TargetMark::Missing), 0);
    model.undoStack()->undo(); // one step for all
    QCOMPARE(model.count(TargetMark::Missing), 1);
    QCOMPARE(model.targets().size(), std::size_t(2));
    QVERIFY(!(model.flags(model.index(0, TargetClassModel::TrueColumn)) & Qt::ItemIsEditable));
}

void tst_BatchLists::randomTargetsFollowTheSeed()
{
    QVector<TargetRow> rows;
    for (int i = 0; i < 3000; ++i)
        rows.push_back({ QString("%1.png").arg(i), "/x.png", 1 + i % 1000, std::nullopt });
    TargetClassModel model;
    model.setRows(rows, true);
    const auto targets = model.randomTargets(5);
    QCOMPARE(targets, model.randomTargets(5));
    QVERIFY(targets != model.randomTargets(6));
    std::reverse(rows.begin(), rows.end());
    TargetClassModel turned;
    turned.setRows(rows, true);
    QCOMPARE(turned.randomTargets(5).first(), targets.last());
    QSet<int> seen;
    for (int i = 0; i < targets.size(); ++i) {
        QVERIFY2(*targets[i] >= 1 && *targets[i] <= 1000, "a class");
        QVERIFY2(*targets[i] != 1 + i % 1000, "never the true label");
        seen.insert(*targets[i]);
    }
    QVERIFY2(seen.size() > 900, "3000 draws reach most of 1000 classes");
    QVERIFY(seen.contains(1000) || seen.contains(999));
}

QTEST_MAIN(tst_BatchLists)
#include "tst_BatchLists.moc"
