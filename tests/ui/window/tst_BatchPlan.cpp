// What a tournament's plan is made with: its file, the target editor, the dialog of an entry.
#include "core/batch/TournamentRunner.h"
#include "core/contest/TargetClassCsv.h"
#include "core/contest/TrueLabel.h"
#include "ui/dialogs/PlanEntryDialog.h"
#include "ui/dialogs/TargetClassDialog.h"
#include "ui/plot/ScoreMatrixPlot.h"
#include "ui/session/BatchSession.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/batch/CellImagesPane.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/window/Centre.h"
#include "ui/window/MainWindow.h"

#include <QDirIterator>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include <fstream>

#include "tests/ui/ExplorerTestSupport.h"
#include "tests/ui/window/BatchFixture.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

class tst_BatchPlan : public QObject, private BatchFixture
{
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(prepare()); }
    void planIsSavedAndOpened();
    void targetEditorRoundTrip();
    void entryDialogChecksWhatItMakes();
};

void tst_BatchPlan::planIsSavedAndOpened()
{
    auto batch = session();
    batch->setPlan(plan(2));
    QSignalSpy exported(batch.get(), &BatchSession::exported);
    QString file = m_folder.filePath("plan.json");
    batch->savePlan(file);
    QVERIFY(exported.wait(10'000));
    QCOMPARE(contents(file).toStdString(), planText(plan(2)));
    auto other = session();
    QString asked;
    BatchPanel panel(
        *other, [&](const QString&, const QString&, const QString&, bool, bool) { return file; });
    panel.plan()->setModels(m_engine->models());
    panel.plan()->openPlanDialog();
    QVERIFY(QTest::qWaitFor([&] { return other->plan() == plan(2); }, 10'000));
    const PlanModel* defenses = panel.plan()->list(PlanKind::Defenses);
    QCOMPARE(defenses->checkedCount(), 1);
    QVERIFY2(defenses->rowCount() > 5, "what else there is can be picked");
    std::ofstream(file.toStdString()) << R"({"version": 1, "nonsense": true})";
    QSignalSpy errors(other.get(), &BatchSession::errorRaised);
    panel.plan()->openPlanDialog();
    QVERIFY(errors.wait(10'000));
    QVERIFY(other->plan() == plan(2));
}

void tst_BatchPlan::targetEditorRoundTrip()
{
    const DatasetView dataset = viewDataset(plan(3).dataset);
    QCOMPARE(dataset.entries.size(), std::size_t(3));
    QString file = m_folder.filePath("target_class.csv");
    TargetClassDialog dialog(m_engine, plan(3), dataset, makeTheme(ThemeKind::Light),
        [&](const QString&, const QString&, const QString&, bool, bool) { return file; });
    TargetClassModel* model = dialog.model();
    QCOMPARE(model->count(TargetMark::Missing), 3);
    dialog.fillRandom();
    QCOMPARE(model->count(TargetMark::Missing), 0);
    model->setTarget(1, 779);
    dialog.findChild<QPushButton*>("saveTargets")->click();
    QCOMPARE(dialog.savedFile(), file);
    QVERIFY(model->undoStack()->isClean());
    const LabelTable saved = readTargetTable(file.toStdString());
    QVERIFY(saved.rows() == model->targets());
    QCOMPARE(saved.rows()[1].label, 779);
    model->setTarget(1, 5);
    dialog.fillFrom(file);
    QCOMPARE(*model->rows()[1].target, 779);
    model->undoStack()->undo();
    QCOMPARE(*model->rows()[1].target, 5);
    const QString other = m_folder.filePath("other.csv");
    std::ofstream(other.toStdString()) << "image,target_class\n"
                                       << model->rows()[1].file.toStdString() << ",41\n";
    dialog.fillFrom(other); // needs a base
    QVERIFY(dialog.findChild<QLabel*>("targetStatus")->text().contains("other.csv, line 2"));
    dialog.fillFrom(other, 0);
    QCOMPARE(*model->rows()[1].target, 42);
    model->undoStack()->undo();
    dialog.fillFrom(m_folder.filePath("no.csv"));
    QVERIFY(dialog.findChild<QLabel*>("targetStatus")->text().contains("no.csv"));
    QCOMPARE(*model->rows()[1].target, 5);

    dialog.fillLeastLikely("efficientnet-lite0");
    QVERIFY(QTest::qWaitFor([&] { return !dialog.busy(); }, kWaitMs));
    PredictRequest request;
    request.models = { "efficientnet-lite0" };
    request.compute.threads = 1;
    const Image clean = loadPhoto(model->rows()[0].path, CropRule::Whole).clean;
    const auto prediction = m_engine->predict(request, { clean });
    const auto& shares = prediction->predictions[0][0].probabilities;
    QVERIFY(*model->rows()[0].target >= 1);
    for (std::size_t label = 1; label < shares.size(); ++label)
        QVERIFY(shares[label] >= shares[static_cast<std::size_t>(*model->rows()[0].target)]);

    // In the plan: what was saved is what a targeted attack gets.
    dialog.findChild<QPushButton*>("useTargets")->click();
    QCOMPARE(dialog.result(), static_cast<int>(QDialog::Accepted));
    PlanDataset with = plan(3).dataset;
    with.targets = file.toStdString();
    const DatasetView used = viewDataset(with);
    for (std::size_t i = 0; i < used.entries.size(); ++i)
        QCOMPARE(used.entries[i].target, model->rows()[static_cast<int>(i)].target);
}

void tst_BatchPlan::entryDialogChecksWhatItMakes()
{
    PlanItem item;
    item.defense = plan(1).defenses[0];
    PlanEntryDialog defense(PlanKind::Defenses, item, m_engine->models(), { "taken" });
    QCOMPARE(defense.problem(), QString());
    auto* stages = defense.findChild<QLineEdit*>("entryDefense");
    stages->setText("resize=200;dropout");
    QCOMPARE(defense.problem(), QString());
    QCOMPARE(defense.item().defense.defense.stages.size(), std::size_t(1));
    stages->setText("resize=400");
    QVERIFY(!defense.problem().isEmpty());
    stages->setText("none");
    defense.findChild<QLineEdit*>("entryName")->setText("taken");
    QVERIFY(!defense.problem().isEmpty());
    defense.findChild<QLineEdit*>("entryName")->setText("a,b");
    QVERIFY(!defense.problem().isEmpty());

    item.attack = plan(1).attacks[2];
    PlanEntryDialog attack(PlanKind::Attacks, item, m_engine->models(), {});
    QCOMPARE(attack.problem(), QString());
    QVERIFY2(attack.item().attack == item.attack, "unchanged options stay as they are");
}

QTEST_MAIN(tst_BatchPlan)
#include "tst_BatchPlan.moc"
