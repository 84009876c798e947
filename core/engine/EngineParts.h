#pragma once

// Private to core/engine: what the engine's source files share.

#include "core/base/Error.h"
#include "core/classify/Classifier.h"
#include "core/defense/DefendedSource.h"
#include "core/engine/CellMemory.h"
#include "core/engine/Engine.h"
#include "core/engine/NetworkCache.h"

#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <tuple>

namespace crossiter {

[[nodiscard]] int threadCount(int wanted); ///< 0 = all cores

/// LibTorch's thread count belongs to the calling thread: set at the start of each call.
void useThreads(int wanted);

/// Throws Error(Device).
[[nodiscard]] torch::Device resolve(const Device& device);

/// With batch statistics the plain network stands in for the folded one of `fast`.
[[nodiscard]] Numerics numericsBehind(const DefenseRequest& defense, Numerics numerics);

/// Throws Error(BadInput) unless 299x299.
void requireImageSpace(const Image& image);

/// Whatever LibTorch throws becomes the one exception type.
template <typename Work>
auto translated(const Work& work)
{
    try {
        return work();
    } catch (const c10::OutOfMemoryError& error) {
        throw Error(ErrorKind::Device, "device out of memory", "LibTorch", {},
            error.what_without_backtrace());
    } catch (const c10::Error& error) {
        throw Error(
            ErrorKind::Internal, "LibTorch failed", "engine", {}, error.what_without_backtrace());
    } catch (const std::bad_alloc&) {
        throw Error(ErrorKind::BadInput, "out of memory", "engine");
    }
}

/// Loaded purifiers. Thread-safe. They are few and small: the budget for networks leaves them out.
class PurifierCache
{
public:
    explicit PurifierCache(StorePaths paths)
        : m_paths(std::move(paths))
    {
    }
    [[nodiscard]] std::shared_ptr<const Purifier> get(
        const std::string& id, torch::ScalarType type, torch::Device device);

private:
    StorePaths m_paths;
    std::mutex m_mutex;
    std::map<std::tuple<std::string, torch::ScalarType, std::string>,
        std::shared_ptr<const Purifier>>
        m_known;
};

struct Engine::Impl
{
    explicit Impl(EngineOptions given)
        : options(std::move(given))
        , cache(options.store, options.memoryBytes)
        , purifiers(options.store)
    {
    }

    /// Those of `ids` that are not there yet, each named in the progress before it is loaded: a
    /// large one takes seconds. False when stopped, which is asked for between two networks.
    [[nodiscard]] bool load(const std::vector<std::string>& ids, Numerics numerics,
        torch::Device device, const ProgressSink& progress, const std::stop_token& stop);

    [[nodiscard]] std::vector<std::shared_ptr<const DifferentiableSource>> networks(
        const std::vector<std::string>& ids, Numerics numerics, torch::Device device);

    /// defense: checked.
    [[nodiscard]] std::shared_ptr<const DefenseStages> stages(
        const DefenseRequest& defense, torch::ScalarType type, torch::Device device);
    /// The network that a defense wants, in numericsBehind().
    [[nodiscard]] std::shared_ptr<const Classifier> networkBehind(const DefenseRequest& defense,
        const std::string& id, Numerics numerics, torch::Device device);
    /// The models behind the defense, in order, sharing one set of stages. defense: checked.
    [[nodiscard]] std::vector<std::shared_ptr<const DefendedSource>> defended(
        const DefenseRequest& defense, const std::vector<std::string>& ids, Numerics numerics,
        torch::Device device);

    EngineOptions options;
    NetworkCache cache;
    PurifierCache purifiers;
    ResizeBank resizes;
    CellMemory cells;
};

} // namespace crossiter
