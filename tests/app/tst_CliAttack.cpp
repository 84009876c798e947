#include "core/image/Codec.h"
#include "core/image/ImageDiff.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <csignal>

#include "tests/app/CliRunner.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

QJsonDocument json(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll())
                                          : QJsonDocument();
}

const QStringList kPair { "efficientnet-lite1", "efficientnet-lite0" };

} // namespace

class TestCliAttack : public QObject
{
    Q_OBJECT

private slots:
    void neverLeavesTheBall_data();
    void neverLeavesTheBall();
    void judgesOfATraceArePredictions();
    void floatsBelongToATrace();
    void labelsAndTargetsReachTheRequest();
    void folderWithABrokenImage();
    void orderDoesNotMatter();
    void interruptLeavesWholeFiles();
    void summaryIsShortAndQuietIsSilent();
    void scoreCountsPairs();

private:
    [[nodiscard]] QString in(const QString& name) const { return m_folder.filePath(name); }
    QTemporaryDir m_folder;
    QString m_clean = goldenPicture("imagenet_16_251.clean.png");
};

void TestCliAttack::neverLeavesTheBall_data()
{
    QTest::addColumn<QStringList>("options");
    const auto row = [](const char* method, const QStringList& more) {
        QTest::newRow(method) << QStringList { "--method", method } + more;
    };
    row("cross-iterative", { "--rounds", "2" });
    row("cross-iterative-target", { "--rounds", "2", "--target", "100" });
    row("fgsm", {});
    row("step-target", { "--target", "goldfish" });
    row("bim", { "--rounds", "2", "--projection", "none" });
    row("iter-target", { "--rounds", "2", "--target", "100", "--save", "legacy-stretch" });
    row("noop", {});
    row("random-noise", { "--seed", "7" });
}

void TestCliAttack::neverLeavesTheBall()
{
    QFETCH(QStringList, options);
    const Image clean = readImage(path(m_clean));
    for (const int epsilon : { 0, 1, 4, 16, 255 }) {
        const CliRun run = runCli(QStringList { "attack", m_clean, in("ball") } + options
            + QStringList { "--epsilon", QString::number(epsilon), "--quiet", "--judge",
                "efficientnet-lite0" });
        QVERIFY2(run.code == 0 && run.error.isEmpty(), run.error.constData());
        QVERIFY(run.out.isEmpty());
        const QString output = in("ball/imagenet_16_251.clean.png");
        const int distance = linfDistance(clean, readImage(path(output)));
        QVERIFY2(distance <= epsilon, qPrintable(QString::number(distance)));
        if (epsilon == 0 || options.contains("noop"))
            QCOMPARE(distance, 0);
        else
            QVERIFY(distance > 0);
        const QJsonObject beside = json(in("ball/imagenet_16_251.clean.provenance.json")).object();
        QCOMPARE(beside["request"]["epsilon"].toInt(-1), epsilon);
        QCOMPARE(beside["linf_exported"].toInt(-1), distance);
        QVERIFY(QFile::remove(output));
    }
}

