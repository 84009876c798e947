// The command `study` and the attack's options that came with it, on the real program.

#include "core/image/Codec.h"

#include <QDir>
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

QByteArray contentOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

QJsonObject json(const QString& path)
{
    return QJsonDocument::fromJson(contentOf(path)).object();
}

/// Small and quick: two rounds of two rules.
const QStringList kSmall { "--rounds", "2", "--rules", "own-refreshed,true", "--threads", "1",
    "--quiet" };

} // namespace

class TestCliStudy : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void writesEverything();
    void aKilledStudyResumesToTheSameBytes();
    void comparesNumerics();
    void wrongOptions_data();
    void wrongOptions();
    void gradientOptionsReachTheRequest();
    void targetsByRank();

private:
    [[nodiscard]] QString in(const QString& name) const { return m_folder.filePath(name); }
    [[nodiscard]] QStringList study(const QString& output, const QStringList& more = {}) const
    {
        return QStringList { "study", in("photos"), "--output", in(output) } + kSmall + more;
    }
    QTemporaryDir m_folder;
};

void TestCliStudy::initTestCase()
{
    QVERIFY(QDir().mkpath(in("photos")));
    for (const char* name : { "imagenet_16_251", "imagenet_10_541", "imagenet_04_949" })
        QVERIFY(QFile::copy(
            goldenPicture(QString(name) + ".clean.png"), in(QString("photos/") + name + ".png")));
    QVERIFY(QFile::copy(goldenPicture("imagenet_16_251.clean.png"), in("photos/nameless.png")));
    QFile broken(in("photos/imagenet_99_5.png"));
    QVERIFY(broken.open(QIODevice::WriteOnly));
    broken.write("\x89PNG\r\n\x1a\n and no more");
}

void TestCliStudy::writesEverything()
{
    const CliRun run = runCli(study("whole"));
    // One photo of four cannot be read: the rest is done, and the exit code says so.
    QCOMPARE(run.code, 4);
    QVERIFY2(run.error.contains("imagenet_99_5.png"), run.error.constData());
    QVERIFY(run.out.isEmpty());
    QCOMPARE(everythingIn(in("whole")),
        (QStringList { "study.csv", "study.html", "study.journal.jsonl", "study.json" }));
    const QJsonObject result = json(in("whole/study.json"));
    QCOMPARE(result["measured"].toInt(), 3);
    QCOMPARE(result["photos"].toInt(), 4);
    QCOMPARE(result["failed"].toArray().size(), 1);
    QCOMPARE(result["curves"].toArray().size(), 4); // 2 rules x 2 projections
    QCOMPARE(result["verdicts"].toArray().size(), 4);
    const QJsonObject curve = result["curves"].toArray()[0].toObject();
    QCOMPARE(curve["rule"].toString(), QString("own-refreshed"));
    const QJsonObject judges = curve["judges"].toObject();
    // The pair judges, and the held-out network.
    QCOMPARE(judges.keys(),
        (QStringList { "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2" }));
    for (const QString& id : judges.keys())
        QCOMPARE(judges[id].toArray().size(), 3);
    const int clean = judges["efficientnet-lite0"].toArray()[0].toObject()["score"].toInt();
    const int attacked = judges["efficientnet-lite0"].toArray()[2].toObject()["score"].toInt();
    QVERIFY2(clean < 3 && attacked > clean, "the attack did nothing");
    QVERIFY(result["work"].toObject()["gradients_reused"].toInt() > 0);
    QVERIFY(result["provenance"].toObject()["weights_sha256"].toObject().size() == 3);
    // A study that is there is not overwritten.
    const CliRun again = runCli(study("whole"));
    QCOMPARE(again.code, 1);
    QVERIFY2(again.errorLine().contains("--resume"), again.error.constData());
}

