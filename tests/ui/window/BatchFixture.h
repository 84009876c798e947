#pragma once

#include "core/batch/TournamentRunner.h"
#include "ui/session/BatchSession.h"

#include <QDir>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/ui/ExplorerTestSupport.h"

namespace crossiter::test {

using namespace crossiter::ui;

inline constexpr int kWaitMs = 240'000;

inline AttackChoices method(Method kind, std::vector<std::string> sources = {})
{
    AttackChoices options;
    options.method = kind;
    options.sources = std::move(sources);
    return options;
}

/// Three photos in a folder, and a tiny plan over them.
struct BatchFixture
{
    /// False: the photos are not there.
    [[nodiscard]] bool prepare()
    {
        m_engine = realEngine();
        if (!m_folder.isValid() || !QDir(m_folder.path()).mkpath("photos"))
            return false;
        const QStringList names = QDir(QString::fromStdString(photosDir().string()))
                                      .entryList({ "*.jpg" }, QDir::Files)
                                      .mid(0, 3);
        for (const QString& name : names)
            if (!QFile::copy(photo(qPrintable(name)), m_folder.filePath("photos/" + name)))
                return false;
        return names.size() == 3;
    }

    [[nodiscard]] TournamentPlan plan(int photos) const
    {
        TournamentPlan plan;
        plan.dataset.folder = m_folder.filePath("photos").toStdString();
        plan.dataset.images = static_cast<std::size_t>(photos);
        const std::string lite0 = "efficientnet-lite0";
        plan.attacks = { { "noop", method(Method::Noop), {}, {} },
            { "random_noise", method(Method::RandomNoise), {}, {} },
            { "fgsm", method(Method::Fgsm, { lite0 }), {}, {} } };
        AttackChoices step = method(Method::StepTarget, { lite0 });
        step.target = 10;
        plan.targetedAttacks = { { "step_target", step, {}, {} } };
        plan.defenses = { { "lite0", lite0, {}, {}, {} } };
        return plan;
    }

    [[nodiscard]] std::unique_ptr<BatchSession> session(int processes = 1) const
    {
        BatchOptions options;
        options.program = QString::fromStdString(program("crossiter").string());
        options.baseFolder = m_folder.filePath("runs");
        auto made = std::make_unique<BatchSession>(m_engine, options);
        made->setProcesses(processes);
        return made;
    }

    static bool finished(BatchSession& batch)
    {
        return QTest::qWaitFor([&] { return batch.settled() && batch.results(); }, kWaitMs);
    }

    std::shared_ptr<Engine> m_engine;
    QTemporaryDir m_folder;
};

} // namespace crossiter::test
