// The runner's files against a second evaluation of the rules, written down from competition.md
// section 4 without looking at core/contest: bytes and line ends included.

#include "core/base/Error.h"
#include "core/base/Random.h"
#include "core/contest/Score.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fstream>
#include <functional>
#include <iterator>
#include <map>

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

constexpr int kTournaments = 1000;

int below(RandomStream& random, int limit)
{
    return static_cast<int>(random.next() % static_cast<std::uint64_t>(limit));
}

/// Few labels, so that hits and ties are frequent; images and labels are missing now and then.
TournamentOutcome randomTournament(std::uint64_t seed)
{
    RandomStream random(seed);
    TournamentOutcome made;
    const auto names = [&random](const char* stem, int most) {
        std::vector<std::string> list;
        const int count = below(random, most + 1);
        list.reserve(static_cast<std::size_t>(count));
        for (int i = 0; i < count; ++i)
            list.push_back(
                std::string(stem) + " " + std::to_string(below(random, 90) + 10 * 100 * i));
        return list;
    };
    made.attacks = names("fgsm", 4);
    made.targetedAttacks = names("iter", 3);
    made.defenses = names("base", 4);
    const auto label = [&random] { return 1 + below(random, 4); };
    const int images = below(random, 7);
    for (int i = 0; i < images; ++i) {
        TournamentImage image { i % 3 == 0 ? "a,\"" + std::to_string(i) : "img" + std::to_string(i),
            label(), label() };
        if (below(random, 12) == 0)
            image.targetClass.reset();
        if (below(random, 12) == 0)
            image.trueLabel.reset();
        made.images.push_back(image);
    }
    for (const bool targeted : { false, true }) {
        const std::size_t count = (targeted ? made.targetedAttacks : made.attacks).size();
        for (std::size_t attack = 0; attack < count; ++attack) {
            const bool complete = below(random, 2) == 0;
            for (std::size_t image = 0; image < made.images.size(); ++image)
                if (complete || below(random, 8) > 0)
                    made.examples.push_back({ attack, targeted, image });
        }
    }
    const bool clean = below(random, 2) == 0;
    for (std::size_t defense = 0; defense < made.defenses.size(); ++defense) {
        const bool complete = below(random, 2) == 0;
        const auto row = [&](std::size_t count) {
            std::vector<std::optional<int>> labels;
            for (std::size_t i = 0; i < count; ++i) {
                labels.emplace_back(label());
                if (!complete && below(random, 8) == 0)
                    labels.back().reset();
            }
            return labels;
        };
        made.labels.push_back(row(made.examples.size()));
        if (clean)
            made.cleanLabels.push_back(row(made.images.size()));
    }
    return made;
}

/// The rules once more: everything by name, out of one list of single predictions.
class Evaluation
{
public:
    explicit Evaluation(const TournamentOutcome& of)
        : m_of(of)
    {
        for (std::size_t number = 0; number < of.examples.size(); ++number) {
            const AdvExample& example = of.examples[number];
            for (std::size_t defense = 0; defense < of.defenses.size(); ++defense) {
                if (const auto said = of.labels[defense][number])
                    m_said.push_back({ of.defenses[defense],
                        example.targeted ? of.targetedAttacks[example.attack]
                                         : of.attacks[example.attack],
                        example.targeted, of.images[example.image], *said });
            }
        }
    }

    struct Said
    {
        std::string defense;
        std::string attack;
        bool targeted;
        TournamentImage image;
        int label;
    };
    using Counts = std::function<bool(const Said&)>;

    long count(const Counts& counts) const
    {
        long sum = 0;
        for (const Said& said : m_said)
            sum += counts(said) ? 1 : 0;
        return sum;
    }

    long cell(bool targeted, const std::string& attack, const std::string& defense,
        const Counts& counts) const
    {
        return count([&](const Said& said) {
            return said.targeted == targeted && said.attack == attack && said.defense == defense
                && counts(said);
        });
    }

