#include "core/checkpoint/KeyMap.h"

#include "core/base/Error.h"
#include "core/checkpoint/Sizes.h"
#include "core/checkpoint/WeightNames.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <optional>
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
    if (name == "global_step" || name.ends_with("/global_step"))
        return true;
    for (const char* end : { "/ExponentialMovingAverage", "/RMSProp", "/RMSProp_1", "/Momentum",
             "/Adam", "/Adam_1", "/Adagrad" })
        if (name.ends_with(end))
            return true;
    return false;
}

/// By name, without what training left.
using Variables = std::map<std::string, const TensorView*>;

Variables weightsIn(const StateDict& variables)
{
    Variables found;
    for (const TensorView& variable : variables.tensors)
        if (!isTrainingState(variable.name))
            found.emplace(variable.name, &variable);
    return found;
}

class Mapper
{
public:
    /// prefix: the network's scope with its slash; empty: the variables lie in none.
    Mapper(const Variables& variables, std::string prefix, std::string place, bool namesOnly)
        : m_place(std::move(place))
        , m_prefix(std::move(prefix))
        , m_namesOnly(namesOnly)
    {
        for (auto next = variables.lower_bound(m_prefix);
             next != variables.end() && next->first.starts_with(m_prefix); ++next)
            m_variables.insert(*next);
    }

    [[nodiscard]] bool holdsAuxiliaryHead() const
    {
        const std::string head = m_prefix + "AuxLogits/";
        const auto next = m_variables.lower_bound(head);
        return next != m_variables.end() && next->first.starts_with(head);
    }

    void take(const MappedLayer& layer)
    {
        const std::string scope = m_prefix + layer.scope;
        if (layer.kind == MappedLayer::Kind::Norm) {
            takeNorm(layer.member, scope + "/");
            return;
        }
        const bool dense = layer.kind == MappedLayer::Kind::Dense;
        const bool norm = layer.kind == MappedLayer::Kind::ConvNorm;
        if (const TensorView* weights = variable(scope + "/weights"))
            addTurned(layer.member + (norm ? ".conv.weight" : ".weight"), *weights, dense);
        if (norm)
            takeNorm(layer.member + ".bn", scope + "/BatchNorm/");
        else
            addPlain(layer.member + ".bias", scope + "/biases");
    }

    /// In the layers' order.
    [[nodiscard]] const std::vector<NamedTensor>& named() const { return m_named; }

    StateDict finish()
    {
        if (!m_missing.empty())
            fail("variables missing in the checkpoint", m_place, listed(m_missing), "none of them");
        if (const auto others = unknown(); !others.empty())
            fail("variables that the network does not have", m_place, "none", listed(others));
        m_state.owner = m_buffers;
        return std::move(m_state);
    }

private:
    [[nodiscard]] std::vector<std::string> unknown() const
    {
        std::vector<std::string> names;
        for (const auto& [name, view] : m_variables)
            if (!m_used.contains(name))
                names.push_back(name);
        return names;
    }

    void takeNorm(const std::string& member, const std::string& from)
    {
        const TensorView* beta = addPlain(member + ".bias", from + "beta");
        addPlain(member + ".running_mean", from + "moving_mean");
        addPlain(member + ".running_var", from + "moving_variance");
        if (m_variables.contains(from + "gamma"))
            addPlain(member + ".weight", from + "gamma");
        else if (beta != nullptr) // TF-Slim trains the Inception networks without a scale
            addOnes(member + ".weight", beta->shape);
    }

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

    /// The place of its bytes; of none when only names are wanted.
    std::vector<std::byte>& add(NamedTensor named, std::size_t bytes)
    {
        auto& buffer = m_buffers->emplace_back(m_namesOnly ? 0 : bytes);
        m_state.tensors.push_back({ named.to, named.dtype, named.shape, buffer });
        m_named.push_back(std::move(named));
        return buffer;
    }

    const TensorView* addPlain(const std::string& member, const std::string& name)
    {
        const TensorView* view = variable(name);
        if (view != nullptr && !view->bytes.empty()) {
            auto& buffer =
                add({ name, member, view->shape, view->dtype, false }, view->bytes.size());
            std::memcpy(buffer.data(), view->bytes.data(), buffer.size());
        }
        return view;
    }

    void addOnes(const std::string& member, const std::vector<std::int64_t>& shape)
    {
        const auto bytes = detail::byteCount(shape, DType::F32).value_or(0);
        auto& buffer =
            add({ {}, member, shape, DType::F32, false }, static_cast<std::size_t>(bytes));
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
        auto& buffer =
            add({ view.name, member, std::move(shape), view.dtype, true }, view.bytes.size());
        if (m_namesOnly)
            return;
        const std::byte* source = view.bytes.data();
        for (std::size_t p = 0; p < places; ++p) {
            for (std::size_t i = 0; i < inputs; ++i)
                for (std::size_t o = 0; o < outputs; ++o, source += size)
                    std::memcpy(&buffer[((o * inputs + i) * places + p) * size], source, size);
        }
    }

    std::string m_place;
    std::string m_prefix;
    bool m_namesOnly;
    Variables m_variables;
    std::set<std::string> m_used;
    std::vector<std::string> m_missing;
    std::shared_ptr<std::deque<std::vector<std::byte>>> m_buffers =
        std::make_shared<std::deque<std::vector<std::byte>>>();
    StateDict m_state;
    std::vector<NamedTensor> m_named;
};

