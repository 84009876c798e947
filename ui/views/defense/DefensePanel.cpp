#include "ui/views/defense/DefensePanel.h"

#include "core/image/ImageDiff.h"
#include "ui/plot/SweepHeatMap.h"
#include "ui/session/Counted.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/QtImage.h"
#include "ui/session/ShownText.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/defense/DefenseControls.h"
#include "ui/views/defense/DefenseResults.h"
#include "ui/views/explore/ImagePane.h"

#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kControlWidth = 240;
constexpr int kPartWidth[DefensePanel::PartCount] = { 180, 200, 285,
    150 }; // at least, and in proportion
constexpr int kGap = 10;
constexpr int kLeastWithHeads = 165; // height
constexpr int kLeastWithBest = 560; // width

} // namespace

DefensePanel::DefensePanel(DefenseSession& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_theme(makeTheme(ThemeKind::System))
    , m_order({ CurvePart, HeatMapPart, ResultsPart, RemovedPart })
{
    setAccessibleName(tr("Defense"));
    m_controls = new DefenseControls(session);
    m_controlArea = new QScrollArea(this);
    m_controlArea->setWidget(m_controls);
    m_controlArea->setWidgetResizable(true);
    m_controlArea->setFrameShape(QFrame::NoFrame);
    m_controlArea->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_controlArea->setFixedWidth(kControlWidth);
    m_controlArea->setFocusPolicy(Qt::NoFocus);
    m_controlArea->setAccessibleName(tr("Settings of the defense"));

    auto* top = new QHBoxLayout;
    top->setSpacing(5);
    buildRow(top);
    auto* parts = new QHBoxLayout;
    parts->setSpacing(kGap);
    parts->addWidget(m_controlArea);
    buildPanes(parts);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2, 4, 2, 2);
    layout->setSpacing(4);
    layout->addLayout(top);
    layout->addLayout(parts, 1);
    connectAll();
    arrange();
    refresh();
}

DefensePanel::~DefensePanel() = default;

void DefensePanel::buildRow(QHBoxLayout* row)
{
    const std::pair<QString, QString> chips[PartCount] = {
        { tr("curve"), tr("Probability over the resize size, a line a model") },
        { tr("heat map"), tr("Sub-step x resize size of one model") },
        { tr("predictions"), tr("Top 5 behind the defense, and its draws") },
        { tr("removed"), tr("What the defense took out of the picture") }
    };
    const char* const names[PartCount] = { "partCurve", "partHeatMap", "partResults",
        "partRemoved" };
    for (int part = 0; part < PartCount; ++part) {
        m_chips[part] = chipButton(this, names[part], chips[part].first, chips[part].second);
        connect(m_chips[part], &QToolButton::clicked, this, [this, part] { showPart(part); });
        row->addWidget(m_chips[part]);
    }
    m_state = roleLabel(this, "muted", {}, "sweepState");
    m_state->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_state->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row->addWidget(m_state, 1);
    m_best = new QToolButton(this);
    describe(m_best, "bestSize", tr("Best size for this picture"),
        tr("The size with the highest mean probability of the true label on the shown sub-step, of "
           "those that are swept. Click: that size."));
    row->addWidget(m_best);
    m_folder = new QToolButton;
    describe(m_folder, "folderBest", tr("Best size for the folder"),
        tr("Judges the clean pictures of this photo's folder behind every size of the sweep and "
           "says the best one; needs their true labels. Click again: that size."));
    m_controls->addTool(m_folder);
    m_sweepButton = new QToolButton(this);
    describe(m_sweepButton, "sweepButton", tr("Sweep"),
        tr("Computes every size of the sweep on every sub-step, coarse to fine."));
    row->addWidget(m_sweepButton);
}

