// crossiter-explorer: the window. Reads the command line, makes workspace and window, leaves.
#include "app/common/UsageError.h"
#include "core/base/ByteCount.h"
#include "core/base/Error.h"
#include "core/base/OutputGuard.h"
#include "core/base/SafeText.h"
#include "core/engine/Engine.h"
#include "ui/session/PhotoLoader.h"
#include "ui/session/Workspace.h"
#include "ui/window/HeadlessRun.h"
#include "ui/window/MainWindow.h"

#include <QApplication>
#include <QDir>
#include <QStandardPaths>
#include <QTimer>

#include <CLI/CLI.hpp>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace {

struct Arguments
{
    std::string image;
    std::string pair;
    std::string session;
    std::string screenshot;
    std::string theme;
    std::string tab;
    std::string size;
    std::string pairSize;
    std::string range;
    std::string layout;
    std::string exportSession;
    std::string output;
    std::string store;
    std::string memory;
    int scale = 1;
    int width = 0;
    int height = 0;
};

int complain(const std::string& message, int exitCode)
{
    std::fprintf(stderr, "crossiter-explorer: %s\n", crossiter::forTerminal(message).c_str());
    return exitCode;
}

bool parseSize(Arguments& arguments)
{
    if (arguments.size.empty())
        return true;
    char end = 0;
    return std::sscanf(arguments.size.c_str(), "%dx%d%c", &arguments.width, &arguments.height, &end)
        == 2
        && arguments.width >= 640 && arguments.width <= 16384 && arguments.height >= 480
        && arguments.height <= 16384;
}

/// The picture of the window takes no opened file's place. Throws Error(BadInput).
void guardScreenshot(const Arguments& arguments)
{
    if (arguments.screenshot.empty())
        return;
    crossiter::OutputGuard guard;
    guard.addPicture(arguments.image, "the photo");
    guard.addPicture(arguments.pair, "the pair's picture");
    guard.addInput(arguments.session, "the session");
    guard.addInput(arguments.exportSession, "the session");
    guard.addOutput(arguments.screenshot);
    guard.check();
}

bool headless(const Arguments& arguments)
{
    return !arguments.screenshot.empty() || !arguments.exportSession.empty();
}

/// Before QApplication: platform and scale are read when it is made.
bool preparePlatform(const Arguments& arguments)
{
    const bool display =
        std::getenv("DISPLAY") != nullptr || std::getenv("WAYLAND_DISPLAY") != nullptr;
    if (std::getenv("QT_QPA_PLATFORM") == nullptr && !display) {
        if (!headless(arguments))
            return false;
        ::setenv("QT_QPA_PLATFORM", "offscreen", 1);
    }
    if (arguments.scale > 1)
        ::setenv("QT_SCALE_FACTOR", std::to_string(arguments.scale).c_str(), 1);
    return true;
}

/// Two remarks of Qt about a machine without a display or a login session are no errors of the
/// user's: stderr is for what went wrong.
void filterQtRemarks(QtMsgType type, const QMessageLogContext& context, const QString& message)
{
    for (const char* remark : { "does not support propagateSizeHints", "XDG_RUNTIME_DIR not set" })
        if (message.contains(QLatin1String(remark)))
            return;
    std::fprintf(stderr, "%s\n", qPrintable(qFormatLogMessage(type, context, message)));
}

/// Throws Error(Usage).
crossiter::NpyReading arraysOf(const Arguments& arguments)
{
    crossiter::NpyReading arrays;
    if (!arguments.range.empty())
        arrays.range = crossiter::parseNpyRange(arguments.range);
    if (!arguments.layout.empty())
        arrays.layout = crossiter::parseNpyLayout(arguments.layout);
    return arrays;
}

