#include "ui/dialogs/PlanEntryDialog.h"

#include "core/base/Error.h"
#include "ui/session/FieldWords.h"
#include "ui/session/ModelChoice.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/views/common/Describe.h"
#include "ui/views/common/LabelPicker.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QRegularExpression>
#include <QScrollArea>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kDefault = -1; ///< a spin box at its lowest value: not in the plan

QString text(const std::string& bytes)
{
    return QString::fromStdString(bytes);
}

template <typename Value>
void choose(QComboBox* box, const std::optional<Value>& value)
{
    box->setCurrentIndex(value ? std::max(0, box->findData(static_cast<int>(*value))) : 0);
}

template <typename Value>
std::optional<Value> chosen(const QComboBox* box)
{
    const int data = box->currentData().toInt();
    return data == kDefault ? std::nullopt : std::optional(static_cast<Value>(data));
}

/// The row's numbers, and below them the one that stands for "default".
template <typename Box>
Box* spinBox(QWidget* parent, const AttackField& field)
{
    auto* box = new Box(parent);
    box->setLocale(QLocale::c());
    box->setRange(field.low - 1.0, field.high);
    box->setSpecialValueText(QObject::tr("default"));
    return box;
}

} // namespace

PlanEntryDialog::PlanEntryDialog(PlanKind kind, const PlanItem& item,
    const std::vector<StoredModel>& models, const QStringList& taken, QWidget* parent)
    : QDialog(parent)
    , m_kind(kind)
    , m_item(item)
    , m_models(classifiersOf(models))
    , m_taken(taken)
{
    const bool defense = kind == PlanKind::Defenses;
    setWindowTitle(defense              ? tr("Defense of the plan")
            : kind == PlanKind::Attacks ? tr("Attack of the plan")
                                        : tr("Targeted attack of the plan"));
    auto* content = new QWidget(this);
    m_form = new QFormLayout(content);
    m_form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    m_name = new QLineEdit(text(defense ? item.defense.name : item.attack.name), this);
    describe(m_name, "entryName", tr("Name"),
        tr("Its row or column in the matrices and its folder: no slash, comma or quote."));
    m_form->addRow(tr("&Name"), m_name);
    if (defense ? item.defense.external.has_value() : item.attack.external.has_value())
        buildExternal(m_form);
    else if (defense)
        buildDefense(m_form);
    else
        buildAttack(m_form);
    auto* scroll = new QScrollArea(this);
    scroll->setWidget(content);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    m_problem = new QLabel(this);
    m_problem->setObjectName(QStringLiteral("entryProblem"));
    m_problem->setProperty("role", QStringLiteral("error"));
    m_problem->setWordWrap(true);
    m_buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    auto* layout = new QVBoxLayout(this);
    layout->addWidget(scroll, 1);
    layout->addWidget(m_problem);
    layout->addWidget(m_buttons);
    connect(m_name, &QLineEdit::textChanged, this, &PlanEntryDialog::refresh);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    resize(460, m_method != nullptr ? 560 : 300);
    showFitting();
    refresh();
}

void PlanEntryDialog::buildExtras(QFormLayout* form)
{
    const AttackChoices& options = m_item.attack.options;
    m_momentum = spinBox<QDoubleSpinBox>(this, attackField("momentum"));
    m_momentum->setValue(options.momentum.value_or(kDefault));
    describe(m_momentum, "entryMomentum", tr("Momentum"), tr("The decay mu of MI-FGSM."));
    form->addRow(tr("Momentum"), m_momentum);
    m_diversity = spinBox<QDoubleSpinBox>(this, attackField("diversity"));
    m_diversity->setSingleStep(0.1);
    m_diversity->setValue(options.diversity.value_or(kDefault));
    describe(m_diversity, "entryDiversity", tr("Input diversity"),
        tr("Probability of a random resize and pad before each gradient."));
    form->addRow(tr("Diversity"), m_diversity);
    m_translation = spinBox<QSpinBox>(this, attackField("translation"));
    m_translation->setValue(options.translation.value_or(kDefault));
    describe(m_translation, "entryTranslation", tr("Translation kernel"),
        tr("Side of the Gaussian that smooths the gradient: 0, or odd from 3 to 31."));
    form->addRow(tr("Translation"), m_translation);
    m_scales = spinBox<QSpinBox>(this, attackField("scales"));
    m_scales->setValue(options.scales.value_or(0));
    describe(m_scales, "entryScales", tr("Scales"),
        tr("Mean of the gradients at so many scales x / 2^i."));
    form->addRow(tr("Scales"), m_scales);
    m_nesterov = new QCheckBox(tr("look ahead (Nesterov)"), this);
    m_nesterov->setChecked(options.nesterov.value_or(false));
    describe(m_nesterov, "entryNesterov", tr("Nesterov"),
        tr("The gradient is taken where the momentum would go."));
    form->addRow(QString(), m_nesterov);
}

