// The Defense tab in the real window: panes with the defended picture, and a played exploration on
// the real networks.
#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "ui/plot/SweepHeatMap.h"
#include "ui/plot/SweepPlot.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/QtImage.h"
#include "ui/viewmodels/PredictionModel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/ValueSlider.h"
#include "ui/views/defense/DefenseControls.h"
#include "ui/views/defense/DefensePanel.h"
#include "ui/views/defense/DefenseResults.h"
#include "ui/views/defense/DrawsBar.h"
#include "ui/views/explore/ImagePane.h"
#include "ui/views/explore/ImagePanes.h"
#include "ui/window/Centre.h"

#include <QAction>
#include <QCheckBox>
#include <QDockWidget>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTableView>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include "tests/ui/ExplorerTestSupport.h"
#include "tests/ui/FromQImage.h"
#include "tests/ui/ViewData.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

QToolButton* button(QWidget& window, const char* name)
{
    return window.findChild<QToolButton*>(QLatin1String(name));
}

/// One exploration of a photo's defenses, played in parts; each begins where the last one ended.
struct Story
{
    QTemporaryDir folder;
    QString answer; // what the file dialogs would bring
    const WindowOptions options = windowOptions({}, answer);
    const std::shared_ptr<Engine> engine = realEngine();
    Workspace workspace { engine };
    MainWindow window { workspace, options };
    ExplorerSession& session = workspace.explorer();
    DefenseSession& defense = workspace.defense();
    DefensePanel* panel = nullptr;
    std::shared_ptr<const AttackTrace> trace;
    std::shared_ptr<const SweepResult> sweep;

