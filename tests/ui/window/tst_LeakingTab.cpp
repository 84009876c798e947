// The Label leaking tab, played with mouse and keys on the real window and the real networks.
#include "core/attack/AttackTrace.h"
#include "core/base/Sha256.h"
#include "ui/plot/LeakTracks.h"
#include "ui/session/LeakSession.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/window/Centre.h"

#include <QAction>
#include <QClipboard>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonObject>
#include <QMenu>
#include <QPushButton>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

constexpr int kTrueLabel = 252; // Dalmatian

/// What is drawn is what an attack alone gives.
void tracksAreAttacks(ExplorerSession& session, const LeakSession& leaks, const LeakTracks& tracks)
{
    const Image clean = session.photo().clean;
    for (int row = 0; row < 5; ++row) {
        const LeakTrack& track = leaks.tracks()[row];
        QVERIFY2(track.complete(), qPrintable(track.obstacle));
        const auto alone = session.engine()->attack(track.request, clean);
        QVERIFY2(track.request.trueLabel == kTrueLabel, "the file name says 251");
        for (int subStep = 0; subStep <= 4; ++subStep) {
            const auto at = static_cast<std::size_t>(subStep);
            QVERIFY2(track.trace->subSteps[at]->exported == alone->subSteps[at]->exported,
                qPrintable(QStringLiteral("row %1, sub-step %2").arg(row).arg(subStep)));
            QCOMPARE(tracks.attackedLabel(row, subStep), alone->subSteps[at]->attackedLabel);
        }
        for (std::size_t judge = 0; judge < alone->judges.size(); ++judge) {
            const QString id = QString::fromStdString(alone->judges[judge]);
            const QVector<double> curve = tracks.curve(row, id);
            QCOMPARE(curve.size(), 5);
            for (int subStep = 0; subStep <= 4; ++subStep) {
                QCOMPARE(curve[subStep],
                    alone->subSteps[static_cast<std::size_t>(subStep)]->judges[judge].probabilityOf(
                        kTrueLabel));
            }
            const auto back = labelReturns(*alone, static_cast<int>(judge), kTrueLabel);
            QCOMPARE(tracks.rings(row, id), QVector<int>(back.begin(), back.end()));
        }
    }
}

/// answer: what the file dialogs bring.
void copiesAndFigures(
    MainWindow& window, LeakingPanel& panel, const QTemporaryDir& folder, QString& answer)
{
    QTest::keyClick(&window, Qt::Key_T, Qt::ControlModifier | Qt::AltModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), panel.words());
    QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier | Qt::AltModifier);
    QCOMPARE(QGuiApplication::clipboard()->image().size(), panel.picture().size());
    answer = folder.filePath("tracks.pdf");
    QTest::keyClick(&window, Qt::Key_G, Qt::ControlModifier | Qt::AltModifier);
    QFile pdf(answer);
    QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(5) == "%PDF-");
    QVERIFY(waitSettled(window));
    const QJsonArray traces =
        object(folder.filePath("tracks.pdf.provenance.json"))["traces"].toArray();
    QCOMPARE(traces.size(), 10);
    for (int track = 0; track < 10; ++track) {
        const AttackRequest& request = panel.session().tracks()[track].request;
        const QJsonObject said = traces[track].toObject();
        QCOMPARE(said["request"]["label-rule"].toString(),
            QString::fromStdString(toString(request.labelRule)));
        QCOMPARE(said["request"]["projection"].toString(),
            QString::fromStdString(toString(request.projection)));
        QCOMPARE(said["substep"].toInt(), 4);
        QCOMPARE(said["provenance"]["input_sha256"].toString(),
            QString::fromStdString(sha256File(dalmatian().toStdString())));
    }
    panel.tracks()->setFocus();
    answer = folder.filePath("view.png");
    window.findChild<QAction*>("exportView")->trigger();
    QVERIFY(waitSettled(window));
    QCOMPARE(object(folder.filePath("view.png.provenance.json"))["traces"].toArray(), traces);
    answer = folder.filePath("absent/tracks.png");
    QTest::keyClick(&window, Qt::Key_G, Qt::ControlModifier | Qt::AltModifier);
    QVERIFY2(window.centre().errors()->message().contains("absent"),
        qPrintable(window.centre().errors()->message()));
}

} // namespace

