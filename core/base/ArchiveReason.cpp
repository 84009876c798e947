#include "core/base/ArchiveReason.h"

#include <archive.h>
#include <array>
#include <string_view>
#include <utility>

namespace crossiter {

std::string archiveReason(archive* handle)
{
    const char* text = archive_error_string(handle);
    const std::string_view said = text == nullptr ? "" : text;
    constexpr std::array<std::pair<std::string_view, const char*>, 8> kReasons { {
        { "runcated", "a file that is cut off" },
        { "Unrecognized", "another format" },
        { "CRC", "a wrong checksum" },
        { "checksum", "a wrong checksum" },
        { "ncrypt", "an encrypted file" },
        { "assphrase", "an encrypted file" },
        { "nsupported", "a way of packing that is not supported" },
        { "allocate", "more than the memory holds" },
    } };
    for (const auto& [part, reason] : kReasons)
        if (said.find(part) != std::string_view::npos)
            return reason;
    return "damaged bytes";
}

} // namespace crossiter