void TestCliAttack::judgesOfATraceArePredictions()
{
    const CliRun run = runCli({ "attack", photo("imagenet_16_251.jpg"), in("out"), "--method",
        "cross-iterative", "--rounds", "2", "--trace", in("trace"), "--threads", "1" });
    QCOMPARE(run.code, 0);
    const QJsonObject trace = json(in("trace/imagenet_16_251.trace.json")).object();
    const QJsonArray steps = trace["substeps"].toArray();
    QCOMPARE(steps.size(), 5);
    QCOMPARE(trace["true_label"].toInt(), 252);
    QStringList images;
    for (const auto& step : steps)
        images << in("trace/" + step.toObject()["exported"].toString());
    QStringList arguments =
        QStringList { "predict" } + images + QStringList { "--top", "10", "--threads", "1" };
    for (const QString& id : kPair)
        arguments << "--model" << id;
    const CliRun predicted = runCli(arguments);
    QCOMPARE(predicted.code, 0);
    const QJsonArray rows = QJsonDocument::fromJson(predicted.out).array();
    QCOMPARE(rows.size(), 10);
    for (int i = 0; i < rows.size(); ++i) {
        const QString model = rows[i]["model"].toString();
        QCOMPARE(rows[i]["top"].toArray(), steps[i / 2]["judges"].toObject()[model].toArray());
    }
    // The exported picture is the last sub-step's, to the byte; sources alternate.
    QFile last(images.last());
    QFile output(in("out/imagenet_16_251.png"));
    QVERIFY(last.open(QIODevice::ReadOnly) && output.open(QIODevice::ReadOnly));
    QCOMPARE(output.readAll(), last.readAll());
    QVERIFY(steps[0]["source"].isNull() && steps[0]["label"].isNull());
    for (int i = 1; i < 5; ++i) {
        QCOMPARE(steps[i]["source"].toString(), kPair[(i - 1) % 2]);
        QVERIFY(steps[i]["label"].toInt(-1) >= 0);
        QVERIFY(steps[i]["linf_exported"].toInt() <= 16);
        QVERIFY(steps[i]["gradient_l2"].toDouble() > 0.0);
    }
    // The same once more gives the same bytes: one thread count, one machine.
    const CliRun again = runCli({ "attack", photo("imagenet_16_251.jpg"), in("out2"), "--method",
        "cross-iterative", "--rounds", "2", "--trace", in("trace2"), "--threads", "1" });
    QCOMPARE(again.code, 0);
    QCOMPARE(json(in("trace2/imagenet_16_251.trace.json")).object(), trace);
}

