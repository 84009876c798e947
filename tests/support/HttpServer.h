#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace crossiter::test {

struct HttpRequest
{
    std::string path;
    std::map<std::string, std::string> headers; ///< names in lower case
};

struct HttpAnswer
{
    int status = 200;
    std::vector<std::string> headers; ///< "Name: value"; Content-Length is added unless one is here
    std::string body;
    std::size_t cutAfter = std::string::npos; ///< closes the connection after so many body bytes
    int pauseMilliseconds = 0; ///< before each 16 KB of the body
};

/// A web server on 127.0.0.1 that answers by a function, one connection after another.
class HttpServer
{
public:
    using Handler = std::function<HttpAnswer(const HttpRequest&)>;

    explicit HttpServer(Handler handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;
    HttpServer(HttpServer&&) = delete;
    HttpServer& operator=(HttpServer&&) = delete;

    [[nodiscard]] std::string url(const std::string& path = {}) const;
    [[nodiscard]] std::vector<HttpRequest> requests() const;

private:
    void serve();
    void converse(int connection);

    Handler m_handler;
    int m_socket = -1;
    int m_port = 0;
    std::atomic<bool> m_quit { false };
    mutable std::mutex m_mutex;
    std::vector<HttpRequest> m_requests;
    std::thread m_thread;
};

/// `content` as a server with ranges gives it: 206 for "Range: bytes=N-", 416 beyond the end.
[[nodiscard]] HttpAnswer answerWithRanges(
    const HttpRequest& request, const std::string& content, const std::string& etag);

} // namespace crossiter::test
