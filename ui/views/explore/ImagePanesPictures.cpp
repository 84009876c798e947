// ImagePanes: which pictures the panes show, and what stands above them.
#include "ui/session/DefenseSession.h"
#include "ui/session/QtImage.h"
#include "ui/views/explore/CompareRow.h"
#include "ui/views/explore/ImagePane.h"
#include "ui/views/explore/ImagePanes.h"
#include "ui/views/explore/RenderCache.h"

#include <QGridLayout>

#include <algorithm>
#include <cstdlib>

namespace crossiter::ui {
namespace {

const QString kDot = QStringLiteral(" \u00b7 ");

QString rgbText(QRgb color)
{
    return QStringLiteral("%1 %2 %3").arg(qRed(color)).arg(qGreen(color)).arg(qBlue(color));
}

/// "+16", "−3" (a minus as wide as the plus), "0".
QString signedText(int value)
{
    if (value == 0) {
        return QStringLiteral("0");
    }
    return (value > 0 ? QStringLiteral("+") : QStringLiteral("\u2212"))
        + QString::number(std::abs(value));
}

QString modeText(PerturbationMode mode, int gain)
{
    switch (mode) {
    case PerturbationMode::Signed:
        return ImagePanes::tr("signed \u00d7 %1").arg(gain);
    case PerturbationMode::Magnitude:
        return ImagePanes::tr("magnitude \u00d7 %1").arg(gain);
    case PerturbationMode::EpsilonNormalised:
        break;
    }
    return ImagePanes::tr("\u03b5-normalised");
}

} // namespace

void ImagePanes::setDefended(std::shared_ptr<const DefendedView> defended, const QString& note)
{
    const bool there = m_defended != nullptr;
    const bool same = there && defended != nullptr
        && (defended == m_defended || defended->after == m_defended->after);
    m_defended = std::move(defended);
    m_defendedNote = note;
    if (!same) {
        m_defendedPicture = m_defended == nullptr ? QImage() : toQImage(m_defended->after);
    }
    if (there != (m_defended != nullptr)) {
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
    return width() >= panes * kLeastPaneWidth + (panes - 1) * m_paneLayout->horizontalSpacing();
}

std::pair<ImagePanes::Pane, ImagePanes::Pane> ImagePanes::comparedPanes() const
{
    const ComparedPair pair = m_defended == nullptr ? ComparedPair::OriginalAdversarial : m_pair;
    switch (pair) {
    case ComparedPair::OriginalAdversarial:
        break;
    case ComparedPair::AdversarialDefended:
        return { AdversarialPane, DefendedPane };
    case ComparedPair::OriginalDefended:
        return { OriginalPane, DefendedPane };
    }
    return { OriginalPane, AdversarialPane };
}

QImage ImagePanes::differenceImage() const
{
    const auto [first, second] = comparedPanes();
    if (second != DefendedPane) {
        return paneImage(PerturbationPane);
    }
    if (!m_defended) {
        return {}; // the pair was chosen before there is anything behind a defense
    }
    const Image& before = first == OriginalPane ? m_clean : m_defended->before;
    if (before.width != m_defended->after.width || before.height != m_defended->after.height) {
        return {};
    }
    return toQImage(renderPerturbation(before, m_defended->after, m_mode, m_gain, epsilon255()));
}

QString ImagePanes::paneName(int pane)
{
    switch (pane) {
    case OriginalPane:
        return tr("Original");
    case PerturbationPane:
        return tr("Perturbation");
    case AdversarialPane:
        return tr("Adversarial");
    case DefendedPane:
        return tr("Defended");
    default:
        return tr("Attack\u2019s float image");
    }
}

int ImagePanes::framePane() const
{
    // The defended picture comes later than its sub-step: it is no proof of it.
    const QVector<int> shown = visiblePanes();
    const auto last =
        std::find_if(shown.crbegin(), shown.crend(), [](int pane) { return pane != DefendedPane; });
    return last != shown.crend() ? *last : shown.constFirst();
}

QVector<int> ImagePanes::visiblePanes() const
{
    QVector<int> panes;
    switch (m_compare) {
    case CompareMode::Panes:
        panes = { OriginalPane, PerturbationPane, AdversarialPane };
        break;
    case CompareMode::TwoUp:
        panes = { comparedPanes().first, comparedPanes().second };
        break;
    case CompareMode::Swipe:
    case CompareMode::Blink:
        return { AdversarialPane };
    case CompareMode::Difference:
        return { PerturbationPane };
    }
    if (m_showFloat) {
        panes.append(FloatPane);
    }
    if (m_compare == CompareMode::Panes && m_showDefended && m_defended != nullptr
        && roomForDefended()) {
        panes.append(DefendedPane);
    }
    return panes;
}

QImage ImagePanes::paneImage(int pane) const
{
    if (pane == OriginalPane) {
        return m_cleanPicture;
    }
    if (pane == DefendedPane) {
        return m_defendedPicture;
    }
    if (m_subStep == nullptr) {
        return {};
    }
    switch (pane) {
    case PerturbationPane:
        return m_cache->perturbation(m_subStep, m_clean, m_mode, m_gain, epsilon255());
    case AdversarialPane:
        return m_cache->exported(m_subStep);
    case FloatPane:
        return m_cache->floats(m_subStep);
    default:
        return {};
    }
}

void ImagePanes::showPictures()
{
    const auto [first, second] = comparedPanes();
    switch (m_compare) {
    case CompareMode::Panes:
    case CompareMode::TwoUp:
        for (const int index : visiblePanes()) {
            m_panes[index]->setPicture(paneImage(index));
        }
        break;
    case CompareMode::Swipe:
        m_panes[AdversarialPane]->setPicture(paneImage(second));
        break;
    case CompareMode::Blink:
        m_panes[AdversarialPane]->setPicture(paneImage(m_blinkSecond ? second : first));
        break;
    case CompareMode::Difference:
        m_panes[PerturbationPane]->setPicture(differenceImage());
        break;
    }
    m_panes[AdversarialPane]->setLeftPicture(
        m_compare == CompareMode::Swipe ? paneImage(first) : QImage());
    if (m_probe) {
        emit probed(probeText(*m_probe));
    }
}

void ImagePanes::showHeaders()
{
    QString zoom;
    if (!m_view.fits()) {
        zoom = tr("%1 %").arg(qRound(m_view.scale * devicePixelRatioF() * 100.0));
    }
    const QString size = m_clean.empty()
        ? QString()
        : QStringLiteral("%1 \u00d7 %2").arg(m_clean.width).arg(m_clean.height);
    m_panes[OriginalPane]->setHeader(
        tr("Original"), zoom.isEmpty() ? size : size + kDot + zoom, zoom);
    const auto [first, second] = comparedPanes();
    const bool removed = m_compare == CompareMode::Difference && second == DefendedPane;
    m_panes[PerturbationPane]->setHeader(!removed ? tr("Perturbation")
            : first == OriginalPane               ? tr("Defended \u2212 original")
                                                  : tr("Removed by the defense"),
        m_subStep == nullptr && !removed ? QString() : modeText(m_mode, m_gain));
    m_panes[DefendedPane]->setHeader(tr("Defended"), m_defendedNote, m_defendedNote);
    QString exported;
    QString exportedShort;
    QString floats;
    QString floatsShort;
    if (m_subStep != nullptr) {
        exportedShort = tr("L\u221e %1").arg(m_subStep->linfExported);
        exported = m_subStep->index == 0 ? tr("clean") + kDot + exportedShort
                                         : tr("as exported") + kDot + exportedShort;
        floatsShort = tr("L\u221e %1").arg(m_subStep->linfFloatPx, 0, 'f', 1);
        floats = tr("not what is saved") + kDot + floatsShort;
    }
    QString title = paneName(AdversarialPane);
    if (m_compare == CompareMode::Swipe) {
        title = tr("%1 | %2").arg(paneName(first), paneName(second));
    } else if (m_compare == CompareMode::Blink) {
        const Pane now = m_blinkSecond ? second : first;
        title = paneName(now);
        if (now != AdversarialPane) {
            exported = now == DefendedPane ? m_defendedNote : size;
            exportedShort = exported;
        }
    }
    m_panes[AdversarialPane]->setHeader(title, exported, exportedShort);
    m_panes[FloatPane]->setHeader(paneName(FloatPane), floats, floatsShort);
    fitColumns();
}

QString ImagePanes::probeText(QPoint pixel) const
{
    if (!m_cleanPicture.rect().contains(pixel)) {
        return {};
    }
    const QRgb clean = m_cleanPicture.pixel(pixel);
    QString text = tr("x %1 y %2").arg(pixel.x()).arg(pixel.y()) + kDot
        + tr("original %1").arg(rgbText(clean));
    const QImage exported = paneImage(AdversarialPane);
    if (!exported.rect().contains(pixel)) {
        return text;
    }
    const QRgb now = exported.pixel(pixel);
    text += kDot + tr("adversarial %1").arg(rgbText(now)) + kDot
        + QStringLiteral("\u03b4 %1 %2 %3")
              .arg(signedText(qRed(now) - qRed(clean)), signedText(qGreen(now) - qGreen(clean)),
                  signedText(qBlue(now) - qBlue(clean)));
    const QImage floats = m_showFloat ? paneImage(FloatPane) : QImage();
    if (floats.rect().contains(pixel)) {
        text += kDot + tr("float %1").arg(rgbText(floats.pixel(pixel)));
    }
    if (m_showDefended && m_defendedPicture.rect().contains(pixel)) {
        text += kDot + tr("defended %1").arg(rgbText(m_defendedPicture.pixel(pixel)));
    }
    return text;
}

} // namespace crossiter::ui
