// The state, its session files, and the item models of the window's panels.
#include "core/attack/AttackFields.h"
#include "core/base/Error.h"
#include "core/classify/Labels.h"
#include "ui/session/ExplorerState.h"
#include "ui/viewmodels/LabelListModel.h"
#include "ui/viewmodels/ModelListModel.h"

#include <QAbstractItemModelTester>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "tests/ui/FieldValues.h"

using namespace crossiter;
using namespace crossiter::ui;
using crossiter::test::otherValue;

namespace {

ExplorerState fullState(const QString& folder)
{
    ExplorerState state = withMethod(defaultState(), Method::CrossIterativeTarget);
    state.photo = folder + "/photos/a photo.png";
    state.crop = CropRule::CentreCrop;
    state.colour = ColourRule::Srgb;
    state.labelsCsv = "/elsewhere/labels.csv";
    state.labelChoice = LabelChoice::User;
    state.userLabel = 252;
    state.attack.sources = { "efficientnet-lite0", "efficientnet-lite2", "efficientnet-lite1" };
    state.attack.judges = {};
    state.attack.target = 101;
    state.attack.epsilon255 = 12;
    state.attack.rounds = 1000;
    state.attack.stepPx = 0.3;
    state.attack.save = SaveRule::LegacyStretch;
    state.attack.seed = 9007199254740992ULL;
    state.attack.compute.numerics = Numerics::Exact;
    state.attack.compute.threads = 2;
    state.attack.compute.device = parseDevice("cuda:1");
    state.defense = withFirstSize(withSize(state.defense, 100), 250);
    state.defense.dropout = true;
    state.sweepSizes = { 1, 298, 3 };
    state.showDefended = false;
    state.compared = ComparedPair::AdversarialDefended;
    state.subStep = 7;
    state.perturbation = PerturbationMode::EpsilonNormalised;
    state.gain = 255;
    state.compare = "swipe";
    state.showFloat = true;
    state.theme = ThemeKind::Dark;
    return state;
}

} // namespace

class tst_SessionState : public QObject
{
    Q_OBJECT

private slots:
    void roundTrip();
    void pathsMoveWithTheFolder();
    void damagedFiles_data();
    void damagedFiles();
    void everyMissingKeyIsNamed();
    void everyTruncationIsAnError();
    void methodsBringTheirDefaults();
    void stepFollowsEpsilon();
    void everyRowOfASessionComesBack();
    void labelModel();
    void labelTexts();
    void modelModel();
    void shortNames();
};

void tst_SessionState::roundTrip()
{
    QTemporaryDir folder;
    for (const ExplorerState& state : { defaultState(), fullState(folder.path()) }) {
        const QString path = folder.filePath("x.crossiter.json");
        writeSession(state, path);
        QVERIFY(readSession(path) == state);
    }
}

void tst_SessionState::pathsMoveWithTheFolder()
{
    const QByteArray text = sessionJson(fullState("/first"), "/first");
    const ExplorerState moved = parseSession(text, "/second/x.json");
    QCOMPARE(moved.photo, QString("/second/photos/a photo.png"));
    QCOMPARE(moved.labelsCsv, QString("/elsewhere/labels.csv")); // was not below: stays absolute
}