    static bool right(const Said& said) { return said.image.trueLabel == said.label; }
    static bool wrong(const Said& said) { return said.image.trueLabel != said.label; }
    static bool hit(const Said& said) { return said.image.targetClass == said.label; }

    std::string matrix(bool targeted, const Counts& counts) const
    {
        QByteArray text;
        for (const std::string& defense : m_of.defenses)
            text += ',' + QByteArray::fromStdString(defense);
        text += '\n';
        for (const std::string& attack : targeted ? m_of.targetedAttacks : m_of.attacks) {
            text += QByteArray::fromStdString(attack);
            for (const std::string& defense : m_of.defenses)
                text +=
                    ',' + QByteArray::number(qlonglong(cell(targeted, attack, defense, counts)));
            text += '\n';
        }
        return text.toStdString();
    }

    std::string transposed(const Counts& counts) const
    {
        QByteArray text;
        for (const std::string& attack : m_of.attacks)
            text += ',' + QByteArray::fromStdString(attack);
        for (const std::string& attack : m_of.targetedAttacks)
            text += ',' + QByteArray::fromStdString(attack);
        text += '\n';
        for (const std::string& defense : m_of.defenses) {
            text += QByteArray::fromStdString(defense);
            for (const std::string& attack : m_of.attacks)
                text += ',' + QByteArray::number(qlonglong(cell(false, attack, defense, counts)));
            for (const std::string& attack : m_of.targetedAttacks)
                text += ',' + QByteArray::number(qlonglong(cell(true, attack, defense, counts)));
            text += '\n';
        }
        return text.toStdString();
    }

    /// The best of those that are left, the first of equals, again and again.
    static std::string ranking(const char* who, const std::vector<std::string>& names,
        const std::function<long(const std::string&)>& scoreOf)
    {
        QByteArray text = QByteArray(who) + ",Score\r\n";
        std::vector<std::string> left = names;
        while (!left.empty()) {
            std::size_t best = 0;
            for (std::size_t i = 1; i < left.size(); ++i)
                if (scoreOf(left[i]) > scoreOf(left[best]))
                    best = i;
            text += QByteArray::fromStdString(left[best]) + ','
                + QByteArray::number(qlonglong(scoreOf(left[best]))) + "\r\n";
            left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
        }
        return text.toStdString();
    }

    long written(bool targeted, const std::string& attack) const
    {
        long sum = 0;
        for (const AdvExample& example : m_of.examples) {
            const auto& names = example.targeted ? m_of.targetedAttacks : m_of.attacks;
            sum += example.targeted == targeted && names[example.attack] == attack ? 1 : 0;
        }
        return sum;
    }
    bool completeAttack(bool targeted, const std::string& attack) const
    {
        return written(targeted, attack) == static_cast<long>(m_of.images.size());
    }
    bool completeDefense(const std::string& defense) const
    {
        return count([&](const Said& said) { return said.defense == defense; })
            == static_cast<long>(m_of.examples.size());
    }

    std::string classification() const
    {
        QByteArray text = "AttackName,IsTargeted,DefenseName,ImageId,PredictedLabel,TrueLabel,"
                          "TargetClass\r\n";
        const auto number = [](std::optional<int> value) {
            return value ? QByteArray::number(*value) : QByteArray();
        };
        for (const std::string& defense : m_of.defenses) {
            for (const Said& said : m_said) { // by number in all_adv_examples
                if (said.defense != defense)
                    continue;
                QByteArray id = QByteArray::fromStdString(said.image.imageId);
                if (id.contains(','))
                    id = '"' + id.replace('"', "\"\"") + '"';
                text += QByteArray::fromStdString(said.attack)
                    + (said.targeted ? ",True," : ",False,")
                    + QByteArray::fromStdString(said.defense) + ',' + id + ','
                    + QByteArray::number(said.label) + ',' + number(said.image.trueLabel) + ','
                    + number(said.image.targetClass) + "\r\n";
            }
        }
        return text.toStdString();
    }

    const TournamentOutcome& of() const { return m_of; }

private:
    const TournamentOutcome& m_of;
    std::vector<Said> m_said;
};

