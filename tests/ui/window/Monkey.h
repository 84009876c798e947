#pragma once

#include "ui/session/BatchSession.h"
#include "ui/session/DefenseSession.h"
#include "ui/session/StudySession.h"
#include "ui/views/batch/BatchPanel.h"
#include "ui/views/leaking/LeakingPanel.h"
#include "ui/views/leaking/StudyPanel.h"
#include "ui/window/Actions.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAbstractSlider>
#include <QAction>
#include <QApplication>
#include <QComboBox>
#include <QDialog>
#include <QDir>
#include <QDoubleSpinBox>
#include <QElapsedTimer>
#include <QEventLoop>
#include <QFileInfo>
#include <QLineEdit>
#include <QSpinBox>
#include <QTemporaryDir>
#include <QTest>
#include <QTimer>
#include <QUndoStack>
#include <QWhatsThis>
#include <QWheelEvent>

#include <cstdio>
#include <functional>

#include "tests/ui/ExplorerTestSupport.h"
#include "tests/ui/window/MonkeyFiles.h"

namespace crossiter::test {

using namespace crossiter::ui;

inline constexpr int kStepMs = 15;

/// Does what a person could do, without sense: from its seed alone, but for the window's own time.
class Monkey
{
public:
    Monkey(unsigned seed, const QString& folder)
        : m_chance(seed)
        , m_folder(folder)
        , m_files(m_chance, folder)
        , m_verbose(qEnvironmentVariableIsSet("CROSSITER_MONKEY_VERBOSE"))
    {
    }

    [[nodiscard]] WindowOptions options()
    {
        WindowOptions options;
        options.settingsFile = m_folder + QStringLiteral("/settings.ini");
        options.photosFolder = m_folder + QStringLiteral("/photos");
        options.choosePath = [this](const QString&, const QString& suggestion,
                                 const QString& filter, bool save, bool folder) {
            return m_files.path(suggestion, filter, save, folder);
        };
        options.answer = [this](const Question&) { return static_cast<Answer>(below(3)); };
        return options;
    }

    void play(MainWindow& window, int seconds)
    {
        m_window = &window;
        QElapsedTimer clock;
        clock.start();
        QEventLoop loop;
        const std::function<void()> tick = [&] {
            m_watchdog.alive();
            if (clock.elapsed() > seconds * 1000LL) {
                m_over = true;
                if (QWidget* modal = QApplication::activeModalWidget()) {
                    leave(modal);
                } else if (QWidget* popup = QApplication::activePopupWidget()) {
                    popup->close();
                } else if (m_depth == 0) {
                    loop.quit();
                    return;
                }
                QTimer::singleShot(kStepMs, &window, tick);
                return;
            }
            QTimer::singleShot(kStepMs, &window, tick); // before: a dialog has a loop of its own
            ++m_depth;
            step();
            --m_depth;
        };
        QTimer::singleShot(0, &window, tick);
        loop.exec();
    }

    [[nodiscard]] int steps() const { return m_steps; }
    void alive() { m_watchdog.alive(); }

private:
    int below(int count) { return m_chance.below(count); }
    template <typename List>
    auto one(const List& list)
    {
        return m_chance.one(list);
    }

    void say(const QString& what) const
    {
        if (m_verbose)
            std::fprintf(stderr, "%d %s\n", m_steps, qPrintable(what));
    }

    void leave(QWidget* modal)
    {
        if (auto* dialog = qobject_cast<QDialog*>(modal))
            dialog->reject();
        else
            modal->close();
    }

    void step()
    {
        ++m_steps;
        if (QWidget* popup = QApplication::activePopupWidget()) {
            say(QStringLiteral("popup"));
            if (below(2) == 0)
                popup->close();
            else
                key(popup);
            return;
        }
        QWidget* modal = QApplication::activeModalWidget();
        if (modal != nullptr && (below(25) == 0 || m_depth > 6)) {
            say(QStringLiteral("leave ") + modal->objectName());
            leave(modal);
            return;
        }
        QWidget* top = modal != nullptr ? modal : m_window;
        if (modal == nullptr && !m_window->isVisible())
            m_window->show(); // it was closed
        const int move = below(modal != nullptr ? 6 : 16);
        if (move < 6)
            touch(move, top);
        else
            command(move);
    }

