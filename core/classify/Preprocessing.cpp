#include "core/classify/Preprocessing.h"

#include "core/base/Numbers.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <vector>

namespace crossiter {

namespace {

constexpr double kMaxPreprocessing = 1e3;

std::optional<double> parseOne(std::string_view text)
{
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos)
        return std::nullopt;
    return parseNumber<double>(text.substr(first, text.find_last_not_of(' ') + 1 - first));
}

std::optional<ChannelValues> parseChannels(std::string_view text)
{
    std::vector<double> numbers;
    for (bool more = true; more;) {
        const auto comma = text.find(',');
        const auto number = parseOne(text.substr(0, comma));
        if (!number)
            return std::nullopt;
        numbers.push_back(*number);
        more = comma != std::string_view::npos;
        if (more)
            text.remove_prefix(comma + 1);
    }
    if (numbers.size() == 1)
        return ChannelValues(numbers[0]);
    if (numbers.size() == 3)
        return ChannelValues(numbers[0], numbers[1], numbers[2]);
    return std::nullopt;
}

PreprocessingSpec ofMeanAndDeviation(
    int inputSide, const ChannelValues& mean, const ChannelValues& deviation)
{
    const auto& m = mean.values();
    const auto& s = deviation.values();
    return { inputSide, { 0.5 / s[0], 0.5 / s[1], 0.5 / s[2] },
        { (0.5 - m[0]) / s[0], (0.5 - m[1]) / s[1], (0.5 - m[2]) / s[2] } };
}

} // namespace

PreprocessingSpec imagenetPreprocessing(int inputSide)
{
    return ofMeanAndDeviation(inputSide, { 0.485, 0.456, 0.406 }, { 0.229, 0.224, 0.225 });
}

bool isShift(const ChannelValues& values)
{
    return std::ranges::all_of(
        values.values(), [](double value) { return std::abs(value) <= kMaxPreprocessing; });
}

bool isScale(const ChannelValues& values)
{
    return isShift(values)
        && std::ranges::none_of(
            values.values(), [](double value) { return value == 0.0; });
}

std::optional<ChannelValues> parseScale(const std::string& text)
{
    const auto values = parseChannels(text);
    return values && isScale(*values) ? values : std::nullopt;
}

std::optional<ChannelValues> parseShift(const std::string& text)
{
    const auto values = parseChannels(text);
    return values && isShift(*values) ? values : std::nullopt;
}

std::string textOf(const ChannelValues& values)
{
    const auto& [red, green, blue] = values.values();
    return values.isUniform()
        ? shortestText(red)
        : shortestText(red) + "," + shortestText(green) + "," + shortestText(blue);
}

} // namespace crossiter
