#include "core/checkpoint/PickleNode.h"

namespace crossiter::detail {

const PickleNode* PickleNode::at(std::string_view key) const
{
    for (std::size_t i = 0; i + 1 < items.size(); i += 2)
        if (items[i]->isName() && items[i]->text == key)
            return items[i + 1];
    return nullptr;
}

const char* nameOfKind(PickleNode::Kind kind)
{
    using Kind = PickleNode::Kind;
    switch (kind) {
    case Kind::None:
        return "None";
    case Kind::Bool:
        return "a bool";
    case Kind::Int:
    case Kind::Long:
        return "an integer";
    case Kind::Float:
        return "a float";
    case Kind::Text:
        return "a text";
    case Kind::Bytes:
        return "bytes";
    case Kind::Tuple:
        return "a tuple";
    case Kind::List:
        return "a list";
    case Kind::Dict:
        return "a dict";
    case Kind::Global:
        return "a global";
    case Kind::Storage:
        return "a storage";
    case Kind::Array:
        return "an array without numbers";
    case Kind::NumberType:
        return "a type of numbers";
    case Kind::Opaque:
        return "an object";
    case Kind::Tensor:
        break;
    }
    return "a tensor";
}

} // namespace crossiter::detail
