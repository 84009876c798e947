// The model manager: fetching from a server of the test's own, what the window makes of what
// arrived.
#include "ui/dialogs/ImportDialog.h"
#include "ui/dialogs/ModelsDialog.h"
#include "ui/dialogs/SourcesDialog.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/StoreKeeper.h"
#include "ui/viewmodels/ModelTableModel.h"
#include "ui/window/Actions.h"
#include "ui/window/MainWindow.h"

#include <QAbstractItemModelTester>
#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDragEnterEvent>
#include <QDropEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTableView>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include <fstream>

#include "tests/support/HttpServer.h"
#include "tests/ui/dialogs/ModelFixture.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace fs = std::filesystem;

class tst_ModelManager : public ModelFixture
{
    Q_OBJECT

private slots:
    void init() { makeStore(); }
    void tableModelIsSound();
    void progressInWords();
    void fetchesWithProgress();
    void cancelKeepsThePartAndGoesOn();
    void failureIsSaidInTheDialog();
    void windowUsesWhatArrived();
    void pairsThatAreNotHereOpenTheManager();
    void purifiersAreOnlyOfferedAsPurifiers();

private:
    void project(const std::string& url);
};

void tst_ModelManager::project(const std::string& url)
{
    ModelManifest manifest = readManifest(m_paths.manifests / "efficientnet-lite0.json");
    manifest.id = "net";
    manifest.name = "Net";
    manifest.file = "net.pth";
    manifest.sources = { { url, m_content.size() } };
    std::ofstream(m_paths.manifests / "net.json") << manifestText(manifest);
}

void tst_ModelManager::tableModelIsSound()
{
    ModelTableModel table;
    const QAbstractItemModelTester tester(
        &table, QAbstractItemModelTester::FailureReportingMode::QtTest);
    table.setModels(models());
    QCOMPARE(table.rowCount(), static_cast<int>(models().size()));
    const int row = table.rowOf("inception-v3");
    QVERIFY(row >= 0);
    QCOMPARE(table.index(row, ModelTableModel::StateColumn).data().toString(), "to be fetched");
    QCOMPARE(table.index(row, ModelTableModel::SizeColumn).data().toString(), "95.5 MB");
    const int slim = table.rowOf("inception-v3-slim");
    QCOMPARE(table.index(slim, ModelTableModel::SizeColumn).data().toString(), "109 MB");
    table.setFetching("inception-v3", { "fetching", 50, 200, 12.0 });
    QCOMPARE(table.index(row, ModelTableModel::StateColumn).data().toString(),
        "fetching: 25 %, 12 s left");
    table.setFetching({});
    QCOMPARE(table.index(row, ModelTableModel::StateColumn).data().toString(), "to be fetched");
    const int lite = table.rowOf("efficientnet-lite0");
    QCOMPARE(
        table.index(lite, ModelTableModel::StateColumn).data().toString(), "came with the program");
    const int robust = table.rowOf("inception-v3-adv");
    QVERIFY(table.index(robust, 0).data().toString().startsWith("Robust: "));
    QCOMPARE(table.rowOf("nothing"), -1);
    table.setModels({});
    QCOMPARE(table.rowCount(), 0);
}

void tst_ModelManager::progressInWords()
{
    QCOMPARE(progressText({ "x", 0, 0, -1.0 }), QString());
    QCOMPARE(progressText({ "x", 1, 3, -1.0 }), QString("33 %"));
    QCOMPARE(progressText({ "x", 1, 3, 89.2 }), QString("33 %, 2 min left"));
    QCOMPARE(progressText({ "x", 0, 0, 3.0 }), QString("3 s left"));
}

