#pragma once

#include "core/checkpoint/StateDict.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QTest>

namespace crossiter::test {

/// Fails the test unless `state` holds these tensors in their order: name, dtype, shape, the bytes
/// in hexadecimal; and finds each by its name.
inline void compareWithSaved(const StateDict& state, const QJsonArray& wanted)
{
    QCOMPARE(static_cast<qsizetype>(state.tensors.size()), wanted.size());
    for (qsizetype i = 0; i < wanted.size(); ++i) {
        const QJsonObject tensor = wanted[i].toObject();
        const TensorView& found = state.tensors[static_cast<std::size_t>(i)];
        QCOMPARE(QString::fromStdString(found.name), tensor["name"].toString());
        QCOMPARE(QString(nameOf(found.dtype)), tensor["dtype"].toString());
        std::vector<std::int64_t> shape;
        for (const auto& side : tensor["shape"].toArray())
            shape.push_back(side.toInteger());
        QCOMPARE(found.shape, shape);
        const QByteArray bytes(reinterpret_cast<const char*>(found.bytes.data()),
            static_cast<qsizetype>(found.bytes.size()));
        QCOMPARE(bytes.toHex(), tensor["bytes"].toString().toLatin1());
        QCOMPARE(state.find(found.name), &found);
    }
}

} // namespace crossiter::test
