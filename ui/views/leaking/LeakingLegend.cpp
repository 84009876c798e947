#include "ui/views/leaking/LeakingLegend.h"

#include "ui/plot/LeakTracks.h"
#include "ui/session/ModelChoice.h"
#include "ui/session/ShownText.h"
#include "ui/viewmodels/ModelListModel.h"

#include <QCoreApplication>

#include <utility>

namespace crossiter::ui {

namespace {

QString say(const char* text)
{
    return QCoreApplication::translate("crossiter::ui::LeakingPanel", text);
}

QString markHtml(const LabelMark& mark)
{
    return QStringLiteral("<span style='background-color:%1;color:%2'>&nbsp;%3&nbsp;</span>"
                          "&nbsp;%4")
        .arg(mark.color.name(), mark.ink.name(), mark.letter,
            labelText(mark.label)
                .toHtmlEscaped()
                .replace(QLatin1Char(' '), QStringLiteral("&nbsp;")));
}

} // namespace

std::vector<std::string> LeakingLegend::comparedSources() const
{
    const auto& tracks = m_session.tracks();
    return tracks.isEmpty() ? m_explorer.state().attack.sources : tracks.first().request.sources;
}

QString LeakingLegend::shortName(const std::string& id) const
{
    QStringList names;
    for (const std::string& judge : m_explorer.state().judges())
        names << m_explorer.modelName(judge);
    return shortModelName(m_explorer.modelName(id), names);
}

QString LeakingLegend::watchedHtml(const Theme& theme) const
{
    const std::optional<int> watched = m_session.watchedLabel();
    if (!watched)
        return {};
    const QColor color = m_session.watchesTarget() ? theme.target : theme.trueLabel;
    QString name = QStringLiteral("<b style='color:%1'>%2</b>")
                       .arg(color.name(), labelText(*watched).toHtmlEscaped());
    if (!m_session.watchesTarget() && m_explorer.trueLabel().assumed)
        name += say(" (assumed: the joint top-1)");
    return say("Curves: probability of %1 on").arg(name);
}

QString LeakingLegend::lettersHtml(const LeakTracks& tracks) const
{
    QStringList cells;
    for (const LabelMark& mark : tracks.marks())
        cells << markHtml(mark);
    return cells.isEmpty() ? QString()
                           : QStringLiteral("<p style='line-height:125%'>%1 %2</p>")
                                 .arg(say("Attacked:"), cells.join(QStringLiteral("&nbsp; ")));
}

QString LeakingLegend::curvesHtml(const Theme& theme) const
{
    const std::optional<int> watched = m_session.watchedLabel();
    QString html;
    if (watched) {
        html += watchedHtml(theme);
        const std::vector<std::string> sources = comparedSources();
        for (const std::string& id : m_explorer.state().judges()) {
            const int index = indexAmong(sources, id);
            html += QStringLiteral(" <span style='color:%1'>%2</span>&nbsp;%3")
                        .arg(theme.sourceColor(index).name(),
                            index < 0 ? QStringLiteral("┄") : QStringLiteral("━"),
                            shortName(id).toHtmlEscaped().replace(
                                QLatin1Char(' '), QStringLiteral("&nbsp;")));
        }
        if (!m_session.watchesTarget()) {
            html += QStringLiteral(" · <span style='color:%1'>○</span>&nbsp;%2")
                        .arg(theme.wrongLabel.name(), say("back"));
        }
    }
    return html;
}

Figure LeakingLegend::figure(const LeakTracks& tracks, const QStringList& sentences) const
{
    QVector<LabelMark> marks;
    Figure figure = tracks.figure(&marks);
    const Theme& theme = figure.theme;
    const auto plain = [&](const QString& html) {
        figure.legend.append({ LegendEntry::Sample::None, {}, html });
    };
    if (!marks.isEmpty())
        plain(say("Attacked:"));
    for (const LabelMark& mark : std::as_const(marks))
        plain(markHtml(mark));
    if (const QString watched = watchedHtml(theme); !watched.isEmpty()) {
        plain(watched);
        const std::vector<std::string> sources = comparedSources();
        for (const std::string& id : m_explorer.state().judges()) {
            const int index = indexAmong(sources, id);
            QPen pen(theme.sourceColor(index), index >= 0 ? 1.8 : 1.4);
            if (index < 0)
                pen.setDashPattern({ 3.0, 2.5 });
            figure.legend.append({ LegendEntry::Sample::Line, pen, shortName(id).toHtmlEscaped() });
        }
        if (!m_session.watchesTarget()) {
            figure.legend.append(
                { LegendEntry::Sample::Ring, QPen(theme.wrongLabel, 1.8), say("back") });
        }
    }
    for (const QString& sentence : sentences) {
        plain(QStringLiteral("<span style='color:%1'>%2</span>")
                  .arg(theme.muted.name(), sentence.toHtmlEscaped()));
    }
    return figure;
}

} // namespace crossiter::ui
