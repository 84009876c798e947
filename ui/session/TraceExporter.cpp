#include "ui/session/TraceExporter.h"

#include "core/base/OutputGuard.h"
#include "core/report/TraceExport.h"
#include "ui/session/ExplorerSession.h"

#include <QFileInfo>

#include <set>

namespace crossiter::ui {

namespace fs = std::filesystem;

namespace {

/// Throws Error(BadInput) when the trace's files would replace an input. guard: knows the inputs.
void guardTrace(
    OutputGuard guard, const fs::path& directory, const std::string& stem, const AttackTrace& trace)
{
    const int last = static_cast<int>(trace.subSteps.size()) - 1;
    guard.addOutputFolder(
        directory, [&](const std::string& name) { return stemOfTraceFile(name, last) == stem; });
    guard.addOutput(directory / (stem + ".trace.json"));
    guard.check();
    requireFileName(directory / (stem + ".sub-step-" + std::to_string(last) + ".png"));
}

} // namespace

TraceExporter::TraceExporter(ExplorerSession& explorer, QObject* parent)
    : QObject(parent)
    , m_explorer(explorer)
{
    for (JobRunner* runner : { &m_files.runner(), &m_traces })
        connect(runner, &JobRunner::failed, this, &TraceExporter::errorRaised);
    connect(&m_files.runner(), &JobRunner::progressed, this, &TraceExporter::progressed);
    connect(&m_traces, &JobRunner::progressed, this, &TraceExporter::traceProgressed);
    connect(&m_traces, &JobRunner::busyChanged, this, &TraceExporter::writingTraceChanged);
}

TraceExporter::~TraceExporter() = default;

void TraceExporter::exportImage(const QString& png)
{
    if (!m_explorer.trace()) {
        emit errorRaised(tr("There is no exported image yet: run an attack first."));
        return;
    }
    m_files.add([this, trace = m_explorer.upToShown(), png, origins = m_explorer.origins()](
                    const JobRunner::Job& job) {
        QStringList paths;
        for (const auto& path : writeResult(png.toStdString(), *trace, origins(*trace)))
            paths << QString::fromStdString(path.string());
        job.post([this, paths] { emit exported(paths); });
    });
}

void TraceExporter::exportProvenance(const QStringList& files,
    const std::shared_ptr<const AttackTrace>& trace, const std::string& defense,
    const std::function<void()>& write, const std::shared_ptr<const SweepResult>& sweep)
{
    m_files.add([this, files, trace, defense, write, sweep, origins = m_explorer.origins()](
                    const JobRunner::Job& job) {
        if (write)
            write();
        std::set<std::string> beside;
        if (trace) {
            const Provenance provenance = origins(*trace);
            for (const QString& file : files)
                beside.insert(writeViewProvenance(
                    file.toStdString(), *trace, provenance, defense, sweep.get())
                                  .string());
        }
        QStringList paths = files;
        for (const std::string& path : beside)
            paths << QString::fromStdString(path);
        job.post([this, paths] { emit exported(paths); });
    });
}

void TraceExporter::exportComparison(
    const QString& picture, const std::vector<std::shared_ptr<const AttackTrace>>& traces)
{
    if (traces.empty()) {
        emit exported({ picture });
        return;
    }
    m_files.add([this, picture, traces, origins = m_explorer.origins()](const JobRunner::Job& job) {
        const auto beside = writeComparisonProvenance(picture.toStdString(), traces, origins);
        const QString path = QString::fromStdString(beside.string());
        job.post([this, picture, path] { emit exported({ picture, path }); });
    });
}

void TraceExporter::exportTrace(const QString& folder)
{
    if (!m_explorer.trace()) {
        emit errorRaised(tr("There is no trace yet: run an attack first."));
        return;
    }
    if (writingTrace()) {
        emit errorRaised(tr("A trace is being written: wait for its end or cancel it."));
        return;
    }
    if (m_explorer.showsSeries() && QFileInfo(folder) == QFileInfo(m_explorer.state().pair)) {
        emit errorRaised(
            tr("The trace would lie among the pictures of the series: choose another folder."));
        return;
    }
    OutputGuard guard;
    m_explorer.addInputs(guard);
    const std::string stem = QFileInfo(m_explorer.photo().path).completeBaseName().toStdString();
    m_traces.start([this, guard, trace = m_explorer.trace(), folder, stem,
                       origins = m_explorer.origins()](const JobRunner::Job& job) {
        guardTrace(guard, folder.toStdString(), stem, *trace);
        QStringList paths;
        for (const auto& path : writeTrace(folder.toStdString(), stem, *trace, origins(*trace), {},
                 job.progress(), job.stop()))
            paths << QString::fromStdString(path.string());
        job.post([this, paths, folder] {
            if (paths.isEmpty())
                emit stopped(folder);
            else
                emit exported(paths);
        });
    });
}

} // namespace crossiter::ui
