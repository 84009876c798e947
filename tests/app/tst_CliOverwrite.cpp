// No command replaces a file that it was given or has found as input, and none says other people's
// names to a terminal as they are.

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>
#include <map>
#include <memory>

#include "tests/app/CliRunner.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

const QStringList kModel { "--model", "efficientnet-lite0" };
const QStringList kSource { "--source", "efficientnet-lite0" };

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("<missing>");
}

} // namespace

class TestCliOverwrite : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void nothingIsReplaced_data();
    void nothingIsReplaced();
    void olderResultsAreReplaced();
    void tournamentsOwnPlanMayBeTheInput();
    void datasetDownloadKeepsItsCsv();
    void litterIsSkippedAndCounted();
    void longNamesAreRefusedBeforeWork();
    void strangeNamesInResults();

private:
    [[nodiscard]] QString in(const QString& name) const { return m_folder->filePath(name); }
    /// "@/" in an argument stands for the test's folder.
    [[nodiscard]] QStringList placed(const QString& arguments) const
    {
        QStringList list;
        for (const QString& argument : arguments.split(' ', Qt::SkipEmptyParts))
            list << QString(argument).replace("@", m_folder->path());
        return list;
    }
    [[nodiscard]] std::map<QString, QByteArray> everything() const
    {
        std::map<QString, QByteArray> all;
        for (const QString& name : everythingIn(m_folder->path()))
            all[name] = contents(in(name));
        return all;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    QByteArray m_png = contents(goldenPicture("imagenet_16_251.clean.png"));
};

void TestCliOverwrite::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    put(in("in/imagenet_16_251.png"), m_png);
    put(in("in/imagenet_02_438.png"), contents(goldenPicture("imagenet_02_438.clean.png")));
    put(in("one.jpg"), contents(photo("imagenet_16_251.jpg")));
    put(in("two.jpg"), contents(photo("imagenet_02_438.jpg")));
    put(in("two.png"), m_png);
    put(in("labels.csv"), "imagenet_16_251.png,252\nimagenet_02_438.png,439\none.jpg,252\n");
    put(in("targets.csv"), "imagenet_16_251.png,5\nimagenet_02_438.png,6\none.jpg,7\n");
    QDir().mkpath(in("out"));
    std::filesystem::create_hard_link(path(in("labels.csv")), path(in("out/hard.csv")));
    std::filesystem::create_hard_link(path(in("labels.csv")), path(in("out/sweep.csv")));
    std::filesystem::create_symlink(path(in("labels.csv")), path(in("out/study.csv")));
    std::filesystem::create_directory_symlink(path(in("in")), path(in("linked")));
    std::filesystem::create_symlink(path(in("labels.csv")), path(in("accuracy.json")));
    put(in("plan.json"),
        QString(R"({"version": 1, "dataset": {"folder": "%1/in"}, "clean": false,
            "attacks": [{"name": "noop", "method": "noop"}],
            "defenses": [{"name": "lite0", "model": "efficientnet-lite0"}]})")
            .arg(m_folder->path())
            .toUtf8());
}

void TestCliOverwrite::nothingIsReplaced_data()
{
    QTest::addColumn<QString>("arguments");
    QTest::addColumn<QString>("named");
    const auto row = [](const char* arguments, const char* named) {
        QTest::newRow(arguments) << QString(arguments) << QString(named);
    };
    row("defend @/one.jpg @/two.jpg", "two.jpg");
    row("defend @/one.jpg @/one.jpg", "one.jpg");
    row("defend @/one.jpg @/new.png", "new.png");
    row("defend @/in @/in/imagenet_16_251.png", "imagenet_16_251.png");
    row("defend @/in @/labels.csv --labels @/labels.csv", "labels.csv");
    row("defend @/in @/out/../labels.csv --labels @/in/../labels.csv", "labels.csv");
    row("defend @/in @/out/hard.csv --labels @/labels.csv", "hard.csv");
    row("defend @/in @/out", "out");
    row("defend @/in /dev/null", "/dev/null");
    row("sweep @/one.jpg --sizes 299 --output @/out --labels @/labels.csv", "sweep.csv");
    row("sweep @/in --sizes 299 --output @ --labels @/labels.csv", "accuracy.json");
    row("study @/in --output @/out --labels @/labels.csv", "study.csv");
    row("attack @/in @/in --method noop", "imagenet_02_438.png");
    row("attack @/in @/linked --method noop", "imagenet_02_438.png");
    row("attack @/two.jpg @ --method noop", "two.png"); // a picture of its own folder
    row("tournament @/plan.json --write-plan @/plan.json", "plan.json");
    row("tournament @/plan.json --write-plan @/two.jpg", "two.jpg");
    row("tournament @/plan.json --write-plan @/in/imagenet_16_251.png", "imagenet_16_251.png");
    row("tournament --plan-preset embedded --dataset @/in --csv @/labels.csv --write-plan "
        "@/labels.csv",
        "labels.csv");
}

