// MainWindow's parts and where they stand.
#include "ui/plot/TrajectoryPlot.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/NoticeBar.h"
#include "ui/views/defense/DefensePanel.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/PhotoPanel.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/window/MainWindow.h"

#include <QDockWidget>
#include <QEvent>
#include <QLabel>
#include <QLayout>
#include <QScrollArea>
#include <QScrollBar>
#include <QStackedWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kLowWindow = 800; // px: a row of photos of their own would squeeze the pictures

/// Scrolls up and down only: never narrower than what is in it.
class PanelScroll : public QScrollArea
{
public:
    PanelScroll(QWidget* content, QWidget* parent)
        : QScrollArea(parent)
    {
        setWidget(content);
        setWidgetResizable(true);
        setFrameShape(QFrame::NoFrame);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return { widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width(),
            120 };
    }
    [[nodiscard]] QSize sizeHint() const override { return minimumSizeHint(); }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (watched == widget() && event->type() == QEvent::LayoutRequest) {
            updateGeometry();
        }
        return QScrollArea::eventFilter(watched, event);
    }
};

} // namespace

void MainWindow::buildCentre()
{
    m_errors = new ErrorBar(this);
    m_notice = new NoticeBar(this);
    m_staleNote = new QLabel(this);
    m_staleNote->setObjectName(QStringLiteral("staleNote"));
    m_staleNote->setProperty("role", QStringLiteral("error"));
    m_staleNote->setWordWrap(true);
    m_staleNote->setText(
        tr("Pictures, plot and predictions are of the former settings. Run computes them anew."));
    m_staleNote->setAccessibleName(m_staleNote->text());
    m_staleNote->hide();
    m_panes = new ImagePanes(this);
    m_scrubber = new Scrubber(this);
    m_scrubber->setWaitsForFrames(true);
    m_sentence = new QLabel(this);
    m_sentence->setObjectName(QStringLiteral("sentence"));
    m_sentence->setWordWrap(true);
    // Its own hint is that of a much narrower label, many lines high: the window could not be low.
    m_sentence->setMinimumHeight(m_sentence->fontMetrics().lineSpacing() + 2);
    m_sentence->setTextFormat(Qt::RichText);
    m_probe = new QLabel(this);
    m_probe->setObjectName(QStringLiteral("probe"));
    m_probe->setProperty("role", QStringLiteral("muted"));
    m_probe->setAccessibleName(tr("Pixel probe"));
    m_probe->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    m_probe->setMinimumHeight(m_probe->fontMetrics().height() + 2); // its coming moves nothing
    m_probe->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);

    auto* work = new QWidget(this);
    auto* workLayout = new QVBoxLayout(work);
    workLayout->setContentsMargins(0, 0, 0, 0);
    workLayout->setSpacing(4);
    workLayout->addWidget(m_staleNote);
    workLayout->addWidget(m_panes, 1);
    workLayout->addWidget(m_probe);
    workLayout->addWidget(m_scrubber);
    workLayout->addWidget(m_sentence);

    m_empty = new QLabel(this);
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setTextFormat(Qt::RichText);
    m_empty->setText(
        tr("<h2>Drop a photo here</h2><p>or press Ctrl+O to open one.<br>A folder or a "
           "session file is welcome too.</p>"));
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(work);

    auto* centre = new QWidget(this);
    auto* layout = new QVBoxLayout(centre);
    layout->setContentsMargins(10, 6, 10, 4);
    layout->setSpacing(6);
    layout->addWidget(m_errors);
    layout->addWidget(m_notice);
    layout->addWidget(m_stack, 1);
    setCentralWidget(centre);

    connect(m_panes, &ImagePanes::probed, m_probe, &QLabel::setText);
    connect(m_panes, &ImagePanes::frameShown, m_scrubber, &Scrubber::frameShown);
    connect(
        m_panes, &ImagePanes::perturbationChanged, this, [this](PerturbationMode mode, int gain) {
            edit(Setting::Perturbation, [=](ExplorerState& s) {
                s.perturbation = mode;
                s.gain = gain;
            });
        });
    connect(m_panes, &ImagePanes::compareModeChanged, this, [this](ImagePanes::CompareMode mode) {
        edit(Setting::Compare,
            [=](ExplorerState& s) { s.compare = compareWords().value(static_cast<int>(mode)); });
    });
    connect(m_panes, &ImagePanes::showFloatImageChanged, this, [this](bool show) {
        edit(Setting::Compare, [=](ExplorerState& s) { s.showFloat = show; });
    });
    connect(m_panes, &ImagePanes::copyRequested, this,
        [this](const QImage& image) { copyPicture(image, tr("the picture")); });
    connect(m_panes, &ImagePanes::saveRequested, this, [this](const QImage& image) {
        savePictureDialog(QStringLiteral("view"), image, shownOrigin());
    });
    connect(m_scrubber, &Scrubber::currentChanged, this, [this](int subStep) {
        if (!m_updating) {
            m_session->setCurrentSubStep(subStep);
        }
    });
}

