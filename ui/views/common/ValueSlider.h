#pragma once

#include <QWidget>

class QDoubleSpinBox;
class QLabel;
class QSlider;

namespace crossiter::ui {

/// A name, a number that can be typed, and a slider below for the usual range; the number's range
/// may be wider than the slider's.
class ValueSlider : public QWidget
{
    Q_OBJECT

public:
    struct Range
    {
        double sliderLow = 0.0;
        double sliderHigh = 1.0;
        double low = 0.0; ///< of the number
        double high = 1.0;
        double step = 1.0; ///< of the slider and the arrow keys
        int decimals = 0;
    };

    ValueSlider(
        const QString& name, const Range& range, const QString& suffix, QWidget* parent = nullptr);

    void setValue(double value); ///< no signal
    [[nodiscard]] double value() const;
    void setHelp(const QString& text); ///< tooltip and what's this of all parts

    [[nodiscard]] QSlider* slider() const { return m_slider; }
    [[nodiscard]] QDoubleSpinBox* spinBox() const { return m_spin; }

signals:
    void valueChanged(double value); ///< by the user
    void draggingChanged(bool dragging);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override; ///< wheels scroll the panel

private:
    Range m_range;
    QLabel* m_name = nullptr;
    QDoubleSpinBox* m_spin = nullptr;
    QSlider* m_slider = nullptr;
};

} // namespace crossiter::ui