    void touch(int move, QWidget* top)
    {
        switch (move) {
        case 0:
            return click(top);
        case 1:
            return press(top);
        case 2:
            return key(QApplication::focusWidget() != nullptr ? QApplication::focusWidget() : top);
        case 3:
            return value(top);
        case 4:
            return wheel(top);
        default:
            return text(top);
        }
    }

    void command(int move)
    {
        switch (move) {
        case 6:
        case 7:
        case 8:
            return action();
        case 9:
            return drop();
        case 10:
            return undo();
        case 11:
            return look();
        case 12:
            return settings();
        case 13:
            return resize();
        case 14:
            return cancel();
        default:
            return quick();
        }
    }

    template <typename Kind>
    Kind* any(QWidget* top)
    {
        QList<Kind*> fit;
        for (Kind* widget : top->findChildren<Kind*>())
            if (widget->isVisible() && widget->isEnabled() && widget->window() == top->window())
                fit << widget;
        return fit.isEmpty() ? nullptr : one(fit);
    }

    QPoint pointIn(const QWidget* widget)
    {
        return { below(widget->width()), below(widget->height()) };
    }

    void click(QWidget* top)
    {
        QWidget* widget = any<QWidget>(top);
        if (widget == nullptr)
            return;
        const QPoint at = pointIn(widget);
        say(QStringLiteral("click %1 %2")
                .arg(QLatin1String(widget->metaObject()->className()), widget->objectName()));
        const Qt::MouseButton button = below(8) == 0 ? Qt::RightButton : Qt::LeftButton;
        const QPointer<QWidget> alive(widget);
        QTest::mousePress(widget, button, {}, at);
        if (alive && below(3) == 0)
            QTest::mouseMove(widget, pointIn(widget));
        if (alive)
            QTest::mouseRelease(widget, button, {}, at);
        if (alive && below(10) == 0)
            QTest::mouseDClick(widget, Qt::LeftButton, {}, at);
    }

    void press(QWidget* top)
    {
        if (auto* button = any<QAbstractButton>(top)) {
            say(QStringLiteral("press %1 '%2'").arg(button->objectName(), button->text()));
            button->click();
        }
    }

    void key(QWidget* widget)
    {
        const QList<Qt::Key> keys { Qt::Key_Space, Qt::Key_Return, Qt::Key_Tab, Qt::Key_Backtab,
            Qt::Key_Left, Qt::Key_Right, Qt::Key_Up, Qt::Key_Down, Qt::Key_PageUp, Qt::Key_PageDown,
            Qt::Key_Home, Qt::Key_End, Qt::Key_Escape, Qt::Key_Delete, Qt::Key_Backspace, Qt::Key_0,
            Qt::Key_1, Qt::Key_9, Qt::Key_A, Qt::Key_Z, Qt::Key_F5, Qt::Key_F6, Qt::Key_F7,
            Qt::Key_F8, Qt::Key_F9, Qt::Key_Plus, Qt::Key_Minus };
        const QList<Qt::KeyboardModifiers> modifiers { Qt::NoModifier, Qt::NoModifier,
            Qt::NoModifier, Qt::ShiftModifier, Qt::ControlModifier,
            Qt::ControlModifier | Qt::ShiftModifier, Qt::AltModifier };
        const Qt::Key chosen = one(keys);
        const Qt::KeyboardModifiers with = one(modifiers);
        say(QStringLiteral("key %1 with %2 on %3")
                .arg(chosen, 0, 16)
                .arg(with.toInt(), 0, 16)
                .arg(widget->objectName()));
        QTest::keyClick(widget, chosen, with);
    }

