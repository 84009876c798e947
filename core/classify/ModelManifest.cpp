#include "core/classify/ModelManifest.h"

#include "core/base/Error.h"
#include "core/base/JsonMembers.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace crossiter {

namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what,
    const std::string& key, const std::string& expected, const std::string& found = {})
{
    const std::string where = key.empty() ? path.string() : path.string() + ", key " + key;
    throw Error(ErrorKind::BadInput, what, where, expected, found);
}

/// A manifest's words for what is wrong with one of its members.
JsonMembers::Complaint complaintsOf(const std::filesystem::path& path)
{
    return [&path](const JsonFault& fault) {
        const std::string prefix = fault.where.empty() ? std::string() : fault.where + ".";
        switch (fault.what) {
        case JsonFault::What::NoObject:
            fail(path, "damaged manifest", fault.path(), "a JSON object", fault.shown());
        case JsonFault::What::Missing:
            fail(path, "key missing in the manifest", prefix + fault.key, "a value");
        case JsonFault::What::Unknown:
            fail(path, "unknown key in the manifest", prefix + fault.key, "no such key");
        case JsonFault::What::Wrong:
            break;
        }
        fail(
            path, "wrong value in the manifest", prefix + fault.key, fault.expected, fault.shown());
    };
}

std::string textIn(JsonMembers& members, const std::string& key)
{
    std::string text = members.text(key);
    if (text.empty())
        members.wrong(key, "a text", text);
    return text;
}

/// A number for all channels, or a list of three: R, G, B.
ChannelValues channelsIn(JsonMembers& members, const std::string& key,
    bool (*fits)(const ChannelValues&), const char* expected)
{
    const Json& found = members.need(key);
    std::optional<ChannelValues> values;
    if (found.is_number())
        values = found.get<double>();
    else if (found.is_array() && found.size() == 3
        && std::ranges::all_of(found, [](const Json& one) { return one.is_number(); }))
        values =
            ChannelValues(found[0].get<double>(), found[1].get<double>(), found[2].get<double>());
    if (!values || !fits(*values))
        members.wrong(key, expected, found);
    return *values;
}

bool isIdCharacter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool isSha256(const std::string& text)
{
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool isAddress(const std::string& text)
{
    const bool known = text.starts_with("https://") || text.starts_with("http://");
    return known && text.find_first_of(" \t\r\n\"<>") == std::string::npos;
}

bool isFileName(const std::string& text)
{
    return text != "." && text != ".." && text.find_first_of("/\\") == std::string::npos
        && text.find('\0') == std::string::npos;
}

std::vector<ModelSource> readSources(const std::filesystem::path& path, const Json& list)
{
    if (!list.is_array() || list.empty())
        fail(path, "wrong value in the manifest", "sources", "a list of objects with a url",
            shownJson(list));
    std::vector<ModelSource> sources;
    for (const Json& entry : list) {
        JsonMembers members(entry, "sources", complaintsOf(path));
        ModelSource source { textIn(members, "url") };
        if (!isAddress(source.url))
            fail(path, "wrong value in the manifest", "sources.url", "https://... or http://...",
                source.url);
        if (members.has("aboutBytes"))
            source.aboutBytes = static_cast<std::uint64_t>(
                members.whole("aboutBytes", 0, std::int64_t { 1 } << 40));
        members.refuseOthers();
        sources.push_back(std::move(source));
    }
    return sources;
}

Json jsonOf(const ChannelValues& values)
{
    if (values.isUniform())
        return values.values()[0];
    return values.values();
}

} // namespace

const char* nameOf(PoolPadding padding) noexcept
{
    return padding == PoolPadding::Timm ? "timm" : "tf-slim";
}

bool isModelId(const std::string& text)
{
    if (text.empty() || text.size() > 100)
        return false;
    for (const char c : text)
        if (!isIdCharacter(c))
            return false;
    return text.front() != '.' && text.front() != '_' && text.front() != '-';
}

