#include "core/store/ModelJobs.h"

#include "core/base/Download.h"
#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/checkpoint/ReadCheckpoint.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <functional>
#include <sys/file.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// The user's folder of a model, locked against other processes for as long as this lives.
class FolderLock
{
public:
    FolderLock(const fs::path& folder, const ProgressSink& progress, const std::stop_token& stop)
    {
        const fs::path path = folder / ".lock";
        m_descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (m_descriptor < 0)
            throw Error(ErrorKind::BadInput, "cannot write into the model store", path.string(),
                "a writable folder", systemReason(errno));
        while (::flock(m_descriptor, LOCK_EX | LOCK_NB) != 0) {
            if (errno != EWOULDBLOCK && errno != EINTR)
                return; // a file system without locks: as good as it gets
            if (stop.stop_requested())
                return;
            if (progress)
                progress({ "waiting for another fetch of this model" });
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
    }
    ~FolderLock() { ::close(m_descriptor); }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    FolderLock(FolderLock&&) = delete;
    FolderLock& operator=(FolderLock&&) = delete;

private:
    int m_descriptor = -1;
};

fs::path userFolder(const StorePaths& paths, const std::string& id)
{
    if (paths.user.empty())
        throw Error(ErrorKind::BadInput, "there is no model store to write to", "--store",
            "a folder, or $CROSSITER_STORE, or a home folder");
    std::error_code fault;
    fs::create_directories(paths.user / id, fault);
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot write into the model store",
            (paths.user / id).string(), "a writable folder", fault.message());
    return paths.user / id;
}

std::string withoutHost(const std::string& url)
{
    const auto host = url.find("://");
    const auto path = host == std::string::npos ? host : url.find('/', host + 3);
    return path == std::string::npos ? "/" : url.substr(path);
}

std::string addressOf(const ModelSource& source, std::string base)
{
    while (base.ends_with('/'))
        base.pop_back();
    return base.empty() ? source.url : base + withoutHost(source.url);
}

struct KnownHash
{
    std::string sha256; ///< empty: nothing to compare with
    HashOrigin origin = HashOrigin::FirstSeen;
};

KnownHash knownHash(
    const StoredModel& model, const std::optional<FetchRecord>& earlier, const DownloadResult& got)
{
    const std::string& manifest = model.manifest.sha256;
    if (!manifest.empty() && !model.learntSha256)
        return { manifest, HashOrigin::Manifest };
    if (!got.announcedSha256.empty())
        return { got.announcedSha256, HashOrigin::Server };
    if (earlier)
        return { earlier->sha256, HashOrigin::Remembered };
    return {};
}

/// Lets the part go: it is not what was expected.
[[noreturn]] void failOther(
    const KnownHash& known, const std::string& found, const std::string& url, const fs::path& part)
{
    discardPart(part);
    throw Error(ErrorKind::BadInput,
        std::string("the file is not the one that is expected (") + nameOf(known.origin)
            + "); it was thrown away",
        url, "SHA-256 " + known.sha256, found);
}

void moveIntoPlace(const fs::path& part, const fs::path& target)
{
    std::error_code fault;
    fs::rename(part, target, fault);
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot write file", target.string(), "a writable place",
            fault.message());
    discardPart(part);
}

struct Try
{
    DownloadResult got;
    std::string url;
};

/// The sources in order; the last one's error counts.
Try downloadFromAny(const StoredModel& model, const FetchRequest& request, const fs::path& part,
    const ProgressSink& progress, const std::stop_token& stop)
{
    const auto& sources = model.manifest.sources;
    for (std::size_t i = 0;; ++i) {
        DownloadRequest file;
        file.url = addressOf(sources[i], request.baseUrl);
        file.part = part;
        file.expectedBytes = model.manifest.fileBytes;
        file.aboutBytes = sources[i].aboutBytes;
        file.attempts = request.attempts;
        file.backoffSeconds = request.backoffSeconds;
        try {
            return { download(file, progress, stop), file.url };
        } catch (const Error&) {
            if (i + 1 == sources.size())
                throw;
        }
    }
}

/// A page that says "please log in" comes with status 200, too.
void requireWeights(const KnownHash& known, const std::string& url, const fs::path& part,
    const std::function<void()>& read)
{
    try {
        read();
    } catch (const Error& error) {
        if (!known.sha256.empty())
            failOther(known, error.whatElse(), url, part);
        discardPart(part);
        throw Error(ErrorKind::BadInput,
            "what came is no checkpoint that can be read and was thrown away: " + error.whatElse(),
            url);
    }
}

} // namespace

