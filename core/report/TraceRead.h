#pragma once

#include "core/attack/AttackTrace.h"

#include <filesystem>
#include <memory>
#include <stop_token>

namespace crossiter {

/// A trace that writeTrace wrote, with its pictures. What a sweep or a viewer needs is filled in:
/// request (method, sources, epsilon, rounds, step, target, true label, seed, numerics), the clean
/// picture, and of each sub-step its place, source, attacked label, loss, distances and exported
/// picture. Judges are left out (the file holds their top 10 only), and so is what an extension
/// would continue from. Null when it was stopped; each
/// picture has the time of DecodeLimits. Throws Error(BadInput) that names the file and the key.
[[nodiscard]] std::shared_ptr<const AttackTrace> readTrace(
    const std::filesystem::path& json, const std::stop_token& stop = {});

} // namespace crossiter
