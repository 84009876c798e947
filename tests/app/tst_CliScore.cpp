// `crossiter score`: sizes, nothing to count, and what every command says of its label tables.
#include "core/base/AtomicFile.h"
#include "core/image/Codec.h"
#include "core/image/PictureSize.h"
#include "core/image/Resample.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMap>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/CliRunner.h"
#include "tests/core/image/NpyMaker.h"

using namespace crossiter;
using namespace crossiter::test;

class TestCliScore : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void anotherSizeIsAskedForByName();
    void anotherSizeIsComparedThere();
    void sizesThatAreNone_data();
    void sizesThatAreNone();
    void nothingToCount();
    void aRowForEachPicture();
    void batchesByPlace();
    void missingOnesInOneLine();
    void tablesSayWhatMet();
    void aTableThatCountsFromZero();
    void tablesOfOtherKinds();
    void targetsBesideTheImages();
    void theBackgroundIsNoTarget_data();
    void theBackgroundIsNoTarget();
    void theBackgroundIsATrueLabel();

private:
    [[nodiscard]] QString in(const QString& name) const { return m_folder.filePath(name); }
    QString csv(const QByteArray& text)
    {
        QFile file(in("table.csv"));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            return {};
        return file.fileName();
    }
    [[nodiscard]] QByteArray contents(const QString& name) const
    {
        QFile file(in(name));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    static QJsonObject object(const CliRun& run)
    {
        return QJsonDocument::fromJson(run.out).object();
    }
    [[nodiscard]] QStringList score(const QString& adversarial) const
    {
        return { "score", in("clean"), adversarial, "--model", "efficientnet-lite0", "--threads",
            "1" };
    }

    QTemporaryDir m_folder;
    const QStringList m_names { "imagenet_16_251", "imagenet_00_243", "imagenet_02_438",
        "imagenet_01_559" };
};

void TestCliScore::initTestCase()
{
    for (const char* folder : { "clean", "small", "whole", "mixed" })
        QVERIFY(QDir(m_folder.path()).mkpath(folder));
    for (const QString& name : m_names) {
        QVERIFY(QFile::copy(photo(name + ".jpg"), in("clean/photo_" + name.right(3) + ".jpg")));
        const Image picture = readImage(path(photo(name + ".jpg")));
        const QString file = "/photo_" + name.right(3) + ".png";
        writePng(path(in("small") + file), toSize(picture, { 224, 224 }));
        writePng(path(in("whole") + file), toSize(picture, PictureSize()));
        writePng(
            path(in("mixed") + file), toSize(picture, { name == m_names[0] ? 200 : 224, 224 }));
    }
}

void TestCliScore::anotherSizeIsAskedForByName()
{
    const CliRun run = runCli(score(in("small")) + QStringList { "--json" });
    QCOMPARE(run.code, 1);
    QCOMPARE(run.error.count("--size 224x224"), 4);
    QCOMPARE(object(run)["size"].toString(), QString("299x299"));
}