class tst_LeakingTab : public QObject
{
    Q_OBJECT

private slots:
    void tracksOfThePhoto();
    void targetsAndNetworks();
};

void tst_LeakingTab::tracksOfThePhoto()
{
    QTemporaryDir folder;
    QString answer;
    const WindowOptions options = windowOptions(folder.filePath("explorer.ini"), answer);
    Workspace workspace(realEngine());
    MainWindow window(workspace, options);
    QVERIFY(showWindow(window));
    ExplorerSession& session = window.workspace().explorer();
    ExplorerState two = session.state();
    two.attack.rounds = 2;
    session.change(two, Setting::Rounds);
    LeakingPanel* panel = window.findChild<LeakingPanel*>();
    LeakSession* leaks = &panel->session();
    LeakTracks* tracks = panel->tracks();
    drop(window, dalmatian());
    QVERIFY(waitSettled(window));
    // Nobody looks: nothing but the explorer's own trace is there.
    QCOMPARE(leaks->tracks().size(), 5);
    for (const LeakTrack& track : leaks->tracks())
        QCOMPARE(track.trace != nullptr, track.shown);

    QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier);
    QVERIFY(panel->isVisible());
    QVERIFY(waitSettled(window));
    QCOMPARE(leaks->shownTrack(), 0);
    QCOMPARE(leaks->tracks()[0].trace->subSteps[4].get(), session.trace()->subSteps[4].get());

    tracksAreAttacks(session, *leaks, *tracks);
    if (QTest::currentTestFailed())
        return;
    QVERIFY2(panel->words().contains(QStringLiteral("sub-steps attacked another label")),
        qPrintable(panel->words()));
    for (const LabelMark& mark : tracks->marks()) { // one mark, one label
        QVERIFY2(mark.count > 0, qPrintable(mark.letter));
        QCOMPARE(mark.letter == QStringLiteral("●"), mark.label == kTrueLabel);
    }

    // A click goes there without computing, and undo goes back.
    const QRectF cell = tracks->cellRect(2, 3);
    QTest::mouseClick(tracks, Qt::LeftButton, Qt::NoModifier, cell.center().toPoint());
    QVERIFY(session.state().attack.labelRule == LabelRule::True);
    QVERIFY(!session.running());
    QCOMPARE(session.currentSubStep(), 3);
    QCOMPARE(session.trace()->subSteps[3].get(), leaks->tracks()[2].trace->subSteps[3].get());
    QVERIFY(waitSettled(window));
    QCOMPARE(leaks->shownTrack(), 2);
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(session.state().attack.labelRule == LabelRule::OwnRefreshed);
    QVERIFY(waitSettled(window));
    QVERIFY(session.trace()->request.labelRule == LabelRule::OwnRefreshed);
    QCOMPARE(leaks->shownTrack(), 0);

    // Keys: down, right, Return.
    window.centre().scrubber()->setFocus();
    tracks->setFocus(Qt::TabFocusReason);
    QCOMPARE(tracks->cursorRow(), 0);
    QTest::keyClick(tracks, Qt::Key_Home);
    QTest::keyClick(tracks, Qt::Key_Down);
    QTest::keyClick(tracks, Qt::Key_Right);
    QVERIFY(session.state().attack.labelRule == LabelRule::OwnRefreshed); // looking is not going
    QVERIFY2(tracks->accessibleDescription().contains("sub-step 1"),
        qPrintable(tracks->accessibleDescription()));
    QTest::keyClick(tracks, Qt::Key_Return);
    QVERIFY(session.state().attack.labelRule == LabelRule::OwnClean);
    QCOMPARE(session.currentSubStep(), 1);
    QVERIFY(waitSettled(window));

    // The exact trace on request: the flag stands where the two first differ.
    QTest::mouseClick(panel->exactButton(), Qt::LeftButton);
    QVERIFY(waitSettled(window));
    AttackRequest exact = session.request();
    exact.compute.numerics = Numerics::Exact;
    const auto exactTrace = session.engine()->attack(exact, session.photo().clean);
    int first = -1;
    for (int subStep = 0; subStep <= 4 && first < 0; ++subStep) {
        const auto at = static_cast<std::size_t>(subStep);
        const SubStepDifference apart =
            differenceOf(*session.trace()->subSteps[at], *exactTrace->subSteps[at]);
        first = apart.samePicture && apart.sameLabel ? -1 : subStep;
    }
    QCOMPARE(leaks->exact().compared, 4);
    QCOMPARE(leaks->exact().departure(), first);
    QCOMPARE(window.centre().scrubber()->departure(), first);
    QVERIFY2(panel->words().startsWith(exactSentence(leaks->exact())), qPrintable(panel->words()));

    // Stop: what is there stays, nothing goes on by itself; then it goes on.
    QTest::mouseClick(panel->bothChip(), Qt::LeftButton);
    QCOMPARE(leaks->tracks().size(), 10);
    QVERIFY(QTest::qWaitFor([&] { return leaks->running(); }, 10'000));
    QTest::mouseClick(panel->runButton(), Qt::LeftButton);
    QVERIFY(waitSettled(window));
    const auto missing = [&] {
        return std::count_if(leaks->tracks().begin(), leaks->tracks().end(),
            [](const LeakTrack& track) { return !track.complete(); });
    };
    QVERIFY2(missing() > 0, "stopped before the end");
    QTest::qWait(400);
    QVERIFY(!leaks->running());
    QTest::mouseClick(panel->runButton(), Qt::LeftButton);
    QVERIFY(waitSettled(window));
    QCOMPARE(missing(), 0);
    QVERIFY(leaks->tracks()[5].request.projection == Projection::Ball);

    copiesAndFigures(window, *panel, folder, answer);
    if (QTest::currentTestFailed())
        return;

    // Another photo: nothing of the old one is left.
    drop(window, photo("imagenet_00_243.jpg"));
    QVERIFY(waitSettled(window));
    QVERIFY(leaks->tracks()[0].trace->clean == session.photo().clean);
    QCOMPARE(leaks->exact().compared, -1);
    QCOMPARE(window.centre().scrubber()->departure(), -1);
    window.close();
}

void tst_LeakingTab::targetsAndNetworks()
{
    QTemporaryDir folder;
    QString answer;
    const WindowOptions options = windowOptions(folder.filePath("explorer.ini"), answer);
    Workspace workspace(realEngine());
    MainWindow window(workspace, options);
    QVERIFY(showWindow(window, { 1024, 700 }));
    ExplorerSession& session = window.workspace().explorer();
    drop(window, dalmatian());
    QVERIFY(waitSettled(window));
    ExplorerState next = withMethod(session.state(), Method::CrossIterativeTarget);
    next.attack.rounds = 2;
    session.change(next, Setting::Method);
    LeakingPanel* panel = window.findChild<LeakingPanel*>();
    LeakSession* leaks = &panel->session();

    // By rank, from the menu beside the field; checked against the clean predictions.
    const auto pick = [&](const char* name) {
        auto* action =
            window.findChild<AttackPanel*>()->targetMenuButton()->menu()->findChild<QAction*>(
                QLatin1String(name));
        QVERIFY2(action != nullptr, name);
        action->trigger();
    };
    QVERIFY(window.findChild<AttackPanel*>()->targetMenuButton()->isVisibleTo(&window));
    const SubStep& clean = *session.trace()->subSteps.front();
    int likely = -1;
    int unlikely = -1;
    const auto mean = [&](int label) {
        return clean.judges[0].probabilityOf(label) + clean.judges[1].probabilityOf(label);
    };
    for (int label = 1; label <= 1000; ++label) {
        if (label == kTrueLabel)
            continue;
        likely = likely < 0 || mean(label) > mean(likely) ? label : likely;
        unlikely = unlikely < 0 || mean(label) < mean(unlikely) ? label : unlikely;
    }
    pick("target-second");
    QCOMPARE(session.state().attack.target.value_or(-1), likely);
    pick("target-least");
    QCOMPARE(session.state().attack.target.value_or(-1), unlikely);
    pick("target-random");
    const int random = session.state().attack.target.value_or(-1);
    QVERIFY(random >= 1 && random <= 1000 && random != kTrueLabel);
    pick("target-second");
    pick("target-random");
    QCOMPARE(session.state().attack.target.value_or(-1), random); // the seed decides
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QCOMPARE(session.state().attack.target.value_or(-1), likely);

    // From a target_class.csv; a table without this photo says so.
    QFile table(folder.filePath("target_class.csv"));
    QVERIFY(table.open(QIODevice::WriteOnly));
    table.write("other.png,3\nimagenet_16_251.png,77\n");
    table.close();
    answer = table.fileName();
    pick("target-table");
    QTRY_COMPARE_WITH_TIMEOUT(session.state().attack.target.value_or(-1), 77, 20'000);
    QFile other(folder.filePath("other.csv"));
    QVERIFY(other.open(QIODevice::WriteOnly));
    other.write("other.png,3\n");
    other.close();
    answer = other.fileName();
    pick("target-table");
    QTRY_VERIFY_WITH_TIMEOUT(window.centre().errors()->message().contains("other.csv"), 20'000);
    QVERIFY(waitSettled(window));
    QVERIFY2(window.width() == 1024, "a message with a long path does not widen the window");

    // Both networks in turn against each alone: as many gradient steps, towards one target.
    QTest::keyClick(&window, Qt::Key_N, Qt::ControlModifier | Qt::AltModifier);
    QVERIFY(leaks->view() == LeakView::Networks);
    QVERIFY(waitSettled(window));
    QCOMPARE(leaks->tracks().size(), 3);
    for (const LeakTrack& track : leaks->tracks()) {
        QVERIFY2(track.complete(), qPrintable(track.obstacle));
        QCOMPARE(subStepCount(track.request), 4);
        QCOMPARE(track.request.target.value_or(-1), 77);
        for (int subStep = 1; subStep <= 4; ++subStep)
            QCOMPARE(track.trace->subSteps[static_cast<std::size_t>(subStep)]->attackedLabel, 77);
    }
    QVERIFY(leaks->tracks()[1].request.method == Method::IterTarget);
    QVERIFY(leaks->tracks()[2].request.sources.size() == 1);
    const QString judge = QString::fromStdString(leaks->tracks()[1].trace->judges.front());
    QCOMPARE(panel->tracks()->curve(1, judge).last(),
        leaks->tracks()[1].trace->last().judges.front().probabilityOf(77));
    QCOMPARE(panel->words().count("target"), 3);

    // Go to a single network, and back: the comparison stays what it was.
    QTest::mouseClick(panel->tracks(), Qt::LeftButton, Qt::NoModifier,
        panel->tracks()->cellRect(2, 2).center().toPoint());
    QVERIFY(waitSettled(window));
    QCOMPARE(session.state().attack.sources.size(), 1U);
    QCOMPARE(session.currentSubStep(), 2);
    QCOMPARE(leaks->tracks().size(), 3);
    QCOMPARE(leaks->shownTrack(), 2);
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(waitSettled(window));
    QCOMPARE(session.state().attack.sources.size(), 2U);
    QCOMPARE(leaks->shownTrack(), 0);
    window.close();
}

QTEST_MAIN(tst_LeakingTab)
#include "tst_LeakingTab.moc"
