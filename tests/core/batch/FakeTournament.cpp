#include "tests/core/batch/FakeTournament.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/Sha256.h"
#include "core/image/Codec.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sstream>
#include <sys/resource.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace crossiter::test {

namespace fs = std::filesystem;

Image datasetImage(int index)
{
    // Long runs of one value: quick to encode, different for every index.
    Image image(kImageSide, kImageSide);
    for (int y = 0; y < kImageSide; ++y) {
        for (int x = 0; x < kImageSide; ++x) {
            const std::size_t at = image.offset(x, y);
            image.rgb[at] = static_cast<std::uint8_t>((y / 32) * 28);
            image.rgb[at + 1] = static_cast<std::uint8_t>((index * 53) % 256);
            image.rgb[at + 2] = static_cast<std::uint8_t>(255 - (y / 64) * 40 - index % 7);
        }
    }
    return image;
}

std::string datasetId(int index)
{
    char name[16] = {};
    std::snprintf(name, sizeof name, "image_%04d", index);
    return name;
}

int datasetLabel(int index)
{
    return 1 + index % 3;
}

int datasetTarget(int index)
{
    return 1 + (index + 1) % 3;
}

void makeDataset(const fs::path& folder, int count, int different)
{
    const fs::path images = folder / "images";
    fs::create_directories(images);
    std::string csv = "ImageId,URL,x1,y1,x2,y2,TrueLabel,TargetClass,OriginalLandingURL,License,"
                      "Author,AuthorProfileURL\n";
    for (int i = 0; i < count; ++i) {
        const fs::path file = images / (datasetId(i) + ".png");
        if (i < different)
            writePng(file, datasetImage(i));
        else
            fs::create_hard_link(images / (datasetId(i % different) + ".png"), file);
        csv += datasetId(i) + ",http://example.com/a.jpg,0,0,1,1," + std::to_string(datasetLabel(i))
            + "," + std::to_string(datasetTarget(i)) + ",,,,\n";
    }
    writeFileAtomically(folder / "dataset.csv", csv);
}

TournamentPlan fakePlan(const fs::path& folder)
{
    TournamentPlan plan;
    plan.dataset.folder = folder / "images";
    plan.dataset.csv = folder / "dataset.csv";
    plan.allClassification = true;
    const auto attack = [](const char* name, Method method) {
        PlanAttack made;
        made.name = name;
        made.options.method = method;
        return made;
    };
    plan.attacks = { attack("strong", Method::CrossIterative), attack("noop", Method::Noop) };
    plan.targetedAttacks = { attack("aimed", Method::IterTarget) };
    for (const char* model : { "first", "second" }) {
        PlanDefense defense;
        defense.name = std::string("defense ") + model;
        defense.model = model;
        plan.defenses.push_back(defense);
    }
    return plan;
}

Image fakeAttack(const AttackRequest& request, const Image& clean)
{
    if (request.method == Method::Noop)
        return clean;
    Image made = clean;
    const int push = 2 * request.epsilon255 + request.target.value_or(0);
    for (int y = 0; y < kImageSide; ++y) {
        const int moved = (y / 50 + request.rounds) % 2 == 0 ? push : -push;
        for (std::size_t i = made.offset(0, y); i < made.offset(0, y + 1); ++i)
            made.rgb[i] = static_cast<std::uint8_t>(std::clamp(made.rgb[i] + moved, 0, 255));
    }
    return made;
}

int fakeLabel(const std::string& model, const Image& image)
{
    const std::string hash = sha256(image.rgb) + model;
    return 1
        + static_cast<int>(
            sha256(std::span(reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size()))[0]
            % 3);
}