void TestCliAttack::floatsBelongToATrace()
{
    const CliRun run = runCli({ "attack", m_clean, in("floats"), "--method", "fgsm", "--trace",
        in("floats-trace"), "--floats", "--numerics", "exact", "--source", "efficientnet-lite0" });
    QCOMPARE(run.code, 0);
    QFile file(in("floats-trace/imagenet_16_251.clean.sub-step-1.npy"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(file.read(128).contains("'<f8'"));
    const QJsonObject trace = json(in("floats-trace/imagenet_16_251.clean.trace.json")).object();
    QCOMPARE(
        trace["substeps"][1]["floats"].toString(), QString("imagenet_16_251.clean.sub-step-1.npy"));
    QCOMPARE(trace["request"]["numerics"].toString(), QString("exact"));
    QCOMPARE(trace["request"]["source"].toArray(), QJsonArray { "efficientnet-lite0" });
    QCOMPARE(trace["request"]["judge"].toArray(), QJsonArray { "efficientnet-lite0" });
}

void TestCliAttack::labelsAndTargetsReachTheRequest()
{
    QDir().mkpath(in("plain"));
    QVERIFY(QFile::copy(m_clean, in("plain/photo.png")));
    QFile csv(in("plain/target_class.csv"));
    QVERIFY(csv.open(QIODevice::WriteOnly) && csv.write("photo.png,100\n") > 0);
    csv.close();
    const QStringList base { "attack", in("plain"), in("plain-out"), "--rounds", "1", "--judge",
        "efficientnet-lite0" };
    CliRun run = runCli(base
        + QStringList { "--method", "iter-target", "--targets", csv.fileName(), "--label",
            "Great Dane", "--json" });
    QVERIFY2(run.code == 0, run.error.constData());
    QJsonArray summary = QJsonDocument::fromJson(run.out).array();
    QCOMPARE(summary.size(), 1); // the CSV file in the folder is no image
    QCOMPARE(summary.at(0)["target"].toInt(), 100);
    QCOMPARE(summary.at(0)["true_label"].toInt(), 247);
    QCOMPARE(summary.at(0)["attacked"].toArray(), (QJsonArray { 100, 100 }));
    run = runCli(base
        + QStringList {
            "--method", "bim", "--label-rule", "true", "--labels", csv.fileName(), "--json" });
    QVERIFY2(run.code == 0, run.error.constData());
    summary = QJsonDocument::fromJson(run.out).array();
    QCOMPARE(summary.at(0)["attacked"].toArray(), (QJsonArray { 100, 100 }));
    QCOMPARE(
        json(in("plain-out/photo.provenance.json"))["provenance"]["true_label_origin"].toString(),
        QString("from the CSV file"));
}

void TestCliAttack::folderWithABrokenImage()
{
    QDir().mkpath(in("mixed"));
    QVERIFY(QFile::copy(m_clean, in("mixed/c.png")));
    QVERIFY(QFile::copy(photo("imagenet_00_243.jpg"), in("mixed/a.dat"))); // an image by content
    for (const char* name : { "mixed/b.png", "mixed/notes.txt", "mixed/.hidden.png" }) {
        QFile file(in(name));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write("text") > 0);
    }
    const CliRun run = runCli({ "attack", in("mixed"), in("mixed-out"), "--method", "fgsm",
        "--trace", in("mixed-trace") });
    QCOMPARE(run.code, 4);
    QVERIFY2(run.errorLine().contains("b.png"), run.error.constData());
    QVERIFY2(run.out.contains("2 of 3 images done, 1 failed, 1 other file skipped"),
        run.out.constData());
    QCOMPARE(everythingIn(in("mixed-out")),
        (QStringList { "a.png", "a.provenance.json", "c.png", "c.provenance.json" }));
    for (const QString& name : everythingIn(in("mixed-trace")))
        QVERIFY2(name.startsWith("a.") || name.startsWith("c."), qPrintable(name));
}

void TestCliAttack::orderDoesNotMatter()
{
    // c.png alone gives the bytes that it gave after another image; noise too.
    for (const QString& method : QStringList { "random-noise", "fgsm" }) {
        QDir().mkpath(in("pair"));
        QFile::copy(m_clean, in("pair/c.png"));
        QFile::copy(goldenPicture("imagenet_00_243.clean.png"), in("pair/a.png"));
        const QStringList options { "--method", method, "--threads", "1", "--quiet" };
        QCOMPARE(runCli(QStringList { "attack", in("pair"), in("pair-out") } + options).code, 0);
        QCOMPARE(runCli(QStringList { "attack", in("pair/c.png"), in("alone") } + options).code, 0);
        QFile both(in("pair-out/c.png"));
        QFile alone(in("alone/c.png"));
        QVERIFY(both.open(QIODevice::ReadOnly) && alone.open(QIODevice::ReadOnly));
        QCOMPARE(both.readAll(), alone.readAll());
    }
}

void TestCliAttack::interruptLeavesWholeFiles()
{
    QProcess process;
    process.start(cliProgram(),
        { "attack", QFileInfo(photo("x")).path(), in("stopped"), "--method", "bim", "--rounds",
            "20", "--trace", in("stopped-trace") });
    QVERIFY(process.waitForStarted());
    QElapsedTimer timer;
    timer.start();
    const auto finished = [this] {
        return QDir(in("stopped")).entryList({ "*.provenance.json" }).size();
    };
    while (finished() < 1 && timer.elapsed() < 120'000)
        QTest::qWait(20);
    QVERIFY(finished() >= 1);
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60'000));
    QCOMPARE(process.exitStatus(), QProcess::NormalExit);
    QCOMPARE(process.exitCode(), 130);
    const QStringList left = everythingIn(in("stopped"));
    QVERIFY(left.size() >= 2 && left.size() < 40);
    QCOMPARE(left.size() % 2, 0);
    for (const QString& name : left) {
        const QString file = in("stopped/" + name);
        if (name.endsWith(".png"))
            QVERIFY(readImage(path(file)).isImageSpace());
        else
            QVERIFY2(name.endsWith(".provenance.json") && !json(file).isNull(), qPrintable(name));
    }
    // Each trace is whole: as many as results, each with all of its pictures.
    const QStringList traces = QDir(in("stopped-trace")).entryList({ "*.trace.json" });
    QCOMPARE(traces.size(), left.size() / 2);
    QCOMPARE(everythingIn(in("stopped-trace")).size(), traces.size() * 42);
}

void TestCliAttack::summaryIsShortAndQuietIsSilent()
{
    const QStringList arguments { "attack", photo("imagenet_16_251.jpg"), in("summary"), "--method",
        "fgsm" };
    const CliRun run = runCli(arguments);
    QCOMPARE(run.code, 0);
    QVERIFY(run.error.isEmpty()); // no progress where no terminal is
    QVERIFY(run.out.contains("Dalmatian (from the file name)"));
    QVERIFY(run.out.contains("1-2 Dalmatian"));
    QVERIFY(run.out.contains("efficientnet-lite1  Dalmatian 0."));
    QVERIFY(run.out.count('\n') <= 6);
    const CliRun quiet = runCli(arguments + QStringList { "--quiet" });
    QVERIFY(quiet.code == 0 && quiet.out.isEmpty() && quiet.error.isEmpty());
    QVERIFY(runCli(arguments + QStringList { "--verbose" }).error.contains("wrote "));
}

void TestCliAttack::scoreCountsPairs()
{
    QDir().mkpath(in("clean"));
    for (const QString& name :
        QStringList { "imagenet_16_251", "imagenet_00_243", "imagenet_02_438" })
        QVERIFY(QFile::copy(photo(name + ".jpg"), in("clean/" + name + ".jpg")));
    QCOMPARE(
        runCli({ "attack", in("clean"), in("adv"), "--method", "bim", "--rounds", "3", "--quiet" })
            .code,
        0);
    const QStringList score { "score", in("clean"), in("adv"), "--model", "efficientnet-lite0",
        "--model", "efficientnet-lite2" };
    const CliRun run = runCli(score + QStringList { "--json" });
    QVERIFY2(run.code == 0, run.error.constData());
    const QJsonObject report = QJsonDocument::fromJson(run.out).object();
    QCOMPARE(report["pairs"].toArray().size(), 3);
    QVERIFY(report["linf"]["max"].toDouble() <= 16.0 && report["linf"]["max"].toDouble() > 8.0);
    QVERIFY(report["ssim"]["min"].toDouble() < 1.0);
    for (int model = 0; model < 2; ++model) {
        const QJsonObject counted = report["models"][model].toObject();
        int clean = 0;
        int adversarial = 0;
        int both = 0;
        int flipped = 0;
        for (const auto& entry : report["pairs"].toArray()) {
            const QJsonObject pair = entry.toObject();
            const QJsonObject judged =
                pair["judges"].toObject()[counted["model"].toString()].toObject();
            const int truth = pair["true_label"].toInt();
            const int before = judged["clean"]["label"].toInt();
            const int after = judged["adversarial"]["label"].toInt();
            clean += before == truth ? 1 : 0;
            adversarial += after == truth ? 1 : 0;
            both += before == truth && after == truth ? 1 : 0;
            flipped += before != after ? 1 : 0;
        }
        QCOMPARE(counted["labelled"].toInt(), 3);
        QCOMPARE(counted["clean_right"].toInt(), clean);
        QCOMPARE(counted["adversarial_right"].toInt(), adversarial);
        QCOMPARE(counted["right_on_both"].toInt(), both);
        QCOMPARE(counted["flipped"].toInt(), flipped);
    }
    // The attack stepped on lite0: there the Dalmatian must be gone.
    QVERIFY(report["models"][0]["flipped"].toInt() >= 2);
    QVERIFY(runCli(score).out.contains("RIGHT ADVERSARIAL"));

    QVERIFY(QFile::remove(in("adv/imagenet_00_243.png")));
    const CliRun missing = runCli(score + QStringList { "--json" });
    QCOMPARE(missing.code, 4);
    QVERIFY2(missing.errorLine().contains("imagenet_00_243"), missing.error.constData());
    const QJsonObject rest = QJsonDocument::fromJson(missing.out).object();
    QCOMPARE(rest["missing"].toArray(), QJsonArray { "imagenet_00_243" });
    QCOMPARE(rest["pairs"].toArray().size(), 2);
}

QTEST_GUILESS_MAIN(TestCliAttack)
#include "tst_CliAttack.moc"
