// Every field that holds a seed: it shows the seed that is used, however great, and takes it whole.
#include "core/batch/TournamentView.h"
#include "ui/dialogs/TargetClassDialog.h"
#include "ui/session/BatchSession.h"
#include "ui/session/DefenseSession.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/common/SeedField.h"

#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include <limits>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

constexpr quint64 kGreatest = std::numeric_limits<quint64>::max();
constexpr quint64 kClamped = std::numeric_limits<int>::max(); // what a spin box would make of it

void type(SeedField& field, const char* text)
{
    field.selectAll();
    QTest::keyClicks(&field, QString::fromLatin1(text));
}

} // namespace

class tst_SeedField : public QObject
{
    Q_OBJECT

private slots:
    void takesWholeNumbersOnly();
    void arrowsStopAtTheEnds();
    void attackSeedOfASessionFile();
    void seedOfTheDraws();
    void seedOfATournament();
    void seedOfRandomTargets();
};

void tst_SeedField::takesWholeNumbersOnly()
{
    SeedField field(1000);
    QSignalSpy changed(&field, &SeedField::valueChanged);
    QCOMPARE(field.text(), QString("0"));
    type(field, "12");
    QCOMPARE(field.value(), quint64(12));
    QVERIFY2(changed.isEmpty(), "typing 12 must not take 1 first");
    field.setValue(0); // what a refresh says meanwhile
    QCOMPARE(field.text(), QString("12"));
    QTest::keyClick(&field, Qt::Key_Return);
    QCOMPARE(changed.size(), 1);
    QCOMPARE(changed.last().constFirst().toULongLong(), 12ULL);
    type(field, "007");
    QTest::keyClick(&field, Qt::Key_Return);
    QCOMPARE(field.text(), QString("7"));
    for (const char* text : { "-", "+", ".", "e", " ", "1,000", "1001" }) {
        type(field, text);
        QTest::keyClick(&field, Qt::Key_Return);
        QVERIFY2(field.value() <= 1000, text);
        QCOMPARE(field.text(), QString::number(field.value()));
    }
    field.setValue(5);
    field.clear();
    QCOMPARE(field.value(), quint64(5));
    QTest::keyClick(&field, Qt::Key_Return);
    QCOMPARE(field.text(), QString("5")); // an empty field is no seed
    field.setValue(2000); // from elsewhere: shown as it is
    QCOMPARE(field.text(), QString("2000"));
    QCOMPARE(field.value(), quint64(2000));
}

void tst_SeedField::arrowsStopAtTheEnds()
{
    SeedField field;
    QSignalSpy changed(&field, &SeedField::valueChanged);
    QTest::keyClick(&field, Qt::Key_Down);
    QCOMPARE(field.value(), quint64(0));
    QVERIFY(changed.isEmpty());
    QTest::keyClick(&field, Qt::Key_Up);
    QCOMPARE(field.text(), QString("1"));
    QCOMPARE(changed.size(), 1);
    field.setValue(kGreatest);
    QTest::keyClick(&field, Qt::Key_Up);
    QCOMPARE(field.text(), QString("18446744073709551615"));
    QTest::keyClick(&field, Qt::Key_Down);
    QCOMPARE(field.value(), kGreatest - 1);
    QCOMPARE(changed.size(), 2);
}

void tst_SeedField::attackSeedOfASessionFile()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    QVERIFY(showWindow(window));
    ExplorerState state = window.workspace().explorer().state();
    state.attack.seed = kMostSeed;
    const ExplorerState read = parseSession(sessionJson(state, "/somewhere"), "/somewhere/s.json");
    QCOMPARE(read.attack.seed, kMostSeed);
    window.workspace().explorer().change(read, Setting::Seed);
    window.findChild<QToolButton*>("more")->click();
    auto* field = window.findChild<SeedField*>("seed");
    QCOMPARE(field->accessibleName(), QString("Seed"));
    QCOMPARE(field->text(), QString("9007199254740992"));
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(window.workspace().explorer().state().attack.seed,
        kMostSeed); // looking at it changes nothing

    window.workspace()
        .explorer()
        .undoStack()
        ->clear(); // two seeds in quick succession are one step
    type(*field, "4294967301");
    QCOMPARE(window.workspace().explorer().state().attack.seed, kMostSeed);
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(window.workspace().explorer().state().attack.seed, std::uint64_t(4294967301));
    QCOMPARE(window.workspace().explorer().request().seed, std::uint64_t(4294967301));
    window.workspace().explorer().undoStack()->undo();
    QCOMPARE(field->text(), QString("9007199254740992"));
    type(*field, "9007199254740993"); // JSON would not carry it: the last digit is not taken
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(window.workspace().explorer().state().attack.seed, std::uint64_t(900719925474099));
}

void tst_SeedField::seedOfTheDraws()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    QVERIFY(showWindow(window));
    DefenseRequest defense = window.workspace().defense().defense();
    defense.dropout = true;
    defense.seed = kGreatest;
    window.workspace().defense().change(defense);
    auto* field = window.findChild<SeedField*>("defenseSeed");
    QVERIFY(field->isEnabled());
    QCOMPARE(field->text(), QString("18446744073709551615"));
    type(*field, "9007199254740993");
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(window.workspace().defense().defense().seed, std::uint64_t(9007199254740993));
    const ExplorerState& state = window.workspace().explorer().state();
    QCOMPARE(parseSession(sessionJson(state, "/somewhere"), "/somewhere/s.json").defense.seed,
        std::uint64_t(9007199254740993));
}

void tst_SeedField::seedOfATournament()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    QVERIFY(showWindow(window));
    BatchSession& batch = window.findChild<BatchPanel*>()->session();
    TournamentPlan plan = batch.plan();
    plan.seed = kGreatest;
    batch.setPlan(plan);
    auto* field = window.findChild<SeedField*>("batchSeed");
    QCOMPARE(field->text(), QString("18446744073709551615"));
    QCOMPARE(batch.plan().seed, std::uint64_t(kGreatest)); // showing it changes nothing
    type(*field, "2147483648");
    QTest::keyClick(field, Qt::Key_Return);
    QCOMPARE(batch.plan().seed, std::uint64_t(2147483648));
}

void tst_SeedField::seedOfRandomTargets()
{
    TournamentPlan plan;
    plan.seed = kGreatest;
    DatasetView dataset;
    dataset.entries.reserve(4);
    for (const char* id : { "a", "b", "c", "d" })
        dataset.entries.push_back({ id, std::string(id) + ".png", 252, {} });
    TargetClassDialog dialog(realEngine(), plan, dataset, makeTheme(ThemeKind::Light),
        [](const QString&, const QString&, const QString&, bool, bool) { return QString(); });
    auto* field = dialog.findChild<SeedField*>("targetSeed");
    QCOMPARE(field->text(), QString("18446744073709551615"));
    const auto drawn = [&] {
        dialog.fillRandom();
        QVector<std::optional<int>> targets;
        for (const TargetRow& row : dialog.model()->rows())
            targets << row.target;
        return targets;
    };
    QVERIFY(dialog.model()->randomTargets(kGreatest) != dialog.model()->randomTargets(kClamped));
    QCOMPARE(drawn(), dialog.model()->randomTargets(kGreatest));
    type(*field, "4294967296"); // used as it is written, before Return too
    QCOMPARE(drawn(), dialog.model()->randomTargets(4294967296ULL));
}

QTEST_MAIN(tst_SeedField)
#include "tst_SeedField.moc"
