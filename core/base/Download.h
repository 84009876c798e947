#pragma once

#include "core/base/Progress.h"

#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>

namespace crossiter {

struct DownloadRequest
{
    std::string url; ///< http:// or https://; a redirect never leaves https
    /// Where the bytes gather. What an interrupted download left there is gone on with, if the
    /// server still has the same file; PART.json beside it remembers which file that is.
    std::filesystem::path part;
    std::uint64_t expectedBytes = 0; ///< 0: not known. Else another length is refused
    std::uint64_t aboutBytes = 0; ///< for the look at the free space before anything is asked for
    std::uint64_t maxBytes = 16ULL << 30U;
    int attempts = 5; ///< 1..100
    double backoffSeconds = 1.0; ///< before the second attempt; doubles, at most 60
    double stallSeconds = 30.0; ///< without a byte: the attempt has failed
};

struct DownloadResult
{
    std::uint64_t bytes = 0; ///< length of the whole file
    std::uint64_t received = 0; ///< bytes of it that came over the net in this call
    /// X-Linked-Etag of the first response, unquoted, if it is 64 hex digits: Hugging Face gives
    /// the file's SHA-256 there. Empty: the server did not say.
    std::string announcedSha256;
    bool cancelled = false; ///< the part stays
};

/// Fetches a file into `part` by libcurl: goes on by Range (with If-Range, so that a file that
/// changed is begun anew), tries again with growing pauses after faults of the net and after 408,
/// 429 and 5xx. An answer without Content-Length is as long as X-Linked-Size says, else
/// expectedBytes. $CURL_CA_BUNDLE and $SSL_CERT_FILE name another set of certificates; proxies come
/// from the environment as libcurl reads it. Throws Error(BadInput): address malformed, no space,
/// server's refusal, another length than expected or announced, all attempts failed.
[[nodiscard]] DownloadResult download(const DownloadRequest& request,
    const ProgressSink& progress = {}, const std::stop_token& stop = {});

/// Removes a part and what lies beside it.
void discardPart(const std::filesystem::path& part);

/// Throws Error(BadInput) when the file system of `folder` has less than `bytes` and a margin of
/// 64 MB free. A file system that does not say passes.
void requireSpace(const std::filesystem::path& folder, std::uint64_t bytes);

} // namespace crossiter
