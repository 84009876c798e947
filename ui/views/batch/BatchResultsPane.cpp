#include "ui/views/batch/BatchResultsPane.h"

#include "core/base/Error.h"
#include "ui/plot/ScoreMatrixPlot.h"
#include "ui/session/Counted.h"
#include "ui/session/ShownText.h"
#include "ui/views/batch/CellImagesPane.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/FlowRow.h"
#include "ui/views/common/PlainTable.h"

#include <QBoxLayout>
#include <QButtonGroup>
#include <QClipboard>
#include <QFileInfo>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QSortFilterProxyModel>
#include <QSplitter>
#include <QStackedWidget>
#include <QStandardItemModel>
#include <QTableView>
#include <QToolButton>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kBesideWidth = 760; ///< from here on matrix and images stand side by side,
constexpr int kBelowHeight = 400; ///< else from here on one above the other
constexpr int kRankingsBeside = 900;

} // namespace

BatchResultsPane::BatchResultsPane(BatchSession& session, AskPath ask, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_ask(std::move(ask))
{
    build();
    connect(&m_session, &BatchSession::resultsChanged, this, &BatchResultsPane::showResults);
    connect(&m_session, &BatchSession::statusChanged, this, &BatchResultsPane::showResults);
    connect(&m_session, &BatchSession::thumbnailReady, m_images, &CellImagesPane::setThumbnails);
    showResults();
}

void BatchResultsPane::build()
{
    m_chipRow = new FlowRow(this);
    m_chips = new QButtonGroup(this);
    m_chips->setExclusive(true);
    m_shares = textButton(this, "matrixShares", QStringLiteral("%"),
        tr("Cells as percent of the images, else as the competition's counts."), tr("Percent"));
    m_shares->setCheckable(true);
    auto* open = textButton(this, "openResults", tr("Open…"),
        tr("A tournament's output folder, finished or not."), tr("Open results"));
    m_export = menuButton(this, "exportResults", tr("Export"),
        tr("The competition's files; the matrix as CSV, PNG, PDF or SVG."), tr("Export results"));
    m_exportMenu = new QMenu(m_export);
    m_needComplete << m_exportMenu->addAction(
        tr("The competition's files…"), this, [this] { exportFilesDialog(false); });
    m_needComplete << m_exportMenu->addAction(
        tr("The competition's files and all pictures…"), this, [this] { exportFilesDialog(true); });
    m_exportMenu->addSeparator();
    for (const auto& [title, suffix] : std::initializer_list<std::pair<QString, QString>> {
             { tr("Matrix as CSV…"), "csv" }, { tr("Matrix as PNG…"), "png" },
             { tr("Matrix as PDF…"), "pdf" }, { tr("Matrix as SVG…"), "svg" } }) {
        m_needMatrix << m_exportMenu->addAction(
            title, this, [this, suffix = suffix] { exportMatrixDialog(suffix); });
    }
    m_needMatrix << m_exportMenu->addAction(
        tr("Copy the matrix as a picture"), this, &BatchResultsPane::copyMatrix);
    m_export->setMenu(m_exportMenu);

    m_empty = roleLabel(this, "muted");
    m_empty->setAlignment(Qt::AlignCenter);
    m_empty->setWordWrap(true);
    m_matrix = new ScoreMatrixPlot(this);
    m_stack = new QStackedWidget(this);
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_matrix);
    m_rankingPage = buildRankings();
    m_stack->addWidget(m_rankingPage);
    m_stack->addWidget(buildPublished());
    m_images = new CellImagesPane(this);
    m_images->hide();
    m_split = new QSplitter(Qt::Horizontal, this);
    m_split->setChildrenCollapsible(false);
    m_split->addWidget(m_stack);
    m_split->addWidget(m_images);
    m_split->setStretchFactor(0, 3);
    m_split->setStretchFactor(1, 2);

    auto* top = tightLayout<QHBoxLayout>(nullptr, 4);
    top->addWidget(m_chipRow, 1);
    top->addWidget(m_shares, 0, Qt::AlignTop);
    top->addWidget(open, 0, Qt::AlignTop);
    top->addWidget(m_export, 0, Qt::AlignTop);
    auto* layout = tightLayout<QVBoxLayout>(this, 4);
    layout->addLayout(top);
    layout->addWidget(m_split, 1);

    connect(m_chips, &QButtonGroup::idClicked, this, &BatchResultsPane::showPage);
    connect(m_shares, &QToolButton::toggled, m_matrix, &ScoreMatrixPlot::setShowsShares);
    connect(open, &QToolButton::clicked, this, &BatchResultsPane::openDialog);
    connect(m_matrix, &ScoreMatrixPlot::cellChosen, this, &BatchResultsPane::showCell);
    connect(m_images, &CellImagesPane::closed, this, &BatchResultsPane::closeCell);
    connect(m_images, &CellImagesPane::pairChosen, this, &BatchResultsPane::pairChosen);
}

