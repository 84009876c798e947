#include "ui/views/explore/ImagePanes.h"

#include "ui/session/QtImage.h"
#include "ui/views/explore/CompareRow.h"
#include "ui/views/explore/ImagePane.h"
#include "ui/views/explore/RenderCache.h"

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
constexpr double kZoomStep = 1.25;

} // namespace

ImagePanes::ImagePanes(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
    , m_cache(std::make_unique<RenderCache>())
    , m_blink(new QTimer(this))
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Image panes"));
    setAccessibleDescription(
        tr("Plus and minus zoom, 0 fits, 1 shows one to one, arrows move the pixel probe"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2, 2, 2, 2);
    layout->setSpacing(6);
    m_paneLayout = new QGridLayout;
    m_paneLayout->setSpacing(10);
    layout->addLayout(m_paneLayout, 1);
    m_row = new CompareRow(this);
    layout->addWidget(m_row);
    buildPanes();
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

void ImagePanes::buildPanes()
{
    for (int index = 0; index < PaneCount; ++index) {
        auto* pane = new ImagePane(this);
        m_panes[index] = pane;
        connect(pane, &ImagePane::zoomRequested, this,
            [this](double factor, QPointF anchor) { zoomBy(factor, anchor); });
        connect(pane, &ImagePane::panRequested, this, [this, pane](QPointF delta) {
            setTransform(panned(m_view, delta, pane->picture().size(), pane->viewSize()));
        });
        connect(pane, &ImagePane::fitRequested, this, &ImagePanes::zoomFit);
        connect(pane, &ImagePane::hovered, this, [this](QPoint pixel) { setProbe(pixel); });
        connect(pane, &ImagePane::left, this, [this] { setProbe(std::nullopt); });
        connect(pane, &ImagePane::swipeRequested, pane, &ImagePane::setSwipe);
        connect(pane, &ImagePane::contextMenuRequested, this,
            [this, index](QPoint position) { showMenu(index, position); });
        // Queued: what listens must not run inside of a paint event.
        connect(
            pane, &ImagePane::painted, this, [this, index] { panePainted(index); },
            Qt::QueuedConnection);
    }
    m_panes[OriginalPane]->setEmptyText(tr("Open a photo, or drop one here"));
    m_panes[PerturbationPane]->setEmptyText(tr("no perturbation yet"));
    m_panes[AdversarialPane]->setEmptyText(tr("no adversarial image yet"));
    m_panes[DefendedPane]->setMinimumWidth(1); // it gives way: no window stays wide for its sake
    m_panes[DefendedPane]->setEmptyText(tr("no defended picture yet"));
    m_panes[FloatPane]->setEmptyText(tr("this trace does not keep the attack's float image"));
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
    m_row->setPerturbation(m_mode, m_gain);
}

void ImagePanes::setTheme(const Theme& theme)
{
    m_theme = theme;
    for (ImagePane* pane : m_panes) {
        pane->setTheme(theme);
    }
    update();
}

void ImagePanes::setClean(const Image& clean)
{
    if (clean.width != m_clean.width || clean.height != m_clean.height) {
        m_view = {};
    }
    m_clean = clean;
    m_cleanPicture = toQImage(clean);
    m_trace.reset();
    m_subStep.reset();
    m_defended.reset();
    m_defendedPicture = {};
    m_cache->clear();
    arrange();
}

void ImagePanes::setTrace(std::shared_ptr<const AttackTrace> trace)
{
    const int before = epsilon255();
    m_trace = std::move(trace);
    if (before != epsilon255()) {
        showPictures();
    }
}

void ImagePanes::setSubStep(std::shared_ptr<const SubStep> subStep)
{
    if (subStep == m_subStep) {
        return;
    }
    m_subStep = std::move(subStep);
    m_frameDue = m_subStep != nullptr;
    showPictures();
    showHeaders();
    m_panes[framePane()]->update(); // also where its picture stays: somebody waits for the paint
}

void ImagePanes::setPerturbation(PerturbationMode mode, int gain)
{
    m_mode = mode;
    m_gain = std::clamp(gain, 1, 255);
    updateRow();
    showPictures();
    showHeaders();
}

void ImagePanes::changePerturbation(PerturbationMode mode, int gain)
{
    if (mode != m_mode || gain != m_gain) {
        setPerturbation(mode, gain);
        emit perturbationChanged(m_mode, m_gain);
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

ImagePane* ImagePanes::reference() const
{
    return m_panes[visiblePanes().constFirst()];
}

void ImagePanes::arrange()
{
    const QVector<int> shown = visiblePanes();
    for (int index = 0; index < PaneCount; ++index) {
        m_paneLayout->removeWidget(m_panes[index]);
        m_paneLayout->setColumnStretch(index, index < shown.size() ? 1 : 0);
    }
    for (int column = 0; column < shown.size(); ++column) {
        m_paneLayout->addWidget(m_panes[shown.at(column)], 0, column);
    }
    for (int index = 0; index < PaneCount; ++index) {
        m_panes[index]->setVisible(shown.contains(index));
    }
    if (m_compare == CompareMode::Blink && isVisible()) {
        m_blink->start();
    } else {
        m_blink->stop();
    }
    showPictures();
    showHeaders();
    setTransform(m_view);
}

ImagePane* ImagePanes::pane(int pane) const
{
    return pane >= 0 && pane < PaneCount ? m_panes[pane] : nullptr;
}

int ImagePanes::epsilon255() const
{
    return m_trace == nullptr ? 16 : std::max(1, m_trace->request.epsilon255);
}

void ImagePanes::panePainted(int pane)
{
    if (m_frameDue && m_subStep != nullptr && framePane() == pane) {
        m_frameDue = false;
        emit frameShown(m_subStep->index);
    }
}

void ImagePanes::setTransform(const ViewTransform& view)
{
    const bool changed = view != m_view;
    m_view = view;
    for (ImagePane* pane : m_panes) {
        pane->setTransform(view);
    }
    if (changed) {
        showHeaders();
    }
}

void ImagePanes::zoomBy(double factor, std::optional<QPointF> anchor)
{
    if (m_clean.empty()) {
        return;
    }
    const ImagePane* pane = reference();
    const QSizeF image(m_clean.width, m_clean.height);
    const QSizeF size = pane->viewSize();
    const QRectF rect = imageRect(m_view, image, size);
    const double scale = effectiveScale(m_view, image, size);
    QPointF middle(
        (size.width() / 2.0 - rect.x()) / scale, (size.height() / 2.0 - rect.y()) / scale);
    if (!anchor && m_probe) {
        middle = QPointF(*m_probe) + QPointF(0.5, 0.5);
    }
    setTransform(zoomed(m_view, factor, anchor.value_or(middle), image, size));
}

void ImagePanes::zoomIn()
{
    zoomBy(kZoomStep);
}

void ImagePanes::zoomOut()
{
    zoomBy(1.0 / kZoomStep);
}

void ImagePanes::zoomFit()
{
    setTransform({});
}

void ImagePanes::zoomOneToOne()
{
    if (m_clean.empty()) {
        return;
    }
    const QPointF middle =
        m_view.fits() ? QPointF(m_clean.width / 2.0, m_clean.height / 2.0) : m_view.centre;
    setTransform({ 1.0 / devicePixelRatioF(), middle });
}

void ImagePanes::setProbe(std::optional<QPoint> pixel)
{
    if (pixel == m_probe) {
        return;
    }
    m_probe = pixel;
    for (ImagePane* pane : m_panes) {
        pane->setCrosshair(pixel);
    }
    emit probed(pixel ? probeText(*pixel) : QString());
}

void ImagePanes::showMenu(int pane, QPoint globalPosition)
{
    const QImage image = m_panes[pane]->composed();
    QMenu menu(this);
    QAction* copy = menu.addAction(tr("Copy view"));
    QAction* save = menu.addAction(tr("Save view as\u2026"));
    copy->setEnabled(!image.isNull());
    save->setEnabled(!image.isNull());
    menu.addSeparator();
    const QAction* fit = menu.addAction(tr("Fit"));
    const QAction* oneToOne = menu.addAction(tr("One to one"));
    const QAction* chosen = menu.exec(globalPosition);
    if (chosen == copy) {
        emit copyRequested(image);
    } else if (chosen == save) {
        emit saveRequested(image);
    } else if (chosen == fit) {
        zoomFit();
    } else if (chosen == oneToOne) {
        zoomOneToOne();
    }
}

void ImagePanes::keyPressEvent(QKeyEvent* event)
{
    const auto arrow = [&](int dx, int dy) {
        if (m_clean.empty()) {
            return;
        }
        if ((event->modifiers() & Qt::ControlModifier) != 0U) {
            const ImagePane* pane = reference();
            const QSizeF image(m_clean.width, m_clean.height);
            const double part =
                pane->viewSize().width() / effectiveScale(m_view, image, pane->viewSize()) / 8.0;
            setTransform(panned(m_view, QPointF(dx, dy) * part, image, pane->viewSize()));
            return;
        }
        const int step = (event->modifiers() & Qt::ShiftModifier) != 0U ? 10 : 1;
        const QPoint from = m_probe.value_or(QPoint(m_clean.width / 2, m_clean.height / 2));
        const QPoint to = m_probe ? from + QPoint(dx, dy) * step : from;
        setProbe(QPoint(
            std::clamp(to.x(), 0, m_clean.width - 1), std::clamp(to.y(), 0, m_clean.height - 1)));
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
        const QRectF ring = QRectF(m_paneLayout->geometry()).adjusted(-1.0, -1.0, 1.0, 1.0);
        painter.drawRoundedRect(ring, 5.0, 5.0);
    }
}

void ImagePanes::fitColumns()
{
    // Panes of one width to the pixel, or their pictures would lie at different heights.
    const int count = static_cast<int>(visiblePanes().size());
    const int room = contentsRect().width() - layout()->contentsMargins().left()
        - layout()->contentsMargins().right() - (count - 1) * m_paneLayout->horizontalSpacing();
    m_paneLayout->setContentsMargins(0, 0, std::max(0, room) % count, 0);
    // A note that does not fit beside its title gets a line of its own, in all panes alike.
    const int width = std::max(0, room) / count;
    bool twoLines = false;
    for (const int index : visiblePanes()) {
        twoLines = twoLines || m_panes[index]->headerWidth() > width;
    }
    for (ImagePane* pane : m_panes) {
        pane->setTwoLineHeader(twoLines);
    }
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
    if (m_compare == CompareMode::Blink) {
        m_blink->start();
    }
}

void ImagePanes::hideEvent(QHideEvent* event)
{
    m_blink->stop();
    QWidget::hideEvent(event);
}

QSize ImagePanes::sizeHint() const
{
    return { 760, 340 };
}

} // namespace crossiter::ui
