#pragma once

#include <QImage>
#include <QString>

class QCustomPlot;

namespace crossiter::ui {

/// A plot as a picture at the screen's resolution.
[[nodiscard]] QImage plotImage(QCustomPlot& plot);

/// By extension: .pdf (vector) or an image format of Qt (.png). Written to a temporary name and
/// renamed. Throws Error(BadInput) that names the path.
void savePlotFile(QCustomPlot& plot, const QString& path, const QString& title);

} // namespace crossiter::ui
