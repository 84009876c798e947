// The Defense tab: its settings as values, its plots on made cells, and a played exploration on the
// real window and the real networks.
#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "ui/plot/SweepHeatMap.h"
#include "ui/plot/SweepPlot.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/QtImage.h"
#include "ui/viewmodels/PredictionModel.h"
#include "ui/views/DefenseControls.h"
#include "ui/views/DefensePanel.h"
#include "ui/views/DefenseResults.h"
#include "ui/views/DrawsBar.h"
#include "ui/views/ErrorBar.h"
#include "ui/views/ImagePane.h"
#include "ui/views/ImagePanes.h"
#include "ui/views/ValueSlider.h"

#include <QCheckBox>
#include <QDockWidget>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include "tests/ui/ExplorerTestSupport.h"
#include "tests/ui/ViewData.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

/// Three sub-steps, five sizes, models a (source) and c (judge); every probability is another one.
/// The cell of sub-step 2, size 180, model a is missing.
std::shared_ptr<SweepResult> madeSweep()
{
    auto sweep = std::make_shared<SweepResult>();
    sweep->request.models = { "a", "c" };
    sweep->request.sizes = { 60, 120, 180, 240, 299 };
    sweep->request.subSteps = { 0, 1, 2 };
    sweep->request.trueLabel = 252;
    for (int subStep = 0; subStep < 3; ++subStep) {
        for (int at = 0; at < 5; ++at) {
            for (int model = 0; model < 2; ++model) {
                if (subStep == 2 && at == 2 && model == 0) {
                    continue;
                }
                SweepCell cell;
                cell.subStep = subStep;
                cell.size = sweep->request.sizes[static_cast<std::size_t>(at)];
                cell.model = model;
                cell.label = 252;
                cell.probability = 0.9;
                cell.trueProbability = 0.01 + 0.2 * subStep + 0.03 * at + 0.015 * model;
                cell.attackedProbability = subStep == 0 ? -1.0 : 0.5 - 0.1 * at;
                sweep->cells.push_back(cell);
            }
        }
    }
    return sweep;
}

QToolButton* button(QWidget& window, const char* name)
{
    return window.findChild<QToolButton*>(QLatin1String(name));
}

} // namespace

class tst_DefenseTab : public QObject
{
    Q_OBJECT

private slots:
    void settingsAreValues();
    void sessionFiles();
    void curveDrawsItsCells();
    void heatMapDrawsItsCells();
    void drawsSayWhatTheyHold();
    void panesTakeTheDefended();
    void wholeStory();
    void attackComesFirst();
};

void tst_DefenseTab::settingsAreValues()
{
    DefenseRequest defense = defaultDefense();
    QCOMPARE(defensePath(defense), QStringLiteral("299 → 200 → 299"));
    QVERIFY(!firstSize(defense));
    defense = withFirstSize(defense, 250);
    QCOMPARE(firstSize(defense).value_or(0), 250);
    QCOMPARE(sizeOf(defense), 200);
    QCOMPARE(defensePath(defense), QStringLiteral("299 → 250 → 200 → 299"));
    defense = withBackBetween(defense, true);
    QCOMPARE(defensePath(defense), QStringLiteral("299 → 250 → 299 → 200 → 299"));
    QVERIFY2(withFirstSize(withFirstSize(defense, std::nullopt), 250)
            == withFirstSize(withFirstSize(defaultDefense(), std::nullopt), 250),
        "one stage again forgets the way back between");

    DefenseStage jpeg;
    jpeg.kind = StageKind::Jpeg;
    jpeg.value = 75;
    DefenseStage median;
    median.kind = StageKind::Median;
    median.value = 3;
    defense.stages.insert(defense.stages.begin(), jpeg);
    defense.stages.push_back(median);
    QVERIFY((furtherStages(defense) == std::vector<DefenseStage> { jpeg, median }));
    QVERIFY(withFurtherStages(defense, furtherStages(defense)) == defense);
    QVERIFY((furtherStages(withFurtherStages(defense, { median }))
        == std::vector<DefenseStage> { median }));

    QCOMPARE(effective(defaultDefense()).samples, 1);
    DefenseRequest dropout = defaultDefense();
    dropout.dropout = true;
    QCOMPARE(effective(dropout).samples, 100);
    QVERIFY(!isCostly(dropout));
    dropout.batchStatistics = true;
    QVERIFY(isCostly(dropout));

    SweepSizes sizes;
    sizes.from = 100;
    sizes.to = 299;
    sizes.step = 90;
    QVERIFY((sizes.list() == std::vector<int> { 100, 190, 280, 299 }));
    sizes.from = 299;
    QVERIFY((sizes.list() == std::vector<int> { 299 }));
}

