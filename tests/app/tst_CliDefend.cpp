#include "core/image/Codec.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/CliRunner.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

const QStringList kModel { "--model", "efficientnet-lite0" };

QByteArray contentOf(const QString& name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("<missing>");
}

QJsonObject objectIn(const QString& name)
{
    return QJsonDocument::fromJson(contentOf(name)).object();
}

/// Three pictures, named so that their labels are known, and a text file.
void fill(const QTemporaryDir& folder)
{
    for (const auto& [from, to] : { std::pair("imagenet_16_251", "imagenet_16_251.png"),
             std::pair("imagenet_02_438", "imagenet_02_438.png"),
             std::pair("imagenet_10_541", "imagenet_10_541.png") })
        QVERIFY(QFile::copy(goldenPicture(QString(from) + ".clean.png"), folder.filePath(to)));
    QFile notes(folder.filePath("notes.txt"));
    QVERIFY(notes.open(QIODevice::WriteOnly) && notes.write("none") > 0);
}

} // namespace

class TestCliDefend : public QObject
{
    Q_OBJECT

private slots:
    void writesTheCompetitionsFile()
    {
        const QTemporaryDir folder;
        const QTemporaryDir out;
        fill(folder);
        const QString csv = out.filePath("deep/result.csv");
        const CliRun run = runCli(QStringList { "defend", folder.path(), csv, "--json" } + kModel);
        QVERIFY2(run.code == 0 && run.error.isEmpty(), run.error.constData());
        QCOMPARE(contentOf(csv),
            QByteArray(
                "imagenet_02_438.png,439\nimagenet_10_541.png,542\nimagenet_16_251.png,252\n"));
        QCOMPARE(everythingIn(out.path()),
            (QStringList { "deep", "deep/result.csv", "deep/result.provenance.json" }));
        const QJsonObject answer = QJsonDocument::fromJson(run.out).object();
        QCOMPARE(answer["right"].toObject()["hits"].toInt(), 3);
        QCOMPARE(answer["images"].toArray().size(), 3);
        const QJsonObject beside = objectIn(out.filePath("deep/result.provenance.json"));
        QCOMPARE(beside["request"].toObject()["defense"].toString(), QString());
        QCOMPARE(beside["provenance"].toObject()["weights_sha256"].toObject().keys(),
            QStringList { "efficientnet-lite0" });
        QCOMPARE(beside["images"].toArray()[0].toObject()["sha256"].toString().size(), 64);
    }

    void drawsHaveAnInterval()
    {
        const QTemporaryDir out;
        const QStringList base = QStringList { "defend", goldenPicture("imagenet_16_251.clean.png"),
            out.filePath("a.csv"), "--label", "252", "--json", "--resize", "60", "--dropout=0.3",
            "--samples", "40" }
            + kModel;
        const CliRun run = runCli(base);
        QVERIFY2(run.code == 0, run.error.constData());
        const QJsonObject image =
            QJsonDocument::fromJson(run.out).object()["images"].toArray()[0].toObject();
        QCOMPARE(image["draws"].toInt(), 40);
        const QJsonObject share = image["true_top1"].toObject();
        QCOMPARE(share["total"].toInt(), 40);
        QVERIFY(share["low"].toDouble() < share["high"].toDouble());
        QVERIFY(image["flip_rate"].toDouble() > 0.0);
        // Draws are a function of the seed.
        QCOMPARE(runCli(base).out, run.out);
        QVERIFY(runCli(base + QStringList { "--seed", "2" }).out != run.out);
        const QJsonObject request =
            objectIn(out.filePath("a.provenance.json"))["request"].toObject();
        QCOMPARE(request["defense"].toString(), QString("resize=60;dropout=0.3;samples=40;seed=2"));
    }

    void stagesStandAsTyped()
    {
        const QTemporaryDir out;
        const auto defenseOf = [&](const QStringList& options) {
            const CliRun run =
                runCli(QStringList { "defend", goldenPicture("imagenet_16_251.clean.png"),
                           out.filePath("a.csv"), "--quiet" }
                    + kModel + options);
            if (run.code != 0)
                return QString::fromUtf8(run.error);
            return objectIn(out.filePath("a.provenance.json"))["request"]
                .toObject()["defense"]
                .toString();
        };
        QCOMPARE(defenseOf({ "--jpeg", "75", "--resize", "250,200", "--resize-between", "--median",
                     "3", "--jpeg", "50", "--bits", "4" }),
            QString("jpeg=75;resize=250,200;resize-between;median=3;jpeg=50;bits=4"));
        QCOMPARE(defenseOf({ "--random-pad", "--dropout", "--samples", "2" }),
            QString("random-pad;dropout;samples=2"));
        QCOMPARE(defenseOf({ "--defense", "ens_adv_inception_resnet_v2_DropOutFocus_200" }),
            QString("resize=200;dropout;batch-statistics"));
        QCOMPARE(defenseOf({ "--defense", "resize=200;dropout;seed=5", "--samples", "3" }),
            QString("resize=200;dropout;samples=3;seed=5"));
    }

