#include "core/nets/InceptionBlocks.h"

namespace crossiter {

torch::Tensor averagePool3(const torch::Tensor& x, bool countPadding)
{
    return torch::avg_pool2d(x, { 3, 3 }, { 1, 1 }, { 1, 1 }, /*ceil_mode=*/false, countPadding);
}

torch::Tensor maxPool3(const torch::Tensor& x)
{
    return torch::max_pool2d(x, { 3, 3 }, { 2, 2 });
}

void InceptionBlock::add(
    const std::string& name, int inputs, int outputs, std::array<int, 2> kernel, int stride)
{
    const Padding padding = stride == 1 ? Padding::Same : Padding::Valid;
    auto block = std::make_shared<ConvBlock>(
        ConvNormShape { inputs, outputs, kernel, stride, padding, Activation::Relu });
    register_module(name, block);
    m_convs.emplace(name, block);
    m_order.emplace_back(block, stride != 1);
}

torch::Tensor InceptionBlock::run(
    const char* name, const torch::Tensor& x, const ForwardOptions& options) const
{
    const auto found = m_convs.find(std::string_view(name));
    TORCH_INTERNAL_ASSERT(found != m_convs.end(), name);
    return found->second->run(x, options);
}

void InceptionBlock::fold()
{
    for (const auto& [block, reduces] : m_order)
        block->fold();
}

std::int64_t InceptionBlock::multiplyAdds(int& side) const
{
    std::int64_t total = 0;
    int after = side;
    for (const auto& [block, reduces] : m_order) {
        int own = side;
        total += block->multiplyAdds(own);
        if (reduces)
            after = own;
    }
    side = after;
    return total;
}

InceptionA::InceptionA(int inputs, int poolOutputs, bool countPadding)
    : m_countPadding(countPadding)
{
    add("branch1x1", inputs, 64, { 1, 1 });
    add("branch5x5_1", inputs, 48, { 1, 1 });
    add("branch5x5_2", 48, 64, { 5, 5 });
    add("branch3x3dbl_1", inputs, 64, { 1, 1 });
    add("branch3x3dbl_2", 64, 96, { 3, 3 });
    add("branch3x3dbl_3", 96, 96, { 3, 3 });
    add("branch_pool", inputs, poolOutputs, { 1, 1 });
}

torch::Tensor InceptionA::forward(const torch::Tensor& x, const ForwardOptions& o) const
{
    const torch::Tensor five = run("branch5x5_2", run("branch5x5_1", x, o), o);
    const torch::Tensor twice =
        run("branch3x3dbl_3", run("branch3x3dbl_2", run("branch3x3dbl_1", x, o), o), o);
    const torch::Tensor pool = run("branch_pool", averagePool3(x, m_countPadding), o);
    return torch::cat({ run("branch1x1", x, o), five, twice, pool }, 1);
}

InceptionB::InceptionB(int inputs)
{
    add("branch3x3", inputs, 384, { 3, 3 }, 2);
    add("branch3x3dbl_1", inputs, 64, { 1, 1 });
    add("branch3x3dbl_2", 64, 96, { 3, 3 });
    add("branch3x3dbl_3", 96, 96, { 3, 3 }, 2);
}

torch::Tensor InceptionB::forward(const torch::Tensor& x, const ForwardOptions& o) const
{
    const torch::Tensor twice =
        run("branch3x3dbl_3", run("branch3x3dbl_2", run("branch3x3dbl_1", x, o), o), o);
    return torch::cat({ run("branch3x3", x, o), twice, maxPool3(x) }, 1);
}

InceptionC::InceptionC(int inputs, int inner, bool countPadding)
    : m_countPadding(countPadding)
{
    add("branch1x1", inputs, 192, { 1, 1 });
    add("branch7x7_1", inputs, inner, { 1, 1 });
    add("branch7x7_2", inner, inner, { 1, 7 });
    add("branch7x7_3", inner, 192, { 7, 1 });
    add("branch7x7dbl_1", inputs, inner, { 1, 1 });
    add("branch7x7dbl_2", inner, inner, { 7, 1 });
    add("branch7x7dbl_3", inner, inner, { 1, 7 });
    add("branch7x7dbl_4", inner, inner, { 7, 1 });
    add("branch7x7dbl_5", inner, 192, { 1, 7 });
    add("branch_pool", inputs, 192, { 1, 1 });
}

torch::Tensor InceptionC::forward(const torch::Tensor& x, const ForwardOptions& o) const
{
    const torch::Tensor seven =
        run("branch7x7_3", run("branch7x7_2", run("branch7x7_1", x, o), o), o);
    torch::Tensor twice = x;
    for (const char* name : { "branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3",
             "branch7x7dbl_4", "branch7x7dbl_5" })
        twice = run(name, twice, o);
    const torch::Tensor pool = run("branch_pool", averagePool3(x, m_countPadding), o);
    return torch::cat({ run("branch1x1", x, o), seven, twice, pool }, 1);
}

InceptionD::InceptionD(int inputs)
{
    add("branch3x3_1", inputs, 192, { 1, 1 });
    add("branch3x3_2", 192, 320, { 3, 3 }, 2);
    add("branch7x7x3_1", inputs, 192, { 1, 1 });
    add("branch7x7x3_2", 192, 192, { 1, 7 });
    add("branch7x7x3_3", 192, 192, { 7, 1 });
    add("branch7x7x3_4", 192, 192, { 3, 3 }, 2);
}

torch::Tensor InceptionD::forward(const torch::Tensor& x, const ForwardOptions& o) const
{
    const torch::Tensor three = run("branch3x3_2", run("branch3x3_1", x, o), o);
    torch::Tensor seven = x;
    for (const char* name : { "branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3", "branch7x7x3_4" })
        seven = run(name, seven, o);
    return torch::cat({ three, seven, maxPool3(x) }, 1);
}

InceptionE::InceptionE(int inputs, bool countPadding)
    : m_countPadding(countPadding)
{
    add("branch1x1", inputs, 320, { 1, 1 });
    add("branch3x3_1", inputs, 384, { 1, 1 });
    add("branch3x3_2a", 384, 384, { 1, 3 });
    add("branch3x3_2b", 384, 384, { 3, 1 });
    add("branch3x3dbl_1", inputs, 448, { 1, 1 });
    add("branch3x3dbl_2", 448, 384, { 3, 3 });
    add("branch3x3dbl_3a", 384, 384, { 1, 3 });
    add("branch3x3dbl_3b", 384, 384, { 3, 1 });
    add("branch_pool", inputs, 192, { 1, 1 });
}

torch::Tensor InceptionE::forward(const torch::Tensor& x, const ForwardOptions& o) const
{
    const torch::Tensor three = run("branch3x3_1", x, o);
    const torch::Tensor twice = run("branch3x3dbl_2", run("branch3x3dbl_1", x, o), o);
    const torch::Tensor pool = run("branch_pool", averagePool3(x, m_countPadding), o);
    return torch::cat(
        { run("branch1x1", x, o), run("branch3x3_2a", three, o), run("branch3x3_2b", three, o),
            run("branch3x3dbl_3a", twice, o), run("branch3x3dbl_3b", twice, o), pool },
        1);
}

} // namespace crossiter
