// Pictures of another program as a trace: opened, asked about, watched, exported, kept by sessions.
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "core/image/Resample.h"
#include "ui/session/DefenseSession.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/window/Centre.h"

#include <QAction>
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QLabel>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QUndoStack>

#include "tests/core/image/NpyMaker.h"
#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

class tst_Series : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void aFolderBecomesATrace();
    void fromTheMenu();
    void anotherSizeIsAskedAbout();
    void aRangeIsAskedAbout();
    void watched();
    void sessionFiles();
    void whatCannotBeRead();

private:
    [[nodiscard]] QString in(const QString& name) const { return m_folder.filePath(name); }
    /// A step of an attack of ours, under the name that another program would give it.
    [[nodiscard]] static QString golden(int subStep)
    {
        return QString::fromStdString((goldenDir() / "embedded_pair").string())
            + QString("/imagenet_16_251.sub-step-%1.png").arg(subStep);
    }
    QTemporaryDir m_folder;
    std::shared_ptr<Engine> m_engine;
    QString m_clean;
};

void tst_Series::initTestCase()
{
    m_engine = realEngine();
    m_clean = QString::fromStdString((goldenDir() / "embedded_pair").string())
        + "/imagenet_16_251.clean.png";
    QVERIFY(QDir(m_folder.path()).mkpath("steps"));
    QVERIFY(QFile::copy(golden(1), in("steps/step1.png")));
    QVERIFY(QFile::copy(golden(6), in("steps/step2.png")));
    QVERIFY(QFile::copy(golden(10), in("steps/step10.png")));
}

void tst_Series::aFolderBecomesATrace()
{
    Workspace workspace(m_engine);
    MainWindow window(workspace, windowOptions());
    window.start(m_clean, {}, in("steps"));
    QVERIFY(waitSettled(window));
    ExplorerSession& session = workspace.explorer();
    QVERIFY(session.showsSeries() && session.trace() && !session.outdated());
    const auto trace = session.trace();
    QVERIFY(trace->complete());
    QCOMPARE(trace->subSteps.size(), std::size_t { 4 });
    QCOMPARE(trace->subSteps[3]->other.name, std::string("step10.png"));
    QCOMPARE(trace->subSteps[3]->exported, readImage(golden(10).toStdString()));
    QCOMPARE(session.currentSubStep(), 3);
    QVERIFY(window.centre().sentence().contains("step10.png"));
    auto* note = window.findChild<QLabel*>("attackNote");
    QVERIFY(note && note->text().contains("made elsewhere") && note->text().contains("steps"));
    // What another program made is swept like a trace of ours.
    QVERIFY(workspace.defense().view());
    // The export names every file with its hash.
    QVERIFY(QDir(m_folder.path()).mkpath("out"));
    session.exportTrace(in("out"));
    QVERIFY(waitSettled(window));
    const QJsonObject json = object(in("out/imagenet_16_251.clean.trace.json"));
    const QJsonArray files = json["provenance"]["made_elsewhere_files"].toArray();
    QCOMPARE(files.size(), 3);
    QCOMPARE(files.at(2)["file"].toString(), QString("step10.png"));
    QCOMPARE(json["substeps"][2]["made_elsewhere"].toString(), QString("step2.png"));
    // Another label is said of the same judged pictures.
    ExplorerState state = session.state();
    state.labelChoice = LabelChoice::User;
    state.userLabel = 5;
    session.change(state, Setting::TrueLabel);
    QVERIFY(waitSettled(window));
    QCOMPARE(session.trace()->request.trueLabel, std::optional(5));
    QCOMPARE(session.trace()->subSteps[1], trace->subSteps[1]);
    // Any setting of an attack asks for one of ours; undo brings the series back.
    state = session.state();
    state.attack.rounds = 1;
    session.change(state, Setting::Rounds);
    QVERIFY(waitSettled(window));
    QVERIFY(!session.showsPair() && session.trace()->madeElsewhere.empty());
    session.undoStack()->undo();
    QVERIFY(waitSettled(window));
    QVERIFY(session.showsSeries());
    QCOMPARE(session.trace()->subSteps.size(), std::size_t { 4 });
}

void tst_Series::fromTheMenu()
{
    QStringList answers { m_clean, in("steps") };
    WindowOptions options = windowOptions();
    options.choosePath = [&answers](const QString&, const QString&, const QString&, bool, bool) {
        return answers.isEmpty() ? QString() : answers.takeFirst();
    };
    Workspace workspace(m_engine);
    MainWindow window(workspace, options);
    window.start(m_clean);
    QVERIFY(waitSettled(window));
    auto* watch = window.findChild<QAction*>("watchSeries");
    QVERIFY(watch && !watch->isEnabled());
    window.findChild<QAction*>("openSeries")->trigger();
    QVERIFY(waitSettled(window));
    QVERIFY(workspace.explorer().showsSeries());
    QVERIFY(watch->isEnabled() && !watch->isChecked());
    QVERIFY(!window.findChild<QAction*>("swapPair")->isEnabled());
    watch->trigger();
    QVERIFY(workspace.explorer().watching() && watch->isChecked());
    window.openPath(m_clean);
    QVERIFY(waitSettled(window));
    QVERIFY(!workspace.explorer().watching() && !watch->isChecked() && !watch->isEnabled());
}

