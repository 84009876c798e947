#include "core/base/Random.h"
#include "core/checkpoint/Safetensors.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "tests/core/checkpoint/Damage.h"

using namespace crossiter;
using crossiter::test::contents;
using crossiter::test::Measured;
using crossiter::test::measured;
using crossiter::test::written;

namespace {

QByteArray fileWith(const QByteArray& header, qsizetype dataBytes, std::int64_t claimed = -1)
{
    const std::int64_t length = claimed >= 0 ? claimed : header.size();
    return QByteArray(reinterpret_cast<const char*>(&length), 8) + header
        + QByteArray(dataBytes, 'd');
}

/// Tensors of every type, sizes 0 and 1 among them, and the buffer that they lie in.
StateDict sample()
{
    const auto buffer = std::make_shared<std::vector<std::byte>>(4096);
    RandomStream random(9);
    for (std::byte& byte : *buffer)
        byte = static_cast<std::byte>(random.next());
    StateDict state;
    std::size_t at = 0;
    const auto add = [&](const char* name, DType dtype, std::vector<std::int64_t> shape) {
        std::size_t bytes = sizeOf(dtype);
        for (const std::int64_t side : shape)
            bytes *= static_cast<std::size_t>(side);
        state.tensors.push_back(
            { name, dtype, std::move(shape), std::span(*buffer).subspan(at, bytes) });
        at += bytes;
    };
    add("scalar", DType::F32, {});
    add("z.weight", DType::F32, { 4, 3, 2 });
    add("none", DType::I64, { 0, 5 });
    add("a \"quoted\"\nn\xc3\xa4me", DType::F64, { 7 });
    add("half", DType::F16, { 3 });
    add("brain", DType::BF16, { 1, 1, 9 });
    add("bytes", DType::U8, { 5 });
    add("signed", DType::I8, { 2 });
    add("short", DType::I16, { 3 });
    add("int", DType::I32, { 2, 2 });
    add("long", DType::I64, { 2 });
    add("bool", DType::Bool, { 3 });
    add("", DType::U8, { 0 });
    state.owner = buffer;
    return state;
}

} // namespace

class TestSafetensors : public QObject
{
    Q_OBJECT

private slots:
    void tensorsSurviveARoundTrip();
    void theBytesAreAsTheFormatSays();
    void acceptsWhatTheFormatAllows();
    void badFilesAreRefused_data();
    void badFilesAreRefused();
    void everyTruncationIsRefused();
    void flippedBitsNeverCrash();
    void badStatesAreNotWritten();
};

void TestSafetensors::tensorsSurviveARoundTrip()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("state.safetensors").toStdString();
    const StateDict state = sample();
    for (const std::map<std::string, std::string>& metadata :
        { std::map<std::string, std::string> {}, { { "made by", "a test\n" }, { "", "\"" } } }) {
        writeSafetensors(path, state, metadata);
        const StateDict read = readSafetensors(path);
        QCOMPARE(read.tensors.size(), state.tensors.size());
        for (const TensorView& wanted : state.tensors) {
            const TensorView* found = read.find(wanted.name);
            QVERIFY2(found != nullptr, wanted.name.c_str());
            QCOMPARE(found->dtype, wanted.dtype);
            QCOMPARE(found->shape, wanted.shape);
            QVERIFY(std::equal(found->bytes.begin(), found->bytes.end(), wanted.bytes.begin(),
                wanted.bytes.end()));
        }
        const QByteArray first = contents(path);
        writeSafetensors(path, state, metadata);
        QCOMPARE(contents(path), first);
    }
    writeSafetensors(path, StateDict {}, { { "name", "a\xE2\x80\xAE" } });
    QVERIFY(contents(path).contains("a\\u202e"));
    writeSafetensors(path, StateDict {});
    QVERIFY(readSafetensors(path).tensors.empty());
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden),
        QStringList { "state.safetensors" });
}

void TestSafetensors::theBytesAreAsTheFormatSays()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("state.safetensors").toStdString();
    const std::array<std::byte, 4> data { std::byte { 1 }, std::byte { 2 }, std::byte { 3 },
        std::byte { 4 } };
    StateDict state;
    state.tensors.push_back({ "b", DType::I16, { 1 }, std::span(data).first(2) });
    state.tensors.push_back({ "a", DType::U8, { 2, 1 }, std::span(data).last(2) });
    writeSafetensors(path, state, { { "k", "v" } });
    QByteArray header = "{\"__metadata__\":{\"k\":\"v\"},"
                        "\"b\":{\"dtype\":\"I16\",\"shape\":[1],\"data_offsets\":[0,2]},"
                        "\"a\":{\"dtype\":\"U8\",\"shape\":[2,1],\"data_offsets\":[2,4]}}";
    while (header.size() % 8 != 0)
        header += ' ';
    QCOMPARE(contents(path), fileWith(header, 0) + QByteArray("\1\2\3\4"));
}