QWidget* BatchResultsPane::buildRankings()
{
    auto* page = new QWidget;
    m_rankingLayout = new QBoxLayout(QBoxLayout::LeftToRight, page);
    m_rankingLayout->setContentsMargins(0, 0, 0, 0);
    const char* const objects[] = { "rankingAttacks", "rankingTargeted", "rankingDefenses" };
    const QString titles[] = { tr("Attacks"), tr("Targeted attacks"), tr("Defenses") };
    for (std::size_t kind = 0; kind < m_rankings.size(); ++kind) {
        RankingView& view = m_rankings[kind];
        view.model = new RankingModel(this);
        auto* sorted = new QSortFilterProxyModel(this);
        sorted->setSourceModel(view.model);
        sorted->setSortRole(RankingModel::SortRole);
        view.table = plainTable(page);
        view.table->setModel(sorted);
        view.table->sortByColumn(RankingModel::PlaceColumn, Qt::AscendingOrder);
        view.table->setMinimumHeight(90);
        describe(view.table, objects[kind], tr("Ranking: %1").arg(titles[kind]),
            tr("A click on a heading sorts by it."));
        view.table->setToolTip({});
        view.heading = roleLabel(page, "heading", titles[kind]);
        auto* column = new QVBoxLayout;
        column->setSpacing(2);
        column->addWidget(view.heading);
        column->addWidget(view.table, 1);
        m_rankingLayout->addLayout(column, 1);
    }
    auto* scroll = new QScrollArea(this);
    scroll->setWidget(page);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    return scroll;
}

QWidget* BatchResultsPane::buildPublished()
{
    m_published = new QStandardItemModel(this);
    auto* sorted = new QSortFilterProxyModel(this);
    sorted->setSourceModel(m_published);
    sorted->setSortRole(Qt::UserRole);
    m_publishedTable = plainTable(this);
    m_publishedTable->setModel(sorted);
    m_publishedTable->sortByColumn(-1, Qt::AscendingOrder);
    describe(m_publishedTable, "publishedScores", tr("Published scores beside ours"),
        tr("The seed's tables: raw counts over its 1000 images and an unknown number of "
           "opponents, assumed as docs/batch.md says."));
    m_publishedTable->setToolTip({});
    return m_publishedTable;
}

void BatchResultsPane::setTheme(const Theme& theme)
{
    m_matrix->setTheme(theme);
    m_images->setTheme(theme);
}

int BatchResultsPane::page() const
{
    return m_page;
}

QStringList BatchResultsPane::pageNames() const
{
    QStringList names;
    for (const ScoreSheet& sheet : m_sheets)
        names << sheet.title;
    if (!m_sheets.isEmpty())
        names << tr("Rankings");
    if (m_session.results() && !m_session.results()->published.empty())
        names << tr("Published scores");
    return names;
}

void BatchResultsPane::showResults()
{
    const auto results = m_session.results();
    m_sheets.clear();
    if (results) {
        m_sheets = scoreSheets(results->outcome,
            results->plan.official ? ScoreMode::Official : ScoreMode::Development);
        for (ScoreSheet& sheet : m_sheets)
            markPending(sheet, *results);
    }
    m_empty->setText(m_session.active() ? tr("The first results come with the first defense.")
                                        : tr("Run a plan, or open a tournament's folder.\n"
                                             "A click on a cell then shows its images."));
    if (results) {
        m_matrix->setNote(
            tr("%1 · epsilon %2%3")
                .arg(countedText(
                    static_cast<qint64>(results->outcome.images.size()), tr("image"), tr("images")))
                .arg(results->plan.epsilon255 ? QString::number(*results->plan.epsilon255)
                                              : tr("4, 8, 12, 16"),
                    results->complete ? QString() : tr(" · not finished")));
    }
    showChips();
    showRankings();
    showPublished();
    showPage(std::clamp(m_page, 0, std::max(0, static_cast<int>(pageNames().size()) - 1)));
    if (!results)
        closeCell();
    else if (m_meeting.valid())
        showImages();
    const bool complete = results && results->complete && !m_session.active();
    for (QAction* action : std::as_const(m_needComplete))
        action->setEnabled(complete);
}

