#pragma once

#include <filesystem>

namespace crossiter::test {

[[nodiscard]] std::filesystem::path goldenDir(); ///< tests/golden
[[nodiscard]] std::filesystem::path dataDir(); ///< tests/data
[[nodiscard]] std::filesystem::path photosDir(); ///< the embedded photos that scripts/setup brought
[[nodiscard]] std::filesystem::path storeDir(); ///< the embedded weights: STORE/ID/FILE
[[nodiscard]] std::filesystem::path sourceDir(); ///< the checkout
[[nodiscard]] std::filesystem::path program(const char* name); ///< build/PRESET/bin/NAME

} // namespace crossiter::test
