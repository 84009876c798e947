#include "ui/views/explore/AttackPanel.h"

#include "core/attack/AttackFields.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/views/common/Describe.h"
#include "ui/views/common/Icons.h"
#include "ui/views/common/LabelPicker.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/common/SeedField.h"
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

namespace crossiter::ui {

namespace {

QLabel* fieldName(const QString& text, QWidget* buddy, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setProperty("role", QStringLiteral("muted"));
    label->setBuddy(buddy);
    return label;
}

const std::vector<Numerics> kNumerics { Numerics::Fast, Numerics::Reference, Numerics::Exact };

template <typename Value>
int rowOf(const std::vector<Value>& values, Value value)
{
    return static_cast<int>(std::find(values.begin(), values.end(), value) - values.begin());
}

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
    m_method = new QuietComboBox(this);
    for (const Method method : allMethods()) {
        m_method->addItem(methodText(method));
        m_method->setRow(m_method->count() - 1, {}, methodTip(method));
    }
    describe(
        m_method, "method", tr("Method"), tr("Which attack. Choosing one sets its own defaults."));
    m_rule = new QuietComboBox(this);
    for (const LabelRule rule : allLabelRules())
        m_rule->addItem(ruleText(rule));
    describe(m_rule, "labelRule", tr("Label rule"), tr("Which label each sub-step attacks."));
    m_target = new LabelPicker(this);
    m_target->setWithoutBackground();
    describe(m_target, "target", tr("Target label"),
        tr("The label that a targeted attack moves towards. Type any part of a number or a name."));
    m_targetName = fieldName(tr("&Target"), m_target, this);
    buildTargetMenu();

    // The sliders end where they are handy, the numbers where the request does.
    const AttackField& rounds = attackField("rounds");
    m_rounds =
        new ValueSlider(tr("Rounds"), { rounds.low, 20, rounds.low, rounds.high, 1, 0 }, {}, this);
    m_rounds->setObjectName(QStringLiteral("rounds"));
    m_rounds->setHelp(tr("A round steps every source once. More rounds extend the trace; fewer cut "
                         "it. The slider ends at 20, the number at 1000."));
    const AttackField& epsilon = attackField("epsilon");
    m_epsilon = new ValueSlider(
        tr("Epsilon"), { epsilon.low, 64, epsilon.low, epsilon.high, 1, 0 }, tr(" / 255"), this);
    m_epsilon->setObjectName(QStringLiteral("epsilon"));
    m_epsilon->setHelp(
        tr("How far any value of the exported image may be from the clean one, in grey levels."));
    m_step = new ValueSlider(
        tr("Step"), { 0.125, 16, 0.001, attackField("step").high, 0.125, 3 }, tr(" px"), this);
    m_step->setObjectName(QStringLiteral("step"));
    m_step->setHelp(
        tr("How far one sub-step moves every value, in grey levels. 6.375 is the seed's 0.05."));
    m_projection = new QuietComboBox(this);
    m_projection->addItems({ tr("none (seed)"), tr("epsilon ball") });
    describe(m_projection, "projection", tr("Projection"),
        tr("None: only the exported image is clipped to epsilon. Ball: every sub-step is."));

