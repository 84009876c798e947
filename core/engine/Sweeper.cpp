#include "core/engine/Sweeper.h"

#include "core/attack/ImageKey.h"
#include "core/base/Sha256.h"
#include "core/base/TimeLeft.h"
#include "core/classify/Labels.h"
#include "core/defense/SweptSize.h"
#include "core/engine/ThreadsAndDevice.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <thread>
#include <tuple>

namespace crossiter {

// Sweeps: every size x sub-step x model. A cell is always computed by one thread, whatever the
// request's thread count, and `threads` cells are computed at the same time. So a cell does not
// depend on how many others are asked for, nor on the number of threads; and two small networks
// side by side use two cores better than one network spread over both (docs/performance.md).

namespace {

/// Cells are handed out this often at most: the receiver draws each group.
constexpr std::chrono::milliseconds kBetweenGroups { 25 };

void requireLabel(const char* place, const std::optional<int>& label)
{
    if (label && (*label < 0 || *label >= kLabelCount))
        throw Error(ErrorKind::Usage, "value out of range", place, "a competition label 0..1000",
            std::to_string(*label));
}

/// Fills in the sub-steps; throws Error(Usage).
SweepRequest checkedSweep(SweepRequest request, std::size_t pictures)
{
    if (request.models.empty())
        throw Error(ErrorKind::Usage, "no model", "--model", "at least one id");
    if (request.sizes.empty())
        throw Error(ErrorKind::Usage, "no size", "--sizes", "1..299 pixels");
    for (std::size_t i = 0; i < request.sizes.size(); ++i) {
        checkDefense(withSize(request.defense, request.sizes[i]));
        if (i > 0 && request.sizes[i] <= request.sizes[i - 1])
            throw Error(ErrorKind::Usage, "sizes out of order", "--sizes", "rising, each once",
                std::to_string(request.sizes[i]));
    }
    checkCompute(request.compute);
    const auto count = static_cast<int>(pictures);
    if (request.subSteps.empty())
        for (int i = 0; i < count; ++i)
            request.subSteps.push_back(i);
    for (std::size_t i = 0; i < request.subSteps.size(); ++i) {
        const int subStep = request.subSteps[i];
        if (subStep < 0 || subStep >= count || (i > 0 && subStep <= request.subSteps[i - 1]))
            throw Error(ErrorKind::Usage, "wrong sub-step", "sub-steps",
                "0.." + std::to_string(count - 1) + ", rising, each once", std::to_string(subStep));
    }
    requireLabel("--label", request.trueLabel);
    requireLabel("--target", request.target);
    return request;
}

/// Rank of each of `count` places, coarse to fine: both ends, then every power of two's multiples.
std::vector<int> coarseRanks(std::size_t count)
{
    std::vector<int> ranks(count, 0);
    std::size_t stride = 1;
    while (stride * 2 < count)
        stride *= 2;
    for (std::size_t i = 1; i + 1 < count; ++i) {
        int rank = 0;
        for (std::size_t step = stride; step > 1 && i % step != 0; step /= 2)
            ++rank;
        ranks[i] = rank;
    }
    return ranks;
}

struct Task
{
    int rank = 0;
    int subStep = 0;
    int size = 0;
};

/// Coarse to fine over the sizes; of one rank the sub-steps in order.
std::vector<Task> tasksOf(const SweepRequest& request)
{
    const std::vector<int> ranks = coarseRanks(request.sizes.size());
    std::vector<Task> tasks;
    tasks.reserve(request.sizes.size() * request.subSteps.size());
    for (std::size_t i = 0; i < request.sizes.size(); ++i)
        for (const int subStep : request.subSteps)
            tasks.push_back({ ranks[i], subStep, request.sizes[i] });
    std::ranges::sort(
        tasks, {}, [](const Task& task) { return std::tuple(task.rank, task.subStep, task.size); });
    return tasks;
}

SweepCell cellOf(
    const SweepRequest& request, const Task& task, int attackedLabel, int model, const Drawn& drawn)
{
    const auto probability = [&](int label) {
        return label < 0 ? -1.0 : static_cast<double>(drawn.mean[static_cast<std::size_t>(label)]);
    };
    const auto count = [&](int label) {
        return static_cast<std::size_t>(std::ranges::count(drawn.top1, label));
    };
    SweepCell cell;
    cell.subStep = task.subStep;
    cell.size = task.size;
    cell.model = model;
    cell.label = static_cast<int>(std::ranges::max_element(drawn.mean) - drawn.mean.begin());
    cell.probability = probability(cell.label);
    cell.trueProbability = probability(request.trueLabel.value_or(-1));
    cell.attackedProbability = probability(attackedLabel);
    cell.targetProbability = probability(request.target.value_or(-1));
    const std::size_t draws = drawn.top1.size();
    if (request.trueLabel)
        cell.trueTop1 = wilson(count(*request.trueLabel), draws);
    cell.flipRate = static_cast<double>(draws - count(cell.label)) / static_cast<double>(draws);
    return cell;
}

/// What a picture's cells share.
struct PictureKeys
{
    std::string hash; ///< SHA-256
    std::uint64_t key = 0;
};

class Sweep
{
public:
    using SourcesAt =
        std::function<std::vector<std::shared_ptr<const DefendedSource>>(const DefenseRequest&)>;

