#include "core/image/Colours.h"

#include "core/base/SafeText.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <lcms2.h>

namespace crossiter::detail {

namespace {

constexpr std::size_t kMaxNameBytes = 80;

struct ContextEnd
{
    void operator()(void* context) const { cmsDeleteContext(static_cast<cmsContext>(context)); }
};
struct ProfileEnd
{
    void operator()(void* profile) const { cmsCloseProfile(profile); }
};
struct TransformEnd
{
    void operator()(void* transform) const { cmsDeleteTransform(transform); }
};

void onError(cmsContext /*context*/, cmsUInt32Number /*code*/, const char* /*text*/) { }

cmsColorSpaceSignature spaceOf(ColourModel model)
{
    switch (model) {
    case ColourModel::Grey:
        return cmsSigGrayData;
    case ColourModel::Rgb:
        return cmsSigRgbData;
    case ColourModel::Cmyk:
        break;
    }
    return cmsSigCmykData;
}

cmsUInt32Number formatOf(ColourModel model)
{
    switch (model) {
    case ColourModel::Grey:
        return TYPE_GRAY_8;
    case ColourModel::Rgb:
        return TYPE_RGB_8;
    case ColourModel::Cmyk:
        break;
    }
    return TYPE_CMYK_8;
}

std::string wordsOf(cmsColorSpaceSignature space)
{
    switch (space) {
    case cmsSigGrayData:
        return "grey";
    case cmsSigRgbData:
        return "RGB";
    case cmsSigCmykData:
        return "CMYK";
    default:
        return "other";
    }
}

std::string nameOfProfile(cmsHPROFILE profile)
{
    std::array<char, 4 * kMaxNameBytes> text {};
    const cmsUInt32Number size = cmsGetProfileInfoASCII(profile, cmsInfoDescription, "en", "US",
        text.data(), static_cast<cmsUInt32Number>(text.size() - 1));
    if (size == 0)
        return {};
    std::string name(text.data());
    if (name.size() > kMaxNameBytes)
        name.resize(kMaxNameBytes);
    return forTerminal(name);
}

} // namespace

/// A profile's way to sRGB by Little CMS, in a context of its own that says nothing.
class ColourChange
{
public:
    ColourChange(ColourModel model, const std::vector<std::uint8_t>& bytes)
        : m_model(model)
        , m_context(cmsCreateContext(nullptr, nullptr))
    {
        if (!m_context) {
            m_fault = "no memory for it";
            return;
        }
        const auto context = static_cast<cmsContext>(m_context.get());
        cmsSetLogErrorHandlerTHR(context, onError);
        const std::unique_ptr<void, ProfileEnd> profile(cmsOpenProfileFromMemTHR(
            context, bytes.data(), static_cast<cmsUInt32Number>(bytes.size())));
        if (!profile) {
            m_fault = "a damaged profile";
            return;
        }
        m_name = nameOfProfile(profile.get());
        const cmsColorSpaceSignature space = cmsGetColorSpace(profile.get());
        if (space != spaceOf(model)) {
            m_fault = "a profile of " + wordsOf(space) + " colours in a picture of "
                + wordsOf(spaceOf(model)) + " ones";
            return;
        }
        const std::unique_ptr<void, ProfileEnd> srgb(cmsCreate_sRGBProfileTHR(context));
        if (srgb)
            m_transform.reset(cmsCreateTransformTHR(context, profile.get(), formatOf(model),
                srgb.get(), TYPE_RGB_8, INTENT_PERCEPTUAL, 0));
        if (!m_transform) {
            m_fault = "a profile that leads to no colours";
            return;
        }
        if (model == ColourModel::Grey)
            fillGreys();
    }

    [[nodiscard]] const std::string& fault() const { return m_fault; }
    [[nodiscard]] const std::string& name() const { return m_name; }

    /// Each colour of a grid stays where it is, or beside.
    [[nodiscard]] bool keepsAll() const
    {
        if (m_model == ColourModel::Cmyk)
            return false;
        constexpr int kSteps = 16;
        const bool grey = m_model == ColourModel::Grey;
        for (int i = 0; i < kSteps * (grey ? 1 : kSteps * kSteps); ++i) {
            const std::array<int, 3> at { i % kSteps, grey ? i % kSteps : i / kSteps % kSteps,
                grey ? i % kSteps : i / kSteps / kSteps };
            std::array<std::uint8_t, 3> in {};
            for (std::size_t c = 0; c < 3; ++c)
                in[c] = static_cast<std::uint8_t>(at[c] * 255 / (kSteps - 1));
            std::array<std::uint8_t, 3> out = in;
            change(out.data(), 1);
            for (std::size_t c = 0; c < 3; ++c)
                if (std::abs(in[c] - out[c]) > 1)
                    return false;
        }
        return true;
    }

