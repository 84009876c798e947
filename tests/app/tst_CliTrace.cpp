// `crossiter trace`: pictures made elsewhere as a trace, its files, and a series that grows.
#include "core/base/AtomicFile.h"
#include "core/image/Codec.h"
#include "core/image/Resample.h"

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
#include "tests/core/image/NpyMaker.h"

using namespace crossiter;
using namespace crossiter::test;

class TestCliTrace : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void ourOwnStepsComeBack();
    void filesAsAnAttackWrites();
    void aBatchOfFloats();
    void anotherSize();
    void whatIsRefused_data();
    void whatIsRefused();
    void watched();

private:
    [[nodiscard]] QString in(const QString& name) const { return m_folder.filePath(name); }
    [[nodiscard]] QStringList trace(const QString& series) const
    {
        return { "trace", series, "--clean", m_photo, "--threads", "1" };
    }
    static QJsonObject object(const CliRun& run)
    {
        return QJsonDocument::fromJson(run.out).object();
    }
    static QJsonObject file(const QString& path)
    {
        QFile open(path);
        return open.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(open.readAll()).object()
                                              : QJsonObject();
    }

    QTemporaryDir m_folder;
    const QString m_photo = photo("imagenet_16_251.jpg");
    QJsonArray m_ours; ///< sub-steps of an attack of ours
};

void TestCliTrace::initTestCase()
{
    const CliRun run = runCli({ "attack", m_photo, in("adv"), "--method", "cross-iterative",
        "--rounds", "2", "--trace", in("ours"), "--threads", "1", "--quiet" });
    QVERIFY2(run.code == 0, run.error.constData());
    m_ours = file(in("ours/imagenet_16_251.trace.json"))["substeps"].toArray();
    QCOMPARE(m_ours.size(), 5);
    // As another program would name them: the tenth step sorts before the second by bytes.
    QVERIFY(QDir(m_folder.path()).mkpath("steps"));
    const QStringList names { "step1.png", "step2.png", "step10.png", "step11.png" };
    for (int i = 0; i < names.size(); ++i)
        QVERIFY(QFile::copy(in(QString("ours/imagenet_16_251.sub-step-%1.png").arg(i + 1)),
            in("steps/" + names[i])));
}

void TestCliTrace::ourOwnStepsComeBack()
{
    const CliRun run = runCli(trace(in("steps/")) + QStringList { "--json" });
    QVERIFY2(run.code == 0, run.error.constData());
    const QJsonObject report = object(run);
    QCOMPARE(report["true_label"].toInt(), 252);
    const QJsonArray steps = report["substeps"].toArray();
    QCOMPARE(steps.size(), m_ours.size());
    for (int i = 0; i < steps.size(); ++i) {
        QCOMPARE(steps[i]["linf_exported"], m_ours.at(i)["linf_exported"]);
        // Judged by the same networks, which say the same of the same bytes.
        for (const char* model : { "efficientnet-lite1", "efficientnet-lite0" }) {
            const QJsonObject mine = m_ours.at(i)["judges"][model][0].toObject();
            QVERIFY(!mine.isEmpty());
            QCOMPARE(steps[i]["judges"][model].toObject(), mine);
        }
    }
    QVERIFY(steps[0]["made_elsewhere"].isNull());
    QCOMPARE(steps[3]["made_elsewhere"].toString(), QString("step10.png"));
    // Leak marks as of a trace of ours: where a network that had lost the true label has it again.
    for (const char* model : { "efficientnet-lite1", "efficientnet-lite0" }) {
        QJsonArray back;
        bool held = false;
        bool everHeld = false;
        for (int i = 0; i < m_ours.size(); ++i) {
            const bool holds = m_ours.at(i)["judges"][model][0]["label"].toInt() == 252;
            if (holds && everHeld && !held)
                back.append(i);
            held = holds;
            everHeld = everHeld || holds;
        }
        QCOMPARE(report["label_returns"][model].toArray(), back);
    }
    const CliRun spoken = runCli(trace(in("steps")));
    QVERIFY(spoken.out.contains("step10.png") && spoken.out.contains("Dalmatian"));
}

void TestCliTrace::filesAsAnAttackWrites()
{
    const CliRun run =
        runCli(trace(in("steps")) + QStringList { "--output", in("out"), "--quiet" });
    QVERIFY2(run.code == 0, run.error.constData());
    const QStringList wanted = everythingIn(in("ours"));
    QCOMPARE(everythingIn(in("out")), wanted);
    const QJsonObject json = file(in("out/imagenet_16_251.trace.json"));
    const QJsonObject provenance = json["provenance"].toObject();
    QCOMPARE(provenance["made_elsewhere"].toString(), QString("steps"));
    const QJsonArray files = provenance["made_elsewhere_files"].toArray();
    QCOMPARE(files.size(), 4);
    QCOMPARE(files[2]["file"].toString(), QString("step10.png"));
    QCOMPARE(files[2]["sha256"].toString().size(), 64);
    QCOMPARE(json["substeps"][3]["made_elsewhere"].toString(), QString("step10.png"));
    QCOMPARE(json["request"]["method"].toString(), QString("noop"));
    for (const QString& name : wanted) {
        if (!name.endsWith(".png"))
            continue;
        QVERIFY(readImage(path(in("out/" + name))) == readImage(path(in("ours/" + name))));
    }
    // Swept like a trace of ours.
    const CliRun sweep = runCli({ "sweep", m_photo, "--model", "efficientnet-lite0", "--sizes",
        "150", "--output", in("sweep"), "--from-trace", in("out"), "--threads", "1", "--json" });
    QVERIFY2(sweep.code == 0, sweep.error.constData());
    QCOMPARE(object(sweep)["substeps"].toInt(), 5);
}

