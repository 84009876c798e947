#include "ui/views/explore/PictureMaker.h"

#include "ui/session/DefenseSession.h"
#include "ui/session/QtImage.h"
#include "ui/views/explore/ImagePanes.h"
#include "ui/views/explore/PaneChoice.h"
#include "ui/views/explore/RenderCache.h"

#include <QCoreApplication>

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace crossiter::ui {

namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("crossiter::ui::ImagePanes", text);
}

const QString kDot = QStringLiteral(" \u00b7 ");

QString rgbText(QRgb color)
{
    return QStringLiteral("%1 %2 %3").arg(qRed(color)).arg(qGreen(color)).arg(qBlue(color));
}

/// "+16", "−3" (a minus as wide as the plus), "0".
QString signedText(int value)
{
    if (value == 0)
        return QStringLiteral("0");
    return (value > 0 ? QStringLiteral("+") : QStringLiteral("\u2212"))
        + QString::number(std::abs(value));
}

QString modeText(PerturbationMode mode, int gain)
{
    switch (mode) {
    case PerturbationMode::Signed:
        return say("signed \u00d7 %1").arg(gain);
    case PerturbationMode::Magnitude:
        return say("magnitude \u00d7 %1").arg(gain);
    case PerturbationMode::EpsilonNormalised:
        break;
    }
    return say("\u03b5-normalised");
}

QString paneName(int pane)
{
    switch (pane) {
    case ImagePanes::OriginalPane:
        return say("Original");
    case ImagePanes::PerturbationPane:
        return say("Perturbation");
    case ImagePanes::AdversarialPane:
        return say("Adversarial");
    case ImagePanes::DefendedPane:
        return say("Defended");
    default:
        return say("Attack\u2019s float image");
    }
}

} // namespace

PictureMaker::PictureMaker()
    : m_cache(std::make_unique<RenderCache>())
{
}

PictureMaker::~PictureMaker() = default;

void PictureMaker::setClean(const Image& clean)
{
    m_clean = clean;
    m_cleanPicture = toQImage(clean);
    m_trace.reset();
    m_subStep.reset();
    m_defended.reset();
    m_defendedPicture = {};
    m_cache->clear();
}

void PictureMaker::setPerturbation(PerturbationMode mode, int gain)
{
    m_mode = mode;
    m_gain = gain;
}

void PictureMaker::setDefended(std::shared_ptr<const DefendedView> defended, const QString& note)
{
    const bool same = m_defended != nullptr && defended != nullptr
        && (defended == m_defended || defended->after == m_defended->after);
    m_defended = std::move(defended);
    m_defendedNote = note;
    if (!same)
        m_defendedPicture = m_defended == nullptr ? QImage() : toQImage(m_defended->after);
}

int PictureMaker::epsilon255() const
{
    return m_trace == nullptr ? 16 : std::max(1, m_trace->request.epsilon255);
}

QImage PictureMaker::image(int pane) const
{
    if (pane == ImagePanes::OriginalPane)
        return m_cleanPicture;
    if (pane == ImagePanes::DefendedPane)
        return m_defendedPicture;
    if (m_subStep == nullptr)
        return {};
    switch (pane) {
    case ImagePanes::PerturbationPane:
        return m_cache->perturbation(m_subStep, m_clean, m_mode, m_gain, epsilon255());
    case ImagePanes::AdversarialPane:
        return m_cache->exported(m_subStep);
    case ImagePanes::FloatPane:
        return m_cache->floats(m_subStep);
    default:
        return {};
    }
}

QImage PictureMaker::difference(int first, int second) const
{
    if (second != ImagePanes::DefendedPane)
        return image(ImagePanes::PerturbationPane);
    if (!m_defended)
        return {}; // the pair was chosen before there is anything behind a defense
    const Image& before = first == ImagePanes::OriginalPane ? m_clean : m_defended->before;
    if (before.width != m_defended->after.width || before.height != m_defended->after.height)
        return {};
    return toQImage(renderPerturbation(before, m_defended->after, m_mode, m_gain, epsilon255()));
}

