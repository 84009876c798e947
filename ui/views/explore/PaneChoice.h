#pragma once

#include "ui/session/ExplorerState.h"
#include "ui/views/explore/ImagePanes.h"

#include <QVector>

#include <utility>

namespace crossiter::ui {

/// What one looks at, and which panes that takes.
struct PaneChoice
{
    ImagePanes::CompareMode mode = ImagePanes::CompareMode::Panes;
    ComparedPair pair = ComparedPair::OriginalAdversarial;
    bool showFloat = false;
    bool showDefended = false;
    bool hasDefended = false; ///< there is something behind a defense
    bool roomForDefended = false;

    [[nodiscard]] QVector<int> visible() const; ///< from left to right, never empty
    /// The two that are compared, as panes; the defended one only where there is one.
    [[nodiscard]] std::pair<ImagePanes::Pane, ImagePanes::Pane> compared() const;
    [[nodiscard]] int framePane() const; ///< whose painting shows a sub-step
};

} // namespace crossiter::ui