void TestSafetensors::acceptsWhatTheFormatAllows()
{
    const QTemporaryDir folder;
    // Order of the header is free, tensors come in the order of their bytes; spaces at the end.
    const StateDict state = readSafetensors(written(folder,
        fileWith("{\"b\":{\"shape\":[2],\"data_offsets\":[4,6],\"dtype\":\"U8\"},"
                 "\"a\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
                 "\"e\":{\"dtype\":\"F32\",\"shape\":[0,9],\"data_offsets\":[4,4]}}   ",
            6)));
    QCOMPARE(state.tensors.size(), std::size_t { 3 });
    QCOMPARE(state.tensors[0].name, "a");
    QCOMPARE(state.tensors[1].name, "e");
    QCOMPARE(state.tensors[2].name, "b");
    QVERIFY(readSafetensors(written(folder, fileWith("{}", 0))).tensors.empty());
}

void TestSafetensors::badFilesAreRefused_data()
{
    QTest::addColumn<QByteArray>("file");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, const QByteArray& file, const char* error) {
        QTest::newRow(name) << file << error;
    };
    const auto header = [&row](const char* name, const char* text, const char* error) {
        row(name, fileWith(text, 4), error);
    };
    const QByteArray good = R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
    row("empty", {}, "8 bytes of header length");
    row("no header", fileWith("", 0), "'{' as first byte");
    row("100 MB and one", fileWith("{}", 0, 100'000'001), "header too large");
    row("header of 2^63 bytes", fileWith("{}", 0, INT64_MAX), "header too large");
    row("header of 100 MB claimed", fileWith("{}", 0, 100'000'000), "truncated safetensors file");
    row("data missing", fileWith(good, 3), "outside the file");
    row("data left over", fileWith(good, 5), "expected 4 bytes of data, found 5");
    header("space first", " {}", "'{' as first byte");
    header("no JSON", "{\"a\":", "expected JSON");
    header("text after", "{}{}", "expected JSON");
    header("bad UTF-8", "{\"\xff\":1}", "expected JSON");
    header("deep", QByteArray(100'000, '{').constData(), "expected JSON");
    header(
        "deep lists", (R"({"a":{"shape":)" + QByteArray(100'000, '[')).constData(), "another list");
    header("tensor twice",
        R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
        "'a' twice");
    header("field twice", R"({"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
        "'dtype' twice");
    header("metadata twice", R"({"__metadata__":{},"__metadata__":{}})", "'__metadata__' twice");
    header("metadata key twice", R"({"__metadata__":{"k":"1","k":"2"}})", "'k' twice");
    header("metadata number", R"({"__metadata__":{"k":1}})", "numbers only in shape");
    header("metadata null", R"({"__metadata__":{"k":null}})", "found null");
    header("metadata list", R"({"__metadata__":{"k":[]}})", "another list");
    header("metadata tree", R"({"__metadata__":{"k":{}}})", "one deeper");
    header("metadata text", R"({"__metadata__":"k"})", "a text only as dtype or metadata");
    header(
        "unknown field", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}})", "'x'");
    header("no dtype", R"({"a":{"shape":[1],"data_offsets":[0,4]}})", "not all of them");
    header("no shape", R"({"a":{"dtype":"F32","data_offsets":[0,4]}})", "not all of them");
    header("no offsets", R"({"a":{"dtype":"F32","shape":[1]}})", "not all of them");
    header("unknown dtype", R"({"a":{"dtype":"F128","shape":[1],"data_offsets":[0,4]}})", "'F128'");
    header("dtype number", R"({"a":{"dtype":4,"shape":[1],"data_offsets":[0,4]}})",
        "numbers only in shape");
    header("shape text", R"({"a":{"dtype":"F32","shape":"1","data_offsets":[0,4]}})",
        "a text only as dtype");
    header("shape number", R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})",
        "numbers only in shape");
    header(
        "negative shape", R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", "found -1");
    header(
        "broken shape", R"({"a":{"dtype":"F32","shape":[1.0],"data_offsets":[0,4]}})", "found 1.0");
    header("shape of texts", R"({"a":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}})",
        "a text only as dtype");
    header("object in a shape", R"({"a":{"dtype":"F32","shape":[{}],"data_offsets":[0,4]}})",
        "one deeper");
    header("one offset", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})",
        "two data_offsets");
    header("three offsets", R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,4]}})",
        "two data_offsets");
    header("number for a tensor", R"({"a":4})", "numbers only in shape");
    header("shape too small", R"({"a":{"dtype":"F32","shape":[],"data_offsets":[0,8]}})",
        "outside the file");
    header("other size", R"({"a":{"dtype":"F16","shape":[1],"data_offsets":[0,4]}})",
        "expected 2 bytes for shape [1]");
    header("backwards",
        R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}})",
        "tensor size");
    header("overlap",
        R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
        "overlapping tensors");
    header("the same bytes twice",
        R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
        "overlapping tensors");
    header("gap",
        R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
        "gap between tensors");
    header("gap at the start", R"({"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}})",
        "gap between tensors");
    header("product overflows to 4",
        R"({"a":{"dtype":"F32","shape":[4611686018427387905,4],"data_offsets":[0,4]}})",
        "a shape that fits");
    header("product overflows to 0",
        R"({"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}})",
        "a shape that fits");
    QByteArray tensors = "{";
    QByteArray metadata = R"({"__metadata__":{)";
    for (int i = 0; i < 100'001; ++i) {
        const QByteArray name = (i > 0 ? ",\"" : "\"") + QByteArray::number(i);
        tensors += name + R"(":{"dtype":"U8","shape":[0],"data_offsets":[0,0]})";
        metadata += name + R"(":"")";
    }
    row("many tensors", fileWith(tensors + "}", 0), "at most 100000 tensors");
    row("much metadata", fileWith(metadata + "}}", 0), "at most 100000 metadata");
    header("offset of 2^64 - 1",
        R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,18446744073709551615]}})",
        "a number that fits");
    header("offset beyond 2^64",
        R"({"a":{"dtype":"U8","shape":[4],"data_offsets":[0,99999999999999999999999]}})",
        "whole numbers");
}

