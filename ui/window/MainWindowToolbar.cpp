// MainWindow's toolbar and status line.
#include "core/classify/Labels.h"
#include "ui/dialogs/SourcesDialog.h"
#include "ui/plot/TrajectoryPlot.h"
#include "ui/session/Counted.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/ModelChoice.h"
#include "ui/session/PlainText.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/Icons.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/window/MainWindow.h"

#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QStatusBar>
#include <QStyle>
#include <QTextDocumentFragment>
#include <QToolBar>
#include <QToolButton>

#include <algorithm>
#include <cmath>
#include <unistd.h>

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

/// Resident memory of this process, MB; 0 where /proc is not there.
qint64 residentMb()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly)) {
        return 0;
    }
    const QList<QByteArray> fields = file.readAll().split(' ');
    return fields.value(1).toLongLong() * sysconf(_SC_PAGESIZE) / (1 << 20);
}

/// The first of several texts that fits, so that a narrow window leaves out what matters least.
class FittingLabel : public QLabel
{
public:
    explicit FittingLabel(QWidget* parent)
        : QLabel(parent)
    {
        setTextFormat(Qt::RichText);
        setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    }
    void setTexts(const QStringList& longestFirst)
    {
        m_texts = longestFirst;
        setAccessibleName(QTextDocumentFragment::fromHtml(m_texts.value(0)).toPlainText());
        fit();
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return { 60, QLabel::minimumSizeHint().height() };
    }

protected:
    void resizeEvent(QResizeEvent* event) override
    {
        QLabel::resizeEvent(event);
        fit();
    }

private:
    void fit()
    {
        for (const QString& text : m_texts) {
            setText(text);
            if (QLabel::sizeHint().width() <= width()) {
                return;
            }
        }
    }

    QStringList m_texts;
};

QString timeLeft(double seconds)
{
    if (seconds < 0.0) {
        return {};
    }
    const auto whole = static_cast<qint64>(std::ceil(seconds));
    return whole < 90 ? MainWindow::tr("%1 s left").arg(whole)
                      : MainWindow::tr("%1 min left").arg((whole + 59) / 60);
}

} // namespace

QToolButton* MainWindow::toolButton(const QString& text, const QString& help, const char* name)
{
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setObjectName(QString::fromLatin1(name));
    button->setAccessibleName(text);
    button->setToolTip(help);
    button->setWhatsThis(help);
    button->setFocusPolicy(Qt::TabFocus);
    button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    return button;
}

void MainWindow::buildToolbar()
{
    m_toolbar = addToolBar(tr("Tools"));
    m_toolbar->setObjectName(QStringLiteral("toolbar"));
    m_toolbar->setMovable(false);
    m_toolbar->setIconSize(QSize(16, 16));
    m_toolbar->setContextMenuPolicy(Qt::PreventContextMenu);
    m_open = toolButton(tr("Open…"), tr("Open a photo (Ctrl+O)"), "toolOpen");
    connect(m_open, &QToolButton::clicked, this, &MainWindow::openPhotoDialog);
    auto* kinds = new QMenu(m_open);
    for (const char* name : { "openPhoto", "openPair", "openFolder", "openSession" }) {
        if (auto* action = findChild<QAction*>(QLatin1String(name))) {
            kinds->addAction(action);
        }
    }
    m_open->setPopupMode(QToolButton::MenuButtonPopup);
    m_open->setMenu(kinds);
    m_previous = toolButton(tr("Previous photo"), tr("Previous photo (Ctrl+PgUp)"), "toolPrevious");
    m_next = toolButton(tr("Next photo"), tr("Next photo (Ctrl+PgDown)"), "toolNext");
    for (QToolButton* button : { m_previous, m_next }) {
        button->setToolButtonStyle(Qt::ToolButtonIconOnly);
        connect(button, &QToolButton::clicked, this,
            [this, button] { m_session->openNeighbour(button == m_previous ? -1 : 1); });
    }
    m_photoName = new FittingLabel(this);
    m_photoName->setObjectName(QStringLiteral("photoName"));
    for (int i = 0; i < 2; ++i) {
        m_sourceButtons[i] = toolButton(
            {}, tr("Which network is source %1").arg(i + 1), i == 0 ? "source1" : "source2");
        m_sourceButtons[i]->setPopupMode(QToolButton::InstantPopup);
        auto* menu = new QMenu(this);
        m_sourceButtons[i]->setMenu(menu);
        connect(menu, &QMenu::aboutToShow, this, [this, i] { fillSourceMenu(i); });
    }
    m_moreSources = toolButton({}, tr("Further sources (Ctrl+M)"), "moreSources");
    connect(m_moreSources, &QToolButton::clicked, this, &MainWindow::chooseSources);
    m_device = toolButton({}, tr("Which processor computes"), "device");
    m_device->setPopupMode(QToolButton::InstantPopup);
    m_device->setMenu(new QMenu(this));
    connect(m_device->menu(), &QMenu::aboutToShow, this, &MainWindow::fillDeviceMenu);
    m_run = new QPushButton(tr("Run"), this);
    m_run->setObjectName(QStringLiteral("runButton"));
    m_run->setProperty("primary", true);
    connect(m_run, &QPushButton::clicked, this, [this] {
        if (m_session->running()) {
            m_session->cancel();
        } else {
            runAttack();
        }
    });
    m_export = toolButton(tr("Export"), tr("Write images, the trace or the plot"), "toolExport");
    m_export->setPopupMode(QToolButton::InstantPopup);
    m_export->setMenu(m_exportMenu);

    const auto gap = [this](int width) {
        auto* space = new QWidget(this);
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
        if (widget == m_moreSources) {
            action->setObjectName(QStringLiteral("moreSourcesAction"));
        }
    }
    gap(4);
}

