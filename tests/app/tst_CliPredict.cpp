#include "core/image/Codec.h"
#include "core/image/Resample.h"

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>

#include "tests/app/CliRunner.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

const QStringList kModels { "efficientnet-lite0", "efficientnet-lite1", "efficientnet-lite2" };

QStringList withModels(QStringList arguments)
{
    for (const QString& model : kModels)
        arguments << "--model" << model;
    return arguments;
}

} // namespace

class TestCliPredict : public QObject
{
    Q_OBJECT

private slots:
    void shapeAndOrder();
    void equalsTheGoldens_data();
    void equalsTheGoldens();
    void topOneOfTheEmbeddedPhotos();
    void oneBrokenImageAmongSeveral();
    void otherPicturesAreNamedOnce();
    void oneBrokenImageAlone();
    void cropChangesWhatIsSeen();
};

void TestCliPredict::shapeAndOrder()
{
    const QStringList images { goldenPicture("imagenet_16_251.clean.png"),
        goldenPicture("imagenet_00_243.clean.png") };
    const CliRun run = runCli(QStringList { "predict" } + images
        + QStringList { "--model", "efficientnet-lite1", "--model", "efficientnet-lite0", "--top",
            "3", "--json" });
    QCOMPARE(run.code, 0);
    QVERIFY2(run.error.isEmpty(), run.error.constData());
    const QJsonArray rows = QJsonDocument::fromJson(run.out).array();
    QCOMPARE(rows.size(), 4);
    for (int i = 0; i < 4; ++i) {
        const QJsonObject row = rows[i].toObject();
        QCOMPARE(row.keys(), (QStringList { "image", "model", "top" }));
        QCOMPARE(row["image"].toString(), images[i / 2]);
        QCOMPARE(row["model"].toString(),
            QString(i % 2 == 0 ? "efficientnet-lite1" : "efficientnet-lite0"));
        const QJsonArray top = row["top"].toArray();
        QCOMPARE(top.size(), 3);
        QCOMPARE(top[0].toObject().keys(), (QStringList { "label", "name", "probability" }));
        QVERIFY(top[0]["probability"].toDouble() >= top[1]["probability"].toDouble());
    }
    QCOMPARE(rows[0]["top"][0]["name"].toString(), QString("Dalmatian"));
}

void TestCliPredict::equalsTheGoldens_data()
{
    QTest::addColumn<QString>("numerics");
    QTest::addColumn<double>("tolerance");
    QTest::newRow("reference") << "reference" << 1e-4;
    QTest::newRow("fast") << "fast" << 1e-3;
    QTest::newRow("exact") << "exact" << 1e-4;
}

