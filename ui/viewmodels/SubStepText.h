#pragma once

#include "core/attack/AttackTrace.h"
#include "ui/session/ExplorerSession.h"
#include "ui/session/Theme.h"

#include <QString>
#include <QStringList>

namespace crossiter::ui {

/// The one sentence that says what a sub-step did, as rich text in the theme's colours:
/// "Sub-step 6: Lite0 was stepped away from “Saluki”, not from the true label." and, where it
/// happened, that the true label is back. names: a name for people for each source of the trace.
[[nodiscard]] QString subStepSentence(const AttackTrace& trace, int subStep,
    const ShownLabel& trueLabel, const QStringList& names, const Theme& theme);

/// The same without marks, for screen readers.
[[nodiscard]] QString plainText(const QString& rich);

/// "own, refreshed (seed)", "cross-iterative": what combo boxes show, with a line that explains.
[[nodiscard]] QString methodText(Method method);
[[nodiscard]] QString ruleText(LabelRule rule);
[[nodiscard]] QString ruleTip(LabelRule rule);

} // namespace crossiter::ui