    void badInput_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* name, const QStringList& options, const char* part) {
            QTest::newRow(name) << options << QString(part);
        };
        row("size 0", { "--resize", "0" }, "--resize: expected a whole number 1..299 pixels");
        row("size 300", { "--resize", "300" }, "1..299 pixels, found '300'");
        row("text in a list", { "--resize", "250,two" }, "1..299 pixels, found 'two'");
        row("between nothing", { "--resize-between" }, "--resize SIZES before it");
        row("K = 0", { "--dropout", "--samples", "0" }, "a whole number 1..10000, found 0");
        row("K = 1e9", { "--dropout", "--samples", "1000000000" }, "1..10000, found 1000000000");
        row("keep 0", { "--dropout=0" }, "above 0, at most 1, found 0");
        row("keep text", { "--dropout=x" }, "--dropout");
        row("quality", { "--jpeg", "101" }, "1..100");
        row("bits", { "--bits", "9" }, "1..8");
        row("even window", { "--median", "4" }, "odd number 3..15");
        row("pad first", { "--random-pad", "--resize", "9" }, "must be the last stage");
        row("classifier as purifier", { "--purify", "efficientnet-lite1" },
            "[1, 3, 299, 299] for a picture of that shape, found a classifier");
        row("unknown text", { "--defense", "rezise=3" }, "a preset's name");
        row("both forms", { "--defense", "dropout", "--resize", "3" }, "wrong arguments");
        row("two models", { "--model", "efficientnet-lite1" }, "--model: expected one");
    }

    void badInput()
    {
        QFETCH(QStringList, options);
        QFETCH(QString, part);
        const QTemporaryDir out;
        const CliRun run =
            runCli(QStringList { "defend", goldenPicture("imagenet_16_251.clean.png"),
                       out.filePath("x/a.csv") }
                + kModel + options);
        QCOMPARE(run.code, 2);
        QVERIFY2(run.errorLine().contains(part), run.error.constData());
        QVERIFY(run.out.isEmpty());
        QVERIFY(everythingIn(out.path()).isEmpty());
    }

    void filesThatCannotBeUsed()
    {
        const QTemporaryDir folder;
        const QTemporaryDir out;
        fill(folder);
        QFile broken(folder.filePath("broken.png"));
        QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write("no picture") > 0);
        broken.close();
        const QString csv = out.filePath("r.csv");
        const CliRun some =
            runCli(QStringList { "defend", folder.path(), csv, "--batch-statistics" } + kModel);
        QCOMPARE(some.code, 4);
        QVERIFY2(some.errorLine().contains("broken.png"), some.error.constData());
        QCOMPARE(contentOf(csv).count('\n'), 3);
        const CliRun none = runCli(QStringList { "defend", broken.fileName(), csv } + kModel);
        QCOMPARE(none.code, 1);
        const CliRun place = runCli(QStringList { "defend", folder.path(), out.path() } + kModel);
        QCOMPARE(place.code, 1);
        QVERIFY2(place.errorLine().contains("the result is a file"), place.error.constData());
        const CliRun unknown =
            runCli(QStringList { "defend", folder.path(), csv, "--purify", "nobody" } + kModel);
        QCOMPARE(unknown.code, 1);
        QVERIFY2(unknown.errorLine().contains("nobody"), unknown.error.constData());
    }

    void attackThroughADefense()
    {
        const QTemporaryDir out;
        const QStringList base { "attack", goldenPicture("imagenet_16_251.clean.png"), out.path(),
            "--method", "fgsm", "--source", "efficientnet-lite0", "--quiet" };
        QCOMPARE(runCli(base).code, 0);
        const QByteArray plain = contentOf(out.filePath("imagenet_16_251.clean.png"));
        const CliRun run = runCli(base
            + QStringList { "--through", "dropout ; resize=100", "--through-draws", "2", "--trace",
                out.filePath("t") });
        QVERIFY2(run.code == 0, run.error.constData());
        QVERIFY(contentOf(out.filePath("imagenet_16_251.clean.png")) != plain);
        const QJsonObject trace = objectIn(out.filePath("t/imagenet_16_251.clean.trace.json"));
        QCOMPARE(trace["request"].toObject()["through"].toString(), QString("resize=100;dropout"));
        QCOMPARE(trace["request"].toObject()["through-draws"].toInt(), 2);
        QVERIFY(trace["substeps"].toArray()[1].toObject()["gradient_variance"].toDouble() > 0.0);
        for (const QStringList& bad : { QStringList { "--through", "resize=300" },
                 QStringList { "--through", "dropout", "--through-draws", "0" },
                 QStringList { "--through", "dropout", "--through-draws", "1001" } })
            QCOMPARE(runCli(base + bad).code, 2);
    }
};

QTEST_GUILESS_MAIN(TestCliDefend)
#include "tst_CliDefend.moc"
