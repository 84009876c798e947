// A further tab is one class and one line: what the window does with a tab that it does not know.
#include "ui/views/common/ErrorBar.h"
#include "ui/window/Actions.h"
#include "ui/window/Centre.h"
#include "ui/window/Shell.h"

#include <QAction>
#include <QClipboard>
#include <QDockWidget>
#include <QGuiApplication>
#include <QLabel>
#include <QMenu>
#include <QTemporaryDir>
#include <QTest>

#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace {

const QColor kOwnColor(12, 200, 34);

class NotesTab : public Tab
{
public:
    explicit NotesTab(const WindowParts& parts)
        : m_parts(parts)
        , m_label(new QLabel(QStringLiteral("notes"), &parts.shell.window()))
    {
        m_label->setFocusPolicy(Qt::StrongFocus);
        m_label->setObjectName(QStringLiteral("notes"));
    }

    [[nodiscard]] QString id() const override { return QStringLiteral("notes"); }
    [[nodiscard]] QString title() const override { return QStringLiteral("Notes"); }
    [[nodiscard]] QWidget* widget() const override { return m_label; }
    void setTheme(const Theme& theme) override
    {
        ++m_themes;
        m_label->setProperty("themes", m_themes);
        m_label->setProperty("text", theme.text);
    }
    void addActions() override
    {
        QMenu* menu = m_parts.actions.addMenu("notesMenu", QStringLiteral("&Notes"));
        m_parts.actions.add(menu, "goToNotes", QStringLiteral("&Go to the notes"),
            QStringLiteral("Ctrl+Alt+Shift+N"), QStringLiteral("Brings the notes to the front."),
            { [this] { m_parts.shell.showTab(id()); },
                [this] { return m_parts.shell.explorer().hasPhoto(); } });
    }
    void setOnScreen(bool onScreen) override { m_label->setProperty("onScreen", onScreen); }
    [[nodiscard]] QImage picture(const QWidget*) override
    {
        QImage image(5, 3, QImage::Format_RGB32);
        image.fill(kOwnColor);
        return image;
    }
    [[nodiscard]] Origin origin(const QWidget*) override
    {
        return [this](const QString& path) { m_label->setProperty("explained", path); };
    }
    QList<SavedViews> saveViews(const QString& base) override
    {
        const QString path = base + QStringLiteral("notes.png");
        Shell::savePicture(path, picture(m_label));
        return { { { path }, [this] { m_label->setProperty("viewsExplained", true); } } };
    }

private:
    WindowParts m_parts;
    QLabel* m_label;
    int m_themes = 0;
};

std::vector<TabMaker> tabsWithNotes()
{
    std::vector<TabMaker> tabs = standardTabs();
    tabs.push_back(
        { "notes", [](const WindowParts& parts) { return std::make_unique<NotesTab>(parts); } });
    return tabs;
}

} // namespace

class tst_Tabs : public QObject
{
    Q_OBJECT

private slots:
    void namesForTheCommandLine();
    void aFifthTabHasDockMenuThemeAndPicture();
};

void tst_Tabs::namesForTheCommandLine()
{
    QCOMPARE(
        tabNames(standardTabs()), (QStringList { "trajectory", "leaking", "defense", "batch" }));
    QCOMPARE(tabNames(tabsWithNotes()).last(), QString("notes"));
}

void tst_Tabs::aFifthTabHasDockMenuThemeAndPicture()
{
    QTemporaryDir folder;
    QString answer = folder.filePath("view.png");
    Workspace workspace(realEngine());
    MainWindow window(workspace, windowOptions({}, answer), tabsWithNotes());
    workspace.explorer().setAutomatic(false);
    auto* label = window.findChild<QLabel*>("notes");
    QVERIFY(label != nullptr);

    auto* dock = window.findChild<QDockWidget*>("dockNotes");
    QVERIFY(dock != nullptr);
    QCOMPARE(dock->windowTitle(), QString("Notes"));
    QCOMPARE(dock->widget(), label);
    QVERIFY(window.tabifiedDockWidgets(dock).contains(
        window.findChild<QDockWidget*>("dockTrajectory")));
    QVERIFY(window.actions().menu("panelsMenu")->actions().contains(dock->toggleViewAction()));

    QVERIFY(window.actions().menu("notesMenu") != nullptr);
    const QAction* action = window.actions().action("goToNotes");
    QVERIFY(action != nullptr);
    QVERIFY(!action->isEnabled()); // there is no photo yet

    const int themes = label->property("themes").toInt();
    QVERIFY(themes >= 1);
    window.setThemeKind(ThemeKind::Dark);
    const QColor dark = label->property("text").value<QColor>();
    window.setThemeKind(ThemeKind::Light);
    QVERIFY(label->property("themes").toInt() >= themes + 1);
    QVERIFY(label->property("text").value<QColor>() != dark);

    QVERIFY(showWindow(window));
    window.start(dalmatian());
    QVERIFY(waitSettled(window));
    QVERIFY(action->isEnabled());
    window.showTab("notes");
    QTRY_VERIFY(!dock->visibleRegion().isEmpty());
    QTRY_VERIFY(label->property("onScreen").toBool());
    window.showTab("trajectory");
    QTRY_VERIFY(!label->property("onScreen").toBool());
    window.actions().action("goToNotes")->trigger();
    QTRY_VERIFY(!dock->visibleRegion().isEmpty());

    label->setFocus();
    QTRY_COMPARE(QApplication::focusWidget(), label);
    window.actions().action("copyView")->trigger();
    QCOMPARE(QGuiApplication::clipboard()->image().pixelColor(1, 1), kOwnColor);
    window.actions().action("exportView")->trigger();
    QCOMPARE(window.centre().errors()->message(), QString());
    QCOMPARE(QImage(answer).pixelColor(1, 1), kOwnColor);
    QCOMPARE(label->property("explained").toString(), answer);

    const QStringList views = window.saveViews(folder.path());
    QVERIFY(!views.filter("notes.png").isEmpty() && QFile::exists(views.filter("notes.png")[0]));
    QVERIFY(label->property("viewsExplained").toBool());
    QVERIFY(waitSettled(window));
}

QTEST_MAIN(tst_Tabs)
#include "tst_Tabs.moc"
