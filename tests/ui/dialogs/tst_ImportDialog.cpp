// The import dialog: what it finds out, asks, refuses and trusts.
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
#include <QPlainTextEdit>
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

class tst_ImportDialog : public ModelFixture
{
    Q_OBJECT

private slots:
    void init() { makeStore(); }
    void importsThroughTheDialog();
    void programWantsTheBoxTicked();
    void inputFollowsTheArchitecture();
    void namesAreShown();
    void channelsHaveNumbersOfTheirOwn();
    void droppedFilesAreImportedButNoPrograms();
};

void tst_ImportDialog::importsThroughTheDialog()
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

void tst_ImportDialog::programWantsTheBoxTicked()
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

void tst_ImportDialog::inputFollowsTheArchitecture()
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
    QVERIFY(!dialog.request().poolPadding); // it has no such switch
}

void tst_ImportDialog::namesAreShown()
{
    ImportPreview preview;
    preview.format = "PyTorch state dict";
    const auto match = [&](const char* architecture, const char* key, Naming naming, bool fits) {
        NetworkMatch one { architecture, {}, {} };
        one.how.key = key;
        one.how.prefix = "module.";
        one.how.naming = naming;
        one.how.tensors.push_back({ "module.a", "b", { 2, 3 }, DType::F16, false });
        if (!fits)
            one.how.missing.emplace_back("c");
        preview.networks.push_back(one);
    };
    match("efficientnet-lite0", "ema", Naming::Own, false);
    match("inception-v3", "ema", Naming::Torchvision, true);
    match("inception-v3", "net", Naming::Timm, true);
    preview.networks.push_back({ "inception-v4", {}, "variables missing" });
    ImportDialog dialog("/somewhere/net.pth", preview, models());
    dialog.show();
    // The first that fits is proposed.
    auto* architecture = child<QComboBox>(dialog, "importArchitecture");
    QCOMPARE(architecture->currentText(), "inception-v3");
    auto* found = child<QLabel>(dialog, "importFound");
    QCOMPARE(found->text(),
        "wrapper ema opened, prefix module. taken off, torchvision's names: 1 tensor");
    auto* key = child<QComboBox>(dialog, "importKey");
    QVERIFY(key->isVisible());
    QCOMPARE(dialog.request().key, std::string("ema"));
    QVERIFY(dialog.request().poolPadding == PoolPadding::Timm);
    auto* names = child<QPlainTextEdit>(dialog, "importNames");
    QVERIFY(!names->isVisible());
    child<QCheckBox>(dialog, "importShowNames")->click();
    QVERIFY(names->isVisible());
    QCOMPARE(names->toPlainText(), "module.a -> b [2, 3] F16");
    key->setCurrentText("net");
    QCOMPARE(dialog.request().key, std::string("net"));
    QVERIFY(dialog.request().poolPadding == PoolPadding::TfSlim);
    auto* ok = dialog.findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok);
    QVERIFY(ok->isEnabled());
    architecture->setCurrentText("efficientnet-lite0");
    QVERIFY(!ok->isEnabled() && !key->isVisible());
    QVERIFY(names->toPlainText().contains("missing: c"));
    architecture->setCurrentText("inception-v4");
    QCOMPARE(found->text(), "variables missing");
    QVERIFY(!ok->isEnabled() && !names->isVisible());
    architecture->setCurrentText("resnet-v2-50"); // nothing is known of it
    QVERIFY(!ok->isEnabled() && !found->isVisible());
}

void tst_ImportDialog::channelsHaveNumbersOfTheirOwn()
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

void tst_ImportDialog::droppedFilesAreImportedButNoPrograms()
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

QTEST_MAIN(tst_ImportDialog)
#include "tst_ImportDialog.moc"
