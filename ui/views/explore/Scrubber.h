#pragma once

#include "core/attack/AttackTrace.h"
#include "ui/session/Theme.h"
#include "ui/views/explore/ScrubberTicks.h"

#include <QRectF>
#include <QVector>
#include <QWidget>

#include <memory>

class QTimer;
class QToolButton;

namespace crossiter::ui {

/// One tick a sub-step, tick 0 = the clean image. The plan says which ticks there will be, the
/// trace which are done; only those can be chosen. Keys: Left / Right a sub-step, PageUp / PageDown
/// a round, Home / End, Space plays.
class Scrubber : public QWidget
{
    Q_OBJECT
    Q_PROPERTY(int current READ current WRITE setCurrent NOTIFY currentChanged)
    Q_PROPERTY(int framesPerSecond READ framesPerSecond WRITE setFramesPerSecond)

public:
    explicit Scrubber(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);

    /// subStepCount: without the clean image, 0..2000 (more is possible). sourceOfSubStep[i]: the
    /// source of sub-step i + 1, -1 none; may be shorter: the rest has none.
    void setPlan(int subStepCount, const QVector<int>& sourceOfSubStep);
    void setRunning(bool running) { m_running = running; } ///< the trace still grows
    /// Null: only tick 0 can be chosen. Chosen ticks that the trace does not have fall back to its
    /// last.
    void setTrace(std::shared_ptr<const AttackTrace> trace);
    /// Colours the mark of each tick: attacked the true label or another. -1: not known.
    void setTrueLabel(int label);
    /// A flag at the first sub-step at which the trace leaves the exact one; -1: none.
    void setDeparture(int subStep);
    [[nodiscard]] int departure() const { return m_ticks.departure; }

    void setCurrent(int subStep); ///< clamped to what is computed
    [[nodiscard]] int current() const { return m_ticks.shown; }
    [[nodiscard]] int lastComputed() const { return m_ticks.lastComputed(); }
    [[nodiscard]] int subStepCount() const { return m_ticks.count; }

    void setFramesPerSecond(int fps); ///< 2..10, default 4
    [[nodiscard]] int framesPerSecond() const { return m_fps; }
    [[nodiscard]] bool isPlaying() const { return m_playing; }
    /// Play then waits for frameShown(current()) too, not only for its own painting.
    void setWaitsForFrames(bool waits);

    /// Where a tick is painted, widget coordinates (with many ticks: its part of the bar).
    [[nodiscard]] QRectF tickRect(int subStep) const { return m_ticks.tickRect(subStep); }
    /// "round 3 of 5", of a series "step 3 of 5", "clean image".
    [[nodiscard]] QString roundText() const;

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

public slots:
    void play();
    void pause();
    void togglePlay();
    void next();
    void previous();
    void first();
    void last();
    void nextRound();
    void previousRound();
    void frameShown(int subStep);

signals:
    void currentChanged(int subStep); ///< by whatever means
    void playingChanged(bool playing);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;
    bool event(QEvent* event) override;

private:
    [[nodiscard]] QString roundText(int round) const;
    void advance();
    void layOut();
    void announce();
    void updatePlayButton();

    ScrubberTicks m_ticks;
    int m_fps = 4;
    bool m_playing = false;
    bool m_running = false;
    bool m_waitsForFrames = false;
    bool m_painted = true; ///< the current tick, since it was chosen
    bool m_frameShown = true;
    QRectF m_labelRect;
    QToolButton* m_playButton = nullptr;
    QTimer* m_timer = nullptr;
};

} // namespace crossiter::ui
