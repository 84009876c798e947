#include "ui/views/batch/PlanHeader.h"

#include "ui/session/Counted.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/common/SeedField.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QScopedValueRollback>
#include <QSpinBox>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

namespace crossiter::ui {

namespace {

constexpr const char* kOfficial = "official";
const int kEpsilons[] = { 4, 8, 12, 16 };

} // namespace

PlanHeader::PlanHeader(BatchSession& session, AskPath ask, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_ask(std::move(ask))
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    buildPhotos(layout);
    buildBudget(layout);
    showPlan();
    showDataset();
}

void PlanHeader::buildPhotos(QVBoxLayout* layout)
{
    m_dataset = menuButton(this, "batchDataset", {},
        tr("The folder of photos, and where their labels and targets come from."),
        tr("Photos of the tournament"));
    m_dataset->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
    auto* menu = new QMenu(m_dataset);
    connect(menu, &QMenu::aboutToShow, this, [this, menu] { fillDatasetMenu(menu); });
    m_dataset->setMenu(menu);
    m_targets = textButton(this, "batchTargets", tr("Targets…"),
        tr("Shows, fills and edits target_class.csv for these photos."), tr("Target classes"));
    connect(m_targets, &QToolButton::clicked, this, &PlanHeader::targetsWanted);
    m_plan = menuButton(
        this, "batchPlan", tr("Plan"), tr("Ready plans; opens and saves plans as JSON."));
    auto* plans = new QMenu(m_plan);
    fillPlanMenu(plans);
    m_plan->setMenu(plans);
    auto* first = new QHBoxLayout;
    first->setSpacing(4);
    first->addWidget(m_dataset, 1);
    first->addWidget(m_targets);
    first->addWidget(m_plan);
    layout->addLayout(first);

    m_datasetNote = roleLabel(this, "muted", {}, "datasetNote");
    m_datasetNote->setWordWrap(true);
    layout->addWidget(m_datasetNote);
}

void PlanHeader::buildBudget(QVBoxLayout* layout)
{
    m_epsilon = new QuietComboBox(this);
    m_epsilon->setEditable(true);
    m_epsilon->setInsertPolicy(QComboBox::NoInsert);
    m_epsilon->setMinimumContentsLength(7);
    for (const int epsilon : kEpsilons)
        m_epsilon->addItem(QString::number(epsilon));
    m_epsilon->addItem(tr("4, 8, 12, 16"), QString::fromLatin1(kOfficial));
    describe(m_epsilon, "batchEpsilon", tr("Epsilon"),
        tr("Grey levels, 0 to 255; or the official 4, 8, 12, 16 by batch of 100 images."));
    const auto takeEpsilon = [this] {
        if (m_updating) {
            return;
        }
        const QString text = m_epsilon->currentText();
        bool isNumber = false;
        const int value = text.toInt(&isNumber);
        const bool official =
            text == m_epsilon->itemText(m_epsilon->findData(QString::fromLatin1(kOfficial)));
        if (!official && (!isNumber || value < 0 || value > 255)) {
            emit problem(tr("Epsilon is a whole number from 0 to 255, not “%1”.").arg(text));
            showPlan();
            return;
        }
        change([&](TournamentPlan& plan) {
            plan.epsilon255 = official ? std::nullopt : std::optional(value);
        });
    };
    connect(m_epsilon, &QComboBox::activated, this, takeEpsilon);
    connect(m_epsilon->lineEdit(), &QLineEdit::editingFinished, this, takeEpsilon);
    m_images = new QSpinBox(this);
    m_images->setRange(0, 1'000'000);
    m_images->setSpecialValueText(tr("all"));
    m_images->setKeyboardTracking(false);
    describe(m_images, "batchImages", tr("Number of images"),
        tr("Only the first so many images: quick trials. 0: all."));
    connect(m_images, &QSpinBox::valueChanged, this, [this](int value) {
        change([value](TournamentPlan& plan) {
            plan.dataset.images = static_cast<std::size_t>(value);
        });
    });
    m_moreButton = textButton(this, "batchMore", tr("More"),
        tr("Rules of evaluation, seed, numerics, threads."), tr("More of the plan"));
    m_moreButton->setCheckable(true);
    m_moreButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_moreButton->setArrowType(Qt::RightArrow);
    auto* second = new QHBoxLayout;
    second->setSpacing(4);
    second->addWidget(caption(tr("Epsilon"), m_epsilon, this));
    second->addWidget(m_epsilon);
    second->addSpacing(6);
    second->addWidget(caption(tr("Images"), m_images, this));
    second->addWidget(m_images);
    second->addStretch(1);
    second->addWidget(m_moreButton);
    layout->addLayout(second);
    m_more = buildMore();
    m_more->hide();
    layout->addWidget(m_more);
    connect(m_moreButton, &QToolButton::toggled, this, [this](bool open) {
        m_more->setVisible(open);
        m_moreButton->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
    });
}

QWidget* PlanHeader::buildMore()
{
    auto* more = new QWidget(this);
    auto* form = new QFormLayout(more);
    form->setContentsMargins(0, 0, 0, 0);
    form->setVerticalSpacing(4);
    m_mode = new QuietComboBox(more);
    m_mode->addItems({ tr("development runner"), tr("official evaluation") });
    describe(m_mode, "batchMode", tr("Rules"),
        tr("Whose files and scores: the toolkit's development runner, or the official "
           "evaluation with batches of 100 and defenses as rows."));
    connect(m_mode, &QComboBox::activated, this,
        [this](int row) { change([row](TournamentPlan& plan) { plan.official = row == 1; }); });
    m_seed = new SeedField(std::numeric_limits<quint64>::max(), more);
    describe(m_seed, "batchSeed", tr("Seed"), tr("Of everything random in the tournament."));
    connect(m_seed, &SeedField::valueChanged, this,
        [this](quint64 value) { change([value](TournamentPlan& plan) { plan.seed = value; }); });
    m_numerics = new QuietComboBox(more);
    m_numerics->addItems(
        { tr("fast (float32)"), tr("reference (float32)"), tr("exact (float64)") });
    describe(m_numerics, "batchNumerics", tr("Numerics"), tr("How the networks are computed."));
    connect(m_numerics, &QComboBox::activated, this, [this](int row) {
        change([row](TournamentPlan& plan) { plan.compute.numerics = static_cast<Numerics>(row); });
    });
    m_threads = new QSpinBox(more);
    m_threads->setRange(1, kMostThreads);
    m_threads->setKeyboardTracking(false);
    describe(m_threads, "batchThreads", tr("Threads of a process"),
        tr("Part of the plan: float32 results depend on it, results of more processes do not."));
    connect(m_threads, &QSpinBox::valueChanged, this, [this](int value) {
        change([value](TournamentPlan& plan) { plan.compute.threads = value; });
    });
    m_all = new QCheckBox(tr("all_classification.csv"), more);
    describe(m_all, "batchAll", tr("All classifications"),
        tr("Also writes one line for every prediction."));
    connect(m_all, &QCheckBox::toggled, this,
        [this](bool on) { change([on](TournamentPlan& plan) { plan.allClassification = on; }); });
    m_clean = new QCheckBox(tr("ask defenses of the clean images too"), more);
    describe(m_clean, "batchClean", tr("Clean images"),
        tr("Gives the scores over rightly classified images."));
    connect(m_clean, &QCheckBox::toggled, this,
        [this](bool on) { change([on](TournamentPlan& plan) { plan.clean = on; }); });
    form->addRow(caption(tr("Rules"), m_mode, more), m_mode);
    form->addRow(caption(tr("Numerics"), m_numerics, more), m_numerics);
    auto* numbers = new QHBoxLayout;
    numbers->addWidget(m_threads);
    numbers->addWidget(caption(tr("Seed"), m_seed, more));
    numbers->addWidget(m_seed, 1);
    form->addRow(caption(tr("Threads"), m_threads, more), numbers);
    form->addRow(m_all);
    form->addRow(m_clean);
    return more;
}

void PlanHeader::change(const std::function<void(TournamentPlan&)>& edit)
{
    if (m_updating)
        return;
    TournamentPlan plan = m_session.plan();
    edit(plan);
    m_session.setPlan(plan);
}

void PlanHeader::showDataset()
{
    QString note = m_session.datasetProblem();
    const bool bad = !note.isEmpty();
    if (const auto view = m_session.dataset()) {
        const auto targets = std::count_if(view->entries.begin(), view->entries.end(),
            [](const DatasetView::Entry& entry) { return entry.target.has_value(); });
        note = tr("%1 with true labels")
                   .arg(countedText(
                       static_cast<qint64>(view->entries.size()), tr("image"), tr("images")))
            + QStringLiteral(" · ")
            + (targets > 0 ? tr("%1 with targets").arg(targets) : tr("no targets"));
        if (!view->notes.empty()) {
            note += QStringLiteral(" · ") + tr("remarks: %1").arg(view->notes.size());
            QStringList lines;
            for (const std::string& line : view->notes)
                lines << QString::fromStdString(line);
            m_datasetNote->setToolTip(lines.mid(0, 20).join(QLatin1Char('\n')));
        } else {
            m_datasetNote->setToolTip({});
        }
    } else if (!bad) {
        note = tr("reading…");
    }
    setRole(m_datasetNote, bad ? "error" : "muted");
    m_datasetNote->setText(note);
    m_targets->setEnabled(m_session.dataset() != nullptr);
}

void PlanHeader::fillDatasetMenu(QMenu* menu)
{
    menu->clear();
    const QString csvFilter = tr("CSV files (*.csv);;All files (*)");
    const auto folderNow = [this] {
        return QString::fromStdString(m_session.plan().dataset.folder.string());
    };
    menu->addAction(
        tr("Folder of photos…"), this,
        [this, folderNow] {
            const QString folder = m_ask(tr("Folder of photos"), folderNow(), {}, false, true);
            if (!folder.isEmpty()) {
                setDataset(folder, {});
            }
        });
    menu->addAction(tr("The competition's dataset CSV…"), this, [this, folderNow, csvFilter] {
        const QString csv = m_ask(tr("Dataset CSV"), folderNow(), csvFilter, false, false);
        if (csv.isEmpty()) {
            return;
        }
        const QString folder =
            m_ask(tr("Folder of its images"), QFileInfo(csv).path(), {}, false, true);
        if (!folder.isEmpty()) {
            setDataset(folder, csv);
        }
    });
    if (!m_photosFolder.isEmpty()) {
        menu->addAction(
            tr("The embedded photos"), this, [this] { setDataset(m_photosFolder, {}); });
    }
    menu->addSeparator();
    const bool plain = m_session.plan().dataset.csv.empty();
    const auto table = [&](const QString& title, std::filesystem::path PlanDataset::*member,
                           std::optional<int> PlanDataset::*base) {
        const auto choose = [this, title, member, base, folderNow, csvFilter] {
            const QString csv = m_ask(title, folderNow(), csvFilter, false, false);
            const LabelColumn column =
                member == &PlanDataset::labels ? LabelColumn::True : LabelColumn::Target;
            std::optional<int> chosen; // the former file's is none of this one's
            if (!csv.isEmpty() && (!m_askBase || m_askBase(csv, column, chosen)))
                change([&](TournamentPlan& plan) {
                    plan.dataset.*member = csv.toStdString();
                    plan.dataset.*base = chosen;
                });
        };
        QAction* action = menu->addAction(title, this, choose);
        action->setEnabled(plain);
    };
    table(tr("True labels from a CSV…"), &PlanDataset::labels, &PlanDataset::labelBase);
    table(tr("Targets from a CSV…"), &PlanDataset::targets, &PlanDataset::targetBase);
    menu->addAction(tr("Read it again"), &m_session, &BatchSession::readDataset);
}

void PlanHeader::fillPlanMenu(QMenu* menu)
{
    const auto preset = [&](const QString& title, const QString& help, const char* name) {
        QAction* action = menu->addAction(
            title, this, [this, name] { m_session.usePreset(QString::fromLatin1(name)); });
        action->setToolTip(help);
        action->setObjectName(QString::fromLatin1(name));
    };
    menu->setToolTipsVisible(true);
    preset(tr("Example: six attacks, six defenses"),
        tr("Of the embedded networks, on the photos that are chosen."), "embedded");
    preset(tr("The seed's run"),
        tr("Every row of the seed's published tables; rows whose network is not in the store run "
           "on the embedded pair, and their notes say so. Results stand beside the published "
           "scores."),
        "seed");
    menu->addSeparator();
    menu->addAction(tr("Open a plan…"), this, &PlanHeader::openPlanDialog);
    menu->addAction(tr("Save the plan…"), this, &PlanHeader::savePlanDialog);
}

void PlanHeader::setDataset(const QString& folder, const QString& csv)
{
    change([&](TournamentPlan& plan) {
        plan.dataset = PlanDataset();
        plan.dataset.folder = QFileInfo(folder).absoluteFilePath().toStdString();
        if (!csv.isEmpty())
            plan.dataset.csv = QFileInfo(csv).absoluteFilePath().toStdString();
    });
}

void PlanHeader::openPlanDialog()
{
    const QString path =
        m_ask(tr("Open a plan"), {}, tr("Plans (*.json);;All files (*)"), false, false);
    if (!path.isEmpty())
        m_session.openPlan(path);
}

void PlanHeader::savePlanDialog()
{
    const QString path =
        m_ask(tr("Save the plan"), QStringLiteral("plan.json"), tr("Plans (*.json)"), true, false);
    if (!path.isEmpty())
        m_session.savePlan(path);
}

void PlanHeader::showPlan()
{
    const QScopedValueRollback<bool> guard(m_updating, true);
    const TournamentPlan& plan = m_session.plan();
    if (plan.epsilon255)
        m_epsilon->setEditText(QString::number(*plan.epsilon255));
    else
        m_epsilon->setCurrentIndex(m_epsilon->findData(QString::fromLatin1(kOfficial)));
    m_images->setValue(static_cast<int>(plan.dataset.images));
    m_mode->setCurrentIndex(plan.official ? 1 : 0);
    m_seed->setValue(plan.seed);
    m_numerics->setCurrentIndex(static_cast<int>(plan.compute.numerics));
    m_threads->setValue(plan.compute.threads);
    m_all->setChecked(plan.allClassification);
    m_clean->setChecked(plan.clean);
    const QString folder = QString::fromStdString(plan.dataset.folder.string());
    m_dataset->setText(folder.isEmpty() ? tr("Choose photos…")
            : plan.dataset.csv.empty()
            ? QFileInfo(folder).fileName()
            : QStringLiteral("%1 · %2").arg(QFileInfo(folder).fileName(),
                QString::fromStdString(plan.dataset.csv.filename().string())));
    m_dataset->setToolTip(folder);
}

} // namespace crossiter::ui
