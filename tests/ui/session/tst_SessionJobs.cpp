// The session's work on the real networks: streaming, extending, cutting, cancelling, labels, undo.
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "ui/session/ExplorerSession.h"
#include "ui/session/PhotoLoader.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUndoStack>

#include <atomic>
#include <semaphore>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

class tst_SessionJobs : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_engine = realEngine(); }
    void lateResultsAreDropped();
    void failuresAreOneMessage();
    void attackStreams();
    void extensionDoesNotRecompute();
    void roundsRaisedFromNone();
    void cancelKeepsWhatIsThere();
    void labelAloneDoesNotRecompute();
    void labelRuleTrueNeedsALabel();
    void undoAndRedo();
    void badPhotosChangeNothing();
    void qtsFormatsWithinTheSameLimits();
    void sessionsRestoreEverything();
    void pairMadeElsewhere();

private:
    /// Opened with `rounds` rounds and finished.
    std::unique_ptr<ExplorerSession> opened(int rounds, const QString& path = dalmatian());
    std::shared_ptr<Engine> m_engine;
};

std::unique_ptr<ExplorerSession> tst_SessionJobs::opened(int rounds, const QString& path)
{
    auto session = std::make_unique<ExplorerSession>(m_engine);
    ExplorerState state = session->state();
    state.attack.rounds = rounds;
    session->change(state, Setting::Rounds);
    session->openPhoto(path);
    if (!waitSettled(*session) || !session->trace())
        return nullptr;
    return session;
}

void tst_SessionJobs::roundsRaisedFromNone()
{
    auto session = opened(0);
    QVERIFY(session);
    QVERIFY(session->trace()->complete());
    session->openNeighbour(1);
    QVERIFY(waitSettled(*session));
    QCOMPARE(session->trace()->subSteps.size(), std::size_t(1));
    ExplorerState state = session->state();
    state.attack.rounds = 1;
    session->change(state, Setting::Rounds);
    QVERIFY(waitSettled(*session));
    QVERIFY(session->trace()->complete());
    QCOMPARE(session->trace()->subSteps.size(), std::size_t(3));
    QVERIFY(session->trace()->last().attackedLabel >= 0);
}

void tst_SessionJobs::pairMadeElsewhere()
{
    const QString folder = QString::fromStdString((goldenDir() / "embedded_pair").string());
    const QString clean = folder + "/imagenet_16_251.clean.png";
    const QString other = folder + "/imagenet_16_251.sub-step-6.png";
    auto session = opened(1);
    QVERIFY(session);
    session->openPair(clean, other);
    QVERIFY(waitSettled(*session));
    QVERIFY(session->showsPair());
    QVERIFY(!session->outdated());
    QCOMPARE(session->trace()->subSteps.size(), 2U);
    QCOMPARE(session->currentSubStep(), 1);
    QCOMPARE(session->subStep()->linfExported, 16);
    QCOMPARE(session->subStep()->judges.size(), 3U);
    QCOMPARE(session->trace()->madeElsewhere, std::string("imagenet_16_251.sub-step-6.png"));

    // A session brings both pictures back.
    QTemporaryDir dir;
    const QString file = dir.filePath("pair.crossiter.json");
    session->saveSession(file);
    ExplorerSession restored(m_engine);
    restored.openSession(file);
    QVERIFY(waitSettled(restored));
    QVERIFY(restored.showsPair());
    QCOMPARE(restored.subStep()->exported, session->subStep()->exported);

    // The export names both pictures' files.
    QSignalSpy written(session.get(), &ExplorerSession::exported);
    session->exportImage(dir.filePath("shown.png"));
    QVERIFY(waitSettled(*session));
    QCOMPARE(written.size(), 1);
    QFile provenance(dir.filePath("shown.provenance.json"));
    QVERIFY(provenance.open(QIODevice::ReadOnly));
    const QByteArray json = provenance.readAll();
    QVERIFY(json.contains("\"made_elsewhere\": \"imagenet_16_251.sub-step-6.png\""));
    QVERIFY(json.contains(QByteArray::fromStdString(sha256File(other.toStdString()))));
    QVERIFY(json.contains(QByteArray::fromStdString(sha256File(clean.toStdString()))));

    // A second picture that cannot be read: one message, and the pair that is there stays.
    QSignalSpy errors(session.get(), &ExplorerSession::errorRaised);
    session->openPair(clean, dir.filePath("missing.png"));
    QVERIFY(waitSettled(*session));
    QCOMPARE(errors.size(), 1);
    QVERIFY(errors[0][0].toString().contains("missing.png"));
    QCOMPARE(session->state().pair, other);
    QCOMPARE(session->trace()->subSteps.size(), 2U);

    // Other judges keep the pair; another attack leaves it; undo brings it back.
    ExplorerState state = session->state();
    state.attack.judges.clear();
    session->change(state, Setting::Sources);
    QVERIFY(waitSettled(*session));
    QVERIFY(session->showsPair());
    QCOMPARE(session->subStep()->judges.size(), 2U);
    state = session->state();
    state.attack.rounds = 2;
    session->change(state, Setting::Rounds);
    QVERIFY(waitSettled(*session));
    QVERIFY(!session->showsPair());
    QCOMPARE(session->trace()->subSteps.size(), 5U);
    QVERIFY(session->trace()->madeElsewhere.empty());
    session->undoStack()->undo();
    QVERIFY(waitSettled(*session));
    QVERIFY(session->showsPair());
    QCOMPARE(session->trace()->subSteps.size(), 2U);
    session->leavePair();
    QVERIFY(waitSettled(*session));
    QCOMPARE(session->trace()->subSteps.size(), 3U); // the one round of before
}

