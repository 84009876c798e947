#include "ui/views/defense/DefenseControls.h"

#include "core/defense/DefenseFields.h"
#include "core/image/Image.h"
#include "ui/session/DefenseSettings.h"
#include "ui/session/ModelChoice.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/SeedField.h"
#include "ui/views/common/ValueSlider.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QSignalBlocker>
#include <QSlider>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <iterator>
#include <limits>

namespace crossiter::ui {

namespace {

constexpr int kUsualFirst = 250; // the seed's two stages: 250,200
constexpr int kPasses = 30; // of the random resize and pad, as its authors used it

QSpinBox* number(int low, int high, const char* object, const QString& name, const QString& help,
    QWidget* parent)
{
    auto* spin = new QSpinBox(parent);
    spin->setRange(low, high);
    spin->setButtonSymbols(QAbstractSpinBox::NoButtons);
    spin->setKeyboardTracking(false);
    spin->setAlignment(Qt::AlignRight);
    describe(spin, object, name, help);
    return spin;
}

/// The window's words for the stages that the menu adds, in its order; a further row of core's
/// table follows under its key.
struct StageWords
{
    StageKind kind;
    const char* add;
    const char* name;
    int value; ///< that it is added with
};

constexpr StageWords kStages[] = {
    { StageKind::Jpeg, QT_TR_NOOP("JPEG"), QT_TR_NOOP("JPEG quality"), 75 },
    { StageKind::BitDepth, QT_TR_NOOP("Fewer bits a channel"), QT_TR_NOOP("bits a channel"), 3 },
    { StageKind::Median, QT_TR_NOOP("Median"), QT_TR_NOOP("median window"), 3 },
    { StageKind::RandomResizePad, QT_TR_NOOP("Random resize + pad"),
        QT_TR_NOOP("random resize + pad"), 0 },
};

const StageWords* wordsOf(StageKind kind)
{
    const auto* found = std::find_if(std::begin(kStages), std::end(kStages),
        [kind](const StageWords& words) { return words.kind == kind; });
    return found == std::end(kStages) ? nullptr : found;
}

QString kindName(const DefenseStage& stage)
{
    const StageWords* words = wordsOf(stage.kind);
    return words != nullptr ? DefenseControls::tr(words->name) : stageText(stage);
}

} // namespace

DefenseControls::DefenseControls(DefenseSession& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 6, 0);
    layout->setSpacing(5);
    buildResize(layout);
    buildChances(layout);
    buildStages(layout);
    buildSweep(layout);
    layout->addStretch(1);
    refresh();
}

template <typename Edit>
void DefenseControls::edit(Edit edit, Setting setting)
{
    DefenseRequest next = m_session.defense();
    edit(next);
    m_session.change(next, setting);
}

void DefenseControls::buildResize(QVBoxLayout* layout)
{
    m_size = new ValueSlider(tr("Resize"), { 1, 299, 1, 299, 1, 0 }, tr(" px"), this);
    m_size->setObjectName("defenseSize");
    m_size->setHelp(tr("The picture is shrunk to this size and grown back to 299 before the "
                       "networks see it; 299 changes nothing. This is the size that a sweep "
                       "varies."));
    m_size->slider()->setPageStep(10);
    layout->addWidget(m_size);

    m_twoStages = chipButton(this, "twoStages", tr("two stages"),
        tr("Shrinks in two stages: to a first size, then to the size above."));
    m_between = chipButton(this, "resizeBetween", tr("299 between"),
        tr("Grows the picture back to 299 between the two stages."));
    auto* row = new QHBoxLayout;
    row->setSpacing(5);
    row->addWidget(m_twoStages);
    row->addWidget(m_between);
    row->addStretch(1);
    layout->addLayout(row);
    m_first = new ValueSlider(tr("First to"), { 1, 299, 1, 299, 1, 0 }, tr(" px"), this);
    m_first->setObjectName("firstSize");
    m_first->setHelp(tr("The size of the first of two stages."));
    layout->addWidget(m_first);

    connect(
        m_size, &ValueSlider::valueChanged, this,
        [this](double value) { m_session.setSize(static_cast<int>(value)); });
    connect(m_first, &ValueSlider::valueChanged, this, [this](double value) {
        edit([value](DefenseRequest& d) { d = withFirstSize(d, static_cast<int>(value)); },
            Setting::DefenseSize);
    });
    for (ValueSlider* slider : { m_size, m_first }) {
        connect(
            slider, &ValueSlider::draggingChanged, this,
            [this](bool dragging) {
                m_session.setDragging(dragging);
                m_session.explorer().setDragging(dragging); // one undo step
            });
    }
    connect(
        m_twoStages, &QToolButton::clicked, this,
        [this](bool on) {
            edit([on](DefenseRequest& d) {
                d = withFirstSize(d, on ? std::optional(kUsualFirst) : std::nullopt);
            });
        });
    connect(m_between, &QToolButton::clicked, this,
        [this](bool on) { edit([on](DefenseRequest& d) { d = withBackBetween(d, on); }); });
}

