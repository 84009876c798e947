#include "core/image/Codec.h"
#include "core/report/ColourMap.h"

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

const char* const kHeader = "substep,size,model,label,probability,true_probability,"
                            "attacked_probability,target_probability";

QString clean()
{
    return goldenPicture("imagenet_16_251.clean.png");
}

QByteArray contentOf(const QString& name)
{
    QFile file(name);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("<missing>");
}

QList<QByteArray> linesOf(const QString& name)
{
    QList<QByteArray> lines = contentOf(name).split('\n');
    if (!lines.isEmpty() && lines.last().isEmpty())
        lines.removeLast();
    return lines;
}

QJsonObject objectIn(const QString& name)
{
    return QJsonDocument::fromJson(contentOf(name)).object();
}

QStringList sweepOf(const QString& input, const QString& out, const QStringList& more)
{
    return QStringList { "sweep", input, "--model", "efficientnet-lite0", "--output", out } + more;
}

} // namespace

class TestCliSweep : public QObject
{
    Q_OBJECT

private slots:
    void oneImageAsItIs()
    {
        const QTemporaryDir out;
        const CliRun run = runCli(sweepOf(clean(), out.path(),
            { "--model", "efficientnet-lite2", "--sizes", "100:299:199", "--label", "252",
                "--json" }));
        QVERIFY2(run.code == 0 && run.error.isEmpty(), run.error.constData());
        QCOMPARE(everythingIn(out.path()),
            (QStringList { "sweep.csv", "sweep.efficientnet-lite0.png",
                "sweep.efficientnet-lite2.png", "sweep.json" }));
        const QList<QByteArray> lines = linesOf(out.filePath("sweep.csv"));
        QCOMPARE(lines.size(), 5);
        QCOMPARE(lines[0], QByteArray(kHeader));
        const char* const begins[] = { "0,100,efficientnet-lite0,", "0,100,efficientnet-lite2,",
            "0,299,efficientnet-lite0,", "0,299,efficientnet-lite2," };
        for (int i = 0; i < 4; ++i) {
            const QByteArray& line = lines[i + 1];
            QVERIFY2(line.startsWith(begins[i]), line.constData());
            const QList<QByteArray> fields = line.split(',');
            QCOMPARE(fields.size(), 8);
            QVERIFY(fields[5].toDouble() > 0.0 && fields[5].toDouble() <= 1.0);
            QVERIFY(fields[6].isEmpty() && fields[7].isEmpty());
        }
        // At 299 pixels nothing is resized: what `predict` says of the picture, with one thread.
        const CliRun predict =
            runCli({ "predict", clean(), "--model", "efficientnet-lite0", "--threads", "1" });
        const QJsonObject top = QJsonDocument::fromJson(predict.out)
                                    .array()[0]
                                    .toObject()["top"]
                                    .toArray()[0]
                                    .toObject();
        QCOMPARE(lines[3].split(',')[3].toInt(), top["label"].toInt());
        QCOMPARE(lines[3].split(',')[4].toDouble(), top["probability"].toDouble());

        const Image map = readImage(path(out.filePath("sweep.efficientnet-lite0.png")));
        QCOMPARE(map.width, 64);
        QCOMPARE(map.height, 32);
        const auto colour = heatColour(lines[3].split(',')[5].toDouble());
        const std::size_t last = map.offset(63, 31);
        for (std::size_t c = 0; c < 3; ++c)
            QCOMPARE(map.rgb[last + c], colour[c]);
        const QJsonObject beside = objectIn(out.filePath("sweep.json"));
        QCOMPARE(beside["best_size"].toInt(), 299);
        QVERIFY(beside["attack"].isNull());
        QCOMPARE(beside["provenance"].toObject()["weights_sha256"].toObject().size(), 2);
        QCOMPARE(beside["heat_map"].toObject()["value"].toString(),
            QString("probability of the true label"));
        const QJsonObject answer = QJsonDocument::fromJson(run.out).object();
        QCOMPARE(answer["cells"].toInt(), 4);
        QVERIFY(answer["seconds"].toDouble() > 0.0);
    }

    void attackAndItsTraceAreOne()
    {
        const QTemporaryDir out;
        const QStringList attack { "--method", "bim", "--rounds", "2", "--source",
            "efficientnet-lite0", "--threads", "1" };
        const QStringList sizes { "--sizes", "150,299", "--label", "252", "--quiet" };
        const CliRun direct = runCli(sweepOf(clean(), out.filePath("direct"), attack + sizes));
        QVERIFY2(direct.code == 0, direct.error.constData());
        QCOMPARE(runCli(QStringList { "attack", clean(), out.filePath("adv"), "--trace",
                            out.filePath("trace"), "--quiet", "--label", "252" }
                     + attack)
                     .code,
            0);
        const CliRun fromTrace = runCli(sweepOf(clean(), out.filePath("from"),
            sizes + QStringList { "--from-trace", out.filePath("trace") }));
        QVERIFY2(fromTrace.code == 0, fromTrace.error.constData());
        const QByteArray csv = contentOf(out.filePath("direct/sweep.csv"));
        QCOMPARE(csv.count('\n'), 7);
        QCOMPARE(contentOf(out.filePath("from/sweep.csv")), csv);
        const QList<QByteArray> last = linesOf(out.filePath("direct/sweep.csv")).last().split(',');
        QCOMPARE(last[0], QByteArray("2"));
        QVERIFY(!last[6].isEmpty()); // the attacked label's probability
        const QJsonObject beside = objectIn(out.filePath("direct/sweep.json"));
        QCOMPARE(beside["attack"].toObject()["method"].toString(), QString("bim"));
        QVERIFY(!objectIn(out.filePath("from/sweep.json"))["attack"].isNull());

        // A trace of another picture, and one that is not there.
        const CliRun other = runCli(sweepOf(goldenPicture("imagenet_02_438.clean.png"),
            out.filePath("x"), sizes + QStringList { "--from-trace", out.filePath("trace") }));
        QCOMPARE(other.code, 1);
        QVERIFY2(other.errorLine().contains("imagenet_02_438.clean.trace.json"),
            other.error.constData());
        QVERIFY(QFile::rename(out.filePath("trace/imagenet_16_251.clean.trace.json"),
            out.filePath("trace/imagenet_02_438.clean.trace.json")));
        const CliRun swapped = runCli(sweepOf(goldenPicture("imagenet_02_438.clean.png"),
            out.filePath("x"), sizes + QStringList { "--from-trace", out.filePath("trace") }));
        QCOMPARE(swapped.code, 1);
        QVERIFY2(swapped.errorLine().contains("another picture"), swapped.error.constData());
        QVERIFY(!QFile::exists(out.filePath("x")));
    }

