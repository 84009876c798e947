// What the window writes: its trace byte-equal to the command line's, progress and Cancel of a long
// one, provenance beside plots and views.
#include "core/base/Sha256.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/window/Centre.h"
#include "ui/window/MainWindow.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonObject>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QSet>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <tuple>

#include "tests/app/CliRunner.h"
#include "tests/ui/ExplorerTestSupport.h"
#include "tests/ui/FromQImage.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

constexpr const char* kStem = "imagenet_16_251";

/// One with `rounds` rounds: the sub-steps of the first round again and again. Of the right shape
/// for every view, and there at once.
std::shared_ptr<const AttackTrace> lengthened(const AttackTrace& trace, int rounds)
{
    auto longer = std::make_shared<AttackTrace>(trace);
    const std::size_t perRound = trace.request.sources.size();
    const std::size_t wanted = 1 + perRound * static_cast<std::size_t>(rounds);
    longer->request.rounds = rounds;
    longer->state.reset();
    for (std::size_t i = longer->subSteps.size(); i < wanted; ++i) {
        auto step = std::make_shared<SubStep>(*trace.subSteps.at(1 + (i - 1) % perRound));
        step->index = static_cast<int>(i);
        step->round = static_cast<int>((i - 1) / perRound) + 1;
        longer->subSteps.push_back(step);
    }
    return longer;
}

} // namespace

class tst_Exports : public QObject
{
    Q_OBJECT

private slots:
    void traceEqualsTheCommandLines_data();
    void traceEqualsTheCommandLines();
    void longExportShowsProgressAndIsCancelled();
    void plotsAndViewsHaveTheirProvenance();
    void viewIsExplainedAsItWasTaken();
};

void tst_Exports::traceEqualsTheCommandLines_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<bool>("given");
    QTest::addColumn<QString>("origin");
    QTest::newRow("label of the file's name")
        << "imagenet_16_251.jpg" << false << "from the file name";
    QTest::newRow("no known label") << "nameless.jpg" << false << "not known";
    QTest::newRow("label given by hand") << "nameless.jpg" << true << "given";
}

void tst_Exports::traceEqualsTheCommandLines()
{
    QFETCH(QString, name);
    QFETCH(bool, given);
    QFETCH(QString, origin);
    QTemporaryDir folder;
    const QString path = folder.filePath(name);
    const QString stem = QFileInfo(name).completeBaseName();
    QVERIFY(QFile::copy(dalmatian(), path));

    // Exact, and with one thread: nothing may differ then, not even between two processes.
    ExplorerSession session(realEngine());
    ExplorerState state = session.state();
    state.attack.rounds = 1;
    state.attack.compute.numerics = Numerics::Exact;
    state.attack.compute.threads = 1;
    session.change(state, Setting::Numerics);
    session.openPhoto(path);
    QVERIFY(waitSettled(session));
    if (given) {
        state = session.state();
        state.labelChoice = LabelChoice::User;
        state.userLabel = 252;
        session.change(state, Setting::TrueLabel);
        QVERIFY(waitSettled(session));
    }
    QVERIFY(session.trace() && session.trace()->complete());
    session.exportTrace(folder.filePath("window-trace"));
    QVERIFY(QDir(folder.path()).mkdir("window"));
    session.exportImage(folder.filePath("window/" + stem + ".png"));
    QVERIFY(waitSettled(session));

    QStringList arguments { "attack", path, folder.filePath("cli"), "--trace",
        folder.filePath("cli-trace"), "--method", "cross-iterative", "--rounds", "1", "--numerics",
        "exact", "--threads", "1", "--quiet" };
    for (const std::string& judge : session.request().judges)
        arguments << "--judge" << QString::fromStdString(judge);
    if (given) {
        arguments << "--label"
                  << "252";
    }
    const CliRun run = runCli(arguments);
    QVERIFY2(run.code == 0, run.error.constData());

    for (const auto& [mine, theirs, count] :
        { std::tuple("window-trace", "cli-trace", 4), std::tuple("window", "cli", 2) }) {
        const QStringList names = everythingIn(folder.filePath(mine));
        QCOMPARE(names.size(), count);
        QCOMPARE(names, everythingIn(folder.filePath(theirs)));
        for (const QString& file : names) {
            QCOMPARE(contents(folder.filePath(mine) + "/" + file),
                contents(folder.filePath(theirs) + "/" + file));
        }
    }
    const QJsonObject json = object(folder.filePath("window-trace/" + stem + ".trace.json"));
    QCOMPARE(json["provenance"]["true_label_origin"].toString(), origin);
    QCOMPARE(json["true_label"].toInt(-1), origin == "not known" ? -1 : 252);
}

