#include "ui/dialogs/SourcesDialog.h"

#include "ui/session/ModelChoice.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/common/Icons.h"

#include <QDialogButtonBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace crossiter::ui {

namespace {

constexpr int kMostSources = 8;

} // namespace

SourcesDialog::SourcesDialog(const std::vector<StoredModel>& known,
    const std::vector<std::string>& sources, const std::vector<std::string>& judges,
    const Theme& theme, QWidget* parent)
    : QDialog(parent)
    , m_known(classifiersOf(known))
    , m_sources(new ModelListModel(this))
    , m_judges(new ModelListModel(this))
{
    setWindowTitle(tr("Sources and judges"));
    m_sources->setModels(m_known, sources);
    std::vector<std::string> all;
    all.reserve(m_known.size());
    for (const StoredModel& model : m_known)
        all.push_back(model.manifest.id);
    m_judges->setModels(m_known, all, true);
    m_judges->setChecked(judges);
    build(theme);
    refresh();
}

void SourcesDialog::build(const Theme& theme)
{
    auto* sourcesName = new QLabel(tr("&Sources, stepped in this order (1 to 8)"), this);
    m_sourceList = new QListView(this);
    m_sourceList->setObjectName("sourceList");
    m_sourceList->setModel(m_sources);
    m_sourceList->setAccessibleName(tr("Sources in order"));
    m_sourceList->setWhatsThis(tr("A round steps each of these once, from top to bottom."));
    m_sourceList->setCurrentIndex(m_sources->index(0));
    sourcesName->setBuddy(m_sourceList);

    auto* column = new QVBoxLayout;
    const auto button = [&](const char* icon, const QString& tip, const char* name) {
        auto* made = new QToolButton(this);
        made->setIcon(themedIcon(QString::fromLatin1(icon), theme.text));
        made->setToolTip(tip);
        made->setAccessibleName(tip);
        made->setWhatsThis(tip);
        made->setObjectName(QString::fromLatin1(name));
        column->addWidget(made);
        return made;
    };
    m_add = button("add", tr("Add a source"), "addSource");
    m_remove = button("remove", tr("Remove the source"), "removeSource");
    m_up = button("up", tr("Move up"), "moveSourceUp");
    m_down = button("down", tr("Move down"), "moveSourceDown");
    column->addStretch();
    auto* menu = new QMenu(this);
    for (const StoredModel& model : m_known) {
        QAction* action = menu->addAction(modelTitle(model.manifest), this, [this, model] {
            m_sources->append(model);
            m_sourceList->setCurrentIndex(m_sources->index(m_sources->rowCount() - 1));
            refresh();
        });
        action->setEnabled(!model.weights.empty());
    }
    m_add->setMenu(menu);
    m_add->setPopupMode(QToolButton::InstantPopup);

    auto* judgesName =
        new QLabel(tr("&Judges beside the sources: they predict and are never stepped"), this);
    judgesName->setWordWrap(true);
    m_judgeList = new QListView(this);
    m_judgeList->setObjectName("judgeList");
    m_judgeList->setModel(m_judges);
    m_judgeList->setAccessibleName(tr("Judges"));
    m_judgeList->setWhatsThis(tr("Checked models predict on every sub-step too."));
    judgesName->setBuddy(m_judgeList);
    m_buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);

    auto* row = new QHBoxLayout;
    row->addWidget(m_sourceList, 1);
    row->addLayout(column);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(sourcesName);
    layout->addLayout(row, 1);
    layout->addWidget(judgesName);
    layout->addWidget(m_judgeList, 1);
    layout->addWidget(m_buttons);
    resize(420, 440);

    connect(
        m_remove, &QToolButton::clicked, this,
        [this] {
            m_sources->removeAt(m_sourceList->currentIndex().row());
            refresh();
        });
    connect(
        m_up, &QToolButton::clicked, this, [this] { move(-1); });
    connect(m_down, &QToolButton::clicked, this, [this] { move(1); });
    connect(m_sourceList->selectionModel(), &QItemSelectionModel::currentChanged, this,
        &SourcesDialog::refresh);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void SourcesDialog::move(int by)
{
    m_sources->moveRow(m_sourceList->currentIndex().row(), by); // the current index goes with it
    refresh();
}

void SourcesDialog::refresh()
{
    const int count = m_sources->rowCount();
    const int row = m_sourceList->currentIndex().row();
    m_add->setEnabled(count < kMostSources);
    m_remove->setEnabled(row >= 0 && count > 1);
    m_up->setEnabled(row > 0);
    m_down->setEnabled(row >= 0 && row + 1 < count);
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(count >= 1);
}

std::vector<std::string> SourcesDialog::sources() const
{
    return m_sources->ids();
}

std::vector<std::string> SourcesDialog::judges() const
{
    return m_judges->checkedIds();
}

} // namespace crossiter::ui
