// The study on the embedded networks: 20 random cells recomputed singly through Engine::attack and
// Engine::predict.

#include "core/base/Random.h"
#include "core/image/Codec.h"
#include "core/jobs/StudyJobs.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <array>
#include <set>

#include "tests/support/TestPaths.h"

using namespace crossiter;

class tst_StudyCells : public QObject
{
    Q_OBJECT

private slots:
    void twentyRandomCellsAgreeWithAttackAndPredict()
    {
        QTemporaryDir folder;
        // Photos that are in image space already, under names that tell their labels.
        for (const char* name : { "imagenet_16_251", "imagenet_10_541" }) {
            QVERIFY(QFile::copy(
                QString::fromStdString((test::goldenDir() / "embedded_pair" / name).string())
                    + ".clean.png",
                folder.filePath(QString(name) + ".png")));
        }
        StudyRequest request = defaultStudy();
        request.attack.rounds = 2;
        request.attack.compute.threads = 1;
        request.attack.compute.numerics = Numerics::Reference;
        request.rules = { LabelRule::OwnRefreshed, LabelRule::True, LabelRule::LeastLikely };
        request.orders = { SourceOrder::Given, SourceOrder::Reversed };
        Engine engine;
        const StudyPhotos photos = studyPhotos({ folder.path().toStdString(), {}, {}, 0 });
        QCOMPARE(photos.photos.size(), std::size_t(2));
        QCOMPARE(photos.photos[1].trueLabel, 252);
        const auto result = studyFolder(engine, request, photos);
        QCOMPARE(result->done, std::size_t(2));
        QVERIFY(result->work.gradientsReused > 0);

        const auto variants = variantsOf(request);
        RandomStream stream(20);
        const auto below = [&](std::size_t count) {
            return std::size_t(stream.uniform() * double(count));
        };
        std::set<std::array<std::size_t, 3>> cells;
        while (cells.size() < 20)
            cells.insert({ below(variants.size()), below(3), below(3) });
        std::size_t wrongAnswers = 0;
        for (const auto& [v, judge, round] : cells) {
            std::size_t right = 0;
            for (std::size_t i = 0; i < photos.files.size(); ++i) {
                AttackRequest attack = attackOf(request, variants[v], photos.photos[i].trueLabel);
                attack.rounds = int(round);
                attack.judges.clear(); // predict asks
                const Image clean = readIntoImageSpace(photos.files[i]);
                const auto trace = engine.attack(attack, clean);
                const auto said =
                    engine.predict({ { request.attack.judges[judge] }, attack.compute },
                        { trace->last().exported });
                const bool hit = said->predictions[0][0].top1() == photos.photos[i].trueLabel;
                right += hit ? 1 : 0;
                wrongAnswers += hit ? 0 : 1;
            }
            QCOMPARE(result->curves[v].cells[judge][round].right.hits, right);
            QCOMPARE(result->curves[v].cells[judge][round].score, 2 - right);
        }
        QVERIFY2(wrongAnswers > 5, "the attacks changed nothing");
    }

    void foldersAreListedByLabel()
    {
        QTemporaryDir folder;
        const QString clean = QString::fromStdString((test::goldenDir() / "embedded_pair").string())
            + "/imagenet_16_251.clean.png";
        for (const char* name : { "a.png", "b.png", "imagenet_03_10.png", "c.png" })
            QVERIFY(QFile::copy(clean, folder.filePath(name)));
        QFile labels(folder.filePath("labels.csv"));
        QVERIFY(labels.open(QIODevice::WriteOnly));
        labels.write("b.png,17\nc.png,18\n");
        labels.close();
        StudyInput input;
        input.folder = folder.path().toStdString();
        input.labels.labelsCsv = folder.filePath("labels.csv").toStdString();
        const StudyPhotos all = studyPhotos(input);
        QCOMPARE(all.photos.size(), std::size_t(3));
        QCOMPARE(all.unlabelled, std::size_t(1));
        QCOMPARE(all.photos[0].name, std::string("b.png"));
        QCOMPARE(all.photos[2].trueLabel, 11);
        QCOMPARE(all.photos[0].sha256.size(), std::size_t(64));
        input.limit = 2;
        QCOMPARE(studyPhotos(input).photos.size(), std::size_t(2));
        QCOMPARE(studyPhotos(input).unlabelled, std::size_t(1));
    }
};

QTEST_GUILESS_MAIN(tst_StudyCells)
#include "tst_StudyCells.moc"
