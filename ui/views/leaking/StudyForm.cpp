// StudyPanel: the form that says what is studied.
#include "ui/plot/StudyPlot.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/viewmodels/VerdictModel.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/leaking/StudyPanel.h"

#include <QCheckBox>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

namespace crossiter::ui {

namespace {

constexpr int kFormWidth = 250;

const std::vector<LabelRule> kRules { LabelRule::OwnRefreshed, LabelRule::OwnClean, LabelRule::True,
    LabelRule::JointClean, LabelRule::LeastLikely };

void describe(QWidget* widget, const char* object, const QString& name, const QString& help)
{
    widget->setObjectName(QString::fromLatin1(object));
    widget->setAccessibleName(name);
    widget->setAccessibleDescription(help);
    widget->setToolTip(help);
    widget->setWhatsThis(help);
}

} // namespace

StudyPanel::StudyPanel(StudySession& session, Ask ask, QWidget* parent)
    : QWidget(parent)
    , m_session(&session)
    , m_ask(std::move(ask))
    , m_theme(makeTheme(ThemeKind::System))
{
    setAccessibleName(tr("Folder study"));
    m_chipBar = new QWidget(this);
    auto* chips = new QHBoxLayout(m_chipBar);
    chips->setContentsMargins(0, 0, 0, 0);
    chips->setSpacing(5);
    const std::pair<const char*, QString> names[PartCount] = { { "studyFormChip", tr("settings") },
        { "studyCurvesChip", tr("curves") }, { "studyVerdictsChip", tr("verdicts") } };
    for (int part = 0; part < PartCount; ++part) {
        m_chips[part] = new QToolButton(this);
        m_chips[part]->setText(names[part].second);
        m_chips[part]->setCheckable(true);
        m_chips[part]->setProperty("chip", true);
        m_chips[part]->setFocusPolicy(Qt::TabFocus);
        describe(m_chips[part], names[part].first, names[part].second,
            tr("Brings this part of the study to the front."));
        connect(m_chips[part], &QToolButton::clicked, this, [this, part] { showPart(part); });
        chips->addWidget(m_chips[part]);
    }
    chips->addStretch();
    buildForm();
    buildCurves();
    buildVerdicts();
    auto* parts = new QHBoxLayout;
    parts->setSpacing(12);
    parts->addWidget(m_parts[FormPart]);
    parts->addWidget(m_parts[CurvesPart], 5);
    parts->addWidget(m_parts[VerdictsPart], 6);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(m_chipBar);
    layout->addLayout(parts, 1);
    connectAll();
    refreshForm();
    refreshResult();
    arrange();
}

StudyPanel::~StudyPanel() = default;

QWidget* StudyPanel::pathRow(QLineEdit* field, QToolButton* button)
{
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(field, 1);
    layout->addWidget(button);
    return row;
}

void StudyPanel::buildForm()
{
    auto* form = new QWidget;
    auto* column = new QVBoxLayout(form);
    column->setContentsMargins(0, 0, 6, 4);
    column->setSpacing(3);
    const auto heading = [&](const QString& text, QWidget* buddy) {
        auto* label = new QLabel(text, form);
        label->setProperty("role", QStringLiteral("muted"));
        label->setBuddy(buddy);
        column->addWidget(label);
    };
    const auto path = [&](QLineEdit*& field, const char* object, const QString& name,
                          const QString& help, const QString& placeholder, const QString& filter,
                          bool folder) {
        field = new QLineEdit(form);
        QString plain = name;
        describe(field, object, plain.remove(QLatin1Char('&')), help);
        field->setPlaceholderText(placeholder);
        heading(name, field);
        auto* button = new QToolButton(form);
        button->setText(QStringLiteral("…"));
        button->setFocusPolicy(Qt::TabFocus);
        describe(
            button, (QByteArray(object) + "Browse").constData(), tr("Choose: %1").arg(plain), help);
        column->addWidget(pathRow(field, button));
        connect(field, &QLineEdit::editingFinished, this, &StudyPanel::readForm);
        connect(button, &QToolButton::clicked, this,
            [this, field, plain, filter, folder] { choose(field, plain, filter, folder); });
    };
    path(m_folder, "studyFolder", tr("&Photos"), tr("The folder whose photos are measured."),
        tr("folder"), {}, true);
    path(m_labels, "studyLabels", tr("Label&s"),
        tr("The competition's dataset CSV, or lines NAME.png,LABEL. Empty: the label comes from "
           "the "
           "file name (imagenet_NN_LABEL) or from the folder's name."),
        tr("by file name"), tr("CSV (*.csv);;All files (*)"), false);
    path(m_output, "studyOutput", tr("&Output"),
        tr("Where the journal lies that a stopped study goes on from, and the reports go."),
        tr("folder"), {}, true);

    const auto check = [&](QCheckBox*& box, const QString& text, const char* object,
                           const QString& help) {
        box = new QCheckBox(text, form);
        describe(box, object, text, help);
        column->addWidget(box);
        connect(box, &QCheckBox::clicked, this, &StudyPanel::readForm);
    };
    heading(tr("Label rules"), nullptr);
    for (const LabelRule rule : kRules) {
        QCheckBox* box = nullptr;
        check(box, ruleText(rule), (QByteArray("studyRule-") + toString(rule).c_str()).constData(),
            ruleTip(rule));
        m_rules << box;
    }
    heading(tr("Projection"), nullptr);
    check(m_none, tr("none (seed)"), "studyNone", tr("Only the exported image is clipped."));
    check(m_ball, tr("epsilon ball"), "studyBall", tr("Every sub-step is projected."));
    heading(tr("Order of sources"), nullptr);
    check(m_given, tr("as set"), "studyGiven", tr("The explorer's order."));
    check(m_reversed, tr("reversed"), "studyReversed", tr("The last source first."));

    const auto spin = [&](QSpinBox*& box, const QString& name, const char* object, int low,
                          int high, const QString& help) {
        box = new QSpinBox(form);
        box->setRange(low, high);
        box->setKeyboardTracking(false);
        QString plain = name;
        describe(box, object, plain.remove(QLatin1Char('&')), help);
        heading(name, box);
        column->addWidget(box);
        connect(box, &QSpinBox::valueChanged, this, &StudyPanel::readForm);
    };
    spin(m_rounds, tr("&Rounds"), "studyRounds", 1, 100, tr("All from 0 to this are measured."));
    spin(m_photos, tr("Photos &at most"), "studyPhotos", 0, 1'000'000,
        tr("The first of the folder, by name; 0: all."));
    m_photos->setSpecialValueText(tr("all"));
    m_judgesText = new QLabel(form);
    m_judgesText->setObjectName(QStringLiteral("studyJudges"));
    m_judgesText->setWordWrap(true);
    m_judgesText->setProperty("role", QStringLiteral("muted"));
    column->addWidget(m_judgesText);
    column->addStretch();

    auto* scroll = new QScrollArea;
    scroll->setWidget(form);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_start = new QPushButton(tr("Start"));
    m_start->setObjectName(QStringLiteral("studyStart"));
    m_start->setProperty("primary", true);
    m_resume = new QPushButton(tr("Resume"));
    describe(m_resume, "studyResume", tr("Resume the study"),
        tr("Goes on where this study was stopped: at most one photo is measured again."));
    m_progress = new QProgressBar;
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress of the study"));
    m_note = new QLabel;
    m_note->setObjectName(QStringLiteral("studyNote"));
    m_note->setProperty("role", QStringLiteral("muted"));
    m_note->setWordWrap(true);

    auto* part = new QWidget(this); // the buttons stay in sight whatever is scrolled
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_start);
    buttons->addWidget(m_resume);
    buttons->addStretch();
    auto* all = new QVBoxLayout(part);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(4);
    all->addWidget(scroll, 1);
    all->addWidget(m_note);
    all->addWidget(m_progress);
    all->addLayout(buttons);
    part->setFixedWidth(kFormWidth);
    m_parts[FormPart] = part;
}

