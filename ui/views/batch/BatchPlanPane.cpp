#include "ui/views/batch/BatchPlanPane.h"

#include "core/base/Contains.h"
#include "ui/session/PlanCatalogue.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/FlowRow.h"
#include "ui/views/common/Icons.h"

#include <QButtonGroup>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPainter>
#include <QScopedValueRollback>
#include <QStyledItemDelegate>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kAllLists = 470; ///< pixels of height from which on all three lists are shown

/// A check box, the name and, muted behind it, what it is.
class PlanDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void setTheme(const Theme& theme) { m_theme = theme; }

    [[nodiscard]] QSize sizeHint(
        const QStyleOptionViewItem& option, const QModelIndex& index) const override
    {
        return { QStyledItemDelegate::sizeHint(option, index).width(),
            option.fontMetrics.height() + 7 };
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
        const QModelIndex& index) const override
    {
        QStyledItemDelegate::paint(painter, option, index);
        const QString name = index.data().toString();
        const int used = option.fontMetrics.horizontalAdvance(name) + kBox;
        const QRect rest = option.rect.adjusted(used, 0, -4, 0);
        if (rest.width() < 40)
            return;
        const QString obstacle = index.data(PlanModel::ObstacleRole).toString();
        const QString text =
            obstacle.isEmpty() ? index.data(PlanModel::SummaryRole).toString() : obstacle;
        painter->save();
        painter->setPen(obstacle.isEmpty() ? m_theme.muted : m_theme.wrongLabel);
        painter->drawText(rest, Qt::AlignLeft | Qt::AlignVCenter,
            option.fontMetrics.elidedText(text, Qt::ElideRight, rest.width()));
        painter->restore();
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        if (!index.data(PlanModel::ObstacleRole).toString().isEmpty())
            option->palette.setColor(QPalette::Text, m_theme.muted);
    }

private:
    static constexpr int kBox = 34; ///< box and spaces
    Theme m_theme;
};

} // namespace