    [[nodiscard]] bool waitCurrent()
    {
        return QTest::qWaitFor(
            [&] { return defense.sourcesCurrent() && window.settled(); }, 60'000);
    }

    /// The pane's picture is core's of this sub-step.
    [[nodiscard]] bool shownIs(std::size_t subStep) const
    {
        return defense.view()
            && defense.view()->after
            == engine->defendedPicture(defense.defense(), trace->subSteps[subStep]->exported);
    }

    [[nodiscard]] bool agrees() const;

    void opens();
    void predictions();
    void narrowCards();
    void sizeByKeysAndMouse();
    void dropoutAndStages();
    void sweepIsTheEngines();
    void clicksOnThePlots();
    void removedAsPicture();
    void exports();
    void sessionFile();
    void stoppedSweep();
};

/// The cards show what the engine answers for both networks.
bool Story::agrees() const
{
    DefendRequest request;
    request.models = { "efficientnet-lite1", "efficientnet-lite0" };
    request.defense = effective(defense.defense());
    request.trueLabel = session.trueLabel().label;
    const auto result = engine->defend(request, { session.subStep()->exported });
    for (std::size_t i = 0; i < 2; ++i) {
        const auto& shown = defense.predictions()[i];
        const DefendedPrediction& wanted = result->predictions[0][i];
        if (shown.defended == nullptr || shown.model != request.models[i]
            || shown.defended->mean.top1() != wanted.mean.top1()
            || std::abs(shown.defended->mean.probabilityOf(252) - wanted.mean.probabilityOf(252))
                > 1e-5
            || shown.defended->drawTop1 != wanted.drawTop1)
            return false;
        const auto* model = panel->results()->model(static_cast<int>(i));
        if (model->index(0, PredictionModel::CurrentColumn).data(PredictionModel::LabelRole)
            != wanted.mean.top1())
            return false;
    }
    return true;
}

void Story::opens()
{
    QVERIFY(showWindow(window, { 1700, 1000 }));
    ExplorerState state = session.state();
    state.attack.rounds = 1;
    state.attack.judges.clear(); // two networks: quick
    state.sweepSizes = { 60, 299, 80 };
    session.change(state, Setting::Session);
    defense.setAutomaticSweep(false);
    drop(window, dalmatian());
    QVERIFY(waitSettled(window));
    QVERIFY(!window.findChild<QAction*>("exportHeatMap")->isEnabled()); // no sweep yet
    QCOMPARE(session.trace()->subSteps.size(), 3U);
    trace = session.trace();

    // The pane is there from the beginning; what it shows is core's picture.
    QVERIFY(window.centre().panes()->pane(ImagePanes::DefendedPane)->isVisible());
    QVERIFY(shownIs(2));
    QVERIFY2(defense.predictions().empty(), "nobody looks: nothing is predicted");
    QVERIFY(!defense.watched());
}

void Story::predictions()
{
    // The tab by its key; predictions of both networks come by themselves.
    QTest::keyClick(&window, Qt::Key_D, Qt::ControlModifier);
    QTRY_VERIFY(defense.watched());
    panel = window.findChild<DefensePanel*>();
    QVERIFY(waitCurrent());
    QVERIFY(agrees());
}

void Story::narrowCards()
{
    // Where a card is too narrow for two columns of names, the defended one stays.
    DefenseResults* cards = panel->results();
    const auto* top5 = cards->findChild<QTableView*>();
    QVERIFY(cards->isVisible() && !top5->isColumnHidden(PredictionModel::CleanColumn));
    const QSize wide = cards->size();
    cards->resize(220, wide.height());
    QVERIFY(top5->isColumnHidden(PredictionModel::CleanColumn));
    QVERIFY(!top5->isColumnHidden(PredictionModel::CurrentColumn));
    cards->resize(wide);
    QVERIFY(!top5->isColumnHidden(PredictionModel::CleanColumn));
}

void Story::sizeByKeysAndMouse()
{
    // The slider by keys, then by mouse; each drag is one undo step.
    ValueSlider* size = panel->controls()->sizeSlider();
    const int before = session.undoStack()->count();
    size->slider()->setFocus();
    QTest::keyClick(size->slider(), Qt::Key_Left);
    QTest::keyClick(size->slider(), Qt::Key_PageDown);
    QCOMPARE(defense.size(), 189);
    QVERIFY(waitCurrent());
    QVERIFY(shownIs(2));
    QVERIFY(agrees());
    QVERIFY(fromQImage(window.centre().panes()->pane(ImagePanes::DefendedPane)->picture())
        == defense.view()->after);
    QVERIFY2(session.trace() == trace, "the attack does not see the defense");
    const QPoint middle = size->slider()->rect().center();
    QTest::mousePress(size->slider(), Qt::LeftButton, Qt::NoModifier, middle);
    QTest::mouseRelease(size->slider(), Qt::LeftButton, Qt::NoModifier, middle);
    auto* spin = window.findChild<ValueSlider*>("defenseSize")->findChild<QDoubleSpinBox*>();
    spin->setFocus();
    spin->selectAll();
    QTest::keyClicks(spin, "92");
    QTest::keyClick(spin, Qt::Key_Return);
    QCOMPARE(defense.size(), 92);
    QVERIFY(session.undoStack()->count() > before);
    while (session.undoStack()->count() > before && session.undoStack()->canUndo()
        && session.undoStack()->index() > before)
        session.undoStack()->undo();
    QCOMPARE(defense.size(), 200);
    QVERIFY(waitCurrent());
    QVERIFY(shownIs(2));
}

void Story::dropoutAndStages()
{
    // Dropout: a hundred draws, told with their interval; two stages by their chip.
    button(window, "dropout")->click();
    QVERIFY(defense.defense().dropout);
    QVERIFY(waitCurrent());
    QCOMPARE(defense.predictions()[0].defended->drawTop1.size(), 100U);
    QVERIFY(agrees());
    QVERIFY2(panel->results()->draws(0)->text().startsWith("100 draws"),
        qPrintable(panel->results()->draws(0)->text()));
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(!defense.defense().dropout);
    button(window, "twoStages")->click();
    QCOMPARE(firstSize(defense.defense()).value_or(0), 250);
    QVERIFY(waitSettled(window));
    QVERIFY(shownIs(2));
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
}

void Story::sweepIsTheEngines()
{
    // The sweep: what the plots draw is what the engine says.
    QVERIFY(!defense.sweep());
    QTest::keyClick(&window, Qt::Key_F6);
    QVERIFY(QTest::qWaitFor([&] { return defense.sweepComplete() && window.settled(); }, 120'000));
    sweep = defense.sweep();
    QCOMPARE(sweep->cells.size(), 4U * 3U * 2U);
    SweepRequest request = sweep->request;
    request.subSteps.clear();
    const auto direct = engine->sweep(request, trace);
    QCOMPARE(direct->cells.size(), sweep->cells.size());
    for (std::size_t i = 0; i < direct->cells.size(); ++i) {
        QCOMPARE(sweep->cells[i].size, direct->cells[i].size);
        QCOMPARE(sweep->cells[i].trueProbability, direct->cells[i].trueProbability);
    }
    SweepPlot* plot = panel->plot();
    SweepHeatMap* map = panel->heatMap();
    QVERIFY(panel->showsPart(DefensePanel::CurvePart));
    QVERIFY(panel->showsPart(DefensePanel::HeatMapPart));
    for (int model = 0; model < 2; ++model) {
        const QVector<QPointF> curve = plot->curve(model);
        QCOMPARE(curve.size(), 4);
        for (const QPointF& point : curve)
            QCOMPARE(point.y(), sweep->cell(2, qRound(point.x()), model)->trueProbability);
    }
    for (const int subStep : { 0, 1, 2 }) {
        QCOMPARE(map->valueAt(subStep, 140).value_or(-1.0),
            sweep->cell(subStep, 140, map->model())->trueProbability);
    }
    QVERIFY(defense.bestSize().has_value());
    button(window, "bestSize")->click();
    QCOMPARE(defense.size(), *defense.bestSize());
}

void Story::clicksOnThePlots()
{
    SweepPlot* plot = panel->plot();
    SweepHeatMap* map = panel->heatMap();
    // Click the heat map: that sub-step and that size; click the curve: that size.
    QTest::qWait(50);
    auto* surface = map->findChild<QWidget*>();
    QTest::mouseClick(surface, Qt::LeftButton, Qt::NoModifier,
        map->positionOf(1, 220).toPoint() - surface->pos());
    QCOMPARE(session.currentSubStep(), 1);
    QCOMPARE(defense.size(), 220);
    QCOMPARE(plot->curve(0).first().y(), sweep->cell(1, 60, 0)->trueProbability);
    auto* paper = plot->findChild<QWidget*>();
    QTest::mouseClick(
        paper, Qt::LeftButton, Qt::NoModifier, plot->positionOf(100).toPoint() - paper->pos());
    QVERIFY(std::abs(defense.size() - 100) <= 1);
    QVERIFY(waitCurrent());
    QVERIFY(shownIs(1));
    QVERIFY2(defense.sweep() == sweep, "neither asks for another sweep");
}

void Story::removedAsPicture()
{
    // What was removed, as a picture.
    panel->showPart(DefensePanel::RemovedPart);
    QVERIFY(fromQImage(panel->removedPane()->picture())
        == renderPerturbation(defense.view()->before, defense.view()->after,
            session.state().perturbation, session.state().gain, 16));
}

void Story::exports()
{
    // Exports.
    QSignalSpy exported(&session, &ExplorerSession::exported);
    answer = folder.filePath("sweep.csv");
    QTest::keyClick(&window, Qt::Key_C, Qt::ControlModifier | Qt::AltModifier);
    QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 1, 20'000);
    QCOMPARE(object(folder.filePath("sweep.provenance.json"))["defense"].toString(),
        QString::fromStdString(defenseText(sweep->request.defense)));
    QFile csv(answer);
    QVERIFY(csv.open(QIODevice::ReadOnly));
    const QList<QByteArray> lines = csv.readAll().trimmed().split('\n');
    QCOMPARE(lines.size(), 1 + 4 * 3 * 2);
    QVERIFY2(lines[0].startsWith("substep,size,model,label,probability,true_probability,attacked_"
                                 "probability,target_probability"),
        lines[0].constData());
    answer = folder.filePath("map.pdf");
    QTest::keyClick(&window, Qt::Key_H, Qt::ControlModifier | Qt::AltModifier);
    QFile pdf(answer);
    QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(5) == "%PDF-");
}

void Story::sessionFile()
{
    // The session file brings it back.
    answer = folder.filePath("defense.crossiter.json");
    QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
    const ExplorerState saved = readSession(answer);
    QVERIFY(saved == session.state());
    defense.setSize(33);
    window.openSession(answer);
    QVERIFY(QTest::qWaitFor([&] { return session.state().defense == saved.defense; }, 20'000));
    QVERIFY(window.centre().errors()->message().isEmpty());
}

void Story::stoppedSweep()
{
    // A long sweep is stopped: what is there stays, and it does not begin again by itself.
    defense.setSweepSizes({ 1, 299, 1 });
    defense.setAutomaticSweep(true);
    QVERIFY(QTest::qWaitFor([&] { return defense.sweeping(); }, 60'000));
    QVERIFY(QTest::qWaitFor([&] { return defense.cellsDone() > 30; }, 60'000));
    QTest::keyClick(&window, Qt::Key_F6, Qt::ShiftModifier);
    QVERIFY(QTest::qWaitFor([&] { return !defense.sweeping(); }, 10'000));
    QVERIFY(!defense.sweepComplete());
    const int kept = defense.cellsDone();
    QVERIFY(kept > 24 && kept < defense.cellsPlanned());
    QTest::qWait(900);
    QVERIFY(!defense.sweeping());
    QCOMPARE(defense.cellsDone(), kept);
}

} // namespace

class tst_DefenseTab : public QObject
{
    Q_OBJECT

private slots:
    void panesTakeTheDefended();
    void wholeStory();
    void attackComesFirst();
};

void tst_DefenseTab::panesTakeTheDefended()
{
    const auto trace = makeTrace(1, 2);
    ImagePanes panes;
    panes.resize(1000, 400);
    panes.setClean(trace->clean);
    panes.setTrace(trace);
    panes.setSubStep(trace->subSteps[2]);
    panes.setPerturbation(PerturbationMode::Signed, 9);
    panes.setShowDefended(true);
    panes.show();
    QVERIFY(QTest::qWaitForWindowExposed(&panes));
    ImagePane* pane = panes.pane(ImagePanes::DefendedPane);
    QVERIFY2(!pane->isVisible(), "nothing to show yet");
    auto view = std::make_shared<DefendedView>();
    view->before = trace->subSteps[2]->exported;
    view->after = view->before;
    for (std::uint8_t& value : view->after.rgb)
        value = static_cast<std::uint8_t>(value ^ 1U);
    panes.setDefended(view, "299 → 200 → 299");
    QVERIFY(pane->isVisible());
    QVERIFY(fromQImage(pane->picture()) == view->after);
    QVERIFY(panes.probeText({ 3, 4 }).contains("defended"));

    panes.resize(4 * ImagePanes::kLeastPaneWidth - 10, 400); // four panes would be stamps
    QTRY_VERIFY(!pane->isVisible());
    panes.resize(1000, 400);
    QTRY_VERIFY(pane->isVisible());

    panes.setCompared(ComparedPair::AdversarialDefended);
    panes.setCompareMode(ImagePanes::CompareMode::TwoUp);
    QVERIFY(pane->isVisible() && panes.pane(ImagePanes::AdversarialPane)->isVisible());
    QVERIFY(!panes.pane(ImagePanes::OriginalPane)->isVisible());
    panes.setCompareMode(ImagePanes::CompareMode::Swipe);
    QImage composed = panes.pane(ImagePanes::AdversarialPane)->composed();
    QCOMPARE(composed.pixel(2, 2), toQImage(view->before).pixel(2, 2));
    QCOMPARE(composed.pixel(296, 2), toQImage(view->after).pixel(296, 2));
    panes.setCompareMode(ImagePanes::CompareMode::Difference);
    QVERIFY(fromQImage(panes.pane(ImagePanes::PerturbationPane)->picture())
        == renderPerturbation(view->before, view->after, PerturbationMode::Signed, 9, 16));
    panes.setCompared(ComparedPair::OriginalDefended);
    QVERIFY(fromQImage(panes.pane(ImagePanes::PerturbationPane)->picture())
        == renderPerturbation(trace->clean, view->after, PerturbationMode::Signed, 9, 16));

    // A player waits for the sub-step's own picture, also where the defended one stays.
    panes.setCompareMode(ImagePanes::CompareMode::Panes);
    QSignalSpy frames(&panes, &ImagePanes::frameShown);
    panes.setSubStep(trace->subSteps[1]);
    QTRY_COMPARE(frames.size(), 1);
    panes.setCompareMode(ImagePanes::CompareMode::TwoUp);
    panes.setSubStep(trace->subSteps[2]);
    QTRY_COMPARE(frames.size(), 2);

    panes.setDefended(nullptr, {});
    QVERIFY2(!pane->isVisible(), "no defense: original and adversarial again");
    QVERIFY(panes.pane(ImagePanes::AdversarialPane)->isVisible());
}

void tst_DefenseTab::wholeStory()
{
    Story story;
    for (const auto part : { &Story::opens, &Story::predictions, &Story::narrowCards,
             &Story::sizeByKeysAndMouse, &Story::dropoutAndStages, &Story::sweepIsTheEngines,
             &Story::clicksOnThePlots, &Story::removedAsPicture, &Story::exports,
             &Story::sessionFile, &Story::stoppedSweep }) {
        (story.*part)();
        if (QTest::currentTestFailed())
            return;
    }
    story.window.close();
}

void tst_DefenseTab::attackComesFirst()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.resize(1500, 900);
    window.show();
    ExplorerState state = window.workspace().explorer().state();
    state.attack.rounds = 2;
    state.sweepSizes = { 100, 299, 199 };
    window.workspace().explorer().change(state, Setting::Session);
    window.showTab(QStringLiteral("defense"));
    window.start(dalmatian());
    DefenseSession& defense = window.workspace().defense();
    QVERIFY(QTest::qWaitFor([&] { return window.workspace().explorer().running(); }, 60'000));
    QVERIFY2(!defense.sweeping(), "no sweep beside the attack");
    QVERIFY(waitSettled(window));
    QVERIFY2(defense.sweepComplete(), "by itself when the attack has ended");
    QCOMPARE(defense.cellsDone(), 5 * 2 * 3);
    // More rounds: the cells that are there stay, the new sub-steps' are added.
    const auto first = defense.sweep();
    QTest::keyClick(&window, Qt::Key_Up, Qt::ControlModifier);
    QVERIFY(QTest::qWaitFor([&] { return defense.cellsPlanned() == 7 * 2 * 3; }, 60'000));
    QVERIFY(waitSettled(window));
    QCOMPARE(defense.cellsDone(), 7 * 2 * 3);
    QCOMPARE(
        defense.sweep()->cell(1, 100, 0)->trueProbability, first->cell(1, 100, 0)->trueProbability);
}

QTEST_MAIN(tst_DefenseTab)
#include "tst_DefenseTab.moc"
