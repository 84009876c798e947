#pragma once

#include <stdexcept>
#include <string>

namespace crossiter {

/// What a caller can do about an error; each kind has one exit code of the command line.
enum class ErrorKind
{
    BadInput, ///< a file or value that cannot be used: exit code 1
    Usage, ///< a request that makes no sense, whatever the input: exit code 2
    Device, ///< a device that is absent or ran out of memory: exit code 3
    Internal, ///< a bug of ours: exit code 1, reported as such
};

/// The one exception type of core. It is caught at four doors only (the engine's callers, batch per
/// image, the command line's main, the window's job runner); everything between lets it pass.
class Error : public std::runtime_error
{
public:
    /// text: what is wrong ("truncated PNG"); place: where (a path, an option, a key);
    /// expected / found: may be empty. Each is escaped as oneLine does, so that what() is always
    /// one line: "text, place: expected X, found Y".
    Error(ErrorKind kind, std::string text, std::string place, std::string expected = {},
        std::string found = {});

    [[nodiscard]] ErrorKind kind() const noexcept { return m_kind; }
    [[nodiscard]] const std::string& text() const noexcept { return m_text; }
    [[nodiscard]] const std::string& place() const noexcept { return m_place; }
    [[nodiscard]] const std::string& expected() const noexcept { return m_expected; }
    /// what() without the place, for callers that name another one.
    [[nodiscard]] std::string whatElse() const;
    /// The same error at another place: "--rounds" for "rounds".
    [[nodiscard]] Error at(const std::string& place) const;

private:
    ErrorKind m_kind;
    std::string m_text;
    std::string m_place;
    std::string m_expected;
    std::string m_found;
};

/// 0 done, 1 bad input, 2 usage, 3 device (4 and 130 belong to outcomes, not to errors).
[[nodiscard]] int exitCodeOf(ErrorKind kind) noexcept;

/// forTerminal of core/base/SafeText.h; longer than maxBytes is cut with "...", at a character.
[[nodiscard]] std::string oneLine(const std::string& text, std::size_t maxBytes = 300);

} // namespace crossiter
