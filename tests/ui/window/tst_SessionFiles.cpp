// Session files and what would be lost: opening, saving, what has changed, what is asked, what a
// later start goes on with, and what is said while pictures are of former settings.
#include "core/batch/TournamentView.h"
#include "core/jobs/BatchJobs.h"
#include "ui/plot/TrajectoryPlot.h"
#include "ui/session/BatchSession.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/StudySession.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/NoticeBar.h"
#include "ui/views/explore/ImagePanes.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/views/leaking/StudyPanel.h"
#include "ui/window/Centre.h"

#include <QAction>
#include <QFileInfo>
#include <QLabel>
#include <QPushButton>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include <filesystem>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

/// A window whose dialogs answer what the test wants, and that counts its questions.
struct Desk
{
    QTemporaryDir folder;
    QString path; ///< of the file dialog
    Answer answer = Answer::Cancel;
    QVector<Question> asked;

    [[nodiscard]] QString file(const char* name) const { return folder.filePath(name); }

    [[nodiscard]] WindowOptions options()
    {
        WindowOptions options = windowOptions(file("settings.ini"), path);
        options.answer = [this](const Question& question) {
            asked << question;
            return answer;
        };
        return options;
    }

    void write(const QString& name, const QByteArray& text) const
    {
        QFile out(name);
        QVERIFY(out.open(QIODevice::WriteOnly) && out.write(text) == text.size());
    }

    [[nodiscard]] QStringList recent() const
    {
        return QSettings(file("settings.ini"), QSettings::IniFormat)
            .value(QStringLiteral("recent"))
            .toStringList();
    }
};

void setEpsilon(MainWindow& window, int epsilon255)
{
    window.workspace().explorer().change(
        withEpsilon(window.workspace().explorer().state(), epsilon255), Setting::Epsilon);
}

void save(MainWindow& window)
{
    window.findChild<QAction*>(QStringLiteral("saveSession"))->trigger();
}

ExplorerState quickState()
{
    ExplorerState state = defaultState();
    state.photo = dalmatian();
    state.attack.rounds = 1;
    return state;
}

} // namespace

class tst_SessionFiles : public QObject
{
    Q_OBJECT

private slots:
    void refusedFilesAreNeverOverwritten_data();
    void refusedFilesAreNeverOverwritten();
    void savingOverSomethingElseAsks();
    void changesAreMarkedAndAsked();
    void aFreshWindowDoesNotNag();
    void openingAnotherAsks();
    void runningWorkIsAskedFor();
    void anUnfinishedTournamentIsOffered();
    void formerPicturesAreMarked();
    void anIncompleteSweepSaysSo();
};

void tst_SessionFiles::refusedFilesAreNeverOverwritten_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("a plan") << QByteArray(R"({"crossiter_plan": 1})");
    QTest::newRow("not JSON") << QByteArray("dear diary");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("a photo that is not there") << sessionJson(
        [] {
            ExplorerState state = defaultState();
            state.photo = QStringLiteral("/nowhere/photo.png");
            return state;
        }(),
        QStringLiteral("/"));
}

void tst_SessionFiles::refusedFilesAreNeverOverwritten()
{
    QFETCH(const QByteArray, text);
    Desk desk;
    Workspace workspace(realEngine());
    MainWindow window(workspace, desk.options());
    QVERIFY(showWindow(window));
    window.workspace().explorer().setAutomatic(false);
    window.openPath(dalmatian());
    QVERIFY(waitSettled(window));
    const QString refused = desk.file("mine.json");
    desk.write(refused, text);
    drop(window, refused);
    QVERIFY(waitSettled(window));
    QVERIFY(!window.centre().errors()->message().isEmpty());
    QCOMPARE(window.sessionPath(), QString());
    QVERIFY(!desk.recent().contains(refused));
    // Save asks for a path, since none is the session's; and what is there is not replaced.
    setEpsilon(window, 4);
    save(window);
    QCOMPARE(contents(refused), text);
    desk.path = refused;
    if (!text.contains("crossiter-session")) { // over a session the file dialog asks
        save(window);
        QCOMPARE(desk.asked.size(), 1);
        QVERIFY(desk.asked.constLast().kind == Question::Kind::Overwrite);
        QCOMPARE(contents(refused), text);
    }
    // Photos that are refused: the same.
    const QString bad = desk.file("bad.png");
    desk.write(bad, "no picture");
    drop(window, bad);
    QVERIFY(waitSettled(window));
    QVERIFY(!desk.recent().contains(bad));
    QCOMPARE(desk.recent().size(), 1);
}

