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
#include <QPlainTextEdit>
#include <QPushButton>
#include <QSignalBlocker>
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

void ImportDialog::buildNames(QFormLayout& form)
{
    const auto fitting = std::find_if(m_preview.networks.begin(), m_preview.networks.end(),
        [](const NetworkMatch& one) { return one.problem.empty() && one.how.fits(); });
    if (fitting != m_preview.networks.end())
        m_architecture->setCurrentText(QString::fromStdString(fitting->architecture));
    m_key = new QComboBox(this);
    m_key->setObjectName(QStringLiteral("importKey"));
    m_key->setWhatsThis(tr("The file holds this network more than once, the weights and a moving "
                           "average of them for instance: which one is meant."));
    m_keyName = new QLabel(tr("&Weights in"), this);
    m_keyName->setBuddy(m_key);
    form.addRow(m_keyName, m_key);
    m_found = new QLabel(this);
    m_found->setObjectName(QStringLiteral("importFound"));
    m_found->setTextFormat(Qt::PlainText);
    m_found->setWordWrap(true);
    m_found->setProperty("role", "muted");
    form.addRow(QString(), m_found);
    m_showNames = new QCheckBox(tr("Show &which name became which"), this);
    m_showNames->setObjectName(QStringLiteral("importShowNames"));
    form.addRow(QString(), m_showNames);
    m_names = new QPlainTextEdit(this);
    m_names->setObjectName(QStringLiteral("importNames"));
    m_names->setAccessibleName(tr("The file's names and the network's"));
    m_names->setReadOnly(true);
    m_names->setLineWrapMode(QPlainTextEdit::NoWrap);
    m_names->setMinimumHeight(140);
    m_names->hide();
    form.addRow(m_names);
    connect(m_showNames, &QCheckBox::toggled, m_names, &QWidget::setVisible);
    connect(m_key, &QComboBox::currentTextChanged, this, [this] {
        showNames();
        refresh();
    });
}

const NetworkMatch* ImportDialog::match() const
{
    const std::string architecture = m_architecture->currentText().toStdString();
    const std::string key = m_key->currentData().toString().toStdString();
    for (const NetworkMatch& network : m_preview.networks)
        if (network.architecture == architecture && network.how.key == key)
            return &network;
    return nullptr;
}

void ImportDialog::proposeKeys()
{
    const QSignalBlocker quiet(m_key);
    m_key->clear();
    const std::string architecture = m_architecture->currentText().toStdString();
    for (const NetworkMatch& network : m_preview.networks) {
        if (network.architecture != architecture)
            continue;
        const QString key = QString::fromStdString(network.how.key);
        m_key->addItem(key.isEmpty() ? tr("the file itself") : shownText(key), key);
    }
    showNames();
}

void ImportDialog::showNames()
{
    m_key->setVisible(m_key->count() > 1);
    m_keyName->setVisible(m_key->count() > 1);
    const NetworkMatch* found = match();
    const bool named = found != nullptr && found->problem.empty();
    m_found->setVisible(found != nullptr);
    m_showNames->setVisible(named);
    m_names->setVisible(named && m_showNames->isChecked());
    if (found == nullptr)
        return;
    m_found->setText(
        shownText(QString::fromStdString(named ? lineOf(found->how) : found->problem)));
    QStringList lines;
    if (named)
        for (const std::string& line : mappingLines(found->how))
            lines << shownText(QString::fromStdString(line));
    m_names->setPlainText(lines.join(QLatin1Char('\n')));
    m_padding->setCurrentIndex(
        m_padding->findData(static_cast<int>(defaultPoolPadding(found->architecture, found->how))));
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
    buildNames(*form);
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
    proposeKeys();
    connect(imagenet, &QPushButton::clicked, this,
        [this] { showChannels(imagenetPreprocessing(m_side->value())); });
    connectFields();
}

void ImportDialog::connectFields()
{
    connect(m_architecture, &QComboBox::currentTextChanged, this, [this] {
        proposeInput();
        proposeKeys();
        refresh();
    });
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
    if (findModel(m_known, id))
        return tr("There is a model with this id already.");
    const NetworkMatch* found = match();
    const bool fits = m_preview.networks.empty()
        || (found != nullptr && found->problem.empty() && found->how.fits());
    return fits ? QString() : tr("The file's weights are not this network's.");
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
    const QString key = m_key->currentData().toString();
    if (m_key->count() > 1)
        request.key = key.isEmpty() ? "." : key.toStdString();
    if (request.architecture == "inception-v3")
        request.poolPadding = static_cast<PoolPadding>(m_padding->currentData().toInt());
    if (m_preview.program && m_trust->isChecked())
        request.trustedSha256 = m_preview.sha256;
    return request;
}

} // namespace crossiter::ui
