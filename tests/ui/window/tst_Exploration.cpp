// A whole exploration with mouse and keys, on the real window and the real networks.
#include "core/image/Codec.h"
#include "ui/plot/TrajectoryPlot.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/common/ValueSlider.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/window/Centre.h"
#include "ui/window/PhotoStripController.h"
#include "ui/window/Shell.h"

#include <QAction>
#include <QCheckBox>
#include <QClipboard>
#include <QColorSpace>
#include <QDoubleSpinBox>
#include <QGuiApplication>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QUndoStack>

#include "tests/ui/ExplorerTestSupport.h"
#include "tests/ui/FromQImage.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

class tst_Exploration : public QObject
{
    Q_OBJECT

private slots:
    void wholeStory();
    void coloursByChoice();
    void theStripDoesNotDecodeTheOpenPhoto();
};

void tst_Exploration::wholeStory()
{
    QTemporaryDir folder;
    QString answer; // what the file dialogs would bring
    const WindowOptions options = windowOptions(folder.filePath("explorer.ini"), answer);
    Workspace workspace(realEngine());
    MainWindow window(workspace, options);
    QVERIFY(showWindow(window));
    ExplorerSession& session = window.workspace().explorer();

    // A photo is dropped: five rounds run by themselves.
    drop(window, dalmatian());
    QVERIFY(waitSettled(session));
    QVERIFY(session.trace());
    QCOMPARE(session.trace()->subSteps.size(), 11U);

    // Rounds by keys: six, and the trace grows without being computed again.
    const auto first = session.trace();
    QTest::keyClick(&window, Qt::Key_Up, Qt::ControlModifier);
    QVERIFY(waitSettled(session));
    QCOMPARE(session.trace()->subSteps.size(), 13U);
    QCOMPARE(session.trace()->subSteps[10].get(), first->subSteps[10].get());
    auto* spin = window.findChild<AttackPanel*>()->form().editor<ValueSlider>("rounds")->spinBox();
    spin->setFocus();
    spin->selectAll();
    QTest::keyClicks(spin, "3");
    QTest::keyClick(spin, Qt::Key_Return);
    QVERIFY(waitSettled(session));
    QCOMPARE(session.trace()->subSteps.size(), 7U);

    // The scrubber by mouse.
    Scrubber* scrubber = window.centre().scrubber();
    QTest::mouseClick(
        scrubber, Qt::LeftButton, Qt::NoModifier, scrubber->tickRect(2).center().toPoint());
    QCOMPARE(session.currentSubStep(), 2);
    QCOMPARE(window.findChild<TrajectoryPlot*>()->current(), 2);
    QVERIFY2(window.centre().sentence().startsWith("Sub-step 2: Lite0 was stepped away from"),
        qPrintable(window.centre().sentence()));
    const SubStep& second = *session.trace()->subSteps[2];
    const QImage shown = window.centre().panes()->paneImage(ImagePanes::AdversarialPane);
    QVERIFY(fromQImage(shown) == second.exported);
    QTest::keyClick(scrubber, Qt::Key_Right);
    QCOMPARE(session.currentSubStep(), 3);
    QTest::keyClick(scrubber, Qt::Key_Home);
    QCOMPARE(session.currentSubStep(), 0);

    // The label rule by the combo box's keys.
    QuietComboBox* rule =
        window.findChild<AttackPanel*>()->form().editor<QuietComboBox>("label-rule");
    rule->setFocus();
    QTest::keyClick(rule, Qt::Key_Down);
    QVERIFY(waitSettled(session));
    QVERIFY(session.state().attack.labelRule == LabelRule::OwnClean);
    QVERIFY(session.trace()->request.labelRule == LabelRule::OwnClean);
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier); // undo: the seed's rule again
    QVERIFY(session.state().attack.labelRule == LabelRule::OwnRefreshed);
    QVERIFY(waitSettled(session));

    // Play: every sub-step once, in order.
    QTest::keyClick(scrubber, Qt::Key_Home);
    QList<int> played;
    const auto connection =
        connect(scrubber, &Scrubber::currentChanged, this, [&](int subStep) { played << subStep; });
    scrubber->setFramesPerSecond(10);
    QTest::keyClick(scrubber, Qt::Key_Space);
    QVERIFY(scrubber->isPlaying());
    QVERIFY(QTest::qWaitFor([&] { return scrubber->current() == 6; }, 20'000));
    scrubber->pause();
    disconnect(connection);
    QCOMPARE(played, (QList<int> { 1, 2, 3, 4, 5, 6 }));

    // Zoom, all panes at once.
    QVERIFY(window.centre().panes()->viewTransform().fits());
    QTest::keyClick(&window, Qt::Key_1, Qt::ControlModifier);
    QVERIFY(!window.centre().panes()->viewTransform().fits());
    QTest::keyClick(&window, Qt::Key_0, Qt::ControlModifier);
    QVERIFY(window.centre().panes()->viewTransform().fits());

    // What one sees is the file.
    QTest::mouseClick(
        scrubber, Qt::LeftButton, Qt::NoModifier, scrubber->tickRect(3).center().toPoint());
    answer = folder.filePath("shown.png");
    QSignalSpy exported(&session, &ExplorerSession::exported);
    QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 1, 60'000);
    const Image file = readImage(answer.toStdString(), DecodeRule::Contest);
    QVERIFY(file == session.trace()->subSteps[3]->exported);
    QVERIFY(QFile::exists(folder.filePath("shown.provenance.json")));

    QVERIFY(QDir(folder.path()).mkdir("trace"));
    answer = folder.filePath("trace");
    QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 2, 60'000);
    QVERIFY(QFile::exists(answer + "/imagenet_16_251.trace.json"));
    QVERIFY(readImage((answer + "/imagenet_16_251.sub-step-6.png").toStdString())
        == session.trace()->subSteps[6]->exported);

    // A read-only place: one message, nothing else happens.
    answer = "/proc/nowhere/shown.png";
    QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(!window.centre().errors()->message().isEmpty(), 60'000);
    QVERIFY(session.trace()->complete());

    // Copy, and the session file.
    scrubber->setFocus();
    QTest::keyClick(&window, Qt::Key_C, Qt::ControlModifier);
    QCOMPARE(QGuiApplication::clipboard()->image().size(), QSize(kImageSide, kImageSide));
    answer = folder.filePath("story.crossiter.json");
    QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
    QVERIFY(readSession(answer) == session.state());
    answer = folder.filePath("plot.pdf");
    QTest::keyClick(&window, Qt::Key_E, Qt::ControlModifier | Qt::AltModifier);
    QFile pdf(answer);
    QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(5) == "%PDF-");
    window.close();
}

void tst_Exploration::coloursByChoice()
{
    QTemporaryDir folder;
    QImage image = QImage(dalmatian()).convertToFormat(QImage::Format_RGB888);
    image.setColorSpace(QColorSpace(QColorSpace::ProPhotoRgb));
    const QString wide = folder.filePath("wide.png");
    QVERIFY(image.save(wide));
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions(folder.filePath("explorer.ini")));
    QVERIFY(showWindow(window));
    ExplorerSession& session = workspace.explorer();
    ExplorerState state = session.state();
    state.attack.rounds = 1;
    session.change(state, Setting::Rounds);
    window.start(dalmatian());
    QVERIFY(waitSettled(session));
    auto* box = window.findChild<QCheckBox*>("colourToSrgb");
    QVERIFY2(box->isHidden(), "an sRGB photo leaves no choice");
    drop(window, wide);
    QVERIFY(waitSettled(session));
    QVERIFY(box->isVisible() && !box->isChecked());
    const Image ignored = session.photo().clean;
    QTest::mouseClick(box, Qt::LeftButton, Qt::NoModifier, QPoint(8, box->height() / 2));
    QVERIFY(waitSettled(session));
    QVERIFY(box->isChecked() && session.photo().profile.converted);
    QVERIFY(!(session.photo().clean == ignored));
    const Image& attacked = session.trace()->clean;
    QVERIFY2(attacked == session.photo().clean, "the attack starts from what is shown");
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(waitSettled(session));
    QVERIFY(!box->isChecked() && session.photo().clean == ignored);
}

void tst_Exploration::theStripDoesNotDecodeTheOpenPhoto()
{
    Workspace workspace(realEngine());
    ExplorerSession& session = workspace.explorer();
    session.setAutomatic(false);
    QWidget window;
    Shell shell(workspace, windowOptions(), window);
    QStringList decoded; // by the strip's one worker; read when it rests
    const PhotoStripController strip(
        shell, &window, [&decoded](const QString& path, const std::stop_token& stop) {
            decoded << path;
            return loadPhoto(path, CropRule::CentreCrop, {}, stop);
        });
    session.openPhoto(dalmatian());
    QVERIFY(QTest::qWaitFor([&] { return session.settled() && strip.settled(); }, 60'000));
    QStringList neighbours = photosBeside(dalmatian());
    QCOMPARE(neighbours.removeAll(session.photo().path), 1);
    QVERIFY(!neighbours.isEmpty());
    QCOMPARE(decoded, neighbours);
    const PhotoModel* photos = strip.strip()->photoModel();
    for (int row = 0; row < photos->rowCount(); ++row)
        QVERIFY(!photos->index(row).data(Qt::DecorationRole).value<QImage>().isNull());
}

QTEST_MAIN(tst_Exploration)
#include "tst_Exploration.moc"
