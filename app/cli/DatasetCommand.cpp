#include "app/cli/Options.h"
#include "app/cli/Terminal.h"
#include "core/base/Counted.h"
#include "core/contest/DatasetCheck.h"
#include "core/contest/DatasetDownload.h"
#include "core/report/JsonValues.h"

#include <memory>

namespace crossiter::cli {

namespace {

struct DatasetOptions
{
    CommonOptions common;
    std::filesystem::path csv;
    std::filesystem::path folder;
    int jobs = 8;
};

Json shortRowsJson(const std::vector<ShortRow>& rows)
{
    Json all = Json::array();
    for (const ShortRow& row : rows) {
        Json json;
        json["line"] = row.line;
        json["fields"] = row.fields;
        json["expected"] = row.expected;
        all.push_back(std::move(json));
    }
    return all;
}

Json duplicatesJson(const std::vector<DuplicateId>& duplicates)
{
    Json all = Json::array();
    for (const DuplicateId& duplicate : duplicates) {
        Json json;
        json["image_id"] = duplicate.imageId;
        json["line"] = duplicate.line;
        json["first_line"] = duplicate.firstLine;
        all.push_back(std::move(json));
    }
    return all;
}

std::string rowsText(const std::vector<ShortRow>& rows, const std::vector<DuplicateId>& duplicates)
{
    std::string text;
    for (const ShortRow& row : rows)
        text += "line " + std::to_string(row.line) + ": skipped, " + counted(row.fields, "field")
            + " of " + std::to_string(row.expected) + "\n";
    for (const DuplicateId& duplicate : duplicates)
        text += "line " + std::to_string(duplicate.line) + ": " + oneLine(duplicate.imageId)
            + " is on line " + std::to_string(duplicate.firstLine) + " already\n";
    return text;
}

std::string checkJson(const DatasetCheck& check)
{
    Json json;
    json["rows"] = check.rows;
    json["good"] = check.good;
    json["short_rows"] = shortRowsJson(check.shortRows);
    json["duplicate_ids"] = duplicatesJson(check.duplicates);
    json["missing"] = check.missing;
    json["extra"] = check.extra;
    json["wrong_size"] = Json::array();
    for (const WrongSize& image : check.wrongSize) {
        Json one;
        one["file"] = image.file;
        one["width"] = image.width;
        one["height"] = image.height;
        json["wrong_size"].push_back(std::move(one));
    }
    json["unreadable"] = Json::array();
    for (const UnreadableImage& image : check.unreadable) {
        Json one;
        one["file"] = image.file;
        one["error"] = image.error;
        json["unreadable"].push_back(std::move(one));
    }
    json["faults"] = check.faults();
    json["cancelled"] = check.cancelled;
    return jsonText(json);
}

std::string checkText(const DatasetCheck& check)
{
    std::string text = rowsText(check.shortRows, check.duplicates);
    for (const std::string& file : check.missing)
        text += "missing: " + oneLine(file) + "\n";
    for (const std::string& file : check.extra)
        text += "extra: " + oneLine(file) + "\n";
    for (const WrongSize& image : check.wrongSize)
        text += "wrong size: " + oneLine(image.file) + " is " + std::to_string(image.width) + "x"
            + std::to_string(image.height) + "\n";
    for (const UnreadableImage& image : check.unreadable)
        text += "unreadable: " + oneLine(image.error) + "\n";
    return text + std::to_string(check.good) + " of " + counted(check.rows, "image") + " good, "
        + counted(check.faults(), "fault") + "\n";
}

int checkIt(const DatasetOptions& options, const std::stop_token& stop)
{
    DatasetCheck check;
    {
        ProgressLine line(options.common.quiet);
        check = checkDataset(options.csv, options.folder, line.sink(), stop);
    }
    print(options.common.json ? checkJson(check) : checkText(check));
    const std::size_t faults = check.faults();
    return exitCodeOfJob(check.cancelled, faults, faults + check.good);
}

std::string downloadJson(const DatasetDownloadResult& result)
{
    Json json;
    json["rows"] = result.rows;
    json["already_there"] = result.alreadyThere;
    json["downloaded"] = result.downloaded;
    json["failed"] = Json::array();
    for (const FailedImage& image : result.failures) {
        Json one;
        one["image_id"] = image.imageId;
        one["url"] = image.url;
        one["error"] = image.error;
        json["failed"].push_back(std::move(one));
    }
    json["short_rows"] = shortRowsJson(result.shortRows);
    json["duplicate_ids"] = duplicatesJson(result.duplicates);
    json["licences"] = result.licences.string();
    json["cancelled"] = result.cancelled;
    return jsonText(json);
}

int downloadIt(const DatasetOptions& options, const std::stop_token& stop)
{
    DatasetDownloadRequest request;
    request.csv = options.csv;
    request.folder = options.folder;
    request.jobs = options.jobs;
    DatasetDownloadResult result;
    {
        ProgressLine line(options.common.quiet);
        result = downloadDataset(request, line.sink(), stop);
    }
    for (const FailedImage& image : result.failures)
        printError(oneLine(image.imageId) + ": " + image.error);
    if (options.common.json)
        print(downloadJson(result));
    else if (!options.common.quiet)
        print(rowsText(result.shortRows, result.duplicates) + std::to_string(result.downloaded)
            + " downloaded, " + std::to_string(result.alreadyThere) + " there already, "
            + std::to_string(result.failures.size()) + " failed of " + counted(result.rows, "image")
            + "; licences: " + oneLine(result.licences.string()) + "\n");
    if (result.cancelled)
        printError("cancelled; what is done stays, the same command goes on from there");
    return exitCodeOfJob(result.cancelled, result.failures.size(), result.rows);
}

void addPaths(CLI::App& command, DatasetOptions& options, const char* folder)
{
    command.add_option("CSV", options.csv, "the dataset's CSV file, columns found by their names")
        ->required()
        ->type_name("FILE");
    command.add_option("DIR", options.folder, folder)->required()->type_name("DIR");
}

} // namespace

void addDatasetCommand(CLI::App& app, Chosen& chosen)
{
    CLI::App* dataset = app.add_subcommand("dataset", "The competition's images");
    dataset->require_subcommand(1);

    auto checking = std::make_shared<DatasetOptions>();
    CLI::App* check = dataset->add_subcommand(
        "check", "Missing, extra, unreadable and wrongly sized images, ids named twice");
    addPaths(*check, *checking, "folder of ImageId.png");
    addCommonOptions(*check, checking->common);
    onChosen(*check, chosen, checking, checkIt);

    auto loading = std::make_shared<DatasetOptions>();
    CLI::App* download = dataset->add_subcommand("download",
        "Bring the photos of a dataset CSV, cropped and resized; goes on where it was cut");
    addPaths(*download, *loading, "ImageId.png and LICENSES.csv go here");
    addWhole(*download, "--jobs", "images at a time, 1..64", loading->jobs, 1, 64, "8");
    addCommonOptions(*download, loading->common);
    download->footer("An image that is there is skipped. Exit code 4: some could not be brought.");
    onChosen(*download, chosen, loading, downloadIt);
}

} // namespace crossiter::cli
