#pragma once

#include "core/attack/AttackTrace.h"
#include "core/contest/LabelMatch.h"
#include "core/image/Codec.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace crossiter {

/// Where a result comes from; written beside every export.
struct Provenance
{
    std::string version; ///< of CrossIter
    std::string inputName; ///< file name without folders
    /// Of what another program made (Engine::traceElsewhere); all empty else.
    std::string otherName; ///< the picture's, or the file or folder of a series
    std::string otherSha256; ///< of the picture's file
    std::vector<OtherFile> otherFiles; ///< of a series, in the order of their first pictures
    std::string size; ///< of a pair's pictures, "224x224"; empty: 299x299
    std::string inputSha256; ///< of the file's bytes; empty: not from a file
    std::map<std::string, std::string> weightsSha256; ///< model id -> SHA-256
    int threads = 0; ///< really used
    std::string device; ///< really used: "cpu"
    std::string trueLabelOrigin; ///< describe(TrueLabelOrigin): "from the file name"
    std::string library; ///< "LibTorch 2.11.0"
    ColourRule colour = ColourRule::Ignore; ///< that pictures were read by; told when it is another
    std::optional<FoundProfile> profile; ///< of the input, where it is one picture
    LabelReport labels; ///< how the job's label tables and its images met; empty: no table
};

/// Names the file that a result was made of, and hashes it. Throws Error(BadInput): not readable.
void nameInput(Provenance& provenance, const std::filesystem::path& file);

/// Names the picture that another program made, and hashes it; may be named otherwise than its
/// file. Throws Error(BadInput): not readable.
void nameOther(Provenance& provenance, const std::string& name, const std::filesystem::path& file);

/// Names the series that a trace shows, the files that hold its pictures with their hashes, and its
/// size where that is not 299x299.
void nameSeries(Provenance& provenance, const AttackTrace& trace);

} // namespace crossiter
