#include "core/attack/AttackFields.h"

#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "core/base/Numbers.h"
#include "core/base/Words.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

namespace crossiter {

namespace {

using Strings = std::vector<std::string>;

template <typename T>
T fromText(const std::string& text)
{
    if constexpr (std::is_same_v<T, Method>)
        return parseMethod(text);
    else if constexpr (std::is_same_v<T, LabelRule>)
        return parseLabelRule(text);
    else if constexpr (std::is_same_v<T, Projection>)
        return parseProjection(text);
    else if constexpr (std::is_same_v<T, SaveRule>)
        return parseSaveRule(text);
    else
        return parseEnsemble(text);
}

template <typename T>
FieldValue packed(const T& member)
{
    if constexpr (std::is_enum_v<T>)
        return toString(member);
    else if constexpr (std::is_same_v<T, int>)
        return std::int64_t(member);
    else
        return member;
}

template <typename T>
FieldValue packed(const std::optional<T>& member)
{
    return member ? packed(*member) : FieldValue();
}

template <typename T>
void unpack(const FieldValue& value, T& member)
{
    if constexpr (std::is_enum_v<T>)
        member = fromText<T>(std::get<std::string>(value));
    else if constexpr (std::is_same_v<T, int>)
        member = static_cast<int>(std::get<std::int64_t>(value));
    else
        member = std::get<T>(value);
}

template <typename T>
void unpack(const FieldValue& value, std::optional<T>& member)
{
    if (std::holds_alternative<std::monostate>(value))
        member.reset();
    else
        unpack(value, member.emplace());
}

bool isEmpty(const FieldValue& value)
{
    const auto* text = std::get_if<std::string>(&value);
    const auto* list = std::get_if<Strings>(&value);
    return (text != nullptr && text->empty()) || (list != nullptr && list->empty());
}

/// Empty texts and lists of the choices say nothing.
template <auto Chosen>
FieldValue chosenIn(const AttackChoices& choices)
{
    FieldValue value = packed(choices.*Chosen);
    return isEmpty(value) ? FieldValue() : value;
}

template <auto Chosen>
void chooseIn(AttackChoices& choices, const FieldValue& value)
{
    unpack(value, choices.*Chosen);
}

template <auto Member>
FieldValue valueIn(const AttackRequest& request)
{
    return packed(request.*Member);
}

template <auto Member>
void setIn(AttackRequest& request, const FieldValue& value)
{
    unpack(value, request.*Member);
}

template <typename T>
Strings namesOf(const std::vector<T>& values)
{
    Strings names;
    for (const T& value : values)
        names.push_back(toString(value));
    return names;
}

const Strings& noChoices()
{
    static const Strings none;
    return none;
}

template <typename T>
const Strings& choicesOf()
{
    static const Strings names = [] {
        if constexpr (std::is_same_v<T, Method>)
            return namesOf(allMethods());
        else if constexpr (std::is_same_v<T, LabelRule>)
            return namesOf(allLabelRules());
        else if constexpr (std::is_same_v<T, Projection>)
            return namesOf(allProjections());
        else if constexpr (std::is_same_v<T, SaveRule>)
            return namesOf(allSaveRules());
        else
            return namesOf(allEnsembles());
    }();
    return names;
}

struct Row : AttackField
{
    Row(const char* name, FieldKind what, const char* helpGroup, const char* typeName,
        const char* helpText, Places ofFormats)
        : AttackField { name, nullptr, what, helpGroup, typeName, helpText, "", 0.0, 0.0, "", false,
            false, FieldInScript::WhenDifferent, ofFormats, noChoices, nullptr, nullptr, nullptr,
            nullptr }
    {
    }

