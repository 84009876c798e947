#pragma once

#include "core/study/LeakStudy.h"

#include <QAbstractTableModel>

#include <vector>

namespace crossiter::ui {

/// The study's verdicts, a row a hypothesis: claim, finding, numbers for, against and undecided.
/// All words are core/study's.
class VerdictModel : public QAbstractTableModel
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

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(
        const QModelIndex& index, int role = Qt::DisplayRole) const override;
    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    std::vector<StudyVerdict> m_verdicts;
};

} // namespace crossiter::ui