void MainWindow::fillSourceMenu(int source)
{
    QMenu* menu = m_sourceButtons[source]->menu();
    menu->clear();
    const auto at = static_cast<std::size_t>(source);
    const std::vector<std::string> now = m_session->state().sources;
    // What the manifests call robust stands apart: which of the two kinds one takes is the point.
    std::vector<StoredModel> models = classifiersOf(m_session->models());
    const auto robust = std::stable_partition(models.begin(), models.end(),
        [](const StoredModel& model) { return !model.manifest.robust; });
    const bool anyRobust = std::any_of(
        robust, models.end(), [](const StoredModel& model) { return !model.weights.empty(); });
    bool robustBegun = !anyRobust;
    // A style sheet draws a section without its text.
    const auto heading = [menu](const QString& text) { menu->addAction(text)->setEnabled(false); };
    if (anyRobust) {
        heading(tr("Base networks"));
    }
    for (const StoredModel& model : models) {
        const std::string id = model.manifest.id;
        const bool chosen = std::find(now.begin(), now.end(), id) != now.end();
        if (model.weights.empty() && !chosen) {
            continue; // the model manager has those that can be fetched
        }
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
            edit(Setting::Sources, [&](ExplorerState& s) {
                const auto other = std::find(s.sources.begin(), s.sources.end(), id);
                if (at >= s.sources.size()) {
                    s.sources.push_back(id);
                } else if (other != s.sources.end()) {
                    std::iter_swap(other, s.sources.begin() + static_cast<std::ptrdiff_t>(at));
                } else {
                    s.sources[at] = id;
                }
            });
        });
    }
    if (source == 1) {
        QAction* none = menu->addAction(tr("none: one source alone"), this,
            [this] { edit(Setting::Sources, [](ExplorerState& s) { s.sources.resize(1); }); });
        none->setCheckable(true);
        none->setChecked(now.size() < 2);
    }
    menu->addSeparator();
    menu->addMenu(m_pairMenu);
    menu->addAction(tr("Sources and judges…"), this, &MainWindow::chooseSources);
    menu->addAction(tr("Fetch or import models…"), this, [this] { openModelManager(); });
}

void MainWindow::fillDeviceMenu()
{
    QMenu* menu = m_device->menu();
    menu->clear();
    std::vector<std::pair<std::string, QString>> devices = { { "auto", tr("Automatic") },
        { "cpu", tr("CPU") } };
    for (int i = 0; i < m_session->cudaDeviceCount(); ++i) {
        devices.emplace_back("cuda:" + std::to_string(i), tr("GPU (CUDA %1)").arg(i));
    }
    for (const auto& [id, text] : devices) {
        QAction* action = menu->addAction(text, this, [this, device = id] {
            edit(Setting::Device, [&device](ExplorerState& s) { s.device = device; });
        });
        action->setCheckable(true);
        action->setChecked(m_session->state().device == id);
    }
}

