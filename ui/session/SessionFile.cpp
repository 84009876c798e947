// The session file: ExplorerState as JSON, read strictly (docs/session-files.md).
#include "core/attack/AttackFields.h"
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/base/JsonKinds.h"
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
#include <set>
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
    for (const auto& word : words) {
        if (word.value == value) {
            return QString::fromLatin1(word.text);
        }
    }
    return QString::fromLatin1(words[0].text);
}

QString storedPath(const QString& path, const QString& folder)
{
    if (path.isEmpty()) {
        return path;
    }
    const QString relative = QDir(folder).relativeFilePath(path);
    return relative.startsWith(QLatin1String("..")) ? path : relative;
}

/// One object of the file: every read names the key in its error, and what nobody asked for is one.
class Reader
{
public:
    Reader(QJsonObject object, QString place)
        : m_object(std::move(object))
        , m_place(std::move(place))
    {
    }

    [[noreturn]] void fail(
        const QString& key, const QString& expected, const QJsonValue& found) const
    {
        QString text =
            QString::fromUtf8(QJsonDocument(QJsonArray { found }).toJson(QJsonDocument::Compact));
        text = found.isUndefined() ? QStringLiteral("nothing") : text.mid(1, text.size() - 2);
        throw Error(ErrorKind::BadInput, "unusable session file",
            (m_place + QStringLiteral(", key ") + key).toStdString(), expected.toStdString(),
            text.left(60).toStdString());
    }

    QJsonValue take(const QString& key)
    {
        m_seen.insert(key);
        return m_object.value(key);
    }

    QString text(const QString& key)
    {
        const QJsonValue value = take(key);
        if (!value.isString()) {
            fail(key, QStringLiteral("a text"), value);
        }
        return value.toString();
    }

    double number(const QString& key, double low, double high)
    {
        const QJsonValue value = take(key);
        const double number = value.toDouble(std::nan(""));
        if (!(number >= low && number <= high)) { // written so that NaN fails
            fail(key, QStringLiteral("a number %1..%2").arg(low).arg(high, 0, 'g', 17), value);
        }
        return number;
    }

    qint64 integer(const QString& key, double low, double high)
    {
        const double value = number(key, low, high);
        const QJsonValue stored = m_object.value(key);
        // Whole numbers are kept as such: beyond 2^53 a double would round one into the range.
        const bool rounded = stored.toVariant().typeId() == QMetaType::LongLong
            && stored.toInteger() != static_cast<qint64>(value);
        if (value != std::floor(value) || rounded) {
            fail(key, QStringLiteral("a whole number"), stored);
        }
        return static_cast<qint64>(value);
    }

    template <typename Value, std::size_t N>
    Value word(const QString& key, const Word<Value> (&words)[N])
    {
        const QString found = text(key);
        QStringList choices;
        for (const auto& word : words) {
            if (found == QLatin1String(word.text)) {
                return word.value;
            }
            choices << QString::fromLatin1(word.text);
        }
        fail(key, QStringLiteral("one of ") + choices.join(QStringLiteral(", ")), found);
    }

    template <typename Parse>
    auto parsed(const QString& key, Parse parse)
    {
        const QString found = text(key);
        try {
            return parse(found.toStdString());
        } catch (const Error& error) {
            fail(key, QString::fromUtf8(error.what()), found);
        }
    }

    std::vector<std::string> ids(const QString& key, int atLeast)
    {
        const QJsonValue value = take(key);
        std::vector<std::string> ids;
        const QJsonArray array = value.toArray();
        const bool fits = value.isArray() && array.size() >= atLeast && array.size() <= 8;
        for (const QJsonValue id : array) {
            if (!id.isString() || id.toString().isEmpty()) {
                fail(key, QStringLiteral("model ids"), value);
            }
            ids.push_back(id.toString().toStdString());
        }
        if (!fits) {
            fail(key, QStringLiteral("%1 to 8 model ids").arg(atLeast), value);
        }
        return ids;
    }

