#include "core/checkpoint/OtherFiles.h"

#include "core/base/Error.h"
#include "core/base/FileSignature.h"
#include "core/base/MappedFile.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kLookedAt = 4096; // bytes from the beginning
constexpr std::size_t kMostEntries = 10'000; // of a folder

[[noreturn]] void fail(const fs::path& file, const std::string& instead, const std::string& what)
{
    throw Error(ErrorKind::BadInput, "not a checkpoint", file.string(), instead, what);
}

std::string_view beginning(std::span<const std::uint8_t> bytes)
{
    return { reinterpret_cast<const char*>(bytes.data()), std::min(bytes.size(), kLookedAt) };
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
        [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

/// PREFIX of "PREFIX.data-00000-of-00001".
std::optional<std::string> shardPrefix(const std::string& name)
{
    static const std::regex kShard(R"((.+)\.data-\d+-of-\d+)");
    std::smatch parts;
    return std::regex_match(name, parts, kShard) ? std::optional(parts[1].str()) : std::nullopt;
}

/// What in a folder could have been meant, by name: its best file.
std::optional<std::string> weightsIn(const fs::path& folder)
{
    // Earlier endings are better.
    constexpr std::array<std::string_view, 7> kEndings { ".safetensors", ".pth", ".pt", ".bin",
        ".index", ".ckpt", ".tar.gz" };
    std::vector<std::string> best(kEndings.size());
    std::error_code fault;
    std::size_t seen = 0;
    for (fs::directory_iterator entry(folder, fault), end;
         !fault && entry != end && ++seen < kMostEntries; entry.increment(fault)) {
        const std::string name = entry->path().filename().string();
        for (std::size_t i = 0; i < kEndings.size(); ++i)
            if (name.ends_with(kEndings.at(i)) && (best[i].empty() || name < best[i]))
                best[i] = name;
    }
    for (const std::string& name : best)
        if (!name.empty())
            return name;
    return std::nullopt;
}

[[noreturn]] void failFolder(const fs::path& folder)
{
    std::error_code fault;
    const bool savedModel = fs::exists(folder / "saved_model.pb", fault);
    const fs::path variables = savedModel ? folder / "variables" : folder;
    const auto file = weightsIn(variables);
    fail(folder, file ? "the file in it, " + (variables / *file).string() : kWantedWeights,
        savedModel ? "a folder, a SavedModel of TensorFlow" : "a folder");
}

/// Bytes of a text, UTF-8 or Latin.
bool isText(std::string_view begin)
{
    return !begin.empty()
        && std::all_of(
            begin.begin(), begin.end(),
            [](unsigned char c) {
                return c >= 0x20 || c == '\n' || c == '\r' || c == '\t' || c == '\f';
            });
}

struct Signature
{
    std::size_t offset;
    std::string_view bytes;
    const char* what;
    const char* instead;
};

constexpr const char* kExport =
    "the weights saved by torch.save(model.state_dict()) or as safetensors";
constexpr const char* kUnpack = "the weights in it, unpacked";
constexpr std::array kSignatures {
    Signature { 0, "\x89HDF\r\n\x1a\n", "an HDF5 file of Keras or MATLAB",
        "the same weights as safetensors, or a TensorFlow checkpoint" },
    Signature { 512, "\x89HDF\r\n\x1a\n", "an HDF5 file of MATLAB", kExport },
    Signature { 0, "GGUF", "a GGUF file", kExport },
    Signature { 4, "TFL3", "a TensorFlow Lite file", "the TensorFlow checkpoint it was made of" },
    Signature { 0, "\x89PNG", "a PNG picture", kWantedWeights },
    Signature { 0, "\xFF\xD8\xFF", "a JPEG picture", kWantedWeights },
    Signature { 0,
        "\x7F"
        "ELF",
        "a program", kWantedWeights },
};

void refuseKnown(KnownFile known, const fs::path& file)
{
    switch (known) {
    case KnownFile::GitLfsPointer:
        fail(file, "the file itself: 'git lfs pull' in its folder, or a download of it",
            "a Git LFS pointer, not the file itself");
    case KnownFile::HtmlPage:
        fail(file, "the file itself, by its address for downloads", "an HTML page");
    case KnownFile::NumPyArray:
        fail(file, kExport, "an array of NumPy");
    case KnownFile::PdfDocument:
        fail(file, kWantedWeights, "a PDF document");
    case KnownFile::SevenZip:
        fail(file, kUnpack, "a 7-Zip archive");
    case KnownFile::Rar:
        fail(file, kUnpack, "a RAR archive");
    case KnownFile::Xz:
        fail(file, kUnpack, "an xz archive");
    case KnownFile::Bzip2:
        fail(file, kUnpack, "a bzip2 archive");
    case KnownFile::Zstd:
        fail(file, kUnpack, "a zstd archive");
    case KnownFile::Tar:
        fail(file, "the weights in it, unpacked, or a .tar.gz", "a .tar archive");
    case KnownFile::Zip: // those two are read
    case KnownFile::Gzip:
        break;
    }
}

/// A protocol buffer's first fields: of ONNX the version and a text (who wrote it, or its graph).
bool looksLikeOnnx(std::string_view begin)
{
    const auto byte = [&](std::size_t at) {
        return at < begin.size() ? static_cast<unsigned char>(begin[at]) : 0U;
    };
    if (byte(0) != 0x08 || byte(1) == 0 || byte(1) > 0x7F)
        return false;
    return byte(2) == 0x12 || byte(2) == 0x1A || byte(2) == 0x22 || byte(2) == 0x3A
        || byte(2) == 0x42;
}

/// What a note names: the newest checkpoint, as a prefix.
std::optional<fs::path> namedIn(std::string_view text)
{
    static const std::regex kPath(R"re(model_checkpoint_path:\s*"([^"]*)")re");
    std::match_results<std::string_view::const_iterator> parts;
    if (!std::regex_search(text.begin(), text.end(), parts, kPath))
        return std::nullopt;
    return fs::path(parts[1].str());
}

[[noreturn]] void failNote(const fs::path& file, std::string_view text)
{
    const fs::path prefix = namedIn(text).value_or("PREFIX.index");
    fail(file, "the checkpoint that it names, " + (file.parent_path() / prefix).string(),
        "the note 'checkpoint' beside TensorFlow's checkpoints");
}

[[noreturn]] void failJson(const fs::path& file, std::string_view text)
{
    if (text.find("\"weight_map\"") != std::string_view::npos
        || lower(file.filename().string()).ends_with(".index.json"))
        fail(file, "all weights in one file: load the model and save its state dict",
            "the index of weights in several files");
    fail(file, kWantedWeights, "a JSON text, such as a network's configuration");
}

void refuseText(std::string_view begin, const fs::path& file)
{
    if (begin.find("model_checkpoint_path:") < 200)
        failNote(file, begin);
    const std::size_t first = begin.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (!isText(begin) || first == std::string_view::npos)
        return;
    if (begin[first] == '{' || begin[first] == '[')
        failJson(file, begin);
    if (begin[first] == '<')
        fail(file, "the file itself, by its address for downloads", "an XML text");
    if (lower(file.extension().string()) == ".pbtxt")
        fail(file, "the checkpoint beside it, NAME.index or NAME.ckpt",
            "a TensorFlow graph as text, without weights");
    fail(file, kWantedWeights, "a text");
}

bool isFile(const fs::path& path)
{
    std::error_code fault;
    return fs::is_regular_file(path, fault);
}

/// The checkpoint of this prefix: the index of V2, else V1's one file.
std::optional<fs::path> checkpointOf(const fs::path& prefix)
{
    const fs::path index = prefix.string() + ".index";
    if (isFile(index))
        return index;
    return isFile(prefix) ? std::optional(prefix) : std::nullopt;
}

/// What the note names, looked for beside it: the path in it is the training machine's.
std::optional<fs::path> besideNote(const fs::path& note)
{
    if (!isFile(note))
        return std::nullopt;
    const auto mapped = MappedFile::open(note);
    const std::optional<fs::path> named = namedIn(beginning(mapped->bytes()));
    return named ? checkpointOf(note.parent_path() / named->filename()) : std::nullopt;
}

/// The TensorFlow checkpoints in a folder, by name.
std::vector<fs::path> checkpointsIn(const fs::path& folder)
{
    std::vector<fs::path> found;
    std::error_code fault;
    std::size_t seen = 0;
    for (fs::directory_iterator entry(folder, fault), end;
         !fault && entry != end && ++seen < kMostEntries; entry.increment(fault)) {
        const std::string name = entry->path().filename().string();
        if ((name.ends_with(".index") || name.ends_with(".ckpt")) && isFile(entry->path()))
            found.push_back(entry->path());
    }
    std::sort(found.begin(), found.end());
    return found;
}

fs::path inFolder(const fs::path& folder)
{
    if (const auto named = besideNote(folder / "checkpoint"))
        return *named;
    const std::vector<fs::path> found = checkpointsIn(folder);
    if (found.size() > 1) {
        std::string names;
        for (std::size_t i = 0; i < std::min<std::size_t>(found.size(), 8); ++i)
            names += (i == 0 ? "" : ", ") + found[i].filename().string();
        if (found.size() > 8)
            names += " (and " + std::to_string(found.size() - 8) + " more)";
        throw Error(ErrorKind::BadInput, "several checkpoints in the folder", folder.string(),
            "one of them", names);
    }
    return found.empty() ? folder : found.front();
}

} // namespace

fs::path weightsFile(const fs::path& path)
{
    std::error_code fault;
    if (fs::is_directory(path, fault))
        return inFolder(path);
    const std::string name = path.filename().string();
    std::optional<fs::path> found;
    if (!fs::exists(path, fault))
        found = checkpointOf(path);
    else if (const auto prefix = shardPrefix(name))
        found = checkpointOf(path.parent_path() / *prefix);
    else if (lower(path.extension().string()) == ".meta")
        found = checkpointOf(path.parent_path() / path.stem());
    else if (name == "checkpoint")
        found = besideNote(path);
    return found.value_or(path);
}

void refuseByName(const fs::path& file)
{
    std::error_code fault;
    if (fs::is_directory(file, fault))
        failFolder(file);
    const std::string name = file.filename().string();
    if (const auto prefix = shardPrefix(name); prefix && fs::exists(file, fault))
        fail(file, "its index, " + (file.parent_path() / (*prefix + ".index")).string(),
            "the values of a TensorFlow checkpoint, without their names");
    static const std::regex kPart(R"(.*-\d{5}-of-(\d{5})\.(safetensors|bin|pth|pt))");
    std::smatch parts;
    if (std::regex_match(name, parts, kPart) && parts[1] != "00001" && fs::exists(file, fault))
        fail(file, "all weights in one file: load the model and save its state dict",
            "one of " + std::to_string(std::stoi(parts[1])) + " files that hold them together");
    const std::string ending = lower(file.extension().string());
    if (ending == ".meta" && fs::exists(file, fault))
        fail(file, "the checkpoint beside it, " + (file.parent_path() / file.stem()).string(),
            "the graph of a TensorFlow checkpoint, without weights");
}

void refuseOtherZip(std::span<const std::uint8_t> bytes, const fs::path& file)
{
    constexpr std::size_t kLocalHeader = 30; // bytes before the first member's name
    const std::string_view begin = beginning(bytes);
    if (begin.size() < kLocalHeader)
        return;
    const std::size_t length =
        static_cast<unsigned char>(begin[26]) + 256U * static_cast<unsigned char>(begin[27]);
    const std::string first(begin.substr(kLocalHeader, length));
    const std::string ending = lower(file.extension().string());
    if (first.ends_with(".npy") || ending == ".npz")
        fail(file, kExport, "arrays of NumPy");
    if (first == "metadata.json" || first == "config.json" || first == "model.weights.h5"
        || ending == ".keras")
        fail(file, "the same weights as safetensors, or a TensorFlow checkpoint", "a Keras file");
    if (!first.empty() && first.find('/') == std::string::npos)
        fail(file, kUnpack, "a .zip archive, not one of torch.save");
}

void refuseByContent(std::span<const std::uint8_t> bytes, const fs::path& file)
{
    const std::string_view begin = beginning(bytes);
    const std::string ending = lower(file.extension().string());
    for (const Signature& one : kSignatures)
        if (begin.size() > one.offset && begin.substr(one.offset).starts_with(one.bytes))
            fail(file, one.instead, one.what);
    if (const auto known = recognise(bytes.first(std::min(bytes.size(), kLookedAt))))
        refuseKnown(*known, file);
    refuseText(begin, file);
    if (file.filename() == "saved_model.pb")
        fail(file, "the checkpoint beside it, variables/variables.index",
            "the graph of a SavedModel, without weights");
    if (ending == ".pb")
        fail(file, "the TensorFlow checkpoint it was made of", "a TensorFlow graph");
    if (ending == ".onnx" || looksLikeOnnx(begin))
        fail(file, kExport, "an ONNX network");
    if (ending == ".h5" || ending == ".hdf5")
        fail(file, kWantedWeights, "a damaged HDF5 file");
    // GraphDef: a node (field 1) that begins with its name (field 1).
    if (begin.size() > 4 && begin[0] == '\x0a' && (begin[2] == '\x0a' || begin[3] == '\x0a'))
        fail(file, "the TensorFlow checkpoint it was made of", "a TensorFlow graph");
}

} // namespace crossiter
