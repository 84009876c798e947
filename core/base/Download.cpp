#include "core/base/Download.h"

#include "core/base/ByteCount.h"
#include "core/base/DownloadPace.h"
#include "core/base/DownloadPart.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/ServerAnswer.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <curl/curl.h>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

using detail::DownloadPace;
using detail::PartFile;
using detail::PartIdentity;
using detail::ServerAnswer;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kSpaceMargin = 64ULL << 20U;
constexpr std::uint64_t kGoodAttempt = 1ULL
    << 20U; // bytes after which a broken attempt is forgiven

std::string environment(const char* name)
{
    const char* value = std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here sets it
    return value == nullptr ? std::string() : std::string(value);
}

/// What an attempt came to.
enum class Outcome
{
    Done,
    Again, ///< after a pause
    Anew, ///< at once and from the first byte: the part belongs to another file
    Cancelled
};

class Transfer
{
public:
    Transfer(
        const DownloadRequest& request, const ProgressSink& progress, const std::stop_token& stop)
        : m_request(request)
        , m_progress(progress)
        , m_stop(stop)
        , m_part(request.part)
        , m_curl(curl_easy_init(), curl_easy_cleanup)
    {
        if (m_curl == nullptr)
            throw Error(ErrorKind::Internal, "libcurl does not start", "");
        const auto known = PartIdentity::read(request.part);
        if (known && known->url == request.url)
            m_identity = *known;
        else
            m_part.clear();
        m_identity.url = request.url;
    }

    DownloadResult run()
    {
        Outcome outcome = Outcome::Again;
        int anew = 0;
        for (int attempt = 1; attempt <= m_request.attempts; ++attempt) {
            const std::uint64_t before = m_received;
            outcome = once();
            // A server that changes its mind each time must not keep us for ever.
            while (outcome == Outcome::Anew && ++anew < 4) {
                m_part.clear();
                m_identity = { m_request.url };
                outcome = once();
            }
            if (outcome == Outcome::Done || outcome == Outcome::Cancelled)
                break;
            if (m_received - before >= kGoodAttempt)
                attempt = 1; // a line that breaks now and then still gets there
            if (attempt < m_request.attempts && !pause(attempt)) {
                outcome = Outcome::Cancelled;
                break;
            }
        }
        if (outcome != Outcome::Done && outcome != Outcome::Cancelled)
            throw Error(ErrorKind::BadInput,
                "download failed " + std::to_string(m_request.attempts)
                    + (m_request.attempts == 1 ? " time" : " times")
                    + ", what came is kept and gone on with next time",
                m_request.url, "the file", m_trouble);
        m_part.flush();
        DownloadResult result;
        result.bytes = m_part.size();
        result.received = m_received;
        result.announcedSha256 = detail::sha256OfTag(m_identity.linkedEtag);
        result.cancelled = outcome == Outcome::Cancelled;
        return result;
    }

private:
    template <class Value>
    void set(CURLoption option, Value value)
    {
        const CURLcode code = curl_easy_setopt(m_curl.get(), option, value);
        if (code != CURLE_OK)
            throw Error(ErrorKind::BadInput, "cannot download", m_request.url,
                "an address that libcurl takes", curl_easy_strerror(code));
    }

