// The model manager: fetching from a server of the test's own, importing, trusting, removing.
#include "core/base/RegularFile.h"
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
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include <fstream>

#include "tests/support/HttpServer.h"
#include "tests/support/TestPaths.h"
#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace fs = std::filesystem;

class tst_ModelManager : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void tableModelIsSound();
    void progressInWords();
    void fetchesWithProgress();
    void cancelKeepsThePartAndGoesOn();
    void failureIsSaidInTheDialog();
    void importsThroughTheDialog();
    void programWantsTheBoxTicked();
    void inputFollowsTheArchitecture();
    void channelsHaveNumbersOfTheirOwn();
    void droppedFilesAreImportedButNoPrograms();
    void windowUsesWhatArrived();
    void pairsThatAreNotHereOpenTheManager();
    void purifiersAreOnlyOfferedAsPurifiers();

private:
    [[nodiscard]] std::vector<StoredModel> models() const { return ModelStore(m_paths).list(); }
    void project(const std::string& url);
    [[nodiscard]] QString selectedState(const QTableView& view) const;

    std::unique_ptr<QTemporaryDir> m_folder;
    StorePaths m_paths;
    std::string m_content;
};

namespace {

template <typename T>
T* child(QObject& parent, const char* name)
{
    T* found = parent.findChild<T*>(QLatin1String(name));
    if (found == nullptr)
        qFatal("no child named %s", name);
    return found;
}

/// A zip of empty files; one called constants.pkl makes it a TorchScript program.
std::string programZip()
{
    std::string zip;
    std::string directory;
    const auto number = [](std::string& out, std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            out.push_back(i < 4 ? static_cast<char>(value >> (8 * i)) : '\0');
    };
    std::uint32_t count = 0;
    for (const std::string name : { "net/data.pkl", "net/constants.pkl" }) {
        const auto at = static_cast<std::uint32_t>(zip.size());
        const auto common = [&](std::string& out) {
            number(out, 20, 2); // version that reads it
            number(out, 0, 12); // flags, method, time, date, CRC-32 of nothing
            number(out, 0, 8); // both sizes
            number(out, static_cast<std::uint32_t>(name.size()), 2);
            number(out, 0, 2); // no extra field
        };
        zip += "PK\x03\x04";
        common(zip);
        zip += name;
        directory += "PK\x01\x02";
        number(directory, 20, 2);
        common(directory);
        number(directory, 0, 10); // comment, disk, attributes
        number(directory, at, 4);
        directory += name;
        ++count;
    }
    const auto start = static_cast<std::uint32_t>(zip.size());
    zip += directory + "PK\x05\x06";
    number(zip, 0, 4);
    number(zip, count, 2);
    number(zip, count, 2);
    number(zip, static_cast<std::uint32_t>(directory.size()), 4);
    number(zip, start, 4);
    number(zip, 0, 2);
    return zip;
}

} // namespace

void tst_ModelManager::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_paths = storeBelow(m_folder->path().toStdString());
    const auto bytes =
        readFile(storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth", 1U << 26U);
    m_content.assign(bytes.begin(), bytes.end());
}

void tst_ModelManager::project(const std::string& url)
{
    ModelManifest manifest = readManifest(m_paths.manifests / "efficientnet-lite0.json");
    manifest.id = "net";
    manifest.name = "Net";
    manifest.file = "net.pth";
    manifest.sources = { { url, m_content.size() } };
    std::ofstream(m_paths.manifests / "net.json") << manifestText(manifest);
}

