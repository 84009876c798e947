#include "ui/views/leaking/StudyFormPane.h"

#include "core/base/Contains.h"
#include "ui/session/ShownText.h"
#include "ui/viewmodels/SubStepText.h"
#include "ui/views/common/Describe.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSignalBlocker>
#include <QSpinBox>
#include <QToolButton>
#include <QVBoxLayout>

namespace crossiter::ui {

namespace {

constexpr int kFormWidth = 250;

const std::vector<LabelRule> kRules { LabelRule::OwnRefreshed, LabelRule::OwnClean, LabelRule::True,
    LabelRule::JointClean, LabelRule::LeastLikely };

/// Why Start is not to be had, and what is instead.
QString noteOf(std::optional<StudyStage> stage)
{
    if (!stage)
        return StudyFormPane::tr("Looking at what is in the output folder.");
    switch (*stage) {
    case StudyStage::None:
        break;
    case StudyStage::Unfinished:
        return StudyFormPane::tr("A part of this study is there: Resume goes on; another output "
                                 "folder starts anew.");
    case StudyStage::Complete:
        return StudyFormPane::tr(
            "This study is complete: Show brings it; another output folder starts anew.");
    case StudyStage::Another:
        return StudyFormPane::tr("Another study is in the output folder: choose another one.");
    }
    return {};
}

} // namespace

StudyFormPane::StudyFormPane(StudySession& session, AskStudyPath ask, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_ask(std::move(ask))
{
    auto* scroll = new QScrollArea;
    scroll->setWidget(buildFields());
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

    // the buttons stay in sight whatever is scrolled
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_start);
    buttons->addWidget(m_resume);
    buttons->addStretch();
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(4);
    all->addWidget(scroll, 1);
    all->addWidget(m_note);
    all->addWidget(m_progress);
    all->addLayout(buttons);
    setFixedWidth(kFormWidth);
    connect(&m_session, &StudySession::formChanged, this, &StudyFormPane::refreshForm);
    connect(&m_session, &StudySession::progressChanged, this, &StudyFormPane::refreshRun);
    connect(
        m_start, &QPushButton::clicked, this,
        [this] {
            if (m_session.running())
                m_session.cancel();
            else
                m_session.start(false);
        });
    connect(m_resume, &QPushButton::clicked, this, [this] { m_session.start(true); });
    refreshForm();
}

void StudyFormPane::setModelNames(const std::function<QString(const std::string&)>& nameOf)
{
    m_nameOf = nameOf;
    refreshForm();
}

QWidget* StudyFormPane::buildFields()
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
        connect(field, &QLineEdit::editingFinished, this, &StudyFormPane::readForm);
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
        connect(box, &QCheckBox::clicked, this, &StudyFormPane::readForm);
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
        connect(box, &QSpinBox::valueChanged, this, &StudyFormPane::readForm);
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
    return form;
}

QWidget* StudyFormPane::pathRow(QLineEdit* field, QToolButton* button)
{
    auto* row = new QWidget(this);
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(field, 1);
    layout->addWidget(button);
    return row;
}

void StudyFormPane::choose(
    QLineEdit* field, const QString& title, const QString& filter, bool folder)
{
    const QString path = m_ask(title, field->text(), filter, folder);
    if (!path.isEmpty()) {
        field->setText(path);
        readForm();
    }
}

void StudyFormPane::readForm()
{
    if (m_session.running())
        return;
    StudyForm form;
    form.folder = m_folder->text().trimmed();
    form.labelsCsv = m_labels->text().trimmed();
    if (form.labelsCsv == m_session.form().labelsCsv)
        form.labelBase = m_session.form().labelBase;
    form.output = m_output->text().trimmed();
    form.rules.clear();
    for (int i = 0; i < m_rules.size(); ++i)
        if (m_rules[i]->isChecked())
            form.rules.push_back(kRules[static_cast<std::size_t>(i)]);
    form.none = m_none->isChecked();
    form.ball = m_ball->isChecked();
    form.given = m_given->isChecked();
    form.reversed = m_reversed->isChecked();
    form.rounds = m_rounds->value();
    form.photos = m_photos->value();
    m_session.setForm(form);
}

