#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "core/report/NpyWriter.h"
#include "core/report/TraceExport.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QtTest>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <limits>
#include <stop_token>

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

Prediction prediction(const std::string& model, int best)
{
    Prediction made;
    made.model = model;
    made.probabilities.assign(1001, 0.0F);
    for (int i = 1; i <= 1000; ++i)
        made.probabilities[static_cast<std::size_t>(i)] = 1e-6F * static_cast<float>(i % 97);
    made.probabilities[static_cast<std::size_t>(best)] = 0.123456789F;
    return made;
}

/// Two sub-steps of a made-up attack, with floats on the second only.
AttackTrace madeUpTrace()
{
    AttackTrace trace;
    trace.request = defaultRequest(Method::CrossIterative);
    trace.request.trueLabel = 252;
    trace.request.rounds = 1;
    trace.clean = Image(kImageSide, kImageSide);
    trace.judges = { "first", "second" };
    trace.notes = { "a note" };
    for (int i = 0; i < 2; ++i) {
        auto step = std::make_shared<SubStep>();
        step->index = i;
        step->exported = trace.clean;
        step->exported.rgb[0] = static_cast<std::uint8_t>(6 * i);
        step->judges = { prediction("first", 252), prediction("second", 100 + i) };
        if (i > 0) {
            step->round = 1;
            step->sourceIndex = 0;
            step->source = "efficientnet-lite1";
            step->attackedLabel = 252;
            step->loss = 0.1;
            step->gradientLinf = std::numeric_limits<double>::quiet_NaN();
            step->gradientL2 = std::numeric_limits<double>::infinity();
            step->linfFloatPx = 6.375;
            step->linfExported = 6;
            auto floats = std::make_shared<FloatImage>();
            floats->f32.assign(std::size_t { 3 } * kImageSide * kImageSide, 0.5F);
            step->floats = floats;
        }
        trace.subSteps.push_back(step);
    }
    return trace;
}

Provenance provenance()
{
    Provenance made;
    made.version = "0.1.0";
    made.inputName = "photo.jpg";
    made.inputSha256 = std::string(64, 'a');
    made.weightsSha256 = { { "efficientnet-lite1", std::string(64, 'b') } };
    made.threads = 2;
    made.device = "cpu";
    made.trueLabelOrigin = "from the file name";
    made.library = "a library";
    return made;
}

QJsonObject objectOf(const std::string& text)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(text)).object();
}

QStringList everyFileIn(const fs::path& folder)
{
    return QDir(QString::fromStdString(folder.string()))
        .entryList(QDir::Files | QDir::Hidden | QDir::System, QDir::Name);
}

bool put(const fs::path& path, const QByteArray& bytes)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

QByteArray contents(const fs::path& path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// STEM.trace.json as it is written, of the image STEM.jpg.
std::string textOf(const AttackTrace& trace, const std::string& stem = "photo")
{
    const QTemporaryDir folder;
    // Below it, since Qt removes no file whose name is not UTF-8.
    const fs::path place = fs::path(folder.path().toStdString()) / "trace";
    Provenance from = provenance();
    from.inputName = stem + ".jpg";
    std::ifstream file(writeTrace(place, stem, trace, from).back(), std::ios::binary);
    const std::string text { std::istreambuf_iterator<char>(file), {} };
    fs::remove_all(place);
    return text;
}

} // namespace

class TestTraceExport : public QObject
{
    Q_OBJECT

private slots:
    void textHasTheAgreedShape();
    void everyRequestFieldIsThere();
    void textIsDeterministicAndFinite();
    void strangeNamesStayJson();
    void writesPicturesFloatsAndJson();
    void progressEndsAtTheTotal();
    void stoppedLeavesNothing();
    void stoppedBeforeItBeginsTouchesNothing();
    void failedLeavesNothing();
    void resultHasItsProvenanceBeside();
    void viewHasItsProvenanceBeside();
    void failsWithThePath();
    void npyIsAsNumpyReadsIt();
};

