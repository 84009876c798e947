#include "ui/window/PictureCommands.h"

#include "ui/session/DefenseSettings.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/window/Actions.h"
#include "ui/window/Centre.h"
#include "ui/window/InputGuard.h"
#include "ui/window/Shell.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QFileInfo>
#include <QMenu>
#include <QUndoStack>

namespace crossiter::ui {

namespace {

/// `widget` or one in it has the focus.
bool holdsFocus(const QWidget* widget)
{
    const QWidget* focus = QApplication::focusWidget();
    return focus != nullptr && (focus == widget || widget->isAncestorOf(focus));
}

} // namespace

PictureCommands::PictureCommands(const WindowParts& parts, const Tabs& tabs)
    : m_parts(parts)
    , m_tabs(tabs)
{
    const ImagePanes* panes = parts.centre.panes();
    connect(
        panes, &ImagePanes::copyRequested, this,
        [this](const QImage& image) { m_parts.shell.copyPicture(image, tr("the picture")); });
    connect(panes, &ImagePanes::saveRequested, this, [this](const QImage& image) {
        saveDialog(QStringLiteral("view"), image, originOfShown(m_parts.shell));
    });
}

void PictureCommands::addEditActions(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    QUndoStack* stack = m_parts.shell.explorer().undoStack();
    QAction* undo = actions.add(
        menu, "undo", { [stack] { stack->undo(); }, [stack] { return stack->canUndo(); } });
    QAction* redo = actions.add(
        menu, "redo", { [stack] { stack->redo(); }, [stack] { return stack->canRedo(); } });
    connect(
        stack, &QUndoStack::undoTextChanged, undo,
        [undo](const QString& text) {
            undo->setText(text.isEmpty() ? tr("&Undo") : tr("&Undo: %1").arg(text));
        });
    connect(stack, &QUndoStack::redoTextChanged, redo, [redo](const QString& text) {
        redo->setText(text.isEmpty() ? tr("&Redo") : tr("&Redo: %1").arg(text));
    });
    menu->addSeparator();
    const auto hasPhoto = [this] { return m_parts.shell.explorer().hasPhoto(); };
    actions.add(menu, "copyView",
        { [this] { m_parts.shell.copyPicture(focusedPicture(), tr("the view")); }, hasPhoto });
    addPaneCopies(menu);
    actions.add(menu, "copyPredictions",
        { [this] {
             m_parts.shell.copyPicture(m_parts.predictions.grab().toImage(), tr("the predictions"));
         },
            hasPhoto });
    actions.add(menu, "copyWindow", { [this] {
        m_parts.shell.copyPicture(m_parts.shell.window().grab().toImage(), tr("the window"));
    } });
}

void PictureCommands::addPaneCopies(QMenu* menu)
{
    const auto add = [this, menu](const char* name, int pane) {
        m_parts.actions.add(menu, name,
            { [this, pane] {
                 m_parts.shell.copyPicture(
                     m_parts.centre.panes()->paneImage(pane), tr("the picture"));
             },
                [this] { return m_parts.shell.explorer().hasPhoto(); } });
    };
    add("copyOriginal", ImagePanes::OriginalPane);
    add("copyPerturbation", ImagePanes::PerturbationPane);
    add("copyAdversarial", ImagePanes::AdversarialPane);
}

void PictureCommands::addExports(QMenu* menu)
{
    Actions& actions = m_parts.actions;
    actions.add(menu, "exportView",
        { [this] { saveDialog(QStringLiteral("view"), focusedPicture(), originOfFocus()); },
            [this] { return m_parts.shell.explorer().hasPhoto(); } });
    actions.add(menu, "exportWindow", { [this] {
        saveDialog(QStringLiteral("window"), m_parts.shell.window().grab().toImage(),
            originOfShown(m_parts.shell, defenseOfWindow()));
    } });
}

void PictureCommands::saveDialog(const QString& what, const QImage& picture, const Origin& origin)
{
    Shell& shell = m_parts.shell;
    if (picture.isNull()) {
        shell.complain(tr("There is nothing to save yet."));
        return;
    }
    const QString path =
        shell.ask(tr("Save the picture"), what + QStringLiteral(".png"), tr("PNG (*.png)"), true);
    if (!path.isEmpty()) {
        shell.guarded([&] {
            Shell::savePicture(path, picture);
            origin(path);
        });
    }
}

void PictureCommands::saveWindow(const QString& path)
{
    requireNoInput(m_parts.shell.workspace(), path, false);
    Shell::savePicture(path, m_parts.shell.window().grab().toImage());
}

QStringList PictureCommands::saveViews(const QString& folder)
{
    ExplorerSession& session = m_parts.shell.explorer();
    const QString base =
        QDir(folder).filePath(QStringLiteral("%1.sub-step-%2.")
                                  .arg(QFileInfo(session.photo().path).completeBaseName())
                                  .arg(session.currentSubStep()));
    const auto save = [&](const char* name, const QImage& picture, QStringList& paths) {
        if (!picture.isNull()) {
            paths << base + QLatin1String(name) + QStringLiteral(".png");
            requireNoInput(m_parts.shell.workspace(), paths.last());
            Shell::savePicture(paths.last(), picture);
        }
    };
    const ImagePanes& panes = *m_parts.centre.panes();
    QStringList views;
    save("original", panes.paneImage(ImagePanes::OriginalPane), views);
    save("perturbation", panes.paneImage(ImagePanes::PerturbationPane), views);
    save("adversarial", panes.paneImage(ImagePanes::AdversarialPane), views);
    save("predictions", m_parts.predictions.grab().toImage(), views);
    QStringList window;
    save("window", m_parts.shell.window().grab().toImage(), window);
    QList<SavedViews> ofTabs;
    for (const auto& tab : m_tabs)
        ofTabs << tab->saveViews(base);
    const auto shown = session.upToShown();
    session.exportProvenance(views, shown);
    session.exportProvenance(window, shown, defenseOfWindow());
    QStringList all = views + window;
    for (const SavedViews& saved : ofTabs) { // once all of them are written
        saved.explain();
        all << saved.paths;
    }
    return all;
}

std::string PictureCommands::defenseOfWindow() const
{
    const ExplorerState& state = m_parts.shell.explorer().state();
    return state.showDefended ? defenseText(effective(state.defense)) : std::string();
}

Tab* PictureCommands::focusedTab() const
{
    for (const auto& tab : m_tabs)
        if (holdsFocus(tab->widget()))
            return tab.get();
    return nullptr;
}

QImage PictureCommands::focusedPicture() const
{
    if (Tab* tab = focusedTab()) {
        if (const QImage own = tab->picture(QApplication::focusWidget()); !own.isNull())
            return own;
    }
    if (holdsFocus(&m_parts.predictions))
        return m_parts.predictions.grab().toImage();
    const ImagePanes& panes = *m_parts.centre.panes();
    const QImage adversarial = panes.paneImage(ImagePanes::AdversarialPane);
    return adversarial.isNull() ? panes.paneImage(ImagePanes::OriginalPane) : adversarial;
}

Origin PictureCommands::originOfFocus() const
{
    Tab* tab = focusedTab();
    return tab != nullptr ? tab->origin(QApplication::focusWidget()) : originOfShown(m_parts.shell);
}

} // namespace crossiter::ui
