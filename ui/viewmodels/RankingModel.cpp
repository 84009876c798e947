#include "ui/viewmodels/RankingModel.h"

#include "ui/session/ShownText.h"

#include <algorithm>

namespace crossiter::ui {

namespace {

QString percent(const std::optional<double>& share)
{
    return share ? percentText(*share) : QString();
}

} // namespace

RankingModel::RankingModel(QObject* parent)
    : TableModel(parent)
{
}

void RankingModel::setRows(const QVector<RankedRow>& rows)
{
    beginResetModel();
    m_rows = rows;
    endResetModel();
}

bool RankingModel::hasPublished() const
{
    return std::ranges::any_of(
        m_rows, [](const RankedRow& row) { return row.published.has_value(); });
}

QVariant RankingModel::cell(const QModelIndex& index, int role) const
{
    const RankedRow& row = m_rows.at(index.row());
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(
            (index.column() == NameColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    }
    if (role == Qt::ToolTipRole)
        return row.note.isEmpty() ? row.name : row.name + QLatin1Char('\n') + row.note;
    const bool sorting = role == SortRole;
    if (role != Qt::DisplayRole && !sorting)
        return {};
    const auto cell = [sorting](const auto& value, const QString& text) {
        return sorting ? QVariant::fromValue(value) : QVariant(text);
    };
    const auto share = [&cell](const std::optional<double>& value) {
        return cell(value.value_or(-1.0), percent(value)); // what is not known comes last
    };
    switch (index.column()) {
    case PlaceColumn:
        return cell(row.place, QString::number(row.place));
    case NameColumn:
        return row.name;
    case ScoreColumn:
        return cell(static_cast<qlonglong>(row.score), QString::number(row.score));
    case NormalisedColumn:
        return share(row.normalised);
    case OverRightColumn:
        return share(row.overRight);
    case PublishedColumn:
        return cell(static_cast<qlonglong>(row.published.value_or(-1)),
            row.published ? QString::number(*row.published) : QString());
    case PublishedShareColumn:
        return share(row.publishedNormalised);
    default:
        return {};
    }
}

QVariant RankingModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical || section < 0 || section >= ColumnCount)
        return {};
    static const char* const kNames[] = { QT_TR_NOOP("#"), QT_TR_NOOP("Name"), QT_TR_NOOP("Score"),
        QT_TR_NOOP("Share"), QT_TR_NOOP("Over right"), QT_TR_NOOP("Published"),
        QT_TR_NOOP("Published share") };
    static const char* const kHelps[] = { QT_TR_NOOP("Place; equal scores share one"),
        QT_TR_NOOP("The submission's name"), QT_TR_NOOP("The competition's raw count"),
        QT_TR_NOOP("The score over images × opponents"),
        QT_TR_NOOP("The same over the images that the defense gets right when they are clean"),
        QT_TR_NOOP("The score in the seed's tables, over its own images and opponents"),
        QT_TR_NOOP("The published score over its images × opponents") };
    if (role == Qt::DisplayRole)
        return tr(kNames[section]);
    if (role == Qt::ToolTipRole || role == Qt::AccessibleDescriptionRole)
        return tr(kHelps[section]);
    if (role == Qt::TextAlignmentRole) {
        return QVariant::fromValue(Qt::Alignment(
            (section == NameColumn ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    }
    return {};
}

QVector<RankedRow> rankedRows(const std::vector<NormalisedScore>& scores, const std::string& kind)
{
    QVector<RankedRow> rows;
    for (const NormalisedScore& score : scores) {
        if (score.kind != kind)
            continue;
        RankedRow row;
        row.name = QString::fromStdString(score.name);
        row.score = score.score;
        row.normalised = score.normalised;
        row.overRight = score.normalisedOverRight;
        if (score.rightlyClassified && score.scoreOverRight) {
            row.note = RankingModel::tr("%1 of %2 rightly classified")
                           .arg(*score.scoreOverRight)
                           .arg(*score.rightlyClassified);
        }
        rows << row;
    }
    for (RankedRow& row : rows) {
        row.place = 1
            + static_cast<int>(std::ranges::count_if(
                rows, [&](const RankedRow& other) { return other.score > row.score; }));
    }
    return rows;
}

} // namespace crossiter::ui
