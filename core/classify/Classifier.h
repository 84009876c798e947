#pragma once

#include "core/base/Compute.h"
#include "core/classify/DifferentiableSource.h"
#include "core/classify/ModelStore.h"
#include "core/ops/DroppedHead.h"

#include <memory>
#include <mutex>

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

    /// A network that is in memory already, frozen, in its final type and place; folded when
    /// numerics is Fast.
    [[nodiscard]] static std::shared_ptr<const Classifier> of(
        ModelManifest manifest, std::shared_ptr<Net> net, Numerics numerics, torch::Device device);

    [[nodiscard]] NetOutput logits(const torch::Tensor& x) const override;
    /// The same with dropout and batch statistics as `options` says; x of any side (it is brought
    /// to the network's own). Undefined tensors when options.stop came on the way.
    [[nodiscard]] NetOutput logits(const torch::Tensor& x, const ForwardOptions& options) const;
    /// Of the pooled features that the last layer reads; 0: not known, no dropout.
    [[nodiscard]] int pooledFeatures() const { return m_net->pooledFeatures(); }
    /// As trained; 0: not known.
    [[nodiscard]] double keepProbability() const { return m_net->keepProbability(); }
    /// The last layer under many draws of dropout, made at first use. pooledFeatures() > 0.
    [[nodiscard]] const DroppedHead& droppedHead() const;
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
    /// [1, 3, 1, 1] in m_type on m_device; undefined when one number does for all channels.
    torch::Tensor m_scale;
    torch::Tensor m_shift;
    mutable std::once_flag m_headMade;
    mutable std::unique_ptr<const DroppedHead> m_head;
};

/// float32 for fast and reference, float64 for exact.
[[nodiscard]] torch::ScalarType scalarTypeOf(Numerics numerics);

} // namespace crossiter
