#pragma once

#include "core/attack/AttackTrace.h"
#include "core/image/Image.h"
#include "core/image/ImageDiff.h"
#include "ui/session/ExplorerState.h"
#include "ui/session/Theme.h"
#include "ui/views/explore/PictureMaker.h"
#include "ui/views/explore/ViewTransform.h"

#include <QImage>
#include <QPoint>
#include <QVector>
#include <QWidget>

#include <memory>
#include <optional>

class QTimer;

namespace crossiter::ui {

class CompareRow;
class ImagePane;
class PaneGrid;
struct DefendedView;
struct PaneChoice;

/// Original | Perturbation | Adversarial | Defended (and, on demand, the attack's float image) with
/// one zoom, one pan and one crosshair; below them a slim row: comparison, perturbation mode and
/// gain. Shows what it is given; the pictures of the last 64 sub-steps are kept. Keys with the
/// focus: + - zoom, 0 fit, 1 one to one, arrows move the probe (Shift: by 10), Ctrl+arrows pan,
/// Escape ends the probe.
class ImagePanes : public QWidget
{
    Q_OBJECT

public:
    /// What one looks at: all panes; two of them (setCompared) side by side; one over the other
    /// with a movable edge; the two in turn (twice a second); their difference alone.
    enum class CompareMode
    {
        Panes,
        TwoUp,
        Swipe,
        Blink,
        Difference
    };
    Q_ENUM(CompareMode)

    /// Numbers for paneImage() and pane(). Stable, whether shown or not.
    enum Pane
    {
        OriginalPane,
        PerturbationPane,
        AdversarialPane,
        FloatPane,
        DefendedPane,
        PaneCount
    };

    explicit ImagePanes(QWidget* parent = nullptr);
    ~ImagePanes() override;

    void setTheme(const Theme& theme);

    void setClean(const Image& clean); ///< forgets trace and sub-step; keeps zoom when sizes agree
    void setTrace(std::shared_ptr<const AttackTrace> trace); ///< gives epsilon; null: none
    void setSubStep(std::shared_ptr<const SubStep> subStep); ///< null: only the original

    void setPerturbation(PerturbationMode mode, int gain); ///< gain 1..255, else clamped
    [[nodiscard]] PerturbationMode perturbationMode() const { return m_pictures.mode(); }
    [[nodiscard]] int gain() const { return m_pictures.gain(); }

    void setCompareMode(CompareMode mode);
    [[nodiscard]] CompareMode compareMode() const { return m_compare; }

    /// The attack's own image as a further pane (in panes and 2-up), where the trace keeps it.
    void setShowFloatImage(bool show);

    /// What the defense makes of the shown picture; null: nothing. note: "299 -> 200 -> 299".
    void setDefended(std::shared_ptr<const DefendedView> defended, const QString& note);
    /// As a further pane where every pane keeps kLeastPaneWidth, else left out.
    void setShowDefended(bool show);
    [[nodiscard]] bool showDefended() const { return m_showDefended; }
    void setCompared(ComparedPair pair);
    [[nodiscard]] ComparedPair compared() const { return m_pair; }
    static constexpr int kLeastPaneWidth = 100;
    static constexpr double kZoomStep = 1.25; ///< of a key

    /// What the pane shows, unzoomed, at the image's own size. Null when there is nothing.
    [[nodiscard]] QImage paneImage(int pane) const { return m_pictures.image(pane); }
    [[nodiscard]] ImagePane* pane(int pane) const;
    [[nodiscard]] const ViewTransform& viewTransform() const { return m_view; }
    /// "x 143 y 87 · original ...": empty when outside the image or without one.
    [[nodiscard]] QString probeText(QPoint pixel) const
    {
        return m_pictures.probeText(pixel, m_showFloat, m_showDefended);
    }

    [[nodiscard]] QSize sizeHint() const override { return { 760, 340 }; }

public slots:
    void zoomIn() { zoomBy(kZoomStep); }
    void zoomOut() { zoomBy(1.0 / kZoomStep); }
    void zoomFit() { setTransform({}); }
    void zoomOneToOne(); ///< one image pixel on one pixel of the screen

signals:
    void probed(const QString& text); ///< empty: the pointer left
    void perturbationChanged(crossiter::PerturbationMode mode, int gain); ///< by the user
    void compareModeChanged(crossiter::ui::ImagePanes::CompareMode mode); ///< by the user
    void showFloatImageChanged(bool show); ///< by the user
    void showDefendedChanged(bool show); ///< by the user
    void comparedChanged(crossiter::ui::ComparedPair pair); ///< by the user
    void copyRequested(const QImage& image);
    void saveRequested(const QImage& image);
    /// A picture of this sub-step is on the screen: what a player waits for.
    void frameShown(int subStep);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    void connectPanes();
    void connectRow();
    void fitColumns();
    void arrange();
    void showPictures();
    void showHeaders();
    void setTransform(const ViewTransform& view);
    void zoomBy(double factor, std::optional<QPointF> anchor = {});
    void setProbe(std::optional<QPoint> pixel);
    void updateRow();
    void panePainted(int pane);
    void showMenu(int pane, QPoint globalPosition);
    void changePerturbation(PerturbationMode mode, int gain);
    [[nodiscard]] PaneChoice choice() const;
    [[nodiscard]] ImagePane* reference() const; ///< a visible pane, for its size
    [[nodiscard]] bool roomForDefended() const;

    Theme m_theme;
    PictureMaker m_pictures;
    CompareMode m_compare = CompareMode::Panes;
    bool m_showFloat = false;
    bool m_blinkSecond = false;
    bool m_showDefended = false;
    bool m_defendedFits = false;
    ComparedPair m_pair = ComparedPair::OriginalAdversarial;
    ViewTransform m_view;
    std::optional<QPoint> m_probe;
    std::unique_ptr<PaneGrid> m_grid;
    CompareRow* m_row = nullptr;
    bool m_focusRing = false; ///< the focus came by the keyboard
    bool m_frameDue = false; ///< the sub-step's picture was not painted yet
    QTimer* m_blink = nullptr;
};

} // namespace crossiter::ui
