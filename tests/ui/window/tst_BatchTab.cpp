// The Batch tab with the real engine: a tiny tournament run, paused, cancelled, gone on with and
// shared by processes; its cells and images.
#include "core/batch/TournamentRunner.h"
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

namespace {

/// Every file of a tournament but journal and locks, which tell of the run itself.
QMap<QString, QByteArray> outputOf(const QString& folder)
{
    QMap<QString, QByteArray> files;
    QDirIterator entry(folder, QDir::Files, QDirIterator::Subdirectories);
    while (entry.hasNext()) {
        const QString path = entry.next();
        const QString name = QDir(folder).relativeFilePath(path);
        if (!name.startsWith("journal/"))
            files[name] = contents(path);
    }
    return files;
}

} // namespace

class tst_BatchTab : public QObject, private BatchFixture
{
    Q_OBJECT

private slots:
    void initTestCase();
    void runsInTheWindowAndEqualsTheFiles();
    void cellOpensImagesAndImageOpensThePair();
    void pausesBetweenImagesAndGoesOn();
    void cancelledRunIsReopenedAndEndsEqual();
    void processesShareTheWorkAndEndEqual();
    void failuresAreSaidPerItem();
    void exportsTheCompetitionsFiles();
    void matrixIsExportedWithItsProvenance();
    void obstaclesAreSaidBeforeAnythingRuns();
    void seedRunStandsBesideThePublishedScores();

private:
    QString m_whole; ///< the output of the uninterrupted run
};

void tst_BatchTab::initTestCase()
{
    QVERIFY(prepare());
    m_whole = m_folder.filePath("whole");
}

void tst_BatchTab::runsInTheWindowAndEqualsTheFiles()
{
    auto batch = session();
    BatchPanel panel(*batch, {});
    panel.plan()->setModels(m_engine->models());
    panel.resize(1400, 420);
    panel.show();
    batch->setPlan(plan(3));
    batch->setOutput(m_whole);
    QVERIFY(QTest::qWaitFor([&] { return batch->dataset() != nullptr; }, kWaitMs));
    QCOMPARE(panel.plan()->list(PlanKind::Attacks)->checkedCount(), 3);
    QVERIFY2(panel.queue()->runButton()->isEnabled(), qPrintable(batch->obstacle()));
    QCOMPARE(panel.queue()->queue()->rowCount(), 5);
    QSignalSpy progress(batch.get(), &BatchSession::resultsChanged);
    panel.queue()->runButton()->click();
    QVERIFY2(!panel.plan()->isEnabled(), "the plan of a run is not changed");
    QVERIFY(finished(*batch));
    QVERIFY(batch->results()->complete);
    QVERIFY2(progress.size() >= 2, "progress while it runs");
    for (const QueueItem& item : panel.queue()->queue()->items()) {
        QCOMPARE(item.state, QueueState::Done);
        QCOMPARE(item.done, item.total);
    }
    const QVector<ScoreSheet>& sheets = panel.results()->sheets();
    QCOMPARE(sheets.size(), 3);
    for (const ScoreSheet& sheet : sheets) {
        QCOMPARE(QByteArray::fromStdString(matrixText(sheet.matrix)),
            contents(m_whole + "/" + sheet.file));
    }
    Ranking attacks;
    for (const RankedRow& row : panel.results()->ranking(0)->rows())
        attacks.push_back({ row.name.toStdString(), row.score });
    QCOMPARE(QByteArray::fromStdString(rankingText("AttackName,Score", attacks)),
        contents(m_whole + "/attack_ranking.csv"));
    QCOMPARE(panel.results()->pageNames().mid(3), (QStringList { "Rankings" }));
}

