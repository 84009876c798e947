// What the Batch tab is made of, without engine or window: models, sorting, the matrix's picture.
#include "core/base/Error.h"
#include "ui/plot/ScoreMatrixPaint.h"
#include "ui/plot/ScoreMatrixPlot.h"
#include "ui/viewmodels/CellImageModel.h"
#include "ui/viewmodels/RankingModel.h"
#include "ui/viewmodels/ScoreMatrixModel.h"

#include <QAbstractItemModelTester>
#include <QHeaderView>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include <algorithm>
#include <random>

using namespace crossiter;
using namespace crossiter::ui;

namespace {

/// Every attack wrote every image but one of each third attack; labels are right, hit or wrong.
TournamentOutcome randomOutcome(unsigned seed, int attacks, int targeted, int defenses, int images)
{
    std::mt19937 random(seed);
    TournamentOutcome outcome;
    for (int i = 0; i < attacks; ++i)
        outcome.attacks.push_back("attack" + std::to_string(i));
    for (int i = 0; i < targeted; ++i)
        outcome.targetedAttacks.push_back("targeted" + std::to_string(i));
    for (int i = 0; i < defenses; ++i)
        outcome.defenses.push_back("defense" + std::to_string(i));
    for (int i = 0; i < images; ++i)
        outcome.images.push_back({ "image" + std::to_string(i), 1 + i, 500 + i });
    for (int attack = 0; attack < attacks + targeted; ++attack) {
        for (int image = 0; image < images; ++image) {
            if (attack % 3 == 2 && image == 1)
                continue;
            const bool isTargeted = attack >= attacks;
            outcome.examples.push_back(
                { static_cast<std::size_t>(isTargeted ? attack - attacks : attack), isTargeted,
                    static_cast<std::size_t>(image) });
        }
    }
    for (int defense = 0; defense < defenses; ++defense) {
        std::vector<std::optional<int>> labels;
        for (const AdvExample& example : outcome.examples) {
            const auto image = static_cast<int>(example.image);
            switch (random() % 4) {
            case 0:
                labels.emplace_back(1 + image);
                break;
            case 1:
                labels.emplace_back(500 + image);
                break;
            case 2:
                labels.emplace_back(999);
                break;
            default:
                labels.emplace_back(defense == 0 ? std::nullopt : std::optional(7));
            }
        }
        outcome.labels.push_back(labels);
    }
    return outcome;
}

ScoreSheet sheetOf(std::vector<long> cells)
{
    ScoreSheet sheet;
    sheet.title = "Right on attacks";
    sheet.matrix = { { "a", "b", "c" }, { "x", "y" }, std::move(cells) };
    sheet.most = 10;
    sheet.rowScores = { 4, 9, 9 };
    sheet.columnScores = { 3, 1 };
    return sheet;
}

/// The names at the left, from top to bottom.
QStringList shownRows(const ScoreMatrixPlot& plot)
{
    QStringList rows;
    for (int row = 0; row < plot.model()->rowCount(); ++row)
        rows << plot.model()->headerData(row, Qt::Vertical).toString();
    return rows;
}

} // namespace

class tst_BatchModels : public QObject
{
    Q_OBJECT

private slots:
    void scoreMatrixModelIsSound();
    void sheetsHoldWhatTheFilesHold();
    void officialSheetsFindTheirMeetings();
    void marginsStayAtTheEndWhateverTheOrder();
    void whatIsNotKnownYetIsNoZero();
    void clicksOnNamesSortBothWays();
    void orderSurvivesNewCounts();
    void matrixIsSavedAsItIsShown();
    void numbersAreReadableOnEveryColour();
    void rankingsShareAPlace();
    void cellImagesAreSortedByOutcome();
};

