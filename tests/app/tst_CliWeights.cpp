// Weights and models at the command line: nothing is hashed, copied or unpacked before its header
// was looked at, and a message says what to do.

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>

#include "tests/app/CliRunner.h"
#include "tests/support/TestPaths.h"

using namespace crossiter::test;

namespace {

constexpr qint64 kMilliseconds = 2500; // ten times the promise, beyond the start
constexpr qint64 kKilobytes = 256LL * 1024;

} // namespace

class tst_CliWeights : public QObject
{
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }
    void hugeDamagedFileCostsNothing();
    void importNamesWhatItGot_data();
    void importNamesWhatItGot();
    void dryRunShowsTheNames();
    void notFetchedSaysTheLine();
    void unknownModelNamesTheNearest();
    void deepJsonStopsNothing();

private:
    [[nodiscard]] QString in(const QString& name) const { return m_folder->filePath(name); }
    [[nodiscard]] QStringList import(const QString& file) const
    {
        return { "models", "import", file, "--architecture", "inception-v3", "--as", "mine",
            "--store", in("store") };
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

void tst_CliWeights::hugeDamagedFileCostsNothing()
{
    const CliRun start = measureProgram(cliProgram(), { "--version" });
    const QString file = in("huge.safetensors");
    put(file, QByteArray("\x0a\0\0\0\0\0\0\0{\"a\": nope}", 18));
    std::filesystem::resize_file(path(file), 3'000'000'000); // a hole: takes no room
    const CliRun run = measureProgram(cliProgram(), import(file));
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains(file), run.error.constData());
    QVERIFY(run.milliseconds - start.milliseconds < kMilliseconds);
    QVERIFY(run.kilobytes - start.kilobytes < kKilobytes);
    QCOMPARE(everythingIn(m_folder->path()), QStringList { "huge.safetensors" });
}

void tst_CliWeights::importNamesWhatItGot_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("said");
    QTest::newRow("LFS pointer") << "a.safetensors"
                                 << QByteArray("version https://git-lfs.github.com/spec/v1\n")
                                 << "git lfs pull";
    QTest::newRow("page") << "a.pth" << QByteArray("<!doctype html><title>Sign in</title>")
                          << "an HTML page";
    QTest::newRow("shard") << "a.data-00000-of-00001" << QByteArray(64, '\1') << "a.index";
    QTest::newRow("cut zip") << "a.pth"
                             << QByteArray("PK\3\4") + QByteArray(26, '\0') + "a/data.pkl"
                             << "damaged checkpoint";
}

void tst_CliWeights::importNamesWhatItGot()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    QFETCH(QString, said);
    put(in(name), bytes);
    const CliRun run = runCli(import(in(name)));
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains(said), run.error.constData());
    QVERIFY(!run.error.contains("libarchive") && !run.error.contains("json.exception"));
    QVERIFY(!QFile::exists(in("store/mine")));
}

void tst_CliWeights::dryRunShowsTheNames()
{
    const QString weights = QString::fromStdString(
        (storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth").string());
    QStringList command = import(weights);
    command << "--dry-run";
    const CliRun wrong = runCli(command);
    QCOMPARE(wrong.code, 1);
    QVERIFY2(wrong.errorLine().contains("do not fit inception-v3; it fits efficientnet-lite0"),
        wrong.error.constData());
    QVERIFY2(wrong.out.contains(" more missing; --verbose shows them)")
            && wrong.out.contains(" more left over; ") && wrong.out.count('\n') < 25,
        wrong.out.constData());
    command[4] = "efficientnet-lite0";
    const CliRun right = runCli(command);
    QVERIFY2(right.code == 0, right.error.constData());
    QVERIFY2(
        right.out.contains("PyTorch state dict; CrossIter's own names: "), right.out.constData());
    QVERIFY2(right.out.contains("\nefficientnet-lite0, 1000 classes, labels from 1, stored as it "
                                "is\n  _conv_stem.weight [32, 3, 3, 3] F32\n"),
        right.out.constData());
    QVERIFY(right.out.contains("more names; --verbose shows them"));
    const CliRun all = runCli(command + QStringList { "--verbose" });
    QVERIFY(all.out.contains("_fc.bias [1000] F32") && !right.out.contains("_fc.bias"));
    const CliRun json = runCli(command + QStringList { "--json" });
    QVERIFY2(json.out.contains("\"fits\": true"), json.out.constData());
    QVERIFY(!QFile::exists(in("store")));
    QStringList keyed = import(weights);
    keyed[4] = "efficientnet-lite0";
    const CliRun key = runCli(keyed + QStringList { "--key", "ema" });
    QVERIFY2(key.code == 1 && key.errorLine().contains("no such dict"), key.error.constData());
}

void tst_CliWeights::notFetchedSaysTheLine()
{
    const QStringList command { "predict", photo("imagenet_16_251.jpg"), "--model",
        "inception-v3-slim", "--store", in("store") };
    const CliRun predict = runCli(command);
    QCOMPARE(predict.code, 1);
    QVERIFY2(predict.errorLine().contains("'crossiter models fetch inception-v3-slim'"),
        predict.error.constData());
    const CliRun verify =
        runCli({ "models", "verify", "inception-v3-slim", "--store", in("store") });
    QCOMPARE(verify.code, 1);
    QVERIFY2(verify.errorLine().contains("'crossiter models fetch inception-v3-slim'"),
        verify.error.constData());
}

void tst_CliWeights::unknownModelNamesTheNearest()
{
    const CliRun run = runCli({ "models", "info", "inceptoin-v3", "--store", in("store") });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("did you mean inception-v3?"), run.error.constData());
    QStringList wrong = import(photo("imagenet_16_251.jpg"));
    wrong[4] = "inception-resnet-v3";
    const CliRun architecture = runCli(wrong);
    QVERIFY2(architecture.errorLine().contains("did you mean inception-resnet-v2?"),
        architecture.error.constData());
}

void tst_CliWeights::deepJsonStopsNothing()
{
    const QByteArray deep = QByteArray(100'000, '[') + QByteArray(100'000, ']');
    put(in("store/deep/manifest.json"), deep);
    const CliRun list = runCli({ "models", "list", "--store", in("store") });
    QCOMPARE(list.code, 0);
    QVERIFY2(
        list.out.contains("efficientnet-lite0") && list.out.contains("deep"), list.out.constData());
    const CliRun info = runCli({ "models", "info", "deep", "--store", in("store") });
    QVERIFY2(info.code == 0 && info.out.contains("at most 64 levels"), info.out.constData());
    put(in("plan.json"), deep);
    const CliRun plan = runCli({ "tournament", in("plan.json"), "--output", in("out") });
    QVERIFY2(
        plan.code == 1 && plan.errorLine().contains("at most 64 levels"), plan.error.constData());
}

QTEST_GUILESS_MAIN(tst_CliWeights)
#include "tst_CliWeights.moc"
