// Downloads of a dataset from a server of the test's own.

#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/contest/DatasetDownload.h"
#include "core/image/Codec.h"
#include "core/image/Resample.h"

#include <QTemporaryDir>
#include <QtTest>

#include <atomic>
#include <fstream>

#include "tests/support/HttpServer.h"

using namespace crossiter;
using test::HttpAnswer;
using test::HttpRequest;
using test::HttpServer;
namespace fs = std::filesystem;

namespace {

/// A photo whose pixels tell where they are.
Image photo(int width, int height, int salt = 0)
{
    Image image(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            const std::size_t at = image.offset(x, y);
            image.rgb[at] = static_cast<std::uint8_t>(x * 7 + salt);
            image.rgb[at + 1] = static_cast<std::uint8_t>(y * 5);
            image.rgb[at + 2] = static_cast<std::uint8_t>((x ^ y) * 3);
        }
    }
    return image;
}

std::string pngOf(const Image& image)
{
    const auto bytes = encodePng(image);
    return { bytes.begin(), bytes.end() };
}

std::string textOf(const fs::path& path)
{
    const auto bytes = readFile(path, 1U << 30U);
    return { bytes.begin(), bytes.end() };
}

} // namespace

class TestDatasetDownload : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void bringsCropsAndResizes();
    void cropTruncates_data();
    void cropTruncates();
    void failuresAreListedAndTheRestIsDone();
    void goesOnWhereItWasCut();
    void placeholdersAreRefused();
    void cancelKeepsWhatIsDone();

private:
    DatasetDownloadRequest request(const std::string& rows)
    {
        std::ofstream(m_path / "dev.csv", std::ios::binary)
            << "ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,Author,"
               "AuthorProfileURL\n"
            << rows;
        DatasetDownloadRequest request;
        request.csv = m_path / "dev.csv";
        request.folder = m_path / "images";
        request.jobs = 3;
        request.attempts = 2;
        request.backoffSeconds = 0.01;
        request.stallSeconds = 2.0;
        return request;
    }
    static std::string row(const HttpServer& server, const std::string& id,
        const std::string& box = "0,0,1,1", const std::string& author = "Ann")
    {
        return id + "," + server.url("/" + id) + "," + box + ",1,2,http://l/" + id + ",CC BY,"
            + author + ",http://p\n";
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_path;
};

void TestDatasetDownload::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->path().toStdString();
}