void TestCliScore::anotherSizeIsComparedThere()
{
    const CliRun run = runCli(score(in("small")) + QStringList { "--json", "--size", "224x224" });
    QVERIFY2(run.code == 0, run.error.constData());
    const QJsonObject report = object(run);
    QCOMPARE(report["size"].toString(), QString("224x224"));
    QCOMPARE(report["pairs"].toArray().size(), 4);
    // The results are the photos brought there by the same rule: nothing else is between them.
    QCOMPARE(report["linf"]["max"].toDouble(-1.0), 0.0);
    QCOMPARE(report["l2"]["max"].toDouble(-1.0), 0.0);
    QCOMPARE(report["ssim"]["min"].toDouble(), 1.0);
    for (const auto& pair : report["pairs"].toArray()) {
        const auto judged = pair.toObject()["judges"].toObject()["efficientnet-lite0"].toObject();
        QCOMPARE(judged["clean"].toObject(), judged["adversarial"].toObject());
    }
    for (const char* numerics : { "reference", "exact" })
        QCOMPARE(
            runCli(score(in("small")) + QStringList { "--size", "224x224", "--numerics", numerics })
                .code,
            0);
    QVERIFY(runCli(score(in("small")) + QStringList { "--size", "224x224", "--crop", "centre" })
                .out.contains("DISTANCE AT 224x224"));
    // The size is the pairs' own: another one is refused, image by image.
    const CliRun mixed = runCli(score(in("mixed")) + QStringList { "--json", "--size", "224x224" });
    QCOMPARE(mixed.code, 4);
    QVERIFY2(mixed.errorLine().contains("found 200x224"), mixed.error.constData());
    QCOMPARE(runCli(score(in("whole")) + QStringList { "--size", "224x224" }).code, 1);
    QCOMPARE(runCli(score(in("whole"))).code, 0);
    QCOMPARE(runCli(score(in("whole"))).out,
        runCli(score(in("whole")) + QStringList { "--size", "299x299" }).out);
}

void TestCliScore::sizesThatAreNone_data()
{
    QTest::addColumn<QString>("size");
    for (const char* size : { "224", "0x5", "16385x5", "axb", "20000x20000" })
        QTest::newRow(size) << size;
}

void TestCliScore::sizesThatAreNone()
{
    QFETCH(QString, size);
    const CliRun run = runCli(score(in("small")) + QStringList { "--size", size });
    QCOMPARE(run.code, 2);
    QVERIFY2(run.errorLine().contains("--size"), run.error.constData());
}

void TestCliScore::nothingToCount()
{
    const QStringList labelled { "--label", "5" };
    const CliRun run = runCli(score(in("small")) + labelled + QStringList { "--json" });
    QCOMPARE(run.code, 1);
    const QJsonObject report = object(run);
    for (const char* distance : { "linf", "l2", "ssim" }) {
        const QJsonObject values = report[distance].toObject();
        QCOMPARE(values.size(), 2);
        for (const QJsonValue value : values)
            QVERIFY2(value.isNull(), distance);
    }
    const QJsonObject model = report["models"][0].toObject();
    for (const char* rate : { "flip_rate", "clean_accuracy", "adversarial_accuracy",
             "adversarial_accuracy_of_clean_right" })
        QVERIFY2(model[rate].isNull(), rate);
    const QByteArray table = runCli(score(in("small")) + labelled).out;
    for (const QByteArray& line : table.split('\n'))
        if (line.startsWith("efficientnet") || line.startsWith("L-inf") || line.startsWith("L2")
            || line.startsWith("SSIM"))
            QVERIFY2(line.trimmed().endsWith('-') && !line.contains("0.0"), line.constData());
    // Judged, but no label is known: accuracies of nothing.
    const QJsonObject unlabelled =
        object(runCli(score(in("whole")) + QStringList { "--json" }))["models"][0].toObject();
    QCOMPARE(unlabelled["pairs"].toInt(), 4);
    QVERIFY(unlabelled["clean_accuracy"].isNull() && !unlabelled["flip_rate"].isNull());
}

