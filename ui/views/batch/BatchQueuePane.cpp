#include "ui/views/batch/BatchQueuePane.h"

#include "ui/session/Counted.h"
#include "ui/session/ShownText.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/Icons.h"

#include <QDesktopServices>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QPainter>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QStyle>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QToolButton>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

/// Progress as a bar with its numbers, state in its colour.
class QueueDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void setTheme(const Theme& theme) { m_theme = theme; }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        if (index.column() != QueueModel::ProgressColumn) {
            QStyledItemDelegate::paint(painter, option, index);
            return;
        }
        if ((option.state & QStyle::State_Selected) != 0U)
            painter->fillRect(option.rect, m_theme.accentWash);
        const double share = index.data(QueueModel::ShareRole).toDouble();
        const auto state = static_cast<QueueState>(index.data(QueueModel::StateRole).toInt());
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QFontMetrics& metrics = option.fontMetrics;
        const QString text = index.data().toString();
        const int textWidth = metrics.horizontalAdvance(QStringLiteral("0000 / 0000"));
        const QRectF bar(option.rect.left() + 6, option.rect.center().y() - 2,
            std::max(10, option.rect.width() - textWidth - 18), 5);
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_theme.line);
        painter->drawRoundedRect(bar, 2.5, 2.5);
        painter->setBrush(state == QueueState::Failed ? m_theme.error
                : state == QueueState::Done           ? m_theme.trueLabel
                                                      : m_theme.accent);
        QRectF done = bar;
        done.setWidth(bar.width() * std::clamp(share, 0.0, 1.0));
        if (done.width() >= 1.0)
            painter->drawRoundedRect(done, 2.5, 2.5);
        painter->setPen(m_theme.text);
        painter->drawText(QRect(option.rect.right() - textWidth - 6, option.rect.top(), textWidth,
                              option.rect.height()),
            Qt::AlignRight | Qt::AlignVCenter, text);
        painter->restore();
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        const auto state = static_cast<QueueState>(index.data(QueueModel::StateRole).toInt());
        if (index.column() == QueueModel::StateColumn) {
            option->palette.setColor(QPalette::Text,
                state == QueueState::Failed        ? m_theme.error
                    : state == QueueState::Running ? m_theme.accent
                                                   : m_theme.muted);
        }
    }

private:
    Theme m_theme;
};

/// The plan's submissions before anything of them is done.
QVector<QueueItem> plannedItems(const TournamentPlan& plan)
{
    QVector<QueueItem> items;
    const auto add = [&](const QString& kind, const std::string& name) {
        QueueItem item;
        item.kind = kind;
        item.name = QString::fromStdString(name);
        items << item;
    };
    for (const PlanAttack& attack : plan.attacks)
        add(BatchQueuePane::tr("attack"), attack.name);
    for (const PlanAttack& attack : plan.targetedAttacks)
        add(BatchQueuePane::tr("targeted attack"), attack.name);
    for (const PlanDefense& defense : plan.defenses)
        add(BatchQueuePane::tr("defense"), defense.name);
    return items;
}

QVector<QueueItem> doneItems(const TournamentSnapshot& snapshot, bool running)
{
    QVector<QueueItem> items = plannedItems(snapshot.plan);
    for (int i = 0; i < items.size() && i < static_cast<int>(snapshot.submissions.size()); ++i) {
        const SubmissionProgress& from = snapshot.submissions[static_cast<std::size_t>(i)];
        QueueItem& item = items[i];
        item.total = static_cast<int>(from.total);
        item.failed = static_cast<int>(from.failed);
        item.done = static_cast<int>(from.done + from.failed);
        for (const std::string& error : from.errors)
            item.errors << QString::fromStdString(error);
        const bool begun = item.done > 0;
        const bool whole = item.done >= item.total && item.total > 0;
        item.state = whole ? (item.failed > 0 ? QueueState::Failed : QueueState::Done)
            : begun        ? (running ? QueueState::Running : QueueState::Paused)
                           : QueueState::Waiting;
    }
    return items;
}

} // namespace

