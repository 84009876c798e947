// Our own submissions, exported and run as the competition would run them, on three noise images.

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/CliRunner.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

QString statusOf(const QJsonObject& report, const char* check)
{
    for (const auto& entry : report["checks"].toArray()) {
        const QJsonObject one = entry.toObject();
        if (one["check"].toString() == check)
            return one["status"].toString();
    }
    return "no such check";
}

} // namespace

class TestCliSubmission : public QObject
{
    Q_OBJECT

private slots:
    void ourSubmissionsAreValid_data();
    void ourSubmissionsAreValid();
    void withoutStagesItIsThePlainNetwork();
    void presetsOnTheEmbeddedNetworks();
    void theWholeProgramIsInside();
    void usage_data();
    void usage();
    void notValid();
};

void TestCliSubmission::ourSubmissionsAreValid_data()
{
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QString>("made");
    QTest::newRow("noop, folder") << "attack"
                                  << QStringList { "--method", "noop", "--source",
                                         "efficientnet-lite0" }
                                  << "";
    QTest::newRow("fgsm, zip") << "attack"
                               << QStringList { "--method", "fgsm", "--source",
                                      "efficientnet-lite0", "--zip" }
                               << "fgsm.zip";
    QTest::newRow("step-target, tar.gz") << "targeted_attack"
                                         << QStringList { "--method", "step-target", "--source",
                                                "efficientnet-lite0", "--name", "my step", "--tar" }
                                         << "my step.tar.gz";
    QTest::newRow("defense, zip") << "defense"
                                  << QStringList { "--model", "efficientnet-lite0", "--zip" }
                                  << "efficientnet-lite0.zip";
    QTest::newRow("defense of stages, folder")
        << "defense"
        << QStringList { "--model", "efficientnet-lite0", "--resize", "250,200", "--jpeg", "75",
               "--dropout=0.9", "--samples", "2" }
        << "";
}

void TestCliSubmission::ourSubmissionsAreValid()
{
    QFETCH(const QString, kind);
    QFETCH(const QStringList, options);
    QFETCH(const QString, made);
    const QTemporaryDir folder;
    const QString output = folder.filePath("with space");
    const CliRun exported = runCli(
        QStringList { "submission", "export", kind, "--output", output, "--no-program", "--json" }
        + options);
    QVERIFY2(exported.code == 0, exported.error.constData());
    const QJsonObject json = QJsonDocument::fromJson(exported.out).object();
    QCOMPARE(json["type"].toString(), kind);
    QCOMPARE(json["models"].toArray(), (QJsonArray { "efficientnet-lite0" }));
    const QString submission = json["path"].toString();
    QCOMPARE(submission, made.isEmpty() ? output : output + "/" + made);
    const CliRun run =
        runCli({ "submission", "validate", submission, "--type", kind, "--images", "3", "--json" });
    const QJsonObject report = QJsonDocument::fromJson(run.out).object();
    QVERIFY2(run.code == 0, run.out.constData());
    QCOMPARE(report["valid"].toBool(), true);
    for (const char* check :
        { "archive", "size", "metadata", "type", "entry point", "sample run", "output" })
        QVERIFY2(statusOf(report, check) == "passed", run.out.constData());
}

void TestCliSubmission::withoutStagesItIsThePlainNetwork()
{
    const QTemporaryDir folder;
    int count = 0;
    // The entry point's call, the summary's line and JSON's say the same.
    const auto exported = [&](const QStringList& options, const QString& entry) {
        const QString output = folder.filePath(QString::number(count++));
        const QStringList base = QStringList { "submission", "export" } + options;
        const CliRun run = runCli(base + QStringList { "--output", output, "--no-program" });
        QFile file(output + "/" + entry);
        if (run.code != 0 || !file.open(QIODevice::ReadOnly))
            return run.error;
        const CliRun json =
            runCli(base + QStringList { "--output", output + "j", "--no-program", "--json" });
        const QByteArray command =
            QJsonDocument::fromJson(json.out).object()["command"].toString().toUtf8();
        QByteArray script = file.readAll();
        script.replace(" \\\n    ", " ");
        const QByteArray settings = command.mid(command.indexOf(' '));
        if (command.isEmpty() || !run.out.contains("crossiter " + command + "\n")
            || !script.contains(settings))
            return "differs: " + run.out + json.out + script;
        return run.out;
    };
    const QByteArray plain =
        exported({ "defense", "--model", "efficientnet-lite0" }, "run_defense.sh");
    QVERIFY2(plain.contains("runs: crossiter defend --model efficientnet-lite0 --seed 1 "
                            "--numerics fast\n  no stages: the plain network\n"),
        plain.constData());
    QVERIFY2(plain.startsWith("efficientnet-lite0 (defense)"), plain.constData());
    const QByteArray seeded =
        exported({ "defense", "--model", "efficientnet-lite0", "--seed", "7", "--name", "mine" },
            "run_defense.sh");
    QVERIFY2(seeded.startsWith("mine (defense)") && seeded.contains("--seed=7")
            && seeded.contains("plain network"),
        seeded.constData());
    const QByteArray stages =
        exported({ "defense", "--model", "efficientnet-lite0", "--jpeg", "75" }, "run_defense.sh");
    QVERIFY2(stages.contains("--jpeg=75") && !stages.contains("dropout")
            && !stages.contains("plain network"),
        stages.constData());
    const QByteArray bare = exported({ "defense" }, "run_defense.sh"); // the documented default
    QVERIFY2(bare.contains("--resize=200 --dropout --batch-statistics"), bare.constData());
    const QByteArray attack = exported({ "attack", "--rounds", "2" }, "run_attack.sh");
    QVERIFY2(attack.contains("attack --method cross-iterative") && attack.contains("--rounds 2"),
        attack.constData());
}

