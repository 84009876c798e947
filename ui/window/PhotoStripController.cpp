#include "ui/window/PhotoStripController.h"

#include "core/base/Error.h"
#include "core/classify/Labels.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/window/Shell.h"

#include <QFileInfo>

#include <utility>

namespace crossiter::ui {

namespace {

constexpr int kMostInStrip = 300;
constexpr int kThumbnailSide = 96;

} // namespace

PhotoStripController::PhotoStripController(Shell& shell, QWidget* parent, Decode decode)
    : m_session(shell.explorer())
    , m_strip(new PhotoStrip(parent))
    , m_decode(std::move(decode))
{
    if (!m_decode) {
        m_decode = [](const QString& path, const std::stop_token& stop) {
            return loadPhoto(path, CropRule::CentreCrop, {}, stop);
        };
    }
    m_strip->setAccessibleName(tr("Photos to choose from"));
    connect(m_strip, &PhotoStrip::photoChosen, &m_session, &ExplorerSession::openPhoto);
    connect(&m_session, &ExplorerSession::photoChanged, this, &PhotoStripController::showPhoto);
    connect(&shell, &Shell::themeChanged, m_strip, &PhotoStrip::setTheme);
}

void PhotoStripController::showPhoto()
{
    if (!m_session.hasPhoto())
        return;
    const QString path = m_session.photo().path;
    if (const QString folder = QFileInfo(path).absolutePath(); folder != m_folder) {
        m_folder = folder;
        fill();
    }
    m_strip->setCurrentPath(path);
}

void PhotoStripController::fill()
{
    const QStringList paths = photosBeside(m_folder).mid(0, kMostInStrip);
    QVector<PhotoItem> items;
    for (const QString& path :
        paths) { // by the file name alone: folders of thousands must not wait
        const TrueLabel label = resolveTrueLabel(QFileInfo(path).fileName().toStdString());
        items.push_back({ path,
            label.label ? QString::fromStdString(labelName(*label.label))
                        : QFileInfo(path).fileName() });
    }
    m_strip->setPhotos(items);
    const int open = showOpenThumbnail(); // decoded already
    m_thumbnails.start([this, paths, open](const JobRunner::Job& job) {
        for (int row = 0; row < paths.size() && !job.stop().stop_requested(); ++row) {
            if (row == open)
                continue;
            try {
                const LoadedPhoto photo = m_decode(paths[row], job.stop());
                const QImage small = thumbnailOf(photo, CropRule::CentreCrop, kThumbnailSide);
                job.post([this, row, small] { m_strip->setThumbnail(row, small); });
            } catch (const Error&) {
                continue; // a damaged neighbour has no thumbnail; opening it says why
            }
        }
    });
}

int PhotoStripController::showOpenThumbnail()
{
    const int row =
        m_session.hasPhoto() ? m_strip->photoModel()->rowOf(m_session.photo().path) : -1;
    if (row >= 0) {
        m_strip->setThumbnail(
            row, thumbnailOf(m_session.photo(), m_session.photoCrop(), kThumbnailSide));
    }
    return row;
}

} // namespace crossiter::ui