void DefensePanel::buildPanes(QHBoxLayout* row)
{
    m_plot = new SweepPlot(this);
    m_heatMap = new SweepHeatMap(this);
    m_results = new DefenseResults(m_session, this);
    m_removed = new ImagePane(this);
    m_removed->setEmptyText(tr("no defended picture yet"));
    m_removed->setAccessibleName(tr("What the defense removed"));
    m_removed->setMinimumSize(100, 80);
    m_quantityBox = new QuietComboBox(this);
    m_quantityBox->addItems({ tr("true"), tr("attacked"), tr("target") });
    describe(m_quantityBox, "sweepQuantity", tr("Label whose probability is drawn"),
        tr("Which label's probability curve and heat map show."));
    m_modelBox = new QuietComboBox(this);
    describe(m_modelBox, "heatMapModel", tr("Network of the heat map"),
        tr("Whose probabilities the heat map shows."));
    for (QComboBox* box : { m_quantityBox, m_modelBox })
        box->setMinimumContentsLength(6);
    QWidget* const contents[PartCount] = { m_plot, m_heatMap, m_results, m_removed };
    QWidget* const corners[PartCount] = { m_quantityBox, m_modelBox, nullptr, nullptr };
    for (int part = 0; part < PartCount; ++part) {
        m_parts[part] = new QWidget(this);
        auto* layout = new QVBoxLayout(m_parts[part]);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(1);
        if (part == CurvePart || part == HeatMapPart) {
            m_heads[part] = new QWidget(m_parts[part]);
            auto* head = new QHBoxLayout(m_heads[part]);
            head->setContentsMargins(0, 0, 0, 0);
            m_titles[part] = roleLabel(m_heads[part], "muted");
            m_titles[part]->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
            head->addWidget(m_titles[part], 1);
            head->addWidget(corners[part]);
            layout->addWidget(m_heads[part]);
        }
        layout->addWidget(contents[part], 1);
        row->addWidget(m_parts[part], kPartWidth[part]);
    }
    m_removedNote = roleLabel(m_parts[RemovedPart], "muted", {}, "removedNote");
    m_removedNote->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_parts[RemovedPart]->layout()->addWidget(m_removedNote);
}

void DefensePanel::connectAll()
{
    ExplorerSession& explorer = m_session.explorer();
    connect(&explorer, &ExplorerSession::stateChanged, this, &DefensePanel::refresh);
    connect(&explorer, &ExplorerSession::labelChanged, this, &DefensePanel::refresh);
    connect(&explorer, &ExplorerSession::traceChanged, this, &DefensePanel::refresh);
    connect(&explorer, &ExplorerSession::currentSubStepChanged, this, &DefensePanel::refresh);
    connect(&m_session, &DefenseSession::viewChanged, this, &DefensePanel::showRemoved);
    connect(&m_session, &DefenseSession::predictionsChanged, m_results, &DefenseResults::refresh);
    connect(&m_session, &DefenseSession::sweepChanged, this, &DefensePanel::showSweep);
    connect(&m_session, &DefenseSession::sweepingChanged, this, &DefensePanel::showSweep);
    connect(&m_session, &DefenseSession::folderChanged, this, &DefensePanel::showFolder);
    connect(
        m_quantityBox, &QComboBox::activated, this,
        [this](int row) { setQuantity(static_cast<SweepQuantity>(row)); });
    connect(
        m_modelBox, &QComboBox::activated, this, [this] { showSweep(); });
    const auto takeSize = [this](int size) { m_session.setSize(size); };
    const auto drag = [this](bool dragging) {
        m_session.setDragging(dragging);
        m_session.explorer().setDragging(dragging); // one undo step
    };
    connect(m_plot, &SweepPlot::sizeClicked, this, takeSize);
    connect(m_plot, &SweepPlot::draggingChanged, this, drag);
    connect(m_heatMap, &SweepHeatMap::draggingChanged, this, drag);
    connect(
        m_heatMap, &SweepHeatMap::cellClicked, this,
        [this](int subStep, int size) {
            m_session.explorer().setCurrentSubStep(subStep);
            m_session.setSize(size);
        });
    connect(
        m_best, &QToolButton::clicked, this,
        [this] {
            if (const auto best = m_session.bestSize()) {
                m_session.setSize(*best);
            }
        });
    connect(
        m_folder, &QToolButton::clicked, this,
        [this] {
            const auto& best = m_session.folderBest();
            if (m_session.folderRunning()) {
                m_session.cancel();
            } else if (best && best->size) {
                m_session.setSize(*best->size);
            } else {
                m_session.startFolder();
            }
        });
    connect(m_sweepButton, &QToolButton::clicked, this, [this] {
        if (m_session.sweeping()) {
            m_session.cancel();
        } else {
            m_session.startSweep();
        }
    });
}

void DefensePanel::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_plot->setTheme(theme);
    m_heatMap->setTheme(theme);
    m_results->setTheme(theme);
    m_removed->setTheme(theme);
    showModels();
}

void DefensePanel::showPart(int part)
{
    m_order.removeAll(part);
    m_order.prepend(part);
    arrange();
    showRemoved();
}

bool DefensePanel::showsPart(int part) const
{
    return !m_parts[part]->isHidden();
}

void DefensePanel::setQuantity(SweepQuantity quantity)
{
    m_quantityBox->setCurrentIndex(static_cast<int>(quantity));
    showSweep();
}