    template <auto Chosen, auto Member>
    Row& members()
    {
        chosen = chosenIn<Chosen>;
        choose = chooseIn<Chosen>;
        valueOf = valueIn<Member>;
        set = setIn<Member>;
        return *this;
    }
    template <typename T>
    Row& named()
    {
        choices = choicesOf<T>;
        return *this;
    }
    Row& between(double least, double most, const char* behind = "")
    {
        low = least;
        high = most;
        unit = behind;
        return *this;
    }
    Row& session(const char* name)
    {
        sessionKey = name;
        return *this;
    }
    Row& byDefault(const char* text)
    {
        shownDefault = text;
        return *this;
    }
    Row& differing()
    {
        perMethod = true;
        return *this;
    }
    Row& written(FieldInScript when)
    {
        inScript = when;
        return *this;
    }
    Row& rounded()
    {
        nineDigits = true;
        return *this;
    }
};

constexpr const char* kAttack = "Attack (defaults by method: see below)";
constexpr const char* kGradient = "Gradient (with every method that steps)";
constexpr const char* kNetworks = "Networks";
constexpr const char* kOutput = "Output";
constexpr const char* kTranslation = "translation"; // the one row whose range has gaps

std::vector<AttackField> makeFields()
{
    using C = AttackChoices;
    using R = AttackRequest;
    using Kind = FieldKind;
    using Script = FieldInScript;
    return {
        Row("method", Kind::Choice, kAttack, "METHOD", "", { 1, 1, 1 })
            .written(Script::Always)
            .members<&C::method, &R::method>()
            .named<Method>()
            .session("method"),
        Row("epsilon", Kind::Whole, kAttack, "N", "L-infinity budget in grey levels, 0..255",
            { 4, 0, 0 })
            .members<&C::epsilon255, &R::epsilon255>()
            .between(0, 255, " grey levels")
            .byDefault("16")
            .session("epsilon"),
        Row("rounds", Kind::Whole, kAttack, "N", "passes over all sources, 0..1000", { 5, 3, 4 })
            .written(Script::WhenStepping)
            .members<&C::rounds, &R::rounds>()
            .between(0, 1000)
            .differing()
            .session("rounds"),
        Row("step", Kind::Number, kAttack, "PX", "grey levels a sub-step", { 6, 4, 5 })
            .written(Script::WhenStepping)
            .members<&C::stepPx, &R::stepPx>()
            .between(0, 255, " grey levels")
            .differing()
            .session("step"),
        Row("projection", Kind::Choice, kAttack, "NAME", "", { 7, 5, 6 })
            .written(Script::WhenStepping)
            .members<&C::projection, &R::projection>()
            .named<Projection>()
            .differing()
            .session("projection"),
        Row("label-rule", Kind::Choice, kAttack, "RULE", "", { 8, 6, 7 })
            .written(Script::WhenStepping)
            .members<&C::labelRule, &R::labelRule>()
            .named<LabelRule>()
            .differing()
            .session("labelRule"),
        Row("target", Kind::Label, kAttack, "LABEL", "target of every image: 1..1000 or a name",
            { 18, 8, 0 })
            .members<&C::target, &R::target>()
            .between(1, 1000)
            .session("target"),
        Row("through", Kind::Defense, kAttack, "DEFENSE",
            "attack through a defense: a preset, or items as in resize=200;dropout", { 16, 10, 15 })
            .members<&C::through, &R::through>(),
        Row("through-draws", Kind::Whole, kAttack, "N",
            "gradients averaged a sub-step through a random defense", { 17, 11, 16 })
            .members<&C::throughDraws, &R::throughDraws>()
            .between(1, 1000)
            .byDefault("1"),
        Row("momentum", Kind::Number, kGradient, "MU",
            "decay of the accumulated gradient, 0..10 [mi-fgsm 1, else 0]", { 11, 12, 10 })
            .members<&C::momentum, &R::momentum>()
            .between(0, 10)
            .differing()
            .rounded(),
        Row("nesterov", Kind::Flag, kGradient, "",
            "gradient ahead of the image, along the momentum", { 12, 15, 14 })
            .members<&C::nesterov, &R::nesterov>(),
        Row("diversity", Kind::Number, kGradient, "P",
            "probability of a random resize and pad before the source", { 13, 13, 11 })
            .members<&C::diversity, &R::diversity>()
            .between(0, 1, ", a probability")
            .byDefault("0")
            .rounded(),
        Row(kTranslation, Kind::Whole, kGradient, "N",
            "side of the Gaussian that smooths the gradient: 0, or odd 3..31", { 14, 14, 12 })
            .members<&C::translation, &R::translation>()
            .between(0, 31)
            .byDefault("0"),
        Row("scales", Kind::Whole, kGradient, "N",
            "mean gradient over the image divided by 1, 2, 4, ...: 1..10 of them", { 15, 16, 13 })
            .members<&C::scales, &R::scales>()
            .between(1, 10)
            .byDefault("1"),
        Row("ensemble", Kind::Choice, kGradient, "NAME", " [mi-fgsm mean-logits, else alternate]",
            { 10, 17, 9 })
            .members<&C::ensemble, &R::ensemble>()
            .named<Ensemble>()
            .differing(),
        Row("source", Kind::Ids, kNetworks, "ID",
            "stepped network, repeatable, in order [efficientnet-lite1, efficientnet-lite0]",
            { 2, 2, 2 })
            .written(Script::Always)
            .members<&C::sources, &R::sources>()
            .between(1, 8)
            .session("sources"),
        Row("judge", Kind::Ids, kNetworks, "ID",
            "network that only predicts, repeatable [the sources]", { 3, 0, 3 })
            .written(Script::Always)
            .members<&C::judges, &R::judges>()
            .session("judges"),
        Row("save", Kind::Choice, kOutput, "RULE", "", { 9, 7, 8 })
            .written(Script::Always)
            .members<&C::save, &R::save>()
            .named<SaveRule>()
            .differing()
            .session("save"),
        Row("seed", Kind::Seed, nullptr, "N", "of everything random", { 19, 9, 17 })
            .written(Script::Always)
            .members<&C::seed, &R::seed>()
            .byDefault("1")
            .session("seed"),
    };
}

int placeIn(const AttackField& field, FieldFormat format)
{
    switch (format) {
    case FieldFormat::Trace:
        return field.places.trace;
    case FieldFormat::Plan:
        return field.places.plan;
    case FieldFormat::Script:
        break;
    }
    return field.places.script;
}

std::vector<const AttackField*> ordered(FieldFormat format)
{
    std::vector<const AttackField*> rows;
    for (const AttackField& field : attackFields())
        if (placeIn(field, format) > 0)
            rows.push_back(&field);
    std::ranges::stable_sort(rows, {}, [format](const auto* row) { return placeIn(*row, format); });
    return rows;
}

std::string joined(const Strings& words, const char* between)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : between) + word;
    return text;
}

