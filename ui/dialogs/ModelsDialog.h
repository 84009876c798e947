#pragma once

#include "ui/session/StoreKeeper.h"
#include "ui/session/Theme.h"

#include <QDialog>

#include <functional>

class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QTableView;

namespace crossiter::ui {

class ModelTableModel;

/// The model manager: what the store knows, and fetching, importing, verifying and removing. Shows
/// and asks; StoreKeeper does. Closing it does not stop a fetch.
class ModelsDialog : public QDialog
{
    Q_OBJECT

public:
    /// Asks for a file; empty: cancelled.
    using ChooseFile = std::function<QString()>;

    ModelsDialog(
        StoreKeeper& keeper, const Theme& theme, ChooseFile chooseFile, QWidget* parent = nullptr);

    void setModels(const std::vector<StoredModel>& models);
    void setTheme(const Theme& theme);
    void select(const QString& id);
    void say(const QString& message, bool error);
    /// A file that was dropped: as "Import a file", but a program is refused. Whoever drops a file
    /// has not read that it will run.
    void importDropped(const QString& file);

signals:
    /// The user wants these two stepped.
    void useRequested(const QString& id, int source);

protected:
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void build();
    void connectAll();
    void buildTable();
    void refresh();
    void describe(const StoredModel* model);
    void showProgress(const Progress& progress);
    void askToImport(const QString& file, const ImportPreview& preview);
    void removeSelected();
    [[nodiscard]] const StoredModel* selected() const;

    StoreKeeper& m_keeper;
    Theme m_theme;
    ChooseFile m_chooseFile;
    bool m_dropped = false; ///< the file that is looked at was dropped
    std::vector<StoredModel> m_models;
    ModelTableModel* m_table = nullptr;
    QTableView* m_view = nullptr;
    QLabel* m_details = nullptr;
    QLineEdit* m_mirror = nullptr;
    QLabel* m_message = nullptr;
    QProgressBar* m_progress = nullptr;
    QPushButton* m_fetch = nullptr;
    QPushButton* m_import = nullptr;
    QPushButton* m_verify = nullptr;
    QPushButton* m_remove = nullptr;
    QPushButton* m_useFirst = nullptr;
    QPushButton* m_useSecond = nullptr;
};

/// By its name: .safetensors, .pth, .pt, .bin, .ckpt, .index, .tar.gz, .tgz.
[[nodiscard]] bool isNamedAsWeights(const QString& file);

} // namespace crossiter::ui