void BatchResultsPane::showChips()
{
    const QStringList names = pageNames();
    while (m_chips->buttons().size() < names.size()) {
        auto* chip = chipButton(m_chipRow, "", {}, {});
        m_chips->addButton(chip, static_cast<int>(m_chips->buttons().size()));
        m_chipRow->add(chip);
    }
    for (int id = 0; id < m_chips->buttons().size(); ++id) {
        QAbstractButton* chip = m_chips->button(id);
        const bool used = id < names.size();
        chip->setVisible(used);
        if (used && chip->text() != names[id]) {
            chip->setText(names[id]);
            chip->setAccessibleName(names[id]);
        }
        if (used) {
            chip->setToolTip(id < m_sheets.size()
                    ? tr("%1: %2").arg(m_sheets[id].file, m_sheets[id].cellHelp)
                    : names[id]);
            chip->setWhatsThis(chip->toolTip());
        }
    }
}

void BatchResultsPane::showPage(int page)
{
    m_page = page;
    const bool matrix = page < m_sheets.size();
    if (m_sheets.isEmpty()) {
        m_stack->setCurrentIndex(0);
    } else if (matrix) {
        m_matrix->setSheet(m_sheets[page]);
        m_matrix->setChosen(m_meeting);
        m_stack->setCurrentIndex(1);
    } else {
        m_stack->setCurrentIndex(page == m_sheets.size() ? 2 : 3);
    }
    if (QAbstractButton* chip = m_chips->button(page))
        chip->setChecked(true);
    const bool shows = matrix && !m_sheets.isEmpty();
    m_shares->setEnabled(shows);
    for (QAction* action : std::as_const(m_needMatrix))
        action->setEnabled(shows);
    if (!shows)
        closeCell();
}

void BatchResultsPane::showRankings()
{
    const auto results = m_session.results();
    const char* const kinds[] = { "attack", "targeted_attack", "defense" };
    for (std::size_t kind = 0; kind < m_rankings.size(); ++kind) {
        RankingView& view = m_rankings[kind];
        QVector<RankedRow> rows =
            results ? rankedRows(results->scores, kinds[kind]) : QVector<RankedRow>();
        for (RankedRow& row : rows) {
            for (const SeedComparison& line : results->published) {
                const bool ofKind = line.table == "non-targeted" ? kind == 0
                    : line.table == "targeted"                   ? kind == 1
                                                                 : kind == 2;
                if (ofKind && !row.published && line.row == row.name.toStdString()) {
                    row.published = line.published;
                    row.publishedNormalised = line.publishedShare;
                    row.note += QString::fromStdString(line.remark);
                }
            }
        }
        view.model->setRows(rows);
        const bool published = view.model->hasPublished();
        view.table->setColumnHidden(RankingModel::PublishedColumn, !published);
        view.table->setColumnHidden(RankingModel::PublishedShareColumn, !published);
        view.table->setColumnHidden(RankingModel::OverRightColumn,
            std::ranges::none_of(
                rows, [](const RankedRow& row) { return row.overRight.has_value(); }));
        view.table->resizeColumnsToContents();
        view.table->setColumnWidth(RankingModel::PlaceColumn,
            view.table->columnWidth(RankingModel::PlaceColumn) + 16); // the mark of the order
        view.table->setVisible(!rows.isEmpty());
        view.heading->setVisible(!rows.isEmpty());
        const QString titles[] = { tr("Attacks"), tr("Targeted attacks"), tr("Defenses") };
        view.heading->setText(results && !results->complete
                ? tr("%1 · so far, not finished").arg(titles[kind])
                : titles[kind]);
    }
}

