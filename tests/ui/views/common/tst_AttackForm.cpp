// Every row of core's table has its editor, with the row's range, wherever an attack is edited; and
// an editor changes its own option alone.
#include "core/batch/TournamentView.h"
#include "ui/dialogs/PlanEntryDialog.h"
#include "ui/session/StateCommand.h"
#include "ui/views/common/LabelPicker.h"
#include "ui/views/common/SeedField.h"
#include "ui/views/common/ValueSlider.h"
#include "ui/views/explore/AttackPanel.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>
#include <QTest>
#include <QUndoStack>

#include "tests/ui/ExplorerTestSupport.h"
#include "tests/ui/FieldValues.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

/// Another value that the editor offers.
FieldValue wanted(const AttackForm::Row& row)
{
    if (row.field->kind == FieldKind::Choice) {
        const auto* box = qobject_cast<QComboBox*>(row.editor);
        for (int at = 0; at < box->count(); ++at) {
            const FieldValue value = box->itemData(at).toString().toStdString();
            if (value != FieldValue(std::string()) && value != row.value)
                return value;
        }
    }
    return otherValue(*row.field, row.value);
}

/// As a hand would.
void enter(QWidget* editor, const FieldValue& value)
{
    const QString text = QString::fromStdString(AttackField::print(value));
    if (auto* slider = qobject_cast<ValueSlider*>(editor)) {
        slider->spinBox()->setValue(text.toDouble());
    } else if (auto* spin = qobject_cast<QDoubleSpinBox*>(editor)) {
        spin->setValue(text.toDouble());
    } else if (auto* check = qobject_cast<QCheckBox*>(editor)) {
        check->click();
    } else if (auto* picker = qobject_cast<LabelPicker*>(editor)) {
        emit picker->activated(0); // the background is no target
        emit picker->activated(text.toInt());
    } else if (auto* box = qobject_cast<QComboBox*>(editor)) {
        box->setCurrentIndex(box->findData(text));
        emit box->activated(box->currentIndex());
    } else if (auto* seed = qobject_cast<SeedField*>(editor)) {
        seed->selectAll();
        QTest::keyClicks(seed, text);
        QTest::keyClick(seed, Qt::Key_Return);
    } else if (auto* line = qobject_cast<QLineEdit*>(editor)) {
        line->setText(text);
        emit line->editingFinished();
    }
}

void compareRange(const AttackForm::Row& row)
{
    if (row.field->kind != FieldKind::Whole && row.field->kind != FieldKind::Number)
        return;
    const auto* slider = qobject_cast<ValueSlider*>(row.editor);
    const auto* box =
        slider != nullptr ? slider->spinBox() : qobject_cast<QDoubleSpinBox*>(row.editor);
    QVERIFY2(box != nullptr, row.field->key);
    QCOMPARE(box->maximum(), row.field->high);
    QCOMPARE(box->minimum() + (slider != nullptr ? 0.0 : box->singleStep()), row.field->low);
}

} // namespace

class tst_AttackForm : public QObject
{
    Q_OBJECT

private slots:
    void everyRowIsInThePanel();
    void whatIsNoDefenseIsNotTaken();
    void everyRowIsInThePlansDialog_data();
    void everyRowIsInThePlansDialog();
    void unknownDigitsStay();
};

