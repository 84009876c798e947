#pragma once

#include "core/attack/AttackRequest.h"

#include <memory>

#include "tests/core/attack/FakeSource.h"

/// Requests on two small made-up networks, "a" and "b".
namespace crossiter::test {

using Fake = std::shared_ptr<FakeSource>;

inline Fake fake(const char* id, int classes, std::uint64_t seed, double noise = 0.0)
{
    return std::make_shared<FakeSource>(id, classes, seed, noise);
}

inline AttackRequest requestOf(Method method, int rounds)
{
    AttackRequest request = defaultRequest(method);
    request.sources = { "a", "b" };
    request.judges.clear();
    request.rounds = rounds;
    request.trueLabel = 5;
    request.compute.numerics = Numerics::Exact;
    return request;
}

/// Everything on at once.
inline AttackRequest withAll(int rounds)
{
    AttackRequest request = requestOf(Method::MiFgsm, rounds);
    request.stepPx = 2.0;
    request.diversity = 0.7;
    request.translation = 7;
    request.nesterov = true;
    request.scales = 2;
    request.ensemble = Ensemble::Alternate;
    request.labelRule = LabelRule::OwnRefreshed;
    return request;
}

} // namespace crossiter::test
