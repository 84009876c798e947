#include "core/attack/AttackFields.h"
#include "core/defense/DefenseFields.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/CliRunner.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

class TestCliUsage : public QObject
{
    Q_OBJECT

private slots:
    void helpOnEveryLevel_data();
    void helpOnEveryLevel();
    void helpNamesEveryField();
    void manPageNamesEveryCommand();
    void version();
    void usageErrors_data();
    void usageErrors();
    void modelsListAndInfo();
    void fullDiskIsAnError();
    void closedPipeIsQuiet();
    void benchIsJson();
    void selfTestComparesWithTheCpu();
    void selfTestSaysThatADeviceIsMissing();
};

void TestCliUsage::helpOnEveryLevel_data()
{
    QTest::addColumn<QString>("command");
    QTest::addColumn<QStringList>("expected");
    const QStringList common { "--device", "--threads", "--numerics", "--precision", "--memory",
        "--seed", "--store", "--json", "--quiet", "--verbose", "--help" };
    QTest::newRow("top") << ""
                         << QStringList { "predict", "attack", "score", "models", "bench",
                                "--version", "--help", "Exit codes" };
    QTest::newRow("models") << "models" << QStringList { "list", "info", "--help" };
    QTest::newRow("models list") << "models list" << common;
    QTest::newRow("models info") << "models info" << common + QStringList { "ID" };
    QTest::newRow("models fetch") << "models fetch" << common + QStringList { "ID", "--base-url" };
    QTest::newRow("models import") << "models import"
                                   << common
            + QStringList { "FILE", "--architecture", "--as", "--trust", "--label-offset",
                  "--input-side", "--scale", "--shift", "--pool-padding", "torchscript",
                  "inception-resnet-v2", "inception-v4", "resnet-v2-152", "efficientnet-lite4",
                  "--scope" };
    QTest::newRow("models verify") << "models verify" << common + QStringList { "ID" };
    QTest::newRow("models remove") << "models remove" << common + QStringList { "ID" };
    QTest::newRow("predict") << "predict"
                             << common
            + QStringList { "IMAGE", "--model", "--top", "--crop", "--contest" };
    QTest::newRow("attack") << "attack"
                            << common
            + QStringList { "INPUT", "OUTPUT_DIR", "--method", "--source", "--judge", "--epsilon",
                  "--rounds", "--step", "--projection", "--label-rule", "--targets", "--target",
                  "--save", "--trace", "--floats", "--label", "--labels", "--crop", "--contest",
                  "6.375", "own-refreshed", "legacy-stretch", "--momentum", "--nesterov",
                  "--diversity", "--translation", "--scales", "--ensemble", "mi-fgsm", "second" };
    QTest::newRow("study") << "study"
                           << common
            + QStringList { "FOLDER", "--output", "--labels", "--rules", "--projections",
                  "--orders", "--rounds", "--source", "--judge", "--limit", "--resume",
                  "--compare-numerics", "own-refreshed", "6.375" };
    QTest::newRow("score") << "score"
                           << common
            + QStringList { "CLEAN_DIR", "ADV_DIR", "--model", "--labels", "--size", "--csv",
                  "--range", "--layout" };
    QTest::newRow("trace") << "trace"
                           << common
            + QStringList { "SERIES", "--clean", "--model", "--output", "--size", "--watch",
                  "--steps", "--range", "--layout", "--label", "--labels", "--crop", "Ctrl-C" };
    QTest::newRow("bench") << "bench" << common + QStringList { "--model", "--runs", "--roofline" };
    QTest::newRow("selftest") << "selftest" << common;
}

void TestCliUsage::helpOnEveryLevel()
{
    QFETCH(QString, command);
    QFETCH(QStringList, expected);
    const CliRun run = runCli(command.split(' ', Qt::SkipEmptyParts) + QStringList { "--help" });
    QCOMPARE(run.code, 0);
    QVERIFY(run.error.isEmpty());
    for (const QString& word : expected)
        QVERIFY2(run.out.contains(word.toUtf8()), qPrintable(word));
    // What a later version brings is not offered yet.
    for (const char* word : { "\n  train" })
        QVERIFY2(!run.out.contains(word), word);
}

