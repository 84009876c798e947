#include "core/report/Provenance.h"

#include "core/base/Sha256.h"

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

} // namespace crossiter
