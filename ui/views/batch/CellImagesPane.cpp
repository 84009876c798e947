#include "ui/views/batch/CellImagesPane.h"

#include "ui/views/common/Controls.h"
#include "ui/views/common/FlowRow.h"
#include "ui/views/common/Icons.h"

#include <QButtonGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kThumbnail = 48;
constexpr int kPadding = 5;
constexpr int kLeastItemWidth = 240;

} // namespace

/// Two thumbnails and three lines.
class CellImageDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void setTheme(const Theme& theme) { m_theme = theme; }

    [[nodiscard]] QSize sizeHint(
        const QStyleOptionViewItem& option, const QModelIndex& /*index*/) const override
    {
        return { kLeastItemWidth, heightFor(option.fontMetrics) };
    }
    [[nodiscard]] static int heightFor(const QFontMetrics& metrics)
    {
        return std::max(kThumbnail, 3 * metrics.lineSpacing()) + 2 * kPadding + 3;
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        const bool focused = (option.state & QStyle::State_HasFocus) != 0U;
        const bool hovered = (option.state & QStyle::State_MouseOver) != 0U;
        const QRectF cell = QRectF(option.rect).adjusted(1.5, 1.5, -1.5, -1.5);
        painter->save();
        painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
        painter->setBrush(hovered ? m_theme.panel : Qt::transparent);
        painter->setPen(focused ? QPen(m_theme.accent, 1.2) : QPen(Qt::NoPen));
        painter->drawRoundedRect(cell, 5.0, 5.0);
        const double top = cell.center().y() - kThumbnail / 2.0;
        double left = cell.left() + kPadding;
        for (const int role :
            { CellImageModel::CleanThumbnailRole, CellImageModel::AdversarialThumbnailRole }) {
            const QRectF box(left, top, kThumbnail, kThumbnail);
            QPainterPath corners;
            corners.addRoundedRect(box, 3.0, 3.0);
            painter->save();
            painter->setClipPath(corners);
            const auto thumbnail = index.data(role).value<QImage>();
            painter->fillRect(box, m_theme.panel);
            if (!thumbnail.isNull())
                painter->drawImage(box, thumbnail, thumbnail.rect());
            painter->restore();
            left = box.right() + 3;
        }
        paintText(*painter, option,
            QRectF(left + 4, cell.top(), cell.right() - left - 8, cell.height()), index);
        painter->restore();
    }

private:
    void paintText(QPainter& painter, const QStyleOptionViewItem& option, const QRectF& area,
        const QModelIndex& index) const
    {
        const auto outcome =
            static_cast<CellOutcome>(index.data(CellImageModel::OutcomeRole).toInt());
        const bool hit = index.data(CellImageModel::HitRole).toBool();
        QString verdict;
        QColor ink = m_theme.text;
        switch (outcome) {
        case CellOutcome::Held:
            verdict = CellImageModel::tr("held");
            ink = m_theme.trueLabel;
            break;
        case CellOutcome::Fooled:
            verdict = hit ? CellImageModel::tr("hit") : CellImageModel::tr("fooled");
            ink = hit ? m_theme.target : m_theme.wrongLabel;
            break;
        case CellOutcome::NotWritten:
            verdict = CellImageModel::tr("no image");
            ink = m_theme.error;
            break;
        case CellOutcome::NoAnswer:
            verdict = CellImageModel::tr("no answer");
            ink = m_theme.muted;
            break;
        case CellOutcome::NoLabel:
            verdict = CellImageModel::tr("predicted");
            break;
        }
        const QString predicted = index.data(CellImageModel::PredictedRole).toString();
        const QString target = index.data(CellImageModel::TargetRole).toString();
        const std::pair<QString, QColor> lines[] = {
            { predicted.isEmpty() ? verdict : CellImageModel::tr("%1: %2").arg(verdict, predicted),
                ink },
            { CellImageModel::tr("true: %1").arg(index.data(CellImageModel::TrueRole).toString()),
                m_theme.text },
            { target.isEmpty() ? index.data().toString()
                               : CellImageModel::tr("target: %1").arg(target),
                target.isEmpty() ? m_theme.muted : m_theme.target }
        };
        const double height = option.fontMetrics.lineSpacing();
        double y = area.center().y() - 1.5 * height;
        for (const auto& [line, color] : lines) {
            painter.setPen(color);
            painter.drawText(QRectF(area.left(), y, area.width(), height),
                Qt::AlignLeft | Qt::AlignVCenter,
                option.fontMetrics.elidedText(
                    line, Qt::ElideRight, static_cast<int>(area.width())));
            y += height;
        }
    }

    Theme m_theme;
};

