// Reading and validating submissions. The validator runs small shell scripts here.

#include "core/contest/SubmissionExport.h"
#include "core/image/Codec.h"

#include <QtTest>

#include <fstream>
#include <functional>

#include "tests/core/contest/SubmissionFixture.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

constexpr const char* kCopy = "#!/bin/sh\ncp \"$1\"/*.png \"$2\"/\n";

} // namespace

class TestSubmission : public test::SubmissionFixture
{
    Q_OBJECT

private slots:
    void init() { makeFolder(); }
    void metadata();
    void metadataAsPythonReadsIt();
    void noByteOrderMark();
    void badMetadata_data();
    void badMetadata();
    void validSubmissions_data();
    void validSubmissions();
    void faults_data();
    void faults();
    void labelsOfADefense();
    void timeLimit();
    void archives();
    void withoutARun();

private:
    fs::path make(const char* type, const std::string& script, bool runs = true)
    {
        fs::path folder = m_path / "submission";
        write(folder / "metadata.json", metadataText({ type, "c", "g", "run.sh" }));
        write(folder / "run.sh", script, runs);
        return folder;
    }
};

void TestSubmission::metadata()
{
    const SubmissionMetadata written { "defense", "crossiter:1", "crossiter:1-gpu", "bin/run.sh" };
    write(m_path / "metadata.json", metadataText(written));
    QVERIFY(readMetadata(m_path) == written);
    QCOMPARE(metadataText(written),
        std::string(
            "{\n  \"type\": \"defense\",\n  \"container\": \"crossiter:1\",\n"
            "  \"container_gpu\": \"crossiter:1-gpu\",\n  \"entry_point\": \"bin/run.sh\"\n}\n"));
    for (const char* kind : { "attack", "targeted_attack", "defense" })
        QCOMPARE(nameOf(parseSubmissionKind(kind)), kind);
    QVERIFY(errorOf([] { (void)parseSubmissionKind("attacks"); }).contains("targeted_attack"));
}

void TestSubmission::metadataAsPythonReadsIt()
{
    write(m_path / "metadata.json",
        R"({"type": "attack", "container": "c", "container_gpu": "g", "entry_point": "a.sh",
            "weights": [NaN, Infinity, -Infinity, 1e9999, -12345678901234567890123, "NaN \\"],
            "half": "\ud83d", "whole": "\ud83d\ude00", "entry_point": "b.sh"})");
    const SubmissionMetadata found = readMetadata(m_path);
    QCOMPARE(found.entryPoint, std::string("b.sh"));
    QCOMPARE(found.repeated, std::vector<std::string> { "entry_point" });
    std::ofstream(m_path / "b.sh") << "#!/bin/sh\n";
    ValidationRequest request;
    request.submission = m_path;
    request.run = false;
    request.kind = SubmissionKind::Attack;
    const ValidationReport report = validateSubmission(request);
    QVERIFY(std::any_of(report.checks.begin(), report.checks.end(), [](const auto& check) {
        return check.status == CheckStatus::Warning
            && check.text.find("key entry_point given twice") != std::string::npos;
    }));
}

void TestSubmission::noByteOrderMark()
{
    const SubmissionMetadata written { "defense", "c", "g", "run.sh" };
    write(m_path / "metadata.json", "\xEF\xBB\xBF" + metadataText(written));
    const QString error = errorOf([&] { (void)readMetadata(m_path); });
    QVERIFY2(error.contains("metadata.json, line 1, column 1: expected JSON in UTF-8 without"),
        qPrintable(error));
}

