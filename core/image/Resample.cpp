#include "core/image/Resample.h"

#include "core/base/Error.h"
#include "core/image/PictureSize.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

namespace crossiter {

namespace {

constexpr int kMaxSide = 16384;
constexpr double kLobes = 3.0;

// A weight is a 32-bit integer that holds a sum of up to 255 * 1.6 weights of 1.0: 8 bits for the
// sample, 2 for the overshoot of the negative lobes.
constexpr int kWeightBits = 32 - 8 - 2;

double sinc(double x)
{
    if (x == 0.0)
        return 1.0;
    x *= std::numbers::pi;
    return std::sin(x) / x;
}

double lanczos(double x)
{
    return x >= -kLobes && x < kLobes ? sinc(x) * sinc(x / kLobes) : 0.0;
}

/// Which input samples make each output sample: weights[o * taps + i] belongs to input first[o] +
/// i.
struct Kernel
{
    int taps = 0;
    std::vector<int> first;
    std::vector<int> count;
    std::vector<std::int32_t> weights;
};

Kernel makeKernel(int inSize, int outSize)
{
    const double scale = static_cast<double>(inSize) / outSize;
    const double filterScale = std::max(scale, 1.0); // shrinking widens the filter: antialiasing
    const double support = kLobes * filterScale;

    Kernel kernel;
    kernel.taps = static_cast<int>(std::ceil(support)) * 2 + 1;
    const auto outputs = static_cast<std::size_t>(outSize);
    kernel.first.resize(outputs);
    kernel.count.resize(outputs);
    kernel.weights.resize(outputs * static_cast<std::size_t>(kernel.taps));

    std::vector<double> exact(static_cast<std::size_t>(kernel.taps));
    for (std::size_t o = 0; o < outputs; ++o) {
        const double centre = (static_cast<double>(o) + 0.5) * scale;
        const int first = std::max(static_cast<int>(centre - support + 0.5), 0);
        const int last = std::min(static_cast<int>(centre + support + 0.5), inSize);
        const int count = last - first;
        double sum = 0.0;
        for (int i = 0; i < count; ++i) {
            const double weight = lanczos((i + first - centre + 0.5) * (1.0 / filterScale));
            exact[static_cast<std::size_t>(i)] = weight;
            sum += weight;
        }
        std::int32_t* const weights =
            kernel.weights.data() + o * static_cast<std::size_t>(kernel.taps);
        for (int i = 0; i < count; ++i) {
            const double weight =
                exact[static_cast<std::size_t>(i)] / sum * static_cast<double>(1 << kWeightBits);
            weights[i] = static_cast<std::int32_t>(weight < 0.0 ? weight - 0.5 : weight + 0.5);
        }
        kernel.first[o] = first;
        kernel.count[o] = count;
    }
    return kernel;
}

std::uint8_t toByte(std::int32_t sum)
{
    return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

Image resizeRows(const Image& in, int outWidth)
{
    const Kernel kernel = makeKernel(in.width, outWidth);
    Image out(outWidth, in.height);
    std::uint8_t* target = out.rgb.data();
    for (int y = 0; y < in.height; ++y) {
        for (std::size_t o = 0; o < static_cast<std::size_t>(outWidth); ++o) {
            const std::uint8_t* source = in.rgb.data() + in.offset(kernel.first[o], y);
            const std::int32_t* weights =
                kernel.weights.data() + o * static_cast<std::size_t>(kernel.taps);
            std::int32_t red = kHalf;
            std::int32_t green = kHalf;
            std::int32_t blue = kHalf;
            for (int i = 0; i < kernel.count[o]; ++i, source += 3) {
                red += source[0] * weights[i];
                green += source[1] * weights[i];
                blue += source[2] * weights[i];
            }
            *target++ = toByte(red);
            *target++ = toByte(green);
            *target++ = toByte(blue);
        }
    }
    return out;
}

Image resizeColumns(const Image& in, int outHeight)
{
    const Kernel kernel = makeKernel(in.height, outHeight);
    Image out(in.width, outHeight);
    const std::size_t rowBytes = static_cast<std::size_t>(in.width) * 3U;
    std::vector<std::int32_t> sums(rowBytes);
    for (std::size_t o = 0; o < static_cast<std::size_t>(outHeight); ++o) {
        std::fill(sums.begin(), sums.end(), kHalf);
        const std::int32_t* weights =
            kernel.weights.data() + o * static_cast<std::size_t>(kernel.taps);
        for (int i = 0; i < kernel.count[o]; ++i) {
            const std::uint8_t* source = in.rgb.data() + in.offset(0, kernel.first[o] + i);
            for (std::size_t x = 0; x < rowBytes; ++x)
                sums[x] += source[x] * weights[i];
        }
        std::transform(sums.begin(), sums.end(),
            out.rgb.begin() + static_cast<std::ptrdiff_t>(o * rowBytes), toByte);
    }
    return out;
}

} // namespace

Image lanczosResize(const Image& image, int width, int height)
{
    const auto legal = [](int side) { return side >= 1 && side <= kMaxSide; };
    if (image.empty() || !legal(image.width) || !legal(image.height) || !legal(width)
        || !legal(height))
        throw Error(ErrorKind::BadInput, "cannot resize a picture", "",
            "sides of 1 to " + std::to_string(kMaxSide),
            std::to_string(image.width) + "x" + std::to_string(image.height) + " to "
                + std::to_string(width) + "x" + std::to_string(height));
    // Horizontal first, and a pass whose size stays is left out: bytes depend on both.
    if (image.width == width)
        return image.height == height ? image : resizeColumns(image, height);
    const Image rows = resizeRows(image, width);
    return rows.height == height ? rows : resizeColumns(rows, height);
}

Image toImageSpace(const Image& image, CropRule rule)
{
    return toSize(image, PictureSize(), rule);
}

} // namespace crossiter
