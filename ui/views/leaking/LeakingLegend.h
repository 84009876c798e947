#pragma once

#include "ui/plot/Figure.h"
#include "ui/session/LeakSession.h"
#include "ui/session/Theme.h"

#include <QString>
#include <QStringList>

#include <string>
#include <vector>

namespace crossiter::ui {

class LeakTracks;

/// What the tracks of the Label leaking tab are explained by, on the screen and in a figure: the
/// letters of the attacked labels, and whose probability the curves show on which network.
class LeakingLegend
{
public:
    /// Both must outlive every call.
    LeakingLegend(const LeakSession& session, const ExplorerSession& explorer)
        : m_session(session)
        , m_explorer(explorer)
    {
    }

    [[nodiscard]] QString shortName(const std::string& id) const; ///< of a judge
    /// The sources of all tracks together, in stepping order.
    [[nodiscard]] std::vector<std::string> comparedSources() const;
    [[nodiscard]] QString lettersHtml(const LeakTracks& tracks) const; ///< empty: none is attacked
    [[nodiscard]] QString curvesHtml(const Theme& theme) const; ///< the lines
    /// Tracks, legend and, below it, the sentences.
    [[nodiscard]] Figure figure(const LeakTracks& tracks, const QStringList& sentences) const;

private:
    [[nodiscard]] QString watchedHtml(
        const Theme& theme) const; ///< whose probability; may be empty

    const LeakSession& m_session;
    const ExplorerSession& m_explorer;
};

} // namespace crossiter::ui
