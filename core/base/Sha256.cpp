#include "core/base/Sha256.h"

#include "core/base/Error.h"
#include "core/base/RegularFile.h"

#include <array>
#include <memory>
#include <openssl/evp.h>
#include <vector>

namespace crossiter {

namespace {

class Hasher
{
public:
    Hasher()
        : m_context(EVP_MD_CTX_new(), EVP_MD_CTX_free)
    {
        require(
            m_context != nullptr && EVP_DigestInit_ex(m_context.get(), EVP_sha256(), nullptr) == 1);
    }

    void add(ByteView bytes)
    {
        require(EVP_DigestUpdate(m_context.get(), bytes.data(), bytes.size()) == 1);
    }

    std::string hex()
    {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest {};
        unsigned int size = 0;
        require(EVP_DigestFinal_ex(m_context.get(), digest.data(), &size) == 1 && size == 32);
        constexpr char kDigits[] = "0123456789abcdef";
        std::string text;
        for (unsigned int i = 0; i < size; ++i) {
            text += kDigits[digest[i] >> 4U];
            text += kDigits[digest[i] & 15U];
        }
        return text;
    }

private:
    static void require(bool ok)
    {
        if (!ok)
            throw Error(ErrorKind::Internal, "libcrypto cannot compute SHA-256", "");
    }

    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> m_context;
};

} // namespace

std::string sha256(ByteView bytes)
{
    Hasher hasher;
    hasher.add(bytes);
    return hasher.hex();
}

std::string sha256File(const std::filesystem::path& path)
{
    return sha256File(path, {}, {});
}

std::string sha256File(
    const std::filesystem::path& path, const ProgressSink& progress, const std::stop_token& stop)
{
    const RegularFile file(path);
    Progress report { "hashing " + path.filename().string(), 0,
        static_cast<std::size_t>(file.size()), -1.0 };
    Hasher hasher;
    std::vector<std::uint8_t> buffer(std::size_t { 1 } << 18U);
    while (const std::size_t got = file.read(buffer)) {
        if (stop.stop_requested())
            return {};
        hasher.add(std::span(buffer).first(got));
        report.done += got;
        if (progress)
            progress(report);
    }
    return hasher.hex();
}

} // namespace crossiter
