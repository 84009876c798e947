#pragma once

#include <string>

namespace crossiter {

/// Whether a file's name is one that editors, file managers, downloads and archivers leave beside
/// the files that a person means: backups and swap files ("a.jpg~", "#a.jpg#", ".#a.jpg",
/// ".a.jpg.swp", "a.bak", "a.orig"), halves ("a.jpg.part", "a.tmp", "a.crdownload"), and the
/// system's own (".DS_Store", "._a.jpg", "Thumbs.db", "desktop.ini", "__MACOSX"). Case is ignored.
[[nodiscard]] bool isLitterName(const std::string& name);

} // namespace crossiter
