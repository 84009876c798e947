#include "tests/app/CliRunner.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/support/TestPaths.h"

namespace crossiter::test {

namespace {

constexpr int kTimeoutMs = 300'000;

} // namespace

QString CliRun::errorLine() const
{
    const QString whole = QString::fromUtf8(error);
    const bool oneLine = whole.startsWith("crossiter: ") && whole.endsWith('\n')
        && whole.count('\n') == 1 && !whole.contains('\r');
    return oneLine ? whole.trimmed() : QString();
}

CliRun runProgram(const QString& program, const QStringList& arguments)
{
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("CROSSITER_STORE", "/nonexistent/store");
    process.setProcessEnvironment(environment);
    process.start(program, arguments, QIODevice::ReadOnly);
    CliRun run;
    if (!process.waitForFinished(kTimeoutMs)) {
        process.kill();
        process.waitForFinished();
        return run;
    }
    run.code = process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1;
    run.out = process.readAllStandardOutput();
    run.error = process.readAllStandardError();
    return run;
}

CliRun runCli(const QStringList& arguments)
{
    return runProgram(cliProgram(), arguments);
}

CliRun measureProgram(const QString& program, const QStringList& arguments)
{
    const QTemporaryDir folder;
    const QString figures = folder.filePath("figures");
    CliRun run = runProgram(CROSSITER_MEASURE, QStringList { figures, program } + arguments);
    QFile file(figures);
    if (!file.open(QIODevice::ReadOnly)) {
        run.code = -1;
        return run;
    }
    const QList<QByteArray> numbers = file.readAll().trimmed().split(' ');
    run.milliseconds = numbers.value(0).toLongLong();
    run.kilobytes = numbers.value(1).toLongLong();
    return run;
}

QString cliProgram()
{
    return text(program("crossiter"));
}

QString photo(const QString& name)
{
    return text(photosDir()) + "/" + name;
}

QString goldenPicture(const QString& name)
{
    return text(goldenDir()) + "/embedded_pair/" + name;
}

QStringList allPhotos()
{
    QStringList paths;
    for (const QString& name :
        QDir(text(photosDir())).entryList({ "*.jpg" }, QDir::Files, QDir::Name))
        paths << photo(name);
    return paths;
}

QStringList everythingIn(const QString& folder)
{
    QStringList found;
    QDirIterator walk(folder, QDir::AllEntries | QDir::Hidden | QDir::System | QDir::NoDotAndDotDot,
        QDirIterator::Subdirectories);
    while (walk.hasNext())
        found << QDir(folder).relativeFilePath(walk.next());
    found.sort();
    return found;
}

void put(const QString& path, const QByteArray& bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
}

QString text(const std::filesystem::path& path)
{
    return QString::fromStdString(path.string());
}

std::filesystem::path path(const QString& text)
{
    return text.toStdString();
}

} // namespace crossiter::test
