// Inception v3 the way a user's file goes: imported into a store, loaded from it and attacked.
// Synthetic weights, as safetensors and as a checkpoint in TensorFlow's form; what the network has
// to say comes from timm (tests/golden/inception_reference.py).

#include "core/attack/GradientRule.h"
#include "core/checkpoint/Crc32c.h"
#include "core/checkpoint/ReadCheckpoint.h"
#include "core/checkpoint/Safetensors.h"
#include "core/checkpoint/TfCheckpointReader.h"
#include "core/classify/Classifier.h"
#include "core/engine/Engine.h"
#include "core/nets/Net.h"
#include "core/store/ModelJobs.h"

#include <torch/torch.h>

#include <QTemporaryDir>
#include <QtTest/QtTest>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>

#include "tests/core/checkpoint/PickleMaker.h"
#include "tests/core/checkpoint/TfWire.h"
#include "tests/core/nets/InceptionGolden.h"
#include "tests/fuzz/TableMaker.h"
#include "tests/support/SyntheticWeights.h"
#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

namespace fs = std::filesystem;

namespace {

constexpr int kTarget = 77;
constexpr double kLogitBound = 1e-4;

std::shared_ptr<Net> syntheticNet(int classes, bool auxHead)
{
    NetOptions options;
    options.classes = classes;
    options.auxHead = auxHead;
    auto net = makeNet("inception-v3", options);
    fillWithSyntheticWeights(*net);
    net->freeze();
    return net;
}

/// The targeted loss of one head: label smoothing 0.1.
double smoothedLoss(const torch::Tensor& logits)
{
    return torch::cross_entropy_loss(logits.unsqueeze(0), torch::full({ 1 }, kTarget, torch::kLong),
        {}, at::Reduction::Mean, -100, 0.1)
        .item<double>();
}

/// A variable of TF-Slim's graph, as TensorFlow listed it.
struct Variable
{
    std::string scope; ///< "InceptionV3/Mixed_5b/Branch_0/Conv2d_0a_1x1"
    std::string kind; ///< "weights", "biases", "BatchNorm/beta"
    std::vector<std::int64_t> shape;
};

std::vector<Variable> slimVariables()
{
    std::ifstream list(dataDir() / "checkpoints/tf/slim_variables.txt");
    std::vector<Variable> variables;
    std::string name;
    std::string sides;
    while (list >> name >> sides) {
        if (!name.starts_with("InceptionV3/"))
            continue;
        const std::size_t norm = name.find("/BatchNorm/");
        const std::size_t slash = norm == std::string::npos ? name.rfind('/') : norm;
        Variable variable { name.substr(0, slash), name.substr(slash + 1), {} };
        std::istringstream parts(sides);
        for (std::string side; std::getline(parts, side, 'x');)
            variable.shape.push_back(std::stoll(side));
        variables.push_back(std::move(variable));
    }
    return variables;
}

/// Which member each scope is. TF-Slim's graph and our net make their layers in the same order, but
/// for the place of the heads: found so, the names do not come from the map that is tested.
std::map<std::string, std::string> membersOf(
    const std::vector<Variable>& variables, const torch::nn::Module& net)
{
    std::vector<std::string> scopes;
    for (const Variable& variable : variables)
        if (variable.kind == "weights")
            scopes.push_back(variable.scope);
    std::vector<std::string> members;
    for (const auto& item : net.named_parameters()) {
        const std::string& key = item.key();
        if (!key.ends_with(".weight") || key.ends_with(".bn.weight"))
            continue;
        const std::string member = key.substr(0, key.rfind('.'));
        members.push_back(member.ends_with(".conv") ? member.substr(0, member.rfind('.')) : member);
    }
    std::stable_partition(
        scopes.begin(), scopes.end(),
        [](const std::string& scope) {
            return scope.find("Logits/") == std::string::npos; // AuxLogits before Logits
        });
    std::stable_partition(members.begin(), members.end(), [](const std::string& member) {
        return !member.starts_with("AuxLogits.") && member != "fc";
    });
    if (scopes.size() != members.size())
        throw std::runtime_error("other layers than TF-Slim's");
    std::map<std::string, std::string> pairs;
    for (std::size_t i = 0; i < scopes.size(); ++i)
        pairs[scopes[i]] = members[i];
    return pairs;
}

/// OIHW -> HWIO, [O, I] -> [1, 1, I, O].
torch::Tensor inTfLayout(const torch::Tensor& value)
{
    if (value.dim() == 4)
        return value.permute({ 2, 3, 1, 0 }).contiguous();
    if (value.dim() == 2)
        return value.t().unsqueeze(0).unsqueeze(0).contiguous();
    return value.contiguous();
}

/// A V2 checkpoint of one shard.
class TfWriter
{
public:
    explicit TfWriter(std::string prefix)
        : m_prefix(std::move(prefix))
        , m_shard(tfShardName(m_prefix, 0, 1), std::ios::binary)
    {
        m_records[""] = bundleHeader();
    }

