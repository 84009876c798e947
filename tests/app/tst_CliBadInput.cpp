#include <QDir>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/app/CliRunner.h"
#include "tests/support/BadFiles.h"
#include "tests/support/TestPaths.h"

using namespace crossiter::test;

namespace {

constexpr qint64 kMilliseconds =
    2500; // ten times the promise: a loaded machine must not fail a test
constexpr qint64 kKilobytes = 256LL * 1024;
constexpr uid_t kNobody = 65534;

QByteArray bigEndian(quint32 value)
{
    QByteArray bytes(4, '\0');
    qToBigEndian(value, bytes.data());
    return bytes;
}

quint32 crc32(const QByteArray& bytes)
{
    quint32 crc = 0xFFFFFFFFU;
    for (const char c : bytes) {
        crc ^= static_cast<quint8>(c);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1U) ^ ((crc & 1U) != 0U ? 0xEDB88320U : 0U);
    }
    return ~crc;
}

QByteArray pngHead(quint32 width, quint32 height)
{
    const QByteArray header =
        "IHDR" + bigEndian(width) + bigEndian(height) + QByteArray("\x08\x02\x00\x00\x00", 5);
    return QByteArray("\x89PNG\r\n\x1a\n", 8) + bigEndian(13) + header + bigEndian(crc32(header));
}

QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

} // namespace

class TestCliBadInput : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void images_data();
    void images();
    void weights_data();
    void weights();
    void missingFolder();
    void outputThatCannotBeMade();
    void readOnlyOutput();
    void outputOverItsInput();
    void duplicateStems();
    void missingLabelsAndTargets();
    void weightsThatAreNotThere();

private:
    /// One error line that names `named`, exit code 1, in time and memory, nothing on stdout.
    void verifyRefused(const CliRun& run, const QString& named);
    [[nodiscard]] QString in(const QString& name) const { return m_folder.filePath(name); }

    QTemporaryDir m_folder;
    qint64 m_startMs = 0;
    qint64 m_startKb = 0;
    QString m_photo = photo("imagenet_16_251.jpg");
};

void TestCliBadInput::initTestCase()
{
    m_startMs = 1'000'000;
    for (int i = 0; i < 3; ++i) {
        const CliRun start = measureProgram(cliProgram(), { "--version" });
        QCOMPARE(start.code, 0);
        m_startMs = std::min(m_startMs, start.milliseconds);
        m_startKb = std::max(m_startKb, start.kilobytes);
    }
    qInfo("the program's own start: %lld ms, %lld MB", m_startMs, m_startKb / 1024);
    QVERIFY(m_startKb > 0);
}

void TestCliBadInput::verifyRefused(const CliRun& run, const QString& named)
{
    qInfo("%lld ms and %lld MB beyond the start: %s", run.milliseconds - m_startMs,
        (run.kilobytes - m_startKb) / 1024, run.error.trimmed().constData());
    QCOMPARE(run.code, 1);
    QVERIFY2(!run.errorLine().isEmpty(), run.error.constData());
    QVERIFY2(run.errorLine().contains(named), run.error.constData());
    QVERIFY(run.out.isEmpty());
    QVERIFY(run.milliseconds - m_startMs <= kMilliseconds);
    QVERIFY(run.kilobytes - m_startKb <= kKilobytes);
}

void TestCliBadInput::images_data()
{
    QTest::addColumn<QString>("name");
    QTest::addColumn<QByteArray>("bytes");
    const QByteArray jpeg = contents(m_photo);
    const QByteArray claim =
        pngHead(299, 299) + bigEndian(0x7FFFFFFF) + "IDAT" + QByteArray(16, 'x');
    QCOMPARE(claim.size(), 57);
    const QByteArray data = "IDAT" + QByteArray(12, 'x');
    QTest::newRow("text named .png") << "text.png" << QByteArray("This is no picture.\n");
    QTest::newRow("empty file") << "empty.png" << QByteArray();
    QTest::newRow("truncated JPEG") << "cut.jpg" << jpeg.left(jpeg.size() / 2);
    QTest::newRow("chunk of 2 GB claimed") << "claim.png" << claim;
    QTest::newRow("20000x20000") << "large.png"
                                 << pngHead(20000, 20000) + bigEndian(12) + data
            + bigEndian(crc32(data));
    QTest::newRow("truncated PNG")
        << "cut.png" << contents(goldenPicture("imagenet_16_251.clean.png")).left(5000);
}

