// Jobs over files: an attack that is stopped while its trace is being written.
#include "core/jobs/AttackFolder.h"

#include <QTemporaryDir>
#include <QtTest>

#include <algorithm>
#include <stop_token>

#include "tests/support/TestPaths.h"

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

/// One sub-step on one network, with its trace; both folders are new.
AttackJob smallJob(const QTemporaryDir& folder)
{
    const fs::path root = folder.path().toStdString();
    AttackJob job;
    job.input = test::goldenDir() / "embedded_pair/imagenet_16_251.clean.png";
    job.outputDir = root / "results";
    job.traceDir = root / "traces";
    job.request = defaultRequest(Method::Fgsm);
    job.request.sources = { "efficientnet-lite0" };
    job.request.judges = job.request.sources;
    return job;
}

} // namespace

class tst_AttackFolder : public QObject
{
    Q_OBJECT

private slots:
    void tracesTellTheirProgress();
    void stopWhileATraceIsWritten();

private:
    Engine m_engine;
};

void tst_AttackFolder::tracesTellTheirProgress()
{
    QTemporaryDir folder;
    std::vector<Progress> told;
    const AttackReport report = attackInputs(
        m_engine, smallJob(folder), {}, [&told](const Progress& now) { told.push_back(now); });
    QVERIFY(!report.cancelled);
    QCOMPARE(report.failed, std::size_t { 0 });
    // Two pictures, the trace, the result and its provenance.
    QCOMPARE(report.images.at(0).written.size(), std::size_t { 5 });
    const auto writing = [](const Progress& now) {
        return now.stage.find("writing sub-step") != std::string::npos;
    };
    QCOMPARE(std::count_if(told.begin(), told.end(), writing), std::ptrdiff_t { 2 });
    QCOMPARE(told.back().done, told.back().total);
}

void tst_AttackFolder::stopWhileATraceIsWritten()
{
    for (const char* stage : { "writing sub-step 0", "writing sub-step 1" }) {
        QTemporaryDir folder;
        std::stop_source source;
        const AttackJob job = smallJob(folder);
        const AttackReport report = attackInputs(
            m_engine, job, {},
            [&](const Progress& now) {
                if (now.stage.find(stage) != std::string::npos)
                    source.request_stop();
            },
            source.get_token());
        QVERIFY2(source.stop_requested(), stage);
        QVERIFY(report.cancelled);
        QVERIFY(report.images.empty());
        QVERIFY(!fs::exists(job.traceDir) && !fs::exists(job.outputDir));
    }
}

QTEST_GUILESS_MAIN(tst_AttackFolder)
#include "tst_AttackFolder.moc"