    void add(const std::string& name, const torch::Tensor& value)
    {
        const std::span<const std::uint8_t> bytes(
            static_cast<const std::uint8_t*>(value.data_ptr()), value.nbytes());
        m_shard.write(
            static_cast<const char*>(value.data_ptr()), static_cast<std::streamsize>(bytes.size()));
        const auto size = static_cast<std::int64_t>(bytes.size());
        m_records[name] = bundleEntry(value.scalar_type() == torch::kLong ? kInt64 : kFloat,
            value.sizes().vec(), 0, m_offset, size, maskedCrc32c(bytes));
        m_offset += size;
    }

    fs::path finish()
    {
        m_shard.close();
        const auto table = fuzz::makeTable(m_records, false);
        fs::path index = m_prefix + ".index";
        std::ofstream(index, std::ios::binary)
            .write(reinterpret_cast<const char*>(table.data()),
                static_cast<std::streamsize>(table.size()));
        return index;
    }

private:
    std::string m_prefix;
    std::ofstream m_shard;
    std::map<std::string, std::string> m_records;
    std::int64_t m_offset = 0;
};

/// The net's values under TF-Slim's names, and variables of other scopes beside them, as the
/// competition's combined checkpoint has them.
fs::path writeTfCheckpoint(const std::string& prefix, const torch::nn::Module& net)
{
    std::map<std::string, torch::Tensor> byKey;
    for (const auto& item : net.named_parameters())
        byKey[item.key()] = item.value();
    for (const auto& item : net.named_buffers())
        byKey[item.key()] = item.value();
    const std::map<std::string, std::string> ends { { "biases", ".bias" },
        { "BatchNorm/beta", ".bn.bias" }, { "BatchNorm/moving_mean", ".bn.running_mean" },
        { "BatchNorm/moving_variance", ".bn.running_var" } };
    const std::vector<Variable> variables = slimVariables();
    const auto members = membersOf(variables, net);
    TfWriter writer(prefix);
    writer.add("InceptionResnetV2/Conv2d_1a_3x3/weights", torch::ones({ 3, 3, 3, 32 }));
    for (const Variable& variable : variables) {
        const std::string& member = members.at(variable.scope);
        const bool norm = byKey.contains(member + ".bn.weight");
        const std::string key = member
            + (variable.kind == "weights" ? (norm ? ".conv.weight" : ".weight")
                                          : ends.at(variable.kind));
        const torch::Tensor value = inTfLayout(byKey.at(key));
        if (value.sizes() != at::IntArrayRef(variable.shape))
            throw std::runtime_error(variable.scope + " is not " + member);
        writer.add(variable.scope + "/" + variable.kind, value);
        // TF-Slim's own files have no gamma; the synthetic weights do.
        if (variable.kind == "BatchNorm/beta")
            writer.add(variable.scope + "/BatchNorm/gamma", byKey.at(member + ".bn.weight"));
    }
    writer.add("global_step", torch::scalar_tensor(7, torch::kLong));
    return writer.finish();
}

/// What MMdnn makes of TF-Slim's graph: a dict of layers by the names of the graph's operations.
void writeConverted(const fs::path& path, const torch::nn::Module& net)
{
    std::map<std::string, torch::Tensor> byKey;
    for (const auto& item : net.named_parameters())
        byKey[item.key()] = item.value();
    for (const auto& item : net.named_buffers())
        byKey[item.key()] = item.value();
    const auto arrayOf = [&](const std::string& key, bool asConvolution = false) {
        torch::Tensor value = byKey.at(key);
        if (asConvolution)
            value = value.view({ value.size(0), value.size(1), 1, 1 });
        return pickle::array(value.sizes().vec(),
            { static_cast<const char*>(value.data_ptr()), static_cast<qsizetype>(value.nbytes()) });
    };
    pickle::Items layers;
    for (const auto& [scope, member] : membersOf(slimVariables(), net)) {
        const bool head = scope.find("Logits/") != std::string::npos;
        const std::string layer = (head ? "" : "InceptionV3/") + scope;
        const bool norm = byKey.contains(member + ".bn.weight");
        pickle::Items parts { { "weights",
            arrayOf(member + (norm ? ".conv.weight" : ".weight"), !norm) } };
        if (!norm)
            parts.emplace_back("bias", arrayOf(member + ".bias"));
        layers.emplace_back(layer + "/Conv2D", pickle::dict(parts));
        if (norm)
            layers.emplace_back(layer + "/BatchNorm/FusedBatchNorm",
                pickle::dict({ { "scale", arrayOf(member + ".bn.weight") },
                    { "bias", arrayOf(member + ".bn.bias") },
                    { "mean", arrayOf(member + ".bn.running_mean") },
                    { "var", arrayOf(member + ".bn.running_var") } }));
    }
    const QByteArray file = pickle::objectArray(pickle::dict(layers));
    std::ofstream(path, std::ios::binary)
        .write(file.constData(), static_cast<std::streamsize>(file.size()));
}

torch::Tensor logitsOf(const Classifier& network)
{
    const torch::NoGradGuard guard;
    return network.logits(syntheticPicture(299)).logits;
}

} // namespace

