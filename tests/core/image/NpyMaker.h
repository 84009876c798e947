#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace crossiter::test {

/// A NumPy file out of its parts, as they are given; little-endian machines write them as they lie.
template <typename T>
std::vector<std::uint8_t> npyOf(const std::string& kind, const std::string& shape,
    const std::vector<T>& values, int version = 1, const std::string& fortran = "False")
{
    std::string header =
        "{'descr': '" + kind + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
    const std::size_t fixed = version == 1 ? 10 : 12;
    while ((fixed + header.size() + 1) % 64 != 0)
        header += ' ';
    header += '\n';
    std::vector<std::uint8_t> file { 0x93, 'N', 'U', 'M', 'P', 'Y',
        static_cast<std::uint8_t>(version), 0, static_cast<std::uint8_t>(header.size() & 255U),
        static_cast<std::uint8_t>(header.size() >> 8U) };
    file.resize(fixed, 0);
    file.insert(file.end(), header.begin(), header.end());
    const std::size_t at = file.size();
    file.resize(at + values.size() * sizeof(T));
    if (!values.empty())
        std::memcpy(file.data() + at, values.data(), values.size() * sizeof(T));
    return file;
}

} // namespace crossiter::test
