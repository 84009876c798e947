// Writes the first inputs of each target, out of the files of the tests:
// fuzz_seeds TESTS_DATA_DIR CORPUS_DIR
#include "core/base/AtomicFile.h"
#include "core/base/RegularFile.h"
#include "core/checkpoint/PthReader.h"
#include "core/checkpoint/Safetensors.h"
#include "core/checkpoint/TfTable.h"
#include "core/image/FileKinds.h"

#include <archive.h>
#include <archive_entry.h>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "tests/core/image/NpyMaker.h"
#include "tests/fuzz/TableMaker.h"

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& folder, const std::string& name, std::span<const std::uint8_t> bytes)
{
    fs::create_directories(folder);
    writeFileAtomically(folder / name, bytes);
}

/// One tar header and its bytes, as old as tar itself.
std::vector<std::uint8_t> tarOf(const std::string& name, std::span<const std::uint8_t> bytes)
{
    std::vector<std::uint8_t> tar(512, 0);
    const auto text = [&tar](std::size_t at, const std::string& value) {
        std::copy(value.begin(), value.end(), tar.begin() + static_cast<std::ptrdiff_t>(at));
    };
    char size[12] = {};
    std::snprintf(size, sizeof size, "%011zo", bytes.size());
    text(0, name);
    text(100, "0000644");
    text(124, size);
    text(136, "00000000000");
    text(148, "        "); // the checksum counts as blanks
    tar[156] = '0';
    text(257, "ustar");
    tar[263] = tar[264] = '0';
    unsigned sum = 0;
    for (const std::uint8_t byte : tar)
        sum += byte;
    char check[8] = {};
    std::snprintf(check, sizeof check, "%06o", sum);
    text(148, check);
    tar.insert(tar.end(), bytes.begin(), bytes.end());
    tar.resize((tar.size() + 511) / 512 * 512 + 1024, 0);
    return tar;
}

/// The same bytes behind gzip, without a time: each run writes the same file.
std::vector<std::uint8_t> gzipOf(std::span<const std::uint8_t> bytes)
{
    const std::unique_ptr<archive, decltype(&archive_write_free)> handle(
        archive_write_new(), archive_write_free);
    const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(
        archive_entry_new(), archive_entry_free);
    archive* out = handle.get();
    std::vector<std::uint8_t> packed(bytes.size() + 1024); // what cannot be packed grows a little
    std::size_t used = 0;
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    const bool fine = archive_write_set_format_raw(out) == ARCHIVE_OK
        && archive_write_add_filter_gzip(out) == ARCHIVE_OK
        && archive_write_set_filter_option(out, "gzip", "timestamp", nullptr) == ARCHIVE_OK
        && archive_write_set_bytes_in_last_block(out, 1) == ARCHIVE_OK // no padding
        && archive_write_open_memory(out, packed.data(), packed.size(), &used) == ARCHIVE_OK
        && archive_write_header(out, entry.get()) == ARCHIVE_OK
        && archive_write_data(out, bytes.data(), bytes.size())
            == static_cast<la_ssize_t>(bytes.size())
        && archive_write_close(out) == ARCHIVE_OK;
    if (!fine)
        throw std::runtime_error("libarchive does not pack");
    packed.resize(used);
    return packed;
}

/// The target of a format of its own.
const char* folderOf(PictureKind kind)
{
    switch (kind) {
    case PictureKind::Webp:
        return "webp";
    case PictureKind::Avif:
        return "avif";
    case PictureKind::Tiff:
        return "tiff";
    case PictureKind::Gif:
        return "gif";
    case PictureKind::Bmp:
        return "bmp";
    case PictureKind::Png:
    case PictureKind::Jpeg:
        break;
    }
    return "image";
}