void TestCliScore::aRowForEachPicture()
{
    QVERIFY(QFile::remove(in("mixed/photo_243.png")));
    const CliRun run = runCli(score(in("mixed"))
        + QStringList { "--size", "224x224", "--csv", in("rows.csv"), "--json" });
    QCOMPARE(run.code, 4);
    const QList<QByteArray> lines = contents("rows.csv").split('\n');
    QCOMPARE(lines.size(), 6); // head, two that were judged, one of another size, one missing
    QVERIFY(lines[0].startsWith("image,true_label,model,clean_label"));
    for (const QByteArray& line : lines.mid(0, 5))
        QVERIFY2(line.contains("found 200x224") || line.count(',') == 10, line.constData());
    QVERIFY(lines[1].startsWith("photo_251,,,") && lines[4].startsWith("photo_243,"));
    const QJsonArray pairs = object(run)["pairs"].toArray();
    const QJsonObject judged = pairs[1]["judges"]["efficientnet-lite0"].toObject();
    const QList<QByteArray> cells = lines[2].split(',');
    QCOMPARE(cells[0], pairs[1]["name"].toString().toUtf8());
    QCOMPARE(cells[3].toInt(), judged["clean"]["label"].toInt());
    QCOMPARE(cells[6].toDouble(), judged["adversarial"]["probability"].toDouble());
    // A table takes no picture's place.
    const CliRun over = runCli(score(in("small"))
        + QStringList { "--size", "224x224", "--csv", in("small/photo_251.png") });
    QCOMPARE(over.code, 1);
    QVERIFY(QFile::copy(in("small/photo_243.png"), in("mixed/photo_243.png")));
}

void TestCliScore::batchesByPlace()
{
    // Two batches, as a benchmark saves them, with labels beside them that are no pictures.
    QVERIFY(QDir(m_folder.path()).mkpath("batches"));
    QStringList names;
    for (const QString& name : m_names)
        names << "photo_" + name.right(3);
    const auto batch = [this](const QString& file, const QStringList& stems) {
        std::vector<std::uint8_t> planes;
        for (const QString& stem : stems) {
            const Image picture = readImage(path(in("small/" + stem + ".png")));
            for (std::size_t colour = 0; colour < 3; ++colour)
                for (std::size_t at = colour; at < picture.rgb.size(); at += 3)
                    planes.push_back(picture.rgb[at]);
        }
        const std::string shape = "(" + std::to_string(stems.size()) + ", 3, 224, 224)";
        writeFileAtomically(path(in(file)), npyOf("|u1", shape, planes));
    };
    batch("batches/batch_2.npy", names.mid(0, 1)); // by numbers 2 comes before 10
    batch("batches/batch_10.npy", names.mid(1));
    writeFileAtomically(
        path(in("batches/labels.npy")), npyOf("|u1", "(4,)", std::vector<std::uint8_t>(4)));
    QByteArray table;
    for (const QString& name : names)
        table += name.toUtf8() + ".jpg," + name.right(3).toUtf8() + "\n";
    const QStringList sized { "--size", "224x224", "--json" };
    const QStringList rows { "--labels", csv(table) };
    const CliRun run = runCli(score(in("batches")) + sized + rows);
    QVERIFY2(run.code == 0, run.error.constData());
    QCOMPARE(object(run)["pairs"].toArray().size(), 4);
    QCOMPARE(object(run).value("linf")["max"].toDouble(-1.0), 0.0); // each met its own photo
    // Without the table the names' order counts, which is another one here.
    const CliRun byName = runCli(score(in("batches")) + sized);
    QVERIFY2(byName.code == 0, byName.error.constData());
    QVERIFY(object(byName).value("linf")["max"].toDouble() > 50.0);
    QVERIFY(QFile::remove(in("batches/batch_2.npy")));
    const CliRun few = runCli(score(in("batches")) + sized + rows);
    QCOMPARE(few.code, 1);
    QVERIFY2(few.error.contains("by their place") && few.error.contains("found 3"),
        few.error.constData());
}

void TestCliScore::missingOnesInOneLine()
{
    QVERIFY(QDir(m_folder.path()).mkpath("one"));
    QVERIFY(QFile::copy(in("whole/photo_251.png"), in("one/photo_251.png")));
    const CliRun run = runCli(score(in("one")));
    QCOMPARE(run.code, 4);
    QVERIFY2(run.errorLine().contains("3 adversarial images missing")
            && run.errorLine().contains("--verbose"),
        run.error.constData());
    const CliRun all = runCli(score(in("one")) + QStringList { "--verbose" });
    QCOMPARE(all.error.count("adversarial image missing"), 3);
}

