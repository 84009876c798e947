#pragma once

#include "core/classify/Prediction.h"
#include "ui/session/Theme.h"

#include <QColor>
#include <QScrollArea>
#include <QStringList>
#include <QVector>

#include <optional>

class QLabel;
class QVBoxLayout;

namespace crossiter::ui {

class PredictionCard;
class PredictionModel;

/// What every model says of the clean image and of the chosen sub-step's exported image: a card a
/// model, the top 5 of each with bars.
class PredictionsPanel : public QScrollArea
{
    Q_OBJECT

public:
    explicit PredictionsPanel(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);

    /// One entry a model in every list. roles: "source 1", "judge". sourceIndices: which source of
    /// the attack each one is, -1 none; left out: the lists begin with the sources, in order.
    void setJudges(const QStringList& ids, const QStringList& names, const QVector<QColor>& colors,
        const QStringList& roles, const QVector<int>& sourceIndices = {});

    /// By model id, in any order; a model without an entry shows that it waits.
    /// subStep: 0 = the clean image itself.
    void setPredictions(
        const QVector<Prediction>& clean, const QVector<Prediction>& current, int subStep);
    void setTrueLabel(std::optional<int> label, bool assumed);
    void setTarget(std::optional<int> label);
    /// What the chosen sub-step attacked (-1: nothing) and on which source (-1: none).
    void setAttacked(int label, int sourceIndex);
    /// Shown while there is nothing else; default: the networks are loading.
    void setEmptyText(const QString& text);

    [[nodiscard]] int cardCount() const { return static_cast<int>(m_cards.size()); }
    [[nodiscard]] PredictionModel* model(int judge) const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

private:
    void showAttacked();

    Theme m_theme;
    QWidget* m_content = nullptr;
    QVBoxLayout* m_layout = nullptr;
    QLabel* m_heading = nullptr;
    QLabel* m_empty = nullptr;
    QVector<PredictionCard*> m_cards;
    std::optional<int> m_trueLabel;
    bool m_assumed = false;
    std::optional<int> m_target;
    int m_attacked = -1;
    int m_attackedSource = -1;
};

} // namespace crossiter::ui