void TestCliStudy::aKilledStudyResumesToTheSameBytes()
{
    QProcess process;
    process.start(cliProgram(), study("killed"));
    QVERIFY(process.waitForStarted());
    // As soon as one photo is in the journal: the header and one line.
    QTRY_VERIFY_WITH_TIMEOUT(contentOf(in("killed/study.journal.jsonl")).count('\n') >= 2, 120000);
    process.kill();
    QVERIFY(process.waitForFinished());
    const int before = int(contentOf(in("killed/study.journal.jsonl")).count('\n'));
    const CliRun run = runCli(study("killed", { "--resume" }));
    QCOMPARE(run.code, 4);
    QCOMPARE(int(contentOf(in("killed/study.journal.jsonl")).count('\n')), 5);
    QVERIFY(before < 5);
    for (const char* name : { "study.csv", "study.json", "study.html", "study.journal.jsonl" })
        QVERIFY2(
            contentOf(in(QString("killed/") + name)) == contentOf(in(QString("whole/") + name)),
            name);
}

void TestCliStudy::comparesNumerics()
{
    const CliRun run = runCli({ "study", in("photos"), "--output", in("numerics"),
        "--compare-numerics", "--limit", "1", "--rounds", "1", "--threads", "1", "--quiet" });
    QVERIFY2(run.code == 0, run.error.constData());
    QCOMPARE(everythingIn(in("numerics")), (QStringList { "numerics.csv", "numerics.json" }));
    const QJsonObject result = json(in("numerics/numerics.json"));
    QCOMPARE(result["measured"].toInt(), 1);
    QCOMPARE(result["pairs"].toArray().size(), 3);
    const QJsonArray steps = result["pairs"].toArray()[1].toObject()["substeps"].toArray();
    QCOMPARE(steps.size(), 3);
    QCOMPARE(steps[0].toObject()["mean_equal_pixels"].toDouble(), 1.0);
    // reference and exact differ in rounding alone after one sub-step
    QVERIFY(steps[1].toObject()["mean_equal_pixels"].toDouble() > 0.99);
}

void TestCliStudy::wrongOptions_data()
{
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("named");
    QTest::newRow("unknown rule") << QStringList { "--rules", "own-refreshed,sometimes" } << 2
                                  << "--rules";
    QTest::newRow("rule twice") << QStringList { "--rules", "true,true" } << 2 << "--rules";
    QTest::newRow("target rule") << QStringList { "--rules", "target" } << 2 << "--label-rule";
    QTest::newRow("no projection") << QStringList { "--projections", "" } << 2 << "--projections";
    QTest::newRow("order") << QStringList { "--orders", "sideways" } << 2 << "--orders";
    QTest::newRow("rounds") << QStringList { "--rounds", "0" } << 2 << "--rounds";
    QTest::newRow("model") << QStringList { "--judge", "nobody" } << 1 << "nobody";
    QTest::newRow("labels") << QStringList { "--labels", "nowhere.csv" } << 1 << "nowhere.csv";
}

void TestCliStudy::wrongOptions()
{
    QFETCH(QStringList, options);
    QFETCH(int, code);
    QFETCH(QString, named);
    const CliRun run =
        runCli(QStringList { "study", in("photos"), "--output", in("wrong") } + options);
    QCOMPARE(run.code, code);
    QVERIFY2(run.errorLine().contains(named), run.error.constData());
    QVERIFY(!QDir(in("wrong")).exists("study.json"));
}