BatchQueuePane::BatchQueuePane(BatchSession& session, AskPath ask, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_ask(std::move(ask))
    , m_theme(makeTheme(ThemeKind::System))
    , m_queue(new QueueModel(this))
{
    build();
    connect(&m_session, &BatchSession::planChanged, this, [this] {
        showQueue();
        showStatus();
    });
    connect(&m_session, &BatchSession::datasetChanged, this, &BatchQueuePane::showStatus);
    connect(&m_session, &BatchSession::resultsChanged, this, [this] {
        showQueue();
        showStatus();
    });
    connect(&m_session, &BatchSession::statusChanged, this, [this] {
        showQueue();
        showStatus();
    });
    connect(&m_session, &BatchSession::progressChanged, this, &BatchQueuePane::showProgress);
    showQueue();
    showStatus();
}

void BatchQueuePane::buildTable()
{
    m_table = new QTableView(this);
    m_table->setModel(m_queue);
    m_table->setItemDelegate(new QueueDelegate(m_table));
    m_table->setShowGrid(false);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setTabKeyNavigation(false);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 6);
    m_table->horizontalHeader()->hide();
    m_table->horizontalHeader()->setMinimumSectionSize(30);
    m_table->horizontalHeader()->setSectionResizeMode(QueueModel::NameColumn, QHeaderView::Stretch);
    m_table->horizontalHeader()->setSectionResizeMode(
        QueueModel::ProgressColumn, QHeaderView::Fixed);
    m_table->horizontalHeader()->setSectionResizeMode(QueueModel::StateColumn, QHeaderView::Fixed);
    const int digit = m_table->fontMetrics().horizontalAdvance(QLatin1Char('0'));
    m_table->horizontalHeader()->resizeSection(QueueModel::ProgressColumn, 19 * digit);
    m_table->horizontalHeader()->resizeSection(QueueModel::StateColumn, 11 * digit);
    m_table->setMinimumHeight(60);
    describe(m_table, "batchQueue", tr("Queue"),
        tr("Attacks, then defenses; a row's errors stand below."));
    m_table->setToolTip({});
}

void BatchQueuePane::build()
{
    m_run = new QPushButton(this);
    m_run->setProperty("primary", true);
    m_run->setObjectName("batchRun");
    m_pause = textButton(this, "batchPause", tr("Pause"),
        tr("Waits after the image at hand; local processes end and begin again with Resume."));
    m_stop = textButton(this, "batchStop", tr("Stop"),
        tr("Ends the run. What is done stays, and Resume goes on with it at any time."));
    m_processes = new QSpinBox(this);
    m_processes->setRange(1, BatchSession::kMostProcesses);
    m_processes->setKeyboardTracking(false);
    describe(m_processes, "batchProcesses", tr("Processes"),
        tr("1: in this window. More: so many programs share the work; the results are the same."));
    auto* buttons = new QHBoxLayout;
    buttons->setSpacing(4);
    buttons->addWidget(m_run);
    buttons->addWidget(m_pause);
    buttons->addWidget(m_stop);
    buttons->addStretch(1);
    buttons->addWidget(caption(tr("Processes"), m_processes, this));
    buttons->addWidget(m_processes);

    m_output = menuButton(this, "batchOutput", {},
        tr("Where pictures, matrices and the journal go."), tr("Output folder"));
    m_output->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    auto* menu = new QMenu(m_output);
    menu->addAction(
        tr("Another folder…"), this,
        [this] {
            const QString folder = m_ask(tr("Folder for the results"),
                QFileInfo(m_session.output()).path(), {}, false, true);
            if (!folder.isEmpty())
                m_session.setOutput(folder);
        });
    menu->addAction(
        tr("A new folder each time"), this, [this] { m_session.setOutput({}); });
    menu->addAction(tr("Open the folder"), this, [this] {
        if (!m_session.output().isEmpty())
            QDesktopServices::openUrl(QUrl::fromLocalFile(m_session.output()));
    });
    m_output->setMenu(menu);

    m_state = roleLabel(this, "muted", {}, "batchState");
    m_state->setWordWrap(true);
    m_bar = new QProgressBar(this);
    m_bar->setTextVisible(false);
    m_bar->setAccessibleName(tr("Progress of the tournament"));

    buildTable();

    m_errors = roleLabel(this, "error", {}, "batchErrors");
    m_errors->setWordWrap(true);
    m_errors->setTextFormat(Qt::PlainText);
    m_errors->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_errors->setAccessibleName(tr("Errors of the chosen row"));
    m_errors->hide();
    m_processPart = new QWidget(this);
    tightLayout<QVBoxLayout>(m_processPart, 1);
    m_processPart->setObjectName("batchProcessList");
    m_processPart->hide();

    auto* layout = tightLayout<QVBoxLayout>(this, 4);
    layout->addLayout(buttons);
    layout->addWidget(m_output);
    layout->addWidget(m_bar);
    layout->addWidget(m_state);
    layout->addWidget(m_processPart);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_errors);

    connect(m_run, &QPushButton::clicked, this, [this] {
        if (m_session.status() == BatchStatus::Paused)
            m_session.resume();
        else
            m_session.run();
    });
    connect(m_pause, &QToolButton::clicked, &m_session, &BatchSession::pause);
    connect(m_stop, &QToolButton::clicked, &m_session, &BatchSession::cancel);
    connect(m_processes, &QSpinBox::valueChanged, &m_session, &BatchSession::setProcesses);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
        &BatchQueuePane::showErrors);
}

