#pragma once

#include "ui/session/Theme.h"

#include <QModelIndex>
#include <QRect>
#include <QString>

#include <optional>

class QAbstractItemModel;
class QPainter;

namespace crossiter::ui {

/// One cell of the matrix, as it is drawn on the screen and in exports.
struct MatrixCell
{
    QString text;
    std::optional<double> share; ///< 0..1: coloured; nothing: a margin
    int margin = 0; ///< ScoreMatrixModel::Margin
    int place = 0; ///< of a score; 0: none
    bool chosen = false;
    bool current = false;
};

[[nodiscard]] MatrixCell matrixCellOf(const QModelIndex& index);

/// The heat map's colour of a share 0..1 (viridis), and the one of black and white that reads
/// better on it.
[[nodiscard]] QColor heatColor(double share);
[[nodiscard]] QColor inkOn(const QColor& background);

void paintMatrixCell(
    QPainter& painter, const QRect& rect, const MatrixCell& cell, const Theme& theme);

/// The whole matrix of `model` (names from its headers) with title, a line below it and the scale
/// of colours. `size` of it first; both in the painter's font.
[[nodiscard]] QSize matrixPictureSize(
    const QAbstractItemModel& model, const QString& title, const QString& note, const QFont& font);
void paintMatrix(QPainter& painter, const QAbstractItemModel& model, const QString& title,
    const QString& note, const QFont& font, const Theme& theme);

} // namespace crossiter::ui
