#pragma once

#include "core/image/Image.h"

#include <cstddef>
#include <memory>

namespace crossiter {

class WorkMemo;

/// What several attacks on one image have computed, and what they had from each other.
struct WorkCount
{
    std::size_t gradients = 0;
    std::size_t gradientsReused = 0;
    std::size_t predictions = 0; ///< of judges, and of sources on the clean image
    std::size_t predictionsReused = 0;

    bool operator==(const WorkCount&) const = default;
};

/// Attacks that are given the same one (Engine::attack, runAttack) compute no gradient of the same
/// image, source, label and direction twice, and no prediction on the same picture, whatever else
/// differs between their requests: traces with a common beginning cost it once. The results are the
/// same bytes as without. Requests with momentum, a translation kernel or anything random share
/// predictions only; attacks on another image share nothing. It holds 0.3 MB a distinct gradient
/// and must outlive the attacks that are given it. Safe to use from several threads.
class SharedWork
{
public:
    /// clean: the image that the attacks are on, 299x299.
    explicit SharedWork(Image clean);
    ~SharedWork();
    SharedWork(const SharedWork&) = delete;
    SharedWork& operator=(const SharedWork&) = delete;
    SharedWork(SharedWork&&) = delete;
    SharedWork& operator=(SharedWork&&) = delete;

    /// So far, over all attacks that were given this.
    [[nodiscard]] WorkCount count() const;

    /// For the attack itself: what is known of `clean`; null: it is another image.
    [[nodiscard]] WorkMemo* memoOf(const Image& clean) const;

private:
    Image m_clean;
    std::unique_ptr<WorkMemo> m_memo;
};

} // namespace crossiter
