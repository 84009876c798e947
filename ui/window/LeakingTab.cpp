#include "ui/window/LeakingTab.h"

#include "ui/plot/LeakTracks.h"
#include "ui/session/Counted.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/views/leaking/StudyPanel.h"
#include "ui/window/Actions.h"
#include "ui/window/Centre.h"
#include "ui/window/Shell.h"

#include <QAction>
#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QMenu>
#include <QToolButton>

namespace crossiter::ui {

LeakingTab::LeakingTab(const WindowParts& parts)
    : m_parts(parts)
{
    Shell& shell = parts.shell;
    Workspace& workspace = shell.workspace();
    m_panel = new LeakingPanel(workspace.leaks(), workspace.explorer(), &shell.window());
    m_study = new StudyPanel(
        workspace.study(),
        [&shell](
            const QString& title, const QString& suggestion, const QString& filter, bool isFolder) {
            QString path = shell.ask(title, suggestion, filter, false, isFolder);
            std::optional<int> base;
            if (isFolder || path.isEmpty()) // the one file that is asked for is a label table
                return path;
            if (!shell.askLabelBase(path, LabelColumn::True, base))
                return QString();
            StudyForm form = shell.workspace().study().form();
            form.labelsCsv = path;
            form.labelBase = base;
            shell.workspace().study().setForm(form);
            return path;
        },
        m_panel);
    m_panel->addPage(m_study, tr("folder"),
        tr("Label leaking over a folder of labelled photos: curves with their bands, and what they "
           "say of the seed's hypotheses."));
    followTracks();
    followStudy();
}

QWidget* LeakingTab::widget() const
{
    return m_panel;
}

void LeakingTab::setTheme(const Theme& theme)
{
    m_panel->setTheme(theme);
}

void LeakingTab::setOnScreen(bool onScreen)
{
    m_panel->setActive(onScreen);
}

void LeakingTab::followTracks()
{
    LeakSession* leaks = &m_parts.shell.workspace().leaks();
    connect(leaks, &LeakSession::errorRaised, &m_parts.shell, &Shell::complain);
    connect(leaks, &LeakSession::said, &m_parts.shell, &Shell::say);
    connect(leaks, &LeakSession::exactChanged, this, [this, leaks] {
        m_parts.centre.scrubber()->setDeparture(leaks->exact().departure());
        const bool ended = !leaks->comparing() && leaks->exact().compared >= 0;
        if (const QString words = exactSentence(leaks->exact()); ended && !words.isEmpty())
            m_parts.shell.say(words);
    });
    connect(
        &m_parts.attack, &AttackPanel::targetRankChosen, leaks, &LeakSession::chooseTargetByRank);
    connect(&m_parts.attack, &AttackPanel::targetTableWanted, this, &LeakingTab::chooseTargetTable);
}

void LeakingTab::followStudy()
{
    StudySession* study = &m_parts.shell.workspace().study();
    connect(study, &StudySession::errorRaised, &m_parts.shell,
        [this](const QString& message) { m_parts.shell.complain(message); });
    connect(study, &StudySession::said, &m_parts.shell, &Shell::say);
    connect(study, &StudySession::exported, this, [this](const QStringList& paths) {
        m_parts.shell.dismiss();
        m_parts.shell.say(tr("%1 written to %2")
                              .arg(countedText(paths.size(), tr("file"), tr("files")),
                                  QFileInfo(paths.value(0)).path()));
    });
    ExplorerSession* session = &m_parts.shell.explorer();
    const auto name = [session](const std::string& id) {
        QStringList names;
        for (const std::string& judge : session->state().judges())
            names << session->modelName(judge);
        return shortModelName(session->modelName(id), names);
    };
    m_study->setModelNames(name);
    connect(session, &ExplorerSession::modelsChanged, m_study,
        [panel = m_study, name] { panel->setModelNames(name); });
}

void LeakingTab::chooseTargetTable()
{
    const QString path =
        m_parts.shell.ask(tr("Targets"), QFileInfo(m_parts.shell.explorer().photo().path).path(),
            tr("target_class.csv or the dataset CSV (*.csv);;All files (*)"), false);
    std::optional<int> base;
    if (!path.isEmpty() && m_parts.shell.askLabelBase(path, LabelColumn::Target, base))
        m_parts.shell.workspace().leaks().chooseTargetFrom(path, base);
}

void LeakingTab::savePicture(const QString& suggestion, const Origin& save)
{
    const QString path = m_parts.shell.ask(
        tr("Save the figure"), suggestion, tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"), true);
    if (!path.isEmpty())
        m_parts.shell.guarded([&] { save(path); });
}

Origin LeakingTab::originOfTracks()
{
    std::vector<std::shared_ptr<const AttackTrace>> traces;
    for (const LeakTrack& track : m_parts.shell.workspace().leaks().tracks())
        if (track.trace) // begun
            traces.push_back(track.trace);
    return [session = &m_parts.shell.explorer(), traces](
               const QString& path) { session->exportComparison(path, traces); };
}

QImage LeakingTab::picture(const QWidget* focus)
{
    static_cast<void>(focus);
    return m_panel->picture();
}

Origin LeakingTab::origin(const QWidget* focus)
{
    if (focus == m_study || m_study->isAncestorOf(focus)) {
        StudySession* study = &m_parts.shell.workspace().study();
        return [study, result = study->result()](
                   const QString& path) { study->exportFigureProvenance(path, result); };
    }
    return originOfTracks();
}

void LeakingTab::show()
{
    m_parts.shell.showTab(id());
}

void LeakingTab::addActions()
{
    Actions& actions = m_parts.actions;
    QMenu* menu = actions.addMenu("leakingMenu", tr("&Leaking"));
    actions.add(menu, "goToLeaking", { [this] {
        show();
        m_panel->showPage(0);
        m_panel->tracks()->setFocus(Qt::ShortcutFocusReason);
    } });
    menu->addSeparator();
    const QList<QAction*> exports = addTrackActions(menu);
    menu->addSeparator();
    const QList<QAction*> figures = addStudyActions(menu);
    auto* button = m_panel->menuButton();
    auto* quick = new QMenu(button);
    quick->addActions(exports);
    quick->addSeparator();
    quick->addActions(figures);
    button->setMenu(quick);
    button->show();
}

QList<QAction*> LeakingTab::addTrackActions(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    LeakSession* leaks = &m_parts.shell.workspace().leaks();
    const auto hasPhoto = [this] { return m_parts.shell.explorer().hasPhoto(); };
    const auto hasTrace = [this] { return m_parts.shell.explorer().trace() != nullptr; };
    const auto view = [this](LeakView wanted) {
        return [this, wanted] {
            show();
            m_panel->showView(wanted);
        };
    };
    actions.add(menu, "leakRulesAction", { view(LeakView::Rules), hasPhoto });
    actions.add(menu, "leakNetworksAction", { view(LeakView::Networks), hasPhoto });
    actions.add(menu, "leakBothAction", { [this] { m_panel->bothChip()->click(); }, hasPhoto });
    actions.add(menu, "leakRunAction",
        { [leaks] {
             if (leaks->running())
                 leaks->cancel();
             else
                 leaks->run();
         },
            hasPhoto });
    menu->addSeparator();
    actions.add(menu, "compareExact", { [this] { m_panel->exactButton()->click(); }, hasTrace });
    menu->addSeparator();
    QList<QAction*> exports;
    exports << actions.add(menu, "copyTracks",
        { [this] { m_parts.shell.copyPicture(m_panel->tracksPicture(), tr("the tracks")); },
            hasPhoto });
    exports << actions.add(menu, "copyLeakWords",
        { [this] {
             QGuiApplication::clipboard()->setText(m_panel->words());
             m_parts.shell.say(tr("Copied the words"));
         },
            hasPhoto });
    exports << actions.add(menu, "saveTracks",
        { [this] {
             savePicture(tr("label-leaking.pdf"), [this](const QString& path) {
                 m_panel->savePicture(path);
                 originOfTracks()(path);
             });
         },
            hasPhoto });
    return exports;
}

QList<QAction*> LeakingTab::addStudyActions(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    StudySession* study = &m_parts.shell.workspace().study();
    actions.add(menu, "folderStudy", { [this] {
        show();
        m_panel->showPage(1);
    } });
    actions.add(menu, "runStudy", { [study] {
        if (study->running()) {
            study->cancel();
        } else {
            study->start(study->hasJournal());
        }
    } });
    QList<QAction*> figures;
    figures << actions.add(menu, "exportStudy", { [this, study] {
        const QString path =
            m_parts.shell.ask(tr("Reports of the study"), study->form().output, {}, true, true);
        if (!path.isEmpty())
            study->exportReports(path);
    } });
    figures << actions.add(menu, "saveStudyFigure", { [this, study] {
        if (!study->result()) {
            m_parts.shell.complain(tr("There is no study yet: start one over a folder."));
            return;
        }
        savePicture(tr("label-leaking-study.pdf"), [this, study](const QString& path) {
            m_study->saveFigure(path);
            study->exportFigureProvenance(path, study->result());
        });
    } });
    return figures;
}

} // namespace crossiter::ui
