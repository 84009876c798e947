#include "core/ops/DroppedHead.h"

#include "core/base/Random.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <span>

namespace crossiter {

namespace {

/// Bytes of one tile's sums: 32 classes in float32, 16 in float64. They stay in registers, eight of
/// the 16 bytes that every x86-64 and AArch64 has, or four of AVX2's 32.
constexpr std::size_t kTileBytes = 128;
/// Rows of a tile that all draws read before the next ones come: 16 kB, which stay in the first
/// cache.
constexpr std::size_t kBlockRows = 128;

template <typename T>
struct Tile
{
    static constexpr std::size_t kClasses = kTileBytes / sizeof(T);
    alignas(32) std::array<T, kClasses> sums;
};

/// Adds the rows named, of kTileBytes each, in their order: a sum depends on its list alone, and
/// not on the registers, since each class is added up by itself.
template <typename T>
void addRows(const T* rows, std::span<const std::int32_t> list, Tile<T>& tile)
{
    using Vec [[gnu::vector_size(16)]] = T;
    const auto* first = reinterpret_cast<const Vec*>(rows);
    auto* to = reinterpret_cast<Vec*>(tile.sums.data());
    Vec a = to[0];
    Vec b = to[1];
    Vec c = to[2];
    Vec d = to[3];
    Vec e = to[4];
    Vec f = to[5];
    Vec g = to[6];
    Vec h = to[7];
    for (const std::int32_t i : list) {
        const Vec* row = first + static_cast<std::size_t>(i) * 8;
        a += row[0];
        b += row[1];
        c += row[2];
        d += row[3];
        e += row[4];
        f += row[5];
        g += row[6];
        h += row[7];
    }
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
    to[4] = e;
    to[5] = f;
    to[6] = g;
    to[7] = h;
}

#ifdef __x86_64__
template <typename T>
[[gnu::target("avx2")]] void addRowsAvx2(
    const T* rows, std::span<const std::int32_t> list, Tile<T>& tile)
{
    using Vec [[gnu::vector_size(32)]] = T;
    const auto* first = reinterpret_cast<const Vec*>(rows);
    auto* to = reinterpret_cast<Vec*>(tile.sums.data());
    Vec a = to[0];
    Vec b = to[1];
    Vec c = to[2];
    Vec d = to[3];
    for (const std::int32_t i : list) {
        const Vec* row = first + static_cast<std::size_t>(i) * 4;
        a += row[0];
        b += row[1];
        c += row[2];
        d += row[3];
    }
    to[0] = a;
    to[1] = b;
    to[2] = c;
    to[3] = d;
}
#endif

template <typename T>
auto chosenSum()
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2"))
        return &addRowsAvx2<T>;
#endif
    return &addRows<T>;
}

std::int64_t tileClasses(torch::ScalarType type)
{
    return static_cast<std::int64_t>(
        type == torch::kDouble ? Tile<double>::kClasses : Tile<float>::kClasses);
}

/// Those of the list whose feature is not zero.
template <typename T>
std::vector<std::int32_t> thatCount(const std::vector<std::int32_t>& list, const T* features)
{
    std::vector<std::int32_t> counting(list.size() + 1);
    std::size_t count = 0;
    for (const std::int32_t i : list) {
        counting[count] = i; // without a branch, as in DropoutDraw
        count += features[i] != T(0) ? 1U : 0U;
    }
    counting.resize(count);
    return counting;
}

/// What one draw drops, block by block.
struct DroppedRows
{
    std::vector<std::int32_t> rows; ///< number within its block
    std::vector<std::size_t> ends; ///< of each block in `rows`

