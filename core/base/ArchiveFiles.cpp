#include "core/base/ArchiveFiles.h"

#include "core/base/ArchiveReason.h"
#include "core/base/ByteCount.h"
#include "core/base/Download.h"
#include "core/base/Error.h"
#include "core/base/RegularFile.h"

#include <algorithm>
#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <fcntl.h>
#include <functional>
#include <memory>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <vector>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kPiece = 1U << 18U;
constexpr std::uint64_t kFreeBytes = 64ULL << 20U; // a ratio says nothing of small files
constexpr std::int64_t kTimeOfAll = 315532800; // 1980-01-01, the first that zip knows

[[noreturn]] void fail(const std::string& what, const std::string& place,
    const std::string& expected = {}, const std::string& found = {})
{
    throw Error(ErrorKind::BadInput, what, place, expected, found);
}

/// A member's name as folders and a file name; throws for one that would leave the folder.
std::vector<std::string> partsOf(const std::string& name, const std::string& place)
{
    const auto refuse = [&] {
        fail("name that leaves the archive's folder", place, "a relative name without ..", name);
    };
    if (name.empty() || name.front() == '/' || name.find('\\') != std::string::npos)
        refuse();
    std::vector<std::string> parts;
    for (std::size_t from = 0; from <= name.size();) {
        const std::size_t to = std::min(name.find('/', from), name.size());
        const std::string part = name.substr(from, to - from);
        if (part == "..")
            refuse();
        if (!part.empty() && part != ".")
            parts.push_back(part);
        from = to + 1;
    }
    return parts;
}

class Unpacker
{
public:
    Unpacker(fs::path archive, fs::path folder, const UnpackLimits& limits)
        : m_handle(archive_read_new(), archive_read_free)
        , m_archive(std::move(archive))
        , m_folder(std::move(folder))
        , m_place(m_archive.string())
        , m_limits(limits)
    {
        if (!archiveKindOf(m_archive))
            fail("not an archive of a known kind", m_place,
                "a name ending in .zip, .tar or .tar.gz", m_archive.filename().string());
        m_packed = RegularFile(m_archive).size();
        if (m_packed > limits.packedBytes) {
            const SizeTexts sizes = sizeTexts(limits.packedBytes, m_packed);
            fail("archive too large", m_place, "at most " + sizes.limit, sizes.found);
        }
        open();
    }

    Unpacked run(const ProgressSink& progress, const std::stop_token& stop)
    {
        survey(stop);
        std::size_t members = 0;
        for (archive_entry* entry = next(); entry != nullptr; entry = next()) {
            if (++members > m_limits.members)
                failTooMany();
            requireAtMost(m_result.bytes + announcedBy(entry));
            take(entry, progress, stop);
            if (stop.stop_requested()) {
                m_result.cancelled = true;
                break;
            }
        }
        if (members == 0)
            fail("damaged archive", m_place, "files inside", "nothing");
        return m_result;
    }

private:
    [[nodiscard]] std::string reason() const { return archiveReason(m_handle.get()); }

    void open()
    {
        m_handle.reset(archive_read_new());
        const bool zip = archiveKindOf(m_archive) == ArchiveKind::Zip;
        const int format = zip ? archive_read_support_format_zip(m_handle.get())
                               : archive_read_support_format_tar(m_handle.get());
        if (format != ARCHIVE_OK || archive_read_support_filter_gzip(m_handle.get()) != ARCHIVE_OK)
            throw Error(ErrorKind::Internal, "cannot start libarchive", m_place);
        if (archive_read_open_filename(m_handle.get(), m_archive.c_str(), kPiece) != ARCHIVE_OK)
            fail("damaged archive", m_place, "a .zip, .tar or .tar.gz file", reason());
    }

