#pragma once

#include <QEvent>
#include <QScrollArea>
#include <QScrollBar>

namespace crossiter::ui {

/// Scrolls up and down only: never narrower than what is in it.
class PanelScroll : public QScrollArea
{
public:
    PanelScroll(QWidget* content, QWidget* parent)
        : QScrollArea(parent)
    {
        setWidget(content);
        setWidgetResizable(true);
        setFrameShape(QFrame::NoFrame);
        setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    }
    [[nodiscard]] QSize minimumSizeHint() const override
    {
        return { widget()->minimumSizeHint().width() + verticalScrollBar()->sizeHint().width(),
            120 };
    }
    [[nodiscard]] QSize sizeHint() const override { return minimumSizeHint(); }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (watched == widget() && event->type() == QEvent::LayoutRequest)
            updateGeometry();
        return QScrollArea::eventFilter(watched, event);
    }
};

} // namespace crossiter::ui
