// What the Batch tab does with the room that it has: parts beside each other or one at a time, and
// the whole window.
#include "ui/session/BatchSession.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/window/MainWindow.h"

#include <QDockWidget>
#include <QTest>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

class tst_BatchRoom : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase() { m_engine = realEngine(); }
    void panelFitsSmallAndLargeWindows();
    void largeTabGivesTheRoomBack();

private:
    std::shared_ptr<Engine> m_engine;
};

void tst_BatchRoom::panelFitsSmallAndLargeWindows()
{
    BatchSession batch(m_engine, {});
    BatchPanel panel(batch, {});
    panel.show();
    panel.resize(460, 200);
    QVERIFY(panel.shows(BatchPanel::Plan));
    QVERIFY(!panel.shows(BatchPanel::Results));
    panel.showPart(BatchPanel::Results);
    QVERIFY(panel.shows(BatchPanel::Results));
    QVERIFY(!panel.shows(BatchPanel::Plan));
    panel.resize(900, 240);
    QVERIFY(panel.shows(BatchPanel::Results));
    QVERIFY(panel.shows(BatchPanel::Queue) != panel.shows(BatchPanel::Plan));
    panel.resize(1600, 400);
    QVERIFY(panel.shows(BatchPanel::Plan) && panel.shows(BatchPanel::Queue)
        && panel.shows(BatchPanel::Results));
}

void tst_BatchRoom::largeTabGivesTheRoomBack()
{
    Workspace workspace(m_engine);
    MainWindow window(workspace, windowOptions());
    window.resize(1024, 700);
    window.show();
    window.showTab("batch");
    QVERIFY(QTest::qWaitForWindowExposed(&window));
    BatchPanel* panel = window.findChild<BatchPanel*>();
    const int before = panel->height();
    window.findChild<QDockWidget*>("dockPredictions")->hide(); // by the user
    QTest::qWait(50); // laid out again
    const QSize room = window.centralWidget()->size();
    const int low = panel->height();
    panel->setLarge(true);
    QVERIFY(QTest::qWaitFor([&] { return panel->height() > 2 * before; }, 5000));
    QVERIFY(!window.centralWidget()->isVisible());
    QVERIFY(panel->width() > 950);
    panel->setLarge(false);
    QVERIFY(QTest::qWaitFor([&] { return window.centralWidget()->isVisible(); }, 5000));
    QVERIFY(window.findChild<QDockWidget*>("dockSettings")->isVisible());
    QVERIFY(!window.findChild<QDockWidget*>("dockPredictions")->isVisible());
    QTRY_COMPARE(window.centralWidget()->size(), room);
    QCOMPARE(panel->height(), low);
    panel->setLarge(true);
    window.showTab("trajectory");
    QVERIFY(QTest::qWaitFor([&] { return window.centralWidget()->isVisible(); }, 5000));
    QVERIFY(!panel->isLarge());
}

QTEST_MAIN(tst_BatchRoom)
#include "tst_BatchRoom.moc"
