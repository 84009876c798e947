#pragma once

#include <QAbstractListModel>

namespace crossiter::ui {

/// The 1001 competition labels, a row each (row = label): "252 Dalmatian". Searched by number or
/// name, so both stand in the text.
class LabelListModel : public QAbstractListModel
{
    Q_OBJECT

public:
    explicit LabelListModel(QObject* parent = nullptr);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(
        const QModelIndex& index, int role = Qt::DisplayRole) const override;

    [[nodiscard]] static QString textOf(int label); ///< 0..1000
    /// A row's text, a number or a name; -1: none of them.
    [[nodiscard]] static int labelOf(const QString& text);
};

} // namespace crossiter::ui