void TestCliBadInput::images()
{
    QFETCH(QString, name);
    QFETCH(QByteArray, bytes);
    const QString path = in("images/" + name);
    put(path, bytes);
    verifyRefused(
        measureProgram(cliProgram(), { "predict", path, "--model", "efficientnet-lite0" }), name);
    verifyRefused(measureProgram(cliProgram(),
                      { "attack", path, in("images-out/deep"), "--method", "cross-iterative",
                          "--trace", in("images-trace") }),
        name);
    QVERIFY(!QFile::exists(in("images-out")) && !QFile::exists(in("images-trace")));
}

void TestCliBadInput::weights_data()
{
    QTest::addColumn<QByteArray>("bytes");
    const QString checkpoints = text(dataDir()) + "/checkpoints/";
    const QByteArray real =
        contents(text(storeDir()) + "/efficientnet-lite0/efficientnet-lite0-57934424.pth");
    QVERIFY(real.size() > 1'000'000);
    QTest::newRow("os.system, legacy") << contents(checkpoints + "bad-system-legacy.pth");
    QTest::newRow("os.system, zip") << contents(checkpoints + "bad-system-zip.pth");
    QTest::newRow("truncated .pth") << real.left(real.size() / 2);
    QTest::newRow("overlapping safetensors") << overlappingSafetensors();
    QTest::newRow("text") << QByteArray("no weights");
}

void TestCliBadInput::weights()
{
    QFETCH(QByteArray, bytes);
    QVERIFY(!bytes.isEmpty());
    // A package of its own, bin/ beside share/crossiter/, whose manifest knows no hash, so that the
    // bytes reach the reader.
    const QString package = in("package");
    const QString program = package + "/bin/crossiter";
    QDir().mkpath(package + "/bin");
    if (!QFile::exists(program))
        QVERIFY(QFile::copy(cliProgram(), program));
    put(package + "/share/crossiter/models/toy.json",
        R"({"id": "toy", "name": "Toy", "architecture": "efficientnet-lite0", "file": "toy.pth",
            "licence": "MIT", "source": "a test",
            "preprocessing": {"inputSide": 224, "scale": 1, "shift": 0},
            "classes": 1000, "labelOffset": 1, "robust": false})");
    put(package + "/share/crossiter/store/toy/toy.pth", bytes);
    const QString before = QDir::currentPath();
    QVERIFY(QDir::setCurrent(package));
    const CliRun predicted = measureProgram(program, { "predict", m_photo, "--model", "toy" });
    const CliRun attacked = measureProgram(
        program, { "attack", m_photo, package + "/out", "--method", "fgsm", "--source", "toy" });
    QVERIFY(QDir::setCurrent(before));
    verifyRefused(predicted, "toy.pth");
    verifyRefused(attacked, "toy.pth");
    QVERIFY(!QFile::exists(package + "/out"));
    QVERIFY(!QFile::exists(package + "/crossiter-was-here")); // what the hostile files would make
}

void TestCliBadInput::missingFolder()
{
    verifyRefused(measureProgram(cliProgram(),
                      { "attack", in("nowhere"), in("missing-out"), "--method", "fgsm" }),
        in("nowhere"));
    QVERIFY(!QFile::exists(in("missing-out")));
    QDir().mkpath(in("no-images"));
    put(in("no-images/target_class.csv"), "a.png,5\n");
    verifyRefused(measureProgram(cliProgram(),
                      { "attack", in("no-images"), in("missing-out"), "--method", "fgsm" }),
        "no-images");
    verifyRefused(measureProgram(cliProgram(),
                      { "score", in("nowhere"), in("no-images"), "--model", "efficientnet-lite0" }),
        "no-images"); // both are wrong; one line all the same
    QVERIFY(!QFile::exists(in("missing-out")));
}

void TestCliBadInput::outputThatCannotBeMade()
{
    put(in("a-file"), "x");
    for (const QString& output :
        { in("a-file"), in("a-file/below"), QString("/proc/crossiter/out") }) {
        verifyRefused(
            measureProgram(cliProgram(), { "attack", m_photo, output, "--method", "fgsm" }),
            output);
        verifyRefused(
            measureProgram(cliProgram(),
                { "attack", m_photo, in("unused"), "--method", "fgsm", "--trace", output }),
            output);
        QVERIFY(!QFile::exists(in("unused")));
    }
    QCOMPARE(contents(in("a-file")), QByteArray("x"));
}

