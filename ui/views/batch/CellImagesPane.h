#pragma once

#include "ui/session/Theme.h"
#include "ui/viewmodels/CellImageModel.h"

#include <QWidget>

class QButtonGroup;
class QLabel;
class QListView;
class QToolButton;

namespace crossiter::ui {

/// The images behind a cell of the score matrix: clean and adversarial side by side, what was
/// predicted, what is true, what was the target. A click or Enter opens the pair; the chips show
/// only those that were fooled, held or hit.
class CellImagesPane : public QWidget
{
    Q_OBJECT

public:
    explicit CellImagesPane(QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    /// title: "fgsm against lite2". The same title: the chosen filter and the place stay.
    void setImages(const QString& title, const QVector<CellImage>& images);
    void setThumbnails(int row, const QImage& clean, const QImage& adversarial);
    [[nodiscard]] const QString& title() const { return m_title; }
    [[nodiscard]] CellImageModel* model() const { return m_images; }
    [[nodiscard]] CellImageFilter* filter() const { return m_filter; }
    [[nodiscard]] QListView* list() const { return m_list; }
    void setShows(CellImageFilter::Shows shows); ///< as a click on its chip

signals:
    void pairChosen(const QString& clean, const QString& adversarial);
    void closed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void choose(const QModelIndex& index);
    void countChips();
    void fitGrid();

    QString m_title;
    CellImageModel* m_images = nullptr;
    CellImageFilter* m_filter = nullptr;
    class CellImageDelegate* m_delegate = nullptr;
    QLabel* m_name = nullptr;
    QToolButton* m_close = nullptr;
    QButtonGroup* m_chips = nullptr;
    QListView* m_list = nullptr;
    QLabel* m_nothing = nullptr;
};

} // namespace crossiter::ui
