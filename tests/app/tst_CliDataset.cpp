#include "core/image/Codec.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/CliRunner.h"
#include "tests/support/HttpServer.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

constexpr const char* kHeader = "ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,"
                                "License,Author,AuthorProfileURL\n";

void write(const QString& path, const QByteArray& bytes)
{
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(bytes);
}

} // namespace

class TestCliDataset : public QObject
{
    Q_OBJECT

private slots:
    void check();
    void checkOfAGoodFolder();
    void badCsv();
    void namesThatLeaveTheFolder();
    void download();
};

void TestCliDataset::check()
{
    const QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkdir("images"));
    writePng(path(folder.filePath("images/a.png")), Image(299, 299));
    writePng(path(folder.filePath("images/b.png")), Image(300, 299));
    writePng(path(folder.filePath("images/z.png")), Image(299, 299));
    write(folder.filePath("images/c.png"), "x");
    write(folder.filePath("d.csv"),
        "ImageId,TrueLabel,TargetClass\na,1,2\nb,1,2\nc,1,2\nd,1,2\nb,1,2\nshort\n");
    const QStringList arguments { "dataset", "check", folder.filePath("d.csv"),
        folder.filePath("images") };
    const CliRun run = runCli(arguments);
    QCOMPARE(run.code, 4);
    for (const char* line : { "line 6: b is on line 3 already\n", "line 7: skipped, 1 field of 3\n",
             "missing: d.png\n", "extra: z.png\n", "wrong size: b.png is 300x299\n", "c.png",
             "1 of 4 images good, 5 faults\n" })
        QVERIFY2(run.out.contains(line), run.out.constData());
    const CliRun asJson = runCli(arguments + QStringList { "--json" });
    QCOMPARE(asJson.code, 4);
    const QJsonObject json = QJsonDocument::fromJson(asJson.out).object();
    QCOMPARE(json["good"].toInt(), 1);
    QCOMPARE(json["missing"].toArray(), (QJsonArray { "d.png" }));
    QCOMPARE(json["extra"].toArray(), (QJsonArray { "z.png" }));
    QCOMPARE(json["wrong_size"].toArray().at(0).toObject()["width"].toInt(), 300);
    QCOMPARE(json["unreadable"].toArray().size(), 1);
    QCOMPARE(json["duplicate_ids"].toArray().at(0).toObject()["line"].toInt(), 6);
    QCOMPARE(json["short_rows"].toArray().at(0).toObject()["line"].toInt(), 7);
}

void TestCliDataset::checkOfAGoodFolder()
{
    const QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkdir("images"));
    writePng(path(folder.filePath("images/a.png")), Image(299, 299));
    write(folder.filePath("d.csv"), "ImageId,TrueLabel,TargetClass\na,1,2\n");
    const CliRun run =
        runCli({ "dataset", "check", folder.filePath("d.csv"), folder.filePath("images") });
    QCOMPARE(run.code, 0);
    QCOMPARE(run.out, QByteArray("1 of 1 image good, 0 faults\n"));
}

void TestCliDataset::badCsv()
{
    const QTemporaryDir folder;
    write(folder.filePath("d.csv"), "ImageId,TrueLabel,TargetClass\na,1,2\nb,one,2\n");
    const CliRun run = runCli({ "dataset", "check", folder.filePath("d.csv"), folder.path() });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("line 3"), run.error.constData());
    QVERIFY(run.errorLine().contains("found one"));
    QCOMPARE(runCli({ "dataset", "check", folder.filePath("d.csv") }).code, 2);
    QCOMPARE(runCli({ "dataset" }).code, 2);
}

void TestCliDataset::namesThatLeaveTheFolder()
{
    const QTemporaryDir folder;
    for (const char* id : { "../x", "/tmp/x", "\"a\nb\"", "=1+1", "-rf", "@x", ".x", "a/b" }) {
        write(folder.filePath("d.csv"),
            QByteArray(kHeader) + id + ",http://127.0.0.1:9/x,0,0,1,1,1,2,l,c,a,p\n");
        const CliRun run =
            runCli({ "dataset", "download", folder.filePath("d.csv"), folder.filePath("images") });
        QVERIFY2(run.code == 1 && !run.errorLine().isEmpty(), id);
        QVERIFY2(run.errorLine().contains("line 2"), run.error.constData());
        QCOMPARE(everythingIn(folder.path()), (QStringList { "d.csv" }));
    }
}

void TestCliDataset::download()
{
    const HttpServer server([](const HttpRequest& asked) {
        HttpAnswer answer;
        if (asked.path == "/gone") {
            answer.status = 404;
            return answer;
        }
        const std::vector<std::uint8_t> png = encodePng(Image(40, 30));
        answer.body.assign(png.begin(), png.end());
        return answer;
    });
    const QTemporaryDir folder;
    const auto row = [&server](const char* id, const char* file) {
        return QByteArray(id) + "," + server.url(file).c_str() + ",0,0,1,0.5,1,2,l,CC BY,Ann,p\n";
    };
    write(folder.filePath("d.csv"), kHeader + row("\"a,b\"", "/a") + row("gone", "/gone"));
    const QStringList arguments { "dataset", "download", folder.filePath("d.csv"),
        folder.filePath("images"), "--jobs", "2" };
    const CliRun run = runCli(arguments);
    QCOMPARE(run.code, 4);
    QVERIFY2(run.errorLine().contains("gone: ") && run.errorLine().contains("404"),
        run.error.constData());
    QVERIFY2(run.out.startsWith("1 downloaded, 0 there already, 1 failed of 2 images"),
        run.out.constData());
    QCOMPARE(everythingIn(folder.filePath("images")), (QStringList { "LICENSES.csv", "a,b.png" }));
    QVERIFY(readImage(path(folder.filePath("images/a,b.png"))).isImageSpace());
    QFile licences(folder.filePath("images/LICENSES.csv"));
    QVERIFY(licences.open(QIODevice::ReadOnly));
    QVERIFY(licences.readAll().contains("\n\"a,b\",Ann,p,CC BY,l,http://127.0.0.1:"));
    const CliRun again = runCli(arguments + QStringList { "--json" });
    QCOMPARE(again.code, 4);
    const QJsonObject json = QJsonDocument::fromJson(again.out).object();
    QCOMPARE(json["already_there"].toInt(), 1);
    QCOMPARE(json["failed"].toArray().at(0).toObject()["image_id"].toString(), QString("gone"));
}

QTEST_GUILESS_MAIN(TestCliDataset)
#include "tst_CliDataset.moc"
