#include "core/base/AtomicFile.h"
#include "core/base/ByteCount.h"
#include "core/base/Csv.h"
#include "core/base/MappedFile.h"
#include "core/base/Random.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <cmath>
#include <csignal>
#include <set>
#include <sys/resource.h>
#include <sys/stat.h>

#include "tests/core/base/Measured.h"

using namespace crossiter;
using crossiter::test::Measured;
using crossiter::test::measured;

namespace {

std::filesystem::path operator/(const QTemporaryDir& folder, const char* name)
{
    return std::filesystem::path(folder.path().toStdString()) / name;
}

std::span<const std::uint8_t> bytesOf(std::string_view text)
{
    return { reinterpret_cast<const std::uint8_t*>(text.data()), text.size() };
}

QByteArray contents(const std::filesystem::path& path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray("unreadable");
}

using Rows = std::vector<std::vector<std::string>>;

Rows fieldsOf(const std::vector<CsvRow>& rows)
{
    Rows fields;
    for (const CsvRow& row : rows)
        fields.push_back(row.fields);
    return fields;
}

} // namespace

class TestBase : public QObject
{
    Q_OBJECT

private slots:
    void sha256OfTheStandardsVectors();
    void sha256OfAFileEqualsThatOfItsBytes();
    void atomicWriteMakesAndReplacesFiles();
    void atomicWriteFollowsTheUmask();
    void atomicWriteFailsWithTheReasonAndLeavesNothing_data();
    void atomicWriteFailsWithTheReasonAndLeavesNothing();
    void failedWriteKeepsTheOldFile();
    void mappedFileShowsTheBytes();
    void onlyRegularFilesAreRead_data();
    void onlyRegularFilesAreRead();
    void randomStreamIsSplitMix64();
    void randomStreamsHaveTheirDistributions();
    void mixedSeedsDependOnEveryKeyAndOrder();
    void csvIsReadAsRfc4180();
    void csvRowsKnowTheirLines();
    void csvFieldsSurviveARoundTrip();
    void damagedCsvNamesItsLine_data();
    void damagedCsvNamesItsLine();
    void byteCountsHaveUnits_data();
    void byteCountsHaveUnits();
    void otherByteCountsAreRefused_data();
    void otherByteCountsAreRefused();
    void sizesAboveALimitReadSo();
};

