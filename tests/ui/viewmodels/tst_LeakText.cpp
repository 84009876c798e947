// Label leaking in words, colours and tables: what needs no window.
#include "core/attack/AttackTrace.h"
#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "ui/plot/LeakTracks.h"
#include "ui/session/Counted.h"
#include "ui/viewmodels/LeakText.h"
#include "ui/viewmodels/VerdictModel.h"

#include <QAbstractItemModelTester>
#include <QTest>

#include <algorithm>
#include <array>
#include <cmath>

using namespace crossiter;
using namespace crossiter::ui;

namespace {

/// Label 252 is lost at sub-step 1, back at 2 (which attacked 7), and lost to 9 at the end.
AttackTrace returningTrace()
{
    AttackTrace trace;
    trace.request.sources = { "a" };
    trace.request.judges = { "a" };
    trace.request.rounds = 4;
    trace.judges = { "a" };
    const int tops[] = { 252, 7, 252, 252, 9 };
    const int attacked[] = { -1, 252, 7, 252, 252 };
    for (int index = 0; index < 5; ++index) {
        auto step = std::make_shared<SubStep>();
        step->index = index;
        step->attackedLabel = attacked[index];
        step->source = index > 0 ? "a" : "";
        Prediction says;
        says.model = "a";
        says.probabilities.assign(1001, 0.0F);
        says.probabilities[static_cast<std::size_t>(tops[index])] = 0.9F;
        step->judges = { says };
        trace.subSteps.push_back(step);
    }
    return trace;
}

} // namespace

class tst_LeakText : public QObject
{
    Q_OBJECT

private slots:
    void factsAreCountedFromTheTrace();
    void wordsFollowFromTheFacts();
    void coloursCanBeToldApart();
    void differenceFindsOneByte();
    void verdictModelKeepsTheRules();
    void lettersStaySingle();
    void oneIsSingular();
};

void tst_LeakText::factsAreCountedFromTheTrace()
{
    const AttackTrace trace = returningTrace();
    const LeakFacts facts = leakFacts(trace, 252, std::nullopt);
    QCOMPARE(facts.done, 4);
    QCOMPARE(facts.wrong, 1);
    QCOMPARE(facts.firstWrong, 2);
    QCOMPARE(facts.returns, (QVector<QVector<int>> { { 2 } }));
    QCOMPARE(facts.lostAt, QVector<int> { 1 });
    QCOMPARE(leakFacts(trace, std::nullopt, std::nullopt).wrong, 0);
    const LeakFacts target = leakFacts(trace, 252, 9);
    QCOMPARE(target.targetSince, QVector<int> { 4 });
    QCOMPARE(target.targetLast.first(), static_cast<double>(0.9F));
    QCOMPARE(leakFacts(trace, 252, 7).targetSince, QVector<int> { -1 });
}

void tst_LeakText::wordsFollowFromTheFacts()
{
    LeakTrack track;
    track.trace = std::make_shared<AttackTrace>(returningTrace());
    track.request = track.trace->request;
    const auto name = [](const std::string&) { return QStringLiteral("Lite0"); };
    QCOMPARE(trackSentence(
                 track, QStringLiteral("own"), leakFacts(*track.trace, 252, {}), 252, {}, name),
        QString::fromUtf8("own: 1 of 4 sub-steps attacked another label, first 2; “Dalmatian” came "
                          "back at 2 on Lite0."));
    QCOMPARE(
        trackSentence(track, QStringLiteral("a"), leakFacts(*track.trace, 252, 9), 252, 9, name),
        QStringLiteral("a: the target is top-1 of Lite0 from sub-step 4 on (0.900)."));
    ExactComparison exact;
    QVERIFY(exactSentence(exact).isEmpty());
    exact.shown = track.request;
    exact.compared = 4;
    exact.equalPixels = { 1.0, 1.0, 0.5, 0.4, 0.25 };
    exact.equalTop1 = { 1.0, 1.0, 1.0, 1.0, 0.0 };
    exact.firstPicture = 2;
    QVERIFY2(
        exactSentence(exact).startsWith("From sub-step 2 on"), qPrintable(exactSentence(exact)));
    QVERIFY2(
        exactSentence(exact).contains("25.0 % of the pixels"), qPrintable(exactSentence(exact)));
}

void tst_LeakText::coloursCanBeToldApart()
{
    for (const ThemeKind kind : { ThemeKind::Light, ThemeKind::Dark }) {
        const Theme theme = makeTheme(kind);
        QVector<QColor> all = leakPalette(theme);
        all << theme.trueLabel;
        // Deuteranopia (Machado, Oliveira, Fernandes 2009), linear RGB.
        const double matrix[3][3] = { { 0.367322, 0.860646, -0.227968 },
            { 0.280085, 0.672501, 0.047413 }, { -0.011820, 0.042940, 0.968881 } };
        const auto seen = [&](const QColor& color) {
            const double rgb[3] = { std::pow(color.redF(), 2.2), std::pow(color.greenF(), 2.2),
                std::pow(color.blueF(), 2.2) };
            std::array<double, 3> out {};
            for (int i = 0; i < 3; ++i) {
                double sum = 0.0;
                for (int j = 0; j < 3; ++j) {
                    sum += matrix[i][j] * rgb[j];
                }
                out[static_cast<std::size_t>(i)] = std::pow(std::clamp(sum, 0.0, 1.0), 1.0 / 2.2);
            }
            return out;
        };
        for (int a = 0; a < all.size(); ++a) {
            for (int b = a + 1; b < all.size(); ++b) {
                const auto x = seen(all[a]);
                const auto y = seen(all[b]);
                const double apart = std::hypot(x[0] - y[0], x[1] - y[1], x[2] - y[2]);
                QVERIFY2(apart > 0.12,
                    qPrintable(QStringLiteral("%1 and %2: %3")
                                   .arg(all[a].name(), all[b].name())
                                   .arg(apart)));
            }
        }
    }
}

