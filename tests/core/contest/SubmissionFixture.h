// What the tests of submissions share: a folder of its own for every test.
#pragma once

#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/contest/Validator.h"

#include <QTemporaryDir>
#include <QtTest>

#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "tests/support/TestPaths.h"

namespace crossiter::test {

namespace fs = std::filesystem;

inline QString errorOf(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return "no error";
}

inline std::string textOf(const fs::path& path)
{
    const auto bytes = readFile(path, 1U << 24U);
    return { bytes.begin(), bytes.end() };
}

inline CheckStatus statusOf(const ValidationReport& report, const char* check)
{
    for (const SubmissionCheck& found : report.checks)
        if (found.name == check)
            return found.status;
    qFatal("no check %s", check);
}

inline QByteArray textOf(const ValidationReport& report)
{
    QByteArray text;
    for (const SubmissionCheck& check : report.checks)
        text += QByteArray(nameOf(check.status)) + " " + check.name.c_str() + ": "
            + check.text.c_str() + "\n";
    return text + report.runOutput.c_str();
}

class SubmissionFixture : public QObject
{
protected:
    void makeFolder()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_path = m_folder->path().toStdString();
    }
    void write(const fs::path& file, const std::string& text, bool runs = false)
    {
        fs::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        if (runs)
            fs::permissions(file, fs::perms::owner_all);
    }
    static ValidationRequest asked(const fs::path& path, SubmissionKind kind)
    {
        ValidationRequest request;
        request.submission = path;
        request.kind = kind;
        request.images = 3;
        return request;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    fs::path m_path;
};

} // namespace crossiter::test
