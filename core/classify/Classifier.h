#pragma once

#include "core/classify/DifferentiableSource.h"
#include "core/classify/ModelStore.h"
#include "core/classify/Numerics.h"

#include <memory>

namespace crossiter {

/// Net + preprocessing + labels. Immutable after load; safe to use from several threads.
class Classifier : public DifferentiableSource
{
public:
    /// Compares the weights' SHA-256 with the manifest's, reads them (any format that
    /// readCheckpoint knows), folds or widens as `numerics` says. What the manifest leaves open the
    /// weights tell: the number of classes, whether there is an auxiliary head. Throws
    /// Error(BadInput).
    /// place: how errors name the weights; empty: their path.
    [[nodiscard]] static std::shared_ptr<const Classifier> load(const StoredModel& model,
        Numerics numerics, torch::Device device, const std::string& place = {});

    [[nodiscard]] NetOutput logits(const torch::Tensor& x) const override;
    [[nodiscard]] const std::string& id() const override { return m_manifest.id; }
    [[nodiscard]] int classes() const override { return m_manifest.classes; }
    [[nodiscard]] int labelOffset() const override { return m_manifest.labelOffset; }
    [[nodiscard]] torch::ScalarType scalarType() const override { return m_type; }
    [[nodiscard]] torch::Device device() const override { return m_device; }

    [[nodiscard]] const std::string& weightsSha256() const { return m_sha256; }
    [[nodiscard]] std::uint64_t bytes() const { return m_bytes; } ///< of the weights in memory
    [[nodiscard]] std::int64_t multiplyAdds() const; ///< of one forward pass

private:
    Classifier(ModelManifest manifest, std::shared_ptr<Net> net, Numerics numerics,
        torch::Device device, std::string sha256);

    ModelManifest m_manifest;
    std::shared_ptr<Net> m_net;
    Numerics m_numerics;
    torch::ScalarType m_type;
    torch::Device m_device;
    std::string m_sha256;
    std::uint64_t m_bytes = 0;
};

/// float32 for fast and reference, float64 for exact.
[[nodiscard]] torch::ScalarType scalarTypeOf(Numerics numerics);

} // namespace crossiter