void tst_DefenseTab::sessionFiles()
{
    ExplorerState state = defaultState();
    state.defense = withBackBetween(withFirstSize(state.defense, 231), true);
    state.defense = withSize(state.defense, 77);
    state.defense.dropout = true;
    state.defense.keep = 0.75;
    state.defense.samples = 12;
    state.defense.seed = 9;
    DefenseStage jpeg;
    jpeg.kind = StageKind::Jpeg;
    jpeg.value = 40;
    state.defense.stages.push_back(jpeg);
    state.sweepSizes = { 10, 250, 5 };
    state.showDefended = false;
    state.compared = ComparedPair::OriginalDefended;
    const QByteArray text = sessionJson(state, "/x");
    QVERIFY(parseSession(text, "/x/a.json") == state);

    QJsonObject whole = QJsonDocument::fromJson(text).object();
    whole.remove("defense"); // a file from before the Defense tab
    const ExplorerState old = parseSession(QJsonDocument(whole).toJson(), "/x/a.json");
    QVERIFY(old.defense == defaultDefense());
    QVERIFY(old.rounds == state.rounds && old.showDefended);

    const auto mustFail = [&](const char* key, const QJsonValue& value) {
        QJsonObject broken = QJsonDocument::fromJson(text).object();
        QJsonObject defense = broken["defense"].toObject();
        defense[key] = value;
        broken["defense"] = defense;
        try {
            static_cast<void>(parseSession(QJsonDocument(broken).toJson(), "/x/a.json"));
            QFAIL(key);
        } catch (const Error& error) {
            QVERIFY2(QByteArray(error.what()).contains(key), error.what());
        }
    };
    mustFail("stages", "resize=0");
    mustFail("stages", "resize=20o");
    mustFail("sweepFrom", 0);
    mustFail("sweepTo", 9); // below sweepFrom
    mustFail("sweepStep", 0);
    mustFail("compared", "nothing");
    mustFail("pane", 1);
    mustFail("other", 1);
}