void tst_SessionState::damagedFiles_data()
{
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("version") << QByteArray("\"version\": 1") << QByteArray("\"version\": 2")
                             << QByteArray("key version");
    QTest::newRow("format") << QByteArray("crossiter-session") << QByteArray("something")
                            << QByteArray("key format");
    QTest::newRow("method") << QByteArray("cross-iterative-target") << QByteArray("magic")
                            << QByteArray("key method");
    QTest::newRow("epsilon") << QByteArray("\"epsilon\": 12") << QByteArray("\"epsilon\": 256")
                             << QByteArray("key epsilon");
    QTest::newRow("fraction") << QByteArray("\"rounds\": 1000") << QByteArray("\"rounds\": 2.5")
                              << QByteArray("key rounds");
    QTest::newRow("text") << QByteArray(R"("gain": 255)") << QByteArray(R"("gain": "7")")
                          << QByteArray("key gain");
    QTest::newRow("label") << QByteArray("\"label\": 252") << QByteArray("\"label\": 1001")
                           << QByteArray("key label");
    QTest::newRow("device") << QByteArray("cuda:1") << QByteArray("abacus")
                            << QByteArray("key device");
    QTest::newRow("threads") << QByteArray("\"threads\": 2") << QByteArray("\"threads\": 1025")
                             << QByteArray("key threads");
    QTest::newRow("compare") << QByteArray("swipe") << QByteArray("squint")
                             << QByteArray("key compare");
    QTest::newRow("unknown key") << QByteArray("\"gain\": 255")
                                 << QByteArray(R"("gain": 255, "glory": 1)") << QByteArray("glory");
    QTest::newRow("beyond a double")
        << QByteArray("\"step\": 0.3") << QByteArray("\"step\": 1e9999")
        << QByteArray("number out of range");
    QTest::newRow("rounds to 2^53")
        << QByteArray("\"seed\": 9007199254740992") << QByteArray("\"seed\": 9007199254740993")
        << QByteArray("key seed");
    QTest::newRow("key twice") << QByteArray("\"gain\": 255")
                               << QByteArray(R"("gain": 255, "gain": 1)")
                               << QByteArray("key view.gain");
    QTest::newRow("deep") << QByteArray("\"gain\": 255")
                          << "\"gain\": " + QByteArray(100'000, '[') + QByteArray(100'000, ']')
                          << QByteArray("at most 64 levels");
    QTest::newRow("NUL") << QByteArray("\"gain\": 255") << QByteArray("\"gain\":\0 255", 12)
                         << QByteArray("NUL");
    QTest::newRow("huge step") << QByteArray("\"step\": 0.3") << QByteArray("\"step\": 1e300")
                               << QByteArray("key step");
}

void tst_SessionState::damagedFiles()
{
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    QFETCH(QByteArray, says);
    QByteArray text = sessionJson(fullState("/x"), "/x");
    QVERIFY(text.contains(from));
    text.replace(from, to);
    try {
        static_cast<void>(parseSession(text, "/x/s.json"));
        QFAIL("a damaged session was read");
    } catch (const Error& error) {
        const QByteArray what(error.what());
        QVERIFY2(what.contains(says) && what.contains("/x/s.json") && !what.contains('\n'),
            what.constData());
        QCOMPARE(error.kind(), ErrorKind::BadInput);
    }
}

void tst_SessionState::everyMissingKeyIsNamed()
{
    const QByteArray text = sessionJson(fullState("/x"), "/x");
    const QJsonObject whole = QJsonDocument::fromJson(text).object();
    int checked = 0;
    const auto mustFail = [&](const QJsonObject& object, const QString& key) {
        try {
            static_cast<void>(parseSession(QJsonDocument(object).toJson(), "s.json"));
            QFAIL(qPrintable("read without " + key));
        } catch (const Error& error) {
            QVERIFY2(QByteArray(error.what()).contains(key.toUtf8()), error.what());
            ++checked;
        }
    };
    for (const QString& key : whole.keys()) {
        QJsonObject less = whole;
        less.remove(key);
        // Files from before the Defense tab and the colours have none.
        if (key != QLatin1String("defense") && key != QLatin1String("colour"))
            mustFail(less, key);
        const QJsonObject inner = whole[key].toObject();
        for (const QString& innerKey : inner.keys()) {
            QJsonObject lessInner = inner;
            lessInner.remove(innerKey);
            QJsonObject other = whole;
            other[key] = lessInner;
            mustFail(other, innerKey);
        }
    }
    QVERIFY(checked > 25);
}

void tst_SessionState::everyTruncationIsAnError()
{
    const QByteArray text = sessionJson(fullState("/x"), "/x").trimmed();
    for (qsizetype length = 0; length < text.size(); ++length) {
        QVERIFY_EXCEPTION_THROWN(
            static_cast<void>(parseSession(text.left(length), "s.json")), Error);
    }
    for (const char* key : { "photo", "pair", "labelsCsv" }) {
        QJsonObject root = QJsonDocument::fromJson(text).object();
        root[QLatin1String(key)] = QString(70'000, 'y');
        try {
            static_cast<void>(parseSession(QJsonDocument(root).toJson(), "s.json"));
            QFAIL(key);
        } catch (const Error& error) {
            QCOMPARE(error.place(), std::string("s.json, key ") + key);
        }
    }
    QTemporaryDir folder;
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(readSession(folder.path())), Error);
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(readSession(folder.filePath("none.json"))), Error);
    QFile large(folder.filePath("large.json"));
    QVERIFY(large.open(QIODevice::WriteOnly));
    QVERIFY(large.resize(2 << 20));
    large.close();
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(readSession(large.fileName())), Error);
}

