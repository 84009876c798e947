#pragma once

#include "core/batch/TournamentView.h"
#include "ui/viewmodels/ScoreSheet.h"

#include <QAbstractListModel>
#include <QImage>
#include <QSortFilterProxyModel>
#include <QString>
#include <QVector>

#include <optional>

namespace crossiter::ui {

/// What a defense made of one adversarial image. Fooled and held divide the images that were
/// written; a hit is fooled too, unless the target is the true label.
enum class CellOutcome
{
    Held, ///< the prediction is the true label
    Fooled, ///< it is another one
    NotWritten, ///< the attack left no image: counts for the defense's opponent
    NoAnswer, ///< the defense said nothing of it
    NoLabel, ///< predicted, and the true label is not known
};

/// One image behind a cell of the score matrix.
struct CellImage
{
    QString imageId;
    QString clean; ///< path in the dataset; empty: not known
    QString adversarial; ///< path of the clipped image; empty: not written
    std::optional<int> predicted;
    std::optional<int> predictedClean; ///< by the same defense on the clean image, where asked
    std::optional<int> trueLabel;
    std::optional<int> target; ///< only behind targeted attacks
    int epsilon255 = -1; ///< of its batch; -1: not known

    bool operator==(const CellImage&) const = default;
    [[nodiscard]] CellOutcome outcome() const;
    [[nodiscard]] bool hit() const { return predicted && target && *predicted == *target; }
};

/// The images behind a cell, a row each; thumbnails come later, one by one.
class CellImageModel : public QAbstractListModel
{
    Q_OBJECT

public:
    enum Role
    {
        CleanPathRole = Qt::UserRole + 1,
        AdversarialPathRole,
        CleanThumbnailRole, ///< QImage or invalid
        AdversarialThumbnailRole,
        OutcomeRole, ///< int of CellOutcome
        HitRole, ///< bool
        PredictedRole, ///< "852 tennis ball"; empty: none
        TrueRole,
        TargetRole,
    };

    explicit CellImageModel(QObject* parent = nullptr);

    void setImages(const QVector<CellImage>& images); ///< drops all thumbnails
    void setThumbnails(int row, const QImage& clean, const QImage& adversarial);
    [[nodiscard]] const QVector<CellImage>& images() const { return m_images; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(
        const QModelIndex& index, int role = Qt::DisplayRole) const override;

private:
    struct Thumbnails
    {
        QImage clean;
        QImage adversarial;
    };
    QVector<CellImage> m_images;
    QVector<Thumbnails> m_thumbnails;
};

/// Which of them are shown.
class CellImageFilter : public QSortFilterProxyModel
{
    Q_OBJECT

public:
    enum class Shows
    {
        All,
        Fooled,
        Held,
        Hit,
        Missing ///< not written, or no answer
    };

    explicit CellImageFilter(QObject* parent = nullptr);

    void setShows(Shows shows);
    [[nodiscard]] Shows shows() const { return m_shows; }
    [[nodiscard]] static bool fits(const CellImage& image, Shows shows);
    [[nodiscard]] static int count(const QVector<CellImage>& images, Shows shows);

protected:
    [[nodiscard]] bool filterAcceptsRow(int row, const QModelIndex& parent) const override;

private:
    Shows m_shows = Shows::All;
};

/// The dataset's images in their order, each with what the attack made of it and what the defense
/// said. A meeting that the tournament does not have: none.
[[nodiscard]] QVector<CellImage> cellImagesOf(
    const TournamentSnapshot& tournament, const Meeting& meeting);

} // namespace crossiter::ui