    /// Adds up what the headers announce, before anything is made: they are found without
    /// unpacking, but for those of a .tar.gz, where every member is looked at when it comes.
    void survey(const std::stop_token& stop)
    {
        if (archiveKindOf(m_archive) == ArchiveKind::TarGz) {
            requireSpace(m_folder, m_packed);
            return;
        }
        std::size_t members = 0;
        std::uint64_t announced = 0;
        for (archive_entry* entry = next(); entry != nullptr && !stop.stop_requested();
             entry = next()) {
            if (++members > m_limits.members)
                failTooMany();
            announced += announcedBy(entry);
            requireAtMost(announced);
        }
        requireSpace(m_folder, announced);
        open(); // from the beginning
    }

    [[nodiscard]] std::uint64_t announcedBy(archive_entry* entry) const
    {
        const la_int64_t size =
            archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : 0;
        if (size < 0 || static_cast<std::uint64_t>(size) > m_limits.unpackedBytes)
            failTooMuch(m_limits.unpackedBytes);
        return static_cast<std::uint64_t>(size);
    }

    void requireAtMost(std::uint64_t bytes) const
    {
        const std::uint64_t most =
            std::min(m_limits.unpackedBytes, kFreeBytes + m_packed * m_limits.ratio);
        if (bytes > most)
            failTooMuch(most);
    }

    [[noreturn]] void failTooMuch(std::uint64_t most) const
    {
        fail("archive unpacks to too much", m_place, "at most " + sizeText(most), "more");
    }

    [[noreturn]] void failTooMany() const
    {
        fail("too many files in the archive", m_place,
            "at most " + std::to_string(m_limits.members));
    }

    /// Zeros pack a thousand times: they show long before the whole archive is read.
    void requireRatio() const
    {
        const auto packed = static_cast<std::uint64_t>(archive_filter_bytes(m_handle.get(), -1));
        if (m_result.bytes > kFreeBytes + packed * m_limits.ratio)
            failTooMuch(kFreeBytes + packed * m_limits.ratio);
    }

    archive_entry* next()
    {
        archive_entry* entry = nullptr;
        const int code = archive_read_next_header(m_handle.get(), &entry);
        if (code == ARCHIVE_EOF)
            return nullptr;
        if (code != ARCHIVE_OK && code != ARCHIVE_WARN)
            fail("damaged archive", m_place, "a .zip, .tar or .tar.gz file", reason());
        return entry;
    }

    void take(archive_entry* entry, const ProgressSink& progress, const std::stop_token& stop)
    {
        const char* text = archive_entry_pathname(entry);
        const std::string name = text == nullptr ? "" : text;
        const std::vector<std::string> parts = partsOf(name, m_place);
        const bool link =
            archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr;
        const bool folder = archive_entry_filetype(entry) == AE_IFDIR;
        if (link || (!folder && archive_entry_filetype(entry) != AE_IFREG))
            fail("neither file nor folder in the archive", m_place + ", " + name,
                "regular files only", "a link or a device");
        if (parts.empty()) {
            if (!folder)
                fail("name that leaves the archive's folder", m_place, "a file name", name);
            return; // "./"
        }
        // No link was made in there, so that what is walked here stays below the folder.
        fs::path target = m_folder;
        for (std::size_t i = 0; i + (folder ? 0 : 1) < parts.size(); ++i) {
            target /= parts[i];
            if (::mkdir(target.c_str(), 0777) != 0 && (errno != EEXIST || !isFolder(target)))
                fail("cannot unpack a folder", m_place + ", " + name, "a new folder",
                    systemReason(errno));
        }
        if (folder)
            return;
        if (archiveKindOf(m_archive) == ArchiveKind::TarGz)
            requireSpace(m_folder, announcedBy(entry));
        const bool runs = (archive_entry_perm(entry) & 0111U) != 0;
        writeFile(target / parts.back(), name, runs ? 0777 : 0666, progress, stop);
    }

    static bool isFolder(const fs::path& path)
    {
        struct stat status = {};
        return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    }

