#pragma once

#include "ui/session/ExplorerState.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QString>
#include <QStringList>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>

#include "tests/ui/ExplorerTestSupport.h"

namespace crossiter::test {

using namespace crossiter::ui;

inline constexpr int kLongestStepSeconds = 90; // a window that does not answer for so long hangs

/// Ends the test when nothing has come from the event loop for too long.
class Watchdog
{
public:
    Watchdog()
        : m_thread([this](const std::stop_token& stop) { watch(stop); })
    {
    }
    void alive() { m_beats.fetch_add(1); }

private:
    void watch(const std::stop_token& stop)
    {
        unsigned last = m_beats.load();
        auto since = std::chrono::steady_clock::now();
        while (!stop.stop_requested()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
            const unsigned now = m_beats.load();
            const auto time = std::chrono::steady_clock::now();
            if (now != last) {
                last = now;
                since = time;
            } else if (time - since > std::chrono::seconds(kLongestStepSeconds)) {
                std::fputs("the window hangs\n", stderr);
                std::abort();
            }
        }
    }

    std::atomic<unsigned> m_beats = 0;
    std::jthread m_thread;
};

/// What a seed decides, one thing after the other.
class Chance
{
public:
    explicit Chance(unsigned seed)
        : m_random(seed)
    {
    }

    int below(int count)
    {
        return count < 1 ? 0 : static_cast<int>(m_random() % static_cast<unsigned>(count));
    }
    template <typename List>
    auto one(const List& list)
    {
        return list[below(static_cast<int>(list.size()))];
    }

private:
    std::mt19937 m_random;
};

/// The folder that the monkey plays in: photos, sessions and damaged files, and what it answers
/// when it is asked for a path.
class MonkeyFiles
{
public:
    MonkeyFiles(Chance& chance, const QString& folder)
        : m_chance(chance)
        , m_folder(folder)
    {
        makeFiles();
    }

    QString anyFile()
    {
        const QStringList names { "photos", "empty", "out", "bad.png", "empty.jpg", "plan.json",
            "deep.json", "weights.pth", "labels.csv", "notes.txt", "one.crossiter.json",
            "gone.crossiter.json", "none.crossiter.json", "not there.png", "photos/broken.jpg" };
        const QStringList photos =
            QDir(m_folder + QStringLiteral("/photos")).entryList(QDir::Files, QDir::Name);
        return m_folder + QLatin1Char('/')
            + (m_chance.below(2) == 0 && !photos.isEmpty()
                    ? QStringLiteral("photos/") + m_chance.one(photos)
                    : m_chance.one(names));
    }

    QString path(const QString& suggestion, const QString& filter, bool save, bool folder)
    {
        if (m_chance.below(4) == 0)
            return {};
        if (folder) {
            const QStringList folders { "photos", "empty", "out", "out/study", "out/new" };
            return m_folder + QLatin1Char('/') + m_chance.one(folders);
        }
        if (!save)
            return anyFile();
        const QString name = QFileInfo(suggestion).fileName();
        if (!name.isEmpty() && m_chance.below(3) > 0)
            return m_folder + QStringLiteral("/out/") + name;
        const QStringList endings { ".png", ".pdf", ".svg", ".csv", ".json", "" };
        return m_folder + QStringLiteral("/out/file%1").arg(m_chance.below(4))
            + (filter.contains(QLatin1String("png")) ? QStringLiteral(".png")
                                                     : m_chance.one(endings));
    }

private:
    void write(const QString& name, const QByteArray& text)
    {
        QFile file(m_folder + QLatin1Char('/') + name);
        if (file.open(QIODevice::WriteOnly))
            file.write(text);
    }

    void makeFiles()
    {
        QDir dir(m_folder);
        for (const char* sub : { "photos", "empty", "out", "out/study" })
            dir.mkpath(QLatin1String(sub));
        for (const char* name : { "imagenet_16_251.jpg", "imagenet_24_387.jpg" })
            QFile::copy(photo(name), m_folder + QStringLiteral("/photos/") + QLatin1String(name));
        const QFileInfoList more = QDir(QString::fromStdString(photosDir().string()))
                                       .entryInfoList({ "*.jpg", "*.png" }, QDir::Files);
        for (const QFileInfo& info : more.mid(0, 3))
            QFile::copy(info.filePath(), m_folder + QStringLiteral("/photos/") + info.fileName());
        write("bad.png", "\x89PNG\r\n\x1a\n and nothing more");
        write("photos/broken.jpg", "\xff\xd8\xff\xe0 cut");
        write("empty.jpg", {});
        write("plan.json", "{\"crossiter_plan\": 1}");
        write("deep.json", QByteArray(2000, '['));
        write("weights.pth", "no weights");
        write("labels.csv", "imagenet_16_251.jpg,251\nbad,line,here\n");
        write("notes.txt", "dear diary");
        ExplorerState state = defaultState();
        state.photo = m_folder + QStringLiteral("/photos/imagenet_16_251.jpg");
        state.attack.rounds = 1;
        writeSession(state, m_folder + QStringLiteral("/one.crossiter.json"));
        state.photo = m_folder + QStringLiteral("/gone.png");
        writeSession(state, m_folder + QStringLiteral("/gone.crossiter.json"));
        state.photo.clear();
        state.attack.rounds = 0;
        state.attack.method = Method::Fgsm;
        writeSession(state, m_folder + QStringLiteral("/none.crossiter.json"));
    }

    Chance& m_chance;
    QString m_folder;
};

} // namespace crossiter::test
