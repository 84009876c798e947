// The one table of an attack's options, and all that reads it: texts, plans, traces, help, docs.

#include "core/attack/AttackFields.h"
#include "core/base/Error.h"
#include "core/batch/TournamentPlan.h"
#include "core/report/JsonValues.h"

#include <QtTest/QtTest>

#include <fstream>
#include <iterator>
#include <set>

#include "tests/support/TestPaths.h"

using namespace crossiter;
using namespace crossiter::test;

namespace {

/// A value that is the default of no method.
FieldValue someValue(const AttackField& field)
{
    switch (field.kind) {
    case FieldKind::Whole:
        return std::int64_t(7);
    case FieldKind::Number:
        return 0.125;
    case FieldKind::Flag:
        return true;
    case FieldKind::Choice:
        return field.choices().back();
    case FieldKind::Label:
        return std::int64_t(252);
    case FieldKind::Defense:
        return std::string("resize=200;dropout");
    case FieldKind::Ids:
        return std::vector<std::string> { "a", "b" };
    case FieldKind::Seed:
        return std::uint64_t(18446744073709551615U);
    }
    return {};
}

/// The complaint; empty: accepted.
template <typename Work>
std::string placeOf(const Work& work)
{
    try {
        work();
    } catch (const Error& error) {
        return error.place();
    }
    return {};
}

std::string fileText(const char* name)
{
    std::ifstream file(sourceDir() / name);
    return { std::istreambuf_iterator<char>(file), {} };
}

} // namespace

class tst_AttackFields : public QObject
{
    Q_OBJECT

private slots:
    void keysAreUnique()
    {
        std::set<std::string> keys;
        for (const AttackField& field : attackFields()) {
            QVERIFY2(keys.insert(field.key).second, field.key);
            QVERIFY(findAttackField(field.key) == &field);
            QVERIFY((field.kind == FieldKind::Choice) == !field.choices().empty());
            QVERIFY2(field.kind == FieldKind::Choice || *field.help != '\0', field.key);
        }
        QVERIFY(findAttackField("invented") == nullptr);
        for (const FieldFormat format :
            { FieldFormat::Trace, FieldFormat::Plan, FieldFormat::Script }) {
            std::set<const AttackField*> seen;
            for (const AttackField* field : attackFields(format))
                QVERIFY2(seen.insert(field).second, field->key);
        }
        QCOMPARE(attackFields(FieldFormat::Trace).size(), attackFields().size());
    }

    void textsComeBack()
    {
        for (const AttackField& field : attackFields()) {
            const FieldValue value = someValue(field);
            QVERIFY2(field.parse(AttackField::print(value)) == value, field.key);
            AttackRequest request;
            field.set(request, value);
            QVERIFY2(field.valueOf(request) == value, field.key);
            AttackChoices choices;
            field.choose(choices, value);
            QVERIFY2(field.chosen(choices) == value, field.key);
            const bool always = field.key == std::string("method");
            QVERIFY2(
                always || std::holds_alternative<std::monostate>(field.chosen(AttackChoices())),
                field.key);
            for (const std::string& name : field.choices())
                QVERIFY2(field.parse(name) == FieldValue(name), name.c_str());
        }
    }

    void jsonComesBack()
    {
        AttackRequest request;
        for (const AttackField& field : attackFields())
            field.set(request, someValue(field));
        const Json json = requestJson(request);
        std::vector<std::string> order;
        for (const auto& [key, value] : json.items())
            order.push_back(key);
        const std::vector<std::string> expected { "method", "source", "judge", "epsilon", "rounds",
            "step", "projection", "label-rule", "save", "ensemble", "momentum", "nesterov",
            "diversity", "translation", "scales", "through", "through-draws", "target", "label",
            "seed", "numerics", "threads", "device" };
        QVERIFY(order == expected); // files keep their bytes
        for (const AttackField& field : attackFields())
            QVERIFY2(fieldOfJson(field, json.at(field.key)) == someValue(field), field.key);
    }

