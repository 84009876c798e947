#include "core/contest/DatasetDownload.h"

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"
#include "core/base/Download.h"
#include "core/base/Error.h"
#include "core/base/OutputGuard.h"
#include "core/base/SafeText.h"
#include "core/base/Sha256.h"
#include "core/base/TimeLeft.h"
#include "core/image/Codec.h"
#include "core/image/Resample.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::chrono::milliseconds kBetweenReports { 100 };
constexpr const char* kLicences = "LICENSES.csv";
constexpr const char* kParts = ".parts";

/// Photos from the web are larger than what people open by hand.
DecodeLimits photoLimits(std::uint64_t maxBytes)
{
    DecodeLimits limits;
    limits.maxFileBytes = maxBytes;
    limits.maxMemoryBytes = 1ULL << 30U;
    limits.deadlineMs = 60'000;
    return limits;
}

bool isThere(const fs::path& path)
{
    std::error_code fault;
    return fs::is_regular_file(path, fault);
}

/// Why a file that is there is none of ours; empty: it is one, or stopped.
std::string faultOf(const fs::path& path, const std::stop_token& stop)
{
    try {
        const DecodeLimits limits;
        const Image image =
            readImage(path, DecodeRule::Contest, limits, TimeLimit(limits.deadlineMs, stop));
        if (image.empty() || image.isImageSpace())
            return {};
        throw Error(ErrorKind::BadInput, "the file at the image's place is of another size",
            path.string(), "299x299",
            std::to_string(image.width) + "x" + std::to_string(image.height));
    } catch (const Error& error) {
        return error.what();
    }
}

/// One image on its way.
struct Item
{
    const DatasetImage* image = nullptr;
    std::string error; ///< empty: not tried, or done
    std::string sha256; ///< of the photo that came
    bool done = false;
};

class Downloader
{
public:
    Downloader(const DatasetDownloadRequest& request, std::vector<Item>& items)
        : m_request(request)
        , m_items(items)
    {
    }

    /// Several threads take one item after another; this one reports.
    void run(const ProgressSink& progress, std::size_t before, const std::stop_token& stop)
    {
        const std::size_t count =
            std::min(static_cast<std::size_t>(m_request.jobs), m_items.size());
        std::vector<std::jthread> workers;
        for (std::size_t i = 0; i < count; ++i)
            workers.emplace_back([this, &stop] { work(stop); });
        const Stopwatch clock;
        std::unique_lock lock(m_mutex);
        while (m_idle < count) {
            m_changed.wait_for(lock, kBetweenReports);
            const std::size_t finished = m_finished;
            lock.unlock();
            if (progress)
                progress({ "downloading images", before + finished, before + m_items.size(),
                    secondsLeft(clock.seconds(), finished, m_items.size() - finished) });
            lock.lock();
        }
        lock.unlock();
        workers.clear(); // joins
        if (m_fatal)
            std::rethrow_exception(m_fatal);
    }

private:
    void work(const std::stop_token& stop)
    {
        for (;;) {
            const std::size_t index = m_next.fetch_add(1);
            if (index >= m_items.size() || stop.stop_requested() || m_failed)
                break;
            Item& item = m_items[index];
            try {
                bring(item, stop);
            } catch (const Error& error) {
                item.error = error.what();
            } catch (...) { // out of memory and the like: of the whole work
                const std::lock_guard lock(m_mutex);
                m_fatal = std::current_exception();
                m_failed = true;
            }
            const std::lock_guard lock(m_mutex);
            ++m_finished;
            m_changed.notify_one();
        }
        const std::lock_guard lock(m_mutex);
        ++m_idle;
        m_changed.notify_one();
    }

    void bring(Item& item, const std::stop_token& stop)
    {
        const DatasetImage& image = *item.image;
        DownloadRequest download;
        download.url = image.url;
        download.part = m_request.folder / kParts / (image.imageId + ".part");
        download.maxBytes = m_request.maxBytes;
        download.attempts = m_request.attempts;
        download.backoffSeconds = m_request.backoffSeconds;
        download.stallSeconds = m_request.stallSeconds;
        if (crossiter::download(download, {}, stop).cancelled)
            return;
        try {
            const std::lock_guard lock(m_decoding); // one large photo in memory at a time
            item.sha256 = sha256File(download.part);
            const DecodeLimits limits = photoLimits(m_request.maxBytes);
            const Image photo = readImage(
                download.part, DecodeRule::Contest, limits, TimeLimit(limits.deadlineMs, stop));
            if (photo.empty())
                return; // stopped: what was fetched stays
            writePng(m_request.folder / image.file, cropToImageSpace(photo, image.box));
        } catch (const Error&) {
            discardPart(download.part); // whole, but no photo: asking again may give one
            throw;
        }
        discardPart(download.part);
        item.done = true;
    }

    const DatasetDownloadRequest& m_request;
    std::vector<Item>& m_items;
    std::atomic<std::size_t> m_next { 0 };
    std::atomic<bool> m_failed { false };
    std::mutex m_mutex;
    std::mutex m_decoding;
    std::condition_variable m_changed;
    std::size_t m_finished = 0;
    std::size_t m_idle = 0;
    std::exception_ptr m_fatal;
};