int run(const Arguments& arguments, int& argc, char** argv)
{
    using namespace crossiter;
    qInstallMessageHandler(filterQtRemarks);
    QApplication application(argc, argv);
    std::setlocale(LC_NUMERIC, "C"); // QApplication had made it the user's: libraries print too
    QApplication::setApplicationName(QStringLiteral("crossiter"));
    QApplication::setApplicationDisplayName(QStringLiteral("CrossIter Explorer"));
    QApplication::setApplicationVersion(QString::fromLatin1(version()));
    QGuiApplication::setDesktopFileName(QStringLiteral("org.crossiter.Explorer"));

    ui::WindowOptions options;
    options.photosFolder = ui::embeddedPhotosFolder();
    if (headless(arguments)) { // there is nobody to ask
        options.answer = [](const ui::Question&) { return ui::Answer::No; };
    } else {
        const QString folder = QStandardPaths::writableLocation(QStandardPaths::AppConfigLocation);
        QDir().mkpath(folder);
        options.settingsFile = folder + QStringLiteral("/explorer.ini");
    }
    EngineOptions engine;
    engine.store = defaultStorePaths(arguments.store);
    engine.memoryBytes =
        arguments.memory.empty() ? 0 : parseByteCount("--memory", arguments.memory);
    std::optional<PictureSize> pairSize;
    if (!arguments.pairSize.empty())
        pairSize = parsePictureSize("--pair-size", arguments.pairSize);
    const NpyReading arrays = arraysOf(arguments);
    if (headless(arguments)) { // nobody is there to be asked
        options.choosePairSize = [](const QString&, const QString&) { return QString(); };
        options.chooseSeriesRange = [](const QString&) { return QString(); };
    }
    ui::Workspace workspace(std::make_shared<Engine>(engine));
    ui::MainWindow window(workspace, options);
    if (!arguments.theme.empty())
        window.setThemeKind(arguments.theme == "dark" ? ui::ThemeKind::Dark : ui::ThemeKind::Light);
    if (arguments.width > 0)
        window.resize(arguments.width, arguments.height);
    window.show();
    window.showTab(QString::fromStdString(arguments.tab));

    std::string error;
    std::unique_ptr<ui::HeadlessRun> headlessRun;
    if (headless(arguments)) {
        ui::HeadlessRun::Plan plan;
        plan.screenshot = QString::fromStdString(arguments.screenshot);
        plan.viewsFolder = QString::fromStdString(
            arguments.exportSession.empty() ? std::string() : arguments.output);
        // The default exploration is shown where it tells most: the true label is back.
        plan.subStep = arguments.session.empty() && arguments.exportSession.empty() ? 2 : -1;
        headlessRun = std::make_unique<ui::HeadlessRun>(window, plan);
        QObject::connect(headlessRun.get(), &ui::HeadlessRun::ended, &application,
            [&error](int exitCode, const QString& message) {
                error = message.toStdString();
                QCoreApplication::exit(exitCode);
            });
    }
    const std::string session =
        arguments.exportSession.empty() ? arguments.session : arguments.exportSession;
    // Once the loop runs: the window is on the screen before anything is loaded.
    QTimer::singleShot(0, &window, [&] {
        window.start(QString::fromStdString(arguments.image), QString::fromStdString(session),
            QString::fromStdString(arguments.pair), pairSize, arrays);
    });
    const int exitCode = QApplication::exec();
    return error.empty() ? exitCode : complain(error, exitCode);
}

int explorer(int argc, char** argv)
{
    Arguments arguments;
    CLI::App app {
        "CrossIter explorer: cross-iterative adversarial attacks, step by step, in a window.",
        "crossiter-explorer"
    };
    app.set_version_flag("--version", std::string("crossiter-explorer ") + crossiter::version());
    app.add_option(
        "IMAGE", arguments.image, "A photo or a folder of photos; default: the embedded Dalmatian");
    app.add_option("ADVERSARIAL", arguments.pair,
        "What another program made of IMAGE, a picture or a series (a folder, .npy or .txt list): "
        "shown beside it, and judged by the networks");
    app.add_option("--pair-size", arguments.pairSize,
        "What IMAGE and ADVERSARIAL are compared at, WxH; default: 299x299");
    app.add_option("--range", arguments.range,
        "What the floats of a series' arrays go from and to: 0..1 or -1..1");
    app.add_option("--layout", arguments.layout, "Where their colours lie: nhwc or nchw");
    app.add_option("--session", arguments.session, "Open a saved session");
    app.add_option("--screenshot", arguments.screenshot,
        "Run the default exploration (or the session), write a PNG of the window and leave");
    app.add_option("--theme", arguments.theme, "light or dark; default: as the system")
        ->check(CLI::IsMember({ "light", "dark" }));
    std::vector<std::string> tabs;
    for (const QString& tab : crossiter::ui::tabNames(crossiter::ui::standardTabs()))
        tabs.push_back(tab.toStdString());
    app.add_option("--tab", arguments.tab, "Which tab of the bottom is in front")
        ->check(CLI::IsMember(tabs));
    app.add_option("--size", arguments.size, "The window's size, WIDTHxHEIGHT, at least 640x480");
    app.add_option("--scale", arguments.scale, "Pixels a logical pixel, 1..4")
        ->check(CLI::Range(1, 4));
    CLI::Option* exported = app.add_option("--export", arguments.exportSession,
        "Open this session, write its views and its trace into --output and leave");
    app.add_option("--output", arguments.output, "The folder for --export")->needs(exported);
    app.add_option("--store", arguments.store,
        "The folder of your models; default: $CROSSITER_STORE, else the user's data folder");
    app.add_option("--memory", arguments.memory,
        "Budget for loaded networks, 512M or 4G: the least used are unloaded; default: no limit");
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& asked) { // --help, --version
        return app.exit(asked);
    } catch (const CLI::ParseError& error) {
        return complain(crossiter::usageError(error, app, argc, argv).what(), 2);
    }
    if (!parseSize(arguments)) {
        return complain("unusable option, --size: expected WIDTHxHEIGHT from 640x480 on, found "
                + arguments.size,
            2);
    }
    if (!arguments.exportSession.empty() && arguments.output.empty())
        return complain("missing option, --output: expected the folder for --export", 2);
    try {
        guardScreenshot(arguments);
    } catch (const crossiter::Error& error) {
        return complain(error.what(), crossiter::exitCodeOf(error.kind()));
    }
    if (!preparePlatform(arguments)) {
        return complain(
            "no display, DISPLAY and WAYLAND_DISPLAY: expected one of them, or --screenshot FILE",
            1);
    }
    try {
        return run(arguments, argc, argv);
    } catch (const crossiter::Error& error) {
        return complain(error.what(), crossiter::exitCodeOf(error.kind()));
    }
}

} // namespace

int main(int argc, char** argv)
{
    try {
        return explorer(argc, argv);
    } catch (const std::exception& error) {
        return complain(error.what(), 1);
    }
}