    void writeFile(const fs::path& target, const std::string& name, mode_t mode,
        const ProgressSink& progress, const std::stop_token& stop)
    {
        const int descriptor =
            ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (descriptor < 0) {
            if (errno == EEXIST)
                fail("file twice in the archive", m_place + ", " + name, "each once");
            fail("cannot unpack a file", m_place + ", " + name, "a writable place",
                systemReason(errno));
        }
        const std::unique_ptr<const int, void (*)(const int*)> closer(
            &descriptor, [](const int* open) { ::close(*open); });
        ++m_result.files;
        std::vector<std::uint8_t> piece(kPiece);
        while (!stop.stop_requested()) {
            const auto got = archive_read_data(m_handle.get(), piece.data(), piece.size());
            if (got == 0)
                return;
            if (got < 0)
                fail("damaged archive", m_place + ", " + name, "the file's bytes", reason());
            m_result.bytes += static_cast<std::uint64_t>(got);
            requireAtMost(m_result.bytes);
            requireRatio();
            for (std::size_t done = 0; done < static_cast<std::size_t>(got);) {
                const ssize_t wrote =
                    ::write(descriptor, piece.data() + done, static_cast<std::size_t>(got) - done);
                if (wrote < 0 && errno != EINTR)
                    fail("cannot unpack a file", m_place + ", " + name, "room on the disk",
                        systemReason(errno));
                done += wrote > 0 ? static_cast<std::size_t>(wrote) : 0;
            }
            if (progress)
                progress({ "unpacking " + name,
                    static_cast<std::size_t>(archive_filter_bytes(m_handle.get(), -1)),
                    static_cast<std::size_t>(m_packed), -1.0 });
        }
    }

    std::unique_ptr<archive, decltype(&archive_read_free)> m_handle;
    fs::path m_archive;
    fs::path m_folder;
    std::string m_place;
    UnpackLimits m_limits;
    std::uint64_t m_packed = 0;
    Unpacked m_result;
};

struct PackedFile
{
    std::string name; ///< relative, "/" between folders
    fs::path path;
    std::uint64_t bytes = 0;
    bool runs = false;
};

std::vector<PackedFile> filesOf(const fs::path& folder)
{
    std::vector<PackedFile> files;
    std::error_code fault;
    fs::recursive_directory_iterator walk(folder, fault);
    for (const fs::recursive_directory_iterator end; !fault && walk != end; walk.increment(fault)) {
        struct stat status = {};
        if (::lstat(walk->path().c_str(), &status) != 0 || S_ISDIR(status.st_mode))
            continue;
        if (!S_ISREG(status.st_mode))
            fail("neither file nor folder", walk->path().string(), "regular files only");
        files.push_back({ walk->path().lexically_relative(folder).generic_string(), walk->path(),
            static_cast<std::uint64_t>(status.st_size), (status.st_mode & 0100U) != 0 });
    }
    if (fault)
        fail("cannot read the folder", folder.string(), "a readable folder", fault.message());
    std::ranges::sort(files, {}, &PackedFile::name);
    return files;
}

class Packer
{
public:
    Packer(const fs::path& archive, ArchiveKind kind)
        : m_handle(archive_write_new(), archive_write_free)
        , m_place(archive.string())
    {
        struct archive* handle = m_handle.get();
        const auto require = [this](int code) {
            if (code != ARCHIVE_OK)
                fail("cannot write the archive", m_place, {}, archiveReason(m_handle.get()));
        };
        if (kind == ArchiveKind::Zip) {
            require(archive_write_set_format_zip(handle));
            require(archive_write_set_format_option(handle, "zip", "compression-level", "1"));
        } else {
            require(archive_write_set_format_pax_restricted(handle));
            if (kind == ArchiveKind::TarGz) {
                require(archive_write_add_filter_gzip(handle));
                require(archive_write_set_filter_option(handle, "gzip", "compression-level", "1"));
                require(archive_write_set_filter_option(handle, "gzip", "timestamp", nullptr));
            }
        }
        require(archive_write_open_filename(handle, archive.c_str()));
    }

