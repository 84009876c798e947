#pragma once

namespace crossiter::ui {

/// What a change is called in the Edit menu; changes of one setting merge while it is dragged.
enum class Setting
{
    Photo,
    Crop,
    Colour,
    TrueLabel,
    Method,
    Sources,
    Judges,
    LabelRule,
    Target,
    Epsilon,
    Rounds,
    Step,
    Projection,
    Save,
    Seed,
    Numerics,
    Threads,
    Device,
    Defense,
    DefenseSize,
    SweepSizes,
    Perturbation,
    Compare,
    Theme,
    Session,
    /// Of the attack's options without a name above: this and its row's number (settingOf). Last.
    Option,
};

} // namespace crossiter::ui
