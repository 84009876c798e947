#include "core/nets/ScriptNet.h"

#include "core/base/Error.h"

#include <torch/script.h>

#include <istream>
#include <streambuf>

namespace crossiter {

namespace {

/// Reads and seeks in bytes that lie in memory.
class Bytes : public std::streambuf
{
public:
    explicit Bytes(ByteView bytes)
    {
        // The stream interface has no const; nothing writes here.
        auto* begin = reinterpret_cast<char*>(const_cast<std::uint8_t*>(bytes.data()));
        setg(begin, begin, begin + bytes.size());
    }

protected:
    pos_type seekoff(
        off_type offset, std::ios_base::seekdir from, std::ios_base::openmode /*mode*/) override
    {
        const off_type base = from == std::ios_base::beg ? 0
            : from == std::ios_base::cur                 ? gptr() - eback()
                                                         : egptr() - eback();
        return place(base + offset);
    }
    pos_type seekpos(pos_type position, std::ios_base::openmode /*mode*/) override
    {
        return place(position);
    }

private:
    pos_type place(off_type position)
    {
        if (position < 0 || position > egptr() - eback())
            return { off_type(-1) };
        setg(eback(), eback() + position, egptr());
        return position;
    }
};

constexpr std::size_t kMostOfItsWords = 160; // bytes

/// LibTorch's messages hold a trace of the program; only the line that its code raised says what
/// is wrong with the program.
std::string raisedBy(const char* text)
{
    const std::string whole = text;
    for (const char* word : { "RuntimeError: ", "builtins." }) {
        const std::size_t at = whole.rfind(word);
        if (at == std::string::npos)
            continue;
        // The program's author wrote it: anything may stand there.
        return "an exception in its code, '"
            + oneLine(whole.substr(at, whole.find('\n', at) - at), kMostOfItsWords) + "'";
    }
    return "an exception in its code";
}

} // namespace

struct ScriptNet::Program
{
    torch::jit::Module module;
};

ScriptNet::ScriptNet(ByteView bytes, const std::string& place)
    : m_program(std::make_unique<Program>())
    , m_place(place)
{
    // The profiling executor rewrites a program after its first runs: results would depend on how
    // often it ran.
    torch::jit::setGraphExecutorOptimize(false);
    try {
        Bytes buffer(bytes);
        std::istream stream(&buffer);
        m_program->module = torch::jit::load(stream, torch::kCPU);
    } catch (const std::exception& /*fault*/) { // c10::Error, or what its readers throw
        throw Error(ErrorKind::BadInput, "cannot load the program", place,
            "a whole TorchScript file, saved by PyTorch's torch.jit.save",
            "a damaged one, or one of a later version");
    }
    if (!m_program->module.find_method("forward"))
        throw Error(
            ErrorKind::BadInput, "the program is no network", place, "a method forward", "none");
}

ScriptNet::~ScriptNet() = default;

void ScriptNet::freeze()
{
    m_program->module.eval();
    for (const torch::Tensor& parameter : m_program->module.parameters())
        parameter.set_requires_grad(false);
    Net::freeze();
}

void ScriptNet::to(torch::Device device, torch::Dtype type, bool nonBlocking)
{
    m_program->module.to(device, type, nonBlocking);
}

std::uint64_t ScriptNet::weightBytes() const
{
    std::uint64_t bytes = 0;
    for (const torch::Tensor& tensor : m_program->module.parameters())
        bytes += tensor.nbytes();
    for (const torch::Tensor& tensor : m_program->module.buffers())
        bytes += tensor.nbytes();
    return bytes;
}

NetOutput ScriptNet::evaluate(const torch::Tensor& input, const ForwardOptions& options)
{
    if (options.dropoutMask.defined() || options.batchStatistics)
        throw Error(ErrorKind::Usage, "a TorchScript program cannot be drawn from", m_place,
            "a network of our own for dropout and batch statistics");
    NetOutput output;
    try {
        const torch::IValue answer = m_program->module.forward({ input });
        if (answer.isTensor()) {
            output.logits = answer.toTensor();
        } else if (answer.isTuple() && !answer.toTupleRef().elements().empty()) {
            const auto& parts = answer.toTupleRef().elements();
            if (parts[0].isTensor())
                output.logits = parts[0].toTensor();
            if (parts.size() > 1 && parts[1].isTensor())
                output.auxLogits = parts[1].toTensor();
        }
    } catch (const std::exception& problem) { // c10::Error, or what the program itself raised
        throw Error(
            ErrorKind::BadInput, "the program failed", m_place, "logits", raisedBy(problem.what()));
    }
    if (!output.logits.defined() || output.logits.dim() != 2
        || output.logits.size(0) != input.size(0))
        throw Error(ErrorKind::BadInput, "the program does not answer with logits", m_place,
            "[" + std::to_string(input.size(0)) + ", classes]",
            output.logits.defined() ? c10::str(output.logits.sizes()) : "no tensor");
    if (output.auxLogits.defined() && output.auxLogits.sizes() != output.logits.sizes())
        output.auxLogits.reset();
    return output;
}

torch::Tensor ScriptNet::answer(const torch::Tensor& x)
{
    torch::Tensor first;
    try {
        const torch::IValue whole = m_program->module.forward({ x });
        if (whole.isTensor())
            first = whole.toTensor();
        else if (whole.isTuple() && !whole.toTupleRef().elements().empty()
            && whole.toTupleRef().elements()[0].isTensor())
            first = whole.toTupleRef().elements()[0].toTensor();
    } catch (const std::exception& problem) { // c10::Error, or what the program itself raised
        throw Error(ErrorKind::BadInput, "the program failed", m_place, "a tensor",
            raisedBy(problem.what()));
    }
    if (!first.defined())
        throw Error(ErrorKind::BadInput, "the program does not answer with a tensor", m_place,
            "a tensor, or a tuple that begins with one");
    return first;
}

int ScriptNet::countClasses(int inputSide)
{
    const torch::NoGradGuard guard;
    const torch::Tensor logits = forward(torch::zeros({ 1, 3, inputSide, inputSide })).logits;
    const std::int64_t classes = logits.size(1);
    if (classes != 1000 && classes != 1001)
        throw Error(ErrorKind::BadInput, "number of classes not known", m_place,
            "1000 or 1001 logits", std::to_string(classes));
    if (!torch::isfinite(logits).all().item<bool>())
        throw Error(ErrorKind::BadInput, "the program's logits are not finite", m_place, "numbers",
            "NaN or infinity");
    return static_cast<int>(classes);
}

} // namespace crossiter
