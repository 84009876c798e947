#include "ui/views/explore/PaneGrid.h"

#include "ui/views/explore/ImagePane.h"

#include <QGridLayout>

#include <algorithm>

namespace crossiter::ui {

PaneGrid::PaneGrid(QWidget* parent)
    : m_layout(new QGridLayout)
{
    m_layout->setSpacing(10);
    for (ImagePane*& pane : m_panes)
        pane = new ImagePane(parent);
    m_panes[ImagePanes::OriginalPane]->setEmptyText(
        ImagePanes::tr("Open a photo, or drop one here"));
    m_panes[ImagePanes::PerturbationPane]->setEmptyText(ImagePanes::tr("no perturbation yet"));
    m_panes[ImagePanes::AdversarialPane]->setEmptyText(ImagePanes::tr("no adversarial image yet"));
    m_panes[ImagePanes::DefendedPane]->setMinimumWidth(
        1); // it may shrink: the window can be made narrow with it
    m_panes[ImagePanes::DefendedPane]->setEmptyText(ImagePanes::tr("no defended picture yet"));
    m_panes[ImagePanes::FloatPane]->setEmptyText(
        ImagePanes::tr("this trace does not keep the attack's float image"));
}

void PaneGrid::arrange(const QVector<int>& shown)
{
    for (int index = 0; index < ImagePanes::PaneCount; ++index) {
        m_layout->removeWidget(m_panes[index]);
        m_layout->setColumnStretch(index, index < shown.size() ? 1 : 0);
    }
    for (int column = 0; column < shown.size(); ++column)
        m_layout->addWidget(m_panes[shown.at(column)], 0, column);
    for (int index = 0; index < ImagePanes::PaneCount; ++index)
        m_panes[index]->setVisible(shown.contains(index));
}

void PaneGrid::fitColumns(const QVector<int>& shown, int room)
{
    // Panes of one width to the pixel, or their pictures would lie at different heights.
    const int count = static_cast<int>(shown.size());
    room -= (count - 1) * m_layout->horizontalSpacing();
    m_layout->setContentsMargins(0, 0, std::max(0, room) % count, 0);
    // A note that does not fit beside its title gets a line of its own, in all panes alike.
    const int width = std::max(0, room) / count;
    bool twoLines = false;
    for (const int index : shown)
        twoLines = twoLines || m_panes[index]->headerWidth() > width;
    for (ImagePane* pane : m_panes)
        pane->setTwoLineHeader(twoLines);
}

} // namespace crossiter::ui
