#include "ui/window/WindowSettings.h"

#include <QMainWindow>

namespace crossiter::ui {

namespace {

constexpr int kMostRecent = 8;
constexpr int kMostUnfinished = 8;
constexpr int kLayoutVersion = 1; // of saveState: grows when docks are added
const char* const kGeometry = "window/geometry";
const char* const kLayout = "window/layout";
const char* const kTheme = "theme";
const char* const kRecent = "recent";
const char* const kUnfinished = "batch/unfinished";

} // namespace

WindowSettings::WindowSettings(const QString& file)
    : m_settings(file.isEmpty() ? nullptr : std::make_unique<QSettings>(file, QSettings::IniFormat))
{
}

bool WindowSettings::restore(QMainWindow& window) const
{
    if (!m_settings)
        return false;
    const QByteArray geometry = m_settings->value(QLatin1String(kGeometry)).toByteArray();
    const QByteArray layout = m_settings->value(QLatin1String(kLayout)).toByteArray();
    if (!geometry.isEmpty())
        window.restoreGeometry(geometry);
    return !layout.isEmpty() && window.restoreState(layout, kLayoutVersion);
}

std::optional<ThemeKind> WindowSettings::theme() const
{
    bool isNumber = false;
    const int theme = m_settings ? m_settings->value(QLatin1String(kTheme)).toInt(&isNumber) : 0;
    if (!isNumber || theme < 0 || theme > static_cast<int>(ThemeKind::Dark))
        return std::nullopt;
    return static_cast<ThemeKind>(theme);
}

void WindowSettings::store(const QMainWindow& window, ThemeKind theme)
{
    if (!m_settings)
        return;
    m_settings->setValue(QLatin1String(kGeometry), window.saveGeometry());
    m_settings->setValue(QLatin1String(kLayout), window.saveState(kLayoutVersion));
    m_settings->setValue(QLatin1String(kTheme), static_cast<int>(theme));
    m_settings->sync();
}

QStringList WindowSettings::recent() const
{
    return m_settings ? m_settings->value(QLatin1String(kRecent)).toStringList().mid(0, kMostRecent)
                      : QStringList();
}

void WindowSettings::remember(const QString& path)
{
    if (!m_settings)
        return;
    QStringList paths = m_settings->value(QLatin1String(kRecent)).toStringList();
    paths.removeAll(path);
    paths.prepend(path);
    m_settings->setValue(QLatin1String(kRecent), paths.mid(0, kMostRecent));
    emit recentChanged();
}

QStringList WindowSettings::unfinished() const
{
    return m_settings ? m_settings->value(QLatin1String(kUnfinished)).toStringList()
                      : QStringList();
}

void WindowSettings::keepUnfinished(const QString& folder, bool unfinished)
{
    if (!m_settings || folder.isEmpty())
        return;
    const QStringList before = this->unfinished();
    QStringList folders = before;
    folders.removeAll(folder);
    if (unfinished)
        folders.prepend(folder);
    folders = folders.mid(0, kMostUnfinished);
    if (folders != before) {
        m_settings->setValue(QLatin1String(kUnfinished), folders);
        m_settings->sync(); // now: a run that is killed is offered too
    }
}

} // namespace crossiter::ui