void tst_LeakText::differenceFindsOneByte()
{
    SubStep a;
    a.exported = Image(2, 2);
    a.attackedLabel = 3;
    SubStep b = a;
    QVERIFY(differenceOf(a, b).samePicture);
    QCOMPARE(differenceOf(a, b).equalPixels, 1.0);
    b.exported.rgb[4] = 1; // green of the second pixel
    b.attackedLabel = 4;
    const SubStepDifference apart = differenceOf(a, b);
    QVERIFY(!apart.samePicture && !apart.sameLabel);
    QCOMPARE(apart.equalPixels, 0.75);
    b.exported = Image(1, 2);
    QVERIFY_THROWS_EXCEPTION(Error, static_cast<void>(differenceOf(a, b)));
}

void tst_LeakText::verdictModelKeepsTheRules()
{
    VerdictModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QVERIFY(model.empty());
    StudyVerdict verdict;
    verdict.id = "H1";
    verdict.claim = "later steps attack a wrong label";
    verdict.finding = "supported";
    verdict.supporting = { "one", "two" };
    model.setVerdicts({ verdict, verdict });
    QCOMPARE(model.rowCount(), 2);
    const auto text = [&](int column) { return model.index(0, column).data().toString(); };
    QCOMPARE(
        text(VerdictModel::Hypothesis), QStringLiteral("H1: later steps attack a wrong label"));
    QCOMPARE(text(VerdictModel::Finding), QStringLiteral("supported"));
    QCOMPARE(text(VerdictModel::For), QString::fromUtf8("• one\n• two"));
    QVERIFY(text(VerdictModel::Against).isEmpty());
    verdict.finding = "contradicted";
    model.setVerdicts({ verdict, verdict });
    QCOMPARE(text(VerdictModel::Finding), QStringLiteral("contradicted"));
    model.setVerdicts({});
    QCOMPARE(model.rowCount(), 0);
}

void tst_LeakText::lettersStaySingle()
{
    LeakTracks tracks;
    tracks.setTheme(makeTheme(ThemeKind::Light));
    tracks.setLabels(252, std::nullopt);
    const auto show = [&tracks](int firstLabel, int count) {
        auto trace = std::make_shared<AttackTrace>(returningTrace());
        trace->subSteps.resize(1);
        for (int i = 0; i < count; ++i) {
            auto step = std::make_shared<SubStep>(*returningTrace().subSteps[1]);
            step->index = i + 1;
            step->attackedLabel = firstLabel + i;
            trace->subSteps.push_back(step);
        }
        LeakRow row;
        row.trace = trace;
        row.planned = count;
        tracks.setRows({ row });
        QMap<int, QString> letters;
        for (const LabelMark& mark : tracks.marks())
            letters[mark.label] = mark.letter;
        return letters;
    };
    // Many settings, one after the other: each shows few labels.
    QMap<int, QString> letters = show(300, 5);
    QCOMPARE(letters.value(300), QStringLiteral("A"));
    for (int first = 300; first < 500; first += 4) {
        const QMap<int, QString> before = letters;
        letters = show(first, 5);
        QCOMPARE(letters.size(), 5);
        QStringList seen;
        for (auto at = letters.cbegin(); at != letters.cend(); ++at) {
            QVERIFY2(at.value().size() == 1, qPrintable(at.value()));
            QVERIFY(!seen.contains(at.value()));
            seen << at.value();
            if (before.contains(at.key()))
                QCOMPARE(at.value(), before[at.key()]);
        }
    }
    // More than there are letters: two of them, and no digits.
    tracks.setRows({});
    tracks.forgetLabels();
    letters = show(300, 60);
    QCOMPARE(letters.value(325), QStringLiteral("Z"));
    QCOMPARE(letters.value(326), QStringLiteral("AA"));
    QCOMPARE(letters.value(352), QStringLiteral("BA"));
    QCOMPARE(tracks.marks().constFirst().letter, QStringLiteral("A"));
    QCOMPARE(tracks.marks().constLast().letter, QStringLiteral("BH"));
}

void tst_LeakText::oneIsSingular()
{
    QCOMPARE(countedText(1, "sub-step", "sub-steps"), QStringLiteral("1 sub-step"));
    QCOMPARE(countedText(0, "sub-step", "sub-steps"), QStringLiteral("0 sub-steps"));
    QCOMPARE(counted(1, "image"), std::string("1 image"));
    QCOMPARE(counted(std::size_t(2), "match", "matches"), std::string("2 matches"));
}

QTEST_MAIN(tst_LeakText)
#include "tst_LeakText.moc"
