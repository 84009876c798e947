#include "ui/window/DefenseTab.h"

#include "ui/plot/SweepHeatMap.h"
#include "ui/plot/SweepPlot.h"
#include "ui/session/Counted.h"
#include "ui/session/DefenseSettings.h"
#include "ui/views/defense/DefensePanel.h"
#include "ui/window/Actions.h"
#include "ui/window/Centre.h"
#include "ui/window/FigureFiles.h"
#include "ui/window/InputGuard.h"
#include "ui/window/Shell.h"

#include <QAction>
#include <QActionGroup>
#include <QMenu>

#include <optional>

namespace crossiter::ui {

namespace {

constexpr int kUsualFirst = 250; // of two stages: the seed's 250,200

} // namespace

DefenseTab::DefenseTab(const WindowParts& parts)
    : m_parts(parts)
    , m_session(parts.shell.workspace().defense())
    , m_panel(new DefensePanel(m_session, &parts.shell.window()))
{
    follow();
}

QWidget* DefenseTab::widget() const
{
    return m_panel;
}

void DefenseTab::setTheme(const Theme& theme)
{
    m_panel->setTheme(theme);
}

void DefenseTab::setOnScreen(bool onScreen)
{
    m_panel->setOnScreen(onScreen);
}

void DefenseTab::follow()
{
    Shell& shell = m_parts.shell;
    connect(&shell.explorer(), &ExplorerSession::stateChanged, this, &DefenseTab::showDefended);
    connect(&m_session, &DefenseSession::viewChanged, this, &DefenseTab::showDefended);
    connect(&m_session, &DefenseSession::said, &shell, &Shell::say);
    connect(
        &m_session, &DefenseSession::errorRaised, &shell,
        [&shell](const QString& message) { shell.complain(message); });
    connect(
        &m_session, &DefenseSession::sweepingChanged, this,
        [this](bool sweeping) {
            if (sweeping) {
                return;
            }
            m_parts.shell.say(m_session.sweepComplete()
                    ? tr("Sweep complete · %1")
                          .arg(countedText(m_session.cellsDone(), tr("cell"), tr("cells")))
                    : tr("Sweep not complete: %1 of %2 cells")
                          .arg(m_session.cellsDone())
                          .arg(m_session.cellsPlanned()));
        });
    connect(&m_session, &DefenseSession::folderChanged, this, [this] {
        const auto& best = m_session.folderBest();
        if (!m_session.folderRunning() && best && best->size) {
            m_parts.shell.say(tr("Best size over %1 of the folder: %2 px")
                                  .arg(countedText(best->images, tr("picture"), tr("pictures")))
                                  .arg(*best->size));
        }
    });
    showDefended();
}

void DefenseTab::showDefended()
{
    const auto guard = m_parts.shell.updating();
    const DefenseRequest& defense = m_session.defense();
    m_parts.centre.panes()->setDefended(
        defense.stages.empty() ? nullptr : m_session.view(), defensePath(defense));
}

void DefenseTab::show()
{
    m_parts.shell.showTab(id());
}

void DefenseTab::addActions()
{
    QMenu* menu = m_parts.actions.addMenu("defenseMenu", tr("&Defense"));
    m_parts.actions.add(menu, "goToDefense", { [this] {
        show();
        m_panel->plot()->setFocus(Qt::ShortcutFocusReason);
    } });
    menu->addSeparator();
    addSizeActions(menu);
    menu->addSeparator();
    addStageActions(menu);
    menu->addSeparator();
    addSweepActions(menu);
    menu->addSeparator();
    addViewActions(menu);
    menu->addSeparator();
    addExports();
}

void DefenseTab::addSizeActions(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    const auto hasPhoto = [this] { return m_parts.shell.explorer().hasPhoto(); };
    const auto size = [&](const char* name, int by) {
        actions.add(
            menu, name, { [this, by] { m_session.setSize(m_session.size() + by); }, hasPhoto });
    };
    size("largerSize", 1);
    size("smallerSize", -1);
    size("muchLargerSize", 10);
    size("muchSmallerSize", -10);
    actions.add(menu, "bestSizeOfPicture",
        { [this] {
             if (const auto best = m_session.bestSize())
                 m_session.setSize(*best);
         },
            [this] { return m_session.bestSize().has_value(); } });
    actions.add(menu, "bestSizeOfFolder", { [this] { m_session.startFolder(); }, hasPhoto });
}

void DefenseTab::addStageActions(QMenu* menu)
{
    const auto edits = [this](const std::function<void(DefenseRequest&)>& change) {
        DefenseRequest next = m_session.defense();
        change(next);
        m_session.change(next);
    };
    const auto defense = [this]() -> const DefenseRequest& {
        return m_parts.shell.explorer().state().defense;
    };
    Actions& actions = m_parts.actions;
    actions.add(menu, "twoStagesAction",
        { [edits] {
             edits([](DefenseRequest& d) {
                 d = withFirstSize(d, firstSize(d) ? std::nullopt : std::optional(kUsualFirst));
             });
         },
            {}, [defense] { return firstSize(defense()).has_value(); } });
    actions.add(menu, "dropoutAction",
        { [edits] { edits([](DefenseRequest& d) { d.dropout = !d.dropout; }); }, {},
            [defense] { return defense().dropout; } });
    actions.add(menu, "batchStatisticsAction",
        { [edits] { edits([](DefenseRequest& d) { d.batchStatistics = !d.batchStatistics; }); }, {},
            [defense] { return defense().batchStatistics; } });
}

void DefenseTab::addSweepActions(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    actions.add(menu, "sweep",
        { [this] {
             show();
             m_session.startSweep();
         },
            [this] {
                return m_parts.shell.explorer().trace() && !m_session.sweeping()
                    && !m_session.sweepComplete();
            } });
    actions.add(menu, "stopSweep",
        { [this] { m_session.cancel(); },
            [this] { return m_session.sweeping() || m_session.folderRunning(); } });
    QAction* automatic = actions.add(
        menu, "automaticSweepAction", { {}, {}, [this] { return m_session.automaticSweep(); } });
    automatic->setChecked(m_session.automaticSweep());
    connect(
        automatic, &QAction::toggled, this, [this](bool on) { m_session.setAutomaticSweep(on); });
}

void DefenseTab::addViewActions(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    for (int part = 0; part < DefensePanel::PartCount; ++part) {
        actions.add(menu, qPrintable(QStringLiteral("defensePart%1").arg(part)), { [this, part] {
            show();
            m_panel->showPart(part);
        } });
    }
    menu->addSeparator();
    Shell& shell = m_parts.shell;
    actions.add(menu, "showDefended",
        { [&shell] {
             shell.edit(
                 Setting::Compare, [](ExplorerState& s) { s.showDefended = !s.showDefended; });
         },
            {}, [&shell] { return shell.explorer().state().showDefended; } });
    QMenu* compared = actions.addMenu("comparedMenu", tr("C&ompare"), menu);
    auto* group = new QActionGroup(compared);
    for (int i = 0; i < 3; ++i) {
        group->addAction(actions.add(compared, qPrintable(QStringLiteral("compared%1").arg(i)),
            { [&shell, i] {
                 shell.edit(
                     Setting::Compare,
                     [i](ExplorerState& s) { s.compared = static_cast<ComparedPair>(i); });
             },
                {},
                [&shell, i] {
                    return i == static_cast<int>(shell.explorer().state().compared);
                } }));
    }
}

void DefenseTab::addExports()
{
    Actions& actions = m_parts.actions;
    const auto hasPhoto = [this] { return m_parts.shell.explorer().hasPhoto(); };
    const auto hasSweep = [this] { return m_session.sweep() != nullptr; };
    QMenu* exports = actions.menu("exportMenu");
    actions.add(exports, "exportSweep", { [this] { exportSweepDialog(); }, hasSweep });
    actions.add(exports, "exportCurve", { [this] { exportPlotDialog(false); }, hasSweep });
    actions.add(exports, "exportHeatMap", { [this] { exportPlotDialog(true); }, hasSweep });
    QMenu* edit = actions.menu("editMenu");
    actions.add(edit, "copyDefended",
        { [this] {
             m_parts.shell.copyPicture(
                 m_parts.centre.panes()->paneImage(ImagePanes::DefendedPane), tr("the picture"));
         },
            hasPhoto });
    actions.add(edit, "copyCurve",
        { [this] { m_parts.shell.copyPicture(picture(m_panel->plot()), tr("the curve")); },
            hasSweep });
    actions.add(edit, "copyHeatMap",
        { [this] { m_parts.shell.copyPicture(picture(m_panel->heatMap()), tr("the heat map")); },
            hasSweep });
}

void DefenseTab::exportSweepDialog()
{
    QString path =
        m_parts.shell.ask(tr("Export the sweep"), tr("sweep.csv"), tr("CSV (*.csv)"), true);
    if (!path.isEmpty()) {
        path += path.endsWith(QLatin1String(".csv"), Qt::CaseInsensitive) ? QString()
                                                                          : QStringLiteral(".csv");
        m_session.exportCsv(path);
    }
}

void DefenseTab::exportPlotDialog(bool heatMap)
{
    const auto sweep = m_session.sweep(); // the actions are off without one
    const QString path =
        m_parts.shell.ask(heatMap ? tr("Export the heat map") : tr("Export the sweep curve"),
            heatMap ? tr("heat-map.pdf") : tr("sweep.pdf"),
            tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"), true);
    if (path.isEmpty())
        return;
    m_parts.shell.guarded([&] {
        if (heatMap)
            m_panel->heatMap()->savePlot(path);
        else
            m_panel->plot()->savePlot(path);
        ExplorerSession& explorer = m_parts.shell.explorer();
        explorer.exportProvenance(
            { path }, explorer.trace(), defenseText(sweep->request.defense), {}, sweep);
    });
}

QImage DefenseTab::picture(const QWidget* focus)
{
    if (m_panel->plot() == focus || m_panel->plot()->isAncestorOf(focus))
        return figureImage(m_panel->plot()->figure());
    if (m_panel->heatMap() == focus || m_panel->heatMap()->isAncestorOf(focus))
        return figureImage(m_panel->heatMap()->figure());
    return m_panel->grab().toImage();
}

Origin DefenseTab::origin(const QWidget* focus)
{
    static_cast<void>(focus);
    return originOfShown(m_parts.shell, defenseText(effective(m_session.defense())));
}

QList<SavedViews> DefenseTab::saveViews(const QString& base)
{
    ExplorerSession* explorer = &m_parts.shell.explorer();
    QList<SavedViews> saved;
    if (const QImage picture = m_parts.centre.panes()->paneImage(ImagePanes::DefendedPane);
        !picture.isNull()) {
        const QString path = base + QStringLiteral("defended.png");
        requireNoInput(m_parts.shell.workspace(), path);
        Shell::savePicture(path, picture);
        saved << SavedViews { { path },
            [explorer, path, shown = explorer->upToShown(),
                defense = defenseText(effective(m_session.defense()))] {
                explorer->exportProvenance({ path }, shown, defense);
            } };
    }
    if (const auto sweep = m_session.sweep()) {
        const QStringList paths = saveAsFigures(*m_panel->plot(), base, QStringLiteral("sweep"))
            + saveAsFigures(*m_panel->heatMap(), base, QStringLiteral("heat-map"));
        saved << SavedViews { paths, [explorer, paths, sweep] {
                                 explorer->exportProvenance(paths, explorer->trace(),
                                     defenseText(sweep->request.defense), {}, sweep);
                             } };
    }
    return saved;
}

} // namespace crossiter::ui