    [[nodiscard]] std::span<const std::int32_t> of(std::size_t block) const
    {
        const std::size_t begin = block == 0 ? 0 : ends[block - 1];
        return std::span(rows).subspan(begin, ends[block] - begin);
    }
};

/// dropped: ascending; place: of each input among those that count.
DroppedRows inBlocks(
    std::vector<std::int32_t> dropped, const std::vector<std::int32_t>& place, std::size_t blocks)
{
    DroppedRows lists;
    lists.rows = std::move(dropped);
    lists.ends.assign(blocks, 0);
    for (std::int32_t& row : lists.rows) {
        const auto at = static_cast<std::size_t>(place[static_cast<std::size_t>(row)]);
        ++lists.ends[at / kBlockRows];
        row = static_cast<std::int32_t>(at % kBlockRows);
    }
    std::partial_sum(lists.ends.begin(), lists.ends.end(), lists.ends.begin());
    return lists;
}

/// By value, so that the compiler sees that nothing aliases and multiplies whole registers.
template <typename T>
Tile<T> scaled(const T* row, T factor)
{
    Tile<T> product;
    for (std::size_t c = 0; c < Tile<T>::kClasses; ++c)
        product.sums[c] = row[c] * factor;
    return product;
}

template <typename T>
void tileLogits(const torch::Tensor& tiles, const torch::Tensor& bias, const torch::Tensor& values,
    const std::vector<DropoutDraw>& draws, double keep, torch::Tensor& out)
{
    constexpr std::size_t kClasses = Tile<T>::kClasses;
    const auto add = chosenSum<T>();
    const T* features = values.const_data_ptr<T>();
    const T* offsets = bias.const_data_ptr<T>();
    T* logits = out.mutable_data_ptr<T>();
    const std::int64_t inputs = tiles.size(1);
    const std::int64_t classes = out.size(1);
    const T scale = static_cast<T>(1.0 / keep);
    std::vector<std::int32_t> all(static_cast<std::size_t>(inputs));
    std::iota(all.begin(), all.end(), 0);
    all = thatCount(all, features);
    std::vector<std::int32_t> place(static_cast<std::size_t>(inputs));
    for (std::size_t i = 0; i < all.size(); ++i)
        place[static_cast<std::size_t>(all[i])] = static_cast<std::int32_t>(i);
    const std::size_t blocks = (all.size() + kBlockRows - 1) / kBlockRows;
    std::vector<DroppedRows> lists;
    lists.reserve(draws.size());
    for (const DropoutDraw& draw : draws)
        lists.push_back(inBlocks(thatCount(draw.dropped(), features), place, blocks));
    std::array<std::int32_t, kBlockRows> each {};
    std::iota(each.begin(), each.end(), 0);
    at::parallel_for(0, tiles.size(0), 1, [&](std::int64_t begin, std::int64_t end) {
        std::vector<Tile<T>> product(kBlockRows); // a block's weights times its features
        std::vector<Tile<T>> less(lists.size());
        for (std::int64_t tile = begin; tile < end; ++tile) {
            const T* weights =
                tiles.const_data_ptr<T>() + tile * inputs * static_cast<std::int64_t>(kClasses);
            Tile<T> whole {};
            std::ranges::fill(less, Tile<T> {});
            for (std::size_t block = 0; block < blocks; ++block) {
                const std::size_t from = block * kBlockRows;
                const std::size_t count = std::min(kBlockRows, all.size() - from);
                for (std::size_t i = 0; i < count; ++i) {
                    const auto input = static_cast<std::size_t>(all[from + i]);
                    product[i] = scaled(weights + input * kClasses, features[input]);
                }
                const T* rows = product.front().sums.data();
                add(rows, std::span(each).first(count), whole);
                for (std::size_t d = 0; d < lists.size(); ++d)
                    add(rows, lists[d].of(block), less[d]);
            }
            const std::int64_t first = tile * static_cast<std::int64_t>(kClasses);
            const auto count = static_cast<std::size_t>(
                std::min<std::int64_t>(static_cast<std::int64_t>(kClasses), classes - first));
            for (std::size_t d = 0; d < lists.size(); ++d) {
                T* row = logits + static_cast<std::int64_t>(d) * classes + first;
                for (std::size_t c = 0; c < count; ++c)
                    row[c] = (whole.sums[c] - less[d].sums[c]) * scale
                        + offsets[first + static_cast<std::int64_t>(c)];
            }
        }
    });
}

} // namespace

DropoutDraw::DropoutDraw(std::uint64_t seed, int inputs, double keep)
    : m_inputs(inputs)
    , m_keep(keep)
{
    RandomStream stream(seed);
    m_dropped.resize(static_cast<std::size_t>(inputs) + 1);
    // The 53 bits of stream.uniform(), compared as a whole number.
    const auto bound = static_cast<std::uint64_t>(std::ceil(keep * 0x1.0p53));
    std::size_t count = 0;
    for (int i = 0; i < inputs; ++i) {
        m_dropped[count] = i; // without a branch: chance is what no processor foresees
        count += stream.next() >> 11U < bound ? 0U : 1U;
    }
    m_dropped.resize(count);
}

torch::Tensor DropoutDraw::mask(torch::ScalarType type, torch::Device device) const
{
    torch::Tensor values = torch::full({ 1, m_inputs }, 1.0 / m_keep, torch::kDouble);
    auto* data = values.mutable_data_ptr<double>();
    for (const std::int32_t i : m_dropped)
        data[i] = 0.0;
    return values.to(type).to(device);
}

DroppedHead::DroppedHead(const torch::Tensor& weight, const torch::Tensor& bias)
    : m_weight(weight)
    , m_bias(bias.contiguous())
{
    if (!weight.is_cpu())
        return;
    const std::int64_t classes = weight.size(0);
    const std::int64_t width = tileClasses(weight.scalar_type());
    const std::int64_t tiles = (classes + width - 1) / width;
    const torch::Tensor padded =
        torch::constant_pad_nd(weight.detach(), { 0, 0, 0, tiles * width - classes }, 0);
    m_tiles = padded.view({ tiles, width, weight.size(1) }).transpose(1, 2).contiguous();
    m_weight.reset();
}

torch::Tensor DroppedHead::logits(
    const torch::Tensor& features, const std::vector<DropoutDraw>& draws, double keep) const
{
    const torch::NoGradGuard guard;
    TORCH_INTERNAL_ASSERT(features.dim() == 2 && features.size(0) == 1);
    if (!m_tiles.defined()) {
        std::vector<torch::Tensor> masks;
        masks.reserve(draws.size());
        for (const DropoutDraw& draw : draws)
            masks.push_back(draw.mask(features.scalar_type(), features.device()));
        return torch::linear(features * torch::cat(masks), m_weight, m_bias);
    }
    const torch::Tensor values = features.detach().contiguous();
    torch::Tensor out = torch::empty(
        { static_cast<std::int64_t>(draws.size()), m_bias.size(0) }, features.options());
    if (features.scalar_type() == torch::kDouble)
        tileLogits<double>(m_tiles, m_bias, values, draws, keep, out);
    else
        tileLogits<float>(m_tiles, m_bias, values, draws, keep, out);
    return out;
}

} // namespace crossiter
