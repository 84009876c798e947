#pragma once

#include <filesystem>

namespace crossiter {

inline constexpr const char* kLockFile = ".crossiter.lock";

/// The right to write into a tournament's output folder, held until the object is gone or the
/// process ends, however it ends (an advisory flock; over NFS as far as the server keeps it).
class OutputLock
{
public:
    /// Creates the folder (and its parents) and takes `.crossiter.lock` in it. Throws
    /// Error(BadInput), and leaves no folder: another process holds it; the folder cannot be
    /// created or written to.
    explicit OutputLock(const std::filesystem::path& folder);
    ~OutputLock();
    OutputLock(const OutputLock&) = delete;
    OutputLock& operator=(const OutputLock&) = delete;
    OutputLock(OutputLock&&) = delete;
    OutputLock& operator=(OutputLock&&) = delete;

private:
    void take(const std::filesystem::path& folder);

    int m_descriptor = -1;
};

} // namespace crossiter