void TestCliUsage::helpNamesEveryField()
{
    const QByteArray attack = runCli({ "attack", "--help" }).out;
    const QByteArray exported = runCli({ "submission", "export", "--help" }).out;
    const QByteArray defend = runCli({ "defend", "--help" }).out;
    for (const AttackField& field : attackFields())
        QVERIFY2(attack.contains("  --" + QByteArray(field.key) + " "), field.key);
    for (const AttackField* field : attackFields(FieldFormat::Script))
        if (field->key != std::string("judge")) // the script's own
            QVERIFY2(exported.contains("  --" + QByteArray(field->key) + " "), field->key);
    for (const DefenseField& field : defenseFields())
        for (const QByteArray& help : { defend, exported })
            QVERIFY2(help.contains("  --" + QByteArray(field.key)), field.key);
    // The table of defaults comes from the methods themselves.
    QVERIFY(attack.contains("  mi-fgsm                 10      epsilon  ball        joint-clean    "
                            "round\n                                  / rounds\n"));
    QVERIFY(attack.contains("  random-noise            -       epsilon  -           -              "
                            "round"));
}

void TestCliUsage::manPageNamesEveryCommand()
{
    QFile page(QString::fromStdString((sourceDir() / "resources/crossiter.1").string()));
    QVERIFY(page.open(QIODevice::ReadOnly));
    static const QRegularExpression kWords("[^a-z]+");
    const QStringList words = QString::fromUtf8(page.readAll()).split(kWords);
    const QString help = runCli({ "--help" }).out;
    int commands = 0;
    static const QRegularExpression kCommand("^  ([a-z]+) ", QRegularExpression::MultilineOption);
    for (const QRegularExpressionMatch& match :
        kCommand.globalMatch(help.mid(help.indexOf("Subcommands:")))) {
        ++commands;
        QVERIFY2(words.contains(match.captured(1)), qPrintable(match.captured(1)));
    }
    QCOMPARE(commands, 13);
}

void TestCliUsage::version()
{
    const CliRun run = runCli({ "--version" });
    QCOMPARE(run.code, 0);
    QVERIFY(QRegularExpression("^crossiter \\d+\\.\\d+\\.\\d+\n$").match(run.out).hasMatch());
}

