#include "core/engine/SelfTest.h"

#include "core/attack/AttackLoop.h"
#include "core/ops/SignedStep.h"
#include "core/ops/cuda/Kernels.h"

#include <ATen/CPUGeneratorImpl.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>

namespace crossiter {

namespace {

constexpr std::uint64_t kSeed = 20170;

double largestDifference(const torch::Tensor& found, const torch::Tensor& expected)
{
    const torch::Tensor difference =
        (found.to(torch::kCPU, torch::kDouble) - expected.to(torch::kDouble)).abs();
    // NaN must not pass for a small difference.
    return torch::isfinite(difference).all().item<bool>() ? difference.max().item<double>()
                                                          : std::numeric_limits<double>::infinity();
}

double sineOfAngle(const torch::Tensor& left, const torch::Tensor& right)
{
    const torch::Tensor a = left.to(torch::kCPU, torch::kDouble).flatten();
    const torch::Tensor b = right.to(torch::kCPU, torch::kDouble).flatten();
    const auto cosine =
        (torch::dot(a, b) / (a.norm() * b.norm())).item<double>(); // NaN when one is zero
    return std::sqrt(std::max(0.0, 1.0 - std::min(1.0, cosine * cosine)));
}

torch::Tensor randomValues(at::IntArrayRef shape, torch::ScalarType type)
{
    auto generator = at::detail::createCPUGenerator(kSeed);
    return torch::rand(shape, generator, torch::kDouble).mul_(2).sub_(1).to(type);
}

class SelfTest
{
public:
    explicit SelfTest(torch::Device device)
        : m_device(device)
    {
    }

    void compare(const std::string& name, double difference, double bound)
    {
        result.entries.push_back({ name, difference, bound, difference <= bound });
    }

    void resize(torch::ScalarType type, int from, int to)
    {
        // Sums of up to 299 x 299 outputs, in an order of the device's own.
        const double bound = type == torch::kDouble ? 1e-12 : 1e-4;
        const std::string what = std::string("TF1 resize ") + c10::toString(type) + " "
            + std::to_string(from) + " -> " + std::to_string(to);
        const torch::Tensor x = randomValues({ 2, 3, from, from }, type).requires_grad_(true);
        const torch::Tensor y = Tf1Resize(from, from, to, to)(x);
        const torch::Tensor g = randomValues(y.sizes(), type);
        const torch::Tensor back = torch::autograd::grad({ y }, { x }, { g })[0];

        ResizeAxis axis = ResizeAxis::make(from, to).to(type, m_device);
        torch::Tensor out = torch::empty(y.sizes(), y.options().device(m_device));
        cuda::tf1ResizeForward(x.detach().to(m_device), { axis, axis }, out);
        compare(what, largestDifference(out, y.detach()), type == torch::kDouble ? 1e-14 : 1e-6);
        torch::Tensor gradient = torch::empty(x.sizes(), x.options().device(m_device));
        cuda::tf1ResizeBackward(g.to(m_device), { axis, axis }, gradient);
        compare(what + ", gradient, of the largest",
            largestDifference(gradient, back) / back.abs().max().item<double>(), bound);
    }

    void step(torch::ScalarType type, bool ball)
    {
        const std::array<std::int64_t, 4> shape { 1, 3, kImageSide, kImageSide };
        const torch::Tensor clean = randomValues(shape, type);
        const torch::Tensor x = (clean + 0.05 * clean.roll(1)).clamp(-1, 1);
        torch::Tensor slope = clean.roll(7);
        slope.flatten().slice(0, 0, 5).zero_();
        const SignedStep parameters { 0.05, 32.0 / 255.0, ball };
        torch::Tensor out = torch::empty(shape, x.options().device(m_device));
        cuda::signedStep(x.to(m_device), slope.to(m_device), clean.to(m_device), parameters, out);
        // Two additions: a device may fuse them into one rounding.
        compare(std::string("signed step ") + c10::toString(type) + (ball ? ", ball" : ""),
            largestDifference(out, signedStep(x, slope, clean, parameters)),
            type == torch::kDouble ? 1e-15 : 3e-7);
    }

    void network(const Classifier& host, const Classifier& device)
    {
        const torch::Tensor x = randomValues({ 1, 3, kImageSide, kImageSide }, host.scalarType());
        const LossAndGradient expected = differentiate(host, x, -1, false);
        const LossAndGradient found = differentiate(device, x.to(m_device), expected.label, false);
        const torch::Tensor logits = host.logits(x).logits;
        const auto scale = logits.abs().max().item<double>();
        compare(host.id() + " logits, of the largest",
            largestDifference(device.logits(x.to(m_device)).logits, logits) / scale, 1e-3);
        compare(host.id() + " input gradient, sine of the angle",
            sineOfAngle(found.gradient, expected.gradient), 0.045); // cosine 0.999
    }

    SelfTestResult result;

private:
    torch::Device m_device;
};

} // namespace

SelfTestResult runSelfTest(torch::Device device,
    const std::vector<
        std::pair<std::shared_ptr<const Classifier>, std::shared_ptr<const Classifier>>>& networks,
    const ProgressSink& progress, const std::stop_token& stop)
{
    SelfTest test(device);
    test.result.device = device.str();
    test.result.kernels = cuda::kernelsBuilt();
    std::vector<std::function<void()>> parts;
    for (const auto type : { torch::kFloat, torch::kDouble }) {
        for (const auto& [from, to] : { std::pair(299, 200), std::pair(200, 299),
                 std::pair(299, 32), std::pair(1, 299), std::pair(299, 1) })
            parts.emplace_back(
                [&test, type, from = from, to = to] { test.resize(type, from, to); });
        for (const bool ball : { false, true })
            parts.emplace_back([&test, type, ball] { test.step(type, ball); });
    }
    for (const auto& [host, other] : networks)
        parts.emplace_back([&test, host = host, other = other] { test.network(*host, *other); });
    // A build with kernels has nothing to show on the CPU: kernels cannot read its memory.
    if (device.is_cpu() && cuda::kernelsBuilt())
        parts.clear();
    for (std::size_t i = 0; i < parts.size(); ++i) {
        if (stop.stop_requested()) {
            test.result.cancelled = true;
            break;
        }
        if (progress)
            progress({ "comparing with the CPU", i, parts.size(), -1.0 });
        parts[i]();
    }
    return test.result;
}

} // namespace crossiter
