#include "ui/views/leaking/LeakingPanel.h"

#include "core/classify/Labels.h"
#include "ui/plot/LeakTracks.h"
#include "ui/session/Counted.h"
#include "ui/session/ModelChoice.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/common/Controls.h"
#include "ui/views/leaking/LeakingLegend.h"
#include "ui/views/leaking/StudyPanel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QScrollArea>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kSideBySide = 700; // from this width on the words stand beside the tracks
constexpr int kPhotoPage = 0;

} // namespace

LeakingPanel::LeakingPanel(LeakSession& session, ExplorerSession& explorer, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_explorer(explorer)
    , m_theme(makeTheme(ThemeKind::System))
{
    setAccessibleName(tr("Label leaking"));
    m_row = new QHBoxLayout;
    m_row->setSpacing(5);
    buildRow(m_row);

    m_tracks = new LeakTracks;
    m_tracks->setObjectName("leakTracks");
    m_tracks->setWhatsThis(
        tr("A cell a sub-step, in the colour and with the letter of the label that it attacked; "
           "under it the probability on every judge, with a ring where the true label is back. "
           "Click: the explorer goes there. Keys: arrows, then Return."));
    m_legend = new QLabel;
    m_legend->setObjectName("leakLegend");
    m_words = new QLabel;
    m_words->setObjectName("leakWords");
    for (QLabel* label : { m_legend, m_words }) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::RichText);
        label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    m_side = new QWidget;
    auto* side = new QVBoxLayout(m_side);
    side->setContentsMargins(0, 2, 4, 2);
    side->setSpacing(8);
    side->addWidget(m_legend);
    side->addWidget(m_words);
    side->addStretch();
    m_content = new QWidget;
    m_box = new QBoxLayout(QBoxLayout::LeftToRight, m_content);
    m_box->setContentsMargins(0, 0, 0, 0);
    m_box->setSpacing(14);
    m_box->addWidget(m_tracks, 1);
    m_box->addWidget(m_side);
    m_scroll = new QScrollArea;
    m_scroll->setWidget(m_content);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    m_pages = new QStackedWidget(this);
    m_pages->addWidget(m_scroll);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2, 4, 2, 2);
    layout->setSpacing(4);
    layout->addLayout(m_row);
    layout->addWidget(m_pages, 1);
    connectAll();
    arrange();
    refresh();
}

LeakingPanel::~LeakingPanel() = default;

void LeakingPanel::buildRow(QHBoxLayout* row)
{
    const auto button = [this](const QString& text, bool chip) {
        auto* made = new QToolButton(this);
        made->setText(text);
        made->setCheckable(chip);
        made->setProperty("chip", chip);
        made->setFocusPolicy(Qt::TabFocus);
        return made;
    };
    m_views[0] = button(tr("rules"), true);
    describe(m_views[0], "leakRules", tr("Compare label rules"),
        tr("The same attack under every label rule."));
    m_views[1] = button(tr("networks"), true);
    describe(m_views[1], "leakNetworks", tr("Compare with single networks"),
        tr("The attack on all sources in turn against the same attack on each source alone, with "
           "the same number of gradient steps."));
    m_pageChip = button(tr("folder"), true);
    m_pageChip->hide(); // until there is such a page
    m_both = button(tr("+ ball"), true);
    m_exact = button(tr("Exact?"), false);
    describe(m_exact, "leakExact", tr("Compare with the exact trace"),
        tr("Computes the shown attack once more in float64 and marks the first sub-step at which "
           "the shown trace leaves that one."));
    m_run = button(tr("Stop"), false);
    m_run->setObjectName("leakRun");
    m_menu = button(QStringLiteral("⋯"), false);
    describe(m_menu, "leakMenu", tr("Copy and export"), tr("Copies or saves what this tab shows."));
    m_menu->setPopupMode(QToolButton::InstantPopup);
    m_menu->hide(); // until there is a menu
    m_state = roleLabel(this, "muted", {}, "leakState");
    m_state->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_state->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    for (QWidget* widget : std::initializer_list<QWidget*> { m_views[0], m_views[1], m_pageChip })
        row->addWidget(widget);
    row->addSpacing(6);
    row->addWidget(m_both);
    row->addWidget(m_state, 1);
    row->addWidget(m_exact);
    row->addWidget(m_run);
    row->addWidget(m_menu);
}

void LeakingPanel::addPage(StudyPanel* page, const QString& chip, const QString& help)
{
    m_study = page;
    page->setTheme(m_theme);
    m_row->insertWidget(m_row->indexOf(m_both), page->chipBar());
    page->chipBar()->hide();
    m_pages->addWidget(page);
    m_pageChip->setText(chip);
    describe(m_pageChip, "leakFolder", chip, help);
    m_pageChip->show();
}

