#include "ui/session/DefenseSettings.h"

#include "core/image/Image.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kSeedBestSize = 200; // voilin/nips-2017
constexpr int kDraws = 100;

QString text(const char* words)
{
    return QCoreApplication::translate("crossiter::ui::DefenseSettings", words);
}

template <typename Stages>
auto resizeOf(Stages& stages)
{
    return std::ranges::find_if(
        stages,
        [](const DefenseStage& stage) {
            return stage.kind == StageKind::Resize && !stage.sizes.empty();
        });
}

DefenseStage resizeStage(int size)
{
    DefenseStage stage;
    stage.sizes = { size };
    return stage;
}

} // namespace

DefenseRequest defaultDefense()
{
    DefenseRequest defense;
    defense.stages = { resizeStage(kSeedBestSize) };
    defense.samples = kDraws;
    return defense;
}

std::optional<int> firstSize(const DefenseRequest& defense)
{
    const auto found = resizeOf(defense.stages);
    if (found == defense.stages.end() || found->sizes.size() < 2)
        return std::nullopt;
    return found->sizes[found->sizes.size() - 2];
}

DefenseRequest withFirstSize(DefenseRequest defense, std::optional<int> first)
{
    defense = withSize(defense, sizeOf(defense));
    DefenseStage& stage = *resizeOf(defense.stages);
    if (!first) {
        stage.sizes = { stage.sizes.back() };
        stage.backBetween = false;
    } else if (stage.sizes.size() < 2) {
        stage.sizes.insert(stage.sizes.begin(), std::clamp(*first, 1, kImageSide));
    } else {
        stage.sizes[stage.sizes.size() - 2] = std::clamp(*first, 1, kImageSide);
    }
    return defense;
}

bool backBetween(const DefenseRequest& defense)
{
    const auto found = resizeOf(defense.stages);
    return found != defense.stages.end() && found->backBetween;
}

DefenseRequest withBackBetween(DefenseRequest defense, bool back)
{
    const auto found = resizeOf(defense.stages);
    if (found != defense.stages.end())
        found->backBetween = back;
    return defense;
}

std::vector<DefenseStage> furtherStages(const DefenseRequest& defense)
{
    std::vector<DefenseStage> stages = defense.stages;
    const auto found = resizeOf(stages);
    if (found != stages.end())
        stages.erase(found);
    return stages;
}

DefenseRequest withFurtherStages(
    const DefenseRequest& defense, const std::vector<DefenseStage>& stages)
{
    DefenseRequest next = defense;
    const auto found = resizeOf(defense.stages);
    next.stages = stages;
    if (found != defense.stages.end()) {
        const auto before = std::min(
            stages.size(), static_cast<std::size_t>(std::distance(defense.stages.begin(), found)));
        next.stages.insert(next.stages.begin() + static_cast<std::ptrdiff_t>(before), *found);
    }
    return next;
}

DefenseRequest effective(DefenseRequest defense)
{
    if (!defense.random())
        defense.samples = 1;
    return defense;
}

bool isCostly(const DefenseRequest& defense)
{
    const bool passes = std::ranges::any_of(defense.stages, [](const DefenseStage& stage) {
        return stage.kind == StageKind::RandomResizePad || stage.kind == StageKind::Purify;
    });
    return passes || defense.batchStatistics;
}

QString stageText(const DefenseStage& stage)
{
    switch (stage.kind) {
    case StageKind::Resize: {
        QStringList sizes;
        for (const int size : stage.sizes)
            sizes << QString::number(size);
        return text("resize %1").arg(sizes.join(QLatin1Char(',')));
    }
    case StageKind::RandomResizePad:
        return text("random pad");
    case StageKind::Jpeg:
        return text("JPEG %1").arg(stage.value);
    case StageKind::BitDepth:
        return text("%1 bits").arg(stage.value);
    case StageKind::Median:
        return text("median %1").arg(stage.value);
    case StageKind::Purify:
        return text("purify %1").arg(QString::fromStdString(stage.model));
    }
    return {};
}

QString defensePath(const DefenseRequest& defense)
{
    const QString arrow = QStringLiteral(" \u2192 ");
    QStringList parts;
    bool resized = false;
    for (const DefenseStage& stage : defense.stages) {
        if (stage.kind != StageKind::Resize || resized) {
            parts << stageText(stage);
            continue;
        }
        resized = true;
        QStringList sides { QString::number(kImageSide) };
        for (std::size_t i = 0; i < stage.sizes.size(); ++i) {
            if (i > 0 && stage.backBetween)
                sides << QString::number(kImageSide);
            sides << QString::number(stage.sizes[i]);
        }
        sides << QString::number(kImageSide);
        parts << sides.join(arrow);
    }
    return parts.isEmpty() ? text("nothing changed") : parts.join(QStringLiteral(" \u00b7 "));
}

} // namespace crossiter::ui