void TestCliUsage::usageErrors_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* arguments, int code, const char* named) {
        QTest::newRow(arguments) << QString(arguments).split(' ', Qt::SkipEmptyParts) << code
                                 << QString(named);
    };
    row("", 2, "command missing");
    row("fetch", 2, "found fetch");
    row("--nonsense", 2, "found --nonsense");
    row("models", 2, "crossiter models");
    row("models fetch", 2, "ID");
    row("models push", 2, "found push");
    row("models fetch efficientnet-lite7", 1, "efficientnet-lite0");
    row("models import x.pth --as a", 2, "--architecture");
    row("models import x.pth --as a --architecture resnet", 1, "inception-v3");
    row("models import x.pth --as a --architecture inception-v3 --pool-padding same", 2, "tf-slim");
    row("models import x.pth --as a --architecture inception-v3 --scale 1,2", 2, "--scale");
    row("models import x.pth --as a --architecture inception-v3 --scale 1,2,3,4", 2, "R,G,B");
    row("models import x.pth --as a --architecture inception-v3 --scale 1,0,1", 2, "other than 0");
    row("models import x.pth --as a --architecture inception-v3 --scale nan", 2, "--scale");
    row("models import x.pth --as a --architecture inception-v3 --scale 1,x,1", 2, "--scale");
    row("models import x.pth --as a --architecture inception-v3 --shift 1,,1", 2, "--shift");
    row("models import x.pth --as a --architecture inception-v3 --shift 0,0,2000", 2, "1000");
    // What is right goes on to the file, which is not there; a minus begins no option.
    row("models import x.pth --as a --architecture inception-v3 --scale -1,2,3 --shift -0.5,0,1", 1,
        "x.pth");
    row("models verify nothing", 1, "unknown model");
    row("models remove efficientnet-lite0", 1, "only read");
    row("models info", 2, "ID");
    row("predict", 2, "IMAGE");
    row("predict a.png", 2, "--model");
    row("predict a.png --model", 2, "--model");
    row("predict a.png --model x --nonsense", 2, "--nonsense");
    row("predict a.png --model x --top 0", 2, "--top");
    row("predict a.png --model x --top five", 2, "--top");
    row("predict a.png --model x --threads -1", 2, "--threads");
    row("predict a.png --model x --numerics double", 2, "--numerics");
    row("predict a.png --model x --device gpu", 2, "--device");
    row("predict a.png --model x --precision fp8", 2, "--precision");
    row("predict a.png --model x --memory 4X", 2, "--memory");
    row("predict a.png --model x --seed -1", 2, "--seed");
    row("predict a.png --model x --crop left", 2, "--crop");
    row("predict a.png --model x --quiet --verbose", 2, "--quiet");
    row("attack a.png out", 2, "--method");
    row("attack a.png --method fgsm", 2, "OUTPUT_DIR");
    row("attack a.png out --method pgd", 2, "cross-iterative");
    row("attack a.png out --method mi-fgsm --momentum x", 2, "--momentum");
    row("study photos", 2, "--output");
    row("study nowhere --output out", 1, "nowhere");
    row("attack a.png out --method fgsm --epsilon 256", 2, "0..255");
    row("attack a.png out --method fgsm --epsilon 4.5", 2, "--epsilon");
    row("attack a.png out --method fgsm --step nan", 2, "--step");
    row("attack a.png out --method fgsm --label-rule mine", 2, "--label-rule");
    row("attack a.png out --method fgsm --projection box", 2, "--projection");
    row("attack a.png out --method fgsm --save ceil", 2, "unknown choice, --save: expected floor");
    row("attack a.png out --method fgsm --step 256", 2,
        "value out of range, --step: expected 0..255 grey levels, found 256");
    row("attack a.png out --method fgsm --translation 4", 2, "--translation: expected 0 or odd");
    row("attack a.png out --method fgsm --rounds 1001", 2,
        "wrong value, --rounds: expected a whole number 0..1000, found 1001");
    row("study photos --output out --rounds 101", 2,
        "--rounds: expected a whole number 1..100, found 101");
    row("study photos --output out --rules own-claen,true", 2, "found own-claen");
    row("attack a.png out --method fgsm --target 5", 2, "--target");
    row("attack a.png out --method iter-target --target 1001", 2, "--target");
    row("attack a.png out --method iter-target --target nothing", 2, "--target");
    row("attack a.png out --method iter-target --target 5 --targets x.csv", 2, "--target");
    row("attack a.png out --method fgsm --floats", 2, "--trace");
    row("attack a.png out --method fgsm --label 2000", 2, "--label");
    row("score a", 2, "ADV_DIR");
    row("bench --runs 0", 2, "--runs");
    row("predict a.png --model x --precision bf16", 3, "fp32");
    row("models info resnet", 1, "efficientnet-lite0");
    // The nearest known word.
    row("attak a.png out", 2, "did you mean attack?");
    row("fetch x", 2, "did you mean models fetch?");
    row("models fecth x", 2, "did you mean fetch?");
    row("--verison", 2, "did you mean --version?");
    row("predict a.png --modle x", 2, "found --modle; did you mean --model?");
    row("predict a.png --model x --thread=3", 2, "found --thread; did you mean --threads?");
    row("attack a.png out --metod fgsm", 2, "did you mean --method?");
    row("attack a.png out --method bmi", 2, "did you mean bim?");
    row("attack a.png out --method fgsm --label-rule own-refresh", 2,
        "did you mean own-refreshed?");
    row("attack a.png out --method fgsm --save flor", 2, "did you mean floor?");
    row("attack a.png out --method mi-fgsm --ensemble mean-logit", 2, "did you mean mean-logits?");
    row("attack a.png out --method fgsm --label Dalmatien", 2, "did you mean Dalmatian");
    row("attack a.png out --method fgsm --label bulldogg", 2, "did you mean French Bulldog?");
    row("attack a.png out --method fgsm --label latop", 2, "did you mean laptop?");
    row("attack a.png out --method iter-target --target secnd", 2,
        "--target: expected 1..1000, a class name, second, least or random, found secnd; did you "
        "mean second?");
    row("predict a.png --model x --numerics exakt", 2, "did you mean exact?");
    row("study photos --output out --rules own-claen", 2, "did you mean own-clean?");
    row("defend a.png b.csv --model x --defense drpout", 2, "did you mean dropout?");
    row("submission export atack --output x", 2, "did you mean attack?");
    row("submission export defense --preset CrossIterativ_3 --output x", 2,
        "did you mean CrossIterative_3?");
    row("tournament --plan-preset embeded --dataset x --output y", 2, "did you mean embedded?");
    // No word of the parser's own.
    row("predict a.png --model", 2, "value missing, --model: expected --model ID");
    row("predict a.png --model x --top 5 --top 6", 2, "more than once");
    row("models info a b", 2, "too many");
    row("predict a.png --model x --json=maybe", 2, "takes no value");
    row("submission export attack --zip --tar --output x", 2, "found both");
    row("models import x.pth --as a --architecture inception-v3 --input-side 5", 2, "32..1024");
    row("models import x.pth --as a --architecture inception-v3 --label-offset x", 2,
        "--label-offset");
}