void TestBase::sha256OfTheStandardsVectors()
{
    // FIPS 180-4 examples.
    QCOMPARE(sha256({}), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    QCOMPARE(
        sha256(bytesOf("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    QCOMPARE(sha256(bytesOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    QCOMPARE(sha256(bytesOf(std::string(1'000'000, 'a'))),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

void TestBase::sha256OfAFileEqualsThatOfItsBytes()
{
    const QTemporaryDir folder;
    const std::string text(1'000'003, 'x'); // several buffers, the last one not full
    writeFileAtomically(folder / "file", text);
    QCOMPARE(sha256File(folder / "file"), sha256(bytesOf(text)));
    const Measured result = measured([&] { (void)sha256File(folder / "absent"); });
    VERIFY_REFUSED(result, "absent");
    QVERIFY(result.text().contains("No such file"));
}

void TestBase::atomicWriteMakesAndReplacesFiles()
{
    const QTemporaryDir folder;
    writeFileAtomically(folder / "a.txt", "first");
    QCOMPARE(contents(folder / "a.txt"), QByteArray("first"));
    writeFileAtomically(folder / "a.txt", "");
    QCOMPARE(contents(folder / "a.txt"), QByteArray());
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList { "a.txt" });
    // A name without a folder means the present one.
    const QString before = QDir::currentPath();
    QVERIFY(QDir::setCurrent(folder.path()));
    writeFileAtomically("b.txt", "here");
    QVERIFY(QDir::setCurrent(before));
    QCOMPARE(contents(folder / "b.txt"), QByteArray("here"));
}

void TestBase::atomicWriteFollowsTheUmask()
{
    const QTemporaryDir folder;
    const mode_t before = ::umask(027);
    writeFileAtomically(folder / "a", "x");
    ::umask(before);
    struct stat status = {};
    QCOMPARE(::stat((folder / "a").c_str(), &status), 0);
    QCOMPARE(status.st_mode & 0777U, 0640U);
}

void TestBase::atomicWriteFailsWithTheReasonAndLeavesNothing_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("reason");
    QTest::newRow("no folder") << "absent/file"
                               << "No such file or directory";
    QTest::newRow("the folder is a file") << "plain/file"
                                          << "Not a directory";
    QTest::newRow("the target is a folder") << "folder"
                                            << "a folder";
    QTest::newRow("the target is a pipe") << "pipe"
                                          << "a pipe or device";
    QTest::newRow("no name") << "folder/"
                             << "a folder";
    // Nobody can make files there, root included: the tests may run as root.
    QTest::newRow("not writable") << "/proc/self/file"
                                  << "No such file or directory";
    QTest::newRow("name too long") << QString(300, 'n') << "File name too long";
}

void TestBase::atomicWriteFailsWithTheReasonAndLeavesNothing()
{
    QFETCH(QString, name);
    QFETCH(QString, reason);
    const QTemporaryDir folder;
    writeFileAtomically(folder / "plain", "old");
    QVERIFY(QDir(folder.path()).mkdir("folder"));
    QCOMPARE(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    const std::string path = (folder / name.toUtf8().constData()).string();
    const Measured result = measured([&] { writeFileAtomically(path, "new"); });
    VERIFY_REFUSED(result, path.substr(0, 100));
    QVERIFY2(result.text().contains(reason) || name.size() > 250, qPrintable(result.text()));
    QCOMPARE(QDir(folder.path())
                 .entryList(QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot),
        (QStringList { "folder", "pipe", "plain" }));
    QVERIFY(QDir(folder.path() + "/folder").isEmpty());
}

void TestBase::failedWriteKeepsTheOldFile()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder / "kept";
    writeFileAtomically(path, "old");
    // A limit on file sizes breaks the write in its middle, as a full disk would.
    struct rlimit limit = {};
    QCOMPARE(::getrlimit(RLIMIT_FSIZE, &limit), 0);
    const struct rlimit small = { 4096, limit.rlim_max };
    const auto handler = std::signal(SIGXFSZ, SIG_IGN);
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &small), 0);
    const Measured result = measured([&] { writeFileAtomically(path, std::string(100'000, 'n')); });
    QCOMPARE(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    std::signal(SIGXFSZ, handler);
    VERIFY_REFUSED(result, path.string());
    QVERIFY2(result.text().contains("File too large"), qPrintable(result.text()));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList { "kept" });
    QCOMPARE(contents(path), QByteArray("old"));
}

void TestBase::mappedFileShowsTheBytes()
{
    const QTemporaryDir folder;
    writeFileAtomically(folder / "file", "mapped bytes");
    const auto mapped = MappedFile::open(folder / "file");
    QCOMPARE(mapped->bytes().size(), std::size_t { 12 });
    QVERIFY(std::equal(
        mapped->bytes().begin(), mapped->bytes().end(), bytesOf("mapped bytes").begin()));
    writeFileAtomically(folder / "file", "other"); // a replaced file stays as it was mapped
    QCOMPARE(mapped->bytes()[0], std::uint8_t { 'm' });
    writeFileAtomically(folder / "empty", "");
    QVERIFY(MappedFile::open(folder / "empty")->bytes().empty());
    QCOMPARE(MappedFile::open(folder / "file", 5)->bytes().size(), std::size_t { 5 });
    const Measured result = measured([&] { (void)MappedFile::open(folder / "file", 4); });
    VERIFY_REFUSED(result, "expected at most 4 bytes, found 5");
}

void TestBase::onlyRegularFilesAreRead_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("found");
    QTest::newRow("missing") << "absent"
                             << "No such file or directory";
    QTest::newRow("folder") << "folder"
                            << "a folder";
    QTest::newRow("pipe") << "pipe"
                          << "a pipe";
    QTest::newRow("device") << "/dev/zero"
                            << "a device";
    QTest::newRow("empty name") << ""
                                << "a folder";
    QTest::newRow("circle of links") << "circle"
                                     << "levels of symbolic links";
}

void TestBase::onlyRegularFilesAreRead()
{
    QFETCH(QString, name);
    QFETCH(QString, found);
    const QTemporaryDir folder;
    QVERIFY(QDir(folder.path()).mkdir("folder"));
    QCOMPARE(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    std::filesystem::create_symlink("circle", folder / "circle");
    const std::filesystem::path path = folder / name.toUtf8().constData();
    for (const Measured& result : { measured([&] { (void)MappedFile::open(path); }),
             measured([&] { (void)readFile(path, 100); }), measured([&] { (void)readCsv(path); }),
             measured([&] { (void)sha256File(path); }) }) {
        VERIFY_REFUSED(result, path.string());
        QVERIFY2(result.text().contains(found), qPrintable(result.text()));
    }
}

void TestBase::randomStreamIsSplitMix64()
{
    // The generator's published first outputs for the seed 1234567.
    RandomStream stream(1234567);
    QCOMPARE(stream.next(), 6457827717110365317ULL);
    QCOMPARE(stream.next(), 3203168211198807973ULL);
    QCOMPARE(stream.next(), 9817491932198370423ULL);
    QCOMPARE(stream.next(), 4593380528125082431ULL);
    QCOMPARE(stream.next(), 16408922859458223821ULL);
}

void TestBase::randomStreamsHaveTheirDistributions()
{
    RandomStream stream(7);
    constexpr int kDraws = 200'000;
    double sum = 0.0;
    double squares = 0.0;
    double normalSum = 0.0;
    double normalSquares = 0.0;
    for (int i = 0; i < kDraws; ++i) {
        const double u = stream.uniform();
        QVERIFY(u >= 0.0 && u < 1.0);
        sum += u;
        squares += u * u;
        const double n = stream.normal();
        QVERIFY(std::isfinite(n));
        normalSum += n;
        normalSquares += n * n;
    }
    // Five standard deviations of each mean.
    QVERIFY(std::abs(sum / kDraws - 0.5) < 5 * 0.2887 / std::sqrt(kDraws));
    QVERIFY(std::abs(squares / kDraws - 1.0 / 3.0) < 5 * 0.2981 / std::sqrt(kDraws));
    QVERIFY(std::abs(normalSum / kDraws) < 5 / std::sqrt(kDraws));
    QVERIFY(std::abs(normalSquares / kDraws - 1.0) < 5 * std::sqrt(2.0 / kDraws));
}

void TestBase::mixedSeedsDependOnEveryKeyAndOrder()
{
    std::set<std::uint64_t> seeds;
    for (std::uint64_t a = 0; a < 50; ++a) {
        for (std::uint64_t b = 0; b < 50; ++b)
            seeds.insert(mixSeed({ a, b }));
        seeds.insert(mixSeed({ a }));
        seeds.insert(mixSeed({ a, 0, 0 }));
    }
    seeds.insert(mixSeed({}));
    QCOMPARE(seeds.size(), std::size_t { 50 * 50 + 50 + 50 + 1 });
    QCOMPARE(mixSeed({ 1, 2 }), mixSeed({ 1, 2 }));
}

void TestBase::csvIsReadAsRfc4180()
{
    QCOMPARE(fieldsOf(parseCsv("", "t")), Rows {});
    QCOMPARE(fieldsOf(parseCsv("a,b\r\nc,d\n", "t")), (Rows { { "a", "b" }, { "c", "d" } }));
    QCOMPARE(fieldsOf(parseCsv("a,b", "t")), (Rows { { "a", "b" } }));
    QCOMPARE(fieldsOf(parseCsv("\xef\xbb\xbf"
                               "a\n",
                 "t")),
        (Rows { { "a" } }));
    QCOMPARE(fieldsOf(parseCsv(",\n", "t")), (Rows { { "", "" } }));
    QCOMPARE(fieldsOf(parseCsv("a,", "t")), (Rows { { "a", "" } }));
    QCOMPARE(fieldsOf(parseCsv("\"\"\n", "t")), (Rows { { "" } }));
    QCOMPARE(fieldsOf(parseCsv("\n\r\n\na\n\n", "t")), (Rows { { "a" } }));
    QCOMPARE(
        fieldsOf(parseCsv("\"a,\"\"b\"\"\r\nc\",d\n", "t")), (Rows { { "a,\"b\"\r\nc", "d" } }));
    QCOMPARE(fieldsOf(parseCsv("5\" disk,x\n", "t")), (Rows { { "5\" disk", "x" } }));
    QCOMPARE(fieldsOf(parseCsv(" a , b\n", "t")), (Rows { { " a ", " b" } }));
    QCOMPARE(fieldsOf(parseCsv("a\rb\n", "t")), (Rows { { "a\rb" } }));
}

void TestBase::csvRowsKnowTheirLines()
{
    const auto rows = parseCsv("a\n\n\"two\nlines\",x\r\nlast\n", "t");
    QCOMPARE(rows.size(), std::size_t { 3 });
    QCOMPARE(rows[0].line, 1);
    QCOMPARE(rows[1].line, 3);
    QCOMPARE(rows[2].line, 5);
}

void TestBase::csvFieldsSurviveARoundTrip()
{
    QCOMPARE(csvField("plain text"), "plain text");
    QCOMPARE(csvField("a,b"), "\"a,b\"");
    QCOMPARE(csvField("say \"x\""), "\"say \"\"x\"\"\"");
    RandomStream random(11);
    const std::string alphabet = "ab,\"\n\r ;'\xc3\xa4";
    for (int i = 0; i < 2000; ++i) {
        Rows wanted(1);
        std::string text;
        for (std::uint64_t f = 0; f < 1 + random.next() % 4; ++f) {
            std::string field = "x";
            for (std::uint64_t c = 0; c < random.next() % 6; ++c)
                field += alphabet[random.next() % alphabet.size()];
            text += (wanted[0].empty() ? "" : ",") + csvField(field);
            wanted[0].push_back(field);
        }
        QCOMPARE(fieldsOf(parseCsv(text + "\n", "t")), wanted);
    }
}

void TestBase::damagedCsvNamesItsLine_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QString>("error");
    QTest::newRow("unclosed")
        << QByteArray("a\nb,\"c\nd\n")
        << "unclosed quote in a CSV field, t.csv line 2: expected a closing quote, "
           "found the end of the file";
    QTest::newRow("text after")
        << QByteArray("a\n\"b\"c\n")
        << "text after a closing quote in a CSV field, t.csv line 2: expected a "
           "comma or a line end, found 'c'";
    QTest::newRow("NUL") << QByteArray("a\nb\n\0c", 6)
                         << "NUL byte in a CSV file, t.csv line 3: expected text, found a NUL byte";
}

void TestBase::damagedCsvNamesItsLine()
{
    QFETCH(QByteArray, text);
    QFETCH(QString, error);
    const Measured result = measured([&] { (void)parseCsv(text.toStdString(), "t.csv"); });
    VERIFY_REFUSED(result, "t.csv");
    QCOMPARE(result.text(), error);
}

void TestBase::byteCountsHaveUnits_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<quint64>("bytes");
    const auto row = [](const char* text, quint64 bytes) {
        QTest::newRow(text) << QString(text) << bytes;
    };
    row("0", 0);
    row("1000", 1000);
    row("64K", 65'536);
    row("512M", 536'870'912);
    row("4G", 4'294'967'296);
    row("2T", 2'199'023'255'552);
    row("0G", 0);
    row("18446744073709551615", UINT64_MAX);
    row("16777215T", 18'446'742'974'197'923'840ULL); // 2^64 - 2^40
}

void TestBase::byteCountsHaveUnits()
{
    QFETCH(QString, text);
    QFETCH(quint64, bytes);
    QCOMPARE(quint64 { parseByteCount("--memory", text.toStdString()) }, bytes);
}

void TestBase::otherByteCountsAreRefused_data()
{
    QTest::addColumn<QString>("text");
    for (const char* text : { "G", "4X", "4g", "4GB", "4GG", "-1", "+1", "1.5G", "0x10", " 4G",
             "4 G", "18446744073709551616", "16777216T", "17179869184G" })
        QTest::newRow(text) << QString(text);
    QTest::newRow("empty") << QString();
}

void TestBase::otherByteCountsAreRefused()
{
    QFETCH(QString, text);
    const Measured result = measured([&] { (void)parseByteCount("--memory", text.toStdString()); });
    QVERIFY2(result.error.has_value(), "accepted");
    QCOMPARE(result.error->kind(), ErrorKind::Usage);
    QVERIFY2(result.text().contains("--memory"), qPrintable(result.text()));
    QVERIFY2(!result.text().contains('\n'), qPrintable(result.text()));
    QVERIFY2(text.isEmpty() || result.text().contains(text), qPrintable(result.text()));
}

void TestBase::sizesAboveALimitReadSo()
{
    QCOMPARE(sizeText(256ULL << 20U), "256 MB");
    QCOMPARE(sizeText((3ULL << 30U) / 2), "1.5 GB");
    QCOMPARE(sizeText(1000), "1000 bytes");
    QCOMPARE(sizeText(0), "0 bytes");
    const auto pair = [](std::uint64_t limit, std::uint64_t found) {
        const SizeTexts texts = sizeTexts(limit, found);
        return texts.limit + " / " + texts.found;
    };
    constexpr std::uint64_t kLimit = 256ULL << 20U;
    QCOMPARE(pair(kLimit, 300ULL << 20U), "256 MB / 300 MB");
    QCOMPARE(pair(kLimit, kLimit + (1U << 20U) / 2), "256 MB / 256.5 MB");
    QCOMPARE(pair(kLimit, kLimit + 20'000), "256 MB / 256.02 MB");
    QCOMPARE(pair(kLimit, kLimit + 1), "268435456 bytes / 268435457 bytes");
    QCOMPARE(pair(kLimit, 3ULL << 30U), "256 MB / 3072 MB");
    QCOMPARE(pair(4, 5), "4 bytes / 5 bytes");
    RandomStream random(14);
    for (int i = 0; i < 10'000; ++i) { // whatever the limit, what is above it reads so
        const std::uint64_t limit = random.next() >> (20 + random.next() % 40);
        const std::uint64_t found = limit + 1 + (random.next() >> (24 + random.next() % 40));
        const SizeTexts texts = sizeTexts(limit, found);
        QVERIFY2(std::stod(texts.found) > std::stod(texts.limit), texts.found.c_str());
        QCOMPARE(
            texts.found.substr(texts.found.find(' ')), texts.limit.substr(texts.limit.find(' ')));
    }
}

QTEST_GUILESS_MAIN(TestBase)
#include "tst_Base.moc"