void tst_Series::anotherSizeIsAskedAbout()
{
    QVERIFY(QDir(m_folder.path()).mkpath("small"));
    const Image small = toSize(readImage(m_clean.toStdString()), { 224, 224 });
    for (const char* name : { "small/1.png", "small/2.png" })
        writePng(in(name).toStdString(), small);
    int asked = 0;
    WindowOptions options = windowOptions();
    options.choosePairSize = [&asked](const QString&, const QString& preset) {
        ++asked;
        return preset;
    };
    Workspace workspace(m_engine);
    MainWindow window(workspace, options);
    window.start(m_clean, {}, in("small"));
    QVERIFY(waitSettled(window));
    QCOMPARE(asked, 1);
    QVERIFY(workspace.explorer().offImageSpace() && workspace.explorer().trace());
    QCOMPARE(workspace.explorer().trace()->clean, small);
    QCOMPARE(workspace.explorer().subStep()->linfExported, 0);
}

void tst_Series::aRangeIsAskedAbout()
{
    const Image step = readImage(golden(1).toStdString());
    std::vector<float> values;
    for (const std::uint8_t level : step.rgb)
        values.push_back(static_cast<float>(level) / 255.0F);
    writeFileAtomically(in("one.npy").toStdString(), npyOf("<f4", "(299, 299, 3)", values));
    QString answer;
    QString question;
    WindowOptions options = windowOptions();
    options.chooseSeriesRange = [&](const QString& why) {
        question = why;
        return answer;
    };
    Workspace workspace(m_engine);
    MainWindow window(workspace, options);
    ExplorerSession& session = workspace.explorer();
    QSignalSpy errors(&session, &ExplorerSession::errorRaised);
    window.start(m_clean, {}, in("one.npy"));
    QVERIFY(waitSettled(window));
    QVERIFY(question.contains("one.npy") && !session.showsPair());
    QCOMPARE(errors.size(), 1);
    answer = "0..1";
    session.openPair(m_clean, in("one.npy"));
    QVERIFY(waitSettled(window));
    QVERIFY(session.showsSeries());
    QCOMPARE(session.subStep()->exported, step);
    QVERIFY(session.state().pairArrays.range == NpyRange::ZeroOne);
    // The session keeps it, and nobody is asked again.
    const QString file = in("range.crossiter.json");
    QVERIFY(session.saveSession(file));
    QVERIFY(contents(file).contains("\"pairRange\": \"0..1\""));
    question.clear();
    window.openPath(m_clean);
    QVERIFY(waitSettled(window));
    window.openPath(file);
    QVERIFY(waitSettled(window));
    QVERIFY(question.isEmpty() && session.showsSeries());
    QCOMPARE(session.subStep()->exported, step);
}

void tst_Series::watched()
{
    QVERIFY(QDir(m_folder.path()).mkpath("growing"));
    QVERIFY(QFile::copy(golden(1), in("growing/1.png")));
    ExplorerSession session(m_engine);
    session.openPair(m_clean, in("growing"));
    QVERIFY(waitSettled(session));
    QCOMPARE(session.trace()->subSteps.size(), std::size_t { 2 });
    const auto first = session.trace()->subSteps[1];
    session.setWatching(true);
    QVERIFY(session.watching());
    QFile source(golden(6));
    QVERIFY(source.open(QIODevice::ReadOnly));
    const QByteArray bytes = source.readAll();
    QFile half(in("growing/2.png"));
    QVERIFY(half.open(QIODevice::WriteOnly) && half.write(bytes.left(9000)) == 9000);
    half.flush();
    QTest::qWait(1500);
    QCOMPARE(session.trace()->subSteps.size(), std::size_t { 2 });
    half.write(bytes.mid(9000));
    half.close();
    QVERIFY(QTest::qWaitFor([&] { return session.trace()->subSteps.size() == 3; }, 60'000));
    QVERIFY(waitSettled(session));
    QCOMPARE(session.trace()->subSteps[1], first); // taken over, not judged again
    QCOMPARE(session.currentSubStep(), 2);
    QVERIFY(session.trace()->complete() && !session.outdated());
    // Watching ends with the series.
    session.leavePair();
    QVERIFY(!session.watching());
    QVERIFY(waitSettled(session));
}

void tst_Series::sessionFiles()
{
    ExplorerState state = defaultState();
    state.photo = "/x/a.png";
    state.pair = "/x/steps";
    QVERIFY(!sessionJson(state, "/x").contains("pairRange"));
    state.pairArrays = { NpyRange::MinusOneOne, NpyLayout::Nchw };
    const QByteArray text = sessionJson(state, "/x");
    QVERIFY(parseSession(text, "/x/s.json") == state);
    const auto said = [&text](const char* from, const char* to) {
        try {
            static_cast<void>(parseSession(QByteArray(text).replace(from, to), "/x/s.json"));
            return QString();
        } catch (const Error& error) {
            return QString(error.what());
        }
    };
    QVERIFY(said("\"-1..1\"", "\"0-1\"").contains("key pairRange"));
    QVERIFY(said("\"nchw\"", "7").contains("key pairLayout"));
    QVERIFY(said("\"pair\": \"steps\"", "\"pair\": \"\"").contains("key pairRange"));
}

void tst_Series::whatCannotBeRead()
{
    ExplorerSession session(m_engine);
    QSignalSpy errors(&session, &ExplorerSession::errorRaised);
    QVERIFY(QDir(m_folder.path()).mkpath("empty"));
    session.openPair(m_clean, in("empty"));
    QVERIFY(waitSettled(session));
    QCOMPARE(errors.size(), 1);
    QVERIFY(errors[0][0].toString().contains("no picture in the series"));
    QVERIFY(!session.showsPair());
    session.setWatching(true); // there is nothing to watch
    QVERIFY(!session.watching());
}

QTEST_MAIN(tst_Series)
#include "tst_Series.moc"