void TestCliStudy::gradientOptionsReachTheRequest()
{
    const QString clean = goldenPicture("imagenet_16_251.clean.png");
    const auto attack = [&](const QString& output, const QStringList& more) {
        return runCli(
            QStringList { "attack", clean, in(output), "--quiet", "--threads", "1" } + more);
    };
    CliRun run = attack("mi", { "--method", "mi-fgsm", "--rounds", "2", "--epsilon", "8" });
    QVERIFY2(run.code == 0, run.error.constData());
    QJsonObject request =
        json(in("mi/imagenet_16_251.clean.provenance.json"))["request"].toObject();
    QCOMPARE(request["step"].toDouble(), 4.0);
    QCOMPARE(request["momentum"].toDouble(), 1.0);
    QCOMPARE(request["ensemble"].toString(), QString("mean-logits"));
    QCOMPARE(request["label-rule"].toString(), QString("joint-clean"));
    run = attack("all",
        { "--method", "cross-iterative", "--rounds", "1", "--momentum", "0.5", "--nesterov",
            "--diversity", "0.5", "--translation", "5", "--scales", "2", "--ensemble", "alternate",
            "--trace", in("all") });
    QVERIFY2(run.code == 0, run.error.constData());
    const QJsonObject trace = json(in("all/imagenet_16_251.clean.trace.json"));
    request = trace["request"].toObject();
    QCOMPARE(request["momentum"].toDouble(), 0.5);
    QCOMPARE(request["nesterov"].toBool(), true);
    QCOMPARE(request["diversity"].toDouble(), 0.5);
    QCOMPARE(request["translation"].toInt(), 5);
    QCOMPARE(request["scales"].toInt(), 2);
    QCOMPARE(trace["substeps"].toArray().size(), 3);
    QCOMPARE(trace["substeps"].toArray()[1].toObject()["source"].toString(),
        QString("efficientnet-lite1"));
    run = attack("wrong", { "--method", "mi-fgsm", "--translation", "6" });
    QCOMPARE(run.code, 2);
    QVERIFY(run.errorLine().contains("--translation"));
    run = attack("wrong", { "--method", "mi-fgsm", "--ensemble", "sum" });
    QCOMPARE(run.code, 2);
    QVERIFY(run.errorLine().contains("mean-logits"));
}

void TestCliStudy::targetsByRank()
{
    const QString clean = goldenPicture("imagenet_16_251.clean.png");
    const auto target = [&](const QString& rank, const QString& seed) {
        const CliRun run =
            runCli({ "attack", clean, in("rank"), "--method", "iter-target", "--rounds", "1",
                "--target", rank, "--label", "252", "--seed", seed, "--threads", "1", "--quiet" });
        const QJsonObject told = json(in("rank/imagenet_16_251.clean.provenance.json"));
        const QJsonArray notes = told["notes"].toArray();
        const bool noted = std::any_of(notes.begin(), notes.end(),
            [](const QJsonValue& note) { return note.toString().startsWith("target: "); });
        return run.code == 0 && noted ? told["request"].toObject()["target"].toInt(-1) : -1;
    };
    const int second = target("second", "1");
    const int least = target("least", "1");
    const int random = target("random", "1");
    for (const int label : { second, least, random })
        QVERIFY(label >= 1 && label <= 1000 && label != 252);
    QVERIFY(second != least);
    QCOMPARE(target("random", "1"), random);
    QVERIFY(target("random", "2") != random);
    // The second is what the predictions say.
    const CliRun said = runCli({ "predict", clean, "--model", "efficientnet-lite1", "--model",
        "efficientnet-lite0", "--top", "1000" });
    QMap<int, double> sums;
    for (const auto& entry : QJsonDocument::fromJson(said.out).array())
        for (const auto& row : entry.toObject()["top"].toArray())
            sums[row.toObject()["label"].toInt()] += row.toObject()["probability"].toDouble();
    int best = 0;
    for (auto it = sums.cbegin(); it != sums.cend(); ++it)
        if (it.key() != 252 && (best == 0 || it.value() > sums[best]))
            best = it.key();
    QCOMPARE(second, best);
    // A rank is a target: not for a method without one.
    const CliRun wrong =
        runCli({ "attack", clean, in("rank"), "--method", "fgsm", "--target", "least", "--quiet" });
    QCOMPARE(wrong.code, 2);
    QVERIFY(wrong.errorLine().contains("--target"));
}

QTEST_GUILESS_MAIN(TestCliStudy)
#include "tst_CliStudy.moc"
