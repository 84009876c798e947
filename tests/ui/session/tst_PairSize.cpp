// A pair whose result is not of 299x299: asked about once, compared at that size, kept by the
// session; and what the window says of a label table.
#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "core/image/PictureSize.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/PhotoLoader.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/window/Centre.h"

#include <QAction>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QUndoStack>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

class tst_PairSize : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void askedOnceAndKept();
    void refused();
    void anotherSizeThanAsked();
    void thePairGivesWay();
    void anotherResultOfOneSize();
    void sessionFiles();
    void labelTables();
    void theBaseIsAskedForWhereItIsNeeded();
    void theBackgroundIsNoTarget();

private:
    [[nodiscard]] QString small() const { return m_folder.filePath("small.png"); }
    QTemporaryDir m_folder;
    std::shared_ptr<Engine> m_engine;
    Image m_clean; ///< the photo at 224x224
};

void tst_PairSize::initTestCase()
{
    m_engine = realEngine();
    m_clean = toSize(readImage(dalmatian().toStdString()), { 224, 224 });
    Image result = m_clean;
    result.rgb[0] =
        static_cast<std::uint8_t>(result.rgb[0] < 128 ? result.rgb[0] + 9 : result.rgb[0] - 9);
    writePng(small().toStdString(), result);
}

void tst_PairSize::askedOnceAndKept()
{
    int asked = 0;
    WindowOptions options = windowOptions();
    options.choosePairSize = [&asked](const QString& question, const QString& preset) {
        ++asked;
        return question.contains("small.png") && question.contains("224x224") ? preset : QString();
    };
    Workspace workspace(m_engine);
    MainWindow window(workspace, options);
    window.start(dalmatian(), {}, small());
    QVERIFY(waitSettled(window));
    QCOMPARE(asked, 1);
    ExplorerSession& session = window.workspace().explorer();
    QVERIFY(session.showsPair() && session.trace());
    QVERIFY(session.state().pairSize == (PictureSize { 224, 224 }));
    // Distances are of the pictures as they are, not of a resize of the result.
    QCOMPARE(session.trace()->clean, m_clean);
    QCOMPARE(session.subStep()->linfExported, 9);
    QVERIFY2(window.centre().sentence().contains("9 grey levels")
            && window.centre().sentence().contains("224"),
        qPrintable(window.centre().sentence()));
    // Networks are fed from there by their own preprocessing.
    PredictRequest request;
    request.models = session.trace()->judges;
    request.anySize = true;
    const auto predicted = m_engine->predict(request, { m_clean });
    for (std::size_t i = 0; i < request.models.size(); ++i)
        QVERIFY(predicted->predictions[0][i].probabilities
            == session.trace()->subSteps[0]->judges[i].probabilities);
    for (const int pane :
        { ImagePanes::OriginalPane, ImagePanes::PerturbationPane, ImagePanes::AdversarialPane })
        QCOMPARE(window.centre().panes()->paneImage(pane).size(), QSize(224, 224));
    // What works at 299x299 alone rests, and says so.
    QVERIFY(!window.workspace().defense().view());
    QVERIFY(window.workspace().defense().obstacle().contains("224"));
    QSignalSpy errors(&window.workspace().defense(), &DefenseSession::errorRaised);
    window.workspace().defense().startSweep();
    QCOMPARE(errors.size(), 1);
    // The session keeps it, and nobody is asked again.
    const QString file = m_folder.filePath("pair.crossiter.json");
    session.saveSession(file);
    QVERIFY(contents(file).contains("\"pairSize\": \"224x224\""));
    QSignalSpy written(&session, &ExplorerSession::exported);
    session.exportImage(m_folder.filePath("shown.png"));
    QVERIFY(waitSettled(window));
    QVERIFY(contents(m_folder.filePath("shown.provenance.json")).contains("\"size\": \"224x224\""));
    QVERIFY(sizeOf(readImage(m_folder.filePath("shown.png").toStdString()))
        == (PictureSize { 224, 224 }));
    window.openPath(dalmatian());
    QVERIFY(waitSettled(window));
    QVERIFY(!session.offImageSpace() && window.workspace().defense().view());
    QCOMPARE(window.centre().panes()->paneImage(ImagePanes::OriginalPane).size(), QSize(299, 299));
    window.openPath(file);
    QVERIFY(waitSettled(window));
    QCOMPARE(asked, 1);
    QCOMPARE(session.subStep()->linfExported, 9);
    QVERIFY(!session.outdated());
}

