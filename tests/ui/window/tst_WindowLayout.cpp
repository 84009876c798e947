// Where the docks stand: remembered settings, damaged ones, small screens.
#include "ui/dialogs/SourcesDialog.h"
#include "ui/views/common/ErrorBar.h"
#include "ui/views/common/LabelPicker.h"
#include "ui/views/common/QuietComboBox.h"
#include "ui/views/common/ValueSlider.h"
#include "ui/views/explore/AttackPanel.h"
#include "ui/views/explore/ImagePane.h"
#include "ui/views/explore/PhotoStrip.h"
#include "ui/views/explore/PredictionsPanel.h"
#include "ui/views/explore/Scrubber.h"
#include "ui/window/Actions.h"
#include "ui/window/Centre.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAbstractSlider>
#include <QAbstractSpinBox>
#include <QAction>
#include <QComboBox>
#include <QCompleter>
#include <QDockWidget>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QRegularExpression>
#include <QSet>
#include <QSignalSpy>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>
#include <QUndoStack>

#include <random>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

class tst_WindowLayout : public QObject
{
    Q_OBJECT

private slots:
    void damagedSettings_data();
    void damagedSettings();
    void layoutIsRemembered();
    void nothingIsClippedAt1280x800();
    void everyTabFits1024x700();
};

void tst_WindowLayout::damagedSettings_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("zero bytes") << QByteArray();
    std::mt19937 random(7);
    QByteArray noise(5000, '\0');
    for (char& byte : noise)
        byte = static_cast<char>(random() & 0xff);
    QTest::newRow("noise") << noise;
    QTest::newRow("wrong types") << QByteArray(
        "theme=elephant\nrecent=@Invalid()\n[window]\ngeometry=@ByteArray(\\x1\\x2)\nlayout=@"
        "ByteArray(\\xff\\0\\0\\0\\xfd)\n");
    QTest::newRow("numbers") << QByteArray(
        "theme=-2147483648\nrecent=17\n[window]\ngeometry=3\nlayout=@Rect(1 2 3 4)\n");
}

void tst_WindowLayout::damagedSettings()
{
    QFETCH(QByteArray, bytes);
    QTemporaryDir folder;
    const QString path = folder.filePath("explorer.ini");
    QFile file(path);
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(file.write(bytes), bytes.size());
    file.close();
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions(path));
    window.show();
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    QVERIFY(window.width() >= 640 && window.isVisible());
    window.close();
}

void tst_WindowLayout::layoutIsRemembered()
{
    QTemporaryDir folder;
    const QString path = folder.filePath("explorer.ini");
    {
        Workspace workspace(realEngine());
        MainWindow window(workspace, windowOptions(path));
        window.show();
        QVERIFY(QTest::qWaitForWindowActive(&window));
        window.findChild<QDockWidget*>("dockPhotos")->hide();
        window.addDockWidget(
            Qt::RightDockWidgetArea, window.findChild<QDockWidget*>("dockTrajectory"));
        QTest::keyClick(&window, Qt::Key_D, Qt::ControlModifier | Qt::AltModifier);
        window.close();
    }
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions(path));
    window.show();
    QVERIFY(!window.findChild<QDockWidget*>("dockPhotos")->isVisible());
    QCOMPARE(window.dockWidgetArea(window.findChild<QDockWidget*>("dockTrajectory")),
        Qt::RightDockWidgetArea);
    QCOMPARE(window.workspace().explorer().state().theme, ThemeKind::Dark);
    QCOMPARE(window.workspace().explorer().undoStack()->count(), 0);
}

void tst_WindowLayout::nothingIsClippedAt1280x800()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    window.resize(1280, 800);
    window.show();
    window.start(dalmatian());
    QVERIFY(waitSettled(window.workspace().explorer()));
    QCOMPARE(window.size(), QSize(1280, 800));
    for (const char* name :
        { "toolOpen", "source1", "source2", "device", "runButton", "toolExport" }) {
        const auto* widget = window.findChild<QWidget*>(name);
        QVERIFY2(widget != nullptr && widget->isVisible(),
            name); // none fell into the toolbar's extension
        QVERIFY2(widget->width() >= widget->minimumSizeHint().width(), name);
    }
    for (const char* name :
        { "method", "labelRule", "trueLabel", "rounds", "epsilon", "step", "projection" }) {
        const auto* widget =
            window.findChild<AttackPanel*>()->parentWidget()->findChild<QWidget*>(name);
        QVERIFY2(widget != nullptr, name);
        const QRect inViewport(widget->mapTo(widget->window(), QPoint()), widget->size());
        const auto* dock = window.findChild<QDockWidget*>("dockSettings");
        QVERIFY2(inViewport.right() <= dock->geometry().right(), name);
    }
}

void tst_WindowLayout::everyTabFits1024x700()
{
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions());
    QVERIFY(showWindow(window, { 1024, 700 }));
    window.start(dalmatian());
    QVERIFY(waitSettled(window));
    const auto* label = window.findChild<QLabel*>("photoName");
    QVERIFY2(label->text().contains("Dalmatian"), qPrintable(label->text()));
    QVERIFY2(label->sizeHint().width() <= label->width(), "the true label is not cut");
    for (const char* name :
        { "toolOpen", "source1", "source2", "device", "runButton", "toolExport" }) {
        const auto* widget = window.findChild<QWidget*>(name);
        QVERIFY2(widget->isVisible() && widget->width() >= widget->minimumSizeHint().width(), name);
    }
    for (const QString& tab : tabNames(standardTabs())) {
        window.showTab(tab);
        QVERIFY(waitSettled(window));
        QCoreApplication::processEvents();
        QCOMPARE(window.size(), QSize(1024, 700));
        for (const int pane : { ImagePanes::OriginalPane, ImagePanes::PerturbationPane,
                 ImagePanes::AdversarialPane, ImagePanes::DefendedPane }) {
            const ImagePane* shown = window.centre().panes()->pane(pane);
            QVERIFY2(shown->isVisible() && shown->width() >= ImagePanes::kLeastPaneWidth
                    && shown->height() >= shown->width(),
                qPrintable(QStringLiteral("%1, pane %2: %3 x %4")
                               .arg(tab)
                               .arg(pane)
                               .arg(shown->width())
                               .arg(shown->height())));
        }
        QVERIFY2(window.centre().scrubber()->isVisible()
                && window.findChild<PredictionsPanel*>()->isVisible(),
            qPrintable(tab));
        for (const char* name : { "dockTrajectory", "dockLeaking", "dockDefense", "dockBatch" }) {
            const auto* dock = window.findChild<QDockWidget*>(name);
            if (!dock->visibleRegion().isEmpty())
                QVERIFY2(dock->height() >= 150, qPrintable(tab));
        }
    }
}

QTEST_MAIN(tst_WindowLayout)
#include "tst_WindowLayout.moc"
