// The window itself: words and keys of its actions, bad input, damaged settings, start and memory.
#include "ui/dialogs/SourcesDialog.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/LabelPicker.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/common/ValueSlider.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/ImagePane.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/window/Actions.h"
#include "ui/window/Centre.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QCompleter>
#include <QDockWidget>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QSet>
#include <QSignalSpy>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include <random>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

qint64 residentMb()
{
    QFile file("/proc/self/statm");
    if (!file.open(QIODevice::ReadOnly))
        return -1;
    return file.readAll().split(' ').value(1).toLongLong() * 4096 / (1 << 20);
}

} // namespace

class tst_MainWindow : public QObject
{
    Q_OBJECT

private slots:
    void windowIsThereBeforeTheNetworks();
    void everyActionHasAKeyOfItsOwn();
    void everyControlHasWords();
    void emptyStateWithoutPhotos();
    void badDropsShowTheErrorBar();
    void labelsAreSearched();
    void targetedMethodNeedsATarget();
    void sourcesDialog();
    void cancelOfAnEndlessAttack();
    void statusLineTellsAndCancels();
    void recentFiles();
    void themesDoNotTouchTheResult();
    void memoryAfterTwentyRounds();
};

void tst_MainWindow::windowIsThereBeforeTheNetworks()
{
    QElapsedTimer clock;
    clock.start();
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.show();
    window.start({});
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QTest::keyClick(&window, Qt::Key_D, Qt::ControlModifier | Qt::AltModifier); // it answers: dark
    const bool answered = QTest::qWaitFor(
        [&] { return window.workspace().explorer().state().theme == ThemeKind::Dark; }, 30'000);
    const qint64 ms = clock.elapsed();
    QVERIFY(answered);
    qInfo("window usable after %lld ms", static_cast<long long>(ms));
    QVERIFY2(ms < 30'000, "tenfold of 3 s");
    // Nothing blocks it while weights load and the attack runs.
    QElapsedTimer tick;
    tick.start();
    qint64 worst = 0;
    QTimer timer;
    connect(&timer, &QTimer::timeout, this, [&] { worst = std::max(worst, tick.restart()); });
    timer.start(5);
    QVERIFY(waitSettled(window.workspace().explorer()));
    QVERIFY(
        window.workspace().explorer().trace() && window.workspace().explorer().trace()->complete());
    qInfo(
        "longest pause of the event loop in a first start: %lld ms", static_cast<long long>(worst));
    QVERIFY2(worst < 500, "tenfold of 50 ms");
    QCOMPARE(window.workspace().explorer().state().attack.rounds, 5);
    QVERIFY(window.workspace().explorer().photo().path.endsWith("imagenet_16_251.jpg"));
}

void tst_MainWindow::everyActionHasAKeyOfItsOwn()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    QSet<QString> keys;
    for (const QAction* action : window.actions().all()) {
        QVERIFY2(!action->shortcut().isEmpty(), qPrintable(action->text()));
        const QString key = action->shortcut().toString();
        QVERIFY2(!keys.contains(key), qPrintable(key + " twice: " + action->text()));
        keys.insert(key);
        QVERIFY2(!action->whatsThis().isEmpty(), qPrintable(action->text()));
        QVERIFY2(!action->associatedObjects().isEmpty(), qPrintable(action->text())); // in a menu
    }
    QVERIFY(keys.size() > 40);
}

void tst_MainWindow::everyControlHasWords()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.show();
    int checked = 0;
    for (QWidget* widget : window.findChildren<QWidget*>()) {
        const bool control = qobject_cast<QAbstractButton*>(widget)
            || qobject_cast<QComboBox*>(widget) || qobject_cast<QAbstractSlider*>(widget)
            || qobject_cast<QAbstractSpinBox*>(widget);
        const QString name = widget->objectName();
        if (!control || name.startsWith("qt_") || qobject_cast<QDockWidget*>(widget->parentWidget())
            || widget->inherits("QScrollBar") || widget->inherits("QTableCornerButton")
            || widget->inherits("QComboBoxPrivateContainer")
            || qobject_cast<QTabBar*>(widget->parentWidget())) // Qt's own scroll buttons
            continue;
        const auto* button = qobject_cast<QAbstractButton*>(widget);
        const QString words = widget->accessibleName() + (button ? button->text() : QString());
        QVERIFY2(!words.isEmpty(),
            qPrintable(QString("%1 %2").arg(widget->metaObject()->className(), name)));
        QVERIFY2(!widget->toolTip().isEmpty(),
            qPrintable(QString("no tooltip: %1 %2").arg(name, words)));
        ++checked;
    }
    QVERIFY(checked > 25);
}