void StudyFormPane::refreshForm()
{
    const StudyForm& form = m_session.form();
    const auto setText = [](QLineEdit* field, const QString& text) {
        if (field->text() != text)
            field->setText(text);
    };
    setText(m_folder, form.folder);
    setText(m_labels, form.labelsCsv);
    setText(m_output, form.output);
    for (int i = 0; i < m_rules.size(); ++i)
        m_rules[i]->setChecked(contains(form.rules, kRules[static_cast<std::size_t>(i)]));
    m_none->setChecked(form.none);
    m_ball->setChecked(form.ball);
    m_given->setChecked(form.given);
    m_reversed->setChecked(form.reversed);
    const QSignalBlocker roundsBlocker(m_rounds);
    const QSignalBlocker photosBlocker(m_photos);
    m_rounds->setValue(form.rounds);
    m_photos->setValue(form.photos);
    const StudyRequest request = m_session.request();
    const auto listed = [this](const std::vector<std::string>& ids) {
        QStringList names;
        for (const std::string& id : ids)
            names << (m_nameOf ? m_nameOf(id) : QString::fromStdString(id));
        return names.join(QStringLiteral(", "));
    };
    m_judgesText->setText(
        tr("The explorer's sources (%1), judges (%2), epsilon %3, step %4 px and numerics (%5).")
            .arg(listed(request.attack.sources), listed(request.attack.judges))
            .arg(request.attack.epsilon255)
            .arg(request.attack.stepPx)
            .arg(QString::fromStdString(toString(request.attack.compute.numerics))));
    refreshRun();
}

void StudyFormPane::refreshRun()
{
    const bool running = m_session.running();
    const QString obstacle = running ? QString() : m_session.obstacle();
    m_start->setText(running ? tr("Cancel") : tr("Start"));
    m_start->setAccessibleName(running ? tr("Cancel the study") : tr("Start the study"));
    m_start->setToolTip(running ? tr("Stops; what is measured stays and can be gone on from")
                                : tr("Measures every photo of the folder"));
    const auto stage = m_session.stage();
    const bool complete = stage == StudyStage::Complete;
    m_start->setEnabled(running || (obstacle.isEmpty() && stage == StudyStage::None));
    m_resume->setVisible(!running && (m_session.canResume() || complete));
    m_resume->setEnabled(obstacle.isEmpty());
    m_resume->setText(complete ? tr("Show") : tr("Resume"));
    m_resume->setAccessibleName(complete ? tr("Show the study") : tr("Resume the study"));
    m_resume->setToolTip(complete
            ? tr("Reads the complete study from its output folder; nothing is measured.")
            : tr("Goes on where this study was stopped: at most one photo is measured again, and "
                 "what failed is tried again."));
    m_resume->setWhatsThis(m_resume->toolTip());
    m_progress->setVisible(running);
    const Progress& progress = m_session.progress();
    m_progress->setRange(0, static_cast<int>(progress.total));
    m_progress->setValue(static_cast<int>(progress.done));
    QString note = obstacle;
    if (running) {
        note = QString::fromStdString(progress.stage);
        if (progress.secondsLeft >= 0.0)
            note += QStringLiteral(" · ") + timeLeftText(progress.secondsLeft);
    } else if (obstacle.isEmpty()) {
        note = noteOf(stage);
    }
    m_note->setText(note);
    m_note->setVisible(!note.isEmpty());
    for (QWidget* field : std::initializer_list<QWidget*> { m_folder, m_labels, m_output, m_none,
             m_ball, m_given, m_reversed, m_rounds, m_photos })
        field->setEnabled(!running);
    for (QWidget* rule : std::as_const(m_rules))
        rule->setEnabled(!running);
}

} // namespace crossiter::ui
