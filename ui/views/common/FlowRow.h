#pragma once

#include <QEvent>
#include <QVector>
#include <QWidget>

#include <algorithm>

namespace crossiter::ui {

/// Small widgets in a line that wraps where the room ends.
class FlowRow : public QWidget
{
public:
    explicit FlowRow(QWidget* parent = nullptr)
        : QWidget(parent)
    {
        QSizePolicy policy(QSizePolicy::Preferred, QSizePolicy::Minimum);
        policy.setHeightForWidth(true);
        setSizePolicy(policy);
    }

    void add(QWidget* widget)
    {
        widget->setParent(this);
        widget->installEventFilter(this);
        m_items << widget;
        updateGeometry();
    }

    [[nodiscard]] bool hasHeightForWidth() const override { return true; }
    [[nodiscard]] int heightForWidth(int width) const override { return place(width, false); }
    [[nodiscard]] QSize sizeHint() const override
    {
        int width = 0;
        for (const QWidget* item : m_items)
            width += item->isHidden() ? 0 : item->sizeHint().width() + kGap;
        return { width, place(width, false) };
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        int width = 0;
        for (const QWidget* item : m_items)
            width = std::max(width, item->isHidden() ? 0 : item->sizeHint().width());
        // Not the height of many lines: that is heightForWidth's to say.
        return { width, place(QWIDGETSIZE_MAX, false) };
    }

protected:
    void resizeEvent(QResizeEvent* /*event*/) override { place(width(), true); }
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() == QEvent::ShowToParent || event->type() == QEvent::HideToParent
            || event->type() == QEvent::LayoutRequest) {
            place(width(), true);
            updateGeometry();
        }
        return QWidget::eventFilter(watched, event);
    }
    bool event(QEvent* event) override
    {
        if (event->type() == QEvent::LayoutRequest) { // a chip has another text
            place(width(), true);
            updateGeometry();
        }
        return QWidget::event(event);
    }

private:
    static constexpr int kGap = 4;

    int place(int width, bool really) const
    {
        int x = 0;
        int y = 0;
        int line = 0;
        for (QWidget* item : m_items) {
            if (item->isHidden())
                continue;
            const QSize size = item->sizeHint();
            if (x > 0 && x + size.width() > width) {
                x = 0;
                y += line + kGap;
                line = 0;
            }
            if (really)
                item->setGeometry(QRect(QPoint(x, y), size));
            x += size.width() + kGap;
            line = std::max(line, size.height());
        }
        return y + line;
    }

    QVector<QWidget*> m_items;
};

} // namespace crossiter::ui
