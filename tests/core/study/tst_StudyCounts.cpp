// From records to cells, comparisons, verdicts and files, on records made by hand.

#include "core/attack/AttackTrace.h"
#include "core/base/Error.h"
#include "core/report/StudyExport.h"
#include "core/study/NumericsStudy.h"
#include "core/study/StudyCounts.h"
#include "core/study/StudyRecords.h"

#include <QtTest/QtTest>

#include <nlohmann/json.hpp>

using namespace crossiter;

namespace {

constexpr int kTrue = 5;
constexpr int kWrong = 9;

StudyRequest requestOf(int rounds, std::vector<LabelRule> rules, bool ball)
{
    StudyRequest request = defaultStudy();
    request.rules = std::move(rules);
    request.projections = ball ? std::vector { Projection::None, Projection::Ball }
                               : std::vector { Projection::None };
    request.attack.sources = { "a", "b" };
    request.attack.judges = { "a", "b", "c" };
    request.attack.rounds = rounds;
    return request;
}

/// Labels from a text: t = the true one, w = a wrong one.
std::vector<int> labels(const char* text)
{
    std::vector<int> out;
    for (; *text != '\0'; ++text)
        out.push_back(*text == 't' ? kTrue : kWrong);
    return out;
}

StudyTrack track(const char* attacked, const char* a, const char* b, const char* c)
{
    StudyTrack out;
    out.attacked = labels(attacked);
    out.top1 = { labels(a), labels(b), labels(c) };
    for (std::size_t i = 0; i <= out.attacked.size(); ++i)
        out.driftPx.push_back(6.375 * static_cast<double>(i));
    return out;
}

/// A photo whose judges are all right or wrong alike: by round, 't' or 'w' (both sub-steps).
StudyTrack uniform(const std::string& byRound, char attacked = 't')
{
    std::string top1(1, byRound.front());
    for (const char c : byRound.substr(1))
        top1 += std::string(2, c);
    const std::string steps(top1.size() - 1, attacked);
    return track(steps.c_str(), top1.c_str(), top1.c_str(), top1.c_str());
}

const StudyVerdict& verdict(const std::vector<StudyVerdict>& all, const char* id)
{
    return *std::find_if(
        all.begin(), all.end(), [id](const StudyVerdict& one) { return one.id == id; });
}

StudyPhoto photo(std::size_t index)
{
    return { "photo" + std::to_string(index) + ".png", kTrue, "00" };
}

Provenance provenance()
{
    Provenance made;
    made.version = "test";
    return made;
}

} // namespace

