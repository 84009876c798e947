#pragma once

#include <QLineEdit>

#include <limits>

namespace crossiter::ui {

/// A seed as a number: whole, from 0 to the given most. A spin box ends at 2^31 - 1 and would show
/// that for every greater seed. Taken when Return is pressed or the focus goes; what is no seed by
/// then gives way to the one before. Keys: Up and Down one more or less.
class SeedField : public QLineEdit
{
    Q_OBJECT

public:
    /// most: the greatest seed that can be typed.
    explicit SeedField(
        quint64 most = std::numeric_limits<quint64>::max(), QWidget* parent = nullptr);

    /// By the program: no signal. A seed being typed stays while the value is the same. Any seed is
    /// shown as it is, also one above the most that can be typed.
    void setValue(quint64 seed);
    /// What is written in the field, taken or not; the last seed while that is none.
    [[nodiscard]] quint64 value() const;

    [[nodiscard]] QSize sizeHint() const override; ///< room for the usual short seed

signals:
    void valueChanged(quint64 seed); ///< by the user

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void take();

    quint64 m_most;
    quint64 m_value = 0; ///< shown or taken last
};

} // namespace crossiter::ui
