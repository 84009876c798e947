#include "core/base/ChildProcess.h"
#include "core/base/Error.h"

#include <QTemporaryDir>
#include <QtTest>

#include <csignal>
#include <fstream>
#include <thread>
#include <unistd.h>

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

ChildRequest shell(const std::string& script)
{
    ChildRequest request;
    request.arguments = { "/bin/sh", "-c", script };
    request.graceSeconds = 0.3;
    return request;
}

} // namespace

class TestChildProcess : public QObject
{
    Q_OBJECT

private slots:
    void exitCodeAndOutput();
    void argumentsReachTheProgramAsTheyAre();
    void folderEnvironmentAndInput();
    void nothingIsInherited();
    void timeLimitEndsTheWholeGroup_data();
    void timeLimitEndsTheWholeGroup();
    void whatItLeavesBehindIsEnded();
    void stopRequest();
    void longOutput();
    void endlessOutputMeetsTheTimeLimit();
    void endsBySignal();
    void cannotBeStarted();

private:
    fs::path path(const char* name) const { return fs::path(m_folder.path().toStdString()) / name; }

    /// The process that wrote its number there has gone.
    bool hasGone(const char* name) const
    {
        pid_t pid = 0;
        std::ifstream(path(name)) >> pid;
        if (pid <= 0)
            return false;
        for (int i = 0; i < 200; ++i) {
            std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
            std::string number;
            std::string command;
            std::string state;
            // A zombie that nobody takes has gone too.
            if (!(status >> number >> command >> state) || state == "Z")
                return true;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
        return false;
    }
    QTemporaryDir m_folder;
};

void TestChildProcess::exitCodeAndOutput()
{
    ChildRequest request = shell("echo out; echo first >&2; echo last >&2; exit 3");
    std::string heard;
    request.onOutput = [&heard](std::string_view piece) { heard += piece; };
    const ChildResult result = runChild(request);
    QCOMPARE(result.exitCode, 3);
    QVERIFY(!result.succeeded() && !result.timedOut && !result.cancelled);
    QCOMPARE(result.output, std::string("out\n"));
    QCOMPARE(result.error, std::string("first\nlast\n"));
    QCOMPARE(heard.size(), result.output.size() + result.error.size());
    QCOMPARE(result.explain(), std::string("exit code 3: last"));
    QVERIFY(runChild(shell("true")).succeeded());
}

void TestChildProcess::argumentsReachTheProgramAsTheyAre()
{
    const fs::path mark = path("mark");
    ChildRequest request;
    request.arguments = { "printf", "%s|", "$(touch " + mark.string() + ")",
        "; touch " + mark.string(), "a b", "*", "", "-n", "it's \"x\"\n" };
    std::string expected;
    for (std::size_t i = 2; i < request.arguments.size(); ++i)
        expected += request.arguments[i] + "|";
    const ChildResult result = runChild(request);
    QVERIFY(result.succeeded());
    QCOMPARE(result.output, expected);
    QVERIFY2(!fs::exists(mark), "a shell has seen the arguments");
}

void TestChildProcess::folderEnvironmentAndInput()
{
    std::ofstream(path("tool.sh")) << "#!/bin/sh\npwd\necho $MINE\ncat | wc -c\n";
    fs::permissions(path("tool.sh"), fs::perms::owner_all);
    ChildRequest request;
    request.arguments = { "./tool.sh" };
    request.workingDir = m_folder.path().toStdString();
    request.environment = { { "MINE", "new" } };
    qputenv("MINE", "old");
    const ChildResult result = runChild(request);
    QVERIFY2(result.succeeded(), result.explain().c_str());
    const QStringList lines = QString::fromStdString(result.output).split('\n');
    QCOMPARE(
        QFileInfo(lines[0]).canonicalFilePath(), QFileInfo(m_folder.path()).canonicalFilePath());
    QCOMPARE(lines[1], QString("new"));
    QCOMPARE(lines[2].trimmed(), QString("0"));
}

void TestChildProcess::nothingIsInherited()
{
    std::array<int, 2> ends {};
    QCOMPARE(::pipe(ends.data()), 0); // without O_CLOEXEC, as a careless library would
    sigset_t blocked;
    sigset_t before;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &blocked, &before);
    const ChildResult result =
        runChild(shell("ls /proc/self/fd | wc -l; grep SigBlk /proc/self/status"));
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::close(ends[0]);
    ::close(ends[1]);
    const QStringList lines = QString::fromStdString(result.output).split('\n');
    QVERIFY2(lines[0].toInt() <= 4, result.output.c_str()); // 0, 1, 2 and that of ls itself
    QVERIFY2(lines[1].endsWith("0000000000000000"), result.output.c_str());
}

