#pragma once

#include "ui/session/Theme.h"

#include <QObject>
#include <QSettings>
#include <QStringList>

#include <memory>
#include <optional>

class QMainWindow;

namespace crossiter::ui {

/// What one start of the window leaves for the next: where it stood, its layout and theme, recent
/// files, unfinished tournaments. Whatever a damaged file yields is as good as absent.
class WindowSettings : public QObject
{
    Q_OBJECT

public:
    /// file: INI; empty: nothing is remembered, and every list stays empty.
    explicit WindowSettings(const QString& file);

    [[nodiscard]] bool remembers() const { return m_settings != nullptr; }
    /// Of a window that was never shown (Qt 6.4 crashes otherwise). False: there is no layout that
    /// fits its docks.
    [[nodiscard]] bool restore(QMainWindow& window) const;
    [[nodiscard]] std::optional<ThemeKind> theme() const;
    void store(const QMainWindow& window, ThemeKind theme);

    [[nodiscard]] QStringList recent() const; ///< the newest first, at most 8
    void remember(const QString& path);

    [[nodiscard]] QStringList unfinished() const; ///< tournaments' folders, the newest first
    void keepUnfinished(const QString& folder, bool unfinished); ///< written at once; at most 8

signals:
    void recentChanged();

private:
    std::unique_ptr<QSettings> m_settings;
};

} // namespace crossiter::ui