void BatchQueuePane::setTheme(const Theme& theme)
{
    m_theme = theme;
    static_cast<QueueDelegate*>(m_table->itemDelegate())->setTheme(theme);
    m_table->viewport()->update();
}

void BatchQueuePane::showQueue()
{
    const auto results = m_session.results();
    // Results of another plan are no progress of this one.
    const bool ofPlan = results && (m_session.active() || results->plan == m_session.plan());
    const bool running = m_session.active() && m_session.status() != BatchStatus::Paused;
    m_queue->setItems(ofPlan ? doneItems(*results, running) : plannedItems(m_session.plan()));
    showErrors();
}

void BatchQueuePane::showErrors()
{
    const QModelIndex index = m_table->currentIndex();
    const QStringList errors =
        index.isValid() ? index.data(QueueModel::ErrorsRole).toStringList() : QStringList();
    QStringList shown = errors.mid(0, 3);
    if (errors.size() > shown.size())
        shown << tr("and %1 more: see report.md").arg(errors.size() - shown.size());
    m_errors->setText(shown.join(QLatin1Char('\n')));
    m_errors->setToolTip(errors.join(QLatin1Char('\n')));
    m_errors->setVisible(!errors.isEmpty());
}

void BatchQueuePane::showStatus()
{
    const BatchStatus status = m_session.status();
    const bool idle = status == BatchStatus::Idle;
    const bool paused = status == BatchStatus::Paused;
    const bool again = idle && m_session.continues();
    const QString text = paused || again ? tr("Resume") : tr("Run");
    m_run->setText(text);
    m_run->setAccessibleName(tr("%1 the tournament").arg(text));
    const QString obstacle = idle ? m_session.obstacle() : QString();
    m_run->setEnabled(paused || (idle && obstacle.isEmpty()));
    const QString help = !obstacle.isEmpty() ? obstacle
        : again                              ? tr("Goes on with what the output folder holds.")
                                             : tr("Runs the plan (Ctrl+F5).");
    m_run->setToolTip(help);
    m_run->setWhatsThis(help);
    m_pause->setEnabled(status == BatchStatus::Running);
    m_stop->setEnabled(!idle && status != BatchStatus::Stopping);
    m_processes->setEnabled(idle);
    m_output->setEnabled(idle);
    {
        const QSignalBlocker blocker(m_processes);
        m_processes->setValue(m_session.processes());
    }
    const QString folder = m_session.output();
    m_output->setText(folder.isEmpty() ? tr("Results: a new folder")
                                       : tr("Results: %1").arg(QFileInfo(folder).fileName()));
    m_output->setToolTip(folder.isEmpty()
            ? tr("Each run makes a folder of its own below Documents/CrossIter.")
            : folder);
    showProgress();
}

