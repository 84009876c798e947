#pragma once

#include "core/attack/AttackTrace.h"
#include "ui/plot/Figure.h"
#include "ui/session/Theme.h"

#include <QColor>
#include <QImage>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <QVector>
#include <QWidget>

#include <map>
#include <memory>
#include <optional>

namespace crossiter::ui {

/// One track as it is to be drawn.
struct LeakRow
{
    QString name;
    QString note; ///< under the name, muted
    std::shared_ptr<const AttackTrace> trace; ///< null: an empty track
    int planned = 0; ///< sub-steps there will be
    bool shown = false; ///< the explorer shows this one
    bool available = true; ///< false: it cannot be computed; drawn faded
};

/// How an attacked label is drawn: the true one green with a dot, the others with a colour and a
/// letter each, which stay the same while the photo stays; once all letters were given, a label
/// that no track shows any more gives its own back. With more than 26 labels on screen: AA, AB ...
struct LabelMark
{
    int label = -1;
    QString letter;
    int number = -1; ///< of the letter, from 0; below: none
    QColor color;
    QColor ink; ///< of the letter on it
    bool hatched = false; ///< the colours are used up: the same again, hatched
    int count = 0; ///< sub-steps of all rows that attacked it
};

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

    [[nodiscard]] int rowCount() const { return static_cast<int>(m_rows.size()); }
    [[nodiscard]] int cursorRow() const { return m_cursorRow; }
    [[nodiscard]] int cursorSubStep() const { return m_cursorStep; }
    /// Widget coordinates of a sub-step's cell; of a sub-step's column in the curves.
    [[nodiscard]] QRectF cellRect(int row, int subStep) const;
    [[nodiscard]] QRectF curveRect(int row) const;
    /// What is drawn: for tests and screen readers. -1, empty: nothing there.
    [[nodiscard]] int attackedLabel(int row, int subStep) const;
    [[nodiscard]] QVector<double> curve(int row, const QString& judge) const;
    [[nodiscard]] QVector<int> rings(int row, const QString& judge) const;
    [[nodiscard]] QVector<LabelMark> marks() const; ///< the true label first, then by letter
    [[nodiscard]] QString describe(int row, int subStep) const;

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
    struct Curve
    {
        QString judge;
        int source = -1;
        QVector<double> values; ///< by sub-step
        QVector<int> rings;
    };
    void rebuild();
    void markLabels();
    [[nodiscard]] int freeLetter(); ///< takes it from a label that is not shown where it must
    void moveCursor(int row, int subStep);
    void announce();
    [[nodiscard]] bool hit(QPointF position, int& row, int& subStep) const;
    [[nodiscard]] double nameWidth() const;
    [[nodiscard]] double rowHeight() const;
    [[nodiscard]] double columnWidth() const;
    [[nodiscard]] double columnLeft(int subStep) const;
    [[nodiscard]] int lastDone(int row) const;
    [[nodiscard]] const LabelMark* markOf(int label) const;
    [[nodiscard]] QString modelName(const QString& id) const;
    void paintAll(QPainter& painter) const;
    void paintRow(QPainter& painter, int row) const;
    void paintCells(QPainter& painter, int row) const;
    void paintCurves(QPainter& painter, int row) const;
    void paintAxis(QPainter& painter) const;

    Theme m_theme;
    QStringList m_ids;
    QStringList m_names;
    QVector<int> m_sources;
    QVector<LeakRow> m_rows;
    QVector<QVector<Curve>> m_curves; ///< [row]
    std::optional<int> m_trueLabel;
    std::optional<int> m_target;
    std::map<int, LabelMark> m_marks; ///< by label
    int m_columns = 1; ///< sub-steps of the longest row, the clean image too
    double m_top = 1.0; ///< of the curves' scale
    int m_current = 0;
    bool m_marksPlace = true; ///< where the window is; a figure does not
    int m_departure = -1;
    int m_cursorRow = 0;
    int m_cursorStep = 0;
};

/// Colours of labels that are not the true one: told apart with the common colour-vision
/// deficiencies, from each other and from the true label's green.
[[nodiscard]] QVector<QColor> leakPalette(const Theme& theme);

} // namespace crossiter::ui
