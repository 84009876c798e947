// The session file: ExplorerState as JSON, read strictly (docs/session-files.md).
#include "core/attack/AttackFields.h"
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/JsonMembers.h"
#include "core/base/PossiblePath.h"
#include "core/base/SafeText.h"
#include "core/classify/Labels.h"
#include "ui/session/ExplorerState.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include <cmath>
#include <cstdint>
#include <type_traits>

namespace crossiter::ui {

namespace {

constexpr auto kMaxSessionBytes = static_cast<qint64>(kSessionJson.maxBytes);
constexpr int kVersion = 1;

const char* const kFormat = "crossiter-session";

template <typename Value>
struct Word
{
    const char* text;
    Value value;
};

constexpr Word<CropRule> kCrops[] = { { "whole", CropRule::Whole },
    { "centre", CropRule::CentreCrop } };
constexpr Word<ColourRule> kColours[] = { { "ignore", ColourRule::Ignore },
    { "srgb", ColourRule::Srgb } };
constexpr Word<LabelChoice> kLabelChoices[] = { { "automatic", LabelChoice::Automatic },
    { "user", LabelChoice::User }, { "none", LabelChoice::Cleared } };
constexpr Word<PerturbationMode> kPerturbations[] = { { "signed", PerturbationMode::Signed },
    { "magnitude", PerturbationMode::Magnitude },
    { "epsilon", PerturbationMode::EpsilonNormalised } };
constexpr Word<ComparedPair> kPairs[] = { { "original-adversarial",
                                              ComparedPair::OriginalAdversarial },
    { "adversarial-defended", ComparedPair::AdversarialDefended },
    { "original-defended", ComparedPair::OriginalDefended } };
constexpr Word<ThemeKind> kThemes[] = { { "system", ThemeKind::System },
    { "light", ThemeKind::Light }, { "dark", ThemeKind::Dark } };

template <typename Value, std::size_t N>
QString wordOf(const Word<Value> (&words)[N], Value value)
{
    for (const auto& word : words)
        if (word.value == value)
            return QString::fromLatin1(word.text);
    return QString::fromLatin1(words[0].text);
}

QString storedPath(const QString& path, const QString& folder)
{
    if (path.isEmpty())
        return path;
    const QString relative = QDir(folder).relativeFilePath(path);
    return relative.startsWith(QLatin1String("..")) ? path : relative;
}

QString fromStd(const std::string& text)
{
    return QString::fromStdString(text);
}

/// A session file's words for what is wrong with one of its members.
[[noreturn]] void complain(const std::string& place, const JsonFault& fault)
{
    const std::string where = place + (fault.where.empty() ? "" : ", key " + fault.where);
    const bool top = fault.where.empty();
    if (fault.what == JsonFault::What::NoObject && top) {
        throw Error(
            ErrorKind::BadInput, kSessionJson.fault, place, "a JSON object", "another value");
    }
    if (fault.what == JsonFault::What::Unknown)
        throw Error(ErrorKind::BadInput, "unknown key in a session file", where, "", fault.key);
    throw Error(ErrorKind::BadInput, "unusable session file",
        where + (fault.key.empty() ? "" : ", key " + fault.key), fault.expected,
        fault.shown("nothing"));
}

/// One object of the file.
class Reader : public JsonMembers
{
public:
    Reader(const Json& object, const QString& place, const std::string& where = {})
        : JsonMembers(object, where,
            [at = place.toStdString()](const JsonFault& fault) { complain(at, fault); })
        , m_place(place)
    {
    }

    QString string(const std::string& key) { return fromStd(text(key)); }

    /// Absolute, from the folder of the session file; empty stays so.
    QString path(const std::string& key)
    {
        QString stored = string(key);
        if (stored.isEmpty())
            return stored;
        const QDir folder = QFileInfo(m_place).absoluteDir();
        QString path = QDir::cleanPath(folder.absoluteFilePath(stored));
        if (!isPossiblePath(path.toStdString()))
            wrong(key, kPossiblePath, text(key));
        return path;
    }

