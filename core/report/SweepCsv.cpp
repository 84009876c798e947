#include "core/report/SweepCsv.h"

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"

#include <cstdio>

namespace crossiter {

namespace {

std::string numberText(double value)
{
    if (value < 0.0) {
        return {};
    }
    char text[40];
    std::snprintf(text, sizeof text, "%.9g", value);
    return text;
}

} // namespace

std::string sweepCsv(const SweepResult& sweep)
{
    std::string text = "substep,size,model,label,probability,true_probability,attacked_probability,"
                       "target_probability\n";
    for (const SweepCell& cell : sweep.cells) {
        text += std::to_string(cell.subStep) + ',' + std::to_string(cell.size) + ','
            + csvField(sweep.request.models.at(static_cast<std::size_t>(cell.model))) + ','
            + std::to_string(cell.label) + ',' + numberText(cell.probability) + ','
            + numberText(cell.trueProbability) + ',' + numberText(cell.attackedProbability) + ','
            + numberText(cell.targetProbability) + '\n';
    }
    return text;
}

void writeSweepCsv(const std::filesystem::path& path, const SweepResult& sweep)
{
    writeFileAtomically(path, std::string_view(sweepCsv(sweep)));
}

} // namespace crossiter
