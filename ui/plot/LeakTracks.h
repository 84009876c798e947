#pragma once

#include "ui/plot/Figure.h"
#include "ui/plot/LeakTracksPicture.h"
#include "ui/session/Theme.h"

#include <QImage>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include <optional>

namespace crossiter::ui {

/// Attacks over their sub-steps, one under the other: a cell a sub-step in the colour of the label
/// that it attacked, under it the watched label's probability on every judge, with rings where the
/// true label comes back. Click: go there. With the focus: arrows move, Return goes there, Home and
/// End are the ends.
class LeakTracks : public QWidget
{
    Q_OBJECT

public:
    explicit LeakTracks(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// ids: every model that may judge; names for people; index: of its colour as a source, -1 none
    void setModels(const QStringList& ids, const QStringList& names, const QVector<int>& sources);
    void setRows(const QVector<LeakRow>& rows);
    /// target: the curves show its probability; nothing: the true label's.
    void setLabels(std::optional<int> trueLabel, std::optional<int> target);
    void setCurrent(int subStep); ///< of the shown row
    /// Marks the first sub-step at which the shown row leaves the exact trace; -1: no mark.
    void setDeparture(int subStep);
    void forgetLabels(); ///< another photo: letters and colours are given anew

    [[nodiscard]] int rowCount() const { return m_picture.rowCount(); }
    [[nodiscard]] int cursorRow() const { return m_picture.cursorRow; }
    /// Widget coordinates of a sub-step's cell; of a sub-step's column in the curves.
    [[nodiscard]] QRectF cellRect(int row, int subStep) const;
    [[nodiscard]] QRectF curveRect(int row) const;
    /// What is drawn: for tests and screen readers. -1, empty: nothing there.
    [[nodiscard]] int attackedLabel(int row, int subStep) const
    {
        return m_picture.attackedLabel(row, subStep);
    }
    [[nodiscard]] QVector<double> curve(int row, const QString& judge) const
    {
        return m_picture.curve(row, judge);
    }
    [[nodiscard]] QVector<int> rings(int row, const QString& judge) const
    {
        return m_picture.rings(row, judge);
    }
    [[nodiscard]] QVector<LabelMark> marks() const
    {
        return m_picture.marks.shown();
    } ///< the true label first, then by letter
    [[nodiscard]] QString describe(int row, int subStep) const
    {
        return m_picture.describe(row, subStep);
    }

    [[nodiscard]] QImage grabImage();
    /// The tracks as a figure of its own size, without marks of where the window is; the legend is
    /// the caller's, in figureTheme(): marks() has the letters' colours on the screen.
    [[nodiscard]] Figure figure(QVector<LabelMark>* marks = nullptr) const;
    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    void chosen(int row, int subStep); ///< by mouse or Return; only what is computed

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    void rebuild();
    void moveCursor(int row, int subStep);
    void announce();
    /// The picture at this widget's size, in its font.
    [[nodiscard]] const LeakTracksPicture& placed() const;

    mutable LeakTracksPicture m_picture; ///< placed() brings its size up to date
};

} // namespace crossiter::ui