    m_order = new QLabel(this);
    m_order->setObjectName(QStringLiteral("order"));
    m_order->setTextFormat(Qt::RichText);
    m_swap = new QToolButton(this);
    describe(m_swap, "swapSources", tr("Reverse the order of sources"),
        tr("Reverses the order in which the sources are stepped."));
    auto* orderRow = new QHBoxLayout;
    orderRow->addWidget(m_order, 1);
    orderRow->addWidget(m_swap);
    m_seed = new SeedField(kMostSeed, this);
    describe(
        m_seed, "seed", tr("Seed"), tr("Decides random noise; part of every request and export."));

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(heading);
    layout->addWidget(fieldName(tr("&Method"), m_method, this));
    layout->addWidget(m_method);
    layout->addWidget(fieldName(tr("Label r&ule"), m_rule, this));
    layout->addWidget(m_rule);
    layout->addWidget(m_targetName);
    auto* targetRow = new QHBoxLayout;
    targetRow->setSpacing(6);
    targetRow->addWidget(m_target, 1);
    targetRow->addWidget(m_targetMenu);
    layout->addLayout(targetRow);
    m_note = new QLabel(this);
    m_note->setObjectName(QStringLiteral("attackNote"));
    m_note->setWordWrap(true);
    m_note->setProperty("role", QStringLiteral("muted"));
    // Right under the choices that it speaks of, where it is seen without scrolling.
    layout->addWidget(m_note);
    layout->addSpacing(2);
    layout->addWidget(m_rounds);
    layout->addWidget(m_epsilon);
    layout->addWidget(m_step);
    layout->addWidget(fieldName(tr("Pro&jection"), m_projection, this));
    layout->addWidget(m_projection);
    layout->addWidget(fieldName(tr("Order of sources"), m_swap, this));
    layout->addLayout(orderRow);
    buildMore(layout);
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
    describe(
        m_moreButton, "more", tr("More settings"), tr("Seed, saving rule, numerics and threads."));
    m_more = new QWidget(this);
    m_save = new QuietComboBox(m_more);
    m_save->addItems({ tr("truncate (seed)"), tr("round"), tr("legacy stretch") });
    describe(m_save, "save", tr("Saving rule"),
        tr("How the attack's float image becomes bytes; the clip to epsilon follows in every "
           "case."));
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
    auto* more = new QVBoxLayout(m_more);
    more->setContentsMargins(0, 0, 0, 0);
    more->setSpacing(4);
    m_seed->setParent(m_more);
    for (const auto& [name, field] : std::initializer_list<std::pair<QString, QWidget*>> {
             { tr("See&d"), m_seed }, { tr("&Saving"), m_save }, { tr("&Numerics"), m_numerics },
             { tr("T&hreads"), m_threads } }) {
        more->addWidget(fieldName(name, field, m_more));
        more->addWidget(field);
    }
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
    connect(
        m_method, &QComboBox::activated, this,
        [this](int row) {
            m_session.change(
                withMethod(m_session.state(), allMethods()[static_cast<std::size_t>(row)]),
                Setting::Method);
        });
    connect(
        m_rule, &QComboBox::activated, this,
        [this](int row) {
            change(
                Setting::LabelRule,
                [row](ExplorerState& s) {
                    s.labelRule = allLabelRules()[static_cast<std::size_t>(row)];
                });
        });
    connect(
        m_target, &LabelPicker::labelChosen, this,
        [this](int label) {
            change(
                Setting::Target, [label](ExplorerState& s) { s.target = label; });
        });
    connect(
        m_target, &LabelPicker::textRejected, this,
        [this](const QString& text) {
            emit problem(
                tr("“%1” is no target: type a number 1..1000 or part of a name.").arg(text));
        });
    connect(
        m_rounds, &ValueSlider::valueChanged, this,
        [this](double value) {
            change(
                Setting::Rounds, [value](ExplorerState& s) { s.rounds = static_cast<int>(value); });
        });
    connect(
        m_epsilon, &ValueSlider::valueChanged, this,
        [this](double value) {
            m_session.change(
                withEpsilon(m_session.state(), static_cast<int>(value)), Setting::Epsilon);
        });
    connect(m_step, &ValueSlider::valueChanged, this, [this](double value) {
        change(Setting::Step, [value](ExplorerState& s) { s.stepPx = value; });
    });
    for (ValueSlider* slider : { m_rounds, m_epsilon, m_step })
        connect(slider, &ValueSlider::draggingChanged, &m_session, &ExplorerSession::setDragging);
    connect(
        m_projection, &QComboBox::activated, this,
        [this](int row) {
            change(
                Setting::Projection,
                [row](ExplorerState& s) {
                    s.projection = allProjections()[static_cast<std::size_t>(row)];
                });
        });
    connect(
        m_swap, &QToolButton::clicked, this,
        [this] {
            change(
                Setting::Sources,
                [](ExplorerState& s) { std::reverse(s.sources.begin(), s.sources.end()); });
        });
    connect(
        m_seed, &SeedField::valueChanged, this,
        [this](quint64 value) {
            change(
                Setting::Seed, [value](ExplorerState& s) { s.seed = value; });
        });
    connect(
        m_save, &QComboBox::activated, this,
        [this](int row) {
            change(
                Setting::Save,
                [row](
                    ExplorerState& s) { s.save = allSaveRules()[static_cast<std::size_t>(row)]; });
        });
    connect(
        m_numerics, &QComboBox::activated, this,
        [this](int row) {
            change(
                Setting::Numerics,
                [row](ExplorerState& s) { s.numerics = kNumerics[static_cast<std::size_t>(row)]; });
        });
    connect(m_threads, &QSpinBox::valueChanged, this, [this](int value) {
        change(Setting::Threads, [value](ExplorerState& s) { s.threads = value; });
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
        m_rule->setRow(static_cast<int>(row), reason, ruleTip(other.labelRule));
    }
    m_rule->setCurrentIndex(rowOf(allLabelRules(), m_session.state().labelRule));
}

void AttackPanel::refreshOrder()
{
    QStringList names;
    for (const std::string& id : m_session.state().sources)
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
    const AttackRequest request = m_session.request();
    m_method->setCurrentIndex(rowOf(allMethods(), state.method));
    refreshRules(request);
    const bool targeted = isTargeted(state.method);
    m_targetName->setVisible(targeted);
    m_target->setVisible(targeted);
    m_targetMenu->setVisible(targeted);
    m_target->setLabel(state.target);
    m_rounds->setValue(state.rounds);
    m_epsilon->setValue(state.epsilon255);
    m_step->setValue(state.stepPx);
    m_projection->setCurrentIndex(rowOf(allProjections(), state.projection));
    refreshOrder();
    const QSignalBlocker threadsBlocker(m_threads);
    m_seed->setValue(state.seed);
    m_save->setCurrentIndex(rowOf(allSaveRules(), state.save));
    m_numerics->setCurrentIndex(rowOf(kNumerics, state.numerics));
    m_threads->setValue(state.threads);

    const bool looped = usesSources(state.method);
    for (QWidget* part :
        std::initializer_list<QWidget*> { m_rule, m_rounds, m_step, m_projection, m_swap })
        part->setEnabled(looped);
    m_swap->setEnabled(looped && state.sources.size() > 1);
    m_epsilon->setEnabled(state.method != Method::Noop);
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