void tst_SessionJobs::lateResultsAreDropped()
{
    JobRunner runner;
    std::binary_semaphore gate(0);
    int first = 0;
    int second = 0;
    runner.start([&](const JobRunner::Job& job) {
        gate.acquire();
        job.post([&] { ++first; }); // by now a newer request is there
    });
    runner.start([&](const JobRunner::Job& job) { job.post([&] { ++second; }); });
    gate.release();
    QTRY_VERIFY(!runner.busy());
    QCOMPARE(first, 0);
    QCOMPARE(second, 1);
}

void tst_SessionJobs::failuresAreOneMessage()
{
    JobRunner runner;
    QSignalSpy failed(&runner, &JobRunner::failed);
    runner.start(
        [](const JobRunner::Job&) { throw Error(ErrorKind::Device, "no such device", "cuda:9"); });
    QTRY_VERIFY(!runner.busy());
    QCOMPARE(failed.size(), 1);
    QCOMPARE(failed[0][1].toInt(), 3);
    runner.start([](const JobRunner::Job&) { throw std::bad_alloc(); });
    QTRY_VERIFY(!runner.busy());
    QCOMPARE(failed.size(), 2);
    bool ran = false; // the worker lives on
    runner.start([&](const JobRunner::Job& job) { job.post([&] { ran = true; }); });
    QTRY_VERIFY(ran);
}

void tst_SessionJobs::attackStreams()
{
    ExplorerSession session(m_engine);
    int lengths = 0;
    std::size_t last = 0;
    connect(&session, &ExplorerSession::traceChanged, this, [&] {
        const std::size_t now = session.trace() ? session.trace()->subSteps.size() : 0;
        lengths += now > last ? 1 : 0;
        last = now;
    });
    session.openPhoto(dalmatian());
    QVERIFY(waitSettled(session));
    QVERIFY(session.trace() && session.trace()->complete());
    QCOMPARE(session.trace()->subSteps.size(), 11U);
    QVERIFY2(lengths >= 3, "the sub-steps came in one piece");
    QCOMPARE(session.currentSubStep(), 10); // followed the newest
    QCOMPARE(session.trueLabel().label.value_or(-1), 252);
    QVERIFY(!session.trueLabel().assumed);
}

