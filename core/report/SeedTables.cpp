#include "core/report/TournamentFacts.h"

namespace crossiter {

const std::vector<SeedTable>& seedTables()
{
    static const std::vector<SeedTable> tables = {
        { "non-targeted", 6,
            { { "bim_both_2", 4638 }, { "bim_both_3", 4506 }, { "bim_both_4", 4232 },
                { "bim_inception_v3_10", 4203 }, { "bim_both_1", 4154 }, { "bim_both_5", 3937 },
                { "fgsm_inception_v3", 3348 }, { "bim_ens_insRes_v2_10", 2527 },
                { "fgsm_ens_insRes_v3", 2298 }, { "random_noise", 995 }, { "noop", 875 } } },
        { "targeted", 6,
            { { "iter_target_class_both_20", 2241 }, { "iter_target_class_both_10", 1482 },
                { "iter_target_class_20", 1439 }, { "iter_target_class_ens_20", 836 } } },
        { "defense 1", 17,
            { { "ens_adv_inception_resnet_v2_drop_resize_200", 16519 },
                { "ens_adv_inception_resnet_v2_drop_resize_100", 15495 },
                { "ens_adv_inception_resnet_v2", 11526 },
                { "base_inception_model_drop_resize_100", 11204 },
                { "base_inception_model", 10648 },
                { "base_inception_model_drop_resize_200", 10536 } } },
        { "defense 2", 13,
            { { "ens_adv_inception_resnet_v2_drop_resize_200", 12357 },
                { "ens_adv_inception_resnet_v2_drop_resize_250", 12283 },
                { "ens_adv_inception_resnet_v2_drop_resize_250_200", 12265 },
                { "ens_adv_inception_resnet_v2", 8383 },
                { "base_inception_model_drop_resize_200", 7061 },
                { "base_inception_model_drop_resize_250_200", 6971 },
                { "base_inception_model_drop_resize_250", 6619 },
                { "base_inception_model", 5491 } } },
    };
    return tables;
}

} // namespace crossiter