void TestDatasetDownload::bringsCropsAndResizes()
{
    const Image whole = photo(400, 320);
    const HttpServer server([&](const HttpRequest& asked) {
        HttpAnswer answer;
        answer.body = asked.path == "/a" ? pngOf(whole) : pngOf(photo(300, 310, 9));
        return answer;
    });
    auto asked = request(row(server, "a", "0.25,0.1,0.75,0.9", R"("Bob, ""B""")") + row(server, "b")
        + "short,row\n" + row(server, "a"));
    const DatasetDownloadResult result = downloadDataset(asked);
    QCOMPARE(result.downloaded, std::size_t(2));
    QCOMPARE(result.rows, std::size_t(2));
    QVERIFY(result.failures.empty());
    QCOMPARE(result.shortRows.size(), std::size_t(1));
    QCOMPARE(result.duplicates.size(), std::size_t(1));
    // Pixels 100..299 x 32..287 of the photo, cut out here by hand.
    Image part(200, 256);
    for (int y = 0; y < 256; ++y) {
        for (int x = 0; x < 200; ++x)
            for (int c = 0; c < 3; ++c)
                part.rgb[part.offset(x, y) + c] = whole.rgb[whole.offset(x + 100, y + 32) + c];
    }
    QVERIFY(readImage(asked.folder / "a.png") == lanczosResize(part, 299, 299));
    QVERIFY(readImage(asked.folder / "b.png").isImageSpace());
    QVERIFY(!fs::exists(asked.folder / ".parts"));
    QCOMPARE(textOf(result.licences),
        "ImageId,Author,AuthorProfileURL,License,OriginalLandingURL,URL\n"
        "a,\"Bob, \"\"B\"\"\",http://p,CC BY,http://l/a,"
            + server.url("/a") + "\nb,Ann,http://p,CC BY,http://l/b," + server.url("/b") + "\n");

    // Who opens it in a spreadsheet runs no formula of a stranger's.
    DatasetImage stranger;
    stranger.imageId = "a";
    stranger.author = "=HYPERLINK(1)";
    stranger.licence = "\xe2\x80\xaex";
    QCOMPARE(licencesText({ stranger }).substr(licencesText({}).size()),
        std::string("a,'=HYPERLINK(1),,\\u202ex,,\n"));

    // Again: nothing is asked for, nothing is written anew.
    const std::size_t before = server.requests().size();
    std::ofstream(asked.folder / "a.png") << "mine";
    const DatasetDownloadResult again = downloadDataset(asked);
    QCOMPARE(again.alreadyThere, std::size_t(2));
    QCOMPARE(again.downloaded, std::size_t(0));
    QCOMPARE(server.requests().size(), before);
    QCOMPARE(textOf(asked.folder / "a.png"), std::string("mine"));
}

void TestDatasetDownload::cropTruncates_data()
{
    QTest::addColumn<double>("x1");
    QTest::addColumn<double>("x2");
    QTest::addColumn<int>("left");
    QTest::addColumn<int>("width");
    QTest::newRow("whole") << 0.0 << 1.0 << 0 << 10;
    QTest::newRow("truncated, not rounded") << 0.19 << 0.99 << 1 << 8;
    QTest::newRow("product below the integer") << 0.7 << 0.9 << 7 << 2; // 0.7 * 10 = 7.0
    QTest::newRow("just below") << 0.29999 << 0.39999 << 2 << 1;
}

void TestDatasetDownload::cropTruncates()
{
    QFETCH(const double, x1);
    QFETCH(const double, x2);
    QFETCH(const int, left);
    QFETCH(const int, width);
    const Image whole = photo(10, 4);
    Image part(width, 4);
    for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c)
                part.rgb[part.offset(x, y) + c] = whole.rgb[whole.offset(x + left, y) + c];
    }
    QVERIFY(cropToImageSpace(whole, { x1, 0.0, x2, 1.0 }) == lanczosResize(part, 299, 299));
    QVERIFY_THROWS_EXCEPTION(Error, (void)cropToImageSpace(whole, { 0.31, 0.0, 0.39, 1.0 }));
}

void TestDatasetDownload::failuresAreListedAndTheRestIsDone()
{
    const HttpServer server([&](const HttpRequest& asked) {
        HttpAnswer answer;
        if (asked.path == "/gone")
            answer.status = 404;
        else if (asked.path == "/page")
            answer.body = "<html>not a photo</html>";
        else
            answer.body = pngOf(photo(30, 30));
        return answer;
    });
    auto asked = request(row(server, "gone") + row(server, "good") + row(server, "page")
        + "ftp,ftp://127.0.0.1/x,0,0,1,1,1,2,l,c,a,p\n");
    std::size_t told = 0;
    std::size_t last = 0;
    const DatasetDownloadResult result = downloadDataset(asked, [&](const Progress& now) {
        ++told;
        last = now.done;
    });
    QCOMPARE(result.downloaded, std::size_t(1));
    QCOMPARE(result.failures.size(), std::size_t(3));
    QCOMPARE(result.failures[0].imageId, std::string("gone"));
    QVERIFY2(result.failures[0].error.find("404") != std::string::npos,
        result.failures[0].error.c_str());
    QCOMPARE(result.failures[1].imageId, std::string("page"));
    QCOMPARE(result.failures[2].imageId, std::string("ftp"));
    QVERIFY(fs::exists(asked.folder / "good.png"));
    QVERIFY(!fs::exists(asked.folder / "page.png"));
    QVERIFY2(textOf(result.licences).find("page") == std::string::npos,
        "a licence of an image that is not there");
    QVERIFY(told > 0 && last <= 4);
}

void TestDatasetDownload::goesOnWhereItWasCut()
{
    Image noise(150, 150); // its PNG is no smaller than itself
    std::uint32_t state = 1;
    for (std::uint8_t& value : noise.rgb) {
        state = state * 1664525U + 1013904223U;
        value = static_cast<std::uint8_t>(state >> 24U);
    }
    const std::string body = pngOf(noise);
    QVERIFY(body.size() > 40'000);
    std::atomic<bool> broken { true };
    const HttpServer server([&](const HttpRequest& asked) {
        HttpAnswer answer = answerWithRanges(asked, body, "\"e\"");
        if (broken)
            answer.cutAfter = 16'384;
        return answer;
    });
    auto asked = request(row(server, "a"));
    asked.attempts = 1;
    QCOMPARE(downloadDataset(asked).failures.size(), std::size_t(1));
    QVERIFY2(fs::exists(asked.folder / ".parts/a.part"), "the half photo was thrown away");
    broken = false;
    QCOMPARE(downloadDataset(asked).downloaded, std::size_t(1));
    QCOMPARE(server.requests().back().headers.at("range"), std::string("bytes=16384-"));
    QVERIFY(!fs::exists(asked.folder / ".parts"));
}

void TestDatasetDownload::placeholdersAreRefused()
{
    const HttpServer server([&](const HttpRequest& asked) {
        HttpAnswer answer;
        answer.body = pngOf(photo(30, 30, asked.path == "/real" ? 1 : 0));
        return answer;
    });
    auto asked = request(row(server, "lost") + row(server, "real") + row(server, "removed"));
    const DatasetDownloadResult result = downloadDataset(asked);
    QCOMPARE(result.downloaded, std::size_t(1));
    QCOMPARE(result.failures.size(), std::size_t(2));
    QVERIFY(result.failures[0].error.find("placeholder") != std::string::npos);
    QVERIFY(fs::exists(asked.folder / "real.png"));
    QVERIFY(!fs::exists(asked.folder / "lost.png"));
    // Two crops of one photo are no placeholder.
    const HttpServer one([&](const HttpRequest&) {
        HttpAnswer answer;
        answer.body = pngOf(photo(30, 30));
        return answer;
    });
    const std::string url = one.url("/same");
    asked = request(
        "left," + url + ",0,0,0.5,1,1,2,l,c,a,p\nright," + url + ",0.5,0,1,1,1,2,l,c,a,p\n");
    asked.folder = m_path / "crops";
    QCOMPARE(downloadDataset(asked).downloaded, std::size_t(2));
}

void TestDatasetDownload::cancelKeepsWhatIsDone()
{
    std::stop_source source;
    const HttpServer server([&](const HttpRequest& asked) {
        if (asked.path == "/b")
            source.request_stop();
        HttpAnswer answer;
        answer.body = pngOf(photo(30, 30, asked.path[1]));
        return answer;
    });
    auto asked = request(row(server, "a") + row(server, "b") + row(server, "c") + row(server, "d"));
    asked.jobs = 1;
    const DatasetDownloadResult result = downloadDataset(asked, {}, source.get_token());
    QVERIFY(result.cancelled);
    QVERIFY(result.failures.empty());
    QVERIFY(fs::exists(asked.folder / "a.png"));
    QVERIFY(!fs::exists(asked.folder / "c.png"));
    const DatasetDownloadResult again = downloadDataset(asked);
    QVERIFY(!again.cancelled);
    QCOMPARE(again.downloaded + again.alreadyThere, std::size_t(4));
}

QTEST_APPLESS_MAIN(TestDatasetDownload)
#include "tst_DatasetDownload.moc"
