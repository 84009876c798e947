// Float image -> bytes: the three save rules and the judge's clip, in both types.

#include "core/attack/ExportRule.h"
#include "core/base/Random.h"

#include <QtTest/QtTest>

#include <cmath>

using namespace crossiter;

namespace {

Image grey(int level)
{
    Image image(4, 4);
    std::fill(image.rgb.begin(), image.rgb.end(), static_cast<std::uint8_t>(level));
    return image;
}

FloatImage constant(double value, bool wide)
{
    FloatImage floats;
    if (wide)
        floats.f64.assign(48, value);
    else
        floats.f32.assign(48, static_cast<float>(value));
    return floats;
}

} // namespace

class tst_ExportRule : public QObject
{
    Q_OBJECT

private slots:
    void cleanImageSurvivesRounding()
    {
        // Truncation may take a level off (that is the seed's rule); rounding may not.
        for (int level = 0; level < 256; ++level) {
            const Image image = grey(level);
            const double x64 = level / 255.0 * 2 - 1;
            const float x32 = static_cast<float>(level) / 255.0F * 2.0F - 1.0F;
            QCOMPARE(exportImage(constant(x64, true), image, SaveRule::Round, 255), image);
            QCOMPARE(exportImage(constant(x32, false), image, SaveRule::Round, 255), image);
            const int floored =
                exportImage(constant(x64, true), image, SaveRule::Floor, 255).rgb[0];
            QCOMPARE(floored, static_cast<int>((x64 + 1) * 0.5 * 255));
            QVERIFY(floored == level || floored == level - 1);
        }
    }

    void truncationIsInTheTracesOwnType()
    {
        // The two types must not be mixed: count the values where they disagree, and see that each
        // side follows its own arithmetic.
        int differ = 0;
        for (int i = 0; i <= 2000; ++i) {
            const double x = -1.0 + i * 0.001;
            const int wide = exportImage(constant(x, true), grey(128), SaveRule::Floor, 255).rgb[0];
            const int narrow =
                exportImage(constant(x, false), grey(128), SaveRule::Floor, 255).rgb[0];
            const auto x32 = static_cast<float>(x);
            QCOMPARE(wide, static_cast<int>((x + 1.0) * 0.5 * 255.0));
            QCOMPARE(narrow, static_cast<int>((x32 + 1.0F) * 0.5F * 255.0F));
            differ += wide != narrow ? 1 : 0;
        }
        QVERIFY(differ < 20);
    }

    void halvesRoundToEven()
    {
        // (x + 1) * 127.5 = 10.5 and 11.5
        QCOMPARE(int(exportImage(constant(10.5 / 127.5 - 1, true), grey(10), SaveRule::Round, 255)
                         .rgb[0]),
            static_cast<int>(std::nearbyint((10.5 / 127.5 - 1 + 1) * 127.5)));
    }

    void stretchUsesTheWholeRange()
    {
        FloatImage floats = constant(0.0, true);
        floats.f64[0] = -0.5; // red of pixel 0
        floats.f64[1] = 0.5; // red of pixel 1
        const Image out = exportImage(floats, grey(128), SaveRule::LegacyStretch, 255);
        QCOMPARE(int(out.rgb[0]), 0);
        QCOMPARE(int(out.rgb[3]), 255);
        QCOMPARE(int(out.rgb[1]), 128);
        const Image flat =
            exportImage(constant(0.25, true), grey(128), SaveRule::LegacyStretch, 255);
        QCOMPARE(int(flat.rgb[5]), 0);
    }

    void neverLeavesTheBudget()
    {
        RandomStream random(7);
        for (const int epsilon : { 0, 1, 4, 8, 12, 16, 255 }) {
            for (const SaveRule rule :
                { SaveRule::Floor, SaveRule::Round, SaveRule::LegacyStretch }) {
                Image clean(4, 4);
                FloatImage floats;
                for (auto& value : clean.rgb)
                    value = static_cast<std::uint8_t>(random.next() & 255U);
                for (int i = 0; i < 48; ++i)
                    floats.f32.push_back(static_cast<float>(random.uniform() * 2 - 1));
                const Image out = exportImage(floats, clean, rule, epsilon);
                for (std::size_t i = 0; i < 48; ++i)
                    QVERIFY(std::abs(int(out.rgb[i]) - int(clean.rgb[i])) <= epsilon);
                if (epsilon == 0)
                    QCOMPARE(out, clean);
            }
        }
    }
};

QTEST_GUILESS_MAIN(tst_ExportRule)
#include "tst_ExportRule.moc"
