#include "ui/session/OpenPhoto.h"

#include "core/attack/AttackTrace.h"
#include "core/classify/Labels.h"
#include "core/report/TraceExport.h"
#include "ui/session/ModelChoice.h"

#include <QCoreApplication>

namespace crossiter::ui {

namespace {

QString text(const char* words)
{
    return QCoreApplication::translate("ExplorerSession", words);
}

} // namespace

std::vector<OtherPicture> OpenPhoto::others() const
{
    if (!series.empty())
        return series;
    return { { {}, other.path.toStdString(), std::make_shared<const Image>(other.clean) } };
}

std::optional<PictureSize> OpenPhoto::pairSize() const
{
    return offImageSpace() ? std::optional(sizeOf(pairClean)) : std::nullopt;
}

bool OpenPhoto::differsFrom(const ExplorerState& wanted, const QString& path) const
{
    const bool resized = !wanted.pair.isEmpty() && wanted.pairSize != pairSize();
    return path != photo.path || wanted.pair != other.path || resized
        || (!wanted.pair.isEmpty() && wanted.pairArrays != arrays)
        || (!empty()
            && (wanted.crop != crop || wanted.colour != colour || wanted.labelsCsv != labelsCsv
                || wanted.labelBase != labelBase));
}

ShownLabel OpenPhoto::trueLabel(const ExplorerState& state, const AttackTrace* trace) const
{
    if (empty())
        return {};
    if (state.labelChoice == LabelChoice::User)
        return { state.userLabel, false, text("set by you") };
    if (state.labelChoice == LabelChoice::Automatic && label.label.label)
        return { label.label.label, false, QString::fromStdString(describe(label.label.origin)) };
    if (trace) {
        std::vector<Prediction> clean;
        const SubStep& start = *trace->subSteps.front();
        for (const Prediction& prediction : start.judges)
            if (isAmong(trace->request.sources, prediction.model))
                clean.push_back(prediction);
        if (const int joint = jointTop1(clean); joint >= 0)
            return { joint, true, text("assumed: the joint top-1") };
    }
    return { std::nullopt, true, text("not known") };
}

TrueLabelOrigin OpenPhoto::labelOrigin(const ExplorerState& state) const
{
    if (state.labelChoice == LabelChoice::User)
        return TrueLabelOrigin::Option;
    return state.labelChoice == LabelChoice::Automatic ? label.label.origin : TrueLabelOrigin::None;
}

PhotoChange OpenPhoto::take(
    const LoadedPair& pair, const FoundLabel& found, const ExplorerState& wanted)
{
    const Image clean = wanted.pairSize ? pair.clean : Image(); // of another size than image space
    PhotoChange change;
    change.photo = pair.photo.path != photo.path || !(pair.photo.clean == photo.clean);
    change.picture = change.photo || !(clean == pairClean);
    change.table = found.tableText != label.tableText && !found.tableText.isEmpty();
    // The pictures of a series are not compared: judging takes over those that are the same.
    pairNumber +=
        change.picture || !pair.series.empty() || !(pair.other.clean == other.clean) ? 1 : 0;
    photo = pair.photo;
    other = pair.other;
    series = pair.series;
    arrays = wanted.pairArrays;
    pairClean = clean;
    label = found;
    crop = wanted.crop;
    colour = wanted.colour;
    labelsCsv = wanted.labelsCsv;
    labelBase = wanted.labelBase;
    return change;
}

void OpenPhoto::giveTo(ExplorerState& state) const
{
    state.photo = photo.path;
    state.pair = other.path;
    state.pairSize = pairSize();
    state.pairArrays = arrays;
    if (!empty()) {
        state.crop = crop;
        state.colour = colour;
    }
    state.labelsCsv = labelsCsv;
    state.labelBase = labelBase;
}

std::function<Provenance(const AttackTrace&)> OpenPhoto::origins(
    const std::shared_ptr<Engine>& engine, const ExplorerState& state) const
{
    return [engine, name = photo.path.toStdString(), beside = other.path.toStdString(),
               rule = colour, ofSeries = !series.empty(), profile = photo.profile,
               origin = describe(labelOrigin(state)),
               labels = label.report](const AttackTrace& trace) {
        Provenance provenance = engine->origin(trace.request);
        if (!name.empty())
            nameInput(provenance, name);
        provenance.colour = rule;
        provenance.profile = profile;
        provenance.trueLabelOrigin = origin;
        provenance.labels = labels;
        if (!trace.madeElsewhere.empty() && ofSeries) {
            nameSeries(provenance, trace);
        } else if (!trace.madeElsewhere.empty()) {
            nameOther(provenance, trace.madeElsewhere, beside);
            if (!trace.clean.isImageSpace())
                provenance.size = toString(sizeOf(trace.clean));
        }
        return provenance;
    };
}

} // namespace crossiter::ui
