#pragma once

#include "core/contest/Score.h"
#include "ui/viewmodels/TableModel.h"

#include <QString>
#include <QVector>

#include <optional>

namespace crossiter::ui {

/// One line of a ranking, with what is known beside the raw score.
struct RankedRow
{
    int place = 1; ///< 1-based; ties share one
    QString name;
    long score = 0;
    std::optional<double> normalised; ///< 0..1, of images x opponents
    std::optional<double> overRight; ///< the same over images rightly classified when clean
    std::optional<long> published; ///< the seed's own score, where its tables have the row
    std::optional<double> publishedNormalised;
    QString note; ///< tooltip
};

/// A ranking as a table: place, name, score, shares and, where they are known, published scores.
class RankingModel : public TableModel
{
    Q_OBJECT

public:
    enum Column
    {
        PlaceColumn,
        NameColumn,
        ScoreColumn,
        NormalisedColumn,
        OverRightColumn,
        PublishedColumn,
        PublishedShareColumn,
        ColumnCount
    };
    enum Role
    {
        SortRole = Qt::UserRole + 1 ///< what a column is sorted by; unknown values are last
    };

    explicit RankingModel(QObject* parent = nullptr);

    void setRows(const QVector<RankedRow>& rows);
    [[nodiscard]] const QVector<RankedRow>& rows() const { return m_rows; }
    [[nodiscard]] bool hasPublished() const;

    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] int countRows() const override { return static_cast<int>(m_rows.size()); }
    [[nodiscard]] int countColumns() const override { return ColumnCount; }
    [[nodiscard]] QVariant cell(const QModelIndex& index, int role) const override;
    QVector<RankedRow> m_rows;
};

/// The rows of one kind ("attack", "targeted_attack", "defense"), in the ranking's order.
[[nodiscard]] QVector<RankedRow> rankedRows(
    const std::vector<NormalisedScore>& scores, const std::string& kind);

} // namespace crossiter::ui
