#include "ui/views/explore/PaneChoice.h"

#include <algorithm>

namespace crossiter::ui {

std::pair<ImagePanes::Pane, ImagePanes::Pane> PaneChoice::compared() const
{
    const ComparedPair shown = !hasDefended ? ComparedPair::OriginalAdversarial : pair;
    switch (shown) {
    case ComparedPair::OriginalAdversarial:
        break;
    case ComparedPair::AdversarialDefended:
        return { ImagePanes::AdversarialPane, ImagePanes::DefendedPane };
    case ComparedPair::OriginalDefended:
        return { ImagePanes::OriginalPane, ImagePanes::DefendedPane };
    }
    return { ImagePanes::OriginalPane, ImagePanes::AdversarialPane };
}

QVector<int> PaneChoice::visible() const
{
    QVector<int> panes;
    switch (mode) {
    case ImagePanes::CompareMode::Panes:
        panes = { ImagePanes::OriginalPane, ImagePanes::PerturbationPane,
            ImagePanes::AdversarialPane };
        break;
    case ImagePanes::CompareMode::TwoUp:
        panes = { compared().first, compared().second };
        break;
    case ImagePanes::CompareMode::Swipe:
    case ImagePanes::CompareMode::Blink:
        return { ImagePanes::AdversarialPane };
    case ImagePanes::CompareMode::Difference:
        return { ImagePanes::PerturbationPane };
    }
    if (showFloat)
        panes.append(ImagePanes::FloatPane);
    if (mode == ImagePanes::CompareMode::Panes && showDefended && hasDefended && roomForDefended)
        panes.append(ImagePanes::DefendedPane);
    return panes;
}

int PaneChoice::framePane() const
{
    // The defended picture comes later than its sub-step: it is no proof of it.
    const QVector<int> shown = visible();
    const auto last = std::find_if(
        shown.crbegin(), shown.crend(), [](int pane) { return pane != ImagePanes::DefendedPane; });
    return last != shown.crend() ? *last : shown.constFirst();
}

} // namespace crossiter::ui
