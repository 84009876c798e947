#include "core/contest/Submission.h"

#include "core/base/Error.h"
#include "core/base/JsonMembers.h"
#include "core/base/RegularFile.h"
#include "core/base/Suggestion.h"
#include "core/contest/PythonJson.h"

#include <cstdlib>
#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// The words of a submission's metadata for what is wrong with them.
JsonMembers::Complaint complaintsOf(const std::string& place)
{
    return [&place](const JsonFault& fault) {
        switch (fault.what) {
        case JsonFault::What::NoObject:
            throw Error(ErrorKind::BadInput, "not a submission's metadata", place, fault.expected,
                fault.found->type_name());
        case JsonFault::What::Missing:
            throw Error(ErrorKind::BadInput, "key missing", place, fault.key);
        case JsonFault::What::Wrong:
        case JsonFault::What::Unknown:
            break;
        }
        throw Error(ErrorKind::BadInput, "not a text", place + ", key " + fault.key, fault.expected,
            fault.found->type_name());
    };
}

std::string textIn(JsonMembers& members, const char* key, const std::string& place)
{
    std::string text = members.text(key);
    if (text.find('\0') != std::string::npos)
        throw Error(ErrorKind::BadInput, "NUL character", place + ", key " + key, "a text");
    return text;
}

void requireInside(const std::string& entryPoint, const std::string& place)
{
    const fs::path path(entryPoint);
    bool inside = path.has_filename() && path.is_relative();
    for (const fs::path& part : path)
        inside = inside && part != "..";
    if (!inside)
        throw Error(ErrorKind::BadInput, "not an entry point", place + ", key entry_point",
            "a file inside the submission", entryPoint.empty() ? "nothing" : entryPoint);
}

fs::path absolutePath(const fs::path& path)
{
    return fs::absolute(path).lexically_normal();
}

ChildRequest commandOf(const fs::path& submission, const SubmissionMetadata& metadata)
{
    ChildRequest request;
    request.workingDir = absolutePath(submission);
    request.arguments.push_back("./" + metadata.entryPoint);
    std::error_code fault;
    const fs::path program = fs::read_symlink("/proc/self/exe", fault);
    const char* path = std::getenv("PATH"); // NOLINT(concurrency-mt-unsafe): nothing here sets it
    if (!fault && program.has_parent_path())
        request.environment.emplace_back("PATH",
            program.parent_path().string() + ":"
                + (path == nullptr ? "/usr/local/bin:/usr/bin:/bin" : path));
    return request;
}

} // namespace

const char* nameOf(SubmissionKind kind) noexcept
{
    switch (kind) {
    case SubmissionKind::Attack:
        return "attack";
    case SubmissionKind::TargetedAttack:
        return "targeted_attack";
    case SubmissionKind::Defense:
        break;
    }
    return "defense";
}

SubmissionKind parseSubmissionKind(const std::string& text)
{
    for (const SubmissionKind kind :
        { SubmissionKind::Attack, SubmissionKind::TargetedAttack, SubmissionKind::Defense })
        if (text == nameOf(kind))
            return kind;
    throw Error(ErrorKind::Usage, "unknown type of submission", "type",
        "attack, targeted_attack or defense",
        foundWord(text, { "attack", "targeted_attack", "defense" }, false));
}

SubmissionMetadata readMetadata(const fs::path& folder)
{
    const fs::path file = folder / kMetadataFile;
    const std::string place = file.string();
    const std::vector<std::uint8_t> bytes = readFile(file, kMetadataJson.maxBytes);
    SubmissionMetadata metadata;
    const Json json = parsePythonJson(
        { reinterpret_cast<const char*>(bytes.data()), bytes.size() }, place, &metadata.repeated);
    JsonMembers members(json, {}, complaintsOf(place));
    metadata.type = textIn(members, "type", place);
    metadata.container = textIn(members, "container", place);
    metadata.containerGpu = textIn(members, "container_gpu", place);
    metadata.entryPoint = textIn(members, "entry_point", place);
    requireInside(metadata.entryPoint, place);
    return metadata;
}

std::string metadataText(const SubmissionMetadata& metadata)
{
    Json json;
    json["type"] = metadata.type;
    json["container"] = metadata.container;
    json["container_gpu"] = metadata.containerGpu;
    json["entry_point"] = metadata.entryPoint;
    return jsonText(json);
}

ChildRequest attackCommand(const fs::path& submission, const SubmissionMetadata& metadata,
    const fs::path& inputDir, const fs::path& outputDir, int epsilon255)
{
    ChildRequest request = commandOf(submission, metadata);
    request.arguments.push_back(absolutePath(inputDir).string());
    request.arguments.push_back(absolutePath(outputDir).string());
    request.arguments.push_back(std::to_string(epsilon255));
    return request;
}

ChildRequest defenseCommand(const fs::path& submission, const SubmissionMetadata& metadata,
    const fs::path& inputDir, const fs::path& outputFile)
{
    ChildRequest request = commandOf(submission, metadata);
    request.arguments.push_back(absolutePath(inputDir).string());
    request.arguments.push_back(absolutePath(outputFile).string());
    return request;
}

} // namespace crossiter