void TestCliOverwrite::nothingIsReplaced()
{
    QFETCH(QString, arguments);
    QFETCH(QString, named);
    QStringList list = placed(arguments);
    if (list.first() == "defend" || list.first() == "sweep")
        list << kModel;
    if (list.first() == "attack" || list.first() == "study")
        list << kSource;
    const auto before = everything();
    const CliRun run = runCli(list);
    QCOMPARE(run.code, 1);
    QVERIFY2(run.error.contains(named.toUtf8()), run.error.constData());
    QVERIFY(run.out.isEmpty());
    QVERIFY(everything() == before);
}

void TestCliOverwrite::olderResultsAreReplaced()
{
    for (int i = 0; i < 2; ++i) {
        CliRun run = runCli(QStringList { "defend", in("one.jpg"), in("results.csv") } + kModel);
        QVERIFY2(run.code == 0, run.error.constData());
        run = runCli(QStringList { "attack", in("one.jpg"), m_folder->path(), "--method", "noop",
                         "--trace", m_folder->path() }
            + kSource);
        QVERIFY2(run.code == 0, run.error.constData()); // its own one.png, beside the photo
        run = runCli(QStringList { "sweep", in("one.jpg"), "--sizes", "200", "--output", in("s"),
                         "--from-trace", m_folder->path() }
            + kModel);
        QVERIFY2(run.code == 0, run.error.constData());
    }
}

void TestCliOverwrite::tournamentsOwnPlanMayBeTheInput()
{
    const CliRun run = runCli({ "tournament", in("plan.json"), "--output", in("t"), "--quiet" });
    QVERIFY2(run.code == 0, run.error.constData());
    const CliRun again =
        runCli({ "tournament", in("t/plan.json"), "--output", in("t"), "--resume", "--quiet" });
    QVERIFY2(again.code == 0, again.error.constData());
    // The list of images is the tournament's; a plan of that name would be gone.
    put(in("u/images.json"), contents(in("plan.json")));
    const CliRun own = runCli({ "tournament", in("u/images.json"), "--output", in("u") });
    QCOMPARE(own.code, 1);
    QVERIFY2(own.errorLine().contains("images.json"), own.error.constData());
    QCOMPARE(contents(in("u/images.json")), contents(in("plan.json")));
}

void TestCliOverwrite::datasetDownloadKeepsItsCsv()
{
    const QByteArray csv = "ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass\n"
                           "a,http://127.0.0.1:9/a,0,0,1,1,5,6\n";
    put(in("set/LICENSES.csv"), csv);
    const CliRun run = runCli({ "dataset", "download", in("set/LICENSES.csv"), in("set") });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("would replace an input"), run.error.constData());
    QCOMPARE(contents(in("set/LICENSES.csv")), csv);
}

void TestCliOverwrite::litterIsSkippedAndCounted()
{
    for (const char* name : { "imagenet_16_251.png~", ".#imagenet_16_251.png",
             "#imagenet_16_251.png#", "imagenet_16_251.png.swp", "imagenet_16_251.bak",
             "imagenet_16_251.tmp", "imagenet_16_251.orig", "._imagenet_16_251.png" })
        put(in(QString("in/") + name), m_png);
    put(in("in/.DS_Store"), "x");
    put(in("in/Thumbs.db"), "x");
    CliRun run =
        runCli(QStringList { "attack", in("in"), in("a"), "--method", "noop", "--json" } + kSource);
    QVERIFY2(run.code == 0, run.error.constData());
    QCOMPARE(run.error, QByteArray("10 backup or temporary files skipped\n"));
    QCOMPARE(QJsonDocument::fromJson(run.out).array().size(), 2);
    run = runCli(QStringList { "defend", in("in"), in("a.csv") } + kModel);
    QVERIFY2(run.code == 0, run.error.constData());
    QCOMPARE(
        contents(in("a.csv")), QByteArray("imagenet_02_438.png,439\nimagenet_16_251.png,252\n"));
    run = runCli({ "tournament", in("plan.json"), "--output", in("t"), "--quiet" });
    QVERIFY2(run.code == 0, run.error.constData());
    QVERIFY(contents(in("t/notes.json")).contains("10 backup or temporary files"));
    run = runCli(
        QStringList { "attack", in("in"), in("b"), "--method", "noop", "--quiet" } + kSource);
    QVERIFY2(run.code == 0 && run.error.isEmpty(), run.error.constData());
}

