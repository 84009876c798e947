#pragma once

#include "core/engine/Engine.h"
#include "ui/window/MainWindow.h"

#include <QDropEvent>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QMimeData>
#include <QTest>
#include <QUrl>

#include <filesystem>
#include <memory>

#include "tests/support/TestPaths.h"

namespace crossiter::test {

/// The real engine on the embedded weights; nothing of this user's own store.
inline std::shared_ptr<Engine> realEngine()
{
    EngineOptions options;
    options.store = defaultStorePaths("no-user-store-in-tests");
    options.store.readOnly = { storeDir() };
    return std::make_shared<Engine>(options);
}

/// A store of its own below `root`: the manifests copied, so that a test may add to them, and the
/// embedded weights.
inline StorePaths storeBelow(const std::filesystem::path& root)
{
    StorePaths paths;
    paths.user = root / "store";
    paths.manifests = root / "models";
    paths.readOnly = { storeDir() };
    std::filesystem::create_directories(paths.manifests);
    for (const auto& entry : std::filesystem::directory_iterator(sourceDir() / "models"))
        std::filesystem::copy(entry.path(), paths.manifests / entry.path().filename());
    return paths;
}

/// A test that compares two files that are not there may not pass.
inline QByteArray contents(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll()
                                          : QByteArray("missing: ") + path.toUtf8();
}

inline QJsonObject object(const QString& path)
{
    return QJsonDocument::fromJson(contents(path)).object();
}

inline QString photo(const char* name)
{
    return QString::fromStdString((photosDir() / name).string());
}

inline QString dalmatian()
{
    return photo("imagenet_16_251.jpg");
}

/// What a time of the window may be multiplied with: the sanitizers make all of it slower.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr int kSlower = 5;
#else
inline constexpr int kSlower = 1;
#endif

inline bool waitSettled(ui::ExplorerSession& session, int ms = 120'000 * kSlower)
{
    return QTest::qWaitFor([&] { return session.settled(); }, ms);
}

/// Also what the window's tabs compute, and its thumbnails.
inline bool waitSettled(ui::MainWindow& window, int ms = 180'000 * kSlower)
{
    return QTest::qWaitFor([&] { return window.settled(); }, ms);
}

inline ui::WindowOptions windowOptions(const QString& settingsFile = {})
{
    ui::WindowOptions options;
    options.settingsFile = settingsFile;
    options.photosFolder = QString::fromStdString(photosDir().string());
    // A test that is about something else is not asked: changes are discarded, work is stopped.
    options.answer = [](const ui::Question& question) {
        return question.kind == ui::Question::Kind::SaveChanges ? ui::Answer::No : ui::Answer::Yes;
    };
    return options;
}

/// Its file dialogs bring what `answer` is when they are asked.
inline ui::WindowOptions windowOptions(const QString& settingsFile, const QString& answer)
{
    ui::WindowOptions options = windowOptions(settingsFile);
    options.choosePath = [&answer](const QString&, const QString&, const QString&, bool, bool) {
        return answer;
    };
    return options;
}

inline bool showWindow(ui::MainWindow& window, QSize size = { 1440, 900 })
{
    window.resize(size);
    window.show();
    return QTest::qWaitForWindowExposed(&window);
}

/// Drags a file into the window and lets it go.
inline void drop(QWidget& window, const QString& path)
{
    QMimeData data;
    data.setUrls({ QUrl::fromLocalFile(path) });
    QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent event(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &event);
}

} // namespace crossiter::test