class tst_ImportedInception : public QObject
{
    Q_OBJECT

private:
    QTemporaryDir m_folder;
    StorePaths m_paths;
    std::shared_ptr<Net> m_net; // 1001 classes and an auxiliary head, as TF-Slim's checkpoint
    fs::path m_file; // the same as safetensors
    StoredModel m_headless; // 1000 classes

    [[nodiscard]] fs::path inFolder(const char* name) const
    {
        return fs::path(m_folder.path().toStdString()) / name;
    }

    StoredModel imported(const fs::path& file, const std::string& id, PoolPadding padding)
    {
        ImportRequest request;
        request.file = file;
        request.architecture = "inception-v3";
        request.id = id;
        request.poolPadding = padding;
        const auto model = importModel(m_paths, request);
        if (!model)
            throw std::runtime_error("stopped without being asked to");
        return *model;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_paths.user = inFolder("store");
        m_paths.manifests = inFolder("models");
        fs::create_directories(m_paths.manifests);
        m_net = syntheticNet(1001, true);
        m_file = inFolder("inception.safetensors");
        writeSafetensors(m_file, stateOf(*m_net));
        (void)imported(m_file, "with-head", PoolPadding::TfSlim);

        const auto headless = syntheticNet(1000, false);
        const fs::path file = inFolder("headless.safetensors");
        writeSafetensors(file, stateOf(*headless));
        m_headless = imported(file, "headless", PoolPadding::TfSlim);
        fs::remove(file); // each is 100 MB
    }

    void logitsAreTheGoldens_data()
    {
        QTest::addColumn<bool>("timm");
        QTest::newRow("TF-Slim's pools") << false;
        QTest::newRow("timm's pools") << true;
    }

