// The Label leaking tab, played with mouse and keys on the real window and the real networks.
#include "core/attack/AttackTrace.h"
#include "core/base/Sha256.h"
#include "core/classify/Labels.h"
#include "ui/plot/LeakTracks.h"
#include "ui/plot/StudyPlot.h"
#include "ui/session/LeakSession.h"
#include "ui/session/StudySession.h"
#include "ui/viewmodels/VerdictModel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/views/leaking/StudyPanel.h"
#include "ui/window/Centre.h"

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QGuiApplication>
#include <QJsonArray>
#include <QJsonObject>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
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

} // namespace

class tst_LeakingTab : public QObject
{
    Q_OBJECT

private slots:
    void tracksOfThePhoto();
    void targetsAndNetworks();
    void studyOverThreePhotos();
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

    // What is drawn is what an attack alone gives.
    const Image clean = session.photo().clean;
    for (int row = 0; row < 5; ++row) {
        const LeakTrack& track = leaks->tracks()[row];
        QVERIFY2(track.complete(), qPrintable(track.obstacle));
        const auto alone = session.engine()->attack(track.request, clean);
        QVERIFY2(track.request.trueLabel == kTrueLabel, "the file name says 251");
        for (int subStep = 0; subStep <= 4; ++subStep) {
            const auto at = static_cast<std::size_t>(subStep);
            QVERIFY2(track.trace->subSteps[at]->exported == alone->subSteps[at]->exported,
                qPrintable(QStringLiteral("row %1, sub-step %2").arg(row).arg(subStep)));
            QCOMPARE(tracks->attackedLabel(row, subStep), alone->subSteps[at]->attackedLabel);
        }
        for (std::size_t judge = 0; judge < alone->judges.size(); ++judge) {
            const QString id = QString::fromStdString(alone->judges[judge]);
            const QVector<double> curve = tracks->curve(row, id);
            QCOMPARE(curve.size(), 5);
            for (int subStep = 0; subStep <= 4; ++subStep) {
                QCOMPARE(curve[subStep],
                    alone->subSteps[static_cast<std::size_t>(subStep)]->judges[judge].probabilityOf(
                        kTrueLabel));
            }
            const auto back = labelReturns(*alone, static_cast<int>(judge), kTrueLabel);
            QCOMPARE(tracks->rings(row, id), QVector<int>(back.begin(), back.end()));
        }
    }
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
    const auto exactTrace = session.engine()->attack(exact, clean);
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

    // Copies and figures.
    QTest::keyClick(&window, Qt::Key_T, Qt::ControlModifier | Qt::AltModifier);
    QCOMPARE(QGuiApplication::clipboard()->text(), panel->words());
    QTest::keyClick(&window, Qt::Key_K, Qt::ControlModifier | Qt::AltModifier);
    QCOMPARE(QGuiApplication::clipboard()->image().size(), panel->picture().size());
    answer = folder.filePath("tracks.pdf");
    QTest::keyClick(&window, Qt::Key_G, Qt::ControlModifier | Qt::AltModifier);
    QFile pdf(answer);
    QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(5) == "%PDF-");
    QVERIFY(waitSettled(window));
    const QJsonArray traces =
        object(folder.filePath("tracks.pdf.provenance.json"))["traces"].toArray();
    QCOMPARE(traces.size(), 10);
    for (int track = 0; track < 10; ++track) {
        const AttackRequest& request = leaks->tracks()[track].request;
        const QJsonObject said = traces[track].toObject();
        QCOMPARE(said["request"]["label-rule"].toString(),
            QString::fromStdString(toString(request.labelRule)));
        QCOMPARE(said["request"]["projection"].toString(),
            QString::fromStdString(toString(request.projection)));
        QCOMPARE(said["substep"].toInt(), 4);
        QCOMPARE(said["provenance"]["input_sha256"].toString(),
            QString::fromStdString(sha256File(dalmatian().toStdString())));
    }
    tracks->setFocus();
    answer = folder.filePath("view.png");
    window.findChild<QAction*>("exportView")->trigger();
    QVERIFY(waitSettled(window));
    QCOMPARE(object(folder.filePath("view.png.provenance.json"))["traces"].toArray(), traces);
    answer = folder.filePath("absent/tracks.png");
    QTest::keyClick(&window, Qt::Key_G, Qt::ControlModifier | Qt::AltModifier);
    QVERIFY2(window.centre().errors()->message().contains("absent"),
        qPrintable(window.centre().errors()->message()));

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