void tst_BatchModels::scoreMatrixModelIsSound()
{
    ScoreMatrixModel model;
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (unsigned seed = 0; seed < 20; ++seed) {
        const int attacks = 1 + static_cast<int>(seed) % 5;
        const QVector<ScoreSheet> sheets =
            scoreSheets(randomOutcome(seed, attacks, 2, 3, 6), ScoreMode::Development);
        QCOMPARE(sheets.size(), 3);
        model.setSheet(sheets.first());
        QCOMPARE(model.rowCount(), attacks + 2);
        QCOMPARE(model.columnCount(), 3 + 2);
        long all = 0;
        for (int row = 0; row < attacks; ++row) {
            long sum = 0;
            for (int column = 0; column < 3; ++column)
                sum += model.index(row, column).data(ScoreMatrixModel::ValueRole).toLongLong();
            all += sum;
            QCOMPARE(model.index(row, 3).data(ScoreMatrixModel::ValueRole).toLongLong(), sum);
            // The competition's rule: images x defenses - sum of the row.
            QCOMPARE(
                model.index(row, 4).data(ScoreMatrixModel::ValueRole).toLongLong(), 6L * 3 - sum);
        }
        QCOMPARE(model.index(attacks, 3).data(ScoreMatrixModel::ValueRole).toLongLong(), all);
        QVERIFY2(!model.index(attacks + 1, 4).data(ScoreMatrixModel::ValueRole).isValid(),
            "scores are not added up");
        QVERIFY2(!model.meetingAt(model.index(attacks, 0)).valid(), "a sum is no meeting");
    }
    model.setSheet({});
    QCOMPARE(model.rowCount(), 0);
}

void tst_BatchModels::sheetsHoldWhatTheFilesHold()
{
    for (unsigned seed = 0; seed < 50; ++seed) {
        const TournamentOutcome outcome = randomOutcome(seed, 4, 3, 5, 9);
        const QVector<ScoreSheet> sheets = scoreSheets(outcome, ScoreMode::Development);
        const Scores scores = scoreTournament(outcome);
        QCOMPARE(matrixText(sheets[0].matrix), matrixText(scores.accuracyOnAttacks));
        QCOMPARE(matrixText(sheets[1].matrix), matrixText(scores.accuracyOnTargetedAttacks));
        QCOMPARE(matrixText(sheets[2].matrix), matrixText(scores.hitTargetClass));
        for (std::size_t row = 0; row < outcome.targetedAttacks.size(); ++row) {
            QCOMPARE(sheets[2].rowScores[row].value_or(-1), sheets[2].matrix.rowSum(row));
            QVERIFY2(!sheets[1].rowScores[row], "that matrix decides no targeted attack's score");
        }
        for (std::size_t column = 0; column < outcome.defenses.size(); ++column) {
            QCOMPARE(sheets[0].columnScores[column].value_or(-1),
                sheets[0].matrix.columnSum(column) + sheets[1].matrix.columnSum(column));
        }
    }
    TournamentOutcome none = randomOutcome(1, 2, 0, 2, 3);
    QCOMPARE(scoreSheets(none, ScoreMode::Development).size(), 1);
}

void tst_BatchModels::officialSheetsFindTheirMeetings()
{
    const QVector<ScoreSheet> sheets =
        scoreSheets(randomOutcome(3, 2, 2, 3, 4), ScoreMode::Official);
    QCOMPARE(sheets.size(), 3);
    QCOMPARE(sheets[0].meetingOf(1, 0), (Meeting { false, 0, 1 }));
    QCOMPARE(sheets[0].meetingOf(2, 3), (Meeting { true, 1, 2 }));
    QVERIFY(!sheets[0].meetingOf(3, 0).valid());
    ScoreMatrixModel model;
    model.setSheet(sheets[2]);
    QCOMPARE(model.meetingAt(model.indexOf({ true, 1, 2 })), (Meeting { true, 1, 2 }));
}

