#pragma once

#include "ui/session/Theme.h"
#include "ui/viewmodels/PredictionModel.h"

#include <QFrame>
#include <QString>

class QLabel;
class QTableView;

namespace crossiter::ui {

class PredictionDelegate;

/// One model's predictions: its name in its colour, what the sub-step did to it, and the table.
class PredictionCard : public QFrame
{
    Q_OBJECT

public:
    PredictionCard(const QString& id, const QString& name, const QColor& color, const QString& role,
        int sourceIndex, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// "stepped away from "X"" when this model was the stepped one; -1: it was not.
    void setStepped(int label, bool towards, bool isTrueLabel);
    /// Only the right column: where the left one is shown elsewhere and names need the room.
    void setCurrentOnly(bool only);
    /// Shows the table or, without predictions, that it waits.
    void showState();

    [[nodiscard]] const QString& id() const { return m_id; }
    [[nodiscard]] int sourceIndex() const { return m_sourceIndex; }
    [[nodiscard]] PredictionModel* model() const { return m_model; }

private:
    void fitTable();
    void showTexts();

    Theme m_theme;
    QString m_id;
    QString m_name;
    QString m_role;
    QColor m_color;
    int m_sourceIndex = -1;
    int m_steppedLabel = -1;
    bool m_towards = false;
    bool m_steppedTrue = false;
    PredictionModel* m_model = nullptr;
    PredictionDelegate* m_delegate = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_stepped = nullptr;
    QLabel* m_waiting = nullptr;
    QTableView* m_table = nullptr;
};

} // namespace crossiter::ui
