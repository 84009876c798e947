#pragma once

#include "core/base/Progress.h"
#include "core/classify/ModelStore.h"
#include "ui/viewmodels/TableModel.h"

#include <QString>

#include <vector>

namespace crossiter::ui {

/// "34 %, 12 s left" of a long work; what is not known is left out.
[[nodiscard]] QString progressText(const Progress& progress);

/// All models that the store knows, for the model manager: one a row.
class ModelTableModel : public TableModel
{
    Q_OBJECT

public:
    enum Column
    {
        NameColumn,
        SizeColumn,
        AccuracyColumn,
        StateColumn,
        ColumnCount
    };
    enum Role
    {
        IdRole = Qt::UserRole + 1,
        InstalledRole
    };

    explicit ModelTableModel(QObject* parent = nullptr);

    void setModels(std::vector<StoredModel> models);
    /// The model that is being fetched, and how far; an empty id: none.
    void setFetching(const QString& id, const Progress& progress = {});

    [[nodiscard]] const StoredModel* at(int row) const; ///< null outside the rows
    [[nodiscard]] int rowOf(const QString& id) const; ///< -1: not there

    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] int countRows() const override { return static_cast<int>(m_models.size()); }
    [[nodiscard]] int countColumns() const override { return ColumnCount; }
    [[nodiscard]] QVariant cell(const QModelIndex& index, int role) const override;
    [[nodiscard]] QString stateText(const StoredModel& model) const;
    [[nodiscard]] static double megabytes(const StoredModel& model); ///< 0: not known

    std::vector<StoredModel> m_models;
    QString m_fetching;
    Progress m_progress;
};

} // namespace crossiter::ui