void tst_BatchModels::marginsStayAtTheEndWhateverTheOrder()
{
    ScoreMatrixPlot plot;
    const QAbstractItemModelTester tester(
        plot.model(), QAbstractItemModelTester::FailureReportingMode::QtTest);
    for (unsigned seed = 0; seed < 10; ++seed) {
        plot.setSheet(scoreSheets(randomOutcome(seed, 5, 1, 4, 8), ScoreMode::Development).first());
        for (int column = -1; column < plot.matrix()->columnCount(); ++column) {
            for (const Qt::SortOrder order : { Qt::AscendingOrder, Qt::DescendingOrder }) {
                plot.sortRowsBy(column, order);
                plot.sortColumnsBy(column < 0 ? -1 : column % 5, order);
                QCOMPARE(shownRows(plot).mid(5), (QStringList { "Sum", "Score" }));
                QCOMPARE(plot.shownColumns().mid(4), (QStringList { "Sum", "Score" }));
                for (int row = 0; row < 5; ++row) {
                    const QModelIndex index = plot.model()->index(row, 0);
                    const Meeting meeting = plot.meetingAt(index);
                    QCOMPARE(QString("attack%1").arg(meeting.attack), shownRows(plot)[row]);
                    QCOMPARE(QString("defense%1").arg(meeting.defense), plot.shownColumns()[0]);
                }
            }
        }
    }
}

void tst_BatchModels::whatIsNotKnownYetIsNoZero()
{
    TournamentSnapshot snapshot;
    snapshot.outcome = randomOutcome(4, 2, 1, 3, 5);
    for (int i = 0; i < 3; ++i) {
        SubmissionProgress attack;
        attack.total = 5;
        attack.done = 5;
        snapshot.submissions.push_back(attack);
    }
    for (auto& labels : snapshot.outcome.labels)
        for (auto& label : labels)
            label = label.value_or(7);
    snapshot.outcome.labels[1][2] = std::nullopt; // attack 0, image 2, defense 1
    ScoreSheet sheet = scoreSheets(snapshot.outcome, ScoreMode::Development).first();
    markPending(sheet, snapshot);
    ScoreMatrixModel model;
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setSheet(sheet);
    const auto known = [&](int row, int column) {
        return model.index(row, column).data(ScoreMatrixModel::ValueRole).isValid();
    };
    QVERIFY(!known(0, 1));
    QVERIFY(known(0, 0) && known(1, 1) && known(0, 2));
    QVERIFY2(!known(0, 3) && known(1, 3), "the sum of a row with a hole");
    QVERIFY2(!known(2, 1) && known(2, 0), "the sum of a column with a hole");
    QVERIFY2(!known(2, 3) && !known(1, 4) && !known(3, 0), "all cells; scores");
    QVERIFY(!model.index(0, 1).data(ScoreMatrixModel::ShareRole).isValid());
    snapshot.complete = true; // the defense will say no more
    markPending(sheet, snapshot);
    model.setSheet(sheet);
    QVERIFY(known(0, 1) && known(1, 4));
}

void tst_BatchModels::clicksOnNamesSortBothWays()
{
    ScoreMatrixPlot plot;
    plot.resize(600, 400);
    plot.setSheet(sheetOf({ 5, 1, 2, 8, 9, 3 }));
    plot.show();
    QVERIFY(QTest::qWaitForWindowExposed(&plot));
    const QStringList plan { "a", "b", "c" };
    const auto clickColumn = [&](int section) {
        QHeaderView* header = plot.horizontalHeader();
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {},
            QPoint(header->sectionViewportPosition(section) + header->sectionSize(section) / 2,
                header->height() / 2));
    };
    clickColumn(0);
    QCOMPARE(shownRows(plot).mid(0, 3), (QStringList { "c", "a", "b" }));
    clickColumn(0);
    QCOMPARE(shownRows(plot).mid(0, 3), (QStringList { "b", "a", "c" }));
    clickColumn(0);
    QCOMPARE(shownRows(plot).mid(0, 3), plan);
    clickColumn(3); // Score 4, 9, 9: ties in the plan's order
    QCOMPARE(shownRows(plot).mid(0, 3), (QStringList { "b", "c", "a" }));
    QHeaderView* names = plot.verticalHeader();
    QTest::mouseClick(names->viewport(), Qt::LeftButton, {},
        QPoint(10, names->sectionViewportPosition(0) + names->sectionSize(0) / 2)); // row b: 2, 8
    QCOMPARE(plot.shownColumns().mid(0, 2), (QStringList { "y", "x" }));
    plot.setCurrentIndex(plot.model()->index(0, 1)); // b, x
    plot.setFocus();
    QTest::keyClick(&plot, Qt::Key_S);
    QCOMPARE(shownRows(plot).mid(0, 3), (QStringList { "c", "a", "b" }));
    QTest::keyClick(&plot, Qt::Key_S, Qt::ShiftModifier);
    plot.resetOrder();
    QCOMPARE(shownRows(plot).mid(0, 3), plan);
    QCOMPARE(plot.shownColumns().mid(0, 2), (QStringList { "x", "y" }));

    QSignalSpy chosen(&plot, &ScoreMatrixPlot::cellChosen);
    QTest::mouseClick(
        plot.viewport(), Qt::LeftButton, {}, plot.visualRect(plot.model()->index(2, 1)).center());
    QCOMPARE(chosen.size(), 1);
    QCOMPARE(plot.chosen(), (Meeting { false, 2, 1 }));
    plot.setCurrentIndex(plot.model()->index(0, 0));
    QTest::keyClick(&plot, Qt::Key_Return);
    QCOMPARE(plot.chosen(), (Meeting { false, 0, 0 }));
    plot.setCurrentIndex(plot.model()->index(3, 0)); // a sum: nothing behind it
    QTest::keyClick(&plot, Qt::Key_Return);
    QCOMPARE(chosen.size(), 2);
}

