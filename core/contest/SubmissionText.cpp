// What stands in the text files of an exported submission.

#include "core/attack/AttackFields.h"
#include "core/contest/SubmissionExport.h"

#include <algorithm>
#include <string_view>

namespace crossiter {

namespace {

/// For /bin/sh: between single quotes nothing has a meaning but the quote itself.
std::string shellWord(const std::string& text)
{
    constexpr const char* kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=,";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos)
        return text;
    std::string quoted = "'";
    for (const char c : text)
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

/// Command-line options, one a line of the script.
class Options
{
public:
    void add(const std::string& name, const std::string& value)
    {
        m_text += " \\\n    " + name + " " + shellWord(value);
    }
    void flag(const std::string& name) { m_text += " \\\n    " + name; }
    [[nodiscard]] const std::string& text() const { return m_text; }

private:
    std::string m_text;
};

bool isWritten(const AttackField& field, const SubmissionSpec& spec)
{
    const AttackRequest& attack = spec.attack;
    switch (field.inScript) {
    case FieldInScript::Always:
        return true;
    case FieldInScript::WhenStepping:
        return usesSources(attack.method)
            && !(spec.stepFollowsEpsilon && field.key == std::string("step"));
    case FieldInScript::WhenDifferent:
        break;
    }
    return field.valueOf(attack) != field.valueOf(defaultRequest(attack.method));
}

std::string attackOptions(const SubmissionSpec& spec)
{
    Options options;
    for (const AttackField* field : attackFields(FieldFormat::Script)) {
        const std::string name = std::string("--") + field->key;
        const FieldValue value = field->valueOf(spec.attack);
        if (!isWritten(*field, spec))
            continue;
        if (field->key == std::string("judge"))
            options.add(name, spec.attack.sources.front()); // one has to: one that is loaded anyway
        else if (field->kind == FieldKind::Ids)
            for (const std::string& id : std::get<std::vector<std::string>>(value))
                options.add(name, id);
        else if (field->kind == FieldKind::Flag)
            options.flag(name);
        else
            options.add(name, AttackField::print(value));
    }
    options.add("--numerics", toString(spec.attack.compute.numerics));
    return options.text();
}

std::string defenseOptions(const SubmissionSpec& spec)
{
    Options options;
    options.add("--model", spec.model);
    // The items of a defense's text are the options' names.
    const std::string items = defenseText(spec.defense);
    bool seeded = false;
    for (std::size_t from = 0; from < items.size();) {
        const std::size_t to = std::min(items.find(';', from), items.size());
        const std::string item = items.substr(from, to - from);
        seeded = seeded || item.starts_with("seed=");
        if (item != "none")
            options.flag(shellWord("--" + item));
        from = to + 1;
    }
    if (!seeded)
        options.add("--seed", std::to_string(spec.defense.seed));
    options.add("--numerics", toString(spec.numerics));
    return options.text();
}

constexpr const char* kFindProgram =
    "here=$(cd \"$(dirname \"$0\")\" && pwd)\n"
    "if [ -n \"${CROSSITER:-}\" ]; then\n"
    "    program=$CROSSITER\n"
    "elif command -v crossiter >/dev/null 2>&1; then\n"
    "    program=crossiter\n"
    "elif [ -x \"$here/program/bin/crossiter\" ]; then\n"
    "    program=$here/program/bin/crossiter\n"
    "    LD_LIBRARY_PATH=$here/program/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}\n"
    "    export LD_LIBRARY_PATH\n"
    "else\n"
    "    echo \"$0: no program crossiter: not in \\$PATH, not in $here/program\" >&2\n"
    "    exit 1\n"
    "fi\n";

} // namespace

const char* entryPointOf(SubmissionKind kind) noexcept
{
    return kind == SubmissionKind::Defense ? "run_defense.sh" : "run_attack.sh";
}

std::string containerName()
{
    return std::string("crossiter:") + CROSSITER_VERSION;
}

bool isPlainNetwork(const DefenseRequest& defense)
{
    return defense.stages.empty() && !defense.dropout && !defense.batchStatistics;
}

std::string nameOfDefense(const std::string& model, const DefenseRequest& defense)
{
    return isPlainNetwork(defense) ? model : model + "_defended";
}

std::string commandOf(const SubmissionSpec& spec)
{
    const bool defense = spec.kind == SubmissionKind::Defense;
    std::string line = defense ? "defend" : "attack";
    line += defense ? defenseOptions(spec) : attackOptions(spec);
    constexpr std::string_view kBreak = " \\\n    ";
    for (std::size_t at = line.find(kBreak); at != std::string::npos; at = line.find(kBreak, at))
        line.replace(at, kBreak.size(), " ");
    return line;
}

std::string entryPointText(const SubmissionSpec& spec)
{
    const bool defense = spec.kind == SubmissionKind::Defense;
    const std::string usage =
        defense ? "INPUT_DIR OUTPUT_FILE" : "INPUT_DIR OUTPUT_DIR MAX_EPSILON";
    std::string text = "#!/bin/sh\n# " + spec.name + ", written by CrossIter " + CROSSITER_VERSION
        + ": " + entryPointOf(spec.kind) + " " + usage + "\nset -eu\nif [ \"$#\" -ne "
        + (defense ? "2" : "3") + " ]; then\n    echo \"usage: $0 " + usage
        + "\" >&2\n    exit 2\nfi\n" + kFindProgram;
    if (defense)
        return text + "exec \"$program\" defend \"$1\" \"$2\" --contest --quiet \\\n    --store "
            + "\"$here/models\"" + defenseOptions(spec) + "\n";
    text += "exec \"$program\" attack \"$1\" \"$2\" --epsilon \"$3\" --contest --quiet \\\n    "
            "--store \"$here/models\"";
    if (spec.kind == SubmissionKind::TargetedAttack)
        text += " \\\n    --targets \"$1/target_class.csv\"";
    return text + attackOptions(spec) + "\n";
}

std::string dockerfileText()
{
    const std::string name = containerName();
    return "# Makes the container " + name
        + " that metadata.json names. In this folder:\n"
          "#   docker build -t "
        + name
        + " .\n"
          "# program/ holds the program and the libraries that Debian 12 does not have; an export "
          "with\n"
          "# --no-program leaves it out, for when the container exists already.\n"
          "FROM debian:12-slim\n"
          "RUN apt-get update \\\n"
          "    && apt-get install -y --no-install-recommends \\\n"
          "        libarchive13 libavif15 libcurl4 libgcc-s1 libgif7 libjpeg62-turbo liblcms2-2 "
          "\\\n"
          "        libleveldb1d libpng16-16 libprotobuf-lite32 libsnappy1v5 libssl3 libstdc++6 \\\n"
          "        libtiff6 libwebp7 \\\n"
          "    && rm -rf /var/lib/apt/lists/*\n"
          "COPY program /opt/crossiter\n"
          "ENV "
          "PATH=/opt/crossiter/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "
          "\\\n"
          "    LD_LIBRARY_PATH=/opt/crossiter/lib\n"
          "RUN crossiter --version\n";
}

} // namespace crossiter