void TestTraceExport::textHasTheAgreedShape()
{
    const std::string text = textOf(madeUpTrace());
    QVERIFY(text.ends_with("}\n") && !text.ends_with("\n\n"));
    // The order of docs/formats.md.
    std::size_t at = 0;
    for (const char* key : { "\"version\"", "\"image\"", "\"request\"", "\"substeps\"",
             "\"substep\"", "\"source\"", "\"label\"", "\"loss\"", "\"linf_float_px\"",
             "\"linf_exported\"", "\"exported\"", "\"judges\"" }) {
        const std::size_t found = text.find(std::string(key) + ":", at);
        QVERIFY2(found != std::string::npos, key);
        at = found;
    }
    const QJsonObject root = objectOf(text);
    QCOMPARE(root["version"].toString(), QString("0.1.0"));
    QCOMPARE(root["image"].toString(), QString("photo.jpg"));
    QCOMPARE(root["true_label"].toInt(), 252);
    QCOMPARE(root["cancelled"].toBool(true), false);
    QCOMPARE(root["notes"].toArray().at(0).toString(), QString("a note"));
    QCOMPARE(root["provenance"]["input_sha256"].toString().size(), 64);
    QCOMPARE(root["provenance"]["threads"].toInt(), 2);
    const QJsonArray steps = root["substeps"].toArray();
    QCOMPARE(steps.size(), 2);
    const QJsonObject clean = steps[0].toObject();
    QCOMPARE(clean["substep"].toInt(-1), 0);
    QVERIFY(clean["source"].isNull() && clean["label"].isNull() && clean["loss"].isNull());
    QCOMPARE(clean["exported"].toString(), QString("photo.sub-step-0.png"));
    const QJsonObject first = steps[1].toObject();
    QCOMPARE(first["source"].toString(), QString("efficientnet-lite1"));
    QCOMPARE(first["label"].toInt(), 252);
    QCOMPARE(first["loss"].toDouble(), 0.1);
    QCOMPARE(first["linf_float_px"].toDouble(), 6.375);
    QCOMPARE(first["linf_exported"].toInt(), 6);
    const QJsonArray top = first["judges"]["second"].toArray();
    QCOMPARE(top.size(), 10);
    QCOMPARE(top[0]["label"].toInt(), 101);
    QVERIFY(!top[0]["name"].toString().isEmpty());
    QVERIFY(std::abs(top[0]["probability"].toDouble() - 0.123456789) < 1e-8);
    for (int i = 1; i < top.size(); ++i)
        QVERIFY(top[i - 1]["probability"].toDouble() >= top[i]["probability"].toDouble());
}

void TestTraceExport::everyRequestFieldIsThere()
{
    AttackTrace trace = madeUpTrace();
    const QJsonObject request = objectOf(textOf(trace))["request"].toObject();
    QCOMPARE(request.keys().size(), 23);
    QCOMPARE(request["method"].toString(), QString("cross-iterative"));
    QCOMPARE(request["source"].toArray().size(), 2);
    QCOMPARE(request["judge"].toArray().size(), 2);
    QCOMPARE(request["epsilon"].toInt(), 16);
    QCOMPARE(request["rounds"].toInt(), 1);
    QCOMPARE(request["step"].toDouble(), 6.375);
    QCOMPARE(request["projection"].toString(), QString("none"));
    QCOMPARE(request["label-rule"].toString(), QString("own-refreshed"));
    QCOMPARE(request["save"].toString(), QString("floor"));
    QVERIFY(request["target"].isNull());
    QCOMPARE(request["label"].toInt(), 252);
    QCOMPARE(request["seed"].toInt(), 1);
    QCOMPARE(request["numerics"].toString(), QString("fast"));
    QCOMPARE(request["device"].toString(), QString("auto"));
    QVERIFY(request.contains("threads"));
    QCOMPARE(request["ensemble"].toString(), QString("alternate"));
    QCOMPARE(request["momentum"].toDouble(-1), 0.0);
    QCOMPARE(request["nesterov"].toBool(true), false);
    QCOMPARE(request["diversity"].toDouble(-1), 0.0);
    QCOMPARE(request["translation"].toInt(-1), 0);
    QCOMPARE(request["scales"].toInt(), 1);
    QVERIFY(request.contains("through") && request["through"].isNull());
    QCOMPARE(request["through-draws"].toInt(), 1);
    trace.request.target = 100;
    const QJsonObject targeted = objectOf(textOf(trace));
    QCOMPARE(targeted["request"]["target"].toInt(), 100);
}

void TestTraceExport::textIsDeterministicAndFinite()
{
    const std::string text = textOf(madeUpTrace());
    QCOMPARE(textOf(madeUpTrace()), text);
    for (const char* bad : { ": NaN", ": nan", ": -nan", ": inf", ": -inf", ": Infinity" })
        QVERIFY2(text.find(bad) == std::string::npos, bad);
    const QJsonObject step = objectOf(text)["substeps"][1].toObject();
    QVERIFY(step["gradient_linf"].isNull() && step["gradient_l2"].isNull());
}

void TestTraceExport::strangeNamesStayJson()
{
    const QJsonObject root = objectOf(textOf(madeUpTrace(), "a\"\n\xff"));
    QVERIFY(root["image"].toString().startsWith("a\"\n"));
    QCOMPARE(root["substeps"].toArray().size(), 2);
}

