// No input is replaced, whatever its path looks like.
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/OutputGuard.h"

#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>
#include <fstream>
#include <functional>

using namespace crossiter;
namespace fs = std::filesystem;

namespace {

const std::string kPng = std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);

void put(const fs::path& file, const std::string& text)
{
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

QString errorOf(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput ? QString::fromUtf8(error.what())
                                                   : QString("wrong kind");
    }
    return {};
}

} // namespace

class TestOutputGuard : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void spellings_data();
    void spellings();
    void namesBothFiles();
    void freePlacesAndOlderResults();
    void foldersPipesAndDevices();
    void textNeverReplacesABinaryFile();
    void picturesBesideTheInput();
    void twoResultsOfOneName();
    void foundInAFolder();
    void longNames();

private:
    [[nodiscard]] fs::path in(const char* name) const { return m_root / name; }

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_root;
};

void TestOutputGuard::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_root = m_folder->path().toStdString();
    put(in("in/a.png"), kPng);
    put(in("in/labels.csv"), "a.png,3\n");
}

void TestOutputGuard::spellings_data()
{
    QTest::addColumn<QString>("output");
    for (const char* output : { "in/a.png", "in/./a.png", "in/../in/a.png", "linked/a.png",
             "symbolic.png", "hard.png", "in//a.png" })
        QTest::newRow(output) << QString(output);
}

void TestOutputGuard::spellings()
{
    QFETCH(QString, output);
    fs::create_directory_symlink(in("in"), in("linked"));
    fs::create_symlink(in("in/a.png"), in("symbolic.png"));
    fs::create_hard_link(in("in/a.png"), in("hard.png"));
    const fs::path file = m_root.string() + "/" + output.toStdString();
    OutputGuard guard;
    guard.addInput(in("in/a.png"));
    guard.addOutput(file);
    const QString error = errorOf([&] { guard.check(); });
    QVERIFY2(error.contains("would replace an input"), qPrintable(error));
    // The other way round: the input is the link.
    OutputGuard turned;
    turned.addInput(file);
    turned.addOutput(in("in/a.png"));
    QVERIFY(!errorOf([&] { turned.check(); }).isEmpty());
}

void TestOutputGuard::namesBothFiles()
{
    fs::create_hard_link(in("in/labels.csv"), in("result.csv"));
    OutputGuard guard;
    guard.addInput(in("in/labels.csv"), "--labels");
    guard.addOutput(in("result.csv"), OutputKind::Text);
    const QString error = errorOf([&] { guard.check(); });
    QVERIFY2(error.contains("result.csv") && error.contains("--labels")
            && error.contains("in/labels.csv"),
        qPrintable(error));
}

void TestOutputGuard::freePlacesAndOlderResults()
{
    put(in("out/a.png"), kPng);
    put(in("out/a.csv"), "x\n");
    OutputGuard guard;
    guard.addInput(in("in/a.png"));
    guard.addInput(in("nowhere.csv"), "--labels"); // its reader complains
    guard.addOutput(in("new/deep/a.png"));
    guard.addOutput(in("out/a.png")); // an older result elsewhere
    guard.addOutput(in("out/a.csv"), OutputKind::Text);
    guard.addOutput(in("nowhere.csv"), OutputKind::Text);
    guard.check();
}

void TestOutputGuard::foldersPipesAndDevices()
{
    fs::create_directories(in("out/a.csv"));
    for (const fs::path& output : { in("out/a.csv"), fs::path("/dev/null") }) {
        OutputGuard guard;
        guard.addOutput(output, OutputKind::Text);
        QVERIFY(errorOf([&] { guard.check(); }).contains("the result is a file"));
    }
}

void TestOutputGuard::textNeverReplacesABinaryFile()
{
    const std::string euro = "\xe2\x82\xac";
    std::string cut(4094, 'x');
    for (const auto& [bytes, taken] : { std::pair<std::string, bool>(kPng, false),
             { "\xff\xd8\xff\xe0", false }, { std::string("GIF89a\1\0\1\0", 10), false },
             { "BMW.png,5\n", true }, { "", true }, { "a.png,5\n", true }, { euro, true },
             { cut + euro, true }, { std::string("a\0b", 3), false }, { "a\xff", false } }) {
        put(in("out.csv"), bytes);
        OutputGuard guard;
        guard.addOutput(in("out.csv"), OutputKind::Text);
        const QString error = errorOf([&] { guard.check(); });
        QVERIFY2(error.isEmpty() == taken, qPrintable(error));
        OutputGuard any;
        any.addOutput(in("out.csv"));
        any.check();
    }
}

void TestOutputGuard::picturesBesideTheInput()
{
    put(in("in/b.png"), kPng);
    const auto check = [&] {
        OutputGuard guard;
        guard.addInput(in("in/a.png"));
        guard.addOutput(in("in/b.png"), OutputKind::Any, in("in/b.provenance.json"));
        guard.check();
    };
    QVERIFY(errorOf(check).contains("a picture beside the input"));
    put(in("in/b.provenance.json"), "{}");
    QVERIFY(errorOf(check).isEmpty()); // one of ours
}

void TestOutputGuard::twoResultsOfOneName()
{
    OutputGuard guard;
    guard.addOutput(in("out/a.png"));
    guard.addOutput(in("in/../out/a.png"));
    QVERIFY(errorOf([&] { guard.check(); }).contains("two results would have one name"));
}

void TestOutputGuard::foundInAFolder()
{
    OutputGuard guard;
    guard.addInput(in("in/a.png"));
    guard.addOutputFolder(
        in("in"), [](const std::string& name) { return name == "b.png"; });
    guard.addOutputFolder(in("nowhere"), [](const std::string&) { return true; });
    guard.check();
    guard.addOutputFolder(
        in("in"), [](const std::string& name) { return name == "a.png"; });
    QVERIFY(!errorOf([&] { guard.check(); }).isEmpty());
}

void TestOutputGuard::longNames()
{
    const std::string longest(255, 'n');
    writeFileAtomically(m_root / longest, std::string_view("x")); // its temporary name fits too
    QVERIFY(fs::exists(m_root / longest));
    requireFileName(m_root / "not yet" / longest);
    const QString error = errorOf([&] { requireFileName(m_root / (longest + "n"), "photo.png"); });
    QVERIFY2(error.contains("photo.png") && error.contains("255") && error.contains("256"),
        qPrintable(error));
}

QTEST_GUILESS_MAIN(TestOutputGuard)
#include "tst_OutputGuard.moc"
