#include "core/base/Error.h"
#include "core/contest/SubmissionExport.h"

#include <algorithm>

namespace crossiter {

namespace {

constexpr const char* kDropOutFocus = "ens_adv_inception_resnet_v2_DropOutFocus_200";

const DefensePreset& defensePreset(const std::string& name)
{
    const auto& presets = defensePresets();
    const auto found = std::ranges::find_if(
        presets, [&name](const DefensePreset& preset) { return preset.name == name; });
    if (found == presets.end())
        throw Error(ErrorKind::Internal, "a preset is missing", name);
    return *found;
}

bool hasAll(const ModelStore& store, const std::vector<std::string>& ids)
{
    const std::vector<StoredModel> models = store.list();
    return std::ranges::all_of(
        ids, [&models](const std::string& id) { return hasWeights(models, id); });
}

} // namespace

SubmissionSpec attackSubmission(SubmissionKind kind, Method method)
{
    if (kind == SubmissionKind::Defense
        || isTargeted(method) != (kind == SubmissionKind::TargetedAttack))
        throw Error(ErrorKind::Usage, "the method is not of this type of submission", "method",
            kind == SubmissionKind::TargetedAttack ? "a targeted method" : "a non-targeted method",
            toString(method));
    SubmissionSpec spec;
    spec.kind = kind;
    spec.attack = defaultRequest(method);
    spec.stepFollowsEpsilon = stepFollowsEpsilon(method);
    if (!usesSources(method))
        spec.attack.sources.resize(1); // none is stepped, one judges
    spec.name = toString(method);
    return spec;
}

SubmissionSpec defaultSubmission(SubmissionKind kind)
{
    SubmissionSpec spec;
    switch (kind) {
    case SubmissionKind::Attack:
        spec = attackSubmission(kind, Method::CrossIterative);
        spec.name = "CrossIterative_3";
        break;
    case SubmissionKind::TargetedAttack:
        spec = attackSubmission(kind, Method::CrossIterativeTarget);
        spec.name = "CrossIterative_target_20";
        break;
    case SubmissionKind::Defense:
        spec.kind = kind;
        spec.defense = defensePreset(kDropOutFocus).defense;
        spec.model = defaultSources().front();
        spec.name = "DropOutFocus_200";
        break;
    }
    return spec;
}

std::vector<SubmissionPreset> submissionPresets(const ModelStore& store)
{
    const std::vector<std::string> slim { "inception-resnet-v2-ens-adv-slim", "inception-v3-slim" };
    const std::vector<std::string> timm { "inception-resnet-v2-ens-adv", "inception-v3" };
    const std::vector<std::string>& pair = hasAll(store, slim) ? slim : timm;

    SubmissionSpec attack = defaultSubmission(SubmissionKind::Attack);
    attack.attack.sources = pair;

    SubmissionSpec targeted = defaultSubmission(SubmissionKind::TargetedAttack);
    targeted.attack.sources = pair;
    targeted.attack.save = SaveRule::LegacyStretch;

    SubmissionSpec defense = defaultSubmission(SubmissionKind::Defense);
    defense.name = kDropOutFocus;
    const std::vector<std::string> slimAlone { slim.front() };
    defense.model = hasAll(store, slimAlone) ? slim.front() : timm.front();

    return { { attack, "saved by truncation, as the seed did" },
        { targeted,
            "saved by legacy-stretch, as the seed's image writer did; timm's files have no "
            "auxiliary "
            "head, TF-Slim's have" },
        { defense, "dropout and batch statistics together, as the seed's training mode" } };
}

} // namespace crossiter