    /// In place; of a grey picture the first of three equal samples counts.
    void change(std::uint8_t* rgb, int count) const noexcept
    {
        if (m_model == ColourModel::Rgb) {
            cmsDoTransform(m_transform.get(), rgb, rgb, static_cast<cmsUInt32Number>(count));
            return;
        }
        for (int i = 0; i < count; ++i, rgb += 3)
            std::copy_n(m_greys.data() + std::size_t { 3 } * rgb[0], 3, rgb);
    }

    void changeInks(const std::uint8_t* inks, std::uint8_t* rgb, int count) const noexcept
    {
        // Three bytes never overtake four.
        cmsDoTransform(m_transform.get(), inks, rgb, static_cast<cmsUInt32Number>(count));
    }

private:
    void fillGreys()
    {
        std::array<std::uint8_t, 256> all {};
        for (std::size_t i = 0; i < all.size(); ++i)
            all[i] = static_cast<std::uint8_t>(i);
        cmsDoTransform(m_transform.get(), all.data(), m_greys.data(),
            static_cast<cmsUInt32Number>(all.size()));
    }

    ColourModel m_model;
    std::unique_ptr<void, ContextEnd> m_context; // outlives the transform
    std::unique_ptr<void, TransformEnd> m_transform;
    std::array<std::uint8_t, std::size_t { 256 } * 3> m_greys {};
    std::string m_name;
    std::string m_fault;
};

RowMaker::RowMaker(const DecodeJob& job, ColourModel model, const ProfileBytes& profile)
    : m_overWhite(job.forPerson())
{
    if (!job.wantsProfile() || (profile.bytes.empty() && profile.fault.empty()))
        return;
    FoundProfile found;
    found.kind = FoundProfile::Kind::Unusable;
    found.fault = profile.fault;
    std::unique_ptr<ColourChange> change;
    if (found.fault.empty()) {
        change = std::make_unique<ColourChange>(model, profile.bytes);
        found.name = change->name();
        found.fault = change->fault();
    }
    if (found.fault.empty()) {
        const bool same = change->keepsAll();
        found.kind = same ? FoundProfile::Kind::Srgb : FoundProfile::Kind::Other;
        if (!same && job.rule.colour == ColourRule::Srgb) {
            found.converted = true;
            m_change = std::move(change);
        }
    }
    if (job.profile != nullptr)
        *job.profile = std::move(found);
}

RowMaker::~RowMaker() = default;

void RowMaker::make(
    const std::uint8_t* samples, int channels, int count, std::uint8_t* rgb) noexcept
{
    const bool colour = channels >= 3;
    if (channels != 3 || samples != rgb) {
        const std::uint8_t* from = samples;
        std::uint8_t* to = rgb;
        for (int i = 0; i < count; ++i, from += channels, to += 3) {
            to[0] = from[0];
            to[1] = colour ? from[1] : from[0];
            to[2] = colour ? from[2] : from[0];
        }
    }
    if (m_change)
        m_change->change(rgb, count);
    if (!m_overWhite || (channels != 2 && channels != 4))
        return;
    const std::uint8_t* alpha = samples + channels - 1;
    for (int i = 0; i < count; ++i, alpha += channels, rgb += 3) {
        const unsigned opacity = *alpha;
        for (int c = 0; c < 3; ++c)
            rgb[c] = static_cast<std::uint8_t>(
                (rgb[c] * opacity + 255U * (255U - opacity) + 127U) / 255U);
    }
}

void RowMaker::makeOfInks(const std::uint8_t* inks, int count, std::uint8_t* rgb) noexcept
{
    if (m_change) {
        m_change->changeInks(inks, rgb, count);
        return;
    }
    for (int i = 0; i < count; ++i, inks += 4, rgb += 3) {
        const unsigned light = 255U - inks[3];
        for (int c = 0; c < 3; ++c)
            rgb[c] = static_cast<std::uint8_t>(((255U - inks[c]) * light + 127U) / 255U);
    }
}

Image rgbInPlace(const DecodeJob& job, std::vector<std::uint8_t> pixels, int width, int height,
    std::size_t samples, RowMaker& maker)
{
    const std::size_t rgbBytes = static_cast<std::size_t>(width) * 3U;
    std::vector<std::uint8_t> row(rgbBytes);
    for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
        checkTime(job);
        maker.make(&pixels[y * samples * static_cast<std::size_t>(width)],
            static_cast<int>(samples), width, row.data());
        std::memcpy(&pixels[y * rgbBytes], row.data(), rgbBytes);
    }
    pixels.resize(rgbBytes * static_cast<std::size_t>(height));
    Image image;
    image.width = width;
    image.height = height;
    image.rgb = std::move(pixels);
    return image;
}

} // namespace crossiter::detail