QString tst_ModelManager::selectedState(const QTableView& view) const
{
    const QModelIndex row = view.selectionModel()->selectedRows().value(0);
    return row.siblingAtColumn(ModelTableModel::StateColumn).data().toString();
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

void tst_ModelManager::importsThroughTheDialog()
{
    QString file = m_folder->filePath("My Net.pth");
    std::ofstream(file.toStdString(), std::ios::binary) << m_content;
    StoreKeeper keeper(m_paths);
    ModelsDialog dialog(
        keeper, makeTheme(ThemeKind::Light), [&] { return file; });
    connect(&keeper, &StoreKeeper::storeChanged, &dialog, [&] { dialog.setModels(models()); });
    dialog.setModels(models());
    dialog.show();
    // The import dialog is modal: what happens in it is planned before it opens.
    bool asked = false;
    QTimer plan;
    connect(&plan, &QTimer::timeout, this, [&] {
        auto* import = dialog.findChild<ImportDialog*>();
        if (import != nullptr && import->isVisible()) {
            plan.stop();
            asked = true;
            auto* id = child<QLineEdit>(*import, "importId");
            QCOMPARE(id->text(), "my-net");
            auto* ok = import->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
            id->setText("Not An Id");
            QVERIFY(!ok->isEnabled());
            id->setText("efficientnet-lite0"); // taken
            QVERIFY(!ok->isEnabled());
            id->setText("mine");
            QVERIFY(ok->isEnabled());
            QVERIFY(!child<QCheckBox>(*import, "importTrust")->isVisible());
            ok->click();
        }
    });
    plan.start(20);
    QTest::mouseClick(child<QPushButton>(dialog, "modelImport"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(
        !ModelStore(m_paths).list().empty() && !keeper.busy() && asked, 30'000);
    QTRY_VERIFY(!keeper.busy());
    QVERIFY(ModelStore(m_paths).find("mine").imported);
    QCOMPARE(selectedState(*child<QTableView>(dialog, "modelsTable")), "imported");

    QTimer::singleShot(0, this, [&] {
        auto* question = dialog.findChild<QMessageBox*>();
        question->button(QMessageBox::Yes)->click();
    });
    QTest::mouseClick(child<QPushButton>(dialog, "modelRemove"), Qt::LeftButton);
    QTRY_VERIFY(!keeper.busy());
    QVERIFY(!fs::exists(m_paths.user / "mine"));
}

void tst_ModelManager::programWantsTheBoxTicked()
{
    ImportPreview preview;
    preview.format = "TorchScript program";
    preview.program = true;
    preview.sha256 = std::string(64, '7');
    ImportDialog dialog("/somewhere/program.pt", preview, models());
    dialog.show();
    auto* ok = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    QVERIFY(!ok->isEnabled());
    QVERIFY(dialog.request().trustedSha256.empty());
    QVERIFY(child<QLabel>(dialog, "trustText")->text().contains(QString(64, '7')));
    child<QCheckBox>(dialog, "importTrust")->click();
    QVERIFY(ok->isEnabled());
    QCOMPARE(dialog.request().trustedSha256, preview.sha256);
    QCOMPARE(dialog.request().architecture, std::string("torchscript"));
}

void tst_ModelManager::inputFollowsTheArchitecture()
{
    ImportPreview preview;
    preview.format = "safetensors";
    ImportDialog dialog("/somewhere/net.safetensors", preview, models());
    auto* architecture = child<QComboBox>(dialog, "importArchitecture");
    QCOMPARE(architecture->findText("torchscript"), -1);
    architecture->setCurrentText("efficientnet-lite2");
    QCOMPARE(dialog.request().inputSide, std::optional(260));
    QVERIFY(dialog.request().scale == ChannelValues(0.99609375));
    QVERIFY(dialog.request().shift == ChannelValues(0.00390625));
    architecture->setCurrentText("inception-v3");
    QCOMPARE(dialog.request().inputSide, std::optional(299));
    child<QSpinBox>(dialog, "importSide")->setValue(224);
    child<QLineEdit>(dialog, "importScale")->setText("0.5");
    child<QComboBox>(dialog, "importPadding")->setCurrentIndex(1);
    QCOMPARE(dialog.request().inputSide, std::optional(224));
    QVERIFY(dialog.request().scale == ChannelValues(0.5));
    QVERIFY(dialog.request().shift == ChannelValues(0.0));
    QVERIFY(dialog.request().poolPadding == PoolPadding::Timm);
    architecture->setCurrentText("inception-resnet-v2");
    QVERIFY(dialog.request().poolPadding == PoolPadding::TfSlim); // it has no such switch
}

void tst_ModelManager::channelsHaveNumbersOfTheirOwn()
{
    ImportPreview preview;
    preview.format = "safetensors";
    ImportDialog dialog("/somewhere/net.safetensors", preview, {});
    dialog.show();
    auto* ok = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    auto* scale = child<QLineEdit>(dialog, "importScale");
    auto* shift = child<QLineEdit>(dialog, "importShift");
    QVERIFY(ok->isEnabled());
    for (const char* wrong : { "", "0", "1, 2", "1, 2, 0", "nan", "much", "1, 2, 3, 4", "2000" }) {
        scale->setText(wrong);
        QVERIFY2(!ok->isEnabled(), wrong);
    }
    scale->setText("1, -2.5, 3");
    QVERIFY(ok->isEnabled());
    QVERIFY(dialog.request().scale == ChannelValues(1.0, -2.5, 3.0));
    for (const char* wrong : { "", "1, 2", "inf", "0, 0, x" }) {
        shift->setText(wrong);
        QVERIFY2(!ok->isEnabled(), wrong);
    }
    shift->setText("0, 0.5, -1");
    QVERIFY(ok->isEnabled());
    QVERIFY(dialog.request().shift == ChannelValues(0.0, 0.5, -1.0));

    child<QSpinBox>(dialog, "importSide")->setValue(160);
    child<QPushButton>(dialog, "importImagenet")->click();
    const PreprocessingSpec wanted = imagenetPreprocessing(160);
    QVERIFY(dialog.request().scale == wanted.scale); // to the last bit, through the text
    QVERIFY(dialog.request().shift == wanted.shift);
    QCOMPARE(dialog.request().inputSide, std::optional(160));
    QVERIFY(ok->isEnabled());
}

void tst_ModelManager::droppedFilesAreImportedButNoPrograms()
{
    const QString program = m_folder->filePath("net.pt");
    std::ofstream(program.toStdString(), std::ios::binary) << programZip();
    const QString weights = m_folder->filePath("net.pth");
    std::ofstream(weights.toStdString(), std::ios::binary) << m_content;
    EngineOptions options;
    options.store = m_paths;
    Workspace workspace(std::make_shared<Engine>(options));
    MainWindow window(workspace, {});
    window.show();
    bool asked = false;
    QTimer plan;
    connect(&plan, &QTimer::timeout, this, [&] {
        auto* import = window.findChild<ImportDialog*>();
        if (import != nullptr && import->isVisible()) {
            asked = true;
            import->reject();
        }
    });
    plan.start(20);
    const auto drop = [](QWidget& on, const QString& file) {
        QMimeData data;
        data.setUrls({ QUrl::fromLocalFile(file) });
        // Qt gives a drop only to what took the drag before.
        QDragEnterEvent enter({ 10, 10 }, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&on, &enter);
        QVERIFY(enter.isAccepted());
        QDropEvent event({ 10, 10 }, Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(&on, &event);
    };
    drop(window, weights);
    QVERIFY(window.modelManager() != nullptr && window.modelManager()->isVisible());
    QTRY_VERIFY(asked);
    QTRY_VERIFY(!window.workspace().storeKeeper().busy());
    for (QWidget* on :
        { static_cast<QWidget*>(&window), static_cast<QWidget*>(window.modelManager()) }) {
        asked = false;
        window.modelManager()->say({}, false);
        drop(*on, program);
        auto* message = child<QLabel>(*window.modelManager(), "modelMessage");
        QTRY_VERIFY2(
            message->text().contains("never taken by drag and drop"), qPrintable(message->text()));
        QTRY_VERIFY(!window.workspace().storeKeeper().busy());
        QVERIFY(!asked);
    }
    QVERIFY(!fs::exists(m_paths.user / "net"));
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
    QCOMPARE(window.workspace().explorer().state().sources.at(1), std::string("net"));
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
    const auto before = window.workspace().explorer().state().sources;
    pairs->actions().at(1)->trigger();
    QVERIFY(window.modelManager() != nullptr && window.modelManager()->isVisible());
    QVERIFY(child<QLabel>(*window.modelManager(), "modelMessage")
                ->text()
                .contains("inception-resnet-v2-ens-adv"));
    QCOMPARE(window.workspace().explorer().state().sources, before);
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
