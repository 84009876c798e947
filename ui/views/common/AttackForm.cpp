#include "ui/views/common/AttackForm.h"

#include "core/defense/DefenseRequest.h"
#include "ui/session/ExplorerState.h"
#include "ui/views/common/Describe.h"
#include "ui/views/common/LabelPicker.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/common/SeedField.h"
#include "ui/views/common/ValueSlider.h"

#include <QCheckBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QRegularExpressionValidator>
#include <QSignalBlocker>

#include <algorithm>

namespace crossiter::ui {

namespace {

/// A slider ends where it is handy, its number where the row does.
struct Handy
{
    const char* key;
    double low;
    double high;
    double step;
    const char* suffix = "";
};

constexpr Handy kHandy[] = {
    { "epsilon", 0, 64, 1, QT_TRANSLATE_NOOP("crossiter::ui::AttackForm", " / 255") },
    { "rounds", 0, 20, 1 },
    { "step", 0.125, 16, 0.125, QT_TRANSLATE_NOOP("crossiter::ui::AttackForm", " px") },
    { "through-draws", 1, 32, 1 },
    { "momentum", 0, 2, 0.1 },
};

Handy handyOf(const AttackField& field)
{
    for (const Handy& known : kHandy)
        if (field.key == std::string(known.key))
            return known;
    return { field.key, field.low, field.high, field.kind == FieldKind::Whole ? 1.0 : 0.1 };
}

FieldValue valueIn(const AttackField& field, const QString& text)
{
    const bool left = text.isEmpty() && field.kind != FieldKind::Defense;
    return left ? FieldValue() : field.read(text.toStdString());
}

QString textOf(const FieldValue& value)
{
    return QString::fromStdString(AttackField::print(value));
}

QByteArray editorName(const AttackField& field, FieldPlace place)
{
    QByteArray name = (place == FieldPlace::Plan ? "entry-" : "") + QByteArray(field.key);
    for (qsizetype dash = name.indexOf('-'); dash >= 0; dash = name.indexOf('-'))
        name.replace(dash, 2, name.mid(dash + 1, 1).toUpper());
    return name;
}

} // namespace

AttackForm::AttackForm(FieldPlace place, QObject* parent)
    : QObject(parent)
    , m_place(place)
{
}

QWidget* AttackForm::make(const AttackField& field, QWidget* parent)
{
    Row& row = m_rows.emplace_back(Row { &field, nullptr, {}, {} });
    row.editor = makeEditor(row, parent);
    const QString help = fieldHelp(field, m_place);
    describe(row.editor, editorName(field, m_place).constData(), fieldName(field.key), help);
    if (auto* slider = qobject_cast<ValueSlider*>(row.editor))
        slider->setHelp(help);
    return row.editor;
}

const AttackForm::Row* AttackForm::find(const std::string& key) const
{
    for (const Row& row : m_rows)
        if (key == row.field->key)
            return &row;
    return nullptr;
}

void AttackForm::show(const std::function<FieldValue(const AttackField&)>& valueOf)
{
    for (Row& row : m_rows) {
        row.value = valueOf(*row.field);
        const QSignalBlocker blocker(row.editor);
        row.put(textOf(row.value));
    }
}

void AttackForm::take(Row& row, const QString& text)
{
    row.value = valueIn(*row.field, text);
    emit changed(QString::fromLatin1(row.field->key));
}

QWidget* AttackForm::makeEditor(Row& row, QWidget* parent)
{
    const bool panel = m_place == FieldPlace::Panel;
    const AttackField& field = *row.field;
    if (field.kind == FieldKind::Whole || field.kind == FieldKind::Number)
        return makeNumber(row, parent);
    if (field.kind == FieldKind::Choice)
        return makeComboBox(row, parent);
    if (field.kind == FieldKind::Flag) {
        auto* box = new QCheckBox(fieldLabel(field, m_place), parent);
        row.put = [box](const QString& text) { box->setChecked(text == QLatin1String("true")); };
        connect(box, &QCheckBox::toggled, this, [this, &row, panel](bool on) {
            take(row, on ? QStringLiteral("true") : QLatin1String(panel ? "false" : ""));
        });
        return box;
    }
    if (field.kind == FieldKind::Label) {
        auto* picker = new LabelPicker(parent);
        picker->setWithoutBackground();
        row.put = [picker](const QString& text) {
            picker->setLabel(text.isEmpty() ? std::nullopt : std::optional(text.toInt()));
        };
        connect(
            picker, &LabelPicker::labelChosen, this,
            [this, &row](int label) { take(row, QString::number(label)); });
        connect(picker, &LabelPicker::textRejected, this, [this](const QString& text) {
            emit rejected(
                tr("“%1” is no target: type a number 1..1000 or part of a name.").arg(text));
        });
        return picker;
    }
    if (field.kind == FieldKind::Seed && panel) {
        auto* seed = new SeedField(kMostSeed, parent);
        row.put = [seed](const QString& text) { seed->setValue(text.toULongLong()); };
        connect(seed, &SeedField::valueChanged, this,
            [this, &row](quint64 value) { take(row, QString::number(value)); });
        return seed;
    }
    return makeLine(row, parent);
}

QWidget* AttackForm::makeNumber(Row& row, QWidget* parent)
{
    const AttackField& field = *row.field;
    const Handy handy = handyOf(field);
    const int decimals = field.kind == FieldKind::Whole ? 0 : 3;
    if (m_place == FieldPlace::Panel) {
        auto* slider = new ValueSlider(fieldLabel(field, m_place),
            { handy.low, handy.high, field.low, field.high, handy.step, decimals },
            tr(handy.suffix), parent);
        row.put = [slider](const QString& text) { slider->setValue(text.toDouble()); };
        connect(slider, &ValueSlider::valueChanged, this, [this, &row, decimals](double number) {
            take(row, QString::number(number, 'f', decimals));
        });
        connect(slider, &ValueSlider::draggingChanged, this, &AttackForm::draggingChanged);
        return slider;
    }
    auto* box = new QDoubleSpinBox(parent);
    box->setLocale(QLocale::c());
    box->setDecimals(decimals);
    box->setSingleStep(handy.step);
    box->setRange(field.low - handy.step, field.high); // a step below the row's own: left alone
    box->setSpecialValueText(tr("default"));
    row.put = [box](const QString& text) {
        box->setValue(text.isEmpty() ? box->minimum() : text.toDouble());
    };
    connect(box, &QDoubleSpinBox::valueChanged, this, [this, &row, decimals](double number) {
        take(row, number < row.field->low ? QString() : QString::number(number, 'f', decimals));
    });
    return box;
}

QWidget* AttackForm::makeComboBox(Row& row, QWidget* parent)
{
    const AttackField& field = *row.field;
    auto* box = new QuietComboBox(parent);
    if (m_place == FieldPlace::Plan && field.chosen(AttackChoices()) == FieldValue())
        box->addItem(tr("default"), QString());
    for (const std::string& choice : field.choices()) {
        box->addItem(choiceText(field.key, choice), QString::fromStdString(choice));
        box->setItemData(box->count() - 1, choiceTip(field.key, choice), Qt::ToolTipRole);
    }
    row.put = [&row, box](const QString& text) {
        box->setCurrentIndex(std::max(0, box->findData(text)));
        // A choice that is not offered is not kept either.
        row.value = valueIn(*row.field, box->currentData().toString());
    };
    connect(box, &QComboBox::activated, this,
        [this, &row, box] { take(row, box->currentData().toString()); });
    return box;
}

QWidget* AttackForm::makeLine(Row& row, QWidget* parent)
{
    auto* line = new QLineEdit(parent);
    row.put = [line](const QString& text) {
        if (!line->hasFocus() || !line->isModified()) // never under the user's fingers
            line->setText(text);
    };
    const bool seed = row.field->kind == FieldKind::Seed;
    line->setPlaceholderText(seed ? tr("default") : tr("resize=200;dropout"));
    if (seed)
        line->setValidator(
            new QRegularExpressionValidator(QRegularExpression("[0-9]{0,19}"), line));
    if (m_place == FieldPlace::Plan) { // whose dialog says what is wrong
        connect(line, &QLineEdit::textChanged, this,
            [this, &row](const QString& text) { take(row, text.trimmed()); });
        return line;
    }
    connect(line, &QLineEdit::editingFinished, this, [this, &row, line] {
        line->setModified(false);
        const QString text = line->text().trimmed();
        if (text == textOf(row.value))
            return;
        try {
            checkDefense(parseDefense(text.toStdString()));
            take(row, text);
        } catch (const Error& error) {
            row.put(textOf(row.value));
            emit rejected(ownWords(error));
        }
    });
    return line;
}

} // namespace crossiter::ui
