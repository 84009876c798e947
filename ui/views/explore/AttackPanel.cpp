#include "ui/views/explore/AttackPanel.h"

#include "ui/viewmodels/ModelListModel.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/views/common/Describe.h"
#include "ui/views/common/Icons.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/common/ValueSlider.h"

#include <QAbstractItemView>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <initializer_list>

namespace crossiter::ui {

namespace {

// What is seen at once, in this order; every other option is under More, behind kMoreFirst.
constexpr const char* kFirst[] = { "method", "label-rule", "target", "rounds", "epsilon", "step",
    "projection" };
constexpr const char* kMoreFirst[] = { "seed", "save" };

QLabel* nameOf(const QString& text, QWidget* buddy, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setProperty("role", QStringLiteral("muted"));
    label->setBuddy(buddy);
    return label;
}

const std::vector<Numerics> kNumerics { Numerics::Fast, Numerics::Reference, Numerics::Exact };

} // namespace

AttackPanel::AttackPanel(ExplorerSession& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
{
    build();
    connectAll();
    refresh();
}

void AttackPanel::build()
{
    auto* heading = new QLabel(tr("ATTACK"), this);
    heading->setProperty("role", QStringLiteral("heading"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(heading);
    m_form = new AttackForm(FieldPlace::Panel, this);
    for (const char* key : kFirst)
        addRow(layout, attackField(key), this);

    m_order = new QLabel(this);
    m_order->setObjectName(QStringLiteral("order"));
    m_order->setTextFormat(Qt::RichText);
    m_swap = new QToolButton(this);
    describe(m_swap, "swapSources", tr("Reverse the order of sources"),
        tr("Reverses the order in which the sources are stepped."));
    auto* orderRow = new QHBoxLayout;
    orderRow->addWidget(m_order, 1);
    orderRow->addWidget(m_swap);
    layout->addWidget(nameOf(tr("Order of sources"), m_swap, this));
    layout->addLayout(orderRow);
    buildMore(layout);
}

void AttackPanel::addRow(QVBoxLayout* layout, const AttackField& field, QWidget* parent)
{
    QWidget* editor = m_form->make(field, parent);
    if (qobject_cast<ValueSlider*>(editor) == nullptr && field.kind != FieldKind::Flag) {
        m_names[editor] = nameOf(fieldLabel(field, FieldPlace::Panel), editor, parent);
        layout->addWidget(m_names[editor]);
    }
    if (field.kind != FieldKind::Label || m_targetMenu != nullptr) {
        layout->addWidget(editor);
        return;
    }
    buildTargetMenu();
    auto* line = new QHBoxLayout;
    line->setSpacing(6);
    line->addWidget(editor, 1);
    line->addWidget(m_targetMenu);
    layout->addLayout(line);
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("attackNote"));
    m_note->setWordWrap(true);
    m_note->setProperty("role", QStringLiteral("muted"));
    // Right under the choices that it speaks of, where it is seen without scrolling.
    layout->addWidget(m_note);
    layout->addSpacing(2);
}

void AttackPanel::buildTargetMenu()
{
    m_targetMenu = new QToolButton(this);
    m_targetMenu->setText(QStringLiteral("⋯"));
    m_targetMenu->setPopupMode(QToolButton::InstantPopup);
    m_targetMenu->setFocusPolicy(Qt::TabFocus);
    describe(m_targetMenu, "targetMenu", tr("Find a target"),
        tr("A target by its rank on the clean image, by chance, or from a target_class.csv."));
    auto* menu = new QMenu(m_targetMenu);
    menu->setToolTipsVisible(true);
    const std::pair<TargetRank, QString> ranks[] = {
        { TargetRank::Second, tr("&Second most likely") },
        { TargetRank::Least, tr("&Least likely") }, { TargetRank::Random, tr("&Random, by seed") }
    };
    for (const auto& [rank, text] : ranks) {
        QAction* action =
            menu->addAction(text, this, [this, wanted = rank] { emit targetRankChosen(wanted); });
        action->setObjectName(QStringLiteral("target-") + QString::fromStdString(toString(rank)));
        action->setToolTip(QString::fromStdString(crossiter::describe(rank)));
    }
    menu->addSeparator();
    QAction* table =
        menu->addAction(tr("From target_class.&csv…"), this, [this] { emit targetTableWanted(); });
    table->setObjectName(QStringLiteral("target-table"));
    table->setToolTip(tr("This photo's line of a target_class.csv or of the dataset CSV."));
    m_targetMenu->setMenu(menu);
}

void AttackPanel::buildMore(QVBoxLayout* layout)
{
    m_moreButton = new QToolButton(this);
    m_moreButton->setText(tr("More"));
    m_moreButton->setCheckable(true);
    m_moreButton->setAutoRaise(true);
    m_moreButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_moreButton->setArrowType(Qt::RightArrow);
    describe(m_moreButton, "more", tr("More settings"),
        tr("Seed, saving rule, numerics, threads and what else there is."));
    m_more = new QWidget(this);
    auto* more = new QVBoxLayout(m_more);
    more->setContentsMargins(0, 0, 0, 0);
    more->setSpacing(4);
    for (const char* key : kMoreFirst)
        addRow(more, attackField(key), m_more);
    m_numerics = new QuietComboBox(m_more);
    m_numerics->addItems(
        { tr("fast (float32)"), tr("reference (float32)"), tr("exact (float64)") });
    describe(m_numerics, "numerics", tr("Numerics"),
        tr("Exact traces are the same at any thread count; float32 traces are a sample."));
    m_threads = new QSpinBox(m_more);
    m_threads->setRange(0, 256);
    m_threads->setSpecialValueText(tr("all cores"));
    m_threads->setKeyboardTracking(false);
    describe(
        m_threads, "threads", tr("Threads"), tr("How many threads compute; part of the request."));
    for (const auto& [name, field] : std::initializer_list<std::pair<QString, QWidget*>> {
             { tr("&Numerics"), m_numerics }, { tr("T&hreads"), m_threads } }) {
        more->addWidget(nameOf(name, field, m_more));
        more->addWidget(field);
    }
    for (const AttackField* field : fieldsOf(FieldPlace::Panel))
        if (field->kind != FieldKind::Ids && m_form->find(field->key) == nullptr)
            addRow(more, *field, m_more);
    m_more->hide();
    layout->addWidget(m_moreButton);
    layout->addWidget(m_more);
    connect(m_moreButton, &QToolButton::toggled, this, [this](bool open) {
        m_more->setVisible(open);
        m_moreButton->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    });
}

template <typename Edit>
void AttackPanel::change(Setting setting, Edit edit)
{
    ExplorerState next = m_session.state();
    edit(next);
    m_session.change(next, setting);
}

void AttackPanel::connectAll()
{
    connect(m_form, &AttackForm::changed, this, [this](const QString& key) {
        const AttackForm::Row& row = *m_form->find(key.toStdString());
        m_session.change(
            withOption(m_session.state(), *row.field, row.value), settingOf(*row.field));
    });
    connect(m_form, &AttackForm::draggingChanged, &m_session, &ExplorerSession::setDragging);
    connect(m_form, &AttackForm::rejected, this, &AttackPanel::problem);
    connect(
        m_swap, &QToolButton::clicked, this,
        [this] {
            change(
                Setting::Sources,
                [](ExplorerState& s) {
                    std::reverse(s.attack.sources.begin(), s.attack.sources.end());
                });
        });
    connect(
        m_numerics, &QComboBox::activated, this,
        [this](int row) {
            change(
                Setting::Numerics,
                [row](ExplorerState& s) {
                    s.attack.compute.numerics = kNumerics[static_cast<std::size_t>(row)];
                });
        });
    connect(m_threads, &QSpinBox::valueChanged, this, [this](int value) {
        change(Setting::Threads, [value](ExplorerState& s) { s.attack.compute.threads = value; });
    });
    connect(&m_session, &ExplorerSession::stateChanged, this, &AttackPanel::refresh);
    connect(&m_session, &ExplorerSession::labelChanged, this, &AttackPanel::refresh);
}

void AttackPanel::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_swap->setIcon(themedIcon(QStringLiteral("swap"), theme.text));
    refresh();
}

void AttackPanel::refreshRules(const AttackRequest& request)
{
    auto* rules = m_form->editor<QuietComboBox>("label-rule");
    for (std::size_t row = 0; row < allLabelRules().size(); ++row) {
        AttackRequest other = request;
        other.labelRule = allLabelRules()[row];
        QString reason;
        if (other.labelRule == LabelRule::True && !other.trueLabel) {
            reason = tr("No true label is known: set one under Photo.");
        } else {
            if (isTargeted(other.method) && !other.target)
                other.target = 1; // only the rule is asked about here
            reason = whyNot(other);
        }
        rules->setRow(static_cast<int>(row), reason, ruleTip(other.labelRule));
    }
}

void AttackPanel::refreshOrder()
{
    QStringList names;
    for (const std::string& id : m_session.state().attack.sources)
        names << m_session.modelName(id);
    QStringList marked;
    QStringList plain;
    for (int i = 0; i < names.size(); ++i) {
        const QString name = shortModelName(names[i], names);
        const QColor color = m_theme.sources.isEmpty() ? QColor(Qt::gray) : m_theme.sourceColor(i);
        marked << QStringLiteral("<span style=\"color:%1\">■</span> %2")
                      .arg(color.name(), name.toHtmlEscaped());
        plain << name;
    }
    m_order->setText(marked.join(QStringLiteral(" → ")));
    m_order->setToolTip(names.join(QStringLiteral(" → ")));
    m_order->setAccessibleName(tr("Order of sources: %1").arg(plain.join(QStringLiteral(", "))));
}

void AttackPanel::refresh()
{
    const ExplorerState& state = m_session.state();
    refreshRules(m_session.request());
    m_form->show([&state](const AttackField& field) { return field.valueOf(state.attack); });
    for (const AttackForm::Row& row : m_form->rows()) {
        const bool read = isRead(*row.field, state.attack.method);
        if (row.field->kind != FieldKind::Label) {
            row.editor->setEnabled(read);
            continue;
        }
        for (QWidget* part :
            std::initializer_list<QWidget*> { m_names[row.editor], row.editor, m_targetMenu })
            part->setVisible(read);
    }
    refreshOrder();
    const QSignalBlocker threadsBlocker(m_threads);
    m_numerics->setCurrentIndex(static_cast<int>(
        std::find(kNumerics.begin(), kNumerics.end(), state.attack.compute.numerics)
        - kNumerics.begin()));
    m_threads->setValue(state.attack.compute.threads);
    m_swap->setEnabled(usesSources(state.attack.method) && state.attack.sources.size() > 1);
    QString note = m_session.hasPhoto() ? m_session.obstacle() : QString();
    if (m_session.showsPair())
        note =
            tr("The trace was made elsewhere: %1. Run, or another setting of the attack, makes one "
               "here.")
                .arg(QFileInfo(state.pair).fileName());
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
}

} // namespace crossiter::ui
