// Exports of submissions; they run in tests/app/tst_CliSubmission.

#include "core/contest/SubmissionExport.h"

#include <QtTest>

#include <fstream>
#include <functional>

#include "tests/core/contest/SubmissionFixture.h"

using namespace crossiter;
using namespace crossiter::test;

class TestSubmissionExport : public test::SubmissionFixture
{
    Q_OBJECT

private slots:
    void init() { makeFolder(); }
    void exportsAFolder();
    void exportsArchives();
    void entryPointSaysAll();
    void presetsKeepTheSeedsRules();
    void refusals();

private:
    /// Weights that nobody reads: exports only copy them.
    ModelStore store()
    {
        StorePaths paths;
        paths.user = m_path / "store";
        paths.manifests = test::sourceDir() / "models";
        for (const char* id : { "efficientnet-lite0", "efficientnet-lite1" })
            write(paths.user / id / ModelStore(paths).find(id).manifest.file,
                "weights of " + std::string(id));
        return ModelStore(paths);
    }
    SubmissionExportRequest exportOf(SubmissionKind kind)
    {
        SubmissionExportRequest request;
        request.spec = defaultSubmission(kind);
        request.output = m_path / "out";
        request.program = false;
        return request;
    }
};

void TestSubmissionExport::exportsAFolder()
{
    for (const SubmissionKind kind :
        { SubmissionKind::Attack, SubmissionKind::TargetedAttack, SubmissionKind::Defense }) {
        SubmissionExportRequest request = exportOf(kind);
        request.output = m_path / nameOf(kind);
        const SubmissionExportResult result = exportSubmission(store(), request);
        QCOMPARE(result.path, request.output);
        const SubmissionMetadata metadata = readMetadata(result.path);
        QCOMPARE(metadata.type, std::string(nameOf(kind)));
        QCOMPARE(metadata.container, containerName());
        QCOMPARE(metadata.containerGpu, containerName());
        QCOMPARE(metadata.entryPoint, std::string(entryPointOf(kind)));
        const fs::path entryPoint = result.path / metadata.entryPoint;
        QCOMPARE(textOf(entryPoint), entryPointText(request.spec));
        QVERIFY((fs::status(entryPoint).permissions() & fs::perms::others_exec) != fs::perms::none);
        QVERIFY(
            (fs::status(result.path).permissions() & fs::perms::others_read) != fs::perms::none);
        QCOMPARE(textOf(result.path / "Dockerfile"), dockerfileText());
        for (const std::string& id : result.models) {
            const std::string file = ModelStore(store().paths()).find(id).manifest.file;
            QCOMPARE(textOf(result.path / "models" / id / file), "weights of " + id);
        }
        ValidationRequest check = asked(result.path, kind);
        check.run = false;
        QVERIFY(validateSubmission(check).valid());
    }
    QVERIFY2(QDir(m_folder->path())
                 .entryList({ ".crossiter*" }, QDir::AllEntries | QDir::Hidden)
                 .isEmpty(),
        "a half folder was left");
}

void TestSubmissionExport::exportsArchives()
{
    for (const ArchiveKind kind : { ArchiveKind::Zip, ArchiveKind::TarGz }) {
        SubmissionExportRequest request = exportOf(SubmissionKind::Attack);
        request.archive = kind;
        const SubmissionExportResult result = exportSubmission(store(), request);
        QCOMPARE(result.path.filename().string(),
            std::string(
                kind == ArchiveKind::Zip ? "CrossIterative_3.zip" : "CrossIterative_3.tar.gz"));
        fs::remove_all(m_path / "un");
        fs::create_directory(m_path / "un");
        QCOMPARE(unpackArchive(result.path, m_path / "un").files, result.files.size());
        QVERIFY(fs::exists(m_path / "un/CrossIterative_3/metadata.json"));
        ValidationRequest check = asked(result.path, SubmissionKind::Attack);
        check.run = false;
        const ValidationReport report = validateSubmission(check);
        QVERIFY2(report.valid(), textOf(report).constData());
        QCOMPARE(statusOf(report, "entry point"), CheckStatus::Passed); // executable inside
    }
    SubmissionExportRequest named = exportOf(SubmissionKind::Attack);
    named.archive = ArchiveKind::Zip;
    named.output = m_path / "mine.zip";
    QCOMPARE(exportSubmission(store(), named).path, m_path / "mine.zip");
    std::stop_source source;
    source.request_stop();
    named.output = m_path / "stopped.zip";
    QVERIFY(exportSubmission(store(), named, {}, source.get_token()).cancelled);
    QVERIFY(!fs::exists(m_path / "stopped.zip"));
}

