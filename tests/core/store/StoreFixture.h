// What the tests of the user's store share: a store of its own for every test, and whole weights.
#pragma once

#include "core/base/Error.h"
#include "core/base/RegularFile.h"
#include "core/base/Sha256.h"
#include "core/store/ModelJobs.h"

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/support/TestPaths.h"

namespace crossiter::test {

namespace fs = std::filesystem;

/// what() of an Error(BadInput); "wrong kind", "no error".
template <typename Work>
std::string errorOf(const Work& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.kind() == ErrorKind::BadInput ? error.what() : "wrong kind";
    }
    return "no error";
}

inline bool has(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

inline void write(const fs::path& path, const std::string& text)
{
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

inline std::string textOf(const fs::path& path)
{
    const auto bytes = readFile(path, 1U << 30U);
    return { bytes.begin(), bytes.end() };
}

class StoreFixture : public QObject
{
protected:
    QTemporaryDir m_folder;
    StorePaths m_paths; ///< anew for each test
    fs::path m_weights = storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth";
    std::string m_content;
    std::string m_hash;

    void readWeights()
    {
        m_content = textOf(m_weights);
        m_hash = sha256File(m_weights);
    }
    void makeStore()
    {
        const fs::path folder = m_folder.path().toStdString();
        m_paths.user = folder / std::to_string(++m_tests) / "store";
        m_paths.manifests = folder / std::to_string(m_tests) / "models";
        fs::create_directories(m_paths.manifests);
    }
    [[nodiscard]] static ImportRequest import(const fs::path& file, const std::string& architecture)
    {
        ImportRequest request;
        request.file = file;
        request.architecture = architecture;
        request.id = "mine";
        return request;
    }
    /// Nothing but what was there before: no half-made model, no staging folder.
    [[nodiscard]] bool storeIsEmpty() const
    {
        std::error_code fault;
        return !fs::exists(m_paths.user, fault) || fs::is_empty(m_paths.user, fault);
    }

private:
    int m_tests = 0;
};

} // namespace crossiter::test

#define VERIFY_HAS(TEXT, PART)                                                                     \
    do {                                                                                           \
        const std::string& found = TEXT;                                                           \
        QVERIFY2(has(found, PART), found.c_str());                                                 \
    } while (false)