    double numberIn(const std::string& key, double low, double high)
    {
        const QString range = QStringLiteral("a number %1..%2").arg(low).arg(high, 0, 'g', 17);
        const Json& value = need(key, range.toStdString());
        const double number = value.is_number() ? value.get<double>() : std::nan("");
        if (!(number >= low && number <= high)) // written so that NaN fails
            wrong(key, range.toStdString(), value);
        return number;
    }

    /// 4.0 counts as 4.
    qint64 integer(const std::string& key, double low, double high)
    {
        const double value = numberIn(key, low, high);
        const Json& stored = need(key);
        // Whole numbers are kept as such: beyond 2^53 a double would round one into the range.
        const auto whole = wholeOf(stored, INT64_MIN, INT64_MAX);
        const bool rounded =
            stored.is_number_integer() && (!whole || *whole != static_cast<qint64>(value));
        if (value != std::floor(value) || rounded)
            wrong(key, "a whole number", stored);
        return static_cast<qint64>(value);
    }

    template <typename Value, std::size_t N>
    Value word(const std::string& key, const Word<Value> (&words)[N])
    {
        const std::string found = text(key);
        std::string choices;
        for (const auto& word : words) {
            if (found == word.text)
                return word.value;
            choices += (choices.empty() ? "" : ", ") + std::string(word.text);
        }
        wrong(key, "one of " + choices, found);
    }

    template <typename Parse>
    auto parsed(const std::string& key, Parse parse)
    {
        const std::string found = text(key);
        try {
            return parse(found);
        } catch (const Error& error) {
            wrong(key, error.what(), found);
        }
    }

    std::vector<std::string> ids(const std::string& key, std::size_t atLeast)
    {
        const std::string expected = std::to_string(atLeast) + " to 8 model ids";
        const Json& value = need(key, expected);
        const bool fits = value.is_array() && value.size() >= atLeast && value.size() <= 8;
        std::vector<std::string> ids;
        for (const Json& id : value.is_array() ? value : Json::array()) {
            if (!id.is_string() || id.get_ref<const std::string&>().empty())
                wrong(key, "model ids", value);
            ids.push_back(id.get<std::string>());
        }
        if (!fits)
            wrong(key, expected, value);
        return ids;
    }