void DefenseControls::buildChances(QVBoxLayout* layout)
{
    m_dropout = chipButton(this, "dropout", tr("dropout"),
        tr("Keeps dropout on while predicting: every draw drops other features."));
    m_statistics = chipButton(this, "batchStatistics", tr("batch statistics"),
        tr("Batch norms take their statistics from the batch: this picture and 15 grey ones, as "
           "the seed's training mode did. About sixteen times the work."));
    auto* chips = new QHBoxLayout;
    chips->setSpacing(5);
    chips->addWidget(m_dropout);
    chips->addWidget(m_statistics);
    chips->addStretch(1);
    layout->addLayout(chips);

    m_keepRow = new QWidget(this);
    auto* keep = new QHBoxLayout(m_keepRow);
    keep->setContentsMargins(0, 0, 0, 0);
    m_keep = new QDoubleSpinBox(m_keepRow);
    m_keep->setLocale(QLocale::c());
    m_keep->setRange(0.0, 1.0);
    m_keep->setDecimals(2);
    m_keep->setSingleStep(0.05);
    m_keep->setSpecialValueText(tr("network's own"));
    m_keep->setButtonSymbols(QAbstractSpinBox::NoButtons);
    m_keep->setKeyboardTracking(false);
    m_keep->setAlignment(Qt::AlignRight);
    describe(m_keep, "keep", tr("Keep probability of dropout"),
        tr("The share of features that dropout keeps, 0.01 to 1; 0: the network's own."));
    keep->addWidget(caption(tr("Keep"), m_keep, m_keepRow));
    keep->addStretch(1);
    keep->addWidget(m_keep);
    layout->addWidget(m_keepRow);

    const DefenseField& samples = *findDefenseField("samples");
    m_draws = number(samples.low, samples.high, "draws", tr("Draws"),
        tr("How often a random defense is drawn; the prediction is the mean. With dropout alone "
           "the "
           "draws cost next to nothing: only the head is drawn. 1 to 10000."),
        this);
    m_seed = new SeedField(std::numeric_limits<quint64>::max(), this);
    m_seed->setAlignment(Qt::AlignRight);
    describe(m_seed, "defenseSeed", tr("Seed of the draws"),
        tr("Decides every draw: the same seed, picture and size give the same draws."));
    m_seed->setMaximumWidth(160); // room for the longest where the tab is wide
    m_draws->setMaximumWidth(58);
    auto* row = new QHBoxLayout;
    row->addWidget(caption(tr("Draws"), m_draws, this));
    row->addWidget(m_draws);
    row->addSpacing(4);
    row->addWidget(caption(tr("Seed"), m_seed, this));
    row->addWidget(m_seed);
    layout->addLayout(row);
    m_note = new QLabel(this);
    m_note->setProperty("role", QStringLiteral("muted"));
    m_note->setWordWrap(true);
    layout->addWidget(m_note);

    connect(
        m_dropout, &QToolButton::clicked, this,
        [this](bool on) { edit([on](DefenseRequest& d) { d.dropout = on; }); });
    connect(
        m_statistics, &QToolButton::clicked, this,
        [this](bool on) { edit([on](DefenseRequest& d) { d.batchStatistics = on; }); });
    connect(
        m_keep, &QDoubleSpinBox::valueChanged, this,
        [this](double share) { edit([share](DefenseRequest& d) { d.keep = share; }); });
    connect(
        m_draws, &QSpinBox::valueChanged, this,
        [this](int draws) { edit([draws](DefenseRequest& d) { d.samples = draws; }); });
    connect(m_seed, &SeedField::valueChanged, this,
        [this](quint64 seed) { edit([seed](DefenseRequest& d) { d.seed = seed; }); });
}

