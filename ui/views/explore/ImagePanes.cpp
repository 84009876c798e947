#include "ui/views/explore/ImagePanes.h"

#include "ui/views/explore/CompareRow.h"
#include "ui/views/explore/ImagePane.h"
#include "ui/views/explore/PaneChoice.h"
#include "ui/views/explore/PaneGrid.h"

#include <QAction>
#include <QGridLayout>
#include <QKeyEvent>
#include <QMenu>
#include <QPainter>
#include <QTimer>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace crossiter::ui {
namespace {

constexpr int kBlinkMs = 500;

} // namespace

ImagePanes::ImagePanes(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_blink(new QTimer(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Image panes"));
    setAccessibleDescription(
        tr("Plus and minus zoom, 0 fits, 1 shows one to one, arrows move the pixel probe"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2, 2, 2, 2);
    layout->setSpacing(6);
    m_grid = std::make_unique<PaneGrid>(this);
    layout->addLayout(m_grid->layout(), 1);
    m_row = new CompareRow(this);
    layout->addWidget(m_row);
    connectPanes();
    connectRow();
    m_blink->setInterval(kBlinkMs);
    connect(m_blink, &QTimer::timeout, this, [this] {
        m_blinkSecond = !m_blinkSecond;
        showPictures();
        showHeaders();
    });
    arrange();
}

ImagePanes::~ImagePanes() = default;

void ImagePanes::connectPanes()
{
    for (int index = 0; index < PaneCount; ++index) {
        ImagePane* pane = m_grid->pane(index);
        connect(
            pane, &ImagePane::zoomRequested, this,
            [this](double factor, QPointF anchor) { zoomBy(factor, anchor); });
        connect(pane, &ImagePane::panRequested, this, [this, pane](QPointF delta) {
            setTransform(panned(m_view, delta, pane->picture().size(), pane->viewSize()));
        });
        connect(pane, &ImagePane::fitRequested, this, &ImagePanes::zoomFit);
        connect(
            pane, &ImagePane::hovered, this, [this](QPoint pixel) { setProbe(pixel); });
        connect(pane, &ImagePane::left, this, [this] { setProbe(std::nullopt); });
        connect(pane, &ImagePane::swipeRequested, pane, &ImagePane::setSwipe);
        connect(pane, &ImagePane::contextMenuRequested, this,
            [this, index](QPoint position) { showMenu(index, position); });
        // Queued: what listens must not run inside of a paint event.
        connect(
            pane, &ImagePane::painted, this, [this, index] { panePainted(index); },
            Qt::QueuedConnection);
    }
}

void ImagePanes::connectRow()
{
    connect(m_row, &CompareRow::compareModeChosen, this, [this](int mode) {
        const auto wanted = static_cast<CompareMode>(mode);
        if (wanted != m_compare) {
            setCompareMode(wanted);
            emit compareModeChanged(m_compare);
        }
    });
    connect(m_row, &CompareRow::showFloatImageChosen, this, [this](bool show) {
        setShowFloatImage(show);
        emit showFloatImageChanged(show);
    });
    connect(m_row, &CompareRow::showDefendedChosen, this, [this](bool show) {
        setShowDefended(show);
        emit showDefendedChanged(show);
    });
    connect(m_row, &CompareRow::comparedChosen, this, [this](ComparedPair pair) {
        setCompared(pair);
        emit comparedChanged(pair);
    });
    connect(m_row, &CompareRow::perturbationChosen, this, &ImagePanes::changePerturbation);
    updateRow();
}

void ImagePanes::updateRow()
{
    m_row->setCompareMode(static_cast<int>(m_compare),
        m_compare == CompareMode::Panes || m_compare == CompareMode::TwoUp);
    m_row->setShowFloatImage(m_showFloat);
    m_row->setShowDefended(m_showDefended, m_compare == CompareMode::Panes);
    m_row->setCompared(m_pair);
    m_row->setPerturbation(m_pictures.mode(), m_pictures.gain());
}

void ImagePanes::setTheme(const Theme& theme)
{
    m_theme = theme;
    for (int index = 0; index < PaneCount; ++index)
        m_grid->pane(index)->setTheme(theme);
    update();
}

void ImagePanes::setClean(const Image& clean)
{
    if (clean.width != m_pictures.clean().width || clean.height != m_pictures.clean().height)
        m_view = {};
    m_pictures.setClean(clean);
    arrange();
}

void ImagePanes::setTrace(std::shared_ptr<const AttackTrace> trace)
{
    const int before = m_pictures.epsilon255();
    m_pictures.setTrace(std::move(trace));
    if (before != m_pictures.epsilon255())
        showPictures();
}

void ImagePanes::setSubStep(std::shared_ptr<const SubStep> subStep)
{
    if (subStep == m_pictures.subStep())
        return;
    m_pictures.setSubStep(std::move(subStep));
    m_frameDue = m_pictures.subStep() != nullptr;
    showPictures();
    showHeaders();
    m_grid->pane(choice().framePane())
        ->update(); // also where its picture stays: somebody waits for the paint
}

void ImagePanes::setPerturbation(PerturbationMode mode, int gain)
{
    m_pictures.setPerturbation(mode, std::clamp(gain, 1, 255));
    updateRow();
    showPictures();
    showHeaders();
}

void ImagePanes::changePerturbation(PerturbationMode mode, int gain)
{
    if (mode != m_pictures.mode() || gain != m_pictures.gain()) {
        setPerturbation(mode, gain);
        emit perturbationChanged(m_pictures.mode(), m_pictures.gain());
    }
}

void ImagePanes::setCompareMode(CompareMode mode)
{
    m_compare = mode;
    m_blinkSecond = true;
    updateRow();
    arrange();
}

void ImagePanes::setShowFloatImage(bool show)
{
    m_showFloat = show;
    updateRow();
    arrange();
}

void ImagePanes::setDefended(std::shared_ptr<const DefendedView> defended, const QString& note)
{
    const bool there = m_pictures.hasDefended();
    m_pictures.setDefended(std::move(defended), note);
    if (there != m_pictures.hasDefended()) {
        arrange();
        return;
    }
    showPictures();
    showHeaders();
}

void ImagePanes::setShowDefended(bool show)
{
    if (show != m_showDefended) {
        m_showDefended = show;
        updateRow();
        arrange();
    }
}

void ImagePanes::setCompared(ComparedPair pair)
{
    if (pair != m_pair) {
        m_pair = pair;
        updateRow();
        arrange();
    }
}

bool ImagePanes::roomForDefended() const
{
    const int panes = m_showFloat ? 5 : 4;
    return width() >= panes * kLeastPaneWidth + (panes - 1) * m_grid->layout()->horizontalSpacing();
}

PaneChoice ImagePanes::choice() const
{
    PaneChoice choice;
    choice.mode = m_compare;
    choice.pair = m_pair;
    choice.showFloat = m_showFloat;
    choice.showDefended = m_showDefended;
    choice.hasDefended = m_pictures.hasDefended();
    choice.roomForDefended = roomForDefended();
    return choice;
}

void ImagePanes::showPictures()
{
    const PaneChoice shown = choice();
    const auto [first, second] = shown.compared();
    switch (m_compare) {
    case CompareMode::Panes:
    case CompareMode::TwoUp:
        for (const int index : shown.visible())
            m_grid->pane(index)->setPicture(m_pictures.image(index));
        break;
    case CompareMode::Swipe:
        m_grid->pane(AdversarialPane)->setPicture(m_pictures.image(second));
        break;
    case CompareMode::Blink:
        m_grid->pane(AdversarialPane)->setPicture(m_pictures.image(m_blinkSecond ? second : first));
        break;
    case CompareMode::Difference:
        m_grid->pane(PerturbationPane)->setPicture(m_pictures.difference(first, second));
        break;
    }
    m_grid->pane(AdversarialPane)
        ->setLeftPicture(m_compare == CompareMode::Swipe ? m_pictures.image(first) : QImage());
    if (m_probe)
        emit probed(probeText(*m_probe));
}

void ImagePanes::showHeaders()
{
    QString zoom;
    if (!m_view.fits())
        zoom = tr("%1 %").arg(qRound(m_view.scale * devicePixelRatioF() * 100.0));
    const auto headers = m_pictures.headers(choice(), zoom, m_blinkSecond);
    for (std::size_t pane = 0; pane < headers.size(); ++pane) {
        m_grid->pane(static_cast<int>(pane))
            ->setHeader(headers[pane].title, headers[pane].note, headers[pane].shortNote);
    }
    fitColumns();
}

ImagePane* ImagePanes::reference() const
{
    return m_grid->pane(choice().visible().constFirst());
}

void ImagePanes::arrange()
{
    const QVector<int> shown = choice().visible();
    m_grid->arrange(shown);
    if (m_compare == CompareMode::Blink && isVisible())
        m_blink->start();
    else
        m_blink->stop();
    showPictures();
    showHeaders();
    setTransform(m_view);
}

ImagePane* ImagePanes::pane(int pane) const
{
    return pane >= 0 && pane < PaneCount ? m_grid->pane(pane) : nullptr;
}

void ImagePanes::panePainted(int pane)
{
    if (m_frameDue && m_pictures.subStep() != nullptr && choice().framePane() == pane) {
        m_frameDue = false;
        emit frameShown(m_pictures.subStep()->index);
    }
}

void ImagePanes::setTransform(const ViewTransform& view)
{
    const bool changed = view != m_view;
    m_view = view;
    for (int index = 0; index < PaneCount; ++index)
        m_grid->pane(index)->setTransform(view);
    if (changed)
        showHeaders();
}

void ImagePanes::zoomBy(double factor, std::optional<QPointF> anchor)
{
    if (m_pictures.clean().empty())
        return;
    const QSizeF image(m_pictures.clean().width, m_pictures.clean().height);
    const QSizeF size = reference()->viewSize();
    std::optional<QPointF> around = anchor;
    if (!around && m_probe)
        around = QPointF(*m_probe) + QPointF(0.5, 0.5);
    setTransform(
        zoomed(m_view, factor, around.value_or(middleOf(m_view, image, size)), image, size));
}

void ImagePanes::zoomOneToOne()
{
    if (m_pictures.clean().empty())
        return;
    const QPointF middle = m_view.fits()
        ? QPointF(m_pictures.clean().width / 2.0, m_pictures.clean().height / 2.0)
        : m_view.centre;
    setTransform({ 1.0 / devicePixelRatioF(), middle });
}

void ImagePanes::setProbe(std::optional<QPoint> pixel)
{
    if (pixel == m_probe)
        return;
    m_probe = pixel;
    for (int index = 0; index < PaneCount; ++index)
        m_grid->pane(index)->setCrosshair(pixel);
    emit probed(pixel ? probeText(*pixel) : QString());
}

void ImagePanes::showMenu(int pane, QPoint globalPosition)
{
    // Not run in a loop of its own: what is shown may change, and this may go, while it is open.
    // What it copies or saves is what was seen when it was opened.
    const QImage image = m_grid->pane(pane)->composed();
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    QAction* copy = menu->addAction(
        tr("Copy view"), this, [this, image] { emit copyRequested(image); });
    QAction* save = menu->addAction(
        tr("Save view as\u2026"), this, [this, image] { emit saveRequested(image); });
    copy->setEnabled(!image.isNull());
    save->setEnabled(!image.isNull());
    menu->addSeparator();
    menu->addAction(tr("Fit"), this, &ImagePanes::zoomFit);
    menu->addAction(tr("One to one"), this, &ImagePanes::zoomOneToOne);
    menu->popup(globalPosition);
}

void ImagePanes::keyPressEvent(QKeyEvent* event)
{
    const auto arrow = [&](int dx, int dy) {
        if (m_pictures.clean().empty())
            return;
        if ((event->modifiers() & Qt::ControlModifier) != 0U) {
            const ImagePane* pane = reference();
            const QSizeF image(m_pictures.clean().width, m_pictures.clean().height);
            const double part =
                pane->viewSize().width() / effectiveScale(m_view, image, pane->viewSize()) / 8.0;
            setTransform(panned(m_view, QPointF(dx, dy) * part, image, pane->viewSize()));
            return;
        }
        const int step = (event->modifiers() & Qt::ShiftModifier) != 0U ? 10 : 1;
        const QPoint from =
            m_probe.value_or(QPoint(m_pictures.clean().width / 2, m_pictures.clean().height / 2));
        const QPoint to = m_probe ? from + QPoint(dx, dy) * step : from;
        setProbe(QPoint(std::clamp(to.x(), 0, m_pictures.clean().width - 1),
            std::clamp(to.y(), 0, m_pictures.clean().height - 1)));
    };
    switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomIn();
        break;
    case Qt::Key_Minus:
        zoomOut();
        break;
    case Qt::Key_0:
        zoomFit();
        break;
    case Qt::Key_1:
        zoomOneToOne();
        break;
    case Qt::Key_Left:
        arrow(-1, 0);
        break;
    case Qt::Key_Right:
        arrow(1, 0);
        break;
    case Qt::Key_Up:
        arrow(0, -1);
        break;
    case Qt::Key_Down:
        arrow(0, 1);
        break;
    case Qt::Key_Escape:
        if (!m_probe) {
            event->ignore();
            return;
        }
        setProbe(std::nullopt);
        break;
    default:
        QWidget::keyPressEvent(event);
        return;
    }
    event->accept();
}

void ImagePanes::focusInEvent(QFocusEvent* event)
{
    m_focusRing = event->reason() == Qt::TabFocusReason || event->reason() == Qt::BacktabFocusReason
        || event->reason() == Qt::ShortcutFocusReason;
    update();
    QWidget::focusInEvent(event);
}

void ImagePanes::focusOutEvent(QFocusEvent* event)
{
    m_focusRing = false;
    update();
    QWidget::focusOutEvent(event);
}

void ImagePanes::paintEvent(QPaintEvent* /*event*/)
{
    if (m_focusRing) {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setPen(QPen(m_theme.accent, 1.5));
        const QRectF ring = QRectF(m_grid->layout()->geometry()).adjusted(-1.0, -1.0, 1.0, 1.0);
        painter.drawRoundedRect(ring, 5.0, 5.0);
    }
}

void ImagePanes::fitColumns()
{
    m_grid->fitColumns(choice().visible(),
        contentsRect().width() - layout()->contentsMargins().left()
            - layout()->contentsMargins().right());
}

void ImagePanes::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    if (roomForDefended() != m_defendedFits) {
        m_defendedFits = roomForDefended();
        arrange();
    }
    fitColumns();
}

void ImagePanes::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_compare == CompareMode::Blink)
        m_blink->start();
}

void ImagePanes::hideEvent(QHideEvent* event)
{
    m_blink->stop();
    QWidget::hideEvent(event);
}

} // namespace crossiter::ui
