#pragma once

#include "core/study/LeakStudy.h"
#include "ui/viewmodels/TableModel.h"

#include <vector>

namespace crossiter::ui {

/// The study's verdicts, a row a hypothesis: claim, finding, numbers for, against and undecided.
/// All words are core/study's.
class VerdictModel : public TableModel
{
    Q_OBJECT

public:
    enum Column
    {
        Hypothesis,
        Finding,
        For,
        Against,
        Open,
        ColumnCount
    };

    explicit VerdictModel(QObject* parent = nullptr);

    void setVerdicts(std::vector<StudyVerdict> verdicts);
    [[nodiscard]] bool empty() const { return m_verdicts.empty(); }

    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] int countRows() const override { return static_cast<int>(m_verdicts.size()); }
    [[nodiscard]] int countColumns() const override { return ColumnCount; }
    [[nodiscard]] QVariant cell(const QModelIndex& index, int role) const override;
    std::vector<StudyVerdict> m_verdicts;
};

} // namespace crossiter::ui
