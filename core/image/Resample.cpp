#include "core/image/Resample.h"

#include "core/base/Error.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

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

void resizeRow(const Kernel& kernel, const std::uint8_t* in, std::vector<std::uint8_t>& out)
{
    std::uint8_t* target = out.data();
    for (std::size_t o = 0; o < kernel.first.size(); ++o) {
        const std::uint8_t* source = in + static_cast<std::ptrdiff_t>(kernel.first[o]) * 3;
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

/// Part of a picture: columns from `left` and rows from `top` on.
struct View
{
    const RowSource& picture;
    int left = 0;
    int top = 0;
    int width = 0;
    int height = 0;
};

/// Rows of the picture at its new width, each made once and kept while an output row needs it.
class NarrowRows
{
public:
    NarrowRows(const View& view, int outWidth, int kept)
        : m_view(view)
        , m_rows(static_cast<std::size_t>(std::min(kept, view.height)),
              std::vector<std::uint8_t>(static_cast<std::size_t>(outWidth) * 3U))
    {
        if (view.width != outWidth) // else the pass is left out: the bytes depend on that
            m_kernel = makeKernel(view.width, outWidth);
    }

    /// Never one that lies more than `kept` before the last that was asked for.
    const std::uint8_t* at(int y)
    {
        for (; m_made <= y; ++m_made) {
            std::vector<std::uint8_t>& row = slot(m_made);
            const std::uint8_t* from = m_view.picture.row(m_view.top + m_made)
                + static_cast<std::ptrdiff_t>(m_view.left) * 3;
            if (m_kernel.taps > 0)
                resizeRow(m_kernel, from, row);
            else
                std::copy_n(from, row.size(), row.begin());
        }
        return slot(y).data();
    }

private:
    std::vector<std::uint8_t>& slot(int y)
    {
        return m_rows[static_cast<std::size_t>(y) % m_rows.size()];
    }

    const View& m_view;
    Kernel m_kernel;
    std::vector<std::vector<std::uint8_t>> m_rows;
    int m_made = 0; ///< rows, from the first on
};

/// False when stopped. Throws Error(BadInput) when late.
bool timeLeft(const TimeLimit& time, const std::string& place)
{
    if (time.stopped())
        return false;
    if (time.late())
        throw Error(ErrorKind::BadInput, "the picture takes too long to resize", place,
            "at most " + std::to_string(time.milliseconds()) + " ms", "no end by then");
    return true;
}

Image resized(
    const View& view, int outWidth, int outHeight, const TimeLimit& time, const std::string& place)
{
    // The horizontal pass comes first, to 8 bits, as in Pillow: the bytes depend on it.
    const Kernel kernel = view.height != outHeight ? makeKernel(view.height, outHeight) : Kernel();
    NarrowRows rows(view, outWidth, std::max(kernel.taps, 1));
    Image out(outWidth, outHeight);
    const std::size_t rowBytes = static_cast<std::size_t>(outWidth) * 3U;
    std::vector<std::int32_t> sums(rowBytes);
    for (int o = 0; o < outHeight; ++o) {
        std::uint8_t* const target = out.rgb.data() + out.offset(0, o);
        if (kernel.taps == 0) {
            if (!timeLeft(time, place))
                return {};
            std::copy_n(rows.at(o), rowBytes, target);
            continue;
        }
        const auto index = static_cast<std::size_t>(o);
        std::ranges::fill(sums, kHalf);
        const std::int32_t* weights =
            kernel.weights.data() + index * static_cast<std::size_t>(kernel.taps);
        for (int i = 0; i < kernel.count[index]; ++i) {
            if (!timeLeft(time, place))
                return {};
            const std::uint8_t* source = rows.at(kernel.first[index] + i);
            for (std::size_t x = 0; x < rowBytes; ++x)
                sums[x] += source[x] * weights[i];
        }
        std::ranges::transform(sums, target, toByte);
    }
    return out;
}

/// The largest centred part with the aspect ratio of `size`.
View centredPart(const RowSource& picture, const PictureSize& size)
{
    const std::int64_t width = picture.width;
    const std::int64_t height = picture.height;
    View part { picture, 0, 0, picture.width, picture.height };
    if (width * size.height > height * size.width)
        part.width = static_cast<int>(std::max<std::int64_t>(1, height * size.width / size.height));
    else
        part.height = static_cast<int>(std::max<std::int64_t>(1, width * size.height / size.width));
    part.left = (picture.width - part.width) / 2;
    part.top = (picture.height - part.height) / 2;
    return part;
}

bool legal(int side)
{
    return side >= 1 && side <= kMaxSide;
}

} // namespace

RowSource rowsOf(const Image& image)
{
    return { image.width, image.height,
        [&image](int y) { return image.rgb.data() + image.offset(0, y); } };
}

Image lanczosResize(const Image& image, int width, int height, const TimeLimit& time)
{
    if (image.empty() || !legal(image.width) || !legal(image.height) || !legal(width)
        || !legal(height))
        throw Error(ErrorKind::BadInput, "cannot resize a picture", "",
            "sides of 1 to " + std::to_string(kMaxSide),
            std::to_string(image.width) + "x" + std::to_string(image.height) + " to "
                + std::to_string(width) + "x" + std::to_string(height));
    if (image.width == width && image.height == height)
        return image;
    const RowSource rows = rowsOf(image);
    return resized({ rows, 0, 0, image.width, image.height }, width, height, time, {});
}

Image toImageSpace(
    const Image& image, CropRule rule, const TimeLimit& time, const std::string& place)
{
    return toSize(image, PictureSize(), rule, time, place);
}

Image toImageSpace(
    const RowSource& picture, CropRule rule, const TimeLimit& time, const std::string& place)
{
    return toSize(picture, PictureSize(), rule, time, place);
}

Image toSize(const Image& image, const PictureSize& size, CropRule rule, const TimeLimit& time,
    const std::string& place)
{
    if (sizeOf(image) == size)
        return image;
    return toSize(rowsOf(image), size, rule, time, place);
}

Image toSize(const RowSource& picture, const PictureSize& size, CropRule rule,
    const TimeLimit& time, const std::string& place)
{
    if (!legal(picture.width) || !legal(picture.height) || !legal(size.width)
        || !legal(size.height))
        throw Error(ErrorKind::BadInput, "cannot resize a picture", place,
            "sides of 1 to " + std::to_string(kMaxSide),
            toString(PictureSize { picture.width, picture.height }) + " to " + toString(size));
    const View view = rule == CropRule::CentreCrop
        ? centredPart(picture, size)
        : View { picture, 0, 0, picture.width, picture.height };
    return resized(view, size.width, size.height, time, place);
}

} // namespace crossiter