void TestSubmission::badMetadata_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("found");
    const auto row = [](const char* name, const char* text, const char* found) {
        QTest::newRow(name) << QByteArray(text) << QString(found);
    };
    row("no JSON", "{", "not JSON");
    row("deep", QByteArray(100'000, '[').constData(), "at most 64 levels");
    row("more behind", "{} {}", "not JSON");
    row("list", "[]", "an object");
    row("no container", R"({"type":"attack","container_gpu":"g","entry_point":"r.sh"})",
        "container");
    row("no container_gpu", R"({"type":"attack","container":"c","entry_point":"r.sh"})",
        "container_gpu");
    row("no entry point", R"({"type":"attack","container":"c","container_gpu":"g"})",
        "entry_point");
    row("no type", R"({"container":"c","container_gpu":"g","entry_point":"r.sh"})", "type");
    row("number", R"({"type":1,"container":"c","container_gpu":"g","entry_point":"r.sh"})",
        "not a text");
    row("absolute",
        R"({"type":"attack","container":"c","container_gpu":"g","entry_point":"/bin/ls"})",
        "entry point");
    row("parent",
        R"({"type":"attack","container":"c","container_gpu":"g","entry_point":"a/../../r"})",
        "entry point");
    row("empty", R"({"type":"attack","container":"c","container_gpu":"g","entry_point":""})",
        "entry point");
}

void TestSubmission::badMetadata()
{
    QFETCH(const QByteArray, text);
    QFETCH(const QString, found);
    write(m_path / "metadata.json", text.toStdString());
    const QString error = errorOf([&] { (void)readMetadata(m_path); });
    QVERIFY2(error.contains(found) && error.contains("metadata.json"), qPrintable(error));
}

void TestSubmission::validSubmissions_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("script");
    QTest::newRow("attack") << QByteArray(
        "attack") << QByteArray("#!/bin/sh\n[ \"$3\" -ge 4 ] && cp \"$1\"/*.png \"$2\"/\n");
    QTest::newRow("targeted attack")
        << QByteArray("targeted_attack")
        << QByteArray("#!/bin/sh\ngrep -Eqx 'IMG0002.png,[0-9]+' \"$1/target_class.csv\" && "
                      "cp \"$1\"/*.png \"$2\"/\n");
    QTest::newRow("defense") << QByteArray("defense")
                             << QByteArray("#!/bin/sh\nfor i in \"$1\"/*.png; do\n"
                                           "echo \"$(basename \"$i\"),7\"; done > \"$2\"\n");
    QTest::newRow("finds its own files, in its folder") << QByteArray(
        "attack") << QByteArray("#!/bin/sh\n[ -f ./metadata.json ] && cp \"$1\"/*.png \"$2\"/\n");
}

void TestSubmission::validSubmissions()
{
    QFETCH(const QByteArray, type);
    QFETCH(const QByteArray, script);
    const ValidationReport report = validateSubmission(asked(
        make(type.constData(), script.toStdString()), parseSubmissionKind(type.toStdString())));
    QVERIFY2(report.valid(), textOf(report).constData());
    QCOMPARE(statusOf(report, "output"), CheckStatus::Passed);
    QCOMPARE(statusOf(report, "container"), CheckStatus::Skipped);
}

void TestSubmission::faults_data()
{
    QTest::addColumn<QByteArray>("type");
    QTest::addColumn<QByteArray>("script");
    QTest::addColumn<QByteArray>("check");
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* name, const char* type, const char* script, const char* check,
                         const char* text) {
        QTest::newRow(name) << QByteArray(type) << QByteArray("#!/bin/sh\n") + script
                            << QByteArray(check) << QByteArray(text);
    };
    row("other type", "defense", "", "type", "expected attack, found defense");
    row("exit code", "attack", "echo broken >&2; exit 3", "sample run", "exit code 3: broken");
    row("nothing written", "attack", "true", "output", "IMG0000.png is missing");
    row("one missing", "attack", R"(cp "$1"/*.png "$2"/; rm "$2/IMG0001.png")", "output",
        "IMG0001.png is missing");
    row("one damaged", "attack", R"(cp "$1"/*.png "$2"/; echo x > "$2/IMG0002.png")", "output",
        "IMG0002.png does not open");
    row("wrong size", "attack", R"(cp "$1"/*.png "$2"/; cp small.png "$2/IMG0000.png")", "output",
        "IMG0000.png is 20x299");
}

void TestSubmission::faults()
{
    QFETCH(const QByteArray, type);
    QFETCH(const QByteArray, script);
    QFETCH(const QByteArray, check);
    QFETCH(const QByteArray, text);
    const fs::path folder = make(type.constData(), script.toStdString());
    writePng(folder / "small.png", Image(20, 299));
    const ValidationReport report = validateSubmission(asked(folder, SubmissionKind::Attack));
    QVERIFY(!report.valid());
    QCOMPARE(statusOf(report, check.constData()), CheckStatus::Failed);
    QVERIFY2(textOf(report).contains(text), textOf(report).constData());
}

