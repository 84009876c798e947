#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace crossiter::detail {

/// What the headers of one attempt of a download say. After redirects the last response counts,
/// but for what only the first one brings.
struct ServerAnswer
{
    int responses = 0; ///< status lines so far: 1 and the redirects
    std::optional<std::uint64_t> length; ///< Content-Length, bytes
    std::optional<std::uint64_t> linkedSize; ///< X-Linked-Size of the first response, bytes
    std::string range; ///< Content-Range: "bytes 100-199/200"
    std::string etag; ///< strong, or empty
    std::string linkedEtag; ///< X-Linked-Etag of the first response
    double retryAfter = 0.0; ///< Retry-After, seconds
    bool accepted = false; ///< set by whoever takes this response's bytes

    /// One line of the headers; unknown ones are ignored.
    void take(std::string_view line);
};

/// The SHA-256 that an ETag is, 64 hex digits in quotes as Hugging Face writes them; else empty.
[[nodiscard]] std::string sha256OfTag(std::string etag);

} // namespace crossiter::detail