    bool truth(const QString& key)
    {
        const QJsonValue value = take(key);
        if (!value.isBool()) {
            fail(key, QStringLiteral("true or false"), value);
        }
        return value.toBool();
    }

    [[nodiscard]] bool has(const QString& key) const { return m_object.contains(key); }

    Reader object(const QString& key)
    {
        const QJsonValue value = take(key);
        if (!value.isObject()) {
            fail(key, QStringLiteral("an object"), value);
        }
        return { value.toObject(), m_place + QStringLiteral(", key ") + key };
    }

    void done() const
    {
        for (const QString& key : m_object.keys()) {
            if (m_seen.count(key) == 0) {
                throw Error(ErrorKind::BadInput, "unknown key in a session file",
                    m_place.toStdString(), "", key.toStdString());
            }
        }
    }

private:
    QJsonObject m_object;
    QString m_place;
    std::set<QString> m_seen;
};

QJsonArray idArray(const std::vector<std::string>& ids)
{
    QJsonArray array;
    for (const std::string& id : ids) {
        array.append(QString::fromStdString(id));
    }
    return array;
}

QString fromStd(const std::string& text)
{
    return QString::fromStdString(text);
}

/// 299x299 is what a pair without the key is compared at.
std::optional<PictureSize> pairSizeIn(Reader& root, bool hasPair)
{
    const QString text = root.text("pairSize");
    const auto size = findPictureSize(text.toStdString());
    if (!size || !hasPair) {
        root.fail("pairSize",
            hasPair ? QStringLiteral("WxH, sides of 1..16384 and at most 100 megapixels")
                    : QStringLiteral("no such key without a pair"),
            text);
    }
    return *size == PictureSize() ? std::nullopt : size;
}

FieldValue readField(Reader& attack, const AttackField& field)
{
    const QString key = QString::fromLatin1(field.sessionKey);
    switch (field.kind) {
    case FieldKind::Whole:
        return std::int64_t(attack.integer(key, field.low, field.high));
    case FieldKind::Number:
        return attack.number(key, field.low, field.high);
    case FieldKind::Flag:
        return attack.truth(key);
    case FieldKind::Choice:
    case FieldKind::Defense:
        return attack.parsed(key, [&field](const std::string& text) { return field.parse(text); });
    case FieldKind::Label: // 0 may stand in a file: whoever attacks is told
        return attack.take(key).isNull() ? FieldValue()
                                         : std::int64_t(attack.integer(key, 0, kLabelCount - 1));
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
            if constexpr (std::is_same_v<T, std::monostate>) {
                return QJsonValue::Null;
            } else if constexpr (std::is_same_v<T, std::string>) {
                return fromStd(held);
            } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
                return idArray(held);
            } else if constexpr (std::is_same_v<T, bool>) {
                return held;
            } else if constexpr (std::is_same_v<T, std::int64_t>) {
                return static_cast<qint64>(held);
            } else {
                return static_cast<double>(held);
            }
        },
        value);
}

void readAttack(Reader attack, ExplorerState& state)
{
    AttackRequest settings;
    for (const AttackField& field : attackFields()) {
        if (field.sessionKey != nullptr) {
            field.set(settings, readField(attack, field));
        }
    }
    state.takeSettings(settings);
    state.extraJudges = attack.ids("judges", 0);
    state.seed = static_cast<quint64>(attack.integer("seed", 0, static_cast<double>(kMostSeed)));
    state.numerics = attack.parsed("numerics", parseNumerics);
    state.threads = static_cast<int>(attack.integer("threads", 0, 4096));
    state.device = toString(attack.parsed("device", parseDevice));
    attack.done();
}

