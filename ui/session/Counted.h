#pragma once

#include <QString>

namespace crossiter::ui {

/// "1 sub-step", "3 sub-steps": the number with the word for one or for several.
[[nodiscard]] inline QString countedText(qint64 count, const QString& one, const QString& several)
{
    return QStringLiteral("%1 %2").arg(count).arg(count == 1 ? one : several);
}

} // namespace crossiter::ui
