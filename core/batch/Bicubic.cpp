#include "core/batch/Bicubic.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace crossiter {

namespace {

/// Keys' cubic with a = -0.5.
double cubic(double x)
{
    constexpr double kA = -0.5;
    x = std::fabs(x);
    if (x < 1.0)
        return ((kA + 2.0) * x - (kA + 3.0)) * x * x + 1.0;
    if (x < 2.0)
        return (((x - 5.0) * x + 8.0) * x - 4.0) * kA;
    return 0.0;
}

struct Taps
{
    int first = 0;
    std::vector<double> weights;
};

std::vector<Taps> tapsOf(int in, int out)
{
    const double scale = static_cast<double>(in) / out;
    const double stretch = std::max(scale, 1.0);
    std::vector<Taps> all;
    for (int i = 0; i < out; ++i) {
        const double centre = (i + 0.5) * scale;
        // Pillow's bounds: rounded half up, clipped to the picture.
        Taps taps;
        taps.first = std::max(0, static_cast<int>(centre - 2.0 * stretch + 0.5));
        const int end = std::min(in, static_cast<int>(centre + 2.0 * stretch + 0.5));
        double sum = 0.0;
        for (int j = taps.first; j < end; ++j) {
            taps.weights.push_back(cubic((j - centre + 0.5) / stretch));
            sum += taps.weights.back();
        }
        for (double& weight : taps.weights)
            weight /= sum;
        all.push_back(std::move(taps));
    }
    return all;
}

std::uint8_t byteOf(double value)
{
    return static_cast<std::uint8_t>(std::clamp(std::floor(value + 0.5), 0.0, 255.0));
}

} // namespace

Image bicubicResize(const Image& image, int width, int height)
{
    // Rows first, rounded to bytes in between, as Pillow does.
    Image narrow(width, image.height);
    const std::vector<Taps> across = tapsOf(image.width, width);
    for (int y = 0; y < image.height; ++y) {
        for (int x = 0; x < width; ++x) {
            const Taps& taps = across[static_cast<std::size_t>(x)];
            for (std::size_t c = 0; c < 3; ++c) {
                double sum = 0.0;
                for (std::size_t k = 0; k < taps.weights.size(); ++k)
                    sum += taps.weights[k]
                        * image.rgb[image.offset(taps.first + static_cast<int>(k), y) + c];
                narrow.rgb[narrow.offset(x, y) + c] = byteOf(sum);
            }
        }
    }
    Image result(width, height);
    const std::vector<Taps> down = tapsOf(image.height, height);
    for (int y = 0; y < height; ++y) {
        const Taps& taps = down[static_cast<std::size_t>(y)];
        for (int x = 0; x < width; ++x) {
            for (std::size_t c = 0; c < 3; ++c) {
                double sum = 0.0;
                for (std::size_t k = 0; k < taps.weights.size(); ++k)
                    sum += taps.weights[k]
                        * narrow.rgb[narrow.offset(x, taps.first + static_cast<int>(k)) + c];
                result.rgb[result.offset(x, y) + c] = byteOf(sum);
            }
        }
    }
    return result;
}

} // namespace crossiter
