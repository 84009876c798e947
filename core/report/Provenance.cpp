#include "core/report/Provenance.h"

#include "core/base/Sha256.h"

namespace crossiter {

void nameInput(Provenance& provenance, const std::filesystem::path& file)
{
    provenance.inputName = file.filename().string();
    provenance.inputSha256 = sha256File(file);
}

} // namespace crossiter
