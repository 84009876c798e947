// Whatever bad file reaches the window, by mouse or by dialog: one line says what is wrong, nothing
// is written, and the window goes on.
#include "ui/dialogs/ImportDialog.h"
#include "ui/dialogs/ModelsDialog.h"
#include "ui/session/StoreKeeper.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/window/Centre.h"

#include <QAction>
#include <QDialogButtonBox>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QTextDocumentFragment>
#include <QTimer>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/support/BadFiles.h"
#include "tests/support/TestPaths.h"
#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

constexpr int kWaitMs = 30'000;

QString badImages()
{
    return QString::fromStdString((dataDir() / "images/bad").string());
}

QByteArray contents(const std::filesystem::path& path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QStringList everythingIn(const QString& folder)
{
    return QDir(folder).entryList(
        QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot);
}

} // namespace

class tst_WindowBadInput : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void cleanupTestCase();
    void images_data();
    void images();
    void weights_data();
    void weights();
    void exports_data();
    void exports();
    void exportsOverInputs();

private:
    void waitForErrorBar(const QString& named);
    void windowIsAlive();
    void waitForManagersLine(const QString& said, const QString& named);
    [[nodiscard]] QString in(const QString& name) const { return m_folder.filePath(name); }
    void trigger(const char* action) { m_window->findChild<QAction*>(action)->trigger(); }

    QTemporaryDir m_folder;
    QString m_before; ///< the folder that the test was started in
    QString m_answer; ///< of the window's file dialogs
    std::unique_ptr<Workspace> m_workspace;
    std::unique_ptr<MainWindow> m_window;
};

void tst_WindowBadInput::initTestCase()
{
    QVERIFY(m_folder.isValid());
    m_before = QDir::currentPath();
    EngineOptions options;
    options.store = defaultStorePaths(in("store").toStdString());
    options.store.readOnly = { storeDir() };
    m_workspace = std::make_unique<Workspace>(std::make_shared<Engine>(options));
    m_window = std::make_unique<MainWindow>(*m_workspace, windowOptions({}, m_answer));
    m_window->workspace().explorer().setAutomatic(false); // opening is what is tested here
    QVERIFY(showWindow(*m_window));
    m_window->start(dalmatian());
    QVERIFY(waitSettled(*m_window));
    QVERIFY(m_window->workspace().explorer().hasPhoto());
    QVERIFY(QDir::setCurrent(m_folder.path())); // where the hostile files would leave their mark
}

void tst_WindowBadInput::init()
{
    m_window->centre().errors()->dismiss();
    if (m_window->modelManager() != nullptr) {
        m_window->modelManager()->close();
        m_window->modelManager()->say({}, false);
    }
}

void tst_WindowBadInput::cleanupTestCase()
{
    m_window.reset();
    m_workspace.reset();
    QDir::setCurrent(m_before);
}

void tst_WindowBadInput::waitForErrorBar(const QString& named)
{
    QVERIFY(QTest::qWaitFor(
        [&] { return !m_window->centre().errors()->message().isEmpty(); }, kWaitMs));
    const QString line = m_window->centre().errors()->message();
    QVERIFY(m_window->centre().errors()->isVisible());
    QVERIFY2(line.contains(named) && !line.contains('\n'), qPrintable(line));
}

/// It opens the one of two good photos that is not open.
void tst_WindowBadInput::windowIsAlive()
{
    ExplorerSession& session = m_window->workspace().explorer();
    const bool first = session.photo().path == QFileInfo(dalmatian()).absoluteFilePath();
    const QString next = first ? photo("imagenet_00_243.jpg") : dalmatian();
    drop(*m_window, next);
    QVERIFY(waitSettled(session));
    QCOMPARE(session.photo().path, QFileInfo(next).absoluteFilePath());
    const QString complaint = m_window->centre().errors()->message(); // what went well ends it
    QVERIFY2(complaint.isEmpty(), qPrintable(complaint));
}

