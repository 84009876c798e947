#include "ui/views/leaking/StudyPanel.h"

#include "core/base/TimeLeft.h"
#include "ui/plot/StudyPlot.h"
#include "ui/session/Counted.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/viewmodels/VerdictModel.h"
#include "ui/views/common/QuietComboBox.h"

#include <QCheckBox>
#include <QDir>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>

namespace crossiter::ui {

namespace {

constexpr int kAllParts = 1000; // from this width on all three stand side by side
constexpr int kTwoParts = 620; // the form and one other

QString photosText(std::size_t count)
{
    return countedText(
        static_cast<qint64>(count), StudyPanel::tr("photo"), StudyPanel::tr("photos"));
}

/// Why Start is not to be had, and what is instead.
QString noteOf(std::optional<StudyStage> stage)
{
    if (!stage) {
        return StudyPanel::tr("Looking at what is in the output folder.");
    }
    switch (*stage) {
    case StudyStage::None:
        break;
    case StudyStage::Unfinished:
        return StudyPanel::tr("A part of this study is there: Resume goes on; another output "
                              "folder starts anew.");
    case StudyStage::Complete:
        return StudyPanel::tr(
            "This study is complete: Show brings it; another output folder starts anew.");
    case StudyStage::Another:
        return StudyPanel::tr("Another study is in the output folder: choose another one.");
    }
    return {};
}

} // namespace

void StudyPanel::buildCurves()
{
    auto* part = new QWidget(this);
    auto* row = new QHBoxLayout;
    row->setSpacing(5);
    const auto box = [part](const char* name, const QString& title, const QString& help) {
        auto* made = new QuietComboBox(part);
        made->setObjectName(QLatin1String(name));
        made->setAccessibleName(title);
        made->setToolTip(help);
        made->setWhatsThis(help);
        made->setMinimumContentsLength(9);
        return made;
    };
    m_measure = box("studyMeasure", tr("What the curves show"), tr("What the curves show."));
    for (const StudyMeasure measure : allMeasures()) {
        m_measure->addItem(measureText(measure));
        m_measure->setRow(m_measure->count() - 1, {}, measureTip(measure));
    }
    m_judge = box("studyJudge", tr("Judge"), tr("Which network judges the exported images."));
    m_population = box("studyPopulation", tr("Photos"),
        tr("All photos, or those that were classified rightly when clean."));
    m_population->addItems({ tr("all photos"), tr("right when clean") });
    m_count = new QLabel(part);
    m_count->setProperty("role", QStringLiteral("muted"));
    m_count->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    for (QWidget* widget : std::initializer_list<QWidget*> { m_measure, m_judge, m_population }) {
        row->addWidget(widget);
    }
    row->addWidget(m_count, 1);
    m_plot = new StudyPlot(part);
    m_plot->setObjectName(QStringLiteral("studyPlot"));
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    column->addLayout(row);
    column->addWidget(m_plot, 1);
    m_parts[CurvesPart] = part;
}

void StudyPanel::buildVerdicts()
{
    auto* part = new QWidget(this);
    m_model = new VerdictModel(this);
    m_table = new QTableView(part);
    m_table->setObjectName(QStringLiteral("verdicts"));
    m_table->setAccessibleName(tr("Verdicts"));
    m_table->setWhatsThis(tr("Each hypothesis of the seed, what the numbers say for and against "
                             "it. The words come with the numbers."));
    m_table->setModel(m_model);
    m_table->verticalHeader()->hide();
    m_table->setWordWrap(true);
    m_table->setTextElideMode(Qt::ElideNone);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setTabKeyNavigation(false);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::Stretch);
    m_table->horizontalHeader()->setSectionResizeMode(
        VerdictModel::Finding, QHeaderView::ResizeToContents);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_noVerdicts =
        new QLabel(tr("The verdicts follow from the numbers: start a study over a folder."), part);
    m_noVerdicts->setWordWrap(true);
    m_noVerdicts->setProperty("role", QStringLiteral("muted"));
    auto* column = new QVBoxLayout(part);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    column->addWidget(m_noVerdicts);
    column->addWidget(m_table, 1);
    m_parts[VerdictsPart] = part;
}

