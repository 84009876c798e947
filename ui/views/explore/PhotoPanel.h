#pragma once

#include "ui/session/ExplorerSession.h"
#include "ui/session/Theme.h"

#include <QWidget>

class QCheckBox;
class QLabel;
class QToolButton;

namespace crossiter::ui {

class LabelPicker;
class QuietComboBox;

/// What is attacked: the photo's size, how it enters image space, its colours, and its true label.
class PhotoPanel : public QWidget
{
    Q_OBJECT

public:
    explicit PhotoPanel(ExplorerSession& session, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    void focusTrueLabel();

signals:
    void problem(const QString& message);

private:
    void refresh();

    ExplorerSession& m_session;
    QLabel* m_size = nullptr;
    QuietComboBox* m_crop = nullptr;
    QCheckBox* m_colour = nullptr; ///< shown where a photo carries another profile than sRGB
    LabelPicker* m_label = nullptr;
    QToolButton* m_clear = nullptr;
    QLabel* m_origin = nullptr;
    Theme m_theme;
};

} // namespace crossiter::ui