void TestCliUsage::usageErrors()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, code);
    QFETCH(QString, named);
    const CliRun run = runCli(arguments);
    QCOMPARE(run.code, code);
    QVERIFY2(run.out.isEmpty(), run.out.constData());
    QVERIFY2(!run.errorLine().isEmpty(), run.error.constData());
    QVERIFY2(run.errorLine().contains(named), run.error.constData());
    QVERIFY2(run.errorLine().contains("expected"), run.error.constData());
    QCOMPARE(run.errorLine().count("crossiter: "), 1);
    for (const char* raw : { "is required", "not expected", "At Most", "excludes", "Could not",
             "not in range", "required TEXT", "required but" })
        QVERIFY2(!run.errorLine().contains(raw), run.error.constData());
}

void TestCliUsage::modelsListAndInfo()
{
    const CliRun table = runCli({ "models", "list" });
    QCOMPARE(table.code, 0);
    QVERIFY(table.out.contains("efficientnet-lite2"));
    const CliRun list = runCli({ "models", "list", "--json" });
    QCOMPARE(list.code, 0);
    const QJsonArray models = QJsonDocument::fromJson(list.out).array();
    QVERIFY(models.size() >= 3);
    QCOMPARE(models[0]["id"].toString(), QString("efficientnet-lite0"));
    QCOMPARE(models[0]["installed"].toBool(), true);
    QCOMPARE(models[0]["robust"].toBool(true), false);
    QCOMPARE(models[0]["default_role"].toString(), QString("source 2"));
    const CliRun info = runCli({ "models", "info", "efficientnet-lite1", "--json" });
    QCOMPARE(QJsonDocument::fromJson(info.out).object(), models[1].toObject());
    QVERIFY(runCli({ "models", "info", "efficientnet-lite1" }).out.contains("Apache-2.0"));
    // A store of one's own comes first; what setup brought stays behind it.
    const QTemporaryDir store;
    const CliRun other =
        runCli({ "models", "info", "efficientnet-lite1", "--json", "--store", store.path() });
    QCOMPARE(other.out, info.out);
}