class tst_StudyCounts : public QObject
{
    Q_OBJECT

private slots:
    void cellsFollowTheDefinitions()
    {
        StudyCounts counts(requestOf(2, { LabelRule::OwnRefreshed }, false));
        // attacked, then the judges' top-1 after sub-steps 0..4
        counts.add({ 0, {}, { track("ttww", "twwtt", "ttttt", "wwwww") }, {} }, photo(0));
        counts.add({ 1, {}, { track("tttt", "twttw", "twwww", "twtwt") }, {} }, photo(1));
        counts.add({ 2, {}, { track("wwww", "wwtww", "wtwtw", "ttttt") }, {} }, photo(2));
        counts.add({ 3, "cannot be read", {}, {} }, photo(3));
        QCOMPARE(counts.done(), std::size_t(3));
        QCOMPARE(counts.rightOnAllSources(), std::size_t(2)); // photo 2 is wrong on both
        const StudyCurve curve = counts.curve(0);
        const auto& a = curve.cells[0];
        const auto& c = curve.cells[2];
        // a, after round 0, 1, 2: ttw; wtt (photo 1 returns at sub-step 2); tww
        QCOMPARE(a[0].right.hits, std::size_t(2));
        QCOMPARE(a[1].right.hits, std::size_t(2));
        QCOMPARE(a[2].right.hits, std::size_t(1));
        QCOMPARE(a[2].score, std::size_t(2));
        QCOMPARE(a[1].rightOfClean.hits, std::size_t(1));
        QCOMPARE(a[1].rightOfClean.total, std::size_t(2));
        QCOMPARE(a[1].lost.hits, std::size_t(2));
        QCOMPARE(a[2].lost.hits, std::size_t(3)); // photo 2 held it at sub-step 2 only
        QCOMPARE(a[1].returned.hits, std::size_t(1));
        QCOMPARE(a[2].returned.hits, std::size_t(2));
        QCOMPARE(a[2].returnsNow.hits, std::size_t(1));
        QCOMPARE(a[2].returnedOfClean.hits, std::size_t(2));
        // c: photo 1 returns in both rounds
        QCOMPARE(c[1].returnsNow.hits, std::size_t(1));
        QCOMPARE(c[2].returnsNow.hits, std::size_t(1));
        QCOMPARE(c[2].returned.hits, std::size_t(1));
        // b on photo 2 was wrong when clean: a return all the same, but not of a clean-right photo
        QCOMPARE(curve.cells[1][2].returned.hits, std::size_t(1));
        QCOMPARE(curve.cells[1][2].returnedOfClean.hits, std::size_t(0));
        QCOMPARE(curve.rounds[0].wrongLabel.total, std::size_t(0));
        QCOMPARE(curve.rounds[1].wrongLabel.hits, std::size_t(2));
        QCOMPARE(curve.rounds[2].wrongLabel.hits, std::size_t(4));
        QCOMPARE(curve.rounds[2].wrongLabel.total, std::size_t(6));
        QCOMPARE(curve.rounds[2].wrongLabelOfRight.hits, std::size_t(2));
        QCOMPARE(curve.rounds[2].wrongLabelOfRight.total, std::size_t(4));
        QVERIFY(curve.firstWrong == (std::vector<std::size_t> { 1, 0, 1, 0, 1 }));
        QVERIFY(curve.firstWrongOfRight == (std::vector<std::size_t> { 0, 0, 1, 0, 1 }));
        QCOMPARE(curve.rounds[2].meanDriftPx, 25.5);
        QCOMPARE(bestRound(curve, 0), 2);
        const Discordant pair = counts.betweenRounds(0, 0, 0, 2);
        QCOMPARE(pair.onlyFirst, std::size_t(1)); // photo 1
        QCOMPARE(pair.onlySecond, std::size_t(0));
        const auto [turned, never] = counts.returnsByWrongLabel(0, 0);
        QCOMPARE(turned.hits, std::size_t(1)); // photo 0
        QCOMPARE(turned.total, std::size_t(1));
        QCOMPARE(never.hits, std::size_t(1)); // photo 1
        QCOMPARE(never.total, std::size_t(1));
    }

    void pairsAreOfTheSamePhotos()
    {
        StudyCounts counts(requestOf(1, { LabelRule::OwnRefreshed, LabelRule::True }, true));
        // own none, true none, own ball, true ball
        counts.add({ 0, {}, { uniform("tt"), uniform("tw"), uniform("tt"), uniform("tt") }, {} },
            photo(0));
        counts.add({ 1, {}, { uniform("tt"), uniform("tw"), uniform("tw"), uniform("tt") }, {} },
            photo(1));
        counts.add({ 2, {}, { uniform("tw"), uniform("tt"), uniform("tw"), uniform("tt") }, {} },
            photo(2));
        const Discordant rules = counts.betweenVariants(0, 1, 2, 1);
        QCOMPARE(rules.onlyFirst, std::size_t(2));
        QCOMPARE(rules.onlySecond, std::size_t(1));
        const Discordant projections = counts.betweenVariants(0, 2, 2, 1);
        QCOMPARE(projections.onlyFirst, std::size_t(1));
        QCOMPARE(projections.onlySecond, std::size_t(0));
        bool ruleFound = false;
        for (const StudyComparison& one : comparisonsOf(counts)) {
            if (one.kind == "rule" && one.curveA == 0 && one.curveB == 1 && one.judge == 2) {
                ruleFound = true;
                QCOMPARE(one.onlyA, std::size_t(2));
                QCOMPARE(one.onlyB, std::size_t(1));
                QCOMPARE(one.p, mcNemarExact(2, 1));
            }
        }
        QVERIFY(ruleFound);
        QVERIFY(counts.find({ LabelRule::JointClean, Projection::None, SourceOrder::Given })
            == StudyCounts::kNone);
    }

