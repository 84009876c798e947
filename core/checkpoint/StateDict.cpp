#include "core/checkpoint/StateDict.h"

#include "core/checkpoint/Sizes.h"

namespace crossiter {

std::size_t sizeOf(DType dtype) noexcept
{
    switch (dtype) {
    case DType::I8:
    case DType::U8:
    case DType::Bool:
        return 1;
    case DType::F16:
    case DType::BF16:
    case DType::I16:
        return 2;
    case DType::F32:
    case DType::I32:
        return 4;
    case DType::F64:
    case DType::I64:
        break;
    }
    return 8;
}

const char* nameOf(DType dtype) noexcept
{
    switch (dtype) {
    case DType::F16:
        return "F16";
    case DType::BF16:
        return "BF16";
    case DType::F32:
        return "F32";
    case DType::F64:
        return "F64";
    case DType::I8:
        return "I8";
    case DType::U8:
        return "U8";
    case DType::I16:
        return "I16";
    case DType::I32:
        return "I32";
    case DType::I64:
        return "I64";
    case DType::Bool:
        break;
    }
    return "BOOL";
}

const TensorView* StateDict::find(const std::string& name) const
{
    for (const TensorView& tensor : tensors)
        if (tensor.name == name)
            return &tensor;
    return nullptr;
}

namespace detail {

std::optional<std::uint64_t> byteCount(std::span<const std::int64_t> shape, DType dtype) noexcept
{
    std::uint64_t count = sizeOf(dtype);
    bool empty = false;
    for (const std::int64_t side : shape) {
        if (side < 0)
            return std::nullopt;
        if (side == 0)
            empty = true;
        else if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(side), &count))
            return std::nullopt; // also beside a side of 0: nobody means such a shape
    }
    if (count > static_cast<std::uint64_t>(INT64_MAX))
        return std::nullopt;
    return empty ? 0 : count;
}

std::string shapeText(std::span<const std::int64_t> shape)
{
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i)
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    return text + "]";
}

} // namespace detail

} // namespace crossiter
