#pragma once

#include "core/defense/DefendResult.h"
#include "ui/session/Theme.h"

#include <QColor>
#include <QWidget>

#include <memory>
#include <optional>

namespace crossiter::ui {

/// One model's draws behind a random defense: a strip with a sliver a draw, coloured by what its
/// top-1 is (the true label, the mean's label, another one), and the share of draws that say the
/// true label with its 95 % interval. Where nothing is random it says so in one line.
class DrawsBar : public QWidget
{
    Q_OBJECT

public:
    explicit DrawsBar(const QColor& model, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// null: nothing yet. random: the defense draws at all.
    void setDraws(std::shared_ptr<const DefendedPrediction> prediction, bool random,
        std::optional<int> trueLabel);

    [[nodiscard]] const QString& text() const { return m_text; } ///< as shown
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void describe();

    Theme m_theme;
    QColor m_model;
    std::shared_ptr<const DefendedPrediction> m_prediction;
    bool m_random = false;
    std::optional<int> m_trueLabel;
    QString m_text;
    QString m_shortText;
};

} // namespace crossiter::ui