void TestCliTrace::aBatchOfFloats()
{
    std::vector<float> values;
    for (const char* name : { "step1.png", "step2.png" })
        for (const std::uint8_t level : readImage(path(in(QString("steps/") + name))).rgb)
            values.push_back(static_cast<float>(level) / 255.0F);
    writeFileAtomically(path(in("batch.npy")), npyOf("<f4", "(2, 299, 299, 3)", values));
    const CliRun asked = runCli(trace(in("batch.npy")));
    QCOMPARE(asked.code, 1);
    QVERIFY2(asked.errorLine().contains("--range 0..1"), asked.error.constData());
    const CliRun run = runCli(trace(in("batch.npy")) + QStringList { "--range", "0..1", "--json" });
    QVERIFY2(run.code == 0, run.error.constData());
    const QJsonArray steps = object(run)["substeps"].toArray();
    QCOMPARE(steps.size(), 3);
    QCOMPARE(steps[2]["made_elsewhere"].toString(), QString("batch.npy[1]"));
    for (int i = 0; i < steps.size(); ++i)
        QCOMPARE(steps[i]["judges"]["efficientnet-lite0"].toObject(),
            m_ours.at(i)["judges"]["efficientnet-lite0"][0].toObject());
}

void TestCliTrace::anotherSize()
{
    QVERIFY(QDir(m_folder.path()).mkpath("small"));
    writePng(path(in("small/1.png")), toSize(readImage(path(m_photo)), { 224, 224 }));
    const CliRun refused = runCli(trace(in("small")));
    QCOMPARE(refused.code, 1);
    QVERIFY2(refused.errorLine().contains("--size 224x224"), refused.error.constData());
    const CliRun run = runCli(trace(in("small"))
        + QStringList { "--size", "224x224", "--model", "efficientnet-lite0", "--json" });
    QVERIFY2(run.code == 0, run.error.constData());
    QCOMPARE(object(run)["substeps"][1]["linf_exported"].toInt(-1), 0);
    QCOMPARE(object(run)["size"].toString(), QString("224x224"));
}

void TestCliTrace::whatIsRefused_data()
{
    QTest::addColumn<QStringList>("more");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("words");
    QTest::newRow("steps alone") << QStringList { "--steps", "3" } << 2 << "--watch";
    QTest::newRow("range") << QStringList { "--range", "0-1" } << 2 << "--range";
    QTest::newRow("layout") << QStringList { "--layout", "hwc" } << 2 << "--layout";
    QTest::newRow("model") << QStringList { "--model", "none" } << 1 << "none";
    QTest::newRow("among the series")
        << QStringList { "--output", in("steps") } << 1 << "among the series";
}

void TestCliTrace::whatIsRefused()
{
    QFETCH(QStringList, more);
    QFETCH(int, code);
    QFETCH(QString, words);
    const QStringList before = everythingIn(m_folder.path());
    const CliRun run = runCli(trace(in("steps")) + more);
    QCOMPARE(run.code, code);
    QVERIFY2(run.errorLine().contains(words), run.error.constData());
    QCOMPARE(everythingIn(m_folder.path()), before);
}

void TestCliTrace::watched()
{
    QVERIFY(QDir(m_folder.path()).mkpath("growing"));
    const QStringList command = trace(in("growing"))
        + QStringList { "--watch", "--output", in("watched"), "--model", "efficientnet-lite0" };
    const auto start = [&](QProcess& process, const QStringList& more) {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("CROSSITER_STORE", "/nonexistent/store");
        process.setProcessEnvironment(environment);
        process.start(cliProgram(), command + more, QIODevice::ReadOnly);
        return process.waitForStarted();
    };
    const auto says = [](QProcess& process, QByteArray& out, const char* words) {
        return QTest::qWaitFor(
            [&] {
                out += process.readAllStandardOutput();
                return out.contains(words);
            },
            120'000);
    };
    QProcess process;
    QVERIFY(start(process, {}));
    QFile whole(in("steps/step1.png"));
    QVERIFY(whole.open(QIODevice::ReadOnly));
    const QByteArray bytes = whole.readAll();
    QFile half(in("growing/a1.png"));
    QVERIFY(half.open(QIODevice::WriteOnly) && half.write(bytes.left(5000)) == 5000);
    half.flush();
    QByteArray out;
    QTest::qWait(1500);
    out += process.readAllStandardOutput();
    QVERIFY2(!out.contains("a1.png"), out.constData()); // not whole yet
    half.write(bytes.mid(5000));
    half.close();
    QVERIFY2(says(process, out, "a1.png"), out.constData());
    QVERIFY(QFile::copy(in("steps/step2.png"), in("growing/a2.png")));
    QVERIFY2(says(process, out, "a2.png"), out.constData());
    QCOMPARE(out.count("a1.png"), 1); // nothing is judged or told twice
    ::kill(static_cast<pid_t>(process.processId()), SIGINT);
    QVERIFY(process.waitForFinished(60'000));
    QVERIFY2(process.exitCode() == 0, process.readAllStandardError().constData());
    QCOMPARE(file(in("watched/imagenet_16_251.trace.json"))["substeps"].toArray().size(), 3);
    // So many and no more.
    QProcess limited;
    QVERIFY(start(limited, { "--steps", "1", "--json" }));
    QVERIFY(limited.waitForFinished(120'000));
    QCOMPARE(limited.exitCode(), 0);
    QCOMPARE(
        QJsonDocument::fromJson(limited.readAllStandardOutput())["substeps"].toArray().size(), 2);
}

QTEST_GUILESS_MAIN(TestCliTrace)
#include "tst_CliTrace.moc"
