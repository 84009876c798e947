#pragma once

#include <QByteArray>
#include <QString>
#include <QStringList>

#include <filesystem>

namespace crossiter::test {

/// What one run of the real program did.
struct CliRun
{
    int code = -1; ///< -1: did not start, or a signal ended it
    QByteArray out;
    QByteArray error;
    qint64 milliseconds = 0; ///< of the program alone; measured runs only
    qint64 kilobytes = 0; ///< its largest resident size; measured runs only

    /// stderr as the one line "crossiter: ..." that an error must be; empty when it is not.
    [[nodiscard]] QString errorLine() const;
};

/// Runs crossiter with these arguments, $CROSSITER_STORE pointing nowhere.
[[nodiscard]] CliRun runCli(const QStringList& arguments);
/// The same for another copy of the program.
[[nodiscard]] CliRun runProgram(const QString& program, const QStringList& arguments);
/// With time and memory.
[[nodiscard]] CliRun measureProgram(const QString& program, const QStringList& arguments);

[[nodiscard]] QString cliProgram();
[[nodiscard]] QString photo(const QString& name); ///< path of an embedded photo
[[nodiscard]] QString goldenPicture(const QString& name); ///< path in tests/golden/embedded_pair
[[nodiscard]] QStringList allPhotos(); ///< paths, by name
/// Every path below the folder, relative, sorted; hidden files too.
[[nodiscard]] QStringList everythingIn(const QString& folder);
/// Writes a file, in folders that are made where they are missing; a failure fails the test.
void put(const QString& path, const QByteArray& bytes);
[[nodiscard]] QString text(const std::filesystem::path& path);
[[nodiscard]] std::filesystem::path path(const QString& text);

} // namespace crossiter::test
