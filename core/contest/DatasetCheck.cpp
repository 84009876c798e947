#include "core/contest/DatasetCheck.h"

#include "core/base/Error.h"
#include "core/image/Codec.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <system_error>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

/// What the toolkit's runner takes for images: names in .png or .jpg. Hidden ones are left out.
std::vector<std::string> imageNamesIn(const fs::path& folder)
{
    std::error_code fault;
    std::vector<std::string> names;
    fs::directory_iterator entries(folder, fault);
    for (const fs::directory_iterator end; !fault && entries != end; entries.increment(fault)) {
        std::string name = entries->path().filename().string();
        if (!name.starts_with('.') && (name.ends_with(".png") || name.ends_with(".jpg")))
            names.push_back(std::move(name));
    }
    if (fault)
        throw Error(ErrorKind::BadInput, "cannot read the dataset's folder", folder.string(),
            "a folder of images", fault.message());
    std::ranges::sort(names);
    return names;
}

void look(const fs::path& folder, const std::string& file, DatasetCheck& check,
    const std::stop_token& stop)
{
    try {
        const DecodeLimits limits;
        const Image image = readImage(
            folder / file, DecodeRule::Contest, limits, TimeLimit(limits.deadlineMs, stop));
        if (image.empty())
            check.cancelled = true;
        else if (image.isImageSpace())
            ++check.good;
        else
            check.wrongSize.push_back({ file, image.width, image.height });
    } catch (const Error& error) {
        check.unreadable.push_back({ file, error.what() });
    }
}

} // namespace

DatasetCheck checkDataset(
    const fs::path& csv, const fs::path& folder, const ProgressSink& progress, std::stop_token stop)
{
    const Dataset dataset = readDataset(csv, DatasetColumns::Labels, DuplicateIds::Report);
    DatasetCheck check;
    check.rows = dataset.images.size();
    check.shortRows = dataset.shortRows;
    check.duplicates = dataset.duplicates;
    const std::vector<std::string> there = imageNamesIn(folder);
    std::set<std::string> named;
    for (const DatasetImage& image : dataset.images)
        named.insert(image.file);
    std::ranges::copy_if(there, std::back_inserter(check.extra),
        [&named](const std::string& name) { return !named.contains(name); });
    std::size_t done = 0;
    for (const DatasetImage& image : dataset.images) {
        if (stop.stop_requested()) {
            check.cancelled = true;
            return check;
        }
        if (progress)
            progress({ image.file, done, dataset.images.size(), -1.0 });
        ++done;
        if (std::ranges::binary_search(there, image.file))
            look(folder, image.file, check, stop);
        else
            check.missing.push_back(image.file);
        if (check.cancelled)
            return check;
    }
    return check;
}

} // namespace crossiter
