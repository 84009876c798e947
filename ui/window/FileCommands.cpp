#include "ui/window/FileCommands.h"

#include "ui/session/PlainText.h"
#include "ui/window/Actions.h"
#include "ui/window/ModelCommands.h"
#include "ui/window/SessionCommands.h"
#include "ui/window/Shell.h"
#include "ui/window/WindowSettings.h"

#include <QAction>
#include <QDropEvent>
#include <QFileInfo>
#include <QInputDialog>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QUrl>

#include <utility>

namespace crossiter::ui {

namespace {

bool isSessionFile(const QString& path)
{
    return path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
}

} // namespace

FileCommands::FileCommands(Shell& shell, Actions& actions, WindowSettings& settings,
    SessionCommands& sessionFile, ModelCommands& models)
    : m_shell(shell)
    , m_actions(actions)
    , m_settings(settings)
    , m_sessionFile(sessionFile)
    , m_models(models)
{
    const ExplorerSession* session = &shell.explorer();
    connect(session, &ExplorerSession::pairSizeWanted, this, &FileCommands::askPairSize);
    connect(session, &ExplorerSession::seriesRangeWanted, this, &FileCommands::askSeriesRange);
    connect(session, &ExplorerSession::photoChanged, this, [this] {
        if (m_shell.explorer().hasPhoto())
            m_settings.remember(m_shell.explorer().photo().path);
    });
    connect(&settings, &WindowSettings::recentChanged, this, &FileCommands::fillRecentMenu);
}

void FileCommands::addOpening(QMenu* menu)
{
    ExplorerSession* session = &m_shell.explorer();
    const auto hasPhoto = [session] { return session->hasPhoto(); };
    m_actions.add(menu, "openPhoto", { [this] { openPhotoDialog(); } });
    m_actions.add(menu, "openFolder", { [this] { openFolderDialog(); } });
    m_actions.add(menu, "openPair", { [this] { openPairDialog(); } });
    m_actions.add(menu, "swapPair",
        { [this] { swapPair(); },
            [session] { return session->showsPair() && !session->showsSeries(); } });
    m_actions.add(menu, "openSeries", { [this] { openSeriesDialog(true); } });
    m_actions.add(menu, "openSeriesFile", { [this] { openSeriesDialog(false); } });
    m_actions.add(menu, "watchSeries",
        { [session] { session->setWatching(!session->watching()); },
            [session] { return session->showsSeries(); },
            [session] { return session->watching(); } });
    connect(
        session, &ExplorerSession::watchingChanged, this, [this] { m_actions.refresh(); });
    m_actions.add(menu, "embeddedPhotos",
        { [this] { openPath(firstPhoto(m_shell.options().photosFolder)); },
            [this] { return !m_shell.options().photosFolder.isEmpty(); } });
    m_recentMenu = m_actions.addMenu("recentMenu", tr("&Recent files"), menu);
    m_actions.add(menu, "previousPhoto", { [session] { session->openNeighbour(-1); }, hasPhoto });
    m_actions.add(menu, "nextPhoto", { [session] { session->openNeighbour(1); }, hasPhoto });
    m_actions.add(menu, "openLabels", { [this] { openLabelsDialog(); } });
    menu->addSeparator();
    m_actions.add(menu, "openSession", { [this] { openSessionDialog(); } });
    m_sessionFile.addActions(m_actions, menu);
    fillRecentMenu();
}

void FileCommands::addExports(QMenu* menu)
{
    const auto hasTrace = [this] { return m_shell.explorer().trace() != nullptr; };
    m_actions.add(menu, "exportImage", { [this] { exportImageDialog(); }, hasTrace });
    m_actions.add(menu, "exportTrace", { [this] { exportTraceDialog(); }, hasTrace });
}

void FileCommands::openSessionDialog()
{
    openPath(m_shell.ask(tr("Open session"), m_sessionFile.path(),
        tr("Sessions (*%1 *.json)").arg(QLatin1String(SessionCommands::kEnding)), false));
}

void FileCommands::openPath(const QString& path)
{
    if (path.isEmpty())
        return;
    if (isSessionFile(path))
        m_sessionFile.open(path);
    else
        m_shell.explorer().openPhoto(path);
}

QString FileCommands::pictureFilter()
{
    return tr("Pictures (%1);;All files (*)").arg(photoFilters().join(QLatin1Char(' ')));
}

void FileCommands::openPhotoDialog()
{
    openPath(m_shell.ask(tr("Open photo"), QFileInfo(m_shell.explorer().state().photo).path(),
        pictureFilter(), false));
}

void FileCommands::openFolderDialog()
{
    openPath(m_shell.ask(
        tr("Open folder"), QFileInfo(m_shell.explorer().state().photo).path(), {}, false, true));
}

void FileCommands::openPairDialog()
{
    const QString filter = pictureFilter();
    const QString clean = m_shell.ask(
        tr("Clean picture of the pair"), m_shell.explorer().state().photo, filter, false);
    if (clean.isEmpty())
        return;
    const QString other =
        m_shell.ask(tr("The picture that was made of %1").arg(QFileInfo(clean).fileName()), clean,
            filter, false);
    if (!other.isEmpty())
        m_shell.explorer().openPair(clean, other);
}

void FileCommands::openSeriesDialog(bool folder)
{
    const QString clean = m_shell.ask(tr("Clean picture of the series"),
        m_shell.explorer().state().photo, pictureFilter(), false);
    if (clean.isEmpty())
        return;
    const QString series =
        m_shell.ask(tr("The pictures that were made of %1").arg(QFileInfo(clean).fileName()), clean,
            folder ? QString() : tr("Arrays and lists (*.npy *.txt)"), false, folder);
    if (!series.isEmpty())
        m_shell.explorer().openPair(clean, series);
}

void FileCommands::askSeriesRange(const QString& why)
{
    const QStringList choices { QStringLiteral("0..1"), QStringLiteral("-1..1") };
    QString answer;
    if (m_shell.options().chooseSeriesRange) {
        answer = m_shell.options().chooseSeriesRange(why);
    } else {
        bool accepted = false;
        answer = QInputDialog::getItem(&m_shell.window(), tr("Range of the series"),
            why + QLatin1Char('\n') + tr("The values go from and to:"), choices, 0, false,
            &accepted);
        answer = accepted ? answer : QString();
    }
    m_shell.explorer().answerSeriesRange(choices.contains(answer)
            ? std::optional(parseNpyRange(answer.toStdString()))
            : std::nullopt);
}

void FileCommands::swapPair()
{
    if (m_shell.explorer().showsPair() && !m_shell.explorer().showsSeries()) {
        m_shell.explorer().openPair(
            m_shell.explorer().state().pair, m_shell.explorer().state().photo);
    }
}

void FileCommands::askPairSize(const QString& other, const PictureSize& found)
{
    const QString own = QString::fromStdString(toString(found));
    const QString question = tr("%1 is %2, not 299x299. The clean picture is brought to the size "
                                "that both are compared at, and the networks are fed from there.")
                                 .arg(QFileInfo(other).fileName(), own);
    QString answer;
    if (m_shell.options().choosePairSize) {
        answer = m_shell.options().choosePairSize(question, own);
    } else {
        bool accepted = false;
        answer = QInputDialog::getText(&m_shell.window(), tr("Size of the pair"),
            question + QLatin1Char('\n') + tr("Compare at:"), QLineEdit::Normal, own, &accepted);
        answer = accepted ? answer.trimmed() : QString();
    }
    const auto size = findPictureSize(answer.toStdString());
    m_shell.explorer().answerPairSize(size);
    if (!size && !answer.isEmpty()) {
        m_shell.complain(
            tr("“%1” is no size: write it as 224x224, sides of 1 to 16384.").arg(answer));
    }
}

void FileCommands::openLabelsDialog()
{
    const QString path =
        m_shell.ask(tr("True labels"), {}, tr("CSV (*.csv);;All files (*)"), false);
    std::optional<int> base;
    if (!path.isEmpty() && m_shell.askLabelBase(path, LabelColumn::True, base))
        m_shell.explorer().setLabelsCsv(path, base);
}

void FileCommands::exportImageDialog()
{
    const QString suggestion = QFileInfo(m_shell.explorer().photo().path).completeBaseName()
        + QStringLiteral(".sub-step-%1.png").arg(m_shell.explorer().currentSubStep());
    if (const QString path =
            m_shell.ask(tr("Export the image"), suggestion, tr("PNG (*.png)"), true);
        !path.isEmpty()) {
        m_shell.explorer().exportImage(path.endsWith(QLatin1String(".png"), Qt::CaseInsensitive)
                ? path
                : path + QStringLiteral(".png"));
    }
}

void FileCommands::exportTraceDialog()
{
    if (const QString folder =
            m_shell.ask(tr("Export the trace into a folder"), {}, {}, true, true);
        !folder.isEmpty())
        m_shell.explorer().exportTrace(folder);
}

void FileCommands::drop(QDropEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (urls.isEmpty() || !urls.first().isLocalFile())
        return;
    event->acceptProposedAction();
    const QString path = urls.first().toLocalFile();
    if (urls.size() == 2 && urls.last().isLocalFile()) {
        // In the order of the drop, which "Swap the pair" turns; but a series is never the clean
        // one.
        const QString other = urls.last().toLocalFile();
        const bool turned = isSeries(path.toStdString()) && !isSeries(other.toStdString());
        m_shell.explorer().openPair(turned ? other : path, turned ? path : other);
    } else if (ModelCommands::takes(path)) {
        m_models.importDropped(path);
    } else {
        openPath(path);
    }
}

void FileCommands::fillRecentMenu()
{
    for (QAction* action : std::as_const(m_recent))
        m_actions.forget(action);
    m_recent.clear();
    m_recentMenu->clear();
    const QStringList recent = m_settings.recent();
    for (const QString& path : recent) {
        m_recent << m_actions.add(m_recentMenu, "recent",
            QStringLiteral("&%1 %2")
                .arg(m_recent.size() + 1)
                .arg(menuText(QFileInfo(path).fileName())),
            QStringLiteral("Ctrl+Shift+F%1").arg(m_recent.size() + 1), path,
            { [this, path] { openPath(path); } });
    }
    m_recentMenu->setEnabled(!m_recent.isEmpty());
}

} // namespace crossiter::ui