void PlanEntryDialog::buildAttack(QFormLayout* form)
{
    const AttackChoices& options = m_item.attack.options;
    m_method = new QComboBox(this);
    for (const Method method : allMethods()) {
        const bool neutral = !usesSources(method);
        if (neutral || isTargeted(method) == (m_kind == PlanKind::TargetedAttacks)) {
            m_method->addItem(methodText(method), static_cast<int>(method));
            m_method->setItemData(m_method->count() - 1, methodTip(method), Qt::ToolTipRole);
        }
    }
    m_method->setCurrentIndex(std::max(0, m_method->findData(static_cast<int>(options.method))));
    describe(m_method, "entryMethod", tr("Method"), tr("Which attack; it decides the defaults."));
    form->addRow(tr("&Method"), m_method);

    m_sources = new ModelListModel(this);
    m_sourceList = new QListView(this);
    m_sourceList->setModel(m_sources);
    m_sourceList->setFixedHeight(108);
    describe(m_sourceList, "entrySources", tr("Sources"),
        tr("Checked networks are stepped from top to bottom; none: the default pair."));
    fillSources();
    auto* sources = new QHBoxLayout;
    auto* column = new QVBoxLayout;
    sources->addWidget(m_sourceList, 1);
    sources->addLayout(column);
    for (const int by : { -1, 1 }) {
        auto* move = new QToolButton(this);
        move->setArrowType(by < 0 ? Qt::UpArrow : Qt::DownArrow);
        describe(move, by < 0 ? "entrySourceUp" : "entrySourceDown",
            by < 0 ? tr("Move the source up") : tr("Move the source down"),
            tr("Changes the order in which the sources are stepped."));
        connect(move, &QToolButton::clicked, this, [this, by] {
            m_sources->moveRow(m_sourceList->currentIndex().row(), by);
            refresh();
        });
        column->addWidget(move);
    }
    column->addStretch();
    form->addRow(tr("&Sources"), sources);
    m_form->labelForField(sources)->setObjectName(QStringLiteral("entrySourcesName"));

    const auto combo = [&](const char* object, const QString& name, const QString& help,
                           const std::vector<std::pair<QString, int>>& rows) {
        auto* box = new QComboBox(this);
        box->addItem(tr("default"), kDefault);
        for (const auto& [words, value] : rows)
            box->addItem(words, value);
        describe(box, object, name, help);
        form->addRow(name, box);
        connect(box, &QComboBox::currentIndexChanged, this, &PlanEntryDialog::refresh);
        return box;
    };
    m_rounds = spinBox<QSpinBox>(this, attackField("rounds"));
    m_rounds->setValue(options.rounds.value_or(kDefault));
    describe(m_rounds, "entryRounds", tr("Rounds"), fieldHelp(attackField("rounds")));
    form->addRow(tr("&Rounds"), m_rounds);
    m_step = spinBox<QDoubleSpinBox>(this, attackField("step"));
    m_step->setDecimals(3);
    m_step->setValue(options.stepPx.value_or(kDefault));
    describe(m_step, "entryStep", tr("Step"), fieldHelp(attackField("step")));
    form->addRow(tr("S&tep, px"), m_step);
    std::vector<std::pair<QString, int>> rules;
    for (const LabelRule rule : allLabelRules())
        if ((rule == LabelRule::Target) == (m_kind == PlanKind::TargetedAttacks))
            rules.emplace_back(ruleText(rule), static_cast<int>(rule));
    m_rule = combo("entryRule", tr("Label rule"), tr("Which label each sub-step attacks."), rules);
    choose(m_rule, options.labelRule);
    m_projection = combo("entryProjection", tr("Projection"),
        tr("None: only the exported image is clipped. Ball: every sub-step is."),
        { { tr("none"), static_cast<int>(Projection::None) },
            { tr("epsilon ball"), static_cast<int>(Projection::Ball) } });
    choose(m_projection, options.projection);
    m_save = combo("entrySave", tr("Saving"), tr("How the float image becomes bytes."),
        { { tr("truncate"), static_cast<int>(SaveRule::Floor) },
            { tr("round"), static_cast<int>(SaveRule::Round) },
            { tr("legacy stretch"), static_cast<int>(SaveRule::LegacyStretch) } });
    choose(m_save, options.save);
    m_ensemble = combo("entryEnsemble", tr("Several sources"),
        tr("One after the other, or one step on the mean of their logits."),
        { { tr("one after the other"), static_cast<int>(Ensemble::Alternate) },
            { tr("mean of the logits"), static_cast<int>(Ensemble::MeanLogits) } });
    choose(m_ensemble, options.ensemble);
    m_target = new LabelPicker(this);
    m_target->setWithoutBackground();
    m_target->setLabel(options.target);
    describe(m_target, "entryTarget", tr("One target"),
        tr("The same target for every image; empty: the dataset's target classes."));
    form->addRow(tr("One tar&get"), m_target);
    connect(m_target, &LabelPicker::labelChosen, this, &PlanEntryDialog::refresh);
    m_through = new QLineEdit(text(options.through), this);
    m_through->setPlaceholderText(tr("resize=200;dropout"));
    describe(m_through, "entryThrough", tr("Through a defense"),
        tr("A defense in front of every source, as docs/rules.md writes it; empty: none."));
    form->addRow(tr("T&hrough"), m_through);
    connect(m_through, &QLineEdit::textChanged, this, &PlanEntryDialog::refresh);

    buildExtras(form);

    connect(m_method, &QComboBox::currentIndexChanged, this, [this] {
        showFitting();
        refresh();
    });
    connect(m_sources, &QAbstractItemModel::dataChanged, this, &PlanEntryDialog::refresh);
    for (QSpinBox* box : { m_rounds, m_translation, m_scales })
        connect(box, &QSpinBox::valueChanged, this, &PlanEntryDialog::refresh);
    for (QDoubleSpinBox* box : { m_step, m_momentum, m_diversity })
        connect(box, &QDoubleSpinBox::valueChanged, this, &PlanEntryDialog::refresh);
}

