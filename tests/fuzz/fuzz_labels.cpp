#include "core/contest/LabelTable.h"

#include <string>

#include "tests/fuzz/Fuzz.h"

using namespace crossiter;

/// The first byte says what is asked of the table, the others are the table.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size == 0)
        return 0;
    LabelReading how;
    how.column = (data[0] & 1U) != 0 ? LabelColumn::Target : LabelColumn::True;
    how.asToolkit = (data[0] & 2U) != 0;
    if ((data[0] & 4U) != 0)
        how.base = (data[0] & 8U) != 0 ? 1 : 0;
    const std::string text(data + 1, data + size);
    return fuzz::attempt([&] {
        const LabelTable table = parseLabelTable(text, "fuzz", how);
        const int lowest = how.column == LabelColumn::Target ? 1 : 0;
        fuzz::require(!table.readAs.empty());
        for (const LabelRow& row : table.rows()) {
            fuzz::require(row.label >= lowest && row.label <= 1000 && row.line > 0);
            fuzz::require(!row.name.empty() && row.name.size() <= 255);
            fuzz::require(row.name.find('/') == std::string::npos);
            fuzz::require(table.find(row.name) != nullptr);
        }
    });
}
