#include "ui/viewmodels/CellImageModel.h"

#include "ui/viewmodels/LabelListModel.h"

#include <algorithm>

namespace crossiter::ui {

namespace {

QString labelText(const std::optional<int>& label)
{
    if (!label)
        return {};
    // A defense from outside may answer any number.
    return *label >= 0 && *label <= 1000 ? LabelListModel::textOf(*label)
                                         : CellImageModel::tr("%1, no label").arg(*label);
}

/// One line a fact, for the pointer or for the screen reader.
QString describe(const CellImage& image, bool speech)
{
    QStringList lines { image.imageId };
    switch (image.outcome()) {
    case CellOutcome::NotWritten:
        lines << CellImageModel::tr("the attack wrote no image");
        break;
    case CellOutcome::NoAnswer:
        lines << CellImageModel::tr("the defense gave no label");
        break;
    default:
        lines << CellImageModel::tr("predicted %1").arg(labelText(image.predicted));
    }
    if (image.predictedClean)
        lines
            << CellImageModel::tr("when clean, predicted %1").arg(labelText(image.predictedClean));
    lines << (image.trueLabel ? CellImageModel::tr("true %1").arg(labelText(image.trueLabel))
                              : CellImageModel::tr("true label not known"));
    if (image.target) {
        lines << CellImageModel::tr("target %1%2")
                     .arg(labelText(image.target),
                         image.hit() ? CellImageModel::tr(", hit") : QString());
    }
    if (image.epsilon255 >= 0)
        lines << CellImageModel::tr("epsilon %1").arg(image.epsilon255);
    if (!speech && !image.adversarial.isEmpty())
        lines << CellImageModel::tr("Click: opens it in the explorer beside the clean picture.");
    return lines.join(speech ? QStringLiteral(", ") : QStringLiteral("\n"));
}

} // namespace

CellOutcome CellImage::outcome() const
{
    if (adversarial.isEmpty())
        return CellOutcome::NotWritten;
    if (!predicted)
        return CellOutcome::NoAnswer;
    if (!trueLabel)
        return CellOutcome::NoLabel;
    return *predicted == *trueLabel ? CellOutcome::Held : CellOutcome::Fooled;
}

CellImageModel::CellImageModel(QObject* parent)
    : QAbstractListModel(parent)
{
}

void CellImageModel::setImages(const QVector<CellImage>& images)
{
    beginResetModel();
    m_images = images;
    m_thumbnails = QVector<Thumbnails>(images.size());
    endResetModel();
}

void CellImageModel::setThumbnails(int row, const QImage& clean, const QImage& adversarial)
{
    if (row < 0 || row >= m_images.size())
        return;
    m_thumbnails[row] = { clean, adversarial };
    emit dataChanged(index(row), index(row), { CleanThumbnailRole, AdversarialThumbnailRole });
}

int CellImageModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_images.size());
}

QVariant CellImageModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const CellImage& image = m_images.at(index.row());
    const auto picture = [](const QImage& thumbnail) {
        return thumbnail.isNull() ? QVariant() : QVariant(thumbnail);
    };
    switch (role) {
    case Qt::DisplayRole:
        return image.imageId;
    case PredictedRole:
        return labelText(image.predicted);
    case TrueRole:
        return labelText(image.trueLabel);
    case TargetRole:
        return labelText(image.target);
    case Qt::ToolTipRole:
    case Qt::AccessibleTextRole:
        return describe(image, role == Qt::AccessibleTextRole);
    case CleanPathRole:
        return image.clean;
    case AdversarialPathRole:
        return image.adversarial;
    case CleanThumbnailRole:
        return picture(m_thumbnails.at(index.row()).clean);
    case AdversarialThumbnailRole:
        return picture(m_thumbnails.at(index.row()).adversarial);
    case OutcomeRole:
        return static_cast<int>(image.outcome());
    case HitRole:
        return image.hit();
    default:
        return {};
    }
}

CellImageFilter::CellImageFilter(QObject* parent)
    : QSortFilterProxyModel(parent)
{
}

void CellImageFilter::setShows(Shows shows)
{
    if (shows != m_shows) {
        m_shows = shows;
        invalidateFilter();
    }
}

bool CellImageFilter::fits(const CellImage& image, Shows shows)
{
    const CellOutcome outcome = image.outcome();
    switch (shows) {
    case Shows::All:
        return true;
    case Shows::Fooled:
        return outcome == CellOutcome::Fooled;
    case Shows::Held:
        return outcome == CellOutcome::Held;
    case Shows::Hit:
        return image.hit();
    case Shows::Missing:
        return outcome == CellOutcome::NotWritten || outcome == CellOutcome::NoAnswer;
    }
    return true;
}

int CellImageFilter::count(const QVector<CellImage>& images, Shows shows)
{
    return static_cast<int>(std::ranges::count_if(
        images, [shows](const CellImage& image) { return fits(image, shows); }));
}

bool CellImageFilter::filterAcceptsRow(int row, const QModelIndex& parent) const
{
    const auto* images = qobject_cast<const CellImageModel*>(sourceModel());
    return images == nullptr || parent.isValid() || row >= images->images().size()
        || fits(images->images().at(row), m_shows);
}

QVector<CellImage> cellImagesOf(const TournamentSnapshot& tournament, const Meeting& meeting)
{
    const TournamentOutcome& outcome = tournament.outcome;
    const auto& attacks = meeting.targeted ? outcome.targetedAttacks : outcome.attacks;
    QVector<CellImage> images;
    if (!meeting.valid() || meeting.attack >= static_cast<int>(attacks.size())
        || meeting.defense >= static_cast<int>(outcome.labels.size()))
        return images;
    const auto attack = static_cast<std::size_t>(meeting.attack);
    const auto defense = static_cast<std::size_t>(meeting.defense);
    for (std::size_t at = 0; at < outcome.images.size(); ++at) {
        CellImage image;
        image.imageId = QString::fromStdString(outcome.images[at].imageId);
        image.trueLabel = outcome.images[at].trueLabel;
        if (meeting.targeted)
            image.target = outcome.images[at].targetClass;
        if (at < tournament.images.size()) {
            image.clean = QString::fromStdString(tournament.images[at].clean.string());
            image.epsilon255 = tournament.images[at].epsilon255;
        }
        if (defense < outcome.cleanLabels.size())
            image.predictedClean = outcome.cleanLabels[defense].at(at);
        images << image;
    }
    for (std::size_t number = 0; number < outcome.examples.size(); ++number) {
        const AdvExample& example = outcome.examples[number];
        if (example.attack == attack && example.targeted == meeting.targeted) {
            CellImage& image = images[static_cast<int>(example.image)];
            image.adversarial = QString::fromStdString(tournament.examples.at(number).string());
            image.predicted = outcome.labels[defense].at(number);
        }
    }
    return images;
}

} // namespace crossiter::ui