void seed(const fs::path& data, const fs::path& corpus)
{
    for (const auto& entry : fs::recursive_directory_iterator(data)) {
        if (!entry.is_regular_file() || entry.file_size() > 30'000)
            continue;
        const fs::path& path = entry.path();
        const std::string name = path.filename().string();
        const auto bytes = readFile(path, 1U << 20U);
        if (path.extension() == ".pkl" || path.extension() == ".npy") {
            put(corpus / "pth", name, bytes);
        } else if (path.extension() == ".pth") {
            put(corpus / "pth", name, bytes);
            if (name.starts_with("bad-"))
                continue;
            const fs::path made = corpus / "safetensors" / (name + ".safetensors");
            fs::create_directories(made.parent_path());
            writeSafetensors(made, readPth(path), { { "from", name } });
        } else if (detail::endsLikeTable(bytes)) {
            put(corpus / "tf_table", name, bytes);
            std::map<std::string, std::string> records;
            detail::readTable(bytes, name, [&](auto key, auto value) {
                records[std::string(key)] = { value.begin(), value.end() };
            });
            auto flat = fuzz::recordBytes(records);
            flat.insert(flat.begin(), 0);
            put(corpus / "tf_records", name, flat);
            const auto tar = tarOf("model/" + name, flat);
            put(corpus / "archive", name + ".tar", tar);
            put(corpus / "archive", name + ".tar.gz", gzipOf(tar));
        } else if (path.extension() == ".png" || path.extension() == ".jpg") {
            auto flagged = bytes;
            flagged.insert(flagged.begin(), 0);
            put(corpus / "image", name, flagged);
        } else if (const auto kind = pictureKind(bytes)) {
            auto flagged = bytes;
            flagged.insert(flagged.begin(), 0);
            put(corpus / folderOf(*kind), name, flagged);
            put(corpus / "image", name, flagged);
        }
    }
}

/// Tables of each kind; the first byte as fuzz_labels.cpp takes it.
void seedLabels(const fs::path& folder)
{
    const std::string tables[] = {
        "\x10"
        "a.png,0\nb.jpg,1000\nc,n01440764\nd,laptop\n",
        "\x01ImageId,URL,TrueLabel,TargetClass\r\nab,\"x,y\",252,779\r\nshort\r\n",
        "\x10"
        "filename,label,targeted_label\n0c7a.png,305,778\n",
        "\x01"
        "filename;label;targeted_label\n0c7a.png;305;778\n",
        "\x10"
        "class_index,class,image_name\n915,n04613696,v.JPEG\n",
        "\x04image\tlabel\n./x/a.png\t5\n \"b \"\"c\"\" .png\" \t 6 \n",
        "\x0c\xef\xbb\xbfpath,class\nx\\a.png,Great_Dane\n",
        "\x03"
        "a.png,5\nb.png,none\nc.png, +6 ,more\nd.png\n",
    };
    int number = 0;
    for (const std::string& table : tables)
        put(folder, std::to_string(number++),
            { reinterpret_cast<const std::uint8_t*>(table.data()), table.size() });
}

/// An array of each kind of value and layout, small enough to be changed quickly.
void seedArrays(const fs::path& folder)
{
    const std::vector<std::uint8_t> bytes { 0, 64, 128, 192, 255, 1 };
    const std::vector<float> floats { -1.0F, -0.5F, 0.0F, 0.25F, 0.5F, 1.0F };
    const std::vector<double> doubles { 0.0, 0.1, 0.25, 0.5, 0.75, 1.0 };
    const std::vector<std::uint16_t> halves { 0xBC00, 0, 1, 0x3800, 0x3C00, 0x3555 };
    const auto write = [&folder](
                           const char* name, std::uint8_t said, std::vector<std::uint8_t> file) {
        file.insert(file.begin(), said);
        put(folder, name, file);
    };
    write("u1", 0, test::npyOf("|u1", "(2, 1, 1, 3)", bytes));
    write("u1-planes", 4, test::npyOf("|u1", "(3, 1, 2)", bytes, 2));
    write("f4", 0, test::npyOf("<f4", "(1, 2, 3)", floats));
    write("f8", 3, test::npyOf("<f8", "(1, 2, 3)", doubles, 3));
    write("f2", 1, test::npyOf("<f2", "(2, 1, 3, 1, 1)", halves));
    write("labels", 0, test::npyOf("|u1", "(6,)", bytes));
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 3) {
        std::fputs("usage: fuzz_seeds TESTS_DATA_DIR CORPUS_DIR\n", stderr);
        return 2;
    }
    try {
        seed(arguments[1], arguments[2]);
        seedLabels(fs::path(arguments[2]) / "labels");
        seedArrays(fs::path(arguments[2]) / "npy");
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