    void prepare(curl_slist* headers)
    {
        curl_easy_reset(m_curl.get());
        const bool secure = m_request.url.starts_with("https://");
        set(CURLOPT_URL, m_request.url.c_str());
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
        set(CURLOPT_FOLLOWLOCATION, 1L);
        set(CURLOPT_MAXREDIRS, 10L);
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_CONNECTTIMEOUT, 20L);
        set(CURLOPT_USERAGENT, "crossiter");
        set(CURLOPT_HTTPHEADER, headers);
        set(CURLOPT_ERRORBUFFER, m_fault);
        for (const char* name : { "CURL_CA_BUNDLE", "SSL_CERT_FILE" }) {
            if (const std::string file = environment(name); !file.empty()) {
                set(CURLOPT_CAINFO, file.c_str());
                break;
            }
        }
        set(CURLOPT_HEADERFUNCTION, &Transfer::onHeader);
        set(CURLOPT_HEADERDATA, this);
        set(CURLOPT_WRITEFUNCTION, &Transfer::onBytes);
        set(CURLOPT_WRITEDATA, this);
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &Transfer::onTick);
        set(CURLOPT_XFERINFODATA, this);
        m_fault[0] = '\0';
        m_answer = ServerAnswer();
        m_lastByte = Clock::now();
        m_stalled = false;
        m_pace.restart();
    }

    Outcome once()
    {
        if (m_stop.stop_requested())
            return Outcome::Cancelled;
        const std::uint64_t from = m_part.size();
        if (m_identity.total > 0 && from == m_identity.total)
            return Outcome::Done;
        curl_slist* list = nullptr;
        const auto add = [&list](const std::string& line) {
            list = curl_slist_append(list, line.c_str());
        };
        m_resumes = from > 0;
        if (m_resumes) {
            add("Range: bytes=" + std::to_string(from) + "-");
            if (!m_identity.etag.empty())
                add("If-Range: " + m_identity.etag);
        }
        const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(
            list, curl_slist_free_all);
        prepare(list);
        const CURLcode code = curl_easy_perform(m_curl.get());
        if (m_thrown)
            std::rethrow_exception(std::exchange(m_thrown, nullptr));
        if (m_stop.stop_requested() && code != CURLE_OK)
            return Outcome::Cancelled;
        return judge(code);
    }

    Outcome judge(CURLcode code)
    {
        long status = 0;
        curl_easy_getinfo(m_curl.get(), CURLINFO_RESPONSE_CODE, &status);
        if (m_anew || status == 416)
            return std::exchange(m_anew, false) || m_resumes ? Outcome::Anew : Outcome::Again;
        if (status >= 400)
            return refused(status);
        if (code != CURLE_OK) {
            m_trouble = m_stalled    ? "nothing came for a while"
                : m_fault[0] != '\0' ? m_fault
                                     : curl_easy_strerror(code);
            // What another attempt cannot mend.
            if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL
                || code == CURLE_TOO_MANY_REDIRECTS || code == CURLE_PEER_FAILED_VERIFICATION
                || code == CURLE_SSL_CACERT_BADFILE)
                throw Error(
                    ErrorKind::BadInput, "cannot download", m_request.url, "the file", m_trouble);
            return Outcome::Again;
        }
        if (m_identity.total > 0 && m_part.size() != m_identity.total) {
            m_trouble = "the connection closed after " + std::to_string(m_part.size()) + " of "
                + std::to_string(m_identity.total) + " bytes";
            return Outcome::Again;
        }
        if (m_answer.responses == 0
            || !m_answer.accepted) { // an empty body: onBytes was never called
            m_trouble = "an answer without content";
            return Outcome::Again;
        }
        return Outcome::Done;
    }

    Outcome refused(long status)
    {
        m_trouble = "HTTP status " + std::to_string(status);
        if (status == 408 || status == 425 || status == 429 || status >= 500)
            return Outcome::Again;
        throw Error(
            ErrorKind::BadInput, "the server refuses", m_request.url, "the file", m_trouble);
    }

    /// False: cancelled meanwhile.
    bool pause(int attempt)
    {
        double seconds = m_request.backoffSeconds;
        for (int i = 1; i < attempt; ++i)
            seconds *= 2.0;
        seconds = std::min(60.0, std::max(seconds, m_answer.retryAfter));
        if (m_progress)
            m_progress({ "waiting to try again: " + oneLine(m_trouble, 80),
                static_cast<std::size_t>(m_part.size()), static_cast<std::size_t>(total()), -1.0 });
        std::mutex mutex;
        std::condition_variable_any wake;
        std::unique_lock lock(mutex);
        wake.wait_for(lock, m_stop, std::chrono::duration<double>(seconds), [] { return false; });
        return !m_stop.stop_requested();
    }

    [[nodiscard]] std::uint64_t total() const
    {
        return m_identity.total > 0 ? m_identity.total : m_request.aboutBytes;
    }

    // libcurl is C: an exception must not pass through it.
    template <class Work>
    bool guarded(Work&& work)
    {
        try {
            return work();
        } catch (...) {
            m_thrown = std::current_exception();
            return false;
        }
    }

    static std::size_t onHeader(char* bytes, std::size_t size, std::size_t count, void* self)
    {
        auto* transfer = static_cast<Transfer*>(self);
        const std::string_view line(bytes, size * count);
        const bool fine = transfer->guarded([&] {
            transfer->m_lastByte = Clock::now();
            transfer->m_answer.take(line);
            return true;
        });
        return fine ? line.size() : 0;
    }

    static std::size_t onBytes(char* bytes, std::size_t size, std::size_t count, void* self)
    {
        auto* transfer = static_cast<Transfer*>(self);
        const std::size_t length = size * count;
        return transfer->guarded([&] { return transfer->take(bytes, length); }) ? length : 0;
    }

    /// False: stop the transfer.
    bool take(const char* bytes, std::size_t length)
    {
        long status = 0;
        curl_easy_getinfo(m_curl.get(), CURLINFO_RESPONSE_CODE, &status);
        if (status != 200 && status != 206)
            return true; // an error page: let it pass by
        if (!m_answer.accepted && !accept(status))
            return false;
        m_lastByte = Clock::now();
        const std::uint64_t limit = m_identity.total > 0 ? m_identity.total : m_request.maxBytes;
        if (m_part.size() + length > limit) {
            const SizeTexts sizes = sizeTexts(limit, m_part.size() + length);
            throw Error(ErrorKind::BadInput, "the server sends more than it should", m_request.url,
                "at most " + sizes.limit, sizes.found + " or more");
        }
        m_part.append(bytes, length);
        m_received += length;
        return true;
    }

    /// The first bytes are here: is this the file whose beginning we have, and is there room?
    bool accept(long status)
    {
        PartIdentity now { m_request.url, m_answer.etag, m_answer.linkedEtag };
        if (status == 206) {
            // "bytes 100-199/200"
            const std::string begin = "bytes " + std::to_string(m_part.size()) + "-";
            const auto slash = m_answer.range.find('/');
            const auto whole = slash == std::string::npos
                ? std::nullopt
                : parseNumber<std::uint64_t>(m_answer.range.substr(slash + 1));
            if (!m_resumes || !m_answer.range.starts_with(begin) || !whole)
                return begunAnew();
            now.total = *whole;
            const bool same = (m_identity.total == 0 || m_identity.total == now.total)
                && m_identity.linkedEtag == now.linkedEtag
                && (m_identity.etag.empty() || m_identity.etag == now.etag);
            if (!same)
                return begunAnew();
        } else {
            m_part.clear(); // the whole file comes, whatever we asked for
            // Without a length the end of the connection would pass for the end of the file.
            now.total =
                m_answer.length.value_or(m_answer.linkedSize.value_or(m_request.expectedBytes));
        }
        checkLength(now.total);
        if (now.total > 0)
            requireSpace(m_request.part.parent_path(), now.total - m_part.size());
        if (now != m_identity || m_part.size() == 0) {
            m_identity = now;
            m_identity.write(m_request.part);
        }
        m_answer.accepted = true;
        return true;
    }

    bool begunAnew()
    {
        m_anew = true;
        return false;
    }

    void checkLength(std::uint64_t announced) const
    {
        const auto differs = [&](std::uint64_t expected) {
            return expected > 0 && announced > 0 && expected != announced;
        };
        const std::uint64_t linked = m_answer.linkedSize.value_or(0);
        if (differs(m_request.expectedBytes) || differs(linked))
            throw Error(ErrorKind::BadInput, "another file than expected", m_request.url,
                std::to_string(differs(linked) ? linked : m_request.expectedBytes) + " bytes",
                std::to_string(announced) + " bytes");
        if (announced > m_request.maxBytes) {
            const SizeTexts sizes = sizeTexts(m_request.maxBytes, announced);
            throw Error(ErrorKind::BadInput, "the file is too large", m_request.url,
                "at most " + sizes.limit, sizes.found);
        }
    }

    static int onTick(void* self, curl_off_t /*downTotal*/, curl_off_t /*downNow*/,
        curl_off_t /*upTotal*/, curl_off_t /*upNow*/)
    {
        return static_cast<Transfer*>(self)->tick();
    }

    int tick()
    {
        const Clock::time_point now = Clock::now();
        const std::chrono::duration<double> silence = now - m_lastByte;
        m_stalled = silence.count() > m_request.stallSeconds;
        if (m_progress && now - m_lastReport > std::chrono::milliseconds(100)) {
            m_lastReport = now;
            m_progress({ "fetching", static_cast<std::size_t>(m_part.size()),
                static_cast<std::size_t>(total()), m_pace.secondsLeft(m_part.size(), total()) });
        }
        return m_stop.stop_requested() || m_stalled ? 1 : 0;
    }

    const DownloadRequest& m_request;
    const ProgressSink& m_progress;
    const std::stop_token& m_stop;
    PartFile m_part;
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> m_curl;
    PartIdentity m_identity;
    ServerAnswer m_answer;
    bool m_resumes = false;
    bool m_anew = false;
    bool m_stalled = false;
    std::uint64_t m_received = 0;
    Clock::time_point m_lastByte;
    Clock::time_point m_lastReport;
    DownloadPace m_pace;
    std::string m_trouble = "nothing was tried";
    std::exception_ptr m_thrown;
    char m_fault[CURL_ERROR_SIZE] = {};
};

} // namespace

