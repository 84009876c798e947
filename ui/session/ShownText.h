#pragma once

#include <QString>

namespace crossiter::ui {

/// A competition label's name.
[[nodiscard]] QString labelText(int label);

/// A share 0..1 with one decimal: "50.7 %".
[[nodiscard]] QString percentText(double share);

/// A probability 0..1 with three decimals: "0.507".
[[nodiscard]] inline QString probabilityText(double probability)
{
    return QString::number(probability, 'f', 3);
}

/// "13 s left", "2 min left", "3 h 20 min left", rounded up; empty below 0, which is: not known.
[[nodiscard]] QString timeLeftText(double seconds);

} // namespace crossiter::ui
