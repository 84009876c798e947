#pragma once

#include "core/image/ImageDiff.h"
#include "ui/session/ExplorerState.h"

#include <QVector>
#include <QWidget>

class QButtonGroup;
class QComboBox;
class QHBoxLayout;
class QLabel;
class QSlider;
class QToolButton;

namespace crossiter::ui {

/// The slim row under the panes: how they are compared, which panes there are, and how the
/// perturbation is shown. Breaks into lines where it is narrow. Shows what it is told; what the
/// user does comes as a signal.
class CompareRow : public QWidget
{
    Q_OBJECT

public:
    explicit CompareRow(QWidget* parent = nullptr);

    void setCompareMode(int mode, bool floatsPossible); ///< number of ImagePanes::CompareMode
    void setShowFloatImage(bool show);
    void setShowDefended(bool show, bool possible);
    void setCompared(ComparedPair pair); ///< its box is there where two pictures are compared
    void setPerturbation(PerturbationMode mode, int gain);

    [[nodiscard]] QSize minimumSizeHint() const override;

signals:
    void showDefendedChosen(bool show);
    void comparedChosen(crossiter::ui::ComparedPair pair);
    void compareModeChosen(int mode);
    void showFloatImageChosen(bool show);
    void perturbationChosen(crossiter::PerturbationMode mode, int gain);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildChips();
    void buildGain();
    void fitLines();
    void announcePerturbation();

    QHBoxLayout* m_lines[3] = {};
    QWidget* m_chipPart = nullptr;
    QWidget* m_extraPart = nullptr;
    QWidget* m_gainPart = nullptr;
    QButtonGroup* m_chips = nullptr;
    QToolButton* m_floatChip = nullptr;
    QToolButton* m_defendedChip = nullptr;
    QComboBox* m_pairBox = nullptr;
    QComboBox* m_modeBox = nullptr;
    QSlider* m_gainSlider = nullptr;
    QLabel* m_gainLabel = nullptr;
    QVector<int> m_lineOf; ///< of each part
};

} // namespace crossiter::ui
