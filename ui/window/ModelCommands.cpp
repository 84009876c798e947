#include "ui/window/ModelCommands.h"

#include "ui/dialogs/ModelsDialog.h"
#include "ui/dialogs/SourcesDialog.h"
#include "ui/viewmodels/ModelTableModel.h"
#include "ui/window/Actions.h"
#include "ui/window/Shell.h"

#include <QMenu>

#include <algorithm>

namespace crossiter::ui {

ModelCommands::ModelCommands(Shell& shell)
    : m_shell(shell)
{
    followStore();
    connect(&shell, &Shell::themeChanged, this, [this](const Theme& theme) {
        if (m_manager != nullptr)
            m_manager->setTheme(theme);
    });
}

void ModelCommands::followStore()
{
    connect(&m_shell.explorer(), &ExplorerSession::modelsChanged, this, [this] {
        if (m_manager != nullptr)
            m_manager->setModels(m_shell.explorer().models());
    });
    const StoreKeeper* keeper = &m_shell.workspace().storeKeeper();
    // While an attack runs the status line is its own.
    connect(
        keeper, &StoreKeeper::said, this,
        [this](const QString& message) {
            if (!m_shell.explorer().running())
                m_shell.say(message);
        });
    connect(keeper, &StoreKeeper::failed, this, [this](const QString& message) {
        if (!m_shell.explorer().running()) {
            m_shell.say(tr("The model store: see the model manager"));
        }
        // Without the manager before one's eyes the error bar says it.
        if (m_manager == nullptr || !m_manager->isVisible()) {
            m_shell.complain(message);
        }
    });
}

void ModelCommands::addActions(Actions& actions)
{
    QMenu* menu = actions.addMenu("modelsMenu", tr("&Models"));
    actions.add(menu, "modelManager", { [this] { openManager(); } });
    m_pairMenu = actions.addMenu("pairMenu", tr("&Pair"), menu);
    connect(m_pairMenu, &QMenu::aboutToShow, this, &ModelCommands::fillPairMenu);
    menu->addSeparator();
    actions.add(menu, "chooseSources", { [this] { chooseSources(); } });
}

bool ModelCommands::takes(const QString& file)
{
    return isNamedAsWeights(file);
}

void ModelCommands::importDropped(const QString& file)
{
    openManager();
    m_manager->importDropped(file);
}

QStringList ModelCommands::missing(const std::vector<std::string>& ids) const
{
    QStringList names;
    for (const std::string& id : ids)
        if (!hasWeights(m_shell.explorer().models(), id))
            names << QString::fromStdString(id);
    return names;
}

void ModelCommands::fillPairMenu()
{
    m_pairMenu->clear();
    for (const PairPreset& pair : pairPresets()) {
        const QString name = QString::fromUtf8(pair.name);
        const bool here = missing(pair.sources).isEmpty();
        QAction* action = m_pairMenu->addAction(here ? name : tr("%1 (to be fetched)").arg(name),
            this, [this, pair] { usePair(pair); });
        action->setCheckable(true);
        action->setChecked(m_shell.explorer().state().attack.sources == pair.sources);
    }
}

void ModelCommands::usePair(const PairPreset& pair)
{
    const QStringList absent = missing(pair.sources);
    if (!absent.isEmpty()) {
        openManager(absent.front());
        m_manager->say(
            tr("This pair needs %1: fetch it here.").arg(absent.join(tr(" and "))), false);
        return;
    }
    m_shell.edit(
        Setting::Sources, [&pair](ExplorerState& state) { state.attack.sources = pair.sources; });
}

void ModelCommands::useModel(const QString& id, int source)
{
    m_shell.edit(
        Setting::Sources,
        [&](ExplorerState& state) {
            const std::string model = id.toStdString();
            const auto at = std::min(static_cast<std::size_t>(source), state.attack.sources.size());
            const auto other = std::ranges::find(state.attack.sources, model);
            if (at == state.attack.sources.size()) {
                if (other == state.attack.sources.end())
                    state.attack.sources.push_back(model);
            } else if (other != state.attack.sources.end()) {
                std::iter_swap(
                    other, state.attack.sources.begin() + static_cast<std::ptrdiff_t>(at));
            } else {
                state.attack.sources[at] = model;
            }
        });
}

void ModelCommands::openManager(const QString& select)
{
    if (m_manager == nullptr) {
        m_manager = new ModelsDialog(
            m_shell.workspace().storeKeeper(), m_shell.theme(),
            [this] {
                return m_shell.ask(tr("Import a model"), {},
                    tr("Weights (*.safetensors *.pth *.pt *.bin *.ckpt *.index *.tar.gz *.tgz "
                       "*.npy *.pkl);;"
                       "All files (*)"),
                    false);
            },
            &m_shell.window());
        connect(m_manager, &ModelsDialog::useRequested, this, &ModelCommands::useModel);
    }
    m_shell.explorer().reloadModels(); // another program may have fetched something meanwhile
    m_manager->setModels(m_shell.explorer().models());
    m_manager->setTheme(m_shell.theme());
    if (!select.isEmpty())
        m_manager->select(select);
    m_manager->show();
    m_manager->raise();
    m_manager->activateWindow();
}

void ModelCommands::chooseSources()
{
    const ExplorerState& state = m_shell.explorer().state();
    SourcesDialog dialog(m_shell.explorer().models(), state.attack.sources, state.attack.judges,
        m_shell.theme(), &m_shell.window());
    if (dialog.exec() == QDialog::Accepted) {
        m_shell.edit(
            Setting::Sources,
            [&dialog](ExplorerState& s) {
                s.attack.sources = dialog.sources();
                s.attack.judges = dialog.judges();
            });
    }
}

} // namespace crossiter::ui
