#pragma once

#include "ui/plot/LabelMarks.h"
#include "ui/session/Theme.h"

#include <QFont>
#include <QPointF>
#include <QRectF>
#include <QSize>
#include <QString>
#include <QStringList>
#include <QVector>

#include <optional>

class QPainter;

namespace crossiter::ui {

/// The tracks of LeakTracks as they are drawn: what they show, where it lies and how it looks, on
/// the screen and in a figure alike. After another row, label or model: rebuild().
struct LeakTracksPicture
{
    struct Curve
    {
        QString judge;
        int source = -1;
        QVector<double> values; ///< by sub-step
        QVector<int> rings;
    };

    Theme theme;
    QSize size; ///< px
    QFont font;
    QStringList ids; ///< every model that may judge
    QStringList names; ///< for people
    QVector<int> sources; ///< the model's colour as a source; -1: none
    QVector<LeakRow> rows;
    std::optional<int> trueLabel;
    std::optional<int> target; ///< the curves show its probability; nothing: the true label's
    int current = 0; ///< sub-step of the shown row
    bool marksPlace = true; ///< where the window is; a figure does not
    int departure = -1; ///< where the shown row leaves the exact trace; -1: no mark
    int cursorRow = 0;
    int cursorStep = 0;
    bool focused = false; ///< the cursor is drawn

    // Made of the above by rebuild().
    LabelMarks marks;
    QVector<QVector<Curve>> curves; ///< [row]
    int columns = 1; ///< sub-steps of the longest row, the clean image too
    double scaleTop = 1.0; ///< of the curves

    void rebuild();
    void markLabels() { marks.update(rows, trueLabel, theme); } ///< the theme is another one
    void paint(QPainter& painter) const;

    [[nodiscard]] int rowCount() const { return static_cast<int>(rows.size()); }
    [[nodiscard]] int lastDone(int row) const; ///< its newest sub-step
    [[nodiscard]] QRectF cellRect(int row, int subStep) const;
    [[nodiscard]] QRectF curveRect(int row) const;
    /// subStep below 0: on the name.
    [[nodiscard]] bool hit(QPointF position, int& row, int& subStep) const;
    [[nodiscard]] int attackedLabel(int row, int subStep) const; ///< -1: none
    [[nodiscard]] QVector<double> curve(int row, const QString& judge) const;
    [[nodiscard]] QVector<int> rings(int row, const QString& judge) const;
    [[nodiscard]] QString describe(int row, int subStep) const;
    [[nodiscard]] static int leastHeight(int rows);
    [[nodiscard]] static int wantedHeight(int rows);

private:
    [[nodiscard]] double nameWidth() const;
    [[nodiscard]] double rowHeight() const;
    [[nodiscard]] double columnWidth() const;
    [[nodiscard]] double columnLeft(int subStep) const;
    [[nodiscard]] QString modelName(const QString& id) const;
    void paintRow(QPainter& painter, int row) const;
    void paintCells(QPainter& painter, int row) const;
    void paintCurves(QPainter& painter, int row) const;
    void paintAxis(QPainter& painter) const;
};

} // namespace crossiter::ui
