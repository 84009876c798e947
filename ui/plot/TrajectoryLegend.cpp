#include "ui/plot/TrajectoryLegend.h"

#include "ui/session/RetireWidget.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QToolButton>
#include <QVBoxLayout>

#include <array>
#include <utility>

namespace crossiter::ui {
namespace {

/// The sample and its sentence. Made once a line and then only changed: results stream in.
class EntryRow : public QWidget
{
public:
    explicit EntryRow(QWidget* parent)
        : QWidget(parent)
        , m_label(new QLabel(this))
    {
        auto* layout = new QHBoxLayout(this);
        layout->setContentsMargins(0, 0, 0, 0);
        layout->setSpacing(0);
        layout->addWidget(m_label, 1);
        m_label->setWordWrap(true);
        m_label->setTextFormat(Qt::RichText);
        m_label->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    }

    void show(const LegendEntry& entry, const Theme& theme)
    {
        m_entry = entry;
        m_theme = theme;
        m_label->setContentsMargins(
            entry.sample == LegendEntry::Sample::None ? 0 : kSampleWidth + 6, 0, 0, 0);
        m_label->setText(
            QStringLiteral("<span style='color:%1'>%2</span>").arg(theme.muted.name(), entry.html));
        update();
    }

protected:
    void paintEvent(QPaintEvent* /*event*/) override
    {
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        paintLegendSample(painter, m_entry, fontMetrics().height() / 2.0 + 0.5, m_theme);
    }

private:
    LegendEntry m_entry;
    Theme m_theme;
    QLabel* m_label = nullptr;
};

} // namespace

TrajectoryLegend::TrajectoryLegend(QWidget* parent)
    : QWidget(parent)
    , m_theme(makeTheme(ThemeKind::System))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(2, 2, 6, 4);
    layout->setSpacing(7);
    m_chipRow = new QWidget(this);
    auto* chips = new QHBoxLayout(m_chipRow);
    chips->setContentsMargins(0, 0, 0, 0);
    chips->setSpacing(5);
    const std::array<std::pair<QString, QString>, 3> texts = {
        std::pair(tr("true"), tr("Show the probability of the true label")),
        std::pair(tr("attacked"), tr("Show the probability of the label each sub-step attacked")),
        std::pair(tr("target"), tr("Show the probability of the target label"))
    };
    for (std::size_t index = 0; index < texts.size(); ++index) {
        auto* chip = new QToolButton(m_chipRow);
        chip->setText(texts.at(index).first);
        chip->setToolTip(texts.at(index).second);
        chip->setAccessibleName(texts.at(index).second);
        chip->setCheckable(true);
        chip->setProperty("chip", true);
        chip->setFocusPolicy(Qt::TabFocus);
        chips->addWidget(chip);
        m_chips[index] = chip;
        connect(chip, &QToolButton::clicked, this, [this] {
            emit seriesChanged(
                m_chips[0]->isChecked(), m_chips[1]->isChecked(), m_chips[2]->isChecked());
        });
    }
    chips->addStretch(1);
    layout->addWidget(m_chipRow);
    m_entries = new QVBoxLayout;
    m_entries->setSpacing(5);
    layout->addLayout(m_entries);
    layout->addStretch(1);
}

void TrajectoryLegend::setTheme(const Theme& theme)
{
    m_theme = theme;
}

void TrajectoryLegend::setSeries(bool trueLabel, bool attackedLabel, bool target)
{
    m_chips[0]->setChecked(trueLabel);
    m_chips[1]->setChecked(attackedLabel);
    m_chips[2]->setChecked(target);
}

void TrajectoryLegend::setAvailable(bool trueLabel, bool attackedLabel, bool target)
{
    m_chips[0]->setEnabled(trueLabel);
    m_chips[1]->setEnabled(attackedLabel);
    m_chips[2]->setEnabled(target);
    m_chips[2]->setVisible(target);
}

void TrajectoryLegend::setEntries(const QVector<LegendEntry>& entries)
{
    while (m_entries->count() > entries.size()) {
        QLayoutItem* item = m_entries->takeAt(m_entries->count() - 1);
        retireWidget(item->widget());
        delete item;
    }
    while (m_entries->count() < entries.size())
        m_entries->addWidget(new EntryRow(this));
    for (int index = 0; index < entries.size(); ++index) {
        static_cast<EntryRow*>(m_entries->itemAt(index)->widget())
            ->show(entries.at(index), m_theme);
    }
}

} // namespace crossiter::ui
