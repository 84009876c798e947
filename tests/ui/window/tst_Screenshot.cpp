// The program itself: pictures without a display, exports, errors and exit codes.
#include "ui/session/ExplorerState.h"

#include <QDir>
#include <QFile>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

class tst_Screenshot : public QObject
{
    Q_OBJECT

private slots:
    void pictures_data();
    void pictures();
    void exportsASession();
    void badInput_data();
    void badInput();
    void helpAndVersion();

private:
    struct Outcome
    {
        int exitCode = -1;
        QString out;
        QString err;
    };
    static Outcome run(const QStringList& arguments, bool display = true);
};

tst_Screenshot::Outcome tst_Screenshot::run(const QStringList& arguments, bool display)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    for (const char* name :
        { "DISPLAY", "WAYLAND_DISPLAY", "OMP_WAIT_POLICY", "CROSSITER_RESTARTED" })
        environment.remove(name);
    if (!display)
        environment.remove("QT_QPA_PLATFORM");
    process.setProcessEnvironment(environment);
    process.start(QString::fromStdString(program("crossiter-explorer").string()), arguments);
    if (!process.waitForFinished(300'000)) {
        process.kill();
        process.waitForFinished();
        return {};
    }
    return { process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -2,
        QString::fromUtf8(process.readAllStandardOutput()),
        QString::fromUtf8(process.readAllStandardError()) };
}

void tst_Screenshot::pictures_data()
{
    QTest::addColumn<QString>("theme");
    QTest::addColumn<QSize>("size");
    QTest::addColumn<int>("scale");
    QTest::newRow("light") << "light" << QSize(1600, 980) << 1;
    QTest::newRow("dark, small, twice the pixels") << "dark" << QSize(1280, 800) << 2;
}

void tst_Screenshot::pictures()
{
    QFETCH(QString, theme);
    QFETCH(QSize, size);
    QFETCH(int, scale);
    QTemporaryDir folder;
    const QString path = folder.filePath("window.png");
    const Outcome outcome = run({ "--screenshot", path, "--theme", theme, "--size",
                                    QString("%1x%2").arg(size.width()).arg(size.height()),
                                    "--scale", QString::number(scale) },
        false);
    QVERIFY2(outcome.exitCode == 0, qPrintable(outcome.err));
    const QImage image(path);
    QCOMPARE(image.size(), size * scale);
    const int corner = qGray(image.pixel(3, image.height() / 2));
    QVERIFY(theme == "dark" ? corner < 90 : corner > 180);
    // The middle shows the photo: it is not one colour.
    QSet<QRgb> colors;
    for (int x = image.width() / 4; x < image.width() * 3 / 4; x += 3)
        colors.insert(image.pixel(x, image.height() / 4));
    QVERIFY(colors.size() > 100);
}

void tst_Screenshot::exportsASession()
{
    QTemporaryDir folder;
    ExplorerState state = defaultState();
    state.photo = QString::fromStdString((photosDir() / "imagenet_16_251.jpg").string());
    state.attack.rounds = 1;
    state.subStep = 1;
    writeSession(state, folder.filePath("s.crossiter.json"));
    const Outcome outcome = run(
        { "--export", folder.filePath("s.crossiter.json"), "--output", folder.filePath("out") });
    QVERIFY2(outcome.exitCode == 0, qPrintable(outcome.err));
    const QDir out(folder.filePath("out"));
    for (const char* name : { "imagenet_16_251.trace.json", "imagenet_16_251.sub-step-1.png",
             "imagenet_16_251.sub-step-1.adversarial.png",
             "imagenet_16_251.sub-step-1.perturbation.png",
             "imagenet_16_251.sub-step-1.trajectory.pdf", "imagenet_16_251.sub-step-1.window.png" })
        QVERIFY2(out.exists(name), name);
    // The view of the adversarial image is the exported image.
    QCOMPARE(QImage(out.filePath("imagenet_16_251.sub-step-1.adversarial.png"))
                 .convertToFormat(QImage::Format_RGB32),
        QImage(out.filePath("imagenet_16_251.sub-step-1.png"))
            .convertToFormat(QImage::Format_RGB32));
}

void tst_Screenshot::badInput_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("exitCode");
    QTest::newRow("missing photo")
        << QStringList { "no-such-photo.png", "--screenshot", "OUT/x.png" } << 1;
    QTest::newRow("no picture") << QStringList { "/proc/self/status", "--screenshot", "OUT/x.png" }
                                << 1;
    QTest::newRow("missing session")
        << QStringList { "--session", "none.json", "--screenshot", "OUT/x.png" } << 1;
    QTest::newRow("unwritable") << QStringList { "--screenshot", "/proc/x/y.png" } << 1;
    QTest::newRow("theme") << QStringList { "--theme", "plaid" } << 2;
    QTest::newRow("size") << QStringList { "--size", "12x" } << 2;
    QTest::newRow("option") << QStringList { "--frobnicate" } << 2;
    QTest::newRow("no output") << QStringList { "--export", "x.json" } << 2;
}

void tst_Screenshot::badInput()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, exitCode);
    QTemporaryDir folder;
    for (QString& argument : arguments)
        argument.replace("OUT", folder.path());
    const Outcome outcome = run(arguments);
    QCOMPARE(outcome.exitCode, exitCode);
    QVERIFY2(outcome.err.startsWith("crossiter-explorer: "), qPrintable(outcome.err));
    QVERIFY2(outcome.err.trimmed().count('\n') == 0, qPrintable(outcome.err));
    QVERIFY(QDir(folder.path()).isEmpty()); // nothing written
}

void tst_Screenshot::helpAndVersion()
{
    const Outcome help = run({ "--help" });
    QCOMPARE(help.exitCode, 0);
    QVERIFY(help.out.contains("--screenshot"));
    QCOMPARE(run({ "--version" }).exitCode, 0);
    const Outcome noDisplay = run({}, false);
    QCOMPARE(noDisplay.exitCode, 1);
    QVERIFY(noDisplay.err.contains("--screenshot"));
}

QTEST_MAIN(tst_Screenshot)
#include "tst_Screenshot.moc"
