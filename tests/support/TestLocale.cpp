// Linked into the tests that run a second time under a locale of decimal commas (crossiter_test's
// LOCALE): before main the locale is the user's, as Qt's application objects make it, and a run
// that would not see one fails instead of passing for nothing.
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

const bool kLocaleIsSet = [] {
    const char* wanted = std::getenv("CROSSITER_TEST_LOCALE");
    if (wanted != nullptr
        && (std::setlocale(LC_ALL, wanted) == nullptr
            || std::strcmp(std::localeconv()->decimal_point, ",") != 0)) {
        std::fprintf(stderr, "no locale %s with decimal commas\n", wanted);
        std::_Exit(1);
    }
    return true;
}();

} // namespace
