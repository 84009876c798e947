#include "core/base/FileSignature.h"

#include <QTest>

using namespace crossiter;

class TestFileSignature : public QObject
{
    Q_OBJECT

private slots:
    void recognises_data();
    void recognises();
    void othersAreNone();
    void drawingsBehindLongComments();
    void textBeginsBehindBlanks();
};

namespace {

std::span<const std::uint8_t> bytesOf(const QByteArray& bytes)
{
    return { reinterpret_cast<const std::uint8_t*>(bytes.constData()),
        static_cast<std::size_t>(bytes.size()) };
}

} // namespace

void TestFileSignature::recognises_data()
{
    QTest::addColumn<QByteArray>("head");
    QTest::addColumn<int>("file");
    const auto row = [](const char* name, const QByteArray& head, KnownFile file) {
        QTest::newRow(name) << head << static_cast<int>(file);
    };
    row("pointer", "version https://git-lfs.github.com/spec/v1\n", KnownFile::GitLfsPointer);
    row("old pointer", "version https://hawser.github.com/spec/v1\n", KnownFile::GitLfsPointer);
    row("page", "<!DOCTYPE html>\n<html>", KnownFile::HtmlPage);
    row("page behind blanks", "\xef\xbb\xbf\r\n  <HTML lang=en>", KnownFile::HtmlPage);
    row("page behind a comment", "<!-- saved -->\n<p>", KnownFile::HtmlPage);
    row("zip", "PK\x03\x04", KnownFile::Zip);
    row("gzip", "\x1f\x8b\x08", KnownFile::Gzip);
    row("bzip2", "BZh9", KnownFile::Bzip2);
    row("xz", QByteArray::fromHex("fd377a585a00"), KnownFile::Xz);
    row("zstd", QByteArray::fromHex("28b52ffd"), KnownFile::Zstd);
    row("7z", QByteArray::fromHex("377abcaf271c"), KnownFile::SevenZip);
    row("rar", "Rar!\x1a\x07", KnownFile::Rar);
    row("tar", QByteArray(257, 'a') + "ustar", KnownFile::Tar);
    row("npy", "\x93NUMPY", KnownFile::NumPyArray);
    row("pdf", "%PDF-1.7", KnownFile::PdfDocument);
}

void TestFileSignature::recognises()
{
    QFETCH(QByteArray, head);
    QFETCH(int, file);
    const auto found = recognise(bytesOf(head));
    QVERIFY(found);
    QCOMPARE(static_cast<int>(*found), file);
}

void TestFileSignature::othersAreNone()
{
    for (const char* text : { "", "plain words", "<svg xmlns=", "<!-- drawn --><svg>",
             "<!DOCTYPE svg PUBLIC", "<?xml version=", "{\"a\": \"<html\"}" })
        QVERIFY2(!recognise(bytesOf(text)), text);
}

void TestFileSignature::drawingsBehindLongComments()
{
    const QByteArray comment = "<!-- " + QByteArray(3000, 'x') + " -->\n";
    QVERIFY(!recognise(bytesOf(comment + "<svg><script>")));
    QCOMPARE(recognise(bytesOf(comment + "<html>")), std::optional(KnownFile::HtmlPage));
    const std::string text =
        "<?xml version='1.0'?>\n<!-- a -->\n<!doctype svg [ <!entity a 'b'> ]> <svg/>";
    QCOMPARE(std::string(rootElement(text)), std::string("<svg/>"));
    QVERIFY(rootElement("<!-- never ends").empty());
    QVERIFY(rootElement("<!doctype svg [").empty());
}

void TestFileSignature::textBeginsBehindBlanks()
{
    QCOMPARE(beginningOfText(bytesOf("\xef\xbb\xbf \n<SVG")), std::string("<svg"));
    QCOMPARE(beginningOfText(bytesOf(" \t")), std::string());
    QCOMPARE(beginningOfText(bytesOf(QByteArray(20'000, 'a'))).size(), kSignatureBytes);
}

QTEST_APPLESS_MAIN(TestFileSignature)
#include "tst_FileSignature.moc"
