#pragma once

#include "core/attack/AttackTrace.h"
#include "core/image/Image.h"
#include "core/image/ImageDiff.h"

#include <QImage>
#include <QPoint>
#include <QString>

#include <array>
#include <memory>

namespace crossiter::ui {

class RenderCache;
struct DefendedView;
struct PaneChoice;

/// What stands above a pane.
struct PaneHeader
{
    QString title;
    QString note; ///< muted, at the right
    QString shortNote; ///< where the note has no room
};

/// The pictures that image panes show and the words above them, made of the clean picture, a
/// trace's sub-step and what stands behind a defense. Pictures of the last 64 sub-steps are kept.
/// Panes are ImagePanes::Pane.
class PictureMaker
{
public:
    PictureMaker();
    ~PictureMaker();

    void setClean(const Image& clean); ///< forgets all else
    void setTrace(std::shared_ptr<const AttackTrace> trace) { m_trace = std::move(trace); }
    void setSubStep(std::shared_ptr<const SubStep> subStep) { m_subStep = std::move(subStep); }
    void setPerturbation(PerturbationMode mode, int gain); ///< gain 1..255
    void setDefended(std::shared_ptr<const DefendedView> defended, const QString& note);

    [[nodiscard]] const Image& clean() const { return m_clean; }
    [[nodiscard]] const std::shared_ptr<const SubStep>& subStep() const { return m_subStep; }
    [[nodiscard]] bool hasDefended() const { return m_defended != nullptr; }
    [[nodiscard]] PerturbationMode mode() const { return m_mode; }
    [[nodiscard]] int gain() const { return m_gain; }
    [[nodiscard]] int epsilon255() const; ///< the trace's, at least 1; 16 without one

    /// Unzoomed, at the picture's own size. Null when there is nothing.
    [[nodiscard]] QImage image(int pane) const;
    [[nodiscard]] QImage difference(int first, int second) const; ///< of two panes
    /// "x 143 y 87 · original ...": empty when outside the picture or without one.
    [[nodiscard]] QString probeText(QPoint pixel, bool floatsShown, bool defendedShown) const;
    /// By pane. zoom: "200 %", empty when the picture fits; blinkSecond: which of the two is seen.
    [[nodiscard]] std::array<PaneHeader, 5> headers(
        const PaneChoice& choice, const QString& zoom, bool blinkSecond) const;

private:
    Image m_clean;
    QImage m_cleanPicture;
    std::shared_ptr<const AttackTrace> m_trace;
    std::shared_ptr<const SubStep> m_subStep;
    PerturbationMode m_mode = PerturbationMode::Signed;
    int m_gain = 7;
    std::shared_ptr<const DefendedView> m_defended;
    QImage m_defendedPicture;
    QString m_defendedNote;
    std::unique_ptr<RenderCache> m_cache;
};

} // namespace crossiter::ui