void tst_PairSize::refused()
{
    WindowOptions options = windowOptions();
    QString answer;
    options.choosePairSize = [&answer](const QString&, const QString&) { return answer; };
    Workspace workspace(m_engine);
    MainWindow window(workspace, options);
    window.start(dalmatian());
    QVERIFY(waitSettled(window));
    QSignalSpy errors(&window.workspace().explorer(), &ExplorerSession::errorRaised);
    for (const char* wrong : { "", "axb", "0x0", "299x299", "224x223" }) {
        answer = wrong;
        window.workspace().explorer().openPair(dalmatian(), small());
        QVERIFY(waitSettled(window));
        QVERIFY(!window.workspace().explorer().showsPair());
        QVERIFY(!window.workspace().explorer().state().pairSize);
    }
    QCOMPARE(errors.size(), 5);
    QVERIFY2(errors[0][0].toString().contains("224x224"), qPrintable(errors[0][0].toString()));
}

void tst_PairSize::anotherSizeThanAsked()
{
    ExplorerSession session(m_engine);
    QSignalSpy errors(&session, &ExplorerSession::errorRaised);
    session.openPair(dalmatian(), small(), PictureSize { 200, 224 });
    QVERIFY(waitSettled(session));
    QCOMPARE(errors.size(), 1);
    QVERIFY2(
        errors[0][0].toString().contains("found 224x224"), qPrintable(errors[0][0].toString()));
    QVERIFY(!session.showsPair());
}

void tst_PairSize::thePairGivesWay()
{
    ExplorerSession session(m_engine);
    ExplorerState state = session.state();
    state.attack.rounds = 1;
    session.change(state, Setting::Rounds);
    session.openPair(dalmatian(), small(), PictureSize { 224, 224 });
    QVERIFY(waitSettled(session));
    QCOMPARE(session.shownClean(), m_clean);
    state = session.state();
    state.attack.rounds = 2;
    session.change(state, Setting::Rounds);
    QVERIFY(waitSettled(session));
    QVERIFY(!session.showsPair() && !session.state().pairSize && !session.offImageSpace());
    QVERIFY(session.trace()->clean.isImageSpace() && session.trace()->madeElsewhere.empty());
    session.undoStack()->undo();
    QVERIFY(waitSettled(session));
    QVERIFY(session.showsPair() && session.offImageSpace());
    QCOMPARE(session.trace()->clean, m_clean);
    QCOMPARE(session.subStep()->linfExported, 9);
    session.leavePair();
    QVERIFY(waitSettled(session));
    QVERIFY(session.trace()->clean.isImageSpace());
}

void tst_PairSize::anotherResultOfOneSize()
{
    Image other = m_clean;
    other.rgb[5] =
        static_cast<std::uint8_t>(other.rgb[5] < 128 ? other.rgb[5] + 20 : other.rgb[5] - 20);
    const QString file = m_folder.filePath("other.png");
    writePng(file.toStdString(), other);
    ExplorerSession session(m_engine);
    session.openPair(dalmatian(), small(), PictureSize { 224, 224 });
    QVERIFY(waitSettled(session));
    session.openPair(dalmatian(), file, PictureSize { 224, 224 });
    QVERIFY(waitSettled(session));
    QCOMPARE(session.trace()->madeElsewhere, std::string("other.png"));
    QCOMPARE(session.subStep()->linfExported, 20);
}

void tst_PairSize::sessionFiles()
{
    ExplorerState state = defaultState();
    state.photo = "/x/a.png";
    const QByteArray before = sessionJson(state, "/x");
    QVERIFY(!before.contains("pairSize"));
    state.pair = "/x/b.png";
    QVERIFY(!sessionJson(state, "/x").contains("pairSize"));
    state.pairSize = PictureSize { 331, 224 };
    const QByteArray text = sessionJson(state, "/x");
    QVERIFY(parseSession(text, "/x/s.json") == state);
    const auto said = [](QByteArray session, const char* from, const char* to) {
        session.replace(from, to);
        try {
            static_cast<void>(parseSession(session, "/x/s.json"));
            return QString();
        } catch (const Error& error) {
            return QString(error.what());
        }
    };
    for (const char* wrong : { "\"0x5\"", "\"224\"", "224", "\"99999x1\"", "null" })
        QVERIFY2(said(text, "\"331x224\"", wrong).contains("key pairSize"), wrong);
    QVERIFY(said(text, "\"b.png\"", "\"\"").contains("key pairSize"));
    QVERIFY(!parseSession(QByteArray(text).replace("331x224", "299x299"), "/x/s.json").pairSize);
}

