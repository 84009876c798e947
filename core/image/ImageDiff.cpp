#include "core/image/ImageDiff.h"

#include "core/base/Error.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string>

namespace crossiter {

namespace {

std::string sizeText(const Image& image)
{
    return std::to_string(image.width) + "x" + std::to_string(image.height);
}

void requireSameSize(const Image& a, const Image& b)
{
    if (a.width != b.width || a.height != b.height || a.rgb.size() != b.rgb.size())
        throw Error(ErrorKind::BadInput, "pictures differ in size", "", sizeText(a), sizeText(b));
}

/// One number a pixel, in double.
struct Plane
{
    int width = 0;
    int height = 0;
    std::vector<double> values;

    Plane(int w, int h)
        : width(w)
        , height(h)
        , values(static_cast<std::size_t>(w) * static_cast<std::size_t>(h))
    {
    }
};

/// Of the rows [first, first + count).
Plane lumaOf(const Image& image, int first, int count)
{
    Plane luma(image.width, count);
    const std::uint8_t* rgb = image.rgb.data() + image.offset(0, first);
    for (std::size_t i = 0; i < luma.values.size(); ++i)
        luma.values[i] = 0.299 * rgb[3 * i] + 0.587 * rgb[3 * i + 1] + 0.114 * rgb[3 * i + 2];
    return luma;
}

constexpr int kWindow = 11;

/// Gaussian of sigma 1.5; on a side shorter than 11 the window is cut to it. Sums to 1.
std::vector<double> window(int side)
{
    std::vector<double> weights(static_cast<std::size_t>(std::min(kWindow, side)));
    const double centre = (static_cast<double>(weights.size()) - 1.0) / 2.0;
    double sum = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const double distance = (static_cast<double>(i) - centre) / 1.5;
        weights[i] = std::exp(-0.5 * distance * distance);
        sum += weights[i];
    }
    for (double& weight : weights)
        weight /= sum;
    return weights;
}

/// Weighted mean of a times b around every place where the whole window fits.
/// down: the window's weights along a column.
Plane localMean(const Plane& a, const Plane* b, const std::vector<double>& down)
{
    const std::vector<double> across = window(a.width);
    const auto inWidth = static_cast<std::size_t>(a.width);
    Plane rows(a.width - static_cast<int>(across.size()) + 1, a.height);
    const auto width = static_cast<std::size_t>(rows.width);
    std::vector<double> line(inWidth);
    for (std::size_t y = 0; y < static_cast<std::size_t>(a.height); ++y) {
        for (std::size_t x = 0; x < inWidth; ++x) {
            const std::size_t at = y * inWidth + x;
            line[x] = b == nullptr ? a.values[at] : a.values[at] * b->values[at];
        }
        for (std::size_t x = 0; x < width; ++x) {
            double sum = 0.0;
            for (std::size_t i = 0; i < across.size(); ++i)
                sum += across[i] * line[x + i];
            rows.values[y * width + x] = sum;
        }
    }
    Plane mean(rows.width, a.height - static_cast<int>(down.size()) + 1);
    for (std::size_t y = 0; y < static_cast<std::size_t>(mean.height); ++y) {
        for (std::size_t i = 0; i < down.size(); ++i)
            for (std::size_t x = 0; x < width; ++x)
                mean.values[y * width + x] += down[i] * rows.values[(y + i) * width + x];
    }
    return mean;
}

/// Adds the SSIM of every place of two bands to `sum`.
void addSsim(const Plane& a, const Plane& b, const std::vector<double>& down, double& sum)
{
    constexpr double kC1 = (0.01 * 255.0) * (0.01 * 255.0);
    constexpr double kC2 = (0.03 * 255.0) * (0.03 * 255.0);
    const Plane meanA = localMean(a, nullptr, down);
    const Plane meanB = localMean(b, nullptr, down);
    const Plane meanAA = localMean(a, &a, down);
    const Plane meanBB = localMean(b, &b, down);
    const Plane meanAB = localMean(a, &b, down);
    for (std::size_t i = 0; i < meanA.values.size(); ++i) {
        const double muA = meanA.values[i];
        const double muB = meanB.values[i];
        const double varianceA = meanAA.values[i] - muA * muA;
        const double varianceB = meanBB.values[i] - muB * muB;
        const double covariance = meanAB.values[i] - muA * muB;
        sum += (2.0 * muA * muB + kC1) * (2.0 * covariance + kC2)
            / ((muA * muA + muB * muB + kC1) * (varianceA + varianceB + kC2));
    }
}

double ssimOf(const Image& first, const Image& second)
{
    // In bands, so that pictures of 100 megapixels do not take gigabytes of doubles; the order of
    // the sums is that of one pass.
    constexpr int kBand = 64;
    const std::vector<double> down = window(first.height);
    const int taps = static_cast<int>(down.size());
    const int places = first.height - taps + 1;
    double sum = 0.0;
    for (int y = 0; y < places; y += kBand) {
        const int rows = std::min(kBand, places - y) + taps - 1;
        addSsim(lumaOf(first, y, rows), lumaOf(second, y, rows), down, sum);
    }
    const auto across = static_cast<std::size_t>(first.width) - window(first.width).size() + 1;
    return sum / static_cast<double>(across * static_cast<std::size_t>(places));
}

std::uint8_t toByte(double value)
{
    return static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
}

} // namespace

