#include "ui/views/explore/RenderCache.h"

#include "ui/session/QtImage.h"

#include <algorithm>

namespace crossiter::ui {

RenderCache::Entry& RenderCache::entryOf(const std::shared_ptr<const SubStep>& subStep)
{
    const auto found = std::ranges::find_if(
        m_entries, [&](const Entry& entry) { return entry.subStep == subStep; });
    if (found != m_entries.end()) {
        m_entries.splice(m_entries.begin(), m_entries, found);
        return m_entries.front();
    }
    m_entries.emplace_front();
    m_entries.front().subStep = subStep;
    if (m_entries.size() > kCapacity)
        m_entries.pop_back();
    return m_entries.front();
}

QImage RenderCache::exported(const std::shared_ptr<const SubStep>& subStep)
{
    Entry& entry = entryOf(subStep);
    if (entry.exported.isNull())
        entry.exported = toQImage(subStep->exported);
    return entry.exported;
}

QImage RenderCache::floats(const std::shared_ptr<const SubStep>& subStep)
{
    if (subStep->floats == nullptr)
        return {};
    Entry& entry = entryOf(subStep);
    if (entry.floats.isNull())
        entry.floats = toQImage(*subStep->floats, subStep->exported.width);
    return entry.floats;
}

QImage RenderCache::perturbation(const std::shared_ptr<const SubStep>& subStep, const Image& clean,
    PerturbationMode mode, int gain, int epsilon255)
{
    if (clean.width != subStep->exported.width || clean.height != subStep->exported.height)
        return {};
    Entry& entry = entryOf(subStep);
    if (entry.perturbation.isNull() || entry.mode != mode || entry.gain != gain
        || entry.epsilon255 != epsilon255) {
        entry.perturbation =
            toQImage(renderPerturbation(clean, subStep->exported, mode, gain, epsilon255));
        entry.mode = mode;
        entry.gain = gain;
        entry.epsilon255 = epsilon255;
    }
    return entry.perturbation;
}

} // namespace crossiter::ui
