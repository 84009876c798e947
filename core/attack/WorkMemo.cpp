#include "core/attack/WorkMemo.h"

#include "core/base/Error.h"
#include "core/base/Sha256.h"

namespace crossiter {

namespace {

/// The value of `key`, computed outside the lock where it is missing.
template <typename Value, typename Compute>
Value lookUp(std::map<std::string, Value>& known, const std::string& key, const Compute& compute,
    std::mutex& mutex, WorkCount& count)
{
    {
        const std::lock_guard lock(mutex);
        if (const auto there = known.find(key); there != known.end()) {
            ++count.predictionsReused;
            return there->second;
        }
    }
    Value value = compute();
    const std::lock_guard lock(mutex);
    ++count.predictions;
    return known.emplace(key, std::move(value)).first->second;
}

} // namespace

std::shared_ptr<const KnownGradient> WorkMemo::gradient(const std::string& key)
{
    const std::lock_guard lock(m_mutex);
    const auto there = m_gradients.find(key);
    if (there == m_gradients.end())
        return nullptr;
    ++m_count.gradientsReused;
    return there->second;
}

void WorkMemo::keep(const std::vector<std::string>& keys, KnownGradient gradient)
{
    const auto shared = std::make_shared<const KnownGradient>(std::move(gradient));
    const std::lock_guard lock(m_mutex);
    ++m_count.gradients;
    for (const std::string& key : keys)
        m_gradients.emplace(key, shared);
}

Prediction WorkMemo::prediction(const std::string& key, const std::function<Prediction()>& compute)
{
    return lookUp(m_predictions, key, compute, m_mutex, m_count);
}

torch::Tensor WorkMemo::scores(
    const std::string& key, const std::function<torch::Tensor()>& compute)
{
    return lookUp(m_scores, key, compute, m_mutex, m_count);
}

WorkCount WorkMemo::count()
{
    const std::lock_guard lock(m_mutex);
    return m_count;
}

std::string hashOf(const torch::Tensor& values)
{
    const torch::Tensor here = values.to(torch::kCPU).contiguous();
    return sha256({ static_cast<const std::uint8_t*>(here.const_data_ptr()), here.nbytes() });
}

SharedWork::SharedWork(Image clean)
    : m_clean(std::move(clean))
    , m_memo(std::make_unique<WorkMemo>())
{
}

SharedWork::~SharedWork() = default;

WorkCount SharedWork::count() const
{
    return m_memo->count();
}

WorkMemo* SharedWork::memoOf(const Image& clean) const
{
    return clean == m_clean ? m_memo.get() : nullptr;
}

} // namespace crossiter
