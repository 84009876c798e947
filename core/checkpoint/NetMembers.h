#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace crossiter {

/// A parameter or buffer of a network.
struct NetMember
{
    std::string name;
    std::vector<std::int64_t> shape; ///< -1: as many rows as there are classes
    bool mayMiss = false; ///< a counter of batches, or part of the auxiliary head
};

/// What makeNet's network consists of, with its auxiliary head, where it has one. Throws as makeNet
/// does.
[[nodiscard]] std::vector<NetMember> netMembers(const std::string& architecture);

} // namespace crossiter