void tst_SessionJobs::extensionDoesNotRecompute()
{
    const auto session = opened(2);
    QVERIFY(session);
    const auto before = session->trace();
    QCOMPARE(before->subSteps.size(), 5U);
    session->setCurrentSubStep(3);
    ExplorerState state = session->state();
    state.attack.rounds = 4;
    session->change(state, Setting::Rounds);
    QVERIFY(waitSettled(*session));
    const auto longer = session->trace();
    QCOMPARE(longer->subSteps.size(), 9U);
    for (std::size_t i = 0; i < before->subSteps.size(); ++i) {
        QCOMPARE(
            longer->subSteps[i].get(), before->subSteps[i].get()); // shared, not computed again
    }
    QCOMPARE(session->currentSubStep(), 3); // one stays where one is

    state.attack.rounds = 1; // fewer: cut, at once, without a job
    session->change(state, Setting::Rounds);
    QSignalSpy running(session.get(), &ExplorerSession::runningChanged);
    QVERIFY(waitSettled(*session));
    QCOMPARE(session->trace()->subSteps.size(), 3U);
    state.attack.rounds = 4; // and back: still not
    session->change(state, Setting::Rounds);
    QVERIFY(waitSettled(*session));
    QCOMPARE(session->trace()->subSteps.size(), 9U);
    QCOMPARE(running.size(), 0);
    QCOMPARE(session->trace()->subSteps[8].get(), longer->subSteps[8].get());
}