void tst_LeakingTab::studyOverThreePhotos()
{
    QTemporaryDir folder;
    const QString photos = folder.filePath("photos");
    QVERIFY(QDir().mkpath(photos));
    for (const char* name : { "imagenet_00_243.jpg", "imagenet_02_438.jpg", "imagenet_16_251.jpg" })
        QVERIFY(QFile::copy(photo(name), photos + QLatin1Char('/') + QLatin1String(name)));
    QString answer;
    const WindowOptions options = windowOptions(folder.filePath("explorer.ini"), answer);
    Workspace workspace(realEngine());
    MainWindow window(workspace, options);
    QVERIFY(showWindow(window));
    QTest::keyClick(&window, Qt::Key_Q, Qt::ControlModifier | Qt::AltModifier);
    StudyPanel* panel = window.findChild<LeakingPanel*>()->studyPanel();
    StudySession* study = &panel->session();
    QVERIFY(panel->isVisible());
    answer = folder.filePath("nothing.pdf");
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier | Qt::AltModifier);
    QVERIFY(window.centre().errors()->message().contains("no study") && !QFile::exists(answer));
    window.centre().errors()->dismiss();
    panel->showPart(StudyPanel::FormPart);

    // The form: folder by its button, the rest by keys and clicks.
    answer = photos;
    QTest::mouseClick(panel->findChild<QToolButton*>("studyFolderBrowse"), Qt::LeftButton);
    QCOMPARE(study->form().folder, photos);
    auto* output = panel->findChild<QLineEdit*>("studyOutput");
    output->setFocus();
    output->selectAll();
    QTest::keyClicks(output, folder.filePath("study"));
    QTest::keyClick(output, Qt::Key_Return);
    auto* rounds = panel->findChild<QSpinBox*>("studyRounds");
    rounds->setFocus();
    rounds->selectAll();
    QTest::keyClicks(rounds, "2");
    QTest::keyClick(rounds, Qt::Key_Return);
    for (const char* rule :
        { "studyRule-own-clean", "studyRule-joint-clean", "studyRule-least-likely" })
        panel->findChild<QCheckBox*>(QLatin1String(rule))->click();
    panel->findChild<QCheckBox*>("studyBall")->click();
    QCOMPARE(variantsOf(study->request()).size(), 2U);
    QCOMPARE(study->request().attack.rounds, 2);
    QVERIFY2(study->obstacle().isEmpty(), qPrintable(study->obstacle()));
    QVERIFY(!study->canResume());

    // Start; stopped after the first photo; resumed to the end.
    int grown = 0;
    const auto connection = connect(study, &StudySession::resultChanged, this, [&] {
        if (study->result() && study->result()->done == 1 && ++grown == 1)
            QTest::mouseClick(panel->startButton(), Qt::LeftButton); // says Cancel now
    });
    QTest::mouseClick(panel->startButton(), Qt::LeftButton);
    QVERIFY(study->running());
    QVERIFY(QTest::qWaitFor([&] { return study->settled(); }, 180'000));
    disconnect(connection);
    QCOMPARE(grown >= 1, true);
    QVERIFY2(study->result()->done >= 1 && study->result()->done < 3, "stopped on the way");
    QVERIFY(study->result()->cancelled);
    QVERIFY(study->canResume());
    panel->showPart(StudyPanel::FormPart);
    QVERIFY(panel->resumeButton()->isVisible());
    QTest::mouseClick(panel->resumeButton(), Qt::LeftButton);
    QVERIFY(QTest::qWaitFor([&] { return study->settled(); }, 180'000));
    QVERIFY2(window.centre().errors()->message().isEmpty(),
        qPrintable(window.centre().errors()->message()));
    const auto result = study->result();
    QCOMPARE(result->done, 3U);
    QVERIFY(!result->cancelled);

    // The curves are the result's: every measure, judge and population.
    panel->showPart(StudyPanel::CurvesPart);
    for (int judge = 0; judge < panel->judgeBox()->count(); ++judge) {
        panel->judgeBox()->setCurrentIndex(judge);
        panel->measureBox()->setCurrentIndex(
            static_cast<int>(allMeasures().indexOf(StudyMeasure::Accuracy)));
        const auto& curves = panel->plot()->curves();
        QCOMPARE(curves.size(), 2);
        for (int curve = 0; curve < 2; ++curve) {
            const auto& cells = result->curves[static_cast<std::size_t>(curve)]
                                    .cells[static_cast<std::size_t>(judge)];
            QCOMPARE(curves[curve].values.size(), 3);
            for (int round = 0; round <= 2; ++round) {
                const Proportion& right = cells[static_cast<std::size_t>(round)].right;
                QCOMPARE(curves[curve].values[round], right.share);
                QCOMPARE(curves[curve].low[round], right.low);
                QCOMPARE(curves[curve].high[round], right.high);
                QCOMPARE(right.total, 3U);
            }
        }
    }
    panel->measureBox()->setCurrentIndex(
        static_cast<int>(allMeasures().indexOf(StudyMeasure::Score)));
    QCOMPARE(panel->plot()->curves()[0].values[2],
        static_cast<double>(result->curves[0].cells.back()[2].score));
    panel->measureBox()->setCurrentIndex(
        static_cast<int>(allMeasures().indexOf(StudyMeasure::WrongLabel)));
    QCOMPARE(panel->plot()->curves()[0].rounds, (QVector<double> { 1.0, 2.0 }));
    QCOMPARE(panel->plot()->curves()[0].values[1], result->curves[0].rounds[2].wrongLabel.share);
    QVERIFY2(panel->plot()->describe(2).contains("wrong-label share, round 2"),
        qPrintable(panel->plot()->describe(2)));

    // A curve can be switched off, by the key on its line of the list.
    auto* list = panel->plot()->findChild<QListWidget*>("studyCurves");
    QCOMPARE(list->count(), 2);
    list->setFocus();
    list->setCurrentRow(0);
    QTest::keyClick(list, Qt::Key_Space);
    QVERIFY(!panel->plot()->isCurveShown(0));
    QVERIFY(panel->plot()->isCurveShown(1));
    QTest::keyClick(list, Qt::Key_Space);
    QVERIFY(panel->plot()->isCurveShown(0));

    // The verdicts are core's words.
    QCOMPARE(panel->verdicts()->rowCount(), static_cast<int>(result->verdicts.size()));
    QVERIFY(!result->verdicts.empty());
    QCOMPARE(panel->verdicts()->index(0, VerdictModel::Finding).data().toString(),
        QString::fromStdString(result->verdicts.front().finding));

    // Reports and figure.
    QSignalSpy exported(study, &StudySession::exported);
    answer = folder.filePath("reports");
    QTest::keyClick(&window, Qt::Key_M, Qt::ControlModifier | Qt::AltModifier);
    QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 1, 60'000);
    for (const char* name : { "study.csv", "study.json", "study.html" })
        QVERIFY2(QFileInfo(answer + QLatin1Char('/') + QLatin1String(name)).size() > 200, name);
    answer = folder.filePath("curves.pdf");
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier | Qt::AltModifier);
    QFile pdf(answer);
    QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(5) == "%PDF-");
    QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 2, 60'000);
    const QJsonObject beside = object(folder.filePath("curves.pdf.provenance.json"));
    const QJsonObject report = object(folder.filePath("reports/study.json"));
    for (const char* key : { "version", "provenance", "photos", "measured", "request" })
        QVERIFY2(report.contains(key) && beside[key] == report[key], key);
    QVERIFY2(!beside.contains("curves"), "the picture has them");
    ExplorerState one = window.workspace().explorer().state();
    one.attack.rounds = 1;
    window.workspace().explorer().change(one, Setting::Rounds);
    drop(window, dalmatian()); // views want a photo
    QVERIFY(waitSettled(window));
    QTest::keyClick(&window, Qt::Key_Q, Qt::ControlModifier | Qt::AltModifier);
    list->setFocus();
    answer = folder.filePath("view.png");
    window.findChild<QAction*>("exportView")->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 3, 60'000);
    QCOMPARE(object(folder.filePath("view.png.provenance.json")), beside);
    window.close();
}

QTEST_MAIN(tst_LeakingTab)
#include "tst_LeakingTab.moc"
