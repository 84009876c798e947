#include "ui/window/InputGuard.h"

#include "core/base/Error.h"
#include "core/base/OutputGuard.h"
#include "core/jobs/InputFiles.h"
#include "core/report/TraceExport.h"
#include "ui/session/Workspace.h"

#include <QString>

#include <set>
#include <string>
#include <system_error>
#include <vector>

namespace crossiter::ui {

namespace fs = std::filesystem;

namespace {

/// A picture that is no export of ours.
bool isPhoto(const fs::path& file)
{
    std::error_code fault;
    return namesPicture(file) && !fs::exists(provenanceBeside(file), fault)
        && !fs::exists(file.string() + ".provenance.json", fault);
}

/// What an answer of the file dialog may become, with the endings that are added to one without.
std::vector<fs::path> filesOf(const fs::path& chosen)
{
    std::vector<fs::path> files { chosen };
    if (!chosen.has_extension())
        for (const char* ending : { ".png", ".pdf", ".svg", ".csv", ".json", ".crossiter.json" })
            files.emplace_back(chosen.string() + ending);
    return files;
}

} // namespace

void requireNoInput(Workspace& workspace, const QString& path, bool beside)
{
    OutputGuard guard;
    workspace.explorer().addInputs(guard);
    const StudyForm& form = workspace.study().form();
    guard.addInput(form.labelsCsv.toStdString(), "the study's labels");
    const PlanDataset& dataset = workspace.batch().plan().dataset;
    guard.addInput(dataset.csv, "the tournament's dataset");
    guard.addInput(dataset.labels, "the tournament's labels");
    for (const fs::path& folder : { fs::path(form.folder.toStdString()), dataset.folder }) {
        if (beside && !folder.empty()) {
            guard.addInputFolder(
                folder, "a picture of the folder,",
                [&folder](const std::string& name) { return isPhoto(folder / name); });
        }
    }
    std::set<fs::path> written; // with what explains a picture, beside it
    for (const fs::path& file : filesOf(path.toStdString())) {
        written.insert(file);
        written.insert(provenanceBeside(file));
        written.insert(file.string() + ".provenance.json");
    }
    for (const fs::path& file : written)
        guard.addOutput(file);
    guard.check();
}

} // namespace crossiter::ui