    void value(QWidget* top)
    {
        switch (below(4)) {
        case 0:
            if (auto* spin = any<QSpinBox>(top)) {
                // The ends, and what is near the lower one: far up only costs time.
                const QList<int> values { spin->minimum(), spin->minimum() + 1,
                    spin->minimum() + below(5), spin->value() + 1, spin->value() - 1,
                    below(10) == 0 ? spin->maximum() : spin->minimum() };
                const int chosen = one(values);
                say(QStringLiteral("spin %1 %2").arg(spin->objectName()).arg(chosen));
                spin->setValue(chosen);
            }
            return;
        case 1:
            if (auto* spin = any<QDoubleSpinBox>(top)) {
                const QList<double> values { spin->minimum(), spin->maximum(), 0.1, 1.0, 6.375 };
                say(QStringLiteral("number ") + spin->objectName());
                spin->setValue(one(values));
            }
            return;
        case 2:
            if (auto* slider = any<QAbstractSlider>(top)) {
                say(QStringLiteral("slide ") + slider->objectName());
                const int range = slider->maximum() - slider->minimum();
                slider->setSliderDown(below(2) == 0);
                slider->setValue(slider->minimum() + below(range + 1));
                slider->setSliderDown(false);
            }
            return;
        default:
            if (auto* box = any<QComboBox>(top)) {
                const int row = below(box->count());
                say(QStringLiteral("choose %1 %2").arg(box->objectName()).arg(row));
                if (row < box->count()) {
                    box->setCurrentIndex(row);
                    emit box->activated(row);
                }
            }
        }
    }

    void wheel(QWidget* top)
    {
        QWidget* widget = any<QWidget>(top);
        if (widget == nullptr)
            return;
        say(QStringLiteral("wheel ") + widget->objectName());
        const QPoint at = pointIn(widget);
        QWheelEvent event(at, widget->mapToGlobal(at), {}, { 0, below(2) == 0 ? 120 : -120 },
            Qt::NoButton, below(3) == 0 ? Qt::ControlModifier : Qt::NoModifier, Qt::NoScrollPhase,
            false);
        QCoreApplication::sendEvent(widget, &event);
    }

    void text(QWidget* top)
    {
        if (auto* line = any<QLineEdit>(top)) {
            const QStringList texts { "", "0", "251", "-1", "99999999999999999999", "dal",
                QString::fromUtf8("\xe2\x80\xae\xc3\xa4 <b>"), m_folder + "/photos",
                m_folder + "/out/study", "resize=200;samples=3", "1e9999" };
            const QString chosen = one(texts);
            // A folder that a person names is theirs; the monkey keeps to its own.
            const bool isPath = line->objectName().contains("utput", Qt::CaseInsensitive)
                || line->objectName().contains("older", Qt::CaseInsensitive)
                || line->objectName().contains("rogram", Qt::CaseInsensitive);
            say(QStringLiteral("text %1 '%2'").arg(line->objectName(), chosen));
            line->setText(isPath ? m_folder + "/out/study" : chosen);
            const QPointer<QLineEdit> alive(line);
            emit line->textEdited(line->text());
            if (alive && below(2) == 0)
                QTest::keyClick(line, Qt::Key_Return);
        }
    }

    void action()
    {
        QList<QAction*> enabled;
        for (QAction* action : m_window->actions().all())
            if (action->isEnabled() && action->objectName() != QLatin1String("whatsThis"))
                enabled << action;
        QAction* chosen = one(enabled);
        say(QStringLiteral("action ") + chosen->objectName());
        chosen->trigger();
    }