    void logitsAreTheGoldens()
    {
        QFETCH(const bool, timm);
        const PoolPadding padding = timm ? PoolPadding::Timm : PoolPadding::TfSlim;
        const QJsonObject expected = golden(timm ? "inception-v3.timm" : "inception-v3.tf-slim");
        const QJsonObject other = golden(timm ? "inception-v3.tf-slim" : "inception-v3.timm");
        QVERIFY(!expected.isEmpty() && !other.isEmpty());
        if (timm)
            (void)imported(m_file, "timm", padding);
        const StoredModel model = ModelStore(m_paths).find(timm ? "timm" : "with-head");
        QVERIFY(model.imported);
        QVERIFY(model.manifest.poolPadding == padding);
        QCOMPARE(model.manifest.classes, 1001);
        QCOMPARE(model.manifest.labelOffset, 0); // row 0 is the background

        const auto network = Classifier::load(model, Numerics::Reference, torch::kCPU);
        QCOMPARE(network->classes(), 1001);
        QCOMPARE(network->labelOffset(), 0);
        const torch::NoGradGuard guard;
        const NetOutput output = network->logits(syntheticPicture(299));
        const double logits = apart(output.logits, values(expected["logits"]));
        QVERIFY2(logits <= kLogitBound, qPrintable(QString::number(logits)));
        // Nothing but the weights says that there is a head.
        QVERIFY(output.auxLogits.defined());
        const double head = apart(output.auxLogits, values(expected["aux_logits"]));
        QVERIFY2(head <= kLogitBound, qPrintable(QString::number(head)));
        // The manifest's padding has done that: the other one's logits are elsewhere.
        const double elsewhere = apart(output.logits, values(other["logits"]));
        QVERIFY2(elsewhere > 1e-3, qPrintable(QString::number(elsewhere)));
        if (timm)
            (void)removeModel(m_paths, "timm");
    }

    void headTakesPartInTheTargetedLoss()
    {
        const QJsonObject expected = golden("inception-v3.tf-slim");
        QVERIFY(!expected.isEmpty());
        const torch::Tensor x = syntheticPicture(299);
        const auto network = Classifier::load(
            ModelStore(m_paths).find("with-head"), Numerics::Reference, torch::kCPU);
        const LossAndGradient step = differentiate(*network, x, kTarget, true);
        QVERIFY(step.auxiliary);
        const double loss = smoothedLoss(values(expected["logits"]))
            + 0.4 * smoothedLoss(values(expected["aux_logits"]));
        QVERIFY2(std::abs(step.loss - loss) <= kLogitBound * loss,
            qPrintable(QString("%1, expected %2").arg(step.loss).arg(loss)));
        QVERIFY(!differentiate(*network, x, kTarget, false).auxiliary);
    }

    void withoutAHeadThereIsNone()
    {
        QCOMPARE(m_headless.manifest.classes, 1000);
        QCOMPARE(m_headless.manifest.labelOffset, 1);
        const auto network = Classifier::load(m_headless, Numerics::Reference, torch::kCPU);
        const LossAndGradient step = differentiate(*network, syntheticPicture(299), kTarget, true);
        QVERIFY(!step.auxiliary);
        QVERIFY(step.gradient.abs().max().item<double>() > 0.0);
    }

    void traceSaysWhetherThereIsAHead()
    {
        EngineOptions options;
        options.store = m_paths;
        Engine engine(options);
        AttackRequest request = defaultRequest(Method::CrossIterativeTarget);
        request.judges.clear();
        request.rounds = 1;
        request.target = kTarget;
        request.compute.numerics = Numerics::Reference;
        request.sources = { "with-head" };
        const auto with = engine.attack(request, Image(299, 299));
        QVERIFY(with->last().descends);
        QVERIFY(with->notes.empty());
        request.sources = { "headless" };
        const auto without = engine.attack(request, Image(299, 299));
        QCOMPARE(without->notes.size(), std::size_t(1));
        QVERIFY2(without->notes[0].starts_with("no auxiliary head in headless"),
            without->notes[0].c_str());
    }

