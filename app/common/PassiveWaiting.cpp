// Lets LibTorch's OpenMP threads wait for each other as suits a window: a short spin, which bridges
// the gap between two operations, then sleep. Spinning without end is fast on an idle machine and
// falls below the speed of one thread beside another busy process; never spinning is slower than
// one thread for networks of small operations (docs/performance.md has the measurement).
//
// libgomp reads its settings in its own constructor, before main() and before any constructor of
// ours, and has no call to change them. So each program answers getenv() itself for the two names,
// unless the user set them; all else comes from the environment as it is. (Starting the program a
// second time with a changed environment would double its start-up time: LibTorch is 450 MB.)

#include <cstring>
#include <unistd.h>

namespace {

char* lookUp(const char* name) noexcept
{
    const std::size_t length = std::strlen(name);
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
        if (std::strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return nullptr;
}

} // namespace

extern "C" char* getenv(const char* name) noexcept // NOLINT: replaces libc's on purpose
{
    static char passive[] = "passive";
    static char spins[] = "1000"; // some microseconds
    char* const set = lookUp(name);
    if (set == nullptr && lookUp("OMP_WAIT_POLICY") == nullptr) {
        if (std::strcmp(name, "OMP_WAIT_POLICY") == 0)
            return passive;
        if (std::strcmp(name, "GOMP_SPINCOUNT") == 0)
            return spins;
    }
    return set;
}
