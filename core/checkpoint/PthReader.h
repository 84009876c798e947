#pragma once

#include "core/checkpoint/StateDict.h"

#include <filesystem>

namespace crossiter {

/// A dict of tensors in a file: one of several where weights lie beside moving averages of them,
/// or in a wrapper with what training needed.
struct PthDict
{
    std::string key; ///< the texts that lead to it, "state_dict", "ema.model"; empty: the root
    std::vector<TensorView> tensors; ///< names, types and shapes; no bytes
    std::size_t others = 0; ///< values beside the tensors
};

/// A file of torch.save, legacy (magic number, five pickles, raw storages: PyTorch before 1.6) or
/// zip (data.pkl + data/KEY, stored or deflated); or arrays of NumPy: a pickle of a dict of them,
/// or an .npy file whose one object is a dict of layers with a dict of arrays each.
///
/// Nothing is executed: the pickle is interpreted by a small machine. A call by one of a few names
/// gives a dict, a tensor or an array; whatever else lies in the file (a Namespace, an optimizer's
/// state, dates, paths, classes) becomes an opaque value, which is left out. Names that run
/// programs (os.system, eval) are refused. Every length, stride and offset is checked against the
/// bytes that are there before it is used. All throw Error(BadInput) naming the file, what was
/// expected and what was found.
class PthFile
{
public:
    /// Reads the pickles, and of a zip file the list of members: no tensor's bytes. `owner` keeps
    /// the bytes alive. place: for errors.
    PthFile(std::span<const std::uint8_t> bytes, std::shared_ptr<const void> owner,
        const std::string& place);

    /// At least one, those that lie higher first.
    [[nodiscard]] const std::vector<PthDict>& dicts() const { return m_dicts; }
    /// Tensors that are not contiguous are copied into C order.
    [[nodiscard]] StateDict read(std::size_t dict) const;

private:
    struct Parsed;
    std::shared_ptr<Parsed> m_parsed;
    std::vector<PthDict> m_dicts;
};

/// An .npy file that holds pickled objects, not numbers.
[[nodiscard]] bool isArrayOfObjects(std::span<const std::uint8_t> bytes);

/// The dict under "state_dict", else the first.
[[nodiscard]] StateDict readPth(const std::filesystem::path& path);
/// The same from memory that `owner` keeps alive. place: for errors.
[[nodiscard]] StateDict readPthBytes(std::span<const std::uint8_t> bytes,
    std::shared_ptr<const void> owner, const std::string& place);

} // namespace crossiter