void DefensePanel::arrange()
{
    int room = width() - kControlWidth - kGap - 4;
    bool shown[PartCount] = {};
    for (const int part : m_order) {
        const bool first = part == m_order.constFirst();
        if (!first && kPartWidth[part] > room)
            break; // what was chosen longer ago waits, also where something smaller would fit
        shown[part] = true;
        room -= kPartWidth[part] + kGap;
    }
    m_best->setVisible(width() >= kLeastWithBest); // the curve marks it too, and the menu has it
    for (int part = 0; part < PartCount; ++part) {
        m_parts[part]->setVisible(shown[part]);
        m_chips[part]->setChecked(shown[part]);
        if (m_heads[part] != nullptr)
            m_heads[part]->setVisible(height() >= kLeastWithHeads); // a low tab is for the plots
    }
}

QString DefensePanel::labelText() const
{
    const ExplorerSession& explorer = m_session.explorer();
    const auto nameOf = [](int label) { return crossiter::ui::labelText(label); };
    switch (static_cast<SweepQuantity>(m_quantityBox->currentIndex())) {
    case SweepQuantity::TrueLabel: {
        const ShownLabel label = explorer.trueLabel();
        return label.label
            ? (label.assumed ? tr("%1 (assumed)") : QStringLiteral("%1")).arg(nameOf(*label.label))
            : tr("the true label");
    }
    case SweepQuantity::AttackedLabel: {
        const auto subStep = explorer.subStep();
        return subStep && subStep->attackedLabel >= 0 ? nameOf(subStep->attackedLabel)
                                                      : tr("the attacked label");
    }
    case SweepQuantity::Target:
        break;
    }
    const ExplorerState& state = explorer.state();
    return isTargeted(state.attack.method) && state.attack.target ? nameOf(*state.attack.target)
                                                                  : tr("the target label");
}

void DefensePanel::refresh()
{
    const ExplorerState& state = m_session.explorer().state();
    m_controls->refresh();
    if (auto* box = static_cast<QuietComboBox*>(m_quantityBox)) {
        const bool targeted = isTargeted(state.attack.method) && state.attack.target;
        box->setRow(2, targeted ? QString() : tr("This attack has no target."), {});
    }
    m_plot->setSize(m_session.size());
    m_plot->setSubStep(m_session.explorer().currentSubStep());
    m_heatMap->setCurrent(m_session.explorer().currentSubStep(), m_session.size());
    m_results->refresh();
    showSweep();
    showRemoved();
    showFolder();
}

void DefensePanel::showModels()
{
    const auto sweep = m_session.sweep();
    const auto trace = m_session.explorer().trace();
    if (!sweep)
        return;
    QStringList ids;
    QStringList names;
    QVector<int> sources;
    for (const std::string& id : sweep->request.models) {
        ids << QString::fromStdString(id);
        names << m_session.explorer().modelName(id);
        int source = -1;
        if (trace) {
            const auto& all = trace->request.sources;
            const auto found = std::ranges::find(all, id);
            source = found == all.end() ? -1 : static_cast<int>(found - all.begin());
        }
        sources << source;
    }
    QStringList shortNames;
    for (const QString& name : names)
        shortNames << shortModelName(name, names);
    m_plot->setModels(shortNames, sources);
    if (ids != m_modelIds) {
        m_modelIds = ids;
        const int before = std::max(0, m_modelBox->currentIndex());
        m_modelBox->clear();
        m_modelBox->addItems(shortNames);
        m_modelBox->setCurrentIndex(std::min(before, static_cast<int>(ids.size()) - 1));
    }
    QStringList legend;
    for (int i = 0; i < shortNames.size(); ++i) {
        legend << QStringLiteral("<span style='color:%1'>%2</span> %3")
                      .arg(m_theme.sourceColor(sources.at(i)).name(),
                          sources.at(i) < 0 ? QStringLiteral("- -") : QStringLiteral("\u2014"),
                          shortNames.at(i).toHtmlEscaped());
    }
    m_titles[CurvePart]->setTextFormat(Qt::RichText);
    m_titles[CurvePart]->setText(legend.join(QStringLiteral("&nbsp; ")));
    m_titles[CurvePart]->setAccessibleName(
        tr("Lines: %1").arg(shortNames.join(QStringLiteral(", "))));
}

