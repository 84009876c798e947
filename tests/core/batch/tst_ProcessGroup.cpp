#include "core/base/Error.h"
#include "core/batch/ProcessGroup.h"

#include <QMap>
#include <QtTest>

#include <map>

using namespace crossiter;

using Variables = QMap<QString, QString>;

namespace {

std::optional<ProcessGroup> groupOf(const Variables& variables)
{
    std::map<std::string, std::string> values;
    for (auto at = variables.begin(); at != variables.end(); ++at)
        values[at.key().toStdString()] = at.value().toStdString();
    return groupFromEnvironment([&values](const char* name) -> const char* {
        const auto found = values.find(name);
        return found == values.end() ? nullptr : found->second.c_str();
    });
}

} // namespace

class TestProcessGroup : public QObject
{
    Q_OBJECT

private slots:
    void groupsFromTheEnvironment_data();
    void groupsFromTheEnvironment();
    void badEnvironments();
    void hostLists();
};

void TestProcessGroup::groupsFromTheEnvironment_data()
{
    QTest::addColumn<Variables>("variables");
    QTest::addColumn<QString>(
        "expected"); // address:port rank/processes local, elsewhere, generation
    const Variables torch { { "MASTER_ADDR", "10.0.0.1" }, { "MASTER_PORT", "29500" },
        { "RANK", "3" }, { "WORLD_SIZE", "8" } };
    QTest::newRow("alone") << Variables {} << "";
    QTest::newRow("an address alone") << Variables { { "MASTER_ADDR", "a" } } << "";
    QTest::newRow("by hand") << torch << "10.0.0.1:29500 3/8 3 own 0 environment";
    Variables agent = torch;
    agent["LOCAL_RANK"] = "1";
    agent["TORCHELASTIC_USE_AGENT_STORE"] = "True";
    agent["TORCHELASTIC_RESTART_COUNT"] = "2";
    agent["TORCHELASTIC_RUN_ID"] = "none";
    QTest::newRow("torchrun") << agent << "10.0.0.1:29500 3/8 1 elsewhere 2 torchrun";
    const Variables slurm { { "SLURM_PROCID", "2" }, { "SLURM_NTASKS", "4" },
        { "SLURM_LAUNCH_NODE_IPADDR", "10.1.1.1" }, { "SLURM_JOB_ID", "100" },
        { "SLURM_STEP_ID", "1" }, { "SLURM_LOCALID", "0" } };
    QTest::newRow("Slurm") << slurm << "10.1.1.1:26101 2/4 0 own 0 Slurm";
    Variables nodes = slurm;
    nodes["SLURM_STEP_NODELIST"] = "gpu[03-07,9],x";
    nodes["MASTER_PORT"] = "1234";
    QTest::newRow("Slurm nodes") << nodes << "gpu03:1234 2/4 0 own 0 Slurm";
    Variables batch = slurm;
    batch["SLURM_STEP_ID"] = "4294967291";
    QTest::newRow("Slurm batch script") << batch << "";
    Variables one = slurm;
    one["SLURM_PROCID"] = "0";
    one["SLURM_NTASKS"] = "1";
    QTest::newRow("Slurm, one task") << one << "";
    Variables both = slurm;
    both.insert(torch);
    QTest::newRow("torch's before Slurm's") << both << "10.0.0.1:29500 3/8 3 own 0 environment";
}

void TestProcessGroup::groupsFromTheEnvironment()
{
    QFETCH(Variables, variables);
    QFETCH(QString, expected);
    const auto group = groupOf(variables);
    const QString found = group ? QString("%1:%2 %3/%4 %5 %6 %7 %8")
                                      .arg(QString::fromStdString(group->address))
                                      .arg(group->port)
                                      .arg(group->rank)
                                      .arg(group->processes)
                                      .arg(group->localRank)
                                      .arg(group->storeElsewhere ? "elsewhere" : "own")
                                      .arg(group->generation)
                                      .arg(QString::fromStdString(group->startedBy))
                                : QString();
    QCOMPARE(found, expected);
}

void TestProcessGroup::badEnvironments()
{
    const Variables good { { "MASTER_ADDR", "a" }, { "MASTER_PORT", "1" }, { "RANK", "0" },
        { "WORLD_SIZE", "2" } };
    for (const auto& [name, value] : std::map<QString, QString> { { "MASTER_PORT", "70000" },
             { "RANK", "2" }, { "WORLD_SIZE", "x" }, { "MASTER_ADDR", "" } }) {
        Variables bad = good;
        bad[name] = value;
        QString said;
        try {
            static_cast<void>(groupOf(bad));
        } catch (const Error& error) {
            said = error.what();
            QVERIFY(error.kind() == ErrorKind::Usage);
        }
        QVERIFY2(said.contains(name), qPrintable(name + ": " + said));
    }
}

void TestProcessGroup::hostLists()
{
    QCOMPARE(firstHost("one"), std::string("one"));
    QCOMPARE(firstHost("one,two"), std::string("one"));
    QCOMPARE(firstHost("n[07-09,12],other"), std::string("n07"));
    QCOMPARE(firstHost("n[12]"), std::string("n12"));
    QCOMPARE(firstHost("n[12]-ib,x"), std::string("n12-ib"));
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(firstHost("n[")), Error);
}

QTEST_GUILESS_MAIN(TestProcessGroup)
#include "tst_ProcessGroup.moc"