void TestCliSubmission::presetsOnTheEmbeddedNetworks()
{
    const QTemporaryDir folder;
    const QStringList networks { "--source", "efficientnet-lite1", "--source",
        "efficientnet-lite0" };
    const auto script = [&](const QString& preset, const QStringList& options, const char* file) {
        const QString output = folder.filePath(preset);
        const CliRun run = runCli(
            QStringList { "submission", "export", preset, "--output", output, "--no-program" }
            + options);
        if (run.code != 0)
            return run.error;
        QFile entry(output + "/" + file);
        return entry.open(QIODevice::ReadOnly) ? entry.readAll() : QByteArray("no entry point");
    };
    const QByteArray attack = script("CrossIterative_3", networks, "run_attack.sh");
    QVERIFY2(attack.contains("--rounds 3") && attack.contains("--save floor"), attack.constData());
    const QByteArray targeted = script("CrossIterative_target_20", networks, "run_attack.sh");
    QVERIFY2(targeted.contains("--rounds 20") && targeted.contains("--save legacy-stretch"),
        targeted.constData());
    const QByteArray defense = script("ens_adv_inception_resnet_v2_DropOutFocus_200",
        { "--model", "efficientnet-lite1" }, "run_defense.sh");
    QVERIFY2(defense.contains("--resize=200") && defense.contains("--batch-statistics"),
        defense.constData());

    // The seed's networks are not here: one line says what to do, and nothing is written.
    const CliRun missing = runCli({ "submission", "export", "attack", "--preset",
        "CrossIterative_3", "--output", folder.filePath("missing") });
    QCOMPARE(missing.code, 1);
    QVERIFY2(missing.errorLine().contains("models fetch inception-resnet-v2-ens-adv"),
        missing.error.constData());
    QVERIFY(!QFile::exists(folder.filePath("missing")));
}

void TestCliSubmission::theWholeProgramIsInside()
{
    const QTemporaryDir folder;
    const QString output = folder.filePath("out");
    const CliRun run = runCli({ "submission", "export", "attack", "--method", "noop", "--source",
        "efficientnet-lite0", "--output", output });
    QVERIFY2(run.code == 0, run.error.constData());
    QVERIFY(QFile::exists(output + "/program/share/crossiter/models/efficientnet-lite0.json"));
    QVERIFY(QFile::exists(output + "/program/share/crossiter/reference-tables.json"));
    QFile docker(output + "/Dockerfile");
    QVERIFY(docker.open(QIODevice::ReadOnly));
    const QByteArray text = docker.readAll();
    QVERIFY(text.contains("FROM debian:12") && text.contains("COPY program /opt/crossiter"));
    // It runs from there, with its own libraries.
    QProcess process;
    QProcessEnvironment environment;
    environment.insert("LD_LIBRARY_PATH", output + "/program/lib");
    process.setProcessEnvironment(environment);
    process.start(output + "/program/bin/crossiter", { "--version" });
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 0);
    const QByteArray version = process.readAllStandardOutput().trimmed().split(' ').last();
    QVERIFY2(text.contains("docker build -t crossiter:" + version + " ."), text.constData());
}

void TestCliSubmission::usage_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("found");
    QTest::newRow("kind") << QStringList { "export", "attacks", "--output", "x" }
                          << "targeted_attack";
    QTest::newRow("preset of another kind")
        << QStringList { "export", "defense", "--preset", "CrossIterative_3", "--output", "x" }
        << "--preset";
    QTest::newRow("method of another kind") << QStringList { "export", "attack", "--method",
        "step-target", "--output", "x" } << "--method";
    QTest::newRow("attack options of a defense")
        << QStringList { "export", "defense", "--rounds", "2", "--output", "x" } << "--model";
    QTest::newRow("defense options of an attack")
        << QStringList { "export", "attack", "--resize", "200", "--output", "x" } << "--through";
    QTest::newRow("rule true") << QStringList { "export", "attack", "--label-rule", "true",
        "--output", "x" } << "true labels";
    QTest::newRow("two archives") << QStringList { "export", "attack", "--zip", "--tar", "--output",
        "x" } << "--";
    QTest::newRow("no type") << QStringList { "validate", "x" } << "--type";
    QTest::newRow("type") << QStringList { "validate", "x", "--type", "z" } << "targeted_attack";
}

void TestCliSubmission::usage()
{
    QFETCH(const QStringList, arguments);
    QFETCH(const QString, found);
    const CliRun run = runCli(QStringList { "submission" } + arguments);
    QCOMPARE(run.code, 2);
    QVERIFY2(run.errorLine().contains(found), run.error.constData());
}

void TestCliSubmission::notValid()
{
    const QTemporaryDir folder;
    QFile archive(folder.filePath("a.zip"));
    QVERIFY(archive.open(QIODevice::WriteOnly));
    archive.write("no archive");
    archive.close();
    const CliRun run = runCli({ "submission", "validate", archive.fileName(), "--type", "attack" });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.out.contains("failed   archive") && run.out.endsWith("not valid\n"),
        run.out.constData());
    const CliRun missing =
        runCli({ "submission", "validate", folder.filePath("none.zip"), "--type", "attack" });
    QCOMPARE(missing.code, 1);
    QVERIFY(missing.errorLine().contains("no such submission"));
}

QTEST_GUILESS_MAIN(TestCliSubmission)
#include "tst_CliSubmission.moc"
