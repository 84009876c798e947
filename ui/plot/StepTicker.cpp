#include "ui/plot/StepTicker.h"

#include "core/base/Numbers.h"

#include <cmath>

namespace crossiter::ui {

namespace {

constexpr int kMostDigits = 12;

/// Of the digits behind the point that a multiple of `step` can have; -1: more than a label takes.
int digitsOf(double step)
{
    double scaled = step;
    for (int digits = 0; digits <= kMostDigits; ++digits) {
        // 0.05 is not 5 / 100 to the last bit.
        if (std::round(scaled) >= 1.0
            && std::abs(scaled - std::round(scaled)) < 1e-6 * std::abs(scaled))
            return digits;
        scaled *= 10.0;
    }
    return -1;
}

} // namespace

QString tickText(double value, double step)
{
    const bool usable = std::isfinite(value) && std::isfinite(step) && step > 0.0;
    const int digits = usable && std::abs(value) < 1e15 ? digitsOf(step) : -1;
    if (usable && std::abs(value) < step * 1e-6)
        value = 0.0; // neither -0 nor the rest of a sum
    return QString::fromStdString(digits >= 0 ? fixedText(value, digits) : numberText(value));
}

StepTicker::StepTicker(int count, Numbers numbers)
    : m_numbers(numbers)
{
    setTickCount(count);
}

QSharedPointer<QCPAxisTicker> StepTicker::create(int count, Numbers numbers)
{
    return QSharedPointer<StepTicker>::create(count, numbers);
}

double StepTicker::getTickStep(const QCPRange& range)
{
    m_step = QCPAxisTicker::getTickStep(range);
    if (m_numbers == Numbers::Whole)
        m_step = m_step < 1.5 ? 1.0 : std::floor(m_step); // 2.5 is 2
    return m_step;
}

QString StepTicker::getTickLabel(
    double tick, const QLocale& /*locale*/, QChar /*formatChar*/, int /*precision*/)
{
    return tickText(tick, m_step);
}

} // namespace crossiter::ui
