#include "ui/session/PhotoLoader.h"

#include "core/base/Error.h"
#include "core/image/Codec.h"
#include "ui/session/QtImage.h"

#include <QCollator>
#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QImage>
#include <QImageReader>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kMaxListed = 10'000;

/// PNG and JPEG are core's: Qt's readers check neither chunk lengths nor a deadline.
bool isCoresFormat(const QByteArray& head)
{
    return head.startsWith("\x89PNG") || head.startsWith("\xff\xd8");
}

/// The file's first bytes; empty when it cannot be read (core then says why).
QByteArray headOf(const QString& path)
{
    QFile file(path);
    if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly)) {
        return {};
    }
    return file.read(16);
}

/// A file that ends when the time is up: Qt's readers have no deadline of their own, but each of
/// them stops where its input does.
class TimedFile : public QFile
{
public:
    TimedFile(const QString& path, int deadlineMs)
        : QFile(path)
        , m_deadline(deadlineMs)
    {
    }
    [[nodiscard]] bool late() const { return m_late; }

protected:
    qint64 readData(char* data, qint64 most) override
    {
        m_late = m_late || m_deadline.hasExpired();
        return m_late ? -1 : QFile::readData(data, most);
    }

private:
    QDeadlineTimer m_deadline;
    bool m_late = false;
};

/// Formats that describe a drawing, not pixels: what they cost has nothing to do with their size.
bool isDrawing(const QByteArray& format)
{
    return format == "svg" || format == "svgz" || format == "pdf";
}

Image readByQt(const QString& path, const DecodeLimits& limits)
{
    TimedFile file(path, limits.deadlineMs);
    if (!file.open(QIODevice::ReadOnly)) {
        throw Error(ErrorKind::BadInput, "cannot read the picture", path.toStdString(), "",
            file.errorString().toStdString());
    }
    QImageReader reader(&file);
    reader.setDecideFormatFromContent(true);
    reader.setAutoTransform(true);
    const QSize size = reader.size();
    if (size.isValid()
        && (size.width() > limits.maxSide || size.height() > limits.maxSide
            || static_cast<std::uint64_t>(size.width()) * static_cast<std::uint64_t>(size.height())
                > limits.maxPixels)) {
        throw Error(ErrorKind::BadInput, "picture too large", path.toStdString(),
            "at most 16384 pixels a side and 100 megapixels",
            std::to_string(size.width()) + "x" + std::to_string(size.height()));
    }
    const QImage picture = reader.read();
    if (file.late()) {
        throw Error(ErrorKind::BadInput, "the picture takes too long to decode", path.toStdString(),
            "at most " + std::to_string(limits.deadlineMs) + " ms", "no end by then");
    }
    if (picture.isNull()) {
        throw Error(ErrorKind::BadInput, "cannot decode the picture", path.toStdString(), "",
            reader.errorString().toStdString());
    }
    return fromQImage(picture);
}

} // namespace

namespace {

/// The file's picture as it is; path and size go into `photo`.
Image readPicture(const QString& path, const DecodeLimits& limits, LoadedPhoto& photo)
{
    const QFileInfo info(path);
    photo.path = info.absoluteFilePath();
    Image picture;
    const QByteArray head = headOf(path);
    bool byQt = false;
    if (!head.isEmpty() && !isCoresFormat(head)
        && static_cast<std::uint64_t>(info.size()) <= limits.maxFileBytes) {
        QImageReader::setAllocationLimit(static_cast<int>(limits.maxMemoryBytes >> 20));
        QImageReader reader(path);
        reader.setDecideFormatFromContent(true);
        byQt = reader.canRead() && !isDrawing(reader.format());
    }
    if (byQt) {
        picture = readByQt(path, limits);
    } else {
        picture = readImage(photo.path.toStdString(), DecodeRule::Person, limits);
    }
    photo.width = picture.width;
    photo.height = picture.height;
    return picture;
}

} // namespace

LoadedPhoto loadPhoto(const QString& path, CropRule crop, const DecodeLimits& limits)
{
    LoadedPhoto photo;
    photo.clean = toImageSpace(readPicture(path, limits, photo), crop);
    return photo;
}

LoadedPair loadPair(const QString& photo, const QString& other, CropRule crop,
    const std::optional<PictureSize>& size, const DecodeLimits& limits)
{
    LoadedPair pair;
    Image result = readPicture(other, limits, pair.other);
    pair.found = sizeOf(result);
    const PictureSize wanted = size.value_or(PictureSize());
    pair.fits = pair.found == wanted;
    if (size) {
        requireComparable(result, size, pair.other.path.toStdString());
    }
    const Image clean = readPicture(photo, limits, pair.photo);
    pair.photo.clean = toImageSpace(clean, crop);
    if (pair.fits) {
        pair.other.clean = std::move(result);
        pair.clean = toSize(clean, wanted, crop);
    }
    return pair;
}

QStringList photoFilters()
{
    QStringList filters { QStringLiteral("*.png"), QStringLiteral("*.jpg"),
        QStringLiteral("*.jpeg") };
    for (const QByteArray& format : QImageReader::supportedImageFormats()) {
        const QString filter = QStringLiteral("*.") + QString::fromLatin1(format);
        if (!isDrawing(format) && !filters.contains(filter)) {
            filters << filter;
        }
    }
    return filters;
}

QStringList photosBeside(const QString& path)
{
    if (path.isEmpty()) {
        return {};
    }
    const QFileInfo info(path);
    const QDir folder = info.isDir() ? QDir(info.absoluteFilePath()) : info.absoluteDir();
    QStringList names =
        folder.entryList(photoFilters(), QDir::Files | QDir::Readable, QDir::Unsorted);
    QCollator collator(QLocale::c());
    collator.setNumericMode(true);
    std::sort(names.begin(), names.end(), collator);
    QStringList paths;
    for (const QString& name : names.mid(0, kMaxListed)) {
        paths << folder.absoluteFilePath(name);
    }
    return paths;
}

QString embeddedPhotosFolder()
{
    const QString beside = QDir::cleanPath(
        QCoreApplication::applicationDirPath() + QStringLiteral("/../share/crossiter/photos"));
    for (const QString& folder : { QStringLiteral(CROSSITER_BUILT_PHOTOS), beside }) {
        if (!folder.isEmpty() && QFileInfo(folder).isDir()) {
            return folder;
        }
    }
    return {};
}

QString firstPhoto(const QString& folder)
{
    if (folder.isEmpty()) {
        return {};
    }
    QString dalmatian = folder + QStringLiteral("/imagenet_16_251.jpg");
    if (QFileInfo::exists(dalmatian)) {
        return dalmatian;
    }
    return photosBeside(folder).value(0);
}

} // namespace crossiter::ui
