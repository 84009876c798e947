#include "core/ops/cuda/Kernels.h"

namespace crossiter::cuda {

namespace {

/// Each output's shares in the inputs, as a dense matrix [outputs, inputs].
torch::Tensor shares(const ResizeAxis& axis)
{
    const torch::Tensor weight = axis.weight.unsqueeze(1);
    torch::Tensor matrix =
        torch::zeros({ axis.lower.size(0), axis.firstUse.size(0) }, axis.weight.options());
    matrix.scatter_add_(1, axis.lower.to(torch::kLong).unsqueeze(1), 1 - weight);
    matrix.scatter_add_(1, axis.upper.to(torch::kLong).unsqueeze(1), weight);
    return matrix;
}

} // namespace

bool kernelsBuilt() noexcept
{
    return false;
}

void tf1ResizeForward(const torch::Tensor& x, const ResizeAxes& axes, torch::Tensor& out)
{
    const torch::Tensor along = axes.columns.weight;
    const torch::Tensor left = x.index_select(3, axes.columns.lower);
    const torch::Tensor lines = left + (x.index_select(3, axes.columns.upper) - left) * along;
    const torch::Tensor above = lines.index_select(2, axes.rows.lower);
    out.copy_(
        above + (lines.index_select(2, axes.rows.upper) - above) * axes.rows.weight.unsqueeze(1));
}

void tf1ResizeBackward(const torch::Tensor& gradient, const ResizeAxes& axes, torch::Tensor& out)
{
    out.copy_(torch::matmul(shares(axes.rows).t(), torch::matmul(gradient, shares(axes.columns))));
}

void signedStep(const torch::Tensor& x, const torch::Tensor& gradient, const torch::Tensor& clean,
    const SignedStep& p, torch::Tensor& out)
{
    torch::Tensor y =
        x + (torch::nan_to_num(gradient, 0.0).sign() * p.step).clamp(-p.epsilon, p.epsilon);
    if (p.ball)
        y = torch::minimum(torch::maximum(y, clean - p.epsilon), clean + p.epsilon);
    out.copy_(y.clamp_(-1, 1));
}

} // namespace crossiter::cuda
