#pragma once

#include <filesystem>

namespace crossiter {

/// The right to write into a tournament's output folder, held until the object is gone or the
/// process ends, however it ends (an advisory flock; over NFS as far as the server keeps it).
class OutputLock
{
public:
    /// Creates the folder (and its parents) and takes `.crossiter.lock` in it. Throws
    /// Error(BadInput): another process holds it; the folder cannot be created or written to.
    explicit OutputLock(const std::filesystem::path& folder);
    ~OutputLock();
    OutputLock(const OutputLock&) = delete;
    OutputLock& operator=(const OutputLock&) = delete;
    OutputLock(OutputLock&&) = delete;
    OutputLock& operator=(OutputLock&&) = delete;

private:
    int m_descriptor = -1;
};

} // namespace crossiter
