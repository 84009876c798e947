#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace crossiter {

/// What a targeted attack finds beside its input images.
inline constexpr const char* kTargetClassFile = "target_class.csv";

/// image file name -> target class, in the order of the file.
using TargetClasses = std::vector<std::pair<std::string, int>>;

/// target_class.csv: no header, "IMAGEID.png,CLASS", LF. A name with a comma or a quote is quoted.
/// Throws Error(BadInput): a name that is not safe, a class out of 1..1000.
[[nodiscard]] std::string targetClassText(const TargetClasses& targets);

/// One of the classes 1..1000 that are not the true one, each as likely as the others: a function
/// of the seed and the file's name, so that it does not hang on the other images.
[[nodiscard]] int randomTargetClass(
    std::uint64_t seed, const std::string& file, std::optional<int> trueLabel);

} // namespace crossiter