void TestTraceExport::writesPicturesFloatsAndJson()
{
    QTemporaryDir folder;
    const fs::path place = fs::path(folder.path().toStdString()) / "new/traces";
    const AttackTrace trace = madeUpTrace();
    const auto written = writeTrace(place, "photo", trace, provenance(), { true, true });
    QCOMPARE(written.size(), std::size_t { 4 });
    QCOMPARE(written.back(), place / "photo.trace.json");
    QCOMPARE(readImage(place / "photo.sub-step-1.png"), trace.subSteps[1]->exported);
    QVERIFY(!fs::exists(place / "photo.sub-step-0.npy"));
    const QJsonObject root = objectOf(contents(written.back()).toStdString());
    QVERIFY(root["substeps"][0]["floats"].isNull());
    QCOMPARE(root["substeps"][1]["floats"].toString(), QString("photo.sub-step-1.npy"));
    QVERIFY(fs::exists(place / "photo.sub-step-1.npy"));
    // Once more, without pictures: replaced, and nothing half-written beside.
    QCOMPARE(writeTrace(place, "photo", trace, provenance(), { false, false }).size(),
        std::size_t { 1 });
    QCOMPARE(QDir(QString::fromStdString(place.string()))
                 .entryList(QDir::Files | QDir::Hidden | QDir::System)
                 .size(),
        4);
}

void TestTraceExport::progressEndsAtTheTotal()
{
    QTemporaryDir folder;
    const fs::path place = folder.path().toStdString();
    std::vector<Progress> told;
    bool jsonAtTheEndOnly = true;
    const auto written = writeTrace(
        place, "photo", madeUpTrace(), provenance(), { true, true }, [&](const Progress& now) {
            jsonAtTheEndOnly = jsonAtTheEndOnly
                && fs::exists(place / "photo.trace.json") == (now.done == now.total);
            told.push_back(now);
        });
    QCOMPARE(written.size(), std::size_t { 4 });
    QVERIFY(jsonAtTheEndOnly);
    QCOMPARE(told.size(), std::size_t { 3 }); // two sub-steps, and the end
    for (std::size_t i = 0; i < told.size(); ++i) {
        QCOMPARE(told[i].done, i);
        QCOMPARE(told[i].total, std::size_t { 2 });
        QVERIFY(!told[i].stage.empty());
    }
    QVERIFY(told[0].secondsLeft < 0.0); // not known yet
    QVERIFY(told[1].secondsLeft >= 0.0);
    QCOMPARE(told[2].secondsLeft, 0.0);
}

void TestTraceExport::stoppedLeavesNothing()
{
    // Asked for while a sub-step is written: the last one too, before the JSON.
    for (const std::size_t during : { 0U, 1U }) {
        QTemporaryDir folder;
        const fs::path place = folder.path().toStdString();
        QVERIFY(put(place / "photo.trace.json", "an older trace"));
        QVERIFY(put(place / "photo.sub-step-0.png", "its picture"));
        QVERIFY(put(place / "photo.sub-step-7.png", "its picture, not replaced"));
        QVERIFY(put(place / "other.trace.json", "another photo's"));
        std::stop_source source;
        std::size_t furthest = 0;
        const auto written = writeTrace(
            place, "photo", madeUpTrace(), provenance(), { true, true },
            [&](const Progress& now) {
                furthest = now.done;
                if (now.done == during)
                    source.request_stop();
            },
            source.get_token());
        QVERIFY(written.empty());
        QCOMPARE(furthest, during); // it went no further, and never to the total
        QCOMPARE(everyFileIn(place), (QStringList { "other.trace.json", "photo.sub-step-7.png" }));
    }
}

void TestTraceExport::stoppedBeforeItBeginsTouchesNothing()
{
    QTemporaryDir folder;
    const fs::path place = folder.path().toStdString();
    QCOMPARE(writeTrace(place, "photo", madeUpTrace(), provenance()).size(), std::size_t { 3 });
    const QByteArray before = contents(place / "photo.trace.json");
    std::stop_source source;
    source.request_stop();
    bool told = false;
    AttackTrace other = madeUpTrace();
    other.notes = { "another" };
    QVERIFY(writeTrace(
        place, "photo", other, provenance(), {}, [&](const Progress&) { told = true; },
        source.get_token())
                .empty());
    QVERIFY(!told);
    QCOMPARE(everyFileIn(place).size(), 3);
    QCOMPARE(contents(place / "photo.trace.json"), before);
}