/// Looks for a network by the names below its scope; no value is read.
class ScopeFinder
{
public:
    ScopeFinder(const Variables& variables, const std::vector<MappedLayer>& layers)
        : m_variables(variables)
        , m_layers(layers)
    {
        for (const MappedLayer& layer : layers) {
            for (const char* part : partsOf(layer.kind))
                m_known.insert(layer.scope + part);
            m_known.insert(layer.scope + gammaOf(layer.kind));
        }
        const std::string anchor = layers.front().scope + partsOf(layers.front().kind)[0];
        for (const auto& [name, view] : variables)
            if (name == anchor || name.ends_with("/" + anchor))
                m_candidates.push_back(name.substr(0, name.size() - anchor.size()));
    }

    /// Prefixes under which all the layers lie, and nothing else.
    [[nodiscard]] std::vector<std::string> whole() const
    {
        std::vector<std::string> found;
        for (const std::string& prefix : m_candidates)
            if (holdsAll(prefix) && holdsNothingElse(prefix))
                found.push_back(prefix);
        return found;
    }

    /// The prefix that holds most layers, at least half of them.
    [[nodiscard]] std::optional<std::string> nearest() const
    {
        constexpr std::size_t kTried = 16; // a strange file may have thousands
        std::size_t most = (m_layers.size() - 1) / 2;
        std::optional<std::string> best;
        for (std::size_t i = 0; i < std::min(kTried, m_candidates.size()); ++i) {
            const auto count = static_cast<std::size_t>(
                std::count_if(m_layers.begin(), m_layers.end(), [&](const MappedLayer& layer) {
                    return m_variables.contains(
                        m_candidates[i] + layer.scope + partsOf(layer.kind)[0]);
                }));
            if (count > most) {
                most = count;
                best = m_candidates[i];
            }
        }
        return best;
    }

private:
    static std::vector<const char*> partsOf(MappedLayer::Kind kind)
    {
        switch (kind) {
        case MappedLayer::Kind::ConvNorm:
            return { "/weights", "/BatchNorm/beta", "/BatchNorm/moving_mean",
                "/BatchNorm/moving_variance" };
        case MappedLayer::Kind::Norm:
            return { "/beta", "/moving_mean", "/moving_variance" };
        case MappedLayer::Kind::Conv:
        case MappedLayer::Kind::Dense:
            break;
        }
        return { "/weights", "/biases" };
    }

    /// What a norm may leave out.
    static const char* gammaOf(MappedLayer::Kind kind)
    {
        return kind == MappedLayer::Kind::Norm ? "/gamma" : "/BatchNorm/gamma";
    }

    [[nodiscard]] bool holdsAll(const std::string& prefix) const
    {
        return std::all_of(
            m_layers.begin(), m_layers.end(),
            [&](const MappedLayer& layer) {
                if (layer.auxiliary) // half a head is found when it is read
                    return true;
                const auto parts = partsOf(layer.kind);
                return std::all_of(
                    parts.begin(), parts.end(),
                    [&](const char* part) {
                        return m_variables.contains(prefix + layer.scope + part);
                    });
            });
    }

    [[nodiscard]] bool holdsNothingElse(const std::string& prefix) const
    {
        for (auto next = m_variables.lower_bound(prefix);
             next != m_variables.end() && next->first.starts_with(prefix); ++next)
            if (!m_known.contains(next->first.substr(prefix.size())))
                return false;
        return true;
    }

    const Variables& m_variables;
    const std::vector<MappedLayer>& m_layers;
    std::set<std::string> m_known;
    std::vector<std::string> m_candidates; ///< with their slash
};

bool hasPrefix(const Variables& variables, const std::string& prefix)
{
    const auto next = variables.lower_bound(prefix);
    return next != variables.end() && next->first.starts_with(prefix);
}

std::string scopesOf(std::vector<std::string> prefixes)
{
    for (std::string& prefix : prefixes)
        if (prefix.ends_with('/'))
            prefix.pop_back();
    return prefixes.empty() ? "none that holds this network" : listed(prefixes);
}

/// The prefix of the wanted network's variables.
std::string prefixOf(const Variables& variables, const std::vector<MappedLayer>& layers,
    const std::string& architecture, std::string scope, const std::string& place)
{
    const ScopeFinder finder(variables, layers);
    while (scope.ends_with('/'))
        scope.pop_back();
    if (!scope.empty()) {
        if (!hasPrefix(variables, scope + "/"))
            fail("no such scope in the checkpoint", place, scopesOf(finder.whole()), scope);
        return scope + "/";
    }
    const std::vector<std::string> whole = finder.whole();
    if (whole.size() > 1)
        fail(
            "several scopes hold this network", place, "--scope with one of them", scopesOf(whole));
    if (whole.size() == 1)
        return whole.front();
    std::string own = tfScope(architecture) + "/";
    if (hasPrefix(variables, own))
        return own;
    const std::optional<std::string> nearest = finder.nearest();
    if (!nearest)
        fail("no such network in the checkpoint", place,
            "variables in " + own + ", or in any one scope that holds its layers",
            std::to_string(variables.size()) + " others");
    return *nearest;
}

} // namespace

StateDict mapTfVariables(const StateDict& variables, const std::string& architecture,
    const std::string& place, const std::string& scope, Recognition* how, bool namesOnly)
{
    const std::vector<MappedLayer> layers = tfLayers(architecture);
    if (layers.empty())
        fail("no TensorFlow names are known for this network", place,
            "an Inception network or ResNet v2", architecture);
    const Variables weights = weightsIn(variables);
    const std::string prefix = prefixOf(weights, layers, architecture, scope, place);
    Mapper mapper(weights, prefix, place, namesOnly);
    const bool aux = mapper.holdsAuxiliaryHead();
    for (const MappedLayer& layer : layers)
        if (aux || !layer.auxiliary)
            mapper.take(layer);
    StateDict state = mapper.finish();
    if (how != nullptr) {
        how->prefix = prefix;
        how->naming = Naming::TfSlim;
        how->tensors = mapper.named();
    }
    return state;
}

} // namespace crossiter
