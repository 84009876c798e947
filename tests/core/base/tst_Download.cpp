// Downloads from a server of the test's own: resuming, retrying, refusing, cancelling.

#include "core/base/Download.h"
#include "core/base/Error.h"
#include "core/base/RegularFile.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include "tests/support/HttpServer.h"

using namespace crossiter;
using test::HttpAnswer;
using test::HttpRequest;
using test::HttpServer;

namespace {

std::string content(std::size_t bytes, char salt = 0)
{
    std::string text(bytes, '\0');
    std::uint32_t state = 7 + static_cast<unsigned char>(salt);
    for (char& c : text) {
        state = state * 1664525U + 1013904223U;
        c = static_cast<char>(state >> 24U);
    }
    return text;
}

std::string textOf(const std::filesystem::path& path)
{
    const auto bytes = readFile(path, 1U << 30U);
    return { bytes.begin(), bytes.end() };
}

std::string errorOf(const DownloadRequest& request)
{
    try {
        (void)download(request);
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput ? error.what() : "wrong kind";
    }
    return "no error";
}

} // namespace

class tst_Download : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    const std::string m_content = content(600'000);
    int m_parts = 0;

    DownloadRequest request(const HttpServer& server, int attempts = 3)
    {
        DownloadRequest request;
        request.url = server.url("/folder/model.safetensors");
        request.part = (m_folder.path() + "/" + QString::number(++m_parts) + ".part").toStdString();
        request.attempts = attempts;
        request.backoffSeconds = 0.01;
        request.stallSeconds = 1.0;
        return request;
    }

private slots:
    void bringsAFile()
    {
        const HttpServer server(
            [&](const HttpRequest& r) { return answerWithRanges(r, m_content, "\"a\""); });
        const DownloadRequest file = request(server);
        std::size_t last = 0;
        const DownloadResult result = download(file, [&](const Progress& p) { last = p.done; });
        QCOMPARE(result.bytes, m_content.size());
        QCOMPARE(result.received, m_content.size());
        QVERIFY(result.announcedSha256.empty());
        QVERIFY(last <= m_content.size());
        QVERIFY(textOf(file.part) == m_content);
        QCOMPARE(server.requests().size(), std::size_t(1));
        discardPart(file.part);
        QVERIFY(!std::filesystem::exists(file.part));
        QVERIFY(!std::filesystem::exists(file.part.string() + ".json"));
    }

    void goesOnWhereTheConnectionBroke()
    {
        int count = 0;
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"a\"");
            if (++count < 3)
                answer.cutAfter = 200'000;
            return answer;
        });
        const DownloadRequest file = request(server);
        const DownloadResult result = download(file);
        QCOMPARE(result.received, m_content.size()); // no byte came twice
        QVERIFY(textOf(file.part) == m_content);
        const auto seen = server.requests();
        QCOMPARE(seen.size(), std::size_t(3));
        QCOMPARE(seen[1].headers.at("range"), std::string("bytes=200000-"));
        QCOMPARE(seen[1].headers.at("if-range"), std::string("\"a\""));
        QCOMPARE(seen[2].headers.at("range"), std::string("bytes=400000-"));
    }

    void goesOnInALaterCall()
    {
        constexpr std::size_t kCut = 222'000; // 37 % of the file
        bool broken = true;
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"a\"");
            if (broken)
                answer.cutAfter = kCut;
            return answer;
        });
        const DownloadRequest file = request(server, 1);
        QVERIFY(errorOf(file).find("what came is kept") != std::string::npos);
        QCOMPARE(textOf(file.part).size(), kCut);
        broken = false;
        QCOMPARE(download(file).received, m_content.size() - kCut);
        QVERIFY(textOf(file.part) == m_content);
    }

    void beginsAnewWhenTheFileChanged()
    {
        const std::string changed = content(500'000, 1);
        bool before = true;
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = before ? answerWithRanges(r, m_content, "\"a\"")
                                       : answerWithRanges(r, changed, "\"b\"");
            if (before)
                answer.cutAfter = 100'000;
            return answer;
        });
        const DownloadRequest file = request(server, 1);
        QVERIFY(errorOf(file) != "no error");
        before = false;
        (void)download(file);
        QVERIFY(textOf(file.part) == changed);
    }

    void beginsAnewWhenRangesFitNothing_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char* kind : { "wrong start", "other length", "no Content-Range", "416" })
            QTest::newRow(kind) << kind;
    }

    void beginsAnewWhenRangesFitNothing()
    {
        QFETCH(const QString, kind);
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"a\"");
            if (answer.status != 206) {
                static int cuts = 0;
                answer.cutAfter = cuts++ % 2 == 0 ? 100'000 : std::string::npos;
                return answer;
            }
            answer.headers = { "ETag: \"a\"" };
            if (kind == "wrong start")
                answer.headers.emplace_back("Content-Range: bytes 5-599999/600000");
            if (kind == "other length")
                answer.headers.emplace_back("Content-Range: bytes 100000-599999/700000");
            if (kind == "416")
                answer.status = 416;
            return answer;
        });
        const DownloadRequest file = request(server);
        (void)download(file);
        QVERIFY(textOf(file.part) == m_content);
        QCOMPARE(server.requests().size(), std::size_t(3)); // cut, refused piece, the whole
    }

    void serverWithoutRangesSendsAllAgain()
    {
        int count = 0;
        const HttpServer server([&](const HttpRequest&) {
            HttpAnswer answer;
            answer.body = m_content;
            if (++count == 1)
                answer.cutAfter = 300'000;
            return answer;
        });
        const DownloadRequest file = request(server);
        (void)download(file);
        QVERIFY(textOf(file.part) == m_content);
    }

    void triesAgainAfterFaultsOfTheServer_data()
    {
        QTest::addColumn<int>("status");
        for (const int status : { 408, 429, 500, 502, 503 })
            QTest::newRow(qPrintable(QString::number(status))) << status;
    }

    void triesAgainAfterFaultsOfTheServer()
    {
        QFETCH(const int, status);
        int count = 0;
        const HttpServer server([&](const HttpRequest& r) {
            if (++count == 1) {
                HttpAnswer answer;
                answer.status = status;
                answer.body = "a page that must not end in the file";
                return answer;
            }
            return answerWithRanges(r, m_content, "\"a\"");
        });
        const DownloadRequest file = request(server);
        (void)download(file);
        QVERIFY(textOf(file.part) == m_content);
        QCOMPARE(count, 2);
    }

    void refusalIsFinal()
    {
        const HttpServer server([](const HttpRequest&) {
            HttpAnswer answer;
            answer.status = 404;
            return answer;
        });
        const DownloadRequest file = request(server);
        const std::string error = errorOf(file);
        QVERIFY(!std::filesystem::exists(file.part));
        QVERIFY2(error.find("HTTP status 404") != std::string::npos, error.c_str());
        QCOMPARE(server.requests().size(), std::size_t(1));
    }

    void givesUpAfterTheAttempts()
    {
        std::string url;
        {
            const HttpServer server([](const HttpRequest&) { return HttpAnswer(); });
            url = server.url("/gone");
        }
        DownloadRequest file;
        file.url = url; // nobody listens there any more
        file.part = (m_folder.path() + "/gone.part").toStdString();
        file.attempts = 2;
        file.backoffSeconds = 0.01;
        const std::string error = errorOf(file);
        QVERIFY2(error.find("failed 2 times") != std::string::npos, error.c_str());
        QVERIFY2(error.find(url) != std::string::npos, error.c_str());
    }

    void hashAndLengthComeWithTheFirstResponse()
    {
        const std::string hash(64, 'a');
        const HttpServer other([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"cdn\"");
            answer.headers.push_back("X-Linked-Etag: \"" + std::string(64, 'b') + "\"");
            return answer;
        });
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer;
            answer.status = 302;
            answer.headers = { "Location: " + other.url(r.path),
                "X-Linked-Etag: \"" + std::string(64, 'A') + "\"",
                "X-Linked-Size: " + std::to_string(m_content.size()) };
            return answer;
        });
        QCOMPARE(download(request(server)).announcedSha256, hash); // not the second one's
    }

    void otherLengthThanAnnouncedIsRefused()
    {
        const HttpServer other(
            [&](const HttpRequest& r) { return answerWithRanges(r, m_content, "\"cdn\""); });
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer;
            answer.status = 302;
            answer.headers = { "Location: " + other.url(r.path), "X-Linked-Size: 12" };
            return answer;
        });
        const std::string error = errorOf(request(server));
        QVERIFY2(error.find("expected 12 bytes, found 600000 bytes") != std::string::npos,
            error.c_str());
        DownloadRequest file = request(other);
        file.expectedBytes = 599'999;
        QVERIFY(errorOf(file).find("another file") != std::string::npos);
        file.expectedBytes = 0;
        file.maxBytes = 1000;
        QVERIFY(errorOf(file).find("too large") != std::string::npos);
    }

    void lengthMayBeKnownWithoutContentLength_data()
    {
        QTest::addColumn<bool>("linked");
        QTest::newRow("X-Linked-Size") << true;
        QTest::newRow("the request") << false;
    }

    void lengthMayBeKnownWithoutContentLength()
    {
        QFETCH(const bool, linked);
        constexpr std::size_t kCut = 200'000;
        bool broken = true;
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"a\"");
            answer.headers.emplace_back("Content-Length-Not-Given: 1"); // the server adds none then
            if (linked)
                answer.headers.push_back("X-Linked-Size: " + std::to_string(m_content.size()));
            if (broken)
                answer.cutAfter = kCut;
            return answer;
        });
        DownloadRequest file = request(server, 1);
        file.expectedBytes = linked ? 0 : m_content.size();
        const std::string error = errorOf(file);
        QVERIFY2(
            error.find("closed after 200000 of 600000 bytes") != std::string::npos, error.c_str());
        QCOMPARE(textOf(file.part).size(), kCut);
        broken = false;
        QCOMPARE(download(file).received, m_content.size() - kCut);
        QVERIFY(textOf(file.part) == m_content);
        QCOMPARE(server.requests()[1].headers.at("range"), std::string("bytes=200000-"));
    }

    void endlessAnswerIsCut()
    {
        const HttpServer server([&](const HttpRequest&) {
            HttpAnswer answer;
            answer.headers = { "Transfer-Encoding: identity", "Content-Length-Not-Given: 1" };
            answer.body = m_content;
            return answer;
        });
        DownloadRequest file = request(server);
        file.maxBytes = 1000;
        QVERIFY(errorOf(file) != "no error");
        QVERIFY(!std::filesystem::exists(file.part) || textOf(file.part).size() <= 1000);
    }

    void cancelKeepsThePart()
    {
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"a\"");
            answer.pauseMilliseconds = 20;
            return answer;
        });
        const DownloadRequest file = request(server);
        std::stop_source stop;
        const DownloadResult result = download(
            file,
            [&](const Progress& p) {
                if (p.done > 100'000)
                    stop.request_stop();
            },
            stop.get_token());
        QVERIFY(result.cancelled);
        const std::size_t kept = textOf(file.part).size();
        QVERIFY(kept > 100'000 && kept < m_content.size());
        QCOMPARE(download(file).received, m_content.size() - kept);
        QVERIFY(textOf(file.part) == m_content);
    }

    void cancelEndsAPause()
    {
        const HttpServer server([](const HttpRequest&) {
            HttpAnswer answer;
            answer.status = 503;
            answer.headers = { "Retry-After: 50" };
            return answer;
        });
        std::stop_source stop;
        QElapsedTimer timer;
        timer.start();
        const DownloadResult result = download(
            request(server), [&](const Progress&) { stop.request_stop(); }, stop.get_token());
        QVERIFY(result.cancelled);
        QVERIFY(timer.elapsed() < 20'000);
    }

    void stalledConnectionCounts()
    {
        int count = 0;
        const HttpServer server([&](const HttpRequest& r) {
            HttpAnswer answer = answerWithRanges(r, m_content, "\"a\"");
            if (++count == 1) { // the server must be free again before the second attempt tires
                answer.pauseMilliseconds = 1500;
                answer.cutAfter = 16384;
            }
            return answer;
        });
        const DownloadRequest file = request(server);
        (void)download(file);
        QVERIFY(textOf(file.part) == m_content);
        QCOMPARE(count, 2);
    }

    void noSpaceIsSaidBeforeAnythingIsAsked()
    {
        const HttpServer server([](const HttpRequest&) { return HttpAnswer(); });
        DownloadRequest file = request(server);
        file.aboutBytes = 1ULL << 60U;
        const std::string error = errorOf(file);
        QVERIFY2(error.find("not enough space") != std::string::npos, error.c_str());
        QVERIFY(server.requests().empty());
    }

    void addressesAreChecked()
    {
        DownloadRequest file;
        file.part = (m_folder.path() + "/x.part").toStdString();
        for (const char* url :
            { "", "ftp://host/file", "file:///etc/passwd", "model.safetensors" }) {
            file.url = url;
            QVERIFY(errorOf(file).find("wrong address") != std::string::npos);
        }
    }

    void unwritablePlaceIsNamed()
    {
        const HttpServer server([](const HttpRequest&) { return HttpAnswer(); });
        DownloadRequest file = request(server);
        file.part = (m_folder.path() + "/missing/x.part").toStdString();
        QVERIFY(errorOf(file).find("x.part") != std::string::npos);
    }
};

QTEST_GUILESS_MAIN(tst_Download)
#include "tst_Download.moc"