void TestCliUsage::fullDiskIsAnError()
{
    QProcess process;
    process.setStandardOutputFile("/dev/full");
    process.start(cliProgram(), { "models", "list" });
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 1);
    QVERIFY(process.readAllStandardError().contains("cannot write the output"));
}

void TestCliUsage::closedPipeIsQuiet()
{
    QProcess process;
    process.start(
        "/bin/bash", { "-c", "set -o pipefail; \"$0\" models list --json | true", cliProgram() });
    QVERIFY(process.waitForFinished());
    QVERIFY(
        process.exitCode() == 0 || process.exitCode() == 141); // true may read too late or never
    QCOMPARE(process.readAllStandardError(), QByteArray());
}

void TestCliUsage::benchIsJson()
{
    const CliRun run = runCli({ "bench", "--runs", "1", "--model", "efficientnet-lite0", "--model",
        "efficientnet-lite1", "--threads", "1", "--roofline" });
    QCOMPARE(run.code, 0);
    const QJsonObject root = QJsonDocument::fromJson(run.out).object();
    QCOMPARE(root["numerics"].toString(), QString("fast"));
    const double peak = root["roofline"].toObject()["convolution_gflops"].toDouble();
    QVERIFY(peak > 0.0);
    QVERIFY(root["roofline"].toObject()["memory_bytes_per_second"].toDouble() > 0.0);
    QStringList names;
    for (const auto& value : root["entries"].toArray()) {
        const QJsonObject entry = value.toObject();
        names << entry["name"].toString();
        QVERIFY(entry["seconds"].toDouble() > 0.0);
        QCOMPARE(entry["runs"].toInt(), 1);
        if (entry["gflops"].isDouble())
            QVERIFY(
                qAbs(entry["of_convolution_peak"].toDouble() * peak - entry["gflops"].toDouble())
                < 1e-6 * peak);
    }
    QVERIFY(names.contains("efficientnet-lite0 forward"));
    QVERIFY(names.contains("round of the default pair, without judges"));

    // One model alone: no other network is loaded for the pair's sake.
    const CliRun one = runCli({ "bench", "--runs", "1", "--model", "efficientnet-lite0" });
    QCOMPARE(one.code, 0);
    QVERIFY(!one.out.contains("default pair"));
    QVERIFY(!one.out.contains("of_convolution_peak"));
}

void TestCliUsage::selfTestComparesWithTheCpu()
{
    const CliRun run = runCli({ "selftest", "--device", "cpu" });
    QCOMPARE(run.code, 0);
    const QJsonObject root = QJsonDocument::fromJson(run.out).object();
    QCOMPARE(root["device"].toString(), QString("cpu"));
    QCOMPARE(root["failed"].toInt(), 0);
    if (root["kernels_built"].toBool())
        QSKIP("a build with kernels has nothing to compare on the CPU");
    const QJsonArray entries = root["entries"].toArray();
    QVERIFY(entries.size() >= 20);
    double largest = 0.0;
    for (const auto& value : entries) {
        const QJsonObject entry = value.toObject();
        QVERIFY2(entry["difference"].toDouble() <= entry["bound"].toDouble(),
            qPrintable(entry["name"].toString()));
        largest = std::max(largest, entry["difference"].toDouble());
    }
    QVERIFY(largest > 0.0); // two ways of computing, not one with itself
}

void TestCliUsage::selfTestSaysThatADeviceIsMissing()
{
    const CliRun run = runCli({ "selftest", "--device", "cuda:7" });
    QCOMPARE(run.code, 3);
    QVERIFY(run.error.contains("no such device"));
}

QTEST_GUILESS_MAIN(TestCliUsage)
#include "tst_CliUsage.moc"
