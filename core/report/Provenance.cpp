#include "core/report/Provenance.h"

#include "core/base/Sha256.h"
#include "core/image/PictureSize.h"

#include <algorithm>

namespace crossiter {

void nameInput(Provenance& provenance, const std::filesystem::path& file)
{
    provenance.inputName = file.filename().string();
    provenance.inputSha256 = sha256File(file);
}

void nameOther(Provenance& provenance, const std::string& name, const std::filesystem::path& file)
{
    provenance.otherName = name;
    provenance.otherSha256 = sha256File(file);
}

void nameSeries(Provenance& provenance, const AttackTrace& trace)
{
    provenance.otherName = trace.madeElsewhere;
    if (!trace.clean.isImageSpace())
        provenance.size = toString(sizeOf(trace.clean));
    auto& files = provenance.otherFiles;
    for (const auto& subStep : trace.subSteps) {
        const OtherFile& other = subStep->other;
        const bool known = std::any_of(files.begin(), files.end(), [&other](const OtherFile& file) {
            return file.file == other.file && file.sha256 == other.sha256;
        });
        if (!other.file.empty() && !known)
            files.push_back(other);
    }
}

} // namespace crossiter
