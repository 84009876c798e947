#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace crossiter {

/// One step of a long work. total 0: not known yet. secondsLeft < 0: not known yet.
struct Progress
{
    std::string stage; ///< what is being done, in words for a person: "sub-step 4 of 10"
    std::size_t done = 0;
    std::size_t total = 0;
    double secondsLeft = -1.0;
};

/// Called on the thread that works; must be quick and must not throw. May be empty.
using ProgressSink = std::function<void(const Progress&)>;

} // namespace crossiter