void TestSubmission::labelsOfADefense()
{
    const auto labels = [&](const char* lines) {
        return validateSubmission(
            asked(make("defense", "#!/bin/sh\nprintf '" + std::string(lines) + "' > \"$2\"\n"),
                SubmissionKind::Defense));
    };
    QVERIFY(
        textOf(labels("IMG0000.png,1\\nIMG0002.png,1\\n")).contains("no label for IMG0001.png"));
    QVERIFY(textOf(labels("IMG0000,1\\nIMG0001.png,1\\nIMG0002,1\\nother.png,2\\n"))
                .contains("no input: other"));
    QVERIFY(labels("IMG0000,1\\nIMG0001.png,1\\nIMG0002,1\\nother.png,x\\n").valid());
    QVERIFY(!labels("").valid());
}

void TestSubmission::timeLimit()
{
    ValidationRequest request =
        asked(make("attack", "#!/bin/sh\nsleep 60\n"), SubmissionKind::Attack);
    request.timeoutSeconds = 0.4;
    const ValidationReport report = validateSubmission(request);
    QVERIFY(!report.valid());
    QVERIFY2(textOf(report).contains("time limit"), textOf(report).constData());
    std::stop_source source;
    source.request_stop();
    request.timeoutSeconds = 60;
    QVERIFY(validateSubmission(request, {}, source.get_token()).cancelled);
}

void TestSubmission::archives()
{
    const fs::path folder = make("attack", kCopy, false);
    // With a top folder, what macOS adds, and an entry point whose mode was lost.
    fs::create_directories(m_path / "packed/__MACOSX");
    write(m_path / "packed/__MACOSX/x", "x");
    fs::rename(folder, m_path / "packed/top");
    for (const char* name : { "a.zip", "a.tar", "a.tar.gz" }) {
        const fs::path archive = m_path / name;
        QVERIFY(packFolder(m_path / "packed", "", archive, *archiveKindOf(archive)));
        const ValidationReport report = validateSubmission(asked(archive, SubmissionKind::Attack));
        QVERIFY2(report.valid(), textOf(report).constData());
        QCOMPARE(statusOf(report, "entry point"), CheckStatus::Warning);
    }
    // Two folders at the top: none of them is the root.
    write(m_path / "packed/other/x", "x");
    QVERIFY(packFolder(m_path / "packed", "", m_path / "two.zip", ArchiveKind::Zip));
    const ValidationReport two =
        validateSubmission(asked(m_path / "two.zip", SubmissionKind::Attack));
    QCOMPARE(statusOf(two, "metadata"), CheckStatus::Failed);
    QCOMPARE(statusOf(two, "sample run"), CheckStatus::Skipped);
    write(m_path / "bad.zip", "no archive");
    const ValidationReport bad =
        validateSubmission(asked(m_path / "bad.zip", SubmissionKind::Attack));
    QCOMPARE(statusOf(bad, "archive"), CheckStatus::Failed);
    write(m_path / "a.rar", "no archive");
    QCOMPARE(
        statusOf(validateSubmission(asked(m_path / "a.rar", SubmissionKind::Attack)), "archive"),
        CheckStatus::Failed);
    QVERIFY(errorOf([&] {
        (void)validateSubmission(asked(m_path / "nowhere.zip", SubmissionKind::Attack));
    }).contains("no such submission"));
    // A folder's entry point is run as it is.
    const ValidationReport plain =
        validateSubmission(asked(m_path / "packed/top", SubmissionKind::Attack));
    QCOMPARE(statusOf(plain, "entry point"), CheckStatus::Failed);
}

void TestSubmission::withoutARun()
{
    const fs::path folder = m_path / "submission";
    write(folder / "metadata.json", metadataText({ "attack", "c", "g", "run" }));
    write(folder / "run", "#!/bin/sh\ntouch '" + (m_path / "mark").string() + "'\n", true);
    ValidationRequest request = asked(folder, SubmissionKind::Attack);
    request.run = false;
    const ValidationReport report = validateSubmission(request);
    QVERIFY2(report.valid(), textOf(report).constData());
    QCOMPARE(statusOf(report, "entry point"), CheckStatus::Warning); // not .sh
    QCOMPARE(statusOf(report, "sample run"), CheckStatus::Skipped);
    QVERIFY(!fs::exists(m_path / "mark"));
    fs::remove(folder / "run");
    QCOMPARE(statusOf(validateSubmission(request), "entry point"), CheckStatus::Failed);
}

QTEST_APPLESS_MAIN(TestSubmission)
#include "tst_Submission.moc"
