#include "ui/plot/PlotFiles.h"

#include "core/base/Error.h"

#include <QFileInfo>
#include <QPageSize>
#include <QPdfWriter>
#include <QSaveFile>
#include <qcustomplot.h>

namespace crossiter::ui {

namespace {

constexpr double kDotsPerInch = 96.0;

[[noreturn]] void fail(const QString& path, const QString& why)
{
    throw Error(ErrorKind::BadInput, "cannot write the plot", path.toStdString(),
        "a writable place and a known extension", why.toStdString());
}

void writePdf(QCustomPlot& plot, QIODevice& device, const QString& path, const QString& title)
{
    QPdfWriter writer(&device);
    writer.setResolution(static_cast<int>(kDotsPerInch));
    writer.setPageMargins(QMarginsF(0, 0, 0, 0));
    writer.setPageSize(QPageSize(QSizeF(plot.size()) / kDotsPerInch, QPageSize::Inch));
    writer.setTitle(title);
    QCPPainter painter;
    if (!painter.begin(&writer)) {
        fail(path, QStringLiteral("PDF"));
    }
    painter.fillRect(QRect(QPoint(0, 0), plot.size()), plot.palette().window());
    painter.setMode(QCPPainter::pmVectorized);
    painter.setMode(QCPPainter::pmNoCaching);
    plot.toPainter(&painter, plot.width(), plot.height());
    painter.end();
    plot.replot(QCustomPlot::rpQueuedReplot); // toPainter changed its viewport for a while
}

} // namespace

QImage plotImage(QCustomPlot& plot)
{
    plot.replot(QCustomPlot::rpImmediateRefresh);
    return plot.grab().toImage();
}

void savePlotFile(QCustomPlot& plot, const QString& path, const QString& title)
{
    QSaveFile file(path);
    if (!file.open(QIODevice::WriteOnly)) {
        fail(path, file.errorString());
    }
    const QByteArray format = QFileInfo(path).suffix().toLatin1().toLower();
    if (format == "pdf") {
        writePdf(plot, file, path, title);
    } else if (!plotImage(plot).save(&file, format.isEmpty() ? "png" : format.constData())) {
        fail(path, QStringLiteral(".") + QString::fromLatin1(format));
    }
    if (!file.commit()) {
        fail(path, file.errorString());
    }
}

} // namespace crossiter::ui