void tst_MainWindow::emptyStateWithoutPhotos()
{
    WindowOptions options;
    Workspace workspace(realEngine());
    MainWindow window(workspace, options);
    window.show();
    window.start({});
    QVERIFY(waitSettled(window.workspace().explorer()));
    QVERIFY(!window.workspace().explorer().hasPhoto());
    QVERIFY(!window.findChild<QPushButton*>("runButton")->isEnabled());
    drop(window, QString::fromStdString(photosDir().string())); // a folder: its first photo
    QVERIFY(waitSettled(window.workspace().explorer()));
    QVERIFY(window.workspace().explorer().photo().path.endsWith("imagenet_00_243.jpg"));
    QCOMPARE(window.findChild<PhotoStrip*>()->photoModel()->rowCount(), 20);
}

void tst_MainWindow::badDropsShowTheErrorBar()
{
    QTemporaryDir folder;
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.show();
    window.start(dalmatian());
    QVERIFY(waitSettled(window.workspace().explorer()));
    const ExplorerState state = window.workspace().explorer().state();
    QFile text(folder.filePath("notes.png"));
    QVERIFY(text.open(QIODevice::WriteOnly) && text.write("words, no pixels") > 0);
    text.close();
    QFile session(folder.filePath("broken.crossiter.json"));
    QVERIFY(session.open(QIODevice::WriteOnly)
        && session.write("{\"format\": \"crossiter-session\"") > 0);
    session.close();
    QVERIFY(folder.isValid() && QDir(folder.path()).mkdir("void"));
    for (const char* name : { "notes.png", "broken.crossiter.json", "void", "missing.jpg" }) {
        window.centre().errors()->dismiss();
        drop(window, folder.filePath(name));
        QVERIFY(QTest::qWaitFor(
            [&] { return !window.centre().errors()->message().isEmpty(); }, 10'000));
        QVERIFY(window.centre().errors()->isVisible());
        QVERIFY2(window.centre().errors()->message().contains(name),
            qPrintable(window.centre().errors()->message()));
        QVERIFY(waitSettled(window.workspace().explorer()));
        QVERIFY(window.workspace().explorer().state() == state);
        QVERIFY(window.workspace().explorer().trace()->complete());
    }
    QTest::mouseClick(
        window.centre().errors()->findChild<QToolButton*>("dismissError"), Qt::LeftButton);
    QVERIFY(!window.centre().errors()->isVisible());
    drop(window, photo("imagenet_00_243.jpg")); // the window is alive
    QVERIFY(waitSettled(window.workspace().explorer()));
    QVERIFY(window.workspace().explorer().photo().path.endsWith("imagenet_00_243.jpg"));
}

void tst_MainWindow::labelsAreSearched()
{
    LabelPicker picker;
    const QAbstractItemModelTester tester(picker.completer()->completionModel(),
        QAbstractItemModelTester::FailureReportingMode::QtTest);
    QSignalSpy chosen(&picker, &LabelPicker::labelChosen);
    QSignalSpy rejected(&picker, &LabelPicker::textRejected);
    picker.show();
    picker.setFocus();
    QTest::keyClicks(picker.lineEdit(), "lmatia"); // any part of the name
    QCOMPARE(picker.completer()->completionCount(), 1);
    QTest::keyClick(picker.lineEdit(), Qt::Key_Return);
    QCOMPARE(picker.label().value_or(-1), 252);
    QCOMPARE(chosen.size(), 1);
    picker.lineEdit()->selectAll();
    QTest::keyClicks(picker.lineEdit(), "no such thing");
    QTest::keyClick(picker.lineEdit(), Qt::Key_Return);
    QCOMPARE(rejected.size(), 1);
    QCOMPARE(picker.currentText(), QString("252 Dalmatian"));
}

void tst_MainWindow::targetedMethodNeedsATarget()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.show();
    window.start(dalmatian());
    QVERIFY(waitSettled(window.workspace().explorer()));
    ExplorerState state =
        withMethod(window.workspace().explorer().state(), Method::CrossIterativeTarget);
    state.attack.rounds = 2;
    window.workspace().explorer().change(state, Setting::Method);
    QVERIFY(!window.workspace().explorer().obstacle().isEmpty());
    QVERIFY(window.findChild<AttackPanel*>()->form().editor<LabelPicker>("target")->isVisible());
    QTest::keyClicks(
        window.findChild<AttackPanel*>()->form().editor<LabelPicker>("target")->lineEdit(), "101");
    QTest::keyClick(
        window.findChild<AttackPanel*>()->form().editor<LabelPicker>("target")->lineEdit(),
        Qt::Key_Return);
    QCOMPARE(window.workspace().explorer().state().attack.target.value_or(-1), 101);
    QVERIFY(waitSettled(window.workspace().explorer()));
    QVERIFY(window.workspace().explorer().trace()->complete());
    QVERIFY(window.workspace().explorer().trace()->last().descends);
    QVERIFY2(
        window.centre().sentence().contains("towards"), qPrintable(window.centre().sentence()));
}

void tst_MainWindow::sourcesDialog()
{
    const auto engine = realEngine();
    SourcesDialog dialog(
        engine->models(), defaultSources(), { defaultJudge() }, makeTheme(ThemeKind::Light));
    for (auto* list : dialog.findChildren<QListView*>()) {
        new QAbstractItemModelTester(
            list->model(), QAbstractItemModelTester::FailureReportingMode::QtTest, &dialog);
    }
    dialog.show();
    QTest::mouseClick(dialog.findChild<QToolButton*>("moveSourceDown"), Qt::LeftButton);
    QCOMPARE(
        dialog.sources(), (std::vector<std::string> { defaultSources()[1], defaultSources()[0] }));
    QTest::mouseClick(dialog.findChild<QToolButton*>("removeSource"), Qt::LeftButton);
    QCOMPARE(dialog.sources(), (std::vector<std::string> { defaultSources()[1] }));
    QVERIFY(!dialog.findChild<QToolButton*>("removeSource")->isEnabled()); // one must stay
    QCOMPARE(dialog.judges(), (std::vector<std::string> { defaultJudge() }));
}

void tst_MainWindow::cancelOfAnEndlessAttack()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.show();
    ExplorerState state = window.workspace().explorer().state();
    state.attack.rounds = 1000;
    window.workspace().explorer().change(state, Setting::Rounds);
    window.start(dalmatian());
    QVERIFY(
        QTest::qWaitFor([&] { return window.centre().scrubber()->lastComputed() >= 4; }, 60'000));
    auto* button = window.findChild<QPushButton*>("runButton");
    QCOMPARE(button->text(), QString("Cancel"));
    QTest::mouseClick(button, Qt::LeftButton);
    QVERIFY(QTest::qWaitFor([&] { return !window.workspace().explorer().running(); }, 30'000));
    const int kept = window.centre().scrubber()->lastComputed();
    QVERIFY(kept >= 4);
    QCOMPARE(button->text(), QString("Run"));
    QTest::keyClick(window.centre().scrubber(), Qt::Key_Home); // usable
    QCOMPARE(window.workspace().explorer().currentSubStep(), 0);
    QTest::keyClick(window.centre().scrubber(), Qt::Key_Right);
    QCOMPARE(window.workspace().explorer().currentSubStep(), 1);
    window.setThemeKind(ThemeKind::Dark); // no setting of the attack: no reason to start again
    QTest::qWait(700);
    QVERIFY(!window.workspace().explorer().running());
    QCOMPARE(window.centre().scrubber()->lastComputed(), kept); // it did stop
}

void tst_MainWindow::statusLineTellsAndCancels()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    QVERIFY(showWindow(window));
    const auto* status = window.findChild<QLabel*>("status");
    const auto* progress = window.findChild<QProgressBar*>("progress");
    auto* cancel = window.findChild<QPushButton*>("statusCancel");
    QVERIFY(!cancel->isVisible()); // nothing to cancel
    ExplorerState state = window.workspace().explorer().state();
    state.attack.rounds = 1000;
    window.workspace().explorer().change(state, Setting::Rounds);
    window.start(dalmatian());
    const QRegularExpression words("^sub-step \\d+ of 2000 · \\d+ (s|min) left$");
    QVERIFY2(QTest::qWaitFor(
                 [&] {
                     return words.match(status->text()).hasMatch()
                         && window.centre().scrubber()->lastComputed() >= 4;
                 },
                 60'000),
        qPrintable(status->text()));
    QVERIFY(progress->isVisible());
    QCOMPARE(progress->maximum(), 2000);
    QVERIFY(progress->value() > 0 && progress->value() < 2000);
    QVERIFY(cancel->isVisible());
    const auto first = window.workspace().explorer().trace()->subSteps.at(1);

    QTest::mouseClick(cancel, Qt::LeftButton);
    QVERIFY(QTest::qWaitFor([&] { return !window.workspace().explorer().running(); }, 30'000));
    const auto trace = window.workspace().explorer().trace();
    const int kept = static_cast<int>(trace->subSteps.size()) - 1;
    QVERIFY(kept >= 4 && kept < 2000);
    QVERIFY(trace->cancelled);
    QCOMPARE(trace->subSteps.at(1).get(), first.get()); // what was there, not computed anew
    QCOMPARE(window.centre().scrubber()->lastComputed(), kept);
    QCOMPARE(status->text(), QString("Stopped: %1 sub-steps kept").arg(kept));
    QVERIFY(!cancel->isVisible() && !progress->isVisible());

    emit window.workspace().explorer().progressed(
        { "loading", 1, 4, 12.3 }); // any other work is told alike
    QCOMPARE(status->text(), QString("loading · 13 s left"));
    QCOMPARE(progress->value(), 1);
    emit window.workspace().explorer().progressed({ "loading", 2, 4, 90.5 });
    QCOMPARE(status->text(), QString("loading · 2 min left"));
    emit window.workspace().explorer().progressed({ "loading", 3, 4, -1.0 });
    QCOMPARE(status->text(), QString("loading"));
}

void tst_MainWindow::recentFiles()
{
    QTemporaryDir folder;
    const QString settings = folder.filePath("explorer.ini");
    const QString first = QFileInfo(dalmatian()).absoluteFilePath();
    const QString other = QFileInfo(photo("imagenet_00_243.jpg")).absoluteFilePath();
    const auto menuOf = [](const MainWindow& window) {
        QMenu* menu = window.actions().menu("recentMenu");
        if (menu == nullptr)
            qFatal("no menu of recent files");
        return menu;
    };
    const auto texts = [&menuOf](const MainWindow& window) {
        QStringList found;
        for (const QAction* action : menuOf(window)->actions()) {
            found << action->text();
        }
        return found;
    };
    const auto open = [](MainWindow& window, const QString& path) {
        window.openPath(path);
        QVERIFY(waitSettled(window.workspace().explorer()));
        QCOMPARE(window.workspace().explorer().photo().path, path);
    };
    {
        Workspace workspace(realEngine());
        MainWindow window(workspace, windowOptions(settings));
        window.workspace().explorer().setAutomatic(false);
        window.show();
        QVERIFY(!menuOf(window)->isEnabled());
        open(window, first);
        open(window, other);
        QCOMPARE(
            texts(window), (QStringList { "&1 imagenet_00_243.jpg", "&2 imagenet_16_251.jpg" }));
        menuOf(window)->actions().at(1)->trigger();
        QVERIFY(waitSettled(window.workspace().explorer()));
        QCOMPARE(window.workspace().explorer().photo().path, first);
        QCOMPARE(texts(window),
            (QStringList { "&1 imagenet_16_251.jpg", "&2 imagenet_00_243.jpg" })); // once each
        window.close();
    }
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions(settings)); // another day
    window.workspace().explorer().setAutomatic(false);
    QVERIFY(menuOf(window)->isEnabled());
    menuOf(window)->actions().at(1)->trigger();
    QVERIFY(waitSettled(window.workspace().explorer()));
    QCOMPARE(window.workspace().explorer().photo().path, other);
}

void tst_MainWindow::themesDoNotTouchTheResult()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.show();
    window.start(dalmatian());
    QVERIFY(waitSettled(window.workspace().explorer()));
    const auto trace = window.workspace().explorer().trace();
    window.setThemeKind(ThemeKind::Light);
    const QRgb light = window.grab().toImage().pixel(2, window.height() - 60);
    window.setThemeKind(ThemeKind::Dark);
    const QRgb dark = window.grab().toImage().pixel(2, window.height() - 60);
    QVERIFY(qGray(light) > 200 && qGray(dark) < 80);
    QVERIFY(waitSettled(window.workspace().explorer()));
    QCOMPARE(window.workspace().explorer().trace().get(), trace.get());
}

void tst_MainWindow::memoryAfterTwentyRounds()
{
#if defined(__SANITIZE_ADDRESS__)
    QSKIP("the sanitizer's own memory would be measured");
#endif
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.show();
    ExplorerState state = window.workspace().explorer().state();
    state.attack.rounds = 20;
    window.workspace().explorer().change(state, Setting::Rounds);
    window.start(dalmatian());
    QVERIFY(waitSettled(window.workspace().explorer(), 300'000));
    QCOMPARE(window.workspace().explorer().trace()->subSteps.size(), 41U);
    for (int i = 0; i <= 40; ++i) { // every picture was looked at
        window.workspace().explorer().setCurrentSubStep(i);
        QTest::qWait(5);
    }
    const qint64 mb = residentMb();
    qInfo("resident after a 20-round trace: %lld MB", static_cast<long long>(mb));
    QVERIFY(mb > 0);
    QVERIFY(mb < 1200);
}

QTEST_MAIN(tst_MainWindow)
#include "tst_MainWindow.moc"
