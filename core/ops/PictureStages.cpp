#include "core/ops/PictureStages.h"

#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "core/image/JpegEncoder.h"
#include "core/ops/StraightThrough.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace crossiter {

namespace {

void requireWhole(const char* place, int value, int low, int high)
{
    if (value < low || value > high)
        throw Error(ErrorKind::Usage, "value out of range", place,
            std::to_string(low) + ".." + std::to_string(high), std::to_string(value));
}

torch::Tensor indices(const std::vector<std::int64_t>& values, torch::Device device)
{
    return torch::tensor(values, torch::kLong).to(device);
}

/// Mirrored with the edge repeated: -1 -> 0, -2 -> 1; count -> count - 1. Goes to and fro on sides
/// shorter than the margin.
std::vector<std::int64_t> mirrored(std::int64_t count, int margin)
{
    std::vector<std::int64_t> places;
    for (std::int64_t i = -margin; i < count + margin; ++i) {
        const std::int64_t period = 2 * count;
        const std::int64_t at = ((i % period) + period) % period;
        places.push_back(at < count ? at : period - 1 - at);
    }
    return places;
}

template <typename T>
void jpegOfRow(const torch::Tensor& from, torch::Tensor& to, int quality)
{
    const auto source = from.accessor<T, 3>();
    auto target = to.accessor<T, 3>();
    Image picture(static_cast<int>(from.size(2)), static_cast<int>(from.size(1)));
    for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width; ++x) {
            for (int c = 0; c < 3; ++c) {
                const T grey = std::nearbyint((source[c][y][x] + T(1)) * T(127.5));
                picture.rgb[picture.offset(x, y) + static_cast<std::size_t>(c)] =
                    static_cast<std::uint8_t>(std::clamp(grey, T(0), T(255)));
            }
        }
    }
    const Image back = decodeImage(encodeJpeg(picture, quality), "JPEG stage");
    for (int y = 0; y < picture.height; ++y) {
        for (int x = 0; x < picture.width; ++x) {
            for (int c = 0; c < 3; ++c) {
                const T grey = back.rgb[back.offset(x, y) + static_cast<std::size_t>(c)];
                target[c][y][x] = grey / T(255) * T(2) - T(1); // as toTensor
            }
        }
    }
}

} // namespace

torch::Tensor resizeAndPad(const torch::Tensor& x, const PadPlace& place, int paddedSide)
{
    requireWhole("side of a random resize", place.side, 1, paddedSide);
    const int room = paddedSide - place.side;
    requireWhole("place of a random resize", place.top, 0, room);
    requireWhole("place of a random resize", place.left, 0, room);
    const auto nearest = [&](std::int64_t inputs) {
        std::vector<std::int64_t> from;
        for (std::int64_t i = 0; i < place.side; ++i)
            from.push_back(i * inputs / place.side);
        return indices(from, x.device());
    };
    const torch::Tensor resized =
        x.index_select(2, nearest(x.size(2))).index_select(3, nearest(x.size(3)));
    return torch::constant_pad_nd(
        resized, { place.left, room - place.left, place.top, room - place.top }, 0);
}

torch::Tensor reduceBits(const torch::Tensor& x, int bits)
{
    requireWhole("bits", bits, 1, 8);
    const double levels = (1 << bits) - 1;
    const torch::Tensor unit = (x.detach() + 1) / 2;
    return straightThrough(x, torch::round(unit * levels) / levels * 2 - 1);
}

torch::Tensor medianFilter(const torch::Tensor& x, int side)
{
    requireWhole("side of the median's window", side, 3, 15);
    if (side % 2 == 0)
        throw Error(ErrorKind::Usage, "the median's window has no middle", "side", "an odd number",
            std::to_string(side));
    const int margin = side / 2;
    const torch::Tensor padded =
        x.index_select(2, indices(mirrored(x.size(2), margin), x.device()))
            .index_select(3, indices(mirrored(x.size(3), margin), x.device()));
    std::vector<torch::Tensor> channels;
    // Channel by channel: a window of 15 holds 225 copies of its channel.
    for (const torch::Tensor& channel : padded.unbind(1)) {
        const torch::Tensor windows = channel.unfold(1, side, 1).unfold(2, side, 1).flatten(3);
        channels.push_back(std::get<0>(windows.median(-1)));
    }
    return torch::stack(channels, 1);
}

torch::Tensor jpegRoundTrip(const torch::Tensor& x, int quality)
{
    requireWhole("JPEG quality", quality, 1, 100);
    const torch::Tensor host = x.detach().to(torch::kCPU).contiguous();
    torch::Tensor back = torch::empty_like(host);
    for (std::int64_t i = 0; i < host.size(0); ++i) {
        torch::Tensor row = back[i];
        if (host.scalar_type() == torch::kDouble)
            jpegOfRow<double>(host[i], row, quality);
        else
            jpegOfRow<float>(host[i], row, quality);
    }
    return straightThrough(x, back.to(x.device()));
}

} // namespace crossiter
