#include "ui/window/SessionCommands.h"

#include "core/base/Error.h"
#include "ui/session/PlainText.h"
#include "ui/window/Actions.h"
#include "ui/window/Shell.h"
#include "ui/window/WindowSettings.h"

#include <QFileInfo>
#include <QWidget>

namespace crossiter::ui {

namespace {

/// What of a state counts as work that could be lost. Without a session file the open photo is
/// none: looking through a folder of photos must not end in questions.
ExplorerState worthSaving(ExplorerState state, bool hasFile)
{
    const ExplorerState fresh;
    state.theme = fresh.theme;
    state.subStep = fresh.subStep;
    if (state.labelChoice != LabelChoice::User)
        state.userLabel = fresh.userLabel; // not read
    if (!hasFile) {
        state.photo.clear();
        state.leavePair();
        state.labelsCsv.clear();
        state.labelBase.reset();
    }
    return state;
}

bool holdsSession(const QString& path)
{
    try {
        static_cast<void>(readSession(path));
        return true;
    } catch (const Error&) {
        return false;
    }
}

/// A title in which "[*]" of a file's name is no mark.
QString inTitle(QString name)
{
    return name.replace(QLatin1String("[*]"), QLatin1String("[*][*]"));
}

} // namespace

const char* const SessionCommands::kEnding = ".crossiter.json";

SessionCommands::SessionCommands(Shell& shell, WindowSettings& settings)
    : m_shell(shell)
{
    const ExplorerSession* session = &shell.explorer();
    connect(session, &ExplorerSession::stateChanged, this, &SessionCommands::showTitle);
    connect(session, &ExplorerSession::photoChanged, this, &SessionCommands::showTitle);
    for (const auto signal : { &ExplorerSession::sessionOpened, &ExplorerSession::sessionSaved }) {
        connect(
            session, signal, this,
            [this, &settings](const QString& path) {
                takeAsSaved(path);
                settings.remember(path);
            });
    }
}

void SessionCommands::addActions(Actions& actions, QMenu* menu)
{
    actions.add(menu, "saveSession", { [this] { save(); } });
    actions.add(menu, "saveSessionAs", { [this] { saveAs(); } });
}

bool SessionCommands::modified() const
{
    const bool hasFile = !m_path.isEmpty();
    return !(worthSaving(m_shell.explorer().state(), hasFile) == worthSaving(m_saved, hasFile));
}

void SessionCommands::takeAsSaved(const QString& path)
{
    m_path = path;
    m_saved = m_shell.explorer().state();
    showTitle();
}

void SessionCommands::showTitle()
{
    QString name;
    if (m_shell.explorer().hasPhoto())
        name = inTitle(shownText(QFileInfo(m_shell.explorer().photo().path).fileName()));
    if (!m_path.isEmpty()) {
        const QString file = inTitle(shownText(QFileInfo(m_path).fileName()));
        name = name.isEmpty() ? file : tr("%1 (%2)").arg(name, file);
    }
    // It ends with the program's name: else the platform writes that behind it once more.
    const QString title =
        tr("%1[*] - CrossIter Explorer").arg(name.isEmpty() ? tr("no photo") : name);
    QWidget& window = m_shell.window();
    if (title != window.windowTitle())
        window.setWindowTitle(title);
    window.setWindowModified(modified());
}

void SessionCommands::open(const QString& path)
{
    // What cannot be read is refused without a question: nothing would be replaced.
    if (holdsSession(path) && !mayLeave())
        return;
    m_shell.explorer().openSession(path);
}

bool SessionCommands::save()
{
    return m_path.isEmpty() ? saveAs() : saveTo(m_path, false);
}

bool SessionCommands::saveAs()
{
    const QString stem = m_shell.explorer().hasPhoto()
        ? QFileInfo(m_shell.explorer().photo().path).completeBaseName()
        : tr("session");
    const QString suggestion = m_path.isEmpty() ? stem + QLatin1String(kEnding) : m_path;
    QString path = m_shell.ask(
        tr("Save session"), suggestion, tr("Sessions (*%1)").arg(QLatin1String(kEnding)), true);
    if (path.isEmpty())
        return false;
    const bool renamed = !path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    if (renamed)
        path += QLatin1String(kEnding);
    return saveTo(QFileInfo(path).absoluteFilePath(), renamed);
}

bool SessionCommands::saveTo(const QString& path, bool renamed)
{
    // The file dialog has asked about another session, but only of the name that it was given.
    const bool exists = QFileInfo::exists(path) || QFileInfo(path).isSymLink();
    if (exists && (renamed || !holdsSession(path))) {
        Question question { Question::Kind::Overwrite, {}, {} };
        question.text = tr("Replace %1?").arg(QFileInfo(path).fileName());
        question.detail = holdsSession(path)
            ? tr("Another session is in this file.")
            : tr("This file is no session of CrossIter. What is in it would be lost.");
        if (m_shell.answerTo(question) != Answer::Yes)
            return false;
    }
    return m_shell.explorer().saveSession(path); // sessionSaved makes it the session's path
}

bool SessionCommands::mayLeave()
{
    if (!modified())
        return true;
    Question question { Question::Kind::SaveChanges, {}, {} };
    question.text = m_path.isEmpty()
        ? tr("Save the changed settings as a session?")
        : tr("Save the changes of %1?").arg(QFileInfo(m_path).fileName());
    question.detail = tr("They are lost otherwise.");
    switch (m_shell.answerTo(question)) {
    case Answer::Yes:
        return save(); // cancelled, or it could not be written: nothing is left
    case Answer::No:
        return true;
    case Answer::Cancel:
        break;
    }
    return false;
}

bool SessionCommands::mayStopWork()
{
    QStringList running;
    QStringList after;
    if (m_shell.workspace().batch().active()) {
        running << tr("A tournament is running.");
        after << tr("The tournament goes on from its journal: the next start offers it.");
    }
    if (m_shell.workspace().study().running()) {
        running << tr("A folder study is running.");
        after << tr("The study goes on from its journal: Resume in its output folder.");
    }
    if (m_shell.workspace().defense().folderRunning()) {
        running << tr("The best size over the folder is being looked for.");
        after << tr("What is found of the best size is lost.");
    }
    if (m_shell.explorer().exporting()) {
        running << tr("A trace is being written.");
        after << tr("Of the trace's files nothing stays.");
    }
    if (running.isEmpty())
        return true;
    return m_shell.answerTo({ Question::Kind::StopWork, running.join(QLatin1Char('\n')),
               after.join(QLatin1Char('\n')) })
        == Answer::Yes;
}

} // namespace crossiter::ui