void tst_BatchModels::orderSurvivesNewCounts()
{
    ScoreMatrixPlot plot;
    plot.setSheet(sheetOf({ 5, 1, 2, 8, 9, 3 }));
    plot.sortRowsBy(0, Qt::DescendingOrder);
    plot.setSheet(sheetOf({ 9, 1, 2, 8, 1, 3 }));
    QCOMPARE(shownRows(plot).mid(0, 3), (QStringList { "a", "b", "c" }));
    plot.setSheet(sheetOf({ 0, 1, 2, 8, 1, 3 }));
    QCOMPARE(shownRows(plot).mid(0, 3), (QStringList { "b", "c", "a" }));
    ScoreSheet other = sheetOf({ 0, 1, 2, 8, 1, 3 });
    other.matrix.rows = { "a", "b", "d" };
    plot.setSheet(other);
    QCOMPARE(shownRows(plot).mid(0, 3), (QStringList { "a", "b", "d" }));
}

void tst_BatchModels::matrixIsSavedAsItIsShown()
{
    QTemporaryDir folder;
    ScoreMatrixPlot plot;
    plot.setTheme(makeTheme(ThemeKind::Light));
    plot.setSheet(sheetOf({ 5, 1, 2, 8, 9, 3 }));
    plot.sortRowsBy(0, Qt::DescendingOrder);
    QCOMPARE(plot.csvText(),
        QString(",x,y,Sum,Score\nc,9,3,12,9\na,5,1,6,4\nb,2,8,10,9\nSum,16,12,28,\nScore,3,1,,\n"));
    for (const char* name : { "m.csv", "m.png", "m.pdf", "m.svg" }) {
        plot.saveMatrix(folder.filePath(name));
        QVERIFY2(QFileInfo(folder.filePath(name)).size() > 40, name);
    }
    QFile csv(folder.filePath("m.csv"));
    QVERIFY(csv.open(QIODevice::ReadOnly));
    QCOMPARE(QString::fromUtf8(csv.readAll()), plot.csvText());
    QFile pdf(folder.filePath("m.pdf"));
    QVERIFY(pdf.open(QIODevice::ReadOnly));
    QVERIFY(pdf.readAll().startsWith("%PDF"));
    const QImage png(folder.filePath("m.png"));
    QCOMPARE(png, plot.picture().convertToFormat(png.format()));
    // A figure is for paper: the window's dark colours are not its.
    const QImage light = plot.picture();
    plot.setTheme(makeTheme(ThemeKind::Dark));
    plot.resize(40, 30);
    QCOMPARE(plot.picture(), light);
    plot.saveMatrix(folder.filePath("large.png"), { 800, 450, 384 });
    QCOMPARE(QImage(folder.filePath("large.png")).size(), png.size() * 2);
    // Every cell's colour is in the picture: nothing is cut off.
    for (const double share : { 0.5, 0.1, 0.2, 0.8, 0.9, 0.3 }) {
        bool found = false;
        const QRgb wanted = heatColor(share).rgb();
        for (int y = 0; y < png.height() && !found; ++y)
            for (int x = 0; x < png.width() && !found; ++x)
                found = png.pixel(x, y) == wanted;
        QVERIFY2(found, qPrintable(QString::number(share)));
    }
    try {
        plot.saveMatrix(folder.filePath("no/such/m.png"));
        QFAIL("written into a folder that is not there");
    } catch (const Error& error) {
        QVERIFY(QString(error.what()).contains("no/such/m.png"));
    }
}