void MainWindow::chooseSources()
{
    const ExplorerState& state = m_session->state();
    SourcesDialog dialog(m_session->models(), state.sources, state.extraJudges, m_theme, this);
    if (dialog.exec() == QDialog::Accepted) {
        edit(Setting::Sources, [&dialog](ExplorerState& s) {
            s.sources = dialog.sources();
            s.extraJudges = dialog.judges();
        });
    }
}

void MainWindow::showToolbar()
{
    if (m_toolbar == nullptr) {
        return;
    }
    const ExplorerState& state = m_session->state();
    const auto titleOf = [this](const std::string& id) {
        for (const StoredModel& model : m_session->models()) {
            if (model.manifest.id == id) {
                return modelTitle(model.manifest);
            }
        }
        return QString::fromStdString(id);
    };
    for (std::size_t i = 0; i < 2; ++i) {
        const bool there = i < state.sources.size();
        const QString name = there ? titleOf(state.sources[i]) : tr("no second source");
        m_sourceButtons[i]->setText(name);
        const QColor square =
            there ? m_theme.sourceColor(static_cast<int>(i)) : QColor(Qt::transparent);
        giveIcon(m_sourceButtons[i], square.name(QColor::HexArgb),
            [&] { return there ? colorSquare(square) : QIcon(); });
        m_sourceButtons[i]->setAccessibleName(tr("Source %1: %2").arg(i + 1).arg(name));
    }
    if (auto* more = m_toolbar->findChild<QAction*>(QStringLiteral("moreSourcesAction"))) {
        more->setVisible(state.sources.size() > 2);
        m_moreSources->setText(tr("+ %1").arg(static_cast<int>(state.sources.size()) - 2));
        m_moreSources->setAccessibleName(countedText(static_cast<int>(state.sources.size()) - 2,
            tr("further source"), tr("further sources")));
    }
    const QString device =
        state.device == "auto" ? tr("Auto") : QString::fromStdString(state.device).toUpper();
    m_device->setText(device);
    m_device->setAccessibleName(tr("Device: %1").arg(device));
    m_deviceLabel->setText(m_session->deviceText());
    const auto giveThemed = [this](auto* button, const QString& name) {
        giveIcon(button, m_theme.text.name(), [&] { return themedIcon(name, m_theme.text); });
    };
    giveThemed(m_open, QStringLiteral("open"));
    giveThemed(m_previous, QStringLiteral("previous"));
    giveThemed(m_next, QStringLiteral("next"));
    giveThemed(m_export, QStringLiteral("export"));

    if (!m_session->hasPhoto()) {
        static_cast<FittingLabel*>(m_photoName)->setTexts({ tr("no photo") });
    } else {
        const ShownLabel label = m_session->trueLabel();
        const auto muted = [this](const QString& text) {
            return QStringLiteral("<span style=\"color:%1\">%2</span>")
                .arg(m_theme.muted.name(), text.toHtmlEscaped());
        };
        const QString file =
            muted(shownText(QFileInfo(m_session->photo().path).fileName()) + tr(" · "));
        QStringList texts;
        if (label.label) {
            const QString kind = muted(label.assumed ? tr("assumed label ") : tr("true label "));
            const QString name =
                QStringLiteral("<b style=\"color:%1\">%2</b>")
                    .arg(m_theme.trueLabel.name(),
                        QString::fromStdString(labelName(*label.label)).toHtmlEscaped());
            texts << file + kind + name << kind + name;
            if (!label.assumed) { // that it is assumed is never left out
                texts << name;
            }
        } else {
            texts << file + muted(tr("true label not known")) << muted(tr("true label not known"));
        }
        static_cast<FittingLabel*>(m_photoName)->setTexts(texts);
        m_photoName->setToolTip(shownText(QFileInfo(m_session->photo().path).filePath()));
    }
    showBusy();
}

