#include "core/base/LitterName.h"

#include "core/base/Words.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace crossiter {

namespace {

constexpr std::array<std::string_view, 10> kWhole { "4913", ".ds_store", "__macosx", "thumbs.db",
    "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", ".directory", ".localized", "icon\r" };

constexpr std::array<std::string_view, 28> kEndings { "~", "%", ".bak", ".backup", ".old", ".orig",
    ".rej", ".save", ".sav", ".tmp", ".temp", ".part", ".partial", ".filepart", ".crdownload",
    ".download", ".opdownload", ".!ut", ".aria2", ".swp", ".swo", ".swn", ".swx", ".kate-swp",
    ".autosave", ".lock", ".lck", ":zone.identifier" };

constexpr std::array<std::string_view, 10> kBeginnings { ".#", "._", ".~", "~$", ".nfs",
    ".fuse_hidden", ".goutputstream-", ".crossiter-", ".trash-", ".syncthing." };

template <typename List, typename Fits>
bool any(const List& list, const Fits& fits)
{
    return std::ranges::any_of(list, fits);
}

} // namespace

bool isLitterName(const std::string& name)
{
    const std::string lower = lowerCase(name);
    const std::string_view text = lower;
    const bool autoSaved = text.size() > 2 && text.starts_with('#') && text.ends_with('#');
    return autoSaved || any(kWhole, [text](std::string_view whole) {
        return text == whole;
    }) || any(kEndings, [text](std::string_view ending) {
        return text.size() > ending.size() && text.ends_with(ending);
    }) || any(kBeginnings, [text](std::string_view start) {
        return text.size() > start.size() && text.starts_with(start);
    });
}

} // namespace crossiter