void DefenseControls::buildStages(QVBoxLayout* layout)
{
    m_stageRows = new QVBoxLayout;
    m_stageRows->setSpacing(3);
    layout->addLayout(m_stageRows);
    m_add = textButton(this, "addStage", tr("Add a stage"),
        tr("Further stages after the resize: JPEG, fewer bits, a median, random resize and pad, a "
           "purifier."));
    m_add->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(m_add);
    const auto stage = [&](const QString& text, StageKind kind, int value) {
        connect(menu->addAction(text), &QAction::triggered, this, [this, kind, value] {
            addStage({ kind, {}, false, value, {} });
        });
    };
    for (const StageWords& words : kStages)
        stage(tr(words.add), words.kind, words.value);
    for (const DefenseField& field : defenseFields()) {
        // The resize has its slider, purifiers a menu of their own.
        if (field.stage && field.stage != StageKind::Resize && field.stage != StageKind::Purify
            && wordsOf(*field.stage) == nullptr)
            stage(QLatin1String(field.key), *field.stage, field.low);
    }
    m_purifiers = menu->addMenu(tr("Purifier"));
    m_purifiers->setObjectName("addPurifier");
    connect(menu, &QMenu::aboutToShow, this, &DefenseControls::fillPurifiers);
    m_add->setMenu(menu);
    m_presets = textButton(this, "defensePresets", tr("Presets"),
        tr("The seed's rows and the comparison stages, by name."));
    m_presets->setPopupMode(QToolButton::InstantPopup);
    m_presets->setMenu(new QMenu(m_presets));
    connect(m_presets->menu(), &QMenu::aboutToShow, this, &DefenseControls::fillPresets);
    auto* row = new QHBoxLayout;
    row->addWidget(m_add);
    row->addWidget(m_presets);
    row->addStretch(1);
    layout->addLayout(row);
}

void DefenseControls::buildSweep(QVBoxLayout* layout)
{
    m_from =
        number(1, 299, "sweepFrom", tr("Sweep from"), tr("The smallest size of the sweep."), this);
    m_to = number(1, 299, "sweepTo", tr("Sweep to"), tr("The largest size of the sweep."), this);
    m_step = number(1, 100, "sweepStep", tr("Sweep step"),
        tr("Every how many pixels a size is tried; 1: every size."), this);
    for (QSpinBox* spin : { m_from, m_to, m_step })
        spin->setMaximumWidth(46);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(caption(tr("Sweep"), m_from, this));
    row->addStretch(1);
    row->addWidget(m_from);
    row->addWidget(caption(tr("to"), m_to, this));
    row->addWidget(m_to);
    row->addWidget(caption(tr("by"), m_step, this));
    row->addWidget(m_step);
    layout->addLayout(row);
    m_automatic = new QCheckBox(tr("Sweep by itself"), this);
    describe(m_automatic, "automaticSweep", tr("Sweep by itself"),
        tr("Sweeps when nothing else is computed, the curve first; off for defenses with many "
           "passes a picture, which wait for the Sweep button."));
    layout->addWidget(m_automatic);
    m_tools = new QVBoxLayout;
    layout->addLayout(m_tools);
    for (QSpinBox* spin : { m_from, m_to, m_step }) {
        connect(
            spin, &QSpinBox::valueChanged, this,
            [this] {
                SweepSizes sizes;
                sizes.from = std::min(m_from->value(), m_to->value());
                sizes.to = std::max(m_from->value(), m_to->value());
                sizes.step = m_step->value();
                m_session.setSweepSizes(sizes);
            });
    }
    connect(m_automatic, &QCheckBox::clicked, &m_session, &DefenseSession::setAutomaticSweep);
}

void DefenseControls::addTool(QWidget* tool)
{
    m_tools->addWidget(tool, 0, Qt::AlignLeft);
}

void DefenseControls::fillPurifiers()
{
    m_purifiers->clear();
    for (const StoredModel& model : purifiersOf(m_session.explorer().models())) {
        const std::string id = model.manifest.id;
        QAction* action = m_purifiers->addAction(modelTitle(model.manifest), this, [this, id] {
            addStage({ StageKind::Purify, {}, false, 0, id });
        });
        action->setData(QString::fromStdString(id));
    }
    if (m_purifiers->isEmpty())
        m_purifiers->addAction(tr("none in the store: Models > Import a model"))->setEnabled(false);
}

void DefenseControls::addStage(const DefenseStage& stage)
{
    edit([&stage](DefenseRequest& d) {
        d.stages.push_back(stage);
        if (stage.kind == StageKind::RandomResizePad)
            d.samples = std::min(d.samples, kPasses); // each draw is a whole pass
    });
}

void DefenseControls::removeStage(int row)
{
    edit([row](DefenseRequest& d) {
        std::vector<DefenseStage> stages = furtherStages(d);
        stages.erase(stages.begin() + row);
        d = withFurtherStages(d, stages);
    });
}