DownloadResult download(
    const DownloadRequest& request, const ProgressSink& progress, const std::stop_token& stop)
{
    static const CURLcode kStarted = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (kStarted != CURLE_OK)
        throw Error(
            ErrorKind::Internal, "libcurl does not start", "", "", curl_easy_strerror(kStarted));
    if (!request.url.starts_with("http://") && !request.url.starts_with("https://"))
        throw Error(
            ErrorKind::BadInput, "wrong address", "url", "http://... or https://...", request.url);
    std::error_code fault;
    const auto have = fs::file_size(request.part, fault);
    const std::uint64_t about = std::max(request.expectedBytes, request.aboutBytes);
    requireSpace(request.part.parent_path(), about - std::min(about, fault ? 0 : have));
    DownloadResult result;
    try {
        result = Transfer(request, progress, stop).run();
    } catch (const Error&) {
        if (fs::file_size(request.part, fault) == 0 && !fault)
            discardPart(request.part); // nothing came: leave nothing behind
        throw;
    }
    if (!result.cancelled && request.expectedBytes > 0 && result.bytes != request.expectedBytes)
        throw Error(ErrorKind::BadInput, "another file than expected", request.url,
            std::to_string(request.expectedBytes) + " bytes", std::to_string(result.bytes));
    return result;
}

void requireSpace(const fs::path& folder, std::uint64_t bytes)
{
    std::error_code fault;
    const fs::space_info space = fs::space(folder.empty() ? fs::path(".") : folder, fault);
    const std::uint64_t wanted =
        bytes > UINT64_MAX - kSpaceMargin ? UINT64_MAX : bytes + kSpaceMargin;
    if (!fault && space.available < wanted) {
        const SizeTexts sizes = sizeTexts(wanted, space.available);
        throw Error(ErrorKind::BadInput, "not enough space", folder.string(), sizes.limit + " free",
            sizes.found);
    }
}

} // namespace crossiter