void PlanEntryDialog::fillSources()
{
    // The plan's sources first, in their order; then the others that are there.
    std::vector<std::string> ids = m_item.attack.options.sources;
    for (const StoredModel& model : m_models)
        if (!model.weights.empty()
            && std::find(ids.begin(), ids.end(), model.manifest.id) == ids.end())
            ids.push_back(model.manifest.id);
    m_sources->setModels(m_models, ids, true);
    m_sources->setChecked(m_item.attack.options.sources);
}

void PlanEntryDialog::buildDefense(QFormLayout* form)
{
    const PlanDefense& defense = m_item.defense;
    m_model = new QComboBox(this);
    for (const StoredModel& model : m_models)
        if (!model.weights.empty() || model.manifest.id == defense.model)
            m_model->addItem(modelTitle(model.manifest), text(model.manifest.id));
    m_model->setCurrentIndex(std::max(0, m_model->findData(text(defense.model))));
    describe(m_model, "entryModel", tr("Network"), tr("The network that predicts."));
    form->addRow(tr("Net&work"), m_model);
    m_preset = new QComboBox(this);
    m_preset->addItem(tr("choose…"), QString());
    m_preset->addItem(tr("none: the network as it is"), QStringLiteral("none"));
    for (const DefensePreset& preset : defensePresets()) {
        m_preset->addItem(text(preset.name), text(defenseText(preset.defense)));
        m_preset->setItemData(m_preset->count() - 1, text(preset.note), Qt::ToolTipRole);
    }
    describe(m_preset, "entryPreset", tr("Preset"), tr("Fills the stages below."));
    form->addRow(tr("&Preset"), m_preset);
    const std::string written = defenseText(defense.defense);
    m_defense = new QLineEdit(text(written.empty() ? "none" : written), this);
    describe(m_defense, "entryDefense", tr("Stages"),
        tr("resize=250,200; resize-between; random-pad; jpeg=75; bits=3; median=3; purify=ID; "
           "dropout or dropout=0.8; batch-statistics; samples=30; seed=1: those you want, joined "
           "by ;"));
    form->addRow(tr("St&ages"), m_defense);
    connect(m_preset, &QComboBox::activated, this, [this] {
        if (const QString stages = m_preset->currentData().toString(); !stages.isEmpty())
            m_defense->setText(stages);
    });
    connect(m_model, &QComboBox::currentIndexChanged, this, &PlanEntryDialog::refresh);
    connect(m_defense, &QLineEdit::textChanged, this, &PlanEntryDialog::refresh);
}

void PlanEntryDialog::buildExternal(QFormLayout* form)
{
    const ExternalSubmission external =
        m_kind == PlanKind::Defenses ? *m_item.defense.external : *m_item.attack.external;
    m_folder = new QLineEdit(text(external.folder.string()), this);
    m_folder->setReadOnly(true);
    describe(m_folder, "entryFolder", tr("Folder"), tr("The submission, with its metadata.json."));
    form->addRow(tr("&Folder"), m_folder);
    m_limit = new QDoubleSpinBox(this);
    m_limit->setLocale(QLocale::c());
    m_limit->setRange(1.0, 1e6);
    m_limit->setDecimals(0);
    m_limit->setSuffix(tr(" s"));
    m_limit->setValue(external.timeLimitSeconds);
    describe(m_limit, "entryLimit", tr("Time limit"), tr("Of one run of its entry point."));
    form->addRow(tr("&Time limit"), m_limit);
    auto* warning = new QLabel(
        tr("Its program runs on this machine with your rights: run only what you trust."), this);
    warning->setWordWrap(true);
    warning->setProperty("role", QStringLiteral("muted"));
    form->addRow(warning);
}

