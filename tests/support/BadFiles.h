#pragma once

#include <QByteArray>
#include <QtEndian>

// Bad files that tests of the command line and of the window make.
namespace crossiter::test {

/// Two tensors of which the second begins inside the first.
inline QByteArray overlappingSafetensors()
{
    const QByteArray header = R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},)"
                              R"("b":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}})";
    QByteArray length(8, '\0');
    qToLittleEndian<quint64>(static_cast<quint64>(header.size()), length.data());
    return length + header + QByteArray(24, '\0');
}

} // namespace crossiter::test
