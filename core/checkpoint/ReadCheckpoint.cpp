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
#include <optional>

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
    const fs::path file = weightsFile(path);
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
    if (isArrayOfObjects(bytes))
        return CheckpointFormat::Arrays;
    refuseByContent(bytes, file);
    if (brace || file.extension() == ".safetensors")
        return CheckpointFormat::Safetensors; // the reader says what is wrong
    if (startsWith(bytes, { 0x80 }))
        return CheckpointFormat::Pth;
    fail("not a checkpoint", file.string(), kWantedWeights,
        bytes.empty() ? "an empty file, 0 bytes" : "other bytes");
}

PthFile openPth(const fs::path& file)
{
    const auto mapped = MappedFile::open(file);
    return { mapped->bytes(), mapped, file.string() };
}

std::string shownKey(const PthDict& dict)
{
    return dict.key.empty() ? "." : dict.key;
}

/// The dict that is meant: by its key, or the only one that is the network, or the nearest to it.
std::size_t chosenDict(const std::vector<PthDict>& dicts, const std::vector<Recognition>& found,
    const std::string& key, const std::string& place)
{
    std::string names;
    std::string fitting;
    std::size_t fits = 0;
    std::size_t best = 0;
    for (std::size_t i = 0; i < dicts.size(); ++i) {
        const std::string name = shownKey(dicts[i]);
        if (name == key)
            return i;
        names += (names.empty() ? "" : ", ") + name;
        const bool nearer = found[i].fits() == found[best].fits()
            ? found[i].tensors.size() > found[best].tensors.size()
            : found[i].fits();
        if (nearer)
            best = i;
        if (!found[i].fits())
            continue;
        ++fits;
        fitting += (fitting.empty() ? "" : ", ") + name;
    }
    if (!key.empty())
        fail("no such dict of tensors in the file", place, names, key);
    if (fits > 1)
        fail("several dicts hold this network", place, "--key with one of them", fitting);
    return best;
}

/// A file's tensors before they are any network's.
class Opened
{
public:
    Opened(const fs::path& path, WeightsChoice choice)
        : m_file(weightsFile(path))
        , m_choice(std::move(choice))
        , m_format(checkpointFormat(m_file))
    {
        const std::string place = m_file.string();
        if (!m_choice.scope.empty() && m_format != CheckpointFormat::TensorFlow)
            fail("this file has no scopes", place, "a TensorFlow checkpoint for --scope",
                std::string("a ") + nameOf(m_format));
        if (!m_choice.key.empty() && m_format != CheckpointFormat::Pth)
            fail("this file has no wrapper", place, "a PyTorch state dict for --key",
                std::string("a ") + nameOf(m_format));
        switch (m_format) {
        case CheckpointFormat::Safetensors:
            m_tensors = readSafetensors(m_file);
            break;
        case CheckpointFormat::Pth:
        case CheckpointFormat::Arrays:
            m_pth = openPth(m_file);
            break;
        case CheckpointFormat::TensorFlow: {
            const auto mapped = MappedFile::open(m_file);
            m_tensors = isGzip(mapped->bytes()) ? readArchive(mapped->bytes(), place)
                                                : readTfCheckpoint(m_file);
            break;
        }
        case CheckpointFormat::TorchScript:
            fail("a program, not weights", place, "safetensors or a state dict",
                "TorchScript: models import FILE --architecture torchscript --as ID --trust runs "
                "it");
        }
    }

    /// Of each dict in the file; of a TensorFlow checkpoint of the network's scope.
    [[nodiscard]] std::vector<Recognition> recognise(const std::string& architecture) const
    {
        std::vector<Recognition> found;
        if (m_format == CheckpointFormat::TensorFlow) {
            (void)mapTfVariables(m_tensors, architecture, m_file.string(), m_choice.scope,
                &found.emplace_back(), true);
            return found;
        }
        const std::vector<NetMember> members = netMembers(architecture);
        if (!m_pth)
            return { recogniseNames(m_tensors.tensors, architecture, members) };
        for (const PthDict& dict : m_pth->dicts()) {
            found.push_back(recogniseNames(dict.tensors, architecture, members));
            found.back().key = dict.key;
            found.back().others = dict.others;
        }
        return found;
    }

    [[nodiscard]] std::size_t chosen(const std::vector<Recognition>& found) const
    {
        return m_pth ? chosenDict(m_pth->dicts(), found, m_choice.key, m_file.string()) : 0;
    }

    StateDict read(const std::string& architecture, Recognition& how) const
    {
        if (m_format == CheckpointFormat::TensorFlow)
            return mapTfVariables(
                m_tensors, architecture, m_file.string(), m_choice.scope, &how, false);
        std::vector<Recognition> found = recognise(architecture);
        const std::size_t dict = chosen(found);
        how = std::move(found[dict]);
        return renamed(m_pth ? m_pth->read(dict) : m_tensors, how);
    }

    [[nodiscard]] CheckpointFormat format() const { return m_format; }

private:
    fs::path m_file;
    WeightsChoice m_choice;
    CheckpointFormat m_format;
    std::optional<PthFile> m_pth;
    StateDict m_tensors;
};

} // namespace

const char* nameOf(CheckpointFormat format) noexcept
{
    switch (format) {
    case CheckpointFormat::Safetensors:
        return "safetensors";
    case CheckpointFormat::Pth:
        return "PyTorch state dict";
    case CheckpointFormat::Arrays:
        return "dict of NumPy arrays";
    case CheckpointFormat::TensorFlow:
        return "TensorFlow checkpoint";
    case CheckpointFormat::TorchScript:
        break;
    }
    return "TorchScript program";
}

CheckpointFormat checkHeader(const fs::path& path)
{
    const fs::path file = weightsFile(path);
    const CheckpointFormat format = checkpointFormat(file);
    switch (format) {
    case CheckpointFormat::Safetensors:
        (void)readSafetensors(file); // maps the tensors, and reads none
        break;
    case CheckpointFormat::Pth:
    case CheckpointFormat::Arrays:
        (void)openPth(file);
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

Recognition recogniseWeights(
    const fs::path& path, const std::string& architecture, const WeightsChoice& choice)
{
    const Opened file(path, choice);
    std::vector<Recognition> found = file.recognise(architecture);
    return std::move(found[file.chosen(found)]);
}

std::vector<NetworkMatch> matchNetworks(
    const fs::path& path, const std::vector<std::string>& architectures)
{
    const Opened file(path, {});
    std::vector<NetworkMatch> matches;
    for (const std::string& architecture : architectures) {
        if (file.format() == CheckpointFormat::TensorFlow && tfLayers(architecture).empty())
            continue;
        try {
            std::vector<Recognition> found = file.recognise(architecture);
            const bool any = std::any_of(
                found.begin(), found.end(), [](const Recognition& one) { return one.fits(); });
            const auto nearest = std::max_element(
                found.begin(), found.end(), [](const Recognition& a, const Recognition& b) {
                    return a.tensors.size() < b.tensors.size();
                });
            for (auto one = found.begin(); one != found.end(); ++one)
                if (any ? one->fits() : one == nearest)
                    matches.push_back({ architecture, std::move(*one), {} });
        } catch (const Error& error) { // of TensorFlow's variables
            matches.push_back({ architecture, {}, error.what() });
        }
    }
    return matches;
}

StateDict readCheckpoint(const fs::path& path, const std::string& architecture,
    const WeightsChoice& choice, Recognition* how)
{
    Recognition found;
    StateDict state = Opened(path, choice).read(architecture, found);
    if (how != nullptr)
        *how = std::move(found);
    return state;
}

} // namespace crossiter
