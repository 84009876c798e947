#include "tests/support/TestPaths.h"

namespace crossiter::test {

std::filesystem::path sourceDir()
{
    return CROSSITER_SOURCE_DIR;
}
std::filesystem::path goldenDir()
{
    return sourceDir() / "tests/golden";
}
std::filesystem::path dataDir()
{
    return sourceDir() / "tests/data";
}
std::filesystem::path photosDir()
{
    return std::filesystem::path(CROSSITER_DEPS_DIR) / "photos";
}
std::filesystem::path storeDir()
{
    return std::filesystem::path(CROSSITER_DEPS_DIR) / "store";
}
std::filesystem::path program(const char* name)
{
    return std::filesystem::path(CROSSITER_BIN_DIR) / name;
}

} // namespace crossiter::test
