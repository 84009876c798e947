#include "core/contest/Validator.h"

#include "core/base/ArchiveFiles.h"
#include "core/base/AtomicFile.h"
#include "core/base/ByteCount.h"
#include "core/base/Counted.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Random.h"
#include "core/base/RegularFile.h"
#include "core/contest/LabelsCsv.h"
#include "core/contest/TargetClassCsv.h"
#include "core/image/Codec.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <set>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace crossiter {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kMostUnpacked = 16ULL << 30U;
constexpr int kEpsilons[] = { 4, 8, 12, 16 };
constexpr std::size_t kNamedFaults = 3; // the others are counted

/// A folder of the system's for temporary files; goes away with all in it.
class TemporaryFolder
{
public:
    TemporaryFolder()
    {
        std::error_code fault;
        const fs::path base = fs::temp_directory_path(fault);
        std::string name = (base / "crossiter-validate-XXXXXX").string();
        if (fault || ::mkdtemp(name.data()) == nullptr)
            throw Error(ErrorKind::BadInput, "cannot create a temporary folder", base.string(),
                "a writable place ($TMPDIR)", fault ? fault.message() : systemReason(errno));
        m_path = name;
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    TemporaryFolder(TemporaryFolder&&) = delete;
    TemporaryFolder& operator=(TemporaryFolder&&) = delete;

    [[nodiscard]] fs::path make(const char* name) const
    {
        std::error_code fault;
        fs::create_directory(m_path / name, fault);
        if (fault)
            throw Error(ErrorKind::BadInput, "cannot create a temporary folder", m_path.string(),
                "room on the disk", fault.message());
        return m_path / name;
    }

private:
    fs::path m_path;
};

/// "a, b, c and 4 more"
std::string someOf(const std::vector<std::string>& names)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(names.size(), kNamedFaults); ++i)
        text += (i == 0 ? "" : ", ") + names[i];
    if (names.size() > kNamedFaults)
        text += " and " + std::to_string(names.size() - kNamedFaults) + " more";
    return oneLine(text);
}

class Validation
{
public:
    Validation(
        const ValidationRequest& request, const ProgressSink& progress, const std::stop_token& stop)
        : m_request(request)
        , m_progress(progress)
        , m_stop(stop)
    {
    }

    ValidationReport run()
    {
        std::error_code fault;
        const fs::file_status status = fs::status(m_request.submission, fault);
        if (!fs::exists(status))
            throw Error(ErrorKind::BadInput, "no such submission", m_request.submission.string(),
                "an archive or a folder", fault ? fault.message() : std::string());
        m_isFolder = fs::is_directory(status);
        const std::vector<std::pair<const char*, bool (Validation::*)()>> steps {
            { "archive", &Validation::unpack }, { "size", &Validation::measure },
            { "metadata", &Validation::metadata }, { "type", &Validation::type },
            { "entry point", &Validation::entryPoint }, { "sample run", &Validation::sampleRun },
            { "output", &Validation::output }
        };
        bool reached = true;
        for (const auto& [name, step] : steps) {
            m_name = name;
            if (!reached) {
                say(CheckStatus::Skipped, "not reached");
                continue;
            }
            try {
                reached = (this->*step)();
            } catch (const Error& error) {
                say(CheckStatus::Failed, error.what());
                reached = false;
            }
            if (m_report.cancelled)
                return std::move(m_report);
        }
        m_name = "container";
        say(CheckStatus::Skipped,
            "not looked at, it needs Docker: image size, 24 GB of memory, no network");
        return std::move(m_report);
    }

private:
    void say(CheckStatus status, const std::string& text)
    {
        m_report.checks.push_back({ m_name, status, oneLine(text) });
    }

    bool unpack()
    {
        if (m_isFolder) {
            m_root = m_request.submission;
            say(CheckStatus::Passed, "a folder, checked in place");
            return true;
        }
        const fs::path folder = m_temporary.make("unpacked");
        UnpackLimits limits;
        limits.unpackedBytes = kMostUnpacked;
        const Unpacked unpacked =
            unpackArchive(m_request.submission, folder, limits, m_progress, m_stop);
        m_report.cancelled = unpacked.cancelled;
        m_root = rootOf(folder);
        say(CheckStatus::Passed,
            counted(unpacked.files, "file")
                + (m_root == folder ? "" : " in the top folder " + m_root.filename().string()));
        return true;
    }