    Reader object(const std::string& key) { return { need(key, "an object"), m_place, key }; }

private:
    QString m_place;
};

QJsonArray idArray(const std::vector<std::string>& ids)
{
    QJsonArray array;
    for (const std::string& id : ids)
        array.append(QString::fromStdString(id));
    return array;
}

/// 299x299 is what a pair without the key is compared at.
std::optional<PictureSize> pairSizeIn(Reader& root, bool hasPair)
{
    const std::string text = root.text("pairSize");
    const auto size = findPictureSize(text);
    if (!size || !hasPair) {
        root.wrong("pairSize",
            hasPair ? "WxH, sides of 1..16384 and at most 100 megapixels"
                    : "no such key without a pair",
            text);
    }
    return *size == PictureSize() ? std::nullopt : size;
}

const char* sessionKey(const AttackField& field)
{
    return field.sessionKey != nullptr ? field.sessionKey : field.key;
}

/// What a session says of a series' arrays.
NpyReading arraysIn(Reader& root, bool hasPair)
{
    NpyReading arrays;
    if (root.has("pairRange"))
        arrays.range = root.parsed("pairRange", parseNpyRange);
    if (root.has("pairLayout"))
        arrays.layout = root.parsed("pairLayout", parseNpyLayout);
    if (!hasPair && !(arrays == NpyReading()))
        root.wrong(arrays.range ? "pairRange" : "pairLayout", "no such key without a pair",
            arrays.range ? toString(*arrays.range) : toString(*arrays.layout));
    return arrays;
}

FieldValue readField(Reader& attack, const AttackField& field)
{
    const std::string key = sessionKey(field);
    switch (field.kind) {
    case FieldKind::Whole:
        return std::int64_t(attack.integer(key, field.low, field.high));
    case FieldKind::Number:
        return attack.numberIn(key, field.low, field.high);
    case FieldKind::Flag:
        return attack.flag(key);
    case FieldKind::Defense:
        return attack.parsed(key, [](const std::string& text) {
            static_cast<void>(parseDefense(text));
            return FieldValue(text);
        });
    case FieldKind::Choice:
        return attack.parsed(key, [&field](const std::string& text) { return field.parse(text); });
    case FieldKind::Label: { // 0 may stand in a file: whoever attacks is told
        const Json* label = attack.find(key);
        return label != nullptr && label->is_null()
            ? FieldValue()
            : std::int64_t(attack.integer(key, 0, kLabelCount - 1));
    }
    case FieldKind::Ids:
        return attack.ids(key, static_cast<int>(field.low));
    case FieldKind::Seed:
        return static_cast<std::uint64_t>(attack.integer(key, 0, static_cast<double>(kMostSeed)));
    }
    return {};
}

QJsonValue jsonOf(const FieldValue& value)
{
    return std::visit(
        [](const auto& held) -> QJsonValue {
            using T = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<T, std::monostate>)
                return QJsonValue::Null;
            else if constexpr (std::is_same_v<T, std::string>)
                return fromStd(held);
            else if constexpr (std::is_same_v<T, std::vector<std::string>>)
                return idArray(held);
            else if constexpr (std::is_same_v<T, bool>)
                return held;
            else if constexpr (std::is_same_v<T, std::int64_t>)
                return static_cast<qint64>(held);
            else
                return static_cast<double>(held);
        },
        value);
}

void readAttack(Reader attack, ExplorerState& state)
{
    state.attack = defaultRequest(attack.parsed("method", parseMethod));
    for (const AttackField& field : attackFields())
        if (field.sessionKey != nullptr || attack.has(field.key))
            field.set(state.attack, readField(attack, field));
    state.attack.compute.numerics = attack.parsed("numerics", parseNumerics);
    state.attack.compute.threads = static_cast<int>(attack.integer("threads", 0, kMostThreads));
    state.attack.compute.device = attack.parsed("device", parseDevice);
    attack.refuseOthers();
}

void readDefense(Reader defense, ExplorerState& state)
{
    state.defense = defense.parsed("stages", parseDefense);
    state.sweepSizes.from = static_cast<int>(defense.integer("sweepFrom", 1, kImageSide));
    state.sweepSizes.to =
        static_cast<int>(defense.integer("sweepTo", state.sweepSizes.from, kImageSide));
    state.sweepSizes.step = static_cast<int>(defense.integer("sweepStep", 1, 100));
    state.showDefended = defense.flag("pane");
    state.compared = defense.word("compared", kPairs);
    defense.refuseOthers();
}

void readView(Reader view, ExplorerState& state)
{
    state.subStep = static_cast<int>(view.integer("subStep", -1, 8000));
    state.perturbation = view.word("perturbation", kPerturbations);
    state.gain = static_cast<int>(view.integer("gain", 1, 255));
    state.compare = view.string("compare");
    if (!compareWords().contains(state.compare)) {
        view.wrong("compare", "one of " + compareWords().join(QStringLiteral(", ")).toStdString(),
            state.compare.toStdString());
    }
    state.showFloat = view.flag("floatImage");
    state.theme = view.word("theme", kThemes);
    view.refuseOthers();
}

} // namespace

