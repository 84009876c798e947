// The study's run on small made-up networks: equality with single attacks, sharing, the journal.

#include "core/attack/AttackLoop.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/report/StudyExport.h"
#include "core/study/LeakStudy.h"
#include "core/study/StudyRecords.h"

#include <torch/torch.h>

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <fstream>
#include <set>
#include <tuple>

#include "tests/core/attack/FakeSource.h"

using namespace crossiter;
using test::FakeSource;
using test::noisePicture;

namespace {

constexpr std::size_t kRounds = 2;

/// Three networks and four photos.
struct Setting
{
    Setting()
    {
        request.attack.sources = { "a", "b" };
        request.attack.judges = { "a", "b", "c" };
        request.attack.rounds = kRounds;
        request.orders = { SourceOrder::Given, SourceOrder::Reversed };
        request.rules = { LabelRule::True, LabelRule::OwnRefreshed, LabelRule::OwnClean,
            LabelRule::JointClean, LabelRule::LeastLikely };
        for (std::size_t i = 0; i < 4; ++i) {
            // Half of the photos have the label that the first network sees.
            const int seen = networks[0]->predict(noisePicture(unsigned(i))).top1();
            photos.push_back({ "photo" + std::to_string(i) + ".png", i % 2 == 0 ? seen : 7, "" });
        }
    }

    [[nodiscard]] StudyEngine parts()
    {
        StudyEngine all;
        all.read = [this](std::size_t photo) {
            ++reads;
            if (photo == unreadable)
                throw Error(ErrorKind::BadInput, "truncated PNG", photos[photo].name);
            return noisePicture(unsigned(photo));
        };
        all.attack = [this](const AttackRequest& attack, const Image& clean, SharedWork* shared,
                         const ProgressSink& progress, const std::stop_token& stop) {
            ++attacks;
            return runAttack(attack, clean, partsOf(attack), nullptr, {}, progress, stop, shared);
        };
        return all;
    }

    [[nodiscard]] AttackNetworks partsOf(const AttackRequest& attack) const
    {
        AttackNetworks of;
        for (const auto* ids : { &attack.sources, &attack.judges }) {
            for (const std::string& id : *ids) {
                for (const auto& network : networks)
                    if (network->id() == id)
                        (ids == &attack.sources ? of.sources : of.judges).push_back(network);
            }
        }
        return of;
    }

    std::vector<std::shared_ptr<FakeSource>> networks { std::make_shared<FakeSource>("a", 1000, 1),
        std::make_shared<FakeSource>("b", 1001, 2), std::make_shared<FakeSource>("c", 1000, 3) };
    StudyRequest request = defaultStudy();
    std::vector<StudyPhoto> photos;
    std::size_t unreadable = 99;
    int reads = 0;
    int attacks = 0;
};

std::string report(const StudyResult& result)
{
    const Provenance from;
    return studyCsv(result) + studyJson(result, from) + studyHtml(result, from);
}

} // namespace

class tst_LeakStudy : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    [[nodiscard]] std::filesystem::path file(const char* name) const
    {
        return m_folder.filePath(name).toStdString();
    }
    std::string m_whole; // the report of an undisturbed run

