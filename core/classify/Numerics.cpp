#include "core/classify/Numerics.h"

#include "core/base/Error.h"
#include "core/base/Suggestion.h"

namespace crossiter {

std::string toString(Numerics numerics)
{
    switch (numerics) {
    case Numerics::Fast:
        return "fast";
    case Numerics::Reference:
        return "reference";
    case Numerics::Exact:
        break;
    }
    return "exact";
}

Numerics parseNumerics(const std::string& text)
{
    for (const Numerics numerics : { Numerics::Fast, Numerics::Reference, Numerics::Exact })
        if (toString(numerics) == text)
            return numerics;
    throw Error(ErrorKind::Usage, "unknown numerics", "--numerics", "fast, reference or exact",
        foundWord(text, { "fast", "reference", "exact" }, false));
}

} // namespace crossiter
