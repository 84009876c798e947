#include "ui/plot/ScoreMatrixPaint.h"

#include "ui/viewmodels/ScoreMatrixModel.h"

#include <QAbstractItemModel>
#include <QFontMetrics>
#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>

namespace crossiter::ui {

namespace {

constexpr int kSpace = 12; ///< round the picture
constexpr int kScaleWidth = 160;
constexpr int kScaleHeight = 10;

QFont bold(QFont font)
{
    font.setBold(true);
    return font;
}

/// Where the parts of an exported picture stand.
struct Layout
{
    int titleHeight = 0;
    int nameWidth = 0; ///< of the rows
    int nameHeight = 0; ///< of the columns, which are written upwards
    int cellWidth = 0;
    int cellHeight = 0;
    int noteHeight = 0;
    QSize size;
};

Layout layoutOf(
    const QAbstractItemModel& model, const QString& title, const QString& note, const QFont& font)
{
    const QFontMetrics metrics(font);
    const QFontMetrics titleMetrics(bold(font));
    Layout layout;
    layout.titleHeight = title.isEmpty() ? 0 : titleMetrics.height() + 8;
    for (int row = 0; row < model.rowCount(); ++row) {
        layout.nameWidth = std::max(layout.nameWidth,
            metrics.horizontalAdvance(model.headerData(row, Qt::Vertical).toString()));
    }
    int widest = metrics.horizontalAdvance(QStringLiteral("100.0 %"));
    for (int column = 0; column < model.columnCount(); ++column) {
        layout.nameHeight = std::max(layout.nameHeight,
            metrics.horizontalAdvance(model.headerData(column, Qt::Horizontal).toString()));
        for (int row = 0; row < model.rowCount(); ++row) {
            const MatrixCell cell = matrixCellOf(model.index(row, column));
            widest = std::max(widest,
                metrics.horizontalAdvance(cell.text)
                    + (cell.place > 0 ? metrics.horizontalAdvance(QStringLiteral(" #99")) : 0));
        }
    }
    layout.cellWidth = widest + 14;
    layout.cellHeight = metrics.height() + 10;
    layout.noteHeight = metrics.height() + 14 + kScaleHeight;
    layout.size = { 2 * kSpace + layout.nameWidth + 8 + model.columnCount() * layout.cellWidth,
        2 * kSpace + layout.titleHeight + layout.nameHeight + 8
            + model.rowCount() * layout.cellHeight + layout.noteHeight };
    layout.size.setWidth(
        std::max({ layout.size.width(), 2 * kSpace + titleMetrics.horizontalAdvance(title),
            2 * kSpace + kScaleWidth + 80 + metrics.horizontalAdvance(note) }));
    return layout;
}

void paintScale(QPainter& painter, const QRect& rect, const Theme& theme)
{
    for (int x = 0; x < rect.width(); ++x) {
        painter.fillRect(QRect(rect.left() + x, rect.top(), 1, rect.height()),
            heatColor(static_cast<double>(x) / (rect.width() - 1)));
    }
    painter.setPen(theme.muted);
    const int baseline = rect.bottom() + 2 + painter.fontMetrics().ascent();
    painter.drawText(rect.left(), baseline, QStringLiteral("0 %"));
    const QString all = QStringLiteral("100 %");
    painter.drawText(
        rect.right() - painter.fontMetrics().horizontalAdvance(all) + 1, baseline, all);
}

} // namespace

MatrixCell matrixCellOf(const QModelIndex& index)
{
    MatrixCell cell;
    cell.text = index.data(Qt::DisplayRole).toString();
    const QVariant share = index.data(ScoreMatrixModel::ShareRole);
    if (share.isValid())
        cell.share = share.toDouble();
    cell.margin = index.data(ScoreMatrixModel::MarginRole).toInt();
    cell.place = index.data(ScoreMatrixModel::PlaceRole).toInt();
    return cell;
}

QColor heatColor(double share)
{
    // Nine stops of viridis (Smith and van der Walt 2015, CC0).
    constexpr std::array<QRgb, 9> kStops { 0xff440154, 0xff472d7b, 0xff3b528b, 0xff2c728e,
        0xff21918c, 0xff28ae80, 0xff5ec962, 0xffaddc30, 0xfffde725 };
    const double at = std::clamp(share, 0.0, 1.0) * (kStops.size() - 1);
    const auto low = std::min(static_cast<std::size_t>(at), kStops.size() - 2);
    const double part = at - static_cast<double>(low);
    const auto mixed = [&](int a, int b) {
        return static_cast<int>(std::lround(a + (b - a) * part));
    };
    const QRgb a = kStops.at(low);
    const QRgb b = kStops.at(low + 1);
    return { mixed(qRed(a), qRed(b)), mixed(qGreen(a), qGreen(b)), mixed(qBlue(a), qBlue(b)) };
}

QColor inkOn(const QColor& background)
{
    return contrastRatio(background, Qt::white) >= contrastRatio(background, Qt::black)
        ? QColor(Qt::white)
        : QColor(Qt::black);
}

void paintMatrixCell(
    QPainter& painter, const QRect& rect, const MatrixCell& cell, const Theme& theme)
{
    painter.save();
    const QRect box = rect.adjusted(0, 0, -1, -1); // a hair of the window between two cells
    QColor ink = theme.text;
    if (cell.share) {
        const QColor fill = heatColor(*cell.share);
        painter.fillRect(box, fill);
        ink = inkOn(fill);
    } else if (cell.margin == ScoreMatrixModel::Cell) {
        painter.fillRect(box, theme.panel); // not known yet
    } else {
        painter.fillRect(rect, theme.window);
        ink = cell.margin == ScoreMatrixModel::Sum ? theme.muted : theme.text;
    }
    painter.setPen(ink);
    if (cell.place > 0) {
        const QString place = QStringLiteral(" #%1").arg(cell.place);
        QFont small = painter.font();
        const QFontMetrics metrics(painter.font());
        small.setPointSizeF(small.pointSizeF() * 0.8);
        const QFontMetrics smallMetrics(small);
        const int width =
            metrics.horizontalAdvance(cell.text) + smallMetrics.horizontalAdvance(place);
        const int left = box.center().x() - width / 2;
        const int base = box.center().y() + (metrics.ascent() - metrics.descent()) / 2 + 1;
        painter.drawText(left, base, cell.text);
        painter.setFont(small);
        painter.setPen(theme.muted);
        painter.drawText(left + metrics.horizontalAdvance(cell.text), base, place);
    } else {
        painter.drawText(box, Qt::AlignCenter, cell.text);
    }
    if (cell.chosen || cell.current) {
        // Light inside dark: seen on every colour of the map.
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(cell.chosen ? theme.accent : theme.muted, 2));
        painter.drawRect(QRectF(box).adjusted(1, 1, 0, 0));
        painter.setPen(
            QPen(cell.share ? ink : theme.window, 1, cell.chosen ? Qt::SolidLine : Qt::DotLine));
        painter.drawRect(QRectF(box).adjusted(2.5, 2.5, -1.5, -1.5));
    }
    painter.restore();
}