void TestSubmissionExport::entryPointSaysAll()
{
    SubmissionSpec spec = defaultSubmission(SubmissionKind::TargetedAttack);
    spec.attack.through = "resize=200;dropout";
    spec.attack.seed = 7;
    const QString script = QString::fromStdString(entryPointText(spec));
    for (const char* part : { "#!/bin/sh\n", R"(attack "$1" "$2" --epsilon "$3" --contest)",
             R"(--targets "$1/target_class.csv")", R"(--store "$here/models")",
             "--method cross-iterative-target", "--source efficientnet-lite1 \\\n",
             "--source efficientnet-lite0 \\\n", "--rounds 20", "--step 1 ", "--projection ball",
             "--label-rule target", "--save round", "--through 'resize=200;dropout'", "--seed 7",
             "--numerics fast" })
        QVERIFY2(script.contains(part), qPrintable(QString(part) + " is not in\n" + script));
    QVERIFY2(!script.contains(QString::fromStdString(m_path.string())), "a path of this machine");

    // A step that follows the budget is not written down; it would be another attack at epsilon 4.
    const SubmissionSpec fgsm = attackSubmission(SubmissionKind::Attack, Method::Fgsm);
    QVERIFY(!QString::fromStdString(entryPointText(fgsm)).contains("--step"));

    SubmissionSpec defense = defaultSubmission(SubmissionKind::Defense);
    defense.defense = parseDefense("resize=250,200;jpeg=75;dropout=0.9;batch-statistics;samples=3");
    const QString text = QString::fromStdString(entryPointText(defense));
    for (const char* part :
        { R"(defend "$1" "$2" --contest)", "--model efficientnet-lite1", "--resize=250,200",
            "--jpeg=75", "--dropout=0.9", "--batch-statistics", "--samples=3", "--seed" })
        QVERIFY2(text.contains(part), qPrintable(QString(part) + " is not in\n" + text));
}

void TestSubmissionExport::presetsKeepTheSeedsRules()
{
    const auto presets = submissionPresets(store());
    QCOMPARE(presets.size(), std::size_t(3));
    const SubmissionSpec& attack = presets[0].spec;
    QCOMPARE(attack.name, std::string("CrossIterative_3"));
    QCOMPARE(attack.attack.rounds, 3);
    QVERIFY(attack.attack.save == SaveRule::Floor);
    QVERIFY(attack.attack.projection == Projection::None);
    QCOMPARE(attack.attack.sources,
        (std::vector<std::string> { "inception-resnet-v2-ens-adv", "inception-v3" }));
    const SubmissionSpec& targeted = presets[1].spec;
    QCOMPARE(targeted.name, std::string("CrossIterative_target_20"));
    QCOMPARE(targeted.attack.rounds, 20);
    QVERIFY(targeted.attack.save == SaveRule::LegacyStretch);
    const SubmissionSpec& defense = presets[2].spec;
    QCOMPARE(defense.name, std::string("ens_adv_inception_resnet_v2_DropOutFocus_200"));
    QVERIFY(defense.defense.dropout && defense.defense.batchStatistics);
    QCOMPARE(defense.defense.stages.at(0).sizes, (std::vector<int> { 200 }));
    QCOMPARE(defense.model, std::string("inception-resnet-v2-ens-adv"));
    // TF-Slim's files, with their auxiliary heads, where they are.
    ModelStore slim = store();
    for (const char* id : { "inception-resnet-v2-ens-adv-slim", "inception-v3-slim" })
        write(slim.paths().user / id / slim.find(id).manifest.file, "x");
    QCOMPARE(submissionPresets(slim)[1].spec.attack.sources,
        (std::vector<std::string> { "inception-resnet-v2-ens-adv-slim", "inception-v3-slim" }));
}

void TestSubmissionExport::refusals()
{
    const auto error = [&](const std::function<void(SubmissionExportRequest&)>& change) {
        SubmissionExportRequest request = exportOf(SubmissionKind::Attack);
        change(request);
        return errorOf([&] { (void)exportSubmission(store(), request); });
    };
    QVERIFY(error([](auto& r) {
        r.spec.attack.sources = { "inception-v3" };
    }).contains("models fetch inception-v3"));
    QVERIFY(error([](auto& r) { r.spec.attack.sources = { "nobody" }; }).contains("unknown model"));
    QVERIFY(
        error([](auto& r) { r.spec.attack.labelRule = LabelRule::True; }).contains("true labels"));
    QVERIFY(
        error([](auto& r) { r.spec.attack.method = Method::StepTarget; }).contains(", method: "));
    QVERIFY(error([](auto& r) { r.spec.attack.rounds = -1; }).contains(", rounds: "));
    for (const char* name : { "../x", "a,b", "=x", "", "a/b" })
        QVERIFY(error([name](auto& r) { r.spec.name = name; }).contains("submission"));
    QVERIFY(error([](auto& r) { r.program = true; }).contains("--no-program"));
    QVERIFY2(!fs::exists(m_path / "out"), "something was written");
    write(m_path / "out/mine", "x");
    QVERIFY(error([](auto&) {}).contains("new or empty folder"));
    QCOMPARE(textOf(m_path / "out/mine"), std::string("x"));
    QVERIFY(errorOf([] {
        (void)attackSubmission(SubmissionKind::TargetedAttack, Method::Bim);
    }).contains("a targeted method"));
}

QTEST_APPLESS_MAIN(TestSubmissionExport)
#include "tst_SubmissionExport.moc"
