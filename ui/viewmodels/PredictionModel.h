#pragma once

#include "core/classify/Prediction.h"
#include "ui/viewmodels/TableModel.h"

#include <optional>
#include <vector>

namespace crossiter::ui {

/// One model's top labels: a row a rank, column 0 on the clean image, column 1 on the chosen
/// sub-step's exported image. Marks and accessible texts say what the colours say.
class PredictionModel : public TableModel
{
    Q_OBJECT

public:
    enum Column
    {
        CleanColumn,
        CurrentColumn,
        ColumnCount
    };
    enum Role
    {
        LabelRole = Qt::UserRole + 1, ///< int, competition label
        ProbabilityRole, ///< double, 0..1
        MarkRole, ///< int, a Mark
    };
    enum class Mark
    {
        None,
        True,
        AssumedTrue,
        Target,
        Attacked
    };

    static constexpr int kRows = 5;

    explicit PredictionModel(QObject* parent = nullptr);

    void setClean(const Prediction* prediction); ///< null: none
    /// subStep is only named in the header; 0: the clean image.
    void setCurrent(const Prediction* prediction, int subStep);
    /// Other column titles than "clean" and "sub-step N"; both empty: those again.
    void setTitles(const QString& clean, const QString& current);
    void setTrueLabel(std::optional<int> label, bool assumed);
    void setTarget(std::optional<int> label);
    void setAttacked(int label); ///< -1: none; marked in the current column only

    [[nodiscard]] bool hasClean() const { return !m_top[CleanColumn].empty(); }
    [[nodiscard]] bool hasCurrent() const { return !m_top[CurrentColumn].empty(); }

    [[nodiscard]] QVariant headerData(
        int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    [[nodiscard]] int countRows() const override;
    [[nodiscard]] int countColumns() const override { return ColumnCount; }
    [[nodiscard]] QVariant cell(const QModelIndex& index, int role) const override;
    [[nodiscard]] Mark markOf(int column, int label) const;
    void assign(Column column, const Prediction* prediction);
    void refresh(int column);

    std::vector<RankedLabel> m_top[ColumnCount];
    int m_subStep = 0;
    QString m_titles[ColumnCount];
    std::optional<int> m_trueLabel;
    bool m_assumed = false;
    std::optional<int> m_target;
    int m_attacked = -1;
};

} // namespace crossiter::ui
