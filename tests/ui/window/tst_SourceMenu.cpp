// The source choosers of the toolbar: base networks apart from those trained adversarially.
#include "core/classify/ModelStore.h"
#include "ui/viewmodels/ModelListModel.h"

#include <QMenu>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <filesystem>
#include <fstream>

#include "tests/support/TestPaths.h"
#include "tests/ui/ExplorerTestSupport.h"

using namespace crossiter;
using namespace crossiter::test;
using namespace crossiter::ui;

namespace fs = std::filesystem;

class tst_SourceMenu : public QObject
{
    Q_OBJECT

private slots:
    void init();
    void noHeadingsWithoutARobustNetwork();
    void robustNetworksStandApart();

private:
    [[nodiscard]] std::shared_ptr<Engine> engine() const;
    void addRobust();

    std::unique_ptr<QTemporaryDir> m_folder;
    StorePaths m_paths;
};

namespace {

const QStringList kBase { "EfficientNet-Lite0", "EfficientNet-Lite1", "EfficientNet-Lite2" };
const char* const kRobustId = "adversarial-toy"; // by its id it would stand before the others
const char* const kRobustTitle = "Robust: Toy";

/// The chooser's menu as it is when it opens.
QList<QAction*> opened(const MainWindow& window, const char* chooser)
{
    QMenu* menu = window.findChild<QToolButton*>(chooser)->menu();
    emit menu->aboutToShow();
    return menu->actions();
}

QStringList texts(const QList<QAction*>& actions)
{
    QStringList found;
    for (const QAction* action : actions)
        found << (action->isSeparator() ? QString("---") : action->text());
    return found;
}

} // namespace

void tst_SourceMenu::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    m_paths = storeBelow(m_folder->path().toStdString());
}

std::shared_ptr<Engine> tst_SourceMenu::engine() const
{
    EngineOptions options;
    options.store = m_paths;
    return std::make_shared<Engine>(options);
}

/// Lite0's weights under a manifest that says: trained adversarially.
void tst_SourceMenu::addRobust()
{
    ModelManifest manifest = readManifest(m_paths.manifests / "efficientnet-lite0.json");
    const fs::path weights = storeDir() / "efficientnet-lite0" / manifest.file;
    manifest.id = kRobustId;
    manifest.name = "Toy";
    manifest.robust = true;
    std::ofstream(m_paths.manifests / (manifest.id + ".json")) << manifestText(manifest);
    fs::create_directories(m_paths.user / manifest.id);
    fs::copy_file(weights, m_paths.user / manifest.id / manifest.file);
}

void tst_SourceMenu::noHeadingsWithoutARobustNetwork()
{
    // The project's manifests know robust networks, but none of their weights is here.
    Workspace workspace(engine());
    const MainWindow window(workspace, {});
    const QStringList found = texts(opened(window, "source1"));
    QCOMPARE(found.mid(0, 4), kBase + QStringList { "---" });
    QVERIFY2(!found.contains("Base networks") && !found.contains("Trained adversarially"),
        qPrintable(found.join(", ")));
}

void tst_SourceMenu::robustNetworksStandApart()
{
    addRobust();
    Workspace workspace(engine());
    MainWindow window(workspace, {});
    QVERIFY(showWindow(window));
    const auto before = window.workspace().explorer().state().attack.sources;
    QCOMPARE(before.size(), std::size_t(2));
    const QStringList wanted = QStringList { "Base networks" } + kBase
        + QStringList { "---", "Trained adversarially", kRobustTitle };
    for (const char* chooser : { "source1", "source2" }) {
        const QList<QAction*> actions = opened(window, chooser);
        QCOMPARE(texts(actions).mid(0, wanted.size()), wanted);
        for (const QAction* action : actions) {
            const bool heading =
                action->text() == "Base networks" || action->text() == "Trained adversarially";
            QVERIFY2(action->isSeparator() || action->isEnabled() != heading,
                qPrintable(action->text()));
        }
    }

    opened(window, "source1").at(wanted.indexOf(kRobustTitle))->trigger();
    QCOMPARE(window.workspace().explorer().state().attack.sources,
        (std::vector<std::string> { kRobustId, before[1] }));
    QCOMPARE(window.findChild<QToolButton*>("source1")->text(), QString(kRobustTitle));
    for (const QAction* action : opened(window, "source1")) {
        QVERIFY2(!action->isCheckable() || action->isChecked() == (action->text() == kRobustTitle),
            qPrintable(action->text()));
    }
}

QTEST_MAIN(tst_SourceMenu)
#include "tst_SourceMenu.moc"
