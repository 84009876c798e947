#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace crossiter {

/// What lies at the place of a file that is to be written, when it is not an input.
enum class OutputKind
{
    Any, ///< replaced, whatever it holds
    /// Replaced only when it holds text (or nothing): a table is never written over a picture or
    /// over weights.
    Text,
};

/// Keeps a command from replacing its own inputs. Told before any work of every file that was given
/// or found as input and of every file that will be written, sidecars included; files are compared
/// by device and inode, so that links, `..` and other spellings of a path are seen through.
class OutputGuard
{
public:
    /// `what` it is for the message ("--labels"; empty: an input). One that is not there is nothing
    /// that could be replaced.
    void addInput(const std::filesystem::path& file, const std::string& what = {});
    /// A picture and what explains it beside it: NAME.provenance.json, and STEM.provenance.json
    /// unless that is readable and of another file (a table of the same stem).
    void addPicture(const std::filesystem::path& picture, const std::string& what = {});
    /// Every regular file of a folder whose name `read` takes (none: all), not of folders in it.
    void addInputFolder(const std::filesystem::path& folder, const std::string& what = {},
        const std::function<bool(const std::string& name)>& read = {});

    /// A file that will be written. `ownedBy`: a file that lies beside every earlier result of this
    /// kind; when it is given and not there, a picture at this place in a folder of the inputs is
    /// taken for one of theirs and not replaced.
    void addOutput(const std::filesystem::path& file, OutputKind kind = OutputKind::Any,
        const std::filesystem::path& ownedBy = {});
    /// Of files that will be written into a folder, those that are there already: those whose name
    /// `written` knows. For more files than should be listed one by one.
    void addOutputFolder(const std::filesystem::path& folder,
        const std::function<bool(const std::string& name)>& written,
        const std::function<std::filesystem::path(const std::string& name)>& ownedBy = {});

    /// Throws Error(BadInput) that names the file, and the input where there is one: an input would
    /// be replaced; two results would have one name; a folder, pipe or device lies there; a picture
    /// or a binary file lies where a text goes; a name is too long (requireFileName).
    void check() const;

private:
    using Identity = std::pair<std::uintmax_t, std::uintmax_t>; // device, inode
    struct Input
    {
        std::filesystem::path file;
        std::string what;
    };
    struct Output
    {
        std::filesystem::path file;
        OutputKind kind = OutputKind::Any;
        std::filesystem::path ownedBy;
    };

    void checkOne(const Output& output) const;
    static bool identify(const std::filesystem::path& file, Identity& identity);

    std::map<Identity, Input> m_inputs;
    std::set<Identity> m_inputFolders;
    std::vector<Output> m_outputs;
    std::vector<Output> m_found; ///< of addOutputFolder: there already
};

/// Throws Error(BadInput) when the folder's file system has no room for the file's name (255 bytes
/// on most): the message names `source`, whose result it would be.
void requireFileName(const std::filesystem::path& file, const std::filesystem::path& source = {});

} // namespace crossiter
