#include "core/image/FileKinds.h"

#include "core/base/Contains.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace crossiter {

namespace {

using namespace std::string_view_literals;

constexpr const char* kConvert = "convert it to PNG first";
constexpr const char* kWindow = "convert it to PNG first; the window opens it as it is";

enum class Way
{
    Convert,
    Window, ///< Qt's own readers
};

struct Signature
{
    std::size_t at;
    std::string_view bytes;
    const char* name;
    Way way;
};

// The longer of two that begin alike stands first.
constexpr std::array kSignatures = {
    Signature { 8, "CR\x02"sv, "a camera's raw picture (CR2)", Way::Convert },
    Signature { 0, "IIRO"sv, "a camera's raw picture (ORF)", Way::Convert },
    Signature { 0, "IIU\0"sv, "a camera's raw picture (RW2)", Way::Convert },
    Signature { 0, "FUJIFILMCCD-RAW"sv, "a camera's raw picture (RAF)", Way::Convert },
    Signature { 0, "\xff\x0a"sv, "a JPEG XL picture", Way::Convert },
    Signature { 0, "\0\0\0\x0cJXL \r\n\x87\n"sv, "a JPEG XL picture", Way::Convert },
    Signature { 0, "\0\0\0\x0cjP  \r\n\x87\n"sv, "a JPEG 2000 picture", Way::Convert },
    Signature { 0, "\xff\x4f\xff\x51"sv, "a JPEG 2000 picture", Way::Convert },
    Signature { 0, "8BPS"sv, "a Photoshop document", Way::Convert },
    Signature { 0, "gimp xcf"sv, "a GIMP document", Way::Convert },
    Signature { 0, "\0\0\1\0"sv, "an icon (ICO)", Way::Window },
    Signature { 0, "\x8aMNG\r\n\x1a\n"sv, "an MNG animation", Way::Convert },
    Signature { 0, "qoif"sv, "a QOI picture", Way::Convert },
    Signature { 0, "DDS "sv, "a DDS texture", Way::Convert },
    Signature { 0, "\x76\x2f\x31\x01"sv, "an OpenEXR picture", Way::Convert },
    Signature { 0, "#?RADIANCE"sv, "a Radiance HDR picture", Way::Convert },
    Signature { 0, "SIMPLE  ="sv, "a FITS picture", Way::Convert },
    Signature { 0, "%!PS"sv, "a PostScript document", Way::Convert },
};

ForeignFile picture(const std::string& name, Way way)
{
    return { name, way == Way::Convert ? kConvert : kWindow, way == Way::Window };
}

/// The major brand of an ISO media file, then at 16 the compatible ones; empty when it is none.
std::string_view brandsOf(std::string_view head)
{
    return head.size() >= 12 && head.substr(4, 4) == "ftyp" ? head.substr(8, 56)
                                                            : std::string_view();
}

bool isAvif(std::string_view head)
{
    const std::string_view brands = brandsOf(head);
    return brands.find("avif") != std::string_view::npos
        || brands.find("avis") != std::string_view::npos;
}

/// ISO media files: their brand says what is in them; mif1 alone does not say which coding.
std::optional<ForeignFile> isoMedia(std::string_view head)
{
    const std::string_view brands = brandsOf(head);
    if (brands.empty())
        return std::nullopt;
    if (brands.find("crx ") != std::string_view::npos)
        return picture("a camera's raw picture (CR3)", Way::Convert);
    for (const std::string_view brand :
        { "heic"sv, "heix"sv, "hevc"sv, "hevx"sv, "heim"sv, "heis"sv, "mif1"sv, "msf1"sv })
        if (brands.find(brand) != std::string_view::npos)
            return picture("a HEIC picture", Way::Convert);
    return ForeignFile { "a film", "a picture of it as PNG or JPEG" };
}

bool isWebp(std::string_view head)
{
    return head.size() >= 12 && head.starts_with("RIFF") && head.substr(8, 4) == "WEBP";
}

bool isTiff(std::string_view head)
{
    const bool cr2 = head.size() >= 11 && head.substr(8, 3) == "CR\x02"sv;
    return !cr2
        && (head.starts_with("II*\0"sv) || head.starts_with("MM\0*"sv)
            || head.starts_with("II+\0"sv) || head.starts_with("MM\0+"sv));
}

/// "BM", then a size, four bytes reserved, where the pixels begin and how long the next header is.
bool isBmp(std::string_view head)
{
    if (head.size() < 18 || !head.starts_with("BM"))
        return false;
    constexpr std::array<int, 8> kHeaderSizes = { 12, 16, 40, 52, 56, 64, 108, 124 };
    const int size = static_cast<unsigned char>(head[14]);
    return head.substr(15, 3) == "\0\0\0"sv && contains(kHeaderSizes, size);
}

/// "P1" to "P7" and white space.
bool isPnm(std::string_view head)
{
    return head.size() >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7'
        && (head[2] == '\n' || head[2] == ' ' || head[2] == '\r' || head[2] == '\t');
}

/// What is no picture at all, or stands in for one.
ForeignFile noPicture(KnownFile file)
{
    switch (file) {
    case KnownFile::GitLfsPointer:
        return { "a Git LFS pointer",
            "the picture itself, which `git lfs pull` in its folder fetches" };
    case KnownFile::HtmlPage:
        return { "an HTML page",
            "the picture itself: a web page was saved in its place, often one that asks to log in "
            "or says that something is missing" };
    case KnownFile::NumPyArray:
        return picture("a NumPy array", Way::Convert);
    case KnownFile::PdfDocument:
        return picture("a PDF document", Way::Convert);
    default:
        return { "an archive", "a picture out of it" };
    }
}

/// Drawings and what servers answer, as XML.
std::optional<ForeignFile> xml(ByteView bytes)
{
    const std::string text = beginningOfText(bytes);
    if (!text.starts_with('<'))
        return std::nullopt;
    const std::string_view root = rootElement(text);
    if (root.starts_with("<svg") || text.find("<svg") != std::string::npos)
        return picture("an SVG drawing", Way::Convert);
    if (root.empty())
        return ForeignFile { "an XML document", "a picture as PNG or JPEG" };
    if (text.starts_with("<?xml") || text.starts_with("<error"))
        return ForeignFile { "an XML document",
            "the picture itself: what a server answers when it has none looks like this" };
    return std::nullopt;
}

} // namespace

