#include "core/base/ArchiveFiles.h"
#include "core/base/Error.h"
#include "core/base/RegularFile.h"

#include <QDirIterator>
#include <QTemporaryDir>
#include <QtTest>

#include <archive.h>
#include <archive_entry.h>
#include <fstream>

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

struct Member
{
    QByteArray name;
    QByteArray bytes;
    unsigned type = AE_IFREG;
    QByteArray link;
};

/// An archive as somebody else might have made it: names are written as they are.
void writeArchive(const fs::path& path, const QList<Member>& members, bool zip)
{
    archive* handle = archive_write_new();
    if (zip) {
        archive_write_set_format_zip(handle);
    } else {
        archive_write_set_format_pax_restricted(handle);
        archive_write_add_filter_gzip(handle);
    }
    archive_write_open_filename(handle, path.c_str());
    for (const Member& member : members) {
        archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, member.name.constData());
        archive_entry_set_filetype(entry, member.type);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, member.bytes.size());
        if (member.type == AE_IFLNK)
            archive_entry_set_symlink(entry, member.link.constData());
        else if (!member.link.isEmpty())
            archive_entry_set_hardlink(entry, member.link.constData());
        archive_write_header(handle, entry);
        archive_write_data(
            handle, member.bytes.constData(), static_cast<std::size_t>(member.bytes.size()));
        archive_entry_free(entry);
    }
    archive_write_close(handle);
    archive_write_free(handle);
}

std::string textOf(const fs::path& path)
{
    const auto bytes = readFile(path, 1U << 30U);
    return { bytes.begin(), bytes.end() };
}

} // namespace

class TestArchiveFiles : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void roundTrip_data();
    void roundTrip();
    void equalFoldersGiveEqualArchives();
    void membersStayInside_data();
    void membersStayInside();
    void limits();
    void damaged_data();
    void damaged();
    void stopped();

private:
    QString errorOf(const fs::path& archive, const UnpackLimits& limits = {})
    {
        fs::remove_all(m_path / "out");
        fs::create_directory(m_path / "out");
        try {
            (void)unpackArchive(archive, m_path / "out", limits);
        } catch (const Error& error) {
            return error.kind() == ErrorKind::BadInput ? QString(error.what()) : "wrong kind";
        }
        return "no error";
    }
    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_path;
};

void TestArchiveFiles::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_path = m_folder->path().toStdString();
    fs::create_directories(m_path / "in/sub");
    std::ofstream(m_path / "in/run.sh") << "#!/bin/sh\n";
    fs::permissions(m_path / "in/run.sh", fs::perms::owner_all);
    std::ofstream(m_path / "in/sub/data") << std::string(700'000, 'x');
    std::ofstream(m_path / "in/empty");
}

void TestArchiveFiles::roundTrip_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("top");
    for (const char* name : { "a.zip", "a.tar", "a.tar.gz" }) {
        QTest::newRow(name) << name << "top";
        QTest::addRow("%s without a top folder", name) << name << "";
    }
}

