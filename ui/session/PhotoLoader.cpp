#include "ui/session/PhotoLoader.h"

#include "core/base/ByteCount.h"
#include "core/base/Error.h"
#include "core/image/FileKinds.h"
#include "ui/session/QtImage.h"

#include <QCollator>
#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QImageReader>

#include <algorithm>
#include <functional>
#include <vector>

namespace crossiter::ui {

namespace {

constexpr int kMaxListed = 10'000;

/// The file's first bytes; empty when it cannot be read (core then says why).
QByteArray headOf(const QString& path)
{
    QFile file(path);
    if (!QFileInfo(path).isFile() || !file.open(QIODevice::ReadOnly))
        return {};
    return file.read(static_cast<qint64>(kForeignHeadBytes));
}

/// What core reads itself: Qt's readers check neither lengths nor a deadline.
bool isCoresFormat(const QByteArray& head)
{
    return pictureKind({ reinterpret_cast<const std::uint8_t*>(head.constData()),
                           static_cast<std::size_t>(head.size()) })
        .has_value();
}

/// A file that ends when the time is up: Qt's readers have no deadline of their own, but each of
/// them stops where its input does.
class TimedFile : public QFile
{
public:
    TimedFile(const QString& path, const TimeLimit& time)
        : QFile(path)
        , m_time(time)
    {
    }

protected:
    qint64 readData(char* data, qint64 most) override
    {
        return m_time.over() ? -1 : QFile::readData(data, most);
    }

private:
    const TimeLimit& m_time;
};

/// What Qt reads for the window: formats of pixels that are told by a signature. Not drawings (SVG,
/// PDF), whose cost has nothing to do with their size, nor those that any bytes can pass for (TGA,
/// WBMP).
bool isReadByQt(const QByteArray& format)
{
    static const QList<QByteArray> kFormats { "ppm", "pgm", "pbm", "xbm", "xpm", "ico", "cur" };
    return kFormats.contains(format);
}

/// Rows of a picture of Qt's without alpha, made one by one: a second picture in
/// another form would take as much memory again.
class QtRows
{
public:
    explicit QtRows(const QImage& picture)
        : m_picture(picture)
        , m_row(static_cast<std::size_t>(picture.width()) * 3U)
    {
    }

    const std::uint8_t* row(int y)
    {
        const int width = m_picture.width();
        const QImage strip = m_picture.copy(0, y, width, 1).convertToFormat(QImage::Format_ARGB32);
        const auto* const line = reinterpret_cast<const QRgb*>(strip.constScanLine(0));
        for (int x = 0; x < width; ++x) {
            std::uint8_t* const to = m_row.data() + static_cast<std::size_t>(x) * 3U;
            to[0] = overWhite(qRed(line[x]), qAlpha(line[x]));
            to[1] = overWhite(qGreen(line[x]), qAlpha(line[x]));
            to[2] = overWhite(qBlue(line[x]), qAlpha(line[x]));
        }
        return m_row.data();
    }

private:
    static std::uint8_t overWhite(int value, int alpha)
    {
        return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
    }

