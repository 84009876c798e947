#include "ui/dialogs/ImportDialog.h"

#include "ui/session/ModelChoice.h"
#include "ui/session/PlainText.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileInfo>
#include <QFormLayout>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSpinBox>
#include <QVBoxLayout>

namespace crossiter::ui {

namespace {

/// "my-net" of "My net.v2.safetensors".
QString idOf(const QString& file)
{
    QString id = QFileInfo(file).baseName().toLower();
    for (QChar& c : id) {
        const bool fits = (c >= QLatin1Char('a') && c <= QLatin1Char('z'))
            || (c >= QLatin1Char('0') && c <= QLatin1Char('9'));
        if (!fits)
            c = QLatin1Char('-');
    }
    while (id.startsWith(QLatin1Char('-')))
        id.remove(0, 1);
    return id;
}

} // namespace

ImportDialog::ImportDialog(const QString& file, const ImportPreview& preview,
    const std::vector<StoredModel>& known, QWidget* parent)
    : QDialog(parent)
    , m_file(file)
    , m_preview(preview)
    , m_known(known)
{
    setWindowTitle(tr("Import a model"));
    build();
    refresh();
}

void ImportDialog::buildTrust()
{
    m_trustFrame = new QFrame(this);
    m_trustFrame->setProperty("card", true);
    auto* warning = new QLabel(
        tr("<b>This file is a program.</b> It runs on this computer, with your rights, each time "
           "it is loaded. Its SHA-256 is<br><code>%1</code><br>Compare it with what its author "
           "says. If the file ever changes, it is refused.")
            .arg(QString::fromStdString(m_preview.sha256)),
        m_trustFrame);
    warning->setObjectName("trustText");
    warning->setTextFormat(Qt::RichText);
    warning->setWordWrap(true);
    warning->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_trust = new QCheckBox(tr("I &trust this program"), m_trustFrame);
    m_trust->setObjectName("importTrust");
    auto* trustColumn = new QVBoxLayout(m_trustFrame);
    trustColumn->addWidget(warning);
    trustColumn->addWidget(m_trust);
    m_trustFrame->setVisible(m_preview.program);
}

void ImportDialog::build()
{
    auto* form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    auto* what = new QLabel(
        tr("%1 · %2, %3 MB")
            .arg(shownText(QFileInfo(m_file).fileName()), QString::fromStdString(m_preview.format))
            .arg(static_cast<double>(m_preview.bytes) / 1e6, 0, 'f', 1),
        this);
    what->setWordWrap(true);
    what->setTextFormat(Qt::PlainText);
    form->addRow(tr("File"), what);

    m_architecture = new QComboBox(this);
    m_architecture->setObjectName("importArchitecture");
    for (const std::string& name : importableArchitectures()) {
        const bool program = name == "torchscript" || name == "purifier-torchscript";
        if (program == m_preview.program)
            m_architecture->addItem(QString::fromStdString(name));
    }
    m_architecture->setWhatsThis(tr("The network whose weights the file holds."));
    form->addRow(tr("&Architecture"), m_architecture);
    m_id = new QLineEdit(idOf(m_file), this);
    m_id->setObjectName("importId");
    m_id->setWhatsThis(tr("How the command line and session files call it: lower-case letters, "
                          "digits, dot, dash, underscore."));
    form->addRow(tr("&Id"), m_id);
    m_name = new QLineEdit(QFileInfo(m_file).completeBaseName(), this);
    m_name->setObjectName("importName");
    form->addRow(tr("&Name"), m_name);
    m_side = new QSpinBox(this);
    m_side->setObjectName("importSide");
    m_side->setRange(32, 1024);
    m_side->setSuffix(tr(" px"));
    m_side->setWhatsThis(tr("Side of the picture that the network takes."));
    auto* imagenet = new QPushButton(tr("ImageNet &mean and std"), this);
    imagenet->setObjectName("importImagenet");
    imagenet->setAutoDefault(false);
    imagenet->setToolTip(
        tr("Scale and shift of mean 0.485, 0.456, 0.406 and standard deviation\n0.229, 0.224, "
           "0.225, as most networks trained with torchvision want them"));
    auto* input = new QHBoxLayout;
    input->addWidget(m_side);
    input->addWidget(imagenet);
    input->addStretch();
    auto* inputName = new QLabel(tr("Inp&ut"), this);
    inputName->setBuddy(m_side);
    form->addRow(inputName, input);
    const QString convention =
        tr("The network takes scale · x + shift, x being the picture in [-1, 1].\n"
           "One number, or three with commas for red, green and blue.\n"
           "Trained with mean and standard deviation of pixels in [0, 1], it wants\n"
           "scale = 0.5 / deviation and shift = (0.5 - mean) / deviation.");
    const auto numbers = [&](const char* name, const QString& meaning) {
        auto* made = new QLineEdit(this);
        made->setObjectName(QString::fromLatin1(name));
        made->setAccessibleName(meaning);
        made->setToolTip(convention);
        made->setWhatsThis(meaning + QStringLiteral(". ") + convention);
        return made;
    };
    m_scale = numbers("importScale", tr("Factor of the picture in [-1, 1]"));
    form->addRow(tr("&Scale"), m_scale);
    m_shift = numbers("importShift", tr("What is added to it"));
    form->addRow(tr("Shi&ft"), m_shift);
    auto* labels = new QLabel(tr("1000 classes begin at label 1, 1001 at 0 (background)"), this);
    labels->setProperty("role", "muted");
    form->addRow(tr("Labels"), labels);
    m_padding = new QComboBox(this);
    m_padding->setObjectName("importPadding");
    m_padding->addItem(
        tr("leave the padding out (trained in TensorFlow)"), static_cast<int>(PoolPadding::TfSlim));
    m_padding->addItem(
        tr("count the padding's zeros (trained with timm)"), static_cast<int>(PoolPadding::Timm));
    m_padding->setWhatsThis(tr("Inception v3's average pools differ between TF-Slim and timm; "
                               "logits move by some 7e-3."));
    m_paddingName = new QLabel(tr("Average &pools"), this);
    m_paddingName->setBuddy(m_padding);
    form->addRow(m_paddingName, m_padding);
    m_robust = new QCheckBox(tr("&Robust: it was trained adversarially"), this);
    m_robust->setObjectName("importRobust");
    form->addRow(QString(), m_robust);

    buildTrust();

    m_problem = new QLabel(this);
    m_problem->setProperty("role", "error");
    m_problem->setWordWrap(true);
    m_buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel, this);
    m_buttons->button(QDialogButtonBox::Ok)->setText(tr("Import"));