void LeakingPanel::connectAll()
{
    connect(&m_session, &LeakSession::tracksChanged, this, &LeakingPanel::refresh);
    connect(&m_session, &LeakSession::runningChanged, this, &LeakingPanel::refreshChips);
    connect(&m_session, &LeakSession::exactChanged, this, &LeakingPanel::refresh);
    connect(&m_explorer, &ExplorerSession::labelChanged, this, &LeakingPanel::refresh);
    connect(
        &m_explorer, &ExplorerSession::currentSubStepChanged, m_tracks, &LeakTracks::setCurrent);
    connect(m_tracks, &LeakTracks::chosen, &m_session, &LeakSession::goTo);
    for (const LeakView view : { LeakView::Rules, LeakView::Networks })
        connect(
            viewChip(view), &QToolButton::clicked, this, [this, view] { showView(view); });
    connect(m_pageChip, &QToolButton::clicked, this, [this] { showPage(1); });
    connect(m_both, &QToolButton::clicked, this, [this](bool on) {
        m_session.setBothProjections(on);
        refreshChips();
    });
    connect(m_run, &QToolButton::clicked, this, &LeakingPanel::toggleRun);
    connect(m_exact, &QToolButton::clicked, this, [this] {
        if (m_session.comparing())
            m_session.cancelExact();
        else
            m_session.compareWithExact();
    });
}

void LeakingPanel::toggleRun()
{
    if (m_session.running())
        m_session.cancel();
    else
        m_session.run();
}

QToolButton* LeakingPanel::viewChip(LeakView view) const
{
    return m_views[view == LeakView::Rules ? 0 : 1];
}

void LeakingPanel::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_tracks->setTheme(theme);
    if (m_study != nullptr)
        m_study->setTheme(theme);
    refresh();
}

void LeakingPanel::setActive(bool active)
{
    m_session.setActive(active);
}

void LeakingPanel::showView(LeakView view)
{
    m_session.setView(view);
    showPage(kPhotoPage);
}

void LeakingPanel::showPage(int page)
{
    m_pages->setCurrentIndex(page);
    refreshChips();
}

int LeakingPanel::page() const
{
    return m_pages->currentIndex();
}

void LeakingPanel::refresh()
{
    if (m_photo != m_explorer.photo().path) {
        m_photo = m_explorer.photo().path;
        m_tracks->forgetLabels();
    }
    const bool targeted = m_session.watchesTarget();
    const std::optional<int> truth = m_explorer.trueLabel().label;
    const std::optional<int> target = targeted ? m_session.watchedLabel() : std::nullopt;
    QStringList ids;
    QStringList shortNames;
    QVector<int> indices;
    const auto& tracks = m_session.tracks();
    const LeakingLegend legend(m_session, m_explorer);
    const std::vector<std::string> sources = legend.comparedSources();
    for (const std::string& id : m_explorer.state().judges()) {
        ids << QString::fromStdString(id);
        shortNames << legend.shortName(id);
        indices << indexAmong(sources, id);
    }
    QVector<LeakRow> rows;
    QVector<LeakFacts> facts;
    QStringList names;
    const auto shorten = [&legend](const std::string& id) { return legend.shortName(id); };
    for (const LeakTrack& track : tracks) {
        facts << (track.trace ? leakFacts(*track.trace, truth, target) : LeakFacts());
        names << trackName(track, m_session.view(), m_session.bothProjections(), shorten);
        LeakRow row;
        row.name = names.constLast();
        row.note = trackNote(track, facts.constLast(), targeted, m_session.running());
        row.trace = track.trace;
        row.planned = subStepCount(track.request);
        row.shown = track.shown;
        row.available = track.obstacle.isEmpty();
        rows << row;
    }
    m_tracks->setModels(ids, shortNames, indices);
    m_tracks->setLabels(truth, target);
    m_tracks->setRows(rows);
    m_tracks->setCurrent(m_explorer.currentSubStep());
    m_tracks->setDeparture(m_session.exact().departure());
    m_tracks->setVisible(!rows.isEmpty());
    m_legend->setText(legend.lettersHtml(*m_tracks));
    m_legend->setVisible(!rows.isEmpty());
    refreshWords(facts, names);
    refreshChips();
}