void PlanEntryDialog::showFitting()
{
    if (m_method == nullptr)
        return;
    const auto method = static_cast<Method>(m_method->currentData().toInt());
    const bool loops = usesSources(method);
    const bool momentum = method == Method::MiFgsm;
    const auto show = [this](QWidget* field, bool visible) {
        field->setVisible(visible);
        if (QWidget* label = m_form->labelForField(field))
            label->setVisible(visible);
    };
    for (QWidget* field : std::initializer_list<QWidget*> {
             m_sourceList, m_rounds, m_step, m_rule, m_projection, m_through, m_ensemble })
        show(field, loops);
    for (QWidget* field : std::initializer_list<QWidget*> {
             m_momentum, m_diversity, m_translation, m_scales, m_nesterov })
        show(field, momentum);
    show(m_target, isTargeted(method));
}

AttackChoices PlanEntryDialog::attackOptions() const
{
    AttackChoices options = m_item.attack.options; // what has no field here stays
    options.method = static_cast<Method>(m_method->currentData().toInt());
    const bool loops = usesSources(options.method);
    const auto number = [](const QSpinBox* box, int none) {
        return box->value() == none ? std::nullopt : std::optional(box->value());
    };
    const auto real = [](const QDoubleSpinBox* box) {
        return box->value() < 0.0 ? std::nullopt : std::optional(box->value());
    };
    if (!loops) {
        AttackChoices plain;
        plain.method = options.method;
        plain.seed = options.seed;
        plain.save = chosen<SaveRule>(m_save);
        return plain;
    }
    options.sources = m_sources->checkedIds();
    options.rounds = number(m_rounds, kDefault);
    options.stepPx = real(m_step);
    options.labelRule = chosen<LabelRule>(m_rule);
    options.projection = chosen<Projection>(m_projection);
    options.save = chosen<SaveRule>(m_save);
    options.ensemble = chosen<Ensemble>(m_ensemble);
    options.target = isTargeted(options.method) ? m_target->label() : std::nullopt;
    options.through = m_through->text().trimmed().toStdString();
    const bool momentum = options.method == Method::MiFgsm;
    options.momentum = momentum ? real(m_momentum) : std::nullopt;
    options.diversity = momentum ? real(m_diversity) : std::nullopt;
    options.translation = momentum ? number(m_translation, kDefault) : std::nullopt;
    options.scales = momentum ? number(m_scales, 0) : std::nullopt;
    options.nesterov = momentum && m_nesterov->isChecked() ? std::optional(true) : std::nullopt;
    return options;
}

PlanItem PlanEntryDialog::item() const
{
    PlanItem item = m_item;
    const std::string name = m_name->text().trimmed().toStdString();
    item.attack.name = name;
    item.defense.name = name;
    if (m_limit != nullptr) {
        auto& external =
            m_kind == PlanKind::Defenses ? item.defense.external : item.attack.external;
        external->timeLimitSeconds = m_limit->value();
    } else if (m_kind == PlanKind::Defenses) {
        item.defense.model = m_model->currentData().toString().toStdString();
        item.defense.defense = parseDefense(m_defense->text().trimmed().toStdString());
    } else {
        item.attack.options = attackOptions();
    }
    return item;
}

QString PlanEntryDialog::problem() const
{
    try {
        const std::string name = m_name->text().trimmed().toStdString();
        requirePlanName(name, "name");
        if (m_taken.contains(text(name)))
            return tr("Another row has this name.");
        const PlanItem made = item();
        if (m_kind == PlanKind::Defenses) {
            checkDefense(made.defense.defense);
        } else if (!made.attack.external) {
            static_cast<void>(parseDefense(made.attack.options.through));
            static_cast<void>(requestFor(TournamentPlan(), made.attack.options, 16, 1, 2));
        }
    } catch (const Error& error) {
        return ownWords(error);
    }
    return {};
}

void PlanEntryDialog::refresh()
{
    if (m_problem == nullptr)
        return; // still being built
    const QString reason = problem();
    m_problem->setText(reason);
    m_problem->setVisible(!reason.isEmpty());
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(reason.isEmpty());
}

} // namespace crossiter::ui