    void verdictsFollowTheNumbers()
    {
        // 40 photos. Own without projection: lost in rounds 2 and 3, back from round 4 on; its
        // sub-steps turn to a wrong label. With the ball and with true: lost and gone.
        const StudyRequest request =
            requestOf(5, { LabelRule::OwnRefreshed, LabelRule::True }, true);
        StudyCounts story(request);
        StudyCounts opposite(request);
        StudyCounts nothing(request);
        for (std::size_t i = 0; i < 40; ++i) {
            const StudyTrack back = uniform("ttwwtt", 'w');
            StudyTrack later = back;
            later.attacked = labels("ttttwwwwww");
            const StudyTrack gone = uniform("ttwwww");
            story.add({ i, {}, { later, gone, gone, gone }, {} }, photo(i));
            // Still falling at the end; true brings the label back; the ball does not help.
            opposite.add({ i, {}, { uniform("tttttw"), back, back, back }, {} }, photo(i));
            nothing.add({ i, {}, { gone, gone, gone, gone }, {} }, photo(i));
        }
        const auto told = verdictsOf(story);
        for (const char* id : { "H1", "H2", "H3", "H4" }) {
            QCOMPARE(verdict(told, id).finding, std::string("supported"));
            QVERIFY(verdict(told, id).supporting.size() >= 3);
            QVERIFY(verdict(told, id).against.empty());
        }
        const auto other = verdictsOf(opposite);
        QCOMPARE(verdict(other, "H1").finding, std::string("contradicted"));
        QCOMPARE(verdict(other, "H2").finding, std::string("contradicted"));
        QVERIFY(verdict(other, "H3").finding == "mixed"
            || verdict(other, "H3").finding == "contradicted");
        QCOMPARE(verdict(other, "H4").finding, std::string("undecided"));
        for (const char* id : { "H1", "H2", "H3", "H4" })
            QCOMPARE(verdict(verdictsOf(nothing), id).finding, std::string("undecided"));
        // Few photos decide nothing, however they look.
        StudyCounts few(request);
        const StudyTrack gone = uniform("ttwwww");
        few.add({ 0, {}, { uniform("ttwwtt", 'w'), gone, gone, gone }, {} }, photo(0));
        QCOMPARE(verdict(verdictsOf(few), "H1").finding, std::string("undecided"));
        // What was not studied is not judged.
        const StudyCounts narrow(requestOf(2, { LabelRule::True }, false));
        for (const StudyVerdict& one : verdictsOf(narrow))
            QCOMPARE(one.finding, std::string("not asked"));
    }

    void aLeakInTheSenseOfKurakinIsNamed()
    {
        StudyCounts counts(requestOf(1, { LabelRule::OwnRefreshed, LabelRule::True }, false));
        for (std::size_t i = 0; i < 12; ++i)
            counts.add({ i, {}, { uniform("ww"), uniform("wt") }, {} }, photo(i));
        const auto all = verdictsOf(counts);
        const auto& against = verdict(all, "H3").against;
        QVERIFY(std::any_of(against.begin(), against.end(), [](const std::string& text) {
            return text.find("leak in the sense of Kurakin") != std::string::npos;
        }));
    }