void StudyPanel::connectAll()
{
    connect(m_session, &StudySession::formChanged, this, &StudyPanel::refreshForm);
    connect(m_session, &StudySession::resultChanged, this, &StudyPanel::refreshResult);
    connect(m_session, &StudySession::runningChanged, this, [this](bool running) {
        refreshRun();
        if (running && m_front == FormPart) {
            showPart(CurvesPart); // one starts it to see it
        }
    });
    connect(m_session, &StudySession::progressChanged, this, &StudyPanel::refreshRun);
    connect(m_start, &QPushButton::clicked, this, [this] {
        if (m_session->running()) {
            m_session->cancel();
        } else {
            m_session->start(false);
        }
    });
    connect(m_resume, &QPushButton::clicked, this, [this] { m_session->start(true); });
    for (QuietComboBox* box : { m_measure, m_judge, m_population }) {
        connect(box, &QComboBox::currentIndexChanged, this, &StudyPanel::refreshResult);
    }
    connect(m_model, &QAbstractItemModel::modelReset, this, &StudyPanel::fitRows);
    connect(m_model, &QAbstractItemModel::dataChanged, this, &StudyPanel::fitRows);
    connect(
        m_table->horizontalHeader(), &QHeaderView::geometriesChanged, this, &StudyPanel::fitRows);
}

void StudyPanel::fitRows()
{
    for (int column = VerdictModel::For; column < VerdictModel::ColumnCount; ++column) {
        bool empty = true; // a column without a word takes no room
        for (int row = 0; row < m_model->rowCount() && empty; ++row) {
            empty = m_model->index(row, column).data().toString().isEmpty();
        }
        if (m_table->isColumnHidden(column) != empty) {
            m_table->setColumnHidden(column, empty);
        }
    }
    m_table->resizeRowsToContents();
}

void StudyPanel::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_plot->setTheme(theme);
}

void StudyPanel::setModelNames(const std::function<QString(const std::string&)>& nameOf)
{
    m_nameOf = nameOf;
    m_judgeIds.clear(); // the box says the names
    refreshForm();
    refreshResult();
}

void StudyPanel::refreshResult()
{
    if (!m_session) {
        return;
    }
    const auto result = m_session->result();
    const StudyRequest request = result ? result->request : m_session->request();
    QStringList ids;
    for (const std::string& id : request.attack.judges) {
        ids << QString::fromStdString(id);
    }
    if (ids != m_judgeIds && !ids.isEmpty()) {
        const QSignalBlocker blocker(m_judge);
        const QString before = m_judgeIds.value(m_judge->currentIndex());
        m_judgeIds = ids;
        m_judge->clear();
        for (const std::string& id : request.attack.judges) {
            m_judge->addItem(m_nameOf ? m_nameOf(id) : QString::fromStdString(id));
        }
        // A held-out network tells most; the sources are what was attacked.
        const auto kept = ids.indexOf(before);
        m_judge->setCurrentIndex(static_cast<int>(kept >= 0 ? kept : ids.size() - 1));
    }
    const auto measure = allMeasures().value(m_measure->currentIndex());
    m_judge->setEnabled(measure != StudyMeasure::WrongLabel);
    m_population->setEnabled(measure != StudyMeasure::Score);
    if (!result) {
        m_plot->setCurves({}, measureText(measure), request.attack.rounds, 1.0);
        m_count->clear();
        m_model->setVerdicts({});
    } else {
        const bool ofClean = m_population->currentIndex() == 1 && measure != StudyMeasure::Score;
        m_plot->setCurves(
            studyCurves(*result, measure,
                static_cast<std::size_t>(std::max(0, m_judge->currentIndex())), ofClean),
            measureText(measure), request.attack.rounds);
        m_count->setText(result->failed.empty()
                ? tr("%1 of %2").arg(result->done).arg(photosText(result->photos))
                : tr("%1 of %2, %3 not readable")
                      .arg(result->done)
                      .arg(photosText(result->photos))
                      .arg(result->failed.size()));
        QStringList failed = m_session->labelLines();
        for (const std::string& line : result->failed) {
            failed << QString::fromStdString(line);
        }
        m_count->setToolTip(failed.join(QLatin1Char('\n')));
        m_model->setVerdicts(result->verdicts);
    }
    m_noVerdicts->setVisible(m_model->empty());
    m_table->setVisible(!m_model->empty());
    refreshRun();
}

void StudyPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_session) {
        m_session->setWatched(true);
    }
}

void StudyPanel::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    if (m_session) {
        m_session->setWatched(false);
    }
}

void StudyPanel::refreshRun()
{
    if (!m_session) {
        return;
    }
    const bool running = m_session->running();
    const QString obstacle = running ? QString() : m_session->obstacle();
    m_start->setText(running ? tr("Cancel") : tr("Start"));
    m_start->setAccessibleName(running ? tr("Cancel the study") : tr("Start the study"));
    m_start->setToolTip(running ? tr("Stops; what is measured stays and can be gone on from")
                                : tr("Measures every photo of the folder"));
    const auto stage = m_session->stage();
    const bool complete = stage == StudyStage::Complete;
    m_start->setEnabled(running || (obstacle.isEmpty() && stage == StudyStage::None));
    m_resume->setVisible(!running && (m_session->canResume() || complete));
    m_resume->setEnabled(obstacle.isEmpty());
    m_resume->setText(complete ? tr("Show") : tr("Resume"));
    m_resume->setAccessibleName(complete ? tr("Show the study") : tr("Resume the study"));
    m_resume->setToolTip(complete
            ? tr("Reads the complete study from its output folder; nothing is measured.")
            : tr("Goes on where this study was stopped: at most one photo is measured again, and "
                 "what failed is tried again."));
    m_resume->setWhatsThis(m_resume->toolTip());
    m_progress->setVisible(running);
    const Progress& progress = m_session->progress();
    m_progress->setRange(0, static_cast<int>(progress.total));
    m_progress->setValue(static_cast<int>(progress.done));
    QString note = obstacle;
    if (running) {
        note = QString::fromStdString(progress.stage);
        if (progress.secondsLeft >= 0.0) {
            note +=
                QStringLiteral(" · ") + QString::fromStdString(timeLeftText(progress.secondsLeft));
        }
    } else if (obstacle.isEmpty()) {
        note = noteOf(stage);
    }
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    for (QWidget* field : std::initializer_list<QWidget*> { m_folder, m_labels, m_output, m_none,
             m_ball, m_given, m_reversed, m_rounds, m_photos }) {
        field->setEnabled(!running);
    }
    for (QWidget* rule : std::as_const(m_rules)) {
        rule->setEnabled(!running);
    }
}

void StudyPanel::showPart(int part)
{
    m_front = part;
    arrange();
}

void StudyPanel::arrange()
{
    const bool all = width() >= kAllParts;
    const bool two = !all && width() >= kTwoParts;
    const int other = m_front == FormPart ? CurvesPart : m_front;
    for (int part = 0; part < PartCount; ++part) {
        const bool shown = all || part == m_front || (two && (part == FormPart || part == other));
        m_parts[part]->setVisible(shown);
        m_chips[part]->setChecked(shown);
        m_chips[part]->setVisible(!all);
    }
}

void StudyPanel::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
    fitRows();
}

void StudyPanel::saveFigure(const QString& path)
{
    m_plot->savePlot(path);
}

QImage StudyPanel::picture()
{
    return m_parts[VerdictsPart]->isVisible() && m_front == VerdictsPart
        ? m_table->grab().toImage()
        : figureImage(m_plot->figure());
}

} // namespace crossiter::ui