CellImagesPane::CellImagesPane(QWidget* parent)
    : QWidget(parent)
    , m_images(new CellImageModel(this))
    , m_filter(new CellImageFilter(this))
    , m_delegate(new CellImageDelegate(this))
    , m_name(new QLabel(this))
    , m_close(new QToolButton(this))
    , m_chips(new QButtonGroup(this))
    , m_list(new QListView(this))
    , m_nothing(roleLabel(this, "muted", tr("None of these.")))
{
    m_filter->setSourceModel(m_images);
    m_name->setObjectName("cellTitle");
    m_name->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    m_name->setTextFormat(Qt::PlainText);
    m_close->setObjectName("closeCell");
    m_close->setToolTip(tr("Close the images (Esc)"));
    m_close->setAccessibleName(tr("Close the images"));
    m_close->setWhatsThis(tr("Hides the images; the matrix gets their room."));
    m_close->setAutoRaise(true);

    auto* chips = new FlowRow(this);
    m_chips->setExclusive(true);
    const std::pair<CellImageFilter::Shows, QString> kinds[] = {
        { CellImageFilter::Shows::All, tr("Every image behind the cell.") },
        { CellImageFilter::Shows::Fooled, tr("The defense's label is not the true one.") },
        { CellImageFilter::Shows::Held, tr("The defense's label is the true one.") },
        { CellImageFilter::Shows::Hit, tr("The defense's label is the attack's target.") },
        { CellImageFilter::Shows::Missing,
            tr("No image was written, or the defense said nothing.") }
    };
    for (const auto& [shows, help] : kinds) {
        auto* chip = chipButton(this, "", {}, help);
        m_chips->addButton(chip, static_cast<int>(shows));
        chips->add(chip);
    }
    m_chips->button(static_cast<int>(CellImageFilter::Shows::All))->setChecked(true);

    m_list->setObjectName("cellImages");
    m_list->setModel(m_filter);
    m_list->setItemDelegate(m_delegate);
    m_list->setViewMode(QListView::ListMode);
    m_list->setFlow(QListView::LeftToRight);
    m_list->setWrapping(true);
    m_list->setResizeMode(QListView::Adjust);
    m_list->setUniformItemSizes(true);
    m_list->setMovement(QListView::Static);
    m_list->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_list->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_list->setSelectionMode(QAbstractItemView::SingleSelection);
    m_list->setMouseTracking(true);
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setAccessibleName(tr("Images behind the cell"));
    m_list->setAccessibleDescription(tr("Arrows move, Enter opens the pair in the explorer"));
    m_list->setWhatsThis(
        tr("Clean and adversarial image. Click or Enter: opens both in the explorer."));
    m_list->installEventFilter(this);
    m_list->viewport()->installEventFilter(this);
    m_nothing->setAlignment(Qt::AlignCenter);
    m_nothing->hide();

    auto* head = new QHBoxLayout;
    head->setContentsMargins(0, 0, 0, 0);
    head->addWidget(m_name, 1);
    head->addWidget(m_close);
    auto* layout = tightLayout<QVBoxLayout>(this, 3);
    layout->addLayout(head);
    layout->addWidget(chips);
    layout->addWidget(m_nothing);
    layout->addWidget(m_list, 1);
    setMinimumWidth(200);

    connect(m_close, &QToolButton::clicked, this, &CellImagesPane::closed);
    connect(m_list, &QListView::clicked, this, &CellImagesPane::choose);
    connect(m_chips, &QButtonGroup::idClicked, this,
        [this](int id) { setShows(static_cast<CellImageFilter::Shows>(id)); });
    countChips();
    setTheme(makeTheme(ThemeKind::System));
}