    void plansComeBack()
    {
        // mi-fgsm takes no target, iter-target every option.
        TournamentPlan plan;
        plan.dataset.folder = "/data";
        PlanAttack attack;
        attack.name = "a";
        for (const AttackField* field : attackFields(FieldFormat::Plan))
            field->choose(attack.options, someValue(*field));
        attack.options.method = Method::IterTarget;
        plan.targetedAttacks = { attack };
        PlanDefense defense;
        defense.name = "d";
        defense.model = "m";
        plan.defenses = { defense };
        const std::string text = planText(plan);
        QVERIFY(parsePlan(text, "plan.json", "/") == plan);
        std::size_t from = text.find("\"targeted-attacks\"");
        for (const char* key : { "method", "source", "rounds", "step", "projection", "label-rule",
                 "save", "target", "seed", "through", "through-draws", "momentum", "diversity",
                 "translation", "nesterov", "scales", "ensemble" }) {
            from = text.find("\"" + std::string(key) + "\":", from);
            QVERIFY2(from != std::string::npos, key); // in this order
        }
    }

    void rangesRefuseBeyondBothEnds()
    {
        for (const AttackField& field : attackFields()) {
            if (field.kind != FieldKind::Whole && field.kind != FieldKind::Number
                && field.kind != FieldKind::Label)
                continue;
            const auto text = [](double value) { return std::to_string(static_cast<int>(value)); };
            for (const double value : { field.low, field.high })
                QVERIFY2(placeOf([&] { (void)field.parse(text(value)); }).empty(), field.key);
            for (const double value : { field.low - 1.0, field.high + 1.0 }) {
                QCOMPARE(placeOf([&] { (void)field.parse(text(value)); }), std::string(field.key));
                const FieldValue bad = field.kind == FieldKind::Number
                    ? FieldValue(value)
                    : FieldValue(static_cast<std::int64_t>(value));
                QCOMPARE(placeOf([&] { field.check(bad); }), std::string(field.key));
                AttackRequest request = defaultRequest(Method::Bim);
                field.set(request, bad);
                QCOMPARE(placeOf([&] { checkRequest(request); }), std::string(field.key));
            }
            QCOMPARE(placeOf([&] { (void)field.parse("x"); }), std::string(field.key));
        }
        const AttackField& kernel = attackField("translation");
        for (const char* even : { "1", "2", "4", "30" })
            QCOMPARE(placeOf([&] { (void)kernel.parse(even); }), std::string("translation"));
        QCOMPARE(placeOf([] { (void)attackField("step").parse("nan"); }), std::string("step"));
        QCOMPARE(placeOf([] { (void)attackField("save").parse("ceil"); }), std::string("save"));
    }

    void documentsNameEveryKey()
    {
        const std::string page = fileText("docs/command-line.md");
        for (const AttackField& field : attackFields())
            QVERIFY2(page.find("`--" + std::string(field.key)) != std::string::npos, field.key);
        // Defaults of every method that steps, as its row of the page says.
        for (const Method method : allMethods()) {
            if (!usesSources(method))
                continue;
            const AttackRequest row = defaultRequest(method);
            std::string step = AttackField::print(row.stepPx);
            if (stepDefault(method) == StepDefault::Epsilon)
                step = "epsilon";
            else if (stepDefault(method) == StepDefault::EvenEpsilon)
                step = "epsilon / rounds";
            const std::string line = "| `" + toString(method) + "` | " + std::to_string(row.rounds)
                + " | " + step + " | " + toString(row.projection) + " | " + toString(row.labelRule)
                + " | " + toString(row.save) + " |";
            QVERIFY2(page.find(line) != std::string::npos, line.c_str());
        }
    }

    void choicesDecideTheRequest()
    {
        for (const Method method : allMethods()) {
            AttackChoices choices;
            choices.method = method;
            QVERIFY(resolve(choices, 12) == defaultRequest(method, 12));
            QVERIFY(
                withMethod(defaultRequest(Method::Bim, 12), method) == defaultRequest(method, 12));
            QVERIFY(withEpsilon(defaultRequest(method, 16), 8) == defaultRequest(method, 8));
        }
        AttackChoices choices;
        choices.method = Method::MiFgsm;
        choices.rounds = 4;
        choices.sources = { "a", "b", "a" };
        const AttackRequest request = resolve(choices, 16);
        QCOMPARE(request.stepPx, 4.0);
        QVERIFY(request.sources == choices.sources);
        QCOMPARE(request.judges.size(), std::size_t(2));
        choices.stepPx = 2.5;
        choices.epsilon255 = 8;
        QCOMPARE(resolve(choices, 16).stepPx, 2.5);
        QCOMPARE(resolve(choices, 16).epsilon255, 8);
    }
};

QTEST_GUILESS_MAIN(tst_AttackFields)
#include "tst_AttackFields.moc"
