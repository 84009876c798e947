// `crossiter models`: whole processes against a server of the test's own, a full disk, trust.
#include "core/base/Sha256.h"
#include "core/checkpoint/Safetensors.h"

#include <torch/script.h>
#include <torch/torch.h>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <fstream>
#include <numeric>
#include <sstream>

#include "tests/app/CliRunner.h"
#include "tests/support/HttpServer.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

namespace fs = std::filesystem;

namespace {

constexpr const char* kModel = "inception-v3"; // its manifest has a source and no SHA-256

QString textOf(const std::string& text)
{
    return QString::fromStdString(text);
}

QJsonObject firstOf(const QByteArray& out)
{
    return QJsonDocument::fromJson(out).array().first().toObject();
}

} // namespace

class tst_CliModels : public QObject
{
    Q_OBJECT

private:
    std::unique_ptr<QTemporaryDir> m_folder; // anew for each test
    std::string m_content; // a safetensors file of 4 MB

    [[nodiscard]] QString store() const { return m_folder->filePath("store"); }
    [[nodiscard]] QString part() const
    {
        return store() + "/" + kModel + "/.model.safetensors.part";
    }
    [[nodiscard]] QStringList fetch(const HttpServer& server) const
    {
        return { "models", "fetch", kModel, "--base-url", textOf(server.url()), "--store", store(),
            "--json" };
    }
    /// Slow when it is asked for the beginning, quick when it is asked for the rest.
    [[nodiscard]] HttpAnswer answer(const HttpRequest& request) const
    {
        HttpAnswer answer = answerWithRanges(request, m_content, "\"e\"");
        answer.pauseMilliseconds = request.headers.contains("range") ? 0 : 10;
        return answer;
    }

private Q_SLOTS:
    void initTestCase()
    {
        std::vector<float> values(1'000'000);
        std::iota(values.begin(), values.end(), 0.0F);
        StateDict state;
        state.tensors.push_back(
            { "values", DType::F32, { 1'000'000 }, std::as_bytes(std::span<const float>(values)) });
        const QTemporaryDir folder;
        const fs::path file = folder.filePath("made.safetensors").toStdString();
        writeSafetensors(file, state);
        std::ifstream in(file, std::ios::binary);
        std::ostringstream text;
        text << in.rdbuf();
        m_content = text.str();
        QVERIFY(m_content.size() > 4'000'000);
    }

    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void twoProcessesFetchOnce()
    {
        const HttpServer server([&](const HttpRequest& r) { return answer(r); });
        QProcess first;
        QProcess second;
        for (QProcess* process : { &first, &second })
            process->start(cliProgram(), fetch(server));
        for (QProcess* process : { &first, &second }) {
            QVERIFY(process->waitForFinished(60'000));
            QVERIFY2(process->exitCode() == 0, process->readAllStandardError().constData());
        }
        QCOMPARE(server.requests().size(), std::size_t(1));
        const bool firstFound = firstOf(first.readAllStandardOutput())["already_there"].toBool();
        const bool secondFound = firstOf(second.readAllStandardOutput())["already_there"].toBool();
        QVERIFY(firstFound != secondFound);
        QVERIFY(!QFile::exists(part()));
    }

    void killedAt37PercentItGoesOn()
    {
        const HttpServer server([&](const HttpRequest& r) { return answer(r); });
        QProcess process;
        process.start(cliProgram(), fetch(server));
        const auto enough = static_cast<qint64>(m_content.size() * 37 / 100);
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(part()).size() >= enough, 60'000);
        process.kill();
        QVERIFY(process.waitForFinished());
        const qint64 kept = QFileInfo(part()).size();
        QVERIFY(kept < static_cast<qint64>(m_content.size()));
        const CliRun again = runCli(fetch(server));
        QVERIFY2(again.code == 0, again.error.constData());
        const QJsonObject result = firstOf(again.out);
        QCOMPARE(result["downloaded_bytes"].toInteger(), qint64(m_content.size()) - kept);
        QCOMPARE(
            server.requests().back().headers.at("range"), "bytes=" + std::to_string(kept) + "-");
        QCOMPARE(result["sha256"].toString(),
            textOf(sha256(
                { reinterpret_cast<const std::uint8_t*>(m_content.data()), m_content.size() })));
        QCOMPARE(runCli({ "models", "verify", kModel, "--store", store() }).code, 0);
    }

    /// A file system of its own, as small as it is said to be.
    void fullDisk()
    {
        const QString unshare = QStandardPaths::findExecutable("unshare");
        const auto inside = [&](const QString& megabytes, const QString& script) {
            QProcess process;
            process.start(unshare,
                { "--user", "--map-root-user", "--mount", "sh", "-c",
                    "mkdir -p \"$1\" && mount -t tmpfs -o size=" + megabytes
                        + "m tmpfs \"$1\" || exit 77\n" + script,
                    "sh", store(), cliProgram(), part() });
            process.waitForFinished(60'000);
            return CliRun { process.exitCode(), process.readAllStandardOutput(),
                process.readAllStandardError() };
        };
        if (unshare.isEmpty() || inside("1", "exit 0").code != 0)
            QSKIP("no file systems of one's own here (unshare, user namespaces)");
        const HttpServer server([&](const HttpRequest& r) { return answer(r); });
        const QString command = "\"$2\" models fetch " + QString(kModel) + " --base-url "
            + textOf(server.url()) + " --store \"$1\" --quiet";

        const CliRun small = inside("1", command);
        QCOMPARE(small.code, 1);
        QVERIFY2(small.error.contains("not enough space"), small.error.constData());
        QVERIFY(server.requests().empty());

        // Room enough at first; something else fills the disk meanwhile, then gives way again.
        const CliRun filled = inside("200",
            command + " &\nwhile [ ! -s \"$3\" ]; do sleep 0.02; done\n"
                + "head -c 300M /dev/zero > \"$1/other\" 2>/dev/null\nwait $!; echo first $?\n"
                + "[ -s \"$3\" ] && echo kept\nrm \"$1/other\"\n" + command
                + " >&2; echo second $?");
        QVERIFY2(
            filled.out == "first 1\nkept\nsecond 0\n", (filled.out + filled.error).constData());
        QVERIFY2(filled.error.contains("cannot write file")
                && filled.error.contains("No space left on device"),
            filled.error.constData());
        QVERIFY(server.requests().back().headers.contains("range"));
    }

    void wrongAnswersAreOneLine_data()
    {
        QTest::addColumn<int>("status");
        QTest::addColumn<QString>("said");
        QTest::newRow("404") << 404 << "HTTP status 404";
        QTest::newRow("hash") << 200 << "not the one that is expected (as the server announced)";
    }

    void wrongAnswersAreOneLine()
    {
        QFETCH(const int, status);
        QFETCH(const QString, said);
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer found = answerWithRanges(r, m_content, "\"e\"");
            found.headers.push_back("X-Linked-Etag: \"" + std::string(64, 'a') + "\"");
            found.status = status;
            return found;
        });
        const CliRun run = runCli(fetch(server));
        QCOMPARE(run.code, 1);
        QVERIFY2(run.errorLine().contains(said), run.error.constData());
        QVERIFY(!QFile::exists(store() + "/" + kModel + "/model.safetensors"));
        QVERIFY(!QFile::exists(part()));
    }

    void namesStayInTheStore()
    {
        const HttpServer server([&](const HttpRequest& r) { return answer(r); });
        const QString weights = QString::fromStdString(
            (storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth").string());
        for (const char* name : { "../out", "/tmp/out" }) {
            const CliRun fetched = runCli({ "models", "fetch", name, "--base-url",
                textOf(server.url()), "--store", store() });
            QVERIFY2(fetched.code == 1 && fetched.errorLine().contains("unknown model"),
                fetched.error.constData());
            QCOMPARE(runCli({ "models", "remove", name, "--store", store() }).code, 1);
        }
        for (const char* name : { "../out", "/tmp/out", "a/b", "..", ".hidden", "A", "" }) {
            const CliRun imported = runCli({ "models", "import", weights, "--architecture",
                "efficientnet-lite0", "--as", name, "--store", store() });
            QVERIFY2(imported.code == 1 && imported.errorLine().contains("not a model id"),
                imported.error.constData());
        }
        // A manifest that wants its weights elsewhere.
        QVERIFY(QDir().mkpath(store() + "/evil"));
        std::ofstream(path(store() + "/evil/manifest.json")) << R"({"id": "evil", "name": "Evil",
            "architecture": "inception-v3", "file": "../../out.safetensors", "licence": "x",
            "source": "x", "preprocessing": {"inputSide": 299, "scale": 1.0, "shift": 0.0},
            "robust": false, "sources": [{"url": "https://models.invalid/x"}]})";
        const CliRun evil = runCli(
            { "models", "fetch", "evil", "--base-url", textOf(server.url()), "--store", store() });
        QCOMPARE(evil.code, 1);
        QVERIFY2(evil.errorLine().contains("../../out.safetensors"), evil.error.constData());
        QVERIFY(server.requests().empty());
        QCOMPARE(everythingIn(m_folder->path()),
            (QStringList { "store", "store/evil", "store/evil/manifest.json" }));
    }

    void refusedImportNamesTheUsersFile()
    {
        const QString file = m_folder->filePath("weights.pth");
        QVERIFY(QFile::copy(
            QString::fromStdString((dataDir() / "checkpoints/bad-system-zip.pth").string()), file));
        const CliRun refused = runCli({ "models", "import", file, "--architecture",
            "efficientnet-lite0", "--as", "mine", "--store", store() });
        QVERIFY2(refused.code == 1 && refused.errorLine().contains(file)
                && !refused.errorLine().contains(store()),
            refused.error.constData());
        QCOMPARE(everythingIn(store()), QStringList());
    }

    void verifySaysWhatChanged()
    {
        const QString weights = QString::fromStdString(
            (storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth").string());
        const CliRun imported =
            runCli({ "models", "import", weights, "--architecture", "efficientnet-lite0", "--as",
                "mine", "--input-side", "192", "--store", store(), "--json" });
        QVERIFY2(imported.code == 0, imported.error.constData());
        const QJsonObject made = QJsonDocument::fromJson(imported.out).object();
        QCOMPARE(made["classes"].toInt(), 1000);
        QCOMPARE(made["label_offset"].toInt(), 1);
        QCOMPARE(made["input_side"].toInt(), 192);
        QCOMPARE(runCli({ "models", "verify", "mine", "--store", store() }).code, 0);
        QFile file(made["weights"].toString());
        QVERIFY(file.open(QIODevice::ReadWrite));
        QVERIFY(file.seek(file.size() / 2));
        const QByteArray byte = file.read(1);
        QVERIFY(file.seek(file.size() / 2));
        file.write(QByteArray(1, static_cast<char>(byte[0] ^ 1)));
        file.close();
        const CliRun changed = runCli({ "models", "verify", "mine", "--store", store() });
        QCOMPARE(changed.code, 1);
        QVERIFY2(changed.errorLine().contains("weights have changed"), changed.error.constData());
        // Beside models that are as they should be: done, but some failed.
        QCOMPARE(
            runCli({ "models", "verify", "mine", "efficientnet-lite0", "--store", store() }).code,
            4);
        const CliRun used = runCli(
            { "predict", photo("imagenet_16_251.jpg"), "--model", "mine", "--store", store() });
        QVERIFY2(used.code == 1 && used.errorLine().contains("not the manifest's"),
            used.error.constData());
        QCOMPARE(runCli({ "models", "remove", "mine", "--store", store() }).code, 0);
        QVERIFY(!QFile::exists(store() + "/mine"));
    }

    void programRunsOnlyAfterTrust()
    {
        torch::jit::Module program("program");
        program.register_parameter("weight", torch::rand({ 1000, 3 }), /*is_buffer=*/false);
        program.define("def forward(self, x):\n  return x.mean([2, 3]).matmul(self.weight.t())\n");
        const QString file = m_folder->filePath("program.pt");
        program.save(file.toStdString());
        const QStringList import { "models", "import", file, "--architecture", "torchscript",
            "--as", "program", "--store", store() };
        const CliRun refused = runCli(import);
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.errorLine().contains("was not trusted")
                && refused.errorLine().contains(textOf(sha256File(file.toStdString()))),
            refused.error.constData());
        QVERIFY(!QFile::exists(store() + "/program"));
        const CliRun trusted = runCli(import
            + QStringList {
                "--trust", "--scale", "2.18340611,2.23214286,2.22222222", "--shift", "0.5" });
        QVERIFY2(trusted.code == 0, trusted.error.constData());
        const QStringList info { "models", "info", "program", "--store", store() };
        const QJsonObject said =
            QJsonDocument::fromJson(runCli(info + QStringList { "--json" }).out).object();
        QCOMPARE(said["scale"].toArray(), (QJsonArray { 2.18340611, 2.23214286, 2.22222222 }));
        QCOMPARE(said["shift"].toDouble(), 0.5);
        QVERIFY(runCli(info).out.contains(" 2.18340611,2.23214286,2.22222222\n"));
        QCOMPARE(runCli({ "predict", photo("imagenet_16_251.jpg"), "--model", "program", "--store",
                            store() })
                     .code,
            0);
    }
};

QTEST_GUILESS_MAIN(tst_CliModels)
#include "tst_CliModels.moc"