void tst_AttackForm::everyRowIsInThePanel()
{
    ExplorerSession session(realEngine());
    AttackPanel panel(session);
    QStringList changes;
    for (const AttackField& field : attackFields()) {
        if (field.kind == FieldKind::Ids) { // lists of networks: the toolbar and SourcesDialog
            QVERIFY2(panel.form().find(field.key) == nullptr, field.key);
            continue;
        }
        QVERIFY2(panel.form().find(field.key) != nullptr, field.key);
        const AttackForm::Row& row = *panel.form().find(field.key);
        compareRange(row);
        QVERIFY2(
            !row.editor->toolTip().isEmpty() && !row.editor->accessibleName().isEmpty(), field.key);
        QCOMPARE(panel.findChild<QWidget*>(row.editor->objectName()), row.editor);
        const ExplorerState before = session.state();
        QVERIFY2(row.value == field.valueOf(before.attack), field.key);
        const FieldValue value = wanted(row);
        enter(row.editor, value);
        QVERIFY2(session.state() == withOption(before, field, value), field.key);
        QVERIFY2(field.valueOf(session.state().attack) == value, field.key);
        const bool followed = field.key == std::string("method"); // by what methods differ in
        for (const AttackField& other : attackFields())
            QVERIFY2(other.key == field.key || followed
                    || other.valueOf(session.state().attack) == other.valueOf(before.attack),
                other.key);
        changes << session.undoStack()->undoText();
        session.undoStack()->undo();
        QVERIFY2(session.state() == before, field.key);
        QVERIFY2(row.value == field.valueOf(before.attack), field.key);
    }
    QVERIFY(changes.contains("change the rounds"));
    QVERIFY(changes.contains("change “Momentum”"));
    QCOMPARE(changes.removeDuplicates(), 0);
}

void tst_AttackForm::whatIsNoDefenseIsNotTaken()
{
    ExplorerSession session(realEngine());
    AttackPanel panel(session);
    QSignalSpy problems(&panel, &AttackPanel::problem);
    const ExplorerState before = session.state();
    auto* through = panel.form().editor<QLineEdit>("through");
    enter(through, std::string("resize=400"));
    QCOMPARE(problems.size(), 1);
    QCOMPARE(through->text(), QString());
    QVERIFY(session.state() == before);
}

void tst_AttackForm::everyRowIsInThePlansDialog_data()
{
    QTest::addColumn<bool>("targeted");
    QTest::newRow("attack") << false;
    QTest::newRow("targeted attack") << true;
}

void tst_AttackForm::everyRowIsInThePlansDialog()
{
    QFETCH(bool, targeted);
    const auto models = realEngine()->models();
    PlanItem item;
    item.attack.name = "mine";
    item.attack.options.method = targeted ? Method::IterTarget : Method::MiFgsm;
    item.attack.options.sources = { "efficientnet-lite0" };
    for (const AttackField& field : attackFields()) {
        PlanEntryDialog dialog(
            targeted ? PlanKind::TargetedAttacks : PlanKind::Attacks, item, models, {});
        QVERIFY2(dialog.item().attack == item.attack, "nothing was chosen yet");
        if (field.kind == FieldKind::Ids || field.places.plan == 0) { // the plan has one epsilon
            QVERIFY2(dialog.form()->find(field.key) == nullptr, field.key);
            continue;
        }
        QVERIFY2(dialog.form()->find(field.key) != nullptr, field.key);
        const AttackForm::Row& row = *dialog.form()->find(field.key);
        compareRange(row);
        QCOMPARE(!row.editor->isHidden(), isRead(field, item.attack.options.method));
        if (!isRead(field, item.attack.options.method))
            continue;
        const FieldValue value = wanted(row);
        enter(row.editor, value);
        const AttackChoices made = dialog.item().attack.options;
        QVERIFY2(field.chosen(made) == value, field.key);
        for (const AttackField& other : attackFields())
            QVERIFY2(
                other.key == field.key || other.chosen(made) == other.chosen(item.attack.options),
                other.key);
    }
    PlanEntryDialog dialog(PlanKind::Attacks, item, models, {});
    QVERIFY(dialog.findChild<QListView*>("entrySources") != nullptr);
}

void tst_AttackForm::unknownDigitsStay()
{
    PlanItem item;
    item.attack.name = "mine";
    item.attack.options.method = Method::Bim;
    item.attack.options.stepPx = 0.12345; // more digits than the box shows
    item.attack.options.diversity = 0.5; // of every method that steps
    PlanEntryDialog dialog(PlanKind::Attacks, item, realEngine()->models(), {});
    QVERIFY(dialog.item().attack == item.attack);
}

QTEST_MAIN(tst_AttackForm)
#include "tst_AttackForm.moc"