void tst_ModelManager::fetchesWithProgress()
{
    const HttpServer server([&](const HttpRequest& request) {
        HttpAnswer answer = answerWithRanges(request, m_content, "\"a\"");
        answer.pauseMilliseconds = 1;
        return answer;
    });
    project(server.url("/net.pth"));
    StoreKeeper keeper(m_paths);
    ModelsDialog dialog(
        keeper, makeTheme(ThemeKind::Light), [] { return QString(); });
    connect(&keeper, &StoreKeeper::storeChanged, &dialog, [&] { dialog.setModels(models()); });
    dialog.setModels(models());
    dialog.select("net");
    dialog.show();
    auto* fetch = child<QPushButton>(dialog, "modelFetch");
    auto* view = child<QTableView>(dialog, "modelsTable");
    QVERIFY(fetch->isEnabled());
    QVERIFY(!child<QPushButton>(dialog, "modelUseFirst")->isEnabled());
    QSignalSpy progress(&keeper, &StoreKeeper::progressed);
    QTest::mouseClick(fetch, Qt::LeftButton);
    QVERIFY(keeper.busy());
    QCOMPARE(fetch->text(), "Cancel");
    QTRY_VERIFY(progress.count() > 2);
    QVERIFY2(selectedState(*view).startsWith("fetching"), qPrintable(selectedState(*view)));
    QTRY_VERIFY_WITH_TIMEOUT(!keeper.busy(), 30'000);
    QCOMPARE(selectedState(*view), "in your store");
    QVERIFY(!fetch->isEnabled());
    QVERIFY(child<QPushButton>(dialog, "modelUseFirst")->isEnabled());
    QVERIFY(child<QLabel>(dialog, "modelMessage")->text().contains("by its manifest"));
}

void tst_ModelManager::cancelKeepsThePartAndGoesOn()
{
    const HttpServer server([&](const HttpRequest& request) {
        HttpAnswer answer = answerWithRanges(request, m_content, "\"a\"");
        answer.pauseMilliseconds = request.headers.contains("range") ? 0 : 5;
        return answer;
    });
    project(server.url("/net.pth"));
    StoreKeeper keeper(m_paths);
    QSignalSpy progress(&keeper, &StoreKeeper::progressed);
    QSignalSpy said(&keeper, &StoreKeeper::said);
    keeper.fetch("net");
    QTRY_VERIFY(progress.count() > 5);
    keeper.cancel();
    QTRY_VERIFY(!keeper.busy());
    QCOMPARE(said.count(), 1);
    QVERIFY(said.front().front().toString().contains("cancelled"));
    QVERIFY(ModelStore(m_paths).find("net").weights.empty());
    keeper.fetch("net");
    QTRY_VERIFY_WITH_TIMEOUT(!keeper.busy(), 30'000);
    QVERIFY(!ModelStore(m_paths).find("net").weights.empty());
    QVERIFY(server.requests().back().headers.contains("range"));
    QSignalSpy failed(&keeper, &StoreKeeper::failed);
    keeper.verify({});
    QTRY_VERIFY(!keeper.busy());
    QCOMPARE(failed.count(), 0);
}

void tst_ModelManager::failureIsSaidInTheDialog()
{
    const HttpServer server([](const HttpRequest&) {
        HttpAnswer answer;
        answer.status = 403;
        return answer;
    });
    project("https://models.invalid/net.pth");
    StoreKeeper keeper(m_paths);
    ModelsDialog dialog(keeper, makeTheme(ThemeKind::Dark), [] { return QString(); });
    dialog.setModels(models());
    dialog.select("net");
    dialog.show();
    QTest::keyClicks(child<QLineEdit>(dialog, "modelMirror"), QString::fromStdString(server.url()));
    QTest::mouseClick(child<QPushButton>(dialog, "modelFetch"), Qt::LeftButton);
    QTRY_VERIFY(!keeper.busy());
    const QString message = child<QLabel>(dialog, "modelMessage")->text();
    QVERIFY2(message.contains("403"), qPrintable(message));
    QVERIFY(dialog.isVisible());
}

void tst_ModelManager::windowUsesWhatArrived()
{
    const HttpServer server(
        [&](const HttpRequest& request) { return answerWithRanges(request, m_content, "\"a\""); });
    project(server.url("/net.pth"));
    EngineOptions options;
    options.store = m_paths;
    Workspace workspace(std::make_shared<Engine>(options));
    MainWindow window(workspace, {});
    window.show();
    window.start(dalmatian());
    QVERIFY(waitSettled(window.workspace().explorer()));
    child<QAction>(window, "modelManager")->trigger();
    ModelsDialog* manager = window.modelManager();
    QVERIFY(manager != nullptr && manager->isVisible());
    manager->select("net");
    QTest::mouseClick(child<QPushButton>(*manager, "modelFetch"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!window.workspace().storeKeeper().busy(), 30'000);
    QTest::mouseClick(child<QPushButton>(*manager, "modelUseSecond"), Qt::LeftButton);
    QVERIFY(waitSettled(window.workspace().explorer()));
    QCOMPARE(window.workspace().explorer().state().attack.sources.at(1), std::string("net"));
    QVERIFY(window.workspace().explorer().trace() != nullptr);
    QCOMPARE(window.workspace().explorer().trace()->request.sources.at(1), std::string("net"));
}

void tst_ModelManager::pairsThatAreNotHereOpenTheManager()
{
    EngineOptions options;
    options.store = m_paths;
    Workspace workspace(std::make_shared<Engine>(options));
    MainWindow window(workspace, {});
    window.show();
    auto* pairs = child<QMenu>(window, "pairMenu");
    emit pairs->aboutToShow();
    QCOMPARE(pairs->actions().size(), static_cast<qsizetype>(pairPresets().size()));
    QVERIFY(!pairs->actions().at(0)->text().contains("to be fetched"));
    QVERIFY(pairs->actions().at(0)->isChecked());
    QVERIFY(pairs->actions().at(1)->text().contains("to be fetched"));
    const auto before = window.workspace().explorer().state().attack.sources;
    pairs->actions().at(1)->trigger();
    QVERIFY(window.modelManager() != nullptr && window.modelManager()->isVisible());
    QVERIFY(child<QLabel>(*window.modelManager(), "modelMessage")
                ->text()
                .contains("inception-resnet-v2-ens-adv"));
    QCOMPARE(window.workspace().explorer().state().attack.sources, before);
}

void tst_ModelManager::purifiersAreOnlyOfferedAsPurifiers()
{
    ModelManifest manifest = readManifest(m_paths.manifests / "efficientnet-lite0.json");
    manifest.id = "cleaner";
    manifest.name = "Cleaner";
    manifest.architecture = "purifier-torchscript";
    manifest.file = "cleaner.pt";
    manifest.fileBytes = 0;
    manifest.sha256 = "";
    manifest.trusted = false;
    std::ofstream(m_paths.manifests / "cleaner.json") << manifestText(manifest);
    fs::create_directories(m_paths.user / "cleaner");
    std::ofstream(m_paths.user / "cleaner" / "cleaner.pt") << programZip();
    EngineOptions options;
    options.store = m_paths;
    Workspace workspace(std::make_shared<Engine>(options));
    MainWindow window(workspace, {});
    window.show();
    const std::vector<StoredModel>& known = window.workspace().explorer().models();
    QVERIFY2(std::any_of(
                 known.begin(), known.end(),
                 [](const StoredModel& model) {
                     return model.manifest.id == "cleaner" && !model.weights.empty();
                 }),
        "the store has it, with its file");

    const auto texts = [](const QMenu& menu) {
        QStringList found;
        for (const QAction* action : menu.actions()) {
            found << action->text();
        }
        return found;
    };
    for (const char* name : { "source1", "source2" }) {
        QMenu* menu = child<QToolButton>(window, name)->menu();
        emit menu->aboutToShow();
        QVERIFY2(texts(*menu).contains("EfficientNet-Lite0"), name);
        QVERIFY2(!texts(*menu).contains("Cleaner"), name);
    }
    SourcesDialog sources(known, { "efficientnet-lite0" }, {}, makeTheme(ThemeKind::Light));
    QVERIFY(
        texts(*child<QToolButton>(sources, "addSource")->menu()).contains("EfficientNet-Lite0"));
    QVERIFY(!texts(*child<QToolButton>(sources, "addSource")->menu()).contains("Cleaner"));
    const QAbstractItemModel* judges = child<QListView>(sources, "judgeList")->model();
    QVERIFY(judges->rowCount() > 0);
    for (int row = 0; row < judges->rowCount(); ++row)
        QVERIFY(!judges->index(row, 0).data().toString().contains("Cleaner"));

    // The manager has it, but makes no source of it.
    child<QAction>(window, "modelManager")->trigger();
    ModelsDialog* manager = window.modelManager();
    manager->select("cleaner");
    QCOMPARE(selectedState(*child<QTableView>(*manager, "modelsTable")).isEmpty(), false);
    QVERIFY(child<QPushButton>(*manager, "modelVerify")->isEnabled());
    QVERIFY(!child<QPushButton>(*manager, "modelUseFirst")->isEnabled());
    QVERIFY(!child<QPushButton>(*manager, "modelUseSecond")->isEnabled());

    // The defense's slot offers it, and nothing else.
    emit child<QToolButton>(window, "addStage")->menu()->aboutToShow();
    auto* slot = child<QMenu>(window, "addPurifier");
    QCOMPARE(texts(*slot), QStringList { "Cleaner" });
    slot->actions().constFirst()->trigger();
    const DefenseStage& stage = window.workspace().defense().defense().stages.back();
    QVERIFY(stage.kind == StageKind::Purify);
    QCOMPARE(stage.model, std::string("cleaner"));
}

QTEST_MAIN(tst_ModelManager)
#include "tst_ModelManager.moc"