void LeakingPanel::refreshWords(const QVector<LeakFacts>& facts, const QStringList& names)
{
    const LeakingLegend legend(m_session, m_explorer);
    m_sentences.clear();
    QString html;
    const auto add = [&](const QString& mark, const QString& sentence, bool strong) {
        if (sentence.isEmpty())
            return;
        m_sentences << sentence;
        QString text = sentence.toHtmlEscaped();
        if (strong) { // the shown one: its name in bold
            const auto colon = text.indexOf(QLatin1Char(':'));
            text = QStringLiteral("<b>%1</b>%2").arg(text.left(colon), text.mid(colon));
        }
        html +=
            QStringLiteral("<p style='margin-top:0;margin-bottom:5px'>%1%2</p>").arg(mark, text);
    };
    const QString exact = exactSentence(m_session.exact());
    add(exact.isEmpty()
            ? QString()
            : QStringLiteral("<span style='color:%1'>◤</span> ").arg(m_theme.error.name()),
        exact, false);
    if (const QString why = m_session.viewObstacle(m_session.view()); !why.isEmpty())
        add({}, why, false);
    const std::optional<int> target =
        m_session.watchesTarget() ? m_session.watchedLabel() : std::nullopt;
    const auto& tracks = m_session.tracks();
    for (int i = 0; i < tracks.size(); ++i) {
        add({},
            trackSentence(
                tracks[i], names[i], facts[i], m_explorer.trueLabel().label, target,
                [&legend](const std::string& id) { return legend.shortName(id); }),
            tracks[i].shown);
    }
    if (!tracks.isEmpty()) {
        html += QStringLiteral("<p style='margin-top:0;color:%1'>%2</p>")
                    .arg(m_theme.muted.name(), legend.curvesHtml(m_theme));
    }
    if (m_words->text() != html) {
        m_words->setText(html);
        m_words->setAccessibleName(words());
    }
}

QString LeakingPanel::words() const
{
    return m_sentences.join(QLatin1Char('\n'));
}

QString LeakingPanel::stateText() const
{
    if (!m_explorer.hasPhoto())
        return tr("no photo");
    int done = 0;
    int planned = 0;
    for (const LeakTrack& track : m_session.tracks()) {
        if (track.obstacle.isEmpty()) {
            done += track.done();
            planned += subStepCount(track.request);
        }
    }
    if (m_session.running())
        return tr("%1 of %2").arg(done).arg(countedText(planned, tr("sub-step"), tr("sub-steps")));
    if (done == planned)
        return {};
    if (QString why = m_explorer.obstacle(); !why.isEmpty())
        return why;
    return m_session.stopped()
        ? tr("stopped: %1 of %2")
              .arg(done)
              .arg(countedText(planned, tr("sub-step"), tr("sub-steps")))
        : (m_explorer.running() ? tr("the explorer's own attack goes first") : QString());
}

void LeakingPanel::refreshChips()
{
    const bool photo = page() == kPhotoPage;
    for (const LeakView view : { LeakView::Rules, LeakView::Networks })
        viewChip(view)->setChecked(photo && m_session.view() == view);
    m_pageChip->setChecked(!photo);
    const bool ball = m_explorer.state().attack.projection == Projection::Ball;
    m_both->setText(ball ? tr("+ no ball") : tr("+ ball"));
    describe(m_both, "leakBoth", tr("Both projections"),
        tr("Every rule without a projection and with the epsilon ball, side by side."));
    m_both->setChecked(m_session.bothProjections());
    m_both->setVisible(photo && m_session.view() == LeakView::Rules);
    if (m_study != nullptr)
        m_study->chipBar()->setVisible(!photo);
    m_exact->setVisible(photo);
    m_exact->setEnabled(m_explorer.trace() != nullptr && !m_explorer.showsPair());
    m_exact->setText(m_session.comparing() ? tr("Stop exact") : tr("Exact?"));
    const bool missing = std::ranges::any_of(m_session.tracks(),
        [](const LeakTrack& track) { return track.obstacle.isEmpty() && !track.complete(); });
    const bool running = m_session.running();
    m_run->setVisible(photo && (running || (missing && m_session.stopped())));
    m_run->setText(running ? tr("Stop") : tr("Go on"));
    describe(m_run, "leakRun",
        running ? tr("Stop the comparison") : tr("Go on with the comparison"),
        running ? tr("Stops; the finished sub-steps stay.") : tr("Computes what is missing."));
    m_state->setText(photo ? stateText() : QString());
    m_state->setToolTip(m_state->text());
}

void LeakingPanel::arrange()
{
    const bool beside = width() >= kSideBySide;
    const auto direction = beside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom;
    if (m_box->direction() != direction)
        m_box->setDirection(direction);
    if (beside) {
        m_side->setFixedWidth(std::clamp(width() * 36 / 100, 230, 420));
    } else {
        m_side->setMinimumWidth(0);
        m_side->setMaximumWidth(QWIDGETSIZE_MAX);
    }
}

void LeakingPanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

QSize LeakingPanel::sizeHint() const
{
    return { 700, 260 };
}

QSize LeakingPanel::minimumSizeHint() const
{
    return { 380, 130 };
}

QImage LeakingPanel::picture()
{
    if (page() != kPhotoPage)
        return m_study->picture();
    return tracksPicture();
}

Figure LeakingPanel::figure() const
{
    return LeakingLegend(m_session, m_explorer).figure(*m_tracks, m_sentences);
}

QImage LeakingPanel::tracksPicture() const
{
    return figureImage(figure());
}

void LeakingPanel::savePicture(const QString& path, const FigureSize& size) const
{
    saveFigure(figure(), path, size);
}

} // namespace crossiter::ui
