#pragma once

#include <QObject>
#include <QStringList>

#include <string>
#include <vector>

class QMenu;

namespace crossiter {
struct PairPreset;
}

namespace crossiter::ui {

class Actions;
class ModelsDialog;
class Shell;

/// The model manager, the pairs of sources, the choice of sources, and what follows when the store
/// changes.
class ModelCommands : public QObject
{
    Q_OBJECT

public:
    explicit ModelCommands(Shell& shell);

    void addActions(Actions& actions);
    [[nodiscard]] ModelsDialog* manager() const { return m_manager; } ///< null: never opened

    [[nodiscard]] static bool takes(const QString& file); ///< by its name: a model's weights
    void importDropped(const QString& file);

private:
    void followStore();
    void openManager(const QString& select = {});
    void usePair(const PairPreset& pair);
    void useModel(const QString& id, int source);
    void fillPairMenu();
    void chooseSources();
    /// Names that are not in the store; empty: all are.
    [[nodiscard]] QStringList missing(const std::vector<std::string>& ids) const;

    Shell& m_shell;
    QMenu* m_pairMenu = nullptr;
    ModelsDialog* m_manager = nullptr;
};

} // namespace crossiter::ui
