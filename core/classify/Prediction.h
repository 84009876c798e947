#pragma once

#include <string>
#include <vector>

namespace crossiter {

struct RankedLabel
{
    int label = 0; ///< competition label
    double probability = 0.0;
};

/// What one model says of one 8-bit image.
struct Prediction
{
    std::string model; ///< id
    /// Softmax by competition label: 1001 values; label 0 has 0 where the network has no
    /// background.
    std::vector<float> probabilities;

    [[nodiscard]] int top1() const;
    /// The least probable of the labels 1..1000 (no background), the first of equals.
    [[nodiscard]] int leastLikely() const;
    [[nodiscard]] double probabilityOf(int label) const; ///< 0 outside 0..1000
    /// The `count` most likely labels, descending; equal ones by label.
    [[nodiscard]] std::vector<RankedLabel> top(int count) const;
};

} // namespace crossiter
