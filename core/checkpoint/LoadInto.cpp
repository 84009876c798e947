#include "core/checkpoint/LoadInto.h"

#include "core/base/Error.h"

#include <cstring>
#include <set>
#include <sys/mman.h>
#include <unistd.h>

namespace crossiter {

namespace {

constexpr std::size_t kNamesShown = 4;

torch::ScalarType scalarTypeOf(DType dtype)
{
    switch (dtype) {
    case DType::F16:
        return torch::kHalf;
    case DType::BF16:
        return torch::kBFloat16;
    case DType::F64:
        return torch::kDouble;
    case DType::I8:
        return torch::kInt8;
    case DType::U8:
        return torch::kUInt8;
    case DType::I16:
        return torch::kInt16;
    case DType::I32:
        return torch::kInt32;
    case DType::I64:
        return torch::kInt64;
    case DType::Bool:
        return torch::kBool;
    case DType::F32:
        break;
    }
    return torch::kFloat;
}

std::string shapeText(at::IntArrayRef shape)
{
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + "]";
}

void append(std::string& out, const char* what, const std::vector<std::string>& names)
{
    if (names.empty())
        return;
    out += (out.empty() ? "" : "; ") + std::string(what) + " ";
    for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
        out += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kNamesShown)
        out += " (and " + std::to_string(names.size() - kNamesShown) + " more)";
}

bool isCounter(const std::string& name)
{
    return name.ends_with("num_batches_tracked");
}

/// Gives the whole pages inside a mapped range back: what is read again comes from the file again.
void giveBack(const std::byte* begin, std::size_t size)
{
    const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    const auto first = (reinterpret_cast<std::uintptr_t>(begin) + page - 1) / page * page;
    const auto last = (reinterpret_cast<std::uintptr_t>(begin) + size) / page * page;
    if (first < last) // advice: what it answers changes nothing
        (void)::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED); // NOLINT
}

bool isAligned(const TensorView& view)
{
    return reinterpret_cast<std::uintptr_t>(view.bytes.data()) % sizeOf(view.dtype) == 0;
}

/// A tensor over the view's own bytes. Nothing may write to it.
torch::Tensor viewOf(const TensorView& view, const StateDict& state)
{
    auto* data = const_cast<std::byte*>(view.bytes.data()); // NOLINT: from_blob takes no const
    const std::size_t size = view.bytes.size();
    return torch::from_blob(
        data, view.shape,
        [owner = state.owner, size, mapped = state.mapped](void* begin) {
            if (mapped)
                giveBack(static_cast<const std::byte*>(begin), size);
        },
        torch::TensorOptions().dtype(scalarTypeOf(view.dtype)));
}

/// In pieces: the answer for a whole layer would be a quarter of its size again.
bool allFinite(const torch::Tensor& values)
{
    constexpr std::int64_t kPiece = 1 << 20;
    const torch::Tensor flat = values.flatten();
    for (std::int64_t i = 0; i < flat.numel(); i += kPiece) {
        const torch::Tensor piece = flat.slice(0, i, std::min(i + kPiece, flat.numel()));
        if (!torch::isfinite(piece).all().item<bool>())
            return false;
    }
    return true;
}

} // namespace

torch::Tensor toTensor(const TensorView& view)
{
    torch::Tensor tensor = torch::empty(view.shape, scalarTypeOf(view.dtype));
    TORCH_INTERNAL_ASSERT(tensor.nbytes() == view.bytes.size());
    if (!view.bytes.empty())
        std::memcpy(tensor.data_ptr(), view.bytes.data(), view.bytes.size());
    return tensor;
}

void loadInto(torch::nn::Module& module, const StateDict& state, const std::string& place)
{
    const torch::NoGradGuard guard;
    std::vector<std::string> missing;
    std::vector<std::string> misshapen;
    std::vector<std::string> notFinite;
    std::vector<std::string> leftOver;
    std::set<std::string> wanted;

    std::vector<std::pair<torch::Tensor, const TensorView*>> copies;
    const auto plan = [&](const std::string& name, const torch::Tensor& target) {
        wanted.insert(name);
        const TensorView* view = state.find(name);
        if (view == nullptr) {
            if (!isCounter(name))
                missing.push_back(name);
        } else if (target.sizes() != at::IntArrayRef(view->shape)) {
            misshapen.push_back(name + " expected " + shapeText(target.sizes()) + ", found "
                + shapeText(view->shape));
        } else {
            copies.emplace_back(target, view);
        }
    };
    for (const auto& item : module.named_parameters())
        plan(item.key(), item.value());
    for (const auto& item : module.named_buffers())
        plan(item.key(), item.value());
    for (const TensorView& view : state.tensors)
        if (!wanted.contains(view.name))
            leftOver.push_back(view.name);
    std::string faults;
    append(faults, "missing keys:", missing);
    append(faults, "left-over keys:", leftOver);
    append(faults, "wrong shapes:", misshapen);
    if (!faults.empty())
        throw Error(ErrorKind::BadInput, "weights do not fit the network", place, {}, faults);

    for (auto& [target, view] : copies) {
        const bool adopted = !view->shape.empty() && !view->bytes.empty() && isAligned(*view)
            && target.scalar_type() == scalarTypeOf(view->dtype) && target.is_cpu();
        const torch::Tensor values = adopted ? viewOf(*view, state) : toTensor(*view);
        if (values.is_floating_point() && !allFinite(values))
            notFinite.push_back(view->name);
        if (adopted)
            target.set_data(values);
        else
            target.copy_(values);
    }
    append(faults, "NaN or infinity in:", notFinite);
    if (!faults.empty())
        throw Error(ErrorKind::BadInput, "damaged weights", place, "finite numbers", faults);
}

} // namespace crossiter
