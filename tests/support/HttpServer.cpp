#include "tests/support/HttpServer.h"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <chrono>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace crossiter::test {

namespace {

std::string lowered(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
        [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

bool sendAll(int connection, const std::string& bytes)
{
    for (std::size_t done = 0; done < bytes.size();) {
        const ssize_t sent =
            ::send(connection, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (sent <= 0)
            return false;
        done += static_cast<std::size_t>(sent);
    }
    return true;
}

HttpRequest parse(const std::string& text)
{
    HttpRequest request;
    const auto blank = text.find(' ');
    request.path = text.substr(blank + 1, text.find(' ', blank + 1) - blank - 1);
    for (std::size_t line = text.find("\r\n") + 2; line < text.size();) {
        const auto end = text.find("\r\n", line);
        const auto colon = text.find(": ", line);
        if (end == std::string::npos || end == line || colon >= end)
            break;
        request.headers[lowered(text.substr(line, colon - line))] =
            text.substr(colon + 2, end - colon - 2);
        line = end + 2;
    }
    return request;
}

} // namespace

HttpServer::HttpServer(Handler handler)
    : m_handler(std::move(handler))
    , m_socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0))
{
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (m_socket < 0 || ::bind(m_socket, plain, size) != 0 || ::listen(m_socket, 8) != 0
        || ::getsockname(m_socket, plain, &size) != 0)
        throw std::runtime_error("cannot listen on 127.0.0.1");
    m_port = ntohs(address.sin_port);
    m_thread = std::thread([this] { serve(); });
}

HttpServer::~HttpServer()
{
    m_quit = true;
    m_thread.join();
    ::close(m_socket);
}

std::string HttpServer::url(const std::string& path) const
{
    return "http://127.0.0.1:" + std::to_string(m_port) + path;
}

std::vector<HttpRequest> HttpServer::requests() const
{
    const std::lock_guard lock(m_mutex);
    return m_requests;
}

void HttpServer::serve()
{
    while (!m_quit) {
        pollfd ready { m_socket, POLLIN, 0 };
        if (::poll(&ready, 1, 20) <= 0)
            continue;
        const int connection = ::accept(m_socket, nullptr, nullptr);
        if (connection >= 0) {
            converse(connection);
            ::close(connection);
        }
    }
}

void HttpServer::converse(int connection)
{
    std::string text;
    char buffer[4096];
    while (text.find("\r\n\r\n") == std::string::npos) {
        const ssize_t got = ::recv(connection, buffer, sizeof buffer, 0);
        if (got <= 0)
            return;
        text.append(buffer, static_cast<std::size_t>(got));
    }
    const HttpRequest request = parse(text);
    {
        const std::lock_guard lock(m_mutex);
        m_requests.push_back(request);
    }
    const HttpAnswer answer = m_handler(request);
    std::string head = "HTTP/1.1 " + std::to_string(answer.status) + " x\r\nConnection: close\r\n";
    bool sized = false;
    for (const std::string& header : answer.headers) {
        head += header + "\r\n";
        sized = sized || lowered(header).starts_with("content-length");
    }
    if (!sized)
        head += "Content-Length: " + std::to_string(answer.body.size()) + "\r\n";
    if (!sendAll(connection, head + "\r\n"))
        return;
    const std::size_t end = std::min(answer.body.size(), answer.cutAfter);
    for (std::size_t done = 0; done < end && !m_quit; done += 16384) {
        std::this_thread::sleep_for(std::chrono::milliseconds(answer.pauseMilliseconds));
        if (!sendAll(
                connection, answer.body.substr(done, std::min<std::size_t>(16384, end - done))))
            return;
    }
    ::shutdown(connection, SHUT_WR);
}

HttpAnswer answerWithRanges(
    const HttpRequest& request, const std::string& content, const std::string& etag)
{
    HttpAnswer answer;
    answer.headers = { "ETag: " + etag, "Accept-Ranges: bytes" };
    answer.body = content;
    const auto range = request.headers.find("range");
    const auto condition = request.headers.find("if-range");
    if (range == request.headers.end()
        || (condition != request.headers.end() && condition->second != etag))
        return answer;
    const std::size_t from = std::stoull(range->second.substr(6)); // after "bytes="
    if (from >= content.size()) {
        answer.status = 416;
        answer.headers.push_back("Content-Range: bytes */" + std::to_string(content.size()));
        answer.body.clear();
        return answer;
    }
    answer.status = 206;
    answer.headers.push_back("Content-Range: bytes " + std::to_string(from) + "-"
        + std::to_string(content.size() - 1) + "/" + std::to_string(content.size()));
    answer.body = content.substr(from);
    return answer;
}

} // namespace crossiter::test
