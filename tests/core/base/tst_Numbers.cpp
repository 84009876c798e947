#include "core/base/Numbers.h"

#include <QtTest>

#include <clocale>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

using namespace crossiter;

namespace {

/// A copy of what printf says under this program's locale, its decimal mark made a point.
template <typename... Args>
std::string printed(const char* format, Args... args)
{
    char text[512] = {};
    std::snprintf(text, sizeof text, format, args...); // NOLINT: the reference of this test
    std::string out = text;
    const std::string mark = std::localeconv()->decimal_point;
    if (const auto at = out.find(mark); at != std::string::npos)
        out.replace(at, mark.size(), ".");
    return out;
}

const std::vector<double>& awkward()
{
    static const std::vector<double> kValues { 0.0, -0.0, 1.0, -1.0, 0.1, 0.5, 1e-5, 1e-4,
        0.0001234, 123456789.0, 1234567890.0, 999999999.5, 9999999995.0, 0.99999999949, 1e9, 1e10,
        1e100, 0.5 + 1e-9, 2.5, 3.5, 0.125, 0.05, 0.15, 0.25, 1e15, 1e16, 1e17, 4503599627370497.5,
        std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(),
        std::numeric_limits<double>::min(), std::numeric_limits<double>::denorm_min(),
        std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
        std::numeric_limits<double>::quiet_NaN(), -std::numeric_limits<double>::quiet_NaN() };
    return kValues;
}

double ofBits(std::uint64_t bits)
{
    double value = 0.0;
    std::memcpy(&value, &bits, sizeof value);
    return value;
}

void compareAll(double value)
{
    const std::string nine = numberText(value);
    const std::string general = printed("%.9g", value);
    if (nine != general)
        QFAIL(("numberText: " + nine + ", printf: " + general).c_str());
    const std::string brief = briefText(value);
    if (const std::string wanted = printed("%g", value); brief != wanted)
        QFAIL(("briefText: " + brief + ", printf: " + wanted).c_str());
}

void compareFixed(double value, int digits)
{
    const std::string made = fixedText(value, digits);
    const std::string wanted = printed("%.*f", digits, value);
    if (made != wanted)
        QFAIL(("fixedText: " + made + ", printf: " + wanted).c_str());
}

} // namespace

class TestNumbers : public QObject
{
    Q_OBJECT

private slots:
    void numbersAreAsPrintfWritesThem();
    void fixedDigitsAreAsPrintfWritesThem();
    void theirLocaleHasNoSay();
    void shortestReadsBack();
    void parsingIsStrict();
    void zerosStandBeforeShortNumbers();
};

void TestNumbers::numbersAreAsPrintfWritesThem()
{
    for (const double value : awkward())
        compareAll(value);
    std::mt19937_64 random(14);
    std::uniform_real_distribution<double> shares(0.0, 1.0);
    for (int i = 0; i < 500000 && !QTest::currentTestFailed(); ++i) {
        compareAll(ofBits(random())); // every exponent, and NaNs
        compareAll(shares(random));
    }
    for (int exponent = -1080; exponent <= 1023 && !QTest::currentTestFailed(); ++exponent) {
        compareAll(std::ldexp(1.0, exponent));
        compareAll(-std::ldexp(1.7, exponent));
    }
    for (int i = 0; i < 100000 && !QTest::currentTestFailed(); ++i) {
        compareAll(static_cast<double>(static_cast<float>(shares(random)))); // as networks' outputs
        compareAll(std::round(shares(random) * 1e6) / 1e4);
    }
}

void TestNumbers::fixedDigitsAreAsPrintfWritesThem()
{
    for (const double value : awkward())
        for (int digits = 0; digits <= 20; ++digits)
            compareFixed(value, digits);
    std::mt19937_64 random(15);
    std::uniform_real_distribution<double> shares(-1000.0, 1000.0);
    for (int i = 0; i < 1000000 && !QTest::currentTestFailed(); ++i) {
        const double value = shares(random);
        compareFixed(value, i % 8);
        compareFixed(std::round(value * 100.0) / 200.0, i % 3); // ties
    }
    for (int i = 0; i < 20000 && !QTest::currentTestFailed(); ++i)
        compareFixed(ofBits(random()), i % 13);
    QCOMPARE(fixedText(0.5, -3), std::string("0"));
    QCOMPARE(fixedText(std::numeric_limits<double>::lowest(), 1000).size(), std::size_t(371));
}

void TestNumbers::theirLocaleHasNoSay()
{
    if (std::strcmp(std::localeconv()->decimal_point, ",") != 0) {
        // As tst_Numbers.de it runs under such a locale; where Debian's is generated, here too.
        if (std::setlocale(LC_NUMERIC, "de_DE.UTF-8") == nullptr)
            QSKIP("no locale with decimal commas: see tst_Numbers.de");
    }
    char text[32] = {};
    std::snprintf(text, sizeof text, "%.1f", 0.5); // NOLINT
    QCOMPARE(std::string(text), std::string("0,5"));
    QCOMPARE(numberText(0.068123), std::string("0.068123"));
    QCOMPARE(fixedText(1234.5, 2), std::string("1234.50"));
    QCOMPARE(shortestText(6.375), std::string("6.375"));
    QCOMPARE(briefText(0.25), std::string("0.25"));
    QCOMPARE(parseNumber<double>("0.25").value_or(-1.0), 0.25);
    QVERIFY(!parseNumber<double>("0,25"));
}

void TestNumbers::shortestReadsBack()
{
    std::mt19937_64 random(16);
    for (int i = 0; i < 200000; ++i) {
        const double value = ofBits(random());
        if (std::isfinite(value))
            QVERIFY(parseNumber<double>(shortestText(value)) == value);
    }
}

void TestNumbers::parsingIsStrict()
{
    QCOMPARE(parseNumber<double>("1e-05").value_or(0.0), 1e-05);
    QCOMPARE(parseNumber<int>("-12").value_or(0), -12);
    for (const char* text :
        { "", " ", "1 ", " 1", "+1", "1,5", "1.5x", "0x10", "1e9999", "--1", "." })
        QVERIFY2(!parseNumber<double>(text), text);
    for (const char* text : { "", "1.0", "2147483648", "1e3", "+1", "1 " })
        QVERIFY2(!parseNumber<int>(text), text);
}

void TestNumbers::zerosStandBeforeShortNumbers()
{
    for (const unsigned long value : { 0UL, 7UL, 42UL, 255UL, 12345UL, 123456789UL, ~0UL }) {
        QCOMPARE(paddedText(value, 5), printed("%05lu", value));
        QCOMPARE(hexText(value, 4), printed("%04lx", value));
    }
    QCOMPARE(paddedText(7, 0), std::string("7"));
    QCOMPARE(hexText(7, -1), std::string("7"));
}

QTEST_GUILESS_MAIN(TestNumbers)
#include "tst_Numbers.moc"
