#include "ui/views/common/PredictionCard.h"

#include "ui/session/ShownText.h"

#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {
constexpr int kPad = 4; ///< as the header's, of the style sheet
constexpr double kNameWidth = 100.0; ///< with less than this a bar lies under its name
constexpr double kLeastBar = 24.0; ///< beside a name
} // namespace

/// name, bar, probability; where the cell is narrow, the bar lies under the name.
class PredictionDelegate : public QStyledItemDelegate
{
public:
    explicit PredictionDelegate(QObject* parent)
        : QStyledItemDelegate(parent)
    {
    }

    void setColors(const Theme& theme, const QColor& model)
    {
        m_theme = theme;
        m_model = model;
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        if (!index.data(PredictionModel::LabelRole).isValid())
            return;
        const auto mark =
            static_cast<PredictionModel::Mark>(index.data(PredictionModel::MarkRole).toInt());
        const double probability = index.data(PredictionModel::ProbabilityRole).toDouble();
        const bool first = index.column() == 0;
        const QRectF cell = QRectF(option.rect).adjusted(kPad, 0, first ? -5 : -kPad, 0);
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if ((option.state & QStyle::State_HasFocus) != 0U) {
            painter->setPen(QPen(m_theme.accent, 1.0));
            painter->setBrush(m_theme.accentWash);
            painter->drawRoundedRect(cell.adjusted(0.5, 0.5, -0.5, -0.5), 3.0, 3.0);
        }
        const QFont numbers = tabularFont(option.font);
        const double numberWidth =
            QFontMetricsF(numbers).horizontalAdvance(QStringLiteral("0.000")) + 1.0;
        const QRectF number(cell.right() - numberWidth, cell.top(), numberWidth, cell.height());
        const double room = number.left() - 5.0 - cell.left();
        const double spare = room - 5.0 - kNameWidth;
        const bool beside = spare >= kLeastBar;
        const double barWidth = beside ? std::min(spare, 60.0) : room;
        const QRectF bar = beside
            ? QRectF(number.left() - barWidth - 5.0, cell.center().y() - 4.0, barWidth, 8.0)
            : QRectF(cell.left(), cell.bottom() - 2.5, barWidth, 2.0);
        QRectF name(cell.left(), cell.top(), beside ? room - barWidth - 5.0 : room, cell.height());

        QFont font = option.font;
        QColor color = m_theme.text;
        QColor fill = m_model;
        switch (mark) {
        case PredictionModel::Mark::True:
        case PredictionModel::Mark::AssumedTrue:
            color = fill = m_theme.trueLabel;
            break;
        case PredictionModel::Mark::Target:
            color = fill = m_theme.target;
            break;
        case PredictionModel::Mark::Attacked:
            color = m_theme.wrongLabel;
            break;
        case PredictionModel::Mark::None:
            break;
        }
        if (mark != PredictionModel::Mark::None) {
            font.setWeight(QFont::DemiBold);
            paintMark(*painter, mark, color, QPointF(name.left() + 4.0, name.center().y()));
            name.setLeft(name.left() + 10.5);
        }
        painter->setFont(font);
        painter->setPen(color);
        painter->drawText(name, Qt::AlignLeft | Qt::AlignVCenter,
            QFontMetricsF(font).elidedText(index.data().toString(), Qt::ElideMiddle, name.width()));
        painter->setPen(Qt::NoPen);
        painter->setBrush(m_theme.panel);
        const double radius = bar.height() / 4.0;
        painter->drawRoundedRect(bar, radius, radius);
        painter->setBrush(fill);
        QRectF filled = bar;
        filled.setWidth(std::max(1.0, bar.width() * std::clamp(probability, 0.0, 1.0)));
        painter->drawRoundedRect(filled, std::min(radius, filled.width() / 2.0), radius);
        painter->setFont(numbers);
        painter->setPen(m_theme.muted);
        painter->drawText(number, Qt::AlignRight | Qt::AlignVCenter, probabilityText(probability));
        painter->restore();
    }

private:
    /// Painted, not typed: a font may lack the signs. Shapes differ, not only colours.
    static void paintMark(
        QPainter& painter, PredictionModel::Mark mark, const QColor& color, QPointF at)
    {
        painter.setPen(QPen(color, 1.4));
        painter.setBrush(Qt::NoBrush);
        switch (mark) {
        case PredictionModel::Mark::True:
            painter.setPen(Qt::NoPen);
            painter.setBrush(color);
            painter.drawEllipse(at, 3.4, 3.4);
            break;
        case PredictionModel::Mark::AssumedTrue:
            painter.drawEllipse(at, 3.2, 3.2);
            break;
        case PredictionModel::Mark::Target:
            painter.drawEllipse(at, 3.8, 3.8);
            painter.setBrush(color);
            painter.setPen(Qt::NoPen);
            painter.drawEllipse(at, 1.6, 1.6);
            break;
        case PredictionModel::Mark::Attacked: {
            const QPointF arrow[3] = { at + QPointF(-2.5, -3.6), at + QPointF(2.5, 0.0),
                at + QPointF(-2.5, 3.6) };
            painter.drawPolyline(arrow, 3);
            break;
        }
        case PredictionModel::Mark::None:
            break;
        }
    }