void tst_WindowBadInput::waitForManagersLine(const QString& said, const QString& named)
{
    ModelsDialog* manager = m_window->modelManager();
    QVERIFY(manager != nullptr && manager->isVisible());
    const auto* label = manager->findChild<QLabel*>("modelMessage");
    const auto line = [&] { return QTextDocumentFragment::fromHtml(label->text()).toPlainText(); };
    QVERIFY2(
        QTest::qWaitFor(
            [&] { return !m_window->workspace().storeKeeper().busy() && line().contains(said); },
            kWaitMs),
        qPrintable(line()));
    QVERIFY2(!line().contains('\n'), qPrintable(line()));
    QVERIFY2(line().contains(named), qPrintable(line())); // not a copy that is gone again
}

void tst_WindowBadInput::images_data()
{
    QTest::addColumn<QString>("name");
    const QStringList names = QDir(badImages()).entryList(QDir::Files);
    QVERIFY(names.size() > 25 && names.contains("20000x20000.png"));
    for (const QString& name : names)
        QTest::newRow(qPrintable(name)) << name;
}

void tst_WindowBadInput::images()
{
    QFETCH(QString, name);
    const QString path = QDir(badImages()).filePath(name);
    const ExplorerState state = m_window->workspace().explorer().state();
    const Image shown = m_window->workspace().explorer().photo().clean;
    drop(*m_window, path);
    waitForErrorBar(name);
    m_window->centre().errors()->dismiss();
    m_answer = path;
    trigger("openPhoto");
    waitForErrorBar(name);
    QVERIFY(waitSettled(m_window->workspace().explorer()));
    QVERIFY(m_window->workspace().explorer().state() == state);
    QVERIFY(m_window->workspace().explorer().photo().clean == shown);
    windowIsAlive();
}

void tst_WindowBadInput::weights_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("said");
    const auto hostile = [](const char* name) {
        return contents(dataDir() / "checkpoints" / name);
    };
    const QByteArray real =
        contents(storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth");
    QVERIFY(real.size() > 1'000'000);
    const QString called = "global posix.system is not allowed";
    QTest::newRow("os.system, legacy")
        << "legacy.pth" << hostile("bad-system-legacy.pth") << called;
    QTest::newRow("os.system, zip") << "zip.pth" << hostile("bad-system-zip.pth") << called;
    QTest::newRow("os.system, pickle") << "plain.pth" << hostile("bad-system-plain.pth") << called;
    QTest::newRow("truncated .pth")
        << "cut.pth" << real.left(real.size() / 2) << "truncated checkpoint";
    QTest::newRow("overlapping safetensors")
        << "overlap.safetensors" << overlappingSafetensors() << "overlapping tensors";
    QTest::newRow("text") << "text.pth" << QByteArray("no weights") << "not a checkpoint";
}

void tst_WindowBadInput::weights()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, said);
    QVERIFY(!bytes.isEmpty());
    const QString path = in(name);
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
    file.close();
    const std::size_t known = m_window->workspace().explorer().models().size();

    // The import dialog is modal: whenever it opens its user agrees.
    QTimer user;
    connect(&user, &QTimer::timeout, this, [this] {
        auto* import = m_window->modelManager()->findChild<ImportDialog*>();
        if (import != nullptr && import->isVisible()) {
            import->findChild<QLineEdit*>("importId")->setText("hostile");
            import->findChild<QDialogButtonBox*>()->button(QDialogButtonBox::Ok)->click();
        }
    });
    drop(*m_window, path); // opens the manager
    user.start(20);
    waitForManagersLine(said, path);

    m_window->modelManager()->say({}, false);
    m_answer = path;
    m_window->modelManager()->findChild<QPushButton*>("modelImport")->click();
    waitForManagersLine(said, path);
    user.stop();

    QCOMPARE(everythingIn(in("store")), QStringList());
    QCOMPARE(m_window->workspace().explorer().models().size(), known);
    QVERIFY2(!QFile::exists(in("crossiter-was-here")), "what the hostile files would make");
    m_window->modelManager()->close();
    windowIsAlive();
}

void tst_WindowBadInput::exports_data()
{
    QTest::addColumn<QString>("folder");
    QTest::addColumn<bool>("stopsRoot");
    QTest::newRow("below a regular file") << "a-file/below" << true;
    QTest::newRow("a folder of mode 0555") << "read-only" << false;
}

