#pragma once

#include <QComboBox>

#include <optional>

namespace crossiter::ui {

/// One of the 1001 labels, searched by any part of its number or name. Text that is no label is not
/// taken: the last good one comes back.
class LabelPicker : public QComboBox
{
    Q_OBJECT

public:
    explicit LabelPicker(QWidget* parent = nullptr);

    void setLabel(std::optional<int> label); ///< nothing: empty, the placeholder shows. No signal.
    [[nodiscard]] std::optional<int> label() const { return m_label; }
    /// For what an attack aims at: label 0, the background, is not offered and not taken.
    void setWithoutBackground();

signals:
    void labelChosen(int label); ///< by the user
    void textRejected(const QString& text); ///< what the user typed is no label

protected:
    void focusOutEvent(QFocusEvent* event) override;
    void wheelEvent(QWheelEvent* event) override; ///< scrolls what is around, never the label

private:
    void commitText();
    void showLabel(std::optional<int> label);
    void refuse(const QString& text);

    int m_lowest = 0; ///< label that may be chosen
    std::optional<int> m_label;
};

} // namespace crossiter::ui
