#include "ui/dialogs/ModelsDialog.h"

#include "ui/dialogs/ImportDialog.h"
#include "ui/session/ModelChoice.h"
#include "ui/session/PlainText.h"
#include "ui/viewmodels/ModelListModel.h"
#include "ui/viewmodels/ModelTableModel.h"

#include <QDragEnterEvent>
#include <QDropEvent>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QTableView>
#include <QUrl>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

QString row(const QString& name, const std::string& value)
{
    return value.empty()
        ? QString()
        : QStringLiteral("<tr><td style=\"padding-right:12px\">%1</td><td>%2</td></tr>")
              .arg(name.toHtmlEscaped(), shownText(QString::fromStdString(value)).toHtmlEscaped());
}

/// The one local file of a drop; empty: none, or several.
QString fileOf(const QMimeData& data)
{
    const QList<QUrl> urls = data.urls();
    return urls.size() == 1 && urls.first().isLocalFile() ? urls.first().toLocalFile() : QString();
}

/// "0.5", or "(2.18341, 2.23214, 2.22222)" where the channels differ.
QString shown(const ChannelValues& channels)
{
    const auto& [red, green, blue] = channels.values();
    return channels.isUniform() ? QString::number(red)
                                : QStringLiteral("(%1, %2, %3)").arg(red).arg(green).arg(blue);
}

} // namespace

bool isNamedAsWeights(const QString& file)
{
    const QStringList ends { QStringLiteral(".safetensors"), QStringLiteral(".pth"),
        QStringLiteral(".pt"), QStringLiteral(".bin"), QStringLiteral(".ckpt"),
        QStringLiteral(".index"), QStringLiteral(".tar.gz"), QStringLiteral(".tgz") };
    return std::ranges::any_of(
        ends, [&](const QString& end) { return file.endsWith(end, Qt::CaseInsensitive); });
}

ModelsDialog::ModelsDialog(
    StoreKeeper& keeper, const Theme& theme, ChooseFile chooseFile, QWidget* parent)
    : QDialog(parent)
    , m_keeper(keeper)
    , m_theme(theme)
    , m_chooseFile(std::move(chooseFile))
    , m_table(new ModelTableModel(this))
{
    setWindowTitle(tr("Model manager"));
    setObjectName("modelsDialog");
    setAcceptDrops(true);
    build();
    connect(&m_keeper, &StoreKeeper::busyChanged, this, [this] {
        m_table->setFetching(m_keeper.fetching());
        m_progress->setVisible(m_keeper.busy());
        m_progress->setRange(0, 0);
        refresh();
    });
    connect(&m_keeper, &StoreKeeper::progressed, this, &ModelsDialog::showProgress);
    connect(
        &m_keeper, &StoreKeeper::said, this,
        [this](const QString& message) { say(message, false); });
    connect(&m_keeper, &StoreKeeper::failed, this,
        [this](const QString& message) { say(message, true); });
    connect(&m_keeper, &StoreKeeper::previewed, this, &ModelsDialog::askToImport);
    connect(&m_keeper, &StoreKeeper::imported, this, &ModelsDialog::select);
    refresh();
}

void ModelsDialog::buildTable()
{
    m_view = new QTableView(this);
    m_view->setObjectName("modelsTable");
    m_view->setAccessibleName(tr("Models"));
    m_view->setWhatsThis(tr("Every model that the program knows, and where its weights lie."));
    m_view->setModel(m_table);
    m_view->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_view->setSelectionMode(QAbstractItemView::SingleSelection);
    m_view->setTabKeyNavigation(false);
    m_view->setShowGrid(false);
    m_view->setAlternatingRowColors(false);
    m_view->setWordWrap(false);
    m_view->verticalHeader()->hide();
    m_view->verticalHeader()->setDefaultSectionSize(fontMetrics().height() + 10);
    QHeaderView* header = m_view->horizontalHeader();
    header->setHighlightSections(false);
    header->setSectionResizeMode(QHeaderView::ResizeToContents);
    header->setSectionResizeMode(ModelTableModel::NameColumn, QHeaderView::Stretch);
}

