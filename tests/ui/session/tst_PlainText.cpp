// Names that other people gave, in the window: text, never markup, and nothing hidden in it.
#include "ui/session/PlainText.h"
#include "ui/viewmodels/PhotoModel.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/window/Centre.h"

#include <QAction>
#include <QApplication>
#include <QDir>
#include <QFile>
#include <QHelpEvent>
#include <QLabel>
#include <QListView>
#include <QMenu>
#include <QTemporaryDir>
#include <QTest>
#include <QToolTip>

#include "tests/support/TestPaths.h"
#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

const QString kMarkup = QStringLiteral("<img src='x'><b>bold</b> &amp; more");

/// The tool tip that is on the screen.
QLabel* shownTip()
{
    for (QWidget* widget : QApplication::topLevelWidgets())
        if (widget->inherits("QTipLabel") && widget->isVisible())
            return qobject_cast<QLabel*>(widget);
    return nullptr;
}

QLabel* waitForTip()
{
    (void)QTest::qWaitFor([] { return shownTip() != nullptr; });
    QTest::qWait(50); // shown and painted
    return shownTip();
}

} // namespace

class tst_PlainText : public QObject
{
    Q_OBJECT

private slots:
    void texts();
    void toolTipsArePlain();
    void toolTipsOfItemsArePlain();
    void longToolTipsAreWrapped();
    void labelsArePlainUnlessTheySayOtherwise();
    void strangeNamesInTheWindow();

private:
    PlainTexts m_plain { nullptr };
};

void tst_PlainText::texts()
{
    QCOMPARE(shownText(QStringLiteral("a\u202eb\nc")), QStringLiteral("a\\u202eb\\nc"));
    QCOMPARE(shownLines(QStringLiteral("a\nb\u0085")), QStringLiteral("a\nb\\u0085"));
    QCOMPARE(menuText(QStringLiteral("R&D.png")), QStringLiteral("R&&D.png"));
    QCOMPARE(shownText(QStringLiteral("\u00e9 \u65e5.png")), QStringLiteral("\u00e9 \u65e5.png"));
}

void tst_PlainText::toolTipsArePlain()
{
    QWidget widget;
    widget.resize(100, 100);
    widget.show();
    QVERIFY(QTest::qWaitForWindowExposed(&widget));
    for (const QString& text : { kMarkup, QStringLiteral("plain\n") + kMarkup }) {
        widget.setToolTip(text + QChar(0x202E));
        QHelpEvent help(QEvent::ToolTip, QPoint(5, 5), widget.mapToGlobal(QPoint(5, 5)));
        QCoreApplication::sendEvent(&widget, &help);
        const QLabel* tip = waitForTip();
        QVERIFY(tip != nullptr);
        QCOMPARE(tip->textFormat(), Qt::PlainText);
        QCOMPARE(tip->text(), text + QStringLiteral("\\u202e"));
    }
    // Reused while it is visible.
    QToolTip::showText(widget.mapToGlobal(QPoint(5, 5)), QStringLiteral("<i>other</i>\u2066"));
    QTest::qWait(50);
    QCOMPARE(shownTip()->text(), QStringLiteral("<i>other</i>\\u2066"));
    QCOMPARE(shownTip()->textFormat(), Qt::PlainText);
    QToolTip::hideText();
    QVERIFY(QTest::qWaitFor([] { return shownTip() == nullptr; }));
}

void tst_PlainText::toolTipsOfItemsArePlain()
{
    PhotoModel model;
    model.setPhotos({ { "/photos/" + kMarkup + ".png", kMarkup } });
    QListView view;
    view.setModel(&model);
    view.resize(300, 100);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    const QPoint at = view.visualRect(model.index(0)).center();
    QHelpEvent help(QEvent::ToolTip, at, view.viewport()->mapToGlobal(at));
    QCoreApplication::sendEvent(view.viewport(), &help);
    const QLabel* tip = waitForTip();
    QVERIFY(tip != nullptr);
    QCOMPARE(tip->textFormat(), Qt::PlainText);
    QCOMPARE(tip->text(), kMarkup + "\n/photos/" + kMarkup + ".png");
    QToolTip::hideText();
    QVERIFY(QTest::qWaitFor([] { return shownTip() == nullptr; }));
}

void tst_PlainText::longToolTipsAreWrapped()
{
    QWidget widget;
    widget.show();
    QVERIFY(QTest::qWaitForWindowExposed(&widget));
    const QString text = QStringLiteral("word ").repeated(200).trimmed();
    QToolTip::showText(widget.mapToGlobal(QPoint(1, 1)), text);
    const QLabel* tip = waitForTip();
    QVERIFY(tip != nullptr);
    QCOMPARE(tip->text(), text);
    QVERIFY2(tip->width() < 1500 && tip->height() > 2 * tip->fontMetrics().height(),
        qPrintable(QStringLiteral("%1x%2").arg(tip->width()).arg(tip->height())));
    QToolTip::hideText();
    QVERIFY(QTest::qWaitFor([] { return shownTip() == nullptr; }));
}

void tst_PlainText::labelsArePlainUnlessTheySayOtherwise()
{
    QLabel label(kMarkup);
    QLabel rich(QStringLiteral("<b>ours</b>"));
    rich.setTextFormat(Qt::RichText);
    label.show();
    rich.show();
    QCOMPARE(label.textFormat(), Qt::PlainText);
    QCOMPARE(rich.textFormat(), Qt::RichText);
}

void tst_PlainText::strangeNamesInTheWindow()
{
    const QTemporaryDir folder;
    const QString name = QStringLiteral("a\u202e<b>R&D<b>.jpg");
    const QString path = folder.filePath(name);
    QVERIFY(QFile::copy(dalmatian(), path));
    Workspace workspace(std::make_shared<Engine>());
    MainWindow window(workspace, windowOptions(folder.filePath(QStringLiteral("settings.ini"))));
    window.workspace().explorer().setAutomatic(false);
    QVERIFY(showWindow(window));
    window.start(path);
    QVERIFY(waitSettled(window));
    QCOMPARE(window.workspace().explorer().photo().path, QFileInfo(path).absoluteFilePath());
    QVERIFY2(window.windowTitle().contains("a\\u202e<b>"), qPrintable(window.windowTitle()));
    QStringList seen { window.windowTitle() };
    for (const QLabel* label : window.findChildren<QLabel*>()) {
        seen << label->text() << label->accessibleName();
        if (label->text().contains("R&D"))
            QCOMPARE(label->textFormat(), Qt::PlainText);
    }
    for (const QAction* action : window.findChildren<QAction*>())
        seen << action->text();
    QVERIFY(seen.join('\n').contains("a\\u202e<b>R&&D<b>.jpg")); // of the recent files
    for (const QString& text : seen)
        QVERIFY2(!text.contains(QChar(0x202E)), qPrintable(text));
    window.centre().errors()->showMessage(kMarkup + QChar(0x202E));
    for (const QLabel* label : window.centre().errors()->findChildren<QLabel*>()) {
        QVERIFY(label->textFormat() == Qt::PlainText);
        QVERIFY(!label->text().contains(QChar(0x202E)));
    }
}

QTEST_MAIN(tst_PlainText)
#include "tst_PlainText.moc"
