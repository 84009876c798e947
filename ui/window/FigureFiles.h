#pragma once

#include <QString>
#include <QStringList>

namespace crossiter::ui {

/// Saves a plot as `base` + `name` with .pdf, .svg and .png; the three paths. Throws Error.
template <typename Plot>
QStringList saveAsFigures(const Plot& plot, const QString& base, const QString& name)
{
    QStringList paths;
    for (const char* ending : { ".pdf", ".svg", ".png" }) {
        paths << base + name + QLatin1String(ending);
        plot.savePlot(paths.last());
    }
    return paths;
}

} // namespace crossiter::ui