void TestCliBadInput::readOnlyOutput()
{
    QDir().mkpath(in("read-only"));
    QVERIFY(::chmod(in("read-only").toLocal8Bit(), 0555) == 0);
    QVERIFY(::chmod(m_folder.path().toLocal8Bit(), 0755) == 0);
    QProcess process;
    process.setChildProcessModifier([] {
        // A folder's mode does not stop root.
        if (::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0))
            ::_exit(77);
    });
    process.start(cliProgram(), { "--version" });
    if (!process.waitForFinished() || process.exitCode() != 0)
        QSKIP("the program cannot be run without root's rights here");
    process.start(cliProgram(), { "attack", m_photo, in("read-only"), "--method", "fgsm" });
    QVERIFY(process.waitForFinished());
    QCOMPARE(process.exitCode(), 1);
    const QByteArray error = process.readAllStandardError();
    QVERIFY2(error.contains("read-only") && error.count('\n') == 1, error.constData());
    QVERIFY2(error.contains("Permission denied"), error.constData());
    QVERIFY(everythingIn(in("read-only")).isEmpty());
}

void TestCliBadInput::outputOverItsInput()
{
    put(in("same/a.png"), contents(goldenPicture("imagenet_16_251.clean.png")));
    verifyRefused(
        measureProgram(cliProgram(), { "attack", in("same"), in("same"), "--method", "fgsm" }),
        "a.png");
    QCOMPARE(everythingIn(in("same")), QStringList { "a.png" });
}

void TestCliBadInput::duplicateStems()
{
    const QByteArray png = contents(goldenPicture("imagenet_16_251.clean.png"));
    put(in("stems/a.png"), png);
    put(in("stems/a.jpg"), contents(m_photo));
    put(in("stems/b.png"), png);
    verifyRefused(measureProgram(
                      cliProgram(), { "attack", in("stems"), in("stems-out"), "--method", "noop" }),
        "a.jpg and a.png");
    QVERIFY(!QFile::exists(in("stems-out")));
}

void TestCliBadInput::missingLabelsAndTargets()
{
    put(in("plain/photo.png"), contents(goldenPicture("imagenet_16_251.clean.png")));
    const auto attack = [this](const QStringList& more) {
        return runCli(QStringList { "attack", in("plain"), in("plain-out") } + more);
    };
    CliRun run = attack({ "--method", "bim", "--label-rule", "true" });
    QCOMPARE(run.code, 2);
    QVERIFY2(run.errorLine().contains("expected --label LABEL, --labels CSV, a file"),
        run.error.constData());
    run = attack({ "--method", "iter-target" });
    QCOMPARE(run.code, 2);
    QVERIFY2(run.errorLine().contains("expected --target LABEL, --targets CSV or the"),
        run.error.constData());
    put(in("targets.csv"), "photo.png,7\nother.png,none\n");
    run = attack({ "--method", "iter-target", "--targets", in("targets.csv") });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("targets.csv, line 2"), run.error.constData());
    put(in("targets.csv"), "other.png,7\n");
    run = attack({ "--method", "iter-target", "--targets", in("targets.csv") });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("targets.csv: expected a row for photo.png, found 0 of 1"),
        run.error.constData());
    put(in("labels.csv"), "Photo.png,7\n");
    run = attack(
        { "--method", "bim", "--label-rule", "true", "--labels", in("labels.csv"), "--quiet" });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("labels.csv: expected a row for photo.png, found 0 of 1"),
        run.error.constData());
    QVERIFY2(run.errorLine().contains("upper and lower case"), run.error.constData());
    put(in("labels.csv"), "first.png,7\n");
    put(in("two/first.png"), contents(goldenPicture("imagenet_16_251.clean.png")));
    put(in("two/photo.png"), contents(goldenPicture("imagenet_16_251.clean.png")));
    run = runCli({ "attack", in("two"), in("plain-out"), "--method", "bim", "--label-rule", "true",
        "--labels", in("labels.csv"), "--quiet" });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("expected a row for photo.png, found 1 of 2"),
        run.error.constData());
    run = attack({ "--method", "bim", "--labels", in("nowhere.csv") });
    QCOMPARE(run.code, 1);
    QVERIFY2(run.errorLine().contains("nowhere.csv"), run.error.constData());
    QVERIFY(!QFile::exists(in("plain-out")));
}

void TestCliBadInput::weightsThatAreNotThere()
{
    for (const QString& option : QStringList { "--source", "--judge" }) {
        const CliRun run =
            runCli({ "attack", m_photo, in("unknown-out"), "--method", "fgsm", option, "resnet" });
        QCOMPARE(run.code, 1);
        QVERIFY2(run.errorLine().contains("resnet"), run.error.constData());
        QVERIFY2(run.errorLine().contains("efficientnet-lite0"), run.error.constData());
        QVERIFY2(run.errorLine().contains("unknown model, " + option + ": expected "),
            run.error.constData());
        QVERIFY(!QFile::exists(in("unknown-out")));
    }
}

QTEST_GUILESS_MAIN(TestCliBadInput)
#include "tst_CliBadInput.moc"
