#include "core/checkpoint/LoadInto.h"

#include "core/base/Error.h"

#include <cstring>
#include <set>

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
    for (const TensorView& view : state.tensors) {
        if (!wanted.contains(view.name))
            leftOver.push_back(view.name);
    }
    std::string faults;
    append(faults, "missing keys:", missing);
    append(faults, "left-over keys:", leftOver);
    append(faults, "wrong shapes:", misshapen);
    if (!faults.empty())
        throw Error(ErrorKind::BadInput, "weights do not fit the network", place, {}, faults);

    for (auto& [target, view] : copies) {
        const torch::Tensor values = toTensor(*view);
        if (values.is_floating_point() && !torch::isfinite(values).all().item<bool>())
            notFinite.push_back(view->name);
        target.copy_(values);
    }
    append(faults, "NaN or infinity in:", notFinite);
    if (!faults.empty())
        throw Error(ErrorKind::BadInput, "damaged weights", place, "finite numbers", faults);
}

} // namespace crossiter