void TestSafetensors::badFilesAreRefused()
{
    QFETCH(QByteArray, file);
    QFETCH(QString, error);
    test::verifyRefused(file, error, readSafetensors);
}

void TestSafetensors::everyTruncationIsRefused()
{
    const QTemporaryDir folder;
    const std::filesystem::path whole = folder.filePath("whole.safetensors").toStdString();
    writeSafetensors(whole, sample());
    test::verifyTruncationsRefused(contents(whole), readSafetensors);
}

void TestSafetensors::flippedBitsNeverCrash()
{
    const QTemporaryDir folder;
    const std::filesystem::path whole = folder.filePath("whole.safetensors").toStdString();
    writeSafetensors(whole, sample(), { { "key", "value" } });
    test::verifyFlipsSurvived(contents(whole), 4, 1001, readSafetensors);
}

void TestSafetensors::badStatesAreNotWritten()
{
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.filePath("state.safetensors").toStdString();
    const std::array<std::byte, 8> data {};
    const auto tensor = [&](const char* name, std::vector<std::int64_t> shape) {
        return TensorView { name, DType::F32, std::move(shape), data };
    };
    const auto refuses = [&](std::vector<TensorView> tensors, const char* error) {
        const Measured result = measured([&] { writeSafetensors(path, { tensors, nullptr }); });
        VERIFY_REFUSED(result, path.string());
        QVERIFY2(result.text().contains(error), qPrintable(result.text()));
        QVERIFY(QDir(folder.path()).isEmpty());
    };
    refuses({ tensor("a", { 2 }), tensor("a", { 2 }) }, "each name once");
    refuses({ tensor("__metadata__", { 2 }) }, "each name once");
    refuses({ tensor("a", { 3 }) }, "found 8 bytes");
    refuses({ tensor("a", { -2, -1 }) }, "found 8 bytes");
    refuses({ tensor("\xff\xfe", { 2 }) }, "names in UTF-8");
    const std::filesystem::path nowhere = folder.filePath("absent/state.safetensors").toStdString();
    const Measured result = measured([&] {
        writeSafetensors(nowhere, { { tensor("a", { 2 }) }, nullptr });
    });
    VERIFY_REFUSED(result, nowhere.string());
}

QTEST_GUILESS_MAIN(TestSafetensors)
#include "tst_Safetensors.moc"
