#include "app/common/UsageError.h"

#include "core/base/Suggestion.h"

#include <algorithm>
#include <string>
#include <vector>

namespace crossiter {

namespace {

/// The deepest command that the arguments name, and the first argument after it.
struct Typed
{
    const CLI::App* command = nullptr;
    std::string path; ///< "crossiter models fetch"
    std::string next;

    /// An error's place: the program is named before every error.
    [[nodiscard]] std::string place() const
    {
        return path.find(' ') == std::string::npos ? std::string() : path;
    }
    [[nodiscard]] std::string help() const { return "what '" + path + " --help' lists"; }
};

std::vector<const CLI::App*> commandsOf(const CLI::App& app)
{
    return app.get_subcommands([](const CLI::App*) { return true; });
}

Typed typedCommand(const CLI::App& app, int count, char** arguments)
{
    Typed typed { &app, app.get_name(), {} };
    for (int i = 1; i < count; ++i) {
        const auto named = typed.command->get_subcommands(
            [&](const CLI::App* candidate) { return candidate->get_name() == arguments[i]; });
        const CLI::App* deeper = named.empty() ? nullptr : named.front();
        if (deeper == nullptr) {
            typed.next = arguments[i];
            break;
        }
        typed.command = deeper;
        typed.path += std::string(" ") + arguments[i];
    }
    return typed;
}

bool isOption(const std::string& word)
{
    return word.size() > 1 && word.front() == '-' && word != "--"
        && (word[1] < '0' || word[1] > '9') && word[1] != '.';
}

std::string optionPart(const std::string& word)
{
    return word.substr(0, word.find('='));
}

std::vector<std::string> optionsOf(const CLI::App& command)
{
    std::vector<std::string> names;
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& name : option->get_lnames())
            names.push_back("--" + name);
        for (const std::string& name : option->get_snames())
            names.push_back("-" + name);
    }
    return names;
}

/// Of the commands below one: their names, and where a deeper one is called so.
std::string foundCommand(const Typed& typed)
{
    std::vector<std::string> names;
    for (const CLI::App* command : commandsOf(*typed.command))
        names.push_back(command->get_name());
    for (const CLI::App* command : commandsOf(*typed.command)) {
        for (const CLI::App* deeper : commandsOf(*command)) {
            if (deeper->get_name() == typed.next)
                return foundWord(typed.next, {}, false) + "; did you mean " + command->get_name()
                    + " " + typed.next + "?";
        }
    }
    return foundWord(typed.next, names, false);
}

Error unknownCommand(const Typed& typed)
{
    if (typed.next.empty())
        return { ErrorKind::Usage, "command missing", typed.place(), typed.help() };
    if (isOption(typed.next))
        return { ErrorKind::Usage, "unknown option", typed.place(), typed.help(),
            foundWord(optionPart(typed.next), optionsOf(*typed.command), false) };
    return { ErrorKind::Usage, "unknown command", typed.place(), typed.help(),
        foundCommand(typed) };
}

/// Text of the parser: "A: ...", "A excludes B", "A is required". Options stand in it with all
/// their names, "--a,-b": the first one does.
std::string firstName(const std::string& text)
{
    return text.substr(0, text.find_first_of(" :,"));
}

std::string lastName(const std::string& text)
{
    return firstName(text.substr(text.rfind(' ') + 1));
}

/// The option that a complaint is about, wherever it stands in it; else the first word.
std::string optionIn(const std::string& text)
{
    for (std::size_t from = 0; from < text.size();) {
        const std::size_t to = std::min(text.find(' ', from), text.size());
        std::string word = firstName(text.substr(from, to - from));
        if (isOption(word))
            return word;
        from = to + 1;
    }
    return firstName(text);
}

/// How an option or an argument is typed: "--model ID", "IMAGE".
std::string shape(const CLI::App& command, const std::string& name)
{
    for (const CLI::Option* option : command.get_options()) {
        if (option->get_name(false, true) == name || option->check_name(name)) {
            const std::string type = option->get_type_name();
            return !isOption(name) || type.empty() || option->get_expected_max() == 0
                ? name
                : name + " " + type;
        }
    }
    return name;
}

/// What is left over: an option that nobody knows explains more than an argument that is missing.
std::string unknownOption(const CLI::App& command)
{
    const std::vector<std::string> left = command.remaining();
    const auto found = std::ranges::find_if(left, isOption);
    return found == left.end() ? std::string() : optionPart(*found);
}

Error leftOver(const Typed& typed)
{
    const std::vector<std::string> left = typed.command->remaining();
    std::string words;
    for (const std::string& word : left)
        words += (words.empty() ? "" : " ") + word;
    return { ErrorKind::Usage, left.size() == 1 ? "one argument too many" : "too many arguments",
        typed.place(), typed.help(), words };
}

/// What comes after `mark`; nothing without it.
std::string after(const std::string& text, const std::string& mark)
{
    const std::size_t at = text.find(mark);
    return at == std::string::npos ? std::string() : text.substr(at + mark.size());
}

