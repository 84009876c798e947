#pragma once

#include <QString>

namespace crossiter::ui {

/// A competition label's name.
[[nodiscard]] QString labelText(int label);

/// A probability 0..1 with three decimals: "0.507".
[[nodiscard]] inline QString probabilityText(double probability)
{
    return QString::number(probability, 'f', 3);
}

} // namespace crossiter::ui
