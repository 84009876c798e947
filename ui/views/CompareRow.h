#pragma once

#include "core/image/ImageDiff.h"

#include <QWidget>

class QButtonGroup;
class QComboBox;
class QGridLayout;
class QLabel;
class QSlider;
class QToolButton;

namespace crossiter::ui {

/// The slim row under the panes: how they are compared, and how the perturbation is shown. Breaks
/// into two lines where it is narrow. Shows what it is told; what the user does comes as a signal.
class CompareRow : public QWidget
{
    Q_OBJECT

public:
    explicit CompareRow(QWidget* parent = nullptr);

    void setCompareMode(int mode, bool floatsPossible); ///< number of ImagePanes::CompareMode
    void setShowFloatImage(bool show);
    void setPerturbation(PerturbationMode mode, int gain);

signals:
    void compareModeChosen(int mode);
    void showFloatImageChosen(bool show);
    void perturbationChosen(crossiter::PerturbationMode mode, int gain);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void buildChips();
    void buildGain();
    void announcePerturbation();

    QGridLayout* m_layout = nullptr;
    QWidget* m_chipPart = nullptr;
    QWidget* m_gainPart = nullptr;
    QButtonGroup* m_chips = nullptr;
    QToolButton* m_floatChip = nullptr;
    QComboBox* m_modeBox = nullptr;
    QSlider* m_gainSlider = nullptr;
    QLabel* m_gainLabel = nullptr;
    bool m_twoLines = false;
};

} // namespace crossiter::ui
