#pragma once

#include <QAbstractTableModel>

namespace crossiter::ui {

/// A flat table: what every one answers Qt alike.
class TableModel : public QAbstractTableModel
{
public:
    using QAbstractTableModel::QAbstractTableModel;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const final
    {
        return parent.isValid() ? 0 : countRows();
    }
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const final
    {
        return parent.isValid() ? 0 : countColumns();
    }
    [[nodiscard]] QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const final
    {
        using Check = CheckIndexOption;
        return checkIndex(index, Check::IndexIsValid | Check::ParentIsInvalid) ? cell(index, role)
                                                                               : QVariant();
    }

private:
    [[nodiscard]] virtual int countRows() const = 0;
    [[nodiscard]] virtual int countColumns() const = 0;
    [[nodiscard]] virtual QVariant cell(
        const QModelIndex& index, int role) const = 0; ///< of one that is there
};

} // namespace crossiter::ui
