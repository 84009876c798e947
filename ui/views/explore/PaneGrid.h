#pragma once

#include "ui/views/explore/ImagePanes.h"

#include <QVector>

class QGridLayout;

namespace crossiter::ui {

/// The panes of ImagePanes and the row they stand in, all of one width.
class PaneGrid
{
public:
    explicit PaneGrid(QWidget* parent); ///< owns the panes and, once it is in a layout, the row

    [[nodiscard]] QGridLayout* layout() const { return m_layout; }
    [[nodiscard]] ImagePane* pane(int pane) const { return m_panes[pane]; }
    /// Shows these panes (ImagePanes::Pane), from left to right, and no other.
    void arrange(const QVector<int>& shown);
    /// room: pixels for the row; what is left over of equal widths stays empty.
    void fitColumns(const QVector<int>& shown, int room);

private:
    ImagePane* m_panes[ImagePanes::PaneCount] = {};
    QGridLayout* m_layout = nullptr;
};

} // namespace crossiter::ui
