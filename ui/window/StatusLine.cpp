#include "ui/window/StatusLine.h"

#include "ui/session/Counted.h"
#include "ui/session/PlainText.h"
#include "ui/session/ShownText.h"
#include "ui/viewmodels/ModelTableModel.h"
#include "ui/window/Shell.h"

#include <QFile>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStatusBar>

#include <unistd.h>

namespace crossiter::ui {

namespace {

/// Resident memory of this process, MB; 0 where /proc is not there.
qint64 residentMb()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    const QList<QByteArray> fields = file.readAll().split(' ');
    return fields.value(1).toLongLong() * sysconf(_SC_PAGESIZE) / (1 << 20);
}

} // namespace

StatusLine::StatusLine(Shell& shell)
    : m_shell(shell)
{
    build();
    follow();
}

void StatusLine::build()
{
    m_status = new QLabel;
    m_status->setObjectName("status");
    m_status->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_progress = new QProgressBar;
    m_progress->setObjectName("progress");
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setTextVisible(false);
    m_progress->setFixedSize(150, 8);
    m_cancel = new QPushButton(tr("Cancel"));
    m_cancel->setObjectName("statusCancel");
    m_cancel->setAccessibleName(tr("Cancel the attack"));
    m_cancel->setToolTip(tr("Stops; the finished sub-steps stay (Shift+F5)"));
    m_cancel->setWhatsThis(m_cancel->toolTip());
    connect(m_cancel, &QPushButton::clicked, this, &StatusLine::cancelWork);
    m_deviceLabel = new QLabel;
    m_deviceLabel->setAccessibleName(tr("Device"));
    m_memory = new QLabel;
    m_memory->setAccessibleName(tr("Memory"));
    m_memory->setToolTip(tr("Resident memory of this program"));
    m_memoryTimer.setInterval(2000);
    connect(&m_memoryTimer, &QTimer::timeout, this, &StatusLine::showMemory);
    m_memoryTimer.start();
    showMemory();
}

void StatusLine::placeIn(QStatusBar& bar)
{
    bar.setSizeGripEnabled(false);
    bar.setContentsMargins(10, 0, 10, 0);
    bar.addWidget(m_status, 1);
    bar.addPermanentWidget(m_progress);
    bar.addPermanentWidget(m_cancel);
    bar.addPermanentWidget(m_deviceLabel);
    bar.addPermanentWidget(m_memory);
    m_progress->hide();
    m_cancel->hide();
    showBusy();
}

void StatusLine::follow()
{
    connect(&m_shell, &Shell::said, this, &StatusLine::say);
    const ExplorerSession* session = &m_shell.explorer();
    connect(session, &ExplorerSession::stateChanged, this, &StatusLine::showBusy);
    connect(session, &ExplorerSession::photoChanged, this, &StatusLine::showBusy);
    connect(session, &ExplorerSession::labelChanged, this, &StatusLine::showBusy);
    connect(session, &ExplorerSession::traceChanged, this, &StatusLine::showBusy);
    connect(session, &ExplorerSession::runningChanged, this, &StatusLine::showBusy);
    connect(session, &ExplorerSession::photoLoading, this, &StatusLine::showBusy);
    connect(session, &ExplorerSession::modelsLoaded, this, &StatusLine::showBusy);
    connect(session, &ExplorerSession::modelsChanged, this, &StatusLine::showBusy);
    connect(session, &ExplorerSession::progressed, this, &StatusLine::showProgress);
    connect(session, &ExplorerSession::exportingChanged, this, &StatusLine::showExporting);
    connect(session, &ExplorerSession::traceFinished, this, &StatusLine::tellEnd);
    const DefenseSession* defense = &m_shell.workspace().defense();
    connect(defense, &DefenseSession::progressed, this, &StatusLine::showProgress);
    connect(defense, &DefenseSession::sweepingChanged, this, &StatusLine::showBusy);
    connect(defense, &DefenseSession::folderChanged, this, &StatusLine::showBusy);
    connect(&m_shell.workspace().storeKeeper(), &StoreKeeper::progressed, this,
        &StatusLine::showFetching);
}

void StatusLine::say(const QString& message)
{
    m_status->setText(shownText(message));
}

void StatusLine::tellEnd(bool cancelled)
{
    const auto trace = m_shell.explorer().trace();
    const int count = trace ? static_cast<int>(trace->subSteps.size()) - 1 : 0;
    const QString counted = countedText(count, tr("sub-step"), tr("sub-steps"));
    say(cancelled ? tr("Stopped: %1 kept").arg(counted) : tr("Trace complete · %1").arg(counted));
}

void StatusLine::showFetching(const Progress& progress)
{
    const StoreKeeper& keeper = m_shell.workspace().storeKeeper();
    if (!m_shell.explorer().running() && !keeper.fetching().isEmpty())
        m_status->setText(tr("Fetching %1: %2").arg(keeper.fetching(), progressText(progress)));
}

bool StatusLine::defending() const
{
    const DefenseSession& defense = m_shell.workspace().defense();
    return defense.sweeping() || defense.folderRunning();
}

void StatusLine::showProgress(const Progress& progress)
{
    m_progress->setRange(0, static_cast<int>(progress.total));
    m_progress->setValue(static_cast<int>(progress.done));
    const QString left = timeLeftText(progress.secondsLeft);
    m_stage = QString::fromStdString(progress.stage);
    if (!left.isEmpty())
        m_stage += QStringLiteral(" · ") + left;
    const bool loading = !m_shell.explorer().running() && progress.done < progress.total;
    if (m_shell.explorer().running() || loading || defending() || m_shell.explorer().exporting()) {
        m_status->setText(m_stage);
        m_progress->setVisible(true);
    }
}

void StatusLine::showBusy()
{
    const bool running = m_shell.explorer().running();
    const bool defends = defending();
    const bool exporting = m_shell.explorer().exporting();
    m_deviceLabel->setText(m_shell.explorer().deviceText());
    m_progress->setVisible(running || defends || exporting);
    m_cancel->setVisible(running || defends || exporting);
    m_cancel->setAccessibleName(running ? tr("Cancel the attack")
            : exporting                 ? tr("Cancel the export")
                                        : tr("Cancel the sweep"));
    m_cancel->setToolTip(running ? tr("Stops; the finished sub-steps stay (Shift+F5)")
            : exporting          ? tr("Stops; the files written so far are removed (Shift+F5)")
                                 : tr("Stops; the computed cells stay (Shift+F6)"));
    m_cancel->setWhatsThis(m_cancel->toolTip());
    if (running) {
        m_status->setText(m_stage.isEmpty() ? tr("Starting") : m_stage);
    } else {
        m_stage.clear();
        if (!m_shell.explorer().automatic() && m_shell.explorer().outdated()
            && m_shell.explorer().trace())
            m_status->setText(tr("The settings have changed: Run computes them"));
    }
}

void StatusLine::cancelWork()
{
    if (m_shell.explorer().exporting() && !m_shell.explorer().running()) {
        m_shell.explorer().cancelExport();
        return;
    }
    m_shell.explorer().cancel();
    m_shell.workspace().defense().cancel();
}

void StatusLine::showExporting(bool exporting)
{
    // What was said of the export's end stays; its last stage, when it failed, does not.
    const QString said = m_status->text() == m_stage ? QString() : m_status->text();
    showBusy();
    if (!exporting && !m_shell.explorer().running())
        say(said);
}

void StatusLine::showMemory()
{
    const qint64 mb = residentMb();
    m_memory->setText(mb > 0 ? tr("%1 MB").arg(mb) : QString());
}

} // namespace crossiter::ui