void tst_SessionState::methodsBringTheirDefaults()
{
    const ExplorerState bim = withMethod(defaultState(), Method::Bim);
    QCOMPARE(bim.attack.rounds, 10);
    QVERIFY(bim.attack.projection == Projection::Ball);
    QVERIFY(bim.attack.labelRule == LabelRule::OwnClean);
    QCOMPARE(bim.attack.sources, defaultState().attack.sources);
    const ExplorerState target = withMethod(bim, Method::CrossIterativeTarget);
    QCOMPARE(target.attack.rounds, 20);
    QCOMPARE(target.attack.stepPx, 1.0);
    QVERIFY(target.attack.save == SaveRule::Round);
    QVERIFY(!whyNot(target.request({})).isEmpty()); // no target yet
}

void tst_SessionState::stepFollowsEpsilon()
{
    QCOMPARE(withEpsilon(withMethod(defaultState(), Method::Fgsm), 8).attack.stepPx, 8.0);
    QCOMPARE(withEpsilon(defaultState(), 8).attack.stepPx, kSeedStepPx);
}

void tst_SessionState::everyRowOfASessionComesBack()
{
    const ExplorerState full = fullState("/x");
    for (const AttackField& field : attackFields()) {
        ExplorerState state = full;
        field.set(state.attack, otherValue(field, field.valueOf(full.attack)));
        QVERIFY2(!(state == full), field.key);
        const QByteArray text = sessionJson(state, "/x");
        QVERIFY2(parseSession(text, "/x/s.json") == state, field.key);
        // Options that came later are only in the files that need them.
        const QJsonObject attack = QJsonDocument::fromJson(text).object()["attack"].toObject();
        QCOMPARE(attack.size(), field.sessionKey != nullptr ? 14 : 15);
    }
    // Core names options by their keys, the window by its own words.
    AttackRequest wrong = full.attack;
    wrong.rounds = 1001;
    QVERIFY(whyNot(wrong).contains(QStringLiteral(", Rounds: expected 0..1000, found 1001")));
}

void tst_SessionState::labelModel()
{
    LabelListModel model;
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    QCOMPARE(model.rowCount(), kLabelCount);
    QCOMPARE(model.index(252).data().toString(), QString("252 Dalmatian"));
}

void tst_SessionState::labelTexts()
{
    for (int label = 0; label < kLabelCount; ++label)
        QCOMPARE(LabelListModel::labelOf(LabelListModel::textOf(label)), label);
    QCOMPARE(LabelListModel::labelOf(" dalmatian "), 252);
    QCOMPARE(LabelListModel::labelOf("252"), 252);
    QCOMPARE(LabelListModel::labelOf("251 Dalmatian"), -1); // number and name disagree
    QCOMPARE(LabelListModel::labelOf("1001"), -1);
    QCOMPARE(LabelListModel::labelOf(""), -1);
}

void tst_SessionState::modelModel()
{
    std::vector<StoredModel> known(3);
    for (int i = 0; i < 3; ++i) {
        known[static_cast<std::size_t>(i)].manifest.id = "m" + std::to_string(i);
        known[static_cast<std::size_t>(i)].manifest.name = "Model-" + std::to_string(i);
    }
    known[1].weights = "somewhere";
    known[1].manifest.robust = true;
    ModelListModel model;
    const QAbstractItemModelTester tester(
        &model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setModels(known, { "m0", "m1", "unknown" }, true);
    QCOMPARE(model.index(1).data().toString(), QString("Robust: Model-1"));
    QVERIFY(model.index(0).data().toString().contains("not installed"));
    QVERIFY(!model.index(0).data().toString().contains("Robust"));
    model.append(known[2]);
    QVERIFY(model.moveRow(3, -1));
    QVERIFY(!model.moveRow(0, -1));
    QVERIFY(!model.moveRow(3, 1));
    QCOMPARE(model.ids(), (std::vector<std::string> { "m0", "m1", "m2", "unknown" }));
    QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
    QVERIFY(model.setData(model.index(2), Qt::Checked, Qt::CheckStateRole));
    QCOMPARE(changed.size(), 1);
    QCOMPARE(model.checkedIds(), (std::vector<std::string> { "m2" }));
    model.removeAt(2);
    model.removeAt(17);
    QCOMPARE(model.rowCount(), 3);
}

void tst_SessionState::shortNames()
{
    const QStringList names { "EfficientNet-Lite1", "EfficientNet-Lite0" };
    QCOMPARE(shortModelName(names[0], names), QString("Lite1"));
    QCOMPARE(shortModelName(names[0], { names[0], "Inception v3" }), names[0]);
}

QTEST_GUILESS_MAIN(tst_SessionState)
#include "tst_SessionState.moc"
