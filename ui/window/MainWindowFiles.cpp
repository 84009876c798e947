// MainWindow's files: opening, dropping, exporting, what is remembered.
#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/classify/Labels.h"
#include "ui/dialogs/ModelsDialog.h"
#include "ui/plot/SweepHeatMap.h"
#include "ui/plot/SweepPlot.h"
#include "ui/plot/TrajectoryPlot.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/PlainText.h"
#include "ui/session/StudySession.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/defense/DefensePanel.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/views/leaking/StudyPanel.h"
#include "ui/window/MainWindow.h"

#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QDir>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMimeData>
#include <QUndoStack>

namespace crossiter::ui {

namespace {

constexpr int kMostRecent = 8;
constexpr int kMostInStrip = 300;
constexpr int kThumbnailSide = 96;
constexpr int kLayoutVersion = 1; // of saveState: grows when docks are added

bool isSessionFile(const QString& path)
{
    return path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
}

} // namespace

QString MainWindow::ask(
    const QString& title, const QString& suggestion, const QString& filter, bool save, bool folder)
{
    const auto chosen = [&] {
        if (m_options.choosePath) {
            return m_options.choosePath(title, suggestion, filter, save, folder);
        }
        if (folder) {
            return QFileDialog::getExistingDirectory(this, title, suggestion);
        }
        return save ? QFileDialog::getSaveFileName(this, title, suggestion, filter)
                    : QFileDialog::getOpenFileName(this, title, suggestion, filter);
    };
    QString path = chosen();
    if (save && !folder && !path.isEmpty() && refusesToReplace(path)) {
        path.clear();
    }
    return path;
}

void MainWindow::openPath(const QString& path)
{
    if (path.isEmpty()) {
        return;
    }
    if (isSessionFile(path)) {
        openSession(path);
    } else {
        m_session->openPhoto(path);
    }
}

void MainWindow::openPhotoDialog()
{
    openPath(ask(tr("Open photo"), QFileInfo(m_session->state().photo).path(),
        tr("Pictures (%1);;All files (*)").arg(photoFilters().join(QLatin1Char(' '))), false));
}

void MainWindow::openFolderDialog()
{
    openPath(ask(tr("Open folder"), QFileInfo(m_session->state().photo).path(), {}, false, true));
}

void MainWindow::openPairDialog()
{
    const QString filter =
        tr("Pictures (%1);;All files (*)").arg(photoFilters().join(QLatin1Char(' ')));
    const QString clean =
        ask(tr("Clean picture of the pair"), m_session->state().photo, filter, false);
    if (clean.isEmpty()) {
        return;
    }
    const QString other =
        ask(tr("The picture that was made of %1").arg(QFileInfo(clean).fileName()), clean, filter,
            false);
    if (!other.isEmpty()) {
        m_session->openPair(clean, other);
    }
}

void MainWindow::swapPair()
{
    if (m_session->showsPair()) {
        m_session->openPair(m_session->state().pair, m_session->state().photo);
    }
}

void MainWindow::askPairSize(const QString& other, const PictureSize& found)
{
    const QString own = QString::fromStdString(toString(found));
    const QString question = tr("%1 is %2, not 299x299. The clean picture is brought to the size "
                                "that both are compared at, and the networks are fed from there.")
                                 .arg(QFileInfo(other).fileName(), own);
    QString answer;
    if (m_options.choosePairSize) {
        answer = m_options.choosePairSize(question, own);
    } else {
        bool accepted = false;
        answer = QInputDialog::getText(this, tr("Size of the pair"),
            question + QLatin1Char('\n') + tr("Compare at:"), QLineEdit::Normal, own, &accepted);
        answer = accepted ? answer.trimmed() : QString();
    }
    const auto size = findPictureSize(answer.toStdString());
    m_session->answerPairSize(size);
    if (!size && !answer.isEmpty()) {
        m_errors->showMessage(
            tr("“%1” is no size: write it as 224x224, sides of 1 to 16384.").arg(answer));
    }
}

void MainWindow::runAttack()
{
    if (m_session->showsPair()) {
        m_session->leavePair();
    }
    m_session->run();
}

void MainWindow::openLabelsDialog()
{
    if (const QString path = ask(tr("True labels"), {}, tr("CSV (*.csv);;All files (*)"), false);
        !path.isEmpty()) {
        m_session->setLabelsCsv(path);
    }
}

void MainWindow::exportImageDialog()
{
    const QString suggestion = QFileInfo(m_session->photo().path).completeBaseName()
        + QStringLiteral(".sub-step-%1.png").arg(m_session->currentSubStep());
    if (const QString path = ask(tr("Export the image"), suggestion, tr("PNG (*.png)"), true);
        !path.isEmpty()) {
        m_session->exportImage(path.endsWith(QLatin1String(".png"), Qt::CaseInsensitive)
                ? path
                : path + QStringLiteral(".png"));
    }
}

void MainWindow::exportTraceDialog()
{
    if (const QString folder = ask(tr("Export the trace into a folder"), {}, {}, true, true);
        !folder.isEmpty()) {
        m_session->exportTrace(folder);
    }
}

void MainWindow::exportPlotDialog()
{
    const QString path = ask(tr("Export the plot"), tr("trajectory.pdf"),
        tr("PDF (*.pdf);;SVG (*.svg);;PNG (*.png)"), true);
    if (!path.isEmpty()) {
        guarded([&] {
            m_plot->savePlot(path);
            m_session->exportProvenance({ path }, m_session->trace());
        });
    }
}

void MainWindow::savePictureDialog(
    const QString& what, const QImage& picture, const std::function<void(const QString&)>& explain)
{
    if (picture.isNull()) {
        m_errors->showMessage(tr("There is nothing to save yet."));
        return;
    }
    const QString path =
        ask(tr("Save the picture"), what + QStringLiteral(".png"), tr("PNG (*.png)"), true);
    if (!path.isEmpty()) {
        guarded([&] {
            savePicture(path, picture);
            explain(path);
        });
    }
}

void MainWindow::savePicture(const QString& path, const QImage& picture)
{
    QByteArray png;
    QBuffer buffer(&png);
    buffer.open(QIODevice::WriteOnly);
    if (!picture.convertToFormat(QImage::Format_RGB32).save(&buffer, "PNG")) {
        throw Error(ErrorKind::BadInput, "cannot encode the picture", path.toStdString());
    }
    writeFileAtomically(path.toStdString(),
        std::string_view(png.constData(), static_cast<std::size_t>(png.size())));
}

void MainWindow::saveWindowPicture(const QString& path)
{
    requireNoInput(path, false);
    savePicture(path, grab().toImage());
}

QStringList MainWindow::saveViews(const QString& folder)
{
    const QString base =
        QDir(folder).filePath(QStringLiteral("%1.sub-step-%2.")
                                  .arg(QFileInfo(m_session->photo().path).completeBaseName())
                                  .arg(m_session->currentSubStep()));
    const auto save = [&](const char* name, const QImage& picture, QStringList& paths) {
        if (!picture.isNull()) {
            paths << base + QLatin1String(name) + QStringLiteral(".png");
            requireNoInput(paths.last());
            savePicture(paths.last(), picture);
        }
    };
    const auto savePlot = [&](auto& plot, const QString& name, QStringList& paths) {
        for (const char* ending : { ".pdf", ".svg", ".png" }) {
            paths << base + name + QLatin1String(ending);
            plot.savePlot(paths.last());
        }
    };
    QStringList views;
    save("original", m_panes->paneImage(ImagePanes::OriginalPane), views);
    save("perturbation", m_panes->paneImage(ImagePanes::PerturbationPane), views);
    save("adversarial", m_panes->paneImage(ImagePanes::AdversarialPane), views);
    save("predictions", m_predictions->grab().toImage(), views);
    QStringList window;
    save("window", grab().toImage(), window);
    QStringList plots;
    savePlot(*m_plot, QStringLiteral("trajectory"), plots);
    QStringList defended;
    save("defended", m_panes->paneImage(ImagePanes::DefendedPane), defended);
    QStringList sweep;
    if (m_defense->sweep()) {
        savePlot(*m_defensePanel->plot(), QStringLiteral("sweep"), sweep);
        savePlot(*m_defensePanel->heatMap(), QStringLiteral("heat-map"), sweep);
    }
    const auto explain =
        [this](const QStringList& pictures, const std::shared_ptr<const AttackTrace>& trace,
            const std::string& defense = {}, const std::shared_ptr<const SweepResult>& swept = {}) {
            if (!pictures.isEmpty()) {
                m_session->exportProvenance(pictures, trace, defense, {}, swept);
            }
        };
    const auto shown = m_session->upToShown();
    explain(views, shown);
    explain(window, shown, defenseOfWindow());
    explain(plots, m_session->trace());
    explain(defended, shown, defenseText(effective(m_defense->defense())));
    if (!sweep.isEmpty()) {
        explain(sweep, m_session->trace(), defenseText(m_defense->sweep()->request.defense),
            m_defense->sweep());
    }
    return views + window + plots + defended + sweep;
}

std::string MainWindow::defenseOfWindow() const
{
    const ExplorerState& state = m_session->state();
    return state.showDefended ? defenseText(effective(state.defense)) : std::string();
}

std::function<void(const QString&)> MainWindow::shownOrigin(const std::string& defense)
{
    return [this, defense, trace = m_session->upToShown()](
               const QString& path) { m_session->exportProvenance({ path }, trace, defense); };
}

std::function<void(const QString&)> MainWindow::originOfFocus()
{
    const QWidget* focus = QApplication::focusWidget();
    const auto in = [focus](const QWidget* widget) {
        return focus == widget || widget->isAncestorOf(focus);
    };
    if (in(m_leaking->studyPanel())) {
        StudySession* study = m_leaking->studyPanel()->session();
        return [study, result = study->result()](
                   const QString& path) { study->exportFigureProvenance(path, result); };
    }
    if (in(m_leaking)) {
        return originOfTracks();
    }
    return shownOrigin(
        in(m_defensePanel) ? defenseText(effective(m_defense->defense())) : std::string());
}

void MainWindow::copyPicture(const QImage& picture, const QString& what)
{
    if (picture.isNull()) {
        m_errors->showMessage(tr("There is nothing to copy yet."));
        return;
    }
    QApplication::clipboard()->setImage(picture);
    say(tr("Copied %1, %2 × %3 px").arg(what).arg(picture.width()).arg(picture.height()));
}

QImage MainWindow::focusedView() const
{
    for (const QWidget* widget = QApplication::focusWidget(); widget != nullptr;
         widget = widget->parentWidget()) {
        if (widget == m_plot) {
            return figureImage(m_plot->figure());
        }
        if (widget == m_leaking) {
            return m_leaking->picture();
        }
        if (widget == m_predictions) {
            return m_predictions->grab().toImage();
        }
        if (widget == m_defensePanel->plot()) {
            return figureImage(m_defensePanel->plot()->figure());
        }
        if (widget == m_defensePanel->heatMap()) {
            return figureImage(m_defensePanel->heatMap()->figure());
        }
        if (widget == m_defensePanel) {
            return m_defensePanel->grab().toImage();
        }
    }
    const QImage adversarial = m_panes->paneImage(ImagePanes::AdversarialPane);
    return adversarial.isNull() ? m_panes->paneImage(ImagePanes::OriginalPane) : adversarial;
}

void MainWindow::guarded(const std::function<void()>& work)
{
    try {
        work();
        m_errors->dismiss();
    } catch (const Error& error) {
        m_errors->showMessage(QString::fromUtf8(error.what()));
    }
}

void MainWindow::say(const QString& message)
{
    m_status->setText(shownText(message));
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (!urls.isEmpty() && urls.first().isLocalFile()) {
        event->acceptProposedAction();
    }
}

void MainWindow::dropEvent(QDropEvent* event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (!urls.isEmpty() && urls.first().isLocalFile()) {
        event->acceptProposedAction();
        if (urls.size() == 2 && urls.last().isLocalFile()) {
            // In the order of the drop; "Swap the pair" turns it.
            m_session->openPair(urls.first().toLocalFile(), urls.last().toLocalFile());
            return;
        }
        if (isNamedAsWeights(urls.first().toLocalFile())) {
            openModelManager();
            m_models->importDropped(urls.first().toLocalFile());
            return;
        }
        openPath(urls.first().toLocalFile());
    }
}

void MainWindow::fillStrip()
{
    const QStringList paths = photosBeside(m_stripFolder).mid(0, kMostInStrip);
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
    m_thumbnails->start([this, paths, open](const JobRunner::Job& job) {
        for (int row = 0; row < paths.size() && !job.stop().stop_requested(); ++row) {
            if (row == open) {
                continue;
            }
            try {
                const LoadedPhoto photo =
                    loadPhoto(paths[row], CropRule::CentreCrop, {}, job.stop());
                const QImage small = thumbnailOf(photo, CropRule::CentreCrop, kThumbnailSide);
                job.post([this, row, small] { m_strip->setThumbnail(row, small); });
            } catch (const Error&) {
                continue; // a damaged neighbour has no thumbnail; opening it says why
            }
        }
    });
}

int MainWindow::showOpenThumbnail()
{
    const int row =
        m_session->hasPhoto() ? m_strip->photoModel()->rowOf(m_session->photo().path) : -1;
    if (row >= 0) {
        m_strip->setThumbnail(
            row, thumbnailOf(m_session->photo(), m_session->photoCrop(), kThumbnailSide));
    }
    return row;
}

void MainWindow::remember(const QString& path)
{
    if (!m_settings) {
        return;
    }
    QStringList recent = m_settings->value(QStringLiteral("recent")).toStringList();
    recent.removeAll(path);
    recent.prepend(path);
    m_settings->setValue(QStringLiteral("recent"), recent.mid(0, kMostRecent));
    fillRecentMenu();
}

void MainWindow::fillRecentMenu()
{
    for (QAction* action : m_recent) {
        m_actions.removeAll(action);
    }
    m_recent.clear();
    m_recentMenu->clear();
    const QStringList recent =
        m_settings ? m_settings->value(QStringLiteral("recent")).toStringList() : QStringList();
    for (const QString& path : recent.mid(0, kMostRecent)) {
        m_recent << add(
            m_recentMenu,
            QStringLiteral("&%1 %2")
                .arg(m_recent.size() + 1)
                .arg(menuText(QFileInfo(path).fileName())),
            QStringLiteral("Ctrl+Shift+F%1").arg(m_recent.size() + 1), path,
            [this, path] { openPath(path); }, "recent");
    }
    m_recentMenu->setEnabled(!m_recent.isEmpty());
}

void MainWindow::restoreSettings()
{
    if (m_options.settingsFile.isEmpty()) {
        return;
    }
    m_settings = std::make_unique<QSettings>(m_options.settingsFile, QSettings::IniFormat);
    // Whatever a damaged file yields is checked here; what does not fit is as good as absent.
    const QByteArray geometry = m_settings->value(QStringLiteral("window/geometry")).toByteArray();
    const QByteArray layout = m_settings->value(QStringLiteral("window/layout")).toByteArray();
    if (!geometry.isEmpty()) {
        restoreGeometry(geometry);
    }
    m_laidOut = !layout.isEmpty() && restoreState(layout, kLayoutVersion);
    if (!m_laidOut) {
        resetLayout();
    }
    bool isNumber = false;
    const int theme = m_settings->value(QStringLiteral("theme")).toInt(&isNumber);
    if (isNumber && theme >= 0 && theme <= static_cast<int>(ThemeKind::Dark)) {
        edit(
            Setting::Theme, [theme](ExplorerState& s) { s.theme = static_cast<ThemeKind>(theme); });
    }
    fillRecentMenu();
}

void MainWindow::storeSettings()
{
    if (!m_settings) {
        return;
    }
    m_settings->setValue(QStringLiteral("window/geometry"), saveGeometry());
    m_settings->setValue(QStringLiteral("window/layout"), saveState(kLayoutVersion));
    m_settings->setValue(QStringLiteral("theme"), static_cast<int>(m_session->state().theme));
    m_settings->sync();
}

} // namespace crossiter::ui
