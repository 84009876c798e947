#include "ui/views/CompareRow.h"

#include "ui/session/Theme.h"

#include <QButtonGroup>
#include <QComboBox>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>

#include <array>
#include <utility>

namespace crossiter::ui {

CompareRow::CompareRow(QWidget* parent)
    : QWidget(parent)
    , m_layout(new QGridLayout(this))
    , m_chipPart(new QWidget(this))
    , m_gainPart(new QWidget(this))
{
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setHorizontalSpacing(12);
    m_layout->setVerticalSpacing(4);
    buildChips();
    buildGain();
    m_layout->addWidget(m_chipPart, 0, 0);
    m_layout->addWidget(m_gainPart, 0, 1);
}

void CompareRow::buildChips()
{
    const auto chip = [this](const QString& text, const QString& tip) {
        auto* button = new QToolButton(m_chipPart);
        button->setText(text);
        button->setToolTip(tip);
        button->setAccessibleName(text);
        button->setAccessibleDescription(tip);
        button->setCheckable(true);
        button->setProperty("chip", true);
        button->setFocusPolicy(Qt::TabFocus);
        return button;
    };
    m_chipPart = new QWidget(this);
    auto* chips = new QHBoxLayout(m_chipPart);
    chips->setContentsMargins(0, 0, 0, 0);
    chips->setSpacing(5);
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
    chips->addSpacing(6);
    m_floatChip = chip(tr("float image"),
        tr("The attack's own float image beside the exported one: it is not what is saved"));
    chips->addWidget(m_floatChip);
    chips->addStretch(1);
    connect(m_chips, &QButtonGroup::idClicked, this, &CompareRow::compareModeChosen);
    connect(m_floatChip, &QToolButton::clicked, this, &CompareRow::showFloatImageChosen);
}

void CompareRow::buildGain()
{
    auto* gains = new QHBoxLayout(m_gainPart);
    gains->setContentsMargins(0, 0, 0, 0);
    gains->setSpacing(6);
    m_modeBox = new QComboBox(m_gainPart);
    m_modeBox->addItems({ tr("signed"), tr("magnitude"), tr("\u03b5-normalised") });
    m_modeBox->setAccessibleName(tr("How the perturbation is shown"));
    m_modeBox->setToolTip(
        tr("Signed: grey is unchanged. Magnitude: black is unchanged. "
           "\u03b5-normalised: grey is unchanged, black and white are the whole budget"));
    m_gainSlider = new QSlider(Qt::Horizontal, m_gainPart);
    m_gainSlider->setRange(1, 255);
    m_gainSlider->setPageStep(8);
    m_gainSlider->setMinimumWidth(70);
    m_gainSlider->setMaximumWidth(150);
    m_gainSlider->setAccessibleName(tr("Gain of the perturbation"));
    m_gainSlider->setToolTip(tr("Gain: by what the perturbation is multiplied to be seen"));
    m_gainLabel = new QLabel(m_gainPart);
    m_gainLabel->setFont(tabularFont(font()));
    m_gainLabel->setFixedWidth(fontMetrics().horizontalAdvance(QStringLiteral("\u00d7 255")));
    m_gainLabel->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    gains->addStretch(1);
    gains->addWidget(m_modeBox);
    gains->addWidget(m_gainSlider, 1);
    gains->addWidget(m_gainLabel);
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
    const int wanted = m_chipPart->sizeHint().width() + m_gainPart->sizeHint().width() + 12;
    const bool twoLines = width() < wanted;
    if (twoLines != m_twoLines) {
        m_twoLines = twoLines;
        m_layout->removeWidget(m_gainPart);
        m_layout->addWidget(m_gainPart, twoLines ? 1 : 0, twoLines ? 0 : 1);
    }
}

} // namespace crossiter::ui
