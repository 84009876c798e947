#include "ui/views/common/ValueSlider.h"

#include "ui/views/common/Controls.h"

#include <QDoubleSpinBox>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QSignalBlocker>
#include <QSlider>
#include <QVBoxLayout>

#include <cmath>

namespace crossiter::ui {

namespace {

/// No trailing zeros: "6.375", "1".
class PlainSpinBox : public QDoubleSpinBox
{
public:
    using QDoubleSpinBox::QDoubleSpinBox;
    [[nodiscard]] QString textFromValue(double value) const override
    {
        QString text = QString::number(value, 'f', decimals());
        while (text.contains(QLatin1Char('.'))
            && (text.endsWith(QLatin1Char('0')) || text.endsWith(QLatin1Char('.'))))
            text.chop(1);
        return text;
    }
    [[nodiscard]] QSize sizeHint() const override { return wide(QDoubleSpinBox::sizeHint()); }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return wide(QDoubleSpinBox::minimumSizeHint());
    }

private:
    /// Qt asks for the room of the least and the highest value, which have no decimals here.
    [[nodiscard]] QSize wide(QSize size) const
    {
        if (decimals() > 0)
            size.rwidth() += fontMetrics().horizontalAdvance(
                QLatin1Char('.') + QString(decimals(), QLatin1Char('0')));
        return size;
    }
};

} // namespace

ValueSlider::ValueSlider(
    const QString& name, const Range& range, const QString& suffix, QWidget* parent)
    : QWidget(parent)
    , m_range(range)
    , m_name(new QLabel(name, this))
    , m_spin(new PlainSpinBox(this))
    , m_slider(new QSlider(Qt::Horizontal, this))
{
    setLocale(QLocale::c());
    m_name->setProperty("role", QStringLiteral("muted"));
    m_name->setBuddy(m_spin);
    m_spin->setLocale(QLocale::c());
    m_spin->setDecimals(range.decimals);
    m_spin->setRange(range.low, range.high);
    m_spin->setSingleStep(range.step);
    m_spin->setSuffix(suffix);
    m_spin->setAlignment(Qt::AlignRight);
    m_spin->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_spin->setKeyboardTracking(false); // typing 12 must not run 1 first
    m_spin->setAccessibleName(name);
    m_spin->setObjectName("valueSpin");
    m_slider->setRange(static_cast<int>(std::ceil(range.sliderLow / range.step)),
        static_cast<int>(std::floor(range.sliderHigh / range.step)));
    m_slider->setAccessibleName(name);
    m_slider->setPageStep(std::max(1, (m_slider->maximum() - m_slider->minimum()) / 8));
    for (QWidget* part : std::initializer_list<QWidget*> { m_spin, m_slider }) {
        part->setFocusPolicy(Qt::StrongFocus);
        part->installEventFilter(this);
    }

    auto* top = new QHBoxLayout;
    top->setContentsMargins(0, 0, 0, 0);
    top->addWidget(m_name);
    top->addStretch();
    top->addWidget(m_spin);
    auto* layout = tightLayout<QVBoxLayout>(this, 2);
    layout->addLayout(top);
    layout->addWidget(m_slider);

    connect(m_slider, &QSlider::valueChanged, this, [this](int position) {
        const QSignalBlocker blocker(m_spin);
        m_spin->setValue(position * m_range.step);
        emit valueChanged(value());
    });
    connect(
        m_spin, &QDoubleSpinBox::valueChanged, this,
        [this](double number) {
            const QSignalBlocker blocker(m_slider);
            m_slider->setValue(static_cast<int>(std::lround(number / m_range.step)));
            emit valueChanged(number);
        });
    connect(
        m_slider, &QSlider::sliderPressed, this, [this] { emit draggingChanged(true); });
    connect(m_slider, &QSlider::sliderReleased, this, [this] { emit draggingChanged(false); });
}

void ValueSlider::setValue(double value)
{
    const QSignalBlocker spinBlocker(m_spin);
    const QSignalBlocker sliderBlocker(m_slider);
    if (m_spin->value() != value) // a text being typed stays
        m_spin->setValue(value);
    if (!m_slider->isSliderDown())
        m_slider->setValue(static_cast<int>(std::lround(value / m_range.step)));
}

double ValueSlider::value() const
{
    return m_spin->value();
}

void ValueSlider::setHelp(const QString& text)
{
    for (QWidget* part : std::initializer_list<QWidget*> { this, m_spin, m_slider }) {
        part->setToolTip(text);
        part->setWhatsThis(text);
        part->setAccessibleDescription(text);
    }
}

bool ValueSlider::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() == QEvent::Wheel && !static_cast<QWidget*>(watched)->hasFocus()) {
        event->ignore();
        return true;
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace crossiter::ui
