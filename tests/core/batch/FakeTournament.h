#pragma once

#include "core/batch/BatchEngine.h"
#include "core/batch/TournamentPlan.h"
#include "core/batch/TournamentRunner.h"
#include "core/batch/WorkShare.h"

#include <QString>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace crossiter::test {

/// A tournament without networks: attacks and defenses are functions of the pixels that the tests
/// can compute again by themselves.

/// FOLDER/images/*.png and FOLDER/dataset.csv: `count` smooth 299x299 pictures, labels and targets
/// 1..3. Beyond `different` pictures files are hard links.
void makeDataset(const std::filesystem::path& folder, int count, int different = 8);
/// Of picture i.
[[nodiscard]] Image datasetImage(int index);
[[nodiscard]] std::string datasetId(int index);
[[nodiscard]] int datasetLabel(int index);
[[nodiscard]] int datasetTarget(int index);

/// Two attacks, one targeted one, two defenses, on makeDataset's pictures.
[[nodiscard]] TournamentPlan fakePlan(const std::filesystem::path& folder);

/// What the fake attack makes: each value moved by up to 2 * epsilon, before any clip, but for
/// noop.
[[nodiscard]] Image fakeAttack(const AttackRequest& request, const Image& clean);
/// 1..3, from the picture's hash and the model's name.
[[nodiscard]] int fakeLabel(const std::string& model, const Image& image);

struct FakeOptions
{
    std::filesystem::path callLog; ///< a byte for each attack; empty: none
    int attackMicroseconds = 0; ///< that each attack takes
    /// Run before each attack; may throw.
    std::function<void(const AttackRequest&, const Image&)> beforeAttack;
    std::vector<ReferenceTable> published; ///< BatchEngine::published
};
[[nodiscard]] BatchEngine fakeEngine(const FakeOptions& options = {});

/// One process, alone.
std::shared_ptr<const TournamentResult> run(const TournamentPlan& plan,
    const std::filesystem::path& output, const FakeOptions& options = {}, bool resume = false,
    std::stop_token stop = {});

/// What the Error says; empty: none.
[[nodiscard]] std::string errorOf(const std::function<void()>& work);
[[nodiscard]] inline QString message(const std::function<void()>& work)
{
    return QString::fromStdString(errorOf(work));
}

[[nodiscard]] std::vector<std::string> linesOf(const std::filesystem::path& file);

/// Path -> SHA-256 of every file below; journals and the lock left out.
[[nodiscard]] std::map<std::string, std::string> filesOf(const std::filesystem::path& folder);
/// The first difference in words; empty: equal.
[[nodiscard]] std::string difference(
    const std::map<std::string, std::string>& a, const std::map<std::string, std::string>& b);

/// Forks; the child runs `work` and leaves without unwinding. Returns its process id.
[[nodiscard]] int inChild(const std::function<int()>& work);
/// Exit code; -N: signal N. peakKilobytes: its largest resident size.
int waitFor(int child, long* peakKilobytes = nullptr);

[[nodiscard]] std::string textOf(const std::filesystem::path& file);

/// A folder of this name's own in memory, if the system has such a place, else on the disk.
class ScratchFolder
{
public:
    ScratchFolder();
    ~ScratchFolder();
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;
    ScratchFolder(ScratchFolder&&) = delete;
    ScratchFolder& operator=(ScratchFolder&&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    std::filesystem::path m_path;
};

/// The judge's clip, written down a second time.
[[nodiscard]] Image clipped(const Image& adversarial, const Image& clean, int epsilon);

} // namespace crossiter::test