    Sweep(const SweepRequest& request, const std::vector<SweepPicture>& pictures,
        CellMemory& memory, std::vector<std::string> modelKeys, SourcesAt sourcesAt,
        torch::Device device)
        : m_request(request)
        , m_pictures(pictures)
        , m_memory(memory)
        , m_modelKeys(std::move(modelKeys))
        , m_sourcesAt(std::move(sourcesAt))
        , m_device(device)
    {
        for (const int subStep : request.subSteps) {
            const Image& image = *pictures[static_cast<std::size_t>(subStep)].image;
            m_keys.emplace(subStep, PictureKeys { sha256(image.rgb), imageKey(image) });
        }
    }

    std::shared_ptr<const SweepResult> go(
        const SweepSink& onCells, const ProgressSink& progress, const std::stop_token& stop)
    {
        m_result = std::make_shared<SweepResult>();
        m_result->request = m_request;
        m_stop = stop;
        std::vector<SweepCell> known;
        for (const Task& task : tasksOf(m_request)) {
            std::vector<SweepCell> cells = remembered(task);
            if (cells.size() == m_request.models.size())
                known.insert(known.end(), cells.begin(), cells.end());
            else
                m_tasks.push_back(task);
        }
        m_total = m_request.sizes.size() * m_request.subSteps.size() * m_request.models.size();
        m_left = m_total - known.size();
        m_clock.restart();
        deliver(std::move(known), onCells, progress);
        compute(onCells, progress);
        auto& cells = m_result->cells;
        std::ranges::sort(cells, {},
            [](const SweepCell& cell) { return std::tuple(cell.subStep, cell.size, cell.model); });
        m_result->cancelled = cells.size() < m_total;
        return m_result;
    }

private:
    [[nodiscard]] std::string memoryKey(const Task& task, std::size_t model) const
    {
        const DefenseRequest defense = withSize(m_request.defense, task.size);
        std::string key =
            m_keys.at(task.subStep).hash + "|" + m_modelKeys[model] + "|" + defenseText(defense);
        if (defense.random())
            key += "|" + std::to_string(task.subStep);
        return key;
    }

    [[nodiscard]] const SweepPicture& pictureOf(const Task& task) const
    {
        return m_pictures[static_cast<std::size_t>(task.subStep)];
    }

    [[nodiscard]] SweepCell cellAt(const Task& task, std::size_t model, const Drawn& drawn) const
    {
        return cellOf(
            m_request, task, pictureOf(task).attackedLabel, static_cast<int>(model), drawn);
    }

    [[nodiscard]] std::vector<SweepCell> remembered(const Task& task) const
    {
        std::vector<SweepCell> cells;
        for (std::size_t model = 0; model < m_request.models.size(); ++model)
            if (const auto drawn = m_memory.find(memoryKey(task, model)))
                cells.push_back(cellAt(task, model, *drawn));
        return cells;
    }

    void deliver(
        std::vector<SweepCell> cells, const SweepSink& onCells, const ProgressSink& progress)
    {
        if (cells.empty())
            return;
        if (onCells)
            onCells(cells);
        m_result->cells.insert(m_result->cells.end(), cells.begin(), cells.end());
        if (!progress)
            return;
        const std::size_t done = m_result->cells.size();
        const std::size_t computed = done - (m_total - m_left);
        progress({ "sweeping", done, m_total,
            secondsLeft(m_clock.seconds(), computed, m_total - done) });
    }

