// A study of three photos, played with mouse and keys on the real window and the real networks.
#include "ui/plot/StudyPlot.h"
#include "ui/session/StudySession.h"
#include "ui/viewmodels/VerdictModel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/views/leaking/StudyPanel.h"
#include "ui/window/Centre.h"

#include <QAction>
#include <QCheckBox>
#include <QJsonObject>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalSpy>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

/// Every measure, judge and population.
void curvesAreTheResults(StudyPanel& panel, const StudyResult& result)
{
    panel.showPart(StudyPanel::CurvesPart);
    for (int judge = 0; judge < panel.judgeBox()->count(); ++judge) {
        panel.judgeBox()->setCurrentIndex(judge);
        panel.measureBox()->setCurrentIndex(
            static_cast<int>(allMeasures().indexOf(StudyMeasure::Accuracy)));
        const auto& curves = panel.plot()->curves();
        QCOMPARE(curves.size(), 2);
        for (int curve = 0; curve < 2; ++curve) {
            const auto& cells = result.curves[static_cast<std::size_t>(curve)]
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
    panel.measureBox()->setCurrentIndex(
        static_cast<int>(allMeasures().indexOf(StudyMeasure::Score)));
    QCOMPARE(panel.plot()->curves()[0].values[2],
        static_cast<double>(result.curves[0].cells.back()[2].score));
    panel.measureBox()->setCurrentIndex(
        static_cast<int>(allMeasures().indexOf(StudyMeasure::WrongLabel)));
    QCOMPARE(panel.plot()->curves()[0].rounds, (QVector<double> { 1.0, 2.0 }));
    QCOMPARE(panel.plot()->curves()[0].values[1], result.curves[0].rounds[2].wrongLabel.share);
    QVERIFY2(panel.plot()->describe(2).contains("wrong-label share, round 2"),
        qPrintable(panel.plot()->describe(2)));
}

} // namespace

class tst_LeakingStudy : public QObject
{
    Q_OBJECT

private slots:
    void studyOverThreePhotos();
};

void tst_LeakingStudy::studyOverThreePhotos()
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

    curvesAreTheResults(*panel, *result);
    if (QTest::currentTestFailed())
        return;

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

QTEST_MAIN(tst_LeakingStudy)
#include "tst_LeakingStudy.moc"