void tst_SessionJobs::cancelKeepsWhatIsThere()
{
    ExplorerSession session(m_engine);
    ExplorerState state = session.state();
    state.attack.rounds = 1000;
    session.change(state, Setting::Rounds);
    session.openPhoto(dalmatian());
    QVERIFY(QTest::qWaitFor(
        [&] { return session.trace() && session.trace()->subSteps.size() >= 4; }, 60'000));
    const std::size_t before = session.trace()->subSteps.size();
    QSignalSpy finished(&session, &ExplorerSession::traceFinished);
    session.cancel();
    QVERIFY(QTest::qWaitFor([&] { return !session.running(); }, 30'000));
    QCOMPARE(finished.size(), 1);
    QVERIFY(finished[0][0].toBool());
    const auto kept = session.trace();
    QVERIFY(kept->cancelled);
    QVERIFY(kept->subSteps.size() >= before);
    QVERIFY2(kept->subSteps.size() <= before + 4, "it went on after the cancel");
    QVERIFY(session.outdated());

    state.attack.rounds =
        static_cast<int>(kept->subSteps.size()) / 2 + 1; // usable: it goes on from there
    session.change(state, Setting::Rounds);
    QVERIFY(waitSettled(session));
    QVERIFY(session.trace()->complete());
    QCOMPARE(session.trace()->subSteps[3].get(), kept->subSteps[3].get());
}

void tst_SessionJobs::labelAloneDoesNotRecompute()
{
    const auto session = opened(1);
    QVERIFY(session);
    const auto before = session->trace();
    QSignalSpy running(session.get(), &ExplorerSession::runningChanged);
    ExplorerState state = session->state();
    state.labelChoice = LabelChoice::User;
    state.userLabel = 7;
    session->change(state, Setting::TrueLabel);
    QVERIFY(waitSettled(*session));
    QCOMPARE(session->trueLabel().label.value_or(-1), 7);
    QCOMPARE(session->trace()->request.trueLabel.value_or(-1), 7); // what an export would say
    QCOMPARE(session->trace()->subSteps.back().get(), before->subSteps.back().get());
    state.labelChoice = LabelChoice::Cleared;
    session->change(state, Setting::TrueLabel);
    QVERIFY(waitSettled(*session));
    QVERIFY(session->trueLabel().assumed);
    QCOMPARE(session->trueLabel().label.value_or(-1), 252); // both sources see the Dalmatian
    QVERIFY(!session->trace()->request.trueLabel);
    QCOMPARE(running.size(), 0);
}

void tst_SessionJobs::labelRuleTrueNeedsALabel()
{
    QTemporaryDir folder;
    const QString nameless = folder.filePath("nameless.jpg");
    QVERIFY(QFile::copy(dalmatian(), nameless));
    const auto session = opened(1, nameless);
    QVERIFY(session);
    QVERIFY(session->trueLabel().assumed);
    ExplorerState state = session->state();
    state.attack.labelRule = LabelRule::True;
    session->change(state, Setting::LabelRule);
    QVERIFY(session->obstacle().contains("true"));
    QSignalSpy errors(session.get(), &ExplorerSession::errorRaised);
    session->run();
    QCOMPARE(errors.size(), 1);
    state.labelChoice = LabelChoice::User;
    state.userLabel = 252;
    session->change(state, Setting::TrueLabel);
    QVERIFY(waitSettled(*session));
    QVERIFY(session->trace()->request.labelRule == LabelRule::True);
    QCOMPARE(session->trace()->subSteps[2]->attackedLabel, 252);
}

void tst_SessionJobs::undoAndRedo()
{
    ExplorerSession session(m_engine);
    const ExplorerState start = session.state();
    ExplorerState state = start;
    session.setDragging(true);
    for (int epsilon = 15; epsilon >= 4; --epsilon) {
        state.attack.epsilon255 = epsilon;
        session.change(state, Setting::Epsilon);
        QTest::qWait(5);
    }
    session.setDragging(false);
    QCOMPARE(session.undoStack()->count(), 1); // a whole drag is one step
    state = withMethod(state, Method::Bim);
    session.change(state, Setting::Method);
    state.attack.labelRule = LabelRule::JointClean;
    session.change(state, Setting::LabelRule);
    QCOMPARE(session.undoStack()->count(), 3);
    session.change(state, Setting::LabelRule); // nothing new: no step
    QCOMPARE(session.undoStack()->count(), 3);
    session.undoStack()->undo();
    session.undoStack()->undo();
    QVERIFY(session.state().attack.method == Method::CrossIterative);
    QCOMPARE(session.state().attack.epsilon255, 4);
    session.undoStack()->undo();
    QVERIFY(session.state() == start);
    for (int i = 0; i < 3; ++i)
        session.undoStack()->redo();
    QVERIFY(session.state() == state);
}

void tst_SessionJobs::badPhotosChangeNothing()
{
    const auto session = opened(1);
    QVERIFY(session);
    const ExplorerState state = session->state();
    const auto trace = session->trace();
    QTemporaryDir folder;
    const auto write = [&folder](const char* name, const QByteArray& bytes) {
        QFile file(folder.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    };
    QFile good(dalmatian());
    QVERIFY(good.open(QIODevice::ReadOnly));
    QVERIFY(write("text.png", "this is no picture\n"));
    QVERIFY(write("half.jpg", good.readAll().left(9000)));
    QVERIFY(write("empty.png", {}));
    QVERIFY(write("broken.bmp", "BM\x10\x20"));
    QVERIFY(write("chunk.png",
        QByteArray::fromHex("89504e470d0a1a0a0000000d494844520000012b0000012b08020000001f2a0e3d8000"
                            "00004944415400000000000000000000000000000000")));
    for (const char* name :
        { "text.png", "half.jpg", "empty.png", "broken.bmp", "chunk.png", "missing.png" }) {
        QSignalSpy errors(session.get(), &ExplorerSession::errorRaised);
        session->openPhoto(folder.filePath(name));
        QVERIFY(waitSettled(*session));
        QCOMPARE(errors.size(), 1);
        const QString message = errors[0][0].toString();
        QVERIFY2(message.contains(name) && !message.contains('\n'), qPrintable(message));
        QVERIFY(session->state() == state);
        QCOMPARE(session->trace().get(), trace.get());
    }
}

void tst_SessionJobs::qtsFormatsWithinTheSameLimits()
{
    QTemporaryDir folder;
    const auto write = [&folder](const char* name, const QByteArray& bytes) {
        QFile file(folder.filePath(name));
        return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
    };
    const auto errorOf = [&folder](const char* name, const DecodeLimits& limits = {}) {
        try {
            (void)loadPhoto(folder.filePath(name), CropRule::CentreCrop, limits);
        } catch (const Error& error) {
            return error.kind() == ErrorKind::BadInput ? QString(error.what()) : QString("kind");
        }
        return QString("no error");
    };
    QImage picture(320, 200, QImage::Format_RGB32);
    picture.fill(QColor(10, 200, 30));
    for (const char* name : { "good.bmp", "good.ppm" }) {
        QVERIFY(picture.save(folder.filePath(name)));
        const LoadedPhoto photo = loadPhoto(folder.filePath(name), CropRule::CentreCrop);
        QCOMPARE(photo.width, 320);
        QCOMPARE(photo.height, 200);
        QVERIFY(photo.clean.isImageSpace());
        QCOMPARE(std::vector(photo.clean.rgb.begin(), photo.clean.rgb.begin() + 3),
            (std::vector<std::uint8_t> { 10, 200, 30 }));
    }
    // One red pixel.
    QVERIFY(write("good.gif",
        QByteArray::fromHex("47494638396101000100800000ff00000000ff2c000000000100010000020244010"
                            "03b")));
    const LoadedPhoto red = loadPhoto(folder.filePath("good.gif"), CropRule::CentreCrop);
    QCOMPARE(std::vector(red.clean.rgb.begin(), red.clean.rgb.begin() + 3),
        (std::vector<std::uint8_t> { 255, 0, 0 }));

    QVERIFY(write("huge.ppm", "P6\n20000 20000\n255\nand so on"));
    QVERIFY2(errorOf("huge.ppm").contains("picture too large"), qPrintable(errorOf("huge.ppm")));
    DecodeLimits hurried;
    hurried.deadlineMs = 0;
    QVERIFY2(errorOf("good.bmp", hurried).contains("takes too long"),
        qPrintable(errorOf("good.bmp", hurried)));
    // A drawing has no pixels of its own, and what it costs has nothing to do with its size.
    QVERIFY(write("drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"));
    QVERIFY2(errorOf("drawing.svg").contains("drawing.svg"), qPrintable(errorOf("drawing.svg")));
    QVERIFY(!photoFilters().contains("*.svg"));
    QVERIFY(photoFilters().contains("*.bmp"));
}

void tst_SessionJobs::sessionsRestoreEverything()
{
    QTemporaryDir folder;
    const auto session = opened(2);
    QVERIFY(session);
    session->setCurrentSubStep(3);
    ExplorerState state = session->state();
    state.attack.epsilon255 = 8;
    state.compare = "swipe";
    session->change(state, Setting::Epsilon);
    QVERIFY(waitSettled(*session));
    const QString path = folder.filePath("a.crossiter.json");
    session->saveSession(path);
    ExplorerSession other(m_engine);
    other.openSession(path);
    QVERIFY(waitSettled(other));
    QVERIFY(other.state() == session->state());
    QCOMPARE(other.currentSubStep(), 3);
    QCOMPARE(other.trace()->subSteps.size(), 5U);

    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QByteArray text = file.readAll();
    text.replace("efficientnet-lite1", "eficientnet-lite1");
    QVERIFY(file.resize(0) && file.seek(0) && file.write(text) == text.size());
    file.close();
    const ExplorerState before = other.state();
    QSignalSpy errors(&other, &ExplorerSession::errorRaised);
    other.openSession(path);
    QCOMPARE(errors.size(), 1);
    const QString message = errors[0][0].toString();
    for (const QString& part : { path + ", key attack, key sources", QString("'eficientnet-lite1'"),
             QString("did you mean efficientnet-lite1?") })
        QVERIFY2(message.contains(part), qPrintable(message));
    QVERIFY(other.state() == before);
}

QTEST_MAIN(tst_SessionJobs)
#include "tst_SessionJobs.moc"
