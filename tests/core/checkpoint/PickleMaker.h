#pragma once

#include "core/checkpoint/StateDict.h"

#include <QByteArray>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "tests/core/checkpoint/Damage.h"
#include "tests/support/TestPaths.h"

// Writes pickles piece by piece, as Python would, and files around them.
namespace crossiter::test::pickle {

template <typename Number>
QByteArray raw(Number value)
{
    return { reinterpret_cast<const char*>(&value), sizeof value };
}

inline QByteArray text(const std::string& value)
{
    return "X" + raw(static_cast<std::uint32_t>(value.size())) + QByteArray::fromStdString(value);
}

inline QByteArray bytes(const QByteArray& value)
{
    return "B" + raw(static_cast<std::uint32_t>(value.size())) + value;
}

inline QByteArray integer(std::int32_t value)
{
    return "J" + raw(value);
}

template <typename Number>
QByteArray tupleOf(const std::vector<Number>& values)
{
    QByteArray out("(");
    for (const Number value : values)
        out += integer(static_cast<std::int32_t>(value));
    return out + "t";
}

using Items = std::vector<std::pair<std::string, QByteArray>>;

inline QByteArray dict(const Items& items)
{
    QByteArray out("}(");
    for (const auto& [key, value] : items)
        out += text(key) + value;
    return out + "u";
}

/// A whole pickle of protocol 2.
inline QByteArray whole(const QByteArray& value)
{
    return QByteArray("\x80\x02", 2) + value + ".";
}

/// A float tensor in a storage "0" of `elements`, whatever the type is called.
template <typename Number>
QByteArray tensor(std::int32_t elements, std::int32_t offset, const std::vector<Number>& shape,
    const std::vector<Number>& strides, const std::string& type = "FloatStorage")
{
    return "ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + "ctorch\n"
        + QByteArray::fromStdString(type) + "\n" + text("0") + text("cpu") + integer(elements)
        + "tQ" + integer(offset) + tupleOf(shape) + tupleOf(strides) + QByteArray("\x89", 1)
        + "ccollections\nOrderedDict\n)RtR";
}

/// In C order, at the storage's beginning.
inline QByteArray plainTensor(std::int32_t elements, const std::vector<std::int64_t>& shape)
{
    std::vector<std::int64_t> strides(shape.size());
    std::int64_t stride = 1;
    for (std::size_t i = shape.size(); i-- > 0; stride *= shape[i])
        strides[i] = stride;
    return tensor(elements, 0, shape, strides);
}

/// An array of NumPy: "f4", ...
inline QByteArray array(const std::vector<std::int64_t>& shape, const QByteArray& numbers,
    const std::string& type = "f4", const std::string& order = "<")
{
    return "cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K" + QByteArray(1, '\0') + "t"
        + bytes("b") + "tR(K\x01" + tupleOf(shape) + "cnumpy\ndtype\n(" + text(type)
        + QByteArray("\x89\x88tR(K\x03", 7) + text(order) + "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK"
        + QByteArray(1, '\0') + "tb" + QByteArray("\x89", 1) + bytes(numbers) + "tb";
}

inline QByteArray storage(std::int64_t elements, qsizetype count)
{
    QByteArray out = raw(elements);
    for (qsizetype i = 0; i < count; ++i)
        out += static_cast<char>(i);
    return out;
}

/// A list of the storage "0".
inline QByteArray oneKey()
{
    return QByteArray("\x80\x02]", 3) + text("0") + "a.";
}

/// Magic, protocol and system pickles of a real file of torch.save, then these.
inline QByteArray legacyFile(
    const QByteArray& root, const QByteArray& keys, const QByteArray& storages)
{
    const QByteArray real = contents(dataDir() / "checkpoints/module-legacy.pth");
    qsizetype at = 0;
    for (int part = 0; part < 3; ++part)
        at = real.indexOf(QByteArray(".\x80\x02", 3), at) + 1;
    return real.left(at) + root + keys + storages;
}

/// An .npy file whose one object is the pickled value.
inline QByteArray objectArray(const QByteArray& value)
{
    QByteArray header("{'descr': '|O', 'fortran_order': False, 'shape': (), }");
    header = header.leftJustified(117, ' ') + "\n";
    return QByteArray("\x93NUMPY\x01\0", 8) + raw(static_cast<std::uint16_t>(header.size()))
        + header
        + whole("cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(K" + QByteArray(1, '\0')
            + "t" + bytes("b") + "tR(K\x01)cnumpy\ndtype\n(" + text("O8")
            + QByteArray("\x89\x88tR(K\x03", 7) + text("|")
            + "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK?tb" + QByteArray("\x89", 1) + "](" + value
            + "etb");
}

/// A training script's checkpoint: {"args": a Namespace, "state_dict": {"module.NAME": tensor}},
/// all numbers in one storage.
inline void writeTrainingState(const std::filesystem::path& path, const StateDict& state)
{
    std::int32_t elements = 0;
    for (const TensorView& view : state.tensors)
        elements += static_cast<std::int32_t>(view.bytes.size() / sizeof(float));
    QByteArray numbers = raw(static_cast<std::int64_t>(elements));
    Items items;
    for (const TensorView& view : state.tensors) {
        const auto offset = static_cast<std::int32_t>((numbers.size() - 8) / sizeof(float));
        std::vector<std::int64_t> strides(view.shape.size());
        std::int64_t stride = 1;
        for (std::size_t i = strides.size(); i-- > 0; stride *= view.shape[i])
            strides[i] = stride;
        items.emplace_back("module." + view.name, tensor(elements, offset, view.shape, strides));
        numbers.append(reinterpret_cast<const char*>(view.bytes.data()),
            static_cast<qsizetype>(view.bytes.size()));
    }
    const QByteArray root = dict({ { "args",
                                       "cargparse\nNamespace\n)" + QByteArray("\x81", 1)
                                           + dict({ { "lr", "K\x01" } }) + "b" },
        { "state_dict", dict(items) } });
    const QByteArray file = legacyFile(whole(root), oneKey(), numbers);
    std::ofstream(path, std::ios::binary)
        .write(file.constData(), static_cast<std::streamsize>(file.size()));
}

} // namespace crossiter::test::pickle