void tst_SessionFiles::savingOverSomethingElseAsks()
{
    Desk desk;
    Workspace workspace(realEngine());
    MainWindow window(workspace, desk.options());
    window.workspace().explorer().setAutomatic(false);
    window.openPath(dalmatian());
    QVERIFY(waitSettled(window));
    // The ending that is added makes a name that no dialog has asked about.
    const QString other = desk.file("other.crossiter.json");
    writeSession(quickState(), other);
    const QByteArray before = contents(other);
    desk.path = desk.file("other");
    save(window);
    QCOMPARE(desk.asked.size(), 1);
    QCOMPARE(contents(other), before);
    QCOMPARE(window.sessionPath(), QString());
    desk.answer = Answer::Yes;
    save(window);
    QCOMPARE(desk.asked.size(), 2);
    QVERIFY(contents(other) != before);
    QCOMPARE(window.sessionPath(), other);
    // The own file: no question; unless something else has come there.
    setEpsilon(window, 5);
    save(window);
    QCOMPARE(desk.asked.size(), 2);
    QCOMPARE(readSession(other).attack.epsilon255, 5);
    desk.write(other, "{}");
    desk.answer = Answer::Cancel;
    save(window);
    QCOMPARE(desk.asked.size(), 3);
    QCOMPARE(contents(other), QByteArray("{}"));
    // What cannot be written is not the session's path.
    desk.answer = Answer::Yes;
    desk.path = desk.file("nowhere/there.crossiter.json");
    window.findChild<QAction*>(QStringLiteral("saveSessionAs"))->trigger();
    QVERIFY(!window.centre().errors()->message().isEmpty());
    QCOMPARE(window.sessionPath(), other);
    QVERIFY(!desk.recent().contains(desk.path));
}

void tst_SessionFiles::changesAreMarkedAndAsked()
{
    Desk desk;
    const QString file = desk.file("work.crossiter.json");
    writeSession(quickState(), file);
    Workspace workspace(realEngine());
    MainWindow window(workspace, desk.options());
    QVERIFY(showWindow(window));
    window.workspace().explorer().setAutomatic(false);
    window.start({}, file);
    QVERIFY(waitSettled(window));
    QCOMPARE(window.sessionPath(), file);
    QVERIFY(desk.recent().contains(file));
    QVERIFY(!window.isWindowModified() && window.windowTitle().contains("[*]"));
    QVERIFY(window.windowTitle().contains("work.crossiter.json"));
    // What is only looked at differently is no change.
    ExplorerState dark = window.workspace().explorer().state();
    dark.theme = ThemeKind::Dark;
    window.workspace().explorer().change(dark, Setting::Theme);
    window.workspace().explorer().run();
    QVERIFY(waitSettled(window));
    window.workspace().explorer().setCurrentSubStep(1);
    QVERIFY(!window.isWindowModified());
    setEpsilon(window, 4);
    QVERIFY(window.isWindowModified());
    window.workspace().explorer().undoStack()->undo();
    QVERIFY(!window.isWindowModified());
    window.workspace().explorer().undoStack()->redo();
    QVERIFY(window.isWindowModified());
    // Another photo is a change of a session that has a file.
    QVERIFY(!window.close());
    QCOMPARE(desk.asked.size(), 1);
    QVERIFY(desk.asked.constLast().kind == Question::Kind::SaveChanges);
    QVERIFY(window.isVisible());
    QCOMPARE(readSession(file).attack.epsilon255, 16);
    desk.answer = Answer::Yes; // saves
    QVERIFY(window.close());
    QCOMPARE(readSession(file).attack.epsilon255, 4);
    QVERIFY(!window.isWindowModified());
    QVERIFY(window.close()); // nothing is left to ask about
    QCOMPARE(desk.asked.size(), 2);
}

