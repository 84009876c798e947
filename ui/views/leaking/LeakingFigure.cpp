// LeakingPanel: its tracks as a figure.
#include "ui/plot/LeakTracks.h"
#include "ui/views/leaking/LeakingPanel.h"

#include <algorithm>
#include <utility>

namespace crossiter::ui {

Figure LeakingPanel::figure() const
{
    QVector<LabelMark> marks;
    Figure figure = m_tracks->figure(&marks);
    const Theme& theme = figure.theme;
    const auto plain = [&](const QString& html) {
        figure.legend.append({ LegendEntry::Sample::None, {}, html });
    };
    if (!marks.isEmpty()) {
        plain(tr("Attacked:"));
    }
    for (const LabelMark& mark : std::as_const(marks)) {
        plain(markHtml(mark));
    }
    if (const QString watched = watchedHtml(theme); !watched.isEmpty()) {
        plain(watched);
        const auto& tracks = m_session->tracks();
        const auto& sources =
            tracks.isEmpty() ? m_explorer->state().sources : tracks.first().request.sources;
        for (const std::string& id : m_explorer->state().judges()) {
            const auto at = std::find(sources.begin(), sources.end(), id);
            const int index = at == sources.end() ? -1 : static_cast<int>(at - sources.begin());
            QPen pen(theme.sourceColor(index), index >= 0 ? 1.8 : 1.4);
            if (index < 0) {
                pen.setDashPattern({ 3.0, 2.5 });
            }
            figure.legend.append({ LegendEntry::Sample::Line, pen, shortName(id).toHtmlEscaped() });
        }
        if (!m_session->watchesTarget()) {
            figure.legend.append(
                { LegendEntry::Sample::Ring, QPen(theme.wrongLabel, 1.8), tr("back") });
        }
    }
    for (const QString& sentence : m_sentences) {
        plain(QStringLiteral("<span style='color:%1'>%2</span>")
                  .arg(theme.muted.name(), sentence.toHtmlEscaped()));
    }
    return figure;
}

QImage LeakingPanel::tracksPicture() const
{
    return figureImage(figure());
}

void LeakingPanel::savePicture(const QString& path, const FigureSize& size) const
{
    saveFigure(figure(), path, size);
}

} // namespace crossiter::ui