void TestCliOverwrite::longNamesAreRefusedBeforeWork()
{
    const QString longest = QString(251, 'n') + ".png"; // 255 bytes
    put(in("long/" + longest), m_png);
    const QStringList more { "--method", "noop" };
    const CliRun alone =
        runCli(QStringList { "attack", in("long/" + longest), in("a") } + more + kSource);
    QCOMPARE(alone.code, 1);
    QVERIFY2(alone.errorLine().contains("too long"), alone.error.constData());
    QVERIFY2(alone.errorLine().contains("nnnn"), alone.error.constData());
    QVERIFY(!QFile::exists(in("a")));
    // In a folder the others are done, and this one leaves no result without its provenance.
    put(in("long/b.png"), m_png);
    const CliRun folder = runCli(QStringList { "attack", in("long"), in("a") } + more + kSource);
    QCOMPARE(folder.code, 4);
    QVERIFY2(folder.errorLine().contains("too long"), folder.error.constData());
    QCOMPARE(everythingIn(in("a")), (QStringList { "b.png", "b.provenance.json" }));
    // Where the endings just fit, everything is there: 255 bytes with ".provenance.json".
    const QString fits(239, 'n');
    put(in("fit/" + fits + ".png"), m_png);
    const CliRun fitting = runCli(QStringList { "attack", in("fit"), in("f") } + more + kSource);
    QVERIFY2(fitting.code == 0, fitting.error.constData());
    QCOMPARE(everythingIn(in("f")).size(), 2);
    const CliRun table =
        runCli(QStringList { "defend", in("one.jpg"), in(QString(251, 'c') + ".csv") } + kModel);
    QCOMPARE(table.code, 1);
    QVERIFY2(table.errorLine().contains("too long"), table.error.constData());
}

void TestCliOverwrite::strangeNamesInResults()
{
    const QStringList names { "=1+1.png", "+1.png", "-1.png", "@a.png", "a\x1b[31mb.png",
        "a\nb.png", QString::fromUtf8("a\u202egnp.png") };
    for (const QString& name : names)
        put(in("names/" + name), m_png);
    put(in("names/plain.png"), m_png);
    CliRun run = runCli(QStringList { "defend", in("names"), in("a.csv") } + kModel);
    QCOMPARE(run.code, 4);
    QCOMPARE(contents(in("a.csv")), QByteArray("plain.png,252\n"));
    QCOMPARE(run.error.count('\n'), names.size());
    run.error += run.out;
    const CliRun attacked = runCli(
        QStringList { "attack", in("names"), in("n"), "--method", "noop", "--verbose" } + kSource);
    QCOMPARE(attacked.code, 0);
    const CliRun predicted = runCli(
        QStringList { "predict", in("names/" + names.last()), in("names/" + names[4]) } + kModel);
    QCOMPARE(predicted.code, 0);
    for (const QByteArray& text : { run.error, attacked.out, attacked.error, predicted.out })
        for (const char* hidden : { "\x1b", "\xe2\x80\xae" })
            QVERIFY2(!text.contains(hidden), text.constData());
    QVERIFY(attacked.out.contains("\\u202e") && attacked.out.contains("\\x1b"));
    // JSON says the same name.
    QCOMPARE(QJsonDocument::fromJson(predicted.out).array()[0].toObject()["image"].toString(),
        in("names/" + names.last()));
    // One alone is refused, and named.
    run = runCli(QStringList { "defend", in("names/=1+1.png"), in("b.csv") } + kModel);
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("=1+1.png"), run.error.constData());
    QVERIFY(!QFile::exists(in("b.csv")));
}

QTEST_GUILESS_MAIN(TestCliOverwrite)
#include "tst_CliOverwrite.moc"