std::map<std::string, std::string> developmentFiles(const Evaluation& e)
{
    const TournamentOutcome& of = e.of();
    std::map<std::string, std::string> files;
    files["accuracy_on_attacks.csv"] = e.matrix(false, Evaluation::right);
    files["accuracy_on_targeted_attacks.csv"] = e.matrix(true, Evaluation::right);
    files["hit_target_class.csv"] = e.matrix(true, Evaluation::hit);
    const long all = static_cast<long>(of.images.size() * of.defenses.size());
    files["attack_ranking.csv"] = Evaluation::ranking(
        "AttackName", of.attacks,
        [&](const std::string& name) {
            return all - e.count([&](const Evaluation::Said& said) {
                return !said.targeted && said.attack == name && Evaluation::right(said);
            });
        });
    files["targeted_attack_ranking.csv"] = Evaluation::ranking(
        "AttackName", of.targetedAttacks,
        [&](const std::string& name) {
            return e.count([&](const Evaluation::Said& said) {
                return said.targeted && said.attack == name && Evaluation::hit(said);
            });
        });
    files["defense_ranking.csv"] =
        Evaluation::ranking("DefenseName", of.defenses, [&](const std::string& name) {
            return e.count([&](const Evaluation::Said& said) {
                return said.defense == name && Evaluation::right(said);
            });
        });
    files["all_classification.csv"] = e.classification();
    return files;
}

std::map<std::string, std::string> officialFiles(const Evaluation& e)
{
    const TournamentOutcome& of = e.of();
    std::map<std::string, std::string> files;
    files["accuracy_matrix.csv"] = e.transposed(Evaluation::right);
    files["error_matrix.csv"] = e.transposed(Evaluation::wrong);
    files["hit_target_class_matrix.csv"] = e.transposed(Evaluation::hit);
    files["attack_ranking.csv"] = Evaluation::ranking(
        "AttackName", of.attacks,
        [&](const std::string& name) {
            return e.count([&](const Evaluation::Said& said) {
                return !said.targeted && said.attack == name && Evaluation::wrong(said)
                    && e.completeDefense(said.defense);
            });
        });
    files["targeted_attack_ranking.csv"] = Evaluation::ranking(
        "AttackName", of.targetedAttacks,
        [&](const std::string& name) {
            return e.count([&](const Evaluation::Said& said) {
                return said.targeted && said.attack == name && Evaluation::hit(said)
                    && e.completeDefense(said.defense);
            });
        });
    files["defense_ranking.csv"] =
        Evaluation::ranking("DefenseName", of.defenses, [&](const std::string& name) {
            return e.count([&](const Evaluation::Said& said) {
                return said.defense == name && Evaluation::right(said)
                    && e.completeAttack(said.targeted, said.attack);
            });
        });
    return files;
}

std::string textOf(const fs::path& path)
{
    std::ifstream file(path, std::ios::binary);
    return { std::istreambuf_iterator<char>(file), {} };
}

/// A tournament that can be followed by hand: 2 attacks, 1 targeted, 2 defenses, 2 images.
TournamentOutcome smallTournament()
{
    TournamentOutcome made;
    made.attacks = { "fgsm", "noop" };
    made.targetedAttacks = { "iter" };
    made.defenses = { "base", "adv" };
    made.images = { { "a", 1, 9 }, { "b", 2, 9 } };
    // fgsm failed to write b.
    made.examples = { { 0, false, 0 }, { 1, false, 0 }, { 1, false, 1 }, { 0, true, 0 },
        { 0, true, 1 } };
    made.labels = { { 5, 1, 2, 9, 2 }, { 1, 1, 2, 9, {} } };
    made.cleanLabels = { { 1, 2 }, { 1, 7 } };
    return made;
}

} // namespace

class TestScore : public QObject
{
    Q_OBJECT

private slots:
    void equalsASecondEvaluation_data();
    void equalsASecondEvaluation();
    void bytesOfASmallTournament();
    void theFilesHoldTheTexts();
    void officialScoresOfASmallTournament();
    void overRightlyClassified();
    void tiesKeepThePlansOrder();
    void emptyTournament();
    void refusesWhatDoesNotFit();
};