void ModelsDialog::connectAll()
{
    connect(m_view->selectionModel(), &QItemSelectionModel::selectionChanged, this,
        &ModelsDialog::refresh);
    connect(m_fetch, &QPushButton::clicked, this, [this] {
        if (m_keeper.busy()) {
            m_keeper.cancel();
        } else if (const StoredModel* model = selected()) {
            say({}, false);
            m_keeper.fetch(QString::fromStdString(model->manifest.id), m_mirror->text());
        }
    });
    connect(
        m_import, &QPushButton::clicked, this,
        [this] {
            const QString file = m_chooseFile();
            if (!file.isEmpty()) {
                say({}, false);
                m_dropped = false;
                m_keeper.preview(file);
            }
        });
    connect(m_verify, &QPushButton::clicked, this, [this] {
        if (const StoredModel* model = selected()) {
            say({}, false);
            m_keeper.verify(QString::fromStdString(model->manifest.id));
        }
    });
    connect(m_remove, &QPushButton::clicked, this, &ModelsDialog::removeSelected);
    const auto use = [this](int source) {
        if (const StoredModel* model = selected()) {
            const QString name = modelTitle(model->manifest);
            emit useRequested(QString::fromStdString(model->manifest.id), source);
            say(tr("Source %1 is now %2.").arg(source + 1).arg(name), false);
        }
    };
    connect(
        m_useFirst, &QPushButton::clicked, this, [use] { use(0); });
    connect(m_useSecond, &QPushButton::clicked, this, [use] { use(1); });
}

void ModelsDialog::build()
{
    buildTable();

    m_details = new QLabel(this);
    m_details->setObjectName("modelDetails");
    m_details->setWordWrap(true);
    m_details->setTextFormat(Qt::RichText);
    m_details->setAlignment(Qt::AlignLeft | Qt::AlignTop);
    m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_details->setMinimumHeight(fontMetrics().height() * 9);

    const auto button = [this](const QString& text, const QString& help, const char* name) {
        auto* made = new QPushButton(text, this);
        made->setObjectName(QString::fromLatin1(name));
        made->setToolTip(help);
        made->setWhatsThis(help);
        made->setAutoDefault(false);
        return made;
    };
    m_fetch = button(tr("&Fetch"),
        tr("Downloads the weights into your store; goes on where an earlier fetch was cut."),
        "modelFetch");
    m_import = button(tr("&Import a file…"),
        tr("Makes a model of a safetensors, .pth or TensorFlow checkpoint of your own."),
        "modelImport");
    m_verify = button(
        tr("&Verify"), tr("Hashes the weights anew and compares the SHA-256."), "modelVerify");
    m_remove =
        button(tr("&Remove…"), tr("Takes the model's files out of your own store."), "modelRemove");
    m_useFirst =
        button(tr("Use as source &1"), tr("Steps this network first in a round."), "modelUseFirst");
    m_useSecond = button(
        tr("Use as source &2"), tr("Steps this network second in a round."), "modelUseSecond");
    auto* actions = new QHBoxLayout;
    for (QPushButton* made : { m_fetch, m_import, m_verify, m_remove })
        actions->addWidget(made);
    actions->addStretch();
    actions->addWidget(m_useFirst);
    actions->addWidget(m_useSecond);

    m_mirror = new QLineEdit(this);
    m_mirror->setObjectName("modelMirror");
    m_mirror->setPlaceholderText(tr("none: each model's own source is asked"));
    m_mirror->setAcceptDrops(false); // a dropped file is a model, not a mirror
    m_mirror->setWhatsThis(tr("An address that is asked instead of the sources' hosts; their paths "
                              "are appended to it."));
    auto* mirrorName = new QLabel(tr("&Mirror"), this);
    mirrorName->setBuddy(m_mirror);
    auto* mirror = new QHBoxLayout;
    mirror->addWidget(mirrorName);
    mirror->addWidget(m_mirror, 1);

    m_message = new QLabel(this);
    m_message->setObjectName("modelMessage");
    m_message->setTextFormat(Qt::RichText);
    m_message->setWordWrap(true);
    m_message->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_message->setMinimumHeight(fontMetrics().height() * 2);
    m_message->setAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_progress = new QProgressBar(this);
    m_progress->setObjectName("modelProgress");
    m_progress->setTextVisible(false);
    m_progress->setFixedHeight(8);
    m_progress->setAccessibleName(tr("Progress"));
    QSizePolicy kept = m_progress->sizePolicy();
    kept.setRetainSizeWhenHidden(true); // nothing jumps when a job begins or ends
    m_progress->setSizePolicy(kept);
    m_progress->hide();
    auto* close = button(tr("Close"), tr("A fetch goes on behind the window."), "modelsClose");
    auto* bottom = new QHBoxLayout;
    bottom->addWidget(m_message, 1);
    bottom->addWidget(close);

    auto* note = new QLabel(
        tr("The embedded EfficientNet-Lite networks are always here; none of them is robust. The "
           "competition's own networks, base and robust, have to be fetched once (95 to 237 MB "
           "each): until then nothing that is shown comes from them."),
        this);
    note->setProperty("role", "muted");
    note->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->addWidget(note);
    column->addWidget(m_view, 1);
    column->addWidget(m_details);
    column->addLayout(actions);
    column->addLayout(mirror);
    column->addWidget(m_progress);
    column->addLayout(bottom);
    resize(760, 620);

    connect(close, &QPushButton::clicked, this, &QDialog::close);
    connectAll();
}