void TestArchiveFiles::roundTrip()
{
    QFETCH(const QString, name);
    QFETCH(const QString, top);
    const fs::path archive = m_path / name.toStdString();
    std::size_t last = 0;
    QVERIFY(packFolder(m_path / "in", top.toStdString(), archive, *archiveKindOf(archive),
        [&](const Progress& now) { last = now.done; }));
    QVERIFY(last > 700'000);
    fs::create_directory(m_path / "out");
    const Unpacked unpacked = unpackArchive(archive, m_path / "out");
    QCOMPARE(unpacked.files, std::size_t(3));
    QCOMPARE(unpacked.bytes, std::uint64_t(700'010));
    const fs::path out = m_path / "out" / top.toStdString();
    QCOMPARE(textOf(out / "sub/data"), textOf(m_path / "in/sub/data"));
    QCOMPARE(textOf(out / "empty"), std::string());
    const auto runs = [](const fs::path& path) {
        return (fs::status(path).permissions() & fs::perms::owner_exec) != fs::perms::none;
    };
    QVERIFY(runs(out / "run.sh"));
    QVERIFY(!runs(out / "sub/data"));
}

void TestArchiveFiles::equalFoldersGiveEqualArchives()
{
    for (const char* name : { "a.zip", "a.tar", "a.tar.gz" }) {
        const fs::path first = m_path / ("1" + std::string(name));
        const fs::path second = m_path / ("2" + std::string(name));
        QVERIFY(packFolder(m_path / "in", "top", first, *archiveKindOf(first)));
        fs::last_write_time(
            m_path / "in/empty", fs::file_time_type::clock::now() - std::chrono::hours(5));
        QVERIFY(packFolder(m_path / "in", "top", second, *archiveKindOf(second)));
        QVERIFY2(textOf(first) == textOf(second), name);
    }
}

void TestArchiveFiles::membersStayInside_data()
{
    QTest::addColumn<Member>("member");
    QTest::addColumn<bool>("zip");
    QTest::addColumn<QString>("found");
    const auto row = [](const char* name, const Member& member, const char* found) {
        QTest::addRow("%s, tar", name) << member << false << QString(found);
        QTest::addRow("%s, zip", name) << member << true << QString(found);
    };
    row("parent", { "../escaped", "x", AE_IFREG, "" }, "leaves");
    row("parent inside", { "a/../../escaped", "x", AE_IFREG, "" }, "leaves");
    row("parent folder", { "../escaped", "", AE_IFDIR, "" }, "leaves");
    row("absolute", { "/tmp/crossiter-escaped", "x", AE_IFREG, "" }, "leaves");
    row("backslash", { "..\\escaped", "x", AE_IFREG, "" }, "leaves");
    row("symlink", { "link", "", AE_IFLNK, "/etc" }, "a link or a device");
    row("twice", { "first", "x", AE_IFREG, "" }, "file twice");
    row("file as a folder", { "first/below", "x", AE_IFREG, "" }, "cannot unpack a folder");
    QTest::addRow("hard link, tar")
        << Member { "hard", "", AE_IFREG, "/etc/passwd" } << false << QString("a link or a device");
    QTest::addRow("pipe, tar") << Member { "pipe", "", AE_IFIFO, "" } << false
                               << QString("a link or a device");
}

void TestArchiveFiles::membersStayInside()
{
    QFETCH(const Member, member);
    QFETCH(const bool, zip);
    QFETCH(const QString, found);
    const fs::path archive = m_path / (zip ? "bad.zip" : "bad.tar.gz");
    writeArchive(archive, { { "first", "1", AE_IFREG, "" }, member }, zip);
    const QString error = errorOf(archive);
    QVERIFY2(error.contains(found), qPrintable(error));
    QVERIFY(!fs::exists(m_path / "escaped"));
    QVERIFY(!fs::exists("/tmp/crossiter-escaped"));
    QDirIterator walk(QString::fromStdString((m_path / "out").string()),
        QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
        QDirIterator::Subdirectories);
    int entries = 0;
    while (walk.hasNext()) {
        walk.next();
        ++entries;
    }
    QVERIFY2(entries <= 2, "more was made than the first file");
}

void TestArchiveFiles::limits()
{
    const fs::path archive = m_path / "bomb.zip";
    writeArchive(archive, { { "zeros", QByteArray(4'000'000, '\0'), AE_IFREG, "" } }, true);
    QVERIFY2(fs::file_size(archive) < 40'000, "not much of a bomb");
    UnpackLimits limits;
    limits.unpackedBytes = 1'000'000;
    QVERIFY(errorOf(archive, limits).contains("unpacks to too much"));
    QVERIFY2(
        !fs::exists(m_path / "out/zeros"), "something was made before the limit was looked at");
    limits = {};
    limits.packedBytes = 1000;
    QVERIFY(errorOf(archive, limits).contains("archive too large"));
    limits = {};
    limits.members = 1;
    writeArchive(archive, { { "a", "", AE_IFREG, "" }, { "b", "", AE_IFREG, "" } }, true);
    QVERIFY(errorOf(archive, limits).contains("too many files"));
}

void TestArchiveFiles::damaged_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    fs::path whole;
    const QTemporaryDir folder;
    for (const char* name : { "a.zip", "a.tar.gz", "a.tar" }) {
        whole = fs::path(folder.path().toStdString()) / name;
        fs::create_directories(fs::path(folder.path().toStdString()) / "in");
        QFile noise(folder.filePath("in/noise"));
        QVERIFY(noise.open(QIODevice::WriteOnly));
        QByteArray content(50'000, '\0');
        std::uint32_t state = 1;
        for (char& c : content) {
            state = state * 1664525U + 1013904223U;
            c = static_cast<char>(state >> 24U);
        }
        noise.write(content);
        noise.close();
        QVERIFY(packFolder(folder.filePath("in").toStdString(), "", whole, *archiveKindOf(whole)));
        const std::string text = textOf(whole);
        const QByteArray bytes(text.data(), static_cast<qsizetype>(text.size()));
        QTest::addRow("cut %s", name) << name << bytes.left(30'000);
        QTest::addRow("empty %s", name) << name << QByteArray();
        QTest::addRow("text as %s", name)
            << name << QByteArray("hello, this is no archive at all\n");
    }
    QTest::newRow("another ending") << "a.rar" << QByteArray("x");
}

void TestArchiveFiles::damaged()
{
    QFETCH(const QString, name);
    QFETCH(const QByteArray, bytes);
    const fs::path archive = m_path / name.toStdString();
    std::ofstream(archive, std::ios::binary).write(bytes.constData(), bytes.size());
    const QString error = errorOf(archive);
    QVERIFY2(error.contains(name.endsWith("rar") ? "known kind" : "damaged"), qPrintable(error));
}

void TestArchiveFiles::stopped()
{
    std::stop_source source;
    source.request_stop();
    const fs::path archive = m_path / "a.zip";
    QVERIFY(!packFolder(m_path / "in", "", archive, ArchiveKind::Zip, {}, source.get_token()));
    QCOMPARE(
        QDir(m_folder->path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
        (QStringList { "in" }));
    QVERIFY(packFolder(m_path / "in", "", archive, ArchiveKind::Zip));
    fs::create_directory(m_path / "out");
    QVERIFY(unpackArchive(archive, m_path / "out", {}, {}, source.get_token()).cancelled);
}

QTEST_APPLESS_MAIN(TestArchiveFiles)
#include "tst_ArchiveFiles.moc"