    void drop()
    {
        QMimeData data;
        QList<QUrl> urls;
        for (int i = below(3); i >= 0; --i)
            urls << QUrl::fromLocalFile(m_files.anyFile());
        if (below(12) == 0)
            urls.first() = QUrl(QStringLiteral("https://example.invalid/a.png"));
        data.setUrls(urls);
        say(QStringLiteral("drop %1 of %2").arg(urls.first().toString()).arg(urls.size()));
        QDragEnterEvent enter(
            QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(m_window, &enter);
        QDropEvent event(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
        QCoreApplication::sendEvent(m_window, &event);
    }

    void undo()
    {
        QUndoStack* stack = m_window->workspace().explorer().undoStack();
        say(QStringLiteral("undo and redo"));
        for (int i = below(6); i >= 0; --i)
            if (below(3) > 0)
                stack->undo();
            else
                stack->redo();
    }

    void look()
    {
        switch (below(4)) {
        case 0:
            say(QStringLiteral("tab"));
            return m_window->showTab(one(tabNames(standardTabs())));
        case 1:
            say(QStringLiteral("theme"));
            return m_window->setThemeKind(static_cast<ThemeKind>(below(3)));
        case 2:
            say(QStringLiteral("sub-step"));
            return m_window->workspace().explorer().setCurrentSubStep(below(12) - 1);
        default:
            say(QStringLiteral("neighbour"));
            return m_window->workspace().explorer().openNeighbour(below(2) == 0 ? 1 : -1);
        }
    }

    void settings()
    {
        ExplorerState state = m_window->workspace().explorer().state();
        const int which = below(6);
        say(QStringLiteral("setting %1").arg(which));
        switch (which) {
        case 0:
            state.attack.rounds = below(4);
            return m_window->workspace().explorer().change(state, Setting::Rounds);
        case 1:
            state = withMethod(state, static_cast<Method>(below(8)));
            return m_window->workspace().explorer().change(state, Setting::Method);
        case 2:
            state.attack.labelRule = static_cast<LabelRule>(below(6));
            return m_window->workspace().explorer().change(state, Setting::LabelRule);
        case 3:
            state.attack.target = below(2) == 0 ? std::nullopt : std::optional(1 + below(1000));
            return m_window->workspace().explorer().change(state, Setting::Target);
        case 4:
            state.labelChoice = static_cast<LabelChoice>(below(3));
            state.userLabel = below(1001);
            return m_window->workspace().explorer().change(state, Setting::TrueLabel);
        default:
            return m_window->workspace().explorer().change(
                withEpsilon(state, below(40)), Setting::Epsilon);
        }
    }

    void resize()
    {
        say(QStringLiteral("resize"));
        m_window->setWindowState(Qt::WindowNoState);
        m_window->resize(640 + below(1400), 480 + below(800));
    }

    void cancel()
    {
        const int which = below(5);
        say(QStringLiteral("cancel %1").arg(which));
        switch (which) {
        case 0:
            return m_window->workspace().explorer().cancel();
        case 1:
            return m_window->workspace().defense().cancel();
        case 2:
            return m_window->findChild<BatchPanel*>()->session().cancel();
        case 3:
            return m_window->findChild<LeakingPanel*>()->studyPanel()->session().cancel();
        default:
            return m_window->workspace().explorer().cancelExport();
        }
    }

    /// What only shows when it comes quickly one after the other.
    void quick()
    {
        say(QStringLiteral("quick"));
        ExplorerSession& session = m_window->workspace().explorer();
        ExplorerState none = session.state();
        none.attack.rounds = 0;
        session.change(none, Setting::Rounds);
        session.openNeighbour(below(2) == 0 ? 1 : -1);
        ExplorerState some = session.state();
        some.attack.rounds = 1 + below(2);
        session.change(some, Setting::Rounds);
        if (below(2) == 0)
            session.run();
    }

    Chance m_chance;
    QString m_folder;
    MonkeyFiles m_files;
    bool m_verbose = false;
    bool m_over = false;
    int m_depth = 0;
    int m_steps = 0;
    MainWindow* m_window = nullptr;
    Watchdog m_watchdog;
};

} // namespace crossiter::test