const StoredModel* ModelsDialog::selected() const
{
    const QModelIndexList rows = m_view->selectionModel()->selectedRows();
    return rows.isEmpty() ? nullptr : m_table->at(rows.front().row());
}

void ModelsDialog::setModels(const std::vector<StoredModel>& models)
{
    const StoredModel* before = selected();
    const QString id = before != nullptr ? QString::fromStdString(before->manifest.id) : QString();
    m_models = models;
    m_table->setModels(models);
    m_table->setFetching(m_keeper.fetching());
    m_view->selectRow(std::max(0, m_table->rowOf(id)));
    refresh();
}

void ModelsDialog::setTheme(const Theme& theme)
{
    m_theme = theme;
    refresh();
}

void ModelsDialog::select(const QString& id)
{
    if (const int at = m_table->rowOf(id); at >= 0) {
        m_view->selectRow(at);
        m_view->scrollTo(m_table->index(at, 0));
    }
}

void ModelsDialog::say(const QString& message, bool error)
{
    m_message->setText(QStringLiteral("<span style=\"color:%1\">%2</span>")
                           .arg((error ? m_theme.error : m_theme.muted).name(),
                               shownLines(message).toHtmlEscaped().replace(
                                   QLatin1Char('\n'), QStringLiteral("<br>"))));
}

void ModelsDialog::refresh()
{
    const StoredModel* model = selected();
    const bool busy = m_keeper.busy();
    const bool here = model != nullptr && !model->weights.empty();
    const bool sources = model != nullptr && !model->manifest.sources.empty();
    m_fetch->setText(busy ? tr("Cancel") : tr("&Fetch"));
    m_fetch->setEnabled(busy || (sources && !here && model->problem.empty()));
    m_import->setEnabled(!busy);
    m_verify->setEnabled(!busy && here);
    m_remove->setEnabled(!busy && model != nullptr
        && ((here && model->writable) || !model->problem.empty() || model->imported));
    const bool classifies = here && !isPurifier(model->manifest);
    m_useFirst->setEnabled(classifies);
    m_useSecond->setEnabled(classifies);
    describe(model);
}

