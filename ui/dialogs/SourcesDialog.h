#pragma once

#include "core/classify/ModelStore.h"
#include "ui/session/Theme.h"

#include <QDialog>

#include <string>
#include <vector>

class QDialogButtonBox;
class QListView;
class QToolButton;

namespace crossiter::ui {

class ModelListModel;

/// The ordered list of 1 to 8 sources, and which further models judge.
class SourcesDialog : public QDialog
{
    Q_OBJECT

public:
    SourcesDialog(const std::vector<StoredModel>& known, const std::vector<std::string>& sources,
        const std::vector<std::string>& judges, const Theme& theme, QWidget* parent = nullptr);

    [[nodiscard]] std::vector<std::string> sources() const;
    [[nodiscard]] std::vector<std::string> judges() const;

private:
    void build(const Theme& theme);
    void refresh();
    void move(int by);

    std::vector<StoredModel> m_known;
    ModelListModel* m_sources = nullptr;
    ModelListModel* m_judges = nullptr;
    QListView* m_sourceList = nullptr;
    QListView* m_judgeList = nullptr;
    QToolButton* m_add = nullptr;
    QToolButton* m_remove = nullptr;
    QToolButton* m_up = nullptr;
    QToolButton* m_down = nullptr;
    QDialogButtonBox* m_buttons = nullptr;
};

} // namespace crossiter::ui
