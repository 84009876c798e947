#include "ui/window/Toolbar.h"

#include "core/base/Contains.h"
#include "core/classify/Labels.h"
#include "ui/session/Counted.h"
#include "ui/session/ModelChoice.h"
#include "ui/session/PlainText.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/common/Icons.h"
#include "ui/window/Actions.h"
#include "ui/window/AttackCommands.h"
#include "ui/window/FittingLabel.h"
#include "ui/window/Shell.h"

#include <QAction>
#include <QFileInfo>
#include <QMainWindow>
#include <QMenu>
#include <QPushButton>
#include <QToolBar>
#include <QToolButton>

#include <algorithm>

namespace crossiter::ui {

namespace {

/// Draws a button's icon when what it depends on has changed: the toolbar follows every move of a
/// slider, and drawing its icons takes longer than all the rest of it.
template <typename Button, typename Make>
void giveIcon(Button* button, const QString& dependsOn, Make make)
{
    static constexpr const char* kProperty = "iconOf";
    if (button->property(kProperty).toString() != dependsOn) {
        button->setProperty(kProperty, dependsOn);
        button->setIcon(make());
    }
}

} // namespace

Toolbar::Toolbar(Shell& shell, Actions& actions, QMainWindow& window)
    : m_shell(shell)
    , m_actions(actions)
{
    build(window);
    const ExplorerSession* session = &shell.explorer();
    connect(&shell, &Shell::themeChanged, this, &Toolbar::show);
    connect(session, &ExplorerSession::stateChanged, this, &Toolbar::show);
    connect(session, &ExplorerSession::photoChanged, this, &Toolbar::show);
    connect(session, &ExplorerSession::labelChanged, this, &Toolbar::show);
    connect(session, &ExplorerSession::traceChanged, this, &Toolbar::show);
    connect(session, &ExplorerSession::modelsChanged, this, &Toolbar::show);
    connect(session, &ExplorerSession::runningChanged, this, &Toolbar::showRun);
    connect(session, &ExplorerSession::photoLoading, this, &Toolbar::showRun);
}

void Toolbar::trigger(const char* action)
{
    m_actions.action(action)->trigger();
}

QToolButton* Toolbar::toolButton(const QString& text, const QString& help, const char* name)
{
    auto* button = new QToolButton(m_toolbar);
    button->setText(text);
    button->setObjectName(QString::fromLatin1(name));
    button->setAccessibleName(text);
    button->setToolTip(help);
    button->setWhatsThis(help);
    button->setFocusPolicy(Qt::TabFocus);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return button;
}

void Toolbar::build(QMainWindow& window)
{
    m_toolbar = window.addToolBar(tr("Tools"));
    m_toolbar->setObjectName("toolbar");
    m_toolbar->setMovable(false);
    m_toolbar->setIconSize(QSize(16, 16));
    m_toolbar->setContextMenuPolicy(Qt::PreventContextMenu);
    m_open = toolButton(tr("Open…"), tr("Open a photo (Ctrl+O)"), "toolOpen");
    connect(m_open, &QToolButton::clicked, this, [this] { trigger("openPhoto"); });
    auto* kinds = new QMenu(m_open);
    for (const char* name : { "openPhoto", "openPair", "openFolder", "openSession" })
        kinds->addAction(m_actions.action(name));
    m_open->setPopupMode(QToolButton::MenuButtonPopup);
    m_open->setMenu(kinds);
    m_previous = toolButton(tr("Previous photo"), tr("Previous photo (Ctrl+PgUp)"), "toolPrevious");
    m_next = toolButton(tr("Next photo"), tr("Next photo (Ctrl+PgDown)"), "toolNext");
    for (QToolButton* button : { m_previous, m_next }) {
        button->setToolButtonStyle(Qt::ToolButtonIconOnly);
        connect(button, &QToolButton::clicked, this,
            [this, button] { m_shell.explorer().openNeighbour(button == m_previous ? -1 : 1); });
    }
    m_photoName = new FittingLabel(m_toolbar);
    m_photoName->setObjectName("photoName");
    buildChoices();
    m_run = new QPushButton(tr("Run"), m_toolbar);
    m_run->setObjectName("runButton");
    m_run->setProperty("primary", true);
    connect(m_run, &QPushButton::clicked, this, [this] {
        if (m_shell.explorer().running())
            m_shell.explorer().cancel();
        else
            AttackCommands::run(m_shell.explorer());
    });
    m_export = toolButton(tr("Export"), tr("Write images, the trace or the plot"), "toolExport");
    m_export->setPopupMode(QToolButton::InstantPopup);
    m_export->setMenu(m_actions.menu("exportMenu"));
    arrange();
}

void Toolbar::buildChoices()
{
    for (int i = 0; i < 2; ++i) {
        m_sourceButtons[i] = toolButton(
            {}, tr("Which network is source %1").arg(i + 1), i == 0 ? "source1" : "source2");
        m_sourceButtons[i]->setPopupMode(QToolButton::InstantPopup);
        auto* menu = new QMenu(m_toolbar);
        m_sourceButtons[i]->setMenu(menu);
        connect(menu, &QMenu::aboutToShow, this, [this, i] { fillSourceMenu(i); });
    }
    m_moreSources = toolButton({}, tr("Further sources (Ctrl+M)"), "moreSources");
    connect(m_moreSources, &QToolButton::clicked, this, [this] { trigger("chooseSources"); });
    m_device = toolButton({}, tr("Which processor computes"), "device");
    m_device->setPopupMode(QToolButton::InstantPopup);
    m_device->setMenu(new QMenu(m_toolbar));
    connect(m_device->menu(), &QMenu::aboutToShow, this, &Toolbar::fillDeviceMenu);
}

void Toolbar::arrange()
{
    const auto gap = [this](int width) {
        auto* space = new QWidget(m_toolbar);
        space->setFixedWidth(width);
        m_toolbar->addWidget(space);
    };
    gap(4);
    m_toolbar->addWidget(m_open);
    m_toolbar->addWidget(m_previous);
    m_toolbar->addWidget(m_next);
    gap(6);
    m_toolbar->addWidget(m_photoName);
    gap(6);
    QList<QWidget*> right { m_sourceButtons[0], m_sourceButtons[1], m_moreSources, m_device, m_run,
        m_export };
    for (QWidget* widget : right) {
        QAction* action = m_toolbar->addWidget(widget);
        if (widget == m_moreSources)
            action->setObjectName("moreSourcesAction");
    }
    gap(4);
}

void Toolbar::fillSourceMenu(int source)
{
    QMenu* menu = m_sourceButtons[source]->menu();
    menu->clear();
    const std::vector<std::string> now = m_shell.explorer().state().attack.sources;
    fillNetworks(menu, static_cast<std::size_t>(source));
    if (source == 1) {
        QAction* none = menu->addAction(tr("none: one source alone"), this, [this] {
            m_shell.edit(Setting::Sources, [](ExplorerState& s) { s.attack.sources.resize(1); });
        });
        none->setCheckable(true);
        none->setChecked(now.size() < 2);
    }
    menu->addSeparator();
    menu->addMenu(m_actions.menu("pairMenu"));
    menu->addAction(
        tr("Sources and judges…"), this, [this] { trigger("chooseSources"); });
    menu->addAction(tr("Fetch or import models…"), this, [this] { trigger("modelManager"); });
}

void Toolbar::fillNetworks(QMenu* menu, std::size_t at)
{
    const std::vector<std::string> now = m_shell.explorer().state().attack.sources;
    // What the manifests call robust stands apart: which of the two kinds one takes is the point.
    std::vector<StoredModel> models = classifiersOf(m_shell.explorer().models());
    const auto robust = std::stable_partition(
        models.begin(), models.end(),
        [](const StoredModel& model) { return !model.manifest.robust; });
    const bool anyRobust = std::any_of(
        robust, models.end(), [](const StoredModel& model) { return !model.weights.empty(); });
    bool robustBegun = !anyRobust;
    // A style sheet draws a section without its text.
    const auto heading = [menu](const QString& text) { menu->addAction(text)->setEnabled(false); };
    if (anyRobust)
        heading(tr("Base networks"));
    for (const StoredModel& model : models) {
        const std::string id = model.manifest.id;
        const bool chosen = contains(now, id);
        if (model.weights.empty() && !chosen)
            continue; // the model manager has those that can be fetched
        if (model.manifest.robust && !robustBegun) {
            robustBegun = true;
            menu->addSeparator();
            heading(tr("Trained adversarially"));
        }
        QAction* action = menu->addAction(model.weights.empty()
                ? tr("%1 (not installed)").arg(modelTitle(model.manifest))
                : modelTitle(model.manifest));
        action->setEnabled(!model.weights.empty());
        action->setCheckable(true);
        action->setChecked(at < now.size() && now[at] == id);
        connect(action, &QAction::triggered, this, [this, at, id] {
            m_shell.edit(Setting::Sources, [&](ExplorerState& s) {
                const auto other = std::ranges::find(s.attack.sources, id);
                if (at >= s.attack.sources.size())
                    s.attack.sources.push_back(id);
                else if (other != s.attack.sources.end())
                    std::iter_swap(
                        other, s.attack.sources.begin() + static_cast<std::ptrdiff_t>(at));
                else
                    s.attack.sources[at] = id;
            });
        });
    }
}

void Toolbar::fillDeviceMenu()
{
    QMenu* menu = m_device->menu();
    menu->clear();
    std::vector<std::pair<Device, QString>> devices = { { {}, tr("Automatic") },
        { { Device::Kind::Cpu }, tr("CPU") } };
    for (int i = 0; i < m_shell.explorer().cudaDeviceCount(); ++i)
        devices.emplace_back(Device { Device::Kind::Cuda, i }, tr("GPU (CUDA %1)").arg(i));
    for (const auto& [id, text] : devices) {
        QAction* action = menu->addAction(text, this, [this, device = id] {
            m_shell.edit(
                Setting::Device, [&device](ExplorerState& s) { s.attack.compute.device = device; });
        });
        action->setCheckable(true);
        action->setChecked(m_shell.explorer().state().attack.compute.device == id);
    }
}

void Toolbar::show()
{
    const ExplorerState& state = m_shell.explorer().state();
    showSources();
    const Device& used = state.attack.compute.device;
    const QString device =
        used == Device() ? tr("Auto") : QString::fromStdString(toString(used)).toUpper();
    m_device->setText(device);
    m_device->setAccessibleName(tr("Device: %1").arg(device));
    const auto giveThemed = [this](auto* button, const QString& name) {
        giveIcon(button, m_shell.theme().text.name(),
            [&] { return themedIcon(name, m_shell.theme().text); });
    };
    giveThemed(m_open, QStringLiteral("open"));
    giveThemed(m_previous, QStringLiteral("previous"));
    giveThemed(m_next, QStringLiteral("next"));
    giveThemed(m_export, QStringLiteral("export"));

    showPhotoName();
    showRun();
}

void Toolbar::showSources()
{
    const ExplorerState& state = m_shell.explorer().state();
    const auto titleOf = [this](const std::string& id) {
        const StoredModel* model = findModel(m_shell.explorer().models(), id);
        return model != nullptr ? modelTitle(model->manifest) : QString::fromStdString(id);
    };
    for (std::size_t i = 0; i < 2; ++i) {
        const bool there = i < state.attack.sources.size();
        const QString name = there ? titleOf(state.attack.sources[i]) : tr("no second source");
        m_sourceButtons[i]->setText(name);
        const QColor square =
            there ? m_shell.theme().sourceColor(static_cast<int>(i)) : QColor(Qt::transparent);
        giveIcon(m_sourceButtons[i], square.name(QColor::HexArgb),
            [&] { return there ? colorSquare(square) : QIcon(); });
        m_sourceButtons[i]->setAccessibleName(tr("Source %1: %2").arg(i + 1).arg(name));
    }
    if (auto* more = m_toolbar->findChild<QAction*>(QStringLiteral("moreSourcesAction"))) {
        more->setVisible(state.attack.sources.size() > 2);
        m_moreSources->setText(tr("+ %1").arg(static_cast<int>(state.attack.sources.size()) - 2));
        m_moreSources->setAccessibleName(
            countedText(static_cast<int>(state.attack.sources.size()) - 2, tr("further source"),
                tr("further sources")));
    }
}

void Toolbar::showPhotoName()
{
    if (!m_shell.explorer().hasPhoto()) {
        m_photoName->setTexts({ tr("no photo") });
    } else {
        const ShownLabel label = m_shell.explorer().trueLabel();
        const auto muted = [this](const QString& text) {
            return QStringLiteral("<span style=\"color:%1\">%2</span>")
                .arg(m_shell.theme().muted.name(), text.toHtmlEscaped());
        };
        const QString file =
            muted(shownText(QFileInfo(m_shell.explorer().photo().path).fileName()) + tr(" · "));
        QStringList texts;
        if (label.label) {
            const QString kind = muted(label.assumed ? tr("assumed label ") : tr("true label "));
            const QString name =
                QStringLiteral("<b style=\"color:%1\">%2</b>")
                    .arg(m_shell.theme().trueLabel.name(),
                        QString::fromStdString(labelName(*label.label)).toHtmlEscaped());
            texts << file + kind + name << kind + name;
            if (!label.assumed) // that it is assumed is never left out
                texts << name;
        } else {
            texts << file + muted(tr("true label not known")) << muted(tr("true label not known"));
        }
        m_photoName->setTexts(texts);
        m_photoName->setToolTip(shownText(QFileInfo(m_shell.explorer().photo().path).filePath()));
    }
}

void Toolbar::showRun()
{
    const bool running = m_shell.explorer().running();
    const QString text = running ? tr("Cancel") : tr("Run");
    m_run->setText(text);
    m_run->setAccessibleName(running ? tr("Cancel the attack") : tr("Run the attack"));
    m_run->setToolTip(running ? tr("Stops; the finished sub-steps stay (Shift+F5)")
                              : tr("Computes what the settings ask for (F5)"));
    m_run->setWhatsThis(m_run->toolTip());
    m_run->setEnabled(m_shell.explorer().hasPhoto());
}

} // namespace crossiter::ui