void ModelsDialog::describe(const StoredModel* model)
{
    if (model == nullptr) {
        m_details->clear();
        return;
    }
    const ModelManifest& manifest = model->manifest;
    QString text = QStringLiteral("<b>%1</b>").arg(modelTitle(manifest).toHtmlEscaped());
    if (!model->problem.empty()) {
        text +=
            QStringLiteral("<p style=\"color:%1\">%2</p>")
                .arg(m_theme.error.name(), QString::fromStdString(model->problem).toHtmlEscaped());
        m_details->setText(text);
        return;
    }
    const PreprocessingSpec& input = manifest.preprocessing;
    text += QStringLiteral("<table>");
    text += row(tr("Id"), manifest.id);
    text += row(tr("Network"),
        (input.scale == 1.0 && input.shift == 0.0
                ? tr("%1, %2 pixels in [-1, 1]")
                      .arg(QString::fromStdString(manifest.architecture))
                      .arg(input.inputSide)
                : tr("%1, %2 pixels, %3 · x + %4 of x in [-1, 1]")
                      .arg(QString::fromStdString(manifest.architecture))
                      .arg(input.inputSide)
                      .arg(shown(input.scale), shown(input.shift)))
            .toStdString());
    text += row(tr("Source"), manifest.source + " (" + manifest.licence + ")");
    if (!model->weights.empty())
        text += row(tr("Weights"), model->weights.string());
    else if (!manifest.sources.empty())
        text += row(tr("Address"), manifest.sources.front().url);
    text += row(tr("SHA-256"),
        !manifest.sha256.empty()
            ? manifest.sha256
                + (model->notVerified         ? tr(" (not verified: what the first fetch brought)")
                        : model->learntSha256 ? tr(" (learnt by fetching)")
                                              : QString())
                      .toStdString()
            : tr("as the server announces; else the first one is remembered, not verified")
                  .toStdString());
    if (manifest.trusted)
        text += row(tr("Program"), tr("runs when it is loaded; you trusted it").toStdString());
    text += QStringLiteral("</table>");
    m_details->setText(text);
}

void ModelsDialog::showProgress(const Progress& progress)
{
    // QProgressBar counts in int.
    constexpr int kSteps = 1000;
    m_progress->setRange(0, progress.total > 0 ? kSteps : 0);
    if (progress.total > 0) {
        m_progress->setValue(static_cast<int>(
            static_cast<double>(progress.done) / static_cast<double>(progress.total) * kSteps));
    }
    m_table->setFetching(m_keeper.fetching(), progress);
    QString text = QString::fromStdString(progress.stage);
    if (progress.done > 0 && progress.total > 0) {
        text += tr(": %1 of %2 MB")
                    .arg(static_cast<double>(progress.done) / 1e6, 0, 'f', 1)
                    .arg(static_cast<double>(progress.total) / 1e6, 0, 'f', 1);
    }
    const QString left = progressText(progress);
    say(left.isEmpty() ? text : text + QStringLiteral(" · ") + left, false);
}

void ModelsDialog::importDropped(const QString& file)
{
    if (m_keeper.busy()) {
        say(tr("One thing at a time: drop the file again when this is done."), true);
        return;
    }
    say({}, false);
    m_dropped = true;
    m_keeper.preview(file);
}

void ModelsDialog::dragEnterEvent(QDragEnterEvent* event)
{
    if (!fileOf(*event->mimeData()).isEmpty())
        event->acceptProposedAction();
}

void ModelsDialog::dropEvent(QDropEvent* event)
{
    const QString file = fileOf(*event->mimeData());
    if (!file.isEmpty()) {
        event->acceptProposedAction();
        importDropped(file);
    }
}

void ModelsDialog::askToImport(const QString& file, const ImportPreview& preview)
{
    if (preview.program && m_dropped) {
        say(tr("%1 is a program (TorchScript): it would run on this computer. It is never taken by "
               "drag and drop; \"Import a file\" shows its SHA-256 and asks first.")
                .arg(QFileInfo(file).fileName()),
            true);
        return;
    }
    say({}, false); // how far the hashing came
    ImportDialog dialog(file, preview, m_models, this);
    if (dialog.exec() == QDialog::Accepted)
        m_keeper.import(dialog.request());
}

void ModelsDialog::removeSelected()
{
    const StoredModel* model = selected();
    if (model == nullptr)
        return;
    const QString id = QString::fromStdString(model->manifest.id);
    QMessageBox question(QMessageBox::Question, tr("Remove %1?").arg(id),
        model->imported ? tr("The imported model and its weights are deleted from your store.")
                        : tr("The weights are deleted from your store; they can be fetched again."),
        QMessageBox::Yes | QMessageBox::Cancel, this);
    question.button(QMessageBox::Yes)->setText(tr("Remove"));
    question.setDefaultButton(QMessageBox::Cancel);
    if (question.exec() == QMessageBox::Yes)
        m_keeper.remove(id);
}

} // namespace crossiter::ui