BatchPlanPane::BatchPlanPane(BatchSession& session, AskPath ask, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_ask(std::move(ask))
    , m_theme(makeTheme(ThemeKind::System))
{
    auto* layout = tightLayout<QVBoxLayout>(this, 4);
    m_header = new PlanHeader(session, m_ask, this);
    connect(m_header, &PlanHeader::targetsWanted, this, &BatchPlanPane::targetsWanted);
    connect(m_header, &PlanHeader::problem, this, &BatchPlanPane::problem);
    layout->addWidget(m_header);
    layout->addWidget(buildKinds());
    layout->addWidget(buildList(PlanKind::Attacks, tr("Attacks")), 3);
    layout->addWidget(buildList(PlanKind::TargetedAttacks, tr("Targeted attacks")), 2);
    layout->addWidget(buildList(PlanKind::Defenses, tr("Defenses")), 3);
    connect(&m_session, &BatchSession::planChanged, this, [this] {
        m_header->showPlan();
        showCounts();
        showLists();
    });
    connect(&m_session, &BatchSession::datasetChanged, m_header, &PlanHeader::showDataset);
    connect(&m_session, &BatchSession::statusChanged, this, [this] {
        // The plan of a run that goes on is not changed under it.
        setEnabled(!m_session.active());
    });
    showCounts();
}

void BatchPlanPane::setPhotosFolder(const QString& folder)
{
    m_header->setPhotosFolder(folder);
}

void BatchPlanPane::setAskBase(const AskBase& ask)
{
    m_header->setAskBase(ask);
}

void BatchPlanPane::setDataset(const QString& folder, const QString& csv)
{
    m_header->setDataset(folder, csv);
}

void BatchPlanPane::openPlanDialog()
{
    m_header->openPlanDialog();
}

void BatchPlanPane::savePlanDialog()
{
    m_header->savePlanDialog();
}

void BatchPlanPane::showCounts()
{
    const QString titles[] = { tr("Attacks"), tr("Targeted attacks"), tr("Defenses") };
    for (std::size_t i = 0; i < m_lists.size(); ++i) {
        const QString text =
            QStringLiteral("%1 · %2").arg(titles[i]).arg(m_lists[i].model->checkedCount());
        m_lists[i].heading->setText(text);
        QAbstractButton* chip = m_kinds->button(static_cast<int>(i));
        chip->setText(text);
        chip->setAccessibleName(text);
    }
}

QWidget* BatchPlanPane::buildKinds()
{
    auto* row = new FlowRow(this);
    m_kinds = new QButtonGroup(this);
    m_kinds->setExclusive(true);
    const char* const objects[] = { "kindAttacks", "kindTargeted", "kindDefenses" };
    for (int kind = 0; kind < 3; ++kind) {
        auto* chip = chipButton(
            row, objects[kind], {}, tr("Shows this list; all three where there is room."));
        m_kinds->addButton(chip, kind);
        row->add(chip);
    }
    m_kinds->button(0)->setChecked(true);
    connect(m_kinds, &QButtonGroup::idClicked, this, &BatchPlanPane::fit);
    m_kindRow = row;
    return row;
}

void BatchPlanPane::fit()
{
    const bool all = m_room >= kAllLists;
    m_kindRow->setVisible(!all);
    for (std::size_t i = 0; i < m_lists.size(); ++i) {
        m_lists[i].box->setVisible(all || m_kinds->checkedId() == static_cast<int>(i));
        m_lists[i].heading->setVisible(all);
    }
}

void BatchPlanPane::setRoom(int height)
{
    m_room = height;
    fit();
}

QWidget* BatchPlanPane::buildList(PlanKind kind, const QString& title)
{
    List& list = listOf(kind);
    auto* box = new QWidget(this);
    list.box = box;
    list.model = new PlanModel(kind, this);
    list.heading = roleLabel(box, "heading", title);
    list.heading->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    list.view = new QListView(box);
    list.view->setModel(list.model);
    list.view->setItemDelegate(new PlanDelegate(list.view));
    list.view->setUniformItemSizes(true);
    list.view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    list.view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    list.view->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    list.view->setMinimumHeight(64);
    const char* const objects[] = { "planAttacks", "planTargeted", "planDefenses" };
    describe(list.view, objects[static_cast<int>(kind)], title,
        tr("What is checked is in the plan, from top to bottom. Space: in or out. Enter: its "
           "options. Ctrl+Shift+Up and Ctrl+Shift+Down: moves it. Delete: takes it off the list."));
    list.view->setToolTip({}); // the rows have their own
    list.view->installEventFilter(this);

    auto* head = tightLayout<QHBoxLayout>(nullptr, 2);
    head->addWidget(list.heading, 1);
    head->addStretch(0);
    const auto button = [&](const QString& help, const char* object) {
        auto* made = new QToolButton(box);
        made->setProperty("compact", true);
        describe(made, object, help, help);
        head->addWidget(made);
        return made;
    };
    list.add = button(tr("Add to %1").arg(title.toLower()), "planAdd");
    list.edit = button(tr("Options of the chosen one"), "planEdit");
    list.edit->setText(QStringLiteral("…"));
    list.up = button(tr("Move up"), "planUp");
    list.down = button(tr("Move down"), "planDown");
    list.remove = button(tr("Take off the list"), "planRemove");
    auto* menu = new QMenu(list.add);
    menu->addAction(tr("One of our own…"), this, [this, kind] { newRow(kind); });
    menu->addAction(tr("A submission's folder…"), this, [this, kind] {
        const QString folder = m_ask(
            tr("A submission: a folder with metadata.json"), QString(), QString(), false, true);
        if (!folder.isEmpty())
            addSubmission(kind, folder);
    });
    menu->addSeparator();
    menu->addAction(
        tr("Check all"), this, [this, kind] { listOf(kind).model->setAllChecked(true); });
    menu->addAction(
        tr("Check none"), this, [this, kind] { listOf(kind).model->setAllChecked(false); });
    list.add->setMenu(menu);
    list.add->setPopupMode(QToolButton::InstantPopup);
    auto* layout = tightLayout<QVBoxLayout>(box, 1);
    layout->addLayout(head);
    layout->addWidget(list.view, 1);

    const auto row = [this, kind] { return listOf(kind).view->currentIndex().row(); };
    connect(
        list.edit, &QToolButton::clicked, this, [this, kind, row] { editRow(kind, row()); });
    connect(
        list.view, &QListView::doubleClicked, this,
        [this, kind](const QModelIndex& index) { editRow(kind, index.row()); });
    connect(
        list.up, &QToolButton::clicked, this,
        [this, kind, row] { listOf(kind).model->moveRow(row(), -1); });
    connect(
        list.down, &QToolButton::clicked, this,
        [this, kind, row] { listOf(kind).model->moveRow(row(), 1); });
    connect(list.remove, &QToolButton::clicked, this,
        [this, kind, row] { listOf(kind).model->removeAt(row()); });
    connect(list.model, &PlanModel::chosenChanged, this, &BatchPlanPane::commitLists);
    connect(list.view->selectionModel(), &QItemSelectionModel::currentChanged, this,
        [this, kind] { refreshButtons(listOf(kind)); });
    refreshButtons(list);
    return box;
}

void BatchPlanPane::setTheme(const Theme& theme)
{
    m_theme = theme;
    for (List& list : m_lists) {
        list.add->setIcon(themedIcon(QStringLiteral("add"), theme.text));
        list.up->setIcon(themedIcon(QStringLiteral("up"), theme.text));
        list.down->setIcon(themedIcon(QStringLiteral("down"), theme.text));
        list.remove->setIcon(themedIcon(QStringLiteral("remove"), theme.text));
        static_cast<PlanDelegate*>(list.view->itemDelegate())->setTheme(theme);
        list.view->viewport()->update();
    }
}

PlanModel* BatchPlanPane::list(PlanKind kind) const
{
    return m_lists[static_cast<std::size_t>(kind)].model;
}

QListView* BatchPlanPane::view(PlanKind kind) const
{
    return m_lists[static_cast<std::size_t>(kind)].view;
}

void BatchPlanPane::setModels(const std::vector<StoredModel>& models)
{
    m_models = models;
    showLists();
}

void BatchPlanPane::commitLists()
{
    if (m_updating)
        return;
    const QScopedValueRollback<bool> guard(m_updating, true); // the lists are what they are
    TournamentPlan plan = m_session.plan();
    plan.attacks = listOf(PlanKind::Attacks).model->chosenAttacks();
    plan.targetedAttacks = listOf(PlanKind::TargetedAttacks).model->chosenAttacks();
    plan.defenses = listOf(PlanKind::Defenses).model->chosenDefenses();
    m_session.setPlan(plan);
    showCounts();
    for (List& list : m_lists)
        refreshButtons(list);
}

void BatchPlanPane::showLists()
{
    if (m_updating)
        return;
    {
        const QScopedValueRollback<bool> guard(m_updating, true);
        const TournamentPlan& plan = m_session.plan();
        const auto fill = [&](PlanKind kind, const auto& chosen, const auto& known, auto member) {
            QVector<PlanItem> items;
            std::vector<std::string> names;
            const auto add = [&](const auto& submission, bool checked) {
                if (contains(names, submission.name))
                    return;
                names.push_back(submission.name);
                PlanItem item;
                item.*member = submission;
                item.obstacle = obstacleOf(submission, m_models);
                item.checked = checked;
                items << item;
            };
            for (const auto& submission : chosen)
                add(submission, true);
            // What was made here and is not checked now stays to be picked again.
            for (const PlanItem& old : listOf(kind).model->items())
                add(old.*member, false);
            for (const auto& submission : known)
                add(submission, false);
            const int row = listOf(kind).view->currentIndex().row();
            listOf(kind).model->setItems(items);
            listOf(kind).view->setCurrentIndex(listOf(kind).model->index(
                std::clamp<int>(row, 0, std::max(0, static_cast<int>(items.size()) - 1))));
        };
        fill(PlanKind::Attacks, plan.attacks, knownAttacks(m_models), &PlanItem::attack);
        fill(PlanKind::TargetedAttacks, plan.targetedAttacks, knownTargetedAttacks(m_models),
            &PlanItem::attack);
        fill(PlanKind::Defenses, plan.defenses, knownDefenses(m_models), &PlanItem::defense);
    }
    showCounts();
    for (List& list : m_lists)
        refreshButtons(list);
}

void BatchPlanPane::refreshButtons(List& list)
{
    const int row = list.view->currentIndex().row();
    const bool valid = row >= 0 && row < list.model->rowCount();
    list.edit->setEnabled(valid);
    list.remove->setEnabled(valid);
    list.up->setEnabled(valid && row > 0);
    list.down->setEnabled(valid && row + 1 < list.model->rowCount());
}

void BatchPlanPane::addSubmission(PlanKind kind, const QString& folder)
{
    const QFileInfo info(folder);
    PlanModel* model = listOf(kind).model;
    PlanItem item;
    const std::string name = model->freeName(info.fileName()).toStdString();
    const ExternalSubmission external { info.absoluteFilePath().toStdString() };
    item.attack.name = name;
    item.attack.external = external;
    item.defense.name = name;
    item.defense.external = external;
    emit rowWanted(kind, -1, item);
}

void BatchPlanPane::newRow(PlanKind kind)
{
    PlanItem item;
    const std::vector<PlanAttack> attacks =
        kind == PlanKind::TargetedAttacks ? knownTargetedAttacks(m_models) : knownAttacks(m_models);
    const std::vector<PlanDefense> defenses = knownDefenses(m_models);
    if (!attacks.empty())
        item.attack = kind == PlanKind::Attacks && attacks.size() > 3 ? attacks[3] : attacks[0];
    if (!defenses.empty())
        item.defense = defenses.back();
    const QString name = listOf(kind).model->freeName(tr("own"));
    item.attack.name = name.toStdString();
    item.defense.name = name.toStdString();
    emit rowWanted(kind, -1, item);
}

void BatchPlanPane::editRow(PlanKind kind, int row)
{
    const QVector<PlanItem>& items = listOf(kind).model->items();
    if (row >= 0 && row < items.size())
        emit rowWanted(kind, row, items.at(row));
}

QStringList BatchPlanPane::namesBeside(PlanKind kind, int row) const
{
    QStringList names;
    for (int other = 0; other < list(kind)->rowCount(); ++other)
        if (other != row)
            names << list(kind)->nameAt(other);
    return names;
}

void BatchPlanPane::setRow(PlanKind kind, int row, const PlanItem& item)
{
    PlanItem next = item;
    next.obstacle = kind == PlanKind::Defenses ? obstacleOf(item.defense, m_models)
                                               : obstacleOf(item.attack, m_models);
    PlanModel* model = listOf(kind).model;
    if (row < 0) {
        next.checked = next.obstacle.isEmpty();
        model->append(next);
        row = model->rowCount() - 1;
    } else {
        model->replace(row, next);
    }
    listOf(kind).view->setCurrentIndex(model->index(row));
    if (!next.obstacle.isEmpty())
        emit problem(next.obstacle);
}

bool BatchPlanPane::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::KeyPress)
        return QWidget::eventFilter(watched, event);
    auto* key = static_cast<QKeyEvent*>(event);
    for (std::size_t i = 0; i < m_lists.size(); ++i) {
        List& list = m_lists[i];
        if (watched != list.view)
            continue;
        const int row = list.view->currentIndex().row();
        const bool moves = key->modifiers() == (Qt::ControlModifier | Qt::ShiftModifier);
        switch (key->key()) {
        case Qt::Key_Return:
        case Qt::Key_Enter:
            editRow(static_cast<PlanKind>(i), row);
            return true;
        case Qt::Key_Delete:
            list.model->removeAt(row);
            return true;
        case Qt::Key_Up:
        case Qt::Key_Down:
            if (moves) {
                list.model->moveRow(row, key->key() == Qt::Key_Up ? -1 : 1);
                return true;
            }
            break;
        default:
            break;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace crossiter::ui
