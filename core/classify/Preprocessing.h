#pragma once

#include <array>
#include <optional>
#include <string>

namespace crossiter {

/// One number for each colour channel, in the order R, G, B.
class ChannelValues
{
public:
    ChannelValues(double all) // a single number is what most networks have
        : ChannelValues(all, all, all)
    {
    }
    ChannelValues(double red, double green, double blue)
        : m_values { red, green, blue }
    {
    }

    [[nodiscard]] const std::array<double, 3>& values() const { return m_values; }
    [[nodiscard]] bool isUniform() const ///< all three are equal
    {
        return m_values[0] == m_values[1] && m_values[1] == m_values[2];
    }
    [[nodiscard]] bool operator==(const ChannelValues& other) const = default;

private:
    std::array<double, 3> m_values;
};

/// How image space [-1, 1] becomes a network's input: bilinear with half-pixel centres and without
/// antialiasing to inputSide, then (scale * x + shift), each channel with its own two numbers.
struct PreprocessingSpec
{
    int inputSide = 224; ///< pixels, 32..1024
    ChannelValues scale = 1.0; ///< isScale
    ChannelValues shift = 0.0; ///< isShift
};

/// What torchvision's ImageNet networks want, which were trained on (p - mean) / deviation of
/// pixels p in [0, 1] with the mean 0.485, 0.456, 0.406 and the standard deviation 0.229, 0.224,
/// 0.225. With p = (x + 1) / 2 that is scale = 0.5 / deviation and shift = (0.5 - mean) /
/// deviation.
[[nodiscard]] PreprocessingSpec imagenetPreprocessing(int inputSide);

/// All within -1000..1000 (so NaN is none), a scale also not 0.
[[nodiscard]] bool isScale(const ChannelValues& values);
[[nodiscard]] bool isShift(const ChannelValues& values);

/// What an error says was expected.
inline constexpr const char* kWantedScale =
    "a number -1000..1000 other than 0, or three such numbers R,G,B";
inline constexpr const char* kWantedShift = "a number -1000..1000, or three such numbers R,G,B";

/// One number, or three with commas between and spaces where one likes; '.' is the decimal point in
/// every language. Empty: neither, or not what isScale or isShift takes.
[[nodiscard]] std::optional<ChannelValues> parseScale(const std::string& text);
[[nodiscard]] std::optional<ChannelValues> parseShift(const std::string& text);
/// "0.5" when all are equal, else "0.5,0.25,1"; reads back to the last bit.
[[nodiscard]] std::string textOf(const ChannelValues& values);

} // namespace crossiter
