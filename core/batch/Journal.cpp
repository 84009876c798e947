#include "core/batch/Journal.h"

#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/RegularFile.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <optional>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& path, int reason)
{
    throw Error(ErrorKind::BadInput, "cannot write the journal", path.string(), "a writable place",
        systemReason(reason));
}

/// Bytes up to and with the last line break.
off_t wholeLines(int descriptor, off_t size)
{
    std::array<char, 4096> block {};
    off_t end = size;
    while (end > 0) {
        const off_t begin = std::max<off_t>(0, end - static_cast<off_t>(block.size()));
        const ssize_t got =
            ::pread(descriptor, block.data(), static_cast<std::size_t>(end - begin), begin);
        if (got <= 0)
            return 0;
        for (ssize_t i = got; i > 0; --i)
            if (block.at(static_cast<std::size_t>(i - 1)) == '\n')
                return begin + i;
        end = begin;
    }
    return 0;
}

/// Nothing: a damaged line.
std::optional<Json> objectOf(const JournalLine& line, const std::string& place)
{
    if (line.tooLong)
        return std::nullopt;
    try {
        Json parsed = parseJson(line.text, place, kJournalLineJson);
        return parsed.is_object() ? std::optional(std::move(parsed)) : std::nullopt;
    } catch (const Error&) {
        return std::nullopt;
    }
}

} // namespace

Journal::Journal(const fs::path& folder, int rank)
{
    std::error_code fault;
    fs::create_directories(folder, fault); // open() says what is wrong
    m_path = folder / ("rank-" + paddedText(static_cast<std::uint64_t>(rank), 4) + ".jsonl");
    m_descriptor = ::open(m_path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (m_descriptor < 0)
        fail(m_path, errno);
    struct stat status = {};
    const bool locked = ::flock(m_descriptor, LOCK_EX | LOCK_NB) == 0;
    if (locked && ::fstat(m_descriptor, &status) == 0) {
        const off_t whole = wholeLines(m_descriptor, status.st_size);
        if (whole == status.st_size || ::ftruncate(m_descriptor, whole) == 0)
            return;
    }
    const int reason = errno;
    ::close(m_descriptor);
    if (!locked && reason == EWOULDBLOCK)
        throw Error(ErrorKind::BadInput, "another process of this rank is still at work",
            m_path.string(), "its end");
    fail(m_path, reason);
}

Journal::~Journal()
{
    ::close(m_descriptor);
}

void Journal::append(const Json& line, bool durable)
{
    const std::string text = jsonLine(line) + "\n";
    struct stat status = {};
    if (::fstat(m_descriptor, &status) != 0)
        fail(m_path, errno);
    ssize_t written = -1;
    do {
        written = ::write(m_descriptor, text.data(), text.size());
    } while (written < 0 && errno == EINTR);
    if (written != static_cast<ssize_t>(text.size())) {
        const int reason = written < 0 ? errno : ENOSPC;
        if (written > 0 && ::ftruncate(m_descriptor, status.st_size) != 0)
            fail(m_path, errno);
        fail(m_path, reason);
    }
    if (durable && ::fdatasync(m_descriptor) != 0 && errno != EINVAL)
        fail(m_path, errno);
}

JournalReader::JournalReader(fs::path folder)
    : m_folder(std::move(folder))
{
}

void JournalReader::readNew(const std::function<void(const Json&)>& take)
{
    std::vector<std::string> names;
    std::error_code fault;
    for (fs::directory_iterator entry(m_folder, fault), end; !fault && entry != end;
         entry.increment(fault))
        if (entry->path().extension() == ".jsonl")
            names.push_back(entry->path().filename().string());
    std::ranges::sort(names);
    for (const std::string& name : names) {
        std::ifstream file(m_folder / name, std::ios::binary);
        std::uint64_t& offset = m_offsets[name];
        file.seekg(static_cast<std::streamoff>(offset));
        JournalLine line; // one without a line break yet is being written
        while (nextLine(file, line, kJournalLineJson.maxBytes)) {
            offset += line.bytes;
            if (const std::optional<Json> parsed = objectOf(line, name))
                take(*parsed);
        }
    }
}

} // namespace crossiter
