#pragma once

#include "core/attack/TargetChoice.h"
#include "core/classify/Prediction.h"
#include "ui/session/JobRunner.h"

#include <QObject>

#include <vector>

namespace crossiter::ui {

class ExplorerSession;

/// Finds the explorer's target label without anybody naming it: by its rank among the clean
/// predictions, or in a table.
class TargetFinder : public QObject
{
    Q_OBJECT

public:
    /// explorer must outlive everything but the destructor of this.
    explicit TargetFinder(ExplorerSession& explorer, QObject* parent = nullptr);
    ~TargetFinder() override; ///< stops what is read and waits for it

    void chooseByRank(TargetRank rank); ///< needs the clean predictions
    [[nodiscard]] QString rankObstacle() const; ///< empty: chooseByRank can
    /// The open photo's target from a target_class.csv or the dataset CSV, read on a worker.
    /// base: as ExplorerSession::setLabelsCsv's.
    void chooseFrom(const QString& csv, const std::optional<int>& base = std::nullopt);
    [[nodiscard]] bool busy() const { return m_files.busy(); }

signals:
    void errorRaised(const QString& message);
    void said(const QString& message); ///< for the status line

private:
    [[nodiscard]] std::vector<Prediction> cleanOfSources() const;
    void setTarget(int label);

    ExplorerSession& m_explorer;
    JobRunner m_files;
};

} // namespace crossiter::ui