void tst_BatchTab::cellOpensImagesAndImageOpensThePair()
{
    Workspace workspace(m_engine);
    MainWindow window(workspace, windowOptions());
    window.resize(1440, 900);
    window.show();
    window.showTab("batch");
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    BatchPanel& panel = *window.findChild<BatchPanel*>();
    panel.session().openResults(m_whole);
    QVERIFY(finished(panel.session()));
    QCOMPARE(panel.session().output(), m_whole);
    panel.showPart(BatchPanel::Results);
    panel.results()->showPage(0);
    ScoreMatrixPlot* matrix = panel.results()->matrix();
    QVERIFY(matrix->isVisible());
    const QModelIndex cell = matrix->model()->index(2, 0);
    matrix->scrollTo(cell);
    QTest::mouseClick(matrix->viewport(), Qt::LeftButton, {}, matrix->visualRect(cell).center());
    CellImagesPane* images = panel.results()->images();
    QVERIFY(images->isVisible());
    QCOMPARE(images->title(), QString("fgsm against lite0"));
    QCOMPARE(images->model()->rowCount(), 3);
    images->setShows(CellImageFilter::Shows::Held);
    QCOMPARE(static_cast<long>(images->filter()->rowCount()),
        panel.results()->sheets()[0].matrix.at(2, 0));
    images->setShows(CellImageFilter::Shows::All);
    QVERIFY2(QTest::qWaitFor(
                 [&] {
                     return images->model()
                         ->index(2)
                         .data(CellImageModel::AdversarialThumbnailRole)
                         .isValid();
                 },
                 20'000),
        "thumbnails come");
    const QModelIndex first = images->filter()->index(0, 0);
    images->list()->scrollTo(first);
    QTest::mouseClick(
        images->list()->viewport(), Qt::LeftButton, {}, images->list()->visualRect(first).center());
    QVERIFY(QTest::qWaitFor(
        [&] {
            return window.workspace().explorer().showsPair()
                && window.workspace().explorer().settled();
        },
        kWaitMs));
    QCOMPARE(QFileInfo(window.workspace().explorer().photo().path).fileName(),
        QFileInfo(images->model()->images()[0].clean).fileName());
    QCOMPARE(window.workspace().explorer().state().pair, images->model()->images()[0].adversarial);
    QCOMPARE(window.centre().errors()->message(), QString());
    QTest::keyClick(images->list(), Qt::Key_Escape);
    QVERIFY(!images->isVisible());
    QVERIFY(matrix->isVisible());
}

void tst_BatchTab::pausesBetweenImagesAndGoesOn()
{
    auto batch = session();
    batch->setPlan(plan(3));
    batch->setOutput(m_folder.filePath("paused"));
    batch->run();
    QVERIFY(QTest::qWaitFor(
        [&] { return batch->results() && batch->results()->submissions[0].done > 0; }, kWaitMs));
    batch->pause();
    QVERIFY(QTest::qWaitFor([&] { return batch->status() == BatchStatus::Paused; }, kWaitMs));
    const auto journal = [&] {
        return contents(m_folder.filePath("paused/journal/rank-0000.jsonl"));
    };
    const QByteArray before = journal();
    QTest::qWait(700);
    QCOMPARE(journal(), before);
    QVERIFY(batch->active());
    batch->resume();
    QCOMPARE(batch->status(), BatchStatus::Running);
    QVERIFY(finished(*batch));
    QVERIFY(batch->results()->complete);
    QCOMPARE(outputOf(m_folder.filePath("paused")), outputOf(m_whole));
}

void tst_BatchTab::cancelledRunIsReopenedAndEndsEqual()
{
    const QString folder = m_folder.filePath("cancelled");
    {
        auto batch = session();
        batch->setPlan(plan(3));
        batch->setOutput(folder);
        batch->run();
        QVERIFY(QTest::qWaitFor(
            [&] { return batch->results() && batch->results()->submissions[1].done > 0; },
            kWaitMs));
        batch->cancel();
        QVERIFY(finished(*batch));
        QVERIFY(!batch->results()->complete);
        QVERIFY(batch->continues());
    }
    auto again = session();
    again->openResults(folder);
    QVERIFY(finished(*again));
    QVERIFY2(again->plan() == plan(3), "the folder's plan is at hand");
    QVERIFY(!again->results()->complete);
    BatchPanel panel(*again, {});
    QCOMPARE(panel.queue()->runButton()->text(), QString("Resume"));
    again->run();
    QVERIFY(finished(*again));
    QVERIFY(again->results()->complete);
    QCOMPARE(outputOf(folder), outputOf(m_whole));
}

void tst_BatchTab::processesShareTheWorkAndEndEqual()
{
    auto batch = session(2);
    BatchPanel panel(*batch, {});
    batch->setPlan(plan(3));
    const QString folder = m_folder.filePath("shared");
    batch->setOutput(folder);
    QSignalSpy errors(batch.get(), &BatchSession::errorRaised);
    batch->run();
    bool bothSeen = false;
    QVERIFY(QTest::qWaitFor(
        [&] {
            int working = 0;
            for (const BatchProcess& process : batch->processStates())
                working += process.state == BatchProcess::State::Working ? 1 : 0;
            bothSeen = bothSeen || working == 2;
            return batch->settled();
        },
        kWaitMs));
    QVERIFY2(errors.isEmpty(), qPrintable(errors.isEmpty() ? QString() : errors[0][0].toString()));
    QVERIFY(bothSeen);
    QCOMPARE(panel.queue()->processLines().size(), 2);
    QVERIFY(panel.queue()->processLines()[1].contains("done"));
    QVERIFY(batch->results() && batch->results()->complete);
    QVERIFY2(QFileInfo::exists(folder + "/journal/rank-0001.jsonl"), "the second one worked too");
    QCOMPARE(outputOf(folder), outputOf(m_whole));
}

void tst_BatchTab::failuresAreSaidPerItem()
{
    auto batch = session();
    BatchPanel panel(*batch, {});
    QDir().mkpath(m_folder.filePath("damaged"));
    QVERIFY(QFile::copy(
        photo("imagenet_16_251.jpg"), m_folder.filePath("damaged/imagenet_16_251.jpg")));
    std::ofstream(m_folder.filePath("damaged/imagenet_17_3.jpg").toStdString()) << "no picture";
    TournamentPlan broken = plan(0);
    broken.dataset.folder = m_folder.filePath("damaged").toStdString();
    broken.attacks.resize(1);
    broken.targetedAttacks.clear();
    batch->setPlan(broken);
    batch->run();
    QVERIFY(finished(*batch));
    QVERIFY(batch->results()->complete);
    QVERIFY2(batch->output().startsWith(m_folder.filePath("runs")), "a folder of its own");
    const QueueItem attack = panel.queue()->queue()->items()[0];
    QCOMPARE(attack.state, QueueState::Failed);
    QCOMPARE(attack.failed, 1);
    QVERIFY2(
        attack.errors.value(0).startsWith("imagenet_17_3: "), qPrintable(attack.errors.value(0)));
    const QVector<CellImage> images = cellImagesOf(*batch->results(), { false, 0, 0 });
    QCOMPARE(images.size(), 2);
    QCOMPARE(images[1].outcome(), CellOutcome::NotWritten);
}

void tst_BatchTab::exportsTheCompetitionsFiles()
{
    auto batch = session();
    batch->openResults(m_whole);
    QVERIFY(finished(*batch));
    QSignalSpy exported(batch.get(), &BatchSession::exported);
    QSignalSpy errors(batch.get(), &BatchSession::errorRaised);
    const QString to = m_folder.filePath("exported");
    batch->exportFiles(to, true);
    QVERIFY(exported.wait(60'000));
    for (const char* name :
        { "accuracy_on_attacks.csv", "hit_target_class.csv", "attack_ranking.csv",
            "defense_ranking.csv", "report.md", "defenses_output/lite0/result.csv",
            "all_adv_examples/00000000.png", "attacks_output/fgsm" }) {
        const QString file = to + "/" + name;
        QVERIFY2(QFileInfo::exists(file), name);
        if (QFileInfo(file).isFile())
            QCOMPARE(contents(file), contents(m_whole + "/" + name));
    }
    batch->exportFiles(m_whole + "/inside", false);
    QVERIFY(errors.wait(10'000));
    QVERIFY(!QFileInfo::exists(m_whole + "/inside"));
    batch->openResults(m_folder.filePath("photos"));
    QVERIFY(errors.wait(10'000));
    QVERIFY(errors.last()[0].toString().contains("plan.json"));
}

void tst_BatchTab::matrixIsExportedWithItsProvenance()
{
    auto batch = session();
    QString answer;
    BatchPanel panel(*batch, [&](auto&&, auto&&, auto&&, bool, bool) { return answer; });
    batch->openResults(m_whole);
    QVERIFY(finished(*batch));
    QSignalSpy exported(batch.get(), &BatchSession::exported);
    const QStringList suffixes { "csv", "png", "pdf", "svg" };
    for (const QString& suffix : suffixes) { // at once: none takes another's place
        answer = m_folder.filePath("matrix." + suffix);
        panel.results()->exportMatrixDialog(suffix);
    }
    QVERIFY(finished(*batch));
    QCOMPARE(exported.size(), 4);
    for (const QString& suffix : suffixes) { // the table is a result, the others are figures
        QVERIFY(QFileInfo(m_folder.filePath("matrix." + suffix)).size() > 0);
        const QJsonObject beside = object(m_folder.filePath(
            (suffix == "csv" ? "matrix" : "matrix." + suffix) + ".provenance.json"));
        QCOMPARE(beside["matrix"].toString(), panel.results()->sheets()[0].file);
        QCOMPARE(
            beside["run"]["weights_sha256"], object(m_whole + "/report.json")["weights_sha256"]);
    }
}

void tst_BatchTab::obstaclesAreSaidBeforeAnythingRuns()
{
    auto batch = session();
    QVERIFY(!batch->obstacle().isEmpty());
    TournamentPlan wrong = plan(3);
    wrong.targetedAttacks[0].options.target.reset(); // the photos have no targets
    batch->setPlan(wrong);
    QVERIFY(QTest::qWaitFor([&] { return batch->dataset() != nullptr; }, kWaitMs));
    QVERIFY(batch->obstacle().contains("target"));
    QSignalSpy errors(batch.get(), &BatchSession::errorRaised);
    batch->run();
    QCOMPARE(errors.size(), 1);
    QVERIFY(!batch->active());
    wrong = plan(3);
    wrong.dataset.folder = m_folder.filePath("nowhere").toStdString();
    batch->setPlan(wrong);
    QVERIFY(QTest::qWaitFor([&] { return !batch->datasetProblem().isEmpty(); }, kWaitMs));
    // Another plan in an explicit folder: core refuses, and says so.
    batch->setPlan(plan(2));
    batch->setOutput(m_whole);
    QVERIFY(QTest::qWaitFor([&] { return batch->dataset() != nullptr; }, kWaitMs));
    batch->run();
    QVERIFY(QTest::qWaitFor([&] { return !batch->active(); }, kWaitMs));
    QVERIFY2(errors.last()[0].toString().contains("another plan"),
        qPrintable(errors.last()[0].toString()));
}

void tst_BatchTab::seedRunStandsBesideThePublishedScores()
{
    auto batch = session();
    TournamentPlan first = plan(1);
    batch->setPlan(first);
    batch->usePreset("seed");
    TournamentPlan seed = batch->plan();
    QCOMPARE(seed.preset, std::string("seed"));
    QVERIFY(seed.attacks.size() >= 8);
    QVERIFY(seed.dataset == first.dataset);
    // Only its quickest rows: the figures of the others stay "missing".
    std::erase_if(seed.attacks, [](const PlanAttack& attack) {
        return attack.name != "noop" && attack.name != "random_noise";
    });
    seed.targetedAttacks.clear();
    seed.defenses.resize(1);
    batch->setPlan(seed);
    BatchPanel panel(*batch, {});
    batch->run();
    QVERIFY(finished(*batch));
    QVERIFY(panel.results()->pageNames().contains("Published scores"));
    const QStandardItemModel* table = panel.results()->published();
    bool found = false;
    for (int row = 0; row < table->rowCount(); ++row) {
        if (table->item(row, 1)->text() == "random_noise") {
            found = true;
            QCOMPARE(table->item(row, 4)->text(), QString("995"));
            QVERIFY(table->item(row, 2)->text() != "missing");
        } else if (table->item(row, 1)->text() == "bim_both_2") {
            QCOMPARE(table->item(row, 2)->text(), QString("missing"));
        }
    }
    QVERIFY(found);
    QVERIFY(panel.results()->ranking(0)->hasPublished());
}

QTEST_MAIN(tst_BatchTab)
#include "tst_BatchTab.moc"
