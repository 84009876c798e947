#pragma once

#include "core/store/ModelJobs.h"

#include <QDialog>

class QCheckBox;
class QComboBox;
class QDialogButtonBox;
class QFormLayout;
class QFrame;
class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QSpinBox;

namespace crossiter::ui {

/// How a file of the user's own becomes a model. A program (TorchScript) shows its SHA-256 and
/// wants an explicit "I trust it" before the dialog can be accepted.
class ImportDialog : public QDialog
{
    Q_OBJECT

public:
    ImportDialog(const QString& file, const ImportPreview& preview,
        const std::vector<StoredModel>& known, QWidget* parent = nullptr);

    [[nodiscard]] ImportRequest request() const;

private:
    void build();
    void buildTrust();
    void connectFields();
    void buildNames(QFormLayout& form);
    void proposeKeys(); ///< of the dicts in the file that hold the architecture
    void showNames(); ///< how the file's names are the network's
    [[nodiscard]] const NetworkMatch* match() const; ///< of architecture and key; null: not known
    void refresh();
    void proposeInput(); ///< as the published weights of the architecture want it
    void showChannels(const PreprocessingSpec& input); ///< its scale and shift
    [[nodiscard]] QString problem() const; ///< empty: can be imported

    QString m_file;
    ImportPreview m_preview;
    std::vector<StoredModel> m_known;
    QComboBox* m_architecture = nullptr;
    QComboBox* m_key = nullptr;
    QLabel* m_keyName = nullptr;
    QLabel* m_found = nullptr;
    QCheckBox* m_showNames = nullptr;
    QPlainTextEdit* m_names = nullptr;
    QLineEdit* m_id = nullptr;
    QLineEdit* m_name = nullptr;
    QSpinBox* m_side = nullptr;
    QLineEdit* m_scale = nullptr;
    QLineEdit* m_shift = nullptr;
    QComboBox* m_padding = nullptr;
    QLabel* m_paddingName = nullptr;
    QCheckBox* m_robust = nullptr;
    QFrame* m_trustFrame = nullptr;
    QCheckBox* m_trust = nullptr;
    QLabel* m_problem = nullptr;
    QDialogButtonBox* m_buttons = nullptr;
};

} // namespace crossiter::ui