    const QImage& m_picture;
    std::vector<std::uint8_t> m_row;
};

/// Before a pixel is decoded. The reader's own limit of memory (4 bytes a pixel) holds beside.
void checkSize(const QSize& size, const QString& path, const DecodeLimits& limits)
{
    if (!size.isValid())
        return; // the reader's own limit of memory holds
    const auto pixels =
        static_cast<std::uint64_t>(size.width()) * static_cast<std::uint64_t>(size.height());
    if (size.width() > limits.maxSide || size.height() > limits.maxSide
        || pixels > limits.maxPixels) {
        throw Error(ErrorKind::BadInput, "picture too large", path.toStdString(),
            "at most 16384 pixels a side and 100 megapixels",
            std::to_string(size.width()) + "x" + std::to_string(size.height()));
    }
}

/// Fills width and height; gives `use` the rows, unless stopped.
void readByQt(LoadedPhoto& photo, const DecodeLimits& limits, const TimeLimit& time,
    const std::function<void(const RowSource&)>& use)
{
    const std::string place = photo.path.toStdString();
    TimedFile file(photo.path, time);
    if (!file.open(QIODevice::ReadOnly)) {
        throw Error(ErrorKind::BadInput, "cannot read the picture", place, "",
            file.errorString().toStdString());
    }
    QImageReader reader(&file);
    reader.setDecideFormatFromContent(true);
    const QByteArray format = reader.format();
    checkSize(reader.size(), photo.path, limits);
    const QImage picture = reader.read();
    if (time.stopped())
        return;
    if (time.late()) {
        throw Error(ErrorKind::BadInput, "the picture takes too long to decode", place,
            "at most " + std::to_string(time.milliseconds()) + " ms", "no end by then");
    }
    if (picture.isNull()) {
        throw Error(ErrorKind::BadInput, "cannot decode the picture", place,
            "a whole " + format.toUpper().toStdString() + " picture of at most "
                + sizeText(limits.maxMemoryBytes) + " in memory",
            "damaged data, or more");
    }
    checkSize(picture.size(), photo.path, limits);
    QtRows rows(picture);
    photo.width = picture.width();
    photo.height = picture.height();
    use({ picture.width(), picture.height(), [&rows](int y) { return rows.row(y); } });
}

/// Opens the picture of the file: `use` gets its rows once; they may be asked for more than once.
/// Not called when stopped. Path, size and colour profile go into `photo`.
void readPicture(const QString& path, ColourRule colour, const DecodeLimits& limits,
    const TimeLimit& time, LoadedPhoto& photo, const std::function<void(const RowSource&)>& use)
{
    const QFileInfo info(path);
    photo.path = info.absoluteFilePath();
    const QByteArray head = headOf(path);
    if (!head.isEmpty() && !isCoresFormat(head)
        && static_cast<std::uint64_t>(info.size()) <= limits.maxFileBytes) {
        QImageReader::setAllocationLimit(static_cast<int>(limits.maxMemoryBytes >> 20));
        QImageReader reader(path);
        reader.setDecideFormatFromContent(true);
        if (isReadByQt(reader.format()) && reader.canRead()) {
            readByQt(photo, limits, time, use);
            return;
        }
    }
    const std::string place = photo.path.toStdString();
    const Image picture =
        readImage(place, { DecodeRule::Person, colour }, limits, time, &photo.profile);
    photo.width = picture.width;
    photo.height = picture.height;
    if (!picture.empty())
        use(rowsOf(picture));
}

/// The clean photo of a pair, also at the pair's size where that is known.
void readCleanOf(LoadedPair& pair, const QString& photo, PhotoRule rule, const PictureSize& wanted,
    const DecodeLimits& limits, const std::stop_token& stop)
{
    const TimeLimit time(limits.deadlineMs, stop);
    readPicture(photo, rule.colour, limits, time, pair.photo, [&](const RowSource& rows) {
        const std::string place = pair.photo.path.toStdString();
        pair.photo.clean = toImageSpace(rows, rule.crop, time, place);
        if (pair.fits)
            pair.clean = toSize(rows, wanted, rule.crop, time, place);
    });
}

} // namespace

LoadedPhoto loadPhoto(
    const QString& path, PhotoRule rule, const DecodeLimits& limits, const std::stop_token& stop)
{
    const TimeLimit time(limits.deadlineMs, stop);
    LoadedPhoto photo;
    readPicture(path, rule.colour, limits, time, photo, [&](const RowSource& rows) {
        photo.clean = toImageSpace(rows, rule.crop, time, photo.path.toStdString());
    });
    return photo;
}

LoadedPair loadPair(const QString& photo, const QString& other, PhotoRule rule,
    const std::optional<PictureSize>& size, const DecodeLimits& limits, const std::stop_token& stop)
{
    LoadedPair pair;
    const PictureSize wanted = size.value_or(PictureSize());
    const TimeLimit otherTime(limits.deadlineMs, stop);
    readPicture(other, rule.colour, limits, otherTime, pair.other, [&](const RowSource& rows) {
        const std::string place = pair.other.path.toStdString();
        pair.found = { rows.width, rows.height };
        pair.fits = pair.found == wanted;
        if (size)
            requireComparable(pair.found, size, place);
        if (pair.fits)
            pair.other.clean = toSize(rows, wanted, CropRule::Whole, otherTime, place);
    });
    readCleanOf(pair, photo, rule, wanted, limits, stop);
    return pair;
}

LoadedPair loadSeries(const QString& photo, const SeriesSource& series, PhotoRule rule,
    const std::optional<PictureSize>& size, const std::stop_token& stop)
{
    LoadedPair pair;
    pair.other.path = QString::fromStdString(series.path.string());
    pair.series = readSeries(series, stop);
    if (pair.series.empty())
        return pair; // stopped
    pair.found = sizeOf(*pair.series.front().image);
    requireSeriesSize(pair.series, size.value_or(pair.found));
    const PictureSize wanted = size.value_or(PictureSize());
    pair.fits = pair.found == wanted;
    readCleanOf(pair, photo, rule, wanted, {}, stop);
    return pair;
}

QImage thumbnailOf(const LoadedPhoto& photo, CropRule crop, int side)
{
    const QImage clean = toQImage(photo.clean);
    if (clean.isNull() || photo.width <= 0 || photo.height <= 0)
        return {};
    // Of a whole photo that was pressed into a square: its middle, as wide as it is high.
    QRect middle = clean.rect();
    if (crop == CropRule::Whole && photo.width > photo.height) {
        const int width = std::max(1, clean.width() * photo.height / photo.width);
        middle = QRect((clean.width() - width) / 2, 0, width, clean.height());
    } else if (crop == CropRule::Whole) {
        const int height = std::max(1, clean.height() * photo.width / photo.height);
        middle = QRect(0, (clean.height() - height) / 2, clean.width(), height);
    }
    return clean.copy(middle).scaled(side, side, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
}

QString photoBeside(const QString& path, int offset)
{
    const QStringList photos = photosBeside(path);
    const auto at = photos.indexOf(path);
    return at < 0 ? QString() : photos.value(at + offset);
}

QStringList photoFilters()
{
    QStringList filters;
    for (const std::string_view ending : pictureEndings()) {
        filters << QStringLiteral("*")
                + QString::fromLatin1(ending.data(), static_cast<qsizetype>(ending.size()));
    }
    for (const QByteArray& format : QImageReader::supportedImageFormats()) {
        const QString filter = QStringLiteral("*.") + QString::fromLatin1(format);
        if (isReadByQt(format) && !filters.contains(filter))
            filters << filter;
    }
    return filters;
}

QStringList photosBeside(const QString& path)
{
    if (path.isEmpty())
        return {};
    const QFileInfo info(path);
    const QDir folder = info.isDir() ? QDir(info.absoluteFilePath()) : info.absoluteDir();
    QStringList names =
        folder.entryList(photoFilters(), QDir::Files | QDir::Readable, QDir::Unsorted);
    QCollator collator(QLocale::c());
    collator.setNumericMode(true);
    std::sort(names.begin(), names.end(), collator);
    QStringList paths;
    for (const QString& name : names.mid(0, kMaxListed))
        paths << folder.absoluteFilePath(name);
    return paths;
}

QString embeddedPhotosFolder()
{
    const QString beside = QDir::cleanPath(
        QCoreApplication::applicationDirPath() + QStringLiteral("/../share/crossiter/photos"));
    for (const QString& folder : { QStringLiteral(CROSSITER_BUILT_PHOTOS), beside })
        if (!folder.isEmpty() && QFileInfo(folder).isDir())
            return folder;
    return {};
}

QString firstPhoto(const QString& folder)
{
    if (folder.isEmpty())
        return {};
    QString dalmatian = folder + QStringLiteral("/imagenet_16_251.jpg");
    if (QFileInfo::exists(dalmatian))
        return dalmatian;
    return photosBeside(folder).value(0);
}

} // namespace crossiter::ui