BatchEngine fakeEngine(const FakeOptions& options)
{
    BatchEngine parts;
    parts.version = "test";
    parts.published = options.published;
    parts.attack = [options](const AttackRequest& request, const Image& clean,
                       const std::stop_token& stop) -> std::optional<Image> {
        if (!options.callLog.empty()) {
            const int log = ::open(options.callLog.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0666);
            if (log < 0 || ::write(log, "x", 1) != 1)
                throw Error(ErrorKind::Internal, "no log", options.callLog.string());
            ::close(log);
        }
        if (options.beforeAttack)
            options.beforeAttack(request, clean);
        if (options.attackMicroseconds > 0)
            std::this_thread::sleep_for(std::chrono::microseconds(options.attackMicroseconds));
        if (stop.stop_requested())
            return std::nullopt;
        return fakeAttack(request, clean);
    };
    parts.defend = [](const TournamentPlan&, const PlanDefense& defense,
                       const std::vector<Image>& images,
                       const std::stop_token& stop) -> std::optional<std::vector<int>> {
        if (stop.stop_requested())
            return std::nullopt;
        std::vector<int> labels;
        labels.reserve(images.size());
        // With batch statistics a label depends on the whole group.
        const std::string salt =
            defense.defense.batchStatistics ? std::to_string(images.size()) : "";
        for (const Image& image : images)
            labels.push_back(fakeLabel(defense.model + salt, image));
        return labels;
    };
    return parts;
}

std::shared_ptr<const TournamentResult> run(const TournamentPlan& plan, const fs::path& output,
    const FakeOptions& options, bool resume, std::stop_token stop)
{
    LocalShare alone;
    return runTournament(plan, output, { resume }, fakeEngine(options), alone, {}, std::move(stop));
}

std::string errorOf(const std::function<void()>& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

std::vector<std::string> linesOf(const fs::path& file)
{
    std::vector<std::string> lines;
    std::istringstream text(textOf(file));
    for (std::string line; std::getline(text, line);)
        lines.push_back(line);
    return lines;
}

std::map<std::string, std::string> filesOf(const fs::path& folder)
{
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        const std::string name = fs::relative(entry.path(), folder).string();
        if (entry.is_regular_file() && !name.starts_with("journal/") && name != ".crossiter.lock")
            files[name] = sha256File(entry.path());
    }
    return files;
}

std::string difference(
    const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b)
{
    for (const auto& [name, hash] : a) {
        const auto other = b.find(name);
        if (other == b.end())
            return name + " is only in the first";
        if (other->second != hash)
            return name + " differs";
    }
    for (const auto& [name, hash] : b)
        if (a.find(name) == a.end())
            return name + " is only in the second";
    return {};
}

int inChild(const std::function<int()>& work)
{
    const pid_t child = ::fork();
    if (child != 0)
        return child;
    int code = 99;
    try {
        code = work();
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "child: %s\n", problem.what());
    }
    ::_exit(code);
}

int waitFor(int child, long* peakKilobytes)
{
    int status = 0;
    struct rusage usage = {};
    if (::wait4(child, &status, 0, &usage) != child)
        return -1000;
    if (peakKilobytes != nullptr)
        *peakKilobytes = usage.ru_maxrss;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

std::string textOf(const fs::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return { std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>() };
}

ScratchFolder::ScratchFolder()
{
    const bool memory = ::access("/dev/shm", W_OK) == 0;
    std::string name =
        (memory ? fs::path("/dev/shm") : fs::temp_directory_path()) / "crossiter-batch-XXXXXX";
    if (::mkdtemp(name.data()) == nullptr)
        throw Error(ErrorKind::Internal, "no scratch folder", name);
    m_path = name;
}

ScratchFolder::~ScratchFolder()
{
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

Image clipped(const Image& adversarial, const Image& clean, int epsilon)
{
    Image out = clean;
    for (std::size_t i = 0; i < clean.rgb.size(); ++i) {
        const int low = clean.rgb[i] < epsilon ? 0 : clean.rgb[i] - epsilon;
        const int high = clean.rgb[i] + epsilon > 255 ? 255 : clean.rgb[i] + epsilon;
        const int value = adversarial.rgb[i];
        out.rgb[i] = static_cast<std::uint8_t>(value < low ? low : value > high ? high : value);
    }
    return out;
}

} // namespace crossiter::test
