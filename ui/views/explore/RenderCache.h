#pragma once

#include "core/attack/AttackTrace.h"
#include "core/image/ImageDiff.h"

#include <QImage>

#include <cstddef>
#include <list>
#include <memory>

namespace crossiter::ui {

/// Pictures of the sub-steps looked at last, least recently used first out, so that moving to and
/// fro costs no rendering. Every picture is made when first asked for.
class RenderCache
{
public:
    static constexpr std::size_t kCapacity = 64;

    void clear() { m_entries.clear(); }
    [[nodiscard]] std::size_t size() const { return m_entries.size(); }

    /// The image that would be saved.
    [[nodiscard]] QImage exported(const std::shared_ptr<const SubStep>& subStep);
    /// The attack's own image; null where the trace does not keep it.
    [[nodiscard]] QImage floats(const std::shared_ptr<const SubStep>& subStep);
    /// Core's renderPerturbation of exported against clean; null when their sizes differ.
    [[nodiscard]] QImage perturbation(const std::shared_ptr<const SubStep>& subStep,
        const Image& clean, PerturbationMode mode, int gain, int epsilon255);

private:
    struct Entry
    {
        std::shared_ptr<const SubStep> subStep; ///< kept alive, so that its address stays its name
        QImage exported;
        QImage floats;
        QImage perturbation;
        PerturbationMode mode = PerturbationMode::Signed;
        int gain = 0;
        int epsilon255 = 0;
    };

    Entry& entryOf(const std::shared_ptr<const SubStep>& subStep);

    std::list<Entry> m_entries; ///< most recent first
};

} // namespace crossiter::ui