QSize matrixPictureSize(
    const QAbstractItemModel& model, const QString& title, const QString& note, const QFont& font)
{
    return layoutOf(model, title, note, font).size;
}

void paintMatrix(QPainter& painter, const QAbstractItemModel& model, const QString& title,
    const QString& note, const QFont& font, const Theme& theme)
{
    const Layout layout = layoutOf(model, title, note, font);
    painter.fillRect(QRect(QPoint(0, 0), layout.size), theme.window);
    painter.setFont(bold(font));
    painter.setPen(theme.text);
    painter.drawText(QRect(kSpace, kSpace, layout.size.width() - 2 * kSpace, layout.titleHeight),
        Qt::AlignLeft | Qt::AlignTop, title);
    painter.setFont(font);
    const int left = kSpace + layout.nameWidth + 8;
    const int top = kSpace + layout.titleHeight + layout.nameHeight + 8;
    for (int column = 0; column < model.columnCount(); ++column) {
        painter.save();
        const int middle = left + column * layout.cellWidth + layout.cellWidth / 2;
        painter.translate(middle, top - 4);
        painter.rotate(-90.0);
        painter.drawText(QRect(0, -layout.cellHeight / 2, layout.nameHeight + 4, layout.cellHeight),
            Qt::AlignLeft | Qt::AlignVCenter, model.headerData(column, Qt::Horizontal).toString());
        painter.restore();
    }
    for (int row = 0; row < model.rowCount(); ++row) {
        const int y = top + row * layout.cellHeight;
        painter.setPen(theme.text);
        painter.drawText(QRect(kSpace, y, layout.nameWidth, layout.cellHeight),
            Qt::AlignRight | Qt::AlignVCenter, model.headerData(row, Qt::Vertical).toString());
        for (int column = 0; column < model.columnCount(); ++column) {
            paintMatrixCell(painter,
                QRect(left + column * layout.cellWidth, y, layout.cellWidth, layout.cellHeight),
                matrixCellOf(model.index(row, column)), theme);
        }
    }
    const int below = top + model.rowCount() * layout.cellHeight + 8;
    paintScale(painter, QRect(kSpace, below, kScaleWidth, kScaleHeight), theme);
    painter.setPen(theme.muted);
    painter.drawText(QRect(kSpace + kScaleWidth + 16, below - 2,
                         layout.size.width() - 2 * kSpace - kScaleWidth - 16, layout.noteHeight),
        Qt::AlignLeft | Qt::AlignTop, note);
}

} // namespace crossiter::ui