void TestCliScore::tablesSayWhatMet()
{
    const QString table = csv("PHOTO_251.jpg,252\nphoto_243.jpg,244\nother.png,5\n");
    const QString says =
        "warning: table.csv: 1 of 4 images have a row, 1 of 3 rows have an image; 1 "
        "name differs only in upper and lower case, as photo_251.jpg and the row "
        "PHOTO_251.jpg; read as rows NAME,LABEL, competition labels\n";
    const QStringList labels { "--labels", table };
    const CliRun scored = runCli(score(in("whole")) + labels + QStringList { "--json" });
    QCOMPARE(QString(scored.error), says);
    const QJsonObject match = object(scored)["labels"].toObject()["tables"][0].toObject();
    QCOMPARE(match["images"].toInt(), 4);
    QCOMPARE(match["images_met"].toInt(), 1);
    QCOMPARE(match["rows_met"].toInt(), 1);
    QCOMPARE(match["read_as"].toString(), QString("rows NAME,LABEL, competition labels"));
    QVERIFY(match["skipped_lines"].toArray().isEmpty());
    QVERIFY(runCli(score(in("whole")) + labels + QStringList { "--quiet" }).error.isEmpty());

    const CliRun defended = runCli(
        QStringList { "defend", in("clean"), in("out/labels.csv"), "--model", "efficientnet-lite0" }
        + labels);
    QCOMPARE(QString(defended.error), says);
    QVERIFY(contents("out/labels.provenance.json").contains("\"images_met\": 1"));
    const CliRun swept = runCli(QStringList { "sweep", in("clean"), "--model", "efficientnet-lite0",
                                    "--sizes", "299", "--output", in("sweep") }
        + labels);
    QCOMPARE(QString(swept.error), says);
    QVERIFY(contents("sweep/accuracy.json").contains("\"images_met\": 1"));
    const CliRun attacked =
        runCli(QStringList { "attack", in("clean"), in("attacked"), "--method", "noop" } + labels);
    QCOMPARE(QString(attacked.error), says);
    QVERIFY(contents("attacked/photo_251.provenance.json").contains("\"images_met\": 1"));
    const CliRun studied =
        runCli(QStringList { "study", in("clean"), "--output", in("study"), "--rules", "own-clean",
                   "--projections", "none", "--rounds", "1", "--source", "efficientnet-lite0",
                   "--judge", "efficientnet-lite0" }
            + labels);
    QVERIFY2(QString(studied.error).startsWith(says), studied.error.constData());
    QVERIFY(contents("study/study.json").contains("\"images_met\": 1"));

    // Targets: a missing one is an error, and says how many there are.
    const CliRun aimed = runCli(
        { "attack", in("clean"), in("aimed"), "--method", "step-target", "--targets", table });
    QCOMPARE(aimed.code, 1);
    QVERIFY2(aimed.errorLine().contains("1 of 4 images have a row"), aimed.error.constData());
}

