#pragma once

#include "ui/window/Tab.h"

#include <memory>
#include <string>
#include <vector>

class QMenu;

namespace crossiter::ui {

/// Pictures of what is shown: copied, saved with their provenance, and all views at once.
class PictureCommands : public QObject
{
    Q_OBJECT

public:
    using Tabs = std::vector<std::unique_ptr<Tab>>;

    PictureCommands(const WindowParts& parts, const Tabs& tabs); ///< tabs: outlive this

    void addEditActions(QMenu* menu);
    void addExports(QMenu* menu);

    /// Writes the window as it looks, at the screen's resolution. Throws Error(BadInput).
    void saveWindow(const QString& path);
    /// The views of the shown sub-step as files in `folder`: original, perturbation, adversarial,
    /// predictions, window and what the tabs save of theirs. Returns their paths; their provenance
    /// follows beside them on the session's worker. Throws Error(BadInput).
    QStringList saveViews(const QString& folder);

private:
    void addPaneCopies(QMenu* menu);
    void saveDialog(const QString& what, const QImage& picture, const Origin& origin);
    [[nodiscard]] Tab* focusedTab() const; ///< null: the focus is elsewhere
    [[nodiscard]] QImage focusedPicture() const;
    [[nodiscard]] Origin originOfFocus() const;
    [[nodiscard]] std::string defenseOfWindow() const; ///< empty: the window shows none

    WindowParts m_parts;
    const Tabs& m_tabs;
};

} // namespace crossiter::ui
