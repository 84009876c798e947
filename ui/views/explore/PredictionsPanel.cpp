#include "ui/views/explore/PredictionsPanel.h"

#include "ui/session/RetireWidget.h"
#include "ui/views/common/PredictionCard.h"

#include <QLabel>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {
namespace {

const Prediction* predictionOf(const QVector<Prediction>& predictions, const QString& id)
{
    const std::string wanted = id.toStdString();
    const auto found = std::ranges::find_if(
        predictions, [&](const Prediction& prediction) { return prediction.model == wanted; });
    return found == predictions.end() ? nullptr : &*found;
}

} // namespace

PredictionsPanel::PredictionsPanel(QWidget* parent)
    : QScrollArea(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_content(new QWidget)
    , m_layout(new QVBoxLayout(m_content))
    , m_heading(new QLabel(tr("Predictions on the exported image")))
    , m_empty(new QLabel(tr("The networks are loading\u2026")))
{
    setFrameShape(QFrame::NoFrame);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFocusPolicy(Qt::NoFocus);
    setAccessibleName(tr("Predictions"));
    m_layout->setContentsMargins(10, 8, 10, 8);
    m_layout->setSpacing(8);
    QFont caps = font();
    caps.setCapitalization(QFont::AllUppercase);
    caps.setPointSizeF(caps.pointSizeF() * 0.85);
    m_heading->setFont(caps);
    m_heading->setProperty("role", "heading");
    m_heading->setMinimumWidth(40);
    m_heading->setToolTip(
        tr("Every prediction is of the 8-bit image that would be saved, not of the float image"));
    m_empty->setProperty("role", "muted");
    m_empty->setWordWrap(true);
    m_layout->addWidget(m_heading);
    m_layout->addWidget(m_empty);
    m_layout->addStretch(1);
    setWidget(m_content);
}

void PredictionsPanel::setTheme(const Theme& theme)
{
    m_theme = theme;
    for (PredictionCard* card : m_cards)
        card->setTheme(theme);
}

void PredictionsPanel::setJudges(const QStringList& ids, const QStringList& names,
    const QVector<QColor>& colors, const QStringList& roles, const QVector<int>& sourceIndices)
{
    for (PredictionCard* card : m_cards)
        retireWidget(card);
    m_cards.clear();
    m_attacked = -1;
    for (int index = 0; index < ids.size(); ++index) {
        const bool given = index < sourceIndices.size();
        auto* card = new PredictionCard(ids.at(index), names.value(index, ids.at(index)),
            colors.value(index, m_theme.judge), roles.value(index),
            given ? sourceIndices.at(index) : (sourceIndices.isEmpty() ? index : -1), m_content);
        card->setTheme(m_theme);
        card->model()->setTrueLabel(m_trueLabel, m_assumed);
        card->model()->setTarget(m_target);
        m_layout->insertWidget(m_layout->count() - 1, card);
        m_cards.append(card);
    }
    m_empty->setVisible(m_cards.isEmpty());
}

void PredictionsPanel::setPredictions(
    const QVector<Prediction>& clean, const QVector<Prediction>& current, int subStep)
{
    for (PredictionCard* card : m_cards) {
        card->model()->setClean(predictionOf(clean, card->id()));
        card->model()->setCurrent(predictionOf(current, card->id()), subStep);
        card->showState();
    }
}

void PredictionsPanel::setTrueLabel(std::optional<int> label, bool assumed)
{
    m_trueLabel = label;
    m_assumed = assumed;
    for (PredictionCard* card : m_cards)
        card->model()->setTrueLabel(label, assumed);
    showAttacked();
}

void PredictionsPanel::setTarget(std::optional<int> label)
{
    m_target = label;
    for (PredictionCard* card : m_cards)
        card->model()->setTarget(label);
    showAttacked();
}

void PredictionsPanel::setAttacked(int label, int sourceIndex)
{
    m_attacked = label;
    m_attackedSource = sourceIndex;
    showAttacked();
}

void PredictionsPanel::showAttacked()
{
    for (PredictionCard* card : m_cards) {
        card->model()->setAttacked(m_attacked);
        const bool stepped = m_attackedSource >= 0 && card->sourceIndex() == m_attackedSource;
        card->setStepped(
            stepped ? m_attacked : -1, m_target == m_attacked, m_trueLabel == m_attacked);
    }
}

void PredictionsPanel::setEmptyText(const QString& text)
{
    m_empty->setText(text);
}

PredictionModel* PredictionsPanel::model(int judge) const
{
    return judge >= 0 && judge < m_cards.size() ? m_cards.at(judge)->model() : nullptr;
}

QSize PredictionsPanel::sizeHint() const
{
    return { 330, 520 };
}

QSize PredictionsPanel::minimumSizeHint() const
{
    return { 270, 160 };
}

} // namespace crossiter::ui
