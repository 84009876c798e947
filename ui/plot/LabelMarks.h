#pragma once

#include "core/attack/AttackTrace.h"
#include "ui/session/Theme.h"

#include <QColor>
#include <QString>
#include <QVector>

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

/// Gives the labels that tracks attack their marks.
class LabelMarks
{
public:
    /// Counts anew; a label that is met for the first time gets a mark.
    void update(const QVector<LeakRow>& rows, std::optional<int> trueLabel, const Theme& theme);
    void clear() { m_marks.clear(); } ///< another photo
    [[nodiscard]] const LabelMark* find(int label) const; ///< null: it has none
    [[nodiscard]] QVector<LabelMark> shown() const; ///< the true label first, then by letter

private:
    [[nodiscard]] int freeLetter(); ///< takes it from a label that is not shown where it must

    std::map<int, LabelMark> m_marks; ///< by label
    std::optional<int> m_trueLabel;
};

/// Colours of labels that are not the true one: told apart with the common colour-vision
/// deficiencies, from each other and from the true label's green.
[[nodiscard]] QVector<QColor> leakPalette(const Theme& theme);

} // namespace crossiter::ui