void TestTraceExport::failedLeavesNothing()
{
    QTemporaryDir folder;
    const fs::path place = folder.path().toStdString();
    QVERIFY(put(place / "photo.trace.json", "an older trace"));
    QVERIFY(fs::create_directory(place / "photo.sub-step-1.png")); // in the second picture's way
    try {
        (void)writeTrace(place, "photo", madeUpTrace(), provenance());
        QFAIL("accepted");
    } catch (const Error& error) {
        QVERIFY2(QString(error.what()).contains("photo.sub-step-1.png"), error.what());
    }
    QCOMPARE(everyFileIn(place), QStringList());
    QVERIFY(fs::is_directory(place / "photo.sub-step-1.png"));
}

void TestTraceExport::viewHasItsProvenanceBeside()
{
    QTemporaryDir folder;
    const fs::path place = folder.path().toStdString();
    const AttackTrace trace = madeUpTrace();
    const fs::path beside = writeViewProvenance(place / "a.plot.pdf", trace, provenance());
    QCOMPARE(beside, place / "a.plot.pdf.provenance.json");
    // But for the one key it is what lies beside the exported image.
    (void)writeResult(place / "b.png", trace, provenance());
    QJsonObject result = objectOf(contents(place / "b.provenance.json").toStdString());
    QCOMPARE(result.take("exported").toString(), QString("b.png"));
    QCOMPARE(objectOf(contents(beside).toStdString()), result);
    (void)writeViewProvenance(place / "c.png", trace, provenance(), "resize=200");
    QCOMPARE(provenanceOfFigure(place / "sweep.csv"), place / "sweep.provenance.json");
    result["defense"] = "resize=200";
    QCOMPARE(objectOf(contents(place / "c.png.provenance.json").toStdString()), result);
}

void TestTraceExport::resultHasItsProvenanceBeside()
{
    QTemporaryDir folder;
    const fs::path png = fs::path(folder.path().toStdString()) / "out/photo.png";
    const AttackTrace trace = madeUpTrace();
    const auto written = writeResult(png, trace, provenance());
    QCOMPARE(written, (std::vector<fs::path> { png, png.parent_path() / "photo.provenance.json" }));
    QCOMPARE(readImage(png), trace.last().exported);
    const QJsonObject root = objectOf(contents(written[1]).toStdString());
    QCOMPARE(root["request"]["seed"].toInt(), 1);
    QCOMPARE(root["request"]["numerics"].toString(), QString("fast"));
    QCOMPARE(root["provenance"]["weights_sha256"]["efficientnet-lite1"].toString().size(), 64);
    QCOMPARE(root["provenance"]["input_sha256"].toString().size(), 64);
}

void TestTraceExport::failsWithThePath()
{
    QTemporaryDir folder;
    const fs::path file = fs::path(folder.path().toStdString()) / "file";
    QFile(QString::fromStdString(file.string())).open(QIODevice::WriteOnly);
    try {
        (void)writeTrace(file / "traces", "photo", madeUpTrace(), provenance());
        QFAIL("accepted");
    } catch (const Error& error) {
        QCOMPARE(error.kind(), ErrorKind::BadInput);
        QVERIFY2(QString(error.what()).contains("traces"), error.what());
    }
}

void TestTraceExport::npyIsAsNumpyReadsIt()
{
    FloatImage image;
    const std::size_t count = std::size_t { 3 } * kImageSide * kImageSide;
    image.f32.resize(count);
    image.f32[1] = 0.25F;
    const auto narrow = encodeNpy(image);
    QVERIFY(std::memcmp(narrow.data(), "\x93NUMPY\x01\x00", 8) == 0);
    const std::size_t header = narrow[8] + 256U * narrow[9];
    QCOMPARE((10 + header) % 64, std::size_t { 0 });
    QCOMPARE(narrow.size(), 10 + header + 4 * count);
    const QByteArray text(
        reinterpret_cast<const char*>(narrow.data()) + 10, static_cast<int>(header));
    QVERIFY(text.startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 299, 299), }"));
    QVERIFY(text.endsWith('\n'));
    float second = 0.0F;
    std::memcpy(&second, narrow.data() + 10 + header + 4, 4);
    QCOMPARE(second, 0.25F);

    image.f64.assign(count, -1.0);
    QVERIFY_EXCEPTION_THROWN((void)encodeNpy(image), Error); // both
    image.f32.clear();
    const auto wide = encodeNpy(image);
    QVERIFY(QByteArray(reinterpret_cast<const char*>(wide.data()), 100).contains("'<f8'"));
    image.f64.pop_back();
    QVERIFY_EXCEPTION_THROWN((void)encodeNpy(image), Error);
}

QTEST_GUILESS_MAIN(TestTraceExport)
#include "tst_TraceExport.moc"