void TestCliScore::aTableThatCountsFromZero()
{
    // The networks' own answers, one lower.
    const QJsonObject clean = object(runCli(score(in("whole")) + QStringList { "--json" }));
    QByteArray lower;
    QByteArray right;
    for (const auto& entry : clean["pairs"].toArray()) {
        const QJsonObject pair = entry.toObject();
        const int label = pair["judges"]["efficientnet-lite0"]["clean"].toObject()["label"].toInt();
        lower += pair["name"].toString().toUtf8() + ".jpg," + QByteArray::number(label - 1) + "\n";
        right += pair["name"].toString().toUtf8() + ".jpg," + QByteArray::number(label) + "\n";
    }
    QString table = csv(lower);
    const CliRun scored = runCli(score(in("whole")) + QStringList { "--labels", table, "--json" });
    QCOMPARE(scored.code, 0);
    QVERIFY2(
        scored.error.contains("table.csv is suspicious") && scored.error.contains("one higher"),
        scored.error.constData());
    QVERIFY(object(scored)["labels"].toObject()["suspicion"].toString().contains("one higher"));
    // It only says so.
    QCOMPARE(object(scored)["models"].toArray().at(0).toObject()["clean_right"].toInt(), 0);
    const QStringList others[] = { { "defend", in("clean"), in("out/zero.csv"), "--model",
                                       "efficientnet-lite0" },
        { "sweep", in("clean"), "--model", "efficientnet-lite0", "--sizes", "299", "--output",
            in("sweep-zero") },
        { "attack", in("clean"), in("attacked-zero"), "--method", "noop", "--judge",
            "efficientnet-lite0" },
        { "study", in("clean"), "--output", in("study-zero"), "--rules", "own-clean",
            "--projections", "none", "--rounds", "1", "--source", "efficientnet-lite0", "--judge",
            "efficientnet-lite0" } };
    for (const QStringList& command : others) {
        const CliRun run = runCli(command + QStringList { "--labels", table });
        QVERIFY2(run.error.count("suspicious") == 1, qPrintable(command[0] + ": " + run.error));
    }
    table = csv(right);
    QVERIFY(!runCli(score(in("whole")) + QStringList { "--labels", table })
                 .error.contains("suspicious"));
}

void TestCliScore::tablesOfOtherKinds()
{
    const auto scored = [this](const QString& table, const QStringList& more = {}) {
        return runCli(score(in("whole")) + QStringList { "--labels", table, "--json" } + more);
    };
    const auto labels = [](const CliRun& run) {
        QMap<QString, int> found;
        for (const auto& pair : object(run)["pairs"].toArray())
            if (!pair.toObject()["true_label"].isNull())
                found[pair.toObject()["name"].toString()] = pair.toObject()["true_label"].toInt();
        return found;
    };
    const auto readAs = [](const CliRun& run) {
        return object(run)["labels"].toObject()["tables"][0].toObject()["read_as"].toString();
    };
    const QMap<QString, int> expected { { "photo_251", 252 }, { "photo_243", 244 } };
    CliRun run = scored(csv("filename,label,targeted_label\nphoto_251.png,251,5\n"
                            "photo_243.png,243,6\n"));
    QCOMPARE(labels(run), expected);
    QCOMPARE(readAs(run),
        QString("columns filename and label as in TransferAttack's labels.csv, labels from 0"));
    QVERIFY(run.error.contains("read as columns filename and label"));
    QCOMPARE(labels(scored(csv("class_index;class;image_name\n251;n02110341;photo_251.JPEG\n"
                               "243;;photo_243.JPEG\n"))),
        expected);

    const QString other = csv("image,label\nphoto_251,251\nphoto_243,243\n");
    run = scored(other);
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("table.csv, line 2: expected --label-base 0"),
        run.error.constData());
    run = scored(other, { "--label-base", "0" });
    QCOMPARE(labels(run), expected);
    QVERIFY(readAs(run).endsWith("labels from 0 (as chosen)"));
    QCOMPARE(labels(scored(other, { "--label-base", "1" }))["photo_251"], 251);
    run = scored(other, { "--label-base", "2" });
    QCOMPARE(run.code, 2);
    QVERIFY(run.errorLine().contains("--label-base"));
    run = runCli(score(in("whole")) + QStringList { "--label-base", "0" });
    QCOMPARE(run.code, 2);
    QVERIFY2(
        run.errorLine().contains("--labels CSV or --targets CSV with it"), run.error.constData());
}

