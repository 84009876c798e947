#pragma once

#include "ui/session/DefenseSession.h"
#include "ui/session/Theme.h"

#include <QScrollArea>
#include <QVector>

class QGridLayout;

namespace crossiter::ui {

class DrawsBar;
class PredictionCard;
class PredictionModel;

/// A card a model: the top 5 of the shown picture beside those behind the defense, and its draws.
class DefenseResults : public QScrollArea
{
    Q_OBJECT

public:
    explicit DefenseResults(DefenseSession& session, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void refresh(); ///< from the session

    [[nodiscard]] int cardCount() const { return static_cast<int>(m_cards.size()); }
    [[nodiscard]] PredictionModel* model(int card) const;
    [[nodiscard]] DrawsBar* draws(int card) const;

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void rebuild();
    void arrange();

    struct Card
    {
        std::string id;
        int sourceIndex = -1;
        QWidget* box = nullptr;
        PredictionCard* card = nullptr;
        DrawsBar* draws = nullptr;
    };

    DefenseSession& m_session;
    Theme m_theme;
    QWidget* m_content = nullptr;
    QGridLayout* m_grid = nullptr;
    QVector<Card> m_cards;
    int m_columns = 0;
};

} // namespace crossiter::ui