ModelManifest readManifest(const std::filesystem::path& path)
{
    const Json document = readJsonFile(path, kManifestJson);
    JsonMembers top(document, "", complaintsOf(path));

    ModelManifest manifest;
    manifest.id = textIn(top, "id");
    if (!isModelId(manifest.id))
        fail(path, "wrong value in the manifest", "id", "[a-z0-9][a-z0-9._-]*", manifest.id);
    manifest.name = textIn(top, "name");
    manifest.architecture = textIn(top, "architecture");
    manifest.file = textIn(top, "file");
    if (!isFileName(manifest.file))
        fail(path, "wrong value in the manifest", "file", "a file name without folders",
            manifest.file);
    if (top.has("fileBytes"))
        manifest.fileBytes =
            static_cast<std::uint64_t>(top.whole("fileBytes", 0, std::int64_t { 1 } << 40));
    if (top.has("sha256")) {
        manifest.sha256 = textIn(top, "sha256");
        if (!isSha256(manifest.sha256))
            fail(path, "wrong value in the manifest", "sha256", "64 lower-case hex digits",
                manifest.sha256);
    }
    manifest.licence = textIn(top, "licence");
    manifest.source = textIn(top, "source");
    JsonMembers input(top.need("preprocessing"), "preprocessing", complaintsOf(path));
    manifest.preprocessing.inputSide = static_cast<int>(input.whole("inputSide", 32, 1024));
    manifest.preprocessing.scale = channelsIn(input, "scale", isScale, kWantedScale);
    manifest.preprocessing.shift = channelsIn(input, "shift", isShift, kWantedShift);
    input.refuseOthers();
    if (top.has("classes") || top.has("labelOffset")) {
        manifest.classes = static_cast<int>(top.whole("classes", 1000, 1001));
        manifest.labelOffset = static_cast<int>(top.whole("labelOffset", 0, 1));
        if (manifest.classes + manifest.labelOffset != 1001)
            fail(path, "classes and labelOffset do not fit", "labelOffset",
                "1 with 1000 classes, 0 with 1001", std::to_string(manifest.labelOffset));
    } else {
        manifest.classes = 0;
    }
    manifest.robust = top.flag("robust");
    if (top.has("imagenetTop1"))
        manifest.imagenetTop1 = top.number("imagenetTop1", 0.0, 1.0);
    if (top.has("poolPadding")) {
        const std::string padding = textIn(top, "poolPadding");
        if (padding != nameOf(PoolPadding::TfSlim) && padding != nameOf(PoolPadding::Timm))
            fail(path, "wrong value in the manifest", "poolPadding", "tf-slim or timm", padding);
        if (padding == nameOf(PoolPadding::Timm))
            manifest.poolPadding = PoolPadding::Timm;
    }
    if (top.has("sources"))
        manifest.sources = readSources(path, top.need("sources"));
    if (top.has("trusted"))
        manifest.trusted = top.flag("trusted");
    top.refuseOthers();
    return manifest;
}

std::string manifestText(const ModelManifest& manifest)
{
    Json text;
    text["id"] = manifest.id;
    text["name"] = manifest.name;
    text["architecture"] = manifest.architecture;
    text["file"] = manifest.file;
    if (manifest.fileBytes > 0)
        text["fileBytes"] = manifest.fileBytes;
    if (!manifest.sha256.empty())
        text["sha256"] = manifest.sha256;
    text["licence"] = manifest.licence;
    text["source"] = manifest.source;
    text["preprocessing"]["inputSide"] = manifest.preprocessing.inputSide;
    text["preprocessing"]["scale"] = jsonOf(manifest.preprocessing.scale);
    text["preprocessing"]["shift"] = jsonOf(manifest.preprocessing.shift);
    if (manifest.classes > 0) {
        text["classes"] = manifest.classes;
        text["labelOffset"] = manifest.labelOffset;
    }
    text["robust"] = manifest.robust;
    if (manifest.imagenetTop1 > 0.0)
        text["imagenetTop1"] = manifest.imagenetTop1;
    if (manifest.poolPadding == PoolPadding::Timm)
        text["poolPadding"] = nameOf(manifest.poolPadding);
    for (const ModelSource& source : manifest.sources) {
        Json entry;
        entry["url"] = source.url;
        if (source.aboutBytes > 0)
            entry["aboutBytes"] = source.aboutBytes;
        text["sources"].push_back(entry);
    }
    if (manifest.trusted)
        text["trusted"] = true;
    return jsonText(text);
}

} // namespace crossiter