private Q_SLOTS:
    void cellsEqualSingleAttacks()
    {
        Setting s;
        std::vector<std::size_t> seen;
        const auto result = runStudy(
            s.request, s.photos, s.parts(), {}, [&](const auto& so) { seen.push_back(so->done); });
        QVERIFY(seen == (std::vector<std::size_t> { 1, 2, 3, 4 }));
        QCOMPARE(result->curves.size(), std::size_t(20));
        m_whole = report(*result);
        const auto variants = variantsOf(s.request);
        bool moved = false;
        for (std::size_t v = 0; v < variants.size(); ++v) {
            std::vector<std::vector<std::size_t>> right(
                3, std::vector<std::size_t>(kRounds + 1, 0));
            std::vector<std::size_t> wrong(kRounds + 1, 0);
            for (std::size_t i = 0; i < s.photos.size(); ++i) {
                AttackRequest attack = attackOf(s.request, variants[v], s.photos[i].trueLabel);
                const auto trace = runAttack(attack, noisePicture(unsigned(i)), s.partsOf(attack));
                for (std::size_t k = 0; k <= kRounds; ++k) {
                    for (std::size_t j = 0; j < 3; ++j) {
                        // As attack + predict would: from the exported picture alone.
                        const Image& saved = trace->subSteps[2 * k]->exported;
                        right[j][k] +=
                            s.networks[j]->predict(saved).top1() == s.photos[i].trueLabel ? 1 : 0;
                    }
                    if (k > 0) {
                        for (const std::size_t step : { 2 * k - 1, 2 * k })
                            wrong[k] +=
                                trace->subSteps[step]->attackedLabel != s.photos[i].trueLabel ? 1
                                                                                              : 0;
                    }
                }
            }
            for (std::size_t k = 0; k <= kRounds; ++k) {
                QCOMPARE(result->curves[v].rounds[k].wrongLabel.hits, wrong[k]);
                for (std::size_t j = 0; j < 3; ++j) {
                    QCOMPARE(result->curves[v].cells[j][k].right.hits, right[j][k]);
                    moved = moved || right[j][k] != right[j][0];
                }
            }
        }
        QVERIFY2(moved, "the attacks changed nothing: the comparison shows nothing");
    }

    void distinctSubStepsAreComputedOnce()
    {
        Setting s;
        const std::vector<StudyPhoto> one { s.photos.front() };
        const int before = s.networks[0]->calls + s.networks[1]->calls;
        const auto result = runStudy(s.request, one, s.parts());
        const int calls = s.networks[0]->calls + s.networks[1]->calls - before;
        // What distinct gradients there are, found without sharing: image before, source, label,
        // direction.
        std::set<std::tuple<std::string, std::string, int, bool>> distinct;
        std::set<std::string> pictures;
        std::size_t all = 0;
        for (const StudyVariant& variant : variantsOf(s.request)) {
            AttackRequest attack = attackOf(s.request, variant, one.front().trueLabel);
            attack.keepFloats = true;
            const auto trace = runAttack(attack, noisePicture(0), s.partsOf(attack));
            for (std::size_t i = 0; i < trace->subSteps.size(); ++i) {
                const SubStep& step = *trace->subSteps[i];
                pictures.insert(sha256(step.exported.rgb));
                if (i == 0)
                    continue;
                const auto& x = trace->subSteps[i - 1]->floats->f64;
                distinct.insert({ sha256({ reinterpret_cast<const std::uint8_t*>(x.data()),
                                      x.size() * sizeof(double) }),
                    step.source, step.attackedLabel, step.descends });
                ++all;
            }
        }
        QCOMPARE(result->work.gradients, distinct.size());
        QCOMPARE(result->work.gradients + result->work.gradientsReused, all);
        QVERIFY2(distinct.size() < all * 9 / 10, "hardly anything to share");
        // Each picture once for each judge, and the sources' scores on the clean image.
        QCOMPARE(result->work.predictions, pictures.size() * 3 + 2);
        // Nothing else asks a network: passes = gradients + predictions of the two sources.
        QCOMPARE(std::size_t(calls), distinct.size() + pictures.size() * 2 + 2);
    }

    void aKilledStudyGoesOnAndEndsTheSame()
    {
        const auto journal = file("killed.jsonl");
        {
            Setting s;
            std::stop_source stop;
            // Stopped in the middle of the third photo.
            StudyEngine parts = s.parts();
            const auto attack = parts.attack;
            parts.attack = [&](const AttackRequest& request, const Image& clean, SharedWork* shared,
                               const ProgressSink& progress, std::stop_token token) {
                if (s.attacks == 2 * 20 + 7)
                    stop.request_stop();
                return attack(request, clean, shared, progress, std::move(token));
            };
            const auto part =
                runStudy(s.request, s.photos, parts, { journal, false }, {}, {}, stop.get_token());
            QVERIFY(part->cancelled);
            QCOMPARE(part->done, std::size_t(2));
        }
        // And killed while it wrote the third line.
        std::string third;
        {
            Setting s;
            const auto whole = file("whole.jsonl");
            (void)runStudy(s.request, s.photos, s.parts(), { whole, false });
            std::ifstream in(whole);
            for (int line = 0; line < 4; ++line)
                std::getline(in, third);
        }
        {
            std::ofstream out(journal, std::ios::app);
            out << third.substr(0, third.size() / 2);
        }
        Setting s;
        const auto result = runStudy(s.request, s.photos, s.parts(), { journal, true });
        QCOMPARE(s.reads, 2); // the third photo again, and the fourth
        QCOMPARE(s.attacks, 2 * 20);
        QVERIFY(!result->cancelled);
        QCOMPARE(report(*result), m_whole);
        // Once more: nothing is left to do.
        Setting again;
        QCOMPARE(report(*runStudy(again.request, again.photos, again.parts(), { journal, true })),
            m_whole);
        QCOMPARE(again.reads, 0);
    }

    void aJournalBelongsToOneStudy()
    {
        const auto journal = file("owned.jsonl");
        Setting s;
        s.photos.resize(1);
        s.request.attack.rounds = 1;
        (void)runStudy(s.request, s.photos, s.parts(), { journal, false });
        const auto failure = [&](const StudyRequest& request, bool resume) {
            try {
                (void)runStudy(request, s.photos, s.parts(), { journal, resume });
                return std::string("no error");
            } catch (const Error& error) {
                return error.kind() == ErrorKind::BadInput ? error.text() : "wrong kind";
            }
        };
        QCOMPARE(failure(s.request, false), std::string("a study has begun here"));
        StudyRequest other = s.request;
        other.attack.seed = 2;
        QCOMPARE(failure(other, true), std::string("the journal is of another study"));
        {
            std::ofstream out(journal, std::ios::app);
            out << "{\"photo\":0,\"tracks\":[]}\n";
        }
        QCOMPARE(failure(s.request, true).substr(0, 6), std::string("a line"));
    }

    void aPhotoThatCannotBeReadIsTold()
    {
        Setting s;
        s.request.rules = { LabelRule::OwnRefreshed };
        s.request.attack.rounds = 1;
        s.unreadable = 1;
        const auto journal = file("unreadable.jsonl");
        const auto result = runStudy(s.request, s.photos, s.parts(), { journal, false });
        QCOMPARE(result->done, std::size_t(3));
        QCOMPARE(result->photos, std::size_t(4));
        QCOMPARE(result->failed.size(), std::size_t(1));
        QVERIFY(result->failed.front().starts_with("photo1.png: truncated PNG"));
        QCOMPARE(result->curves[0].cells[0][0].right.total, std::size_t(3));
        // A fault that is no photo's ends the study.
        StudyEngine broken = s.parts();
        broken.attack = [](const AttackRequest&, const Image&, SharedWork*, const ProgressSink&,
                            const std::stop_token&) -> std::shared_ptr<const AttackTrace> {
            throw Error(ErrorKind::Device, "device out of memory", "LibTorch");
        };
        QVERIFY_THROWS_EXCEPTION(Error, (void)runStudy(s.request, s.photos, broken));
        QVERIFY_THROWS_EXCEPTION(Error, (void)runStudy(s.request, {}, s.parts()));
    }

    void aFailedPhotoIsTriedAgain()
    {
        Setting s;
        s.request.rules = { LabelRule::OwnRefreshed };
        s.request.attack.rounds = 1;
        const auto whole = report(*runStudy(s.request, s.photos, s.parts()));
        s.unreadable = 1;
        s.photos[1].sha256 = "damaged";
        const auto journal = file("again.jsonl");
        QVERIFY(studyStage(s.request, s.photos, journal) == StudyStage::None);
        (void)runStudy(s.request, s.photos, s.parts(), { journal, false });
        QVERIFY(studyStage(s.request, s.photos, journal) == StudyStage::Unfinished);
        // Still damaged: told again, nothing else is read again.
        s.reads = 0;
        const auto still = runStudy(s.request, s.photos, s.parts(), { journal, true });
        QCOMPARE(s.reads, 1);
        QCOMPARE(still->failed.size(), std::size_t(1));
        // Another file took its place: the study is the same one, and whole now.
        s.unreadable = std::size_t(-1);
        s.photos[1].sha256 = "mended";
        QVERIFY(studyStage(s.request, s.photos, journal) == StudyStage::Unfinished);
        s.reads = 0;
        const auto mended = runStudy(s.request, s.photos, s.parts(), { journal, true });
        QCOMPARE(s.reads, 1);
        QVERIFY(mended->failed.empty());
        QCOMPARE(report(*mended), whole);
        QVERIFY(studyStage(s.request, s.photos, journal) == StudyStage::Complete);
        s.reads = 0;
        QCOMPARE(report(*runStudy(s.request, s.photos, s.parts(), { journal, true })), whole);
        QCOMPARE(s.reads, 0);
        // What is measured is of that file.
        s.photos[1].sha256 = "a third";
        QVERIFY(studyStage(s.request, s.photos, journal) == StudyStage::Another);
        QVERIFY_THROWS_EXCEPTION(
            Error, (void)runStudy(s.request, s.photos, s.parts(), { journal, true }));
    }

    void progressCountsToTheEnd()
    {
        Setting s;
        s.photos.resize(2);
        s.request.rules = { LabelRule::OwnRefreshed, LabelRule::True };
        s.request.attack.rounds = 1;
        std::size_t last = 0;
        bool backwards = false;
        bool timed = false;
        (void)runStudy(s.request, s.photos, s.parts(), {}, {}, [&](const Progress& now) {
            backwards = backwards || now.done < last;
            last = now.done;
            timed = timed || now.secondsLeft >= 0.0;
            QCOMPARE(now.total, std::size_t(2 * 2 * 2 * 2));
        });
        QVERIFY(!backwards && timed);
        QCOMPARE(last, std::size_t(16));
    }
};

QTEST_GUILESS_MAIN(tst_LeakStudy)
#include "tst_LeakStudy.moc"
