#include "core/ops/StraightThrough.h"

namespace crossiter {

namespace {

class StraightFunction : public torch::autograd::Function<StraightFunction>
{
public:
    static torch::Tensor forward(torch::autograd::AutogradContext* /*context*/,
        const torch::Tensor& /*x*/, const torch::Tensor& value)
    {
        // A copy: a result that is an argument would be taken for a view of it.
        return value.clone();
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* /*context*/,
        const torch::autograd::variable_list& gradients)
    {
        return { gradients[0], {} };
    }
};

} // namespace

torch::Tensor straightThrough(const torch::Tensor& x, const torch::Tensor& value)
{
    TORCH_INTERNAL_ASSERT(x.sizes() == value.sizes());
    return x.requires_grad() ? StraightFunction::apply(x, value.detach()) : value.detach();
}

} // namespace crossiter
