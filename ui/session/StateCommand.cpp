#include "ui/session/StateCommand.h"

#include "ui/session/FieldWords.h"

#include <QCoreApplication>

#include <array>

namespace crossiter::ui {

namespace {

constexpr auto kQuick = std::chrono::milliseconds(700);

bool isContinuous(Setting setting)
{
    if (setting >= Setting::Option) {
        const FieldKind kind = fieldOf(setting).kind;
        return kind == FieldKind::Whole || kind == FieldKind::Number;
    }
    switch (setting) {
    case Setting::Epsilon:
    case Setting::Rounds:
    case Setting::Step:
    case Setting::Seed:
    case Setting::Threads:
    case Setting::Perturbation:
    case Setting::DefenseSize:
    case Setting::SweepSizes:
        return true;
    default:
        return false;
    }
}

} // namespace

StateCommand::StateCommand(ExplorerSession& session, ExplorerState before, ExplorerState after,
    Setting setting, bool dragging)
    : QUndoCommand(settingText(setting))
    , m_session(session)
    , m_before(std::move(before))
    , m_after(std::move(after))
    , m_setting(setting)
    , m_dragging(dragging)
{
}

bool StateCommand::mergeWith(const QUndoCommand* other)
{
    const auto* next = static_cast<const StateCommand*>(other); // ids are equal
    if (!isContinuous(m_setting))
        return false;
    const bool sameDrag = m_dragging && next->m_dragging;
    if (!sameDrag && next->m_at - m_at > kQuick)
        return false;
    m_after = next->m_after;
    m_at = next->m_at;
    return true;
}

QString settingText(Setting setting)
{
    static constexpr std::array kTexts {
        // in Setting's order
        "open photo",
        "change the crop",
        "change the colours",
        "change the true label",
        "change the method",
        "change the sources",
        "change the judges",
        "change the label rule",
        "change the target",
        "change epsilon",
        "change the rounds",
        "change the step",
        "change the projection",
        "change the saving rule",
        "change the seed",
        "change the numerics",
        "change the threads",
        "change the device",
        "change the defense",
        "change the resize size",
        "change the sweep's sizes",
        "change the perturbation view",
        "change the comparison",
        "change the theme",
        "open session",
    };
    if (setting >= Setting::Option)
        return QCoreApplication::translate("crossiter::ui::StateCommand", "change “%1”")
            .arg(fieldName(fieldOf(setting).key));
    static_assert(kTexts.size() == static_cast<std::size_t>(Setting::Option));
    return QCoreApplication::translate(
        "crossiter::ui::StateCommand", kTexts.at(static_cast<std::size_t>(setting)));
}

} // namespace crossiter::ui
