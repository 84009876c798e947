#pragma once

#include <torch/torch.h>

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QString>

#include "tests/support/TestPaths.h"

// What timm says of synthetic weights: tests/golden/inception_reference.py; with the folder "nets"
// what tests/golden/nets_reference.py wrote.
namespace crossiter::test {

/// Empty: there is no such golden.
inline QJsonObject golden(const QString& name, const char* folder = "inception")
{
    QFile file(QString::fromStdString((goldenDir() / folder).string()) + "/" + name + ".json");
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object()
                                          : QJsonObject();
}

/// float64.
inline torch::Tensor values(const QJsonValue& value)
{
    const QJsonArray array = value.toArray();
    torch::Tensor tensor = torch::empty({ array.size() }, torch::kDouble);
    for (qsizetype i = 0; i < array.size(); ++i)
        tensor[i] = array[i].toDouble();
    return tensor;
}

/// Largest difference, as a share of the largest expected magnitude.
inline double apart(const torch::Tensor& found, const torch::Tensor& expected)
{
    return (
        (found.detach().flatten().to(torch::kDouble) - expected).abs().max() / expected.abs().max())
        .item<double>();
}

} // namespace crossiter::test
