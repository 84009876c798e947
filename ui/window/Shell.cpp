#include "ui/window/Shell.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "ui/window/InputGuard.h"

#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QFileDialog>
#include <QFileInfo>
#include <QImage>
#include <QMessageBox>
#include <QPushButton>

#include <string_view>
#include <utility>

namespace crossiter::ui {

namespace {

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
    case Question::Kind::LabelBase:
        yes = box.addButton(QObject::tr("It is 0"), QMessageBox::AcceptRole);
        no = box.addButton(QObject::tr("It is 1"), QMessageBox::AcceptRole);
        break;
    }
    QPushButton* cancel = box.addButton(QMessageBox::Cancel);
    box.setDefaultButton(
        question.kind == Question::Kind::SaveChanges ? static_cast<QPushButton*>(yes) : cancel);
    box.setEscapeButton(cancel);
    box.exec();
    if (box.clickedButton() == yes)
        return Answer::Yes;
    return no != nullptr && box.clickedButton() == no ? Answer::No : Answer::Cancel;
}

} // namespace

Shell::Shell(Workspace& workspace, WindowOptions options, QWidget& window)
    : m_workspace(workspace)
    , m_options(std::move(options))
    , m_window(window)
{
    connect(&explorer(), &ExplorerSession::stateChanged, this, &Shell::applyTheme);
    connect(&explorer(), &ExplorerSession::errorRaised, this,
        [this](const QString& message) { complain(message); });
    connect(&explorer(), &ExplorerSession::photoChanged, this, &Shell::dismiss);
    connect(&explorer(), &ExplorerSession::exported, this, &Shell::tellWritten);
    connect(
        &explorer(), &ExplorerSession::exportStopped, this,
        [this](const QString& folder) {
            say(tr("Export cancelled: nothing of it stays in %1").arg(folder));
        });
    connect(&explorer(), &ExplorerSession::labelsMet, this, [this](const QString& text, bool poor) {
        if (poor) {
            complain(text);
        } else {
            say(text);
        }
    });
}

void Shell::edit(Setting setting, const Edit& change)
{
    if (m_updating)
        return;
    ExplorerState next = explorer().state();
    change(next);
    explorer().change(next, setting);
}

void Shell::say(const QString& message)
{
    emit said(message);
}

void Shell::complain(const QString& message)
{
    emit complained(message);
}

void Shell::dismiss()
{
    emit dismissed();
}

void Shell::tellWritten(const QStringList& paths)
{
    dismiss();
    say(paths.size() == 1
            ? tr("Written: %1").arg(paths.first())
            : tr("%1 files written to %2").arg(paths.size()).arg(QFileInfo(paths.value(0)).path()));
}

void Shell::guarded(const std::function<void()>& work)
{
    try {
        work();
        dismiss();
    } catch (const Error& error) {
        complain(QString::fromUtf8(error.what()));
    }
}

QString Shell::ask(
    const QString& title, const QString& suggestion, const QString& filter, bool save, bool folder)
{
    const auto chosen = [&] {
        if (m_options.choosePath)
            return m_options.choosePath(title, suggestion, filter, save, folder);
        if (folder)
            return QFileDialog::getExistingDirectory(&m_window, title, suggestion);
        return save ? QFileDialog::getSaveFileName(&m_window, title, suggestion, filter)
                    : QFileDialog::getOpenFileName(&m_window, title, suggestion, filter);
    };
    QString path = chosen();
    if (save && !folder && !path.isEmpty()) {
        try {
            requireNoInput(m_workspace, path);
        } catch (const Error& error) {
            complain(QString::fromUtf8(error.what()));
            return {};
        }
    }
    return path;
}

Answer Shell::answerTo(const Question& question)
{
    if (m_asking)
        return Answer::Cancel; // one question at a time: what came meanwhile does not happen
    const QScopedValueRollback<bool> guard(m_asking, true);
    return m_options.answer ? m_options.answer(question) : askPerson(&m_window, question);
}

bool Shell::askLabelBase(const QString& csv, LabelColumn column, std::optional<int>& base)
{
    base.reset();
    try {
        if (column == LabelColumn::True)
            static_cast<void>(readLabelTable(csv.toStdString()));
        else
            static_cast<void>(readTargetTable(csv.toStdString()));
    } catch (const Error& error) {
        if (!wantsLabelBase(error))
            return true; // whoever opens it says what is wrong
        const Answer answer = answerTo({ Question::Kind::LabelBase,
            tr("Which number has the first class, tench, in %1?").arg(QFileInfo(csv).fileName()),
            tr("Its header does not tell. The competition's labels begin with 1, those of most "
               "networks with 0.") });
        if (answer == Answer::Cancel)
            return false;
        base = answer == Answer::Yes ? 0 : 1;
    }
    return true;
}

void Shell::savePicture(const QString& path, const QImage& picture)
{
    QByteArray png;
    QBuffer buffer(&png);
    buffer.open(QIODevice::WriteOnly);
    if (!picture.convertToFormat(QImage::Format_RGB32).save(&buffer, "PNG"))
        throw Error(ErrorKind::BadInput, "cannot encode the picture", path.toStdString());
    writeFileAtomically(path.toStdString(),
        std::string_view(png.constData(), static_cast<std::size_t>(png.size())));
}

void Shell::copyPicture(const QImage& picture, const QString& what)
{
    if (picture.isNull()) {
        complain(tr("There is nothing to copy yet."));
        return;
    }
    QApplication::clipboard()->setImage(picture);
    say(tr("Copied %1, %2 × %3 px").arg(what).arg(picture.width()).arg(picture.height()));
}

void Shell::showTab(const QString& id)
{
    emit tabWanted(id);
}

void Shell::setLarge(const QString& id, bool large)
{
    emit largeWanted(id, large);
}

void Shell::applyTheme()
{
    const ThemeKind kind = explorer().state().theme;
    if (m_themed && kind == m_shownTheme)
        return;
    m_themed = true;
    m_shownTheme = kind;
    m_theme = makeTheme(kind);
    ui::applyTheme(*qApp, m_theme);
    const auto guard = updating(); // what widgets signal while they change colours
    emit themeChanged(m_theme);
}

} // namespace crossiter::ui