void TestCliPredict::equalsTheGoldens()
{
    QFETCH(QString, numerics);
    QFETCH(double, tolerance);
    QFile file(goldenPicture("embedded_pair.json"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QJsonArray goldens = QJsonDocument::fromJson(file.readAll()).array();
    QCOMPARE(goldens.size(), 10);
    QStringList images;
    for (const auto& golden : goldens)
        images << goldenPicture(golden.toObject()["image"].toString() + ".clean.png");
    const CliRun run = runCli(withModels(QStringList { "predict" } + images
        + QStringList { "--numerics", numerics, "--threads", "1" }));
    QCOMPARE(run.code, 0);
    const QJsonArray rows = QJsonDocument::fromJson(run.out).array();
    QCOMPARE(rows.size(), goldens.size() * kModels.size());
    double worst = 0.0;
    for (int i = 0; i < rows.size(); ++i) {
        const QString model = rows[i]["model"].toString();
        const QJsonArray expected =
            goldens[i / kModels.size()]["predict"].toObject()[model].toArray();
        const QJsonArray found = rows[i]["top"].toArray();
        QCOMPARE(expected.size(), 5);
        QCOMPARE(found.size(), 5);
        for (int k = 0; k < 5; ++k) {
            QCOMPARE(found[k]["label"].toInt(), expected[k].toArray()[0].toInt());
            const double off =
                std::abs(found[k]["probability"].toDouble() - expected[k].toArray()[1].toDouble());
            worst = std::max(worst, off);
        }
    }
    qInfo("largest difference of a probability: %.2g", worst);
    QVERIFY(worst <= tolerance);
}

void TestCliPredict::topOneOfTheEmbeddedPhotos()
{
    const QStringList photos = allPhotos();
    QCOMPARE(photos.size(), 20);
    const CliRun run = runCli(withModels(QStringList { "predict" } + photos));
    QCOMPARE(run.code, 0);
    const QJsonArray rows = QJsonDocument::fromJson(run.out).array();
    QCOMPARE(rows.size(), 60);
    QMap<QString, int> right;
    for (const auto& row : rows) {
        const QString name = row.toObject()["image"].toString();
        const auto match = QRegularExpression(R"(imagenet_\d+_(\d+)\.jpg$)").match(name);
        QVERIFY(match.hasMatch());
        if (row.toObject()["top"][0]["label"].toInt() == match.captured(1).toInt() + 1)
            ++right[row.toObject()["model"].toString()];
    }
    QCOMPARE(right["efficientnet-lite0"], 18);
    QCOMPARE(right["efficientnet-lite1"], 19);
    QCOMPARE(right["efficientnet-lite2"], 18);
}

void TestCliPredict::oneBrokenImageAmongSeveral()
{
    const QTemporaryDir folder;
    QFile broken(folder.filePath("broken.png"));
    QVERIFY(broken.open(QIODevice::WriteOnly) && broken.write("no picture") > 0);
    broken.close();
    const QString good = goldenPicture("imagenet_16_251.clean.png");
    const CliRun run =
        runCli({ "predict", good, broken.fileName(), good, "--model", "efficientnet-lite0" });
    QCOMPARE(run.code, 4);
    QVERIFY2(run.errorLine().contains("broken.png"), run.error.constData());
    QCOMPARE(QJsonDocument::fromJson(run.out).array().size(), 2);
}

void TestCliPredict::otherPicturesAreNamedOnce()
{
    const QTemporaryDir folder;
    const std::initializer_list<std::tuple<const char*, QByteArray, const char*>> files {
        { "a.heic",
            QByteArray("\0\0\0\x18"
                       "ftypheic\0\0\0\0mif1",
                20),
            "found a HEIC picture" },
        { "b.png", "version https://git-lfs.github.com/spec/v1\n", "found a Git LFS pointer" },
        { "c.jpg", "<html><body>Not found", "found an HTML page" },
    };
    for (const auto& [name, bytes, found] : files) {
        const QString path = folder.filePath(name);
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size());
        file.close();
        const CliRun run = runCli({ "predict", path, "--model", "efficientnet-lite0" });
        QCOMPARE(run.code, 1);
        QCOMPARE(run.error.count('\n'), 1);
        QVERIFY2(run.error.contains(found), run.error.constData());
        QVERIFY2(run.error.contains("expected a PNG, JPEG, WebP, AVIF, TIFF, GIF or BMP image: "),
            run.error.constData());
    }
}

void TestCliPredict::oneBrokenImageAlone()
{
    const CliRun run = runCli({ "predict", "/nonexistent.png", "--model", "efficientnet-lite0" });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("/nonexistent.png"), run.error.constData());
    QVERIFY(run.out.isEmpty());
    const CliRun both =
        runCli({ "predict", "/nonexistent.png", "/tmp", "--model", "efficientnet-lite0" });
    QCOMPARE(both.code, 1);
    QCOMPARE(both.error.count('\n'), 2);
}

void TestCliPredict::cropChangesWhatIsSeen()
{
    const QTemporaryDir folder;
    const QString wide = folder.filePath("wide.png");
    const Image photo299 = readImage(path(goldenPicture("imagenet_16_251.clean.png")));
    writePng(path(wide), lanczosResize(photo299, 600, 200));
    const QStringList base { "predict", wide, "--model", "efficientnet-lite0" };
    const CliRun whole = runCli(base + QStringList { "--crop", "whole" });
    QCOMPARE(whole.out, runCli(base).out);
    const CliRun centre = runCli(base + QStringList { "--crop", "centre" });
    QCOMPARE(centre.code, 0);
    QVERIFY(centre.out != whole.out);
}

QTEST_GUILESS_MAIN(TestCliPredict)
#include "tst_CliPredict.moc"