void TestScore::equalsASecondEvaluation_data()
{
    QTest::addColumn<bool>("official");
    QTest::newRow("development") << false;
    QTest::newRow("official") << true;
}

void TestScore::equalsASecondEvaluation()
{
    QFETCH(const bool, official);
    int withImages = 0;
    for (int seed = 0; seed < kTournaments; ++seed) {
        const TournamentOutcome made = randomTournament(static_cast<std::uint64_t>(seed));
        const Evaluation evaluation(made);
        const auto expected = official ? officialFiles(evaluation) : developmentFiles(evaluation);
        const auto files =
            scoreFiles(made, official ? ScoreMode::Official : ScoreMode::Development, !official);
        QCOMPARE(files.size(), expected.size() + 1); // normalised_scores.csv
        for (const ScoreFile& file : files) {
            const auto wanted = expected.find(file.name);
            if (wanted == expected.end()) {
                QCOMPARE(file.name, "normalised_scores.csv");
                continue;
            }
            QVERIFY2(file.text == wanted->second,
                qPrintable(QString("tournament %1, %2:\n%3\ninstead of\n%4")
                               .arg(seed)
                               .arg(file.name, QString::fromStdString(file.text),
                                   QString::fromStdString(wanted->second))));
        }
        withImages += made.examples.empty() || made.defenses.empty() ? 0 : 1;
    }
    QVERIFY2(withImages > kTournaments / 2, "the tournaments are not worth comparing");
}

void TestScore::bytesOfASmallTournament()
{
    const TournamentOutcome made = smallTournament();
    const Scores scores = scoreTournament(made);
    QCOMPARE(matrixText(scores.accuracyOnAttacks), std::string(",base,adv\nfgsm,0,1\nnoop,2,2\n"));
    QCOMPARE(matrixText(scores.accuracyOnTargetedAttacks), std::string(",base,adv\niter,1,0\n"));
    QCOMPARE(matrixText(scores.hitTargetClass), std::string(",base,adv\niter,1,1\n"));
    // The image that fgsm did not write counts for it: 2 * 2 - 1.
    QCOMPARE(rankingText("AttackName,Score", scores.attacks),
        std::string("AttackName,Score\r\nfgsm,3\r\nnoop,0\r\n"));
    QCOMPARE(rankingText("AttackName,Score", scores.targetedAttacks),
        std::string("AttackName,Score\r\niter,2\r\n"));
    QCOMPARE(rankingText("DefenseName,Score", scores.defenses),
        std::string("DefenseName,Score\r\nbase,3\r\nadv,3\r\n"));
    QCOMPARE(allClassificationText(made),
        std::string(
            "AttackName,IsTargeted,DefenseName,ImageId,PredictedLabel,TrueLabel,TargetClass"
            "\r\nfgsm,False,base,a,5,1,9\r\nnoop,False,base,a,1,1,9\r\n"
            "noop,False,base,b,2,2,9\r\niter,True,base,a,9,1,9\r\niter,True,base,b,2,2,9\r\n"
            "fgsm,False,adv,a,1,1,9\r\nnoop,False,adv,a,1,1,9\r\nnoop,False,adv,b,2,2,9\r\n"
            "iter,True,adv,a,9,1,9\r\n"));
    QCOMPARE(advExampleStem(0), std::string("00000000"));
    QCOMPARE(advExampleStem(1234567), std::string("01234567"));
}

void TestScore::theFilesHoldTheTexts()
{
    const QTemporaryDir folder;
    const fs::path path = folder.path().toStdString();
    for (const ScoreMode mode : { ScoreMode::Development, ScoreMode::Official }) {
        const auto files = scoreFiles(smallTournament(), mode, true);
        const auto written = writeScores(path, smallTournament(), mode, true);
        QCOMPARE(written.size(), files.size());
        for (std::size_t i = 0; i < files.size(); ++i) {
            QVERIFY(written[i] == path / files[i].name);
            QCOMPARE(textOf(written[i]), files[i].text);
        }
    }
}