const char* nameOf(HashOrigin origin) noexcept
{
    switch (origin) {
    case HashOrigin::Manifest:
        return "by its manifest";
    case HashOrigin::Server:
        return "as the server announced";
    case HashOrigin::Remembered:
        return "as it was fetched before";
    case HashOrigin::FirstSeen:
        break;
    }
    return "not verified: the first one seen, remembered from now on";
}

FetchResult fetchModel(const StorePaths& paths, const FetchRequest& request,
    const ProgressSink& progress, std::stop_token stop)
{
    const ModelStore store(paths);
    FetchResult result;
    result.model = store.find(request.id);
    const auto alreadyThere = [&] {
        result.alreadyThere = !result.model.weights.empty();
        result.sha256 = result.model.manifest.sha256;
        return result.alreadyThere;
    };
    if (alreadyThere())
        return result;
    if (result.model.manifest.sources.empty())
        throw Error(ErrorKind::BadInput, "this model cannot be fetched", request.id,
            "a manifest with sources", "its source is " + result.model.manifest.source);

    const fs::path folder = userFolder(paths, request.id);
    const FolderLock lock(folder, progress, stop);
    result.model = store.find(request.id);
    if (alreadyThere())
        return result;
    const auto earlier = readFetchRecord(folder);
    const fs::path part = folder / ("." + result.model.manifest.file + ".part");
    const Try tried = downloadFromAny(result.model, request, part, progress, stop);
    result.downloaded = tried.got.received;
    result.cancelled = tried.got.cancelled;
    const KnownHash known = knownHash(result.model, earlier, tried.got);
    if (!result.cancelled) {
        requireWeights(known, tried.url, part, [&] { (void)checkHeader(part); });
        result.sha256 = sha256File(part, progress, stop);
        result.cancelled = result.sha256.empty();
    }
    if (result.cancelled)
        return result;
    if (!known.sha256.empty() && result.sha256 != known.sha256)
        failOther(known, result.sha256, tried.url, part);
    result.origin = known.origin;
    if (progress)
        progress({ "reading the weights" });
    requireWeights({}, tried.url, part,
        [&] { (void)readCheckpoint(part, result.model.manifest.architecture); });
    const bool vouched = result.origin == HashOrigin::Server
        || (result.origin == HashOrigin::Remembered && earlier->fromServer);
    writeFetchRecord(folder, { result.sha256, tried.got.bytes, tried.url, vouched });
    moveIntoPlace(part, folder / result.model.manifest.file);
    result.model = store.find(request.id);
    return result;
}

std::vector<VerifiedModel> verifyModels(const StorePaths& paths,
    const std::vector<std::string>& ids, const ProgressSink& progress, std::stop_token stop)
{
    const ModelStore store(paths);
    std::vector<StoredModel> models;
    if (ids.empty()) {
        for (StoredModel& model : store.list())
            if (!model.weights.empty() || !model.problem.empty())
                models.push_back(std::move(model));
    }
    for (const std::string& id : ids)
        models.push_back(store.find(id));
    std::vector<VerifiedModel> verified;
    for (const StoredModel& model : models) {
        VerifiedModel found { model.manifest.id, model.weights, {}, model.manifest.sha256,
            model.problem, model.notVerified };
        if (found.error.empty()) {
            try {
                requireWeightsHere(model);
                requireSize(model, "weights have changed");
                (void)checkHeader(model.weights);
                found.sha256 = sha256File(model.weights, progress, stop);
                if (found.sha256.empty())
                    return verified; // stopped
                if (!found.expected.empty() && found.sha256 != found.expected)
                    throw Error(ErrorKind::BadInput, "weights have changed", model.weights.string(),
                        "SHA-256 " + found.expected, found.sha256);
            } catch (const Error& error) {
                found.error = error.what();
            }
        }
        verified.push_back(std::move(found));
    }
    return verified;
}

std::uint64_t removeModel(const StorePaths& paths, const std::string& id)
{
    const std::vector<StoredModel> models = ModelStore(paths).list();
    const StoredModel* found = findModel(models, id);
    if (found == nullptr)
        (void)ModelStore(paths).find(id); // throws, and lists what is known
    const fs::path folder = paths.user / id;
    std::error_code fault;
    if (paths.user.empty() || !fs::is_directory(folder, fault)) {
        const bool elsewhere = found != nullptr && !found->weights.empty();
        throw Error(ErrorKind::BadInput, "nothing of this model lies in your store", id,
            "a model that was fetched or imported",
            elsewhere ? found->weights.string() + ", which is only read" : "no files");
    }
    std::uint64_t bytes = 0;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, fault)) {
        std::error_code ignored;
        if (entry.is_regular_file(ignored))
            bytes += entry.file_size(ignored);
    }
    fs::remove_all(folder, fault);
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot remove", folder.string(), "a writable folder",
            fault.message());
    return bytes;
}

} // namespace crossiter