void tst_DefenseTab::curveDrawsItsCells()
{
    const auto sweep = madeSweep();
    SweepPlot plot;
    plot.resize(420, 200);
    plot.setModels({ "A", "C" }, { 0, -1 });
    plot.setQuantity(SweepQuantity::TrueLabel, "Dalmatian");
    plot.setSweep(sweep);
    plot.setSubStep(2);
    plot.setSize(200);
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    QCOMPARE(plot.curve(0).size(), 4); // one cell is missing
    QCOMPARE(plot.curve(1).size(), 5);
    for (int model = 0; model < 2; ++model) {
        for (const QPointF& point : plot.curve(model)) {
            const SweepCell* cell = sweep->cell(2, qRound(point.x()), model);
            QVERIFY(cell != nullptr);
            QCOMPARE(point.y(), cell->trueProbability);
        }
    }
    plot.setQuantity(SweepQuantity::AttackedLabel, "x");
    QCOMPARE(plot.curve(1).first().y(), 0.5);
    plot.setSubStep(0);
    QVERIFY(plot.curve(1).isEmpty()); // the clean picture attacks nothing
    plot.setQuantity(SweepQuantity::TrueLabel, "Dalmatian");

    QSignalSpy clicked(&plot, &SweepPlot::sizeClicked);
    QTest::qWait(30); // the queued replot lays the axes out
    QTest::mouseClick(plot.findChild<QWidget*>(), Qt::LeftButton, Qt::NoModifier,
        plot.positionOf(120).toPoint() - plot.findChild<QWidget*>()->pos());
    QCOMPARE(clicked.size(), 1);
    QVERIFY2(std::abs(clicked.first().first().toInt() - 120) <= 1, "a pixel is about a size");
    QTest::keyClick(&plot, Qt::Key_Home);
    QCOMPARE(plot.size(), 60);
    QTest::keyClick(&plot, Qt::Key_Right, Qt::ShiftModifier);
    QCOMPARE(plot.size(), 70);
    QTest::keyClick(&plot, Qt::Key_Left);
    QCOMPARE(plot.size(), 69);
    plot.setBestSize(240);
    QTest::keyClick(&plot, Qt::Key_B);
    QCOMPARE(plot.size(), 240);
    QTest::keyClick(&plot, Qt::Key_End);
    QTest::keyClick(&plot, Qt::Key_Right); // no further
    QCOMPARE(plot.size(), 299);

    QTemporaryDir folder;
    plot.savePlot(folder.filePath("a.png"));
    QVERIFY(!QImage(folder.filePath("a.png")).isNull());
    plot.savePlot(folder.filePath("a.pdf"));
    QFile pdf(folder.filePath("a.pdf"));
    QVERIFY(pdf.open(QIODevice::ReadOnly) && pdf.read(5) == "%PDF-");
    try {
        plot.savePlot("/proc/nowhere/a.png");
        QFAIL("written to nowhere");
    } catch (const Error& error) {
        QVERIFY(QByteArray(error.what()).contains("/proc/nowhere"));
    }
}

void tst_DefenseTab::heatMapDrawsItsCells()
{
    const auto sweep = madeSweep();
    SweepHeatMap map;
    map.resize(460, 220);
    map.setQuantity(SweepQuantity::TrueLabel, "Dalmatian");
    map.setSweep(sweep);
    map.setModel(0, "A");
    map.setCurrent(1, 200);
    map.show();
    QVERIFY(QTest::qWaitForWindowExposed(&map));
    for (int model = 0; model < 2; ++model) {
        map.setModel(model, "M");
        for (const int subStep : { 0, 1, 2 }) {
            for (const int size : sweep->request.sizes) {
                const SweepCell* cell = sweep->cell(subStep, size, model);
                const auto drawn = map.valueAt(subStep, size);
                QCOMPARE(drawn.has_value(), cell != nullptr);
                if (cell != nullptr) {
                    QCOMPARE(*drawn, cell->trueProbability);
                }
            }
        }
    }
    QVERIFY(!map.valueAt(1, 61));
    QVERIFY(!map.valueAt(3, 60));

    QTest::qWait(30);
    QSignalSpy clicked(&map, &SweepHeatMap::cellClicked);
    auto* surface = map.findChild<QWidget*>();
    QTest::mouseClick(
        surface, Qt::LeftButton, Qt::NoModifier, map.positionOf(2, 120).toPoint() - surface->pos());
    QCOMPARE(clicked.size(), 1);
    QCOMPARE(clicked.first(), (QList<QVariant> { 2, 120 }));
    QTest::keyClick(&map, Qt::Key_Right);
    QCOMPARE(map.size(), 180);
    QTest::keyClick(&map, Qt::Key_Down);
    QCOMPARE(map.subStep(), 1);
    QTest::keyClick(&map, Qt::Key_End);
    QCOMPARE(map.size(), 299);
    QTest::keyClick(&map, Qt::Key_Right); // no further
    QTest::keyClick(&map, Qt::Key_Up);
    QTest::keyClick(&map, Qt::Key_Up); // no further
    QCOMPARE(map.subStep(), 2);
    QCOMPARE(clicked.last(), (QList<QVariant> { 2, 299 }));

    // The colours: a brighter cell is a likelier one, an empty one is none of the map's colours.
    map.setModel(0, "A");
    map.setCurrent(0, 60);
    const QImage picture = map.grabImage();
    const auto colorAt = [&](int subStep, int size) {
        return picture.pixelColor(map.positionOf(subStep, size).toPoint() - surface->pos());
    };
    const auto light = [](const QColor& c) {
        return 0.2126 * c.redF() + 0.7152 * c.greenF() + 0.0722 * c.blueF();
    };
    QVERIFY(light(colorAt(2, 299)) > light(colorAt(1, 299)));
    QVERIFY(light(colorAt(1, 299)) > light(colorAt(0, 299)));
    const QColor empty = colorAt(2, 180);
    QVERIFY2(std::abs(empty.red() - empty.blue()) < 24, qPrintable(empty.name()));

    map.setSweep(nullptr);
    QVERIFY(!map.valueAt(0, 60));
    QTest::keyClick(&map, Qt::Key_Right); // nowhere to go
}