    /// 1000 classes and the auxiliary head: torchvision's, whose pools count the zeros, and whose
    /// own transform of a normalised picture gives the picture in [-1, 1] again.
    void torchvisionsFileAnswersAsTorchvision()
    {
        const fs::path file = inFolder("inception_v3_google.pth");
        pickle::writeTrainingState(file, stateOf(*syntheticNet(1000, true)));
        ImportRequest request;
        request.file = file;
        request.architecture = "inception-v3";
        request.id = "torchvision";
        const auto model = importModel(m_paths, request);
        fs::remove(file);
        QVERIFY(model);
        QVERIFY(model->manifest.poolPadding == PoolPadding::Timm);
        QVERIFY(model->manifest.source.find("wrapper state_dict opened, prefix module. taken off, "
                                            "torchvision's names")
            != std::string::npos);
        QVERIFY(model->manifest.preprocessing.scale == ChannelValues(1.0));
        QVERIFY(model->manifest.preprocessing.shift == ChannelValues(0.0));
        QCOMPARE(model->manifest.classes, 1000);
        QCOMPARE(model->manifest.labelOffset, 1);
        const QJsonObject expected = golden("inception-v3.torchvision");
        QVERIFY(!expected.isEmpty());
        const auto network = Classifier::load(*model, Numerics::Exact, torch::kCPU);
        const torch::NoGradGuard guard;
        const NetOutput output = network->logits(syntheticPicture(299).to(torch::kDouble));
        const double logits = apart(output.logits, values(expected["logits"]));
        QVERIFY2(logits <= 1e-8, qPrintable(QString::number(logits)));
        const double head = apart(output.auxLogits, values(expected["aux_logits"]));
        QVERIFY2(head <= 1e-8, qPrintable(QString::number(head)));
        (void)removeModel(m_paths, "torchvision");
    }

    void convertedNetworkAnswersAsTfSlim()
    {
        const fs::path file = inFolder("tf2torch_inception_v3.npy");
        writeConverted(file, *m_net);
        ImportRequest request;
        request.file = file;
        request.architecture = "inception-v3";
        request.id = "converted";
        const auto model = importModel(m_paths, request);
        fs::remove(file);
        QVERIFY(model);
        QVERIFY(model->manifest.poolPadding == PoolPadding::TfSlim);
        QCOMPARE(model->manifest.file, std::string("model.safetensors"));
        QCOMPARE(model->manifest.classes, 1001);
        QCOMPARE(model->manifest.labelOffset, 0);
        QVERIFY(model->manifest.source.find("MMdnn's names") != std::string::npos);
        const auto network = Classifier::load(*model, Numerics::Reference, torch::kCPU);
        const double logits =
            apart(logitsOf(*network), values(golden("inception-v3.tf-slim")["logits"]));
        QVERIFY2(logits <= kLogitBound, qPrintable(QString::number(logits)));
        (void)removeModel(m_paths, "converted");
    }

    void tensorFlowCheckpointGivesTheSameNetwork()
    {
        const fs::path index = writeTfCheckpoint(inFolder("inception_v3.ckpt").string(), *m_net);
        const StoredModel model = imported(index, "tensorflow", PoolPadding::TfSlim);
        fs::remove(tfShardName(inFolder("inception_v3.ckpt").string(), 0, 1)); // no longer needed
        QCOMPARE(model.manifest.file, std::string("model.safetensors"));
        QVERIFY(checkHeader(model.weights) == CheckpointFormat::Safetensors);
        QCOMPARE(model.manifest.classes, 1001);
        QCOMPARE(model.manifest.labelOffset, 0);

        const StateDict stored = readSafetensors(model.weights);
        const StateDict wanted = stateOf(*m_net);
        QCOMPARE(stored.tensors.size(), wanted.tensors.size()); // the other scopes are left out
        for (const TensorView& view : wanted.tensors) {
            const TensorView* found = stored.find(view.name);
            QVERIFY2(found != nullptr, view.name.c_str());
            QVERIFY2(found->dtype == view.dtype && found->shape == view.shape
                    && std::equal(found->bytes.begin(), found->bytes.end(), view.bytes.begin(),
                        view.bytes.end()),
                view.name.c_str());
        }

        const auto network = Classifier::load(model, Numerics::Reference, torch::kCPU);
        const torch::Tensor logits = logitsOf(*network);
        const double fromGolden = apart(logits, values(golden("inception-v3.tf-slim")["logits"]));
        QVERIFY2(fromGolden <= kLogitBound, qPrintable(QString::number(fromGolden)));
        // Equal weights give equal logits, up to what the place in memory does to a sum's order.
        const auto same = Classifier::load(
            ModelStore(m_paths).find("with-head"), Numerics::Reference, torch::kCPU);
        const double difference = apart(logits, logitsOf(*same).flatten().to(torch::kDouble));
        QVERIFY2(difference <= 1e-5, qPrintable(QString::number(difference)));
    }
};

QTEST_GUILESS_MAIN(tst_ImportedInception)
#include "tst_ImportedInception.moc"