const char* nameOf(PictureKind kind) noexcept
{
    constexpr std::array kNames { "PNG", "JPEG", "WebP", "AVIF", "TIFF", "GIF", "BMP" };
    return kNames[static_cast<std::size_t>(kind)];
}

std::optional<PictureKind> pictureKind(ByteView bytes)
{
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (head.starts_with("\x89PNG\r\n\x1a\n"))
        return PictureKind::Png;
    if (head.starts_with("\xff\xd8\xff"))
        return PictureKind::Jpeg;
    if (isWebp(head))
        return PictureKind::Webp;
    if (isAvif(head))
        return PictureKind::Avif;
    if (isTiff(head))
        return PictureKind::Tiff;
    if (head.starts_with("GIF87a") || head.starts_with("GIF89a"))
        return PictureKind::Gif;
    if (isBmp(head))
        return PictureKind::Bmp;
    return std::nullopt;
}

std::span<const std::string_view> pictureEndings() noexcept
{
    static constexpr std::array<std::string_view, 13> kEndings { ".png", ".jpg", ".webp", ".avif",
        ".tif", ".gif", ".bmp", ".jpeg", ".tiff", ".apng", ".jpe", ".jfif", ".dib" };
    return kEndings;
}

bool isNamedAsPicture(std::string_view fileName)
{
    const auto small = [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    const auto endings = pictureEndings();
    return std::ranges::any_of(endings, [&](std::string_view ending) {
        return fileName.size() > ending.size()
            && std::equal(ending.rbegin(), ending.rend(), fileName.rbegin(),
                [&](char wanted, char found) { return wanted == small(found); });
    });
}

std::optional<ForeignFile> foreignFile(ByteView bytes)
{
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    for (const Signature& signature : kSignatures)
        if (head.size() >= signature.at + signature.bytes.size()
            && head.substr(signature.at, signature.bytes.size()) == signature.bytes
            && (signature.at == 0 || head.starts_with("II*")))
            return picture(signature.name, signature.way);
    if (auto found = isoMedia(head))
        return found;
    if (head.starts_with("RIFF"))
        return ForeignFile { "a film or sound", "a picture of it as PNG or JPEG" };
    if (isPnm(head))
        return picture("a PNM picture (PBM, PGM or PPM)", Way::Window);
    if (const auto known = recognise(bytes))
        return noPicture(*known);
    return xml(bytes);
}

} // namespace crossiter
