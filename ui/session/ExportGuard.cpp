// ExplorerSession: its exports never take the place of what it was opened from.
#include "core/base/OutputGuard.h"
#include "core/engine/Engine.h"
#include "core/report/TraceExport.h"
#include "ui/session/ExplorerSession.h"

namespace crossiter::ui {

namespace fs = std::filesystem;

void ExplorerSession::addInputs(OutputGuard& guard) const
{
    guard.addInput(m_state.photo.toStdString(), "the photo");
    guard.addInput(m_state.pair.toStdString(), "the pair's picture");
    guard.addInput(m_state.labelsCsv.toStdString(), "the labels");
    for (const StoredModel& model : m_models) {
        if (!model.weights.empty()) {
            guard.addInputFolder(
                model.weights.parent_path(), "a file of the model " + model.manifest.id + ",");
        }
    }
}

void ExplorerSession::guardTrace(
    const QString& folder, const std::string& stem, const AttackTrace& trace) const
{
    OutputGuard guard;
    addInputs(guard);
    const fs::path directory = folder.toStdString();
    const int last = static_cast<int>(trace.subSteps.size()) - 1;
    guard.addOutputFolder(
        directory, [&](const std::string& name) { return stemOfTraceFile(name, last) == stem; });
    guard.addOutput(directory / (stem + ".trace.json"));
    guard.check();
    requireFileName(directory / (stem + ".sub-step-" + std::to_string(last) + ".png"));
}

} // namespace crossiter::ui
