#include "ui/views/batch/BatchPanel.h"

#include "ui/views/common/Controls.h"
#include "ui/views/common/NoticeBar.h"

#include <QButtonGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QScrollArea>
#include <QScrollBar>
#include <QSplitter>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <functional>

namespace crossiter::ui {

namespace {

constexpr int kTwoParts = 680;
constexpr int kThreeParts = 1180;

/// Scrolls up and down only, never narrower than what is in it: in a low tab nothing is squeezed.
class PartScroll : public QScrollArea
{
public:
    PartScroll(QWidget* content, int leastHeight, QWidget* parent)
        : QScrollArea(parent)
    {
        content->setMinimumHeight(leastHeight);
        setWidget(content);
        setWidgetResizable(true);
        setFrameShape(QFrame::NoFrame);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
        setFocusPolicy(Qt::NoFocus);
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return { widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width(),
            80 };
    }
    [[nodiscard]] QSize sizeHint() const override
    {
        return { std::max(minimumSizeHint().width(), 390), 300 };
    }
    std::function<void(int)> onHeight; ///< of the visible part

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            updateGeometry();
        return QScrollArea::eventFilter(watched, event);
    }
    void resizeEvent(QResizeEvent* event) override
    {
        QScrollArea::resizeEvent(event);
        if (onHeight)
            onHeight(viewport()->height());
    }
};

} // namespace

BatchPanel::BatchPanel(BatchSession& session, const AskPath& ask, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_plan(new BatchPlanPane(session, ask, this))
    , m_queue(new BatchQueuePane(session, ask, this))
    , m_results(new BatchResultsPane(session, ask, this))
{
    setObjectName("batchPanel");
    setAccessibleName(tr("Batch"));
    m_notice = new NoticeBar(this);
    m_switch = new QWidget(this);
    auto* chips = tightLayout<QHBoxLayout>(m_switch, 4);
    m_parts = new QButtonGroup(this);
    m_parts->setExclusive(true);
    const QString names[] = { tr("Plan"), tr("Queue"), tr("Results") };
    const char* const objects[] = { "batchPart0", "batchPart1", "batchPart2" };
    for (int part = Plan; part <= Results; ++part) {
        auto* chip =
            chipButton(m_switch, objects[part], names[part], tr("Shows this part of the tab."));
        m_parts->addButton(chip, part);
        chips->addWidget(chip);
    }
    chips->addStretch(1);
    m_large = chipButton(this, "batchLarge", tr("Large"),
        tr("The tab gets the whole window, and gives it back (Ctrl+Shift+L)."));
    chips->addWidget(m_large);
    auto* planPart = new PartScroll(m_plan, 190, this);
    planPart->onHeight = [this](int height) { m_plan->setRoom(height); };
    m_planPart = planPart;
    m_queuePart = new PartScroll(m_queue, 170, this);
    m_split = new QSplitter(Qt::Horizontal, this);
    m_split->setChildrenCollapsible(false);
    m_split->setHandleWidth(9);
    m_split->addWidget(m_planPart);
    m_split->addWidget(m_queuePart);
    m_split->addWidget(m_results);
    m_split->setStretchFactor(0, 0);
    m_split->setStretchFactor(1, 0);
    m_split->setStretchFactor(2, 1);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(8, 4, 8, 4);
    layout->setSpacing(4);
    layout->addWidget(m_notice);
    layout->addWidget(m_switch);
    layout->addWidget(m_split, 1);
    connect(m_parts, &QButtonGroup::idClicked, this,
        [this](int part) { showPart(static_cast<Part>(part)); });
    connect(m_large, &QToolButton::toggled, this, &BatchPanel::largeChanged);
    connect(&m_session, &BatchSession::statusChanged, this, [this] {
        // A run that begins is watched, unless its results are on the screen already.
        if (m_session.status() == BatchStatus::Starting && m_part == Plan)
            showPart(Queue);
    });
    fit();
}

void BatchPanel::setTheme(const Theme& theme)
{
    m_plan->setTheme(theme);
    m_queue->setTheme(theme);
    m_results->setTheme(theme);
    m_notice->setTheme(theme);
}

void BatchPanel::showPart(Part part)
{
    if (part == Results && width() >= kTwoParts)
        return; // it is always there
    m_part = part;
    fit();
}

void BatchPanel::setLarge(bool large)
{
    m_large->setChecked(large);
}

bool BatchPanel::isLarge() const
{
    return m_large->isChecked();
}

bool BatchPanel::shows(Part part) const
{
    const QWidget* const parts[] = { m_planPart, m_queuePart, m_results };
    return parts[part]->isVisibleTo(this);
}

void BatchPanel::fit()
{
    const bool three = width() >= kThreeParts;
    const bool two = !three && width() >= kTwoParts;
    m_parts->button(Plan)->setVisible(!three);
    m_parts->button(Queue)->setVisible(!three);
    m_parts->button(Results)->setVisible(!three && !two);
    const Part shared = two && m_part == Results ? Queue : m_part;
    m_planPart->setVisible(three || shared == Plan);
    m_queuePart->setVisible(three || shared == Queue);
    m_results->setVisible(three || two || shared == Results);
    m_parts->button(shared)->setChecked(true);
}

void BatchPanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fit();
}

} // namespace crossiter::ui