void BatchQueuePane::showProgress()
{
    int done = 0;
    int total = 0;
    int failed = 0;
    for (const QueueItem& item : m_queue->items()) {
        done += item.done;
        total += item.total;
        failed += item.failed;
    }
    m_bar->setRange(0, std::max(1, total));
    m_bar->setValue(done);
    QStringList parts;
    bool bad = false;
    switch (m_session.status()) {
    case BatchStatus::Idle: {
        const QString obstacle = m_session.obstacle();
        if (!obstacle.isEmpty()) {
            parts << obstacle;
            bad = true;
        } else if (total > 0 && done >= total) {
            parts << tr("complete");
        } else if (total > 0) {
            parts << tr("stopped: %1 of %2 done").arg(done).arg(total);
        } else {
            parts << tr("ready");
        }
        break;
    }
    case BatchStatus::Starting:
        parts << tr("starting");
        break;
    case BatchStatus::Running:
        parts << tr("%1 of %2").arg(done).arg(total);
        break;
    case BatchStatus::Pausing:
        parts << tr("pausing: the image at hand comes to its end");
        break;
    case BatchStatus::Paused:
        parts << tr("paused: %1 of %2 done").arg(done).arg(total);
        break;
    case BatchStatus::Stopping:
        parts << tr("stopping");
        break;
    }
    if (failed > 0)
        parts << tr("%n failed", nullptr, failed);
    if (m_session.status() == BatchStatus::Running) {
        if (m_session.secondsLeft() >= 0.0)
            parts << timeLeftText(m_session.secondsLeft());
        if (!m_session.now().isEmpty() && m_session.processStates().isEmpty())
            parts << m_session.now();
    }
    m_state->setText(parts.join(QStringLiteral(" · ")));
    if (m_state->property("bad").toBool() != bad) {
        m_state->setProperty("bad", bad);
        setRole(m_state, bad ? "error" : "muted");
    }
    showProcesses();
}

void BatchQueuePane::showProcesses()
{
    constexpr int kMostLines = 8;
    QStringList lines = processLines();
    if (lines.size() > kMostLines) {
        const QStringList rest = lines.mid(kMostLines - 1);
        lines = lines.mid(0, kMostLines - 1);
        lines << tr("and %1").arg(
            countedText(rest.size(), tr("more process"), tr("more processes")));
        m_processPart->setToolTip(rest.join(QLatin1Char('\n')));
    } else {
        m_processPart->setToolTip({});
    }
    while (m_processLabels.size() < lines.size()) {
        auto* label = new QLabel(m_processPart);
        label->setTextFormat(Qt::PlainText);
        label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        m_processPart->layout()->addWidget(label);
        m_processLabels << label;
    }
    for (int i = 0; i < m_processLabels.size(); ++i) {
        m_processLabels[i]->setVisible(i < lines.size());
        if (i < lines.size()) {
            m_processLabels[i]->setText(lines[i]);
            m_processLabels[i]->setToolTip(
                i + 1 == kMostLines ? m_processPart->toolTip() : lines[i]);
        }
    }
    m_processPart->setVisible(!lines.isEmpty());
}

QString BatchQueuePane::progressText() const
{
    return m_state->text();
}

QStringList BatchQueuePane::processLines() const
{
    QStringList lines;
    for (const BatchProcess& process : m_session.processStates()) {
        QString state;
        switch (process.state) {
        case BatchProcess::State::Starting:
            state = tr("starting");
            break;
        case BatchProcess::State::Working:
            state = process.now.isEmpty() ? tr("waiting for the others") : process.now;
            break;
        case BatchProcess::State::Ended:
            state = tr("done");
            break;
        case BatchProcess::State::Stopped:
            state = tr("stopped");
            break;
        case BatchProcess::State::Lost:
            state = tr("lost: %1").arg(process.error);
            break;
        }
        lines << tr("Process %1 · done: %2 · %3").arg(process.rank).arg(process.units).arg(state);
    }
    return lines;
}

} // namespace crossiter::ui
