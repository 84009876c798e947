#include "ui/views/common/SeedField.h"

#include <QKeyEvent>
#include <QValidator>

#include <algorithm>
#include <optional>

namespace crossiter::ui {

namespace {

constexpr int kUsualDigits = 7;

/// Digits alone, at most `most`; nothing: no seed.
std::optional<quint64> parseSeed(const QString& text, quint64 most)
{
    const bool digits = std::ranges::all_of(
        text, [](QChar c) { return c >= QLatin1Char('0') && c <= QLatin1Char('9'); });
    bool fits = false;
    const quint64 seed = text.toULongLong(&fits);
    return digits && fits && seed <= most ? std::optional(seed) : std::nullopt;
}

class SeedValidator : public QValidator
{
public:
    SeedValidator(quint64 most, const quint64& last, QObject* parent)
        : QValidator(parent)
        , m_most(most)
        , m_last(last)
    {
    }

    State validate(QString& text, int& /*position*/) const override
    {
        if (text.isEmpty())
            return Intermediate;
        // One above the most came from a file: it stays until another is typed.
        return parseSeed(text, std::max(m_most, m_last)) ? Acceptable : Invalid;
    }

    void fixup(QString& text) const override { text = QString::number(m_last); }

private:
    quint64 m_most;
    const quint64& m_last; ///< the field's own
};

} // namespace

SeedField::SeedField(quint64 most, QWidget* parent)
    : QLineEdit(parent)
    , m_most(most)
{
    setText(QString::number(m_value));
    setValidator(new SeedValidator(m_most, m_value, this));
    connect(this, &QLineEdit::editingFinished, this, &SeedField::take);
}

void SeedField::setValue(quint64 seed)
{
    if (seed != m_value) {
        m_value = seed;
        setText(QString::number(seed));
        setCursorPosition(0); // of a long one its beginning is seen
    }
}

quint64 SeedField::value() const
{
    return parseSeed(text(), std::max(m_most, m_value)).value_or(m_value);
}

QSize SeedField::sizeHint() const
{
    const QSize hint = QLineEdit::sizeHint();
    const int digits = fontMetrics().horizontalAdvance(QLatin1Char('0')) * kUsualDigits;
    return { std::min(hint.width(), digits + minimumSizeHint().width()), hint.height() };
}

void SeedField::keyPressEvent(QKeyEvent* event)
{
    const bool up = event->key() == Qt::Key_Up;
    if (!up && event->key() != Qt::Key_Down) {
        QLineEdit::keyPressEvent(event);
        return;
    }
    const quint64 now = value();
    if (up ? now < m_most : now > 0)
        setText(QString::number(up ? now + 1 : now - 1));
    take();
    event->accept();
}

void SeedField::take()
{
    const quint64 seed = value();
    const QString canonical = QString::number(seed);
    if (text() != canonical) // "007", or nothing at all
        setText(canonical);
    if (seed != m_value) {
        m_value = seed;
        emit valueChanged(seed);
    }
}

} // namespace crossiter::ui
