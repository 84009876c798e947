// MainWindow's session file: opening, saving, what has changed since, and what is asked before
// something would be lost.
#include "core/base/Error.h"
#include "ui/session/BatchSession.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/PlainText.h"
#include "ui/session/StudySession.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/views/leaking/StudyPanel.h"
#include "ui/window/MainWindow.h"

#include <QCloseEvent>
#include <QFileInfo>
#include <QMessageBox>
#include <QPushButton>
#include <QScopedValueRollback>

namespace crossiter::ui {

namespace {

const char* const kSessionEnding = ".crossiter.json";

/// What of a state counts as work that could be lost. Without a session file the open photo is
/// none: looking through a folder of photos must not end in questions.
ExplorerState worthSaving(ExplorerState state, bool hasFile)
{
    const ExplorerState fresh;
    state.theme = fresh.theme;
    state.subStep = fresh.subStep;
    if (state.labelChoice != LabelChoice::User) {
        state.userLabel = fresh.userLabel; // not read
    }
    if (!hasFile) {
        state.photo.clear();
        state.pair.clear();
        state.labelsCsv.clear();
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

Answer askPerson(QWidget* parent, const Question& question)
{
    QMessageBox box(QMessageBox::Question, QObject::tr("CrossIter Explorer"), question.text,
        QMessageBox::NoButton, parent);
    box.setTextFormat(Qt::PlainText);
    box.setInformativeText(question.detail);
    QAbstractButton* yes = nullptr;
    QAbstractButton* no = nullptr;
    switch (question.kind) {
    case Question::Kind::SaveChanges:
        yes = box.addButton(QMessageBox::Save);
        no = box.addButton(QMessageBox::Discard);
        break;
    case Question::Kind::Overwrite:
        yes = box.addButton(QObject::tr("Replace"), QMessageBox::DestructiveRole);
        break;
    case Question::Kind::StopWork:
        yes = box.addButton(QObject::tr("Stop and quit"), QMessageBox::DestructiveRole);
        break;
    }
    QPushButton* cancel = box.addButton(QMessageBox::Cancel);
    box.setDefaultButton(
        question.kind == Question::Kind::SaveChanges ? static_cast<QPushButton*>(yes) : cancel);
    box.setEscapeButton(cancel);
    box.exec();
    if (box.clickedButton() == yes) {
        return Answer::Yes;
    }
    return no != nullptr && box.clickedButton() == no ? Answer::No : Answer::Cancel;
}

} // namespace

Answer MainWindow::answerTo(const Question& question)
{
    if (m_asking) {
        return Answer::Cancel; // one question at a time: what came meanwhile does not happen
    }
    const QScopedValueRollback<bool> guard(m_asking, true);
    return m_options.answer ? m_options.answer(question) : askPerson(this, question);
}

bool MainWindow::modified() const
{
    const bool hasFile = !m_sessionPath.isEmpty();
    return !(worthSaving(m_session->state(), hasFile) == worthSaving(m_savedState, hasFile));
}

void MainWindow::takeAsSaved(const QString& path)
{
    m_sessionPath = path;
    m_savedState = m_session->state();
    showTitle();
}

void MainWindow::showTitle()
{
    QString name;
    if (m_session->hasPhoto()) {
        name = inTitle(shownText(QFileInfo(m_session->photo().path).fileName()));
    }
    if (!m_sessionPath.isEmpty()) {
        const QString file = inTitle(shownText(QFileInfo(m_sessionPath).fileName()));
        name = name.isEmpty() ? file : tr("%1 (%2)").arg(name, file);
    }
    // It ends with the program's name: else the platform writes that behind it once more.
    const QString title =
        tr("%1[*] - CrossIter Explorer").arg(name.isEmpty() ? tr("no photo") : name);
    if (title != windowTitle()) {
        setWindowTitle(title);
    }
    setWindowModified(modified());
}

void MainWindow::openSession(const QString& path)
{
    // What cannot be read is refused without a question: nothing would be replaced.
    if (holdsSession(path) && !mayLeaveSession()) {
        return;
    }
    m_session->openSession(path);
}

void MainWindow::openSessionDialog()
{
    openPath(ask(tr("Open session"), m_sessionPath,
        tr("Sessions (*%1 *.json)").arg(QLatin1String(kSessionEnding)), false));
}

bool MainWindow::saveSession()
{
    return m_sessionPath.isEmpty() ? saveSessionAs() : saveSessionTo(m_sessionPath, false);
}

bool MainWindow::saveSessionAs()
{
    const QString stem = m_session->hasPhoto()
        ? QFileInfo(m_session->photo().path).completeBaseName()
        : tr("session");
    const QString suggestion =
        m_sessionPath.isEmpty() ? stem + QLatin1String(kSessionEnding) : m_sessionPath;
    QString path = ask(tr("Save session"), suggestion,
        tr("Sessions (*%1)").arg(QLatin1String(kSessionEnding)), true);
    if (path.isEmpty()) {
        return false;
    }
    const bool renamed = !path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    if (renamed) {
        path += QLatin1String(kSessionEnding);
    }
    return saveSessionTo(QFileInfo(path).absoluteFilePath(), renamed);
}

bool MainWindow::saveSessionTo(const QString& path, bool renamed)
{
    // The file dialog has asked about another session, but only of the name that it was given.
    const bool exists = QFileInfo::exists(path) || QFileInfo(path).isSymLink();
    if (exists && (renamed || !holdsSession(path))) {
        Question question { Question::Kind::Overwrite, {}, {} };
        question.text = tr("Replace %1?").arg(QFileInfo(path).fileName());
        question.detail = holdsSession(path)
            ? tr("Another session is in this file.")
            : tr("This file is no session of CrossIter. What is in it would be lost.");
        if (answerTo(question) != Answer::Yes) {
            return false;
        }
    }
    return m_session->saveSession(path); // sessionSaved makes it the session's path
}

bool MainWindow::mayLeaveSession()
{
    if (!modified()) {
        return true;
    }
    Question question { Question::Kind::SaveChanges, {}, {} };
    question.text = m_sessionPath.isEmpty()
        ? tr("Save the changed settings as a session?")
        : tr("Save the changes of %1?").arg(QFileInfo(m_sessionPath).fileName());
    question.detail = tr("They are lost otherwise.");
    switch (answerTo(question)) {
    case Answer::Yes:
        return saveSession(); // cancelled, or it could not be written: nothing is left
    case Answer::No:
        return true;
    case Answer::Cancel:
        break;
    }
    return false;
}

bool MainWindow::mayStopWork()
{
    QStringList running;
    QStringList after;
    if (m_batch->session().active()) {
        running << tr("A tournament is running.");
        after << tr("The tournament goes on from its journal: the next start offers it.");
    }
    if (m_leaking->studyPanel()->session()->running()) {
        running << tr("A folder study is running.");
        after << tr("The study goes on from its journal: Resume in its output folder.");
    }
    if (m_defense->folderRunning()) {
        running << tr("The best size over the folder is being looked for.");
        after << tr("What is found of the best size is lost.");
    }
    if (m_session->exporting()) {
        running << tr("A trace is being written.");
        after << tr("Of the trace's files nothing stays.");
    }
    if (running.isEmpty()) {
        return true;
    }
    return answerTo({ Question::Kind::StopWork, running.join(QLatin1Char('\n')),
               after.join(QLatin1Char('\n')) })
        == Answer::Yes;
}

void MainWindow::closeEvent(QCloseEvent* event)
{
    if (m_asking || !mayStopWork() || !mayLeaveSession()) {
        event->ignore();
        return;
    }
    m_batch->setLarge(false); // the layout that is remembered is the other one
    storeSettings();
    m_session->cancel();
    m_defense->cancel();
    m_batch->session().cancel();
    m_leaking->studyPanel()->session()->cancel();
    event->accept();
}

} // namespace crossiter::ui