    /// One single folder at the top counts as the root; what macOS adds is not counted.
    static fs::path rootOf(const fs::path& folder)
    {
        std::vector<fs::path> found;
        std::error_code fault;
        for (fs::directory_iterator entries(folder, fault), end; !fault && entries != end;
             entries.increment(fault))
            if (entries->path().filename() != "__MACOSX")
                found.push_back(entries->path());
        return found.size() == 1 && fs::is_directory(found.front(), fault) ? found.front() : folder;
    }

    bool measure()
    {
        std::uint64_t bytes = 0;
        std::error_code fault;
        fs::recursive_directory_iterator walk(m_root, fault);
        for (const fs::recursive_directory_iterator end; !fault && walk != end;
             walk.increment(fault)) {
            std::error_code ofOne;
            if (walk->is_regular_file(ofOne))
                bytes += walk->file_size(ofOne);
        }
        if (fault)
            throw Error(ErrorKind::BadInput, "cannot read the submission", m_root.string(),
                "a readable folder", fault.message());
        const bool fits = bytes <= kMostUnpacked;
        const SizeTexts sizes = sizeTexts(kMostUnpacked, bytes);
        say(fits ? CheckStatus::Passed : CheckStatus::Failed,
            (fits ? sizeText(bytes) + " unpacked"
                  : sizes.found + " unpacked, at most " + sizes.limit + " are allowed"));
        return fits;
    }

    bool metadata()
    {
        m_metadata = readMetadata(m_root);
        for (const std::string& key : m_metadata.repeated)
            say(CheckStatus::Warning, "key " + oneLine(key) + " given twice: the last one counts");
        if (m_metadata.container.empty() || m_metadata.containerGpu.empty())
            say(CheckStatus::Warning, "a container has no name");
        else
            say(CheckStatus::Passed, "all four keys; container " + m_metadata.container);
        return true;
    }

    bool type()
    {
        const bool right = m_metadata.type == nameOf(m_request.kind);
        say(right ? CheckStatus::Passed : CheckStatus::Failed,
            right
                ? m_metadata.type
                : "expected " + std::string(nameOf(m_request.kind)) + ", found " + m_metadata.type);
        return right;
    }

