#include "core/report/SweepCsv.h"

#include "core/base/AtomicFile.h"
#include "core/base/Csv.h"
#include "core/base/Numbers.h"

namespace crossiter {

namespace {

/// Below 0: not known, an empty field.
std::string knownText(double value)
{
    return value < 0.0 ? std::string() : numberText(value);
}

} // namespace

std::string sweepCsv(const SweepResult& sweep)
{
    std::string text = "substep,size,model,label,probability,true_probability,attacked_probability,"
                       "target_probability\n";
    for (const SweepCell& cell : sweep.cells) {
        text += std::to_string(cell.subStep) + ',' + std::to_string(cell.size) + ','
            + csvField(sweep.request.models.at(static_cast<std::size_t>(cell.model))) + ','
            + std::to_string(cell.label) + ',' + knownText(cell.probability) + ','
            + knownText(cell.trueProbability) + ',' + knownText(cell.attackedProbability) + ','
            + knownText(cell.targetProbability) + '\n';
    }
    return text;
}

void writeSweepCsv(const std::filesystem::path& path, const SweepResult& sweep)
{
    writeFileAtomically(path, std::string_view(sweepCsv(sweep)));
}

} // namespace crossiter