/// "2.5", without the zeros behind; a number of an error.
std::string boundText(double number)
{
    std::string out = fixedText(number, 6);
    out.erase(out.find_last_not_of('0') + 1);
    return out.ends_with('.') ? out.substr(0, out.size() - 1) : out;
}

[[noreturn]] void wrongValue(
    const AttackField& field, const std::string& expected, const std::string& found)
{
    throw Error(ErrorKind::Usage, "wrong value", field.key, expected, found);
}

std::int64_t wholeNumber(const AttackField& field, const std::string& text)
{
    const auto whole = parseNumber<std::int64_t>(text);
    if (!whole || static_cast<double>(*whole) < field.low
        || static_cast<double>(*whole) > field.high)
        wrongValue(
            field, "a whole number " + boundText(field.low) + ".." + boundText(field.high), text);
    return *whole;
}

} // namespace

FieldValue AttackField::read(const std::string& text) const
{
    FieldValue value;
    switch (kind) {
    case FieldKind::Whole:
        value = wholeNumber(*this, text);
        break;
    case FieldKind::Number: {
        const auto number = parseNumber<double>(text);
        if (!number || !std::isfinite(*number))
            wrongValue(*this, "a number", text);
        value = *number;
        break;
    }
    case FieldKind::Flag:
        if (text != "true" && text != "false")
            wrongValue(*this, "true or false", text);
        value = text == "true";
        break;
    case FieldKind::Choice: {
        AttackRequest known;
        set(known, text); // throws with the choices
        value = text;
        break;
    }
    case FieldKind::Label: {
        const int label = parseLabel(key, text, static_cast<int>(low));
        if (label < low)
            throw Error(ErrorKind::Usage, "the background is no target", key,
                "1..1000 or a class name", text);
        value = std::int64_t(label);
        break;
    }
    case FieldKind::Defense:
        value = text;
        break;
    case FieldKind::Ids: {
        const auto pieces = splitAt(text, ',');
        if (pieces.size() > 1 && contains(pieces, ""))
            wrongValue(*this, "model ids joined by commas", text);
        value = text.empty() ? Strings() : Strings(pieces.begin(), pieces.end());
        break;
    }
    case FieldKind::Seed: {
        const auto seed = parseNumber<std::uint64_t>(text);
        if (!seed)
            wrongValue(*this, "a whole number from 0", text);
        value = *seed;
        break;
    }
    }
    return value;
}

std::string AttackField::print(const FieldValue& value)
{
    return std::visit(
        [](const auto& held) -> std::string {
            using T = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<T, std::monostate>)
                return {};
            else if constexpr (std::is_same_v<T, bool>)
                return held ? "true" : "false";
            else if constexpr (std::is_same_v<T, double>)
                return shortestText(held);
            else if constexpr (std::is_same_v<T, std::string>)
                return held;
            else if constexpr (std::is_same_v<T, Strings>)
                return joined(held, ",");
            else
                return std::to_string(held);
        },
        value);
}

void AttackField::check(const FieldValue& value) const
{
    double number = low;
    if (const auto* whole = std::get_if<std::int64_t>(&value))
        number = static_cast<double>(*whole);
    else if (const auto* real = std::get_if<double>(&value))
        number = *real;
    bool fits = number >= low && number <= high; // NaN compares false
    if (key == std::string(kTranslation) && number != 0.0)
        fits = fits && number >= 3.0 && std::fmod(number, 2.0) == 1.0;
    if (fits)
        return;
    std::string found = boundText(number);
    if (kind == FieldKind::Label && number == 0.0)
        found += " (the background)";
    throw Error(ErrorKind::Usage, "value out of range", key, range(), found);
}

std::string AttackField::range() const
{
    if (key == std::string(kTranslation))
        return "0 or odd, 3..31";
    const std::string ends = boundText(low) + ".." + boundText(high);
    return kind == FieldKind::Label ? "a competition label " + ends : ends + unit;
}

const std::vector<AttackField>& attackFields()
{
    static const std::vector<AttackField> fields = makeFields();
    return fields;
}

const std::vector<const AttackField*>& attackFields(FieldFormat format)
{
    static const std::vector<const AttackField*> orders[] = { ordered(FieldFormat::Trace),
        ordered(FieldFormat::Plan), ordered(FieldFormat::Script) };
    return orders[static_cast<std::size_t>(format)];
}

const AttackField* findAttackField(const std::string& key)
{
    for (const AttackField& field : attackFields())
        if (field.key == key)
            return &field;
    return nullptr;
}

const AttackField& attackField(const std::string& key)
{
    const AttackField* field = findAttackField(key);
    if (field == nullptr)
        throw Error(ErrorKind::Internal, "no such option of an attack", key);
    return *field;
}

} // namespace crossiter