    /// False when stopped.
    bool add(const PackedFile& file, const std::string& name,
        const std::function<void(std::uint64_t)>& onBytes, const std::stop_token& stop)
    {
        const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(
            archive_entry_new(), archive_entry_free);
        archive_entry_set_pathname(entry.get(), name.c_str());
        archive_entry_set_size(entry.get(), static_cast<la_int64_t>(file.bytes));
        archive_entry_set_filetype(entry.get(), AE_IFREG);
        archive_entry_set_perm(entry.get(), file.runs ? 0755 : 0644);
        archive_entry_set_mtime(entry.get(), kTimeOfAll, 0);
        if (archive_write_header(m_handle.get(), entry.get()) != ARCHIVE_OK)
            fail("cannot write the archive", m_place + ", " + name, {},
                archiveReason(m_handle.get()));
        const RegularFile source(file.path);
        std::vector<std::uint8_t> piece(kPiece);
        std::uint64_t done = 0;
        for (std::size_t got = source.read(piece); got > 0; got = source.read(piece)) {
            if (stop.stop_requested())
                return false;
            if (archive_write_data(m_handle.get(), piece.data(), got)
                != static_cast<la_ssize_t>(got))
                fail("cannot write the archive", m_place + ", " + name, "room on the disk",
                    archiveReason(m_handle.get()));
            done += got;
            onBytes(got);
        }
        if (done != file.bytes)
            fail("file changed while it was read", file.path.string(),
                std::to_string(file.bytes) + " bytes", std::to_string(done));
        return true;
    }

    void close()
    {
        if (archive_write_close(m_handle.get()) != ARCHIVE_OK)
            fail("cannot write the archive", m_place, "room on the disk",
                archiveReason(m_handle.get()));
    }

private:
    std::unique_ptr<archive, decltype(&archive_write_free)> m_handle;
    std::string m_place;
};

/// Removes a file that was not finished.
class Unfinished
{
public:
    explicit Unfinished(fs::path path)
        : m_path(std::move(path))
    {
    }
    ~Unfinished()
    {
        if (!m_path.empty())
            ::unlink(m_path.c_str());
    }
    Unfinished(const Unfinished&) = delete;
    Unfinished& operator=(const Unfinished&) = delete;
    Unfinished(Unfinished&&) = delete;
    Unfinished& operator=(Unfinished&&) = delete;

    void renameTo(const fs::path& target)
    {
        if (::rename(m_path.c_str(), target.c_str()) != 0)
            fail("cannot write the archive", target.string(), "a writable place",
                systemReason(errno));
        m_path.clear();
    }

private:
    fs::path m_path;
};

} // namespace

std::optional<ArchiveKind> archiveKindOf(const fs::path& path)
{
    const std::string name = path.filename().string();
    if (name.ends_with(".zip"))
        return ArchiveKind::Zip;
    if (name.ends_with(".tar"))
        return ArchiveKind::Tar;
    if (name.ends_with(".tar.gz"))
        return ArchiveKind::TarGz;
    return std::nullopt;
}

Unpacked unpackArchive(const fs::path& archive, const fs::path& folder, const UnpackLimits& limits,
    const ProgressSink& progress, std::stop_token stop)
{
    return Unpacker(archive, folder, limits).run(progress, stop);
}

bool packFolder(const fs::path& folder, const std::string& top, const fs::path& archive,
    ArchiveKind kind, const ProgressSink& progress, std::stop_token stop)
{
    const std::vector<PackedFile> files = filesOf(folder);
    std::uint64_t total = 0;
    for (const PackedFile& file : files)
        total += file.bytes;
    fs::path temporary = archive;
    temporary.replace_filename("." + archive.filename().string() + ".crossiter-tmp");
    Unfinished unfinished(temporary);
    Packer packer(temporary, kind);
    std::uint64_t done = 0;
    for (const PackedFile& file : files) {
        const std::string name = top.empty() ? file.name : top + "/" + file.name;
        const auto onBytes = [&](std::uint64_t bytes) {
            done += bytes;
            if (progress)
                progress({ "packing " + name, static_cast<std::size_t>(done),
                    static_cast<std::size_t>(total), -1.0 });
        };
        if (!packer.add(file, name, onBytes, stop))
            return false;
    }
    packer.close();
    unfinished.renameTo(archive);
    return true;
}

} // namespace crossiter
