// What the tests of the model manager and of its import dialog share: a store of the test's own.
#pragma once

#include "core/base/RegularFile.h"
#include "core/classify/ModelStore.h"
#include "ui/viewmodels/ModelTableModel.h"

#include <QTableView>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <string>
#include <vector>

#include "tests/support/TestPaths.h"
#include "tests/ui/ExplorerTestSupport.h"

namespace crossiter::test {

template <typename T>
T* child(QObject& parent, const char* name)
{
    T* found = parent.findChild<T*>(QLatin1String(name));
    if (found == nullptr)
        qFatal("no child named %s", name);
    return found;
}

/// A zip of empty files; one called constants.pkl makes it a TorchScript program.
inline std::string programZip()
{
    std::string zip;
    std::string directory;
    const auto number = [](std::string& out, std::uint32_t value, int bytes) {
        for (int i = 0; i < bytes; ++i)
            out.push_back(i < 4 ? static_cast<char>(value >> (8 * i)) : '\0');
    };
    std::uint32_t count = 0;
    for (const std::string name : { "net/data.pkl", "net/constants.pkl" }) {
        const auto at = static_cast<std::uint32_t>(zip.size());
        const auto common = [&](std::string& out) {
            number(out, 20, 2); // version that reads it
            number(out, 0, 12); // flags, method, time, date, CRC-32 of nothing
            number(out, 0, 8); // both sizes
            number(out, static_cast<std::uint32_t>(name.size()), 2);
            number(out, 0, 2); // no extra field
        };
        zip += "PK\x03\x04";
        common(zip);
        zip += name;
        directory += "PK\x01\x02";
        number(directory, 20, 2);
        common(directory);
        number(directory, 0, 10); // comment, disk, attributes
        number(directory, at, 4);
        directory += name;
        ++count;
    }
    const auto start = static_cast<std::uint32_t>(zip.size());
    zip += directory + "PK\x05\x06";
    number(zip, 0, 4);
    number(zip, count, 2);
    number(zip, count, 2);
    number(zip, static_cast<std::uint32_t>(directory.size()), 4);
    number(zip, start, 4);
    number(zip, 0, 2);
    return zip;
}

/// What the table says of the row that is selected.
inline QString selectedState(const QTableView& view)
{
    const QModelIndex row = view.selectionModel()->selectedRows().value(0);
    return row.siblingAtColumn(ui::ModelTableModel::StateColumn).data().toString();
}

/// A new, empty store for every test, and the bytes of a network that fits in it.
class ModelFixture : public QObject
{
protected:
    void makeStore()
    {
        m_folder = std::make_unique<QTemporaryDir>();
        m_paths = storeBelow(m_folder->path().toStdString());
        const auto bytes =
            readFile(storeDir() / "efficientnet-lite0/efficientnet-lite0-57934424.pth", 1U << 26U);
        m_content.assign(bytes.begin(), bytes.end());
    }
    [[nodiscard]] std::vector<StoredModel> models() const { return ModelStore(m_paths).list(); }

    std::unique_ptr<QTemporaryDir> m_folder;
    StorePaths m_paths;
    std::string m_content;
};

} // namespace crossiter::test
