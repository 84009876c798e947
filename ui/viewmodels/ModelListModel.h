#pragma once

#include "core/classify/ModelStore.h"

#include <QAbstractListModel>
#include <QString>
#include <QVector>

#include <string>
#include <vector>

namespace crossiter::ui {

/// "Robust: EfficientNet-Lite1": the word only for what the manifest calls robust.
[[nodiscard]] QString modelTitle(const ModelManifest& manifest);

/// "Lite1" of "EfficientNet-Lite1" where all `names` begin alike; else the name as it is.
[[nodiscard]] QString shortModelName(const QString& name, const QStringList& names);

/// Models of the store, a row each, in an order that the user decides (move) or with check marks.
class ModelListModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role
    {
        IdRole = Qt::UserRole + 1,
        InstalledRole
    };

    explicit ModelListModel(QObject* parent = nullptr);

    /// ids that the store does not know are shown by their id. checkable: a box before each row.
    void setModels(const std::vector<StoredModel>& known, const std::vector<std::string>& ids,
        bool checkable = false);
    void append(const StoredModel& model);
    void removeAt(int row); ///< outside the rows: ignored
    bool moveRow(int row, int by); ///< by -1 or 1; false at the ends
    void setChecked(const std::vector<std::string>& ids);

    [[nodiscard]] std::vector<std::string> ids() const;
    [[nodiscard]] std::vector<std::string> checkedIds() const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(
        const QModelIndex& index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role = Qt::EditRole) override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    struct Item
    {
        std::string id;
        QString title;
        QString tip;
        bool installed = false;
        bool checked = false;
    };
    [[nodiscard]] static Item itemOf(const StoredModel& model);

    QVector<Item> m_items;
    bool m_checkable = false;
};

} // namespace crossiter::ui