    Theme m_theme;
    QColor m_model;
};

PredictionCard::PredictionCard(const QString& id, const QString& name, const QColor& color,
    const QString& role, int sourceIndex, QWidget* parent)
    : QFrame(parent)
    , m_id(id)
    , m_name(name)
    , m_role(role)
    , m_color(color)
    , m_sourceIndex(sourceIndex)
    , m_model(new PredictionModel(this))
    , m_delegate(new PredictionDelegate(this))
    , m_title(new QLabel(this))
    , m_stepped(new QLabel(this))
    , m_waiting(new QLabel(tr("the network is loading\u2026"), this))
    , m_table(new QTableView(this))
{
    setProperty("card", true);
    setAccessibleName(tr("%1, %2").arg(name, role));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 8, 6, 7);
    layout->setSpacing(2);
    layout->addWidget(m_title);
    layout->addWidget(m_stepped);
    layout->addWidget(m_waiting);
    layout->addWidget(m_table);
    for (QLabel* label : { m_title, m_stepped, m_waiting })
        label->setContentsMargins(kPad, 0, kPad, 0);
    m_title->setTextFormat(Qt::RichText);
    m_title->setMinimumWidth(40);
    m_stepped->setTextFormat(Qt::RichText);
    m_stepped->setMinimumWidth(40);
    m_waiting->setProperty("role", "muted");

    QFont small = font();
    small.setPointSizeF(small.pointSizeF() * 0.92);
    m_table->setFont(small);
    m_stepped->setFont(small);
    m_waiting->setFont(small);
    m_table->setModel(m_model);
    m_table->setItemDelegate(m_delegate);
    m_table->setShowGrid(false);
    m_table->setFrameShape(QFrame::NoFrame);
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setAccessibleName(tr("Top 5 of %1").arg(name));
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setMinimumSectionSize(10);
    QHeaderView* header = m_table->horizontalHeader();
    header->setSectionResizeMode(QHeaderView::Stretch);
    header->setHighlightSections(false);
    header->setSectionsClickable(false);
    header->setFont(small);
    fitTable();
    showState();
}

void PredictionCard::fitTable()
{
    const int row = QFontMetrics(m_table->font()).height() + 5;
    const int head = row + 4; // the style sheet's padding, or its letters lose their feet
    m_table->verticalHeader()->setDefaultSectionSize(row);
    m_table->horizontalHeader()->setFixedHeight(head);
    m_table->setFixedHeight(head + PredictionModel::kRows * row + 1);
}

void PredictionCard::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_delegate->setColors(theme, m_color);
    showTexts();
    m_table->viewport()->update();
}

void PredictionCard::setStepped(int label, bool towards, bool isTrueLabel)
{
    m_steppedLabel = label;
    m_towards = towards;
    m_steppedTrue = isTrueLabel;
    showTexts();
}

void PredictionCard::showTexts()
{
    m_title->setText(
        QStringLiteral("<span style='color:%1'>\u25a0</span> <b>%2</b> <span style='color:%3'>"
                       "\u00b7 %4</span>")
            .arg(m_color.name(), m_name.toHtmlEscaped(), m_theme.muted.name(),
                m_role.toHtmlEscaped()));
    m_title->setToolTip(m_id);
    // The line keeps its place when it is empty: cards must not jump while one scrubs.
    QString text = tr("not stepped by this sub-step");
    if (m_steppedLabel >= 0) {
        const QColor color =
            m_towards ? m_theme.target : (m_steppedTrue ? m_theme.trueLabel : m_theme.wrongLabel);
        const QString name = QStringLiteral("<b style='color:%1'>%2</b>")
                                 .arg(color.name(), labelText(m_steppedLabel).toHtmlEscaped());
        text =
            m_towards ? tr("stepped towards %1").arg(name) : tr("stepped away from %1").arg(name);
    }
    m_stepped->setText(
        QStringLiteral("<span style='color:%1'>%2</span>").arg(m_theme.muted.name(), text));
}

void PredictionCard::setCurrentOnly(bool only)
{
    m_table->setColumnHidden(PredictionModel::CleanColumn, only);
}

void PredictionCard::showState()
{
    const bool has = m_model->hasClean() || m_model->hasCurrent();
    m_table->setVisible(has);
    m_waiting->setVisible(!has);
    m_stepped->setVisible(has && m_sourceIndex >= 0);
}

} // namespace crossiter::ui
