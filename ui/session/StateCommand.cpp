#include "ui/session/StateCommand.h"

#include "ui/session/FieldWords.h"

#include <QCoreApplication>

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
    const auto text = [](const char* words) {
        return QCoreApplication::translate("crossiter::ui::StateCommand", words);
    };
    switch (setting) {
    case Setting::Photo:
        return text("open photo");
    case Setting::Crop:
        return text("change the crop");
    case Setting::Colour:
        return text("change the colours");
    case Setting::TrueLabel:
        return text("change the true label");
    case Setting::Method:
        return text("change the method");
    case Setting::Sources:
        return text("change the sources");
    case Setting::Judges:
        return text("change the judges");
    case Setting::LabelRule:
        return text("change the label rule");
    case Setting::Target:
        return text("change the target");
    case Setting::Epsilon:
        return text("change epsilon");
    case Setting::Rounds:
        return text("change the rounds");
    case Setting::Step:
        return text("change the step");
    case Setting::Projection:
        return text("change the projection");
    case Setting::Save:
        return text("change the saving rule");
    case Setting::Seed:
        return text("change the seed");
    case Setting::Numerics:
        return text("change the numerics");
    case Setting::Threads:
        return text("change the threads");
    case Setting::Device:
        return text("change the device");
    case Setting::Defense:
        return text("change the defense");
    case Setting::DefenseSize:
        return text("change the resize size");
    case Setting::SweepSizes:
        return text("change the sweep's sizes");
    case Setting::Perturbation:
        return text("change the perturbation view");
    case Setting::Compare:
        return text("change the comparison");
    case Setting::Theme:
        return text("change the theme");
    case Setting::Session:
        return text("open session");
    case Setting::Option:
        break;
    }
    return text("change “%1”").arg(fieldName(fieldOf(setting).key));
}

} // namespace crossiter::ui
