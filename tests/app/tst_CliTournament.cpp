#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/CliRunner.h"

using namespace crossiter::test;

namespace {

const char* const kPlan = R"({
  "version": 1,
  "dataset": { "folder": "photos" },
  "epsilon": 8,
  "all-classification": true,
  "attacks": [
    { "name": "noop", "method": "noop" },
    { "name": "fgsm", "method": "fgsm", "source": "efficientnet-lite0" }
  ],
  "targeted-attacks": [
    { "name": "aimed", "method": "step-target", "source": "efficientnet-lite0", "target": 101 }
  ],
  "defenses": [
    { "name": "lite0", "model": "efficientnet-lite0" },
    { "name": "lite0_resize", "model": "efficientnet-lite0", "defense": "resize=200;dropout" }
  ]
})";

void write(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

QByteArray read(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// All files but the journals and the lock.
QMap<QString, QByteArray> filesIn(const QString& folder)
{
    QMap<QString, QByteArray> files;
    for (const QString& name : everythingIn(folder))
        if (!name.startsWith("journal") && name != ".crossiter.lock"
            && QFileInfo(folder + "/" + name).isFile())
            files[name] = read(folder + "/" + name);
    return files;
}

} // namespace

class TestCliTournament : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void usageErrors_data();
    void usageErrors();
    void filesAgreeWithTheOtherCommands();
    void againIsRefusedAndResumeDoesNothing();
    void processesMakeTheSame();
    void badImageIsOneLineAndCodeFour();
    void seedPresetIsAPlan();

private:
    QTemporaryDir m_folder;
    QString m_plan;
};

void TestCliTournament::initTestCase()
{
    QVERIFY(QDir().mkdir(m_folder.filePath("photos")));
    for (const QString name : { "imagenet_00_243.jpg", "imagenet_02_438.jpg" })
        QVERIFY(QFile::copy(photo(name), m_folder.filePath("photos/" + name)));
    m_plan = m_folder.filePath("plan.json");
    write(m_plan, kPlan);
}

void TestCliTournament::usageErrors_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    QTest::newRow("no plan") << QStringList { "--output", "x" } << 2 << "neither";
    QTest::newRow("two plans") << QStringList { "p.json", "--plan-preset", "seed", "--output", "x" }
                               << 2 << "both";
    QTest::newRow("unknown preset") << QStringList { "--plan-preset", "x", "--dataset", "y",
        "--output", "x" } << 2 << "seed or embedded";
    QTest::newRow("preset without images")
        << QStringList { "--plan-preset", "seed", "--output", "x" } << 2 << "--dataset DIR";
    QTest::newRow("preset's option")
        << QStringList { "p.json", "--official", "--output", "x" } << 2 << "--official";
    QTest::newRow("no such plan") << QStringList { "/nonexistent.json", "--output", "x" } << 1
                                  << "/nonexistent.json";
    QTest::newRow("no processes") << QStringList { "p.json", "--output", "x", "--processes", "0" }
                                  << 2 << "1..1024";
}

void TestCliTournament::usageErrors()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QString, says);
    const CliRun run = runCli(QStringList { "tournament" } + arguments);
    QCOMPARE(run.code, code);
    QVERIFY2(run.errorLine().contains(says), run.error.constData());
    QVERIFY(!QFileInfo::exists("x"));

    const QString plan = m_folder.filePath("unknown-model.json");
    write(plan, QByteArray(kPlan).replace("efficientnet-lite0\" }", "no-such-net\" }"));
    const CliRun unknown =
        runCli({ "tournament", plan, "--output", m_folder.filePath("unknown-output") });
    QCOMPARE(unknown.code, 1);
    QVERIFY2(unknown.errorLine().contains("no-such-net"), unknown.error.constData());
    QVERIFY(!QFileInfo::exists(m_folder.filePath("unknown-output")));
}

void TestCliTournament::filesAgreeWithTheOtherCommands()
{
    const QString output = m_folder.filePath("output");
    const CliRun run = runCli({ "tournament", m_plan, "--output", output, "--json" });
    QVERIFY2(run.code == 0, run.error.constData());
    const QJsonObject root = QJsonDocument::fromJson(run.out).object();
    QCOMPARE(root["images"].toInt(), 2);
    QCOMPARE(root["failures"].toInt(), 0);
    QCOMPARE(root["scores"].toArray().size(), 5);

    // The attack is the one of `attack`, the label that of `predict` on the exported file.
    const QString attacked = m_folder.filePath("attacked");
    QCOMPARE(runCli({ "attack", m_folder.filePath("photos"), attacked, "--method", "fgsm",
                        "--source", "efficientnet-lite0", "--epsilon", "8", "--threads", "1" })
                 .code,
        0);
    QStringList examples;
    for (const QString stem : { "imagenet_00_243", "imagenet_02_438" })
        QCOMPARE(read(output + "/attacks_output/fgsm/" + stem + ".png"),
            read(attacked + "/" + stem + ".png"));
    for (int i = 0; i < 6; ++i)
        examples << output + QString("/all_adv_examples/%1.png").arg(i, 8, 10, QChar('0'));
    const CliRun predicted = runCli(QStringList { "predict" } + examples
        + QStringList { "--model", "efficientnet-lite0", "--top", "1", "--threads", "1" });
    QCOMPARE(predicted.code, 0);
    QByteArray expected;
    int right = 0;
    int number = 0;
    for (const auto& value : QJsonDocument::fromJson(predicted.out).array()) {
        const int label = value.toObject()["top"].toArray()[0].toObject()["label"].toInt();
        expected += QString("%1.png,%2\n").arg(number, 8, 10, QChar('0')).arg(label).toUtf8();
        right += number < 2 && label == (number == 0 ? 244 : 439) ? 1 : 0;
        ++number;
    }
    QCOMPARE(read(output + "/defenses_output/lite0/result.csv"), expected);
    const QByteArray matrix = read(output + "/accuracy_on_attacks.csv");
    QVERIFY2(matrix.startsWith(",lite0,lite0_resize\nnoop," + QByteArray::number(right) + ","),
        matrix.constData());
    QVERIFY(read(output + "/all_classification.csv").contains("\r\naimed,True,lite0,"));
    QVERIFY(read(output + "/attack_ranking.csv").startsWith("AttackName,Score\r\nfgsm,"));
    const QJsonObject report = QJsonDocument::fromJson(read(output + "/report.json")).object();
    QCOMPARE(report["device"].toString(), QString("cpu"));
    QCOMPARE(report["threads_per_process"].toInt(), 1);
    QCOMPARE(report["weights_sha256"].toObject()["efficientnet-lite0"].toString().size(), 64);
}

