#include "ui/dialogs/PlanEntryDialog.h"

#include "core/base/Contains.h"
#include "core/base/Error.h"
#include "ui/session/FieldWords.h"
#include "ui/session/ModelChoice.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/common/AttackForm.h"
#include "ui/views/common/Describe.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QDoubleSpinBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

QString text(const std::string& bytes)
{
    return QString::fromStdString(bytes);
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
    m_problem->setObjectName("entryProblem");
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
    resize(460, m_attack != nullptr ? 560 : 300);
    showFitting();
    refresh();
}

void PlanEntryDialog::buildAttack(QFormLayout* form)
{
    const AttackChoices& options = m_item.attack.options;
    m_attack = new AttackForm(FieldPlace::Plan, this);
    for (const AttackField* field : fieldsOf(FieldPlace::Plan))
        if (field->kind == FieldKind::Ids)
            buildSources(form);
        else if (field->kind == FieldKind::Flag)
            form->addRow(QString(), m_attack->make(*field, this));
        else
            form->addRow(fieldLabel(*field, FieldPlace::Plan), m_attack->make(*field, this));
    leaveOutWhatDoesNotFit();
    m_attack->show([&options](const AttackField& field) { return field.chosen(options); });
    connect(m_attack, &AttackForm::changed, this, [this] {
        showFitting();
        refresh();
    });
}

void PlanEntryDialog::leaveOutWhatDoesNotFit()
{
    const bool targeted = m_kind == PlanKind::TargetedAttacks;
    const auto leaveOut = [this](const char* key, const std::string& choice) {
        auto* box = m_attack->editor<QComboBox>(key);
        box->removeItem(box->findData(text(choice)));
    };
    for (const Method method : allMethods())
        if (usesSources(method) && isTargeted(method) != targeted)
            leaveOut("method", toString(method));
    for (const LabelRule rule : allLabelRules())
        if (rule != LabelRule::LeastLikely && (rule == LabelRule::Target) != targeted)
            leaveOut("label-rule", toString(rule));
}

void PlanEntryDialog::buildSources(QFormLayout* form)
{
    const AttackField& field = attackField("source");
    m_sources = new ModelListModel(this);
    m_sourceList = new QListView(this);
    m_sourceList->setModel(m_sources);
    m_sourceList->setFixedHeight(108);
    describe(
        m_sourceList, "entrySources", fieldName(field.key), fieldHelp(field, FieldPlace::Plan));
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
    form->addRow(fieldLabel(field, FieldPlace::Plan), sources);
    m_form->labelForField(sources)->setObjectName("entrySourcesName");
    connect(m_sources, &QAbstractItemModel::dataChanged, this, &PlanEntryDialog::refresh);
}

void PlanEntryDialog::fillSources()
{
    // The plan's sources first, in their order; then the others that are there.
    std::vector<std::string> ids = m_item.attack.options.sources;
    for (const StoredModel& model : m_models)
        if (!model.weights.empty() && !contains(ids, model.manifest.id))
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

Method PlanEntryDialog::method() const
{
    return parseMethod(AttackField::print(m_attack->find("method")->value));
}

void PlanEntryDialog::showFitting()
{
    if (m_attack == nullptr)
        return;
    const auto show = [this](QWidget* editor, const AttackField& field) {
        const bool read = isRead(field, method());
        editor->setVisible(read);
        if (QWidget* label = m_form->labelForField(editor))
            label->setVisible(read);
    };
    show(m_sourceList, attackField("source"));
    for (const AttackForm::Row& row : m_attack->rows())
        show(row.editor, *row.field);
}

AttackChoices PlanEntryDialog::attackOptions() const
{
    AttackChoices options;
    for (const AttackField& field : attackFields()) {
        const AttackForm::Row* row = m_attack->find(field.key);
        const FieldValue value = row != nullptr ? row->value
            : field.key == std::string("source")
            ? FieldValue(m_sources->checkedIds())
            : field.chosen(m_item.attack.options); // what has no editor here stays
        if (isRead(field, method()) && value != FieldValue())
            field.choose(options, value);
    }
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