/// "not in range 32 to 1024", "not in {light,dark}".
Error outOfRange(
    const std::string& text, const std::string& name, const std::string& value, const Typed& typed)
{
    if (std::string range = after(text, "not in range "); !range.empty()) {
        if (const std::size_t at = range.find(" to "); at != std::string::npos)
            range.replace(at, 4, "..");
        return { ErrorKind::Usage, "wrong value", name, "a whole number " + range, value };
    }
    // Of a list's elements the one that the complaint begins with.
    const std::string list = after(text, "not in {");
    const std::string said = after(text.substr(0, text.find(" not in {")), name + ": ");
    const std::string word = said.empty() ? value : said;
    std::vector<std::string> known;
    std::string choices;
    for (std::size_t from = 0; from < list.size() && list[from] != '}';) {
        const std::size_t to = std::min(list.find_first_of(",}", from), list.size());
        known.push_back(list.substr(from, to - from));
        choices += (choices.empty() ? "" : ", ") + known.back();
        from = to < list.size() && list[to] == ',' ? to + 1 : to;
    }
    return { ErrorKind::Usage, "wrong value", name, choices.empty() ? typed.help() : choices,
        foundWord(word, known, false) };
}

/// A value that is missing, one too many, or out of its range.
Error wrongValue(const CLI::ParseError& problem, const Typed& typed)
{
    const std::string text = problem.what();
    const std::string name = optionIn(text);
    if (!isOption(name) && typed.command->get_option_no_throw(name) == nullptr)
        return { ErrorKind::Usage, "wrong arguments", typed.place(), typed.help() };
    const std::string wanted = shape(*typed.command, name);
    if (problem.get_name() == "ArgumentMismatch") {
        if (text.find("missing") != std::string::npos)
            return { ErrorKind::Usage, "value missing", name, wanted, "nothing after it" };
        if (text.find("At Most") != std::string::npos)
            return { ErrorKind::Usage, "option given more than once", name, wanted + " once" };
    }
    const CLI::Option* option = typed.command->get_option_no_throw(name);
    const std::string value =
        option == nullptr || option->results().empty() ? std::string() : option->results().back();
    if (problem.get_name() == "ValidationError")
        return outOfRange(text, name, value, typed);
    if (option != nullptr && option->get_expected_max() == 0)
        return { ErrorKind::Usage, "this option takes no value", name, name + " alone", value };
    return { ErrorKind::Usage, "wrong value", name, wanted, value };
}

bool isWordAt(const std::string& text, std::size_t at)
{
    const auto isLetter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '-';
    };
    return at < text.size() && isLetter(text[at]);
}

/// "label LABEL, labels CSV" as "--label LABEL, --labels CSV": where a key of the command's stands
/// before the word for its value.
std::string withDashes(std::string text, const CLI::App& command)
{
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& key : option->get_lnames()) {
            const std::string words = key + " " + option->get_type_name();
            for (std::size_t at = text.find(words); at != std::string::npos;
                 at = text.find(words, at + words.size() + 2)) {
                const bool alone =
                    !isWordAt(text, at + words.size()) && (at == 0 || !isWordAt(text, at - 1));
                if (alone && !option->get_type_name().empty())
                    text.insert(at, "--");
            }
        }
    }
    return text;
}

/// The option whose value an error without a place of its own found: "'resnet'; did you mean ...".
std::string optionWith(const Error& error, const CLI::App& command)
{
    if (!error.place().empty())
        return {};
    for (const CLI::Option* option : command.get_options()) {
        for (const std::string& value : option->results())
            if (error.found().starts_with("'" + value + "'"))
                return option->get_name();
    }
    return {};
}

} // namespace

Error asTyped(const Error& error, const CLI::App& app)
{
    const CLI::App* command = &app;
    for (auto parsed = app.get_subcommands(); !parsed.empty(); parsed = command->get_subcommands())
        command = parsed.front();
    const std::string option = "--" + error.place().substr(0, error.place().find(' '));
    const bool known = error.kind() == ErrorKind::Usage && option.size() > 2
        && command->get_option_no_throw(option) != nullptr;
    if (const std::string typed = optionWith(error, *command); !typed.empty())
        return error.at(typed);
    return { error.kind(), error.text(), known ? "--" + error.place() : error.place(),
        withDashes(error.expected(), *command), error.found() };
}

Error usageError(const CLI::ParseError& problem, const CLI::App& app, int count, char** arguments)
{
    const Typed typed = typedCommand(app, count, arguments);
    const std::string name = problem.get_name();
    const std::string text = problem.what();
    if (!commandsOf(*typed.command).empty())
        return unknownCommand(typed);
    // Of a subcommand's leftovers the error bears the subcommand's name instead of its own.
    const bool extras = text.find(" not expected") != std::string::npos;
    if (const std::string option = unknownOption(*typed.command);
        !option.empty() && (extras || name == "RequiredError"))
        return { ErrorKind::Usage, "unknown option", typed.place(), typed.help(),
            foundWord(option, optionsOf(*typed.command), false) };
    if (extras)
        return leftOver(typed);
    if (name == "RequiredError")
        return { ErrorKind::Usage, "argument missing", typed.place(),
            shape(*typed.command, text.substr(0, text.find(" is required"))) };
    if (name == "ExcludesError")
        return { ErrorKind::Usage, "wrong arguments", typed.place(),
            firstName(text) + " or " + lastName(text), "both" };
    if (name == "RequiresError")
        return { ErrorKind::Usage, "wrong arguments", typed.place(),
            lastName(text) + " with " + firstName(text), firstName(text) + " alone" };
    return wrongValue(problem, typed);
}

} // namespace crossiter
