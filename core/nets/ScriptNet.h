#pragma once

#include "core/base/ByteView.h"
#include "core/nets/Net.h"

namespace crossiter {

/// The architecture name of a TorchScript program in manifests.
inline constexpr const char* kTorchScript = "torchscript";
/// The same for a program that answers a picture with a picture (core/defense/Purifier.h).
inline constexpr const char* kScriptPurifier = "purifier-torchscript";

/// A network that is a program of its own: a TorchScript file. Loading it may run code that the
/// file brings: only for a file whose SHA-256 the user saw and trusted. Wanted is a method forward
/// that takes [N, 3, side, side] and gives logits [N, classes], or a tuple that begins with them
/// and may go on with auxiliary logits. Nothing in it can be folded, drawn or normalised by us.
class ScriptNet : public Net
{
public:
    /// Throws Error(BadInput): not a TorchScript file, no such method.
    ScriptNet(ByteView bytes, const std::string& place);
    ~ScriptNet() override;
    ScriptNet(const ScriptNet&) = delete;
    ScriptNet& operator=(const ScriptNet&) = delete;
    ScriptNet(ScriptNet&&) = delete;
    ScriptNet& operator=(ScriptNet&&) = delete;

    void foldBatchNorm() override { }
    void freeze() override;
    void to(torch::Device device, torch::Dtype type, bool nonBlocking = false) override;
    [[nodiscard]] std::uint64_t weightBytes() const override;
    [[nodiscard]] std::int64_t multiplyAdds(int /*inputSide*/) const override { return 0; }
    [[nodiscard]] int pooledFeatures() const override { return 0; }

    /// Columns of the logits, found by one pass over a grey picture. Throws Error(BadInput) when
    /// the program fails or answers with anything but one finite row of 1000 or 1001.
    [[nodiscard]] int countClasses(int inputSide);

    /// The program's answer to x, or its first part, whatever its shape: for programs that give
    /// pictures. Throws Error(BadInput) when it fails or gives no tensor.
    [[nodiscard]] torch::Tensor answer(const torch::Tensor& x);

protected:
    [[nodiscard]] NetOutput evaluate(
        const torch::Tensor& input, const ForwardOptions& options) override;

private:
    struct Program;
    std::unique_ptr<Program> m_program;
    std::string m_place;
};

} // namespace crossiter
