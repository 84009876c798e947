#include "core/study/StudyJournal.h"

#include "core/base/Error.h"
#include "core/base/Json.h"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace crossiter {

namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& file)
{
    throw Error(
        ErrorKind::BadInput, what, file.string(), {}, std::generic_category().message(errno));
}

} // namespace

StudyJournal::StudyJournal(std::filesystem::path file, const std::string& header, bool resume,
    const std::function<void(const std::string& line, int number)>& take)
    : m_file(std::move(file))
{
    m_descriptor = ::open(m_file.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (m_descriptor < 0)
        fail("cannot open the journal", m_file);
    try {
        if (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0)
            throw Error(ErrorKind::BadInput, "another process writes this study", m_file.string());
        std::ifstream in(m_file, std::ios::binary);
        JournalLine line;
        std::uintmax_t whole = 0;
        int number = 0;
        while (nextLine(in, line, kJournalLineJson.maxBytes)) { // not a last one without its end
            whole += line.bytes;
            const bool first = ++number == 1;
            if (line.tooLong)
                throw Error(ErrorKind::BadInput, "a journal's line is too long",
                    m_file.string() + ", line " + std::to_string(number),
                    "at most " + std::to_string(kJournalLineJson.maxBytes) + " bytes",
                    std::to_string(line.bytes));
            if (first && line.text != header)
                throw Error(ErrorKind::BadInput, "the journal is of another study", m_file.string(),
                    "the same request and photos, or another output folder");
            if (!first && !resume)
                throw Error(ErrorKind::BadInput, "a study has begun here", m_file.string(),
                    "--resume, or another output folder");
            if (!first)
                take(line.text, number);
        }
        if (::ftruncate(m_descriptor, static_cast<off_t>(whole)) != 0)
            fail("cannot mend the journal", m_file);
        if (number == 0)
            append(header);
    } catch (...) {
        ::close(m_descriptor);
        throw;
    }
}

StudyJournal::~StudyJournal()
{
    ::close(m_descriptor);
}

void StudyJournal::append(const std::string& line)
{
    const std::string text = line + "\n";
    std::size_t written = 0;
    while (written < text.size()) {
        const ssize_t count = ::write(m_descriptor, text.data() + written, text.size() - written);
        if (count < 0 && errno == EINTR)
            continue;
        if (count <= 0)
            fail("cannot write the journal", m_file);
        written += static_cast<std::size_t>(count);
    }
    if (::fdatasync(m_descriptor) != 0)
        fail("cannot write the journal", m_file);
}

} // namespace crossiter
