#include "ui/dialogs/TargetClassDialog.h"

#include "core/base/AtomicFile.h"
#include "core/base/Error.h"
#include "core/contest/LabelMatch.h"
#include "core/contest/TrueLabel.h"
#include "ui/session/Counted.h"
#include "ui/session/ModelChoice.h"
#include "ui/session/PhotoLoader.h"
#include "ui/session/PlainText.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/Icons.h"
#include "ui/views/common/LabelPicker.h"
#include "ui/views/common/SeedField.h"

#include <QAction>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMessageBox>
#include <QProgressBar>
#include <QPushButton>
#include <QSortFilterProxyModel>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QToolButton>
#include <QUndoStack>
#include <QVBoxLayout>

#include <algorithm>
#include <limits>

namespace crossiter::ui {

namespace {

/// A searchable label in a cell.
class TargetDelegate : public QStyledItemDelegate
{
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void setTheme(const Theme& theme) { m_theme = theme; }

    QWidget* createEditor(QWidget* parent, const QStyleOptionViewItem& /*option*/,
        const QModelIndex& /*index*/) const override
    {
        auto* picker = new LabelPicker(parent);
        picker->setWithoutBackground();
        picker->setAccessibleName(TargetClassModel::tr("Target"));
        auto* self = const_cast<TargetDelegate*>(this);
        connect(picker, &LabelPicker::labelChosen, self, [self, picker] {
            emit self->commitData(picker);
            emit self->closeEditor(picker);
        });
        return picker;
    }
    void setEditorData(QWidget* editor, const QModelIndex& index) const override
    {
        const QVariant label = index.data(TargetClassModel::LabelRole);
        static_cast<LabelPicker*>(editor)->setLabel(
            label.isValid() ? std::optional(label.toInt()) : std::nullopt);
    }
    void setModelData(
        QWidget* editor, QAbstractItemModel* model, const QModelIndex& index) const override
    {
        if (const auto label = static_cast<LabelPicker*>(editor)->label())
            model->setData(index, *label);
    }

protected:
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override
    {
        QStyledItemDelegate::initStyleOption(option, index);
        const auto mark = static_cast<TargetMark>(index.data(TargetClassModel::MarkRole).toInt());
        if (index.column() == TargetClassModel::MarkColumn) {
            option->palette.setColor(
                QPalette::Text, mark == TargetMark::NoImage ? m_theme.error : m_theme.wrongLabel);
        } else if (index.column() == TargetClassModel::TargetColumn) {
            option->palette.setColor(
                QPalette::Text, mark == TargetMark::None ? m_theme.target : m_theme.wrongLabel);
        } else if (index.column() == TargetClassModel::TrueColumn) {
            option->palette.setColor(QPalette::Text, m_theme.trueLabel);
        }
    }

private:
    Theme m_theme;
};

} // namespace

TargetClassDialog::TargetClassDialog(std::shared_ptr<Engine> engine, const TournamentPlan& plan,
    const DatasetView& dataset, const Theme& theme, AskPath ask, QWidget* parent)
    : QDialog(parent)
    , m_engine(std::move(engine))
    , m_plan(plan)
    , m_ask(std::move(ask))
    , m_targets(new TargetClassModel(this))
    , m_sorted(new QSortFilterProxyModel(this))
{
    setWindowTitle(tr("Target classes"));
    QVector<TargetRow> rows;
    for (const DatasetView::Entry& entry : dataset.entries) {
        rows.push_back({ QString::fromStdString(entry.id + ".png"),
            QString::fromStdString(entry.clean.string()), entry.trueLabel, entry.target });
    }
    build(theme);
    m_targets->setRows(rows, true);
    m_table->resizeColumnToContents(TargetClassModel::ImageColumn);
    m_table->setColumnWidth(TargetClassModel::ImageColumn,
        std::min(200, m_table->columnWidth(TargetClassModel::ImageColumn)));
    m_table->setCurrentIndex(m_sorted->index(0, TargetClassModel::TargetColumn));
    showMarks();
}

void TargetClassDialog::buildTable(const Theme& theme)
{
    m_sorted->setSourceModel(m_targets);
    m_sorted->setFilterKeyColumn(-1);
    m_sorted->setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table = new QTableView(this);
    m_table->setModel(m_sorted);
    m_table->setSortingEnabled(true);
    m_table->sortByColumn(-1, Qt::AscendingOrder);
    m_table->setShowGrid(false);
    m_table->setEditTriggers(QAbstractItemView::DoubleClicked | QAbstractItemView::EditKeyPressed
        | QAbstractItemView::SelectedClicked | QAbstractItemView::AnyKeyPressed);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(m_table->fontMetrics().height() + 14);
    m_table->horizontalHeader()->setStretchLastSection(true);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setColumnWidth(TargetClassModel::TrueColumn, 190);
    m_table->setColumnWidth(TargetClassModel::TargetColumn, 220);
    m_table->setTabKeyNavigation(false);
    auto* delegate = new TargetDelegate(m_table);
    delegate->setTheme(theme);
    m_table->setItemDelegate(delegate);
    describe(m_table, "targetTable", tr("Targets"),
        tr("F2, Enter or typing: another target, found by number or name. Delete: none."));
    m_table->installEventFilter(this);
}

void TargetClassDialog::buildFill()
{
    m_fill = menuButton(this, "targetFill", tr("F&ill"),
        tr("Gives every image a target; one undo step."), tr("Fill"));
    auto* menu = new QMenu(m_fill);
    menu->addAction(tr("&Random, by the seed"), this, &TargetClassDialog::fillRandom);
    QMenu* least = menu->addMenu(tr("&Least likely for"));
    for (const StoredModel& model : classifiersOf(m_engine->models())) {
        if (!model.weights.empty() && model.manifest.architecture != "torchscript") {
            const std::string id = model.manifest.id;
            least->addAction(menuText(QString::fromStdString(model.manifest.name)), this,
                [this, id] { fillLeastLikely(id); });
        }
    }
    least->setEnabled(!least->isEmpty());
    menu->addAction(tr("From a &CSV…"), this, [this] {
        const QString csv = m_ask(
            tr("Targets from a CSV"), {}, tr("CSV files (*.csv);;All files (*)"), false, false);
        std::optional<int> base;
        if (!csv.isEmpty() && (!m_askBase || m_askBase(csv, base)))
            fillFrom(csv, base);
    });
    menu->addSeparator();
    menu->addAction(tr("&Clear all"), this, [this] {
        m_targets->setTargets(
            QVector<std::optional<int>>(m_targets->rowCount()), tr("clear the targets"));
    });
    m_fill->setMenu(menu);
}

void TargetClassDialog::build(const Theme& theme)
{
    buildTable(theme);

    m_search = new QLineEdit(this);
    m_search->setPlaceholderText(tr("find an image or a label"));
    m_search->setClearButtonEnabled(true);
    describe(m_search, "targetSearch", tr("Find"), tr("Shows only rows with this text (Ctrl+F)."));
    connect(
        m_search, &QLineEdit::textChanged, m_sorted, &QSortFilterProxyModel::setFilterFixedString);
    auto* find = new QAction(this);
    find->setShortcut(QKeySequence::Find);
    connect(find, &QAction::triggered, m_search, qOverload<>(&QWidget::setFocus));
    addAction(find);

    m_seed = new SeedField(std::numeric_limits<quint64>::max(), this);
    m_seed->setValue(m_plan.seed);
    m_seed->setFixedWidth(170); // the longest seed has 20 digits
    describe(m_seed, "targetSeed", tr("Seed"),
        tr("The same seed gives an image the same random target, whatever the others are."));
    auto* seedName = new QLabel(tr("See&d"), this);
    seedName->setBuddy(m_seed);
    buildFill();

    const auto undoButton = [&](QAction* action, QKeySequence::StandardKey key, const char* name) {
        action->setShortcut(QKeySequence(key));
        addAction(action);
        auto* button = new QToolButton(this);
        button->setDefaultAction(action);
        button->setObjectName(QString::fromLatin1(name));
        return button;
    };
    auto* undo = undoButton(m_targets->undoStack()->createUndoAction(this, tr("Undo")),
        QKeySequence::Undo, "undoTarget");
    auto* redo = undoButton(m_targets->undoStack()->createRedoAction(this, tr("Redo")),
        QKeySequence::Redo, "redoTarget");

    m_status = new QLabel(this);
    m_status->setObjectName(QStringLiteral("targetStatus"));
    m_status->setWordWrap(true);
    m_progress = new QProgressBar(this);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->hide();
    m_save = new QPushButton(tr("&Save…"), this);
    describe(m_save, "saveTargets", tr("Save"), tr("Writes target_class.csv (Ctrl+S)."));
    m_save->setShortcut(QKeySequence::Save);
    m_use = new QPushButton(tr("Save and &use in the plan"), this);
    describe(m_use, "useTargets", tr("Save and use in the plan"),
        tr("Writes the file, and the plan's targeted attacks take their targets from it."));
    m_use->setProperty("primary", true);
    auto* close = new QPushButton(tr("Close"), this);
    describe(close, "closeTargets", tr("Close"), tr("Closes; asks when something is not saved."));

    auto* top = new QHBoxLayout;
    top->addWidget(m_search, 1);
    top->addWidget(seedName);
    top->addWidget(m_seed);
    top->addWidget(m_fill);
    top->addWidget(undo);
    top->addWidget(redo);
    auto* bottom = new QHBoxLayout;
    bottom->addWidget(m_status, 1);
    bottom->addWidget(m_save);
    bottom->addWidget(m_use);
    bottom->addWidget(close);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(top);
    layout->addWidget(m_table, 1);
    layout->addWidget(m_progress);
    layout->addLayout(bottom);
    resize(820, 560);

    // A plan with the competition's CSV has its targets there.
    const bool fromCsv = !m_plan.dataset.csv.empty();
    m_use->setEnabled(!fromCsv);
    if (fromCsv)
        m_use->setToolTip(tr("The plan takes its targets from the dataset CSV."));
    const auto ask = [this] {
        return m_ask(tr("Save the target classes"),
            QString::fromStdString((m_plan.dataset.folder / kTargetClassFile).string()),
            tr("CSV files (*.csv)"), true, false);
    };
    connect(
        m_save, &QPushButton::clicked, this,
        [this, ask] {
            if (const QString path = ask(); !path.isEmpty()) {
                save(path);
            }
        });
    connect(m_use, &QPushButton::clicked, this, [this, ask] {
        if (const QString path = ask(); !path.isEmpty() && save(path)) {
            accept();
        }
    });
    connect(close, &QPushButton::clicked, this, &TargetClassDialog::reject);
    connect(m_targets, &TargetClassModel::marksChanged, this, &TargetClassDialog::showMarks);
    connect(m_targets->undoStack(), &QUndoStack::cleanChanged, this,
        [this](bool clean) { setWindowModified(!clean); });
    connect(&m_jobs, &JobRunner::busyChanged, this, [this](bool busy) {
        m_progress->setVisible(busy);
        m_fill->setEnabled(!busy);
    });
    connect(
        &m_jobs, &JobRunner::progressed, this,
        [this](const Progress& progress) {
            m_progress->setMaximum(static_cast<int>(progress.total));
            m_progress->setValue(static_cast<int>(progress.done));
        });
    connect(
        &m_jobs, &JobRunner::failed, this, [this](const QString& message) { tell(message, true); });
    setWindowTitle(tr("Target classes[*]"));
}

void TargetClassDialog::tell(const QString& message, bool isError)
{
    setRole(m_status, isError ? "error" : "muted");
    m_status->setText(message);
    if (isError)
        emit problem(message);
}

void TargetClassDialog::showMarks()
{
    QStringList parts { countedText(m_targets->rowCount(), tr("image"), tr("images")) };
    const std::pair<TargetMark, QString> kinds[] = { { TargetMark::Missing,
                                                         tr("%1 without a target") },
        { TargetMark::EqualsTrue, tr("%1 with the true label as target") },
        { TargetMark::Background, tr("%1 with the background") },
        { TargetMark::NoImage, tr("%1 not in the dataset") } };
    for (const auto& [mark, words] : kinds)
        if (const int count = m_targets->count(mark); count > 0)
            parts << words.arg(count);
    if (parts.size() == 1)
        parts << tr("all have a target");
    tell(parts.join(QStringLiteral(" · ")), false);
    m_save->setEnabled(!m_targets->targets().empty());
    m_use->setEnabled(!m_targets->targets().empty() && m_plan.dataset.csv.empty());
}

void TargetClassDialog::fillRandom()
{
    m_targets->setTargets(m_targets->randomTargets(m_seed->value()), tr("random targets"));
}

void TargetClassDialog::fillLeastLikely(const std::string& model)
{
    QStringList paths;
    for (const TargetRow& row : m_targets->rows())
        paths << row.path;
    PredictRequest request;
    request.models = { model };
    request.compute = m_plan.compute;
    m_jobs.start([this, paths, request, engine = m_engine](const JobRunner::Job& job) {
        const ProgressSink progress = job.progress();
        QVector<std::optional<int>> targets(paths.size());
        for (int row = 0; row < paths.size(); ++row) {
            progress({ "predicting", static_cast<std::size_t>(row),
                static_cast<std::size_t>(paths.size()), -1.0 });
            const LoadedPhoto photo = loadPhoto(paths[row], CropRule::Whole, {}, job.stop());
            if (photo.clean.empty())
                return; // stopped
            const auto result = engine->predict(request, { photo.clean }, {}, job.stop());
            if (result->cancelled || job.stop().stop_requested())
                return;
            targets[row] = result->predictions.front().front().leastLikely();
        }
        job.post([this, targets] { m_targets->setTargets(targets, tr("least likely targets")); });
    });
}

void TargetClassDialog::fillFrom(const QString& csv, const std::optional<int>& base)
{
    try {
        const LabelTable table = readTargetTable(csv.toStdString(), base, m_plan.dataset.folder);
        QVector<std::optional<int>> targets;
        std::vector<std::filesystem::path> images;
        for (const TargetRow& row : m_targets->rows()) {
            const LabelRow* found = table.find(row.file.toStdString());
            images.emplace_back(row.file.toStdString());
            targets << (found != nullptr ? std::optional(found->label) : row.target);
        }
        m_targets->setTargets(targets, tr("targets from a CSV"));
        showMarks();
        const LabelMatch match = matchTable(table, images);
        tell(tr("%1. %2").arg(QString::fromStdString(describe(match)), m_status->text()),
            match.isPoor());
    } catch (const Error& error) {
        tell(QString::fromUtf8(error.what()), true);
    }
}

bool TargetClassDialog::save(const QString& path)
{
    try {
        writeFileAtomically(path.toStdString(), targetClassText(m_targets->targets()));
    } catch (const Error& error) {
        tell(QString::fromUtf8(error.what()), true);
        return false;
    }
    m_saved = path;
    m_targets->undoStack()->setClean();
    tell(tr("Written: %1").arg(path), false);
    return true;
}

void TargetClassDialog::reject()
{
    if (m_jobs.busy())
        m_jobs.cancel();
    if (!m_targets->undoStack()->isClean()
        && QMessageBox::question(
               this, tr("Target classes"), tr("The targets are not saved. Close all the same?"))
            != QMessageBox::Yes)
        return;
    QDialog::reject();
}

bool TargetClassDialog::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        auto* key = static_cast<QKeyEvent*>(event);
        if (key->key() == Qt::Key_Delete || key->key() == Qt::Key_Backspace) {
            QVector<std::optional<int>> targets;
            for (const TargetRow& row : m_targets->rows())
                targets << row.target;
            for (const QModelIndex& index : m_table->selectionModel()->selectedRows())
                targets[m_sorted->mapToSource(index).row()].reset();
            m_targets->setTargets(targets, tr("clear targets"));
            return true;
        }
        if (key->key() == Qt::Key_Return || key->key() == Qt::Key_Enter) {
            m_table->edit(m_table->currentIndex().siblingAtColumn(TargetClassModel::TargetColumn));
            return true;
        }
    }
    return QDialog::eventFilter(watched, event);
}

} // namespace crossiter::ui