void MainWindow::buildStatusBar()
{
    m_status = new QLabel(this);
    m_status->setObjectName(QStringLiteral("status"));
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_progress = new QProgressBar(this);
    m_progress->setObjectName(QStringLiteral("progress"));
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setTextVisible(false);
    m_progress->setFixedSize(150, 8);
    m_cancel = new QPushButton(tr("Cancel"), this);
    m_cancel->setObjectName(QStringLiteral("statusCancel"));
    m_cancel->setAccessibleName(tr("Cancel the attack"));
    m_cancel->setToolTip(tr("Stops; the finished sub-steps stay (Shift+F5)"));
    m_cancel->setWhatsThis(m_cancel->toolTip());
    connect(m_cancel, &QPushButton::clicked, this, &MainWindow::cancelWork);
    m_deviceLabel = new QLabel(this);
    m_deviceLabel->setAccessibleName(tr("Device"));
    m_memory = new QLabel(this);
    m_memory->setAccessibleName(tr("Memory"));
    m_memory->setToolTip(tr("Resident memory of this program"));
    statusBar()->setSizeGripEnabled(false);
    statusBar()->setContentsMargins(10, 0, 10, 0);
    statusBar()->addWidget(m_status, 1);
    statusBar()->addPermanentWidget(m_progress);
    statusBar()->addPermanentWidget(m_cancel);
    statusBar()->addPermanentWidget(m_deviceLabel);
    statusBar()->addPermanentWidget(m_memory);
    m_progress->hide();
    m_cancel->hide();
    m_memoryTimer.setInterval(2000);
    connect(&m_memoryTimer, &QTimer::timeout, this, &MainWindow::showMemory);
    m_memoryTimer.start();
    showMemory();
}

void MainWindow::showProgress(const Progress& progress)
{
    m_progress->setRange(0, static_cast<int>(progress.total));
    m_progress->setValue(static_cast<int>(progress.done));
    const QString left = timeLeft(progress.secondsLeft);
    m_stage = QString::fromStdString(progress.stage);
    if (!left.isEmpty()) {
        m_stage += QStringLiteral(" · ") + left;
    }
    const bool loading = !m_session->running() && progress.done < progress.total;
    const bool defending = m_defense->sweeping() || m_defense->folderRunning();
    if (m_session->running() || loading || defending || m_session->exporting()) {
        m_status->setText(m_stage);
        m_progress->setVisible(true);
    }
}

void MainWindow::showBusy()
{
    const bool running = m_session->running();
    const bool defending = m_defense->sweeping() || m_defense->folderRunning();
    const bool exporting = m_session->exporting();
    m_plot->setRunning(running);
    m_scrubber->setRunning(running);
    m_progress->setVisible(running || defending || exporting);
    m_cancel->setVisible(running || defending || exporting);
    m_cancel->setAccessibleName(running ? tr("Cancel the attack")
            : exporting                 ? tr("Cancel the export")
                                        : tr("Cancel the sweep"));
    m_cancel->setToolTip(running ? tr("Stops; the finished sub-steps stay (Shift+F5)")
            : exporting          ? tr("Stops; the files written so far are removed (Shift+F5)")
                                 : tr("Stops; the computed cells stay (Shift+F6)"));
    m_cancel->setWhatsThis(m_cancel->toolTip());
    const QString text = running ? tr("Cancel") : tr("Run");
    m_run->setText(text);
    m_run->setAccessibleName(running ? tr("Cancel the attack") : tr("Run the attack"));
    m_run->setToolTip(running ? tr("Stops; the finished sub-steps stay (Shift+F5)")
                              : tr("Computes what the settings ask for (F5)"));
    m_run->setWhatsThis(m_run->toolTip());
    m_run->setEnabled(m_session->hasPhoto());
    if (running) {
        m_status->setText(m_stage.isEmpty() ? tr("Starting") : m_stage);
    } else {
        m_stage.clear();
        if (!m_session->automatic() && m_session->outdated() && m_session->trace()) {
            m_status->setText(tr("The settings have changed: Run computes them"));
        }
    }
    updateActions();
}

void MainWindow::cancelWork()
{
    if (m_session->exporting() && !m_session->running()) {
        m_session->cancelExport();
        return;
    }
    m_session->cancel();
    m_defense->cancel();
}

void MainWindow::showExporting(bool exporting)
{
    // What was said of the export's end stays; its last stage, when it failed, does not.
    const QString said = m_status->text() == m_stage ? QString() : m_status->text();
    showBusy();
    if (!exporting && !m_session->running()) {
        say(said);
    }
}

void MainWindow::showMemory()
{
    const qint64 mb = residentMb();
    m_memory->setText(mb > 0 ? tr("%1 MB").arg(mb) : QString());
}

} // namespace crossiter::ui
