// A seeded monkey over the whole window: clicks, keys, drops, menus, dialogs, undo, cancel. The
// window must neither crash nor hang, and writes nothing outside of a temporary folder.
//   CROSSITER_MONKEY_SEED     which monkey; default 1
//   CROSSITER_MONKEY_SECONDS  how long; default 60
//   CROSSITER_MONKEY_VERBOSE  prints every step before it is made
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/leaking/LeakingPanel.h"

#include "tests/ui/window/Monkey.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

int numberFrom(const char* variable, int otherwise)
{
    bool isNumber = false;
    const int value = qEnvironmentVariableIntValue(variable, &isNumber);
    return isNumber ? value : otherwise;
}

/// Names, sizes and times of everything below a folder.
QStringList listing(const QString& folder)
{
    QStringList all;
    QDir dir(folder);
    for (const QFileInfo& info :
        dir.entryInfoList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden, QDir::Name)) {
        all << QStringLiteral("%1 %2 %3")
                   .arg(info.fileName())
                   .arg(info.size())
                   .arg(info.lastModified().toMSecsSinceEpoch());
    }
    return all;
}

/// Whatever asks for a place of this user's gets one in the temporary folder, and no way out.
void keepInside(const QString& folder)
{
    const QString home = folder + QStringLiteral("/home");
    QDir().mkpath(home + QStringLiteral("/Documents"));
    qputenv("HOME", home.toUtf8());
    for (const char* variable :
        { "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME" })
        qputenv(variable, (home + QLatin1Char('/') + QLatin1String(variable)).toUtf8());
    qputenv("PATH", home.toUtf8());
    for (const char* variable : { "http_proxy", "https_proxy", "all_proxy" })
        qputenv(variable, "http://127.0.0.1:9");
}

} // namespace

class tst_Monkey : public QObject
{
    Q_OBJECT

private slots:
    void playsWithTheWindow();
};

void tst_Monkey::playsWithTheWindow()
{
    const auto seed = static_cast<unsigned>(numberFrom("CROSSITER_MONKEY_SEED", 1));
    const int seconds = numberFrom("CROSSITER_MONKEY_SECONDS", 60);
    qInfo("CROSSITER_MONKEY_SEED=%u CROSSITER_MONKEY_SECONDS=%d", seed, seconds);
    QTemporaryDir folder;
    QVERIFY(folder.isValid());
    const QString photos = QString::fromStdString(photosDir().string());
    const QStringList photosBefore = listing(photos);
    keepInside(folder.path());
    // A relative path that somebody writes to would show here; nobody else works in this folder.
    const QString before = QDir::currentPath();
    const QString here = folder.filePath(QStringLiteral("here"));
    QVERIFY(QDir().mkpath(here) && QDir::setCurrent(here));
    QApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    EngineOptions engine;
    engine.store = storeBelow(folder.path().toStdString());
    Monkey monkey(seed, folder.path());
    {
        Workspace workspace(std::make_shared<Engine>(engine));
        MainWindow window(workspace, monkey.options());
        QVERIFY(showWindow(window, { 1280, 800 }));
        window.start({});
        monkey.play(window, seconds);
        if (QWhatsThis::inWhatsThisMode())
            QWhatsThis::leaveWhatsThisMode();
        // All of it comes to an end when it is told to.
        window.workspace().explorer().setAutomatic(false);
        window.workspace().explorer().cancel();
        window.workspace().explorer().cancelExport();
        window.workspace().defense().setAutomaticSweep(false);
        window.workspace().defense().cancel();
        window.findChild<BatchPanel*>()->session().cancel();
        window.findChild<LeakingPanel*>()->studyPanel()->session().cancel();
        QVERIFY2(QTest::qWaitFor(
                     [&] {
                         monkey.alive();
                         return window.settled();
                     },
                     120'000),
            "it does not come to rest");
        const auto trace = window.workspace().explorer().trace();
        QVERIFY(!trace || !trace->subSteps.empty());
    }
    qInfo("%d steps", monkey.steps());
    QVERIFY(monkey.steps() > seconds);
    QCOMPARE(listing(photos), photosBefore);
    QVERIFY(QDir::setCurrent(before));
    QCOMPARE(listing(here), QStringList());
}

QTEST_MAIN(tst_Monkey)
#include "tst_Monkey.moc"