void TestCliTournament::againIsRefusedAndResumeDoesNothing()
{
    const QString output = m_folder.filePath("output");
    const auto files = filesIn(output);
    const CliRun again = runCli({ "tournament", m_plan, "--output", output });
    QCOMPARE(again.code, 1);
    QVERIFY2(again.errorLine().contains("--resume"), again.error.constData());
    QCOMPARE(runCli({ "tournament", m_plan, "--output", output, "--resume" }).code, 0);
    QCOMPARE(filesIn(output), files);
    const CliRun other =
        runCli({ "tournament", m_plan, "--output", output, "--resume", "--seed", "2" });
    QCOMPARE(other.code, 1);
    QVERIFY2(other.errorLine().contains("another plan"), other.error.constData());
}

void TestCliTournament::processesMakeTheSame()
{
    const QString output = m_folder.filePath("processes");
    const CliRun run = runCli({ "tournament", m_plan, "--output", output, "--processes", "2" });
    QVERIFY2(run.code == 0, run.error.constData());
    QVERIFY2(run.out.contains("2 images, 0 failures"), run.out.constData());
    QVERIFY2(run.error.isEmpty(), run.error.constData());
    QVERIFY(QFileInfo::exists(output + "/journal/rank-0001.jsonl"));
    const auto files = filesIn(output);
    const auto alone = filesIn(m_folder.filePath("output"));
    QCOMPARE(files.keys(), alone.keys());
    for (auto file = alone.begin(); file != alone.end(); ++file)
        QVERIFY2(files[file.key()] == file.value(), qPrintable(file.key()));
}

void TestCliTournament::badImageIsOneLineAndCodeFour()
{
    const QString folder = m_folder.filePath("bad");
    QVERIFY(QDir().mkpath(folder + "/photos"));
    QVERIFY(QFile::copy(photo("imagenet_00_243.jpg"), folder + "/photos/imagenet_00_243.jpg"));
    write(folder + "/photos/imagenet_01_17.jpg", "\xff\xd8\xff no picture");
    const QString plan = folder + "/plan.json";
    write(plan, R"({"version": 1, "dataset": {"folder": "photos"}, "clean": false,
        "attacks": [{"name": "noop", "method": "noop"}],
        "defenses": [{"name": "lite0", "model": "efficientnet-lite0"}]})");
    const CliRun run = runCli({ "tournament", plan, "--output", folder + "/output" });
    QCOMPARE(run.code, 4);
    QVERIFY2(run.errorLine().startsWith("crossiter: attack noop, imagenet_01_17: "),
        run.error.constData());
    QVERIFY(read(folder + "/output/report.md").contains("- attack noop, imagenet_01_17: "));
    QCOMPARE(read(folder + "/output/defenses_output/lite0/result.csv").count('\n'), 1);
}

void TestCliTournament::seedPresetIsAPlan()
{
    const QString plan = m_folder.filePath("seed.json");
    const CliRun run =
        runCli({ "tournament", "--plan-preset", "seed", "--dataset", m_folder.filePath("photos"),
            "--write-plan", plan, "--store", m_folder.filePath("empty-store") });
    QVERIFY2(run.code == 0, run.error.constData());
    const QJsonObject root = QJsonDocument::fromJson(read(plan)).object();
    QCOMPARE(root["preset"].toString(), QString("seed"));
    QCOMPARE(root["attacks"].toArray().size(), 11);
    QCOMPARE(root["targeted-attacks"].toArray().size(), 4);
    QCOMPARE(root["defenses"].toArray().size(), 10);
    const QJsonObject first = root["attacks"].toArray()[0].toObject();
    QVERIFY2(first["note"].toString().contains("efficientnet-lite1 stands in for "
                                               "ens_adv_inception_resnet_v2"),
        qPrintable(first["note"].toString()));
    const CliRun only = runCli({ "tournament", "--plan-preset", "seed", "--seed-models-only",
        "--dataset", m_folder.filePath("photos"), "--write-plan", plan, "--store",
        m_folder.filePath("empty-store") });
    QCOMPARE(only.code, 1);
    QVERIFY2(only.errorLine().contains("models fetch"), only.error.constData());
}

QTEST_GUILESS_MAIN(TestCliTournament)
#include "tst_CliTournament.moc"