void tst_WindowBadInput::exports()
{
    QFETCH(QString, folder);
    QFETCH(bool, stopsRoot);
    if (!stopsRoot && ::geteuid() == 0)
        QSKIP("a folder's mode does not stop root");
    QFile file(in("a-file"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write("kept"), qint64(4));
    file.close();
    QVERIFY(QDir(m_folder.path()).mkpath("read-only"));
    QVERIFY(::chmod(in("read-only").toLocal8Bit(), 0555) == 0);

    ExplorerState state = m_window->workspace().explorer().state();
    state.attack.rounds = 1;
    m_window->workspace().explorer().change(state, Setting::Rounds);
    m_window->workspace().explorer().run();
    QVERIFY(waitSettled(m_window->workspace().explorer()));
    const auto trace = m_window->workspace().explorer().trace();
    QVERIFY(trace && trace->complete());
    for (const char* action : { "exportTrace", "exportImage" }) {
        m_window->centre().errors()->dismiss();
        const QString target = in(folder);
        m_answer = qstrcmp(action, "exportTrace") == 0 ? target + "/trace" : target + "/out.png";
        trigger(action);
        waitForErrorBar(target);
        QVERIFY(waitSettled(m_window->workspace().explorer()));
    }
    QCOMPARE(contents(in("a-file").toStdString()), QByteArray("kept"));
    QCOMPARE(everythingIn(in("read-only")), QStringList());
    QCOMPARE(m_window->workspace().explorer().trace().get(), trace.get());
    windowIsAlive();
}

/// Whatever is saved under the name of an open file, or beside it: the file stays.
void tst_WindowBadInput::exportsOverInputs()
{
    const QString folder = in("inputs");
    QVERIFY(QDir().mkpath(folder));
    const QString clean = folder + "/a.jpg";
    const QString pair = folder + "/a.sub-step-1.png"; // as a trace of a.jpg would call it
    const QString labels = folder + "/labels.csv";
    QVERIFY(QFile::copy(dalmatian(), clean));
    QVERIFY(QFile::copy(
        QString::fromStdString((goldenDir() / "embedded_pair/imagenet_16_251.clean.png").string()),
        pair));
    QFile table(labels);
    QVERIFY(table.open(QIODevice::WriteOnly) && table.write("a.jpg,252\n") > 0);
    table.close();
    QVERIFY(QFile::link(clean, folder + "/link.png"));
    ExplorerSession& session = m_window->workspace().explorer();
    session.openPhoto(clean);
    QVERIFY(waitSettled(*m_window));
    session.setLabelsCsv(labels);
    QVERIFY(waitSettled(*m_window));
    ExplorerState state = session.state();
    state.attack.rounds = 1;
    session.change(state, Setting::Rounds);
    session.run();
    QVERIFY(waitSettled(*m_window));
    const auto kept = [&] {
        QList<QByteArray> all;
        for (const QString& file : { clean, pair, labels })
            all << contents(file.toStdString());
        return all << everythingIn(folder).join('/').toUtf8();
    };
    const auto before = kept();
    for (const char* action : { "exportImage", "exportPlot", "saveSessionAs" }) {
        for (const QString& target : { clean, labels, folder + "/link.png" }) {
            m_window->centre().errors()->dismiss();
            m_answer = target;
            trigger(action);
            waitForErrorBar("would replace an input");
            QVERIFY(waitSettled(*m_window));
            QVERIFY2(kept() == before, action);
        }
    }
    session.openPair(clean, pair);
    QVERIFY(waitSettled(*m_window));
    m_window->centre().errors()->dismiss();
    m_answer = folder;
    trigger("exportTrace");
    waitForErrorBar("a.sub-step-1.png");
    QVERIFY(waitSettled(*m_window));
    QVERIFY(kept() == before);
    session.setLabelsCsv({});
    QVERIFY(waitSettled(*m_window)); // else the table stays, and is said to miss the next photo
    windowIsAlive();
}

QTEST_MAIN(tst_WindowBadInput)
#include "tst_WindowBadInput.moc"
