// MainWindow's models: the manager, the pairs, and what follows when the store changes.
#include "ui/dialogs/ModelsDialog.h"
#include "ui/session/StoreKeeper.h"
#include "ui/viewmodels/ModelTableModel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/window/MainWindow.h"

#include <QLabel>
#include <QMenu>
#include <QMenuBar>

#include <algorithm>

namespace crossiter::ui {

void MainWindow::buildStoreKeeper()
{
    m_keeper = std::make_unique<StoreKeeper>(m_session->storePaths());
    connect(m_keeper.get(), &StoreKeeper::storeChanged, m_session.get(),
        &ExplorerSession::reloadModels);
    connect(m_session.get(), &ExplorerSession::modelsChanged, this, [this] {
        if (m_models != nullptr) {
            m_models->setModels(m_session->models());
        }
        showToolbar();
        updateActions();
    });
    // While an attack runs the status line is its own.
    connect(m_keeper.get(), &StoreKeeper::said, this, [this](const QString& message) {
        if (!m_session->running()) {
            say(message);
        }
    });
    connect(m_keeper.get(), &StoreKeeper::failed, this, [this](const QString& message) {
        if (!m_session->running()) {
            say(tr("The model store: see the model manager"));
        }
        // Without the manager before one's eyes the error bar says it.
        if (m_models == nullptr || !m_models->isVisible()) {
            m_errors->showMessage(message);
        }
    });
    connect(m_keeper.get(), &StoreKeeper::progressed, this, [this](const Progress& progress) {
        if (!m_session->running() && !m_keeper->fetching().isEmpty()) {
            m_status->setText(
                tr("Fetching %1: %2").arg(m_keeper->fetching(), progressText(progress)));
        }
    });
}

void MainWindow::buildModelsMenu()
{
    QMenu* menu = menuBar()->addMenu(tr("&Models"));
    add(
        menu, tr("Model &manager…"), "Ctrl+Shift+M",
        tr("Fetches, imports, verifies and removes models."), [this] { openModelManager(); },
        "modelManager");
    m_pairMenu = menu->addMenu(tr("&Pair"));
    m_pairMenu->setObjectName(QStringLiteral("pairMenu"));
    connect(m_pairMenu, &QMenu::aboutToShow, this, &MainWindow::fillPairMenu);
    menu->addSeparator();
    add(
        menu, tr("&Sources and judges…"), "Ctrl+M",
        tr("Up to 8 sources in order, and which models judge."), [this] { chooseSources(); },
        "chooseSources");
}

QStringList MainWindow::missing(const std::vector<std::string>& ids) const
{
    QStringList names;
    for (const std::string& id : ids) {
        if (!hasWeights(m_session->models(), id)) {
            names << QString::fromStdString(id);
        }
    }
    return names;
}

void MainWindow::fillPairMenu()
{
    m_pairMenu->clear();
    for (const PairPreset& pair : pairPresets()) {
        const QString name = QString::fromUtf8(pair.name);
        const bool here = missing(pair.sources).isEmpty();
        QAction* action = m_pairMenu->addAction(here ? name : tr("%1 (to be fetched)").arg(name),
            this, [this, pair] { usePair(pair); });
        action->setCheckable(true);
        action->setChecked(m_session->state().sources == pair.sources);
    }
}

void MainWindow::usePair(const PairPreset& pair)
{
    const QStringList absent = missing(pair.sources);
    if (!absent.isEmpty()) {
        openModelManager(absent.front());
        m_models->say(
            tr("This pair needs %1: fetch it here.").arg(absent.join(tr(" and "))), false);
        return;
    }
    edit(Setting::Sources, [&pair](ExplorerState& state) { state.sources = pair.sources; });
}

void MainWindow::useModel(const QString& id, int source)
{
    edit(Setting::Sources, [&](ExplorerState& state) {
        const std::string model = id.toStdString();
        const auto at = std::min(static_cast<std::size_t>(source), state.sources.size());
        const auto other = std::find(state.sources.begin(), state.sources.end(), model);
        if (at == state.sources.size()) {
            if (other == state.sources.end()) {
                state.sources.push_back(model);
            }
        } else if (other != state.sources.end()) {
            std::iter_swap(other, state.sources.begin() + static_cast<std::ptrdiff_t>(at));
        } else {
            state.sources[at] = model;
        }
    });
}

void MainWindow::openModelManager(const QString& select)
{
    if (m_models == nullptr) {
        m_models = new ModelsDialog(
            *m_keeper, m_theme,
            [this] {
                return ask(tr("Import a model"), {},
                    tr("Weights (*.safetensors *.pth *.pt *.bin *.ckpt *.index *.tar.gz *.tgz);;"
                       "All files (*)"),
                    false);
            },
            this);
        connect(m_models, &ModelsDialog::useRequested, this, &MainWindow::useModel);
    }
    m_session->reloadModels(); // another program may have fetched something meanwhile
    m_models->setModels(m_session->models());
    m_models->setTheme(m_theme);
    if (!select.isEmpty()) {
        m_models->select(select);
    }
    m_models->show();
    m_models->raise();
    m_models->activateWindow();
}

} // namespace crossiter::ui
