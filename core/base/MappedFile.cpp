#include "core/base/MappedFile.h"

#include "core/base/Error.h"
#include "core/base/RegularFile.h"

#include <cerrno>
#include <sys/mman.h>

namespace crossiter {

std::shared_ptr<const MappedFile> MappedFile::open(
    const std::filesystem::path& path, std::uint64_t maxBytes)
{
    const RegularFile file(path, maxBytes);
    const std::shared_ptr<MappedFile> mapped(new MappedFile);
    if (file.size() == 0) // nothing to map, and mmap refuses a length of 0
        return mapped;
    const auto size = static_cast<std::size_t>(file.size());
    void* const data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.descriptor(), 0);
    if (data == MAP_FAILED) // NOLINT: the macro is a cast
        throw Error(ErrorKind::BadInput, "cannot map file", path.string(), "a readable file",
            systemReason(errno));
    mapped->m_data = static_cast<const std::uint8_t*>(data);
    mapped->m_size = size;
    return mapped;
}

MappedFile::~MappedFile()
{
    if (m_data != nullptr)
        ::munmap(const_cast<std::uint8_t*>(m_data), m_size);
}

} // namespace crossiter