    /// This thread hands the cells out, others compute them.
    void compute(const SweepSink& onCells, const ProgressSink& progress)
    {
        if (m_tasks.empty())
            return;
        const std::size_t wanted = m_device.is_cpu()
            ? static_cast<std::size_t>(threadCount(m_request.compute.threads))
            : 1;
        std::vector<std::jthread> workers;
        m_working = std::min(wanted, m_tasks.size());
        for (std::size_t i = m_working; i > 0; --i)
            workers.emplace_back([this] { work(); });
        for (bool going = true; going;) {
            std::vector<SweepCell> cells;
            {
                std::unique_lock lock(m_mutex);
                m_changed.wait(lock, [this] { return m_working == 0 || !m_ready.empty(); });
                cells = std::exchange(m_ready, {});
                going = m_working > 0;
            }
            deliver(std::move(cells), onCells, progress);
            if (going) {
                std::unique_lock lock(m_mutex);
                m_changed.wait_for(lock, kBetweenGroups, [this] { return m_working == 0; });
            }
        }
        workers.clear();
        deliver(std::exchange(m_ready, {}), onCells, progress);
        if (m_fault)
            std::rethrow_exception(m_fault);
    }

    void work()
    {
        useThreads(1);
        try {
            while (runNext()) { }
        } catch (...) {
            const std::lock_guard lock(m_mutex);
            m_fault = std::current_exception();
            m_tasks.clear();
        }
        const std::lock_guard lock(m_mutex);
        --m_working;
        m_changed.notify_one();
    }

    bool runNext()
    {
        Task task;
        {
            const std::lock_guard lock(m_mutex);
            if (m_tasks.empty() || m_stop.stop_requested())
                return false;
            task = m_tasks.front();
            m_tasks.pop_front();
        }
        const torch::NoGradGuard guard;
        const auto sources = m_sourcesAt(withSize(m_request.defense, task.size));
        DrawnPicture picture;
        picture.key = m_keys.at(task.subStep).key;
        picture.subStep = task.subStep;
        for (std::size_t model = 0; model < sources.size(); ++model) {
            const std::string key = memoryKey(task, model);
            std::shared_ptr<const Drawn> drawn = m_memory.find(key);
            if (!drawn) {
                const DefenseStages& stages = sources[model]->stages();
                if (!picture.x.defined())
                    picture.x =
                        toTensor(*pictureOf(task).image, sources[model]->scalarType()).to(m_device);
                if (!picture.staged.defined() && !stages.random())
                    picture.staged = stages(picture.x, 0);
                auto found = sources[model]->draws({ picture }, m_stop);
                if (!found)
                    return false;
                drawn = std::make_shared<const Drawn>(std::move(found->front()));
                m_memory.keep(key, drawn);
            }
            const SweepCell cell = cellAt(task, model, *drawn);
            const std::lock_guard lock(m_mutex);
            m_ready.push_back(cell);
            m_changed.notify_one();
        }
        return true;
    }

    const SweepRequest& m_request;
    const std::vector<SweepPicture>& m_pictures;
    CellMemory& m_memory;
    std::vector<std::string> m_modelKeys;
    SourcesAt m_sourcesAt;
    torch::Device m_device;
    std::map<int, PictureKeys> m_keys;
    std::shared_ptr<SweepResult> m_result;
    std::size_t m_total = 0;
    std::size_t m_left = 0; ///< cells that were not known at the start
    Stopwatch m_clock;
    std::stop_token m_stop;

    std::mutex m_mutex; ///< for all below
    std::condition_variable m_changed;
    std::deque<Task> m_tasks;
    std::vector<SweepCell> m_ready;
    std::size_t m_working = 0;
    std::exception_ptr m_fault;
};

} // namespace

std::shared_ptr<const SweepResult> Sweeper::sweep(const SweepRequest& request,
    const std::vector<SweepPicture>& pictures, const SweepSink& onCells,
    const ProgressSink& progress, const std::stop_token& stop)
{
    if (pictures.empty())
        throw Error(ErrorKind::Internal, "a sweep needs a picture", "engine");
    const SweepRequest whole = checkedSweep(request, pictures.size());
    return translated([&] {
        const torch::Device device = resolve(whole.compute.device);
        // Networks and purifiers are fetched once and stay for the whole sweep.
        const DefenseRequest first = withSize(whole.defense, whole.sizes.front());
        const auto kept = m_models.defended(first, whole.models, whole.compute.numerics, device);
        std::vector<std::string> keys;
        for (const std::string& id : whole.models) {
            const auto network = m_models.networkBehind(first, id, whole.compute.numerics, device);
            keys.push_back(id + "|" + network->weightsSha256() + "|"
                + toString(whole.compute.numerics) + "|" + device.str());
        }
        Sweep sweep(
            whole, pictures, m_memory, std::move(keys),
            [&](const DefenseRequest& defense) {
                return m_models.defended(defense, whole.models, whole.compute.numerics, device);
            },
            device);
        return sweep.go(onCells, progress, stop);
    });
}

} // namespace crossiter