void TestChildProcess::timeLimitEndsTheWholeGroup_data()
{
    QTest::addColumn<QByteArray>("trap");
    QTest::newRow("obeys SIGTERM") << QByteArray();
    QTest::newRow("ignores SIGTERM") << QByteArray("trap '' TERM; ");
}

void TestChildProcess::timeLimitEndsTheWholeGroup()
{
    QFETCH(const QByteArray, trap);
    ChildRequest request =
        shell(trap.toStdString() + "sleep 60 & echo $! > '" + path("grandchild").string()
            + "'; echo $$ > '" + path("child").string() + "'; sleep 60; sleep 60");
    request.timeoutSeconds = 0.5;
    const ChildResult result = runChild(request);
    QVERIFY(result.timedOut);
    QVERIFY(!result.succeeded());
    QVERIFY2(result.seconds < 10.0, "waited for the child");
    QVERIFY2(result.explain().find("time limit") != std::string::npos, result.explain().c_str());
    QVERIFY(hasGone("child"));
    QVERIFY(hasGone("grandchild"));
}

void TestChildProcess::whatItLeavesBehindIsEnded()
{
    const ChildResult result =
        runChild(shell("sleep 60 & echo $! > '" + path("left").string() + "'; echo done"));
    QVERIFY(result.succeeded());
    QVERIFY2(result.seconds < 10.0, "waited for what holds the pipe open");
    QCOMPARE(result.output, std::string("done\n"));
    QVERIFY(hasGone("left"));
}

void TestChildProcess::stopRequest()
{
    std::stop_source source;
    std::jthread later([&source] {
        std::this_thread::sleep_for(std::chrono::milliseconds(200));
        source.request_stop();
    });
    const ChildResult result = runChild(shell("sleep 60"), source.get_token());
    QVERIFY(result.cancelled && !result.timedOut && !result.succeeded());
    QVERIFY(result.seconds < 10.0);
}

void TestChildProcess::longOutput()
{
    ChildRequest request = shell("i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done");
    request.maxOutputBytes = 1000;
    const ChildResult result = runChild(request);
    QVERIFY(result.succeeded());
    QVERIFY(result.outputCut);
    QCOMPARE(result.output.size(), std::size_t(1000));
    QVERIFY(result.output.ends_with("line 19999\n"));
}

void TestChildProcess::endlessOutputMeetsTheTimeLimit()
{
    ChildRequest request;
    request.arguments = { "yes" };
    request.timeoutSeconds = 0.3;
    const ChildResult result = runChild(request);
    QVERIFY(result.timedOut);
    QVERIFY(result.seconds < 10.0);
    QVERIFY(result.output.size() <= request.maxOutputBytes);
}

void TestChildProcess::endsBySignal()
{
    const ChildResult result = runChild(shell("kill -SEGV $$"));
    QCOMPARE(result.signal, SIGSEGV);
    QCOMPARE(result.exitCode, -1);
    QCOMPARE(result.explain(), std::string("ended by signal 11"));
}

void TestChildProcess::cannotBeStarted()
{
    std::ofstream(path("plain")) << "#!/bin/sh\n";
    ChildRequest unknownFolder = shell("true");
    unknownFolder.workingDir = path("nowhere");
    ChildRequest nul;
    nul.arguments = { "true", std::string("a\0b", 3) };
    ChildRequest missing;
    missing.arguments = { "no-such-program-here" };
    ChildRequest notExecutable;
    notExecutable.arguments = { path("plain").string() };
    for (const ChildRequest& request : { unknownFolder, nul, missing, notExecutable }) {
        try {
            (void)runChild(request);
            QFAIL("no error");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::BadInput);
        }
    }
}

QTEST_APPLESS_MAIN(TestChildProcess)
#include "tst_ChildProcess.moc"