void tst_PairSize::labelTables()
{
    const QString folder = m_folder.filePath("photos");
    QVERIFY(QDir().mkpath(folder));
    for (const char* name : { "a.jpg", "b.jpg", "c.jpg" })
        QVERIFY(QFile::copy(dalmatian(), folder + '/' + name));
    QFile file(m_folder.filePath("labels.csv"));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("A.JPG,252\nb.jpg,252\nx.jpg,1\n");
    file.close();
    Workspace workspace(m_engine);
    MainWindow window(workspace, windowOptions());
    QSignalSpy met(&window.workspace().explorer(), &ExplorerSession::labelsMet);
    window.start(folder + "/a.jpg");
    QVERIFY(waitSettled(window));
    QVERIFY(window.workspace().explorer().labelsText().isEmpty());
    window.workspace().explorer().setLabelsCsv(file.fileName());
    QVERIFY(waitSettled(window));
    QCOMPARE(met.size(), 1);
    const QString text = window.workspace().explorer().labelsText();
    QVERIFY2(text.contains("1 of 3 images have a row") && text.contains("case"), qPrintable(text));
    QVERIFY(window.centre().errors()->isVisibleTo(&window)); // a poor match is a warning
    // The same table beside another photo of the folder has nothing new to say.
    window.openPath(folder + "/b.jpg");
    QVERIFY(waitSettled(window));
    QCOMPARE(met.size(), 1);
}

void tst_PairSize::theBaseIsAskedForWhereItIsNeeded()
{
    QString table = m_folder.filePath("base.csv");
    const auto put = [&table](const QByteArray& text) {
        QFile file(table);
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    std::vector<Question> asked;
    Answer answer = Answer::Cancel;
    WindowOptions options = windowOptions({}, table);
    options.answer = [&](const Question& question) {
        asked.push_back(question);
        return answer;
    };
    Workspace workspace(m_engine);
    MainWindow window(workspace, options);
    window.start(dalmatian());
    QVERIFY(waitSettled(window));
    const ExplorerSession& explorer = window.workspace().explorer();
    const auto open = [&] {
        window.findChild<QAction*>("openLabels")->trigger();
        return waitSettled(window);
    };
    QVERIFY(put("image,label\nimagenet_16_251,251\n"));
    QVERIFY(open());
    QCOMPARE(asked.size(), std::size_t(1));
    QVERIFY(asked[0].kind == Question::Kind::LabelBase && asked[0].text.contains("base.csv"));
    QVERIFY(explorer.state().labelsCsv.isEmpty()); // cancelled
    answer = Answer::Yes;
    QVERIFY(open());
    QCOMPARE(asked.size(), std::size_t(2));
    QVERIFY(explorer.state().labelBase == 0);
    QVERIFY(explorer.trueLabel().label == 252);
    const QByteArray session = sessionJson(explorer.state(), "/x");
    QVERIFY(parseSession(session, "/x/s.json").labelBase == 0);
    QVERIFY_EXCEPTION_THROWN(
        static_cast<void>(parseSession(
            QByteArray(session).replace("\"labelBase\": 0", "\"labelBase\": 2"), "/x/s.json")),
        Error);
    answer = Answer::No;
    QVERIFY(open());
    QVERIFY(explorer.state().labelBase == 1);
    QVERIFY(explorer.trueLabel().label == 251);
    QVERIFY(put("imagenet_16_251.jpg,9\n")); // the competition's rows
    QVERIFY(open());
    QCOMPARE(asked.size(), std::size_t(3));
    QVERIFY(!explorer.state().labelBase);
    QVERIFY(explorer.trueLabel().label == 9);
}

void tst_PairSize::theBackgroundIsNoTarget()
{
    ExplorerSession session(m_engine);
    ExplorerState state = withMethod(session.state(), Method::StepTarget);
    state.attack.target = 0;
    session.change(state, Setting::Target);
    session.openPhoto(dalmatian());
    QVERIFY(waitSettled(session));
    QVERIFY(!session.trace()); // refused before the first sub-step
    QVERIFY2(session.obstacle().contains("1..1000"), qPrintable(session.obstacle()));
    state = withMethod(state, Method::Fgsm);
    state.attack.labelRule = LabelRule::True;
    state.labelChoice = LabelChoice::User;
    state.userLabel = 0;
    session.change(state, Setting::Method);
    QVERIFY(waitSettled(session));
    QVERIFY2(session.obstacle().contains("background"), qPrintable(session.obstacle()));
}

QTEST_MAIN(tst_PairSize)
#include "tst_PairSize.moc"
