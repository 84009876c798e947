#include "ui/views/defense/DefenseResults.h"

#include "ui/session/RetireWidget.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/common/PredictionCard.h"
#include "ui/views/defense/DrawsBar.h"

#include <QGridLayout>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {
constexpr int kCardWidth = 265; // less would cut most names
constexpr int kLeastForBoth = 240; // less is for the defended predictions alone
} // namespace

DefenseResults::DefenseResults(DefenseSession& session, QWidget* parent)
    : QScrollArea(parent)
    , m_session(session)
    , m_theme(makeTheme(ThemeKind::System))
    , m_content(new QWidget)
    , m_grid(new QGridLayout(m_content))
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Predictions behind the defense"));
    m_grid->setContentsMargins(0, 0, 4, 0);
    m_grid->setSpacing(6);
    setWidget(m_content);
}

void DefenseResults::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_cards.clear(); // their colours are the theme's
    rebuild();
    refresh();
}

void DefenseResults::rebuild()
{
    const QObjectList children = m_content->children();
    for (QObject* child : children)
        if (child->isWidgetType())
            retireWidget(static_cast<QWidget*>(child));
    m_cards.clear();
    QStringList names;
    for (const LivePrediction& live : m_session.predictions())
        names << m_session.explorer().modelName(live.model);
    for (const LivePrediction& live : m_session.predictions()) {
        const QColor color = m_theme.sourceColor(live.sourceIndex);
        Card card;
        card.id = live.model;
        card.sourceIndex = live.sourceIndex;
        card.box = new QWidget(m_content);
        auto* layout = new QVBoxLayout(card.box);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(2);
        const QString& name = names.at(m_cards.size());
        // No "stepped" line: the Predictions panel says it.
        card.card = new PredictionCard(QString::fromStdString(live.model),
            shortModelName(name, names), color,
            live.sourceIndex < 0 ? tr("judge") : tr("source %1").arg(live.sourceIndex + 1), -1,
            card.box);
        card.card->setTheme(m_theme);
        card.draws = new DrawsBar(color, card.box);
        QFont small = font();
        small.setPointSizeF(small.pointSizeF() * 0.92);
        card.draws->setFont(small);
        card.draws->setTheme(m_theme);
        auto* padded = new QVBoxLayout;
        padded->setContentsMargins(10, 0, 10, 2);
        padded->addWidget(card.draws);
        layout->addWidget(card.card);
        layout->addLayout(padded);
        layout->addStretch(1);
        m_cards.append(card);
    }
    m_columns = 0;
    arrange();
}

void DefenseResults::arrange()
{
    const int columns = std::clamp(
        viewport()->width() / kCardWidth, 1, std::max(1, static_cast<int>(m_cards.size())));
    for (const Card& card : m_cards) {
        // The Predictions panel has the left column too.
        card.card->setCurrentOnly(viewport()->width() / columns < kLeastForBoth);
    }
    if (columns == m_columns)
        return;
    m_columns = columns;
    for (int i = 0; i < m_cards.size(); ++i) {
        m_grid->removeWidget(m_cards[i].box);
        m_grid->addWidget(m_cards[i].box, i / columns, i % columns, Qt::AlignTop);
        m_cards[i].box->show();
    }
    for (int column = 0; column < 8; ++column)
        m_grid->setColumnStretch(column, column < columns ? 1 : 0);
    const int rows = (static_cast<int>(m_cards.size()) + columns - 1) / columns;
    for (int row = 0; row < 9; ++row)
        m_grid->setRowStretch(row, row == rows ? 1 : 0);
}

void DefenseResults::resizeEvent(QResizeEvent* event)
{
    QScrollArea::resizeEvent(event);
    arrange();
}

void DefenseResults::refresh()
{
    const std::vector<LivePrediction>& live = m_session.predictions();
    const bool same = static_cast<int>(live.size()) == m_cards.size()
        && std::equal(
            live.begin(), live.end(), m_cards.begin(), [](const LivePrediction& a, const Card& b) {
                return a.model == b.id && a.sourceIndex == b.sourceIndex;
            });
    if (!same)
        rebuild();
    ExplorerSession& explorer = m_session.explorer();
    const auto subStep = explorer.subStep();
    const auto trace = explorer.trace();
    const ShownLabel label = explorer.trueLabel();
    const ExplorerState& state = explorer.state();
    for (int i = 0; i < m_cards.size(); ++i) {
        const LivePrediction& prediction = live[static_cast<std::size_t>(i)];
        PredictionModel* model = m_cards[i].card->model();
        const int judge = trace ? trace->judgeIndex(prediction.model) : -1;
        const bool has =
            judge >= 0 && subStep && static_cast<std::size_t>(judge) < subStep->judges.size();
        model->setTitles(
            !subStep || subStep->index == 0 ? tr("clean") : tr("sub-step %1").arg(subStep->index),
            prediction.current ? tr("defended") : tr("defended \u2026"));
        model->setTrueLabel(label.label, label.assumed);
        model->setTarget(isTargeted(state.attack.method) ? state.attack.target : std::nullopt);
        model->setAttacked(subStep ? subStep->attackedLabel : -1);
        model->setClean(has ? &subStep->judges[static_cast<std::size_t>(judge)] : nullptr);
        model->setCurrent(prediction.defended ? &prediction.defended->mean : nullptr,
            subStep ? subStep->index : 0);
        m_cards[i].card->showState();
        m_cards[i].draws->setDraws(prediction.defended, m_session.defense().random(), label.label);
        m_cards[i].draws->updateGeometry();
    }
}

PredictionModel* DefenseResults::model(int card) const
{
    return card >= 0 && card < m_cards.size() ? m_cards.at(card).card->model() : nullptr;
}

DrawsBar* DefenseResults::draws(int card) const
{
    return card >= 0 && card < m_cards.size() ? m_cards.at(card).draws : nullptr;
}

} // namespace crossiter::ui
