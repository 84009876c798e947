#pragma once

#include "core/attack/AttackRequest.h"

#include <string>
#include <vector>

namespace crossiter {

/// "alternate", "mean-logits". The parser throws Error(Usage) that lists the choices.
[[nodiscard]] std::string toString(Ensemble ensemble);
[[nodiscard]] Ensemble parseEnsemble(const std::string& text);
[[nodiscard]] const std::vector<Ensemble>& allEnsembles();

/// The step that mi-fgsm takes by default: epsilon / rounds, so that the ball is just filled.
[[nodiscard]] double evenStepPx(int epsilon255, int rounds);

} // namespace crossiter