    bool entryPoint()
    {
        const fs::path file = m_root / m_metadata.entryPoint;
        struct stat status = {};
        if (::stat(file.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) {
            say(CheckStatus::Failed, "not there: " + m_metadata.entryPoint);
            return false;
        }
        std::string remark;
        if ((status.st_mode & 0111U) == 0) {
            if (m_isFolder) {
                say(CheckStatus::Failed, "not executable: " + m_metadata.entryPoint);
                return false;
            }
            ::chmod(file.c_str(), 0755); // the official validator does so with all files
            remark = ", not executable in the archive (the official validator makes it so)";
        }
        if (!m_metadata.entryPoint.ends_with(".sh"))
            remark += ", does not end in .sh";
        say(remark.empty() ? CheckStatus::Passed : CheckStatus::Warning,
            m_metadata.entryPoint + remark);
        return true;
    }

    [[nodiscard]] static std::string sampleName(int number)
    {
        return "IMG" + paddedText(static_cast<std::uint64_t>(number), 4) + ".png";
    }

    void writeSamples()
    {
        RandomStream random(mixSeed({ m_request.seed, 1 }));
        std::vector<LabelRow> targets;
        for (int i = 0; i < m_request.images && !m_stop.stop_requested(); ++i) {
            Image noise(kImageSide, kImageSide);
            for (std::size_t at = 0; at < noise.rgb.size();) {
                std::uint64_t bits = random.next();
                for (int byte = 0; byte < 8 && at < noise.rgb.size(); ++byte, bits >>= 8U)
                    noise.rgb[at++] = static_cast<std::uint8_t>(bits & 0xFFU);
            }
            writePng(m_input / sampleName(i), noise);
            targets.push_back({ sampleName(i), 1 + static_cast<int>(random.next() % 1000U) });
        }
        if (m_request.kind == SubmissionKind::TargetedAttack)
            writeFileAtomically(m_input / kTargetClassFile, targetClassText(targets));
    }

    bool sampleRun()
    {
        if (!m_request.run) {
            say(CheckStatus::Skipped, "not asked for");
            return false; // nor is there any output
        }
        m_input = m_temporary.make("input");
        m_output = m_temporary.make("output");
        if (m_progress)
            m_progress({ "sample run", 0, 0, -1.0 });
        writeSamples();
        int epsilon = m_request.epsilon255;
        if (epsilon == 0)
            epsilon = kEpsilons[RandomStream(mixSeed({ m_request.seed, 2 })).next() % 4U];
        ChildRequest command = m_request.kind == SubmissionKind::Defense
            ? defenseCommand(m_root, m_metadata, m_input, m_output / "result.csv")
            : attackCommand(m_root, m_metadata, m_input, m_output, epsilon);
        command.timeoutSeconds = m_request.timeoutSeconds;
        const ChildResult result = runChild(command, m_stop);
        m_report.cancelled = result.cancelled;
        m_report.runOutput = result.output + result.error;
        const std::string seconds = ", " + fixedText(result.seconds, 1) + " s";
        say(result.succeeded() ? CheckStatus::Passed : CheckStatus::Failed,
            result.succeeded() ? counted(m_request.images, "image")
                    + (m_request.kind == SubmissionKind::Defense
                            ? std::string()
                            : ", epsilon " + std::to_string(epsilon))
                    + seconds
                               : result.explain());
        return result.succeeded();
    }

    bool output() { return m_request.kind == SubmissionKind::Defense ? labels() : pictures(); }

    bool labels()
    {
        const DefenseOutput found = readDefenseOutput(m_output / "result.csv");
        std::vector<std::string> missing;
        std::set<std::string> expected;
        for (int i = 0; i < m_request.images; ++i) {
            const std::string stem = fs::path(sampleName(i)).stem().string();
            expected.insert(stem);
            if (!found.labels.contains(stem))
                missing.push_back(sampleName(i));
        }
        std::vector<std::string> others;
        for (const auto& [name, label] : found.labels)
            if (!expected.contains(name))
                others.push_back(name);
        if (!missing.empty())
            say(CheckStatus::Failed, "no label for " + someOf(missing));
        if (!others.empty())
            say(CheckStatus::Failed, "labels for what is no input: " + someOf(others));
        if (missing.empty() && others.empty())
            say(CheckStatus::Passed, "a label for each image and for nothing else");
        return missing.empty() && others.empty();
    }

    bool pictures()
    {
        std::vector<std::string> faults;
        for (int i = 0; i < m_request.images; ++i) {
            const std::string name = sampleName(i);
            try {
                const DecodeLimits limits;
                const Image image = readImage(m_output / name, DecodeRule::Contest, limits,
                    TimeLimit(limits.deadlineMs, m_stop));
                if (image.empty())
                    return false;
                if (!image.isImageSpace())
                    faults.push_back(name + " is " + std::to_string(image.width) + "x"
                        + std::to_string(image.height));
            } catch (const Error&) {
                std::error_code ignored;
                faults.push_back(name
                    + (fs::exists(m_output / name, ignored) ? " does not open" : " is missing"));
            }
        }
        say(faults.empty() ? CheckStatus::Passed : CheckStatus::Failed,
            faults.empty() ? "every image is there, opens and is 299x299" : someOf(faults));
        return faults.empty();
    }

    const ValidationRequest& m_request;
    const ProgressSink& m_progress;
    const std::stop_token& m_stop;
    TemporaryFolder m_temporary;
    bool m_isFolder = false;
    fs::path m_root;
    fs::path m_input;
    fs::path m_output;
    SubmissionMetadata m_metadata;
    const char* m_name = "";
    ValidationReport m_report;
};

} // namespace

const char* nameOf(CheckStatus status) noexcept
{
    switch (status) {
    case CheckStatus::Passed:
        return "passed";
    case CheckStatus::Warning:
        return "warning";
    case CheckStatus::Failed:
        return "failed";
    case CheckStatus::Skipped:
        break;
    }
    return "skipped";
}

bool ValidationReport::valid() const
{
    return !cancelled
        && std::none_of(
            checks.begin(), checks.end(),
            [](const SubmissionCheck& check) { return check.status == CheckStatus::Failed; });
}

ValidationReport validateSubmission(
    const ValidationRequest& request, const ProgressSink& progress, std::stop_token stop)
{
    return Validation(request, progress, stop).run();
}

} // namespace crossiter