QByteArray sessionJson(const ExplorerState& state, const QString& folder)
{
    QJsonObject attack;
    const AttackRequest usual = defaultRequest(state.attack.method);
    for (const AttackField& field : attackFields()) {
        const FieldValue value = field.valueOf(state.attack);
        if (field.sessionKey != nullptr || value != field.valueOf(usual))
            attack[QLatin1String(sessionKey(field))] = jsonOf(value);
    }
    attack["numerics"] = fromStd(toString(state.attack.compute.numerics));
    attack["threads"] = state.attack.compute.threads;
    attack["device"] = fromStd(toString(state.attack.compute.device));

    QJsonObject defense;
    defense["stages"] = fromStd(defenseText(state.defense));
    defense["sweepFrom"] = state.sweepSizes.from;
    defense["sweepTo"] = state.sweepSizes.to;
    defense["sweepStep"] = state.sweepSizes.step;
    defense["pane"] = state.showDefended;
    defense["compared"] = wordOf(kPairs, state.compared);

    QJsonObject view;
    view["subStep"] = state.subStep;
    view["perturbation"] = wordOf(kPerturbations, state.perturbation);
    view["gain"] = state.gain;
    view["compare"] = state.compare;
    view["floatImage"] = state.showFloat;
    view["theme"] = wordOf(kThemes, state.theme);

    QJsonObject label;
    label["choice"] = wordOf(kLabelChoices, state.labelChoice);
    label["label"] = state.userLabel;

    QJsonObject root;
    root["format"] = QString::fromLatin1(kFormat);
    root["version"] = kVersion;
    root["photo"] = storedPath(state.photo, folder);
    root["pair"] = storedPath(state.pair, folder);
    if (state.pairSize) // files without it are what they always were
        root["pairSize"] = fromStd(toString(*state.pairSize));
    if (state.pairArrays.range)
        root["pairRange"] = fromStd(toString(*state.pairArrays.range));
    if (state.pairArrays.layout)
        root["pairLayout"] = fromStd(toString(*state.pairArrays.layout));
    root["crop"] = wordOf(kCrops, state.crop);
    if (state.colour != ColourRule::Ignore)
        root["colour"] = wordOf(kColours, state.colour);
    root["labelsCsv"] = storedPath(state.labelsCsv, folder);
    if (state.labelBase) // files without it are what they always were
        root["labelBase"] = *state.labelBase;
    root["trueLabel"] = label;
    root["attack"] = attack;
    root["defense"] = defense;
    root["view"] = view;
    const QByteArray text = QJsonDocument(root).toJson(QJsonDocument::Indented);
    return QByteArray::fromStdString(
        jsonForReaders({ text.constData(), std::size_t(text.size()) }));
}

ExplorerState parseSession(const QByteArray& text, const QString& path)
{
    const Json document =
        parseJson(std::string_view(text.constData(), static_cast<std::size_t>(text.size())),
            path.toStdString(), kSessionJson);
    Reader root(document, path);
    const Json& format = root.need("format", kFormat);
    if (format != kFormat)
        root.wrong("format", kFormat, format);
    root.integer("version", kVersion, kVersion);

    ExplorerState state;
    state.photo = root.path("photo");
    state.pair = root.path("pair");
    if (root.has("pairSize"))
        state.pairSize = pairSizeIn(root, !state.pair.isEmpty());
    state.pairArrays = arraysIn(root, !state.pair.isEmpty());
    state.crop = root.word("crop", kCrops);
    if (root.has("colour"))
        state.colour = root.word("colour", kColours);
    state.labelsCsv = root.path("labelsCsv");
    if (root.has("labelBase"))
        state.labelBase = static_cast<int>(root.integer("labelBase", 0, 1));
    Reader label = root.object("trueLabel");
    state.labelChoice = label.word("choice", kLabelChoices);
    state.userLabel = static_cast<int>(label.integer("label", 0, kLabelCount - 1));
    label.refuseOthers();
    readAttack(root.object("attack"), state);
    if (root.has("defense")) // files of version 1 before the Defense tab do not have it
        readDefense(root.object("defense"), state);
    readView(root.object("view"), state);
    root.refuseOthers();
    return state;
}

ExplorerState readSession(const QString& path)
{
    const QFileInfo info(path);
    if (!info.exists())
        throw Error(ErrorKind::BadInput, "no such session file", path.toStdString());
    if (!info.isFile() || info.size() > kMaxSessionBytes) {
        throw Error(ErrorKind::BadInput, "not a session file", path.toStdString(),
            "a file of at most 1 MB",
            info.isFile() ? std::to_string(info.size()) + " bytes" : "no file");
    }
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        throw Error(ErrorKind::BadInput, "cannot read a session file", path.toStdString(), "",
            file.errorString().toStdString());
    }
    return parseSession(file.read(kMaxSessionBytes), path);
}

void writeSession(const ExplorerState& state, const QString& path)
{
    const QByteArray text = sessionJson(state, QFileInfo(path).absolutePath());
    writeFileAtomically(path.toStdString(),
        std::string_view(text.constData(), static_cast<std::size_t>(text.size())));
}

} // namespace crossiter::ui
