#include "ui/views/explore/PhotoPanel.h"

#include "ui/session/ShownText.h"
#include "ui/views/common/Controls.h"
#include "ui/views/common/Icons.h"
#include "ui/views/common/LabelPicker.h"
#include "ui/views/common/QuietComboBox.h"

#include <QCheckBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace crossiter::ui {

namespace {

QString profileText(const FoundProfile& profile)
{
    using Kind = FoundProfile::Kind;
    if (profile.kind == Kind::Unusable)
        return PhotoPanel::tr("Colour profile ignored: %1")
            .arg(QString::fromStdString(profile.fault));
    if (profile.kind == Kind::None)
        return PhotoPanel::tr("No colour profile: taken for sRGB");
    return PhotoPanel::tr("Colour profile: %1").arg(QString::fromStdString(profile.name));
}

} // namespace

PhotoPanel::PhotoPanel(ExplorerSession& session, QWidget* parent)
    : QWidget(parent)
    , m_session(session)
    , m_size(roleLabel(this, "muted"))
    , m_crop(new QuietComboBox(this))
    , m_colour(new QCheckBox(tr("Colours to &sRGB"), this))
    , m_label(new LabelPicker(this))
    , m_clear(new QToolButton(this))
    , m_origin(roleLabel(this, "muted"))
{
    m_origin->setTextFormat(Qt::RichText);
    QLabel* heading = roleLabel(this, "heading", tr("PHOTO"));
    m_origin->setWordWrap(true);

    const QString cropHelp =
        tr("How a photo of any size becomes 299 × 299: the whole picture squeezed "
           "(the competition's rule), or its largest centred square.");
    m_crop->addItems({ tr("whole picture"), tr("centre crop") });
    m_crop->setAccessibleName(tr("Crop"));
    m_crop->setToolTip(cropHelp);
    m_crop->setWhatsThis(cropHelp);
    m_crop->setObjectName("crop");

    m_colour->setObjectName("colourToSrgb");
    m_colour->setAccessibleName(tr("Colours to sRGB"));
    m_colour->setWhatsThis(
        tr("The photo's colour profile is not sRGB. The networks learnt from sRGB photos, and the "
           "competition's toolkit ignores profiles: as long as this is off, so does CrossIter."));

    const QString labelHelp =
        tr("What the photo really shows. Type any part of a number or a name. "
           "It comes from the file name, a CSV or the folder; you may say otherwise.");
    m_label->setObjectName("trueLabel");
    m_label->setAccessibleName(tr("True label"));
    m_label->setToolTip(labelHelp);
    m_label->setWhatsThis(labelHelp);
    m_clear->setObjectName("clearTrueLabel");
    m_clear->setAccessibleName(tr("True label not known"));
    m_clear->setToolTip(tr("The true label is not known"));
    m_clear->setWhatsThis(
        tr("Forgets the true label; the joint top-1 of the sources is shown as assumed."));
    QLabel* labelName = caption(tr("True &label"), m_label, this);

    auto* top = new QHBoxLayout;
    top->addWidget(heading);
    top->addStretch();
    top->addWidget(m_size);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(m_label, 1);
    row->addWidget(m_clear);
    auto* layout = tightLayout<QVBoxLayout>(this, 4);
    layout->addLayout(top);
    layout->addWidget(m_crop);
    layout->addWidget(m_colour);
    layout->addWidget(labelName);
    layout->addLayout(row);
    layout->addWidget(m_origin);

    connect(
        m_label, &LabelPicker::labelChosen, this,
        [this](int label) {
            ExplorerState next = m_session.state();
            next.labelChoice = LabelChoice::User;
            next.userLabel = label;
            m_session.change(next, Setting::TrueLabel);
        });
    connect(m_label, &LabelPicker::textRejected, this, [this](const QString& text) {
        emit problem(tr("“%1” is no label: type a number 0..1000 or part of a name.").arg(text));
    });
    connect(m_clear, &QToolButton::clicked, this, [this] {
        ExplorerState next = m_session.state();
        next.labelChoice = next.labelChoice == LabelChoice::Cleared ? LabelChoice::Automatic
                                                                    : LabelChoice::Cleared;
        m_session.change(next, Setting::TrueLabel);
    });
    connect(m_crop, &QComboBox::activated, this, [this](int choice) {
        ExplorerState next = m_session.state();
        next.crop = choice == 1 ? CropRule::CentreCrop : CropRule::Whole;
        m_session.change(next, Setting::Crop);
    });
    connect(m_colour, &QCheckBox::clicked, this, [this](bool convert) {
        ExplorerState next = m_session.state();
        next.colour = convert ? ColourRule::Srgb : ColourRule::Ignore;
        m_session.change(next, Setting::Colour);
    });
    connect(&m_session, &ExplorerSession::stateChanged, this, &PhotoPanel::refresh);
    connect(&m_session, &ExplorerSession::photoChanged, this, &PhotoPanel::refresh);
    connect(&m_session, &ExplorerSession::labelChanged, this, &PhotoPanel::refresh);
    refresh();
}

void PhotoPanel::setTheme(const Theme& theme)
{
    m_theme = theme;
    m_clear->setIcon(themedIcon(QStringLiteral("clear"), theme.text));
    refresh();
}

void PhotoPanel::focusTrueLabel()
{
    m_label->setFocus(Qt::ShortcutFocusReason);
}

void PhotoPanel::refresh()
{
    const bool has = m_session.hasPhoto();
    m_size->setText(
        has ? tr("%1 × %2").arg(m_session.photo().width).arg(m_session.photo().height) : QString());
    m_crop->setCurrentIndex(m_session.state().crop == CropRule::CentreCrop ? 1 : 0);
    m_crop->setEnabled(has);
    const FoundProfile& profile = m_session.photo().profile;
    const bool convert = m_session.state().colour == ColourRule::Srgb;
    m_colour->setVisible(has && (convert || profile.kind == FoundProfile::Kind::Other));
    m_colour->setChecked(convert);
    m_colour->setToolTip(profileText(profile));
    m_label->setEnabled(has);
    m_clear->setEnabled(has);
    m_clear->setCheckable(true);
    m_clear->setChecked(m_session.state().labelChoice == LabelChoice::Cleared);
    const ShownLabel label = m_session.trueLabel();
    m_label->setLabel(label.assumed ? std::nullopt : label.label);
    if (!has) {
        m_origin->setText(tr("no photo"));
    } else if (label.assumed && label.label) {
        m_origin->setText(
            tr("%1, <b>%2</b>")
                .arg(label.origin.toHtmlEscaped(), labelText(*label.label).toHtmlEscaped()));
    } else {
        m_origin->setText(label.origin.toHtmlEscaped());
    }
}

} // namespace crossiter::ui
