#pragma once

#include "ui/session/BatchSession.h"
#include "ui/session/Theme.h"
#include "ui/views/batch/BatchPlanPane.h"
#include "ui/views/batch/BatchQueuePane.h"
#include "ui/views/batch/BatchResultsPane.h"

#include <QWidget>

class QButtonGroup;
class QSplitter;
class QToolButton;

namespace crossiter::ui {

class NoticeBar;

/// The Batch tab: plan, queue, results. Wide: side by side; narrower: plan or queue beside the
/// results; narrow: one of the three, chosen at the top.
class BatchPanel : public QWidget
{
    Q_OBJECT

public:
    enum Part
    {
        Plan,
        Queue,
        Results
    };

    BatchPanel(BatchSession& session, const AskPath& ask, QWidget* parent = nullptr);

    void setTheme(const Theme& theme);
    [[nodiscard]] BatchSession& session() const { return m_session; }
    [[nodiscard]] BatchPlanPane* plan() const { return m_plan; }
    [[nodiscard]] BatchQueuePane* queue() const { return m_queue; }
    [[nodiscard]] BatchResultsPane* results() const { return m_results; }
    [[nodiscard]] NoticeBar* notice() const { return m_notice; } ///< offers an unfinished run
    /// Brings a part on the screen; where it already is, nothing changes.
    void showPart(Part part);
    [[nodiscard]] bool shows(Part part) const;
    /// The window's other parts make room; who does it listens to largeChanged().
    void setLarge(bool large);
    [[nodiscard]] bool isLarge() const;

    [[nodiscard]] QSize minimumSizeHint() const override { return { 260, 120 }; }

signals:
    void largeChanged(bool large);

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fit();

    BatchSession& m_session;
    BatchPlanPane* m_plan = nullptr;
    BatchQueuePane* m_queue = nullptr;
    BatchResultsPane* m_results = nullptr;
    QWidget* m_planPart = nullptr; ///< the plan in a scroll area
    QWidget* m_queuePart = nullptr;
    NoticeBar* m_notice = nullptr;
    QWidget* m_switch = nullptr;
    QToolButton* m_large = nullptr;
    QButtonGroup* m_parts = nullptr;
    QSplitter* m_split = nullptr;
    Part m_part = Plan; ///< of those that share a place
};

} // namespace crossiter::ui