void tst_Exports::longExportShowsProgressAndIsCancelled()
{
    QTemporaryDir folder;
    QString answer = folder.path();
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions({}, answer));
    QVERIFY(showWindow(window));
    ExplorerSession& session = window.workspace().explorer();
    ExplorerState state = session.state();
    state.attack.rounds = 1;
    session.change(state, Setting::Rounds);
    window.start(dalmatian());
    QVERIFY(waitSettled(window));
    constexpr int kRounds = 150; // 301 pictures, each flushed to the disk
    session.adopt(lengthened(*session.trace(), kRounds));
    state = session.state();
    state.attack.rounds = kRounds;
    session.change(state, Setting::Rounds);
    QVERIFY(waitSettled(window));
    QCOMPARE(session.trace()->subSteps.size(), std::size_t { 2 * kRounds + 1 });

    const auto pictures = [&] { return QDir(folder.path()).entryList({ "*.png" }).size(); };
    const auto* status = window.findChild<QLabel*>("status");
    const auto* bar = window.findChild<QProgressBar*>("progress");
    auto* cancel = window.findChild<QPushButton*>("statusCancel");
    auto* action = window.findChild<QAction*>("exportTrace");
    QVERIFY(!cancel->isVisible());
    QSignalSpy exported(&session, &ExplorerSession::exported);
    QSignalSpy stopped(&session, &ExplorerSession::exportStopped);
    action->trigger();
    QVERIFY(session.exporting());
    QVERIFY(QTest::qWaitFor(
        [&] { return pictures() >= 3 && status->text().startsWith("writing sub-step"); }, 60'000));
    QVERIFY(bar->isVisible() && cancel->isVisible());
    QCOMPARE(bar->maximum(), 2 * kRounds + 1);
    QCOMPARE(cancel->accessibleName(), QString("Cancel the export"));
    action->trigger(); // one at a time: a message, and the first goes on
    QVERIFY(!window.centre().errors()->message().isEmpty());
    window.centre().errors()->dismiss();
    QVERIFY(session.exporting());

    QTest::mouseClick(cancel, Qt::LeftButton);
    QVERIFY(QTest::qWaitFor([&] { return !session.exporting(); }, 30'000));
    QCOMPARE(stopped.size(), 1);
    QCOMPARE(exported.size(), 0);
    QCOMPARE(everythingIn(folder.path()), QStringList());
    QVERIFY2(status->text().contains("cancelled"), qPrintable(status->text()));
    QVERIFY(!bar->isVisible() && !cancel->isVisible());
    QCOMPARE(session.trace()->subSteps.size(), std::size_t { 2 * kRounds + 1 });

    state.attack.rounds = 1; // and a whole one afterwards
    session.change(state, Setting::Rounds);
    QVERIFY(waitSettled(window));
    action->trigger();
    QVERIFY(waitSettled(window));
    QCOMPARE(exported.size(), 1);
    QCOMPARE(everythingIn(folder.path()).size(), 4);
    QVERIFY(QFile::exists(folder.filePath(QString(kStem) + ".trace.json")));
}

void tst_Exports::plotsAndViewsHaveTheirProvenance()
{
    QTemporaryDir folder;
    QString answer;
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions({}, answer));
    QVERIFY(showWindow(window));
    ExplorerSession& session = window.workspace().explorer();
    answer = folder.filePath("empty.png"); // no trace, nothing to say of it
    window.findChild<QAction*>("exportWindow")->trigger();
    QVERIFY(waitSettled(session));
    QCOMPARE(everythingIn(folder.path()), QStringList { "empty.png" });

    ExplorerState state = session.state();
    state.attack.rounds = 1;
    session.change(state, Setting::Rounds);
    window.start(dalmatian());
    QVERIFY(waitSettled(window));
    session.setCurrentSubStep(1);
    QVERIFY(waitSettled(window));
    window.centre().scrubber()->setFocus();
    // At once, one after the other: none takes another's place.
    const std::tuple<const char*, const char*, int> exports[] = { { "exportPlot", "plot.pdf", 2 },
        { "exportView", "view.png", 1 }, { "exportWindow", "window.png", 1 },
        { "exportPlot", "plot-2.png", 2 } };
    for (const auto& [action, file, subStep] : exports) {
        answer = folder.filePath(file);
        window.findChild<QAction*>(action)->trigger();
    }
    QVERIFY(waitSettled(window));
    const QString sha = QString::fromStdString(sha256File(dalmatian().toStdString()));
    for (const auto& [action, file, subStep] : exports) {
        QVERIFY2(QFileInfo(folder.filePath(file)).size() > 0, file);
        const QJsonObject json = object(folder.filePath(QString(file) + ".provenance.json"));
        QCOMPARE(json["substep"].toInt(-1), subStep); // a plot shows all of them
        QCOMPARE(json["image"].toString(), QString("imagenet_16_251.jpg"));
        QCOMPARE(json["provenance"]["input_sha256"].toString(), sha);
        QCOMPARE(json["provenance"]["weights_sha256"].toObject().size(), 3);
        QCOMPARE(json["request"]["seed"].toInt(-1), 1);
        QVERIFY(!json.contains("exported"));
        QCOMPARE(json.contains("defense"), QString(file) == "window.png");
    }

    QVERIFY(QDir(folder.path()).mkdir("views"));
    const QStringList views = window.saveViews(folder.filePath("views"));
    QVERIFY(waitSettled(window));
    QSet<QString> wanted;
    for (const QString& path : views) {
        QVERIFY2(QFile::exists(path), qPrintable(path));
        wanted << QFileInfo(path).fileName();
        wanted << QFileInfo(path).fileName() + ".provenance.json";
    }
    for (const char* ending : { "pdf", "svg", "png" }) { // none shares one with another
        QVERIFY(wanted.contains(
            QString("imagenet_16_251.sub-step-1.trajectory.%1.provenance.json").arg(ending)));
    }
    const QStringList found = everythingIn(folder.filePath("views"));
    QCOMPARE(QSet<QString>(found.begin(), found.end()), wanted);
    const auto of = [&](const char* view) {
        return object(folder.filePath(
            QString("views/%1.sub-step-1.%2.png.provenance.json").arg(QString(kStem), view)));
    };
    QCOMPARE(of("adversarial")["substep"].toInt(-1), 1);
    QCOMPARE(of("trajectory")["substep"].toInt(-1), 2);
    QCOMPARE(of("defended")["defense"].toString(), QString("resize=200"));
}

void tst_Exports::viewIsExplainedAsItWasTaken()
{
    QTemporaryDir folder;
    QString answer = folder.filePath("view.png");
    MainWindow* shown = nullptr;
    WindowOptions options = windowOptions();
    options.choosePath = [&](const QString&, const QString&, const QString&, bool, bool) {
        shown->workspace().explorer().setCurrentSubStep(
            2); // a trace that streams in goes on behind the dialog
        return answer;
    };
    Workspace workspace(realEngine());
    MainWindow window(workspace, options);
    shown = &window;
    QVERIFY(showWindow(window));
    ExplorerSession& session = window.workspace().explorer();
    ExplorerState state = session.state();
    state.attack.rounds = 1;
    session.change(state, Setting::Rounds);
    window.start(dalmatian());
    QVERIFY(waitSettled(window));
    session.setCurrentSubStep(1);
    QVERIFY(waitSettled(window));
    window.centre().scrubber()->setFocus();
    window.findChild<QAction*>("exportView")->trigger();
    QVERIFY(waitSettled(window));
    QCOMPARE(session.currentSubStep(), 2);
    QVERIFY(fromQImage(QImage(answer)) == session.trace()->subSteps[1]->exported);
    QCOMPARE(object(folder.filePath("view.png.provenance.json"))["substep"].toInt(-1), 1);
}

QTEST_MAIN(tst_Exports)
#include "tst_Exports.moc"
