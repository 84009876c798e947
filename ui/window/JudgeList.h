#pragma once

#include <QColor>
#include <QStringList>
#include <QVector>

namespace crossiter::ui {

class ExplorerSession;
struct Theme;

/// The judges of what is shown, one entry each in every list.
struct JudgeList
{
    QStringList ids;
    QStringList names;
    QStringList shortNames; ///< without what all names begin with
    QStringList roles; ///< "source 1", "judge"
    QVector<QColor> colors;
    QVector<int> indices; ///< among the sources; -1: none of them
};

[[nodiscard]] JudgeList judgesOf(const ExplorerSession& session, const Theme& theme);

} // namespace crossiter::ui