void tst_DefenseTab::drawsSayWhatTheyHold()
{
    DrawsBar bar(Qt::red);
    bar.setDraws(nullptr, true, 252);
    QVERIFY(bar.text().contains("not computed"));
    auto draws = std::make_shared<DefendedPrediction>();
    draws->mean = prediction("a", 252, 0.5F);
    for (int i = 0; i < 40; ++i) {
        draws->drawTop1.push_back(i < 30 ? 252 : 276);
    }
    draws->trueTop1 = wilson(30, 40);
    draws->flipRate = 0.25;
    bar.setDraws(draws, true, 252);
    QVERIFY2(bar.text().contains("40 draws") && bar.text().contains("true 75 % [60, 86]")
            && bar.text().contains("flips 25 %"),
        qPrintable(bar.text()));
    QVERIFY2(
        bar.accessibleDescription().contains("10 of 40"), qPrintable(bar.accessibleDescription()));
    draws->trueTop1 = {};
    bar.setDraws(draws, true, std::nullopt);
    QVERIFY2(!bar.text().contains("true"), "no true label, no share of it");
    bar.setDraws(draws, false, 252);
    QVERIFY(bar.text().contains("nothing is random"));
}

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
    for (std::size_t at = 0; at < view->after.rgb.size(); ++at) {
        view->after.rgb[at] = static_cast<std::uint8_t>(view->after.rgb[at] ^ 1U);
    }
    panes.setDefended(view, "299 → 200 → 299");
    QVERIFY(pane->isVisible());
    QVERIFY(fromQImage(pane->picture()) == view->after);
    QVERIFY(panes.probeText({ 3, 4 }).contains("defended"));

    panes.resize(500, 400); // four panes would be stamps
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
    QTemporaryDir folder;
    QString answer;
    WindowOptions options = windowOptions();
    options.choosePath = [&answer](const QString&, const QString&, const QString&, bool, bool) {
        return answer;
    };
    const auto engine = realEngine();
    MainWindow window(engine, options);
    window.resize(1700, 1000);
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    ExplorerSession& session = window.session();
    DefenseSession& defense = window.defenseSession();
    ExplorerState state = session.state();
    state.rounds = 1;
    state.extraJudges.clear(); // two networks: quick
    state.sweepSizes = { 60, 299, 80 };
    session.change(state, Setting::Session);
    defense.setAutomaticSweep(false);
    drop(window, dalmatian());
    const auto settled = [&] { return window.settled(); };
    QVERIFY(QTest::qWaitFor(settled, 120'000));
    QCOMPARE(session.trace()->subSteps.size(), 3U);
    const auto trace = session.trace();

    // The pane is there from the beginning; what it shows is core's picture.
    const auto shownIs = [&](int subStep) {
        return defense.view()
            && defense.view()->after
            == engine->defendedPicture(
                defense.defense(), trace->subSteps[static_cast<std::size_t>(subStep)]->exported);
    };
    QVERIFY(window.panes()->pane(ImagePanes::DefendedPane)->isVisible());
    QVERIFY(shownIs(2));
    QVERIFY2(defense.predictions().empty(), "nobody looks: nothing is predicted");
    QVERIFY(!defense.watched());

    // The tab by its key; predictions of both networks come by themselves.
    QTest::keyClick(&window, Qt::Key_D, Qt::ControlModifier);
    QTRY_VERIFY(defense.watched());
    QVERIFY(QTest::qWaitFor([&] { return defense.sourcesCurrent() && settled(); }, 60'000));
    const auto agrees = [&] {
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
                || std::abs(
                       shown.defended->mean.probabilityOf(252) - wanted.mean.probabilityOf(252))
                    > 1e-5
                || shown.defended->drawTop1 != wanted.drawTop1) {
                return false;
            }
            const auto* model = window.defensePanel()->results()->model(static_cast<int>(i));
            if (model->index(0, PredictionModel::CurrentColumn).data(PredictionModel::LabelRole)
                != wanted.mean.top1()) {
                return false;
            }
        }
        return true;
    };
    QVERIFY(agrees());

    // The slider by keys, then by mouse; each drag is one undo step.
    ValueSlider* size = window.defensePanel()->controls()->sizeSlider();
    const int before = session.undoStack()->count();
    size->slider()->setFocus();
    QTest::keyClick(size->slider(), Qt::Key_Left);
    QTest::keyClick(size->slider(), Qt::Key_PageDown);
    QCOMPARE(defense.size(), 189);
    QVERIFY(QTest::qWaitFor([&] { return defense.sourcesCurrent() && settled(); }, 60'000));
    QVERIFY(shownIs(2));
    QVERIFY(agrees());
    QVERIFY(fromQImage(window.panes()->pane(ImagePanes::DefendedPane)->picture())
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
        && session.undoStack()->index() > before) {
        session.undoStack()->undo();
    }
    QCOMPARE(defense.size(), 200);
    QVERIFY(QTest::qWaitFor([&] { return defense.sourcesCurrent() && settled(); }, 60'000));
    QVERIFY(shownIs(2));

    // Dropout: a hundred draws, told with their interval; two stages by their chip.
    button(window, "dropout")->click();
    QVERIFY(defense.defense().dropout);
    QVERIFY(QTest::qWaitFor([&] { return defense.sourcesCurrent() && settled(); }, 60'000));
    QCOMPARE(defense.predictions()[0].defended->drawTop1.size(), 100U);
    QVERIFY(agrees());
    QVERIFY2(window.defensePanel()->results()->draws(0)->text().startsWith("100 draws"),
        qPrintable(window.defensePanel()->results()->draws(0)->text()));
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);
    QVERIFY(!defense.defense().dropout);
    button(window, "twoStages")->click();
    QCOMPARE(firstSize(defense.defense()).value_or(0), 250);
    QVERIFY(QTest::qWaitFor(settled, 60'000));
    QVERIFY(shownIs(2));
    QTest::keyClick(&window, Qt::Key_Z, Qt::ControlModifier);

    // The sweep: what the plots draw is what the engine says.
    QVERIFY(!defense.sweep());
    QTest::keyClick(&window, Qt::Key_F6);
    QVERIFY(QTest::qWaitFor([&] { return defense.sweepComplete() && settled(); }, 120'000));
    const auto sweep = defense.sweep();
    QCOMPARE(sweep->cells.size(), 4U * 3U * 2U);
    SweepRequest request = sweep->request;
    request.subSteps.clear();
    const auto direct = engine->sweep(request, trace);
    QCOMPARE(direct->cells.size(), sweep->cells.size());
    for (std::size_t i = 0; i < direct->cells.size(); ++i) {
        QCOMPARE(sweep->cells[i].size, direct->cells[i].size);
        QCOMPARE(sweep->cells[i].trueProbability, direct->cells[i].trueProbability);
    }
    SweepPlot* plot = window.defensePanel()->plot();
    SweepHeatMap* map = window.defensePanel()->heatMap();
    QVERIFY(window.defensePanel()->showsPart(DefensePanel::CurvePart));
    QVERIFY(window.defensePanel()->showsPart(DefensePanel::HeatMapPart));
    for (int model = 0; model < 2; ++model) {
        const QVector<QPointF> curve = plot->curve(model);
        QCOMPARE(curve.size(), 4);
        for (const QPointF& point : curve) {
            QCOMPARE(point.y(), sweep->cell(2, qRound(point.x()), model)->trueProbability);
        }
    }
    for (const int subStep : { 0, 1, 2 }) {
        QCOMPARE(map->valueAt(subStep, 140).value_or(-1.0),
            sweep->cell(subStep, 140, map->model())->trueProbability);
    }
    QVERIFY(defense.bestSize().has_value());
    button(window, "bestSize")->click();
    QCOMPARE(defense.size(), *defense.bestSize());

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
    QVERIFY(QTest::qWaitFor([&] { return defense.sourcesCurrent() && settled(); }, 60'000));
    QVERIFY(shownIs(1));
    QVERIFY2(defense.sweep() == sweep, "neither asks for another sweep");

    // What was removed, as a picture.
    window.defensePanel()->showPart(DefensePanel::RemovedPart);
    QVERIFY(fromQImage(window.defensePanel()->removedPane()->picture())
        == renderPerturbation(defense.view()->before, defense.view()->after,
            session.state().perturbation, session.state().gain, 16));

    // Exports.
    QSignalSpy exported(&defense, &DefenseSession::exported);
    answer = folder.filePath("sweep.csv");
    QTest::keyClick(&window, Qt::Key_C, Qt::ControlModifier | Qt::AltModifier);
    QTRY_COMPARE_WITH_TIMEOUT(exported.size(), 1, 20'000);
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

    // The session file brings it back.
    answer = folder.filePath("defense.crossiter.json");
    QTest::keyClick(&window, Qt::Key_S, Qt::ControlModifier);
    const ExplorerState saved = readSession(answer);
    QVERIFY(saved == session.state());
    defense.setSize(33);
    window.openSession(answer);
    QVERIFY(QTest::qWaitFor([&] { return session.state().defense == saved.defense; }, 20'000));
    QVERIFY(window.errorBar()->message().isEmpty());

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
    window.close();
}

void tst_DefenseTab::attackComesFirst()
{
    MainWindow window(realEngine(), windowOptions());
    window.resize(1500, 900);
    window.show();
    ExplorerState state = window.session().state();
    state.rounds = 2;
    state.sweepSizes = { 100, 299, 199 };
    window.session().change(state, Setting::Session);
    window.showTab(QStringLiteral("defense"));
    window.start(dalmatian());
    DefenseSession& defense = window.defenseSession();
    QVERIFY(QTest::qWaitFor([&] { return window.session().running(); }, 60'000));
    QVERIFY2(!defense.sweeping(), "no sweep beside the attack");
    QVERIFY(QTest::qWaitFor([&] { return window.settled(); }, 120'000));
    QVERIFY2(defense.sweepComplete(), "by itself when the attack has ended");
    QCOMPARE(defense.cellsDone(), 5 * 2 * 3);
    // More rounds: the cells that are there stay, the new sub-steps' are added.
    const auto first = defense.sweep();
    QTest::keyClick(&window, Qt::Key_Up, Qt::ControlModifier);
    QVERIFY(QTest::qWaitFor([&] { return defense.cellsPlanned() == 7 * 2 * 3; }, 60'000));
    QVERIFY(QTest::qWaitFor([&] { return window.settled(); }, 120'000));
    QCOMPARE(defense.cellsDone(), 7 * 2 * 3);
    QCOMPARE(
        defense.sweep()->cell(1, 100, 0)->trueProbability, first->cell(1, 100, 0)->trueProbability);
}

QTEST_MAIN(tst_DefenseTab)
#include "tst_DefenseTab.moc"
