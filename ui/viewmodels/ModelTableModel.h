#pragma once

#include "core/base/Progress.h"
#include "core/classify/ModelStore.h"

#include <QAbstractTableModel>
#include <QString>

#include <vector>

namespace crossiter::ui {

/// "34 %, 12 s left" of a long work; what is not known is left out.
[[nodiscard]] QString progressText(const Progress& progress);

/// All models that the store knows, for the model manager: one a row.
class ModelTableModel : public QAbstractTableModel
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

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(
        const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] QString stateText(const StoredModel& model) const;
    [[nodiscard]] static double megabytes(const StoredModel& model); ///< 0: not known

    std::vector<StoredModel> m_models;
    QString m_fetching;
    Progress m_progress;
};

} // namespace crossiter::ui
