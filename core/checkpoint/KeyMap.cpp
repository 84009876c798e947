#include "core/checkpoint/KeyMap.h"

#include "core/base/Error.h"
#include "core/checkpoint/Sizes.h"

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <set>

namespace crossiter {

namespace {

constexpr std::size_t kNamesShown = 4;

[[noreturn]] void fail(const std::string& what, const std::string& place,
    const std::string& expected = {}, const std::string& found = {})
{
    throw Error(ErrorKind::BadInput, what, place, expected, found);
}

std::string listed(const std::vector<std::string>& names)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kNamesShown); ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kNamesShown)
        text += " (and " + std::to_string(names.size() - kNamesShown) + " more)";
    return text;
}

/// What training leaves beside a variable; no weight of the network.
bool isTrainingState(const std::string& name)
{
    for (const char* end : { "/ExponentialMovingAverage", "/RMSProp", "/RMSProp_1", "/Momentum",
             "/Adam", "/Adam_1", "/Adagrad" })
        if (name.ends_with(end))
            return true;
    return false;
}

class Mapper
{
public:
    Mapper(const StateDict& variables, const std::string& scope, std::string place)
        : m_place(std::move(place))
    {
        for (const TensorView& variable : variables.tensors)
            if (variable.name.starts_with(scope) && !isTrainingState(variable.name))
                m_variables.emplace(variable.name, &variable);
        if (m_variables.empty())
            fail("no such network in the checkpoint", m_place, "variables in " + scope,
                std::to_string(variables.tensors.size()) + " others");
    }

    [[nodiscard]] bool hasScope(const std::string& scope) const
    {
        const auto next = m_variables.lower_bound(scope + "/");
        return next != m_variables.end() && next->first.starts_with(scope + "/");
    }

    void take(const MappedLayer& layer)
    {
        const bool dense = layer.kind == MappedLayer::Kind::Dense;
        const bool norm = layer.kind == MappedLayer::Kind::ConvNorm;
        const std::string& member = layer.member;
        if (const TensorView* weights = variable(layer.scope + "/weights"))
            addTurned(member + (norm ? ".conv.weight" : ".weight"), *weights, dense);
        if (!norm) {
            addPlain(member + ".bias", layer.scope + "/biases");
            return;
        }
        const std::string from = layer.scope + "/BatchNorm/";
        const TensorView* beta = addPlain(member + ".bn.bias", from + "beta");
        addPlain(member + ".bn.running_mean", from + "moving_mean");
        addPlain(member + ".bn.running_var", from + "moving_variance");
        if (m_variables.contains(from + "gamma"))
            addPlain(member + ".bn.weight", from + "gamma");
        else if (beta != nullptr) // TF-Slim trains these networks without a scale
            addOnes(member + ".bn.weight", beta->shape);
    }

    StateDict finish()
    {
        if (!m_missing.empty())
            fail("variables missing in the checkpoint", m_place, listed(m_missing), "none of them");
        std::vector<std::string> unknown;
        for (const auto& [name, view] : m_variables)
            if (!m_used.contains(name))
                unknown.push_back(name);
        if (!unknown.empty())
            fail("variables that the network does not have", m_place, "none", listed(unknown));
        m_state.owner = m_buffers;
        return std::move(m_state);
    }

private:
    const TensorView* variable(const std::string& name)
    {
        const auto found = m_variables.find(name);
        if (found == m_variables.end()) {
            m_missing.push_back(name);
            return nullptr;
        }
        m_used.insert(name);
        return found->second;
    }

    std::vector<std::byte>& add(
        const std::string& member, DType dtype, std::vector<std::int64_t> shape, std::size_t bytes)
    {
        auto& buffer = m_buffers->emplace_back(bytes);
        m_state.tensors.push_back({ member, dtype, std::move(shape), buffer });
        return buffer;
    }

    const TensorView* addPlain(const std::string& member, const std::string& name)
    {
        const TensorView* view = variable(name);
        if (view != nullptr && !view->bytes.empty()) {
            auto& buffer = add(member, view->dtype, view->shape, view->bytes.size());
            std::memcpy(buffer.data(), view->bytes.data(), view->bytes.size());
        }
        return view;
    }

    void addOnes(const std::string& member, const std::vector<std::int64_t>& shape)
    {
        const auto bytes = detail::byteCount(shape, DType::F32).value_or(0);
        auto& buffer = add(member, DType::F32, shape, static_cast<std::size_t>(bytes));
        const float one = 1.0F;
        for (std::size_t i = 0; i + sizeof one <= buffer.size(); i += sizeof one)
            std::memcpy(&buffer[i], &one, sizeof one);
    }

    /// [H, W, I, O] -> [O, I, H, W], or as a matrix [O, I]; [I, O] -> [O, I].
    void addTurned(const std::string& member, const TensorView& view, bool asMatrix)
    {
        const std::vector<std::int64_t>& from = view.shape;
        const std::size_t rank = from.size();
        const bool pointwise = rank == 4 && from[0] == 1 && from[1] == 1;
        if (!(rank == 4 && (!asMatrix || pointwise)) && !(rank == 2 && asMatrix))
            fail("weight of another rank", m_place + ", variable " + view.name,
                asMatrix ? "[in, out] or [1, 1, in, out]" : "[height, width, in, out]",
                detail::shapeText(from));
        const auto inputs = static_cast<std::size_t>(from[rank - 2]);
        const auto outputs = static_cast<std::size_t>(from[rank - 1]);
        const std::size_t places =
            rank == 4 ? static_cast<std::size_t>(from[0]) * static_cast<std::size_t>(from[1]) : 1;
        std::vector<std::int64_t> shape { from[rank - 1], from[rank - 2] };
        if (!asMatrix)
            shape.insert(shape.end(), { from[0], from[1] });
        const std::size_t size = sizeOf(view.dtype);
        auto& buffer = add(member, view.dtype, std::move(shape), view.bytes.size());
        const std::byte* source = view.bytes.data();
        for (std::size_t p = 0; p < places; ++p) {
            for (std::size_t i = 0; i < inputs; ++i)
                for (std::size_t o = 0; o < outputs; ++o, source += size)
                    std::memcpy(&buffer[((o * inputs + i) * places + p) * size], source, size);
        }
    }

    std::string m_place;
    std::map<std::string, const TensorView*> m_variables;
    std::set<std::string> m_used;
    std::vector<std::string> m_missing;
    std::shared_ptr<std::deque<std::vector<std::byte>>> m_buffers =
        std::make_shared<std::deque<std::vector<std::byte>>>();
    StateDict m_state;
};

} // namespace

StateDict mapTfVariables(
    const StateDict& variables, const std::string& architecture, const std::string& place)
{
    const std::vector<MappedLayer> layers = tfLayers(architecture);
    if (layers.empty())
        fail("no TensorFlow names are known for this network", place,
            "inception-v3 or inception-resnet-v2", architecture);
    const std::string& first = layers.front().scope;
    Mapper mapper(variables, first.substr(0, first.find('/') + 1), place);
    const bool aux = mapper.hasScope(first.substr(0, first.find('/')) + "/AuxLogits");
    for (const MappedLayer& layer : layers)
        if (aux || !layer.auxiliary)
            mapper.take(layer);
    return mapper.finish();
}

} // namespace crossiter