void StudyPanel::choose(QLineEdit* field, const QString& title, const QString& filter, bool folder)
{
    const QString path = m_ask(title, field->text(), filter, folder);
    if (!path.isEmpty()) {
        field->setText(path);
        readForm();
    }
}

void StudyPanel::readForm()
{
    if (!m_session || m_session->running()) {
        return;
    }
    StudyForm form;
    form.folder = m_folder->text().trimmed();
    form.labelsCsv = m_labels->text().trimmed();
    form.output = m_output->text().trimmed();
    form.rules.clear();
    for (int i = 0; i < m_rules.size(); ++i) {
        if (m_rules[i]->isChecked()) {
            form.rules.push_back(kRules[static_cast<std::size_t>(i)]);
        }
    }
    form.none = m_none->isChecked();
    form.ball = m_ball->isChecked();
    form.given = m_given->isChecked();
    form.reversed = m_reversed->isChecked();
    form.rounds = m_rounds->value();
    form.photos = m_photos->value();
    m_session->setForm(form);
}

void StudyPanel::refreshForm()
{
    if (!m_session) {
        return;
    }
    const StudyForm& form = m_session->form();
    const auto setText = [](QLineEdit* field, const QString& text) {
        if (field->text() != text) {
            field->setText(text);
        }
    };
    setText(m_folder, form.folder);
    setText(m_labels, form.labelsCsv);
    setText(m_output, form.output);
    for (int i = 0; i < m_rules.size(); ++i) {
        m_rules[i]->setChecked(
            std::find(form.rules.begin(), form.rules.end(), kRules[static_cast<std::size_t>(i)])
            != form.rules.end());
    }
    m_none->setChecked(form.none);
    m_ball->setChecked(form.ball);
    m_given->setChecked(form.given);
    m_reversed->setChecked(form.reversed);
    const QSignalBlocker roundsBlocker(m_rounds);
    const QSignalBlocker photosBlocker(m_photos);
    m_rounds->setValue(form.rounds);
    m_photos->setValue(form.photos);
    const StudyRequest request = m_session->request();
    const auto listed = [this](const std::vector<std::string>& ids) {
        QStringList names;
        for (const std::string& id : ids) {
            names << (m_nameOf ? m_nameOf(id) : QString::fromStdString(id));
        }
        return names.join(QStringLiteral(", "));
    };
    m_judgesText->setText(
        tr("The explorer's sources (%1), judges (%2), epsilon %3, step %4 px and numerics (%5).")
            .arg(listed(request.attack.sources), listed(request.attack.judges))
            .arg(request.attack.epsilon255)
            .arg(request.attack.stepPx)
            .arg(QString::fromStdString(toString(request.attack.numerics))));
    refreshRun();
}

} // namespace crossiter::ui