    void recordsSurviveTheJournal()
    {
        const StudyRequest request = requestOf(2, { LabelRule::OwnRefreshed }, false);
        StudyRecord record { 3, {}, { track("ttww", "twwtt", "ttttt", "wwwww") }, { 1, 2, 3, 4 } };
        record.tracks[0].driftPx[1] = 0.1 + 0.2; // every bit
        const std::string line = recordLine(record, photo(3));
        QVERIFY(line.find('\n') == std::string::npos);
        QVERIFY(readRecord(line, request, 4, "j") == record);
        const StudyRecord failed { 1, "why", {}, {} };
        QVERIFY(readRecord(recordLine(failed, photo(1)), request, 4, "j") == failed);
        const auto changed = [&](const std::string& from, const std::string& to) {
            std::string text = line;
            const std::size_t at = text.find(from);
            return at == std::string::npos ? line : text.replace(at, from.size(), to);
        };
        for (const std::string& bad :
            { std::string("{"), std::string(100'000, '['), line + std::string(1, '\0'), line + "{}",
                changed("\"photo\":3", "\"photo\":3.0"), changed("\"photo\":3", "\"photo\":-1"),
                changed("\"photo\":3", "\"photo\":18446744073709551615"),
                changed("\"work\":[1", "\"work\":[-1"), changed("\"work\":[1", "\"work\":[1.5"),
                changed("\"attacked\":[", "\"attacked\":[4294967297,"),
                changed("\"drift\":[", "\"drift\":[1e9999,"), std::string("[]"),
                std::string(R"({"photo":9,"error":"x"})"), std::string(R"({"photo":1})"),
                recordLine({ 0, {}, {}, {} }, photo(0)),
                recordLine({ 0, {}, { uniform("tt") }, {} }, photo(0)) })
            QVERIFY_THROWS_EXCEPTION(Error, (void)readRecord(bad, request, 4, "j"));
        const auto complaint = [&](const std::string& from, const std::string& to) {
            try {
                (void)readRecord(changed(from, to), request, 4, "j, line 2");
            } catch (const Error& error) {
                return QString::fromStdString(error.place());
            }
            return QString("nothing");
        };
        QCOMPARE(complaint("\"name\":", "\"other\":"), QString("j, line 2, key name"));
        QCOMPARE(complaint("\"name\":\"", "\"name\":1,\"b\":\""), QString("j, line 2, key name"));
        QCOMPARE(
            complaint("\"true_label\":", "\"true_label\":-"), QString("j, line 2, key true_label"));
        QCOMPARE(complaint("\"true_label\":", "\"label\":"), QString("j, line 2, key true_label"));
        QCOMPARE(
            complaint("\"top1\":[[", "\"top1\":[[1.5,"), QString("j, line 2, key tracks[0].top1"));
    }

    void hiddenCharactersAreEscapedInTheJournal()
    {
        StudyPhoto hidden = photo(1);
        hidden.name = "bi\xE2\x80\xAE"
                      "di.jpg";
        const std::string line = recordLine({ 1, "no\xE2\x80\x8Bpicture", {}, {} }, hidden);
        QVERIFY(line.find('\xE2') == std::string::npos);
        QVERIFY(line.find("bi\\u202edi.jpg") != std::string::npos);
    }

    void theHeaderNamesEverythingThatCounts()
    {
        const StudyRequest request = requestOf(2, { LabelRule::OwnRefreshed }, false);
        const std::vector<StudyPhoto> photos { photo(0), photo(1) };
        const std::string header = studyHeader(request, photos);
        QCOMPARE(studyHeader(request, photos), header);
        StudyRequest other = request;
        other.attack.epsilon255 = 8;
        QVERIFY(studyHeader(other, photos) != header);
        other = request;
        other.attack.compute.numerics = Numerics::Exact;
        QVERIFY(studyHeader(other, photos) != header);
        other = request;
        other.rules.push_back(LabelRule::True);
        QVERIFY(studyHeader(other, photos) != header);
        for (int change = 0; change < 3; ++change) {
            auto changed = photos;
            if (change == 0)
                changed[1].trueLabel = 6;
            else if (change == 1)
                changed[1].sha256 = "11";
            else
                changed.pop_back();
            QVERIFY(studyHeader(request, changed) != header);
        }
    }

    void exportsAreCompleteAndSelfContained()
    {
        StudyCounts counts(requestOf(2, { LabelRule::OwnRefreshed, LabelRule::True }, true));
        for (std::size_t i = 0; i < 5; ++i)
            counts.add(
                { i, {}, { uniform("ttw", 'w'), uniform("tww"), uniform("twt"), uniform("ttt") },
                    {} },
                photo(i));
        StudyResult result;
        result.request = counts.request();
        result.photos = 6;
        result.done = counts.done();
        result.failed = { "<odd> & name.png: why" };
        for (std::size_t v = 0; v < counts.variants().size(); ++v)
            result.curves.push_back(counts.curve(v));
        result.comparisons = comparisonsOf(counts);
        result.verdicts = verdictsOf(counts);
        const std::string csv = studyCsv(result);
        const auto lines = QString::fromStdString(csv).split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 1 + 4 * 3 * 3);
        for (const QString& line : lines)
            QCOMPARE(line.count(','), lines.front().count(','));
        QVERIFY(lines[1].startsWith("own-refreshed,none,given,a,false,0,0,5,5,1,"));
        QVERIFY(csv.find(",c,true,") != std::string::npos);
        const std::string json = studyJson(result, provenance());
        const auto parsed = nlohmann::json::parse(json);
        QCOMPARE(parsed["curves"].size(), std::size_t(4));
        QCOMPARE(parsed["curves"][0]["judges"]["c"][2]["accuracy"]["count"].get<int>(), 0);
        QCOMPARE(parsed["comparisons"].size(), result.comparisons.size());
        QVERIFY(!parsed["request"]["attack"].contains("label"));
        const std::string html = studyHtml(result, provenance());
        QCOMPARE(studyHtml(result, provenance()), html);
        for (const char* outside : { "http:", "https:", " src=", " href=", "@import", "url(" })
            QVERIFY2(html.find(outside) == std::string::npos, outside);
        QVERIFY(html.find("prefers-color-scheme:dark") != std::string::npos);
        QCOMPARE(QString::fromStdString(html).count("<svg"), 3 * 2 * 3 + 2 + 2);
        QCOMPARE(QString::fromStdString(html).count("</svg>"), 3 * 2 * 3 + 2 + 2);
        // Its own data, as it is in study.json.
        const auto from = html.find("id='study'>") + 11;
        const auto to = html.find("</script>", from);
        QVERIFY(nlohmann::json::parse(html.substr(from, to - from)) == parsed);
        QVERIFY(html.find("<odd>") == std::string::npos); // escaped, also in the data
    }

    void hostileNamesStayText()
    {
        StudyCounts counts(requestOf(1, { LabelRule::OwnRefreshed }, false));
        counts.add({ 0, {}, { uniform("tw") }, {} }, photo(0));
        StudyResult result;
        result.request = counts.request();
        result.photos = 2;
        result.done = counts.done();
        // Without the escape the element goes on to the end of the page.
        result.failed = { "<!--<script>\xe2\x80\xae\x1b\n.png: </script><img src=x>" };
        result.curves.push_back(counts.curve(0));
        const std::string html = studyHtml(result, provenance());
        for (const char* raw : { "<!--<script", "<img", "\xe2\x80\xae", "\x1b" })
            QVERIFY2(html.find(raw) == std::string::npos, raw);
        QCOMPARE(QString::fromStdString(html).count("<script"), 1);
        QCOMPARE(QString::fromStdString(html).count("</script"), 1);
        const auto from = html.find("id='study'>") + 11;
        const auto data = nlohmann::json::parse(html.substr(from, html.find("</script>") - from));
        QVERIFY(data == nlohmann::json::parse(studyJson(result, provenance())));
        QCOMPARE(data["failed"][0].get<std::string>(), result.failed[0]);
        QVERIFY(studyJson(result, provenance()).find("\xe2\x80\xae") == std::string::npos);
    }

    void wrongStudiesAreRefused_data()
    {
        QTest::addColumn<int>("which");
        QTest::addColumn<QString>("place");
        QTest::newRow("no rule") << 0 << "--rules";
        QTest::newRow("a rule twice") << 1 << "--rules";
        QTest::newRow("rule target") << 2 << "rules";
        QTest::newRow("no round") << 3 << "--rounds";
        QTest::newRow("a source that does not judge") << 4 << "--judge";
        QTest::newRow("one source reversed") << 5 << "--orders";
        QTest::newRow("epsilon") << 6 << "epsilon";
    }

    void wrongStudiesAreRefused()
    {
        QFETCH(int, which);
        QFETCH(QString, place);
        StudyRequest request = defaultStudy();
        checkStudy(request);
        if (which == 0)
            request.rules.clear();
        else if (which == 1)
            request.rules.push_back(LabelRule::True);
        else if (which == 2)
            request.rules = { LabelRule::Target };
        else if (which == 3)
            request.attack.rounds = 0;
        else if (which == 4)
            request.attack.judges.erase(request.attack.judges.begin());
        else if (which == 5) {
            request.attack.sources.pop_back();
            request.attack.judges = request.attack.sources;
            request.orders.push_back(SourceOrder::Reversed);
        } else {
            request.attack.epsilon255 = 256;
        }
        try {
            checkStudy(request);
            QFAIL("accepted");
        } catch (const Error& error) {
            QCOMPARE(error.kind(), ErrorKind::Usage);
            QCOMPARE(QString::fromStdString(error.place()), place);
        }
    }

    void numericsAreComparedSubStepBySubStep()
    {
        // A made-up attack: fast differs from exact in one pixel row from sub-step 1 on, and from
        // sub-step 2 on in the attacked label and in judge a's top-1; reference equals exact.
        NumericsStudyRequest request = defaultNumericsStudy();
        request.attack.sources = { "a" };
        request.attack.judges = { "a", "b" };
        request.attack.rounds = 2;
        StudyEngine parts;
        parts.read = [](std::size_t index) {
            if (index == 1)
                throw Error(ErrorKind::BadInput, "truncated PNG", "photo1.png");
            return Image(kImageSide, kImageSide);
        };
        std::vector<Numerics> asked;
        parts.attack = [&](const AttackRequest& attack, const Image& clean, SharedWork*,
                           const ProgressSink&, const std::stop_token&) {
            asked.push_back(attack.compute.numerics);
            auto trace = std::make_shared<AttackTrace>();
            trace->request = attack;
            trace->judges = attack.judges;
            const bool fast = attack.compute.numerics == Numerics::Fast;
            for (int s = 0; s <= 2; ++s) {
                auto step = std::make_shared<SubStep>();
                step->index = s;
                step->attackedLabel = s == 2 && fast ? kWrong : kTrue;
                step->exported = clean;
                if (s > 0 && fast)
                    std::fill_n(step->exported.rgb.begin(), 3 * kImageSide, std::uint8_t(9));
                for (const std::string& judge : attack.judges) {
                    Prediction said { judge, std::vector<float>(1001, 0.0F) };
                    const bool right = !(judge == "a" && s == 2 && fast);
                    said.probabilities[right ? kTrue : kWrong] = 1.0F;
                    step->judges.push_back(said);
                }
                trace->subSteps.push_back(step);
            }
            return trace;
        };
        const auto result = runNumericsStudy(request, { photo(0), photo(1), photo(2) }, parts);
        QCOMPARE(asked.size(), std::size_t(6));
        QCOMPARE(result->done, std::size_t(2));
        QCOMPARE(result->failed.size(), std::size_t(1));
        const NumericsPair& fastExact = result->pairs.front();
        QVERIFY(fastExact.a == Numerics::Fast && fastExact.b == Numerics::Exact);
        QCOMPARE(fastExact.subSteps[0].meanEqualPixels, 1.0);
        QCOMPARE(fastExact.subSteps[1].meanEqualPixels, 298.0 / 299.0);
        QCOMPARE(fastExact.subSteps[1].samePicture.hits, std::size_t(0));
        QCOMPARE(fastExact.subSteps[1].sameAttacked.hits, std::size_t(2));
        QCOMPARE(fastExact.subSteps[2].sameAttacked.hits, std::size_t(0));
        QCOMPARE(fastExact.subSteps[2].sameTop1[0].hits, std::size_t(0));
        QCOMPARE(fastExact.subSteps[2].sameTop1[1].hits, std::size_t(2));
        QCOMPARE(fastExact.accuracy[0][2].onlyB, std::size_t(2));
        QCOMPARE(result->pairs[1].subSteps[2].samePicture.hits, std::size_t(2));
        QCOMPARE(result->accuracy[0].right[0][2].hits, std::size_t(0));
        QCOMPARE(result->accuracy[2].right[0][2].hits, std::size_t(2));
        const auto lines =
            QString::fromStdString(numericsCsv(*result)).split('\n', Qt::SkipEmptyParts);
        for (const QString& line : lines)
            QVERIFY2(line.count(',') == 13, qPrintable(line));
        QCOMPARE(lines.size(), 1 + 3 * (3 * 4 + 2 * 3) + 3 * 2 * 3);
        QVERIFY(nlohmann::json::parse(numericsJson(*result, provenance()))["pairs"].size() == 3);
        std::stop_source stop;
        stop.request_stop();
        QVERIFY(runNumericsStudy(request, { photo(0) }, parts, {}, stop.get_token())->cancelled);
    }
};

QTEST_GUILESS_MAIN(tst_StudyCounts)
#include "tst_StudyCounts.moc"