void tst_SessionFiles::aFreshWindowDoesNotNag()
{
    Desk desk;
    Workspace workspace(realEngine());
    MainWindow window(workspace, desk.options());
    QVERIFY(showWindow(window));
    window.workspace().explorer().setAutomatic(false);
    window.start(dalmatian());
    QVERIFY(waitSettled(window));
    window.workspace().explorer().openNeighbour(1);
    QVERIFY(waitSettled(window));
    QVERIFY(!window.isWindowModified());
    ExplorerState labelled = window.workspace().explorer().state();
    labelled.labelChoice = LabelChoice::User;
    labelled.userLabel = 7;
    window.workspace().explorer().change(labelled, Setting::TrueLabel);
    QVERIFY(window.isWindowModified());
    window.workspace().explorer().openNeighbour(
        -1); // what was said of the other photo is gone with it
    QVERIFY(waitSettled(window));
    QVERIFY(!window.isWindowModified());
    // Changed settings are asked for, file or no file; Save without a path is Cancel.
    setEpsilon(window, 4);
    QVERIFY(window.isWindowModified());
    desk.answer = Answer::Yes;
    QVERIFY(!window.close());
    desk.answer = Answer::No;
    QVERIFY(window.close());
    QCOMPARE(desk.asked.size(), 2);
}

void tst_SessionFiles::openingAnotherAsks()
{
    Desk desk;
    ExplorerState other = quickState();
    other.attack.epsilon255 = 9;
    const QString file = desk.file("other.crossiter.json");
    writeSession(other, file);
    const QString broken = desk.file("broken.json");
    desk.write(broken, "{");
    Workspace workspace(realEngine());
    MainWindow window(workspace, desk.options());
    QVERIFY(showWindow(window));
    window.workspace().explorer().setAutomatic(false);
    window.openPath(dalmatian());
    QVERIFY(waitSettled(window));
    setEpsilon(window, 4);
    drop(window, broken); // refused without a question
    QCOMPARE(desk.asked.size(), 0);
    drop(window, file);
    QVERIFY(waitSettled(window));
    QCOMPARE(desk.asked.size(), 1);
    QCOMPARE(window.workspace().explorer().state().attack.epsilon255, 4);
    desk.path = file;
    window.findChild<QAction*>(QStringLiteral("openSession"))->trigger();
    QCOMPARE(desk.asked.size(), 2);
    desk.answer = Answer::No;
    window.openPath(file);
    QVERIFY(waitSettled(window));
    QCOMPARE(desk.asked.size(), 3);
    QCOMPARE(window.workspace().explorer().state().attack.epsilon255, 9);
    QVERIFY(!window.isWindowModified());
}