void CellImagesPane::setTheme(const Theme& theme)
{
    m_delegate->setTheme(theme);
    m_close->setIcon(themedIcon(QStringLiteral("close"), theme.text));
    m_list->viewport()->update();
}

void CellImagesPane::setImages(const QString& title, const QVector<CellImage>& images)
{
    const bool same = title == m_title;
    const int place = same ? m_list->verticalScrollBar()->value() : 0;
    m_title = title;
    m_name->setText(title);
    m_name->setToolTip(title);
    m_images->setImages(images);
    countChips();
    const auto shows = m_filter->shows();
    if (!same || CellImageFilter::count(images, shows) == 0)
        setShows(CellImageFilter::Shows::All);
    else
        m_list->verticalScrollBar()->setValue(place);
}

void CellImagesPane::setThumbnails(int row, const QImage& clean, const QImage& adversarial)
{
    m_images->setThumbnails(row, clean, adversarial);
}

void CellImagesPane::countChips()
{
    const QVector<CellImage>& images = m_images->images();
    const bool targeted = std::ranges::any_of(
        images, [](const CellImage& image) { return image.target.has_value(); });
    const std::pair<CellImageFilter::Shows, QString> names[] = { { CellImageFilter::Shows::All,
                                                                     tr("All %1") },
        { CellImageFilter::Shows::Fooled, tr("Fooled %1") },
        { CellImageFilter::Shows::Held, tr("Held %1") },
        { CellImageFilter::Shows::Hit, tr("Target hit %1") },
        { CellImageFilter::Shows::Missing, tr("Missing %1") } };
    for (const auto& [shows, name] : names) {
        const int count = CellImageFilter::count(images, shows);
        QAbstractButton* chip = m_chips->button(static_cast<int>(shows));
        chip->setText(name.arg(count));
        chip->setAccessibleName(chip->text());
        chip->setVisible(shows == CellImageFilter::Shows::Hit ? targeted
                : shows == CellImageFilter::Shows::Missing    ? count > 0
                                                              : true);
    }
}

void CellImagesPane::setShows(CellImageFilter::Shows shows)
{
    m_chips->button(static_cast<int>(shows))->setChecked(true);
    m_filter->setShows(shows);
    m_nothing->setVisible(m_filter->rowCount() == 0);
    m_list->setVisible(m_filter->rowCount() > 0);
}

void CellImagesPane::choose(const QModelIndex& index)
{
    const QString adversarial = index.data(CellImageModel::AdversarialPathRole).toString();
    const QString clean = index.data(CellImageModel::CleanPathRole).toString();
    if (!adversarial.isEmpty() && !clean.isEmpty())
        emit pairChosen(clean, adversarial);
}

void CellImagesPane::fitGrid()
{
    // As many columns as fit, and together they fill the width.
    const int width = m_list->viewport()->width();
    const int columns = std::max(1, width / kLeastItemWidth);
    m_list->setGridSize({ std::max(60, width / columns - (columns > 1 ? 1 : 0)),
        CellImageDelegate::heightFor(m_list->fontMetrics()) });
}

bool CellImagesPane::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_list->viewport() && event->type() == QEvent::Resize)
        fitGrid();
    if (watched == m_list && event->type() == QEvent::KeyPress) {
        switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Space:
            choose(m_list->currentIndex());
            return true;
        case Qt::Key_Escape:
            emit closed();
            return true;
        default:
            break;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace crossiter::ui
