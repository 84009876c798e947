#pragma once

#include "core/base/OutputGuard.h"
#include "core/jobs/AttackFolder.h"
#include "core/jobs/SweepJobs.h"

#include <filesystem>
#include <string>
#include <vector>

namespace crossiter {

/// The weights of these models and what lies beside them. An unknown id throws Error(BadInput).
void addModelFiles(OutputGuard& guard, const Engine& engine, const std::vector<std::string>& ids);

/// The tables that labels and targets come from.
void addLabelFiles(OutputGuard& guard, const LabelSources& labels);

/// Throws Error(BadInput) when a name that the attack would write for the image is too long: the
/// message names the image.
void requireResultNames(const AttackJob& job, const std::filesystem::path& image);

/// What an attack on these images (all with names that fit) reads and writes. Throws as
/// OutputGuard::check.
void guardAttack(const Engine& engine, const AttackJob& job,
    const std::vector<std::filesystem::path>& images, const std::vector<std::string>& models);

/// The same of a sweep of one image (`models`: all that are loaded) and of a folder.
void guardSweep(const Engine& engine, const SweepJob& job, const std::vector<std::string>& models);
void guardFolderSweep(const Engine& engine, const FolderSweepJob& job,
    const std::vector<std::filesystem::path>& images);

} // namespace crossiter
