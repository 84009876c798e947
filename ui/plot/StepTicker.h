#pragma once

#include <qcustomplot.h>

namespace crossiter::ui {

/// A tick's number with as many digits behind the point as the step between two ticks needs:
/// ticks 0.05 apart read 0.05, 0.10, 0.15, never 0.1, 0.1, 0.2. Always with a point.
/// step: above 0; else the number as it is, shortest.
[[nodiscard]] QString tickText(double value, double step);

/// The one ticker of every axis and colour bar: steps of 1, 2, 2.5 or 5 times a power of ten, and
/// tickText for the labels, whatever number format the axis has.
class StepTicker : public QCPAxisTicker
{
public:
    enum class Numbers
    {
        Real,
        Whole ///< counts: steps of 1, 2, 5, 10 ... and never a half
    };

    /// count: how many ticks are aimed at.
    explicit StepTicker(int count, Numbers numbers = Numbers::Real);

    [[nodiscard]] static QSharedPointer<QCPAxisTicker> create(
        int count, Numbers numbers = Numbers::Real);

protected:
    double getTickStep(const QCPRange& range) override;
    QString getTickLabel(
        double tick, const QLocale& locale, QChar formatChar, int precision) override;

private:
    Numbers m_numbers;
    double m_step = 1.0; ///< of the ticks that are labelled now
};

} // namespace crossiter::ui
