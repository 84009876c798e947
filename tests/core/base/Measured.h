#pragma once

#include "core/base/Error.h"

#include <QString>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <optional>
#include <string>

namespace crossiter::test {

/// How far a measured memory may lie above what the test is about.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr std::int64_t kSlackMegabytes = 2048; // the sanitizer keeps what was freed
#else
inline constexpr std::int64_t kSlackMegabytes = 16;
#endif

/// What one call did: its error, if it ended so, its time, and how far memory rose above the start.
struct Measured
{
    std::optional<Error> error;
    std::int64_t milliseconds = 0;
    std::int64_t megabytes = 0;

    [[nodiscard]] QString text() const
    {
        return error ? QString::fromStdString(error->what()) : QStringLiteral("no error");
    }
};

/// A line "NAME: N kB" of /proc/self/status.
inline std::int64_t statusKilobytes(const std::string& name)
{
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with(name + ":"))
            return std::stoll(line.substr(name.size() + 1));
    return 0;
}

template <typename Call>
Measured measured(Call&& call)
{
    Measured result;
    std::ofstream("/proc/self/clear_refs") << "5"; // the peak starts again from here
    const std::int64_t before = statusKilobytes("VmRSS");
    const auto start = std::chrono::steady_clock::now();
    try {
        call();
    } catch (const Error& error) {
        result.error = error;
    }
    result.milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start)
                              .count();
    result.megabytes = (statusKilobytes("VmHWM") - before) / 1024;
    return result;
}

} // namespace crossiter::test

/// One line that names the place, of the kind bad input, within ten times 250 ms and within 256 MB.
#define VERIFY_REFUSED(RESULT, PLACE)                                                              \
    do {                                                                                           \
        QVERIFY2((RESULT).error.has_value(), "accepted");                                          \
        QCOMPARE((RESULT).error->kind(), crossiter::ErrorKind::BadInput);                          \
        QVERIFY2(                                                                                  \
            (RESULT).text().contains(QString::fromStdString(PLACE)), qPrintable((RESULT).text())); \
        QVERIFY2(!(RESULT).text().contains('\n'), qPrintable((RESULT).text()));                    \
        QVERIFY2(                                                                                  \
            (RESULT).milliseconds < 2500, qPrintable(QString::number((RESULT).milliseconds)));     \
        QVERIFY2((RESULT).megabytes < 256, qPrintable(QString::number((RESULT).megabytes)));       \
    } while (false)
