#pragma once

#include "core/attack/AttackRequest.h"
#include "core/classify/Prediction.h"
#include "core/defense/DefendResult.h"
#include "core/report/TraceExport.h"

#include <nlohmann/json.hpp>
#include <string>

namespace crossiter {

/// Keys keep the order in which they are set.
using Json = nlohmann::ordered_json;

/// Nine significant digits, which tell any two floats apart; null when not finite.
[[nodiscard]] Json jsonNumber(double value);

/// [{"label","name","probability"}], the `count` most likely.
[[nodiscard]] Json topJson(const Prediction& prediction, int count);

/// Every field by its command-line name; what is not set is null.
[[nodiscard]] Json requestJson(const AttackRequest& request);
[[nodiscard]] Json provenanceJson(const Provenance& provenance);

/// `complete`, `cells` that are there and `cells_planned`.
void addSweepCounts(Json& json, const SweepResult& sweep);

/// Indented, one trailing newline; bytes that are not UTF-8 are replaced, never an exception.
[[nodiscard]] std::string jsonText(const Json& value);

} // namespace crossiter