void readDefense(Reader defense, ExplorerState& state)
{
    state.defense = defense.parsed("stages", parseDefense);
    state.sweepSizes.from = static_cast<int>(defense.integer("sweepFrom", 1, kImageSide));
    state.sweepSizes.to =
        static_cast<int>(defense.integer("sweepTo", state.sweepSizes.from, kImageSide));
    state.sweepSizes.step = static_cast<int>(defense.integer("sweepStep", 1, 100));
    state.showDefended = defense.truth("pane");
    state.compared = defense.word("compared", kPairs);
    defense.done();
}

void readView(Reader view, ExplorerState& state)
{
    state.subStep = static_cast<int>(view.integer("subStep", -1, 8000));
    state.perturbation = view.word("perturbation", kPerturbations);
    state.gain = static_cast<int>(view.integer("gain", 1, 255));
    state.compare = view.text("compare");
    if (!compareWords().contains(state.compare)) {
        view.fail("compare", QStringLiteral("one of ") + compareWords().join(QStringLiteral(", ")),
            state.compare);
    }
    state.showFloat = view.truth("floatImage");
    state.theme = view.word("theme", kThemes);
    view.done();
}

} // namespace

QByteArray sessionJson(const ExplorerState& state, const QString& folder)
{
    QJsonObject attack;
    const AttackRequest settings = state.settings();
    for (const AttackField& field : attackFields()) {
        if (field.sessionKey != nullptr) {
            attack[QLatin1String(field.sessionKey)] = jsonOf(field.valueOf(settings));
        }
    }
    attack["judges"] = idArray(state.extraJudges);
    attack["seed"] = static_cast<double>(state.seed);
    attack["numerics"] = fromStd(toString(state.numerics));
    attack["threads"] = state.threads;
    attack["device"] = fromStd(state.device);

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
    if (state.pairSize) { // files without it are what they always were
        root["pairSize"] = fromStd(toString(*state.pairSize));
    }
    root["crop"] = wordOf(kCrops, state.crop);
    root["labelsCsv"] = storedPath(state.labelsCsv, folder);
    root["trueLabel"] = label;
    root["attack"] = attack;
    root["defense"] = defense;
    root["view"] = view;
    return QJsonDocument(root).toJson(QJsonDocument::Indented);
}

ExplorerState parseSession(const QByteArray& text, const QString& path)
{
    checkJson(std::string_view(text.constData(), static_cast<std::size_t>(text.size())),
        path.toStdString(), kSessionJson);
    const QJsonDocument document = QJsonDocument::fromJson(text);
    if (!document.isObject()) {
        throw Error(ErrorKind::BadInput, kSessionJson.fault, path.toStdString(), "a JSON object",
            "another value");
    }
    Reader root(document.object(), path);
    const QJsonValue format = root.take("format");
    if (format.toString() != QLatin1String(kFormat)) {
        root.fail("format", QString::fromLatin1(kFormat), format);
    }
    root.integer("version", kVersion, kVersion);

    ExplorerState state;
    const QDir folder = QFileInfo(path).absoluteDir();
    const auto absolute = [&folder](const QString& stored) {
        return stored.isEmpty() ? stored : QDir::cleanPath(folder.absoluteFilePath(stored));
    };
    state.photo = absolute(root.text("photo"));
    state.pair = absolute(root.text("pair"));
    if (root.has("pairSize")) {
        state.pairSize = pairSizeIn(root, !state.pair.isEmpty());
    }
    state.crop = root.word("crop", kCrops);
    state.labelsCsv = absolute(root.text("labelsCsv"));
    Reader label = root.object("trueLabel");
    state.labelChoice = label.word("choice", kLabelChoices);
    state.userLabel = static_cast<int>(label.integer("label", 0, kLabelCount - 1));
    label.done();
    readAttack(root.object("attack"), state);
    if (root.has("defense")) { // files of version 1 before the Defense tab do not have it
        readDefense(root.object("defense"), state);
    }
    readView(root.object("view"), state);
    root.done();
    return state;
}

ExplorerState readSession(const QString& path)
{
    const QFileInfo info(path);
    if (!info.exists()) {
        throw Error(ErrorKind::BadInput, "no such session file", path.toStdString());
    }
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
