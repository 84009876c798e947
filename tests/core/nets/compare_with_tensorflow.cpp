// Compares this project's networks with what TensorFlow itself computed from the same checkpoint
// files. Not a test of ctest's: it needs TensorFlow and some 2 GB of files. See docs/tensorflow.md.

#include "core/base/Error.h"
#include "core/checkpoint/LoadInto.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/nets/Net.h"

#include <torch/torch.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

using namespace crossiter;

namespace {

torch::Tensor floats(const std::filesystem::path& path, at::IntArrayRef shape)
{
    torch::Tensor values = torch::empty(shape, torch::kFloat);
    std::ifstream in(path, std::ios::binary);
    const auto bytes = static_cast<std::streamsize>(values.nbytes());
    if (!in.read(static_cast<char*>(values.data_ptr()), bytes))
        throw std::runtime_error(path.string() + ": not readable or too short");
    return values;
}

double ofLargest(const torch::Tensor& found, const torch::Tensor& expected)
{
    return (found - expected).abs().max().item<double>() / expected.abs().max().item<double>();
}

bool compare(const std::filesystem::path& folder, const std::string& name, const std::string& file)
{
    constexpr double kBound = 1e-4;
    NetOptions options;
    options.classes = 1001;
    options.auxHead = true;
    const auto net = makeNet(name, options);
    loadInto(*net, readCheckpoint(folder / file, name), file);
    net->freeze();
    const torch::NoGradGuard guard;
    const NetOutput found = net->forward(floats(folder / "input.f32", { 1, 3, 299, 299 }));
    const double logits =
        ofLargest(found.logits, floats(folder / (name + ".logits.f32"), { 1, 1001 }));
    const double aux =
        ofLargest(found.auxLogits, floats(folder / (name + ".aux.f32"), { 1, 1001 }));
    std::printf(
        "%-34s logits %.2g, auxiliary logits %.2g of the largest\n", file.c_str(), logits, aux);
    return logits <= kBound && aux <= kBound;
}

} // namespace

int main(int count, char** arguments)
{
    if (count != 2) {
        std::fputs(
            "usage: compare_with_tensorflow DIR (made by tests/golden/make_tf_checkpoints.py "
            "--full DIR)\n",
            stderr);
        return 2;
    }
    try {
        bool fine = true;
        for (const std::string name : { "inception-v3", "inception-resnet-v2" })
            for (const char* form : { ".v1.ckpt", ".v2.ckpt.index", ".tar.gz" })
                fine = compare(arguments[1], name, name + form) && fine;
        return fine ? 0 : 1;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 1;
    }
}
