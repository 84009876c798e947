#include "core/base/OutputGuard.h"

#include "core/base/Error.h"
#include "core/base/Json.h"
#include "core/base/RegularFile.h"
#include "core/base/SafeText.h"

#include <array>
#include <span>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kUsualNameBytes = 255;
constexpr const char* kProvenance = ".provenance.json";
constexpr std::size_t kHead = 4096; ///< bytes that tell text from the rest

fs::path folderOf(const fs::path& file)
{
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

/// The longest name in the folder, or in the first one above it that is there.
std::size_t longestName(fs::path folder)
{
    for (;;) {
        const long bytes = ::pathconf(folder.c_str(), _PC_NAME_MAX);
        if (bytes > 0)
            return static_cast<std::size_t>(bytes);
        const fs::path above = folder.parent_path();
        if (above.empty() || above == folder)
            return kUsualNameBytes;
        folder = above;
    }
}

/// The file's first bytes; nothing of one that cannot be read.
std::string headOf(const fs::path& file)
{
    try {
        const RegularFile open(file);
        std::string head(kHead, '\0');
        head.resize(open.read(std::span(reinterpret_cast<std::uint8_t*>(head.data()), kHead)));
        return head;
    } catch (const Error&) {
        return {};
    }
}

/// UTF-8 without NUL bytes; the last character may be cut by the end of the head.
bool isText(std::string_view head)
{
    const bool cut = head.size() == kHead;
    while (!head.empty()) {
        const std::size_t left = head.size();
        const auto character = takeCharacter(head);
        if (!character)
            return cut && left < 4;
        if (*character == 0)
            return false;
    }
    return true;
}

bool isPicture(std::string_view head)
{
    if (isText(head))
        return false; // "BMW.png,5" begins as a bitmap does
    constexpr std::array<std::string_view, 8> kStarts { "\x89PNG", "\xFF\xD8\xFF", "GIF8", "BM",
        "II*", "MM", "RIFF", "\xFF\x0A" };
    for (const std::string_view start : kStarts)
        if (head.starts_with(start))
            return true;
    return head.size() > 11 && head.substr(4, 4) == "ftyp"; // HEIC, AVIF
}

/// Results are PNGs, and their provenance names them; one that cannot be read is left alone.
bool explains(const fs::path& provenance, const fs::path& picture)
{
    std::error_code fault;
    if (picture.extension() != ".png" || !fs::is_regular_file(provenance, fault))
        return false;
    try {
        const Json json = readJsonFile(provenance, kTraceJson);
        return !json.is_object() || memberText(json, "exported") == picture.filename().string();
    } catch (const Error&) {
        return true;
    }
}

[[noreturn]] void refuse(const std::string& what, const fs::path& file, const std::string& expected,
    const std::string& found)
{
    throw Error(ErrorKind::BadInput, what, file.string(), expected, found);
}

} // namespace

bool OutputGuard::identify(const fs::path& file, Identity& identity)
{
    struct stat status = {};
    if (::stat(file.c_str(), &status) != 0)
        return false;
    identity = { status.st_dev, status.st_ino };
    return true;
}

void OutputGuard::addInput(const fs::path& file, const std::string& what)
{
    Identity identity;
    if (file.empty() || !identify(file, identity))
        return;
    m_inputs.try_emplace(identity, Input { file, what });
    if (identify(folderOf(file), identity))
        m_inputFolders.insert(identity);
}

void OutputGuard::addPicture(const fs::path& picture, const std::string& what)
{
    constexpr const char* kOfPicture = "the input's provenance";
    if (picture.empty())
        return;
    addInput(picture, what);
    addInput(picture.string() + kProvenance, kOfPicture);
    const fs::path ofResult = picture.parent_path() / (picture.stem().string() + kProvenance);
    if (explains(ofResult, picture))
        addInput(ofResult, kOfPicture);
}

void OutputGuard::addInputFolder(const fs::path& folder, const std::string& what,
    const std::function<bool(const std::string& name)>& read)
{
    std::error_code fault;
    fs::directory_iterator entry(folder, fault);
    for (const fs::directory_iterator end; !fault && entry != end; entry.increment(fault)) {
        std::error_code ignored;
        if (entry->is_regular_file(ignored) && (!read || read(entry->path().filename().string())))
            addInput(entry->path(), what);
    }
}

void OutputGuard::addOutput(const fs::path& file, OutputKind kind, const fs::path& ownedBy)
{
    m_outputs.push_back({ file, kind, ownedBy });
}

void OutputGuard::addOutputFolder(const fs::path& folder,
    const std::function<bool(const std::string& name)>& written,
    const std::function<fs::path(const std::string& name)>& ownedBy)
{
    std::error_code fault;
    fs::directory_iterator entry(folder, fault);
    for (const fs::directory_iterator end; !fault && entry != end; entry.increment(fault)) {
        const std::string name = entry->path().filename().string();
        if (written(name))
            m_found.push_back(
                { entry->path(), OutputKind::Any, ownedBy ? ownedBy(name) : fs::path() });
    }
}

void OutputGuard::checkOne(const Output& output) const
{
    std::error_code fault;
    const fs::file_status status = fs::status(output.file, fault);
    if (!fs::exists(status))
        return;
    if (!fs::is_regular_file(status))
        refuse("the result is a file", output.file, "a name that is free, or a file's",
            fs::is_directory(status) ? "a folder" : "a pipe or device");
    Identity identity;
    if (!identify(output.file, identity))
        return;
    if (const auto input = m_inputs.find(identity); input != m_inputs.end()) {
        const std::string what = input->second.what.empty() ? "the input" : input->second.what;
        refuse("the result would replace an input", output.file, "another place for the result",
            what + " " + input->second.file.string());
    }
    const bool owned = output.ownedBy.empty() || fs::exists(output.ownedBy, fault);
    if (output.kind == OutputKind::Any && owned)
        return;
    const std::string head = headOf(output.file);
    if (output.kind == OutputKind::Text && !isText(head))
        refuse("the result would replace a file of another kind", output.file,
            "a name that is free, or an older result's",
            isPicture(head) ? "a picture" : "a binary file");
    const bool besideInputs =
        identify(folderOf(output.file), identity) && m_inputFolders.count(identity) > 0;
    if (!owned && besideInputs && isPicture(head))
        refuse("the result would replace a picture beside the input", output.file,
            "another output folder", "a picture without " + output.ownedBy.filename().string());
}

void OutputGuard::check() const
{
    std::map<fs::path, fs::path> folders; // as spelt -> as it is
    std::set<fs::path> seen;
    for (const Output& output : m_outputs) {
        requireFileName(output.file);
        const fs::path folder = folderOf(output.file);
        auto known = folders.find(folder);
        if (known == folders.end()) {
            std::error_code fault;
            const fs::path whole = fs::weakly_canonical(folder, fault);
            known = folders.emplace(folder, fault ? folder : whole).first;
        }
        if (!seen.insert(known->second / output.file.filename()).second)
            refuse("two results would have one name", output.file, "names that differ",
                "the same name twice");
        checkOne(output);
    }
    for (const Output& output : m_found)
        checkOne(output);
}

void requireFileName(const fs::path& file, const fs::path& source)
{
    const std::string name = file.filename().string();
    const std::size_t most = longestName(folderOf(file));
    if (name.size() > most)
        refuse("the name of the result would be too long", source.empty() ? file : source,
            "at most " + std::to_string(most) + " bytes for a file's name",
            std::to_string(name.size()) + " for " + name);
}

} // namespace crossiter