QString PictureMaker::probeText(QPoint pixel, bool floatsShown, bool defendedShown) const
{
    if (!m_cleanPicture.rect().contains(pixel))
        return {};
    const QRgb clean = m_cleanPicture.pixel(pixel);
    QString text = say("x %1 y %2").arg(pixel.x()).arg(pixel.y()) + kDot
        + say("original %1").arg(rgbText(clean));
    const QImage exported = image(ImagePanes::AdversarialPane);
    if (!exported.rect().contains(pixel))
        return text;
    const QRgb now = exported.pixel(pixel);
    text += kDot + say("adversarial %1").arg(rgbText(now)) + kDot
        + QStringLiteral("\u03b4 %1 %2 %3")
              .arg(signedText(qRed(now) - qRed(clean)), signedText(qGreen(now) - qGreen(clean)),
                  signedText(qBlue(now) - qBlue(clean)));
    const QImage floats = floatsShown ? image(ImagePanes::FloatPane) : QImage();
    if (floats.rect().contains(pixel))
        text += kDot + say("float %1").arg(rgbText(floats.pixel(pixel)));
    if (defendedShown && m_defendedPicture.rect().contains(pixel))
        text += kDot + say("defended %1").arg(rgbText(m_defendedPicture.pixel(pixel)));
    return text;
}

std::array<PaneHeader, 5> PictureMaker::headers(
    const PaneChoice& choice, const QString& zoom, bool blinkSecond) const
{
    std::array<PaneHeader, 5> headers;
    static_assert(ImagePanes::PaneCount == 5);
    const auto set = [&headers](int pane, const QString& title, const QString& note,
                         const QString& shortNote = {}) {
        headers[static_cast<std::size_t>(pane)] = { title, note, shortNote };
    };
    const QString size = m_clean.empty()
        ? QString()
        : QStringLiteral("%1 \u00d7 %2").arg(m_clean.width).arg(m_clean.height);
    set(ImagePanes::OriginalPane, say("Original"), zoom.isEmpty() ? size : size + kDot + zoom,
        zoom);
    const auto [first, second] = choice.compared();
    const bool removed =
        choice.mode == ImagePanes::CompareMode::Difference && second == ImagePanes::DefendedPane;
    set(ImagePanes::PerturbationPane,
        !removed                                ? say("Perturbation")
            : first == ImagePanes::OriginalPane ? say("Defended \u2212 original")
                                                : say("Removed by the defense"),
        m_subStep == nullptr && !removed ? QString() : modeText(m_mode, m_gain));
    set(ImagePanes::DefendedPane, say("Defended"), m_defendedNote, m_defendedNote);
    QString exported;
    QString exportedShort;
    QString floats;
    QString floatsShort;
    if (m_subStep != nullptr) {
        exportedShort = say("L\u221e %1").arg(m_subStep->linfExported);
        exported = m_subStep->index == 0 ? say("clean") + kDot + exportedShort
                                         : say("as exported") + kDot + exportedShort;
        floatsShort = say("L\u221e %1").arg(m_subStep->linfFloatPx, 0, 'f', 1);
        floats = say("not what is saved") + kDot + floatsShort;
    }
    QString title = paneName(ImagePanes::AdversarialPane);
    if (choice.mode == ImagePanes::CompareMode::Swipe) {
        title = say("%1 | %2").arg(paneName(first), paneName(second));
    } else if (choice.mode == ImagePanes::CompareMode::Blink) {
        const ImagePanes::Pane now = blinkSecond ? second : first;
        title = paneName(now);
        if (now != ImagePanes::AdversarialPane) {
            exported = now == ImagePanes::DefendedPane ? m_defendedNote : size;
            exportedShort = exported;
        }
    }
    set(ImagePanes::AdversarialPane, title, exported, exportedShort);
    set(ImagePanes::FloatPane, paneName(ImagePanes::FloatPane), floats, floatsShort);
    return headers;
}

} // namespace crossiter::ui
