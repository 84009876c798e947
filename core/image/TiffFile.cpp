#include "core/image/TiffFile.h"

#include <array>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>

namespace crossiter::detail {

namespace {

std::size_t copy(
    const std::vector<std::uint8_t>& from, std::uint64_t at, std::span<std::uint8_t> to)
{
    if (at >= from.size())
        return 0;
    const std::size_t count = std::min(to.size(), from.size() - static_cast<std::size_t>(at));
    std::memcpy(to.data(), from.data() + at, count);
    return count;
}

struct OptionsEnd
{
    void operator()(TIFFOpenOptions* options) const { TIFFOpenOptionsFree(options); }
};

tmsize_t onRead(thandle_t handle, void* to, tmsize_t size)
{
    if (size <= 0)
        return 0;
    return static_cast<tmsize_t>(static_cast<TiffFile*>(handle)->read(
        { static_cast<std::uint8_t*>(to), static_cast<std::size_t>(size) }));
}

tmsize_t onWrite(thandle_t /*handle*/, void* /*from*/, tmsize_t /*size*/)
{
    return 0;
}

toff_t onSeek(thandle_t handle, toff_t offset, int whence)
{
    return static_cast<TiffFile*>(handle)->seek(offset, whence);
}

int onClose(thandle_t /*handle*/)
{
    return 0;
}

toff_t onSize(thandle_t handle)
{
    return static_cast<TiffFile*>(handle)->size();
}

int onError(
    TIFF* /*tiff*/, void* user, const char* /*module*/, const char* /*format*/, va_list /*values*/)
{
    static_cast<TiffFile*>(user)->failed = true;
    return 1; // nothing is printed
}

/// libtiff only warns where libjpeg guesses, or a fax ends early; half a grey picture is none.
int onWarning(TIFF* /*tiff*/, void* user, const char* module, const char* format, va_list values)
{
    std::array<char, 200> text {};
    (void)std::vsnprintf(text.data(), text.size(), format, values);
    const std::string_view words(text.data());
    const auto says = [words](std::string_view part) {
        return words.find(part) != std::string_view::npos;
    };
    const bool jpeg = module != nullptr && std::string_view(module) == "JPEGLib";
    if ((jpeg && says("Corrupt JPEG") && !says("extraneous")) || says("Premature"))
        static_cast<TiffFile*>(user)->failed = true;
    return 1;
}

} // namespace

std::size_t TiffFile::read(std::span<std::uint8_t> to) noexcept
{
    std::size_t done = 0;
    try {
        while (done < to.size()) {
            const std::size_t part = readPart(to.subspan(done));
            if (part == 0)
                break;
            done += part;
            m_at += part;
        }
    } catch (...) {
        thrown = std::current_exception();
    }
    ended = ended || done < to.size();
    return done;
}

std::uint64_t TiffFile::seek(std::uint64_t offset, int whence) noexcept
{
    if (whence == SEEK_CUR)
        offset += m_at;
    else if (whence == SEEK_END)
        offset += size();
    m_at = offset;
    return m_at;
}

std::size_t TiffFile::readPart(std::span<std::uint8_t> to)
{
    if (m_at < m_directory.header.size())
        return copy(m_directory.header, m_at, to);
    if (m_at >= m_directory.blockAt)
        return copy(m_directory.block, m_at - m_directory.blockAt, to);
    if (m_at >= m_job.source.size()) { // a byte that makes the place even
        to[0] = 0;
        return 1;
    }
    // Going on from where the last read ended, or a little behind, needs no new window.
    if (!m_reader || m_reader->position() > m_at)
        m_reader.emplace(m_job.source, m_job.time, m_at);
    else
        m_reader->skip(m_at - m_reader->position());
    const std::uint64_t left = m_job.source.size() - m_at;
    return m_reader->read(
        to.first(static_cast<std::size_t>(std::min<std::uint64_t>(to.size(), left))));
}

TIFF* openTiff(const DecodeJob& job, TiffFile& file)
{
    const std::unique_ptr<TIFFOpenOptions, OptionsEnd> options(TIFFOpenOptionsAlloc());
    if (!options)
        throw Error(ErrorKind::Internal, "cannot start libtiff", job.place);
    const std::uint64_t most = std::min<std::uint64_t>(job.limits.maxMemoryBytes, 1ULL << 40U);
    TIFFOpenOptionsSetMaxSingleMemAlloc(options.get(), static_cast<tmsize_t>(most));
    TIFFOpenOptionsSetErrorHandlerExtR(options.get(), onError, &file);
    TIFFOpenOptionsSetWarningHandlerExtR(options.get(), onWarning, &file);
    return TIFFClientOpenExt(
        "", "rm", &file, onRead, onWrite, onSeek, onClose, onSize, nullptr, nullptr, options.get());
}

} // namespace crossiter::detail