void BatchResultsPane::showPublished()
{
    const auto results = m_session.results();
    m_published->setHorizontalHeaderLabels({ tr("Table"), tr("Row"), tr("Ours"), tr("Share"),
        tr("Published"), tr("Published share"), tr("Remark") });
    m_published->setRowCount(0);
    if (!results || results->published.empty())
        return;
    int number = 0;
    for (const SeedComparison& line : results->published) {
        const auto item = [](const QString& text, const QVariant& order, bool right) {
            auto* made = new QStandardItem(text);
            made->setData(order, Qt::UserRole);
            made->setEditable(false);
            made->setToolTip(text);
            made->setTextAlignment((right ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
            return made;
        };
        const QString remark = QString::fromStdString(line.remark);
        QList<QStandardItem*> row {
            item(QString::fromStdString(line.table), number++, false),
            item(QString::fromStdString(line.row), QString::fromStdString(line.row), false),
            item(line.score ? QString::number(*line.score) : tr("missing"),
                static_cast<qlonglong>(line.score.value_or(-1)), true),
            item(
                line.share ? percentText(*line.share) : QString(), line.share.value_or(-1.0), true),
            item(QString::number(line.published), static_cast<qlonglong>(line.published), true),
            item(percentText(line.publishedShare), line.publishedShare, true),
            item(remark, remark, false),
        };
        row[3]->setToolTip(
            tr("over %1 × %2")
                .arg(countedText(static_cast<qint64>(line.images), tr("image"), tr("images")),
                    countedText(
                        static_cast<qint64>(line.opponents), tr("opponent"), tr("opponents"))));
        row[5]->setToolTip(
            tr("over 1000 images × %1 opponents, assumed").arg(line.publishedOpponents));
        m_published->appendRow(row);
    }
    m_publishedTable->resizeColumnsToContents();
}

void BatchResultsPane::showCell(const Meeting& meeting)
{
    m_meeting = meeting;
    m_matrix->setChosen(meeting);
    showImages();
    m_images->setVisible(true);
    fit();
}

void BatchResultsPane::showImages()
{
    const auto results = m_session.results();
    if (!results)
        return;
    const QVector<CellImage> images = cellImagesOf(*results, m_meeting);
    if (images.isEmpty()) {
        closeCell();
        return;
    }
    const TournamentOutcome& outcome = results->outcome;
    const auto& attacks = m_meeting.targeted ? outcome.targetedAttacks : outcome.attacks;
    const QString title =
        tr("%1 against %2")
            .arg(QString::fromStdString(attacks.at(static_cast<std::size_t>(m_meeting.attack))),
                QString::fromStdString(
                    outcome.defenses.at(static_cast<std::size_t>(m_meeting.defense))));
    if (title == m_images->title() && images == m_images->model()->images())
        return; // thumbnails stay
    m_images->setImages(title, images);
    QVector<QPair<QString, QString>> pairs;
    for (const CellImage& image : images)
        pairs.push_back({ image.clean, image.adversarial });
    m_session.loadThumbnails(pairs);
}

void BatchResultsPane::closeCell()
{
    const bool had = m_meeting.valid();
    m_meeting = {};
    m_images->setVisible(false);
    m_stack->setVisible(true);
    m_matrix->setChosen({});
    if (had && m_stack->currentWidget() == m_matrix)
        m_matrix->setFocus(Qt::OtherFocusReason);
}

void BatchResultsPane::fit()
{
    // Where there is no room for both, the images take the matrix's place until they are closed.
    const bool beside = width() >= kBesideWidth;
    const bool below = !beside && height() >= kBelowHeight;
    m_split->setOrientation(below ? Qt::Vertical : Qt::Horizontal);
    m_stack->setVisible(!m_images->isVisibleTo(this) || beside || below);
    const int arranged = !m_images->isVisibleTo(this) ? 0 : below ? 1 : 2;
    if (below && m_arranged != arranged && arranged == 1) {
        // The matrix as high as it is, the images the rest.
        const int wanted =
            m_matrix->horizontalHeader()->height() + m_matrix->verticalHeader()->length() + 24;
        const int room = m_split->height();
        m_split->setSizes(
            { std::min(wanted, room * 3 / 5), room - std::min(wanted, room * 3 / 5) });
    }
    m_arranged = arranged;
    m_rankingLayout->setDirection(
        width() >= kRankingsBeside ? QBoxLayout::LeftToRight : QBoxLayout::TopToBottom);
}

void BatchResultsPane::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    fit();
}

void BatchResultsPane::openDialog()
{
    const QString folder =
        m_ask(tr("A tournament's folder"), QFileInfo(m_session.output()).path(), {}, false, true);
    if (!folder.isEmpty())
        m_session.openResults(folder);
}

void BatchResultsPane::exportFilesDialog(bool pictures)
{
    const QString folder = m_ask(tr("Folder for the files"), {}, {}, true, true);
    if (!folder.isEmpty())
        m_session.exportFiles(folder, pictures);
}

void BatchResultsPane::exportMatrixDialog(const QString& suffix)
{
    if (m_page >= m_sheets.size())
        return;
    const QString stem = QFileInfo(m_sheets[m_page].file).completeBaseName();
    const QString path = m_ask(tr("Save the matrix"), QStringLiteral("%1.%2").arg(stem, suffix),
        QStringLiteral("%1 (*.%2)").arg(suffix.toUpper(), suffix), true, false);
    if (path.isEmpty() || m_page >= m_sheets.size()) // other results may have come meanwhile
        return;
    try {
        m_matrix->saveMatrix(path);
        m_session.exportMatrixProvenance(path, m_sheets[m_page].file);
    } catch (const Error& error) {
        emit problem(QString::fromUtf8(error.what()));
    }
}

void BatchResultsPane::copyMatrix()
{
    QGuiApplication::clipboard()->setImage(m_matrix->picture());
    emit said(tr("Copied: the matrix"));
}

} // namespace crossiter::ui
