#include "ui/views/leaking/StudyPanel.h"

#include "ui/plot/StudyPlot.h"
#include "ui/session/Counted.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/viewmodels/VerdictModel.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/QuietComboBox.h"

#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
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

} // namespace

StudyPanel::StudyPanel(StudySession& session, Ask ask, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_theme(makeTheme(ThemeKind::System))
{
    setAccessibleName(tr("Folder study"));
    m_chipBar = new QWidget(this);
    auto* chips = tightLayout<QHBoxLayout>(m_chipBar, 5);
    const std::pair<const char*, QString> names[PartCount] = { { "studyFormChip", tr("settings") },
        { "studyCurvesChip", tr("curves") }, { "studyVerdictsChip", tr("verdicts") } };
    for (int part = 0; part < PartCount; ++part) {
        m_chips[part] = chipButton(this, names[part].first, names[part].second,
            tr("Brings this part of the study to the front."));
        connect(m_chips[part], &QToolButton::clicked, this, [this, part] { showPart(part); });
        chips->addWidget(m_chips[part]);
    }
    chips->addStretch();
    m_form = new StudyFormPane(session, std::move(ask), this);
    m_parts[FormPart] = m_form;
    buildCurves();
    buildVerdicts();
    auto* parts = new QHBoxLayout;
    parts->setSpacing(12);
    parts->addWidget(m_parts[FormPart]);
    parts->addWidget(m_parts[CurvesPart], 5);
    parts->addWidget(m_parts[VerdictsPart], 6);
    auto* layout = tightLayout<QVBoxLayout>(this, 3);
    layout->addWidget(m_chipBar);
    layout->addLayout(parts, 1);
    connectAll();
    refreshResult();
    arrange();
}

StudyPanel::~StudyPanel() = default;

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
    m_count = roleLabel(part, "muted");
    m_count->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_count->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    for (QWidget* widget : std::initializer_list<QWidget*> { m_measure, m_judge, m_population })
        row->addWidget(widget);
    row->addWidget(m_count, 1);
    m_plot = new StudyPlot(part);
    m_plot->setObjectName("studyPlot");
    auto* column = tightLayout<QVBoxLayout>(part, 3);
    column->addLayout(row);
    column->addWidget(m_plot, 1);
    m_parts[CurvesPart] = part;
}

void StudyPanel::buildVerdicts()
{
    auto* part = new QWidget(this);
    m_model = new VerdictModel(this);
    m_table = new QTableView(part);
    m_table->setObjectName("verdicts");
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
    m_noVerdicts = roleLabel(
        part, "muted", tr("The verdicts follow from the numbers: start a study over a folder."));
    m_noVerdicts->setWordWrap(true);
    auto* column = tightLayout<QVBoxLayout>(part, 3);
    column->addWidget(m_noVerdicts);
    column->addWidget(m_table, 1);
    m_parts[VerdictsPart] = part;
}

void StudyPanel::connectAll()
{
    connect(&m_session, &StudySession::resultChanged, this, &StudyPanel::refreshResult);
    connect(&m_session, &StudySession::runningChanged, this, [this](bool running) {
        m_form->refreshRun();
        if (running && m_front == FormPart)
            showPart(CurvesPart); // one starts it to see it
    });
    for (QuietComboBox* box : { m_measure, m_judge, m_population })
        connect(box, &QComboBox::currentIndexChanged, this, &StudyPanel::refreshResult);
    connect(m_model, &QAbstractItemModel::modelReset, this, &StudyPanel::fitRows);
    connect(m_model, &QAbstractItemModel::dataChanged, this, &StudyPanel::fitRows);
    connect(
        m_table->horizontalHeader(), &QHeaderView::geometriesChanged, this, &StudyPanel::fitRows);
}

void StudyPanel::fitRows()
{
    for (int column = VerdictModel::For; column < VerdictModel::ColumnCount; ++column) {
        bool empty = true; // a column without a word takes no room
        for (int row = 0; row < m_model->rowCount() && empty; ++row)
            empty = m_model->index(row, column).data().toString().isEmpty();
        if (m_table->isColumnHidden(column) != empty)
            m_table->setColumnHidden(column, empty);
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
    m_form->setModelNames(nameOf);
    m_judgeIds.clear(); // the box says the names
    refreshResult();
}

void StudyPanel::refreshResult()
{
    const auto result = m_session.result();
    const StudyRequest request = result ? result->request : m_session.request();
    QStringList ids;
    for (const std::string& id : request.attack.judges)
        ids << QString::fromStdString(id);
    if (ids != m_judgeIds && !ids.isEmpty()) {
        const QSignalBlocker blocker(m_judge);
        const QString before = m_judgeIds.value(m_judge->currentIndex());
        m_judgeIds = ids;
        m_judge->clear();
        for (const std::string& id : request.attack.judges)
            m_judge->addItem(m_nameOf ? m_nameOf(id) : QString::fromStdString(id));
        // At first the last judge: one that was not attacked says more than a source.
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
        QStringList failed = m_session.labelLines();
        for (const std::string& line : result->failed)
            failed << QString::fromStdString(line);
        m_count->setToolTip(failed.join(QLatin1Char('\n')));
        m_model->setVerdicts(result->verdicts);
    }
    m_noVerdicts->setVisible(m_model->empty());
    m_table->setVisible(!m_model->empty());
    m_form->refreshRun();
}

void StudyPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    m_session.setWatched(true);
}

void StudyPanel::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    m_session.setWatched(false);
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
