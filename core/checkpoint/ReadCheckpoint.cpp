#include "core/checkpoint/ReadCheckpoint.h"

#include "core/base/Archive.h"
#include "core/base/Error.h"
#include "core/base/MappedFile.h"
#include "core/checkpoint/KeyMap.h"
#include "core/checkpoint/OtherFiles.h"
#include "core/checkpoint/PthArchive.h"
#include "core/checkpoint/PthReader.h"
#include "core/checkpoint/Safetensors.h"
#include "core/checkpoint/TfCheckpointReader.h"
#include "core/checkpoint/TfTable.h"

#include <algorithm>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

using Bytes = std::span<const std::uint8_t>;

[[noreturn]] void fail(const std::string& what, const std::string& place,
    const std::string& expected = {}, const std::string& found = {})
{
    throw Error(ErrorKind::BadInput, what, place, expected, found);
}

bool startsWith(Bytes bytes, std::initializer_list<std::uint8_t> signature)
{
    return bytes.size() >= signature.size()
        && std::equal(signature.begin(), signature.end(), bytes.begin());
}

bool isGzip(Bytes bytes)
{
    return startsWith(bytes, { 0x1F, 0x8B });
}

/// A program keeps its code and constants beside the tensors.
bool isProgram(Bytes bytes, const std::string& place)
{
    const detail::PthArchive archive(bytes, place);
    const auto code = archive.members().lower_bound("code/");
    return archive.members().contains("constants.pkl")
        || (code != archive.members().end() && code->first.starts_with("code/"));
}

/// V2's index when `path` is the prefix of one; else the path itself.
fs::path fileOf(const fs::path& path)
{
    std::error_code fault;
    const fs::path index = path.string() + ".index";
    return !fs::exists(path, fault) && fs::exists(index, fault) ? index : path;
}

std::string baseName(const std::string& name)
{
    return name.substr(name.rfind('/') + 1);
}

/// Not the graph, the notes and the like that lie beside a checkpoint's values.
bool holdsValues(const std::string& name)
{
    const std::string base = baseName(name);
    return base.ends_with(".index") || base.find(".data-") != std::string::npos
        || (base.find(".ckpt") != std::string::npos && !base.ends_with(".meta")
            && !base.ends_with(".pbtxt"));
}

std::string namesOf(const std::vector<const ArchiveMember*>& members)
{
    std::string text;
    for (const ArchiveMember* member : members)
        text += (text.empty() ? "" : ", ") + member->name;
    return text.empty() ? "none" : text;
}

StateDict readArchive(Bytes bytes, const std::string& place)
{
    const auto members =
        std::make_shared<std::vector<ArchiveMember>>(readTar(bytes, place, holdsValues));
    std::vector<const ArchiveMember*> tables;
    for (const ArchiveMember& member : *members)
        if (baseName(member.name).find(".data-") == std::string::npos
            && detail::endsLikeTable(member.bytes))
            tables.push_back(&member);
    if (tables.size() != 1)
        fail("archive without one checkpoint", place, "one TensorFlow checkpoint", namesOf(tables));
    const ArchiveMember& table = *tables.front();
    const std::string where = place + ", " + table.name;
    if (!isTfIndex(table.bytes, where))
        return readTfV1(table.bytes, where);
    const std::string prefix = table.name.substr(0, table.name.size() - 6); // without ".index"
    return readTfV2(
        table.bytes,
        [&](int number, int count) -> Bytes {
            const std::string name = tfShardName(prefix, number, count);
            for (const ArchiveMember& member : *members)
                if (member.name == name)
                    return member.bytes;
            fail("shard missing in the archive", place, name, "no such file");
        },
        members, where);
}

/// Told by content, not by name; what is none of the four is said (OtherFiles.h).
CheckpointFormat checkpointFormat(const fs::path& path)
{
    const fs::path file = fileOf(path);
    refuseByName(file);
    const auto mapped = MappedFile::open(file);
    const Bytes bytes = mapped->bytes();
    if (startsWith(bytes, { 'P', 'K' })) {
        refuseOtherZip(bytes, file);
        return isProgram(bytes, file.string()) ? CheckpointFormat::TorchScript
                                               : CheckpointFormat::Pth;
    }
    if (isGzip(bytes) || detail::endsLikeTable(bytes))
        return CheckpointFormat::TensorFlow;
    // A safetensors file begins with the header's length, below 4 GB, and its opening brace.
    const bool brace = bytes.size() > 8 && bytes[8] == '{';
    if (brace && std::all_of(bytes.begin() + 4, bytes.begin() + 8, [](auto b) { return b == 0; }))
        return CheckpointFormat::Safetensors;
    refuseByContent(bytes, file);
    if (brace || file.extension() == ".safetensors")
        return CheckpointFormat::Safetensors; // the reader says what is wrong
    if (startsWith(bytes, { 0x80 }))
        return CheckpointFormat::Pth;
    fail("not a checkpoint", file.string(), kWantedWeights,
        bytes.empty() ? "an empty file, 0 bytes" : "other bytes");
}

} // namespace

const char* nameOf(CheckpointFormat format) noexcept
{
    switch (format) {
    case CheckpointFormat::Safetensors:
        return "safetensors";
    case CheckpointFormat::Pth:
        return "PyTorch state dict";
    case CheckpointFormat::TensorFlow:
        return "TensorFlow checkpoint";
    case CheckpointFormat::TorchScript:
        break;
    }
    return "TorchScript program";
}

CheckpointFormat checkHeader(const fs::path& path)
{
    const fs::path file = fileOf(path);
    const CheckpointFormat format = checkpointFormat(file);
    switch (format) {
    case CheckpointFormat::Safetensors:
        (void)readSafetensors(file); // maps the tensors, and reads none
        break;
    case CheckpointFormat::Pth:
        checkPthHeader(file);
        break;
    case CheckpointFormat::TensorFlow: {
        const auto mapped = MappedFile::open(file);
        if (isGzip(mapped->bytes()))
            checkTarHeader(mapped->bytes(), file.string());
        else
            checkTfHeader(file);
        break;
    }
    case CheckpointFormat::TorchScript: // its members were listed
        break;
    }
    return format;
}

StateDict readCheckpoint(const fs::path& path, const std::string& architecture)
{
    const fs::path file = fileOf(path);
    switch (checkpointFormat(file)) {
    case CheckpointFormat::Safetensors:
        return readSafetensors(file);
    case CheckpointFormat::Pth:
        return readPth(file);
    case CheckpointFormat::TorchScript:
        fail("a program, not weights", file.string(), "safetensors or a state dict",
            "TorchScript: models import FILE --architecture torchscript --as ID --trust runs it");
    case CheckpointFormat::TensorFlow:
        break;
    }
    const auto mapped = MappedFile::open(file);
    const std::string place = file.string();
    const StateDict variables =
        isGzip(mapped->bytes()) ? readArchive(mapped->bytes(), place) : readTfCheckpoint(file);
    return mapTfVariables(variables, architecture, place);
}

} // namespace crossiter