void tst_SessionFiles::runningWorkIsAskedFor()
{
    Desk desk;
    Workspace workspace(realEngine());
    MainWindow window(workspace, desk.options());
    QVERIFY(showWindow(window));
    window.workspace().explorer().setAutomatic(false);
    window.start(dalmatian());
    QVERIFY(waitSettled(window));
    StudySession* study = &window.findChild<LeakingPanel*>()->studyPanel()->session();
    StudyForm form = study->form();
    form.folder = QFileInfo(dalmatian()).absolutePath();
    form.output = desk.file("study");
    study->setForm(form);
    study->start(false);
    QVERIFY(study->running());
    QVERIFY(!window.close());
    QVERIFY(desk.asked.constLast().kind == Question::Kind::StopWork);
    QVERIFY2(desk.asked.constLast().detail.contains("journal"),
        qPrintable(desk.asked.constLast().detail));
    QVERIFY(study->running());
    desk.answer = Answer::Yes;
    QVERIFY(window.close());
    QVERIFY(QTest::qWaitFor([&] { return study->settled(); }, 120'000));
}

void tst_SessionFiles::anUnfinishedTournamentIsOffered()
{
    Desk desk;
    const QString output = desk.file("tournament");
    {
        Workspace workspace(realEngine());
        MainWindow window(workspace, desk.options());
        QVERIFY(showWindow(window));
        window.workspace().explorer().setAutomatic(false);
        BatchSession& batch = window.findChild<BatchPanel*>()->session();
        QVERIFY(QTest::qWaitFor([&] { return batch.settled(); }, 60'000));
        batch.setOutput(output);
        batch.run();
        QVERIFY2(batch.active(), qPrintable(window.centre().errors()->message()));
        QVERIFY(QTest::qWaitFor(
            [&] { return holdsTournament(output.toStdString()) && batch.results(); }, 120'000));
        QVERIFY(!window.close()); // asked, cancelled
        QVERIFY(desk.asked.constLast().kind == Question::Kind::StopWork);
        QVERIFY(batch.active());
        desk.answer = Answer::Yes;
        QVERIFY(window.close());
    }
    {
        Workspace workspace(realEngine());
        MainWindow window(workspace, desk.options());
        QVERIFY(showWindow(window));
        window.workspace().explorer().setAutomatic(false);
        QVERIFY(window.centre().notice()->message().isEmpty());
        window.start(dalmatian());
        QTRY_VERIFY_WITH_TIMEOUT(!window.centre().notice()->message().isEmpty(), 60'000);
        QVERIFY(window.centre().notice()->message().contains(output));
        QVERIFY(!window.findChild<BatchPanel*>()->notice()->message().isEmpty());
        window.centre().notice()->findChild<QPushButton*>("noticeAccept")->click();
        BatchSession& batch = window.findChild<BatchPanel*>()->session();
        QTRY_VERIFY_WITH_TIMEOUT(batch.active(), 60'000);
        QCOMPARE(batch.output(), output);
        QVERIFY(window.centre().notice()->message().isEmpty());
        batch.cancel();
        QTRY_VERIFY_WITH_TIMEOUT(!batch.active(), 120'000);
    }
    // All that are there are offered, one after the other; a folder that is gone is forgotten.
    const QString other = desk.file("other");
    std::filesystem::copy(
        output.toStdString(), other.toStdString(), std::filesystem::copy_options::recursive);
    const auto remembered = [&desk] {
        return QSettings(desk.file("settings.ini"), QSettings::IniFormat)
            .value(QStringLiteral("batch/unfinished"))
            .toStringList();
    };
    QCOMPARE(remembered(), QStringList { output });
    QSettings(desk.file("settings.ini"), QSettings::IniFormat)
        .setValue("batch/unfinished", QStringList { desk.file("gone"), other, output });
    Workspace workspace(realEngine());
    MainWindow window(workspace, desk.options());
    QVERIFY(showWindow(window));
    window.workspace().explorer().setAutomatic(false);
    window.start(dalmatian());
    NoticeBar* notice = window.centre().notice();
    QTRY_VERIFY_WITH_TIMEOUT(notice->message().contains(other), 60'000);
    QVERIFY(notice->message().contains("1 more"));
    QCOMPARE(remembered(), (QStringList { other, output }));
    notice->findChild<QPushButton*>("noticeDecline")->click(); // not to be offered again
    QVERIFY2(notice->message().contains(output), qPrintable(notice->message()));
    QCOMPARE(remembered(), QStringList { output });
    notice->findChild<QToolButton*>("noticeClose")->click(); // not now
    QVERIFY(notice->message().isEmpty());
    QCOMPARE(remembered(), QStringList { output });
}

void tst_SessionFiles::formerPicturesAreMarked()
{
    Desk desk;
    const QString file = desk.file("quick.crossiter.json");
    writeSession(quickState(), file);
    Workspace workspace(realEngine());
    MainWindow window(workspace, desk.options());
    QVERIFY(showWindow(window));
    QStringList whileRunning;
    connect(&window.workspace().explorer(), &ExplorerSession::traceChanged, this, [&] {
        if (window.workspace().explorer().running())
            whileRunning << window.findChild<TrajectoryPlot*>()->notes();
    });
    window.start({}, file);
    QVERIFY(waitSettled(window));
    QVERIFY2(whileRunning.filter("Cancelled").isEmpty(), qPrintable(whileRunning.join('|')));
    QVERIFY(!whileRunning.filter("Running").isEmpty());
    QVERIFY(!window.showsStale());
    auto* note = window.findChild<QLabel*>(QStringLiteral("staleNote"));
    QVERIFY(!note->isVisible());
    window.workspace().explorer().setAutomatic(false);
    setEpsilon(window, 4);
    QVERIFY(window.showsStale() && note->isVisible());
    QVERIFY(window.centre().panes()->graphicsEffect() != nullptr);
    QVERIFY(!window.findChild<TrajectoryPlot*>()->notes().filter("former").isEmpty());
    window.workspace().explorer().undoStack()->undo();
    QVERIFY(!window.showsStale() && window.centre().panes()->graphicsEffect() == nullptr);
    // More rounds than are there; and Run takes the mark away.
    ExplorerState more = window.workspace().explorer().state();
    more.attack.rounds = 2;
    window.workspace().explorer().change(more, Setting::Rounds);
    QVERIFY(window.showsStale());
    window.workspace().explorer().run();
    QVERIFY(waitSettled(window));
    QVERIFY(!window.showsStale());
    QVERIFY(window.findChild<TrajectoryPlot*>()->notes().filter("former").isEmpty());
}

void tst_SessionFiles::anIncompleteSweepSaysSo()
{
    Desk desk;
    const QString file = desk.file("quick.crossiter.json");
    ExplorerState quick = quickState();
    quick.sweepSizes = { 100, 299, 20 };
    writeSession(quick, file);
    Workspace workspace(realEngine());
    MainWindow window(workspace, desk.options());
    QVERIFY(showWindow(window));
    window.start({}, file);
    QVERIFY(waitSettled(window));
    DefenseSession& defense = window.workspace().defense();
    defense.setAutomaticSweep(false);
    // The sizes change and come back while it runs: the cells between are gone.
    bool turned = false;
    connect(&defense, &DefenseSession::sweepChanged, this, [&] {
        if (!turned && defense.cellsDone() > 6) {
            turned = true;
            ExplorerState narrow = window.workspace().explorer().state();
            narrow.sweepSizes = { 100, 299, 199 };
            window.workspace().explorer().change(narrow, Setting::SweepSizes);
            narrow.sweepSizes = quick.sweepSizes;
            window.workspace().explorer().change(narrow, Setting::SweepSizes);
        }
    });
    defense.startSweep();
    QVERIFY(QTest::qWaitFor([&] { return turned && !defense.sweeping(); }, 120'000));
    QVERIFY(waitSettled(window));
    QCOMPARE(defense.sweepComplete(), defense.cellsDone() == defense.cellsPlanned());
    // Stopped on the way: the files say what is there.
    quick.sweepSizes = { 101, 299, 7 };
    bool stopped = false;
    connect(&defense, &DefenseSession::sweepChanged, this, [&] {
        if (!stopped && defense.cellsDone() > 12 && defense.sweeping()) {
            stopped = true;
            defense.cancel();
        }
    });
    ExplorerState fine = window.workspace().explorer().state();
    fine.sweepSizes = quick.sweepSizes;
    window.workspace().explorer().change(fine, Setting::SweepSizes);
    defense.startSweep();
    QVERIFY(QTest::qWaitFor([&] { return stopped && !defense.sweeping(); }, 120'000));
    QVERIFY(waitSettled(window));
    QVERIFY(!defense.sweepComplete());
    desk.path = desk.file("sweep.csv");
    window.findChild<QAction*>(QStringLiteral("exportSweep"))->trigger();
    QVERIFY(waitSettled(window));
    const QJsonObject beside = object(desk.file("sweep.provenance.json"));
    QCOMPARE(beside["complete"].toBool(true), false);
    QCOMPARE(beside["cells"].toInt(), defense.cellsDone());
    QCOMPARE(beside["cells_planned"].toInt(), defense.cellsPlanned());
}

QTEST_MAIN(tst_SessionFiles)
#include "tst_SessionFiles.moc"