void TestCliScore::targetsBesideTheImages()
{
    QVERIFY(QDir(m_folder.path()).mkpath("contest"));
    QVERIFY(QFile::copy(in("whole/photo_251.png"), in("contest/photo_251.png")));
    const auto put = [this](const QString& name, const QByteArray& text) {
        QFile file(in(name));
        return file.open(QIODevice::WriteOnly) && file.write(text) == text.size();
    };
    QVERIFY(put("contest/target_class.csv", "other.png,none\nphoto_251.png,779,spare\n"));
    QVERIFY(put("targets.csv", "other.png,none\nphoto_251.png,779,spare\n"));
    const auto attack = [this](const QString& targets) {
        return runCli({ "attack", in("contest"), in("contest-out"), "--method", "step-target",
            "--source", "efficientnet-lite0", "--targets", in(targets) });
    };
    CliRun run = attack("contest/target_class.csv");
    QVERIFY2(run.code == 0, run.error.constData());
    QVERIFY2(
        run.error.contains("1 row skipped as in the competition: line 1;"), run.error.constData());
    QVERIFY(contents("contest-out/photo_251.provenance.json").contains("\"skipped_lines\": ["));
    run = attack("targets.csv");
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("targets.csv, line 1: expected a number 1..1000"),
        run.error.constData());
}

void TestCliScore::theBackgroundIsNoTarget_data()
{
    QTest::addColumn<QByteArray>("table");
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<int>("code");
    QTest::addColumn<QString>("says");
    const QByteArray zero =
        "photo_243.jpg,5\nphoto_559.jpg,5\nphoto_251.jpg,0\nphoto_438.jpg,5\nx.png,5\n";
    const QStringList aimed { "--method", "step-target", "--targets" };
    const QStringList own { "--method", "fgsm", "--label-rule", "true", "--labels" };
    QTest::newRow("target") << zero << aimed << 1 << "table.csv, line 3";
    QTest::newRow("target of the dataset")
        << QByteArray("ImageId,TargetClass\nphoto_243,4\nphoto_251,0\n") << aimed << 1 << "line 3";
    QTest::newRow("attacked") << zero << own << 1 << "table.csv, line 3, photo_251.jpg";
    QTest::newRow("one target") << zero
                                << QStringList { "--method", "step-target", "--target", "0",
                                       "--labels" }
                                << 2 << "--target";
    QTest::newRow("one target by name")
        << zero << QStringList { "--method", "step-target", "--target", "background", "--labels" }
        << 2 << "--target";
    QTest::newRow("one label") << QByteArray("photo_251.jpg,7\n")
                               << QStringList { "--method", "fgsm", "--label-rule", "true",
                                      "--label", "0", "--labels" }
                               << 1 << "cannot be attacked";
}

void TestCliScore::theBackgroundIsNoTarget()
{
    QFETCH(QByteArray, table);
    QFETCH(QStringList, options);
    QFETCH(int, code);
    QFETCH(QString, says);
    const CliRun run = runCli(
        QStringList { "attack", in("clean"), in("never"), "--quiet" } + options << csv(table));
    QCOMPARE(run.code, code);
    QVERIFY2(run.errorLine().contains(says), run.error.constData());
    QVERIFY2(!QDir(in("never")).exists(), "it was refused before anything was done");
}

void TestCliScore::theBackgroundIsATrueLabel()
{
    const QString table =
        csv("photo_243.jpg,0\nphoto_251.jpg,0\nphoto_438.jpg,0\nphoto_559.jpg,0\n");
    const CliRun run =
        runCli(score(in("whole")) + QStringList { "--labels", table, "--json", "--quiet" });
    QCOMPARE(run.code, 0);
    QCOMPARE(object(run)["models"].toArray().at(0).toObject()["labelled"].toInt(), 4);
    // The study attacks true labels: it says so before the first photo.
    const CliRun study = runCli({ "study", in("clean"), "--output", in("study-0"), "--labels",
        table, "--quiet", "--rounds", "1" });
    QCOMPARE(study.code, 1);
    QVERIFY2(study.errorLine().contains("table.csv, line"), study.error.constData());
}

QTEST_GUILESS_MAIN(TestCliScore)
#include "tst_CliScore.moc"