void tst_BatchModels::numbersAreReadableOnEveryColour()
{
    for (int step = 0; step <= 1000; ++step) {
        const QColor color = heatColor(step / 1000.0);
        QVERIFY2(contrastRatio(color, inkOn(color)) >= 4.5, qPrintable(color.name()));
    }
}

void tst_BatchModels::rankingsShareAPlace()
{
    RankingModel model;
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    std::vector<NormalisedScore> scores(4);
    const long counts[] = { 9, 7, 7, 1 };
    for (std::size_t i = 0; i < scores.size(); ++i) {
        scores[i].kind = i == 3 ? "defense" : "attack";
        scores[i].name = "n" + std::to_string(i);
        scores[i].score = counts[i];
        scores[i].normalised = static_cast<double>(counts[i]) / 10.0;
    }
    model.setRows(rankedRows(scores, "attack"));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.rows()[0].place, 1);
    QCOMPARE(model.rows()[1].place, 2);
    QCOMPARE(model.rows()[2].place, 2);
    QCOMPARE(model.index(1, RankingModel::NormalisedColumn).data().toString(), QString("70.0 %"));
    QVERIFY(!model.hasPublished());
    QCOMPARE(
        model.index(0, RankingModel::PublishedColumn).data(RankingModel::SortRole).toInt(), -1);
}

void tst_BatchModels::cellImagesAreSortedByOutcome()
{
    TournamentSnapshot snapshot;
    snapshot.outcome = randomOutcome(5, 3, 1, 2, 8);
    for (int i = 0; i < 8; ++i)
        snapshot.images.push_back({ "image" + std::to_string(i), "/clean.png", 16 });
    for (std::size_t i = 0; i < snapshot.outcome.examples.size(); ++i)
        snapshot.examples.emplace_back("/adv/" + std::to_string(i) + ".png");
    CellImageModel model;
    CellImageFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester tester(
        &filter, QAbstractItemModelTester::FailureReportingMode::QtTest);
    const Scores scores = scoreTournament(snapshot.outcome);
    for (int attack = 0; attack < 3; ++attack) {
        for (int defense = 0; defense < 2; ++defense) {
            model.setImages(cellImagesOf(snapshot, { false, attack, defense }));
            QCOMPARE(model.rowCount(), 8);
            filter.setShows(CellImageFilter::Shows::Held);
            QCOMPARE(filter.rowCount(),
                static_cast<int>(scores.accuracyOnAttacks.at(
                    static_cast<std::size_t>(attack), static_cast<std::size_t>(defense))));
            int parts = filter.rowCount();
            filter.setShows(CellImageFilter::Shows::Fooled);
            parts += filter.rowCount();
            filter.setShows(CellImageFilter::Shows::Missing);
            QCOMPARE(parts + filter.rowCount(), 8);
            if (attack == 2)
                QVERIFY2(filter.rowCount() >= 1, "one image was not written");
        }
    }
    model.setImages(cellImagesOf(snapshot, { true, 0, 1 }));
    filter.setShows(CellImageFilter::Shows::Hit);
    QCOMPARE(filter.rowCount(), static_cast<int>(scores.hitTargetClass.at(0, 1)));
    QVERIFY(cellImagesOf(snapshot, { false, 9, 0 }).isEmpty());
}

QTEST_MAIN(tst_BatchModels)
#include "tst_BatchModels.moc"
