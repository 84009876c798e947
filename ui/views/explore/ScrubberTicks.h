#pragma once

#include "core/attack/AttackTrace.h"
#include "ui/session/Theme.h"

#include <QFont>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <QVector>

#include <memory>

class QPainter;

namespace crossiter::ui {

/// A scrubber's ticks, one a sub-step and one for the clean image: what they say, where they lie
/// and how they are drawn.
struct ScrubberTicks
{
    static constexpr double kTickWidth = 4.0; ///< px; narrower, they are one continuous bar

    Theme theme;
    int count = 0; ///< sub-steps, without the clean image
    QVector<int> sources; ///< of sub-step i + 1, -1 none; may be shorter
    std::shared_ptr<const AttackTrace> trace; ///< null: none is computed
    int trueLabel = -1; ///< -1: not known
    int departure = -1; ///< the first that leaves the exact trace; -1: no flag
    int shown = 0;
    QRectF band; ///< where they lie, widget coordinates

    [[nodiscard]] int lastComputed() const; ///< 0 without a trace
    [[nodiscard]] int roundOf(int subStep) const; ///< from 1; 0: the clean image
    [[nodiscard]] int subStepsPerRound() const;
    [[nodiscard]] int rounds() const;
    [[nodiscard]] double tickWidth() const { return band.width() / (count + 1); } ///< with its gap
    [[nodiscard]] QRectF tickRect(int subStep) const;
    [[nodiscard]] int tickAt(QPointF position) const; ///< nearest tick, 0..count
    [[nodiscard]] QString describe(int subStep) const;

    void paintTicks(QPainter& painter, const QFont& font, const QRect& clip) const;
    void paintBar(QPainter& painter, const QFont& font) const; ///< instead of narrow ticks
    void paintDeparture(QPainter& painter) const;

private:
    void paintAttackedLabel(QPainter& painter, const QRectF& tick, const SubStep& step) const;
};

} // namespace crossiter::ui
