#pragma once

#include "core/base/Random.h"
#include "core/checkpoint/StateDict.h"

#include <QByteArray>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

#include "tests/core/base/Measured.h"

// What every checkpoint reader must stand: files that are wrong, cut short or flipped in some bits.
// `read` is a reader: StateDict(const std::filesystem::path&).
namespace crossiter::test {

inline QByteArray contents(const std::filesystem::path& path)
{
    QFile file(QString::fromStdString(path.string()));
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

/// Writes with QFile: thousands of flushes to disk would take minutes.
inline std::filesystem::path written(const QTemporaryDir& folder, const QByteArray& bytes)
{
    QFile file(folder.filePath("made.checkpoint"));
    file.remove(); // some file systems flush a file that is cut and written again
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size())
        qFatal("cannot write the test's file");
    return file.fileName().toStdString();
}

/// The file is refused in one line that says `error`.
template <typename Read>
void verifyRefused(const QByteArray& bytes, const QString& error, const Read& read)
{
    const QTemporaryDir folder;
    const std::filesystem::path path = written(folder, bytes);
    const Measured result = measured([&] { (void)read(path); });
    VERIFY_REFUSED(result, path.string());
    QVERIFY2(result.text().contains(error), qPrintable(result.text()));
}

/// Cut at every 1/64, and by its last byte alone.
template <typename Read>
void verifyTruncationsRefused(const QByteArray& whole, const Read& read)
{
    QVERIFY(!whole.isEmpty());
    for (qsizetype part = 0; part < 64; ++part)
        verifyRefused(whole.left(whole.size() * part / 64), {}, read);
    verifyRefused(whole.chopped(1), {}, read);
}

/// 2000 copies with one to three flipped bits each: read to the last byte that a tensor claims, or
/// refused as bad input; at least `leastRefused` are refused.
template <typename Read>
void verifyFlipsSurvived(
    const QByteArray& whole, std::uint64_t seed, int leastRefused, const Read& read)
{
    const QTemporaryDir folder;
    RandomStream random(seed);
    int refused = 0;
    for (int i = 0; i < 2000; ++i) {
        QByteArray bytes = whole;
        for (std::uint64_t flips = 0; flips < 1 + random.next() % 3; ++flips) {
            const auto at =
                static_cast<qsizetype>(random.next() % static_cast<std::uint64_t>(bytes.size()));
            bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.next() % 8));
        }
        const auto path = written(folder, bytes);
        try {
            const StateDict state = read(path);
            std::uint64_t sum = 0;
            for (const TensorView& tensor : state.tensors)
                for (const std::byte byte : tensor.bytes)
                    sum += static_cast<std::uint64_t>(byte);
            QVERIFY(sum < UINT64_MAX);
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::BadInput);
            ++refused;
        }
    }
    QVERIFY2(refused >= leastRefused, qPrintable(QString::number(refused)));
}

} // namespace crossiter::test
