#include "core/base/FileSignature.h"

#include "core/base/Words.h"

#include <algorithm>
#include <array>

namespace crossiter {

namespace {

struct Signature
{
    std::size_t at;
    std::string_view bytes;
    KnownFile file;
};

constexpr std::array kSignatures {
    Signature { 0, "PK\x03\x04", KnownFile::Zip },
    Signature { 0, "\x1f\x8b", KnownFile::Gzip },
    Signature { 0, "BZh", KnownFile::Bzip2 },
    Signature { 0,
        "\xfd"
        "7zXZ",
        KnownFile::Xz },
    Signature { 0, "\x28\xb5\x2f\xfd", KnownFile::Zstd },
    Signature { 0, "7z\xbc\xaf", KnownFile::SevenZip },
    Signature { 0, "Rar!", KnownFile::Rar },
    Signature { 257, "ustar", KnownFile::Tar },
    Signature { 0, "\x93NUMPY", KnownFile::NumPyArray },
    Signature { 0, "%PDF", KnownFile::PdfDocument },
};

bool isDrawing(std::string_view root)
{
    return root.starts_with("<svg") || root.starts_with("<svg:svg");
}

bool isPage(std::string_view text)
{
    if (!text.starts_with('<') || isDrawing(rootElement(text)))
        return false;
    const auto has = [text](std::string_view word) {
        return text.find(word) != std::string_view::npos;
    };
    if (has("<html") || has("<!doctype html") || has("<head") || has("<body") || has("<script"))
        return true;
    // A drawing may begin so as well.
    return (text.starts_with("<!doctype") || text.starts_with("<!--")) && !has("svg");
}

} // namespace

std::optional<KnownFile> recognise(ByteView head)
{
    const std::string_view bytes(reinterpret_cast<const char*>(head.data()), head.size());
    for (const Signature& one : kSignatures)
        if (bytes.size() > one.at && bytes.substr(one.at).starts_with(one.bytes))
            return one.file;
    const std::string text = beginningOfText(head);
    if (text.starts_with("version https://git-lfs") || text.starts_with("version https://hawser"))
        return KnownFile::GitLfsPointer;
    return isPage(text) ? std::optional(KnownFile::HtmlPage) : std::nullopt;
}

std::string_view rootElement(std::string_view text)
{
    constexpr std::string_view kBlanks = " \t\r\n";
    for (;;) {
        text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
        std::string_view end;
        if (text.starts_with("<?"))
            end = "?>";
        else if (text.starts_with("<!--"))
            end = "-->";
        else if (text.starts_with("<!doctype"))
            end = text.substr(0, text.find('>')).find('[') == std::string_view::npos ? ">" : "]";
        else
            return text;
        const std::size_t at = text.find(end);
        text.remove_prefix(at == std::string_view::npos ? text.size() : at + end.size());
        if (end == "]")
            text.remove_prefix(std::min(text.find('>'), text.size() - 1) + 1);
    }
}

std::string beginningOfText(ByteView head)
{
    std::string_view bytes(reinterpret_cast<const char*>(head.data()), head.size());
    if (bytes.starts_with("\xef\xbb\xbf"))
        bytes.remove_prefix(3);
    bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
    return lowerCase(std::string(bytes.substr(0, kSignatureBytes)));
}

} // namespace crossiter