int linfDistance(const Image& a, const Image& b)
{
    requireSameSize(a, b);
    int largest = 0;
    for (std::size_t i = 0; i < a.rgb.size(); ++i)
        largest = std::max(largest, std::abs(a.rgb[i] - b.rgb[i]));
    return largest;
}

ImageDiff compareImages(const Image& a, const Image& b)
{
    ImageDiff diff;
    diff.linf = linfDistance(a, b);
    if (diff.linf == 0)
        return diff;
    double squares = 0.0;
    std::size_t changed = 0;
    const std::size_t pixels = a.rgb.size() / 3;
    for (std::size_t i = 0; i < pixels; ++i) {
        int pixel = 0;
        for (std::size_t c = 0; c < 3; ++c) {
            const int difference = a.rgb[3 * i + c] - b.rgb[3 * i + c];
            pixel += difference * difference;
        }
        squares += pixel;
        changed += pixel != 0 ? 1U : 0U;
    }
    diff.l2 = std::sqrt(squares / static_cast<double>(a.rgb.size()));
    diff.l2Norm = std::sqrt(squares) / 255.0;
    diff.changedShare = static_cast<double>(changed) / static_cast<double>(pixels);
    diff.ssim = ssimOf(a, b);
    return diff;
}

Image renderPerturbation(
    const Image& clean, const Image& adversarial, PerturbationMode mode, int gain, int epsilon255)
{
    requireSameSize(clean, adversarial);
    if (gain < 1 || gain > 255)
        throw Error(ErrorKind::BadInput, "bad gain of a perturbation view", "", "1 to 255",
            std::to_string(gain));
    if (epsilon255 < 1)
        throw Error(ErrorKind::BadInput, "bad epsilon of a perturbation view", "", "1 or more",
            std::to_string(epsilon255));

    std::array<std::uint8_t, 511> shown {}; // by difference + 255
    for (int difference = -255; difference <= 255; ++difference) {
        double value = 0.0;
        switch (mode) {
        case PerturbationMode::Signed:
            value = 128.0 + gain * difference;
            break;
        case PerturbationMode::Magnitude:
            value = gain * std::abs(difference);
            break;
        case PerturbationMode::EpsilonNormalised:
            value = 127.5 + 127.5 * difference / epsilon255;
            break;
        }
        shown[static_cast<std::size_t>(difference + 255)] = toByte(value);
    }
    Image out(clean.width, clean.height);
    for (std::size_t i = 0; i < out.rgb.size(); ++i)
        out.rgb[i] = shown[static_cast<std::size_t>(adversarial.rgb[i] - clean.rgb[i] + 255)];
    return out;
}

} // namespace crossiter