void DefensePanel::showSweep()
{
    const auto sweep = m_session.sweep();
    const auto quantity = static_cast<SweepQuantity>(m_quantityBox->currentIndex());
    const QString label = labelText();
    showModels();
    m_plot->setQuantity(quantity, label);
    m_plot->setSweep(sweep);
    m_plot->setBestSize(m_session.bestSize());
    m_heatMap->setQuantity(quantity, label);
    m_heatMap->setModel(std::max(0, m_modelBox->currentIndex()), m_modelBox->currentText());
    m_heatMap->setSweep(sweep);
    m_titles[HeatMapPart]->setText(label);
    m_titles[HeatMapPart]->setToolTip(tr("Probability of %1").arg(label));
    m_quantityBox->setToolTip(
        tr("Which label's probability curve and heat map show: %1").arg(label));

    const auto best = m_session.bestSize();
    m_best->setText(best ? tr("best %1 px").arg(*best) : tr("best size"));
    m_best->setEnabled(best.has_value());
    m_best->setAccessibleName(best ? tr("Best size for this picture: %1 pixels").arg(*best)
                                   : tr("Best size for this picture: not known yet"));
    const bool running = m_session.sweeping();
    m_sweepButton->setText(running ? tr("Stop") : tr("Sweep"));
    m_sweepButton->setAccessibleName(running ? tr("Stop the sweep") : tr("Sweep"));
    m_sweepButton->setEnabled(running
        || (m_session.explorer().trace() && m_session.obstacle().isEmpty()
            && !m_session.sweepComplete()));
    const int planned = m_session.cellsPlanned();
    QString state;
    if (planned > 0 && (running || (m_session.cellsDone() > 0 && !m_session.sweepComplete())))
        state = tr("%1 of %2").arg(m_session.cellsDone()).arg(planned);
    const QString obstacle = m_session.obstacle();
    if (!obstacle.isEmpty())
        state = tr("299 × 299 only");
    m_state->setToolTip(obstacle);
    m_state->setText(state);
    m_state->setAccessibleName(state.isEmpty() ? tr("Sweep") : tr("Sweep: %1 cells").arg(state));
}

void DefensePanel::showRemoved()
{
    const auto view = m_session.view();
    if (!showsPart(RemovedPart) || !m_onScreen)
        return; // drawn when somebody looks
    const ExplorerState& state = m_session.explorer().state();
    const bool usable = view && view->before.width == view->after.width
        && view->before.height == view->after.height;
    const auto drawn =
        std::tuple(state.perturbation, state.gain, std::max(1, state.attack.epsilon255));
    const bool same = m_removedView && usable && drawn == m_removedAs
        && view->after == m_removedView->after && view->before == m_removedView->before;
    if (!same) {
        m_removed->setPicture(usable ? toQImage(renderPerturbation(view->before, view->after,
                                  std::get<0>(drawn), std::get<1>(drawn), std::get<2>(drawn)))
                                     : QImage());
        m_removedAs = drawn;
    }
    m_removedView = usable ? view : nullptr;
    const QString gain = state.perturbation == PerturbationMode::EpsilonNormalised
        ? tr("\u03b5-normalised")
        : tr("\u00d7 %1").arg(state.gain);
    m_removed->setHeader(tr("Removed"), gain, gain);
    m_removedNote->setText(view && view->removed ? tr("L\u221e %1 \u00b7 RMS %2")
                                                       .arg(view->removed->linf)
                                                       .arg(view->removed->l2, 0, 'f', 1)
                                                 : QString());
    m_removedNote->setToolTip(view && view->removed
            ? tr("Largest change %1, root mean square %2 grey levels, SSIM %3")
                  .arg(view->removed->linf)
                  .arg(view->removed->l2, 0, 'f', 2)
                  .arg(view->removed->ssim, 0, 'f', 3)
            : QString());
}

void DefensePanel::showFolder()
{
    const auto& best = m_session.folderBest();
    if (m_session.folderRunning()) {
        m_folder->setText(tr("Stop the folder"));
    } else if (best && best->size) {
        m_folder->setText(tr("folder %1 px").arg(*best->size));
        m_folder->setToolTip(
            tr("%1 of %2, clean: %3 % are right behind %4 px, mean over the networks. "
               "Click: that size.")
                .arg(countedText(best->images, tr("picture"), tr("pictures")))
                .arg(best->folder)
                .arg(best->share * 100.0, 0, 'f', 0)
                .arg(*best->size)
            + (best->labelsText.isEmpty() ? QString() : QLatin1Char('\n') + best->labelsText));
    } else {
        m_folder->setText(tr("Best for the folder"));
    }
    m_folder->setEnabled(m_session.explorer().hasPhoto());
}

void DefensePanel::setOnScreen(bool onScreen)
{
    m_onScreen = onScreen;
    m_session.setWatched(onScreen);
    if (onScreen)
        refresh();
}

void DefensePanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
    showRemoved();
}

QSize DefensePanel::sizeHint() const
{
    return { 900, 230 };
}

QSize DefensePanel::minimumSizeHint() const
{
    return { 420, 130 }; // parts for which there is no room are left out, so they ask for none
}

} // namespace crossiter::ui
