#pragma once

#include "core/attack/AttackFields.h"
#include "core/base/Json.h"
#include "core/base/Statistics.h"
#include "core/classify/Prediction.h"
#include "core/contest/LabelMatch.h"
#include "core/defense/DefendResult.h"
#include "core/report/TraceExport.h"

namespace crossiter {

/// Nine significant digits, which tell any two floats apart; null when not finite.
[[nodiscard]] Json jsonNumber(double value);

/// {"hits","total","share","low","high"}: shares 0..1; over nothing 0, in 0..1.
[[nodiscard]] Json proportionJson(const Proportion& share);

/// [{"label","name","probability"}], the `count` most likely.
[[nodiscard]] Json topJson(const Prediction& prediction, int count);

/// A value of an option as JSON; none is null.
[[nodiscard]] Json fieldJson(const FieldValue& value);
/// Back, with the row's range; null only where it is no value of the row. Throws Error that names
/// the key: BadInput, and Usage for a name that is none of the choices.
[[nodiscard]] FieldValue fieldOfJson(const AttackField& field, const Json& json);

/// Every field by its command-line name; what is not set is null.
[[nodiscard]] Json requestJson(const AttackRequest& request);
/// "numerics", "threads" and "device", by command-line names.
void addCompute(Json& json, const Compute& compute);
[[nodiscard]] Json provenanceJson(const Provenance& provenance);

/// {"tables": [{"table","images","images_met","rows","rows_met","hint"}], "suspicion"}; null
/// without a table.
[[nodiscard]] Json labelsJson(const LabelReport& labels);

/// `complete`, `cells` that are there and `cells_planned`.
void addSweepCounts(Json& json, const SweepResult& sweep);

} // namespace crossiter