    auto* column = new QVBoxLayout(this);
    column->addLayout(form);
    column->addWidget(m_trustFrame);
    column->addWidget(m_problem);
    column->addStretch();
    column->addWidget(m_buttons);
    resize(520, 0);
    proposeInput();
    connect(
        m_architecture, &QComboBox::currentTextChanged, this,
        [this] {
            proposeInput();
            refresh();
        });
    connect(imagenet, &QPushButton::clicked, this,
        [this] { showChannels(imagenetPreprocessing(m_side->value())); });
    for (const QLineEdit* edited : { m_id, m_scale, m_shift })
        connect(edited, &QLineEdit::textChanged, this, &ImportDialog::refresh);
    connect(m_trust, &QCheckBox::toggled, this, &ImportDialog::refresh);
    connect(m_buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(m_buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
}

void ImportDialog::proposeInput()
{
    const PreprocessingSpec input =
        defaultPreprocessing(m_architecture->currentText().toStdString());
    m_side->setValue(input.inputSide);
    showChannels(input);
}

void ImportDialog::showChannels(const PreprocessingSpec& input)
{
    m_scale->setText(QString::fromStdString(textOf(input.scale)));
    m_shift->setText(QString::fromStdString(textOf(input.shift)));
    m_scale->setCursorPosition(0); // the first digits are those that one reads
    m_shift->setCursorPosition(0);
}

QString ImportDialog::problem() const
{
    const std::string id = m_id->text().toStdString();
    if (!isModelId(id)) {
        return tr("The id wants lower-case letters and digits, then also dots, dashes and "
                  "underscores.");
    }
    if (!parseScale(m_scale->text().toStdString()))
        return tr("The scale wants one number or three with commas, from -1000 to 1000, not 0.");
    if (!parseShift(m_shift->text().toStdString()))
        return tr("The shift wants one number or three with commas, from -1000 to 1000.");
    return findModel(m_known, id) ? tr("There is a model with this id already.") : QString();
}

void ImportDialog::refresh()
{
    const bool padded = m_architecture->currentText() == QLatin1String("inception-v3");
    m_padding->setVisible(padded);
    m_paddingName->setVisible(padded);
    const QString text = problem();
    m_problem->setText(text);
    m_problem->setVisible(!text.isEmpty());
    const bool trusted = !m_preview.program || m_trust->isChecked();
    m_buttons->button(QDialogButtonBox::Ok)->setEnabled(text.isEmpty() && trusted);
}

ImportRequest ImportDialog::request() const
{
    ImportRequest request;
    request.file = m_file.toStdString();
    request.architecture = m_architecture->currentText().toStdString();
    request.id = m_id->text().toStdString();
    request.name = m_name->text().trimmed().toStdString();
    request.inputSide = m_side->value();
    request.scale = parseScale(m_scale->text().toStdString());
    request.shift = parseShift(m_shift->text().toStdString());
    request.robust = m_robust->isChecked();
    if (request.architecture == "inception-v3")
        request.poolPadding = static_cast<PoolPadding>(m_padding->currentData().toInt());
    if (m_preview.program && m_trust->isChecked())
        request.trustedSha256 = m_preview.sha256;
    return request;
}

} // namespace crossiter::ui