void MainWindow::buildDocks()
{
    const auto dock = [this](const QString& title, const char* name, QWidget* content) {
        auto* made = new QDockWidget(title, this);
        made->setObjectName(QString::fromLatin1(name)); // what saveState knows it by
        made->setWidget(content);
        made->setAccessibleName(title);
        m_docks << made;
        return made;
    };
    m_photoPanel = new PhotoPanel(*m_session, this);
    m_attack = new AttackPanel(*m_session, this);
    auto* settings = new QWidget(this);
    auto* column = new QVBoxLayout(settings);
    column->setContentsMargins(10, 6, 10, 6);
    column->setSpacing(12);
    column->addWidget(m_photoPanel);
    column->addWidget(m_attack);
    column->addStretch();
    auto* scroll = new PanelScroll(settings, this);
    connect(m_photoPanel, &PhotoPanel::problem, m_errors, &ErrorBar::showMessage);
    connect(m_attack, &AttackPanel::problem, m_errors, &ErrorBar::showMessage);

    m_predictions = new PredictionsPanel(this);
    m_plot = new TrajectoryPlot(this);
    buildLeaking();
    m_defensePanel = new DefensePanel(*m_defense, this);
    buildBatch();
    m_strip = new PhotoStrip(this);
    m_strip->setAccessibleName(tr("Photos to choose from"));
    connect(m_plot, &TrajectoryPlot::subStepClicked, m_session.get(),
        &ExplorerSession::setCurrentSubStep);
    connect(m_strip, &PhotoStrip::photoChosen, m_session.get(), &ExplorerSession::openPhoto);

    dock(tr("Settings"), "dockSettings", scroll);
    dock(tr("Predictions"), "dockPredictions", m_predictions);
    dock(tr("Trajectory"), "dockTrajectory", m_plot);
    dock(tr("Photos"), "dockPhotos", m_strip);
    // From here on: tabs beside the trajectory.
    dock(tr("Label leaking"), "dockLeaking", m_leaking);
    dock(tr("Defense"), "dockDefense", m_defensePanel);
    connect(dock(tr("Batch"), "dockBatch", m_batch), &QDockWidget::visibilityChanged, this,
        &MainWindow::leaveLargeBatch);
}

void MainWindow::resetLayout()
{
    for (const Qt::Corner corner : { Qt::TopLeftCorner, Qt::BottomLeftCorner }) {
        setCorner(corner, Qt::LeftDockWidgetArea);
    }
    for (const Qt::Corner corner : { Qt::TopRightCorner, Qt::BottomRightCorner }) {
        setCorner(corner, Qt::RightDockWidgetArea);
    }
    const auto areaOf = [](int dock) {
        return dock == 0 ? Qt::LeftDockWidgetArea
            : dock == 1  ? Qt::RightDockWidgetArea
                         : Qt::BottomDockWidgetArea;
    };
    // Side by side the docks are wider than a small screen: the window must not follow them before
    // they lie behind each other.
    layout()->setEnabled(false);
    for (int i = 0; i < m_docks.size(); ++i) {
        m_docks[i]->setFloating(false);
        addDockWidget(areaOf(i), m_docks[i]);
        m_docks[i]->show();
    }
    splitDockWidget(m_docks[2], m_docks[3], Qt::Vertical);
    for (int i = 4; i < m_docks.size(); ++i) {
        tabifyDockWidget(m_docks[i == 4 ? 2 : i - 1], m_docks[i]);
    }
    m_docks[2]->raise();
    layout()->setEnabled(true);
    layout()->activate();
    sizeDocks();
}

void MainWindow::sizeDocks()
{
    const bool low = isVisible() && height() < kLowWindow; // before that it has no size of its own
    if (low) {
        const auto front = std::find_if(m_docks.begin() + 4, m_docks.end(),
            [](const QDockWidget* dock) { return !dock->visibleRegion().isEmpty(); });
        tabifyDockWidget(m_docks.last(), m_docks[3]);
        (front == m_docks.end() ? m_docks[2] : *front)->raise();
    }
    // The pictures get what is left: on a small screen the plot gives way first.
    resizeDocks(
        { m_docks[0], m_docks[1] }, { 226, std::clamp(width() / 4, 320, 420) }, Qt::Horizontal);
    if (!low) { // else the tabs keep their least height, and the pictures get the photos' row
        resizeDocks({ m_docks[2], m_docks[3] },
            { std::clamp(height() * 2 / 5 - 100, 170, 420), 104 }, Qt::Vertical);
    }
}

void MainWindow::showEvent(QShowEvent* event)
{
    QMainWindow::showEvent(event);
    if (!m_laidOut) {
        m_laidOut = true; // once the window has the size that it was asked to have
        sizeDocks();
    }
}

} // namespace crossiter::ui
