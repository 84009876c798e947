#include "ui/views/explore/CompareRow.h"

#include "ui/session/Theme.h"
#include "ui/views/common/Controls.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <utility>

namespace crossiter::ui {

namespace {
constexpr int kGap = 8;
} // namespace

CompareRow::CompareRow(QWidget* parent)
    : QWidget(parent)
    , m_chipPart(new QWidget(this))
    , m_extraPart(new QWidget(this))
    , m_gainPart(new QWidget(this))
{
    auto* layout = tightLayout<QVBoxLayout>(this, 4);
    for (QHBoxLayout*& line : m_lines) {
        line = new QHBoxLayout;
        line->setSpacing(kGap);
        layout->addLayout(line);
    }
    buildChips();
    buildGain();
    fitLines();
}

void CompareRow::buildChips()
{
    const auto chip = [this](const QString& text, const QString& tip) {
        return chipButton(m_chipPart, "", text, tip);
    };
    auto* chips = tightLayout<QHBoxLayout>(m_chipPart, 5);
    m_chips = new QButtonGroup(this);
    const std::array<std::pair<QString, QString>, 5> modes = {
        std::pair(tr("panes"), tr("Original, perturbation and adversarial image")),
        std::pair(tr("2-up"), tr("Original and adversarial image, side by side")),
        std::pair(tr("swipe"), tr("One over the other: drag the edge")),
        std::pair(tr("blink"), tr("Both in turn, twice a second")),
        std::pair(tr("difference"), tr("The perturbation alone, large"))
    };
    for (int mode = 0; mode < static_cast<int>(modes.size()); ++mode) {
        const auto& [text, tip] = modes.at(static_cast<std::size_t>(mode));
        auto* button = chip(text, tip);
        m_chips->addButton(button, mode);
        chips->addWidget(button);
    }
    chips->addStretch(1);
    auto* extras = tightLayout<QHBoxLayout>(m_extraPart, 5);
    m_floatChip = chip(tr("float image"),
        tr("The attack's own float image beside the exported one: it is not what is saved"));
    extras->addWidget(m_floatChip);
    m_defendedChip = chip(tr("defended"),
        tr("What the defense of the Defense tab makes of the shown picture, as a further pane "
           "where there is room"));
    m_defendedChip->setObjectName("defendedChip");
    extras->addWidget(m_defendedChip);
    extras->addStretch(1);
    connect(m_chips, &QButtonGroup::idClicked, this, &CompareRow::compareModeChosen);
    connect(m_floatChip, &QToolButton::clicked, this, &CompareRow::showFloatImageChosen);
    connect(m_defendedChip, &QToolButton::clicked, this, &CompareRow::showDefendedChosen);
}

void CompareRow::buildGain()
{
    auto* gains = tightLayout<QHBoxLayout>(m_gainPart, 6);
    m_modeBox = new QComboBox(m_gainPart);
    m_modeBox->addItems({ tr("signed"), tr("magnitude"), tr("\u03b5-normalised") });
    m_modeBox->setAccessibleName(tr("How the perturbation is shown"));
    m_modeBox->setToolTip(
        tr("Signed: grey is unchanged. Magnitude: black is unchanged. "
           "\u03b5-normalised: grey is unchanged, black and white are the whole budget"));
    m_gainSlider = new QSlider(Qt::Horizontal, m_gainPart);
    m_gainSlider->setRange(1, 255);
    m_gainSlider->setPageStep(8);
    m_gainSlider->setMinimumWidth(40);
    m_gainSlider->setMaximumWidth(150);
    m_gainSlider->setAccessibleName(tr("Gain of the perturbation"));
    m_gainSlider->setToolTip(tr("Gain: by what the perturbation is multiplied to be seen"));
    m_gainLabel = new QLabel(m_gainPart);
    m_gainLabel->setFont(tabularFont(font()));
    m_gainLabel->setFixedWidth(fontMetrics().horizontalAdvance(QStringLiteral("\u00d7 255")));
    m_gainLabel->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_pairBox = new QComboBox(m_gainPart);
    m_pairBox->setObjectName("comparedPair");
    m_pairBox->addItems(
        { tr("original, adversarial"), tr("adversarial, defended"), tr("original, defended") });
    m_pairBox->setAccessibleName(tr("Which two pictures are compared"));
    m_pairBox->setToolTip(tr("Which two pictures 2-up, swipe, blink and difference compare. The "
                             "difference of adversarial and defended is what the defense removed"));
    m_pairBox->hide();
    gains->addStretch(1);
    gains->addWidget(m_pairBox);
    gains->addWidget(m_modeBox);
    gains->addWidget(m_gainSlider, 1);
    gains->addWidget(m_gainLabel);
    connect(m_pairBox, &QComboBox::activated, this,
        [this](int row) { emit comparedChosen(static_cast<ComparedPair>(row)); });
    connect(m_modeBox, &QComboBox::activated, this, &CompareRow::announcePerturbation);
    connect(m_gainSlider, &QSlider::valueChanged, this, &CompareRow::announcePerturbation);
}

void CompareRow::announcePerturbation()
{
    emit perturbationChosen(
        static_cast<PerturbationMode>(m_modeBox->currentIndex()), m_gainSlider->value());
}

void CompareRow::setCompareMode(int mode, bool floatsPossible)
{
    m_chips->button(mode)->setChecked(true);
    m_floatChip->setEnabled(floatsPossible);
    if (m_pairBox->isHidden() == (mode != 0)) {
        m_pairBox->setVisible(mode != 0);
        fitLines();
    }
}

void CompareRow::setShowDefended(bool show, bool possible)
{
    m_defendedChip->setChecked(show);
    m_defendedChip->setEnabled(possible);
}

void CompareRow::setCompared(ComparedPair pair)
{
    m_pairBox->setCurrentIndex(static_cast<int>(pair));
}

void CompareRow::setShowFloatImage(bool show)
{
    m_floatChip->setChecked(show);
}

void CompareRow::setPerturbation(PerturbationMode mode, int gain)
{
    const QSignalBlocker block(m_gainSlider);
    m_modeBox->setCurrentIndex(static_cast<int>(mode));
    const bool hasGain = mode != PerturbationMode::EpsilonNormalised;
    m_gainSlider->setValue(gain);
    m_gainSlider->setEnabled(hasGain);
    m_gainLabel->setEnabled(hasGain);
    m_gainLabel->setText(QStringLiteral("\u00d7 %1").arg(gain));
}

void CompareRow::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fitLines();
}

void CompareRow::fitLines()
{
    QWidget* const parts[] = { m_chipPart, m_extraPart, m_gainPart };
    QVector<int> lineOf;
    int line = 0;
    int used = 0;
    for (const QWidget* part : parts) {
        const int wanted =
            (part == m_gainPart ? part->minimumSizeHint() : part->sizeHint()).width();
        if (used > 0 && used + kGap + wanted > width()) {
            ++line;
            used = 0;
        }
        used += (used > 0 ? kGap : 0) + wanted;
        lineOf.append(line);
    }
    if (lineOf == m_lineOf)
        return;
    m_lineOf = lineOf;
    for (QHBoxLayout* row : m_lines)
        for (QWidget* part : parts)
            row->removeWidget(part);
    for (int i = 0; i < 3; ++i)
        m_lines[lineOf.at(i)]->addWidget(parts[i], i == 1 ? 0 : 1);
}

QSize CompareRow::minimumSizeHint() const
{
    // One part a line is the narrowest; what is there now says how high.
    int width = 0;
    for (const QWidget* part : { m_chipPart, m_extraPart, m_gainPart })
        width = std::max(width, part->minimumSizeHint().width());
    return { width, QWidget::minimumSizeHint().height() };
}

} // namespace crossiter::ui