void DefenseControls::showStages()
{
    const std::vector<DefenseStage> stages = furtherStages(m_session.defense());
    const bool same = stages.size() == m_rows.size()
        && std::equal(stages.begin(), stages.end(), m_rows.begin(),
            [](const DefenseStage& stage, const StageRow& row) { return stage.kind == row.kind; });
    if (!same) {
        for (const StageRow& row : m_rows) {
            row.box->hide();
            row.box->deleteLater(); // it may be the one whose button was pressed
        }
        m_rows.clear();
        for (std::size_t i = 0; i < stages.size(); ++i) {
            StageRow row;
            row.kind = stages[i].kind;
            row.box = new QWidget(this);
            auto* line = new QHBoxLayout(row.box);
            line->setContentsMargins(0, 0, 0, 0);
            row.name = caption(kindName(stages[i]), nullptr, row.box);
            line->addWidget(row.name, 1);
            const DefenseField& field = defenseField(row.kind);
            if (field.isWhole()) {
                row.value = number(field.low, field.high, "stageValue", kindName(stages[i]),
                    tr("%1 to %2").arg(field.low).arg(field.high), row.box);
                row.value->setSingleStep(field.odd ? 2 : 1);
                line->addWidget(row.value);
                connect(row.value, &QSpinBox::valueChanged, this, [this, i](int value) {
                    edit([i, value](DefenseRequest& d) {
                        std::vector<DefenseStage> all = furtherStages(d);
                        if (i < all.size()) {
                            const bool odd = defenseField(all[i].kind).odd;
                            all[i].value = odd ? value | 1 : value;
                            d = withFurtherStages(d, all);
                        }
                    });
                });
            }
            auto* remove = new QToolButton(row.box);
            remove->setText(QStringLiteral("\u00d7"));
            describe(remove, "removeStage", tr("Remove %1").arg(kindName(stages[i])),
                tr("Takes this stage out."));
            connect(remove, &QToolButton::clicked, this,
                [this, i] { removeStage(static_cast<int>(i)); });
            line->addWidget(remove);
            m_stageRows->addWidget(row.box);
            m_rows.push_back(row);
        }
    }
    for (std::size_t i = 0; i < stages.size(); ++i) {
        m_rows[i].name->setText(kindName(stages[i]));
        if (m_rows[i].value != nullptr) {
            const QSignalBlocker blocker(m_rows[i].value);
            m_rows[i].value->setValue(stages[i].value);
        }
    }
}

void DefenseControls::fillPresets()
{
    QMenu* menu = m_presets->menu();
    menu->clear();
    menu->setToolTipsVisible(true);
    for (const DefensePreset& preset : defensePresets()) {
        QAction* action = menu->addAction(QString::fromStdString(preset.name));
        action->setToolTip(preset.note.empty() ? QString::fromStdString(defenseText(preset.defense))
                                               : QString::fromStdString(preset.note));
        connect(action, &QAction::triggered, this,
            [this, defense = preset.defense] { m_session.change(defense); });
    }
}

void DefenseControls::refresh()
{
    const DefenseRequest& defense = m_session.defense();
    const SweepSizes& sizes = m_session.explorer().state().sweepSizes;
    const std::optional<int> first = firstSize(defense);
    const QSignalBlocker blockers[] = { QSignalBlocker(m_keep), QSignalBlocker(m_draws),
        QSignalBlocker(m_from), QSignalBlocker(m_to), QSignalBlocker(m_step) };
    m_size->setValue(sizeOf(defense));
    m_twoStages->setChecked(first.has_value());
    m_between->setChecked(backBetween(defense));
    m_between->setEnabled(first.has_value());
    m_first->setVisible(first.has_value());
    m_first->setValue(first.value_or(kUsualFirst));
    m_dropout->setChecked(defense.dropout);
    m_statistics->setChecked(defense.batchStatistics);
    m_keepRow->setVisible(defense.dropout);
    m_keep->setValue(defense.keep);
    m_draws->setValue(defense.samples);
    m_draws->setEnabled(defense.random());
    m_seed->setValue(defense.seed);
    m_seed->setEnabled(defense.random());
    const bool costly = isCostly(defense);
    m_note->setVisible(costly);
    m_note->setText(defense.batchStatistics
            ? tr("Batch statistics: a batch of 16 a picture. Sweep on request.")
            : tr("Each draw is a whole pass. Sweep on request."));
    m_from->setValue(sizes.from);
    m_to->setValue(sizes.to);
    m_step->setValue(sizes.step);
    m_automatic->setChecked(m_session.automaticSweep());
    showStages();
}

} // namespace crossiter::ui
