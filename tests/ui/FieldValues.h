#pragma once

#include "core/attack/AttackFields.h"

namespace crossiter::test {

/// A value that the row allows and that is not `value`.
inline FieldValue otherValue(const AttackField& field, const FieldValue& value)
{
    switch (field.kind) {
    case FieldKind::Whole:
    case FieldKind::Label:
        return value == FieldValue(std::int64_t(field.high)) ? std::int64_t(field.low)
                                                             : std::int64_t(field.high);
    case FieldKind::Number:
        return value == FieldValue(field.high) ? field.low : field.high;
    case FieldKind::Flag:
        return value != FieldValue(true);
    case FieldKind::Choice:
        for (const std::string& choice : field.choices())
            if (value != FieldValue(choice))
                return choice;
        break;
    case FieldKind::Defense:
        return value == FieldValue(std::string("dropout")) ? std::string("bits=3")
                                                           : std::string("dropout");
    case FieldKind::Ids:
        return std::vector<std::string> { "another", "one-more" };
    case FieldKind::Seed:
        return std::uint64_t(value == FieldValue(std::uint64_t(77)) ? 78 : 77);
    }
    return value;
}

} // namespace crossiter::test