void TestScore::officialScoresOfASmallTournament()
{
    const OfficialScores scores = scoreOfficially(smallTournament());
    QCOMPARE(matrixText(scores.accuracy), std::string(",fgsm,noop,iter\nbase,0,2,1\nadv,1,2,0\n"));
    QCOMPARE(matrixText(scores.error), std::string(",fgsm,noop,iter\nbase,1,0,1\nadv,0,0,1\n"));
    QCOMPARE(
        matrixText(scores.hitTargetClass), std::string(",fgsm,noop,iter\nbase,0,0,1\nadv,0,0,1\n"));
    QCOMPARE(scores.attackComplete, (std::vector<bool> { false, true, true }));
    QCOMPARE(scores.defenseComplete, (std::vector<bool> { true, false }));
    QVERIFY(scores.attacks == (Ranking { { "fgsm", 1 }, { "noop", 0 } }));
    QVERIFY(scores.targetedAttacks == (Ranking { { "iter", 1 } }));
    QVERIFY(scores.defenses == (Ranking { { "base", 3 }, { "adv", 2 } }));
}

void TestScore::overRightlyClassified()
{
    const TournamentOutcome made = smallTournament();
    const Scores scores = scoreTournament(made);
    const auto all = normaliseScores(made, scores.attacks, scores.targetedAttacks, scores.defenses);
    // Right on the clean images: base on a and b, adv on a.
    QCOMPARE(normalisedText(all),
        std::string("Kind,Name,Score,Images,Opponents,Normalised,RightlyClassified,"
                    "ScoreOverRightlyClassified,NormalisedOverRightlyClassified\n"
                    "attack,fgsm,3,2,2,0.750000,3,2,0.666667\n"
                    "attack,noop,0,2,2,0.000000,3,0,0.000000\n"
                    "targeted_attack,iter,2,2,2,0.500000,3,2,0.666667\n"
                    "defense,base,3,2,3,0.500000,6,3,0.500000\n"
                    "defense,adv,3,2,3,0.500000,3,2,0.666667\n"));
    TournamentOutcome unasked = made;
    unasked.cleanLabels.clear();
    const auto plain =
        normaliseScores(unasked, scores.attacks, scores.targetedAttacks, scores.defenses);
    QVERIFY(normalisedText(plain).find("attack,fgsm,3,2,2,0.750000,,,\n") != std::string::npos);
}

void TestScore::tiesKeepThePlansOrder()
{
    TournamentOutcome made;
    made.attacks = { "z", "a", "m" };
    made.images = { { "one", 1, 2 } };
    QVERIFY(scoreTournament(made).attacks == (Ranking { { "z", 0 }, { "a", 0 }, { "m", 0 } }));
}

void TestScore::emptyTournament()
{
    const Scores scores = scoreTournament({});
    QCOMPARE(matrixText(scores.accuracyOnAttacks), std::string("\n"));
    QCOMPARE(
        rankingText("DefenseName,Score", scores.defenses), std::string("DefenseName,Score\r\n"));
}

void TestScore::refusesWhatDoesNotFit()
{
    TournamentOutcome made = smallTournament();
    made.labels[1].pop_back();
    QVERIFY_THROWS_EXCEPTION(Error, (void)scoreTournament(made));
    made = smallTournament();
    made.examples[0].image = 2;
    QVERIFY_THROWS_EXCEPTION(Error, (void)scoreOfficially(made));
    for (const char* name : { "a,b", "../x", "a\"b", "=1", "", "a\nb" }) {
        made = smallTournament();
        made.attacks[0] = name;
        QVERIFY_THROWS_EXCEPTION(Error, (void)scoreTournament(made));
    }
    made = smallTournament();
    made.attacks[1] = made.attacks[0];
    QVERIFY_THROWS_EXCEPTION(Error, (void)scoreTournament(made));
}

QTEST_APPLESS_MAIN(TestScore)
#include "tst_Score.moc"