    void randomDefensesWriteTheirDraws()
    {
        const QTemporaryDir out;
        const CliRun run = runCli(sweepOf(clean(), out.path(),
            { "--sizes", "80", "--dropout", "--samples", "5", "--label", "252", "--quiet" }));
        QVERIFY2(run.code == 0, run.error.constData());
        const QList<QByteArray> lines = linesOf(out.filePath("sweep.draws.csv"));
        QCOMPARE(lines.size(), 2);
        QCOMPARE(lines[0], QByteArray("substep,size,model,hits,draws,share,low,high,flip_rate"));
        QCOMPARE(lines[1].split(',')[4], QByteArray("5"));
        QCOMPARE(objectIn(out.filePath("sweep.json"))["request"].toObject()["defense"].toString(),
            QString("dropout;samples=5"));
    }

    void foldersHaveAnAccuracy()
    {
        const QTemporaryDir folder;
        const QTemporaryDir out;
        for (const char* name : { "imagenet_16_251", "imagenet_02_438", "imagenet_10_541" })
            QVERIFY(QFile::copy(goldenPicture(QString(name) + ".clean.png"),
                folder.filePath(QString(name) + ".png")));
        QFile labels(out.filePath("labels.csv"));
        QVERIFY(labels.open(QIODevice::WriteOnly)
            && labels.write("imagenet_16_251.png,1\nimagenet_02_438.png,439\n") > 0);
        labels.close();
        const CliRun run = runCli(sweepOf(folder.path(), out.filePath("r"),
            { "--sizes", "10,299", "--labels", labels.fileName(), "--json" }));
        QVERIFY2(run.code == 0, run.error.constData());
        const QList<QByteArray> lines = linesOf(out.filePath("r/accuracy.csv"));
        QCOMPARE(lines.size(), 3);
        QCOMPARE(
            lines[0], QByteArray("size,model,right,total,share,low,high,mean_true_probability"));
        // One label of three is wrong on purpose.
        QVERIFY2(
            lines[2].startsWith("299,efficientnet-lite0,2,3,0.666666667,"), lines[2].constData());
        QCOMPARE(objectIn(out.filePath("r/accuracy.json"))["best_size"].toInt(), 299);
        QCOMPARE(QJsonDocument::fromJson(run.out).object()["rows"].toArray().size(), 2);
    }

    void badInput_data()
    {
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<QString>("part");
        const auto row = [](const char* name, const QStringList& options, const char* part) {
            QTest::newRow(name) << options << QString(part);
        };
        row("no sizes", {}, "--sizes");
        row("size 0", { "--sizes", "0:10:1" }, "1..299 pixels, found '0'");
        row("size 300", { "--sizes", "32:300:1" }, "1..299 pixels, found '300'");
        row("step 0", { "--sizes", "32:299:0" }, "1..299, found '0'");
        row("falling", { "--sizes", "299:32:1" }, "rising");
        row("text", { "--sizes", "a" }, "found 'a'");
        row("K = 0", { "--sizes", "9", "--dropout", "--samples", "0" }, "1..10000, found 0");
        row("option of an attack", { "--sizes", "9", "--rounds", "2" }, "--method METHOD with it");
        row("judge", { "--sizes", "9", "--judge", "efficientnet-lite0" }, "its models");
        row("attack and trace", { "--sizes", "9", "--method", "fgsm", "--from-trace", "somewhere" },
            "a trace or an attack, not both");
    }

    void badInput()
    {
        QFETCH(QStringList, options);
        QFETCH(QString, part);
        const QTemporaryDir out;
        const CliRun run = runCli(sweepOf(clean(), out.filePath("x"), options));
        QCOMPARE(run.code, 2);
        QVERIFY2(run.errorLine().contains(part), run.error.constData());
        QVERIFY(everythingIn(out.path()).isEmpty());
    }

    void foldersAreSweptAsTheyAre()
    {
        const QTemporaryDir out;
        const CliRun run =
            runCli(sweepOf(out.path(), out.filePath("x"), { "--sizes", "9", "--method", "fgsm" }));
        QCOMPARE(run.code, 2);
        QVERIFY2(run.errorLine().contains("a folder is swept as it is"), run.error.constData());
        const CliRun empty = runCli(sweepOf(out.path(), out.filePath("x"), { "--sizes", "9" }));
        QCOMPARE(empty.code, 1);
        QVERIFY(everythingIn(out.path()).isEmpty());
    }
};

QTEST_GUILESS_MAIN(TestCliSweep)
#include "tst_CliSweep.moc"