/// Servers answer for a photo that is gone with a picture that says so. It gives itself away by
/// coming from several addresses.
void refusePlaceholders(const fs::path& folder, std::vector<Item>& items)
{
    std::map<std::string, std::set<std::string>> addressesOf;
    for (const Item& item : items)
        if (item.done)
            addressesOf[item.sha256].insert(item.image->url);
    for (Item& item : items) {
        if (!item.done || addressesOf[item.sha256].size() < 2)
            continue;
        std::error_code ignored;
        fs::remove(folder / item.image->file, ignored);
        item.done = false;
        item.error = Error(ErrorKind::BadInput, "a placeholder instead of a photo", item.image->url,
            "a file of its own",
            "the same from " + std::to_string(addressesOf[item.sha256].size()) + " addresses")
                         .what();
    }
}

void makeFolder(const fs::path& folder)
{
    std::error_code fault;
    fs::create_directories(folder, fault);
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot create the folder", folder.string(),
            "a folder that can be written to", fault.message());
}

} // namespace

Image cropToImageSpace(const Image& photo, const CropBox& box)
{
    const auto edge = [](double share, int side) {
        return std::clamp(static_cast<int>(share * static_cast<double>(side)), 0, side);
    };
    const int left = edge(box.x1, photo.width);
    const int top = edge(box.y1, photo.height);
    const int width = edge(box.x2, photo.width) - left;
    const int height = edge(box.y2, photo.height) - top;
    if (width <= 0 || height <= 0)
        throw Error(ErrorKind::BadInput, "the crop leaves nothing of the photo", "",
            "at least one pixel",
            "a photo of " + std::to_string(photo.width) + "x" + std::to_string(photo.height));
    Image part(width, height);
    const std::size_t rowBytes = static_cast<std::size_t>(width) * 3U;
    for (int y = 0; y < height; ++y)
        std::copy_n(photo.rgb.data() + photo.offset(left, top + y), rowBytes,
            part.rgb.data() + part.offset(0, y));
    return lanczosResize(part, kImageSide, kImageSide);
}

std::string licencesText(const std::vector<DatasetImage>& images)
{
    std::string text = "ImageId,Author,AuthorProfileURL,License,OriginalLandingURL,URL\n";
    for (const DatasetImage& image : images) {
        text += csvField(image.imageId) + "," + forCsvCell(image.author) + ","
            + forCsvCell(image.authorUrl) + "," + forCsvCell(image.licence) + ","
            + forCsvCell(image.landingUrl) + "," + forCsvCell(image.url) + "\n";
    }
    return text;
}

DatasetDownloadResult downloadDataset(
    const DatasetDownloadRequest& request, const ProgressSink& progress, std::stop_token stop)
{
    if (request.jobs < 1 || request.jobs > 64)
        throw Error(ErrorKind::Usage, "wrong value", "--jobs", "a whole number 1..64",
            std::to_string(request.jobs));
    const Dataset dataset =
        readDataset(request.csv, DatasetColumns::Download, DuplicateIds::Report);
    OutputGuard guard;
    guard.addInput(request.csv, "the dataset's CSV");
    guard.addOutput(request.folder / kLicences, OutputKind::Text);
    for (const DatasetImage& image : dataset.images)
        if (!isThere(request.folder / image.file))
            guard.addOutput(request.folder / image.file);
    guard.check();
    makeFolder(request.folder / kParts);
    DatasetDownloadResult result;
    result.rows = dataset.images.size();
    result.shortRows = dataset.shortRows;
    result.duplicates = dataset.duplicates;
    std::vector<Item> items;
    // ImageId -> what is wrong with the file at its place, which is never replaced.
    std::map<std::string, std::string> others;
    for (const DatasetImage& image : dataset.images) {
        if (!isThere(request.folder / image.file)) {
            items.push_back({ &image, {}, {}, false });
            continue;
        }
        const std::string fault = faultOf(request.folder / image.file, stop);
        if (fault.empty()) {
            ++result.alreadyThere;
            continue;
        }
        others.emplace(image.imageId, "a file of another kind is there: " + fault);
    }
    Downloader(request, items).run(progress, result.alreadyThere, stop);
    refusePlaceholders(request.folder, items);
    std::map<std::string, std::string> errors = others;
    for (const Item& item : items) {
        result.downloaded += item.done ? 1 : 0;
        if (!item.error.empty())
            errors.emplace(item.image->imageId, item.error);
    }
    for (const DatasetImage& image : dataset.images)
        if (const auto error = errors.find(image.imageId); error != errors.end())
            result.failures.push_back({ image.imageId, image.url, error->second });
    result.cancelled =
        stop.stop_requested() && result.downloaded + errors.size() - others.size() < items.size();
    std::error_code ignored;
    fs::remove(request.folder / kParts, ignored); // stays when half photos are in it
    std::vector<DatasetImage> there;
    std::ranges::copy_if(dataset.images, std::back_inserter(there), [&](const DatasetImage& image) {
        return !others.contains(image.imageId) && isThere(request.folder / image.file);
    });
    result.licences = request.folder / kLicences;
    writeFileAtomically(result.licences, licencesText(there));
    return result;
}

} // namespace crossiter
